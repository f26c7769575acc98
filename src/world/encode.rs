//! Canonical bytes of a state, and back; and the symmetries that they forget.
//!
//! Clients that are alike are interchangeable, and so are unreserved addresses where servers may look through
//! their tables in any order. The canonical bytes of a state are the least of those of its images under all
//! such renamings. What is said of times is said of ranks, so no renaming touches it.

use crate::action::{Action, Deed, Order, What};
use crate::budget::{Budgets, ITEMS};
use crate::clients::{Body, CLIENTS, Client, Lease, Network, Packet, Waiting};
use crate::link::{InFlight, QUEUE};
use crate::model::{ADDRESSES, Delay, Model, Table, WINDOW};
use crate::system::{ModelEndpoint, Server, System};
use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Code, Partner, Status};
use dhcpfo_engine::durable::{Durable, EndpointRecord};
use dhcpfo_engine::effect::{Answer, Ask, Parameters};
use dhcpfo_engine::endpoint::{Conversation, Endpoint, Outstanding, Phase, Serving, Session, Volatile};
use dhcpfo_engine::message::{BndAck, BndUpd, Message, RejectReason, StateReport, Transaction};
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_engine::table::{Inline, LeaseTable};
use dhcpfo_engine::time::Time;

/// A renaming of clients and addresses: from old number to new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renaming {
    clients: [u8; CLIENTS],
    addresses: [u8; ADDRESSES],
    /// For each client the next lower one that is alike, or itself.
    classes: [u8; CLIENTS],
}

impl Renaming {
    /// Every name stays.
    pub const NONE: Renaming = Renaming { clients: [0, 1, 2, 3], addresses: [0, 1, 2, 3], classes: [0, 1, 2, 3] };

    /// All renamings under which a model behaves alike, [`Renaming::NONE`] first.
    pub fn all(model: &Model) -> Vec<Renaming> {
        let reserved = |client: u8| model.addresses.iter().any(|address| address.reserved == Some(client));
        let alike_clients = |a: u8, b: u8| {
            let bucket = |c: u8| model.servers[0].buckets.is_secondarys(model.clients[usize::from(c)]);
            model.symmetric_clients && !reserved(a) && !reserved(b) && bucket(a) == bucket(b)
        };
        let open = |a: u8| model.addresses[usize::from(a)].reserved.is_none();
        let alike_addresses = |a: u8, b: u8| model.symmetric_addresses && open(a) && open(b);
        let clients = permutations(model.client_count(), alike_clients);
        let addresses = permutations(model.addresses.len(), alike_addresses);
        let lower = |c: u8| (0..c).rev().find(|&other| alike_clients(other, c)).unwrap_or(c);
        let mut classes = Renaming::NONE.classes;
        (0..model.client_count() as u8).for_each(|c| classes[usize::from(c)] = lower(c));
        let pair =
            |&clients: &[u8; 4]| addresses.iter().map(move |&addresses| Renaming { clients, addresses, classes });
        clients.iter().flat_map(pair).collect()
    }

    /// Whether clients that are alike come out in the order of these keys.
    fn sorts(&self, keys: &[u64; CLIENTS], model: &Model) -> bool {
        let mut renamed = [0; CLIENTS];
        for (old, &key) in keys.iter().enumerate() {
            renamed[usize::from(self.clients[old])] = key;
        }
        (0..model.client_count()).all(|place| renamed[usize::from(self.classes[place])] <= renamed[place])
    }

    fn client(&self, client: ClientId) -> u8 {
        self.clients[client.0 as usize]
    }

    fn address(&self, address: AddressId) -> u8 {
        self.addresses[address.0 as usize]
    }
}

/// All permutations of `0..count` that move each to one that is alike, the identity first.
fn permutations(count: usize, alike: impl Fn(u8, u8) -> bool) -> Vec<[u8; 4]> {
    let mut all = vec![[0, 1, 2, 3]];
    for last in 1..count {
        let shorter = all.clone();
        for permutation in shorter {
            for place in (0..last).rev() {
                let mut next = permutation;
                next.swap(place, last);
                all.push(next);
            }
        }
    }
    let fits = |p: &[u8; 4]| (0..count as u8).all(|i| p[usize::from(i)] == i || alike(i, p[usize::from(i)]));
    all.retain(fits);
    all
}

/// Appends the canonical bytes of `system`: the least over `renamings`.
pub fn encode(
    model: &Model,
    renamings: &[Renaming],
    system: &System,
    time: fn(Time) -> u8,
    scratch: &mut Vec<u8>,
    out: &mut Vec<u8>,
) {
    let begin = out.len();
    if let [only] = renamings {
        return Writer { model, renaming: only, time, out }.system(system);
    }
    let keys = client_keys(model, system, time);
    let mut first = true;
    for renaming in renamings.iter().filter(|renaming| renaming.sorts(&keys, model)) {
        scratch.clear();
        Writer { model, renaming, time, out: scratch }.system(system);
        if first || scratch[..] < out[begin..] {
            out.truncate(begin);
            out.extend_from_slice(scratch);
        }
        first = false;
    }
}

/// Something about each client that does not depend on names: cheap, and mostly enough to tell clients apart,
/// so that few renamings have to be written out.
fn client_keys(model: &Model, system: &System, time: fn(Time) -> u8) -> [u64; CLIENTS] {
    let mut keys = [0; CLIENTS];
    for (key, client) in keys.iter_mut().zip(&system.clients) {
        if let Some(lease) = client.lease {
            *key = 1 << 63 | u64::from(time(lease.ends)) << 8 | (lease.from as u64) << 4;
        }
        *key |= match client.waiting {
            Waiting::Nothing => 0,
            Waiting::Offer => 1,
            Waiting::Extension => 2,
            Waiting::Choice(server, _) => 3 + server as u64,
        };
    }
    for (server, place) in system.servers.iter().zip([16, 40]) {
        for address in 0..model.addresses.len() {
            let status = server.durable().table().get(AddressId(address as u32)).status;
            if let Some(client) = status.client() {
                // Three bits for each status: more than there are addresses.
                keys[client.0 as usize] += 1 << (place + 3 * (status.code() as u64));
            }
        }
    }
    keys
}

/// Makes `system` what these bytes say; they must come from [`encode`] for the same model. Takes what it needs.
pub fn decode(model: &Model, bytes: &mut &[u8], time: fn(u8) -> Time, system: &mut System) {
    Reader { model, time, bytes }.system(system);
}

struct Writer<'a> {
    model: &'a Model,
    renaming: &'a Renaming,
    time: fn(Time) -> u8,
    out: &'a mut Vec<u8>,
}

impl Writer<'_> {
    fn byte(&mut self, byte: u8) {
        self.out.push(byte);
    }

    /// A byte that says which of these times are not [`Time::LONG_AGO`], then those.
    fn times(&mut self, times: &[Time]) {
        let place = self.out.len();
        self.out.push(0);
        for (bit, &time) in times.iter().enumerate() {
            if time != Time::LONG_AGO {
                self.out[place] |= 1 << bit;
                self.out.push((self.time)(time));
            }
        }
    }

    fn system(&mut self, system: &System) {
        let addresses = self.model.addresses.len();
        for (server, ghosts) in system.servers.iter().zip(&system.ghosts.rest) {
            self.server(server);
            let mut rest = [Time::LONG_AGO; ADDRESSES];
            for (address, &time) in ghosts[..addresses].iter().enumerate() {
                rest[usize::from(self.renaming.addresses[address])] = time;
            }
            self.times(&rest[..addresses]);
        }
        self.times(&system.ghosts.silence);
        self.byte(u8::from(system.link.intact) | u8::from(system.overflow) << 1 | u8::from(system.broken != 0) << 2);
        if system.broken != 0 {
            self.out.extend_from_slice(&system.broken.to_le_bytes());
        }
        for queue in &system.link.towards {
            self.byte(queue.len() as u8);
            for flying in queue {
                self.message(&flying.message);
                if self.model.delay == Delay::Bounded {
                    let by = (self.time)(flying.by);
                    self.byte(by);
                }
            }
        }
        if self.model.delay == Delay::Bounded {
            self.times(&system.link.notice_by);
        }
        let mut clients = [Client::default(); CLIENTS];
        for (old, client) in system.clients.iter().enumerate() {
            clients[usize::from(self.renaming.clients[old])] = *client;
        }
        clients[..self.model.client_count()].iter().for_each(|client| self.client(client));
        self.network(&system.network);
        let limited = self.model.budgets.amounts().iter().zip(system.budgets.amounts());
        for (&initial, &left) in limited {
            if initial != 0 && initial != Budgets::UNLIMITED {
                self.out.push(left);
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
                    self.times(&[ends]);
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
                self.times(&[
                    record.since,
                    record.last_operational,
                    record.recover_wait_ends,
                    record.partner_down_wait_ends,
                ]);
            }
        }
        let mut order = [0; ADDRESSES];
        for old in 0..self.model.addresses.len() {
            order[usize::from(self.renaming.addresses[old])] = old as u32;
        }
        for &old in &order[..self.model.addresses.len()] {
            self.binding(&durable.table().get(AddressId(old)));
        }
    }

    fn binding(&mut self, binding: &Binding) {
        self.byte(binding.partner as u8 | u8::from(binding.reclaiming) << 2);
        self.status(binding.status);
        self.times(&[
            binding.lease_expiration,
            binding.sent_potential_expiration,
            binding.acked_potential_expiration,
            binding.received_potential_expiration,
            binding.client_last_transaction,
            binding.start_of_status,
            binding.wait_ends,
        ]);
    }

    fn status(&mut self, status: Status) {
        let client = status.client().map_or(7, |client| self.renaming.client(client));
        self.byte(status.code() as u8 | client << 4);
    }

    fn volatile(&mut self, volatile: &Volatile<WINDOW>) {
        self.reported(volatile.heard);
        self.times(&[volatile.safe_period_ends.unwrap_or(Time::LONG_AGO)]);
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
                | u8::from(conversation.serving.is_some()) << 3,
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
                self.times(&[report.since]);
            }
            Message::BndUpd(update) => {
                self.byte(2 | u8::from(update.reserved));
                self.byte(update.transaction.0 | self.renaming.address(update.address) << 4);
                self.status(update.status);
                self.times(&[
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
                let ends = (self.time)(lease.ends);
                self.byte(ends);
            }
        }
    }

    /// Packets have no order: their bytes are sorted.
    fn network(&mut self, network: &Network) {
        self.byte(network.len() as u8);
        let mut packets: arrayvec::ArrayVec<[u8; 4], { crate::clients::PACKETS }> =
            network.iter().map(|packet| self.packet(packet)).collect();
        packets.sort_unstable();
        packets.iter().for_each(|packet| self.out.extend_from_slice(packet));
    }

    fn packet(&self, packet: &Packet) -> [u8; 4] {
        let (kind, address, ends) = match packet.body {
            Body::Ask(ask) => match ask {
                Ask::Discover => (0, None, 0),
                Ask::Select(a) => (1, Some(a), 0),
                Ask::Reboot(a) => (2, Some(a), 0),
                Ask::Renew(a) => (3, Some(a), 0),
                Ask::Rebind(a) => (4, Some(a), 0),
                Ask::Decline(a) => (5, Some(a), 0),
                Ask::Release(a) => (6, Some(a), 0),
                Ask::Inform => (7, None, 0),
            },
            Body::Answer(answer) => match answer {
                Answer::Offer(a) => (8, Some(a), 0),
                Answer::Ack(a, ends) => (9, Some(a), (self.time)(ends)),
                Answer::Nak => (10, None, 0),
                Answer::Informed => (11, None, 0),
            },
        };
        let client = self.renaming.clients[usize::from(packet.client)];
        let address = address.map_or(0, |a| self.renaming.address(a));
        [kind, client << 1 | packet.server as u8, address, ends]
    }
}

struct Reader<'a, 'b> {
    model: &'a Model,
    time: fn(u8) -> Time,
    bytes: &'a mut &'b [u8],
}

impl Reader<'_, '_> {
    fn byte(&mut self) -> u8 {
        let (&first, rest) = self.bytes.split_first().expect("bytes of a whole state");
        *self.bytes = rest;
        first
    }

    fn times<const N: usize>(&mut self) -> [Time; N] {
        let bits = self.byte();
        let mut times = [Time::LONG_AGO; N];
        for (bit, time) in times.iter_mut().enumerate() {
            if bits & 1 << bit != 0 {
                *time = (self.time)(self.byte());
            }
        }
        times
    }

    fn system(&mut self, system: &mut System) {
        for i in 0..2 {
            system.servers[i] = self.server();
            system.ghosts.rest[i] = self.times();
        }
        system.ghosts.silence = self.times();
        let bits = self.byte();
        system.overflow = bits & 2 != 0;
        system.broken =
            if bits & 4 == 0 { 0 } else { u32::from_le_bytes([self.byte(), self.byte(), self.byte(), self.byte()]) };
        system.link.intact = bits & 1 != 0;
        system.link.notice_by = [Time::LONG_AGO; 2];
        for queue in &mut system.link.towards {
            queue.clear();
            let length = usize::from(self.byte()).min(QUEUE);
            for _ in 0..length {
                let message = self.message();
                let bounded = self.model.delay == Delay::Bounded;
                let by = if bounded { (self.time)(self.byte()) } else { Time::LONG_AGO };
                queue.push(InFlight { message, by });
            }
        }
        if self.model.delay == Delay::Bounded {
            system.link.notice_by = self.times();
        }
        for client in &mut system.clients[..self.model.client_count()] {
            *client = self.client();
        }
        system.network.clear();
        for _ in 0..self.byte() {
            system.network.push(self.packet());
        }
        system.budgets = self.model.budgets;
        for item in 0..ITEMS {
            let initial = self.model.budgets.amounts()[item];
            if initial != 0 && initial != Budgets::UNLIMITED {
                system.budgets.amounts_mut()[item] = self.byte();
            }
        }
    }

    fn server(&mut self) -> Server {
        let kind = self.byte();
        let phase = match kind {
            0 => return Server::Down(self.durable()),
            1 => {
                let [ends] = self.times();
                Phase::Startup { ends }
            }
            2 => Phase::Running,
            3 => Phase::Paused,
            _ => Phase::Shutdown,
        };
        let durable = self.durable();
        Server::Up(self.endpoint(durable, phase))
    }

    fn durable(&mut self) -> Durable<Table> {
        let record = match self.byte() {
            u8::MAX => None,
            bits => {
                let [since, last_operational, recover_wait_ends, partner_down_wait_ends] = self.times();
                Some(EndpointRecord {
                    state: state(bits & 15),
                    since,
                    lost: bits & 1 << 6 != 0,
                    owes_all: bits & 1 << 7 != 0,
                    last_operational,
                    recover_wait_ends,
                    partner_down_wait_ends,
                })
            }
        };
        let mut bindings = [Binding::NEVER_USED; ADDRESSES];
        let mut reserved = [None; ADDRESSES];
        for (i, address) in self.model.addresses.iter().enumerate() {
            bindings[i] = self.binding();
            reserved[i] = address.reserved.map(|client| ClientId(u32::from(client)));
        }
        let count = self.model.addresses.len();
        Durable::found(record, Inline::new(&bindings[..count], &reserved[..count]))
    }

    fn binding(&mut self) -> Binding {
        let bits = self.byte();
        let status = self.status();
        let [lease_expiration, sent, acked, received, client_last_transaction, start_of_status, wait_ends] =
            self.times();
        Binding {
            status,
            partner: match bits & 3 {
                0 => Partner::UpToDate,
                1 => Partner::Unsent,
                2 => Partner::Sent,
                _ => Partner::Rejected,
            },
            reclaiming: bits & 4 != 0,
            lease_expiration,
            sent_potential_expiration: sent,
            acked_potential_expiration: acked,
            received_potential_expiration: received,
            client_last_transaction,
            start_of_status,
            wait_ends,
        }
    }

    fn status(&mut self) -> Status {
        let bits = self.byte();
        let last = (bits >> 4 != 7).then_some(ClientId(u32::from(bits >> 4)));
        match (code(bits & 15), last) {
            (Code::Active, Some(client)) => Status::Active { client },
            (Code::Expired, Some(client)) => Status::Expired { client },
            (Code::Released, Some(client)) => Status::Released { client },
            (Code::Abandoned, _) => Status::Abandoned,
            (Code::Reset, _) => Status::Reset,
            (Code::Backup, last) => Status::Backup { last },
            (_, last) => Status::Free { last },
        }
    }

    fn endpoint(&mut self, durable: Durable<Table>, phase: Phase) -> ModelEndpoint {
        let heard = self.reported();
        let [ends] = self.times();
        let kind = self.byte();
        let parameters = Parameters { max_unacked: self.model.max_unacked };
        let session = match kind & 3 {
            0 => Session::Down,
            1 => Session::Connected(parameters),
            _ => Session::Ok(self.conversation(parameters)),
        };
        let safe_period_ends = (kind & 4 != 0).then_some(ends);
        Endpoint::resume(durable, Volatile { phase, session, safe_period_ends, heard })
    }

    fn reported(&mut self) -> Option<Reported> {
        match self.byte() {
            10 => Some(Reported::Paused),
            11 => Some(Reported::Shutdown),
            15 => None,
            number => Some(Reported::In(state(number))),
        }
    }

    fn conversation(&mut self, parameters: Parameters) -> Conversation<WINDOW> {
        let partner = self.reported().unwrap_or(Reported::Paused);
        let used = self.byte();
        let mut window = [None; WINDOW];
        for (slot, outstanding) in window.iter_mut().enumerate() {
            if used & 1 << slot != 0 {
                let bits = self.byte();
                let address = AddressId(u32::from(bits >> 4));
                *outstanding = Some(Outstanding { address, told: code(bits & 7), counted: bits & 8 != 0 });
            }
        }
        let bits = self.byte();
        let serving = (bits & 8 != 0).then(|| {
            let bits = self.byte();
            let last = self.byte();
            let last = (last != u8::MAX).then_some(Transaction(last));
            Serving { all: bits & 1 != 0, next: u32::from(bits >> 1), last }
        });
        Conversation {
            parameters,
            partner,
            window,
            flowing: bits & 1 != 0,
            asked: bits & 2 != 0,
            serving,
            pool_request_due: bits & 4 != 0,
        }
    }

    fn message(&mut self) -> Message {
        match self.byte() {
            startup @ (0 | 1) => {
                let state = self.reported().unwrap_or(Reported::Paused);
                let [since] = self.times();
                Message::State(StateReport { state, startup: startup == 1, since })
            }
            kind @ (2 | 3) => {
                let place = self.byte();
                let status = self.status();
                let [lease_expiration, potential_expiration, client_last_transaction, start_of_status] = self.times();
                Message::BndUpd(BndUpd {
                    transaction: Transaction(place & 15),
                    address: AddressId(u32::from(place >> 4)),
                    status,
                    reserved: kind == 3,
                    lease_expiration,
                    potential_expiration,
                    client_last_transaction,
                    start_of_status,
                })
            }
            4 => {
                let (place, reason) = (self.byte(), self.byte());
                Message::BndAck(BndAck {
                    transaction: Transaction(place & 15),
                    address: AddressId(u32::from(place >> 4)),
                    reject: reject(reason),
                })
            }
            5 => Message::UpdReq,
            6 => Message::UpdReqAll,
            7 => Message::UpdDone,
            8 => Message::PoolReq,
            _ => Message::PoolResp(u32::from(self.byte())),
        }
    }

    fn client(&mut self) -> Client {
        let bits = self.byte();
        let waiting = match bits & 3 {
            0 => Waiting::Nothing,
            1 => Waiting::Offer,
            2 => Waiting::Extension,
            _ => Waiting::Choice(role(bits >> 2 & 1), AddressId(u32::from(bits >> 3 & 15))),
        };
        let lease = (bits & 0x80 != 0).then(|| {
            let place = self.byte();
            let ends = (self.time)(self.byte());
            Lease { address: AddressId(u32::from(place >> 1)), ends, from: role(place & 1) }
        });
        Client { lease, waiting }
    }

    fn packet(&mut self) -> Packet {
        let [kind, who, address, ends] = [self.byte(), self.byte(), self.byte(), self.byte()];
        let a = AddressId(u32::from(address));
        let body = match kind {
            0 => Body::Ask(Ask::Discover),
            1 => Body::Ask(Ask::Select(a)),
            2 => Body::Ask(Ask::Reboot(a)),
            3 => Body::Ask(Ask::Renew(a)),
            4 => Body::Ask(Ask::Rebind(a)),
            5 => Body::Ask(Ask::Decline(a)),
            6 => Body::Ask(Ask::Release(a)),
            7 => Body::Ask(Ask::Inform),
            8 => Body::Answer(Answer::Offer(a)),
            9 => Body::Answer(Answer::Ack(a, (self.time)(ends))),
            10 => Body::Answer(Answer::Nak),
            _ => Body::Answer(Answer::Informed),
        };
        Packet { client: who >> 1, server: role(who & 1), body }
    }
}

fn state(number: u8) -> State {
    State::ALL[usize::from(number)]
}

fn role(number: u8) -> Role {
    Role::ALL[usize::from(number)]
}

fn code(number: u8) -> Code {
    match number {
        2 => Code::Active,
        3 => Code::Expired,
        4 => Code::Released,
        5 => Code::Abandoned,
        6 => Code::Reset,
        7 => Code::Backup,
        _ => Code::Free,
    }
}

fn reject(number: u8) -> Option<RejectReason> {
    match number {
        1 => Some(RejectReason::IllegalAddress),
        2 => Some(RejectReason::FatalConflict),
        3 => Some(RejectReason::MissingBinding),
        15 => Some(RejectReason::Outdated),
        16 => Some(RejectReason::LessCritical),
        19 => Some(RejectReason::NotReserved),
        _ => None,
    }
}

// ---- exchanging two addresses, for servers that look through their tables in another order ---------------

impl System {
    /// The same system with two addresses' names exchanged.
    pub fn exchange(&mut self, a: u8, b: u8) {
        let swap = |address: &mut AddressId| *address = exchanged(*address, a, b);
        for server in &mut self.servers {
            let durable = exchange_table(server.durable(), a, b);
            *server = match server {
                Server::Down(_) => Server::Down(durable),
                Server::Up(endpoint) => {
                    let mut volatile = *endpoint.volatile();
                    if let Session::Ok(conversation) = &mut volatile.session {
                        conversation.window.iter_mut().flatten().for_each(|o| swap(&mut o.address));
                    }
                    Server::Up(Endpoint::resume(durable, volatile))
                }
            };
        }
        for queue in &mut self.link.towards {
            for flying in queue {
                match &mut flying.message {
                    Message::BndUpd(update) => swap(&mut update.address),
                    Message::BndAck(ack) => swap(&mut ack.address),
                    _ => {}
                }
            }
        }
        for client in &mut self.clients {
            if let Some(lease) = &mut client.lease {
                swap(&mut lease.address);
            }
            if let Waiting::Choice(_, address) = &mut client.waiting {
                swap(address);
            }
        }
        self.network.iter_mut().for_each(|packet| *packet = packet.exchange(a, b));
        for rest in &mut self.ghosts.rest {
            rest.swap(usize::from(a), usize::from(b));
        }
    }
}

fn exchanged(address: AddressId, a: u8, b: u8) -> AddressId {
    let (a, b) = (u32::from(a), u32::from(b));
    AddressId(if address.0 == a {
        b
    } else if address.0 == b {
        a
    } else {
        address.0
    })
}

fn exchange_table(durable: &Durable<Table>, a: u8, b: u8) -> Durable<Table> {
    let mut table = *durable.table();
    table.bindings_mut().swap(usize::from(a), usize::from(b));
    Durable::found(durable.endpoint().copied(), table)
}

impl Packet {
    fn exchange(self, a: u8, b: u8) -> Packet {
        let x = |address| exchanged(address, a, b);
        let body = match self.body {
            Body::Ask(ask) => Body::Ask(match ask {
                Ask::Select(address) => Ask::Select(x(address)),
                Ask::Reboot(address) => Ask::Reboot(x(address)),
                Ask::Renew(address) => Ask::Renew(x(address)),
                Ask::Rebind(address) => Ask::Rebind(x(address)),
                Ask::Decline(address) => Ask::Decline(x(address)),
                Ask::Release(address) => Ask::Release(x(address)),
                Ask::Discover | Ask::Inform => ask,
            }),
            Body::Answer(answer) => Body::Answer(match answer {
                Answer::Offer(address) => Answer::Offer(x(address)),
                Answer::Ack(address, ends) => Answer::Ack(x(address), ends),
                Answer::Nak | Answer::Informed => answer,
            }),
        };
        Packet { body, ..self }
    }
}

impl Action {
    /// The same action with two addresses' names exchanged.
    #[must_use]
    pub fn exchange(self, a: u8, b: u8) -> Action {
        let x = |address| exchanged(address, a, b);
        let what = match self.what {
            What::Operator(role, Order::Reset(address)) => What::Operator(role, Order::Reset(x(address))),
            What::Client { client, deed: Deed::Obtain(address), server, lost } => {
                What::Client { client, deed: Deed::Obtain(x(address)), server, lost }
            }
            What::Arrive(packet) => What::Arrive(packet.exchange(a, b)),
            What::Lose(packet) => What::Lose(packet.exchange(a, b)),
            What::Duplicate(packet) => What::Duplicate(packet.exchange(a, b)),
            what => what,
        };
        Action { what, ..self }
    }
}
