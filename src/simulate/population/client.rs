//! Clients of a simulation (RFC 2131 §4.4): what one does when its timer runs out, or an answer comes.

use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::effect::Ask;

/// No address.
pub(super) const NONE: u32 = u32::MAX;

/// First retransmission after so many milliseconds, doubled each time up to [`LAST`] (RFC 2131 §4.1).
const FIRST: u64 = 4_000;
const LAST: u64 = 64_000;

/// Shortest wait for an answer in RENEWING and REBINDING, in seconds (RFC 2131 §4.4.5).
const LEAST: u32 = 60;

/// Retransmissions of a DHCPREQUEST for an offer before it starts anew.
const TRIES: u8 = 4;

/// What a client is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    /// Not there.
    Away,
    /// INIT, SELECTING
    Selecting,
    /// REQUESTING
    Requesting,
    /// INIT-REBOOT, REBOOTING
    Rebooting,
    Bound,
    Renewing,
    Rebinding,
}

/// A client.
#[derive(Clone, Debug)]
pub(super) struct Client {
    /// Its present number to servers.
    pub(super) id: u32,
    /// What it holds.
    pub(super) address: u32,
    /// What it was offered, by `from`.
    pub(super) offered: u32,
    /// It stops using the address then, in seconds.
    pub(super) ends: u32,
    /// When the lease began, in seconds.
    pub(super) began: u32,
    /// When it asked last, in seconds.
    pub(super) asked: u32,
    /// Since when it wants an address and has none, in seconds.
    pub(super) wants_since: u32,
    /// No server was in NORMAL then.
    pub(super) wants_apart: bool,
    /// Timers of before are void.
    pub(super) timer: u32,
    pub(super) link: u16,
    pub(super) doing: Doing,
    pub(super) tries: u8,
    /// The server that gave the lease, or the offer.
    pub(super) from: u8,
    pub(super) keeps_expired: bool,
    pub(super) asks_both: bool,
    pub(super) changes_id: bool,
}

/// What a client sends, and when it looks again, in milliseconds from now.
pub(super) struct Move {
    pub(super) ask: Option<Ask>,
    /// To one server; None: to both.
    pub(super) to: Option<u8>,
    pub(super) again: u64,
}

impl Client {
    pub(super) fn new(id: u32) -> Client {
        Client {
            id,
            address: NONE,
            offered: NONE,
            ends: 0,
            began: 0,
            asked: 0,
            wants_since: 0,
            wants_apart: false,
            timer: 0,
            link: 0,
            doing: Doing::Away,
            tries: 0,
            from: 0,
            keeps_expired: false,
            asks_both: false,
            changes_id: false,
        }
    }

    /// The address that it may use now.
    pub(super) fn holds(&self, now: u32) -> Option<u32> {
        (self.address != NONE && now < self.ends).then_some(self.address)
    }

    pub(super) fn is_there(&self) -> bool {
        self.doing != Doing::Away
    }

    /// Wants an address and has none.
    pub(super) fn wants(&self, now: u32) -> bool {
        self.is_there() && self.holds(now).is_none()
    }

    /// Has been asking for longer than a server waits for its partner (failover-12 §12.10).
    pub(super) fn has_waited(&self) -> bool {
        self.tries > 2
    }

    /// Becomes one without a lease.
    pub(super) fn init(&mut self, now: u32) {
        // Who has been waiting goes on waiting.
        if !self.is_there() || self.address != NONE {
            self.wants_since = if self.is_there() { self.ends.min(now) } else { now };
        }
        (self.address, self.offered, self.doing, self.tries) = (NONE, NONE, Doing::Selecting, 0);
    }

    fn backoff(&self) -> u64 {
        (FIRST << self.tries.min(4)).min(LAST)
    }

    /// Its timer has run out.
    pub(super) fn timer(&mut self, now: u32) -> Move {
        match self.doing {
            Doing::Away => Move { ask: None, to: None, again: 0 },
            Doing::Requesting if self.tries < TRIES => self.request(now),
            Doing::Rebooting if self.tries < 2 && now < self.ends => {
                self.asked = now;
                self.tries += 1;
                Move { ask: Some(Ask::Reboot(AddressId(self.address))), to: None, again: self.backoff() }
            }
            // No server said no, so it goes on with what it has (RFC 2131 §3.2).
            Doing::Rebooting | Doing::Bound | Doing::Renewing | Doing::Rebinding if now < self.ends => self.extend(now),
            Doing::Bound | Doing::Renewing | Doing::Rebinding if self.keeps_expired => {
                Move { ask: Some(Ask::Rebind(AddressId(self.address))), to: None, again: LAST }
            }
            _ => {
                if self.doing != Doing::Selecting {
                    self.wants_since = self.wants_since.max(self.ends.min(now));
                    (self.address, self.doing, self.tries) = (NONE, Doing::Selecting, 0);
                }
                self.asked = now;
                let again = self.backoff();
                self.tries = self.tries.saturating_add(1);
                Move { ask: Some(Ask::Discover), to: None, again }
            }
        }
    }

    /// DHCPREQUEST for what was offered.
    pub(super) fn request(&mut self, now: u32) -> Move {
        self.doing = Doing::Requesting;
        self.asked = now;
        let again = self.backoff();
        self.tries += 1;
        Move { ask: Some(Ask::Select(AddressId(self.offered))), to: (!self.asks_both).then_some(self.from), again }
    }

    /// Its clock is set back: to others its lease lasts longer.
    pub(super) fn step_back(&mut self, seconds: u32) {
        (self.began, self.ends) = (self.began + seconds, self.ends + seconds);
    }

    /// T1, in seconds.
    pub(super) fn renews_at(&self) -> u32 {
        self.began + (self.ends - self.began) / 2
    }

    /// BOUND until T1, RENEWING until T2, REBINDING until the end.
    fn extend(&mut self, now: u32) -> Move {
        let lease = self.ends - self.began;
        let (t1, t2) = (self.renews_at(), self.began + (u64::from(lease) * 7 / 8) as u32);
        let until = |instant: u32| u64::from(instant - now) * 1000;
        if now < t1 {
            self.doing = Doing::Bound;
            return Move { ask: None, to: None, again: until(t1) };
        }
        let (doing, end, to) =
            if now < t2 { (Doing::Renewing, t2, Some(self.from)) } else { (Doing::Rebinding, self.ends, None) };
        self.doing = doing;
        self.asked = now;
        let wait = ((end - now) / 2).max(LEAST).min(end - now).max(1);
        let address = AddressId(self.address);
        let ask = if to.is_some() { Ask::Renew(address) } else { Ask::Rebind(address) };
        Move { ask: Some(ask), to, again: u64::from(wait) * 1000 }
    }

    /// DHCPACK: a lease of so many seconds from when it asked.
    pub(super) fn bind(&mut self, address: u32, asked: u32, seconds: u32, from: u8) {
        (self.address, self.began, self.ends, self.from) = (address, asked, asked + seconds, from);
        (self.doing, self.tries) = (Doing::Bound, 0);
    }
}
