//! What servers do and hold, in the protocol's words.
//!
//! Two forms of time keep apart what is measured from where: `+1h`, `+4d12h`, `-30m` are counted from the instant at
//! hand, in the same words as in scripts; `1:00:00` and `4+12:00:00` (days, hours) are counted from the beginning.

use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Partner, Status};
use dhcpfo_engine::durable::{EndpointRecord, Record};
use dhcpfo_engine::effect::{Answer, Effect, Note};
use dhcpfo_engine::message::{BndAck, BndUpd, Message, RejectReason};
use dhcpfo_engine::state::Role;
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::{Clock as _, Standing, Time};
use dhcpfo_world::play::{Scale, Step};

/// How times are written at one instant.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// How the numbers of times are to be read.
    pub scale: Scale,
    /// The instant at hand.
    pub now: Time,
}

/// An effect in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// `PERSIST`, `SEND`, `REPLY`, `CLOSE`, `NOTE`.
    pub verb: &'static str,
    /// What.
    pub text: String,
}

impl Words {
    /// A time counted from now; None where it never was, or is not known.
    pub fn from_now(&self, time: Time) -> Option<String> {
        match time {
            Time::LONG_AGO => None,
            Time::SOMETIME => Some("sometime".to_owned()),
            time if time == self.now => Some("now".to_owned()),
            time if !Standing(self.now).passed(time) => Some(format!("+{}", self.scale.between(self.now, time)?)),
            time => Some(format!("-{}", self.scale.between(time, self.now)?)),
        }
    }

    /// A time counted from the beginning; None where it never was.
    pub fn from_start(&self, time: Time) -> Option<String> {
        match time {
            Time::SOMETIME => Some("sometime".to_owned()),
            time => Some(self.scale.since(time)?.as_clock()),
        }
    }

    /// What each server did in a step, with what is lost of it.
    pub fn effects(&self, step: &Step) -> Vec<(Role, Told)> {
        let mut stored = Role::ALL.map(|role| *step.before.system.server(role).durable());
        let mut told = Vec::new();
        for (role, effect) in &step.effects {
            let stored = &mut stored[role.index()];
            told.push((*role, self.effect(effect, |address| stored.table().get(address), stored.endpoint())));
            if let Effect::Persist(record) = effect {
                stored.apply(record);
            }
        }
        told
    }

    /// An effect. `bound` and `record` are what was on stable storage before: of a record, only what changes is told.
    pub fn effect(
        &self,
        effect: &Effect,
        bound: impl Fn(AddressId) -> Binding,
        record: Option<&EndpointRecord>,
    ) -> Told {
        let (verb, text) = match effect {
            Effect::Persist(Record::Binding(address, binding)) => {
                ("PERSIST", self.binding_change(*address, &bound(*address), binding))
            }
            Effect::Persist(Record::Endpoint(new)) => ("PERSIST", self.record_change(record, new)),
            Effect::Send(message) => ("SEND", self.message(message)),
            Effect::Reply(client, answer) => ("REPLY", self.answer(*client, answer)),
            Effect::Close => ("CLOSE", "the connection".to_owned()),
            Effect::Note(note) => ("NOTE", noted(*note).to_owned()),
        };
        Told { verb, text }
    }

    fn binding_change(&self, address: AddressId, before: &Binding, after: &Binding) -> String {
        let mut parts = vec![status(address, &after.status)];
        if before.partner != after.partner {
            parts.push(mark(after.partner).unwrap_or("up to date").to_owned());
        }
        if after.reclaiming && !before.reclaiming {
            parts.push("asked back".to_owned());
        }
        for ((name, was), (_, is)) in times(before).into_iter().zip(times(after)) {
            if was != is {
                parts.extend(self.from_now(is).map(|time| format!("{name} {time}")));
            }
        }
        parts.join(", ")
    }

    fn record_change(&self, before: Option<&EndpointRecord>, after: &EndpointRecord) -> String {
        let nothing = EndpointRecord::of(after.state);
        let was = before.unwrap_or(&nothing);
        let mut parts = vec![format!("state {}", after.state.name())];
        if after.lost != was.lost {
            parts.push(if after.lost { "bindings lost" } else { "bindings known again" }.to_owned());
        }
        if after.owes_all != was.owes_all {
            parts.push(if after.owes_all { "owes everything" } else { "owes nothing special" }.to_owned());
        }
        let waits = [
            ("RECOVER-WAIT ends", was.recover_wait_ends, after.recover_wait_ends),
            ("partner's addresses rest until", was.partner_down_wait_ends, after.partner_down_wait_ends),
        ];
        for (name, was, is) in waits {
            if was != is {
                parts.extend(self.from_now(is).map(|time| format!("{name} {time}")));
            }
        }
        parts.join(", ")
    }

    /// A message between the servers.
    pub fn message(&self, message: &Message) -> String {
        match message {
            Message::State(report) => {
                let startup = if report.startup { ", STARTUP" } else { "" };
                format!("STATE {}{startup}", report.state.name())
            }
            Message::BndUpd(update) => self.update(update),
            Message::BndAck(BndAck { transaction, address, reject }) => {
                let reject = reject.map(|reason| format!(", rejected: {}", refused(reason))).unwrap_or_default();
                format!("BNDACK #{} a{}{reject}", transaction.0, address.0)
            }
            Message::UpdReq => "UPDREQ".to_owned(),
            Message::UpdReqAll => "UPDREQALL".to_owned(),
            Message::UpdDone => "UPDDONE".to_owned(),
            Message::PoolReq => "POOLREQ".to_owned(),
            Message::PoolResp(count) => format!("POOLRESP {count}"),
        }
    }

    fn update(&self, update: &BndUpd) -> String {
        let mut parts = vec![format!("BNDUPD #{} {}", update.transaction.0, status(update.address, &update.status))];
        let times = [("ends", update.lease_expiration), ("potential", update.potential_expiration)];
        parts.extend(times.iter().filter_map(|(name, time)| Some(format!("{name} {}", self.from_now(*time)?))));
        parts.join(", ")
    }

    fn answer(&self, client: ClientId, answer: &Answer) -> String {
        let text = match answer {
            Answer::Offer(address) => format!("OFFER a{}", address.0),
            Answer::Ack(address, ends) => {
                // Under an order of deadlines there is nothing to be said of when.
                let ends = match self.from_now(*ends) {
                    None if *ends == Time::LONG_AGO => ", ends long ago".to_owned(),
                    ends => ends.map(|ends| format!(", ends {ends}")).unwrap_or_default(),
                };
                format!("ACK a{}{ends}", address.0)
            }
            Answer::Nak => "NAK".to_owned(),
            Answer::Informed => "ACK to INFORM".to_owned(),
        };
        format!("client {} {text}", client.0)
    }

    /// What a server has recorded for an address, with its times from the beginning.
    pub fn binding(&self, address: AddressId, binding: &Binding) -> String {
        let mut parts = vec![status(address, &binding.status)];
        parts.extend(mark(binding.partner).map(str::to_owned));
        if binding.reclaiming {
            parts.push("asked back".to_owned());
        }
        for (name, time) in times(binding) {
            parts.extend(self.from_start(time).map(|time| format!("{name} {time}")));
        }
        parts.join(", ")
    }
}

/// The times of a binding that people look at, with their words.
fn times(binding: &Binding) -> [(&'static str, Time); 5] {
    [
        ("ends", binding.lease_expiration),
        ("sent", binding.sent_potential_expiration),
        ("acked", binding.acked_potential_expiration),
        ("received", binding.received_potential_expiration),
        ("rests until", binding.wait_ends),
    ]
}

/// `a0 ACTIVE client 0`
fn status(address: AddressId, status: &Status) -> String {
    let client = match (status, status.client()) {
        (_, None) => String::new(),
        (Status::Free { .. } | Status::Backup { .. }, Some(client)) => format!(" last client {}", client.0),
        (_, Some(client)) => format!(" client {}", client.0),
    };
    format!("a{} {}{client}", address.0, status.code().name())
}

/// What the partner lacks.
fn mark(partner: Partner) -> Option<&'static str> {
    match partner {
        Partner::UpToDate => None,
        Partner::Unsent => Some("unsent"),
        Partner::Sent => Some("unacknowledged"),
        Partner::Rejected => Some("rejected"),
    }
}

fn refused(reason: RejectReason) -> &'static str {
    match reason {
        RejectReason::IllegalAddress => "not an address of this endpoint",
        RejectReason::FatalConflict => "in use by another client",
        RejectReason::MissingBinding => "missing binding information",
        RejectReason::Outdated => "outdated",
        RejectReason::LessCritical => "less critical",
        RejectReason::NotReserved => "not reserved here",
    }
}

fn noted(note: Note) -> &'static str {
    match note {
        Note::Silent => "does not serve in this state",
        Note::NotMine => "the partner is responsible for this client",
        Note::NothingAvailable => "no address may be given to this client now",
        Note::NotAllowed => "the address is the partner's, or somebody else's, or must rest",
        Note::Ignored => "ignored: it has no place here",
        Note::Alarm => "somebody should look at this",
    }
}
