//! A session on a bench: connections are numbers, time is what the test says, the partner is octets.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::net::Ipv4Addr;
use std::time::Duration;

use dhcpfo_engine::binding::{AddressId, ClientId};
use dhcpfo_engine::effect;
use dhcpfo_engine::message as engine;
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_wire::convert::{Client, Directory};
use dhcpfo_wire::frame::Frame;
use dhcpfo_wire::message::{Binding, Body, Connect, ConnectAck, Refusal, StateSaid};
use dhcpfo_wire::number::Reject;
use dhcpfo_wire::profile::Profile;
use dhcpfo_wire::session::{Config, ConnectionId, Input, Now, Output, Session};

/// Wall clock of every test at the beginning, in seconds since 1970.
pub(crate) const START: u32 = 1_795_467_379;
pub(crate) const ONE: ConnectionId = ConnectionId(1);
pub(crate) const TWO: ConnectionId = ConnectionId(2);

/// Addresses 10.77.0.10 to 10.77.0.50, and clients as they come.
#[derive(Default)]
pub(crate) struct Names(pub(crate) Vec<Client>);

impl Directory for Names {
    fn address(&self, id: AddressId) -> Option<Ipv4Addr> {
        (id.0 < 41).then(|| Ipv4Addr::new(10, 77, 0, 10 + id.0 as u8))
    }
    fn address_id(&self, address: Ipv4Addr) -> Option<AddressId> {
        u32::from(address).checked_sub(0x0a4d_000a).filter(|&id| id < 41).map(AddressId)
    }
    fn client(&self, id: ClientId) -> Option<Client> {
        self.0.get(id.0 as usize).cloned()
    }
    fn client_id(&mut self, client: &Client) -> Option<ClientId> {
        let known = self.0.iter().position(|known| known.key() == client.key());
        let at = known.unwrap_or_else(|| {
            self.0.push(client.clone());
            self.0.len() - 1
        });
        Some(ClientId(at as u32))
    }
}

pub(crate) struct Bench {
    pub(crate) session: Session,
    pub(crate) now: Now,
    pub(crate) names: Names,
}

/// As the testbed has it: relationship "fo", window 10, receive timer 6, MCLT 60.
pub(crate) fn config(role: Role, profile: Profile) -> Config {
    Config { receive_timer: 6, mclt: 60, ..Config::new(role, profile, b"fo") }
}

impl Bench {
    pub(crate) fn new(config: Config) -> Bench {
        let now = Now { elapsed: Duration::from_secs(1000), wall: START };
        Bench { session: Session::new(config).unwrap(), now, names: Names::default() }
    }

    pub(crate) fn give(&mut self, input: Input<'_>) -> Vec<Output> {
        let mut out = Vec::new();
        self.session.handle(self.now, input, &mut self.names, &mut out);
        out
    }

    pub(crate) fn pass(&mut self, seconds: u32) -> Vec<Output> {
        self.now.elapsed += Duration::from_secs(seconds.into());
        self.now.wall += seconds;
        self.give(Input::Wake)
    }

    /// Passes the time second by second, collecting what happens.
    pub(crate) fn pass_slowly(&mut self, seconds: u32) -> Vec<Output> {
        (0..seconds).flat_map(|_| self.pass(1)).collect()
    }

    pub(crate) fn octets(&mut self, connection: ConnectionId, octets: &[u8]) -> Vec<Output> {
        self.give(Input::Octets(connection, octets))
    }

    /// The partner says something, now.
    pub(crate) fn hear(&mut self, connection: ConnectionId, xid: u32, body: &Body) -> Vec<Output> {
        let octets = body.to_frame(self.now.wall, xid).encode().unwrap();
        self.octets(connection, &octets)
    }

    /// A secondary with a connection that the partner opened.
    pub(crate) fn secondary() -> Bench {
        let mut bench = Bench::new(config(Role::Secondary, Profile::ISC_DHCPD));
        assert_eq!(bench.give(Input::Accepted(ONE)), [Output::Dial][..0]);
        bench
    }

    /// A primary with a connection on which it has sent CONNECT, and that CONNECT's xid.
    pub(crate) fn primary() -> (Bench, u32) {
        let mut bench = Bench::new(config(Role::Primary, Profile::ISC_DHCPD));
        let out = bench.give(Input::Accepted(ONE));
        let frames = written(&out);
        assert!(matches!(Body::from_frame(&frames[0]).unwrap(), Body::Connect(_)));
        (bench, frames[0].xid)
    }

    /// A secondary that has agreed.
    pub(crate) fn up_secondary() -> Bench {
        let mut bench = Bench::secondary();
        let out = bench.hear(ONE, 0, &Body::Connect(connect()));
        assert_eq!(kinds(&out), ["CONNECTACK"]);
        assert!(has_connected(&out), "{out:?}");
        bench
    }

    /// A primary that has agreed.
    pub(crate) fn up_primary() -> Bench {
        let (mut bench, xid) = Bench::primary();
        let out = bench.hear(ONE, xid, &Body::ConnectAck(ack()));
        assert!(has_connected(&out), "{out:?}");
        bench
    }
}

/// What the testbed's fake primary says.
pub(crate) fn connect() -> Connect {
    Connect {
        relationship_name: Some(b"fo".to_vec()),
        max_unacked: Some(10),
        receive_timer: Some(6),
        vendor_class: Some(b"test".to_vec()),
        protocol_version: Some(1),
        tls_request: Some(0),
        mclt: Some(60),
        hash_buckets: Some([[0xff; 16], [0; 16]].concat()),
        delayed_service: None,
    }
}

/// What the testbed's fake secondary says.
pub(crate) fn ack() -> ConnectAck {
    ConnectAck {
        relationship_name: Some(b"fo".to_vec()),
        max_unacked: Some(10),
        receive_timer: Some(6),
        vendor_class: Some(b"test".to_vec()),
        protocol_version: Some(1),
        tls_reply: None,
        refusal: None,
    }
}

pub(crate) fn state(state: State) -> Body {
    Body::State(StateSaid { state: Reported::In(state), startup: false, since: START })
}

/// ACTIVE for 10.77.0.20, as the fuzz client says it.
pub(crate) fn binding(status: u8) -> Binding {
    Binding {
        address: Ipv4Addr::new(10, 77, 0, 20),
        status: Some(status),
        client_identifier: None,
        client_hardware_address: Some(vec![1, 2, 0xc1, 0, 0, 0, 1]),
        lease_expiration: Some(START + 60),
        potential_expiration: Some(START + 60),
        start_of_state: Some(START),
        client_last_transaction: Some(START),
        flags: None,
        client_request_options: None,
        client_reply_options: None,
        ddns: None,
    }
}

/// The frames that are to be written, each checked to decode.
pub(crate) fn written(out: &[Output]) -> Vec<Frame> {
    let octets = out.iter().filter_map(|output| match output {
        Output::Write(_, octets) => Some(octets),
        _ => None,
    });
    octets.map(|octets| Frame::decode(octets).expect("what we write decodes")).collect()
}

pub(crate) fn bodies(out: &[Output]) -> Vec<Body> {
    written(out).iter().map(|frame| Body::from_frame(frame).expect("what we write means something")).collect()
}

pub(crate) fn kinds(out: &[Output]) -> Vec<&'static str> {
    written(out).iter().map(|frame| frame.message_type.name()).collect()
}

/// The reason of the one refusal that is written, in CONNECTACK, DISCONNECT or BNDACK.
pub(crate) fn reason(out: &[Output]) -> Option<u8> {
    bodies(out).into_iter().find_map(|body| match body {
        Body::ConnectAck(ConnectAck { refusal: Some(refusal), .. }) | Body::Disconnect(refusal) => {
            Some(refusal.reason.0)
        }
        Body::BndAck(answers) => answers.into_iter().find_map(|answer| answer.refusal).map(|r| r.reason.0),
        _ => None,
    })
}

pub(crate) fn closes(out: &[Output]) -> bool {
    out.iter().any(|output| matches!(output, Output::Close(_)))
}

/// The reason is written, and the connection closed after that.
pub(crate) fn closed_with(out: &[Output]) -> Option<u8> {
    let write = out.iter().rposition(|output| matches!(output, Output::Write(..)))?;
    let close = out.iter().position(|output| matches!(output, Output::Close(_)))?;
    (write < close).then(|| reason(out)).flatten()
}

pub(crate) fn to_engine(out: &[Output]) -> Vec<effect::Input> {
    let inputs = out.iter().filter_map(|output| match output {
        Output::Engine(input) => Some(*input),
        _ => None,
    });
    inputs.collect()
}

pub(crate) fn messages(out: &[Output]) -> Vec<engine::Message> {
    let inputs = to_engine(out).into_iter().filter_map(|input| match input {
        effect::Input::Message(message) => Some(message),
        _ => None,
    });
    inputs.collect()
}

pub(crate) fn has_connected(out: &[Output]) -> bool {
    to_engine(out).iter().any(|input| matches!(input, effect::Input::Connected(_)))
}

pub(crate) fn has_disconnected(out: &[Output]) -> bool {
    to_engine(out).contains(&effect::Input::Disconnected)
}

pub(crate) fn refusal(reason: u8) -> Refusal {
    Refusal::new(Reject(reason), "test")
}
