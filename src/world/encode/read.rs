//! From bytes to the state that they were made of.

use crate::budget::{Budgets, ITEMS, Item};
use crate::clients::{Body, Client, Lease, Packet, Waiting};
use crate::link::{InFlight, QUEUE};
use crate::model::{Delay, Model, Table, WINDOW};
use crate::system::{Backup, ModelEndpoint, Server, System};
use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Code, Partner, Status};
use dhcpfo_engine::durable::{Durable, EndpointRecord};
use dhcpfo_engine::effect::{Answer, Ask, Parameters};
use dhcpfo_engine::endpoint::{Conversation, Endpoint, Outstanding, Phase, Serving, Session, Volatile};
use dhcpfo_engine::message::{BndAck, BndUpd, Message, RejectReason, StateReport, Transaction};
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_time::Time;

/// Reads the bytes of a state from their beginning on.
pub(super) struct Reader<'a, 'b, T> {
    pub(super) model: &'a Model,
    pub(super) time: T,
    pub(super) bytes: &'a mut &'b [u8],
}

impl<T: Fn(u8) -> Time> Reader<'_, '_, T> {
    #[inline(always)]
    fn byte(&mut self) -> u8 {
        let (&first, rest) = self.bytes.split_first().expect("bytes of a whole state");
        *self.bytes = rest;
        first
    }

    #[inline(always)]
    fn time(&mut self) -> Time {
        let byte = self.byte();
        (self.time)(byte)
    }

    #[inline(always)]
    fn times<const N: usize>(&mut self) -> [Time; N] {
        let mut bits = self.byte();
        let mut times = [Time::LONG_AGO; N];
        while bits != 0 {
            times[bits.trailing_zeros() as usize] = self.time();
            bits &= bits - 1;
        }
        times
    }

    pub(super) fn system(&mut self, system: &mut System) {
        let changes = self.model.budgets.left(Item::Changes) > 0;
        if changes {
            let bits = self.byte();
            let bit = |place: u8| bits >> place & 1 != 0;
            (system.changed, system.terms) = ([bit(3), bit(2)], [bit(1), bit(0)]);
        }
        let parts = system.servers.iter_mut().zip(&mut system.ghosts.rest).zip(system.changed);
        for ((server, rest), changed) in parts {
            // How many addresses there are is the model's and never changes. Which of them are reserved may.
            let mut table = *server.durable().table();
            if changes {
                table = self.model.table(table.bindings(), changed);
            }
            *server = self.server(table);
            *rest = self.times();
        }
        system.ghosts.silence = self.times();
        system.keeps_past = self.model.dates_back();
        if system.keeps_past {
            let [primary, secondary, contact] = self.times();
            system.ghosts.stopped = [primary, secondary];
            system.ghosts.contact = contact;
        }
        if self.model.budgets.left(Item::Backups) > 0 {
            system.backup = self.backup(self.model.table(system.servers[0].durable().table().bindings(), false));
        }
        let bits = self.byte();
        system.overflow = bits & 2 != 0;
        system.broken =
            if bits & 4 == 0 { 0 } else { u32::from_le_bytes([self.byte(), self.byte(), self.byte(), self.byte()]) };
        system.link.intact = bits & 1 != 0;
        system.link.deaf = (bits >> 3).checked_sub(1).map(role);
        system.link.notice_by = [Time::LONG_AGO; 2];
        for queue in &mut system.link.towards {
            queue.clear();
            let length = usize::from(self.byte()).min(QUEUE);
            for _ in 0..length {
                let message = self.message();
                let bounded = self.model.delay == Delay::Bounded;
                let by = if bounded { self.time() } else { Time::LONG_AGO };
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

    fn backup(&mut self, table: Table) -> Option<Box<Backup>> {
        let of = self.byte();
        (of != u8::MAX).then(|| Box::new(Backup { of: role(of), durable: self.durable(table) }))
    }

    fn server(&mut self, table: Table) -> Server {
        let kind = self.byte();
        let phase = match kind {
            0 => return Server::Down(self.durable(table)),
            1 => {
                let [ends] = self.times();
                Phase::Startup { ends }
            }
            2 => Phase::Running,
            3 => Phase::Paused,
            _ => Phase::Shutdown,
        };
        let durable = self.durable(table);
        Server::Up(self.endpoint(durable, phase))
    }

    fn durable(&mut self, mut table: Table) -> Durable<Table> {
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
        for binding in table.bindings_mut() {
            *binding = self.binding();
        }
        Durable::found(record, table)
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
            told_below: u32::from(bits >> 4),
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
            let ends = self.time();
            Lease { address: AddressId(u32::from(place >> 1)), ends, from: role(place & 1) }
        });
        let mut other = None;
        if self.model.budgets.left(Item::SecondLeases) > 0 {
            let place = self.byte();
            let ends = self.time();
            let lease = Lease { address: AddressId(u32::from(place >> 1)), ends, from: role(place & 1) };
            other = (place != u8::MAX).then_some(lease);
        }
        Client { lease, other, waiting }
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
