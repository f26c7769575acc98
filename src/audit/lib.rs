//! Judges packet captures of DHCP failover: what each client holds, what each server has told and heard, and which
//! claims of the specification that agrees with.
//!
//! Captures are read twice: the `survey` finds out who is who and when each server was in which state, the second
//! reading judges. Memory is bounded by the number of addresses in the capture, never by a length that it names.
//!
//! * `capture`, `net`, `tcp`, `event`, `events`: files to failover messages and DHCP packets, in the order of time;
//! * `survey`, `states`, `address`: what is known of servers and addresses;
//! * `roles`, `times`: what is guessed, and how exact it is;
//! * `claims`: the claims and the ledger; `handshakes`, `links`, `storms`, `endpoints`, `leases` with `grants`, `told` and
//!   `beside`: judging them; `refusals`: summed up;
//! * `dialect`: what real servers did, step by step, against what a dialect of the engine does;
//! * `trace`: traces of `dhcpfo play --json` and the server, whose refutations were found by the world;
//! * `report`, `timeline`, `say`: text and JSON;
//! * [`kea`]: files of another kind, of ISC Kea's high availability.
//!
//! What cannot be judged is said, never passed: a [`Verdict::NotJudged`] has its reasons.
#![forbid(unsafe_code)]

mod address;
mod baseline;
mod beside;
mod capture;
mod claims;
pub mod dialect;
mod endpoints;
mod event;
mod events;
mod grants;
mod handshakes;
pub mod kea;
mod leases;
mod links;
mod net;
mod refusals;
mod report;
mod roles;
mod say;
mod states;
mod storms;
mod survey;
mod tcp;
mod timeline;
mod times;
mod told;
mod trace;

use std::net::Ipv4Addr;

use dhcpfo_engine::state::Role;
use dhcpfo_wire::message::{Body, Malformed};
use dhcpfo_wire::profile::Profile;

use endpoints::Endpoints;
use event::{Event, LinkEvent, OnLink, What};
use events::Events;
use handshakes::Handshakes;
use leases::Leases;
use links::{Links, Read};
use storms::Storms;
use survey::{Survey, Surveyor};
use timeline::is_answer;

pub use baseline::{Baseline, Difference};
pub use capture::{Input, Micros, Unreadable};
pub use claims::{Claim, Finding, Ledger, Row, Verdict};
pub use event::Place;
pub use report::Report;

/// What is said from outside, and counts more than the capture.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// MCLT in seconds.
    pub mclt: Option<u32>,
    /// How hash buckets are read; None: by the vendor class of the CONNECT.
    pub profile: Option<&'static Profile>,
    /// Addresses of the servers, towards each other and towards clients.
    pub servers: Vec<(Role, Ipv4Addr)>,
    /// TCP ports on which failover is expected besides 647, 847, 519 and 520.
    pub ports: Vec<u16>,
    /// Whether to keep what happened to each address.
    pub timeline: bool,
}

/// Reads files and judges them.
///
/// # Errors
/// A file is neither a capture nor a trace, or damaged; with the packet and octet, and what would be accepted.
pub fn audit(inputs: &[Input], settings: &Settings) -> Result<Report, Unreadable> {
    let (captures, traces): (Vec<_>, Vec<_>) =
        inputs.iter().enumerate().partition(|(_, input)| !trace::is_trace(input));
    let mut report = Report::new(inputs);
    if !captures.is_empty() {
        let (numbers, captures): (Vec<_>, Vec<_>) = captures.into_iter().map(|(at, input)| (at, input.clone())).unzip();
        judge(&captures, settings, &mut report)?;
        report.renumber(&numbers);
    }
    for (file, input) in traces {
        trace::judge(file, input, &mut report)?;
    }
    Ok(report)
}

fn judge(inputs: &[Input], settings: &Settings, report: &mut Report) -> Result<(), Unreadable> {
    let mut surveyor = Surveyor::default();
    let mut events = Events::open(inputs, &settings.ports)?;
    while let Some(event) = events.next()? {
        surveyor.take(&event);
    }
    let survey = surveyor.finish(settings, &events);
    report.remarks.extend(events.remarks(inputs));
    report.remarks.extend(survey.remarks.iter().cloned());
    let mut judge = Judge { survey, ..Judge::default() };
    judge.leases.keeps_timeline = settings.timeline;
    judge.links.is_microsoft = judge.survey.is_microsoft;
    let mut events = Events::open(inputs, &settings.ports)?;
    while let Some(event) = events.next()? {
        judge.take(&event, report);
    }
    judge.finish(report);
    Ok(())
}

/// The second reading.
#[derive(Default)]
struct Judge {
    survey: Survey,
    links: Links,
    handshakes: Handshakes,
    storms: Storms,
    endpoints: Endpoints,
    leases: Leases,
}

impl Judge {
    fn take(&mut self, event: &Event, report: &mut Report) {
        let ledger = &mut report.ledger;
        match &event.what {
            What::Link(link) => {
                let body = match &link.what {
                    OnLink::Message(frame) => Some(Body::from_frame(frame)),
                    _ => None,
                };
                if self.leases.keeps_timeline {
                    let read = body.as_ref().and_then(|body| body.as_ref().ok());
                    report.messages.link(&self.survey, event.at, event.place, link, read);
                }
                self.link(event, link, body, report);
            }
            What::Dhcp { from, to, packet } => {
                report.packets += 1;
                let server = packet.server_identifier().unwrap_or(*from.ip());
                let is_answer = is_answer(packet);
                if self.leases.keeps_timeline {
                    let asked = packet.server_identifier().unwrap_or(if is_answer { *from.ip() } else { *to.ip() });
                    let role = self.survey.to_clients(asked);
                    report.messages.dhcp(event.at, event.place, role, *to.ip(), packet);
                }
                if let Some(role) = self.survey.to_clients(server).filter(|_| is_answer) {
                    self.endpoints.answered(role, event.at, event.place);
                }
                self.leases.dhcp(&self.survey, event.at, event.place, (*from.ip(), *to.ip()), packet, ledger);
            }
            What::NotDhcp { from, problem } => report.not_dhcp(event, *from, problem),
        }
    }

    fn finish(self, report: &mut Report) {
        let Judge { survey, links, handshakes, storms, mut leases, .. } = self;
        let (ledger, remarks) = (&mut report.ledger, &mut report.remarks);
        handshakes.finish(&survey, remarks, ledger);
        storms.finish(&survey, ledger);
        let is_full = |role: Role| survey.servers[role.index()].link.is_some_and(|server| links.is_full(server));
        leases.finish(&survey, is_full, ledger);
        endpoints::judge(&survey, ledger);
        report.conclude(survey, leases.timeline);
    }

    fn link(&mut self, event: &Event, link: &LinkEvent, body: Option<Result<Body, Malformed>>, report: &mut Report) {
        let ledger = &mut report.ledger;
        let (OnLink::Message(frame), Some(body)) = (&link.what, body) else {
            if matches!(link.what, OnLink::Gap { octets: 1.. }) {
                self.leases.forget(ledger);
                self.storms.forget(&self.survey, ledger);
            }
            self.handshakes.other(event.at, event.place, link);
            return self.links.other(event.at, event.place, link, ledger);
        };
        let role = self.survey.on_link(link.from);
        if let Some(role) = role {
            self.endpoints.heard(role, link.connection, event.at);
        }
        let body = match body {
            Ok(body) => body,
            Err(problem) => {
                let text = format!("{} sent {problem}", link.from);
                return ledger.violated(Claim::WellFormed, event.at, vec![event.place], text);
            }
        };
        let read = Read { at: event.at, place: event.place, link, xid: frame.xid, body: &body };
        self.links.message(&read, ledger);
        self.handshakes.message(&read, ledger);
        report.refusals.message(&read);
        // What Microsoft's servers say of bindings is not what the draft says.
        let is_foreign = self.survey.is_microsoft && matches!(body, Body::BndUpd(_) | Body::BndAck(_));
        if !is_foreign {
            self.storms.message(&read, &self.survey, ledger);
        }
        if let Some(role) = role.filter(|_| !is_foreign) {
            if let Body::State(said) = &body {
                self.endpoints.said(&self.survey, role, event, said, ledger);
            }
            self.leases.message(&self.survey, role, &read, ledger);
        }
    }
}
