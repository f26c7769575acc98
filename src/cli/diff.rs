//! `dhcpfo diff`: two models that differ in their rules, and what that changes.

use crate::args::DiffArgs;
use crate::exit::{Error, Exit};
use crate::output::{grouped, line};
use crate::{counterexample, find, progress};
use dhcpfo_check::diff::{self, Parted, Parting, Side};
use dhcpfo_check::run::{Answer, Clock, RunOptions, Times, run};
use dhcpfo_documents::diff::{self as document, Diff};
use dhcpfo_documents::verdicts;
use dhcpfo_engine::rules::{Rules, UnknownReading};
use dhcpfo_files::ModelFile;
use dhcpfo_report::scene::changed;
use dhcpfo_report::words::Words;
use dhcpfo_world::action::{Action, What};
use dhcpfo_world::model::Model;
use dhcpfo_world::play::{self, Length, Line, Order, Player, Step};
use std::collections::BTreeSet;

/// The two models with their names.
struct Pair {
    names: [String; 2],
    models: [Model; 2],
}

/// Carries out the verb: 0 if nothing differs, 1 if something does, 3 if nothing does as far as was looked.
pub(crate) fn diff(args: &DiffArgs) -> Result<Exit, Error> {
    let pair = pair(args)?;
    let answers = [search(&pair, 0, args)?, search(&pair, 1, args)?];
    let claims = claims(&pair, &answers);
    let comparable = diff::are_comparable(&pair.models[0], &pair.models[1]);
    let parted = comparable.then(|| {
        let _meter = progress::Meter::new("both together");
        diff::compare(&pair.models[0], &pair.models[1], args.states)
    });
    let differs = claims.iter().any(|claim| claim.differs()) || parted.as_ref().is_some_and(|p| !p.partings.is_empty());
    let all = answers.iter().all(|answer| answer.cut_off.is_none()) && parted.as_ref().is_none_or(|p| p.exhausted);
    let exit = if differs {
        Exit::Unexpected
    } else if all {
        Exit::Expected
    } else {
        Exit::CutOff
    };
    if args.json {
        line(&dhcpfo_documents::pretty(&document(&pair, &claims, parted.as_ref(), exit)));
    } else {
        show_claims(&pair, &claims);
        show_partings(&pair, parted.as_ref(), args.most);
    }
    Ok(exit)
}

fn pair(args: &DiffArgs) -> Result<Pair, Error> {
    let ModelFile { path, model, .. } = one(&args.first)?;
    let (name, mut second) = match &args.second {
        Some(second) => {
            let ModelFile { path, model, .. } = one(second)?;
            (path, model)
        }
        None if args.with.is_empty() => {
            return Err(Error::words("diff needs a second model, or --with KEY=READING for the first one"));
        }
        None => (path.clone(), model.clone()),
    };
    for (key, word) in &args.with {
        for server in &mut second.servers {
            set(&mut server.rules, key, word)?;
        }
    }
    let with: String = args.with.iter().map(|(key, word)| format!(" with {key} = {word}")).collect();
    Ok(Pair { names: [path, name + &with], models: [model, second] })
}

fn one(path: &str) -> Result<ModelFile, Error> {
    let files = find::models(&[path.to_owned()])?;
    files.into_iter().next().ok_or_else(|| Error::words(format!("{path}: there is no model")))
}

/// Sets a reading, or the whole dialect.
fn set(rules: &mut Rules, key: &str, word: &str) -> Result<(), Error> {
    if key == "dialect" {
        let dialect = Rules::DIALECTS.iter().find(|(name, _)| *name == word);
        let names: Vec<&str> = Rules::DIALECTS.iter().map(|(name, _)| *name).collect();
        let (_, dialect) = dialect.ok_or_else(|| accepted(key, word, &names))?;
        *rules = *dialect;
        return Ok(());
    }
    rules.set(key, word).map_err(|unknown| match unknown {
        UnknownReading::Word(words) => accepted(key, word, words),
        UnknownReading::Key => {
            Error::words(format!("--with {key}={word}: there is no such question; `dhcpfo list rules` has them"))
        }
    })
}

fn accepted(key: &str, word: &str, words: &[&str]) -> Error {
    Error::words(format!("--with {key}={word}: there is no such reading (accepted: {})", words.join(", ")))
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
    let answer = run(&pair.models[which], &options, &mut |progress| meter.show(progress));
    answer.map(|(answer, _)| answer).map_err(|error| Error::words(format!("{}: {error}", pair.names[which])))
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
        pair.models.iter().flat_map(|m| m.claims.iter().map(|c| c.entry.name)).collect();
    let says = |which: usize, name: &str| {
        let (model, answer) = (&pair.models[which], &answers[which]);
        let Some(number) = model.claims.iter().position(|claim| claim.entry.name == name) else {
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

fn show_partings(pair: &Pair, parted: Option<&Parted>, most: usize) {
    line("");
    let Some(parted) = parted else {
        line(&format!("behaviours were not compared: {}", diff::INCOMPARABLE));
        return;
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
        parting.path.iter().filter(|action| action.what != What::Tick).enumerate().for_each(|(number, action)| {
            line(&format!("{:>4}  {action}", number + 1));
        });
        line("      (no times for the model's lengths were found)");
        return;
    };
    for (number, (seconds, action)) in actions.iter().enumerate() {
        line(&format!("{:>4}  {:>11}  {action}", number + 1, counterexample::clock(*seconds)));
    }
    for (which, name) in ["first", "second"].into_iter().enumerate() {
        let told = last_step(&pair.models[which], actions).unwrap_or_else(|| vec!["cannot do this".to_owned()]);
        for (number, text) in told.iter().enumerate() {
            line(&format!("      {:>11}  {text}", if number == 0 { name } else { "" }));
        }
        if told.is_empty() {
            line(&format!("      {name:>11}  nothing that shows"));
        }
    }
}

/// What the last of these actions does in a model: effects, then lines of the state that change. None if it, or one
/// before it, cannot be done.
fn last_step(model: &Model, timed: &[(f64, Action)]) -> Option<Vec<String>> {
    let timed: Option<Vec<(Length, Action)>> = timed.iter().map(|(at, a)| Some((Length::nearest(*at)?, *a))).collect();
    let timed = timed?;
    let line =
        |(at, action): &(Length, Action)| Line { at: Some(*at), order: Order::Act(*action), comment: String::new() };
    let scale = play::scale(&timed.iter().map(line).collect::<Vec<_>>())?;
    let mut player = Player::new(model, model.lengths.seconds, scale);
    let mut last: Option<Step> = None;
    for (at, action) in &timed {
        // Where time may not pass yet, what has to happen first is what follows.
        let _ = player.advance(*at);
        last = Some(player.act(*action).ok()?);
    }
    let step = last?;
    let words = Words { scale, now: step.after.now };
    let effects = words.effects(&step).into_iter();
    let mut told: Vec<String> =
        effects.map(|(role, told)| format!("{} {} {}", role.name(), told.verb, told.text)).collect();
    told.extend(
        changed(model, scale, &step.before, &step.after).into_iter().map(|(who, says)| format!("{who}: {says}")),
    );
    Some(told)
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
                actions.iter().map(|(s, action)| verdicts::Step { at: at(*s), action: action.to_string() }).collect()
            }
            _ => parting.path.iter().map(|action| verdicts::Step { at: None, action: action.to_string() }).collect(),
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
