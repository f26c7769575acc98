//! The connection between the servers: in order, or gone; a partition holds messages back until somebody notices.

use super::{Event, Run, role_of};
use dhcpfo_engine::effect::{Input, Parameters};
use dhcpfo_engine::endpoint::Phase;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::Role;
use dhcpfo_files::simulation::Setting;
use dhcpfo_time::Time;
use dhcpfo_world::action::What;
use rand::RngExt;
use std::collections::VecDeque;

/// The connection.
#[derive(Default)]
pub(super) struct Link {
    /// Counts connections.
    pub(super) epoch: u32,
    /// Both ends have it.
    pub(super) intact: bool,
    /// Each end believes in it.
    pub(super) session: [bool; 2],
    /// Nothing gets through towards each end.
    pub(super) blocked: [bool; 2],
    /// Counts partitions.
    pub(super) cut: u32,
    /// Towards each end.
    queues: [VecDeque<UnderWay>; 2],
    /// Somebody tries to connect already.
    trying: bool,
}

/// A message on the connection.
struct UnderWay {
    sent: u64,
    due: u64,
    message: Message,
}

impl Run<'_> {
    /// Sends a message to a server.
    pub(super) fn tell(&mut self, to: Role, message: Message) {
        if !self.link.intact {
            return;
        }
        self.measures.messages += 1;
        let (mean, slow, slower) =
            (self.get(Setting::LinkDelay), self.get(Setting::SlowLink), self.get(Setting::SlowLinkDelay));
        let mut delay = self.about(mean);
        if self.faulty && self.chance(slow) {
            delay += (slower * 1000.0) as u64;
        }
        let queue = &mut self.link.queues[to.index()];
        // What is later than the receive timer would break the connection.
        let due = (self.now + delay).max(queue.back().map_or(0, |last| last.due));
        queue.push_back(UnderWay { sent: self.now, due, message });
        let epoch = self.link.epoch;
        if !self.link.blocked[to.index()] {
            self.queue.push(due, Event::Arrive { to: to.index() as u8, epoch });
        }
    }

    pub(super) fn arrive(&mut self, to: u8, epoch: u32) {
        let i = usize::from(to);
        let due = self.link.queues[i].front().is_some_and(|first| first.due <= self.now);
        if epoch != self.link.epoch || self.link.blocked[i] || !self.link.session[i] || !due {
            return;
        }
        if let Some(UnderWay { sent, message, .. }) = self.link.queues[i].pop_front() {
            let role = role_of(to);
            // The protocol needs messages that are younger than MCLT, and has nothing that sees to it (Q7).
            let is_old = self.now - sent >= self.get(Setting::Mclt) as u64 * 1000;
            self.go_beyond(is_old, "a message between the servers was under way for MCLT (Q7)");
            let message = self.translated(role, message);
            self.tell_what(What::Deliver(role));
            self.stimulate(role, Input::Message(message));
            match message {
                Message::BndUpd(update) => self.agreed_after_late(update.address),
                Message::BndAck(ack) => self.agreed_after_late(ack.address),
                _ => {}
            }
        }
    }

    /// Times as the receiver's clock has them: every message says what its sender's clock shows.
    fn translated(&self, to: Role, mut message: Message) -> Message {
        let ahead = self.offset as i64;
        if ahead == 0 {
            return message;
        }
        let by = if to == Role::Secondary { ahead } else { -ahead };
        let shift = |time: &mut Time| {
            if *time != Time::LONG_AGO && *time != Time::SOMETIME {
                *time = Time::from_raw((i64::from(time.raw()) + by).clamp(1, i64::from(u32::MAX - 1)) as u32);
            }
        };
        match &mut message {
            Message::State(report) => shift(&mut report.since),
            Message::BndUpd(update) => {
                shift(&mut update.lease_expiration);
                shift(&mut update.potential_expiration);
                shift(&mut update.client_last_transaction);
                shift(&mut update.start_of_status);
            }
            _ => {}
        }
        message
    }

    /// An end gives the connection up, or its host is gone. The other end hears of that, unless nothing gets through
    /// or there is no host to say so.
    pub(super) fn drop_end(&mut self, role: Role, silently: bool) {
        let (i, partner) = (role.index(), role.partner().index());
        let was_intact = self.link.intact;
        self.link.session[i] = false;
        self.link.intact = false;
        self.link.queues[i].clear();
        if was_intact && self.link.session[partner] {
            let epoch = self.link.epoch;
            let event = Event::Lost { role: partner as u8, epoch };
            let patience = self.patience();
            if silently || self.link.blocked[partner] {
                self.push(patience, event);
            } else {
                let mean = self.get(Setting::LinkDelay);
                // Behind everything that was sent.
                let last = self.link.queues[partner].back().map_or(self.now, |last| last.due);
                let after = self.about(mean) + 1 + last.saturating_sub(self.now);
                self.push(after, event);
            }
        }
        self.try_to_connect(0);
    }

    /// After how much silence an end gives up.
    fn patience(&mut self) -> u64 {
        let timer = self.get(Setting::ReceiveTimer) as u32 * 1000;
        u64::from(self.random.random_range(timer * 2 / 3..=timer))
    }

    pub(super) fn lost(&mut self, role: u8, epoch: u32) {
        let i = usize::from(role);
        if epoch == self.link.epoch && self.link.session[i] && !self.link.intact {
            self.drop_end(role_of(role), false);
            self.tell_what(What::Notice(role_of(role)));
            self.stimulate(role_of(role), Input::Disconnected);
        }
    }

    pub(super) fn silence(&mut self, role: u8, cut: u32) {
        let i = usize::from(role);
        if cut == self.link.cut && self.link.blocked[i] && self.link.session[i] {
            self.drop_end(role_of(role), false);
            self.tell_what(What::Notice(role_of(role)));
            self.stimulate(role_of(role), Input::Disconnected);
        }
    }

    pub(super) fn try_to_connect(&mut self, after: u64) {
        if !self.link.trying {
            self.link.trying = true;
            self.push(after, Event::Connect);
        }
    }

    pub(super) fn connect(&mut self) {
        self.link.trying = false;
        if self.link.intact {
            return;
        }
        let able = |server: &super::Server| {
            let phase = server.endpoint().map(|endpoint| endpoint.volatile().phase);
            matches!(phase, Some(Phase::Running | Phase::Startup { .. }))
        };
        // Primaries only dial, and secondaries only wait to be dialled.
        let alike = self.servers[0].config.role == self.servers[1].config.role;
        if alike || self.link.blocked != [false; 2] || !self.servers.iter().all(able) {
            if self.servers.iter().all(super::Server::is_up) || self.servers.iter().any(super::Server::is_up) {
                let retry = (self.get(Setting::Retry) * 1000.0) as u64;
                self.try_to_connect(retry);
            }
            return;
        }
        self.tell_what(What::Connect);
        self.link.epoch += 1;
        (self.link.intact, self.link.session) = (true, [true; 2]);
        self.link.queues.iter_mut().for_each(VecDeque::clear);
        let parameters = Parameters { max_unacked: self.get(Setting::MaxUnacked) as u8 };
        for role in [Role::Secondary, Role::Primary] {
            self.stimulate(role, Input::Connected(parameters));
        }
    }

    /// Nothing gets through any more, or in one direction only.
    pub(super) fn cut(&mut self, blocked: [bool; 2]) {
        self.tell_what(What::Break);
        self.link.cut += 1;
        self.measures.cuts += 1;
        self.link.blocked = blocked;
        for role in Role::ALL {
            if blocked[role.index()] && self.link.session[role.index()] {
                let after = self.patience();
                self.push(after, Event::Silence { role: role.index() as u8, cut: self.link.cut });
            }
        }
    }

    pub(super) fn cut_ends(&mut self, cut: u32) {
        if cut == self.link.cut {
            self.uncut();
        }
    }

    /// All gets through, what was held back first.
    pub(super) fn uncut(&mut self) {
        self.link.blocked = [false; 2];
        for to in 0..2_u8 {
            let waiting: Vec<u64> = self.link.queues[usize::from(to)].iter().map(|waiting| waiting.due).collect();
            let epoch = self.link.epoch;
            waiting.into_iter().for_each(|due| self.queue.push(due, Event::Arrive { to, epoch }));
        }
        self.try_to_connect(0);
    }
}
