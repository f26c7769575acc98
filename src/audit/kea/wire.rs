//! Captures as a row of what servers asked each other and what clients were told, in the order of time.

use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

use dhcpfo_wire::client::Packet;
use serde_json::Value;

use super::http::{Message, OnConnection, Streams};
use crate::capture::{Input, Merged, Micros, Unreadable};
use crate::event::Place;
use crate::net::{Carried, Network};

/// A command of a server to its partner.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) from: Ipv4Addr,
    pub(crate) to: Ipv4Addr,
    pub(crate) name: String,
    pub(crate) arguments: Value,
    pub(crate) at: Micros,
    pub(crate) place: Place,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) result: i64,
    pub(crate) text: String,
    pub(crate) arguments: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    Asked,
    Answered(Rc<Command>, Answer),
    /// The connection has ended before there was an answer.
    Unanswered(Rc<Command>),
    Dhcp {
        from: SocketAddrV4,
        packet: Box<Packet>,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) at: Micros,
    pub(crate) place: Place,
    pub(crate) what: What,
}

/// Events of several captures.
pub(crate) struct Events<'a> {
    merged: Merged<'a>,
    network: Network,
    streams: Streams,
    /// Commands without an answer yet, by who asked and who was asked.
    asked: BTreeMap<(SocketAddrV4, SocketAddrV4), VecDeque<Rc<Command>>>,
    waiting: VecDeque<Event>,
    /// Bodies that are no command and no answer of Kea.
    strange: u64,
}

impl<'a> Events<'a> {
    pub(crate) fn open(inputs: &'a [Input]) -> Result<Events<'a>, Unreadable> {
        Ok(Events {
            merged: Merged::open(inputs)?,
            network: Network::default(),
            streams: Streams::default(),
            asked: BTreeMap::new(),
            waiting: VecDeque::new(),
            strange: 0,
        })
    }

    pub(crate) fn next(&mut self) -> Result<Option<Event>, Unreadable> {
        while self.waiting.is_empty() {
            let Some((file, raw)) = self.merged.next()? else { return Ok(None) };
            let (at, place) = (raw.at, Place { file, packet: raw.number });
            match self.network.take(&raw) {
                Some(Carried::Tcp(segment)) => {
                    for happened in self.streams.take(at, place, &segment) {
                        self.happened(at, place, happened);
                    }
                }
                Some(Carried::Udp { from, to, data })
                    if [from.port(), to.port()].iter().any(|port| matches!(port, 67 | 68)) =>
                {
                    if let Ok(packet) = Packet::decode(&data) {
                        self.waiting.push_back(Event {
                            at,
                            place,
                            what: What::Dhcp { from, packet: Box::new(packet) },
                        });
                    }
                }
                _ => {}
            }
        }
        Ok(self.waiting.pop_front())
    }

    fn happened(&mut self, at: Micros, place: Place, happened: OnConnection) {
        let mut tell = |what: What| self.waiting.push_back(Event { at, place, what });
        match happened {
            OnConnection::Message(message) if message.is_request => match command(at, place, &message) {
                Some(command) => {
                    let command = Rc::new(command);
                    self.asked.entry((message.from, message.to)).or_default().push_back(command);
                    tell(What::Asked);
                }
                None => self.strange += 1,
            },
            OnConnection::Message(message) => {
                let asked = self.asked.get_mut(&(message.to, message.from)).and_then(VecDeque::pop_front);
                match (asked, answer(&message.body)) {
                    (Some(command), Some(answer)) => tell(What::Answered(command, answer)),
                    _ => self.strange += 1,
                }
            }
            OnConnection::Closed(one, other) => {
                for ends in [(one, other), (other, one)] {
                    let left = self.asked.remove(&ends).unwrap_or_default();
                    left.into_iter().for_each(|command| tell(What::Unanswered(command)));
                }
            }
        }
    }

    /// What could not be read, in words.
    pub(crate) fn remarks(&self, inputs: &[Input]) -> Vec<String> {
        let cut = self.merged.ends().zip(inputs).filter(|((_, cut), _)| *cut).map(|((packets, _), input)| {
            format!("{} ends inside a record, after packet {packets}; what is before it was judged", input.name())
        });
        let mut remarks: Vec<String> = cut.collect();
        let mut add = |count: u64, what: &str| {
            if count > 0 {
                remarks.push(format!("{count} {what}"));
            }
        };
        add(self.network.strange_links, "packets on a link type that is not read were passed over");
        add(self.network.cut, "packets were captured only in part and passed over: capture with `tcpdump -s 0`");
        add(
            self.streams.lost,
            "pieces of HTTP were passed over: their beginning is not in the capture, or they are no HTTP (TLS is not read)",
        );
        add(self.strange, "HTTP messages are no commands or answers of Kea, or their other half is not in the capture");
        remarks
    }
}

fn command(at: Micros, place: Place, message: &Message) -> Option<Command> {
    let mut value: Value = serde_json::from_slice(&message.body).ok()?;
    let name = value["command"].as_str()?.to_owned();
    let arguments = value["arguments"].take();
    Some(Command { from: *message.from.ip(), to: *message.to.ip(), name, arguments, at, place })
}

/// An answer; a control agent puts it into a list of one.
fn answer(body: &[u8]) -> Option<Answer> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let mut value = if value.is_array() { value.get(0)?.clone() } else { value };
    let result = value["result"].as_i64()?;
    let text = value["text"].as_str().unwrap_or_default().to_owned();
    Some(Answer { result, text, arguments: value["arguments"].take() })
}
