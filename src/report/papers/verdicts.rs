//! What searches say of models: what is shown, for which budgets, under which clock, with which caveats; and what is
//! not shown.

use super::{decimals, grouped};
use crate::page::{Cell, Mood, Page, Table};
use dhcpfo_documents::verdicts::{Fate, ModelVerdict, Outcome, Verdicts};

/// What is known of a model by its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Its budgets in words.
    pub budgets: String,
    /// Readings that are not those of draft-12.
    pub readings: String,
    /// What it is for.
    pub about: String,
}

type Models<'a> = Vec<(&'a ModelVerdict, Option<About>)>;

pub(super) fn page(document: &Verdicts, about: &dyn Fn(&str) -> Option<About>) -> Page {
    let models: Models<'_> = document.models.iter().map(|model| (model, about(&model.path))).collect();
    let mut page = Page::new("Verdicts");
    summary(&mut page, document, &models);
    let of = |outcome| models.iter().filter(|(model, _)| model.verdict == outcome).cloned().collect::<Models<'_>>();
    shown(&mut page, &of(Outcome::Holds));
    refuted(&mut page, &of(Outcome::Refuted));
    cut_off(&mut page, &of(Outcome::CutOff));
    per_claim(&mut page, &models);
    caveats(&mut page, &models);
    page
}

fn summary(page: &mut Page, document: &Verdicts, models: &Models<'_>) {
    let count = |outcome| models.iter().filter(|(model, _)| model.verdict == outcome).count().to_string();
    let strange: Vec<&ModelVerdict> =
        models.iter().map(|(model, _)| *model).filter(|model| !model.as_expected).collect();
    match strange.len() {
        0 => page.text(Mood::Good, format!("✓ All {} models are as expected.", models.len())),
        some => page.text(Mood::Bad, format!("✗ {some} of {} models are not as expected.", models.len())),
    }
    for model in strange {
        page.text(Mood::Bad, format!("{}: {}", model.path, model.unexpected.join("; ")));
    }
    let changed = document.baseline.iter().flatten();
    changed.for_each(|one| page.text(Mood::Bad, format!("{}: {one}", one.path)));
    let states: u64 = models.iter().map(|(model, _)| model.unique).sum();
    page.facts(vec![
        ("written by".to_owned(), document.tool.clone()),
        ("models".to_owned(), models.len().to_string()),
        ("hold".to_owned(), count(Outcome::Holds)),
        ("refuted".to_owned(), count(Outcome::Refuted)),
        ("cut off".to_owned(), count(Outcome::CutOff)),
        ("different states".to_owned(), grouped(states)),
    ]);
}

fn expectation(model: &ModelVerdict) -> Cell {
    match model.as_expected {
        true => Cell::from("as expected"),
        false => Cell::new(Mood::Bad, "not as expected"),
    }
}

/// File and title of a model.
fn name(model: &ModelVerdict) -> Cell {
    Cell::from(format!("{}\n{}", model.path, model.title))
}

fn shown(page: &mut Page, models: &Models<'_>) {
    page.heading("What is shown");
    page.text(
        Mood::Plain,
        "Every state was visited that the model can reach with its budgets, and every claim holds in all of them. A claim \
         without occasion holds for nothing: what it speaks of never came up. Of one more crash, break, command or lease than \
         the budgets have, nothing is said.",
    );
    let head = ["model", "claims that hold", "budgets", "other readings", "clock", "states", "depth", "witnesses", ""];
    let mut table = Table::new("Models whose claims hold", &head);
    for (model, about) in models {
        let of = |fate| model.claims.iter().filter(|claim| claim.verdict == fate).count();
        let claims = match of(Fate::NoOccasion) {
            0 => of(Fate::Holds).to_string(),
            vacuous => format!("{}, {vacuous} without occasion", of(Fate::Holds)),
        };
        let reached = model.witnesses.iter().filter(|witness| witness.length.is_some()).count();
        let about = about.clone().unwrap_or_default();
        table.row([
            name(model),
            Cell::from(claims),
            Cell::from(about.budgets),
            Cell::from(about.readings),
            Cell::from(model.clock.clone()),
            Cell::from(grouped(model.unique)),
            Cell::from(grouped(model.depth.into())),
            Cell::from(format!("{reached} of {} reached", model.witnesses.len())),
            expectation(model),
        ]);
    }
    page.table(table);
}

fn refuted(page: &mut Page, models: &Models<'_>) {
    page.heading("What is refuted");
    page.text(
        Mood::Plain,
        "Each has a counterexample with real times, which was played. A broken model has to be refuted: it shows what \
         a rule is good for. Behind a violation nothing is searched, so its other claims stay open.",
    );
    let mut table = Table::new(
        "Models in which a claim is refuted",
        &["model", "claim", "protocol actions", "other readings", "ends", ""],
    );
    for (model, about) in models {
        for claim in model.claims.iter().filter(|claim| claim.verdict == Fate::Refuted) {
            table.row([
                name(model),
                Cell::new(Mood::Bad, claim.name.clone()),
                Cell::from(claim.length.map(|length| grouped(length.into())).unwrap_or_default()),
                Cell::from(about.clone().unwrap_or_default().readings),
                Cell::from(claim.end.clone().unwrap_or_default()),
                expectation(model),
            ]);
        }
    }
    page.table(table);
}

fn cut_off(page: &mut Page, models: &Models<'_>) {
    page.heading("What is not shown");
    let mut table =
        Table::new("Searches that were cut off", &["model", "by", "claims left open", "states", "depth", ""]);
    for (model, _) in models {
        let open = model.claims.iter().filter(|claim| claim.verdict == Fate::Open).count();
        table.row([
            name(model),
            Cell::new(Mood::Bad, model.cut_off.clone().unwrap_or_default()),
            Cell::from(open.to_string()),
            Cell::from(grouped(model.unique)),
            Cell::from(grouped(model.depth.into())),
            expectation(model),
        ]);
    }
    if models.is_empty() {
        page.text(Mood::Plain, "No search was cut off.");
    }
    page.table(table);
    page.list(vec![
        "Nothing about budgets beyond those above: one crash, break, command or lease more.".to_owned(),
        "Nothing about more servers, addresses and clients than a model has.".to_owned(),
        "Nothing about what models leave out: dynamic BOOTP, DNS updates, clients that keep an address after its end."
            .to_owned(),
        "Under fairness: that something does come about. What is checked is that it can.".to_owned(),
    ]);
}

/// Each claim, in how many models it holds, is refuted, or is open.
fn per_claim(page: &mut Page, models: &Models<'_>) {
    let mut names: Vec<String> = Vec::new();
    let claims = || models.iter().flat_map(|(model, _)| &model.claims);
    for claim in claims() {
        if !names.contains(&claim.name) {
            names.push(claim.name.clone());
        }
    }
    page.heading("Claims");
    let mut table =
        Table::new("In how many models each claim", &["claim", "holds", "has no occasion", "is refuted", "is open"]);
    for name in names {
        let count = |fate| {
            let count = claims().filter(|claim| claim.name == name && claim.verdict == fate).count();
            Cell::from(if count == 0 { String::new() } else { count.to_string() })
        };
        let [holds, vacuous, refuted, open] = [Fate::Holds, Fate::NoOccasion, Fate::Refuted, Fate::Open].map(count);
        table.row([Cell::from(name.clone()), holds, vacuous, refuted, open]);
    }
    page.table(table);
}

fn caveats(page: &mut Page, models: &Models<'_>) {
    page.heading("Caveats");
    let mut clocks: Vec<String> = models.iter().map(|(model, _)| model.clock.clone()).collect();
    clocks.sort();
    clocks.dedup();
    let meaning = |clock: &str| match clock {
        "timeout-order" => {
            "no numbers, only the order of deadlines: a verdict is about all lengths of time that satisfy the model's inequalities"
        }
        "lazy" => {
            "no numbers, and an order of deadlines only where a rule has asked for it: a verdict is about all lengths of time that satisfy the model's inequalities"
        }
        "lazy-exact" => "a verdict is about the model's real lengths, in real time",
        "exact" => "a verdict is about the given lengths in real time",
        "ticks" => "a verdict is about the given small whole lengths",
        "untimed" => "any deadline may be over at any moment: what is refuted may have no real times",
        _ => "",
    };
    let mut points: Vec<String> = clocks.iter().map(|clock| format!("Clock {clock}: {}.", meaning(clock))).collect();
    let odds: f64 = models.iter().map(|(model, _)| model.omission_odds).sum();
    points.push(format!(
        "States are told apart by 64-bit fingerprints. At most {} states are expected to be taken for others, in all \
         searches together.",
        decimals(odds)
    ));
    let unreached: Vec<String> = models
        .iter()
        .flat_map(|(model, _)| model.witnesses.iter().map(move |witness| (model, witness)))
        .filter(|(_, witness)| witness.length.is_none())
        .map(|(model, witness)| format!("{} in {}", witness.name, model.path))
        .collect();
    if !unreached.is_empty() {
        points.push(format!("Witnesses that were not reached: {}.", unreached.join(", ")));
    }
    if models.iter().any(|(_, about)| about.is_none()) {
        points.push("Budgets and readings are missing where the model's file was not found from here.".to_owned());
    }
    page.list(points);
    page.heading("What the models are for");
    let said = models.iter().filter_map(|(model, about)| Some((model.path.clone(), about.as_ref()?.about.clone())));
    page.facts(said.filter(|(_, about)| !about.is_empty()).collect());
}
