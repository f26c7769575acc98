//! LF2, the reduced lease-failover protocol that the project is measured with, as a space.
//!
//! Two servers with stable bindings, up to three clients and two addresses, an unordered lossy network of at most
//! `capacity` messages, one crash, no clocks. Clients, addresses and servers are numbered from 0 here.

use dhcpfo_search::{Cost, Edge, Flags, Space};
use std::fmt;

const FREE: u8 = 0;
const EXPIRED: u8 = 4;
const NOBODY: u8 = 0;
const SHORT: usize = 0;
const LONG: usize = 1;

/// Two clients hold the same address.
pub(crate) const DUPLICATE: u32 = 0;
/// Both servers are NORMAL, and a LONG lease is held that is not bound on both of them.
pub(crate) const BEYOND_MCLT: u32 = 1;
/// A server has waited for MCLT in PARTNER-DOWN.
pub(crate) const MCLT_PASSED: u32 = 2;

/// The parameters of the model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lf2 {
    pub(crate) clients: usize,
    pub(crate) addresses: usize,
    pub(crate) capacity: u32,
    /// Servers ignore MCLT and grant LONG at once.
    pub(crate) bug: bool,
    /// Clients are interchangeable.
    pub(crate) symmetry: bool,
    /// Expiries count as ticks.
    pub(crate) free_expiry: bool,
    /// Zero bytes at the end of the canonical form, for measurements with larger states.
    pub(crate) padding: usize,
}

impl Lf2 {
    pub(crate) fn new(clients: usize, addresses: usize, capacity: u32) -> Self {
        Self { clients, addresses, capacity, bug: false, symmetry: false, free_expiry: false, padding: 0 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Mode {
    Normal,
    Down,
    PartnerDown,
    PartnerDownWaited,
    Recover,
}

use Mode::{Down, Normal, PartnerDown, PartnerDownWaited, Recover};

const MODES: [Mode; 5] = [Normal, Down, PartnerDown, PartnerDownWaited, Recover];

/// A lease: 0 for none, else 1 + address, kind and server in two, one and one bits.
type Hold = u8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    mode: [Mode; 2],
    /// [`FREE`], 1 + client, or [`EXPIRED`].
    binding: [[u8; 2]; 2],
    acked: [[bool; 2]; 2],
    crashed: bool,
    hold: [Hold; 3],
    /// The set of messages in flight.
    net: u64,
}

// Every message that can exist has a bit in `net`; `binding` is 1 to 4.
fn req(c: usize, s: usize) -> u64 {
    1 << (c * 2 + s)
}

fn ack(s: usize, c: usize, a: usize, kind: usize) -> u64 {
    1 << (6 + ((s * 3 + c) * 2 + a) * 2 + kind)
}

fn upd(s: usize, a: usize, binding: u8) -> u64 {
    1 << (30 + (s * 2 + a) * 4 + binding as usize - 1)
}

fn uack(s: usize, a: usize, binding: u8) -> u64 {
    upd(s, a, binding) << 16
}

fn all_upd(s: usize, a: usize) -> u64 {
    15 * upd(s, a, 1)
}

const ALL_UPDATES: u64 = 0xffff_ffff << 30;

fn held(a: usize, kind: usize, s: usize) -> Hold {
    1 + (a + 2 * kind + 4 * s) as u8
}

/// Address, kind and granting server of a lease.
fn lease(hold: Hold) -> Option<(usize, usize, usize)> {
    let bits = usize::from(hold.checked_sub(1)?);
    Some((bits & 1, bits >> 1 & 1, bits >> 2))
}

impl State {
    fn has(&self, message: u64) -> bool {
        self.net & message != 0
    }

    fn serving(&self, s: usize) -> bool {
        matches!(self.mode[s], Normal | PartnerDown | PartnerDownWaited)
    }

    fn live(&self, client: u8, a: usize) -> bool {
        let c = usize::from(client - 1);
        let acks = [0, 1].map(|s| ack(s, c, a, SHORT) | ack(s, c, a, LONG));
        lease(self.hold[c]).is_some_and(|(address, ..)| address == a) || self.has(acks[0] | acks[1])
    }

    fn short_live(&self, s: usize) -> bool {
        let granted = |hold: Hold| lease(hold).is_some_and(|(_, kind, server)| kind == SHORT && server == s);
        // Bits of all ACK(s, *, *, SHORT): every other one of the twelve of this server.
        self.hold.into_iter().any(granted) || self.has(0b0101_0101_0101 * ack(s, 0, 0, SHORT))
    }

    fn set(&mut self, s: usize, a: usize, binding: u8) {
        if self.binding[s][a] != binding {
            self.binding[s][a] = binding;
            self.net &= !(all_upd(s, a) | all_upd(s, a) << 16);
        }
    }

    fn renumbered(&self, order: [u8; 3]) -> State {
        let mut to = *self;
        let client =
            |binding: u8| if (1..=3).contains(&binding) { order[usize::from(binding - 1)] + 1 } else { binding };
        to.binding = self.binding.map(|of| of.map(client));
        to.net = 0;
        for (c, &n) in order.iter().enumerate() {
            let n = usize::from(n);
            to.hold[n] = self.hold[c];
            to.net |= (self.net >> (c * 2) & 3) << (n * 2);
            for s in [0, 1] {
                to.net |= (self.net >> (6 + (s * 3 + c) * 4) & 15) << (6 + (s * 3 + n) * 4);
            }
            to.net |= (self.net >> (30 + c) & 0x1111_1111) << (30 + n);
        }
        to.net |= self.net & 0x8888_8888 << 30;
        to
    }

    fn pack(&self) -> [u8; 15] {
        let mut bytes = [0; 15];
        bytes[0] = self.mode[0] as u8 | (self.mode[1] as u8) << 4;
        for s in [0, 1] {
            bytes[1 + s] = self.binding[s][0] | self.binding[s][1] << 4;
            bytes[3] |= (u8::from(self.acked[s][0]) | u8::from(self.acked[s][1]) << 1) << (2 * s);
        }
        bytes[3] |= u8::from(self.crashed) << 4;
        bytes[4..7].copy_from_slice(&self.hold);
        bytes[7..].copy_from_slice(&self.net.to_le_bytes());
        bytes
    }

    fn unpack(bytes: &[u8]) -> State {
        let nibbles = |byte: u8| [byte & 15, byte >> 4];
        let acked = bytes[3];
        let mut net = [0; 8];
        net.copy_from_slice(&bytes[7..15]);
        State {
            mode: nibbles(bytes[0]).map(|mode| MODES[usize::from(mode)]),
            binding: [nibbles(bytes[1]), nibbles(bytes[2])],
            acked: [0, 2].map(|at| [acked >> at & 1 == 1, acked >> at & 2 == 2]),
            crashed: acked >> 4 & 1 == 1,
            hold: [bytes[4], bytes[5], bytes[6]],
            net: u64::from_le_bytes(net),
        }
    }
}

/// The rules R1 to R15.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    ClientSend { c: usize, s: usize },
    Renew { s: usize, c: usize, a: usize },
    Alloc { s: usize, c: usize, a: usize },
    ClientRecvAck { s: usize, c: usize, a: usize, kind: usize },
    SendUpd { s: usize, a: usize },
    RecvUpd { s: usize, a: usize, binding: u8 },
    RecvUack { s: usize, a: usize, binding: u8 },
    ServerExpire { s: usize, a: usize },
    Crash { s: usize },
    PartnerDown { s: usize },
    Mclt { s: usize },
    Restart { s: usize },
    Resync { s: usize },
    ClientExpire { c: usize },
    PddFree { s: usize, a: usize },
    Lose { message: u32 },
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl Space for Lf2 {
    type State = State;
    type Action = Action;
    type Scratch = ();

    fn scratch(&self) {}

    fn initial(&self, (): &mut (), emit: &mut impl FnMut(&State)) {
        emit(&State {
            mode: [Normal; 2],
            binding: [[FREE; 2]; 2],
            acked: [[true; 2]; 2],
            crashed: false,
            hold: [NOBODY; 3],
            net: 0,
        });
    }

    fn successors(&self, (): &mut (), state: &State, emit: &mut impl FnMut(Edge<Action>, &State)) {
        let mut emit = |action, next: State| {
            let expiry = matches!(action, Action::ServerExpire { .. } | Action::ClientExpire { .. });
            let cost = if expiry && self.free_expiry { Cost::Tick } else { Cost::Action };
            emit(Edge { cost, ..Edge::action(action) }, &next);
        };
        for s in [0, 1] {
            for c in 0..self.clients {
                self.client_and_server(state, s, c, &mut emit);
            }
            for a in 0..self.addresses {
                self.binding(state, s, a, &mut emit);
            }
            self.server(state, s, &mut emit);
        }
        for c in 0..self.clients {
            if state.hold[c] != NOBODY {
                let mut next = *state;
                next.hold[c] = NOBODY;
                emit(Action::ClientExpire { c }, next);
            }
        }
        let mut rest = state.net;
        while rest != 0 {
            let message = rest.trailing_zeros();
            emit(Action::Lose { message }, State { net: state.net & !(1 << message), ..*state });
            rest &= rest - 1;
        }
    }

    fn encode(&self, (): &mut (), state: &State, out: &mut Vec<u8>) {
        let bytes = match (self.symmetry, self.clients) {
            (true, 2) => state.pack().min(state.renumbered([1, 0, 2]).pack()),
            (true, 3) => {
                let orders = [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
                orders.into_iter().fold(state.pack(), |least, order| least.min(state.renumbered(order).pack()))
            }
            _ => state.pack(),
        };
        out.extend_from_slice(&bytes);
        out.resize(out.len() + self.padding, 0);
    }

    fn decode(&self, (): &mut (), bytes: &[u8], state: &mut State) {
        *state = State::unpack(bytes);
    }

    fn flags(&self, (): &mut (), state: &State) -> Flags {
        let mut holders = [0; 2];
        let mut unbound = false;
        for (c, &hold) in state.hold.iter().enumerate() {
            if let Some((a, kind, _)) = lease(hold) {
                holders[a] += 1;
                unbound |= kind == LONG && [0, 1].iter().any(|&s: &usize| usize::from(state.binding[s][a]) != c + 1);
            }
        }
        let duplicate = holders.iter().any(|&holders| holders > 1);
        let beyond = state.mode == [Normal; 2] && unbound;
        let waited = state.mode.contains(&PartnerDownWaited);
        Flags::new(
            u64::from(duplicate) << DUPLICATE | u64::from(beyond) << BEYOND_MCLT | u64::from(waited) << MCLT_PASSED,
        )
    }

    fn describe(&self, state: &State) -> String {
        format!("{state:#?}")
    }
}

impl Lf2 {
    /// R1 to R3.
    fn client_and_server(&self, state: &State, s: usize, c: usize, emit: &mut impl FnMut(Action, State)) {
        if !state.has(req(c, s)) {
            if state.net.count_ones() < self.capacity {
                emit(Action::ClientSend { c, s }, State { net: state.net | req(c, s), ..*state });
            }
        } else if state.serving(s) {
            self.answer(state, s, c, emit);
        }
        for a in 0..self.addresses {
            for kind in [SHORT, LONG] {
                if state.has(ack(s, c, a, kind)) {
                    let mut next = *state;
                    next.net &= !ack(s, c, a, kind);
                    if lease(state.hold[c]).is_none_or(|(address, ..)| address == a) {
                        next.hold[c] = held(a, kind, s);
                    }
                    emit(Action::ClientRecvAck { s, c, a, kind }, next);
                }
            }
        }
    }

    /// R2: the server has a request of the client.
    fn answer(&self, state: &State, s: usize, c: usize, emit: &mut impl FnMut(Action, State)) {
        let client = c as u8 + 1;
        let bound = state.binding[s].contains(&client);
        for a in 0..self.addresses {
            let mut next = *state;
            next.net &= !req(c, s);
            if state.binding[s][a] == client {
                let long = state.acked[s][a] || state.mode[s] != Normal || self.bug;
                next.net |= ack(s, c, a, usize::from(long));
                emit(Action::Renew { s, c, a }, next);
            } else if !bound && state.binding[s][a] == FREE && (a == s || state.mode[s] == PartnerDownWaited) {
                next.set(s, a, client);
                next.acked[s][a] = false;
                next.net |= ack(s, c, a, usize::from(state.mode[s] != Normal || self.bug));
                emit(Action::Alloc { s, c, a }, next);
            }
        }
    }

    /// R4 to R7 and R14.
    fn binding(&self, state: &State, s: usize, a: usize, emit: &mut impl FnMut(Action, State)) {
        let (p, binding) = (1 - s, state.binding[s][a]);
        let unacked = state.mode[s] == Normal && !state.acked[s][a] && binding != FREE;
        if unacked && !state.has(upd(s, a, binding)) && state.net.count_ones() < self.capacity {
            emit(Action::SendUpd { s, a }, State { net: state.net | upd(s, a, binding), ..*state });
        }
        for binding in 1..=EXPIRED {
            if state.has(upd(s, a, binding)) && state.mode[p] == Normal {
                emit(Action::RecvUpd { s, a, binding }, received(state, s, a, binding));
            }
            if state.has(uack(s, a, binding)) && state.mode[s] == Normal {
                let mut next = *state;
                next.net &= !uack(s, a, binding);
                if state.binding[s][a] == binding {
                    next.acked[s][a] = true;
                    if binding == EXPIRED {
                        next.set(s, a, FREE);
                    }
                }
                emit(Action::RecvUack { s, a, binding }, next);
            }
        }
        if state.serving(s) && (1..EXPIRED).contains(&binding) && !state.live(binding, a) {
            let mut next = *state;
            next.set(s, a, EXPIRED);
            next.acked[s][a] = false;
            if state.binding[p][a] == binding {
                next.acked[p][a] = false;
            }
            next.net &= !(all_upd(p, a) << 16);
            emit(Action::ServerExpire { s, a }, next);
        }
        if state.mode[s] == PartnerDownWaited && binding == EXPIRED {
            let mut next = *state;
            next.set(s, a, FREE);
            next.acked[s][a] = true;
            emit(Action::PddFree { s, a }, next);
        }
    }

    /// R8 to R12.
    fn server(&self, state: &State, s: usize, emit: &mut impl FnMut(Action, State)) {
        let p = 1 - s;
        let to = |mode| {
            let mut next = *state;
            next.mode[s] = mode;
            next
        };
        if !state.crashed {
            emit(Action::Crash { s }, State { crashed: true, ..to(Down) });
        }
        match state.mode[s] {
            Normal if state.mode[p] == Down => {
                emit(Action::PartnerDown { s }, State { net: state.net & !ALL_UPDATES, ..to(PartnerDown) });
            }
            PartnerDown if !state.short_live(p) => emit(Action::Mclt { s }, to(PartnerDownWaited)),
            Down => emit(Action::Restart { s }, to(if state.mode[p] == Normal { Normal } else { Recover })),
            Recover if matches!(state.mode[p], PartnerDown | PartnerDownWaited) && !state.short_live(s) => {
                let mut next = *state;
                next.acked = [state.binding[p].map(|binding| binding != EXPIRED); 2];
                next.binding[s] = state.binding[p];
                next.mode = [Normal; 2];
                next.net &= !ALL_UPDATES;
                emit(Action::Resync { s }, next);
            }
            _ => {}
        }
    }
}

/// R5: the partner of `s` receives the update.
fn received(state: &State, s: usize, a: usize, binding: u8) -> State {
    let p = 1 - s;
    let mut next = *state;
    next.net &= !upd(s, a, binding);
    let present = state.binding[p][a];
    if binding == EXPIRED {
        if (1..EXPIRED).contains(&present) && state.live(present, a) {
            next.acked[p][a] = false;
        } else {
            next.set(p, a, FREE);
            next.acked[p][a] = true;
            next.net |= uack(s, a, binding);
        }
    } else if present == binding {
        next.net |= uack(s, a, binding);
    } else if matches!(present, FREE | EXPIRED) {
        next.set(p, a, binding);
        next.acked[p][a] = false;
        next.net |= uack(s, a, binding);
    }
    next
}
