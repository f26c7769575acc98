//! What each server has said about its state, and since when: STATE messages as stretches of time.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use dhcpfo_engine::state::{Reported, State};
use dhcpfo_wire::convert::Skew;
use dhcpfo_wire::message::StateSaid;

use crate::capture::Micros;
use crate::event::Place;

/// A second, in the units of [`Micros`].
pub(crate) const SECOND: Micros = 1_000_000;
/// Stretches that are kept for each server.
const MOST: usize = 100_000;

/// A stretch of time in which a server was in a state, as it said itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    /// When it began: when it was said, or by start-time-of-state if that was said only later, on the next connection.
    pub(crate) from: Micros,
    /// When it sent what was last heard of it on that connection. TCP may deliver much later what a server said before
    /// it gave the connection up, and it has not been in that state since.
    pub(crate) until: Micros,
    /// When the STATE message was sent, and where.
    pub(crate) said: Micros,
    pub(crate) place: Place,
    pub(crate) state: Reported,
    pub(crate) startup: bool,
    /// On which connection it was said.
    pub(crate) connection: u64,
}

impl Stretch {
    /// Whether the instant lies inside, `margin` away from both ends.
    pub(crate) fn has(&self, at: Micros, margin: Micros) -> bool {
        // A beginning that was told later counts whole seconds.
        let margin_before = if self.from < self.said { margin.max(SECOND) } else { margin };
        at >= self.from + margin_before && at <= self.until - margin
    }

    pub(crate) fn name(&self) -> String {
        let name = self.state.name();
        if self.startup { format!("{name} (STARTUP)") } else { name.to_owned() }
    }
}

/// What is known of one server's states and clock.
#[derive(Clone, Debug, Default)]
pub(crate) struct StateLog {
    pub(crate) stretches: Vec<Stretch>,
    skew: Option<Skew>,
    /// How far its clock is behind the capture's by the least delayed message of a connection, in seconds.
    behind: Option<(u64, i64)>,
    /// When it was first and last heard of on each connection.
    heard: BTreeMap<u64, (Micros, Micros)>,
    /// When it was first and last heard of before it said its state, and on which connection.
    unsaid: Option<(Micros, Micros, u64)>,
    /// How far its clock is behind the capture's, least and most, in seconds.
    pub(crate) offsets: Option<(i64, i64)>,
}

impl StateLog {
    /// A message came with this time in its header.
    pub(crate) fn heard(&mut self, at: Micros, connection: u64, time: u32) {
        let now = seconds(at);
        match &mut self.skew {
            Some(skew) => {
                skew.observe(now, time);
            }
            None => self.skew = Some(Skew::baseline(now, time)),
        }
        let offset = self.skew.map_or(0, |skew| skew.seconds());
        let (least, most) = self.offsets.unwrap_or((offset, offset));
        self.offsets = Some((least.min(offset), most.max(offset)));
        let sent = self.sent(at, connection, time);
        if self.heard.len() < MOST || self.heard.contains_key(&connection) {
            self.heard.entry(connection).and_modify(|(_, last)| *last = sent.max(*last)).or_insert((at, at));
        }
        if self.stretches.is_empty() {
            match &mut self.unsaid {
                Some((_, last, known)) if *known == connection => *last = sent.max(*last),
                Some(_) => {}
                None => self.unsaid = Some((at, at, connection)),
            }
        }
        if let Some(last) = self.stretches.last_mut().filter(|last| last.connection == connection) {
            last.until = last.until.max(sent);
        }
    }

    /// When a message was sent, or up to a second earlier: messages carry whole seconds.
    fn sent(&mut self, at: Micros, connection: u64, time: u32) -> Micros {
        let difference = i64::from(seconds(at)) - i64::from(time);
        let behind = match self.behind {
            Some((known, least)) if known == connection => least.min(difference),
            _ => difference,
        };
        self.behind = Some((connection, behind));
        at.min((i64::from(time) + behind) * SECOND)
    }

    /// A time of this server by the capture's clock. None: no time, or one that never comes.
    pub(crate) fn corrected(&self, time: u32) -> Option<Micros> {
        if matches!(time, 0 | u32::MAX) || time == i32::MAX as u32 {
            return None;
        }
        let corrected = self.skew.map_or(time, |skew| skew.received(time, u32::MAX).raw());
        Some(Micros::from(corrected) * SECOND)
    }

    /// A STATE message came.
    pub(crate) fn said(&mut self, at: Micros, place: Place, connection: u64, said: &StateSaid) {
        if self.stretches.is_empty() {
            self.stretches.extend(self.before(place, connection, said));
        }
        let last = self.stretches.last();
        let from = match last {
            Some(last) if last.connection == connection => at,
            _ if said.startup => at,
            last => {
                let since = self.corrected(said.since).unwrap_or(at);
                since.max(last.map_or(Micros::MIN, |last| last.until)).min(at)
            }
        };
        if self.stretches.len() < MOST {
            let (state, startup) = (said.state, said.startup);
            self.stretches.push(Stretch { from, until: at, said: at, place, state, startup, connection });
        }
    }

    /// What the first STATE on a later connection says about the one on which the capture began: a server that comes
    /// back tells the state that it had; COMMUNICATIONS-INTERRUPTED comes after NORMAL (failover-12 figure 9.2-1).
    fn before(&self, place: Place, connection: u64, said: &StateSaid) -> Option<Stretch> {
        let (from, until, before) = self.unsaid?;
        let since = self.corrected(said.since)?;
        let interrupted = said.state == Reported::In(State::CommunicationsInterrupted) && !said.startup;
        let state = match said.state {
            _ if before == connection => return None,
            state if since <= from => state,
            _ if interrupted && since >= until - SECOND => Reported::In(State::Normal),
            _ => return None,
        };
        Some(Stretch { from, until, said: from, place, state, startup: false, connection: before })
    }

    /// When it was first and last heard of on a connection.
    pub(crate) fn heard_on(&self, connection: u64) -> Option<(Micros, Micros)> {
        self.heard.get(&connection).copied()
    }

    /// The stretch in which an instant lies, `margin` away from its ends.
    pub(crate) fn at(&self, at: Micros, margin: Micros) -> Option<&Stretch> {
        self.stretches.iter().rev().find(|stretch| stretch.has(at, margin))
    }

    /// What it may be in at an instant that lies in a stretch, if changes are known to no more than `margin`. None: not
    /// known, or it may be in STARTUP, or either in PARTNER-DOWN or not. Of several the one in which it is least in touch.
    pub(crate) fn about(&self, at: Micros, margin: Micros) -> Option<Reported> {
        self.at(at, 0)?;
        let near = |stretch: &&Stretch| stretch.from - margin <= at && stretch.until + margin >= at;
        let in_touch = |state| matches!(state, Reported::In(State::Normal | State::CommunicationsInterrupted));
        let mut about = None;
        for stretch in self.stretches.iter().filter(near) {
            let is_down = |state| state == Reported::In(State::PartnerDown);
            if stretch.startup || about.is_some_and(|known| is_down(known) != is_down(stretch.state)) {
                return None;
            }
            about = about.filter(|known| !in_touch(*known)).or(Some(stretch.state));
        }
        about
    }

    /// Whether it is in that state then.
    pub(crate) fn is_in(&self, state: State, at: Micros, margin: Micros) -> bool {
        self.at(at, margin).is_some_and(|stretch| stretch.state == Reported::In(state) && !stretch.startup)
    }
}

/// Whole seconds since 1970, for the 32 bits of the protocol.
pub(crate) fn seconds(at: Micros) -> u32 {
    (at / SECOND).clamp(0, i64::from(u32::MAX)) as u32
}

/// The two servers of the relationship that is judged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Server {
    /// Its address on failover connections, if one was seen.
    pub(crate) link: Option<Ipv4Addr>,
    /// Its addresses towards clients: source address or server identifier.
    pub(crate) clients: Vec<Ipv4Addr>,
    pub(crate) log: StateLog,
}
