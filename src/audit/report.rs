//! The result as text, and as the document [`dhcpfo_documents::audit::Audit`].

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::SocketAddrV4;

use dhcpfo_documents::audit::{self as document, Audit, FORMAT};
use dhcpfo_engine::state::Role;
use dhcpfo_wire::message::Refusal;

use crate::capture::Input;
use crate::claims::{Claim, Finding, Ledger, Verdict};
use crate::event::{Event, Place};
use crate::refusals::{Refusals, Refused, Tally, meaning};
use crate::roles::Dialect;
use crate::say;
use crate::states::Server;
use crate::survey::Survey;
use crate::timeline::{Messages, Timeline};

/// Findings that are printed for each claim; JSON has more.
const PRINTED: usize = 10;

/// A claim that a trace says was refuted.
#[derive(Clone, Debug, PartialEq)]
pub struct Traced {
    /// The line of the trace.
    pub place: Place,
    /// Since the beginning of the play.
    pub seconds: f64,
    /// The world's claim.
    pub claim: String,
    /// What was done.
    pub action: String,
}

/// What an audit found out.
#[derive(Debug, Default)]
pub struct Report {
    /// The names of the files.
    pub files: Vec<String>,
    /// Occasions, findings and reasons by claim.
    pub ledger: Ledger,
    /// What else is worth saying.
    pub remarks: Vec<String>,
    pub(crate) refusals: Refusals,
    /// DHCP packets read.
    pub packets: u64,
    /// What traces say was refuted.
    pub traced: Vec<Traced>,
    /// Steps of traces.
    pub traced_steps: u64,
    not_dhcp: u64,
    survey: Option<Survey>,
    timeline: Timeline,
    /// Messages and packets, if a timeline is asked for.
    pub(crate) messages: Messages,
}

impl Report {
    pub(crate) fn new(inputs: &[Input]) -> Report {
        Report { files: inputs.iter().map(Input::name).collect(), ..Report::default() }
    }

    pub(crate) fn not_dhcp(&mut self, event: &Event, from: SocketAddrV4, problem: &str) {
        self.not_dhcp += 1;
        if self.not_dhcp == 1 {
            let packet = event.place.packet;
            self.remarks.push(format!(
                "octets on port 67 or 68 that are no DHCP packet, first packet {packet} from {from}: {problem}"
            ));
        }
    }

    pub(crate) fn conclude(&mut self, survey: Survey, timeline: Timeline) {
        if !survey.has_link && survey.has_connections {
            let text = "connections between the servers are in the capture, and no failover message that can be read";
            self.remarks.push(text.to_owned());
        } else if !survey.has_link {
            self.remarks.push("no failover messages: capture the connection between the servers too".to_owned());
        }
        if !survey.has_clients {
            self.remarks.push("no DHCP packets: capture the clients' side too".to_owned());
        }
        let guessed = [roles_guessed(&survey), profile_guessed(&survey)];
        self.remarks.extend(guessed.into_iter().flatten());
        if survey.is_microsoft {
            let text = "these are Microsoft's servers, whose bindings are not those of the draft (MS-DHCPF): claims about \
                        them were not judged";
            self.remarks.push(text.to_owned());
        }
        if self.messages.more > 0 {
            self.remarks.push(format!("{} more messages are left out of the timeline", self.messages.more));
        }
        (self.survey, self.timeline) = (Some(survey), timeline);
    }

    /// Files that are captures have been numbered among themselves.
    pub(crate) fn renumber(&mut self, numbers: &[usize]) {
        let renumber = |place: &mut Place| place.file = numbers.get(place.file).copied().unwrap_or(place.file);
        self.ledger.findings_mut().flat_map(|finding| &mut finding.places).for_each(renumber);
        self.timeline.values_mut().flatten().for_each(|line| renumber(&mut line.place));
        self.messages.renumber(renumber);
    }

    /// Findings in the order of time.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings: Vec<_> = Claim::ALL.iter().flat_map(|claim| self.ledger.row(*claim).findings).collect();
        findings.sort_by_key(|finding| finding.at);
        findings
    }

    /// 1: something is violated; 0: something could be judged, and nothing is violated; 3: nothing could be judged.
    pub fn exit_code(&self) -> u8 {
        let verdicts = || Claim::ALL.iter().map(|claim| self.ledger.row(*claim).verdict());
        if !self.traced.is_empty() || verdicts().any(|verdict| verdict == Verdict::Violated) {
            1
        } else if self.traced_steps > 0 || verdicts().any(|verdict| verdict == Verdict::Held) {
            0
        } else {
            3
        }
    }

    fn place(&self, place: &Place) -> String {
        let file = self.files.get(place.file).map_or("", String::as_str);
        format!("{file} packet {}", place.packet)
    }

    fn servers(&self) -> impl Iterator<Item = (Role, &Server)> {
        self.survey.iter().flat_map(|survey| Role::ALL.into_iter().zip(&survey.servers))
    }

    fn mclt(&self) -> Option<u32> {
        self.survey.as_ref().and_then(|survey| survey.mclt)
    }

    /// The report for people: findings, claims, remarks, and what happened to each server and address.
    pub fn text(&self, timeline: bool) -> String {
        let mut out = self.heading();
        self.write_findings(&mut out);
        self.write_refusals(&mut out);
        self.write_claims(&mut out);
        for remark in &self.remarks {
            let _ = writeln!(out, "note: {remark}");
        }
        if timeline {
            self.write_timeline(&mut out);
        }
        out
    }

    fn heading(&self) -> String {
        let mut out = String::new();
        for (role, server) in self.servers().filter(|(_, server)| server.link.is_some() || !server.clients.is_empty()) {
            let link = server.link.map_or_else(|| "not on a connection".to_owned(), |link| link.to_string());
            let clients: Vec<_> = server.clients.iter().map(ToString::to_string).collect();
            let clients = if clients.is_empty() { "not known".to_owned() } else { clients.join(", ") };
            let guessed = self.survey.as_ref().and_then(|survey| survey.roles.guessed());
            let guessed = guessed.filter(|_| server.link.is_some()).map(|how| format!(" ({how})")).unwrap_or_default();
            let _ = writeln!(out, "{:<10} {link}, towards clients {clients}{guessed}", role.name());
        }
        if let Some(survey) = &self.survey {
            let mclt = survey.mclt.map_or_else(|| "not known".to_owned(), |mclt| format!("{mclt} s"));
            let profile = survey.profile.map_or("not known", |profile| profile.name);
            let how = match &survey.dialect {
                Dialect::Said(vendor) => format!(" (vendor class {vendor:?})"),
                Dialect::Shown(why) => format!(" (guessed from {why})"),
                Dialect::Named | Dialect::Unknown => String::new(),
            };
            let _ = writeln!(out, "MCLT {mclt}, profile {profile}{how}");
            let _ = writeln!(out, "exactness: {}\n", survey.times.words());
        }
        out
    }

    fn write_findings(&self, out: &mut String) {
        let mut printed: BTreeMap<Claim, usize> = BTreeMap::new();
        for finding in self.findings() {
            let count = printed.entry(finding.claim).or_default();
            *count += 1;
            if *count > PRINTED {
                continue;
            }
            let (name, section) = (finding.claim.name(), finding.claim.section());
            let places: Vec<_> = finding.places.iter().map(|place| self.place(place)).collect();
            let _ = writeln!(out, "{} violated {name} ({section})", say::clock(finding.at));
            let _ = writeln!(out, "    {}", finding.text);
            let _ = writeln!(out, "    {}\n", places.join(", "));
        }
        for (claim, _) in printed.iter().filter(|(_, count)| **count > PRINTED) {
            let more = self.ledger.row(*claim).found - PRINTED as u64;
            let _ = writeln!(out, "and {more} more of {}; --json has the first 200\n", claim.name());
        }
        for traced in &self.traced {
            let place = format!(
                "{} line {}",
                self.files.get(traced.place.file).map_or("", String::as_str),
                traced.place.packet
            );
            let _ = writeln!(
                out,
                "{:.3} s refuted {}, as the trace records, by `{}`\n    {place}\n",
                traced.seconds, traced.claim, traced.action
            );
        }
    }

    fn write_refusals(&self, out: &mut String) {
        for (refused, tally) in &self.refusals.0 {
            let by = self.survey.as_ref().map_or_else(|| refused.by.to_string(), |survey| survey.who(refused.by));
            let refusal = Refusal::new(refused.reason, refused.text.clone());
            let means = meaning(refused.with, refused.reason);
            let _ = writeln!(out, "{by} refused {}, {refusal} ({})", say::often(tally), refused.with.name());
            let _ = writeln!(out, "    {means}");
        }
        if !self.refusals.0.is_empty() {
            out.push('\n');
        }
    }

    fn write_claims(&self, out: &mut String) {
        if self.survey.is_none() {
            let _ = writeln!(out, "trace      {} steps, {} refutations recorded", self.traced_steps, self.traced.len());
            return;
        }
        for claim in Claim::ALL {
            let row = self.ledger.row(*claim);
            let counts = match row.verdict() {
                Verdict::Held => format!("{} times", row.occasions),
                Verdict::Violated => format!("{} of {} times", row.violations, row.occasions),
                Verdict::NotJudged if row.open.is_empty() => "no occasion in the capture".to_owned(),
                Verdict::NotJudged => String::new(),
            };
            let mut notes: Vec<_> = Vec::from_iter((!counts.is_empty()).then_some(counts));
            notes.extend(row.open.iter().map(|(reason, count)| format!("not judged {count} times: {reason}")));
            let _ = writeln!(out, "{:<21} {:<10} {}", claim.name(), row.verdict().word(), notes.join("; "));
        }
    }

    fn write_timeline(&self, out: &mut String) {
        for (role, server) in self.servers() {
            let _ = writeln!(out, "\n{}", role.name());
            for stretch in &server.log.stretches {
                let (from, until) = (say::clock(stretch.from), say::clock(stretch.until));
                let place = self.place(&stretch.place);
                let _ = writeln!(out, "    {from} to {until} {} ({place})", stretch.name());
            }
        }
        for (address, lines) in &self.timeline {
            let _ = writeln!(out, "\n{address}");
            for line in lines {
                let _ = writeln!(out, "    {} {} ({})", say::clock(line.at), line.text, self.place(&line.place));
            }
        }
    }

    /// The report as a document.
    pub fn document(&self, timeline: bool) -> Audit {
        let survey = self.survey.as_ref();
        let vendor = survey.and_then(|survey| match &survey.dialect {
            Dialect::Said(vendor) => Some(vendor.clone()),
            _ => None,
        });
        let server = |(role, server): (Role, &Server)| document::Server {
            role: role.name().to_owned(),
            link: server.link,
            clients: server.clients.clone(),
        };
        Audit {
            version: FORMAT.version,
            exit: self.exit_code(),
            files: self.files.clone(),
            servers: self.servers().map(server).collect(),
            roles_guessed: survey.and_then(roles_guessed),
            mclt: self.mclt(),
            profile: survey.and_then(|survey| survey.profile).map(|profile| profile.name.to_owned()),
            profile_guessed: survey.and_then(profile_guessed),
            vendor,
            exactness: survey.map(|survey| survey.times.words()),
            findings: self.findings().iter().map(|finding| self.told_finding(finding)).collect(),
            refusals: self.refusals.0.iter().map(|(refused, tally)| self.told_refusal(refused, tally)).collect(),
            claims: Claim::ALL.iter().map(|claim| self.told_claim(claim)).collect(),
            traced: self.traced.iter().map(|traced| self.told_trace(traced)).collect(),
            remarks: self.remarks.clone(),
            timeline: timeline.then(|| self.told_timeline()),
            served: None,
            baseline: None,
        }
    }

    fn told_place(&self, place: &Place) -> document::Place {
        document::Place { file: self.files.get(place.file).cloned(), packet: place.packet }
    }

    fn told_finding(&self, finding: &Finding) -> document::Finding {
        document::Finding {
            claim: finding.claim.name().to_owned(),
            section: finding.claim.section().to_owned(),
            at: say::epoch(finding.at),
            text: finding.text.clone(),
            places: finding.places.iter().map(|place| self.told_place(place)).collect(),
        }
    }

    fn told_claim(&self, claim: &Claim) -> document::Claim {
        let row = self.ledger.row(*claim);
        document::Claim {
            name: claim.name().to_owned(),
            section: claim.section().to_owned(),
            statement: claim.statement().to_owned(),
            verdict: match row.verdict() {
                Verdict::Held => document::Verdict::Held,
                Verdict::Violated => document::Verdict::Violated,
                Verdict::NotJudged => document::Verdict::NotJudged,
            },
            occasions: row.occasions,
            violations: row.violations,
            not_judged: row.open,
        }
    }

    fn told_trace(&self, traced: &Traced) -> document::Traced {
        document::Traced {
            claim: traced.claim.clone(),
            seconds: traced.seconds,
            file: self.files.get(traced.place.file).cloned(),
            line: traced.place.packet,
            action: traced.action.clone(),
        }
    }

    fn told_refusal(&self, refused: &Refused, tally: &Tally) -> document::Refusal {
        let role = self.survey.as_ref().and_then(|survey| survey.on_link(refused.by)).map(Role::name);
        document::Refusal {
            by: refused.by,
            role: role.map(str::to_owned),
            r#in: refused.with.name().to_owned(),
            reason: refused.reason.0,
            text: refused.text.clone(),
            means: meaning(refused.with, refused.reason).to_owned(),
            count: tally.count,
            first: say::epoch(tally.first.0),
            last: say::epoch(tally.last.0),
        }
    }

    fn told_timeline(&self) -> document::Timeline {
        let mut servers = Vec::new();
        for (role, server) in self.servers() {
            servers.extend(server.log.stretches.iter().map(|stretch| document::Stretch {
                role: role.name().to_owned(),
                state: stretch.state.name().to_owned(),
                startup: stretch.startup,
                from: say::epoch(stretch.from),
                until: say::epoch(stretch.until),
                place: self.told_place(&stretch.place),
            }));
        }
        let mut addresses = Vec::new();
        for (address, lines) in &self.timeline {
            addresses.extend(lines.iter().map(|line| line.document(*address, self.told_place(&line.place))));
        }
        let messages = self.messages.document(|place| self.told_place(place));
        document::Timeline { servers, addresses, messages }
    }
}

/// What is guessed of the roles, and what would settle it.
fn roles_guessed(survey: &Survey) -> Option<String> {
    let how = survey.roles.guessed().filter(|_| survey.has_link)?;
    Some(format!(
        "which server is the primary is {how}; a capture with the CONNECT (of the beginning of a connection), or \
         --server primary=ADDRESS, settles it"
    ))
}

/// What is guessed of the profile, and what would settle it.
fn profile_guessed(survey: &Survey) -> Option<String> {
    let settles = "a capture with the CONNECT, which names the vendor, or --profile, settles it";
    match &survey.dialect {
        Dialect::Shown(why) => Some(format!("the dialect is guessed from {why}; {settles}")),
        Dialect::Unknown if survey.has_link => {
            Some(format!("nothing in the capture tells the servers' dialect; {settles}"))
        }
        _ => None,
    }
}
