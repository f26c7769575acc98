//! Counterexamples for people.

use crate::exit::Error;
use crate::output::{line, print, wrapped};
use crate::subject::Subject;
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
                steps(&found.path);
                reason.lines().for_each(|text| line(&format!("  {text}")));
            }
            Times::Realised { actions: timed, end } => {
                line(&format!("{} is refuted in {} {actions}:", claim.name, found.length));
                print(&wrapped("  ", claim.statement));
                timed.iter().enumerate().for_each(|(number, (seconds, action))| {
                    line(&format!("{:>4}  {:>11}  {action}", number + 1, clock(*seconds)));
                });
                if timed.last().is_some_and(|(last, _)| last < end) {
                    line(&format!("      {:>11}  (time passes until here)", clock(*end)));
                }
            }
            Times::Untimed(path) => {
                line(&format!("{} is refuted in {} steps of Stateright's actors:", claim.name, found.length));
                path.iter().enumerate().for_each(|(number, step)| line(&format!("{:>4}  {step}", number + 1)));
            }
            _ => {
                line(&format!("{} is refuted in {} {actions}:", claim.name, found.length));
                print(&wrapped("  ", claim.statement));
                steps(&found.path);
            }
        }
    }
}

/// The text of a passage of time.
pub(crate) const TICK: &str = "tick";

/// A path as it was found: where time passes, that is told.
fn steps(path: &[String]) {
    let mut number = 0;
    for action in path {
        if action == TICK {
            line("      (time passes)");
        } else {
            number += 1;
            line(&format!("{number:>4}  {action}"));
        }
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
