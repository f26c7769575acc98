//! One resource, a coordinator that grants it until an instant, and clients whose clocks differ from the coordinator's.
//!
//! A client asks; the coordinator grants until an instant *t* of its own clock, and stores that. It grants again only when
//! its clock shows *t* and a margin more. A client uses the resource until its own clock shows *t*, and does not
//! begin when it shows *t* already: a grant may come late. Time here is the coordinator's clock. A client's clock is
//! behind it by no more than `skew`, so that the client stops at *t* + `skew` at the latest; that a clock is ahead only
//! makes its client stop earlier, and it may stop at any time. So what is searched are all clocks that differ by up to
//! `skew`, constant or not. The claim holds for every `skew` shorter than `margin`.
//!
//! S. Umeno and N. Lynch name a resource-sharing protocol as the second case of timeout-order abstraction (CRTS 2009).
//! Its rules could not be had; these are our own.
#![deny(missing_docs)]

mod action;
mod claims;
mod state;

pub use action::Action;
pub use state::{CLIENTS, Client, GRANTS, Grant, State};

use dhcpfo_claims::Entry;
use dhcpfo_clock::Timed;
use dhcpfo_header::keys::Key;
use dhcpfo_header::section::Section;
use dhcpfo_study::words::system_key;
use dhcpfo_study::{Budget, Claim, Condition, LeadsTo, Length, Of, Protocol, renaming};
use dhcpfo_time::{Clock, Span, SpanWords, Time};

/// The door.
pub static FAMILY: Of<Sharing> = Of::new();

/// For how long the resource is granted.
pub const LEASE: Span = Span(0);
/// How far a client's clock may be behind the coordinator's.
pub const SKEW: Span = Span(1);
/// How much longer than what it granted the coordinator waits.
pub const MARGIN: Span = Span(2);

/// A coordinator and some clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sharing {
    /// Clients, from 2 to [`CLIENTS`].
    pub clients: u8,
    /// Most crashes of the coordinator; None: as many as it likes.
    pub crashes: Option<u8>,
    /// Most requests and grants that are lost; None: as many as may be.
    pub losses: Option<u8>,
    /// The coordinator waits for the margin. False is a mutant.
    pub waits: bool,
    /// A client looks at its clock when a grant comes. False is a mutant.
    pub looks: bool,
    /// The coordinator stores what it granted. False is a mutant.
    pub stores: bool,
}

impl Timed for Sharing {
    type State = State;
    type Action = Action;

    fn step(&self, _: &State, state: &mut State, action: Action, clock: &mut dyn Clock) -> bool {
        if action.client().is_some_and(|client| client >= self.clients) {
            return false;
        }
        match action {
            Action::Ask(client) => !std::mem::replace(&mut state.clients[usize::from(client)].asked, true),
            Action::LoseRequest(client) => {
                std::mem::take(&mut state.clients[usize::from(client)].asked) && spend(self.losses, &mut state.losses)
            }
            Action::Grant(client) => self.grant(state, client, clock),
            Action::Deliver(place) => match state.take(place) {
                Some(Grant { client, end }) => {
                    if !clock.passed(end) || !self.looks {
                        let client = &mut state.clients[usize::from(client)];
                        *client = Client { asked: client.asked, uses: true, end };
                    }
                    true
                }
                None => false,
            },
            Action::LoseGrant(place) => state.take(place).is_some() && spend(self.losses, &mut state.losses),
            Action::Stop(client) => std::mem::take(&mut state.clients[usize::from(client)].uses),
            Action::Crash => {
                if !self.stores {
                    state.granted_until = Time::LONG_AGO;
                }
                !std::mem::replace(&mut state.down, true) && spend(self.crashes, &mut state.crashes)
            }
            Action::Restart => std::mem::take(&mut state.down),
        }
    }

    fn settle(&self, state: &mut State, _: &dyn Clock) {
        for client in state.clients.iter_mut().filter(|client| !client.uses) {
            client.end = Time::LONG_AGO;
        }
    }

    /// A client stops in time.
    fn may_pass(&self, state: &State, clock: &dyn Clock) -> bool {
        state.clients.iter().all(|client| !client.uses || !clock.passed(client.end))
    }
}

/// Whether there may be one more of what is bounded; counts it. What nothing bounds is not counted.
fn spend(most: Option<u8>, been: &mut u8) -> bool {
    let Some(most) = most else { return true };
    *been += 1;
    *been <= most
}

impl Sharing {
    fn grant(&self, state: &mut State, client: u8, clock: &mut dyn Clock) -> bool {
        let now = clock.now();
        let asked = state.clients[usize::from(client)].asked;
        let Some(place) = state.grants.iter().position(Option::is_none) else { return false };
        if !asked || state.down || !clock.passed(state.granted_until) {
            return false;
        }
        let until = clock.after(now, LEASE);
        let end = clock.after(until, SKEW);
        state.granted_until = if self.waits { clock.after(until, MARGIN) } else { until };
        state.grants[place] = Some(Grant { client, end });
        state.clients[usize::from(client)].asked = false;
        true
    }
}

impl Protocol for Sharing {
    const NAME: &'static str = "resource-sharing";
    const ABOUT: &'static str = "one resource, granted until an instant to clients whose clocks differ";
    const SPANS: &'static [Length] = &[
        Length {
            words: SpanWords { name: "lease", compared: Some("skew and margin are counted from its end") },
            small: 3,
            seconds: 60,
            about: "for how long the resource is granted",
        },
        Length {
            words: SpanWords { name: "skew", compared: Some("no client uses the resource beyond it") },
            small: 1,
            seconds: 2,
            about: "how far a client's clock may be behind the coordinator's",
        },
        Length {
            words: SpanWords { name: "margin", compared: Some("its end is compared with the ends of skew") },
            small: 2,
            seconds: 5,
            about: "how much longer than what it granted the coordinator waits",
        },
    ];
    const ORDER: &'static [(Span, Span)] = &[(SKEW, MARGIN)];
    const BUDGETS: &'static [Budget<Sharing>] = &[
        Budget {
            key: "crashes",
            least: 0,
            of: |system| system.crashes,
            set: |system, amount| system.crashes = Some(amount),
        },
        Budget {
            key: "losses",
            least: 0,
            of: |system| system.losses,
            set: |system, amount| system.losses = Some(amount),
        },
    ];
    const CLAIMS: &'static [Claim<Sharing>] = &[
        Claim {
            entry: &claims::MUTUAL_EXCLUSION,
            arises: |_, state, _| state.users() > 0,
            holds: |_, state, _| state.users() <= 1,
        },
        Claim {
            entry: &claims::GRANTED_WHILE_USED,
            arises: |_, state, _| state.users() > 0,
            holds: |_, state, clock| state.users() == 0 || !clock.passed(state.granted_until),
        },
    ];
    const WITNESSES: &'static [Claim<Sharing>] = &[
        Claim::<Sharing>::witness(&Entry::witness("used", "A client uses the resource."), |_, state, _| {
            state.users() > 0
        }),
        Claim::<Sharing>::witness(
            &Entry::witness("late-grant", "A grant is on its way whose time is over on every clock."),
            |_, state, clock| state.grants.iter().flatten().any(|grant| clock.passed(grant.end)),
        ),
        Claim::<Sharing>::witness(
            &Entry::witness(
                "used-beside-late-grant",
                "A client uses the resource while an older grant is on its way to another.",
            ),
            |_, state, clock| {
                let uses = |client: u8| state.clients[usize::from(client)].uses;
                let late = |grant: &Grant| clock.passed(grant.end) && !uses(grant.client);
                state.users() > 0 && state.grants.iter().flatten().any(late)
            },
        ),
        Claim::<Sharing>::witness(
            &Entry::witness("used-while-down", "A client uses the resource while the coordinator is down."),
            |_, state, _| state.down && state.users() > 0,
        ),
    ];

    const RUNS: &'static [LeadsTo<Sharing>] = &[LeadsTo {
        entry: &claims::ASKED_THEN_USED,
        from: |_, state, _| state.clients.iter().any(|client| client.asked),
        to: |_, state, _| state.users() > 0,
    }];
    const CONDITIONS: &'static [Condition] = &[
        Condition { name: "requests", about: "some client asks", parts: 1 },
        Condition { name: "grants", about: "the coordinator grants the resource", parts: 1 },
        Condition { name: "deliveries", about: "some grant arrives", parts: 1 },
        Condition { name: "restarts", about: "the coordinator comes back", parts: 1 },
    ];

    /// Of some client, whichever: clients are alike.
    fn met_by(&self, action: &Action) -> Option<(&'static str, u32)> {
        match action {
            Action::Ask(_) => Some(("requests", 0)),
            Action::Grant(_) => Some(("grants", 0)),
            Action::Deliver(_) => Some(("deliveries", 0)),
            Action::Restart => Some(("restarts", 0)),
            Action::LoseRequest(_) | Action::LoseGrant(_) | Action::Stop(_) | Action::Crash => None,
        }
    }

    fn keys() -> Vec<Key> {
        vec![
            system_key("clients", "a number from 2 to 4", "2", "how many clients"),
            system_key("crashes", "a number from 0 to 9", "as many as it likes", "most crashes of the coordinator"),
            system_key("losses", "a number from 0 to 9", "as many as may be", "most requests and grants that are lost"),
            system_key("waits", "true or false", "true", "the coordinator waits for the margin; false is a mutant"),
            system_key(
                "looks",
                "true or false",
                "true",
                "a client looks at its clock when a grant comes; false is a mutant",
            ),
            system_key("stores", "true or false", "true", "the coordinator stores what it granted; false is a mutant"),
        ]
    }

    fn read(system: &Section<'_>) -> Sharing {
        let most = |name: &str| system.field(name).and_then(|field| field.number(0..=9)).map(|number| number as u8);
        Sharing {
            crashes: most("crashes"),
            losses: most("losses"),
            clients: system.number("clients", 2..=CLIENTS as i64, 2) as u8,
            waits: system.flag("waits", true),
            looks: system.flag("looks", true),
            stores: system.flag("stores", true),
        }
    }

    fn initial(&self) -> State {
        State::default()
    }

    fn candidates(&self, state: &State, _: &dyn Clock, try_it: &mut impl FnMut(Action)) {
        for client in 0..self.clients {
            let Client { asked, uses, .. } = state.clients[usize::from(client)];
            if asked {
                try_it(Action::Grant(client));
                try_it(Action::LoseRequest(client));
            } else {
                try_it(Action::Ask(client));
            }
            if uses {
                try_it(Action::Stop(client));
            }
        }
        for place in (0..GRANTS as u8).filter(|place| state.grants[usize::from(*place)].is_some()) {
            try_it(Action::Deliver(place));
            try_it(Action::LoseGrant(place));
        }
        try_it(if state.down { Action::Restart } else { Action::Crash });
    }

    fn renamings(&self) -> usize {
        renaming::count(self.clients)
    }

    fn renamed(&self, state: &State, number: usize) -> State {
        state.renamed(renaming::way(number, self.clients))
    }

    fn describe(&self, state: &State, time: &dyn Fn(Time) -> String) -> Vec<(String, String)> {
        let is = if state.down { "down" } else { "up" };
        let coordinator = format!("{is}, grants nothing until: {}", time(state.granted_until));
        let client = |number: u8| {
            let Client { asked, uses, end } = state.clients[usize::from(number)];
            let uses = if uses { format!("uses it, stops by {}", time(end)) } else { "does not use it".to_owned() };
            (format!("c{number}"), format!("{uses}{}", if asked { ", has asked" } else { "" }))
        };
        let grant = |(place, grant): (usize, &Option<Grant>)| {
            let text = match grant {
                None => "none".to_owned(),
                Some(Grant { client, end }) => format!("on its way to c{client}, which stops by {}", time(*end)),
            };
            (format!("grant {place}"), text)
        };
        let left = |name: &'static str, most: Option<u8>, been: u8| {
            Some((format!("{name} left"), most?.saturating_sub(been).to_string()))
        };
        let left = [left("crashes", self.crashes, state.crashes), left("losses", self.losses, state.losses)];
        let clients = (0..self.clients).map(client);
        [("coordinator".to_owned(), coordinator)]
            .into_iter()
            .chain(clients)
            .chain(state.grants.iter().enumerate().map(grant))
            .chain(left.into_iter().flatten())
            .collect()
    }
}
