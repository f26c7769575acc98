//! A play as a packet capture: failover frames on TCP, and the packets between clients and servers on UDP, at the
//! play's times, for whoever reads captures rather than traces.
//!
//! What lies between the frames of a model and a real connection is added: CONNECT and CONNECTACK, CONTACT where time has
//! passed, addresses, xids; and at the beginning what two servers have told each other that are in NORMAL then: their states
//! and bindings. A frame is captured where it is sent, so one that is lost is there, too; one that finds no connection
//! is not. Answers to clients are captured at the clients, so one that is lost is not there.

use dhcpfo_clock::Values;
use dhcpfo_engine::balance::bucket;
use dhcpfo_engine::binding::{AddressId, ClientId};
use dhcpfo_engine::effect::{Answer as Given, Ask, Effect};
use dhcpfo_engine::message::{BndAck, BndUpd, Message, StateReport, Transaction};
use dhcpfo_engine::span;
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::{Time, Times};
use dhcpfo_wire::convert::{Client, Directory, Exchange as Conversion, Skew};
use dhcpfo_wire::message::{Answer, Body, Connect, ConnectAck, Refusal};
use dhcpfo_wire::number::Reject;
use dhcpfo_wire::profile::Profile;
use dhcpfo_world::action::{Action, Deed, What};
use dhcpfo_world::clients::{Body as Asks, Packet};
use dhcpfo_world::model::{Exchange, Model};
use dhcpfo_world::play::{Entry, Moment, Scale, Step};
use std::net::Ipv4Addr;

/// The beginning of a play, in seconds since 1970: the clock of a play begins there, too.
const BEGINNING: u32 = 1_000_000_000;

/// The port of failover servers.
const PORT: u16 = 647;

/// Names of a model's numbers.
struct Names {
    /// By client: a hardware address whose hash is the client's bucket.
    hardware: Vec<[u8; 6]>,
}

impl Names {
    fn of(model: &Model) -> Names {
        let address = |(client, wanted): (u8, &u8)| {
            let with = |last: u8| [2, 0x77, 0xcc, 0, last, client];
            (0..=255).map(with).find(|address| bucket(address) == *wanted).unwrap_or(with(0))
        };
        Names { hardware: (0..).zip(&model.clients).map(address).collect() }
    }

    fn server(role: Role) -> Ipv4Addr {
        Ipv4Addr::new(10, 77, 1, 1 + role.index() as u8)
    }

    fn leased(address: AddressId) -> Ipv4Addr {
        Ipv4Addr::new(10, 77, 2, 10 + address.0 as u8)
    }

    fn hardware(&self, client: u8) -> [u8; 6] {
        self.hardware.get(usize::from(client)).copied().unwrap_or_default()
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
        let hardware_address = [&[1][..], &self.hardware(id.0 as u8)].concat();
        Some(Client { identifier: None, hardware_address })
    }

    fn client_id(&mut self, _: &Client) -> Option<ClientId> {
        None
    }
}

/// A capture being written.
struct Capture<'a> {
    model: &'a Model,
    names: Names,
    scale: Scale,
    values: Values,
    out: Vec<u8>,
    /// Microseconds within an instant, so that packets stand in their order.
    within: (Time, u32),
    /// Seconds after the instant, or before it.
    shift: i32,
    /// The state that each server has on record, and since when: a model forgets what no rule reads.
    states: [(Option<State>, Time); 2],
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
pub fn pcap(model: &Model, entries: &[Entry], values: Values, scale: Scale) -> Vec<u8> {
    let mut capture = Capture {
        model,
        names: Names::of(model),
        scale,
        values,
        out: Vec::new(),
        within: (Time::LONG_AGO, 0),
        shift: 0,
        states: [(None, Time::LONG_AGO); 2],
        connections: 0,
        sent: [0; 2],
        xids: [0; 2],
        updates: Vec::new(),
        requests: [0; 2],
        pool_request: 0,
    };
    capture.out.extend([0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0]);
    [0, 0, 65_535, 1_u32].iter().for_each(|word| capture.out.extend(word.to_le_bytes()));
    let mut last = None;
    for entry in entries {
        last = match entry {
            Entry::Begin(moment, _) => {
                capture.begin(moment);
                Some(&**moment)
            }
            Entry::Passage(passage) => {
                capture.contact(&passage.after);
                Some(&passage.after)
            }
            Entry::Step(step) => {
                capture.step(step);
                Role::ALL.into_iter().for_each(|role| capture.note_state(&step.after, role));
                Some(&step.after)
            }
            Entry::Comment(_) | Entry::Checked { .. } => last,
        };
    }
    // That the servers are still there is heard a second after the end.
    capture.shift = 1;
    last.into_iter().for_each(|moment| capture.contact(moment));
    capture.out
}

impl Capture<'_> {
    /// Two servers in NORMAL have told each other that, and what they have.
    fn begin(&mut self, moment: &Moment) {
        let (system, now) = (&moment.system, moment.now);
        Role::ALL.into_iter().for_each(|role| self.note_state(moment, role));
        self.states.iter_mut().for_each(|(_, since)| *since = Time::LONG_AGO);
        if !system.link.intact {
            return;
        }
        // So that what happens at the first instant does not coincide with it.
        self.shift = -5;
        self.connect(moment);
        for role in Role::ALL {
            let Some(state) = system.server(role).running() else { continue };
            let report = StateReport { state: Reported::In(state), startup: false, since: now };
            self.message(now, role, &Message::State(report));
        }
        for address in (0..self.model.addresses.len() as u32).map(AddressId) {
            let binding = system.server(Role::Primary).durable().table().get(address);
            let transaction = Transaction(address.0 as u8);
            let update = BndUpd {
                transaction,
                address,
                status: binding.status,
                reserved: self.model.addresses[address.0 as usize].reserved.is_some(),
                lease_expiration: binding.lease_expiration,
                potential_expiration: binding.received_potential_expiration,
                client_last_transaction: binding.client_last_transaction,
                start_of_status: binding.start_of_status,
            };
            self.message(now, Role::Primary, &Message::BndUpd(update));
            self.message(now, Role::Secondary, &Message::BndAck(BndAck { transaction, address, reject: None }));
        }
        self.shift = 0;
    }

    /// A server has entered another state.
    fn note_state(&mut self, moment: &Moment, role: Role) {
        let state = moment.system.server(role).durable().endpoint().map(|record| record.state);
        if self.states[role.index()].0 != state {
            self.states[role.index()] = (state, moment.now);
        }
    }

    /// Servers that are connected say that they are there.
    fn contact(&mut self, moment: &Moment) {
        for role in Role::ALL {
            if moment.system.link.works() && moment.system.server(role).is_connected() {
                let xid = self.fresh(role);
                self.frame(moment.now, role, &Body::Contact, xid);
            }
        }
    }

    fn step(&mut self, step: &Step) {
        let now = step.before.now;
        if matches!(step.action.what, What::Connect | What::Reconnect) {
            self.connect(&step.after);
        }
        self.asks(step);
        let link = |moment: &Moment| moment.system.link.intact;
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

    fn connect(&mut self, moment: &Moment) {
        let (system, now) = (&moment.system, moment.now);
        let most = Some(u32::from(self.model.max_unacked));
        let buckets = system.config(self.model, Role::Primary).buckets;
        self.connections += 1;
        (self.sent, self.xids, self.requests, self.pool_request) = ([0; 2], [0; 2], [0; 2], 0);
        self.updates.clear();
        let connect = Connect {
            relationship_name: Some(b"model".to_vec()),
            max_unacked: most,
            receive_timer: Some(60),
            vendor_class: Some(b"dhcpfo model".to_vec()),
            protocol_version: Some(1),
            tls_request: Some(0),
            mclt: Some(self.values.get(system.span(self.model, Role::Primary, span::MCLT))),
            hash_buckets: Some(Profile::DRAFT.buckets_to_wire(&buckets).to_vec()),
            delayed_service: None,
        };
        let answer = ConnectAck {
            relationship_name: connect.relationship_name.clone(),
            max_unacked: most,
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
        if let Message::State(StateReport { state: Reported::In(state), since, .. }) = &mut message {
            let known = &mut self.states[from.index()];
            if known.0 != Some(*state) {
                *known = (Some(*state), now);
            }
            *since = known.1;
        }
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
                let outbound = Conversion::new(0).outgoing(message, &Profile::DRAFT, &skew, &self.names);
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
        let Ok(octets) = body.to_frame(self.seconds(now).saturating_add_signed(self.shift), xid).encode() else {
            return;
        };
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

    /// What clients send: DHCPREQUEST for whatever one wants, or the message of that name.
    fn asks(&mut self, step: &Step) {
        let now = step.before.now;
        // In models with single packets they are what has come to be under way.
        if self.model.exchange == Exchange::Packets {
            let before = &step.before.system.network;
            let fresh = step.after.system.network.iter().filter(|packet| !before.contains(packet));
            fresh.for_each(|packet| self.asked(now, packet));
            return;
        }
        let What::Client { client, deed, server: Some(server), .. } = step.action.what else { return };
        let Some(held) = step.before.system.clients.get(usize::from(client)) else { return };
        let held = held.lease.map(|lease| lease.address);
        let ask = match (deed, held) {
            (Deed::Obtain(address), _) => Ask::Select(address),
            (Deed::Renew, Some(address)) => Ask::Renew(address),
            (Deed::Rebind, Some(address)) => Ask::Rebind(address),
            (Deed::Reboot, Some(address)) => Ask::Reboot(address),
            (Deed::Release, Some(address)) => Ask::Release(address),
            (Deed::Decline, Some(address)) => Ask::Decline(address),
            (Deed::Inform, _) => Ask::Inform,
            (Deed::Discover, _) => Ask::Discover,
            _ => return,
        };
        self.asked(now, &Packet { client, server, body: Asks::Ask(ask) });
    }

    fn asked(&mut self, now: Time, packet: &Packet) {
        let Asks::Ask(ask) = packet.body else { return };
        let (kind, own, requested) = match ask {
            Ask::Discover => (1, None, None),
            Ask::Select(address) | Ask::Reboot(address) => (3, None, Some(address)),
            Ask::Renew(address) | Ask::Rebind(address) => (3, Some(address), None),
            Ask::Decline(address) => (4, None, Some(address)),
            Ask::Release(address) => (7, Some(address), None),
            Ask::Inform => (8, None, None),
        };
        let mut options = vec![53, 1, kind];
        if let Some(address) = requested {
            options.extend([50, 4]);
            options.extend(Names::leased(address).octets());
        }
        // A client names the server whose offer it takes, or to which it gives something back (RFC 2131 table 5).
        if matches!(ask, Ask::Select(_) | Ask::Release(_) | Ask::Decline(_)) {
            options.extend([54, 4]);
            options.extend(Names::server(packet.server).octets());
        }
        let own = own.map_or(Ipv4Addr::UNSPECIFIED, Names::leased);
        let octets = self.bootp(1, packet.client, (own, Ipv4Addr::UNSPECIFIED), &options);
        self.udp(now, (own, 68), (Ipv4Addr::BROADCAST, 67), &octets);
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
        // An offer names a length, too (RFC 2131 table 3): no first lease is longer.
        let offered = matches!(answer, Given::Offer(_)).then(|| self.values.get(span::MCLT));
        let given = ends.and_then(|ends| self.scale.between(now, ends)).map(|length| length.whole());
        if let Some(length) = given.or(offered) {
            options.extend([51, 4]);
            options.extend(length.to_be_bytes());
        }
        let packet = self.bootp(2, client, (Ipv4Addr::UNSPECIFIED, address), &options);
        self.udp(now, (Names::server(from), 67), (Ipv4Addr::BROADCAST, 68), &packet);
    }

    /// A BOOTP message with ciaddr, yiaddr and DHCP options.
    fn bootp(&self, operation: u8, client: u8, (own, yours): (Ipv4Addr, Ipv4Addr), options: &[u8]) -> Vec<u8> {
        let mut packet = vec![operation, 1, 6, 0, 0, 0, 0x77, client, 0, 0, 0x80, 0];
        packet.extend(own.octets());
        packet.extend(yours.octets());
        packet.extend([0; 8]);
        packet.extend(self.names.hardware(client));
        packet.resize(236, 0);
        packet.extend([99, 130, 83, 99]);
        packet.extend(options);
        packet.push(255);
        packet
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
        let seconds = seconds.saturating_add_signed(self.shift);
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

fn checksum(header: &[u8]) -> u16 {
    let words = header.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]));
    let mut sum: u32 = words.sum();
    while sum >> 16 > 0 {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}
