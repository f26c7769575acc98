//! Two models of any one protocol, as `dhcpfo diff` sees them: opened, walked through together, and what a step does in each.

use crate::exit::Error;
use crate::subject::{Kind, Subject};
use dhcpfo_check::diff;
use dhcpfo_files::load::parsed;
use dhcpfo_files::{FileError, FileErrors, from_disk};
use dhcpfo_header::node::{Value, get};
use dhcpfo_protocols::ALL;
use dhcpfo_report::scene::changed;
use dhcpfo_report::words::Words;
use dhcpfo_study::Study;
use dhcpfo_study::diff::Parted;
use dhcpfo_study::file::lay_over;
use dhcpfo_study::play::Script;
use dhcpfo_world::action::Action;
use dhcpfo_world::model::Model;
use dhcpfo_world::play::{self, Length, Line, Order, Player, Step};

/// The model of that path, with these readings, or these keys of `[system]`, in place of its own.
pub(crate) fn opened(path: &str, with: &[(String, String)]) -> Result<Subject, Error> {
    let mut subject = crate::find::subjects(&[path.to_owned()])?.remove(0);
    match &mut subject.kind {
        _ if with.is_empty() => {}
        Kind::Draft(file) => {
            for (key, word) in with {
                file.overlay(key, word).map_err(|why| Error::words(format!("--with {key}={word}: {why}")))?;
            }
        }
        Kind::Study(_) => {
            let study = changed_study(path, with)?;
            subject = Subject { head: study.head().clone(), kind: Kind::Study(study) };
        }
    }
    Ok(subject)
}

/// A model of a protocol other than draft-12, with other values in its `[system]`.
fn changed_study(path: &str, with: &[(String, String)]) -> Result<Box<dyn Study>, Error> {
    let gone = || Error::Told(format!("{path}: is no model any more"));
    let mut node = from_disk(path).ok().and_then(|text| parsed(path, &text)).ok_or_else(gone)?;
    let family = ALL.of(&node, dhcpfo_files::load::DRAFT_12)?.ok_or_else(gone)?;
    for (key, word) in with {
        lay_over(&mut node, key, word);
    }
    Ok(family.model(path, &node)?)
}

/// Walks through both together until so many common states have been seen; or why their steps cannot be compared.
///
/// # Errors
/// They are of different protocols.
pub(crate) fn parted(
    first: &Subject,
    second: &Subject,
    most_states: u64,
) -> Result<Result<Parted, &'static str>, Error> {
    match (&first.kind, &second.kind) {
        (Kind::Draft(first), Kind::Draft(second)) => {
            Ok(diff::compare(&first.model, &second.model, most_states).map(Parted::in_text))
        }
        (Kind::Study(one), Kind::Study(other)) => Ok(one.diff(&**other, most_states)),
        _ => Err(different(first, second)),
    }
}

/// Nothing, if both are models of one protocol.
///
/// # Errors
/// They are not: the second model's file, and what would be accepted there.
pub(crate) fn are_of_one(first: &Subject, second: &Subject) -> Result<(), Error> {
    if first.head.protocol == second.head.protocol { Ok(()) } else { Err(different(first, second)) }
}

fn different(first: &Subject, second: &Subject) -> Error {
    let (path, wanted) = (&second.head.path, first.head.protocol);
    let node = from_disk(path).ok().and_then(|text| parsed(path, &text));
    let line = node.map_or(0, |node| match &node.value {
        Value::Table(table) => get(table, "protocol").map_or(node.place.line, |node| node.place.line),
        _ => node.place.line,
    });
    let problem = format!("is `{}`, and {} is a model of {wanted}", second.head.protocol, first.head.path);
    let key = "protocol".to_owned();
    Error::Files(FileErrors(vec![FileError { path: path.clone(), line, key, problem, accepted: wanted.to_owned() }]))
}

/// What the last of these actions does in a model: effects, then lines of the state that change. None if it, or one
/// before it, cannot be done.
pub(crate) fn last_step(subject: &Subject, timed: &[(f64, String)]) -> Option<Vec<String>> {
    let timed: Option<Vec<(Length, &str)>> =
        timed.iter().map(|(at, action)| Some((Length::nearest(*at)?, action.as_str()))).collect();
    match &subject.kind {
        Kind::Draft(file) => last_of_draft(&file.model, &timed?),
        Kind::Study(study) => last_of_study(&**study, &timed?),
    }
}

fn last_of_study(study: &dyn Study, timed: &[(Length, &str)]) -> Option<Vec<String>> {
    let lines = timed.iter().map(|(at, action)| format!("at {at} {action}"));
    let script = Script { small: false, lines: (1..).zip(lines).collect() };
    let mut last = None;
    study.play(&script, &mut |row| last = Some(row)).ok()?;
    Some(last?.changes.iter().map(|(who, says)| format!("{who}: {says}")).collect())
}

fn last_of_draft(model: &Model, timed: &[(Length, &str)]) -> Option<Vec<String>> {
    let timed: Option<Vec<(Length, Action)>> =
        timed.iter().map(|(at, action)| Some((*at, action.parse().ok()?))).collect();
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
