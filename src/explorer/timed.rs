//! Real times for a path: a schedule for the model's lengths in seconds, and the path played with it.

use crate::deadlines::{Place, named};
use crate::walk::Walk;
use dhcpfo_check::run::is_alike;
use dhcpfo_clock::concretise::{self, Question, Verdict};
use dhcpfo_report::rows::{self, Row};
use dhcpfo_report::words::Words;
use dhcpfo_world::play::{self, Length, Line, Order, Player, Refusal};
use dhcpfo_world::system::System;

/// Most states that the search for another placement of times goes through.
const MOST_STATES: usize = 5_000;

pub use dhcpfo_study::explore::LONGEST;

/// A path with its times.
pub struct Timetable {
    /// A row for each action, and for the instants at which claims are violated between.
    pub rows: Vec<Row>,
    /// The instant of each step of the walk, ticks included; None for ticks.
    pub at: Vec<Option<String>>,
    /// When it ends.
    pub end: String,
    /// The instant of each place ahead of now at the end: `t2` is `4+12:00:00`.
    pub places: Vec<(String, String)>,
    /// The script that plays it.
    pub script: Vec<Line>,
}

/// Gives a walk its times, if the model's lengths in seconds allow it.
pub fn timetable(walk: &Walk<'_>) -> Result<Timetable, String> {
    if walk.taken.len() > LONGEST {
        return Err(format!("paths of more than {LONGEST} steps are not given times"));
    }
    let path = walk.taken.iter().map(|taken| match taken.places {
        None => concretise::Step::Tick,
        Some(places) => concretise::Step::Act(taken.step.action, places),
    });
    let path: Vec<_> = path.collect();
    let acts = walk.taken.iter().filter(|taken| taken.places.is_some()).count();
    let initial = System::initial(walk.model);
    let question = Question {
        timed: walk.model,
        initial: &initial,
        values: walk.model.lengths.seconds,
        // A run in which times fall otherwise has to come to the same state.
        violated: |system: &System, now| is_alike(walk.model, system, now, &walk.end.state),
        most: MOST_STATES,
    };
    match concretise::concretise(&question, &mut walk.order.clone(), &path) {
        Verdict::Realised(run) if run.actions.len() < acts => Err("no run of these actions was found".to_owned()),
        Verdict::Realised(run) => played(walk, &run),
        Verdict::Unrealisable(reason) => Err(reason.to_string()),
    }
}

fn length(at: concretise::Instant) -> Option<Length> {
    Length::parts(u64::from(at.parts), at.per_unit)
        .or_else(|| Length::nearest(f64::from(at.parts) / f64::from(at.per_unit)))
}

fn played(walk: &Walk<'_>, run: &concretise::Run<dhcpfo_world::action::Action>) -> Result<Timetable, String> {
    let too_fine = || "its times are too fine to be played".to_owned();
    let line = |at, order| Line { at: Some(at), order, comment: String::new() };
    let mut script = Vec::new();
    for (action, at) in &run.actions {
        script.push(line(length(*at).ok_or_else(too_fine)?, Order::Act(*action)));
    }
    let end = length(run.end).ok_or_else(too_fine)?;
    script.push(line(end, Order::Nothing));
    let scale = play::scale(&script).ok_or_else(too_fine)?;
    let mut player = Player::new(walk.model, walk.model.lengths.seconds, scale);
    let mut rows = vec![Row {
        at: Some("0:00:00".to_owned()),
        stand: rows::stand(walk.model, &player.moment()),
        ..Row::default()
    }];
    for line in &script {
        let Some(at) = line.at else { continue };
        advance(walk, &mut player, at, &mut rows)?;
        if let Order::Act(action) = line.order {
            let step = player.act(action).map_err(|refusal| format!("`{action}` cannot be played: {refusal}"))?;
            let words = Words { scale, now: step.before.now };
            rows.push(rows::of_step(walk.model, words, Some(at.as_clock()), &step));
        }
    }
    let mut instants = run.actions.iter().filter_map(|(_, at)| length(*at).map(|at| at.as_clock()));
    let at = walk.taken.iter().map(|taken| taken.places.and_then(|_| instants.next())).collect();
    Ok(Timetable { rows, at, end: end.as_clock(), places: places(walk, &player), script })
}

fn advance(walk: &Walk<'_>, player: &mut Player<'_>, at: Length, rows: &mut Vec<Row>) -> Result<(), String> {
    let scale = player.scale();
    match player.advance(at) {
        Ok(passage) => {
            let names: Vec<String> = passage.refuted.iter().map(|(name, _)| (*name).to_owned()).collect();
            let row = rows::of_passage(walk.model, scale, Some(at.as_clock()), &passage.before, &passage.after, names);
            if passage.before.now != passage.after.now && (!row.refuted.is_empty() || !row.changes.is_empty()) {
                rows.push(row);
            }
            Ok(())
        }
        // Times that were spread for readability over what has to happen at one instant.
        Err(Refusal::NotYet(_) | Refusal::Past) => Ok(()),
        Err(refusal) => Err(refusal.to_string()),
    }
}

/// Pairs the named times of both states: they are visited in one order.
fn places(walk: &Walk<'_>, player: &Player<'_>) -> Vec<(String, String)> {
    let moment = player.moment();
    let real = named(walk.model, &moment.system);
    let mut places: Vec<(Place, String, String)> = Vec::new();
    for ((time, name, _), (at, other, _)) in named(walk.model, &walk.end.state).into_iter().zip(real) {
        let place = Place::of(time, walk.end.now);
        let since = player.scale().since(at).filter(|_| name == other);
        if let (Place::Ahead(_), Some(label), Some(since)) = (place, place.label(), since)
            && !places.iter().any(|(known, ..)| *known == place)
        {
            places.push((place, label, since.as_clock()));
        }
    }
    places.sort();
    places.into_iter().map(|(_, label, at)| (label, at)).collect()
}
