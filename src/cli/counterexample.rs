//! Counterexamples for people.

use crate::exit::Error;
use crate::output::{line, print, wrapped};
use crate::subject::Subject;
use crate::verdict::words;
use dhcpfo_claims::Entry;
use dhcpfo_files::model::{Clock, Expect};
use dhcpfo_study::answer::{Answer, Counterexample, RunOptions, Times};
use dhcpfo_study::file::Head;
use dhcpfo_world::play::Length;

/// Prints every violated claim of an answer with its path.
pub(crate) fn show(head: &Head, answer: &Answer) {
    for (claim, found) in head.claims.iter().zip(&answer.claims) {
        let Some(found) = found else { continue };
        let actions = if found.length == 1 { "action" } else { "actions" };
        line("");
        match &found.times {
            Times::Unrealisable(reason) => {
                line(&format!("{}: a path of {} {actions} that no times allow:", claim.name, found.length));
                steps(found);
                reason.lines().for_each(|text| line(&format!("  {text}")));
            }
            Times::Realised { actions: timed, end } => {
                refuted(head, claim, found);
                for (number, (seconds, action)) in (0..).zip(timed) {
                    said_before(found, number);
                    line(&format!("{:>4}  {:>11}  {action}", number + 1, clock(*seconds)));
                }
                said_before(found, timed.len() as u32);
                if timed.last().is_some_and(|(last, _)| last < end) {
                    line(&format!("      {:>11}  (time passes until here)", clock(*end)));
                }
            }
            Times::Untimed(path) => {
                line(&format!("{} is refuted in {} steps of Stateright's actors:", claim.name, found.length));
                path.iter().enumerate().for_each(|(number, step)| line(&format!("{:>4}  {step}", number + 1)));
            }
            _ => {
                refuted(head, claim, found);
                steps(found);
            }
        }
    }
}

/// The text of a passage of time.
pub(crate) const TICK: &str = "tick";

/// The claim, with what it states and under which conditions.
fn refuted(head: &Head, claim: &Entry, found: &Counterexample) {
    let actions = if found.length == 1 { "action" } else { "actions" };
    line(&format!("{} is refuted in {} {actions}:", claim.name, found.length));
    print(&wrapped("  ", claim.statement));
    if found.round.is_some() {
        let fair: Vec<String> = head.fair.iter().map(words).collect();
        let fair = if fair.is_empty() { "nothing".to_owned() } else { fair.join(", ") };
        print(&wrapped("  ", &format!("Fair: {fair}.")));
    }
}

/// What is to be said of a run that goes on for ever before the action of that number, counted from 0.
fn said_before(found: &Counterexample, number: u32) {
    if let Some(text) = found.round.and_then(|round| round.said_before(number)) {
        line(&format!("      -- {text}"));
    }
}

/// A path as it was found: where time passes, that is told.
fn steps(found: &Counterexample) {
    let (mut number, mut said) = (0, None);
    for action in &found.path {
        // Time may pass before the first action of a round.
        if said != Some(number) {
            said_before(found, number);
            said = Some(number);
        }
        if action == TICK {
            line("      (time passes)");
        } else {
            number += 1;
            line(&format!("{number:>4}  {action}"));
        }
    }
    if said != Some(number) {
        said_before(found, number);
    }
}

/// `h:mm:ss`, or `d+h:mm:ss`.
pub(crate) fn clock(seconds: f64) -> String {
    Length::nearest(seconds).map_or_else(|| format!("{seconds} s"), |length| length.as_clock())
}

/// The counterexample that stands for an answer: of the expected claim, else the shortest.
pub(crate) fn best<'a>(head: &Head, answer: &'a Answer) -> Option<(&'static str, &'a Counterexample)> {
    let named = |(number, found): (usize, &'a Counterexample)| (head.claims[number].name, found);
    let mut all: Vec<_> = crate::verdict::refuted(answer).map(named).collect();
    all.sort_by_key(|(name, found)| {
        let expected = matches!(head.expect, Expect::Refuted { claim, .. } if claim == *name);
        (!expected, found.length)
    });
    all.first().copied()
}

/// Searches a model up to its first violation: under which notion of time, the claim, and the counterexample.
///
/// # Errors
/// Nothing is refuted.
pub(crate) fn first(subject: &Subject) -> Result<(Clock, &'static str, Counterexample), Error> {
    let Head { path, clock, limits, .. } = &subject.head;
    let clock = if *clock == Clock::Ticks { Clock::Ticks } else { Clock::TimeoutOrder };
    let options = RunOptions {
        clock,
        threads: std::thread::available_parallelism().map_or(1, Into::into),
        max_depth: limits.depth,
        max_states: limits.states,
        max_bytes: limits.memory_mib.map(|mib| mib << 20),
        time_limit: limits.seconds.map(std::time::Duration::from_secs),
        cancel: None,
        stop_at_first: true,
    };
    let (answer, _) = subject.search(&options, &mut |_| {})?;
    match best(&subject.head, &answer) {
        Some((claim, found)) => Ok((clock, claim, found.clone())),
        None => Err(Error::words(format!("{path}: nothing is refuted, so there is no counterexample to report"))),
    }
}
