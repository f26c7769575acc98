//! What servers do with each other: heartbeats, updates, synchronisation. (`kea-ha` sections 4 and 6 to 9.)

use crate::mode::{Mode, Scopes};
use crate::server::{Disabled, Queue, Update};
use crate::spans::{DISABLE, HEARTBEAT, LEASE};
use crate::state::{State, Wrong};
use crate::system::{Evidence, KeaHa, Pair, Version};
use crate::table::{Next, View, next};
use dhcpfo_time::{Clock, Time};

/// What a look at the table follows upon.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct After {
    /// A heartbeat came back.
    heard: bool,
    /// It says that leases were given of which nobody was told.
    new_unsent: bool,
}

/// Anything but a heartbeat.
pub(crate) const ELSE: After = After { heard: false, new_unsent: false };

impl KeaHa {
    /// Whether a command of a server is answered.
    pub(crate) fn reaches_partner(&self, state: &State, server: u8) -> bool {
        !state.links.cut && state.servers[usize::from(1 - server)].mode.is_up()
    }

    /// Whether a command fails: at once if there is no process, and after its time if the link swallows it.
    fn may_fail(&self, state: &State, server: u8, over: bool) -> bool {
        !state.servers[usize::from(1 - server)].mode.is_up() || state.links.cut && over
    }

    /// A heartbeat comes back.
    pub(crate) fn hear(&self, state: &mut State, server: u8, clock: &mut dyn Clock) -> bool {
        let (own, partner) = (usize::from(server), usize::from(1 - server));
        if !state.servers[own].mode.sends_heartbeats() || !self.reaches_partner(state, server) {
            return false;
        }
        let new_unsent = std::mem::take(&mut state.servers[partner].unsent);
        state.servers[own].partner = Some(state.servers[partner].mode);
        state.servers[own].reached();
        state.servers[own].news = None;
        self.after_heartbeat(state, server, true);
        self.look(state, server, After { heard: true, new_unsent }, clock);
        true
    }

    /// A heartbeat fails.
    pub(crate) fn miss(&self, state: &mut State, server: u8, clock: &mut dyn Clock) -> bool {
        let over = clock.passed(state.links.failing);
        let up = state.servers[usize::from(server)].mode.sends_heartbeats();
        if !up || !self.may_fail(state, server, over) {
            return false;
        }
        state.servers[usize::from(server)].partner = None;
        self.after_heartbeat(state, server, false);
        self.look(state, server, ELSE, clock);
        true
    }

    /// A service that was disabled after ha-sync-complete-notify comes back if the next heartbeat fails; in 2.2 it was
    /// disabled by the partner for a time, and that runs out.
    fn after_heartbeat(&self, state: &mut State, server: u8, heard: bool) {
        let own = &mut state.servers[usize::from(server)];
        let notified = std::mem::take(&mut own.notified);
        if own.disabled == Disabled::Reset {
            own.disabled = Disabled::No;
        }
        if own.disabled == Disabled::Local && (self.version == Version::V2_2 || notified && !heard) {
            own.disabled = Disabled::No;
        }
    }

    /// Looks at the table, and carries out what it says until that is nothing.
    pub(crate) fn look(&self, state: &mut State, server: u8, after: After, clock: &mut dyn Clock) {
        for _ in 0..Mode::ALL.len() {
            match next(&self.view(state, server, after, clock)) {
                Next::Stay => return,
                Next::To(mode) => {
                    if self.exchanges
                        && mode == Mode::Normal
                        && state.servers[usize::from(server)].mode == Mode::PartnerDown
                    {
                        (0..2).for_each(|server| self.read_leases(state, server, clock));
                    }
                    self.enter(state, server, mode, clock);
                }
                Next::SendQueue | Next::ResetBoth if !self.reaches_partner(state, server) => return,
                Next::SendQueue => {
                    let queue = state.servers[usize::from(server)].queue.last;
                    for update in queue.into_iter().flatten() {
                        self.carry_out(state, 1 - server, update, clock);
                    }
                    self.enter(state, server, Mode::Normal, clock);
                }
                Next::ResetBoth => {
                    self.enter(state, 1 - server, Mode::Waiting, clock);
                    self.look(state, 1 - server, ELSE, clock);
                    // One row is looked at, and what the new state brings waits for the next event. (`kea-ha` section 9b, 7.)
                    let partner = &mut state.servers[usize::from(1 - server)];
                    if partner.mode == Mode::PartnerDown {
                        partner.disabled = Disabled::Reset;
                    }
                    self.enter(state, server, Mode::Waiting, clock);
                }
            }
        }
    }

    fn view(&self, state: &State, server: u8, after: After, clock: &dyn Clock) -> View {
        let own = &state.servers[usize::from(server)];
        let rejected = self.version == Version::V3 && own.rejected_now(clock) >= usize::from(self.rejected);
        View {
            own: own.mode,
            partner: own.partner,
            primary: server == 0,
            recovers: self.recovers(),
            interrupted: own.is_interrupted(clock),
            should_partner_down: self.should_partner_down(state, server, clock),
            terminate: rejected || after.heard && state.links.clocks_apart,
            overflown: own.queue.overflown,
            new_unsent: after.new_unsent,
        }
    }

    /// (`kea-ha` section 8.)
    fn should_partner_down(&self, state: &State, server: u8, clock: &dyn Clock) -> bool {
        let own = &state.servers[usize::from(server)];
        if !self.automatic || !own.is_interrupted(clock) {
            return false;
        }
        let serves = own.mode.scopes() != Scopes::None && own.is_enabled(clock);
        let needs_evidence = serves && (self.pair == Pair::LoadBalancing || server == 1);
        match needs_evidence {
            true => own.unacked || self.evidence == Evidence::None,
            // The repair: who has just come up does not know who served last, unless that was itself.
            false => serves || own.alone || !self.remembers,
        }
    }

    /// Clients that the partner leaves unanswered come up while nothing is heard of it.
    pub(crate) fn unanswered(&self, state: &mut State, server: u8, clock: &dyn Clock) -> bool {
        let (own, partner) = (&state.servers[usize::from(server)], 1 - server);
        let looks = matches!(own.mode, Mode::Normal | Mode::Recovery) && own.is_enabled(clock);
        let counts = self.pair == Pair::LoadBalancing || server == 1;
        let scope = if self.pair == Pair::LoadBalancing { partner } else { 0 };
        let answers = !state.links.off_lan[usize::from(partner)] && self.serves(state, partner, scope, clock);
        let found = match self.evidence {
            Evidence::Any => true,
            Evidence::True => !answers,
            Evidence::None => false,
        };
        let able = looks && counts && own.is_interrupted(clock) && !state.links.off_lan[usize::from(server)];
        let new = able && found && !own.unacked;
        state.servers[usize::from(server)].unacked |= new;
        new
    }

    /// What comes with a new state.
    pub(crate) fn enter(&self, state: &mut State, server: u8, mode: Mode, clock: &mut dyn Clock) {
        let own = &mut state.servers[usize::from(server)];
        // What is queued is for this stay in COMMUNICATION-RECOVERY only.
        own.queue = Queue::default();
        own.mode = mode;
        own.news = own.news.filter(|_| mode.sends_heartbeats());
        own.read = false;
        own.notified = false;
        if matches!(own.disabled, Disabled::Local | Disabled::Reset) {
            own.disabled = Disabled::No;
        }
        if matches!(mode, Mode::Waiting | Mode::Syncing | Mode::PartnerDown) {
            own.rejected = Default::default();
        }
        if mode == Mode::PartnerDown && self.waits {
            own.waits = clock.after(clock.now(), LEASE);
        } else {
            own.waits = Time::LONG_AGO;
        }
        // Whoever waits to hear of its partner has not heard yet that somebody else serves.
        own.alone = self.remembers && (mode == Mode::PartnerDown || own.alone && mode == Mode::Waiting);
        self.is_news(state, 1 - server, clock);
    }

    /// A heartbeat of this server would bring something new: it comes in time.
    pub(crate) fn is_news(&self, state: &mut State, server: u8, clock: &mut dyn Clock) {
        let own = &state.servers[usize::from(server)];
        if own.news.is_none() && own.mode.sends_heartbeats() && self.reaches_partner(state, server) {
            let next = clock.after(clock.now(), HEARTBEAT);
            state.servers[usize::from(server)].news = Some(next);
        }
    }

    /// A server does what an update says; whether it says yes. (`kea-ha` section 6: nothing is compared.)
    pub(crate) fn carry_out(&self, state: &mut State, server: u8, update: Update, clock: &dyn Clock) -> bool {
        let Update { address, lease, deleted } = update;
        let stored = state.servers[usize::from(server)].lease(address, clock);
        let runs = !clock.passed(lease.end);
        if let Some(stored) = stored.filter(|_| self.compares) {
            let older = !runs || clock.before(lease.end, stored.end);
            let tied = runs && clock.same(lease.end, stored.end);
            match (deleted, stored.client == lease.client) {
                (true, same) if older || !same => return true,
                (false, true) if older => return true,
                (false, false) if older || tied => return false,
                _ => {}
            }
        }
        let place = &mut state.servers[usize::from(server)].leases[usize::from(address)];
        *place = Some(lease).filter(|_| !deleted && runs);
        true
    }

    /// A request arrives, is carried out, and the answer comes back.
    pub(crate) fn arrive(&self, state: &mut State, server: u8, place: u8, clock: &mut dyn Clock) -> bool {
        let own = &mut state.servers[usize::from(server)];
        let is_update = own.requests.get(usize::from(place)).copied().flatten().is_some_and(|one| one.update.is_some());
        if !is_update || !self.reaches_partner(state, server) {
            return false;
        }
        let Some(request) = state.servers[usize::from(server)].take(place) else { return false };
        let Some(update) = request.update else { return false };
        let done = self.carry_out(state, 1 - server, update, clock);
        let own = &mut state.servers[usize::from(server)];
        own.reached();
        if done {
            own.rejected[usize::from(update.lease.client)] = Time::LONG_AGO;
            if let Some(end) = request.promised {
                let lease = crate::server::Lease { client: update.lease.client, end };
                self.answer(state, server, lease, update.address, clock);
            }
        }
        self.look(state, server, ELSE, clock);
        true
    }

    /// A request fails; the client whose answer is parked gets none.
    pub(crate) fn fail(&self, state: &mut State, server: u8, place: u8, clock: &mut dyn Clock) -> bool {
        let Some(request) = state.servers[usize::from(server)].requests.get(usize::from(place)).copied().flatten()
        else {
            return false;
        };
        let over = clock.passed(request.until);
        if !(self.may_fail(state, server, over) || request.update.is_none() && over) {
            return false;
        }
        self.failed(state, server, place, clock);
        true
    }

    fn failed(&self, state: &mut State, server: u8, place: u8, clock: &mut dyn Clock) {
        let own = &mut state.servers[usize::from(server)];
        own.take(place);
        own.partner = None;
        self.look(state, server, ELSE, clock);
    }

    /// The partner is changing the address itself: a conflict, or in 2.2 an error, which counts as a failure.
    pub(crate) fn locked(&self, state: &mut State, server: u8, place: u8, clock: &mut dyn Clock) -> bool {
        let own = &mut state.servers[usize::from(server)];
        let update = own.requests.get(usize::from(place)).copied().flatten().and_then(|request| request.update);
        let Some(update) = update else { return false };
        if !self.reaches_partner(state, server) || !spend(&mut state.left.locked) {
            return false;
        }
        match self.version {
            Version::V2_2 => self.failed(state, server, place, clock),
            Version::V3 => {
                let own = &mut state.servers[usize::from(server)];
                own.take(place);
                own.rejected[usize::from(update.lease.client)] = update.lease.end;
                own.reached();
                self.look(state, server, ELSE, clock);
            }
        }
        true
    }

    /// Nobody is there to carry requests out, and the link says so at once: they fail.
    pub(crate) fn refuse(&self, state: &mut State, server: u8, clock: &mut dyn Clock) {
        let none = |state: &State| state.servers[usize::from(server)].requests[0].is_none();
        while !state.links.cut && !none(state) {
            self.failed(state, server, 0, clock);
        }
    }

    /// A request is held up: its sender gives it up when its time is over, and it may be carried out after that.
    pub(crate) fn hold_up(&self, state: &mut State, server: u8, place: u8) -> bool {
        let requests = &mut state.servers[usize::from(server)].requests;
        let Some(Some(request)) = requests.get_mut(usize::from(place)) else { return false };
        let Some(update) = request.update else { return false };
        if state.links.late.is_some() || !spend(&mut state.left.late) {
            return false;
        }
        request.update = None;
        request.promised = None;
        state.links.late = Some((1 - server, update));
        true
    }

    /// What was held up is carried out. Its sender need not even be there any more.
    pub(crate) fn late(&self, state: &mut State, clock: &dyn Clock) -> bool {
        let Some((server, update)) = state.links.late else { return false };
        if state.links.cut || !state.servers[usize::from(server)].mode.is_up() {
            return false;
        }
        state.links.late = None;
        self.carry_out(state, server, update, clock);
        true
    }

    /// Reading all of the partner's leases, in one page. (`kea-ha` section 7.)
    fn read_leases(&self, state: &mut State, server: u8, clock: &dyn Clock) {
        for address in self.pool() {
            let Some(theirs) = state.servers[usize::from(1 - server)].lease(address, clock) else { continue };
            let own = state.servers[usize::from(server)].lease(address, clock);
            let takes = own.is_none_or(|own| clock.before(own.end, theirs.end));
            if takes {
                state.servers[usize::from(server)].leases[usize::from(address)] = Some(theirs);
            }
        }
    }

    fn may_read(&self, state: &State, server: u8) -> bool {
        let own = &state.servers[usize::from(server)];
        let there = own.partner.is_some_and(|partner| partner != Mode::Terminated);
        own.mode == Mode::Syncing && !own.read && there && self.reaches_partner(state, server)
    }

    /// All of a synchronisation at once. The partner's service is off meanwhile.
    pub(crate) fn synchronise(&self, state: &mut State, server: u8, clock: &mut dyn Clock) -> bool {
        if !self.may_read(state, server) {
            return false;
        }
        self.read_leases(state, server, clock);
        self.notify(state, server, clock);
        true
    }

    /// The leases are read, and the end of the synchronisation comes late; the partner's service is off for so long only.
    pub(crate) fn read(&self, state: &mut State, server: u8, clock: &mut dyn Clock) -> bool {
        if !self.may_read(state, server) || !spend(&mut state.left.slow_syncs) {
            return false;
        }
        self.read_leases(state, server, clock);
        state.servers[usize::from(server)].read = true;
        state.servers[usize::from(1 - server)].disabled = Disabled::Until(clock.after(clock.now(), DISABLE));
        true
    }

    /// The end of a synchronisation that came late.
    pub(crate) fn notify_late(&self, state: &mut State, server: u8, clock: &mut dyn Clock) -> bool {
        let may = state.servers[usize::from(server)].read && self.reaches_partner(state, server);
        if may {
            self.notify(state, server, clock);
        }
        may
    }

    /// ha-sync-complete-notify. A partner in PARTNER-DOWN stays off until its next heartbeat; in 2.2 only if it is off.
    fn notify(&self, state: &mut State, server: u8, clock: &mut dyn Clock) {
        let late = state.servers[usize::from(server)].read;
        let lacks = self.pool().any(|address| {
            let of = |server: u8| state.servers[usize::from(server)].lease(address, clock).map(|lease| lease.client);
            of(1 - server).is_some_and(|client| of(server) != Some(client))
        });
        if lacks {
            state.wrong = Wrong::LacksLease;
        }
        let partner = &mut state.servers[usize::from(1 - server)];
        let on_again = late && partner.is_enabled(clock);
        if partner.mode == Mode::PartnerDown && !(self.version == Version::V2_2 && on_again) {
            partner.disabled = Disabled::Local;
            partner.notified = self.version == Version::V3;
        } else {
            partner.disabled = Disabled::No;
        }
        state.servers[usize::from(server)].reached();
        self.enter(state, server, Mode::Ready, clock);
        self.look(state, server, ELSE, clock);
    }
}

/// One fault less; false if none is left.
pub(crate) fn spend(left: &mut u8) -> bool {
    let some = *left > 0;
    *left -= u8::from(some);
    some
}
