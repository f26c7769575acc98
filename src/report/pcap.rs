//! A play as a packet capture: failover frames on TCP, and the packets between clients and servers on UDP, at the
//! play's times, for whoever reads captures rather than traces.
//!
//! What lies between the frames of a model and a real connection is added: CONNECT and CONNECTACK, addresses, xids. A
//! frame is captured where it is sent, so one that is lost is there, too; one that finds no connection is not.

use dhcpfo_clock::Values;
use dhcpfo_engine::binding::{AddressId, ClientId};
use dhcpfo_engine::effect::{Answer as Given, Effect};
use dhcpfo_engine::message::Message;
use dhcpfo_engine::span;
use dhcpfo_engine::state::Role;
use dhcpfo_time::{Time, Times};
use dhcpfo_wire::convert::{Client, Directory, Exchange, Skew};
use dhcpfo_wire::message::{Answer, Body, Connect, ConnectAck, Refusal};
use dhcpfo_wire::number::Reject;
use dhcpfo_wire::profile::Profile;
use dhcpfo_world::action::{Action, Deed, What};
use dhcpfo_world::play::{Entry, Scale, Step};
use std::net::Ipv4Addr;

/// The beginning of a play, in seconds since 1970: the clock of a play begins there, too.
const BEGINNING: u32 = 1_000_000_000;

/// The port of failover servers.
const PORT: u16 = 647;

/// Names of a model's numbers.
struct Names;

impl Names {
    fn server(role: Role) -> Ipv4Addr {
        Ipv4Addr::new(10, 77, 1, 1 + role.index() as u8)
    }

    fn leased(address: AddressId) -> Ipv4Addr {
        Ipv4Addr::new(10, 77, 2, 10 + address.0 as u8)
    }

    fn hardware(client: u8) -> [u8; 6] {
        [2, 0x77, 0xcc, 0, 0, client]
    }
}

impl Directory for Names {
    fn address(&self, id: AddressId) -> Option<Ipv4Addr> {
        Some(Names::leased(id))
    }

    fn address_id(&self, _: Ipv4Addr) -> Option<AddressId> {
        None
    }

    fn client(&self, id: ClientId) -> Option<Client> {
        let hardware_address = [&[1][..], &Names::hardware(id.0 as u8)].concat();
        Some(Client { identifier: None, hardware_address })
    }

    fn client_id(&mut self, _: &Client) -> Option<ClientId> {
        None
    }
}

/// A capture being written.
struct Capture {
    scale: Scale,
    values: Values,
    out: Vec<u8>,
    /// Microseconds within an instant, so that packets stand in their order.
    within: (Time, u32),
    /// Connections so far.
    connections: u16,
    /// Octets that each server has sent on this connection.
    sent: [u32; 2],
    xids: [u32; 2],
    /// The xid of each unanswered BNDUPD, by sender, transaction and address; and of the latest other request.
    updates: Vec<(Role, u8, u32, u32)>,
    requests: [u32; 2],
    pool_request: u32,
}

/// The capture of a play (libpcap, Ethernet).
pub fn pcap(entries: &[Entry], values: Values, scale: Scale) -> Vec<u8> {
    let mut capture = Capture {
        scale,
        values,
        out: Vec::new(),
        within: (Time::LONG_AGO, 0),
        connections: 0,
        sent: [0; 2],
        xids: [0; 2],
        updates: Vec::new(),
        requests: [0; 2],
        pool_request: 0,
    };
    capture.out.extend([0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0]);
    [0, 0, 65_535, 1_u32].iter().for_each(|word| capture.out.extend(word.to_le_bytes()));
    for entry in entries {
        match entry {
            Entry::Begin(moment, _) if moment.system.link.intact => capture.connect(moment.now),
            Entry::Step(step) => capture.step(step),
            _ => {}
        }
    }
    capture.out
}

impl Capture {
    fn step(&mut self, step: &Step) {
        let now = step.before.now;
        if matches!(step.action.what, What::Connect | What::Reconnect) {
            self.connect(now);
        }
        self.asks(now, &step.action);
        let link = |moment: &dhcpfo_world::play::Moment| moment.system.link.intact;
        let open = link(&step.before) || link(&step.after);
        for (role, effect) in &step.effects {
            match effect {
                Effect::Send(message) if open => self.message(now, *role, message),
                Effect::Reply(client, answer) if !lost(&step.action) => {
                    self.answers(now, *role, client.0 as u8, answer)
                }
                _ => {}
            }
        }
    }

    /// A time of the play in seconds since 1970.
    fn seconds(&self, time: Time) -> u32 {
        BEGINNING + self.scale.since(time).map_or(0, |since| since.whole())
    }

    fn connect(&mut self, now: Time) {
        self.connections += 1;
        (self.sent, self.xids, self.requests, self.pool_request) = ([0; 2], [0; 2], [0; 2], 0);
        self.updates.clear();
        let connect = Connect {
            relationship_name: Some(b"model".to_vec()),
            max_unacked: Some(10),
            receive_timer: Some(60),
            vendor_class: Some(b"dhcpfo model".to_vec()),
            protocol_version: Some(1),
            tls_request: Some(0),
            mclt: Some(self.values.get(span::MCLT)),
            hash_buckets: Some(vec![0; 32]),
            delayed_service: None,
        };
        let answer = ConnectAck {
            relationship_name: connect.relationship_name.clone(),
            max_unacked: Some(10),
            receive_timer: Some(60),
            vendor_class: connect.vendor_class.clone(),
            protocol_version: Some(1),
            tls_reply: Some(0),
            refusal: None,
        };
        let xid = self.fresh(Role::Primary);
        self.frame(now, Role::Primary, &Body::Connect(connect), xid);
        self.frame(now, Role::Secondary, &Body::ConnectAck(answer), xid);
    }

    fn fresh(&mut self, role: Role) -> u32 {
        self.xids[role.index()] += 1;
        self.xids[role.index()]
    }

    fn message(&mut self, now: Time, from: Role, message: &Message) {
        let mut message = *message;
        let (scale, latest) = (self.scale, BEGINNING);
        message.times(&mut |time, _| {
            if let Some(since) = scale.since(*time) {
                *time = Time::from_raw(latest + since.whole());
            }
        });
        let (xid, body) = match message {
            Message::BndAck(ack) => {
                let is_it = |(role, transaction, address, _): &(Role, u8, u32, u32)| {
                    *role == from.partner() && *transaction == ack.transaction.0 && *address == ack.address.0
                };
                let xid = match self.updates.iter().position(is_it) {
                    Some(place) => self.updates.remove(place).3,
                    None => self.fresh(from),
                };
                let refusal = ack.reject.map(Reject::from).map(|reason| Refusal::new(reason, reason.text()));
                (xid, Body::BndAck(vec![Answer { address: Some(Names::leased(ack.address)), refusal }]))
            }
            Message::UpdDone => (self.requests[from.partner().index()], Body::UpdDone),
            Message::PoolResp(count) => (self.pool_request, Body::PoolResp(count)),
            _ => {
                let skew = Skew::baseline(0, 0);
                let outbound = Exchange::new(0).outgoing(message, &Profile::DRAFT, &skew, &Names);
                let Some(body) = outbound.map(|outbound| outbound.body().clone()) else { return };
                let xid = self.fresh(from);
                match message {
                    Message::BndUpd(update) => self.updates.push((from, update.transaction.0, update.address.0, xid)),
                    Message::UpdReq | Message::UpdReqAll => self.requests[from.index()] = xid,
                    Message::PoolReq => self.pool_request = xid,
                    _ => {}
                }
                (xid, body)
            }
        };
        self.frame(now, from, &body, xid);
    }

    fn frame(&mut self, now: Time, from: Role, body: &Body, xid: u32) {
        // What a model says in one message is far shorter than the longest one.
        let Ok(octets) = body.to_frame(self.seconds(now), xid).encode() else { return };
        let port = 49_152 + self.connections % 16_000;
        let ports = if from == Role::Primary { (port, PORT) } else { (PORT, port) };
        let mut tcp = Vec::with_capacity(20 + octets.len());
        tcp.extend(ports.0.to_be_bytes());
        tcp.extend(ports.1.to_be_bytes());
        tcp.extend((1 + self.sent[from.index()]).to_be_bytes());
        tcp.extend((1 + self.sent[from.partner().index()]).to_be_bytes());
        tcp.extend([0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]);
        tcp.extend(&octets);
        self.sent[from.index()] += octets.len() as u32;
        self.packet(now, Names::server(from), Names::server(from.partner()), 6, &tcp);
    }

    /// What a client sends: DHCPREQUEST for whatever it wants, or the message of that name.
    fn asks(&mut self, now: Time, action: &Action) {
        let What::Client { client, deed, server: Some(server), .. } = action.what else { return };
        let kind = match deed {
            Deed::Obtain(_) | Deed::Renew | Deed::Rebind | Deed::Reboot => 3,
            Deed::Release => 7,
            Deed::Decline => 4,
            Deed::Inform => 8,
            Deed::Discover => 1,
            Deed::GiveUp | Deed::Switch => return,
        };
        let mut options = vec![53, 1, kind];
        if let Deed::Obtain(address) = deed {
            options.extend([50, 4]);
            options.extend(Names::leased(address).octets());
            options.extend([54, 4]);
            options.extend(Names::server(server).octets());
        }
        let packet = bootp(1, client, Ipv4Addr::UNSPECIFIED, &options);
        self.udp(now, (Ipv4Addr::UNSPECIFIED, 68), (Ipv4Addr::BROADCAST, 67), &packet);
    }

    fn answers(&mut self, now: Time, from: Role, client: u8, answer: &Given) {
        let (kind, address, ends) = match answer {
            Given::Offer(address) => (2, Names::leased(*address), None),
            Given::Ack(address, ends) => (5, Names::leased(*address), Some(*ends)),
            Given::Nak => (6, Ipv4Addr::UNSPECIFIED, None),
            Given::Informed => (5, Ipv4Addr::UNSPECIFIED, None),
        };
        let mut options = vec![53, 1, kind, 54, 4];
        options.extend(Names::server(from).octets());
        if let Some(length) = ends.and_then(|ends| self.scale.between(now, ends)) {
            options.extend([51, 4]);
            options.extend(length.whole().to_be_bytes());
        }
        let packet = bootp(2, client, address, &options);
        self.udp(now, (Names::server(from), 67), (Ipv4Addr::BROADCAST, 68), &packet);
    }

    fn udp(&mut self, now: Time, from: (Ipv4Addr, u16), to: (Ipv4Addr, u16), payload: &[u8]) {
        let mut udp = Vec::with_capacity(8 + payload.len());
        udp.extend(from.1.to_be_bytes());
        udp.extend(to.1.to_be_bytes());
        udp.extend((8 + payload.len() as u16).to_be_bytes());
        udp.extend([0, 0]);
        udp.extend(payload);
        self.packet(now, from.0, to.0, 17, &udp);
    }

    fn packet(&mut self, now: Time, from: Ipv4Addr, to: Ipv4Addr, protocol: u8, payload: &[u8]) {
        self.within = if self.within.0 == now { (now, self.within.1 + 100) } else { (now, 0) };
        let parts = self.scale.since(now).and_then(|since| since.in_parts(self.scale.per_second)).unwrap_or(0);
        let fraction = u64::from(parts % self.scale.per_second) * 1_000_000 / u64::from(self.scale.per_second);
        let micros = (fraction as u32 + self.within.1).min(999_999);
        let mut ip = vec![0x45, 0];
        ip.extend((20 + payload.len() as u16).to_be_bytes());
        ip.extend([0, 0, 0x40, 0, 64, protocol, 0, 0]);
        ip.extend(from.octets());
        ip.extend(to.octets());
        let sum = checksum(&ip);
        ip[10..12].copy_from_slice(&sum.to_be_bytes());
        let mac = |address: Ipv4Addr| match address {
            Ipv4Addr::BROADCAST => [0xff; 6],
            address => [2, 0, address.octets()[0], address.octets()[1], address.octets()[2], address.octets()[3]],
        };
        let length = (14 + ip.len() + payload.len()) as u32;
        let seconds = BEGINNING + parts / self.scale.per_second;
        [seconds, micros, length, length].iter().for_each(|word| self.out.extend(word.to_le_bytes()));
        self.out.extend(mac(to));
        self.out.extend(mac(from));
        self.out.extend([8, 0]);
        self.out.extend(ip);
        self.out.extend(payload);
    }
}

fn lost(action: &Action) -> bool {
    matches!(action.what, What::Client { lost: true, .. })
}

/// A BOOTP message with DHCP options.
fn bootp(operation: u8, client: u8, yours: Ipv4Addr, options: &[u8]) -> Vec<u8> {
    let mut packet = vec![operation, 1, 6, 0, 0, 0, 0x77, client, 0, 0, 0x80, 0, 0, 0, 0, 0];
    packet.extend(yours.octets());
    packet.extend([0; 8]);
    packet.extend(Names::hardware(client));
    packet.resize(236, 0);
    packet.extend([99, 130, 83, 99]);
    packet.extend(options);
    packet.push(255);
    packet
}

fn checksum(header: &[u8]) -> u16 {
    let words = header.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]));
    let mut sum: u32 = words.sum();
    while sum >> 16 > 0 {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}
