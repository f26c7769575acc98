//! From a state to its bytes.

use super::renaming::Renaming;
use crate::budget::{Budgets, Item};
use crate::clients::{Body, Client, Lease, Network, PACKETS, Packet, Waiting};
use crate::model::{ADDRESSES, Delay, Model, Table, WINDOW};
use crate::system::{Backup, Server, System};
use arrayvec::ArrayVec;
use dhcpfo_engine::binding::{Binding, Status};
use dhcpfo_engine::durable::Durable;
use dhcpfo_engine::effect::{Answer, Ask};
use dhcpfo_engine::endpoint::{Conversation, Phase, Session, Volatile};
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::Reported;
use dhcpfo_time::Time;

/// Room for the canonical bytes of any state: no more than about 400.
pub(super) const ROOM: usize = 512;

/// How times are written.
pub(super) trait Stamp {
    /// The byte of a time.
    fn byte(&self, time: Time) -> u8;
    /// Told of each time in the order in which they are written.
    fn wrote(&self, time: Time) {
        let _ = time;
    }
}

impl<F: Fn(Time) -> u8> Stamp for F {
    #[inline(always)]
    fn byte(&self, time: Time) -> u8 {
        self(time)
    }
}

/// Writes the canonical bytes of a state under one renaming into room that was there before.
pub(super) struct Writer<'a, T> {
    pub(super) model: &'a Model,
    pub(super) renaming: &'a Renaming,
    pub(super) time: T,
    pub(super) out: &'a mut [u8; ROOM],
    pub(super) length: usize,
}

impl<T: Stamp> Writer<'_, T> {
    #[inline(always)]
    fn byte(&mut self, byte: u8) {
        self.out[self.length] = byte;
        self.length += 1;
    }

    /// One time, always there.
    #[inline(always)]
    fn time(&mut self, time: Time) {
        let byte = self.time.byte(time);
        self.time.wrote(time);
        self.byte(byte);
    }

    /// A byte that says which of these times are not [`Time::LONG_AGO`], then those; at most seven.
    #[inline(always)]
    fn times<const N: usize>(&mut self, times: [Time; N]) {
        const { assert!(N < 8) };
        let Some(room) = self.out[self.length..].first_chunk_mut::<8>() else { unreachable!("see ROOM") };
        // Without a branch, since nothing foretells which are there.
        let (mut written, mut bits) = (1, 0);
        for (bit, time) in times.into_iter().enumerate() {
            room[written & 7] = self.time.byte(time);
            self.time.wrote(time);
            let is_there = time != Time::LONG_AGO;
            bits |= u8::from(is_there) << bit;
            written += usize::from(is_there);
        }
        room[0] = bits;
        self.length += written;
    }

    /// The first of these times, as many as there are addresses, under the addresses' new names.
    fn times_of_addresses(&mut self, times: &[Time; ADDRESSES]) {
        let mut renamed = [Time::LONG_AGO; ADDRESSES];
        for place in 0..self.model.addresses.len() {
            renamed[place] = times[usize::from(self.renaming.old_addresses[place])];
        }
        self.times(renamed);
    }

    pub(super) fn system(&mut self, system: &System) {
        if self.model.budgets.left(Item::Changes) > 0 {
            let bits = system.changed.iter().chain(&system.terms).fold(0, |bits, &bit| bits << 1 | u8::from(bit));
            self.byte(bits);
        }
        for (server, ghosts) in system.servers.iter().zip(&system.ghosts.rest) {
            self.server(server);
            self.times_of_addresses(ghosts);
        }
        self.times(system.ghosts.silence);
        if system.keeps_past {
            let [primary, secondary] = system.ghosts.stopped;
            self.times([primary, secondary, system.ghosts.contact]);
        }
        if self.model.budgets.left(Item::Backups) > 0 {
            self.backup(system.backup.as_deref());
        }
        let deaf = system.link.deaf.map_or(0, |end| 1 + end as u8);
        self.byte(
            u8::from(system.link.intact)
                | u8::from(system.overflow) << 1
                | u8::from(system.broken != 0) << 2
                | deaf << 3,
        );
        if system.broken != 0 {
            system.broken.to_le_bytes().into_iter().for_each(|byte| self.byte(byte));
        }
        for queue in &system.link.towards {
            self.byte(queue.len() as u8);
            for flying in queue {
                self.message(&flying.message);
                if self.model.delay == Delay::Bounded {
                    self.time(flying.by);
                }
            }
        }
        if self.model.delay == Delay::Bounded {
            self.times(system.link.notice_by);
        }
        for place in 0..self.model.client_count() {
            self.client(&system.clients[usize::from(self.renaming.old_clients[place])]);
        }
        self.network(&system.network);
        let limited = self.model.budgets.amounts().iter().zip(system.budgets.amounts());
        for (&initial, &left) in limited {
            if initial != 0 && initial != Budgets::UNLIMITED {
                self.byte(left);
            }
        }
    }

    fn backup(&mut self, backup: Option<&Backup>) {
        match backup {
            None => self.byte(u8::MAX),
            Some(backup) => {
                self.byte(backup.of as u8);
                self.durable(&backup.durable);
            }
        }
    }

    fn server(&mut self, server: &Server) {
        match server {
            Server::Down(durable) => {
                self.byte(0);
                self.durable(durable);
            }
            Server::Up(endpoint) => {
                let volatile = endpoint.volatile();
                self.byte(match volatile.phase {
                    Phase::Startup { .. } => 1,
                    Phase::Running => 2,
                    Phase::Paused => 3,
                    Phase::Shutdown => 4,
                });
                if let Phase::Startup { ends } = volatile.phase {
                    self.times([ends]);
                }
                self.durable(endpoint.durable());
                self.volatile(volatile);
            }
        }
    }

    fn durable(&mut self, durable: &Durable<Table>) {
        match durable.endpoint() {
            None => self.byte(u8::MAX),
            Some(record) => {
                self.byte(record.state as u8 | u8::from(record.lost) << 6 | u8::from(record.owes_all) << 7);
                self.times([
                    record.since,
                    record.last_operational,
                    record.recover_wait_ends,
                    record.partner_down_wait_ends,
                ]);
            }
        }
        let bindings = durable.table().bindings();
        for place in 0..self.model.addresses.len() {
            self.binding(&bindings[usize::from(self.renaming.old_addresses[place])]);
        }
    }

    fn binding(&mut self, binding: &Binding) {
        self.byte(binding.partner as u8 | u8::from(binding.reclaiming) << 2);
        self.status(binding.status);
        self.times(binding.times());
    }

    fn status(&mut self, status: Status) {
        let client = status.client().map_or(7, |client| self.renaming.client(client));
        self.byte(status.code() as u8 | client << 4);
    }

    fn volatile(&mut self, volatile: &Volatile<WINDOW>) {
        self.reported(volatile.heard);
        self.times([volatile.safe_period_ends.unwrap_or(Time::LONG_AGO)]);
        let kind = u8::from(volatile.safe_period_ends.is_some()) << 2;
        match &volatile.session {
            Session::Down => self.byte(kind),
            Session::Connected(_) => self.byte(kind | 1),
            Session::Ok(conversation) => {
                self.byte(kind | 2);
                self.conversation(conversation);
            }
        }
    }

    fn reported(&mut self, reported: Option<Reported>) {
        self.byte(match reported {
            None => 15,
            Some(Reported::In(state)) => state as u8,
            Some(Reported::Paused) => 10,
            Some(Reported::Shutdown) => 11,
        });
    }

    fn conversation(&mut self, conversation: &Conversation<WINDOW>) {
        self.reported(Some(conversation.partner));
        let used = (0..WINDOW).filter(|&i| conversation.window[i].is_some()).fold(0, |bits, i| bits | 1 << i);
        self.byte(used);
        for outstanding in conversation.window.iter().flatten() {
            let address = self.renaming.address(outstanding.address);
            self.byte(outstanding.told as u8 | u8::from(outstanding.counted) << 3 | address << 4);
        }
        self.byte(
            u8::from(conversation.flowing)
                | u8::from(conversation.asked) << 1
                | u8::from(conversation.pool_request_due) << 2
                | u8::from(conversation.serving.is_some()) << 3
                | (conversation.told_below as u8) << 4,
        );
        if let Some(serving) = conversation.serving {
            self.byte(u8::from(serving.all) | (serving.next as u8) << 1);
            self.byte(serving.last.map_or(u8::MAX, |t| t.0));
        }
    }

    fn message(&mut self, message: &Message) {
        match message {
            Message::State(report) => {
                self.byte(u8::from(report.startup));
                self.reported(Some(report.state));
                self.times([report.since]);
            }
            Message::BndUpd(update) => {
                self.byte(2 | u8::from(update.reserved));
                self.byte(update.transaction.0 | self.renaming.address(update.address) << 4);
                self.status(update.status);
                self.times([
                    update.lease_expiration,
                    update.potential_expiration,
                    update.client_last_transaction,
                    update.start_of_status,
                ]);
            }
            Message::BndAck(ack) => {
                self.byte(4);
                self.byte(ack.transaction.0 | self.renaming.address(ack.address) << 4);
                self.byte(ack.reject.map_or(0, |reason| reason as u8));
            }
            Message::UpdReq => self.byte(5),
            Message::UpdReqAll => self.byte(6),
            Message::UpdDone => self.byte(7),
            Message::PoolReq => self.byte(8),
            Message::PoolResp(count) => {
                self.byte(9);
                self.byte(*count as u8);
            }
        }
    }

    fn client(&mut self, client: &Client) {
        let waiting = match client.waiting {
            Waiting::Nothing => 0,
            Waiting::Offer => 1,
            Waiting::Extension => 2,
            Waiting::Choice(server, address) => 3 | (server as u8) << 2 | self.renaming.address(address) << 3,
        };
        match client.lease {
            None => self.byte(waiting),
            Some(lease) => {
                self.byte(waiting | 0x80);
                self.byte(self.renaming.address(lease.address) << 1 | lease.from as u8);
                self.time(lease.ends);
            }
        }
        if self.model.budgets.left(Item::SecondLeases) > 0 {
            let place = |lease: Lease| self.renaming.address(lease.address) << 1 | lease.from as u8;
            let (place, ends) = client.other.map_or((u8::MAX, Time::LONG_AGO), |lease| (place(lease), lease.ends));
            self.byte(place);
            self.time(ends);
        }
    }

    /// Packets have no order: their bytes are sorted.
    fn network(&mut self, network: &Network) {
        self.byte(network.len() as u8);
        if network.is_empty() {
            return;
        }
        let mut packets: ArrayVec<([u8; 4], Time), PACKETS> =
            network.iter().map(|packet| self.packet(packet)).collect();
        packets.sort_unstable_by_key(|&(bytes, _)| bytes);
        for (bytes, ends) in packets {
            bytes.into_iter().for_each(|byte| self.byte(byte));
            self.time.wrote(ends);
        }
    }

    /// Its bytes, and the time in the last of them.
    fn packet(&self, packet: &Packet) -> ([u8; 4], Time) {
        let never = Time::LONG_AGO;
        let (kind, address, ends) = match packet.body {
            Body::Ask(ask) => match ask {
                Ask::Discover => (0, None, never),
                Ask::Select(a) => (1, Some(a), never),
                Ask::Reboot(a) => (2, Some(a), never),
                Ask::Renew(a) => (3, Some(a), never),
                Ask::Rebind(a) => (4, Some(a), never),
                Ask::Decline(a) => (5, Some(a), never),
                Ask::Release(a) => (6, Some(a), never),
                Ask::Inform => (7, None, never),
            },
            Body::Answer(answer) => match answer {
                Answer::Offer(a) => (8, Some(a), never),
                Answer::Ack(a, ends) => (9, Some(a), ends),
                Answer::Nak => (10, None, never),
                Answer::Informed => (11, None, never),
            },
        };
        let client = self.renaming.clients[usize::from(packet.client)];
        let address = address.map_or(0, |a| self.renaming.address(a));
        ([kind, client << 1 | packet.server as u8, address, self.time.byte(ends)], ends)
    }
}
