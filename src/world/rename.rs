//! Giving the addresses other numbers, for servers that look through their tables in another order.

use crate::action::{Action, Deed, Order, What};
use crate::clients::{Body, Packet, Waiting};
use crate::model::{ADDRESSES, Table};
use crate::system::{Server, System};
use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::durable::{Durable, Record};
use dhcpfo_engine::effect::{Answer, Ask, Effect};
use dhcpfo_engine::endpoint::{Endpoint, Session};
use dhcpfo_engine::message::Message;

impl System {
    /// The same system with other numbers for the addresses; `new` is a permutation.
    pub fn rename(&mut self, new: impl Fn(AddressId) -> AddressId + Copy) {
        for server in &mut self.servers {
            let durable = rename_table(server.durable(), new);
            *server = match server {
                Server::Down(_) => Server::Down(durable),
                Server::Up(endpoint) => {
                    let mut volatile = *endpoint.volatile();
                    if let Session::Ok(conversation) = &mut volatile.session {
                        conversation.window.iter_mut().flatten().for_each(|o| o.address = new(o.address));
                    }
                    Server::Up(Endpoint::resume(durable, volatile))
                }
            };
        }
        if let Some(backup) = &mut self.backup {
            backup.durable = rename_table(&backup.durable, new);
        }
        for flying in self.link.towards.iter_mut().flatten() {
            rename_message(&mut flying.message, new);
        }
        for client in &mut self.clients {
            for lease in client.lease.iter_mut().chain(&mut client.other) {
                lease.address = new(lease.address);
            }
            if let Waiting::Choice(_, address) = &mut client.waiting {
                *address = new(*address);
            }
        }
        self.network.iter_mut().for_each(|packet| *packet = packet.rename(new));
        for rest in &mut self.ghosts.rest {
            let old = *rest;
            (0..ADDRESSES).for_each(|number| rest[new(AddressId(number as u32)).0 as usize] = old[number]);
        }
    }
}

fn rename_table(durable: &Durable<Table>, new: impl Fn(AddressId) -> AddressId) -> Durable<Table> {
    let mut table = *durable.table();
    for (number, binding) in durable.table().bindings().iter().enumerate() {
        table.bindings_mut()[new(AddressId(number as u32)).0 as usize] = *binding;
    }
    Durable::found(durable.endpoint().copied(), table)
}

fn rename_message(message: &mut Message, new: impl Fn(AddressId) -> AddressId) {
    match message {
        Message::BndUpd(update) => update.address = new(update.address),
        Message::BndAck(ack) => ack.address = new(ack.address),
        _ => {}
    }
}

/// The same effect with other numbers for the addresses.
pub(crate) fn rename_effect(mut effect: Effect, new: impl Fn(AddressId) -> AddressId) -> Effect {
    match &mut effect {
        Effect::Persist(Record::Binding(address, _))
        | Effect::Reply(_, Answer::Offer(address) | Answer::Ack(address, _)) => *address = new(*address),
        Effect::Send(message) => rename_message(message, new),
        _ => {}
    }
    effect
}

impl Packet {
    fn rename(self, new: impl Fn(AddressId) -> AddressId) -> Packet {
        let body = match self.body {
            Body::Ask(ask) => Body::Ask(match ask {
                Ask::Select(address) => Ask::Select(new(address)),
                Ask::Reboot(address) => Ask::Reboot(new(address)),
                Ask::Renew(address) => Ask::Renew(new(address)),
                Ask::Rebind(address) => Ask::Rebind(new(address)),
                Ask::Decline(address) => Ask::Decline(new(address)),
                Ask::Release(address) => Ask::Release(new(address)),
                Ask::Discover | Ask::Inform => ask,
            }),
            Body::Answer(answer) => Body::Answer(match answer {
                Answer::Offer(address) => Answer::Offer(new(address)),
                Answer::Ack(address, ends) => Answer::Ack(new(address), ends),
                Answer::Nak | Answer::Informed => answer,
            }),
        };
        Packet { body, ..self }
    }
}

impl Action {
    /// The same action with other numbers for the addresses.
    #[must_use]
    pub(crate) fn rename(self, new: impl Fn(AddressId) -> AddressId) -> Action {
        let what = match self.what {
            What::Operator(role, Order::Reset(address)) => What::Operator(role, Order::Reset(new(address))),
            What::Client { client, deed: Deed::Obtain(address), server, lost } => {
                What::Client { client, deed: Deed::Obtain(new(address)), server, lost }
            }
            What::Arrive(packet) => What::Arrive(packet.rename(new)),
            What::Lose(packet) => What::Lose(packet.rename(new)),
            What::Duplicate(packet) => What::Duplicate(packet.rename(new)),
            what => what,
        };
        Action { what, ..self }
    }
}
