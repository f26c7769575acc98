//! `dhcpfo diff`: two models that differ in their rules, and what that changes.

use crate::args::DiffArgs;
use crate::compare::{are_of_one, last_step, opened, parted};
use crate::counterexample::{self, TICK};
use crate::exit::{Error, Exit};
use crate::output::{grouped, line};
use crate::progress;
use crate::subject::Subject;
use dhcpfo_documents::diff::{self as document, Diff};
use dhcpfo_documents::verdicts;
use dhcpfo_files::model::Clock;
use dhcpfo_study::answer::{Answer, RunOptions, Times};
use dhcpfo_study::diff::{Parted, Parting, Side};
use dhcpfo_world::play::Length;
use std::collections::BTreeSet;

/// The two models with their names.
struct Pair {
    names: [String; 2],
    subjects: [Subject; 2],
}

/// What came of walking through both together, or why that cannot be done.
type Together = Result<Parted, &'static str>;

/// Carries out the verb: 0 if nothing differs, 1 if something does, 3 if nothing does as far as was looked.
pub(crate) fn diff(args: &DiffArgs) -> Result<Exit, Error> {
    let pair = pair(args)?;
    let answers = [search(&pair, 0, args)?, search(&pair, 1, args)?];
    let claims = claims(&pair, &answers);
    let together = {
        let _meter = progress::Meter::new("both together");
        parted(&pair.subjects[0], &pair.subjects[1], args.states)?
    };
    let differs = claims.iter().any(|claim| claim.differs()) || together.as_ref().is_ok_and(|p| !p.partings.is_empty());
    let all = answers.iter().all(|answer| answer.cut_off.is_none()) && together.as_ref().map_or(true, |p| p.exhausted);
    let exit = if differs {
        Exit::Unexpected
    } else if all {
        Exit::Expected
    } else {
        Exit::CutOff
    };
    if args.json {
        line(&dhcpfo_documents::pretty(&document(&pair, &claims, together.as_ref().ok(), exit)));
    } else {
        show_claims(&pair, &claims);
        show_partings(&pair, &together, args.most);
    }
    Ok(exit)
}

fn pair(args: &DiffArgs) -> Result<Pair, Error> {
    let first = opened(&args.first, &[])?;
    if args.second.is_none() && args.with.is_empty() {
        return Err(Error::words("diff needs a second model, or --with KEY=READING for the first one"));
    }
    let second = opened(args.second.as_ref().unwrap_or(&args.first), &args.with)?;
    are_of_one(&first, &second)?;
    let with: String = args.with.iter().map(|(key, word)| format!(" with {key} = {word}")).collect();
    Ok(Pair { names: [first.head.path.clone(), second.head.path.clone() + &with], subjects: [first, second] })
}

fn search(pair: &Pair, which: usize, args: &DiffArgs) -> Result<Answer, Error> {
    let options = RunOptions {
        clock: Clock::TimeoutOrder,
        threads: std::thread::available_parallelism().map_or(1, Into::into),
        max_depth: None,
        max_states: Some(args.states),
        max_bytes: None,
        time_limit: None,
        cancel: Some(progress::listen_for_ctrl_c()),
        stop_at_first: false,
    };
    let meter = progress::Meter::new(&pair.names[which]);
    Ok(pair.subjects[which].search(&options, &mut |progress| meter.show(progress))?.0)
}

/// A claim or witness of either model, and what each says of it.
struct Row {
    name: &'static str,
    says: [String; 2],
}

impl Row {
    fn differs(&self) -> bool {
        self.says[0] != self.says[1]
    }
}

fn claims(pair: &Pair, answers: &[Answer; 2]) -> Vec<Row> {
    let names: BTreeSet<&'static str> =
        pair.subjects.iter().flat_map(|subject| subject.head.claims.iter().map(|claim| claim.name)).collect();
    let says = |which: usize, name: &str| {
        let (head, answer) = (&pair.subjects[which].head, &answers[which]);
        let Some(number) = head.claims.iter().position(|claim| claim.name == name) else {
            return "not claimed".into();
        };
        match &answer.claims[number] {
            Some(found) if !matches!(found.times, Times::Unrealisable(_)) => format!("refuted in {}", found.length),
            Some(found) => format!("a path of {} without times", found.length),
            None if answer.cut_off.is_some() => "not refuted so far".to_owned(),
            None => "holds".to_owned(),
        }
    };
    names.into_iter().map(|name| Row { name, says: [0, 1].map(|which| says(which, name)) }).collect()
}

fn show_claims(pair: &Pair, claims: &[Row]) {
    line(&format!("first   {}", pair.names[0]));
    line(&format!("second  {}", pair.names[1]));
    line("");
    let differing: Vec<&Row> = claims.iter().filter(|row| row.differs()).collect();
    for row in &differing {
        line(&format!("{:<28}  first: {}; second: {}", row.name, row.says[0], row.says[1]));
    }
    line(&format!("{} of {} claims differ", differing.len(), claims.len()));
}

fn show_partings(pair: &Pair, together: &Together, most: usize) {
    line("");
    let parted = match together {
        Ok(parted) => parted,
        Err(why) => {
            line(&format!("behaviours were not compared: {why}"));
            return;
        }
    };
    let so_far = if parted.exhausted { "" } else { " (not all were looked at)" };
    line(&format!(
        "{} states are reached alike by both{so_far}; kinds of steps that part them:",
        grouped(parted.common)
    ));
    if parted.partings.is_empty() {
        line("  none");
    }
    for parting in parted.partings.iter().take(most) {
        line("");
        let who = match (parting.both, parting.side) {
            (true, _) => "changed: both do this, to another end",
            (false, Side::First) => "lost: only the first does this",
            (false, Side::Second) => "gained: only the second does this",
        };
        let actions = if parting.length == 1 { "action" } else { "actions" };
        line(&format!("{who}; {} {actions}:", parting.length));
        show_path(pair, parting);
    }
    if parted.partings.len() > most {
        line(&format!("\n{} more; --most {} shows them", parted.partings.len() - most, parted.partings.len()));
    }
}

fn show_path(pair: &Pair, parting: &Parting) {
    let Times::Realised { actions, .. } = &parting.times else {
        parting.path.iter().filter(|action| *action != TICK).enumerate().for_each(|(number, action)| {
            line(&format!("{:>4}  {action}", number + 1));
        });
        line("      (no times for the model's lengths were found that show it)");
        return;
    };
    for (number, (seconds, action)) in actions.iter().enumerate() {
        line(&format!("{:>4}  {:>11}  {action}", number + 1, counterexample::clock(*seconds)));
    }
    for (which, name) in ["first", "second"].into_iter().enumerate() {
        let told = last_step(&pair.subjects[which], actions).unwrap_or_else(|| vec!["cannot do this".to_owned()]);
        for (number, text) in told.iter().enumerate() {
            line(&format!("      {:>11}  {text}", if number == 0 { name } else { "" }));
        }
        if told.is_empty() {
            line(&format!("      {name:>11}  nothing that shows"));
        }
    }
}

/// The document of `--json`.
fn document(pair: &Pair, claims: &[Row], parted: Option<&Parted>, exit: Exit) -> Diff {
    let row = |row: &Row| document::Row {
        name: row.name.to_owned(),
        first: row.says[0].clone(),
        second: row.says[1].clone(),
        differs: row.differs(),
    };
    let parting = |parting: &Parting| {
        let at = |seconds: f64| Length::nearest(seconds).map(|length| length.to_string());
        let path = match &parting.times {
            Times::Realised { actions, .. } => {
                actions.iter().map(|(s, action)| verdicts::Step { at: at(*s), action: action.clone() }).collect()
            }
            _ => parting.path.iter().map(|action| verdicts::Step { at: None, action: action.clone() }).collect(),
        };
        let who = if parting.side == Side::First { "first" } else { "second" }.to_owned();
        document::Parting { who, both: parting.both, length: parting.length, path }
    };
    Diff {
        version: document::FORMAT.version,
        exit: exit as u8,
        first: pair.names[0].clone(),
        second: pair.names[1].clone(),
        claims: claims.iter().map(row).collect(),
        common_states: parted.map(|parted| parted.common),
        exhausted: parted.map(|parted| parted.exhausted),
        partings: parted.map(|parted| parted.partings.iter().map(parting).collect()),
    }
}
