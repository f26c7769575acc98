//! A scenario, which has times, as a path under the order of deadlines: the same actions, each with the outcome whose
//! deadlines stand in the order that the scenario's times have.

use crate::path::{MOST, Step};
use crate::walk::{Walk, outcomes};
use dhcpfo_engine::time::{Kind, Time, Times};
use dhcpfo_files::ScenarioFile;
use dhcpfo_world::action::Action;
use dhcpfo_world::clock::{self, Timed};
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
    let wanted = shape(walk.model, &after.system, after.now);
    let all = outcomes(walk.model, &mut walk.order, &walk.end, action);
    let choice = all.iter().position(|outcome| shape(walk.model, &outcome.after.state, outcome.after.now) == wanted);
    // Times that are not compared any more may be remembered differently; then the first outcome stands for all.
    let choice = choice.unwrap_or(0) as u16;
    walk.go(Step { action, choice }).map_err(|why| format!("`{action}` could not be followed: {why}"))
}

/// Lets time pass until the deadlines stand as they do there.
fn pass(walk: &mut Walk<'_>, after: &play::Moment) -> Result<(), String> {
    let wanted = shape(walk.model, &after.system, after.now);
    let mut ticks = 0;
    let mut moment = walk.end.clone();
    for number in 0..=MOST_TICKS {
        if shape(walk.model, &moment.state, moment.now) == wanted {
            ticks = number;
            break;
        }
        match clock::tick(walk.model, &mut walk.order, &moment) {
            Some(next) => moment = next,
            None => {
                // Nothing is told apart beyond here.
                ticks = number;
                break;
            }
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

/// The places of all live times among each other, in the order in which they are visited; the first is that of now.
fn shape(model: &Model, system: &System, now: Time) -> Vec<usize> {
    let mut system = system.clone();
    system.times(&mut |time, kind| {
        if *time != Time::SOMETIME && *time < now && kind == Kind::Deadline {
            *time = Time::LONG_AGO;
        }
    });
    model.settle(&mut system);
    model.tidy(&mut system);
    let mut times = vec![now];
    system.times(&mut |time, kind| {
        let live = *time >= now && !matches!(kind, Kind::Age(_));
        times.push(if live { *time } else { Time::LONG_AGO });
    });
    let mut sorted = times.clone();
    sorted.sort_unstable();
    sorted.dedup();
    times.iter().map(|time| sorted.binary_search(time).unwrap_or(0)).collect()
}
