//! Several files as one row of events.

use std::net::SocketAddrV4;

use dhcpfo_wire::client::Packet;

use crate::capture::{Input, Merged, Unreadable};
use crate::event::{Event, Place, What};
use crate::net::{Carried, Network};
use crate::tcp::Connections;
use crate::times::Times;

/// Events of several files. Reading stops at the first file that cannot be read.
pub(crate) struct Events<'a> {
    merged: Merged<'a>,
    network: Network,
    connections: Connections,
    waiting: std::collections::VecDeque<Event>,
    ended: bool,
}

impl<'a> Events<'a> {
    /// `ports`: TCP ports on which failover is expected, besides those that are known.
    pub(crate) fn open(inputs: &'a [Input], ports: &[u16]) -> Result<Events<'a>, Unreadable> {
        Ok(Events {
            merged: Merged::open(inputs)?,
            network: Network::default(),
            connections: Connections::new(ports),
            waiting: Default::default(),
            ended: false,
        })
    }

    pub(crate) fn next(&mut self) -> Result<Option<Event>, Unreadable> {
        while self.waiting.is_empty() {
            let Some((file, raw)) = self.merged.next()? else {
                if !std::mem::replace(&mut self.ended, true) {
                    self.waiting.extend(self.connections.end());
                }
                return Ok(self.waiting.pop_front());
            };
            let (at, place) = (raw.at, Place { file, packet: raw.number });
            match self.network.take(&raw) {
                Some(Carried::Tcp(segment)) => {
                    let happened = self.connections.take(at, place, segment);
                    let event = |link| Event { at, place, what: What::Link(link) };
                    self.waiting.extend(happened.into_iter().map(event));
                }
                Some(Carried::Udp { from, to, data }) if is_dhcp(from, to) => {
                    let what = match Packet::decode(&data) {
                        Ok(packet) => What::Dhcp { from, to, packet: Box::new(packet) },
                        Err(problem) => What::NotDhcp { from, problem: problem.to_string() },
                    };
                    self.waiting.push_back(Event { at, place, what });
                }
                _ => {}
            }
        }
        Ok(self.waiting.pop_front())
    }

    /// How exact the times of the files are, as far as they were read.
    pub(crate) fn times(&self) -> Times {
        Times::new(&self.merged.grains())
    }

    /// Whether packets of failover connections are in the capture, whether or not something can be read in them.
    pub(crate) fn has_connections(&self) -> bool {
        self.connections.seen > 0
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
        add(self.connections.given_up, "TCP connections were given up for newer ones: too many at once");
        remarks
    }
}

/// DHCP servers and relay agents have port 67, clients 68.
fn is_dhcp(from: SocketAddrV4, to: SocketAddrV4) -> bool {
    [from.port(), to.port()].iter().any(|port| matches!(port, 67 | 68))
}
