//! What clients and servers do with each other. (`kea-ha` section 6.)

use crate::mode::{Mode, Scopes, Updates};
use crate::server::{Lease, Request, Update};
use crate::spans::{AHEAD, LEASE, TIMEOUT};
use crate::state::{Client, State, Wrong};
use crate::system::KeaHa;
use dhcpfo_time::{Clock, Time};

impl KeaHa {
    /// Whether a server answers clients of a scope that reach it. (`kea-ha` section 5.)
    pub fn serves(&self, state: &State, server: u8, scope: u8, clock: &dyn Clock) -> bool {
        let own = &state.servers[usize::from(server)];
        let in_scope = match own.mode.scopes() {
            Scopes::None => false,
            Scopes::Own => self.is_own(server, scope),
            Scopes::All => true,
        };
        in_scope && own.is_enabled(clock)
    }

    fn answers(&self, state: &State, server: u8, client: u8, clock: &dyn Clock) -> bool {
        !state.links.off_lan[usize::from(server)] && self.serves(state, server, self.scope_of(client), clock)
    }

    /// A client asks: DISCOVER to ACK, or the renewal of what it holds, in one; but the answer may be parked.
    pub(crate) fn ask(&self, state: &mut State, [client, server, address]: [u8; 3], clock: &mut dyn Clock) -> bool {
        let own = state.servers[usize::from(server)];
        let held = state.held(client, clock);
        let has = self.pool().find(|&one| own.lease(one, clock).is_some_and(|lease| lease.client == client));
        let taken = own.lease(address, clock).is_some_and(|lease| lease.client != client);
        if !self.pool().contains(&address) || !self.answers(state, server, client, clock) || asks(&own, client) {
            return false;
        }
        let mine = own.lease(address, clock).is_some_and(|lease| lease.client == client);
        let other = has.is_some() && !mine;
        match held {
            Some(held) if held != address => false,
            // NAK: it is somebody else's, or this client's is another one.
            Some(_) if taken || other => {
                state.clients[usize::from(client)] = Client::Without;
                state.wrong = Wrong::Refused;
                true
            }
            // While it waits, a server lets others go on with what they have, and gives nothing.
            None if taken || other || !clock.passed(own.waits) => false,
            _ => self.give(state, [client, server, address], clock),
        }
    }

    fn give(&self, state: &mut State, [client, server, address]: [u8; 3], clock: &mut dyn Clock) -> bool {
        let (now, own) = (clock.now(), usize::from(server));
        if state.servers[own].mode.updates() == Updates::Sent && !self.has_room(state, server) {
            return false;
        }
        let end = clock.after(now, LEASE);
        let lease = Lease { client, end };
        state.servers[own].leases[usize::from(address)] = Some(lease);
        let copied = match self.ahead && server == 0 {
            true => Lease { client, end: clock.after(now, AHEAD) },
            false => lease,
        };
        let update = Update { address, lease: copied, deleted: false };
        let waits = self.tell(state, server, update, Some(end), clock);
        if !waits {
            self.answer(state, server, Lease { client, end }, address, clock);
        }
        true
    }

    /// A client gives its lease back. There is no answer to that.
    pub(crate) fn release(&self, state: &mut State, client: u8, server: u8, clock: &mut dyn Clock) -> bool {
        let Some(address) = state.held(client, clock) else { return false };
        let own = state.servers[usize::from(server)];
        let Some(lease) = own.lease(address, clock).filter(|lease| lease.client == client) else { return false };
        let full = own.mode.updates() == Updates::Sent && !self.has_room(state, server);
        if !self.releases || full || !self.answers(state, server, client, clock) {
            return false;
        }
        state.clients[usize::from(client)] = Client::Without;
        state.unpark(client);
        state.servers[usize::from(server)].leases[usize::from(address)] = None;
        self.tell(state, server, Update { address, lease, deleted: true }, None, clock);
        true
    }

    /// What the partner has to know is sent, queued or counted; whether the answer waits for it.
    fn tell(&self, state: &mut State, server: u8, update: Update, end: Option<Time>, clock: &mut dyn Clock) -> bool {
        let refused = !state.links.cut && !state.servers[usize::from(1 - server)].mode.is_up();
        let own = &mut state.servers[usize::from(server)];
        match own.mode.updates() {
            Updates::Sent => {
                let now = clock.now();
                let until = if refused { now } else { clock.after(now, TIMEOUT) };
                let promised = end.filter(|_| self.parks);
                let request = Request { until, update: Some(update), promised };
                *own.requests.iter_mut().find(|place| place.is_none()).expect("there is room") = Some(request);
                if refused {
                    self.refuse(state, server, clock);
                }
                return self.parks;
            }
            Updates::Queued if own.queue.count == self.queue => own.queue.overflown = true,
            Updates::Queued => {
                own.queue.count += 1;
                own.queue.last[usize::from(update.address)] = Some(update);
            }
            Updates::Counted => own.unsent = true,
        }
        false
    }

    fn has_room(&self, state: &State, server: u8) -> bool {
        let requests = &state.servers[usize::from(server)].requests;
        requests.iter().flatten().count() < usize::from(self.in_flight)
    }

    /// A client gets an answer, if that reaches it and it does not hold something else by now.
    pub(crate) fn answer(&self, state: &mut State, server: u8, lease: Lease, address: u8, clock: &dyn Clock) {
        let Lease { client, end } = lease;
        let held = state.held(client, clock);
        if state.links.off_lan[usize::from(server)] || clock.passed(end) || held.is_some_and(|held| held != address) {
            return;
        }
        state.clients[usize::from(client)] = Client::Holds { address, end };
        let copy = state.servers[usize::from(1 - server)].lease(address, clock);
        let copied = copy.is_some_and(|copy| copy.client == client);
        if state.servers[usize::from(server)].mode == Mode::Normal && !copied {
            state.wrong = Wrong::AnsweredWithoutCopy;
        }
    }
}

/// Whether an answer to a client is parked already.
fn asks(server: &crate::server::Server, client: u8) -> bool {
    let waits =
        |request: &Request| request.promised.is_some() && request.update.is_some_and(|u| u.lease.client == client);
    server.requests.iter().flatten().any(waits)
}
