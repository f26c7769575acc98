//! Scripts of any protocol but draft-12, which has transcripts of its own: played, told, and written
//! ([`dhcpfo_documents::play`]).

use crate::exit::Error;
use crate::{output, relative};
use dhcpfo_documents::play::{FORMAT, PlayEnd, PlayHead, PlayRow};
use dhcpfo_files::from_disk;
use dhcpfo_files::load::DRAFT_12;
use dhcpfo_protocols::ALL;
use dhcpfo_study::Study;
use dhcpfo_study::answer::Round;
use dhcpfo_study::play::{Outcome, Row, Script, Stop};
use dhcpfo_study::random::Steps;
use dhcpfo_study::scenario::{Scenario, scenario};
use dhcpfo_world::play::Length;
use std::path::Path;

/// The scenarios among these files that are of another protocol than draft-12, and the paths of the rest.
pub(crate) fn others(paths: Vec<String>) -> Result<(Vec<Scenario>, Vec<String>), Error> {
    let (mut others, mut rest) = (Vec::new(), Vec::new());
    for path in paths {
        match scenario(&path, &from_disk, ALL, DRAFT_12)? {
            Some(scenario) => others.push(scenario),
            None => rest.push(path),
        }
    }
    Ok((others, rest))
}

/// Plays a scenario and tells what happens; whether all is as it says.
pub(crate) fn perform(scenario: &Scenario, in_json: bool) -> Result<bool, Error> {
    let head = scenario.study.head();
    let Scenario { title, path, .. } = scenario;
    match in_json {
        true => output::line(&dhcpfo_documents::line(&PlayHead {
            version: FORMAT.version,
            protocol: head.protocol.to_owned(),
            title: title.clone(),
            scenario: path.clone(),
            model: head.path.clone(),
            small: scenario.script.small,
        })),
        false => {
            output::line(&format!("title     {title}\nscenario  {path}\nmodel     {}  {}\n", head.path, head.title));
        }
    }
    let tell =
        |row: Row| output::print(&if in_json { dhcpfo_documents::line(&document(&row)) + "\n" } else { told(&row) });
    let outcome = scenario.study.play(&scenario.script, &mut { tell }).map_err(|stop| stopped(path, &stop))?;
    let as_expected = is_expected(scenario, &outcome);
    match in_json {
        true => {
            let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            output::line(&dhcpfo_documents::line(&PlayEnd {
                end: true,
                actions: outcome.actions as u64,
                refuted: names(&outcome.refuted),
                unmet: outcome.unmet.iter().map(|(_, text)| text.clone()).collect(),
                as_expected,
            }));
        }
        false => output::print(&ending(scenario, &outcome, as_expected)),
    }
    Ok(as_expected)
}

pub(crate) fn is_expected(scenario: &Scenario, outcome: &Outcome) -> bool {
    let mut is: Vec<&str> = outcome.refuted.clone();
    let mut should: Vec<&str> = scenario.refutes.iter().map(String::as_str).collect();
    is.sort_unstable();
    should.sort_unstable();
    outcome.unmet.is_empty() && is == should
}

/// One event: when, what, and under it what changed.
fn told(row: &Row) -> String {
    let comment = if row.comment.is_empty() { String::new() } else { format!("  # {}", row.comment) };
    let what = if row.action.is_empty() && row.at != Length::ZERO { "(time passes)" } else { &row.action };
    let what = if what.is_empty() { "(the beginning)" } else { what };
    let mut text = format!("{:>11}  {what}{comment}\n", row.at.as_clock());
    for (who, what) in &row.changes {
        text += &format!("{:>13}{who}: {what}\n", "");
    }
    for name in &row.refuted {
        text += &format!("{:>13}REFUTED {name}\n", "");
    }
    for name in &row.reached {
        text += &format!("{:>13}reached {name}\n", "");
    }
    text
}

pub(crate) fn document(row: &Row) -> PlayRow {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    PlayRow {
        at: row.at.to_string(),
        action: row.action.clone(),
        state: row.changes.iter().cloned().collect(),
        refuted: names(&row.refuted),
        reached: names(&row.reached),
    }
}

fn ending(scenario: &Scenario, outcome: &Outcome, as_expected: bool) -> String {
    let mut text = String::from("\n");
    for (line, words) in &outcome.unmet {
        text += &format!("{}:{line}: not met: {words}\n", scenario.path);
    }
    let list = |names: &[&str]| if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    let should: Vec<&str> = scenario.refutes.iter().map(String::as_str).collect();
    text += &format!("refuted   {}\nexpected  {}\n", list(&outcome.refuted), list(&should));
    let path = output::shell_word(&scenario.path);
    text + &if as_expected {
        "as expected\n".to_owned()
    } else {
        format!("NOT AS EXPECTED\nrepeat    dhcpfo play {path}\n")
    }
}

/// Why a script cannot be played, with the line of the file.
pub(crate) fn stopped(path: &str, stop: &Stop) -> Error {
    let mut message = format!("{path}:{}: script: `{}`: {}", stop.line, stop.text, stop.problem);
    if !stop.instead.is_empty() {
        message += "; these actions are enabled:";
    }
    stop.instead.iter().for_each(|action| message += &format!("\n  {action}"));
    Error::Told(message)
}

/// The script of actions at their instants. `end`: when something is refuted, if that is later. `round`: where they go round
/// for ever, which is said beside them.
pub(crate) fn timed(small: bool, timed: &[(Length, &str)], end: Option<Length>, round: Option<Round>) -> Script {
    let said = |number: usize| match round.and_then(|round| round.said_before(number as u32)) {
        Some(text) => format!("  # {text}"),
        None => String::new(),
    };
    let line = |(number, (at, action)): (usize, &(Length, &str))| format!("at {at} {action}{}", said(number));
    let mut lines: Vec<String> = timed.iter().enumerate().map(line).collect();
    let (last, rest) = (timed.last().map(|(last, _)| *last), said(timed.len()));
    match end.or(last.filter(|_| !rest.is_empty())) {
        Some(end) if Some(end) != last || !rest.is_empty() => lines.push(format!("at {end}{rest}")),
        _ => {}
    }
    Script { small, lines: (1..).zip(lines).collect() }
}

/// The script of a run in whole seconds.
pub(crate) fn of_steps(run: &Steps<String>) -> Script {
    let steps: Vec<_> = run.steps.iter().map(|(at, action)| (Length::seconds(*at), action.as_str())).collect();
    timed(run.small, &steps, Some(Length::seconds(run.end)), None)
}

/// Writes a script that refutes `claim` as a scenario, played to be sure of it. `whole`: the claim is about whole runs, so
/// that no state shows it to be violated.
pub(crate) fn save(path: &Path, study: &dyn Study, script: &Script, claim: &str, whole: bool) -> Result<(), Error> {
    let head = study.head();
    let outcome = study.play(script, &mut |_| {}).map_err(|stop| stopped(&head.path, &stop))?;
    if !whole && !outcome.refuted.contains(&claim) {
        let path = &head.path;
        return Err(Error::words(format!("the counterexample to {claim} in {path} was played and did not refute it")));
    }
    let model = relative::from_file(path, Path::new(&head.path))
        .map_err(|error| Error::words(format!("{}: {error}", path.display())))?;
    let title = format!("{claim} refuted: {}", head.title);
    let lines: Vec<String> = script.lines.iter().map(|(_, line)| line.clone()).collect();
    output::write(path, &Scenario::text(&title, &model, script.small, &lines, &outcome.refuted))
}
