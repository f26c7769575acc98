//! A counterexample as a scenario file that refutes the same claim.

use crate::counterexample::TICK;
use crate::exit::Error;
use crate::subject::{Kind, Subject};
use crate::{output, relative, script};
use dhcpfo_clock::Values;
use dhcpfo_files::model::Clock;
use dhcpfo_files::{ModelFile, ScenarioFile};
use dhcpfo_study::Study;
use dhcpfo_study::answer::{Counterexample, Round, Times};
use dhcpfo_world::action::Action;
use dhcpfo_world::play::{self, Length, Line, Order, Player, Refusal};
use std::path::Path;

/// Most instants at which a violation is waited for after the last action.
const MOST_WAITS: usize = 64;

/// A counterexample as a script; `small`: played with the model's small lengths of time.
struct Script {
    lines: Vec<Line>,
    small: bool,
    refutes: Vec<&'static str>,
}

/// Writes the scenario of a counterexample to `claim`, found under `clock`, for a model of any protocol.
pub(crate) fn of_any(
    path: &Path,
    subject: &Subject,
    clock: Clock,
    claim: &'static str,
    found: &Counterexample,
) -> Result<(), Error> {
    match &subject.kind {
        Kind::Draft(file) => save(path, file, clock, claim, found),
        Kind::Study(study) => {
            let script = of_study(&**study, clock, claim, found)?;
            script::save(path, &**study, &script, claim, found.round.is_some())
        }
    }
}

/// The script of a counterexample to `claim`, found under `clock`, for a model of another protocol than draft-12.
pub(crate) fn of_study(
    study: &dyn Study,
    clock: Clock,
    claim: &str,
    found: &Counterexample,
) -> Result<dhcpfo_study::play::Script, Error> {
    let (timed, small) = timed(&study.head().path, clock, claim, found)?;
    let timed: Option<Vec<(Length, &str)>> = timed.into_iter().map(|(at, action)| Some((at?, action))).collect();
    let timed = timed.ok_or_else(|| Error::words("the counterexample takes too long to be played"))?;
    let end = match &found.times {
        Times::Realised { end, .. } => Length::nearest(*end),
        _ => None,
    };
    Ok(script::timed(small, &timed, end, found.round))
}

/// Writes the scenario of a counterexample to `claim`, found under `clock`.
fn save(path: &Path, file: &ModelFile, clock: Clock, claim: &'static str, found: &Counterexample) -> Result<(), Error> {
    let script = script(file, clock, claim, found)?;
    let model = relative::from_file(path, Path::new(&file.path))
        .map_err(|error| Error::words(format!("{}: {error}", path.display())))?;
    output::write(path, &text(file, claim, &model, &script))
}

/// A counterexample as a scenario that is in no file.
pub(crate) fn as_file(
    file: &ModelFile,
    clock: Clock,
    claim: &'static str,
    found: &Counterexample,
) -> Result<ScenarioFile, Error> {
    Ok(in_no_file(file, claim, script(file, clock, claim, found)?))
}

/// Actions at their times that refute `claim`, as a scenario that is in no file.
pub(crate) fn as_scenario(
    file: &ModelFile,
    small: bool,
    timed: &[(Length, Action)],
    claim: &'static str,
    round: Option<Round>,
) -> Result<ScenarioFile, Error> {
    Ok(in_no_file(file, claim, of_timed(file, small, timed, claim, round)?))
}

fn in_no_file(file: &ModelFile, claim: &str, script: Script) -> ScenarioFile {
    let (Script { lines, small, refutes }, lengths) = (script, &file.model.lengths);
    ScenarioFile {
        path: file.path.clone(),
        title: format!("{claim} refuted: {}", file.title),
        model: file.clone(),
        cites: Vec::new(),
        lengths: if small { lengths.small } else { lengths.seconds },
        lines: (1..=lines.len() as u32).collect(),
        script: lines,
        refutes,
    }
}

fn script(file: &ModelFile, clock: Clock, claim: &'static str, found: &Counterexample) -> Result<Script, Error> {
    let (timed, small) = timed(&file.path, clock, claim, found)?;
    // The text of an action parses back to it.
    let read = |(at, action): (Option<Length>, &str)| Some((at?, action.parse().ok()?));
    let timed: Option<Vec<(Length, Action)>> = timed.into_iter().map(read).collect();
    let timed = timed.ok_or_else(|| Error::words("the counterexample takes too long to be played"))?;
    of_timed(file, small, &timed, claim, found.round)
}

fn of_timed(
    file: &ModelFile,
    small: bool,
    timed: &[(Length, Action)],
    claim: &'static str,
    round: Option<Round>,
) -> Result<Script, Error> {
    let lengths = &file.model.lengths;
    let values = if small { lengths.small } else { lengths.seconds };
    let (mut lines, refutes) = played(file, values, timed, claim)?;
    let said = |number| round.and_then(|round| round.said_before(number)).map(str::to_owned);
    for (number, line) in (0..).zip(&mut lines) {
        line.comment = said(number).unwrap_or_default();
    }
    lines.extend(said(timed.len() as u32).map(|comment| Line { at: None, order: Order::Nothing, comment }));
    Ok(Script { lines, small, refutes })
}

/// The text of a scenario at `path` with actions at their times that refute `claim`, played to be sure of it; `small`:
/// played with the model's small lengths of time.
pub(crate) fn scenario(
    path: &Path,
    file: &ModelFile,
    small: bool,
    timed: &[(Length, Action)],
    claim: &'static str,
) -> Result<String, Error> {
    let script = of_timed(file, small, timed, claim, None)?;
    let model = relative::from_file(path, Path::new(&file.path))
        .map_err(|error| Error::words(format!("{}: {error}", path.display())))?;
    Ok(text(file, claim, &model, &script))
}

/// Actions with their times, and whether these are of the model's small lengths.
type Timed<'f> = (Vec<(Option<Length>, &'f str)>, bool);

/// The actions of a counterexample with their times, and whether these are of the model's small lengths.
fn timed<'f>(path: &str, clock: Clock, claim: &str, found: &'f Counterexample) -> Result<Timed<'f>, Error> {
    match (&found.times, clock) {
        (Times::Realised { actions, .. }, _) => {
            Ok((actions.iter().map(|(s, a)| (Length::nearest(*s), a.as_str())).collect(), false))
        }
        (Times::NotNeeded, Clock::Ticks) => Ok((from_ticks(&found.path), true)),
        _ => Err(Error::words(format!(
            "the counterexample to {claim} in {path}, found under {}, has no times, so it cannot be played",
            clock.word()
        ))),
    }
}

/// Under `ticks` each tick is a unit, and a unit is played as a second.
fn from_ticks(path: &[String]) -> Vec<(Option<Length>, &str)> {
    let mut ticks = 0;
    let mut timed = Vec::new();
    for action in path {
        if action == TICK {
            ticks += 1;
        } else {
            timed.push((Some(Length::seconds(ticks)), action.as_str()));
        }
    }
    timed
}

/// Plays the actions at their times and writes down what was played; tells everything that is refuted.
///
/// Times that were spread for readability, over what has to happen at one instant, are drawn together again. Where
/// the violation comes only after the last action, a last line lets time pass until then.
fn played(
    file: &ModelFile,
    values: Values,
    timed: &[(Length, Action)],
    claim: &'static str,
) -> Result<(Vec<Line>, Vec<&'static str>), Error> {
    let fail = |what: &str| Error::words(format!("the counterexample to {claim} in {} {what}", file.path));
    let line = |at, order| Line { at, order, comment: String::new() };
    let planned: Vec<Line> = timed.iter().map(|(at, action)| line(Some(*at), Order::Act(*action))).collect();
    let scale = play::scale(&planned).ok_or_else(|| fail("has times that are too fine to be played"))?;
    let (mut player, mut lines) = (Player::new(&file.model, values, scale), Vec::new());
    let (mut now, mut back) = (0, 0);
    for (number, (at, action)) in timed.iter().enumerate() {
        let refused = |refusal| fail(&format!("cannot be played: action {}, `{action}`: {refusal}", number + 1));
        let due = at.in_parts(scale.per_second).ok_or_else(|| fail("takes too long to be played"))? - back;
        let instant = Length::parts(u64::from(due), scale.per_second);
        let moved = match instant.map(|instant| player.advance(instant)) {
            Some(Ok(_)) => due > now,
            Some(Err(Refusal::NotYet(_))) => {
                back += due - now;
                false
            }
            Some(Err(refusal)) => return Err(refused(refusal)),
            None => return Err(refused(Refusal::TooFar)),
        };
        now = if moved { due } else { now };
        player.act(*action).map_err(refused)?;
        lines.push(line(instant.filter(|_| moved), Order::Act(*action)));
    }
    // What can be reached from a state is not seen by playing up to it.
    if !dhcpfo_properties::find_claim(claim).is_some_and(|known| known.check.is_whole()) {
        lines.extend(wait_for(&mut player, claim).map_err(|()| fail("was played and did not refute it"))?);
    }
    Ok((lines, player.refuted().to_vec()))
}

/// A line that lets time pass until `claim` is refuted, unless it is already.
fn wait_for(player: &mut Player<'_>, claim: &str) -> Result<Option<Line>, ()> {
    let mut last = None;
    for _ in 0..MOST_WAITS {
        if player.refuted().contains(&claim) {
            return Ok(last.map(|at| Line { at: Some(at), order: Order::Nothing, comment: String::new() }));
        }
        let next = player.next_instant().ok_or(())?;
        player.advance(next).map_err(|_| ())?;
        last = Some(next);
    }
    Err(())
}

fn text(file: &ModelFile, claim: &str, model: &str, script: &Script) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut text = format!("title = {}\n", quoted(&format!("{claim} refuted: {}", file.title)));
    text += &format!("model = {}\n", quoted(model));
    for (_, word) in file.overlaid.iter().filter(|(key, _)| key == "dialect") {
        text += &format!("dialect = {}\n", quoted(word));
    }
    if script.small {
        text += "lengths = \"small\"\n";
    }
    text += "script = '''\n";
    for line in &script.lines {
        text += &format!("{line}\n");
    }
    text += "'''\n\n";
    let rules: Vec<_> = file.overlaid.iter().filter(|(key, _)| key != "dialect").collect();
    if !rules.is_empty() {
        text += "[rules]\n";
        rules.iter().for_each(|(key, word)| text += &format!("{key} = {}\n", quoted(word)));
        text.push('\n');
    }
    text += "[expect]\n";
    let refutes: Vec<String> = script.refutes.iter().map(|name| quoted(name)).collect();
    match &refutes[..] {
        [] => text += "refutes = \"nothing\"\n",
        [one] => text += &format!("refutes = {one}\n"),
        all => text += &format!("refutes = [{}]\n", all.join(", ")),
    }
    text
}
