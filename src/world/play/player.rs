//! A model played under a wall clock, action by action, with everything that a transcript needs.

use super::wall::{Scale, Wall};
use crate::action::{Action, What};
use crate::budget::{Budgets, Item};
use crate::claim::{Check, Effects, View};
use crate::clients::Body;
use crate::link::Link;
use crate::model::Model;
use crate::rename::rename_effect;
use crate::system::System;
use dhcpfo_clock::length::Length;
use dhcpfo_clock::{Timed, Values};
use dhcpfo_engine::effect::Effect;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::Role;
use dhcpfo_time::{Clock, Time, Times};

/// Most deliveries of one [`Player::settle`].
const MOST_DELIVERIES: usize = 1_000;

/// A state at an instant.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The state.
    pub system: System,
    /// The present instant.
    pub now: Time,
}

/// What an action did.
#[derive(Clone, Debug)]
pub struct Step {
    /// The action.
    pub action: Action,
    /// The message that was delivered.
    pub received: Option<(Role, Message)>,
    /// What each server did, in order, as far as it came.
    pub effects: Vec<(Role, Effect)>,
    /// What was under way to a server and will never be read.
    pub lost: Vec<(Role, Message)>,
    /// The state before.
    pub before: Moment,
    /// The state after, at the same instant.
    pub after: Moment,
    /// The claims that it violated and that were not violated just before.
    pub refuted: Vec<&'static str>,
}

impl Step {
    /// What an action did that led from one state to another, `effects` being what its server says it did.
    pub fn seen(action: Action, effects: &[Effect], before: Moment, after: Moment, refuted: Vec<&'static str>) -> Step {
        let received = match action.what {
            What::Deliver(role) => before.system.link.head(role).map(|message| (role, *message)),
            _ => None,
        };
        let lost = lost(&before.system.link, &after.system.link, received.map(|(role, _)| role));
        let effects = told(action, effects, &after.system.link);
        Step { action, received, effects, lost, before, after, refuted }
    }
}

/// Time that passed.
#[derive(Clone, Debug)]
pub struct Passage {
    /// The state before.
    pub before: Moment,
    /// The state after: leases whose end has come are gone.
    pub after: Moment,
    /// The claims that were violated on the way, each with the first instant.
    pub refuted: Vec<(&'static str, Time)>,
}

/// Why something cannot be done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The action is not enabled, or would change nothing; these are the ones that can be done.
    NotEnabled(Vec<Action>),
    /// It is beyond what the model allows, and so beyond any search of it: nothing is left of these budgets.
    NoBudget(Vec<&'static str>),
    /// Time may not pass before one of these has been done.
    NotYet(Vec<Action>),
    /// The instant has gone by.
    Past,
    /// The instant is too far from the beginning, or falls between two parts of a second.
    TooFar,
    /// More would be in flight than the world has room for.
    NoRoom,
    /// Deliveries without end.
    NeverQuiet,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Refusal::NoBudget(names) => {
                let names = names.join(" and of ");
                return write!(f, "it is beyond the search: nothing is left of the model's budget of {names}");
            }
            Refusal::NotEnabled(_) => "it is not enabled",
            Refusal::NotYet(_) => "time may not pass while something else has to happen first",
            Refusal::Past => "that instant has gone by",
            Refusal::TooFar => "that is too long after the beginning",
            Refusal::NoRoom => "more would be in flight than the world has room for",
            Refusal::NeverQuiet => "deliveries without end",
        })
    }
}

/// A model being played.
#[derive(Clone, Debug)]
pub struct Player<'a> {
    model: &'a Model,
    system: System,
    wall: Wall,
    /// Claims about states that are violated now, by number.
    violated: u32,
    refuted: Vec<&'static str>,
}

impl<'a> Player<'a> {
    /// The beginning of `model`, its lengths of time being `values` seconds.
    pub fn new(model: &'a Model, values: Values, scale: Scale) -> Player<'a> {
        let mut system = System::initial(model);
        let wall = Wall::new(values, model.lengths.free, scale);
        let now = wall.now();
        // What begins in the initial state begins now.
        system.times(&mut |time, _| {
            if *time == dhcpfo_clock::START {
                *time = now;
            }
        });
        model.settle(&mut system, &wall);
        let mut player = Player { model, system, wall, violated: 0, refuted: Vec::new() };
        let violated = player.note_states();
        player.note(&violated);
        player
    }

    /// The model.
    pub fn model(&self) -> &'a Model {
        self.model
    }

    /// How the numbers of its times are to be read.
    pub fn scale(&self) -> Scale {
        self.wall.scale()
    }

    /// The state at this instant.
    pub fn moment(&self) -> Moment {
        Moment { system: self.system.clone(), now: self.wall.now() }
    }

    /// The claims that have been refuted so far, in that order.
    pub fn refuted(&self) -> &[&'static str] {
        &self.refuted
    }

    /// Everything that can be done now, but for crashes in the middle of a step, in a fixed order.
    pub fn enabled(&self) -> Vec<Action> {
        let mut enabled: Vec<Action> = Vec::new();
        self.model.candidates(&self.system, &self.wall, &mut |what| {
            let action = Action::of(what);
            if !enabled.contains(&action) && self.attempt(action).is_some() {
                enabled.push(action);
            }
        });
        enabled
    }

    fn attempt(&self, action: Action) -> Option<(System, Effects)> {
        let (mut system, mut effects) = (self.system.clone(), Effects::new_const());
        let done = self.model.carry_out(&mut system, action, &mut self.wall.clone(), &mut effects);
        done.then_some((system, effects))
    }

    /// Does one thing.
    pub fn act(&mut self, action: Action) -> Result<Step, Refusal> {
        let Some((mut system, effects)) = self.attempt(action) else {
            let lacking = self.lacking(action);
            return Err(match lacking.is_empty() {
                true => Refusal::NotEnabled(self.instead_of(action)),
                false => Refusal::NoBudget(lacking),
            });
        };
        if system.overflow {
            return Err(Refusal::NoRoom);
        }
        self.model.settle(&mut system, &self.wall);
        let broken = std::mem::take(&mut system.broken);
        let before = self.moment();
        self.system = system;
        self.drop_ended_leases();
        let mut refuted = self.names(broken);
        refuted.extend(self.note_states());
        self.note(&refuted);
        Ok(Step::seen(action, &effects, before, self.moment(), refuted))
    }

    /// The budgets but for which the action could be done now.
    fn lacking(&self, action: Action) -> Vec<&'static str> {
        let is_enabled_without = |spent: Option<Item>| {
            let mut player = self.clone();
            for (item, _) in Item::WORDS.into_iter().filter(|(item, _)| spent != Some(*item)) {
                player.system.budgets = player.system.budgets.with(item, Budgets::UNLIMITED);
            }
            player.attempt(action).is_some()
        };
        if !is_enabled_without(None) {
            return Vec::new();
        }
        let spent = Item::WORDS.into_iter().filter(|(item, _)| self.system.budgets.left(*item) == 0);
        spent.filter(|(item, _)| !is_enabled_without(Some(*item))).map(|(_, name)| name).collect()
    }

    /// What can be done instead: for a crash in the middle of a step, the places where it can fall.
    fn instead_of(&self, action: Action) -> Vec<Action> {
        let places = (1..=u8::MAX).map(|count| Action { crash_after: Some(count), ..action });
        let crashes = places.take_while(|_| action.crash_after.is_some()).take(64);
        let mut instead: Vec<Action> = crashes.filter(|action| self.attempt(*action).is_some()).collect();
        if instead.is_empty() {
            instead = self.enabled();
        }
        instead
    }

    /// Lets time pass until so long after the beginning, and looks at the claims at every instant between that a
    /// time of the state marks.
    pub fn advance(&mut self, to: Length) -> Result<Passage, Refusal> {
        let to = self.scale().time(to).ok_or(Refusal::TooFar)?;
        if self.wall.before(to, self.wall.now()) {
            return Err(Refusal::Past);
        }
        let (before, mut refuted) = (self.moment(), Vec::new());
        while self.wall.before(self.wall.now(), to) {
            if !self.system.time_may_pass(self.model, &self.wall) {
                let urgent = |action: &Action| matches!(action.what, What::Deliver(_) | What::Notice(_));
                let first = self.enabled().into_iter().filter(urgent).collect();
                self.system = before.system;
                self.wall.set(before.now);
                return Err(Refusal::NotYet(first));
            }
            let next = self.next_mark().filter(|mark| self.wall.before(*mark, to)).unwrap_or(to);
            self.wall.set(next);
            self.drop_ended_leases();
            refuted.extend(self.note_states().into_iter().map(|name| (name, next)));
        }
        let names: Vec<&'static str> = refuted.iter().map(|(name, _)| *name).collect();
        self.note(&names);
        Ok(Passage { before, after: self.moment(), refuted })
    }

    /// The next instant at which a comparison with a time of the state turns out differently.
    fn next_mark(&self) -> Option<Time> {
        let (now, mut next) = (self.wall.now(), None::<u32>);
        self.system.clone().times(&mut |time, _| {
            if *time != Time::SOMETIME && time.raw() >= now.raw() {
                // At the instant itself, and just after it.
                let mark = if time.raw() > now.raw() { time.raw() } else { time.raw() + 1 };
                next = Some(next.map_or(mark, |next| next.min(mark)));
            }
        });
        next.map(Time::from_raw)
    }

    /// The next instant after now that a time of the state marks, as a length since the beginning.
    pub fn next_instant(&self) -> Option<Length> {
        self.scale().since(self.next_mark()?)
    }

    /// Delivers what is in flight, to the primary and the secondary in turn, then packets between clients and
    /// servers in the order in which they were sent, until nothing is.
    pub fn settle(&mut self, done: &mut dyn FnMut(Step)) -> Result<(), Refusal> {
        for _ in 0..MOST_DELIVERIES {
            let mut quiet = true;
            for role in Role::ALL {
                let waiting = self.system.server(role).is_connected() && self.system.link.head(role).is_some();
                if waiting {
                    done(self.act(Action::of(What::Deliver(role)))?);
                    quiet = false;
                }
            }
            if quiet {
                let network = &self.system.network;
                let Some(packet) = network.first().map(|packet| packet.named(network, &self.wall)) else {
                    return Ok(());
                };
                done(self.act(Action::of(What::Arrive(packet)))?);
            }
        }
        Err(Refusal::NeverQuiet)
    }

    /// A client stops using an address when its lease ends.
    fn drop_ended_leases(&mut self) {
        for client in &mut self.system.clients {
            for lease in client.lease.iter_mut().chain(&mut client.other).filter(|lease| self.wall.passed(lease.ends)) {
                lease.ends = Time::LONG_AGO;
            }
            client.settle();
        }
    }

    /// Looks at the claims about states; tells those that are violated and were not before.
    fn note_states(&mut self) -> Vec<&'static str> {
        let view = View { model: self.model, system: &self.system, clock: &self.wall };
        let mut violated = 0;
        for (bit, claim) in self.model.claims.iter().enumerate() {
            if let Check::State(holds) = claim.check {
                violated |= u32::from(!holds(&view)) << bit;
            }
        }
        let new = violated & !self.violated;
        self.violated = violated;
        self.names(new)
    }

    fn names(&self, bits: u32) -> Vec<&'static str> {
        let claims = self.model.claims.iter().enumerate();
        claims.filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, claim)| claim.entry.name).collect()
    }

    fn note(&mut self, names: &[&'static str]) {
        for name in names {
            if !self.refuted.contains(name) {
                self.refuted.push(name);
            }
        }
    }
}

/// The server that takes the stimulus of an action.
fn server_of(action: Action) -> Option<Role> {
    match action.what {
        What::Wake(role)
        | What::Over(_, role)
        | What::Deliver(role)
        | What::Notice(role)
        | What::Restart(role)
        | What::RestartChanged(role)
        | What::Operator(role, _)
        | What::Client { server: Some(role), .. } => Some(role),
        What::Arrive(packet) if matches!(packet.body, Body::Ask(_)) => Some(packet.server),
        _ => None,
    }
}

/// The effects with whose they are, under the addresses' own numbers.
fn told(action: Action, effects: &[Effect], link: &Link) -> Vec<(Role, Effect)> {
    if matches!(action.what, What::Connect | What::Reconnect) {
        // Both ends said their STATE; what they said lies on the new connection.
        let from =
            |role: Role| link.towards[role.partner().index()].iter().map(move |m| (role, Effect::Send(m.message)));
        return Role::ALL.into_iter().rev().flat_map(from).collect();
    }
    let Some(role) = server_of(action) else { return Vec::new() };
    let own = |effect: &Effect| match action.places {
        Some(places) => rename_effect(*effect, |place| places.address(place)),
        None => *effect,
    };
    effects.iter().map(|effect| (role, own(effect))).collect()
}

/// What was under way before, is not any more, and was not the message that was just read.
fn lost(before: &Link, after: &Link, read: Option<Role>) -> Vec<(Role, Message)> {
    let mut lost = Vec::new();
    for role in Role::ALL {
        let mut left = after.towards[role.index()].clone();
        for flying in before.towards[role.index()].iter().skip(usize::from(read == Some(role))) {
            match left.iter().position(|other| other.message == flying.message) {
                Some(place) => {
                    left.remove(place);
                }
                None => lost.push((role, flying.message)),
            }
        }
    }
    lost
}
