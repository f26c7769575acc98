//! Captures made in memory: what two servers and their clients might have said.

use std::net::Ipv4Addr;

use dhcpfo_audit::{Claim, Input, Report, Settings, Verdict, audit};
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_wire::client::Kind;
use dhcpfo_wire::message::{Answer, Binding, Body, Connect, ConnectAck, Refusal, StateSaid};
use dhcpfo_wire::number::Reject;
use etherparse::PacketBuilder;

/// Seconds since 1970 at which every tape begins.
pub(crate) const BEGINNING: u32 = 1_700_000_000;
/// Seconds.
pub(crate) const MCLT: u32 = 60;
/// The address that the tests are about.
pub(crate) const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 10);

const FREE: u8 = 1;
const ACTIVE: u8 = 2;
const BACKUP: u8 = 7;

/// Packets with their times, oldest first.
#[derive(Clone)]
pub(crate) struct Tape {
    /// Seconds since [`BEGINNING`].
    pub(crate) now: u32,
    /// Milliseconds more.
    millis: i64,
    /// Seconds by which each server's clock is ahead.
    pub(crate) clock: [i64; 2],
    packets: Vec<(u64, Vec<u8>)>,
    /// Next octet of each server on the connection.
    sequence: [u32; 2],
    /// Port of the side that dials: another for each connection.
    port: u16,
    dialler: Role,
    is_open: bool,
    xid: u32,
}

/// What a segment is, besides its octets.
#[derive(Clone, Copy, PartialEq)]
enum Flag {
    None,
    Syn,
    Fin,
    Rst,
}

fn link(role: Role) -> Ipv4Addr {
    Ipv4Addr::new(10, 1, 1, 1 + role.index() as u8)
}

fn server(role: Role) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, 2 + role.index() as u8)
}

fn hardware(client: u8) -> [u8; 6] {
    [2, 0, 0, 0, 0, client]
}

/// A binding without anything but its status.
pub(crate) fn binding(status: u8) -> Binding {
    Binding {
        address: ADDRESS,
        status: Some(status),
        client_identifier: None,
        client_hardware_address: None,
        lease_expiration: None,
        potential_expiration: None,
        start_of_state: Some(BEGINNING),
        client_last_transaction: None,
        flags: None,
        client_request_options: None,
        client_reply_options: None,
        ddns: None,
    }
}

impl Tape {
    pub(crate) fn new() -> Tape {
        let (packets, dialler) = (Vec::new(), Role::Primary);
        Tape {
            now: 0,
            millis: 0,
            clock: [0; 2],
            packets,
            sequence: [1; 2],
            port: 40_000,
            dialler,
            is_open: false,
            xid: 0,
        }
    }

    /// A pair that is in NORMAL; [`ADDRESS`] is the primary's.
    pub(crate) fn normal() -> Tape {
        let mut tape = Tape::new();
        tape.connect();
        tape.both(State::Normal);
        tape.update(Role::Primary, binding(FREE)).wait(1);
        tape
    }

    /// Time passes; servers that are connected say that they are there.
    pub(crate) fn wait(&mut self, seconds: u32) -> &mut Tape {
        self.now += seconds;
        if self.is_open {
            self.message(Role::Primary, &Body::Contact).message(Role::Secondary, &Body::Contact);
        }
        self
    }

    /// A part of a second passes, or less than was said.
    pub(crate) fn later(&mut self, millis: i64) -> &mut Tape {
        self.millis += millis;
        self
    }

    /// A connection with its CONNECT and CONNECTACK; the primary dials.
    pub(crate) fn connect(&mut self) -> &mut Tape {
        self.dial();
        let connect = self.connect_body();
        self.message(Role::Primary, &connect);
        self.is_open = true;
        self.answer(Role::Secondary, &self.accepting())
    }

    /// What the secondary says in answer to CONNECT.
    pub(crate) fn accepting(&self) -> Body {
        Body::ConnectAck(ConnectAck {
            relationship_name: Some(b"pair".to_vec()),
            max_unacked: Some(2),
            receive_timer: Some(60),
            vendor_class: None,
            protocol_version: Some(1),
            tls_reply: Some(0),
            refusal: None,
        })
    }

    /// A connection on which nothing was said yet.
    pub(crate) fn dial(&mut self) -> &mut Tape {
        self.dial_by(Role::Primary)
    }

    /// The same, and who dials.
    pub(crate) fn dial_by(&mut self, role: Role) -> &mut Tape {
        self.call(role).segment(role.partner(), &[], Flag::Syn)
    }

    /// The server dials, and the other one's host says that nobody listens.
    pub(crate) fn dial_refused(&mut self, role: Role) -> &mut Tape {
        self.call(role).segment(role.partner(), &[], Flag::Rst)
    }

    /// The server dials.
    pub(crate) fn call(&mut self, role: Role) -> &mut Tape {
        self.port += 1;
        self.sequence = [1; 2];
        self.dialler = role;
        self.segment(role, &[], Flag::Syn)
    }

    /// What the primary says first.
    pub(crate) fn connect_body(&self) -> Body {
        Body::Connect(Connect {
            relationship_name: Some(b"pair".to_vec()),
            max_unacked: Some(2),
            receive_timer: Some(60),
            vendor_class: None,
            protocol_version: Some(1),
            tls_request: Some(0),
            mclt: Some(MCLT),
            // The lowest half of the buckets is the secondary's.
            hash_buckets: Some([[0xff; 16], [0; 16]].concat()),
            delayed_service: None,
        })
    }

    pub(crate) fn close(&mut self) -> &mut Tape {
        self.is_open = false;
        self.segment(Role::Primary, &[], Flag::Fin).segment(Role::Secondary, &[], Flag::Fin)
    }

    pub(crate) fn state(&mut self, role: Role, state: State) -> &mut Tape {
        self.state_since(role, state, self.now)
    }

    /// The same, with when it came to be in that state.
    pub(crate) fn state_since(&mut self, role: Role, state: State, since: u32) -> &mut Tape {
        let since = BEGINNING + since;
        self.message(role, &Body::State(StateSaid { state: Reported::In(state), startup: false, since }))
    }

    pub(crate) fn both(&mut self, state: State) -> &mut Tape {
        self.state(Role::Primary, state).state(Role::Secondary, state)
    }

    /// A message that the partner does not have to answer.
    pub(crate) fn message(&mut self, role: Role, body: &Body) -> &mut Tape {
        self.delayed(role, body, 0)
    }

    /// A message that TCP delivers so many seconds after it was sent.
    pub(crate) fn delayed(&mut self, role: Role, body: &Body, seconds: u32) -> &mut Tape {
        self.xid += 1;
        let time = i64::from(BEGINNING + self.now - seconds) + self.clock[role.index()];
        let frame = body.to_frame(time as u32, self.xid);
        self.segment(role, &frame.encode().unwrap(), Flag::None)
    }

    /// A message that answers the last one.
    pub(crate) fn answer(&mut self, role: Role, body: &Body) -> &mut Tape {
        self.xid -= 1;
        self.message(role, body)
    }

    /// The number of the last message.
    pub(crate) fn xid(&self) -> u32 {
        self.xid
    }

    /// A message that answers an earlier one.
    pub(crate) fn answer_to(&mut self, xid: u32, role: Role, body: &Body) -> &mut Tape {
        let last = std::mem::replace(&mut self.xid, xid - 1);
        self.message(role, body);
        self.xid = last;
        self
    }

    /// The capture begins now, in the middle of what the servers say.
    pub(crate) fn begins_here(&mut self) -> &mut Tape {
        self.packets.clear();
        self
    }

    /// Octets on the connection.
    pub(crate) fn octets(&mut self, role: Role, octets: &[u8]) -> &mut Tape {
        self.segment(role, octets, Flag::None)
    }

    /// A BNDUPD that is accepted at once.
    pub(crate) fn update(&mut self, role: Role, binding: Binding) -> &mut Tape {
        let address = Some(binding.address);
        self.message(role, &Body::BndUpd(vec![binding]));
        self.answer(role.partner(), &Body::BndAck(vec![Answer { address, refusal: None }]))
    }

    /// A BNDUPD that is refused at once.
    pub(crate) fn refused(&mut self, role: Role, binding: Binding, reason: Reject) -> &mut Tape {
        let refusal = Some(Refusal::new(reason, "no"));
        let address = Some(binding.address);
        self.message(role, &Body::BndUpd(vec![binding]));
        self.answer(role.partner(), &Body::BndAck(vec![Answer { address, refusal }]))
    }

    /// The secondary asks for addresses, and gets so many.
    pub(crate) fn pool_request(&mut self, count: u32) -> &mut Tape {
        self.message(Role::Secondary, &Body::PoolReq).answer(Role::Primary, &Body::PoolResp(count))
    }

    /// The server tells its partner of a lease, as seconds from now.
    pub(crate) fn tell(&mut self, role: Role, client: u8, ends: u32, potential: u32) -> &mut Tape {
        self.update(role, self.lease_of(client, ends, potential))
    }

    /// A lease as a server tells of it, as seconds from now.
    pub(crate) fn lease_of(&self, client: u8, ends: u32, potential: u32) -> Binding {
        let now = BEGINNING + self.now;
        Binding {
            client_hardware_address: Some([&[1], &hardware(client)[..]].concat()),
            lease_expiration: Some(now + ends),
            potential_expiration: Some(now + potential),
            client_last_transaction: Some(now),
            ..binding(ACTIVE)
        }
    }

    /// The primary gives [`ADDRESS`] to its partner.
    pub(crate) fn back_up(&mut self) -> &mut Tape {
        self.update(Role::Primary, binding(BACKUP))
    }

    /// The client asks and the server gives, for so many seconds.
    pub(crate) fn lease(&mut self, role: Role, client: u8, seconds: u32) -> &mut Tape {
        self.packet(None, Kind::Request, client, 0);
        self.packet(Some(role), Kind::Ack, client, seconds)
    }

    /// The client looks and the server offers.
    pub(crate) fn offer(&mut self, role: Role, client: u8) -> &mut Tape {
        self.packet(None, Kind::Discover, client, 0);
        self.packet(Some(role), Kind::Offer, client, 60)
    }

    /// A DHCP packet about [`ADDRESS`]: of a client, or of a server.
    pub(crate) fn packet(&mut self, from: Option<Role>, kind: Kind, client: u8, seconds: u32) -> &mut Tape {
        let mut octets = vec![0; 240];
        octets[0] = if from.is_some() { 2 } else { 1 };
        octets[1..3].copy_from_slice(&[1, 6]);
        octets[4..8].copy_from_slice(&u32::from(client).to_be_bytes());
        octets[28..34].copy_from_slice(&hardware(client));
        octets[236..240].copy_from_slice(&[99, 130, 83, 99]);
        octets.extend([53, 1, kind as u8]);
        if let Some(role) = from {
            octets[16..20].copy_from_slice(&ADDRESS.octets());
            octets.extend([&[54, 4][..], &server(role).octets(), &[51, 4], &seconds.to_be_bytes()].concat());
        } else if kind == Kind::Release {
            octets[12..16].copy_from_slice(&ADDRESS.octets());
        } else if kind != Kind::Discover {
            octets.extend([&[50, 4][..], &ADDRESS.octets()].concat());
        }
        octets.push(255);
        let (source, ports) = from.map_or((Ipv4Addr::UNSPECIFIED, (68, 67)), |role| (server(role), (67, 68)));
        let builder =
            PacketBuilder::ethernet2([2; 6], [0xff; 6]).ipv4(source.octets(), [255; 4], 64).udp(ports.0, ports.1);
        let mut packet = Vec::new();
        builder.write(&mut packet, &octets).unwrap();
        self.record(packet)
    }

    fn segment(&mut self, role: Role, octets: &[u8], flag: Flag) -> &mut Tape {
        let (from, to) = (link(role), link(role.partner()));
        let ports = if role == self.dialler { (self.port, 647) } else { (647, self.port) };
        let sequence = &mut self.sequence[role.index()];
        let is_syn = flag == Flag::Syn;
        let number = if is_syn { *sequence - 1 } else { *sequence };
        let builder = PacketBuilder::ethernet2([2; 6], [4; 6]).ipv4(from.octets(), to.octets(), 64);
        let mut builder = builder.tcp(ports.0, ports.1, number, 65_535);
        builder = match flag {
            Flag::None => builder,
            Flag::Syn => builder.syn(),
            Flag::Fin => builder.fin(),
            Flag::Rst => builder.rst(),
        };
        if !is_syn || role != self.dialler {
            builder = builder.ack(1);
        }
        *sequence += octets.len() as u32 + u32::from(flag == Flag::Fin);
        let mut packet = Vec::new();
        builder.write(&mut packet, octets).unwrap();
        self.record(packet)
    }

    fn record(&mut self, packet: Vec<u8>) -> &mut Tape {
        let millis = i64::from(BEGINNING + self.now) * 1_000 + self.millis + self.packets.len() as i64;
        let at = millis as u64 * 1_000;
        self.packets.push((at, packet));
        self
    }

    /// The packets as a pcap file of Ethernet.
    pub(crate) fn pcap(&self) -> Vec<u8> {
        let mut file = Vec::new();
        file.extend(0xa1b2_c3d4_u32.to_le_bytes());
        file.extend([2, 0, 4, 0]);
        file.extend([0; 8]);
        file.extend(65_535_u32.to_le_bytes());
        file.extend(1_u32.to_le_bytes());
        for (at, packet) in &self.packets {
            let length = packet.len() as u32;
            let fields = [(at / 1_000_000) as u32, (at % 1_000_000) as u32, length, length];
            fields.iter().for_each(|field| file.extend(field.to_le_bytes()));
            file.extend(packet);
        }
        file
    }

    /// What the audit finds.
    pub(crate) fn judged(&self) -> Report {
        // Whether a server was still in its state shows when it is heard of again.
        let input = Input::Octets("tape.pcap".to_owned(), self.clone().wait(3).pcap());
        let servers = Role::ALL.map(|role| (role, server(role))).to_vec();
        audit(&[input], &Settings { servers, ..Settings::default() }).unwrap()
    }

    /// The text of the only finding.
    pub(crate) fn finding(&self) -> String {
        let report = self.judged();
        let [finding] = &report.findings()[..] else { panic!("{}", report.text(true)) };
        finding.text.clone()
    }

    /// The claims that are violated.
    pub(crate) fn violated(&self) -> Vec<&'static str> {
        let report = self.judged();
        let claims = Claim::ALL.iter().filter(|claim| report.ledger.row(**claim).verdict() == Verdict::Violated);
        claims.map(|claim| claim.name()).collect()
    }

    /// Demands that the claim was judged and nothing at all is violated.
    pub(crate) fn assert_held(&self, claim: Claim) {
        let report = self.judged();
        assert_eq!(self.violated(), [""; 0], "{}", report.text(true));
        assert_eq!(report.ledger.row(claim).verdict(), Verdict::Held, "{}", report.text(true));
    }

    /// Demands that just this is violated.
    pub(crate) fn assert_violated(&self, claims: &[Claim]) {
        let names: Vec<_> = claims.iter().map(|claim| claim.name()).collect();
        assert_eq!(self.violated(), names, "{}", self.judged().text(true));
    }
}
