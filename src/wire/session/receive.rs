//! What the partner sends: framing, digest, handshake, then the engine's messages.

use dhcpfo_engine::effect::{self, Parameters};
use dhcpfo_engine::state::Role;

use super::connection::{Connection, Stage, Up};
use super::handshake::{self, AckVerdict, Agreement, Times, Verdict};
use super::machine::Session;
use super::{ConnectionId, Now, Output, TlsSide, Trouble};
use crate::convert::{Delivery, Directory};
use crate::digest::{self, Doubt};
use crate::error::DecodeError;
use crate::frame::Frame;
use crate::memory::Memory;
use crate::message::{Body, Connect, ConnectAck, Refusal};
use crate::number::{MessageType, Reject};

impl Session {
    pub(super) fn octets(
        &mut self,
        now: Now,
        id: ConnectionId,
        mut octets: &[u8],
        directory: &mut dyn Directory,
        out: &mut Vec<Output>,
    ) {
        if let Some(at) = self.glanced.iter().position(|one| one.id == id) {
            return self.glance(now, at, octets, out);
        }
        // A message may close the connection: then the rest is nobody's.
        while let Some(connection) = self.connection(id) {
            if matches!(connection.stage, Stage::AwaitTls { .. }) && !octets.is_empty() {
                let refusal = Refusal::new(Reject::UNKNOWN_CONNECTION, "plain text where TLS was agreed");
                return self.refuse(now, id, &refusal, out);
            }
            match connection.framer.next(&mut octets) {
                Ok(Some(message)) => self.message(now, id, &message, directory, out),
                Ok(None) => return,
                Err(error) => return self.undecodable(now, id, &error, out),
            }
        }
    }

    /// The first message on a connection that a primary did not open: after it, the connection is closed.
    fn glance(&mut self, now: Now, at: usize, mut octets: &[u8], out: &mut Vec<Output>) {
        let message = match self.glanced[at].framer.next(&mut octets) {
            Ok(None) => return,
            Ok(Some(message)) => Frame::decode(&message).ok().map(|frame| (frame, message)),
            Err(_) => None,
        };
        let id = self.glanced.swap_remove(at).id;
        let connects = message.filter(|(frame, _)| frame.message_type == MessageType::Connect);
        let believed = connects.filter(|(_, octets)| match &self.config.secret {
            Some(secret) => secret.verify(octets).is_ok(),
            None => true,
        });
        if let Some((frame, _)) = believed {
            let refusal = Refusal::new(Reject::INVALID_PARTNER, "both servers are primary");
            let ack = handshake::refusing_ack(&self.config, None, refusal);
            self.write(now, id, frame.xid, Body::ConnectAck(ack), out);
            out.push(Output::Trouble(Trouble::TwoPrimaries));
        }
        out.push(Output::Close(id));
    }

    fn undecodable(&mut self, now: Now, id: ConnectionId, error: &DecodeError, out: &mut Vec<Output>) {
        if error.may_ignore() {
            out.push(Output::Note(format!("message skipped: {error}")));
        } else {
            self.refuse(now, id, &Refusal::new(Reject::UNKNOWN, error.to_string()), out);
        }
    }

    fn message(
        &mut self,
        now: Now,
        id: ConnectionId,
        octets: &[u8],
        directory: &mut dyn Directory,
        out: &mut Vec<Output>,
    ) {
        let frame = match Frame::decode(octets) {
            Ok(frame) => frame,
            Err(error) => return self.undecodable(now, id, &error, out),
        };
        if let Err(refusal) = self.authentic(id, &frame, octets) {
            if self.connection(id).is_some_and(|connection| connection.up().is_some()) {
                out.push(Output::Alarm(format!("{} not believed: {refusal}", frame.message_type.name())));
            }
            return self.refuse_message(now, id, &frame, refusal, out);
        }
        let body = match Body::from_frame(&frame) {
            Ok(body) => body,
            Err(error) => return self.refuse(now, id, &Refusal::new(Reject::UNKNOWN, error.to_string()), out),
        };
        match self.connection(id).map(|connection| &mut connection.stage) {
            None | Some(Stage::AwaitTls { .. }) => {}
            Some(Stage::AwaitConnect { .. }) => self.before_connect(now, id, &frame, body, out),
            Some(Stage::AwaitAck { xid, .. }) => {
                let expected = *xid;
                self.before_ack(now, id, &frame, body, expected, out);
            }
            Some(Stage::Up(up)) => {
                up.heard = now.elapsed;
                self.heard(now, id, &frame, body, directory, out);
            }
        }
    }

    /// failover-12 §11.1.
    fn authentic(&mut self, id: ConnectionId, frame: &Frame, octets: &[u8]) -> Result<(), Refusal> {
        let refuse = |reason: Reject| Err(Refusal::new(reason, reason.text()));
        let Some(secret) = &self.config.secret else {
            return if digest::is_signed(frame) { refuse(Reject::DIGEST_NOT_CONFIGURED) } else { Ok(()) };
        };
        match secret.verify(octets) {
            Ok(()) => self.not_repeated(id, frame),
            Err(Doubt::Missing) => refuse(Reject::DIGEST_MISSING),
            Err(Doubt::Unsupported) => refuse(Reject::DIGEST_NOT_SUPPORTED),
            Err(Doubt::Mismatch) => refuse(Reject::DIGEST_MISMATCH),
        }
    }

    /// Requests count upwards. Answers repeat the xid of what they answer, so the rule of failover-12 §11.1 cannot be
    /// meant for them.
    fn not_repeated(&mut self, id: ConnectionId, frame: &Frame) -> Result<(), Refusal> {
        let Some(Stage::Up(up)) = self.connection(id).map(|connection| &mut connection.stage) else { return Ok(()) };
        if frame.message_type.is_response() {
            return Ok(());
        }
        if up.last_xid.is_some_and(|last| frame.xid <= last) {
            return Err(Refusal::new(Reject::DIGEST_MISMATCH, format!("xid {:#x} is not above the last", frame.xid)));
        }
        up.last_xid = Some(frame.xid);
        Ok(())
    }

    /// A CONNECT is refused by a CONNECTACK, everything else by a DISCONNECT.
    fn refuse_message(&mut self, now: Now, id: ConnectionId, frame: &Frame, refusal: Refusal, out: &mut Vec<Output>) {
        let waiting = self.connection(id).is_some_and(|connection| !connection.is_taken());
        if waiting && frame.message_type == MessageType::Connect {
            let ack = handshake::refusing_ack(&self.config, None, refusal.clone());
            self.refuse_connect(now, id, frame.xid, &refusal, ack, out);
        } else {
            if self.connection(id).is_some_and(|connection| connection.up().is_none()) {
                out.push(Output::Trouble(Trouble::Refuses(refusal.clone())));
            }
            self.refuse(now, id, &refusal, out);
        }
    }

    fn refuse_connect(
        &mut self,
        now: Now,
        id: ConnectionId,
        xid: u32,
        refusal: &Refusal,
        ack: ConnectAck,
        out: &mut Vec<Output>,
    ) {
        self.write(now, id, xid, Body::ConnectAck(ack), out);
        // One connection too many is none.
        out.push(match refusal.reason {
            Reject::DUPLICATE_CONNECTION => Output::Note(format!("CONNECT refused with {refusal}")),
            _ => Output::Trouble(Trouble::Refuses(refusal.clone())),
        });
        self.drop_connection(id, out);
        self.retry_after(now, refusal.reason);
    }

    // ---- handshake --------------------------------------------------------------------------------------

    /// Secondary, on a connection on which nothing has been said yet.
    fn before_connect(&mut self, now: Now, id: ConnectionId, frame: &Frame, body: Body, out: &mut Vec<Output>) {
        match body {
            Body::Connect(connect) => self.judge(now, id, frame, &connect, out),
            Body::Disconnect(refusal) => self.refused_by_partner(now, id, &refusal, out),
            other => {
                let text = format!("{} before CONNECT", other.message_type().name());
                self.refuse(now, id, &Refusal::new(Reject::UNKNOWN_CONNECTION, text), out);
            }
        }
    }

    fn judge(&mut self, now: Now, id: ConnectionId, frame: &Frame, connect: &Connect, out: &mut Vec<Output>) {
        let secure = self.connection(id).is_some_and(|connection| connection.secure);
        let duplicate = self.connections.iter().any(|other| other.id != id && other.is_taken());
        let times = Times { sent: frame.time, received: now.wall };
        match handshake::judge_connect(&self.config, connect, times, secure, duplicate) {
            Verdict::Agreed(agreement, ack) => {
                let agreement = Agreement { memory: Memory::of(frame), ..agreement };
                self.config.last_connect = Some(agreement.connect_time);
                out.push(Output::Agreed(agreement.clone()));
                self.write(now, id, frame.xid, Body::ConnectAck(ack), out);
                self.agreed(now, id, &agreement, out);
            }
            Verdict::Tls(ack) => {
                self.write(now, id, frame.xid, Body::ConnectAck(ack), out);
                self.start_tls(now, id, out);
            }
            Verdict::Refused(refusal, ack) => self.refuse_connect(now, id, frame.xid, &refusal, ack, out),
        }
    }

    /// Primary, after its CONNECT.
    fn before_ack(
        &mut self,
        now: Now,
        id: ConnectionId,
        frame: &Frame,
        body: Body,
        expected: u32,
        out: &mut Vec<Output>,
    ) {
        match body {
            // failover-12 §7.9.2.
            Body::ConnectAck(_) if frame.xid != expected => {
                out.push(Output::Note(format!("CONNECTACK {:#x} ignored: CONNECT was {expected:#x}", frame.xid)));
            }
            Body::ConnectAck(ack) => self.judge_ack(now, id, frame, &ack, out),
            Body::Disconnect(refusal) => self.refused_by_partner(now, id, &refusal, out),
            Body::Connect(_) => {
                let refusal = Refusal::new(Reject::INVALID_PARTNER, "both servers are primary");
                out.push(Output::Trouble(Trouble::TwoPrimaries));
                self.refuse(now, id, &refusal, out);
            }
            other => {
                let text = format!("{} before CONNECTACK", other.message_type().name());
                self.refuse(now, id, &Refusal::new(Reject::UNKNOWN_CONNECTION, text), out);
            }
        }
    }

    fn judge_ack(&mut self, now: Now, id: ConnectionId, frame: &Frame, ack: &ConnectAck, out: &mut Vec<Output>) {
        let Some(Connection { stage: Stage::AwaitAck { connect_time, .. }, secure, .. }) = self.connection(id) else {
            return;
        };
        let (connect_time, secure) = (*connect_time, *secure);
        let times = Times { sent: frame.time, received: now.wall };
        match handshake::judge_ack(&self.config, ack, times, connect_time, secure) {
            AckVerdict::Agreed(agreement) => {
                let agreement = Agreement { memory: Memory::of(frame), ..agreement };
                out.push(Output::Agreed(agreement.clone()));
                self.agreed(now, id, &agreement, out);
            }
            AckVerdict::Tls => self.start_tls(now, id, out),
            AckVerdict::RefusedByPartner(refusal) => self.refused_by_partner(now, id, &refusal, out),
            AckVerdict::Refused(refusal) => {
                out.push(Output::Trouble(Trouble::Refuses(refusal.clone())));
                self.refuse(now, id, &refusal, out);
            }
        }
    }

    fn start_tls(&mut self, now: Now, id: ConnectionId, out: &mut Vec<Output>) {
        let until = now.elapsed + self.config.handshake;
        let side = match self.config.role {
            Role::Primary => TlsSide::Client,
            Role::Secondary => TlsSide::Server,
        };
        if let Some(connection) = self.connection(id) {
            connection.stage = Stage::AwaitTls { until };
            out.push(Output::StartTls(id, side));
        }
    }

    fn agreed(&mut self, now: Now, id: ConnectionId, agreement: &Agreement, out: &mut Vec<Output>) {
        let send_timer = handshake::send_timer(&self.config, agreement);
        let receive_timer = std::time::Duration::from_secs(self.config.receive_timer.into());
        let Some(connection) = self.connection(id) else { return };
        connection.stage = Stage::Up(Up::new(now, agreement, send_timer, receive_timer));
        let max_unacked = u8::try_from(agreement.max_unacked).unwrap_or(u8::MAX);
        out.push(Output::Engine(effect::Input::Connected(Parameters { max_unacked })));
    }

    fn refused_by_partner(&mut self, now: Now, id: ConnectionId, refusal: &Refusal, out: &mut Vec<Output>) {
        let is_up = self.connection(id).is_some_and(|connection| connection.up().is_some());
        out.push(match refusal.reason {
            _ if is_up => Output::Alarm(format!("the partner closes the connection: {refusal}")),
            Reject::DUPLICATE_CONNECTION => Output::Note(format!("the partner closes the connection: {refusal}")),
            _ => Output::Trouble(Trouble::Refused(refusal.clone())),
        });
        self.drop_connection(id, out);
        self.retry_after(now, refusal.reason);
    }

    // ---- once agreed ------------------------------------------------------------------------------------

    fn heard(
        &mut self,
        now: Now,
        id: ConnectionId,
        frame: &Frame,
        body: Body,
        directory: &mut dyn Directory,
        out: &mut Vec<Output>,
    ) {
        let receive_timer = std::time::Duration::from_secs(self.config.receive_timer.into());
        let profile = self.config.profile;
        self.heard = self.heard.max(Memory::of(frame).map_or(0, |memory| memory.commit));
        let Some(connection) = self.connection(id) else { return };
        let Stage::Up(up) = &mut connection.stage else { return };
        up.receive_by = now.elapsed + receive_timer;
        if let Some(drift) = up.skew.observe(now.wall, frame.time) {
            let text = format!("the partner's clock was {} s behind ours and is now {} s", drift.from, drift.to);
            out.push(Output::Alarm(text));
        }
        match body {
            Body::Disconnect(refusal) => self.refused_by_partner(now, id, &refusal, out),
            Body::Connect(_) | Body::ConnectAck(_) => {
                let refusal = Refusal::new(Reject::DUPLICATE_CONNECTION, "already connected");
                self.refuse(now, id, &refusal, out);
            }
            body => {
                let skew = up.skew;
                let deliveries = connection.exchange.incoming(body, frame.xid, &profile, &skew, directory);
                for delivery in deliveries {
                    match delivery {
                        Delivery::Engine(message) => out.push(Output::Engine(effect::Input::Message(message))),
                        Delivery::Note(text) => out.push(Output::Note(text)),
                        Delivery::UnknownHere(address) => out.push(Output::Trouble(Trouble::UnknownHere(address))),
                        Delivery::UnknownThere(address) => out.push(Output::Trouble(Trouble::UnknownThere(address))),
                        Delivery::Reply(outbound) => self.send(now, outbound, out),
                    }
                }
            }
        }
    }
}
