//! A partner that says what a test wants.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_wire::frame::Frame;
use dhcpfo_wire::framing::Framer;
use dhcpfo_wire::message::{Answer, Binding, Body, Connect, ConnectAck, StateSaid};
use socket2::{Domain, Socket, Type};

const PATIENCE: Duration = Duration::from_secs(20);
/// The xid of the UPDREQ that shows that a link lives.
const PROBE: u32 = 0x7777;

/// What has to come of a case.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expect {
    /// The reason is written, then the connection ends.
    Refused(u8),
    /// An update is answered, with this reason if it is refused, and the link goes on.
    Answered(Option<u8>),
    /// The link goes on.
    Stays,
    /// The connection ends.
    Closed,
}

pub(crate) fn now() -> u32 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() as u32
}

/// One message, with lies where the test wants them.
pub(crate) fn raw(kind: u8, offset: u8, length: Option<u16>, payload: &[u8]) -> Vec<u8> {
    let length = length.unwrap_or(12 + payload.len() as u16).to_be_bytes();
    [&length, &[kind, offset], &now().to_be_bytes()[..], &[0, 0, 0, 9], payload].concat()
}

pub(crate) fn option(code: u16, data: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes()[..], &(data.len() as u16).to_be_bytes()[..], data].concat()
}

/// The options of a STATE.
pub(crate) fn said(state: u8) -> Vec<u8> {
    [option(24, &[state]), option(23, &[0]), option(25, &now().to_be_bytes())].concat()
}

pub(crate) fn connect() -> Connect {
    Connect {
        relationship_name: Some(b"demo".to_vec()),
        max_unacked: Some(10),
        receive_timer: Some(3),
        vendor_class: Some(b"test".to_vec()),
        protocol_version: Some(1),
        tls_request: Some(0),
        mclt: Some(5),
        hash_buckets: Some([[0xff; 16], [0; 16]].concat()),
        delayed_service: None,
    }
}

pub(crate) fn ack() -> ConnectAck {
    ConnectAck {
        relationship_name: Some(b"demo".to_vec()),
        max_unacked: Some(10),
        receive_timer: Some(3),
        vendor_class: Some(b"test".to_vec()),
        protocol_version: Some(1),
        tls_reply: None,
        refusal: None,
    }
}

/// What a client has of 10.77.0.20.
pub(crate) fn binding(status: u8) -> Binding {
    Binding {
        address: Ipv4Addr::new(10, 77, 0, 20),
        status: Some(status),
        client_identifier: None,
        client_hardware_address: Some(vec![1, 2, 0xc1, 0, 0, 0, 1]),
        lease_expiration: Some(now() + 4),
        potential_expiration: Some(now() + 4),
        start_of_state: Some(now()),
        client_last_transaction: Some(now()),
        flags: None,
        client_request_options: None,
        client_reply_options: None,
        ddns: None,
    }
}

/// Keeps an address for a server that comes later: nobody is heard there, and no connection is given its port.
pub(crate) fn kept(address: SocketAddr) -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&address.into()).unwrap();
    socket
}

enum Heard {
    Said(Frame, Body),
    End,
    Nothing,
}

/// The way to a server that is tested: the address where it hears its partner.
pub(crate) struct Way {
    pub(crate) role: Role,
    pub(crate) target: SocketAddr,
}

impl Way {
    /// Connected, and no more.
    pub(crate) fn dialled(&self) -> Peer {
        Peer::over(TcpStream::connect(self.target).unwrap())
    }

    /// Connected; a primary has sent its CONNECT, as one with the profile of dhcpd does on a connection that it takes.
    /// Tried again while the server has not noticed the end of the last one.
    pub(crate) fn connected(&self) -> Peer {
        let begun = Instant::now();
        loop {
            let mut peer = self.dialled();
            if self.role == Role::Secondary {
                return peer;
            }
            match peer.hear(PATIENCE) {
                Heard::Said(frame, Body::Connect(_)) => {
                    peer.connect_xid = frame.xid;
                    return peer;
                }
                _ => assert!(begun.elapsed() < PATIENCE, "the primary sends no CONNECT"),
            }
            sleep(Duration::from_millis(10));
        }
    }

    /// Past the handshake, with the server's STATE heard.
    pub(crate) fn agreed(&self) -> Peer {
        let begun = Instant::now();
        loop {
            let mut peer = self.connected();
            let body = if self.role == Role::Primary { Body::ConnectAck(ack()) } else { Body::Connect(connect()) };
            let xid = peer.connect_xid;
            peer.say(&body, xid);
            while let Heard::Said(_, body) = peer.hear(PATIENCE) {
                match body {
                    Body::State(_) => return peer,
                    Body::ConnectAck(ConnectAck { refusal: Some(_), .. }) | Body::Disconnect(_) => break,
                    _ => {}
                }
            }
            assert!(begun.elapsed() < PATIENCE, "no agreement");
            sleep(Duration::from_millis(10));
        }
    }
}

/// A connection to a server.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    /// The xid of the server's CONNECT, if it is a primary.
    pub(crate) connect_xid: u32,
    framer: Framer,
    waiting: VecDeque<Vec<u8>>,
}

impl Peer {
    fn over(stream: TcpStream) -> Peer {
        stream.set_nodelay(true).unwrap();
        Peer { stream, connect_xid: 1, framer: Framer::default(), waiting: VecDeque::new() }
    }

    /// From 127.0.0.2.
    pub(crate) fn from_elsewhere(target: SocketAddr) -> Peer {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from(([127, 0, 0, 2], 0)).into()).unwrap();
        socket.connect(&target.into()).unwrap();
        Peer::over(socket.into())
    }

    pub(crate) fn send(&mut self, octets: &[u8]) {
        self.stream.write_all(octets).unwrap();
    }

    /// The other side may have closed.
    pub(crate) fn try_send(&mut self, octets: &[u8]) {
        let _ = self.stream.write_all(octets);
    }

    fn say(&mut self, body: &Body, xid: u32) {
        self.try_send(&body.to_frame(now(), xid).encode().unwrap());
    }

    fn say_state(&mut self, state: State) {
        self.say(&Body::State(StateSaid { state: Reported::In(state), startup: false, since: now() }), 2);
    }

    fn hear(&mut self, patience: Duration) -> Heard {
        let end = Instant::now() + patience;
        loop {
            if let Some(octets) = self.waiting.pop_front() {
                let frame = Frame::decode(&octets).expect("what a server writes decodes");
                let body = Body::from_frame(&frame).expect("what a server writes means something");
                return Heard::Said(frame, body);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Heard::Nothing;
            }
            self.stream.set_read_timeout(Some(left)).unwrap();
            let mut buffer = [0; 4096];
            match self.stream.read(&mut buffer) {
                Ok(0) => return Heard::End,
                Ok(length) => {
                    let mut octets = &buffer[..length];
                    while let Some(frame) = self.framer.next(&mut octets).unwrap() {
                        self.waiting.push_back(frame);
                    }
                }
                Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                    return Heard::Nothing;
                }
                Err(_) => return Heard::End,
            }
        }
    }

    /// What a good partner answers.
    fn answer(&mut self, frame: &Frame, body: &Body) {
        match body {
            Body::BndUpd(bindings) => {
                let answer = |binding: &Binding| Answer { address: Some(binding.address), refusal: None };
                self.say(&Body::BndAck(bindings.iter().map(answer).collect()), frame.xid);
            }
            Body::UpdReq | Body::UpdReqAll => self.say(&Body::UpdDone, frame.xid),
            Body::PoolReq => self.say(&Body::PoolResp(0), frame.xid),
            _ => {}
        }
    }

    /// Two servers that have never met, until both are in NORMAL.
    pub(crate) fn first_start(&mut self) {
        self.say_state(State::Recover);
        self.say(&Body::UpdReqAll, 3);
        let end = Instant::now() + PATIENCE;
        let mut mine = State::Recover;
        while Instant::now() < end {
            let Heard::Said(frame, body) = self.hear(PATIENCE) else { break };
            self.answer(&frame, &body);
            match body {
                // RECOVER-WAIT is longer than a partner may be silent; a server says this more often than that.
                Body::Contact => self.say(&Body::Contact, 4),
                Body::UpdDone if mine == State::Recover => {
                    mine = State::RecoverDone;
                    self.say_state(mine);
                }
                Body::State(StateSaid { state: Reported::In(State::RecoverDone | State::Normal), .. })
                    if mine == State::RecoverDone =>
                {
                    mine = State::Normal;
                    self.say_state(mine);
                }
                _ => {}
            }
            if mine == State::Normal
                && matches!(body, Body::State(StateSaid { state: Reported::In(State::Normal), .. }))
            {
                return;
            }
        }
        panic!("not in NORMAL");
    }

    /// Says NORMAL; the server is there, or goes there.
    pub(crate) fn normal(&mut self) {
        self.say_state(State::Normal);
        self.probe(PATIENCE, "a link in NORMAL");
    }

    /// The link lives: UPDREQ is answered, sooner or later. Gives the refusals of updates that came before that.
    fn probe(&mut self, patience: Duration, what: &str) -> Vec<Option<u8>> {
        self.say(&Body::UpdReq, PROBE);
        let end = Instant::now() + patience;
        let mut answers = Vec::new();
        loop {
            match self.hear(end.saturating_duration_since(Instant::now())) {
                Heard::Said(frame, Body::UpdDone) if frame.xid == PROBE => return answers,
                Heard::Said(_, Body::BndAck(acked)) => {
                    answers.extend(acked.into_iter().map(|answer| answer.refusal.map(|refusal| refusal.reason.0)));
                }
                Heard::Said(_, body @ (Body::Disconnect(_) | Body::ConnectAck(_))) => panic!("{what}: {body:?}"),
                Heard::Said(frame, body) => self.answer(&frame, &body),
                Heard::End => panic!("{what}: the link does not stay"),
                Heard::Nothing => panic!("{what}: nothing comes"),
            }
        }
    }

    pub(crate) fn expect(&mut self, expect: Expect, patience: Duration, what: &str) {
        match expect {
            Expect::Stays => drop(self.probe(patience, what)),
            Expect::Answered(reason) => assert_eq!(self.probe(patience, what), [reason], "{what}"),
            Expect::Closed => drop(self.end(patience, what)),
            Expect::Refused(reason) => assert_eq!(self.end(patience, what), Some(reason), "{what}"),
        }
    }

    /// So many updates are answered, and the link goes on.
    pub(crate) fn expect_answers(&mut self, count: usize, patience: Duration, what: &str) {
        let answers = self.probe(patience, what);
        assert_eq!(answers.len(), count, "{what}: {answers:?}");
    }

    /// The server agrees, and says its state.
    pub(crate) fn expect_state(&mut self, patience: Duration, what: &str) {
        loop {
            match self.hear(patience) {
                Heard::Said(_, Body::State(_)) => return,
                Heard::Said(_, Body::ConnectAck(ConnectAck { refusal: None, .. })) => {}
                Heard::Said(_, body) => panic!("{what}: {body:?}"),
                Heard::End => panic!("{what}: the connection ends"),
                Heard::Nothing => panic!("{what}: nothing comes"),
            }
        }
    }

    /// Whether the connection ends, whatever is said before.
    pub(crate) fn ends(&mut self, patience: Duration) -> bool {
        let end = Instant::now() + patience;
        loop {
            match self.hear(end.saturating_duration_since(Instant::now())) {
                Heard::End => return true,
                Heard::Nothing => return false,
                Heard::Said(..) => {}
            }
        }
    }

    /// Waits for the end of the connection; the reason that was written last.
    fn end(&mut self, patience: Duration, what: &str) -> Option<u8> {
        let end = Instant::now() + patience;
        let mut reason = None;
        loop {
            match self.hear(end.saturating_duration_since(Instant::now())) {
                Heard::End => return reason,
                Heard::Nothing => panic!("{what}: the connection does not end"),
                Heard::Said(
                    _,
                    Body::Disconnect(refusal) | Body::ConnectAck(ConnectAck { refusal: Some(refusal), .. }),
                ) => reason = Some(refusal.reason.0),
                Heard::Said(frame, body) => self.answer(&frame, &body),
            }
        }
    }

    /// Answers as a good partner does while anything comes.
    pub(crate) fn until_silent(&mut self, quiet: Duration) {
        let end = Instant::now() + PATIENCE;
        while let Heard::Said(frame, body) = self.hear(quiet) {
            self.answer(&frame, &body);
            assert!(Instant::now() < end, "it does not become silent");
        }
    }

    /// The connection ends and nothing was said.
    pub(crate) fn ends_without_a_word(&mut self, patience: Duration) -> bool {
        matches!(self.hear(patience), Heard::End)
    }
}
