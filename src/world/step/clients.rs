//! What clients do: whole exchanges with a server, or single packets.

use super::Act;
use crate::action::{Deed, What};
use crate::budget::Item;
use crate::clients::{Body, Client, Lease, Packet, Waiting};
use crate::model::{Anchor, Exchange};
use dhcpfo_engine::binding::ClientId;
use dhcpfo_engine::effect::{Answer, Ask, Effect, Input};
use dhcpfo_engine::span;
use dhcpfo_engine::state::Role;

impl Act<'_> {
    /// A client turns to its other interface: what it holds on this one it keeps.
    pub(super) fn switch(&mut self, client: u8) -> bool {
        if usize::from(client) >= self.model.client_count() {
            return false;
        }
        let slot = &mut self.system.clients[usize::from(client)];
        let holds_any = slot.addresses(self.clock).next().is_some();
        std::mem::swap(&mut slot.lease, &mut slot.other);
        holds_any && slot.waiting == Waiting::Nothing && self.take(Item::SecondLeases)
    }

    pub(super) fn whole(&mut self, client: u8, deed: Deed, server: Role, lost: bool) -> bool {
        let slot = &mut self.system.clients[usize::from(client)];
        let lease = slot.lease.filter(|lease| !self.clock.passed(lease.ends));
        let held = lease.map(|lease| lease.address);
        let (ask, item) = match (deed, held) {
            (Deed::Obtain(address), None) => (Ask::Select(address), Item::Leases),
            (Deed::Renew, Some(address)) => (Ask::Renew(address), Item::Leases),
            (Deed::Rebind, Some(address)) => (Ask::Rebind(address), Item::Leases),
            (Deed::Reboot, Some(address)) => (Ask::Reboot(address), Item::Leases),
            (Deed::Release, Some(address)) => (Ask::Release(address), Item::Releases),
            (Deed::Decline, Some(address)) => (Ask::Decline(address), Item::Declines),
            (Deed::Inform, Some(_)) => (Ask::Inform, Item::Informs),
            _ => return false,
        };
        let gives_back = matches!(deed, Deed::Release | Deed::Decline);
        if gives_back || held.is_none() {
            slot.lease = None;
        }
        if lost && (gives_back || deed == Deed::Inform) {
            // There is no answer, or none that changes anything.
            return false;
        }
        if gives_back && lease.is_some_and(|lease| lease.from != server) && !self.take(Item::Strays) {
            return false;
        }
        let request = self.model.request(client, ask);
        let budgets =
            self.take(item) && (deed != Deed::Reboot || self.take(Item::Reboots)) && (!lost || self.take(Item::Losses));
        // A refusal that takes nothing from the client, or no answer, is no event.
        let refused =
            |this: &Self| held.is_none() && matches!(this.effects.as_slice(), [Effect::Reply(_, Answer::Nak)]);
        budgets && self.stimulate(server, Input::Client(request)) && self.did_something() && !refused(self)
    }

    pub(super) fn reply(&mut self, from: Role, client: ClientId, answer: Answer) {
        match self.model.exchange {
            Exchange::Packets => {
                self.post(Packet { client: client.0 as u8, server: from, body: Body::Answer(answer) });
            }
            Exchange::Whole if !matches!(self.action.what, What::Client { lost: true, .. }) => {
                let slot = &mut self.system.clients[client.0 as usize];
                match answer {
                    Answer::Ack(address, ends) => slot.lease = Some(Lease { address, ends, from }),
                    Answer::Nak => slot.lease = None,
                    Answer::Offer(_) | Answer::Informed => {}
                }
            }
            Exchange::Whole => {}
        }
    }

    // ---- clients: single packets ------------------------------------------------------------------------

    pub(super) fn post(&mut self, packet: Packet) {
        self.system.overflow |= self.system.network.try_push(packet).is_err();
    }

    /// Where in the network the packet is that an action names.
    pub(super) fn place_of(&self, named: Packet) -> Option<usize> {
        let network = &self.system.network;
        network.iter().position(|packet| packet.named(network, self.clock) == named)
    }

    /// Takes it from there.
    pub(super) fn take_packet(&mut self, named: Packet) -> Option<Packet> {
        let place = self.place_of(named)?;
        Some(self.system.network.remove(place))
    }

    /// A client sends something. `server`: to this one, which did not give its lease.
    pub(super) fn packets(&mut self, client: u8, deed: Deed, server: Option<Role>) -> bool {
        let slot = &mut self.system.clients[usize::from(client)];
        let lease = slot.lease.filter(|lease| !self.clock.passed(lease.ends));
        let post = |this: &mut Self, ask, to: &[Role]| {
            to.iter().for_each(|&server| this.post(Packet { client, server, body: Body::Ask(ask) }));
            true
        };
        if let Some(server) = server {
            let strays =
                matches!(deed, Deed::Release | Deed::Decline) && lease.is_some_and(|lease| lease.from != server);
            if !strays || self.action.crash_after.is_some() || !self.take(Item::Strays) {
                return false;
            }
        }
        let slot = &mut self.system.clients[usize::from(client)];
        match (deed, slot.waiting, lease) {
            (Deed::GiveUp, Waiting::Offer | Waiting::Choice(..) | Waiting::Extension, _) => {
                slot.waiting = Waiting::Nothing;
                true
            }
            (Deed::Discover, Waiting::Nothing, None) => {
                *slot = Client { lease: None, waiting: Waiting::Offer, ..*slot };
                self.take(Item::Leases) && post(self, Ask::Discover, &Role::ALL)
            }
            (Deed::Renew, Waiting::Nothing, Some(lease)) => {
                slot.waiting = Waiting::Extension;
                self.take(Item::Leases) && post(self, Ask::Renew(lease.address), &[lease.from])
            }
            (Deed::Rebind, Waiting::Nothing, Some(lease)) => {
                slot.waiting = Waiting::Extension;
                self.take(Item::Leases) && post(self, Ask::Rebind(lease.address), &Role::ALL)
            }
            (Deed::Reboot, Waiting::Nothing, Some(lease)) => {
                slot.waiting = Waiting::Extension;
                self.take(Item::Leases)
                    && self.take(Item::Reboots)
                    && post(self, Ask::Reboot(lease.address), &Role::ALL)
            }
            (Deed::Release, Waiting::Nothing, Some(lease)) => {
                slot.lease = None;
                self.take(Item::Releases) && post(self, Ask::Release(lease.address), &[server.unwrap_or(lease.from)])
            }
            (Deed::Decline, Waiting::Nothing, Some(lease)) => {
                slot.lease = None;
                self.take(Item::Declines) && post(self, Ask::Decline(lease.address), &[server.unwrap_or(lease.from)])
            }
            (Deed::Inform, Waiting::Nothing, Some(lease)) => {
                self.take(Item::Informs) && post(self, Ask::Inform, &[lease.from])
            }
            _ => false,
        }
    }

    pub(super) fn arrive(&mut self, packet: Packet) -> bool {
        match packet.body {
            Body::Ask(ask) => {
                // A server that is off simply does not get it.
                let up = self.system.server(packet.server).endpoint().is_some();
                let request = self.model.request(packet.client, ask);
                !up || self.stimulate(packet.server, Input::Client(request))
            }
            Body::Answer(answer) => {
                self.hear(packet.client, packet.server, answer);
                self.action.crash_after.is_none()
            }
        }
    }

    fn hear(&mut self, client: u8, server: Role, answer: Answer) {
        let slot = &mut self.system.clients[usize::from(client)];
        match (answer, slot.waiting) {
            (Answer::Offer(address), Waiting::Offer) => {
                slot.waiting = Waiting::Choice(server, address);
                self.post(Packet { client, server, body: Body::Ask(Ask::Select(address)) });
            }
            (Answer::Ack(address, ends), waiting) => {
                let mine = match waiting {
                    Waiting::Choice(chosen, wanted) => (chosen, wanted) == (server, address),
                    Waiting::Extension => slot.lease.is_some_and(|lease| lease.address == address),
                    Waiting::Nothing | Waiting::Offer => false,
                };
                if mine {
                    let ends = match self.model.anchor {
                        Anchor::Request => ends,
                        // The least that a server ever gives, counted from now (F-13).
                        Anchor::Receipt => self.clock.after(self.clock.now(), span::MCLT),
                    };
                    slot.lease = Some(Lease { address, ends, from: server });
                    slot.waiting = Waiting::Nothing;
                }
            }
            (Answer::Nak, Waiting::Choice(chosen, _)) if chosen == server => slot.waiting = Waiting::Nothing,
            (Answer::Nak, Waiting::Extension) => {
                *slot = Client { other: slot.other, ..Client::default() };
            }
            _ => {}
        }
    }
}
