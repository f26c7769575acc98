//! Inputs of the engine, and what is on stable storage, as JSON and back. The engine's types have no serde (A9 in
//! src/ARCHITECTURE.md).

use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Partner, Status};
use dhcpfo_engine::durable::EndpointRecord;
use dhcpfo_engine::effect::{Ask, Command, Input, Parameters, Request, Within};
use dhcpfo_engine::message::{BndAck, BndUpd, Message, RejectReason, StateReport, Transaction};
use dhcpfo_engine::state::{Reported, State};
use dhcpfo_time::Time;
use serde_json::{Value, json};

const PARTNERS: [(&str, Partner); 4] = [
    ("up-to-date", Partner::UpToDate),
    ("unsent", Partner::Unsent),
    ("sent", Partner::Sent),
    ("rejected", Partner::Rejected),
];

const REJECTS: [RejectReason; 6] = [
    RejectReason::IllegalAddress,
    RejectReason::FatalConflict,
    RejectReason::MissingBinding,
    RejectReason::Outdated,
    RejectReason::LessCritical,
    RejectReason::NotReserved,
];

/// An input. `lease` is the lease time that a client's request was considered with.
pub(super) fn to_json(input: &Input, lease: u32) -> Value {
    match input {
        Input::Connected(parameters) => json!({"connected": parameters.max_unacked}),
        Input::Disconnected => json!("disconnected"),
        Input::Wake => json!("wake"),
        Input::Message(message) => message_to_json(message),
        Input::Operator(command) => match command {
            Command::PartnerDown => json!({"operator": "partner-down"}),
            Command::Pause => json!({"operator": "pause"}),
            Command::Shutdown => json!({"operator": "shutdown"}),
            Command::Rebalance => json!({"operator": "rebalance"}),
            Command::Begin { alone } => json!({"operator": "begin", "alone": alone}),
            Command::Set(state) => json!({"operator": "set", "state": state.name()}),
            Command::Reset(address) => json!({"operator": "reset", "address": address.0}),
        },
        Input::Client(request) => request_to_json(request, lease),
    }
}

/// The input, and the lease time of a client's request.
pub(super) fn from_json(value: &Value) -> Option<(Input, Option<u32>)> {
    if let Some(word) = value.as_str() {
        let input = match word {
            "disconnected" => Input::Disconnected,
            "wake" => Input::Wake,
            _ => return None,
        };
        return Some((input, None));
    }
    if value.get("client").is_some() && value.get("ask").is_some() {
        return Some((Input::Client(request_from_json(value)?), Some(number(value, "lease")?)));
    }
    if let Some(limit) = value.get("connected") {
        let max_unacked = u8::try_from(limit.as_u64()?).ok()?;
        return Some((Input::Connected(Parameters { max_unacked }), None));
    }
    if let Some(word) = value.get("operator") {
        let command = match word.as_str()? {
            "partner-down" => Command::PartnerDown,
            "pause" => Command::Pause,
            "shutdown" => Command::Shutdown,
            "rebalance" => Command::Rebalance,
            "begin" => Command::Begin { alone: value["alone"].as_bool()? },
            "reset" => Command::Reset(address(value)?),
            "set" => {
                let word = value["state"].as_str()?;
                Command::Set(State::ALL.into_iter().find(|state| state.name() == word)?)
            }
            _ => return None,
        };
        return Some((Input::Operator(command), None));
    }
    Some((Input::Message(message_from_json(value)?), None))
}

fn request_to_json(request: &Request, lease: u32) -> Value {
    let (ask, address) = match request.ask {
        Ask::Discover => ("discover", None),
        Ask::Select(id) => ("select", Some(id.0)),
        Ask::Reboot(id) => ("reboot", Some(id.0)),
        Ask::Renew(id) => ("renew", Some(id.0)),
        Ask::Rebind(id) => ("rebind", Some(id.0)),
        Ask::Decline(id) => ("decline", Some(id.0)),
        Ask::Release(id) => ("release", Some(id.0)),
        Ask::Inform => ("inform", None),
    };
    json!({
        "client": request.client.0, "ask": ask, "address": address, "bucket": request.bucket, "waited": request.waited,
        "within": [request.within.first, request.within.end], "prefer": request.prefer.map(|id| id.0), "lease": lease,
    })
}

fn request_from_json(value: &Value) -> Option<Request> {
    let ask = match value["ask"].as_str()? {
        "discover" => Ask::Discover,
        "select" => Ask::Select(address(value)?),
        "reboot" => Ask::Reboot(address(value)?),
        "renew" => Ask::Renew(address(value)?),
        "rebind" => Ask::Rebind(address(value)?),
        "decline" => Ask::Decline(address(value)?),
        "release" => Ask::Release(address(value)?),
        "inform" => Ask::Inform,
        _ => return None,
    };
    let within = |at: usize| value["within"][at].as_u64().and_then(|n| u32::try_from(n).ok());
    Some(Request {
        client: ClientId(number(value, "client")?),
        ask,
        bucket: u8::try_from(number(value, "bucket")?).ok()?,
        waited: value["waited"].as_bool()?,
        within: Within { first: within(0)?, end: within(1)? },
        prefer: if value["prefer"].is_null() { None } else { Some(AddressId(number(value, "prefer")?)) },
    })
}

fn message_to_json(message: &Message) -> Value {
    match message {
        Message::State(report) => {
            let (state, since) = (report.state.name(), report.since.raw());
            json!({"message": "STATE", "state": state, "startup": report.startup, "since": since})
        }
        Message::BndUpd(update) => {
            let times = [
                update.lease_expiration,
                update.potential_expiration,
                update.client_last_transaction,
                update.start_of_status,
            ];
            json!({
                "message": "BNDUPD", "transaction": update.transaction.0, "address": update.address.0,
                "status": update.status.code().name(), "client": update.status.client().map(|client| client.0),
                "reserved": update.reserved, "times": times.map(Time::raw),
            })
        }
        Message::BndAck(ack) => json!({
            "message": "BNDACK", "transaction": ack.transaction.0, "address": ack.address.0,
            "reject": ack.reject.map(|reason| reason as u8),
        }),
        Message::UpdReq => json!({"message": "UPDREQ"}),
        Message::UpdReqAll => json!({"message": "UPDREQALL"}),
        Message::UpdDone => json!({"message": "UPDDONE"}),
        Message::PoolReq => json!({"message": "POOLREQ"}),
        Message::PoolResp(count) => json!({"message": "POOLRESP", "count": count}),
    }
}

fn message_from_json(value: &Value) -> Option<Message> {
    let transaction = || number(value, "transaction").and_then(|n| u8::try_from(n).ok()).map(Transaction);
    Some(match value["message"].as_str()? {
        "STATE" => Message::State(StateReport {
            state: reported(value["state"].as_str()?)?,
            startup: value["startup"].as_bool()?,
            since: time(&value["since"])?,
        }),
        "BNDUPD" => {
            let [lease_expiration, potential_expiration, client_last_transaction, start_of_status] = times(value)?;
            Message::BndUpd(BndUpd {
                transaction: transaction()?,
                address: address(value)?,
                status: status(value)?,
                reserved: value["reserved"].as_bool()?,
                lease_expiration,
                potential_expiration,
                client_last_transaction,
                start_of_status,
            })
        }
        "BNDACK" => {
            let reject = match value["reject"].as_u64() {
                Some(code) => Some(REJECTS.into_iter().find(|known| *known as u64 == code)?),
                None => None,
            };
            Message::BndAck(BndAck { transaction: transaction()?, address: address(value)?, reject })
        }
        "UPDREQ" => Message::UpdReq,
        "UPDREQALL" => Message::UpdReqAll,
        "UPDDONE" => Message::UpdDone,
        "POOLREQ" => Message::PoolReq,
        "POOLRESP" => Message::PoolResp(number(value, "count")?),
        _ => return None,
    })
}

/// The endpoint's record.
pub(super) fn endpoint_to_json(record: &EndpointRecord) -> Value {
    let times = [record.since, record.last_operational, record.recover_wait_ends, record.partner_down_wait_ends];
    json!({
        "state": record.state.name(), "lost": record.lost, "owes-all": record.owes_all, "times": times.map(Time::raw),
    })
}

/// The record that [`endpoint_to_json`] wrote.
pub(super) fn endpoint_from_json(value: &Value) -> Option<EndpointRecord> {
    let [since, last_operational, recover_wait_ends, partner_down_wait_ends] = times(value)?;
    Some(EndpointRecord {
        state: state(value["state"].as_str()?)?,
        since,
        lost: value["lost"].as_bool()?,
        owes_all: value["owes-all"].as_bool()?,
        last_operational,
        recover_wait_ends,
        partner_down_wait_ends,
    })
}

/// A binding.
pub(super) fn binding_to_json(binding: &Binding) -> Value {
    let partner = PARTNERS.iter().find(|(_, known)| *known == binding.partner).map(|(word, _)| *word);
    let times = [
        binding.lease_expiration,
        binding.sent_potential_expiration,
        binding.acked_potential_expiration,
        binding.received_potential_expiration,
        binding.client_last_transaction,
        binding.start_of_status,
        binding.wait_ends,
    ];
    json!({
        "status": binding.status.code().name(), "client": binding.status.client().map(|client| client.0),
        "partner": partner, "reclaiming": binding.reclaiming, "times": times.map(Time::raw),
    })
}

/// The binding that [`binding_to_json`] wrote.
pub(super) fn binding_from_json(value: &Value) -> Option<Binding> {
    let word = value["partner"].as_str()?;
    let partner = PARTNERS.iter().find(|(known, _)| *known == word).map(|(_, partner)| *partner)?;
    let [lease_expiration, sent, acked, received, client_last_transaction, start_of_status, wait_ends] = times(value)?;
    Some(Binding {
        status: status(value)?,
        partner,
        reclaiming: value["reclaiming"].as_bool()?,
        lease_expiration,
        sent_potential_expiration: sent,
        acked_potential_expiration: acked,
        received_potential_expiration: received,
        client_last_transaction,
        start_of_status,
        wait_ends,
    })
}

fn status(value: &Value) -> Option<Status> {
    let last = match &value["client"] {
        Value::Null => None,
        _ => Some(ClientId(number(value, "client")?)),
    };
    Some(match value["status"].as_str()? {
        "FREE" => Status::Free { last },
        "BACKUP" => Status::Backup { last },
        "ACTIVE" => Status::Active { client: last? },
        "EXPIRED" => Status::Expired { client: last? },
        "RELEASED" => Status::Released { client: last? },
        "ABANDONED" => Status::Abandoned,
        "RESET" => Status::Reset,
        _ => return None,
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

fn number(value: &Value, key: &str) -> Option<u32> {
    value[key].as_u64().and_then(|number| u32::try_from(number).ok())
}

fn address(value: &Value) -> Option<AddressId> {
    number(value, "address").map(AddressId)
}

fn time(value: &Value) -> Option<Time> {
    value.as_u64().and_then(|number| u32::try_from(number).ok()).map(Time::from_raw)
}

fn times<const N: usize>(value: &Value) -> Option<[Time; N]> {
    let times: Option<Vec<Time>> = value["times"].as_array()?.iter().map(time).collect();
    times?.try_into().ok()
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

    #[test]
    fn every_input_comes_back() {
        for input in inputs() {
            let document: Value = serde_json::from_str(&to_json(&input, 77).to_string()).unwrap();
            let lease = matches!(input, Input::Client(_)).then_some(77);
            assert_eq!(from_json(&document), Some((input, lease)), "{document}");
        }
        for nonsense in ["{}", "\"start\"", "7", "null", r#"{"message":"BNDUPD"}"#, r#"{"client":1,"ask":"renew"}"#] {
            assert_eq!(from_json(&serde_json::from_str(nonsense).unwrap()), None, "{nonsense}");
        }
    }

    #[test]
    fn what_is_stored_comes_back() {
        for (_, partner) in PARTNERS {
            let mut binding = Binding::known(Status::Active { client: ClientId(4) });
            binding.partner = partner;
            binding.reclaiming = true;
            binding.wait_ends = Time::from_raw(8);
            binding.sent_potential_expiration = Time::from_raw(9);
            assert_eq!(binding_from_json(&binding_to_json(&binding)), Some(binding));
        }
        for state in State::ALL {
            let mut record = EndpointRecord::of(state);
            record.owes_all = true;
            record.recover_wait_ends = Time::from_raw(6);
            assert_eq!(endpoint_from_json(&endpoint_to_json(&record)), Some(record));
        }
    }
}
