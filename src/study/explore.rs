//! A path through a model of any protocol, chosen step by step: where it leads, and what can happen next, as text.
//!
//! A step is the text of an action, with ` ~2` behind it for its outcome number 2, counted from 0: new deadlines may fall
//! in several places of the order, and each is an outcome of its own. `tick` lets time pass to the next instant that can be
//! told apart. Nothing is remembered between two questions: the path is all there is.

use crate::answer::Times;
use crate::protocol::{Claim, Model, Protocol};
use crate::space::{Happening, ProtocolSpace};
use crate::timed_space::{TimedSpace, WITNESSES};
use crate::times::realise_to;
use dhcpfo_claims::Entry;
use dhcpfo_clock::length::Length;
use dhcpfo_clock::{Moment, Order, Place};
use dhcpfo_search::onwards::{Bounds, Found, Wanted, onwards};
use dhcpfo_search::space::{Edge, Space};
use dhcpfo_search::trace;
use dhcpfo_time::{Kind, Standing, Time, Times as _};
use std::collections::BTreeSet;

/// Most steps of a path.
pub const MOST: usize = 2_000;

/// Longest path that is given times: constraints grow with the square of its length.
pub const LONGEST: usize = 400;

/// Lines of a state: who, and what is to be said of it.
pub type Lines = Vec<(String, String)>;

/// What is seen from the end of a path.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The steps that could be taken.
    pub steps: Vec<Taken>,
    /// The first step that could not be taken.
    pub unfit: Option<Unfit>,
    /// How things stand.
    pub lines: Lines,
    /// How they stood before the last step.
    pub before: Option<Lines>,
    /// The labels of the instants that lie ahead, in their order, `now` first.
    pub order: Vec<String>,
    /// The claims of the model.
    pub claims: Vec<Light>,
    /// The witnesses of the protocol.
    pub witnesses: Vec<Light>,
    /// What can happen next.
    pub offers: Vec<Offer>,
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Its text.
    pub text: String,
    /// Lines that it changed.
    pub changes: Lines,
    /// Claims that are violated after it and were not before.
    pub refuted: Vec<&'static str>,
}

/// Why a step of a path could not be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// The step, counted from 1.
    pub number: usize,
    /// Its text.
    pub text: String,
    /// What is wrong with it.
    pub problem: String,
}

/// A claim or a witness, and since when it is violated, or reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Light {
    /// Its name, what it says, and the rest.
    pub entry: &'static Entry,
    /// It is so at the end.
    pub now: bool,
    /// The number of the first step after which it was so; 0 is the beginning.
    pub since: Option<usize>,
}

/// An action that can happen next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its text.
    pub text: String,
    /// Each order in which its new deadlines may fall.
    pub outcomes: Vec<Outcome>,
}

/// One outcome of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The step that takes it.
    pub step: String,
    /// Lines that it changes.
    pub changes: Lines,
    /// Claims that are violated after it and are not now.
    pub refutes: Vec<&'static str>,
}

/// A path with its times.
#[derive(Clone, Debug, PartialEq)]
pub struct Timetable {
    /// The instant of each step, ticks included; None for ticks.
    pub at: Vec<Option<Length>>,
    /// When it ends.
    pub end: Length,
}

type At<P> = Moment<<P as dhcpfo_clock::Timed>::State, dhcpfo_clock::Known>;
type World<'a, P> = ProtocolSpace<'a, P, Order>;

/// A path that was followed as far as it fits.
struct Walk<'a, P: Protocol> {
    space: World<'a, P>,
    model: &'a Model<P>,
    start: At<P>,
    steps: Vec<trace::Step<World<'a, P>>>,
    unfit: Option<Unfit>,
}

fn text_of<A: std::fmt::Display>(edge: &Edge<A>) -> String {
    if edge.choice > 0 { format!("{} ~{}", edge.action, edge.choice) } else { edge.action.to_string() }
}

impl<'a, P: Protocol> Walk<'a, P> {
    fn along(model: &'a Model<P>, path: &[String]) -> Walk<'a, P> {
        let space = ProtocolSpace::new(model, model.lengths.order());
        let start = dhcpfo_clock::start(&model.system, &mut space.clock().clone(), model.system.initial());
        let mut walk = Walk { space, model, start, steps: Vec::new(), unfit: None };
        for (index, text) in path.iter().enumerate() {
            if let Err(problem) =
                if index < MOST { walk.go(text) } else { Err(format!("a path has at most {MOST} steps")) }
            {
                let text = text.chars().take(200).collect();
                walk.unfit = Some(Unfit { number: index + 1, text, problem });
                break;
            }
        }
        walk
    }

    fn end(&self) -> &At<P> {
        self.steps.last().map_or(&self.start, |step| &step.state)
    }

    /// Everything that can happen at the end, in the order of the search.
    fn next(&self) -> Vec<trace::Step<World<'a, P>>> {
        let mut all: Vec<trace::Step<World<'a, P>>> = Vec::new();
        self.space.each_successor(&mut self.space.scratch(), self.end(), &mut |edge, state| {
            // What is offered twice has the same outcomes each time.
            if !all.iter().any(|known| known.edge.action == edge.action && known.edge.choice == edge.choice) {
                all.push(trace::Step { edge, state: state.clone() });
            }
        });
        all
    }

    fn go(&mut self, text: &str) -> Result<(), String> {
        let wanted = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let wanted = wanted.strip_suffix(" ~0").unwrap_or(&wanted);
        let mut next = self.next();
        match next.iter().position(|step| text_of(&step.edge) == wanted) {
            Some(place) => {
                self.steps.push(next.swap_remove(place));
                Ok(())
            }
            None => {
                let offered: BTreeSet<String> = next.iter().map(|step| text_of(&step.edge)).collect();
                let offered: Vec<String> = offered.into_iter().take(20).collect();
                Err(match offered.is_empty() {
                    true => "nothing can happen there".to_owned(),
                    false => format!("it is not enabled there; these are: {}", offered.join(", ")),
                })
            }
        }
    }

    fn lines(&self, moment: &At<P>) -> Lines {
        let label = |time: Time| Place::of(time, moment.now).label().unwrap_or_else(|| "over".to_owned());
        self.model.system.describe(&moment.state, &label)
    }

    fn violated(&self, moment: &At<P>) -> Vec<&'static str> {
        let Model { system, claims, .. } = self.model;
        claims
            .iter()
            .filter(|claim| !(claim.holds)(system, &moment.state, &Standing(moment.now)))
            .map(|claim| claim.entry.name)
            .collect()
    }

    fn moments(&self) -> impl Iterator<Item = &At<P>> {
        std::iter::once(&self.start).chain(self.steps.iter().map(|step| &step.state))
    }

    fn taken(&self) -> Vec<Taken> {
        self.moments()
            .zip(&self.steps)
            .map(|(before, step)| {
                let was = self.violated(before);
                let mut refuted = self.violated(&step.state);
                refuted.retain(|name| !was.contains(name));
                let changes = changed(&self.lines(before), self.lines(&step.state));
                Taken { text: text_of(&step.edge), changes, refuted }
            })
            .collect()
    }

    fn lights(&self, all: &[Claim<P>], sought: bool) -> Vec<Light> {
        let system = &self.model.system;
        let light = |claim: &Claim<P>| {
            let is = |moment: &At<P>| (claim.holds)(system, &moment.state, &Standing(moment.now)) == sought;
            Light { entry: claim.entry, now: is(self.end()), since: self.moments().position(is) }
        };
        all.iter().map(light).collect()
    }

    fn order(&self) -> Vec<String> {
        let (mut state, now) = (self.end().state.clone(), self.end().now);
        let mut places = BTreeSet::from([Place::Ahead(0)]);
        state.times(&mut |time: &mut Time, _: Kind| {
            places.insert(Place::of(*time, now));
        });
        places.into_iter().filter_map(Place::label).collect()
    }

    fn offers(&self) -> Vec<Offer> {
        let (lines, was) = (self.lines(self.end()), self.violated(self.end()));
        let mut offers: Vec<Offer> = Vec::new();
        for step in self.next() {
            let mut refutes = self.violated(&step.state);
            refutes.retain(|name| !was.contains(name));
            let changes = changed(&lines, self.lines(&step.state));
            let outcome = Outcome { step: text_of(&step.edge), changes, refutes };
            let text = step.edge.action.to_string();
            match offers.iter_mut().find(|offer| offer.text == text) {
                Some(offer) => offer.outcomes.push(outcome),
                None => offers.push(Offer { text, outcomes: vec![outcome] }),
            }
        }
        offers
    }
}

/// The lines of `after` that are not in `before`.
fn changed(before: &Lines, after: Lines) -> Lines {
    after.into_iter().filter(|line| !before.contains(line)).collect()
}

/// What is seen from the end of a path.
pub fn follow<P: Protocol>(model: &Model<P>, path: &[String]) -> Sight {
    let walk = Walk::along(model, path);
    let before = walk.steps.len().checked_sub(1).and_then(|last| walk.moments().nth(last));
    Sight {
        steps: walk.taken(),
        unfit: walk.unfit.clone(),
        lines: walk.lines(walk.end()),
        before: before.map(|moment| walk.lines(moment)),
        order: walk.order(),
        claims: walk.lights(&model.claims, false),
        witnesses: walk.lights(P::WITNESSES, true),
        offers: walk.offers(),
    }
}

/// Searches on from the end of a path: for a claim to be violated or a witness to be reached, by name; an empty name is any
/// claim that is not violated there already.
///
/// # Errors
/// There is no such claim or witness.
pub fn find<P: Protocol>(
    model: &Model<P>,
    path: &[String],
    name: &str,
    bounds: &Bounds<'_>,
) -> Result<Found<String>, String> {
    let walk = Walk::along(model, path);
    let violated = walk.violated(walk.end());
    let system = &model.system;
    let is_reached;
    let wanted = if name.is_empty() {
        let open = model.claims.iter().enumerate().filter(|(_, claim)| !violated.contains(&claim.entry.name));
        Wanted::Flags(open.map(|(bit, _)| 1 << bit).sum())
    } else if let Some(bit) = model.claims.iter().position(|claim| claim.entry.name == name) {
        debug_assert!(bit < WITNESSES as usize);
        Wanted::Flags(1 << bit)
    } else if let Some(witness) = P::WITNESSES.iter().find(|witness| witness.entry.name == name) {
        is_reached = move |moment: &At<P>| (witness.holds)(system, &moment.state, &Standing(moment.now));
        Wanted::State(&is_reached)
    } else {
        let names = model.claims.iter().chain(P::WITNESSES).map(|one| one.entry.name);
        return Err(format!("there is no `{name}` here; accepted: {}", names.collect::<Vec<_>>().join(", ")));
    };
    Ok(match onwards(&walk.space, walk.end(), &wanted, None, bounds) {
        Found::Path(edges) => Found::Path(edges.iter().map(text_of).collect()),
        Found::None { states } => Found::None { states },
        Found::CutOff { bound, states } => Found::CutOff { bound, states },
    })
}

/// A path that has the actions of a script in their order, and violates these claims; time passes between them where it
/// has to. None: there is none, or it was not found.
pub fn path_of<P: Protocol>(model: &Model<P>, actions: &[String], refutes: &[String]) -> Option<Vec<String>> {
    let empty = Walk::along(model, &[]);
    let space = &empty.space;
    let mut all = vec![(empty.start.clone(), Vec::new())];
    for action in actions {
        with_ticks(space, &mut all);
        let mut next = Vec::new();
        for (moment, path) in &all {
            space.each_successor(&mut space.scratch(), moment, &mut |edge, after| {
                if edge.action.to_string() == *action {
                    next.push((after.clone(), longer(path, text_of(&edge))));
                }
            });
        }
        distinct(space, &mut next);
        all = next;
    }
    with_ticks(space, &mut all);
    let violates = |moment: &At<P>| refutes.iter().all(|name| empty.violated(moment).contains(&name.as_str()));
    let mut right = all.iter().filter(|(moment, _)| violates(moment)).map(|(_, path)| path).take(MOST_TIMED);
    // One that the model's lengths allow, as the script does.
    let timed = right.clone().find(|path| timetable(model, path).is_ok());
    timed.or_else(|| right.next()).or(all.first().map(|(_, path)| path)).cloned()
}

/// Most paths that are tried with the model's lengths.
const MOST_TIMED: usize = 64;

/// Most paths that are followed at a time.
const MOST_PATHS: usize = 2_000;

fn longer(path: &[String], step: String) -> Vec<String> {
    path.iter().cloned().chain([step]).collect()
}

/// Adds where passages of time lead.
fn with_ticks<P: Protocol>(space: &World<'_, P>, all: &mut Vec<(At<P>, Vec<String>)>) {
    let mut at = 0;
    while at < all.len().min(MOST_PATHS) {
        let (moment, path) = all[at].clone();
        space.each_successor(&mut space.scratch(), &moment, &mut |edge, after| {
            if matches!(edge.action, Happening::Tick) && !all.iter().any(|(known, _)| known == after) {
                all.push((after.clone(), longer(&path, text_of(&edge))));
            }
        });
        at += 1;
    }
}

/// Leaves one path to each state.
fn distinct<P: Protocol>(space: &World<'_, P>, all: &mut Vec<(At<P>, Vec<String>)>) {
    let (mut seen, mut scratch) = (BTreeSet::new(), space.scratch());
    all.retain(|(moment, _)| {
        let mut octets = Vec::new();
        space.encode(&mut scratch, moment, &mut octets);
        seen.insert(octets)
    });
    all.truncate(MOST_PATHS);
}

fn without_times<P: Protocol>(state: &P::State) -> P::State {
    let mut state = state.clone();
    state.times(&mut |time, _| *time = Time::LONG_AGO);
    state
}

/// Gives a path its times, for the model's lengths in seconds.
///
/// # Errors
/// There are none; why.
pub fn timetable<P: Protocol>(model: &Model<P>, path: &[String]) -> Result<Timetable, String> {
    let walk = Walk::along(model, path);
    if walk.steps.len() > LONGEST {
        return Err(format!("paths of more than {LONGEST} steps are not given times"));
    }
    let length = |seconds: f64| Length::nearest(seconds).ok_or_else(|| "it takes too long".to_owned());
    let acts = walk.steps.iter().filter(|step| !matches!(step.edge.action, Happening::Tick)).count();
    // A run in which times fall otherwise has to come to the same state.
    let end = without_times::<P>(&walk.end().state);
    let arrived = |state: &P::State, _| without_times::<P>(state) == end;
    match realise_to(&walk.space, &walk.space.beginning(), &walk.steps, arrived) {
        Times::Realised { actions, .. } if actions.len() < acts => Err("no run of these actions was found".to_owned()),
        Times::Realised { actions, end } => {
            let mut instants = actions.into_iter().map(|(at, _)| length(at));
            let at = walk.steps.iter().map(|step| match step.edge.action {
                Happening::Tick => Ok(None),
                Happening::Act(_) => instants.next().transpose(),
            });
            Ok(Timetable { at: at.collect::<Result<_, String>>()?, end: length(end)? })
        }
        Times::Unrealisable(why) => Err(why),
        Times::NotNeeded | Times::Untimed(_) => Err("it has none".to_owned()),
    }
}
