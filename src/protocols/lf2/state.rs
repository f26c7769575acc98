//! Servers, clients, and what is in flight.

use crate::binding::{ADDRESSES, Binding, CLIENTS};
use crate::message::Messages;
use dhcpfo_study::{Fields, Visit};
use dhcpfo_time::{Kind, Time, Times};
use std::fmt;

/// Everything there is. Bindings are on stable storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// What each server is doing.
    pub modes: [Mode; 2],
    /// What each server has of each address.
    pub bindings: [[Binding; ADDRESSES]; 2],
    /// Whether the partner has acknowledged that.
    pub acknowledged: [[bool; ADDRESSES]; 2],
    /// The one crash has been.
    pub crashed: bool,
    /// What each client holds.
    pub holds: [Option<Hold>; CLIENTS],
    /// What is in flight.
    pub net: Messages,
}

/// What a server is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Both work together.
    Normal,
    /// It has crashed.
    Down,
    /// It takes its partner for dead, and MCLT has not passed.
    PartnerDown,
    /// It takes its partner for dead, and MCLT has passed.
    Alone,
    /// It came back while its partner takes it for dead.
    Recover,
}

/// A lease of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hold {
    /// Of which address.
    pub address: u8,
    /// Longer than MCLT.
    pub long: bool,
    /// Who gave it.
    pub server: u8,
}

impl Mode {
    const ALL: [Mode; 5] = [Mode::Normal, Mode::Down, Mode::PartnerDown, Mode::Alone, Mode::Recover];

    /// Whether it answers clients.
    pub fn serves(self) -> bool {
        matches!(self, Mode::Normal | Mode::PartnerDown | Mode::Alone)
    }

    /// Whether it takes its partner for dead.
    pub fn is_alone(self) -> bool {
        matches!(self, Mode::PartnerDown | Mode::Alone)
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Binding::Free => f.write_str("free"),
            Binding::Client(client) => write!(f, "c{client}"),
            Binding::Expired => f.write_str("expired"),
        }
    }
}

/// Every lease, and none.
const HOLDS: [Option<Hold>; 9] = {
    let mut all = [None; 9];
    let mut number = 0;
    while number < 8 {
        let (address, long, server) = (number as u8 / 4, number & 2 != 0, number as u8 & 1);
        all[number + 1] = Some(Hold { address, long, server });
        number += 1;
    }
    all
};

impl Default for State {
    fn default() -> State {
        State {
            modes: [Mode::Normal; 2],
            bindings: [[Binding::Free; ADDRESSES]; 2],
            acknowledged: [[true; ADDRESSES]; 2],
            crashed: false,
            holds: [None; CLIENTS],
            net: Messages::default(),
        }
    }
}

impl State {
    /// The state with each client called `names` of it.
    pub(crate) fn renamed(&self, names: &[u8; CLIENTS]) -> State {
        let mut renamed = *self;
        for (hold, name) in self.holds.iter().zip(names) {
            renamed.holds[usize::from(*name)] = *hold;
        }
        for binding in renamed.bindings.as_flattened_mut() {
            *binding = binding.renamed(names);
        }
        renamed.net = self.net.renamed(names);
        renamed
    }

    pub(crate) fn describe(&self, clients: u8, addresses: u8) -> Vec<(String, String)> {
        let server = |number: usize| {
            let mut text = format!("{:?}", self.modes[number]);
            for address in 0..usize::from(addresses) {
                let open = if self.acknowledged[number][address] { "" } else { " (not acknowledged)" };
                text += &format!(", a{address} {}{open}", self.bindings[number][address]);
            }
            (format!("s{number}"), text)
        };
        let client = |number: u8| {
            let text = match self.holds[usize::from(number)] {
                None => "holds nothing".to_owned(),
                Some(Hold { address, long, server }) => {
                    format!("holds a{address} of s{server}, {}", if long { "long" } else { "short" })
                }
            };
            (format!("c{number}"), text)
        };
        let flying: Vec<String> = self.net.iter().map(|message| message.to_string()).collect();
        let flying = if flying.is_empty() { "nothing".to_owned() } else { flying.join(", ") };
        (0..2).map(server).chain((0..clients).map(client)).chain([("in flight".to_owned(), flying)]).collect()
    }
}

impl Fields for State {
    fn fields(&mut self, visit: &mut impl Visit) {
        self.modes.iter_mut().for_each(|mode| visit.one_of(mode, &Mode::ALL));
        self.bindings.as_flattened_mut().iter_mut().for_each(|binding| visit.one_of(binding, &Binding::ALL));
        self.acknowledged.as_flattened_mut().iter_mut().for_each(|flag| visit.flag(flag));
        visit.flag(&mut self.crashed);
        self.holds.iter_mut().for_each(|hold| visit.one_of(hold, &HOLDS));
        visit.set(&mut self.net.0, 8);
    }
}

impl Times for State {
    fn times(&mut self, _: &mut impl FnMut(&mut Time, Kind)) {}
}
