//! A toy lease pair: one address, a server that leases it and tells its partner, and the partner, which leases it once the
//! server is dead and its lease is over.
//!
//! The partner stores until when the address is leased, as far as it was told. What it was not told is covered by a rest:
//! when the server dies, it waits at least as long as a lease can last that it has not heard of.

use dhcpfo_clock::Timed;
use dhcpfo_header::keys::Key;
use dhcpfo_header::section::Section;
use dhcpfo_study::words::{find, system_key};
use dhcpfo_study::{Claim, Entry, Fields, Length, Of, Protocol, Registry, Visit};
use dhcpfo_time::{Clock, Kind, Span, SpanWords, Time, Times};
use std::fmt;
use std::process::ExitCode;
use std::str::FromStr;

/// How long a lease is.
const LEASE: Span = Span(0);
/// How long the partner waits after the server's death.
const REST: Span = Span(1);

/// The pair, with its rules.
#[derive(Clone, Debug)]
struct Pair {
    /// The partner waits. False is a mutant.
    rests: bool,
}

/// Two clients, 0 at the server and 1 at the partner; until when each holds the address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct State {
    dead: bool,
    /// Until when the partner keeps its hands off.
    rest: Time,
    /// An update on its way: until when the address is leased.
    told: Option<Time>,
    held: [Time; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Lease,
    Deliver,
    Lose,
    Die,
    TakeOver,
}

const ACTIONS: [(Action, &str); 5] = [
    (Action::Lease, "server leases"),
    (Action::Deliver, "deliver update"),
    (Action::Lose, "lose update"),
    (Action::Die, "server dies"),
    (Action::TakeOver, "partner leases"),
];

impl Timed for Pair {
    type State = State;
    type Action = Action;

    fn step(&self, before: &State, state: &mut State, action: Action, clock: &mut dyn Clock) -> bool {
        let now = clock.now();
        match (action, before.told) {
            (Action::Lease, None) if !before.dead => {
                state.held[0] = clock.after(now, LEASE);
                state.told = Some(state.held[0]);
            }
            (Action::Deliver, Some(until)) => {
                state.told = None;
                state.rest = clock.later(clock.later(before.rest, until), now);
            }
            (Action::Lose, Some(_)) => state.told = None,
            (Action::Die, _) if !before.dead => {
                state.dead = true;
                state.told = None;
                if self.rests {
                    let rest = clock.after(now, REST);
                    state.rest = clock.later(before.rest, rest);
                }
            }
            (Action::TakeOver, _) if before.dead && clock.passed(before.rest) => state.held[1] = clock.after(now, LEASE),
            _ => return false,
        }
        true
    }

    fn settle(&self, _: &mut State, _: &dyn Clock) {}
}

impl Protocol for Pair {
    const NAME: &'static str = "toy-pair";
    const ABOUT: &'static str = "one address, a server that leases it, and a partner that takes over";
    const SPANS: &'static [Length] = &[
        Length {
            words: SpanWords { name: "lease", compared: Some("its end is compared with the end of rest") },
            small: 1,
            seconds: 3_600,
            about: "how long a lease is",
        },
        Length {
            words: SpanWords { name: "rest", compared: Some("its end is compared with the end of lease") },
            small: 2,
            seconds: 4_000,
            about: "how long the partner waits after the server's death",
        },
    ];
    const ORDER: &'static [(Span, Span)] = &[(LEASE, REST)];
    const CLAIMS: &'static [Claim<Pair>] = &[Claim {
        entry: &Entry {
            name: "no-duplicate-address",
            statement: "No two clients hold the address.",
            limits: "Clients that go on using it after its end.",
            occasion: "A client holds the address.",
            ..Entry::EMPTY
        },
        arises: |_, state, clock| state.held.iter().any(|until| !clock.passed(*until)),
        holds: |_, state, clock| state.held.iter().filter(|until| !clock.passed(**until)).count() <= 1,
    }];
    const WITNESSES: &'static [Claim<Pair>] = &[Claim::<Pair>::witness(
        &Entry::witness("taken-over", "The partner has leased the address."),
        |_, state, clock| !clock.passed(state.held[1]),
    )];

    fn keys() -> Vec<Key> {
        vec![system_key("rests", "true or false", "true", "the partner waits; false is a mutant")]
    }
    fn read(system: &Section<'_>) -> Pair {
        Pair { rests: system.flag("rests", true) }
    }
    fn initial(&self) -> State {
        State::default()
    }
    fn candidates(&self, _: &State, _: &dyn Clock, try_it: &mut impl FnMut(Action)) {
        ACTIONS.iter().for_each(|(action, _)| try_it(*action));
    }
    fn describe(&self, state: &State, time: &dyn Fn(Time) -> String) -> Vec<(String, String)> {
        let server = if state.dead { "dead" } else { "alive" };
        let told = state.told.map_or("none".to_owned(), time);
        let rows = [("server", server.to_owned()), ("update", told), ("partner rests until", time(state.rest))];
        let held = (0..2).map(|client| (format!("client {client} holds it until"), time(state.held[client])));
        rows.into_iter().map(|(who, what)| (who.to_owned(), what)).chain(held).collect()
    }
}

impl Fields for State {
    fn fields(&mut self, visit: &mut impl Visit) {
        visit.flag(&mut self.dead);
        visit.time(&mut self.rest, Kind::Deadline);
        let (mut told, mut until) = (self.told.is_some(), self.told.unwrap_or_default());
        visit.flag(&mut told);
        visit.time(&mut until, Kind::Deadline);
        self.told = told.then_some(until);
        self.held.iter_mut().for_each(|until| visit.time(until, Kind::Deadline));
    }
}

impl Times for State {
    fn times(&mut self, visit: &mut impl FnMut(&mut Time, Kind)) {
        dhcpfo_study::times(self, visit);
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ACTIONS.iter().find(|(action, _)| action == self).map_or("", |(_, text)| text))
    }
}

impl FromStr for Action {
    type Err = String;
    fn from_str(text: &str) -> Result<Action, String> {
        find(text, ACTIONS.map(|(action, _)| action), &ACTIONS.map(|(_, text)| text))
    }
}

static FAMILY: Of<Pair> = Of::new();
static ALL: Registry = Registry(&[&FAMILY]);

fn main() -> ExitCode {
    dhcpfo_study::command::main(ALL)
}
