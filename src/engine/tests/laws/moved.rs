//! The same at a later time.

use crate::support::{N, Server, Table};
use dhcpfo_engine::binding::Binding;
use dhcpfo_engine::durable::{Durable, Record};
use dhcpfo_engine::effect::{Answer, Effect, Input};
use dhcpfo_engine::message::Message;
use dhcpfo_engine::table::{Inline, LeaseTable};
use dhcpfo_time::{Time, Times};

pub(crate) fn moved(time: Time, by: u32) -> Time {
    if time == Time::LONG_AGO { time } else { Time::from_raw(time.raw() + by) }
}

pub(crate) fn moved_message(message: Message, by: u32) -> Message {
    let mut message = message;
    message.times(&mut |time, _| *time = moved(*time, by));
    message
}

pub(crate) fn moved_input(input: Input, by: u32) -> Input {
    match input {
        Input::Message(message) => Input::Message(moved_message(message, by)),
        other => other,
    }
}

pub(crate) fn moved_record(record: Record, by: u32) -> Record {
    let mut blank: Durable<Table> = Durable::found(None, Inline::new(&[Binding::NEVER_USED; N], &[]));
    blank.apply(&record);
    blank.times(&mut |time, _| *time = moved(*time, by));
    match record {
        Record::Endpoint(_) => Record::Endpoint(*blank.endpoint().expect("just written")),
        Record::Binding(address, _) => Record::Binding(address, blank.table().get(address)),
    }
}

pub(crate) fn moved_effect(effect: Effect, by: u32) -> Effect {
    match effect {
        Effect::Persist(record) => Effect::Persist(moved_record(record, by)),
        Effect::Send(message) => Effect::Send(moved_message(message, by)),
        Effect::Reply(client, Answer::Ack(address, ends)) => {
            Effect::Reply(client, Answer::Ack(address, moved(ends, by)))
        }
        other => other,
    }
}

pub(crate) fn moved_server(server: Server, by: u32) -> Server {
    let mut server = server;
    server.times(&mut |time, _| *time = moved(*time, by));
    server
}

pub(crate) fn moved_durable(durable: Durable<Table>, by: u32) -> Durable<Table> {
    let mut durable = durable;
    durable.times(&mut |time, _| *time = moved(*time, by));
    durable
}
