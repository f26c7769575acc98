//! A scenario, which has times, as a path under the order of deadlines: the same actions, each with the outcome whose
//! deadlines stand in the order that the scenario's times have.

use crate::path::{MOST, Step};
use crate::walk::{Walk, outcomes};
use dhcpfo_clock::Timed;
use dhcpfo_files::ScenarioFile;
use dhcpfo_time::{Kind, Standing, Time, Times};
use dhcpfo_world::action::Action;
use dhcpfo_world::model::Model;
use dhcpfo_world::play::{self, Entry};
use dhcpfo_world::system::System;

/// Most instants between two actions that are told apart.
const MOST_TICKS: usize = 256;

/// The path of a scenario, and what could not be followed.
pub fn path_of(model: &Model, file: &ScenarioFile) -> (Vec<String>, Option<String>) {
    let mut entries = Vec::new();
    let result = play::perform(&file.model.model, file.lengths, &file.script, &mut |entry| entries.push(entry));
    let mut walk = Walk::new(model);
    let mut problem = result.err().map(|stop| {
        let line = file.lines.get(stop.line).copied().unwrap_or(0);
        format!("{}:{line}: {}", file.path, stop.refusal)
    });
    for entry in &entries {
        let followed = match entry {
            Entry::Step(step) => act(&mut walk, step.action, &step.after),
            Entry::Passage(passage) => pass(&mut walk, &passage.after),
            Entry::Begin(..) | Entry::Comment(_) | Entry::Checked { .. } => Ok(()),
        };
        if let Err(why) = followed {
            problem = Some(why);
            break;
        }
    }
    (walk.taken.iter().map(|taken| taken.step.to_string()).collect(), problem)
}

fn act(walk: &mut Walk<'_>, action: Action, after: &play::Moment) -> Result<(), String> {
    let wanted = live(walk.model, &after.system, after.now);
    let all = outcomes(walk.model, &mut walk.order, &walk.end, action);
    let apart = |outcome: &crate::walk::Outcome| {
        disagreements(&live(walk.model, &outcome.after.state, outcome.after.now), &wanted)
    };
    // Times that are not compared any more may be remembered differently: the nearest outcome stands for all.
    let choice = (0_u16..).zip(&all).min_by_key(|(_, outcome)| apart(outcome)).map_or(0, |(choice, _)| choice);
    walk.go(Step { action, choice }).map_err(|why| format!("`{action}` could not be followed: {why}"))
}

/// Lets time pass until the deadlines stand as they do there, or come nearest to it.
fn pass(walk: &mut Walk<'_>, after: &play::Moment) -> Result<(), String> {
    let wanted = live(walk.model, &after.system, after.now);
    let (mut moment, mut best, mut ticks) = (walk.end.clone(), usize::MAX, 0);
    for number in 0..=MOST_TICKS {
        let apart = disagreements(&live(walk.model, &moment.state, moment.now), &wanted);
        if apart < best {
            (best, ticks) = (apart, number);
        }
        match dhcpfo_clock::tick(walk.model, &mut walk.order, &moment) {
            Some(next) if best > 0 => moment = next,
            _ => break,
        }
    }
    for _ in 0..ticks {
        if walk.taken.len() >= MOST {
            return Err(format!("a path has at most {MOST} steps"));
        }
        walk.go(Step::TICK)?;
    }
    Ok(())
}

/// All times in the order in which they are visited, what has passed as 0; the first is now.
fn live(model: &Model, system: &System, now: Time) -> Vec<u32> {
    let mut system = system.clone();
    system.times(&mut |time, kind| {
        if *time != Time::SOMETIME
            && time.raw() < now.raw()
            && matches!(kind, Kind::Deadline | Kind::Limit | Kind::Timer)
        {
            *time = Time::LONG_AGO;
        }
    });
    model.settle(&mut system, &Standing(now));
    model.tidy(&mut system);
    let mut times = vec![now.raw()];
    // An age that is now keeps now apart from just after it.
    system.times(&mut |time, _| times.push(if time.raw() >= now.raw() { time.raw() } else { 0 }));
    times
}

/// How many pairs of times stand otherwise here than there. What is due, and what has passed, weighs more.
fn disagreements(here: &[u32], there: &[u32]) -> usize {
    const DUE: usize = 1_000;
    let mut count = 0;
    for (i, (a, b)) in here.iter().zip(there).enumerate() {
        for (j, (c, d)) in here.iter().zip(there).enumerate().skip(i + 1) {
            if a.cmp(c) != b.cmp(d) {
                count += if i == 0 && j > 0 { DUE } else { 1 };
            }
        }
    }
    count
}
