//! Clients' packets: which link, which client, what is asked; and what is answered.

use std::net::{Ipv4Addr, SocketAddrV4};

use dhcpfo_engine::balance::bucket;
use dhcpfo_engine::binding::{AddressId, ClientId, Code};
use dhcpfo_engine::effect::{Answer, Ask, Effect, Input, Note, Request, Within};
use dhcpfo_engine::endpoint::Phase;
use dhcpfo_engine::service::{Service, service};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::Time;
use dhcpfo_wire::client::{Asked, Destination, Lease, Packet, Reply, destination};
use dhcpfo_wire::convert::{Client, Directory};

use super::{Core, Deferred, Leased, To, ends};
use crate::io::ethernet::Neighbour;
use crate::io::interfaces::Arrival;
use crate::names::who;

/// Addresses that are looked at for one that nobody else has been offered.
const TRIES: usize = 256;

/// A client's packet that is being answered.
pub(super) struct Asking<'a> {
    socket: usize,
    from: SocketAddrV4,
    packet: &'a Packet,
    /// The place of the client's link in the plan.
    link: usize,
    request: Request,
}

impl Core {
    pub(super) fn datagram(&mut self, socket: usize, from: SocketAddrV4, by: &Arrival, octets: &[u8]) {
        let packet = match Packet::decode(octets) {
            Ok(packet) => packet,
            Err(error) => {
                self.figures.undecodable += 1;
                return self.line(format_args!("{from}: no DHCP packet: {error}"));
            }
        };
        self.figures.received(packet.kind);
        if let Err(why) = self.asked(socket, from, by, &packet) {
            self.figures.refused += 1;
            self.line(format_args!("{from}: {} not answered: {why}", packet.kind.name()));
        }
    }

    /// Hands what is asked to the engine. An error is why nothing can be handed to it.
    fn asked(&mut self, socket: usize, from: SocketAddrV4, by: &Arrival, packet: &Packet) -> Result<(), String> {
        let asked = packet.asked(by.is_unicast).map_err(|why| why.to_string())?;
        let client = packet.client().ok_or("nobody asks")?;
        let link = super::links::link(&self.plan, self.file.listen.server_id, packet, &asked, by)?;
        let within = self.plan.links[link].within;
        let mine = [self.file.listen.server_id];
        let Some(ask) = asked.for_engine(&mine, &self.names) else {
            if let Asked::Select { server, .. } = asked
                && !mine.contains(&server)
            {
                self.chose_another(&client);
                return Ok(());
            }
            return self.stray(socket, from, packet, link, &asked);
        };
        if let Ask::Select(id) | Ask::Reboot(id) | Ask::Renew(id) | Ask::Rebind(id) = ask
            && !within.contains(id)
        {
            return self.stray(socket, from, packet, link, &asked);
        }
        let id = self.names.client_id(&client).ok_or("no room for one more client")?;
        self.names.hear(id, link);
        if let Ask::Decline(address) = ask {
            self.decline(&client, id, address, link)?;
        }
        let wish = match asked {
            Asked::Discover(wish) => wish.and_then(|address| self.plan.id(address)),
            _ => None,
        };
        let waited = self.agreed.is_some_and(|a| a.delayed_service > 0 && packet.secs >= a.delayed_service.into());
        let prefer = if ask == Ask::Discover { self.prefer(id, within, wish) } else { None };
        let bucket = bucket(client.hashed());
        let request = Request { client: id, ask, bucket, waited, within, prefer };
        let lease = self.lease_time(link, packet);
        let lease = ends::Margin::of(&self.file).books(lease);
        self.clock.lease = self.longest_lead.map_or(lease, |most| lease.min(most));
        let asking = Asking { socket, from, packet, link, request };
        let mut effects = Vec::new();
        let input = Input::Client(request);
        self.endpoint.step(&self.config, &mut self.clock, input, &mut |effect| effects.push(effect));
        self.trace_step(&input, &effects, true);
        let changes = effects.iter().any(|effect| matches!(effect, Effect::Persist(_)));
        if let (Asked::Release { address, .. }, true) = (asked, changes) {
            self.line(format_args!("{}: gives {address} back", who(&client)));
        }
        self.effects(effects, Some(&asking));
        self.clock.lease = ends::Margin::of(&self.file).books(self.plan.longest_lease);
        Ok(())
    }

    /// The client asks for an address that is none of its link's pools. In INIT-REBOOT on another link it is told so,
    /// if this server serves it at all (RFC 2131 §4.3.2); otherwise nobody knows better.
    fn stray(
        &mut self,
        socket: usize,
        from: SocketAddrV4,
        packet: &Packet,
        link: usize,
        asked: &Asked,
    ) -> Result<(), String> {
        let moved = matches!(asked, Asked::Reboot(address) if !self.plan.links[link].subnet.contains(*address));
        let responsive = self.endpoint.volatile().phase == Phase::Running
            && service(&self.config.rules, self.endpoint.state(), self.endpoint.volatile().heard) >= Service::Balanced;
        let (Some(client), true, true) = (packet.client(), moved, responsive) else {
            return Err("the address is in no pool of the client's link".into());
        };
        let id = self.names.client_id(&client).ok_or("no room for one more client")?;
        let request = Request::new(id, Ask::Inform, bucket(client.hashed()));
        self.answer(&Asking { socket, from, packet, link, request }, id, Answer::Nak);
        Ok(())
    }

    /// What the client would like, but no more than the link gives, and at least a second.
    fn lease_time(&self, link: usize, packet: &Packet) -> u32 {
        let most = self.plan.links[link].subnet.lease;
        packet.lease_time().map_or(most, |wish| wish.clamp(1, most))
    }

    /// The client has chosen another server: what it was offered here is free for others.
    fn chose_another(&mut self, client: &Client) {
        self.figures.chose_another += 1;
        if let Some(held) = self.names.known(client).and_then(|id| self.offers.of(id)) {
            self.offers.release(held);
        }
        tracing::debug!(client = who(client), "chose another server");
    }

    /// An address that nobody else has been offered just now: the client's wish, what it was offered a moment ago, or the
    /// next one in turn.
    fn prefer(&mut self, client: ClientId, within: Within, wish: Option<AddressId>) -> Option<AddressId> {
        let table = self.endpoint.durable().table();
        let fits = |address: &AddressId| {
            !self.offers.is_anothers(*address, client) && table.reserved(*address).is_none_or(|owner| owner == client)
        };
        let available = |address: &AddressId| table.get(*address).status.is_available();
        if let Some(wish) = wish.filter(|wish| within.contains(*wish)).filter(available).filter(fits) {
            return Some(wish);
        }
        let held = self.offers.of(client).filter(|held| within.contains(*held)).filter(available).filter(fits);
        if held.is_some() {
            return held;
        }
        let cursor = self.offers.cursors.get(&within.first).copied().unwrap_or(within.first);
        let own = if self.config.role == Role::Primary { Code::Free } else { Code::Backup };
        let partners = if own == Code::Free { Code::Backup } else { Code::Free };
        let codes = if self.endpoint.state() == State::PartnerDown { vec![own, partners] } else { vec![own] };
        for code in codes {
            let mut from = cursor;
            let mut turned = false;
            for _ in 0..TRIES {
                match table.next_with(from, code).filter(|&address| within.contains(address)) {
                    Some(address) if fits(&address) => {
                        self.offers.cursors.insert(within.first, address.0 + 1);
                        return Some(address);
                    }
                    Some(address) => from = address.0 + 1,
                    None if turned => break,
                    None => {
                        turned = true;
                        from = within.first;
                    }
                }
            }
        }
        None
    }

    /// The engine answers: built now, sent after the commit.
    pub(super) fn answer(&mut self, asking: &Asking<'_>, client: ClientId, answer: Answer) {
        let now = self.time.now();
        let reply = match answer {
            Answer::Offer(id) if self.offers.is_taken(id, client, now.elapsed) => {
                self.figures.note(Note::NothingAvailable);
                let who = self.who(client);
                return self.line(format_args!(
                    "{who}: DHCPDISCOVER not answered: all that is available is offered to others"
                ));
            }
            Answer::Offer(id) => {
                let end = self.endpoint.lease_end(&self.config, &mut self.clock, client, id);
                self.offers.hold(id, client, now.elapsed);
                self.figures.offers += 1;
                let lease = end.and_then(|end| self.lease(end));
                self.plan.address(id).zip(lease).map(|(address, lease)| Reply::Offer(address, lease))
            }
            Answer::Ack(id, end) => {
                self.offers.release(id);
                self.figures.acks += 1;
                self.plan.address(id).zip(self.lease(end)).map(|(address, lease)| Reply::Ack(address, lease))
            }
            Answer::Nak => {
                self.figures.naks += 1;
                Some(Reply::Nak)
            }
            Answer::Informed => Some(Reply::Informed),
        };
        let Some(reply) = reply else { return };
        let lease = match reply {
            Reply::Ack(address, Lease { time: seconds, .. }) => {
                Some(Leased { client: self.who(client), address, seconds })
            }
            _ => None,
        };
        let octets = match reply.encode(asking.packet, &self.plan.links[asking.link].settings) {
            Ok(octets) => octets,
            Err(error) => return self.line(format_args!("{}: no answer fits: {error}", self.who(client))),
        };
        let to = self.to(asking, &reply);
        tracing::debug!(client = self.who(client), ?reply, ?to, "answer");
        self.deferred.push(Deferred::Datagram { socket: asking.socket, to, octets, lease });
    }

    fn to(&self, asking: &Asking<'_>, reply: &Reply) -> To {
        if self.file.listen.to_source {
            return To::Address(asking.from);
        }
        let everybody = To::Address(SocketAddrV4::new(Ipv4Addr::BROADCAST, 68));
        match destination(asking.packet, reply) {
            Destination::Unicast(to) => To::Address(to),
            Destination::Broadcast => everybody,
            Destination::Link { htype, chaddr, address } => {
                Neighbour::of(htype, &chaddr, address).map_or(everybody, To::Neighbour)
            }
        }
    }

    /// What is told of a lease that ends then in the books; None if nothing is left of it. T1 is half, T2 seven eighths
    /// (RFC 2131 §4.4.5).
    fn lease(&self, end: Time) -> Option<Lease> {
        let time = ends::Margin::of(&self.file).told(end, self.clock.now)?;
        let rebinding = u32::try_from(u64::from(time) * 7 / 8).unwrap_or(time);
        Some(Lease { time, renewal: Some(time / 2), rebinding: Some(rebinding) })
    }

    /// The engine gives no answer, and says why.
    pub(super) fn refused(&mut self, asking: &Asking<'_>, note: Note) {
        let (kind, client) = (asking.packet.kind.name(), asking.request.client);
        let why = super::why::reason(note, self.endpoint.state(), asking.request.bucket);
        match note {
            // Half of all clients are the partner's.
            Note::NotMine => tracing::debug!(client = self.who(client), "{kind} not answered: {why}"),
            _ => {
                let who = self.who(client);
                self.line(format_args!("{who}: {kind} not answered: {why}"));
            }
        }
    }
}
