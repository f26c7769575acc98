//! Inputs of the engine, what comes of them, and what is on stable storage, as documents and back. The engine's types have no
//! serde (A9 in src/ARCHITECTURE.md).

use dhcpfo_documents::served as told;
use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Code, Partner, Status};
use dhcpfo_engine::durable::{EndpointRecord, Record};
use dhcpfo_engine::effect::{Answer, Ask, Command, Effect, Input, Note, Parameters, Request, Within};
use dhcpfo_engine::message::{BndAck, BndUpd, Message, RejectReason, StateReport, Transaction};
use dhcpfo_engine::state::{Reported, State};
use dhcpfo_time::Time;

const REJECTS: [RejectReason; 6] = [
    RejectReason::IllegalAddress,
    RejectReason::FatalConflict,
    RejectReason::MissingBinding,
    RejectReason::Outdated,
    RejectReason::LessCritical,
    RejectReason::NotReserved,
];

/// An input. `lease` is the lease time that a client's request was considered with.
pub(super) fn to_document(input: &Input, lease: u32) -> told::Input {
    match input {
        Input::Connected(parameters) => told::Input::Connected(parameters.max_unacked),
        Input::Disconnected => told::Input::Disconnected,
        Input::Wake => told::Input::Wake,
        Input::Message(message) => told::Input::Message(message_to_document(message)),
        Input::Operator(command) => told::Input::Operator(match command {
            Command::PartnerDown => told::Operator::PartnerDown,
            Command::Pause => told::Operator::Pause,
            Command::Shutdown => told::Operator::Shutdown,
            Command::Rebalance => told::Operator::Rebalance,
            Command::Begin { alone } => told::Operator::Begin { alone: *alone },
            Command::Set(state) => told::Operator::Set { state: state.name().to_owned() },
            Command::Reset(address) => told::Operator::Reset { address: address.0 },
        }),
        Input::Client(request) => told::Input::Client(request_to_document(request, lease)),
    }
}

/// The input, and the lease time of a client's request. None for a start, and for what names what there is not.
pub(super) fn from_document(input: &told::Input) -> Option<(Input, Option<u32>)> {
    let input = match input {
        told::Input::Start => return None,
        told::Input::Disconnected => Input::Disconnected,
        told::Input::Wake => Input::Wake,
        told::Input::Connected(max_unacked) => Input::Connected(Parameters { max_unacked: *max_unacked }),
        told::Input::Client(request) => {
            return Some((Input::Client(request_from_document(request)?), Some(request.lease)));
        }
        told::Input::Operator(command) => Input::Operator(match command {
            told::Operator::PartnerDown => Command::PartnerDown,
            told::Operator::Pause => Command::Pause,
            told::Operator::Shutdown => Command::Shutdown,
            told::Operator::Rebalance => Command::Rebalance,
            told::Operator::Begin { alone } => Command::Begin { alone: *alone },
            told::Operator::Set { state: word } => Command::Set(state(word)?),
            told::Operator::Reset { address } => Command::Reset(AddressId(*address)),
        }),
        told::Input::Message(message) => Input::Message(message_from_document(message)?),
    };
    Some((input, None))
}

fn request_to_document(request: &Request, lease: u32) -> told::Request {
    let (ask, address) = match request.ask {
        Ask::Discover => (told::Ask::Discover, None),
        Ask::Select(id) => (told::Ask::Select, Some(id.0)),
        Ask::Reboot(id) => (told::Ask::Reboot, Some(id.0)),
        Ask::Renew(id) => (told::Ask::Renew, Some(id.0)),
        Ask::Rebind(id) => (told::Ask::Rebind, Some(id.0)),
        Ask::Decline(id) => (told::Ask::Decline, Some(id.0)),
        Ask::Release(id) => (told::Ask::Release, Some(id.0)),
        Ask::Inform => (told::Ask::Inform, None),
    };
    told::Request {
        client: request.client.0,
        ask,
        address,
        bucket: request.bucket,
        waited: request.waited,
        within: (request.within.first, request.within.end),
        prefer: request.prefer.map(|id| id.0),
        lease,
    }
}

fn request_from_document(request: &told::Request) -> Option<Request> {
    let address = request.address.map(AddressId);
    let ask = match request.ask {
        told::Ask::Discover => Ask::Discover,
        told::Ask::Select => Ask::Select(address?),
        told::Ask::Reboot => Ask::Reboot(address?),
        told::Ask::Renew => Ask::Renew(address?),
        told::Ask::Rebind => Ask::Rebind(address?),
        told::Ask::Decline => Ask::Decline(address?),
        told::Ask::Release => Ask::Release(address?),
        told::Ask::Inform => Ask::Inform,
    };
    Some(Request {
        client: ClientId(request.client),
        ask,
        bucket: request.bucket,
        waited: request.waited,
        within: Within { first: request.within.0, end: request.within.1 },
        prefer: request.prefer.map(AddressId),
    })
}

fn message_to_document(message: &Message) -> told::Message {
    match message {
        Message::State(report) => told::Message::State {
            state: report.state.name().to_owned(),
            startup: report.startup,
            since: report.since.raw(),
        },
        Message::BndUpd(update) => {
            let times = [
                update.lease_expiration,
                update.potential_expiration,
                update.client_last_transaction,
                update.start_of_status,
            ];
            told::Message::BndUpd {
                transaction: update.transaction.0,
                address: update.address.0,
                status: code(update.status.code()),
                client: update.status.client().map(|client| client.0),
                reserved: update.reserved,
                times: times.map(Time::raw),
            }
        }
        Message::BndAck(ack) => told::Message::BndAck {
            transaction: ack.transaction.0,
            address: ack.address.0,
            reject: ack.reject.map(|reason| reason as u8),
        },
        Message::UpdReq => told::Message::UpdReq,
        Message::UpdReqAll => told::Message::UpdReqAll,
        Message::UpdDone => told::Message::UpdDone,
        Message::PoolReq => told::Message::PoolReq,
        Message::PoolResp(count) => told::Message::PoolResp { count: *count },
    }
}

fn message_from_document(message: &told::Message) -> Option<Message> {
    Some(match message {
        told::Message::State { state, startup, since } => {
            Message::State(StateReport { state: reported(state)?, startup: *startup, since: Time::from_raw(*since) })
        }
        told::Message::BndUpd { transaction, address, status, client, reserved, times } => {
            let [lease_expiration, potential_expiration, client_last_transaction, start_of_status] =
                times.map(Time::from_raw);
            Message::BndUpd(BndUpd {
                transaction: Transaction(*transaction),
                address: AddressId(*address),
                status: self::status(*status, *client)?,
                reserved: *reserved,
                lease_expiration,
                potential_expiration,
                client_last_transaction,
                start_of_status,
            })
        }
        told::Message::BndAck { transaction, address, reject } => {
            let reject = match reject {
                Some(number) => Some(REJECTS.into_iter().find(|known| *known as u8 == *number)?),
                None => None,
            };
            Message::BndAck(BndAck { transaction: Transaction(*transaction), address: AddressId(*address), reject })
        }
        told::Message::UpdReq => Message::UpdReq,
        told::Message::UpdReqAll => Message::UpdReqAll,
        told::Message::UpdDone => Message::UpdDone,
        told::Message::PoolReq => Message::PoolReq,
        told::Message::PoolResp { count } => Message::PoolResp(*count),
    })
}

/// What an endpoint has its server do.
pub(super) fn effect_to_document(effect: &Effect) -> told::Effect {
    match effect {
        Effect::Persist(Record::Endpoint(record)) => {
            told::Effect::Persist(told::Record::Endpoint { endpoint: endpoint_to_document(record) })
        }
        Effect::Persist(Record::Binding(address, binding)) => {
            told::Effect::Persist(told::Record::Binding { address: address.0, binding: binding_to_document(binding) })
        }
        Effect::Send(message) => told::Effect::Send(message_to_document(message)),
        Effect::Reply(client, answer) => told::Effect::Reply {
            client: client.0,
            answer: match answer {
                Answer::Offer(address) => told::Answer::Offer { address: address.0 },
                Answer::Ack(address, until) => told::Answer::Ack { address: address.0, until: until.raw() },
                Answer::Nak => told::Answer::Nak,
                Answer::Informed => told::Answer::Informed,
            },
        },
        Effect::Close => told::Effect::Close,
        Effect::Note(note) => told::Effect::Note {
            note: match note {
                Note::Silent => told::Note::Silent,
                Note::NotMine => told::Note::NotMine,
                Note::NothingAvailable => told::Note::NothingAvailable,
                Note::NotAllowed => told::Note::NotAllowed,
                Note::Ignored => told::Note::Ignored,
                Note::Alarm => told::Note::Alarm,
            },
        },
    }
}

/// The endpoint's record.
pub(super) fn endpoint_to_document(record: &EndpointRecord) -> told::EndpointRecord {
    let times = [record.since, record.last_operational, record.recover_wait_ends, record.partner_down_wait_ends];
    told::EndpointRecord {
        state: record.state.name().to_owned(),
        lost: record.lost,
        owes_all: record.owes_all,
        times: times.map(Time::raw),
    }
}

/// The record that [`endpoint_to_document`] wrote.
pub(super) fn endpoint_from_document(record: &told::EndpointRecord) -> Option<EndpointRecord> {
    let [since, last_operational, recover_wait_ends, partner_down_wait_ends] = record.times.map(Time::from_raw);
    Some(EndpointRecord {
        state: state(&record.state)?,
        since,
        lost: record.lost,
        owes_all: record.owes_all,
        last_operational,
        recover_wait_ends,
        partner_down_wait_ends,
    })
}

/// A binding.
pub(super) fn binding_to_document(binding: &Binding) -> told::Binding {
    let times = binding.times();
    told::Binding {
        status: code(binding.status.code()),
        client: binding.status.client().map(|client| client.0),
        partner: match binding.partner {
            Partner::UpToDate => told::Partner::UpToDate,
            Partner::Unsent => told::Partner::Unsent,
            Partner::Sent => told::Partner::Sent,
            Partner::Rejected => told::Partner::Rejected,
        },
        reclaiming: binding.reclaiming,
        times: times.map(Time::raw),
    }
}

/// The binding that [`binding_to_document`] wrote.
pub(super) fn binding_from_document(binding: &told::Binding) -> Option<Binding> {
    let [lease_expiration, sent, acked, received, client_last_transaction, start_of_status, wait_ends] =
        binding.times.map(Time::from_raw);
    Some(Binding {
        status: status(binding.status, binding.client)?,
        partner: match binding.partner {
            told::Partner::UpToDate => Partner::UpToDate,
            told::Partner::Unsent => Partner::Unsent,
            told::Partner::Sent => Partner::Sent,
            told::Partner::Rejected => Partner::Rejected,
        },
        reclaiming: binding.reclaiming,
        lease_expiration,
        sent_potential_expiration: sent,
        acked_potential_expiration: acked,
        received_potential_expiration: received,
        client_last_transaction,
        start_of_status,
        wait_ends,
    })
}

const fn code(code: Code) -> told::Status {
    match code {
        Code::Free => told::Status::Free,
        Code::Backup => told::Status::Backup,
        Code::Active => told::Status::Active,
        Code::Expired => told::Status::Expired,
        Code::Released => told::Status::Released,
        Code::Abandoned => told::Status::Abandoned,
        Code::Reset => told::Status::Reset,
    }
}

fn status(status: told::Status, client: Option<u32>) -> Option<Status> {
    let last = client.map(ClientId);
    Some(match status {
        told::Status::Free => Status::Free { last },
        told::Status::Backup => Status::Backup { last },
        told::Status::Active => Status::Active { client: last? },
        told::Status::Expired => Status::Expired { client: last? },
        told::Status::Released => Status::Released { client: last? },
        told::Status::Abandoned => Status::Abandoned,
        told::Status::Reset => Status::Reset,
    })
}

fn state(word: &str) -> Option<State> {
    State::ALL.into_iter().find(|state| state.name() == word)
}

fn reported(word: &str) -> Option<Reported> {
    match word {
        "PAUSED" => Some(Reported::Paused),
        "SHUTDOWN" => Some(Reported::Shutdown),
        word => state(word).map(Reported::In),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs() -> Vec<Input> {
        let update = |status| {
            Input::Message(Message::BndUpd(BndUpd {
                transaction: Transaction(7),
                address: AddressId(3),
                status,
                reserved: true,
                lease_expiration: Time::from_raw(1),
                potential_expiration: Time::from_raw(2),
                client_last_transaction: Time::from_raw(3),
                start_of_status: Time::from_raw(4),
            }))
        };
        let client = ClientId(9);
        let statuses = [
            Status::Free { last: None },
            Status::Backup { last: Some(client) },
            Status::Active { client },
            Status::Expired { client },
            Status::Released { client },
            Status::Abandoned,
            Status::Reset,
        ];
        let address = AddressId(5);
        let asks = [
            Ask::Discover,
            Ask::Select(address),
            Ask::Reboot(address),
            Ask::Renew(address),
            Ask::Rebind(address),
            Ask::Decline(address),
            Ask::Release(address),
            Ask::Inform,
        ];
        let states = State::ALL.into_iter().map(Reported::In).chain([Reported::Paused, Reported::Shutdown]);
        let answers = std::iter::once(None).chain(REJECTS.map(Some));
        let mut inputs = vec![
            Input::Connected(Parameters { max_unacked: 64 }),
            Input::Disconnected,
            Input::Wake,
            Input::Operator(Command::PartnerDown),
            Input::Operator(Command::Pause),
            Input::Operator(Command::Shutdown),
            Input::Operator(Command::Reset(address)),
            Input::Operator(Command::Rebalance),
            Input::Operator(Command::Begin { alone: true }),
            Input::Operator(Command::Set(State::RecoverDone)),
        ];
        inputs.extend(statuses.map(update));
        inputs.extend(asks.map(|ask| {
            let within = Within { first: 1, end: 8 };
            Input::Client(Request { client, ask, bucket: 200, waited: true, within, prefer: Some(AddressId(6)) })
        }));
        inputs.extend(states.map(|state| {
            Input::Message(Message::State(StateReport { state, startup: true, since: Time::from_raw(9) }))
        }));
        inputs
            .extend(answers.map(|reject| {
                Input::Message(Message::BndAck(BndAck { transaction: Transaction(1), address, reject }))
            }));
        let rest = [Message::UpdReq, Message::UpdReqAll, Message::UpdDone, Message::PoolReq, Message::PoolResp(4)];
        inputs.extend(rest.map(Input::Message));
        inputs
    }

    /// As it comes back from a file.
    fn again<T: serde::Serialize + serde::de::DeserializeOwned>(document: &T) -> T {
        let text = dhcpfo_documents::line(document);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn every_input_comes_back() {
        for input in inputs() {
            let document = to_document(&input, 77);
            assert_eq!(again(&document), document);
            let lease = matches!(input, Input::Client(_)).then_some(77);
            assert_eq!(from_document(&document), Some((input, lease)), "{document:?}");
        }
        for nonsense in ["{}", "7", "null", r#"{"message":"BNDUPD"}"#, r#"{"client":1,"ask":"renew"}"#] {
            assert!(serde_json::from_str::<told::Input>(nonsense).is_err(), "{nonsense}");
        }
        let nowhere = told::Operator::Set { state: "NOWHERE".to_owned() };
        assert_eq!(from_document(&told::Input::Operator(nowhere)), None);
        assert_eq!(again(&told::Input::Start), told::Input::Start);
        assert_eq!(from_document(&told::Input::Start), None);
    }

    #[test]
    fn what_is_stored_comes_back() {
        let partners = [Partner::UpToDate, Partner::Unsent, Partner::Sent, Partner::Rejected];
        for partner in partners {
            let mut binding = Binding::known(Status::Active { client: ClientId(4) });
            binding.partner = partner;
            binding.reclaiming = true;
            binding.wait_ends = Time::from_raw(8);
            binding.sent_potential_expiration = Time::from_raw(9);
            assert_eq!(binding_from_document(&again(&binding_to_document(&binding))), Some(binding));
        }
        for state in State::ALL {
            let mut record = EndpointRecord::of(state);
            record.owes_all = true;
            record.recover_wait_ends = Time::from_raw(6);
            assert_eq!(endpoint_from_document(&again(&endpoint_to_document(&record))), Some(record));
        }
    }

    /// Effects that differ are different documents, also when read again.
    #[test]
    fn every_effect_is_told_apart() {
        let (client, address) = (ClientId(1), AddressId(2));
        let binding = Binding::known(Status::Active { client });
        let mut effects = vec![
            Effect::Persist(Record::Endpoint(EndpointRecord::of(State::Normal))),
            Effect::Persist(Record::Endpoint(EndpointRecord::of(State::Recover))),
            Effect::Persist(Record::Binding(address, binding)),
            Effect::Persist(Record::Binding(AddressId(3), binding)),
            Effect::Reply(client, Answer::Offer(address)),
            Effect::Reply(client, Answer::Ack(address, Time::from_raw(4))),
            Effect::Reply(client, Answer::Ack(address, Time::from_raw(5))),
            Effect::Reply(client, Answer::Nak),
            Effect::Reply(client, Answer::Informed),
            Effect::Reply(ClientId(9), Answer::Informed),
            Effect::Close,
        ];
        let notes = [Note::Silent, Note::NotMine, Note::NothingAvailable, Note::NotAllowed, Note::Ignored, Note::Alarm];
        effects.extend(notes.map(Effect::Note));
        effects.extend(inputs().into_iter().filter_map(|input| match input {
            Input::Message(message) => Some(Effect::Send(message)),
            _ => None,
        }));
        let documents: Vec<told::Effect> = effects.iter().map(effect_to_document).collect();
        for (number, document) in documents.iter().enumerate() {
            assert_eq!(documents.iter().position(|other| *other == again(document)), Some(number), "{document:?}");
        }
    }
}
