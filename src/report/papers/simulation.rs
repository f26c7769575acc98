//! Random runs: what failed, with what repeats it, and what was measured.

use super::{decimals, grouped};
use crate::page::{Cell, Mood, Page, Table};
use dhcpfo_documents::population::{Point, Population, Spread};
use dhcpfo_documents::runs::{Failure, ModelRuns, Runs};
use indexmap::IndexMap;
use std::fmt::Write as _;

/// Runs of models.
pub(super) fn runs(document: &Runs) -> Page {
    let mut page = Page::new("Random runs");
    summary(&mut page, document.models.iter().map(|model| model.failures.len()).sum(), false);
    let head = ["model", "runs", "actions", "days of virtual time", "ended", "claim", "seed", "run", "shrunk to", ""];
    let mut table = Table::new("Models in which runs were carried out", &head);
    for model in &document.models {
        table.row(row(model));
    }
    page.table(table);
    for model in &document.models {
        let Some(failure) = shortest(model) else { continue };
        page.heading(format!("{} in {}", failure.claim, model.path));
        let mut steps = Table::new("What it shrank to", &["step", "second", "action"]);
        for (number, step) in (1..).zip(&failure.path) {
            let number: u64 = number;
            steps.row([number.to_string(), grouped(step.at.into()), step.action.clone()].map(Cell::from));
        }
        page.table(steps);
        page.code(format!("dhcpfo simulate {} --seed {} --runs 1", model.path, failure.seed));
    }
    page
}

/// Runs of a population.
pub(super) fn population(document: &Population) -> Page {
    let mut page = Page::new(format!("Random runs: {}", document.title));
    let failed = document.points.iter().map(|point| point.failures.len()).sum();
    summary(&mut page, failed, document.points.iter().any(|point| !point.put_aside.is_empty()));
    document.points.iter().for_each(|point| self::point(&mut page, &document.path, point));
    page
}

fn summary(page: &mut Page, failed: usize, aside: bool) {
    match failed {
        0 if aside => page.text(Mood::Bad, "✗ Claims were broken, each after an assumption of the draft was."),
        0 => page.text(Mood::Good, "✓ Nothing was refuted. That is no proof: `dhcpfo check` is for that."),
        1 => page.text(Mood::Bad, "✗ One run failed."),
        some => page.text(Mood::Bad, format!("✗ {some} runs failed.")),
    }
}

fn shortest(model: &ModelRuns) -> Option<&Failure> {
    model.failures.iter().min_by_key(|failure| failure.shrunk_to)
}

fn row(model: &ModelRuns) -> [Cell; 10] {
    let shortest = shortest(model);
    let of = |what: fn(&Failure) -> u64| Cell::from(shortest.map(|one| grouped(what(one))).unwrap_or_default());
    let expected = match model.as_expected {
        true => Cell::from("as expected"),
        false => Cell::new(Mood::Bad, "not as expected"),
    };
    [
        Cell::from(format!("{}\n{}", model.path, model.title)),
        Cell::from(grouped(model.runs)),
        Cell::from(grouped(model.actions)),
        Cell::from(grouped(model.virtual_seconds / 86_400)),
        Cell::from(model.end.word()),
        Cell::from(shortest.map(|one| one.claim.clone()).unwrap_or_default()),
        of(|one| one.seed),
        of(|one| one.actions),
        of(|one| one.shrunk_to),
        expected,
    ]
}

/// A point of a sweep, or all there is.
fn point(page: &mut Page, path: &str, point: &Point) {
    let settings = |settings: &IndexMap<String, f64>, is: &str| {
        settings.iter().map(|(key, number)| format!("{key}{is}{number}")).collect::<Vec<_>>()
    };
    let at = settings(&point.at, " = ");
    page.heading(if at.is_empty() { "Measures".to_owned() } else { at.join(", ") });
    page.facts(vec![("runs".to_owned(), grouped(point.runs))]);
    for failure in &point.failures {
        let word = |word: &Option<String>| word.clone().unwrap_or_default();
        let (claim, at, detail) = (word(&failure.claim), failure.at.unwrap_or_default(), word(&failure.detail));
        page.text(Mood::Bad, format!("✗ {claim} is refuted at {} s: {detail}", grouped(at)));
        let changed = settings(&failure.settings, "=").into_iter().map(|set| format!(" --set {set}"));
        page.code(format!(
            "dhcpfo simulate {path} --seed {} --runs 1 --until {}{}",
            failure.seed,
            failure.until,
            changed.collect::<String>()
        ));
    }
    aside(page, point);
    let meaning = |name: &str| point.meanings.get(name).cloned().unwrap_or_default();
    let mut counted = Table::new("Counted", &["what", "number", "meaning"]);
    for (name, number) in &point.counts {
        counted.row([name.clone(), grouped(*number), meaning(name)].map(Cell::from));
    }
    for (name, rate) in &point.rates {
        counted.row([name.clone(), decimals(*rate), meaning(name)].map(Cell::from));
    }
    page.table(counted);
    page.table(spreads(point));
    for spread in &point.spreads {
        if let Some(svg) = bars(spread) {
            page.drawing(svg, format!("{}: how often each size was measured", spread.name));
        }
    }
}

fn spreads(point: &Point) -> Table {
    let quantiles = point.spreads.first().map(|spread| spread.quantiles.as_slice()).unwrap_or_default();
    let parts: Vec<String> = quantiles.iter().map(|quantile| format!("{}%", 100.0 * quantile.part)).collect();
    let head: Vec<&str> = ["what", "number", "mean"].into_iter().chain(parts.iter().map(String::as_str)).collect();
    let mut spreads = Table::new("Distributions, in the unit of what is measured", &head);
    for spread in &point.spreads {
        let first = [spread.name.clone(), grouped(spread.number), decimals(spread.mean)];
        let rest = spread.quantiles.iter().map(|quantile| grouped(quantile.value));
        spreads.row(first.into_iter().chain(rest).map(Cell::from));
    }
    spreads
}

/// What was broken after an assumption of the draft was, and when servers had nothing to give.
fn aside(page: &mut Page, point: &Point) {
    for one in &point.put_aside {
        let (number, at, since) = (grouped(one.number), grouped(one.at), grouped(one.since));
        let line = format!(
            "✗ {} was broken {number} times, first at {at} s, for since {since} s {}",
            one.claim, one.assumption
        );
        page.text(Mood::Bad, line);
    }
    for one in &point.assumptions_broken {
        let (why, since, runs) = (&one.assumption, grouped(one.since), grouped(one.runs));
        page.text(
            Mood::Plain,
            format!("In {runs} runs the draft promises nothing any more, first since {since} s: {why}."),
        );
    }
    for dry in point.no_address_to_give.iter().flat_map(|dry| &dry.stretches) {
        let (server, state, first, last) = (&dry.server, &dry.state, grouped(dry.first), grouped(dry.last));
        let why = &dry.why;
        let line = format!("The {server}, in {state}, had no address to give from {first} s to {last} s: {why}.");
        page.text(Mood::Plain, line);
    }
}

/// Bars for the sizes that were measured; None where there are too few to say anything.
fn bars(spread: &Spread) -> Option<String> {
    let mut bins = spread.bins.clone();
    if bins.len() < 3 {
        return None;
    }
    // Neighbours together, until all of them fit.
    while bins.len() > 60 {
        bins = bins.chunks(2).map(|pair| (pair[0].0, pair.iter().map(|(_, count)| count).sum())).collect();
    }
    let most = bins.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
    let (width, height) = (620, 110);
    let each = 600.0 / bins.len() as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"diagram\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-label=\"{} sizes\">\n",
        bins.len()
    );
    for (place, (_, count)) in bins.iter().enumerate() {
        let high = (80.0 * *count as f64 / most as f64).max(0.5);
        let (x, y) = (10.0 + each * place as f64, 90.0 - high);
        let _ = writeln!(
            svg,
            "<rect class=\"bar\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{high:.1}\"/>",
            (each - 1.0).max(0.5)
        );
    }
    for (place, anchor) in [(0, "start"), (bins.len() / 2, "middle"), (bins.len() - 1, "end")] {
        let x = 10.0 + each * (place as f64 + if anchor == "end" { 1.0 } else { 0.0 });
        let size = grouped(bins[place].0);
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"105\" text-anchor=\"{anchor}\">{size}</text>");
    }
    Some(svg + "</svg>\n")
}
