//! Messages for people.

use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::message::Message;
use dhcpfo_wire::message::Body;

use crate::address::status_name;

/// What the wire says.
pub(super) fn said(body: &Body) -> String {
    match body {
        Body::State(said) => state(said.state.name(), said.startup),
        Body::BndUpd(bindings) => match bindings.first() {
            Some(b) => format!("BNDUPD {} {}", b.address, b.status.map_or("?".to_owned(), status_name)),
            None => "BNDUPD".to_owned(),
        },
        Body::BndAck(answers) => match answers.first() {
            Some(answer) => {
                let address = answer.address.map_or("?".to_owned(), |address| address.to_string());
                format!("BNDACK {address}{}", if answer.refusal.is_some() { " refused" } else { "" })
            }
            None => "BNDACK".to_owned(),
        },
        Body::PoolResp(count) => format!("POOLRESP {count}"),
        other => other.message_type().name().to_owned(),
    }
}

/// What the endpoint says.
pub(super) fn would_say(message: &Message, address: impl Fn(AddressId) -> String) -> String {
    match message {
        Message::State(report) => state(report.state.name(), report.startup),
        Message::BndUpd(update) => format!("BNDUPD {} {}", address(update.address), update.status.code().name()),
        Message::BndAck(ack) => {
            format!("BNDACK {}{}", address(ack.address), if ack.reject.is_some() { " refused" } else { "" })
        }
        Message::UpdReq => "UPDREQ".to_owned(),
        Message::UpdReqAll => "UPDREQALL".to_owned(),
        Message::UpdDone => "UPDDONE".to_owned(),
        Message::PoolReq => "POOLREQ".to_owned(),
        Message::PoolResp(count) => format!("POOLRESP {count}"),
    }
}

fn state(name: &str, startup: bool) -> String {
    format!("STATE {name}{}", if startup { " (STARTUP)" } else { "" })
}
