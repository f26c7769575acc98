//! Exchanging two addresses, for servers that look through their tables in another order.

use crate::action::{Action, Deed, Order, What};
use crate::clients::{Body, Packet, Waiting};
use crate::model::Table;
use crate::system::{Server, System};
use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::durable::Durable;
use dhcpfo_engine::effect::{Answer, Ask};
use dhcpfo_engine::endpoint::{Endpoint, Session};
use dhcpfo_engine::message::Message;

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
