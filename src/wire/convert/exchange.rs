//! Requests and their answers on one connection: which xid belongs to what (failover-12 §6.1, §6.3, §8.6).
//!
//! Answers are matched when the engine gives them, numbered when they are sent: in between lies the host's disk. An
//! answer that is held back until the connection is another one is dropped.

use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;

use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::message::{self as engine, BndAck, StateReport, Transaction};

use super::{Directory, Skew, update};
use crate::message::{Answer, Binding, Body, Refusal, StateSaid};
use crate::number::Reject;
use crate::profile::Profile;

/// Most BNDUPDs of the partner that may await the engine's answer; beyond that the oldest is forgotten. Never
/// reached while each message is handed to an engine that answers in the same step.
const UNANSWERED: usize = 256;

/// A message that has its words but not its place in the stream yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbound {
    epoch: u64,
    xid: Xid,
    body: Body,
}

impl Outbound {
    /// What it says.
    pub fn body(&self) -> &Body {
        &self.body
    }
}

/// How a message gets its transaction id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Xid {
    /// The request's.
    Answer(u32),
    /// The next one; nothing answers it.
    Fresh,
    /// The next one; a BNDACK will answer it.
    Update(Transaction, AddressId),
    /// The next one; an UPDDONE will answer it.
    UpdateRequest,
}

/// What comes of a received message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// For the engine.
    Engine(engine::Message),
    /// To be sent: the message was refused without asking the engine.
    Reply(Outbound),
    /// For people: what was refused, or could not be used.
    Note(String),
    /// For people: the partner tells of an address that is in no pool here.
    UnknownHere(Ipv4Addr),
    /// For people: an address that was told is in no pool of the partner.
    UnknownThere(Ipv4Addr),
}

/// A BNDUPD of the partner that the engine has not answered whole.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Batch {
    xid: u32,
    open: Vec<(Transaction, AddressId, Ipv4Addr)>,
    answers: Vec<Answer>,
}

/// Requests and their answers on one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchange {
    epoch: u64,
    pub(super) last_xid: u32,
    /// BNDUPDs sent and not answered, by the engine's slot.
    updates: BTreeMap<Transaction, (u32, AddressId)>,
    /// The latest UPDREQ or UPDREQALL sent.
    asked: Option<u32>,
    received: VecDeque<Batch>,
    next_received: u8,
    /// The partner's latest UPDREQ or UPDREQALL.
    update_request: Option<u32>,
    /// The partner's latest POOLREQ.
    pool_request: Option<u32>,
}

impl Exchange {
    /// Nothing outstanding, xids from 1. Messages of an earlier `epoch` are not sent any more.
    pub fn new(epoch: u64) -> Exchange {
        Exchange { epoch, ..Exchange::default() }
    }

    /// The next xid of this connection: 1, 2, …; never 0, which a dhcpd takes for none in a BNDUPD.
    pub fn next_xid(&mut self) -> u32 {
        self.last_xid = self.last_xid.checked_add(1).unwrap_or(1);
        self.last_xid
    }

    /// How many BNDUPDs await their BNDACK.
    pub fn unanswered(&self) -> usize {
        self.updates.len()
    }

    // ---- sending ----------------------------------------------------------------------------------------

    /// The wire's words for what the engine says. None if there is nothing to send (yet): an answer for one of
    /// several bindings of a BNDUPD, an answer to nothing, an address that the directory does not know.
    pub fn outgoing(
        &mut self,
        message: engine::Message,
        profile: &Profile,
        skew: &Skew,
        directory: &dyn Directory,
    ) -> Option<Outbound> {
        let (xid, body) = match message {
            engine::Message::State(report) => (Xid::Fresh, Body::State(said(&report, profile, skew))),
            engine::Message::BndUpd(u) => {
                (Xid::Update(u.transaction, u.address), Body::BndUpd(vec![update::sent(&u, profile, skew, directory)?]))
            }
            engine::Message::BndAck(ack) => return self.answer(&ack),
            engine::Message::UpdReq => (Xid::UpdateRequest, Body::UpdReq),
            engine::Message::UpdReqAll => (Xid::UpdateRequest, Body::UpdReqAll),
            engine::Message::UpdDone => (Xid::Answer(self.update_request.take()?), Body::UpdDone),
            engine::Message::PoolReq => (Xid::Fresh, Body::PoolReq),
            engine::Message::PoolResp(count) => (Xid::Answer(self.pool_request.take()?), Body::PoolResp(count)),
        };
        Some(Outbound { epoch: self.epoch, xid, body })
    }

    /// Gives a message its xid. None if it belongs to an earlier connection (failover-12 §8.6).
    pub fn number(&mut self, outbound: Outbound) -> Option<(u32, Body)> {
        if outbound.epoch != self.epoch {
            return None;
        }
        let xid = match outbound.xid {
            Xid::Answer(xid) => xid,
            _ => self.next_xid(),
        };
        match outbound.xid {
            Xid::Update(transaction, address) => {
                self.updates.insert(transaction, (xid, address));
            }
            Xid::UpdateRequest => self.asked = Some(xid),
            Xid::Answer(_) | Xid::Fresh => {}
        }
        Some((xid, outbound.body))
    }

    fn answer(&mut self, ack: &BndAck) -> Option<Outbound> {
        let is_it = |&(transaction, address, _): &(Transaction, AddressId, Ipv4Addr)| {
            transaction == ack.transaction && address == ack.address
        };
        let (at, batch) = self.received.iter_mut().enumerate().find(|(_, batch)| batch.open.iter().any(is_it))?;
        let open = batch.open.iter().position(is_it)?;
        let (_, _, address) = batch.open.remove(open);
        let refusal = ack.reject.map(Reject::from).map(|reason| Refusal::new(reason, reason.text()));
        batch.answers.push(Answer { address: Some(address), refusal });
        if !batch.open.is_empty() {
            return None;
        }
        let batch = self.received.remove(at)?;
        Some(self.reply(batch.xid, Body::BndAck(batch.answers)))
    }

    fn reply(&self, xid: u32, body: Body) -> Outbound {
        Outbound { epoch: self.epoch, xid: Xid::Answer(xid), body }
    }

    // ---- receiving --------------------------------------------------------------------------------------

    /// What comes of a message of the partner, in order. CONNECT, CONNECTACK, CONTACT and DISCONNECT are the
    /// session's: nothing comes of them here.
    pub fn incoming(
        &mut self,
        body: Body,
        xid: u32,
        profile: &Profile,
        skew: &Skew,
        directory: &mut dyn Directory,
    ) -> Vec<Delivery> {
        let deliver = |message| vec![Delivery::Engine(message)];
        match body {
            Body::State(said) => deliver(engine::Message::State(StateReport {
                state: said.state,
                startup: said.startup,
                since: skew.received(said.since, profile.infinite),
            })),
            Body::BndUpd(bindings) => self.update(&bindings, xid, profile, skew, directory),
            Body::BndAck(answers) => self.answered(&answers, xid, directory),
            Body::UpdReq => {
                self.update_request = Some(xid);
                deliver(engine::Message::UpdReq)
            }
            Body::UpdReqAll => {
                self.update_request = Some(xid);
                deliver(engine::Message::UpdReqAll)
            }
            Body::UpdDone if self.asked == Some(xid) => {
                self.asked = None;
                deliver(engine::Message::UpdDone)
            }
            Body::UpdDone => vec![note(format!("UPDDONE {xid:#x} does not answer the latest request"))],
            Body::PoolReq => {
                self.pool_request = Some(xid);
                deliver(engine::Message::PoolReq)
            }
            Body::PoolResp(count) => deliver(engine::Message::PoolResp(count)),
            Body::Connect(_) | Body::ConnectAck(_) | Body::Contact | Body::Disconnect(_) => Vec::new(),
        }
    }

    fn update(
        &mut self,
        bindings: &[Binding],
        xid: u32,
        profile: &Profile,
        skew: &Skew,
        directory: &mut dyn Directory,
    ) -> Vec<Delivery> {
        let mut batch = Batch { xid, open: Vec::new(), answers: Vec::new() };
        let mut deliveries = Vec::new();
        for binding in bindings {
            let transaction = Transaction(self.next_received);
            self.next_received = self.next_received.wrapping_add(1);
            match update::received(binding, transaction, profile, skew, directory) {
                Ok(update) => {
                    directory.told(binding);
                    batch.open.push((transaction, update.address, binding.address));
                    deliveries.push(Delivery::Engine(engine::Message::BndUpd(update)));
                }
                Err(refusal) => {
                    deliveries.push(match refusal.reason {
                        Reject::ILLEGAL_ADDRESS => Delivery::UnknownHere(binding.address),
                        _ => note(format!("BNDUPD {xid:#x} about {} refused: {refusal}", binding.address)),
                    });
                    batch.answers.push(Answer { address: Some(binding.address), refusal: Some(refusal) });
                }
            }
        }
        if bindings.is_empty() {
            let refusal = Refusal::new(Reject::MISSING_BINDING, "BNDUPD without assigned-IP-address");
            deliveries.push(note(format!("BNDUPD {xid:#x} refused: {refusal}")));
            batch.answers.push(Answer { address: None, refusal: Some(refusal) });
        }
        if batch.open.is_empty() {
            deliveries.push(Delivery::Reply(self.reply(xid, Body::BndAck(batch.answers))));
        } else {
            self.received.push_back(batch);
            if self.received.len() > UNANSWERED {
                self.received.pop_front();
            }
        }
        deliveries
    }

    /// Only the BNDACK of the outstanding BNDUPD counts, by xid and address (failover-12 §6.1).
    fn answered(&mut self, answers: &[Answer], xid: u32, directory: &dyn Directory) -> Vec<Delivery> {
        let found =
            self.updates.iter().find(|(_, (sent, _))| *sent == xid).map(|(&slot, &(_, address))| (slot, address));
        let Some((transaction, address)) = found else {
            return vec![note(format!("BNDACK {xid:#x} answers nothing that is outstanding"))];
        };
        let about = |answer: &&Answer| match answer.address {
            Some(said) => directory.address_id(said) == Some(address),
            // A refusal that names no address can only mean the one binding that the BNDUPD had.
            None => answer.refusal.is_some(),
        };
        let Some(answer) = answers.iter().find(about) else {
            return vec![note(format!("BNDACK {xid:#x} is not about the address of its BNDUPD"))];
        };
        self.updates.remove(&transaction);
        let reject = answer.refusal.as_ref().map(|refusal| refusal.reason.for_engine());
        let ack = Delivery::Engine(engine::Message::BndAck(BndAck { transaction, address, reject }));
        let unknown =
            |refusal: &Refusal| directory.address(address).filter(|_| refusal.reason == Reject::ILLEGAL_ADDRESS);
        match &answer.refusal {
            Some(refusal) => {
                let note = || note(format!("BNDUPD {xid:#x} was refused: {refusal}"));
                vec![unknown(refusal).map_or_else(note, Delivery::UnknownThere), ack]
            }
            None => vec![ack],
        }
    }
}

fn note(text: String) -> Delivery {
    Delivery::Note(text)
}

fn said(report: &StateReport, profile: &Profile, skew: &Skew) -> StateSaid {
    let since =
        if profile.corrects_times { report.since.raw() } else { skew.for_partner(report.since, profile.infinite) };
    StateSaid { state: report.state, startup: report.startup, since }
}
