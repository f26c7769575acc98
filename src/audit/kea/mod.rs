//! What operators of a pair of ISC Kea servers with high availability have, judged: captures of the control channel and of the
//! clients' side, logs, lease files, answers to `status-get`. Kea has no failover protocol on the wire; nothing of the rest of
//! this crate but packets and times is used.
//!
//! * `http`, `wire`: captures to commands with their answers, and DHCP packets; `log`, `store`, `status`: files to values, with
//!   what could not be read by its line;
//! * `survey`: who is who, and what servers said of themselves;
//! * `claims`: what is judged; `clients`, `said`, `logs`, `stores`: judging it;
//! * `report`: text and JSON.
//!
//! What could not be read is said with file and line; what is not there is not passed.

mod claims;
mod clients;
mod http;
mod log;
mod logs;
mod report;
mod said;
mod status;
mod store;
mod stores;
mod survey;
mod wire;

use std::io::Read;

pub use claims::Claim;
pub use report::{Kind, Report};

use crate::Settings;
use crate::capture::{Input, Merged, Unreadable};
use clients::Clients;
use log::Log;
use store::Store;
use survey::Survey;
use wire::Events;

/// Octets of the longest file of text that is read.
const LONGEST: u64 = 256 << 20;
/// Problems of a file that are told one by one.
const PROBLEMS: usize = 5;
/// What commands between Kea servers have in them.
const MARKS: [&[u8]; 2] = [b"ha-heartbeat", b"lease4-update"];

/// What a file is, by its first octets; None: nothing that Kea has, or nobody can say.
fn kind(input: &Input) -> Option<Kind> {
    let mut begins = Vec::new();
    input.open().ok()?.take(1 << 14).read_to_end(&mut begins).ok()?;
    const CAPTURES: [[u8; 4]; 5] = [
        [0xd4, 0xc3, 0xb2, 0xa1],
        [0xa1, 0xb2, 0xc3, 0xd4],
        [0x4d, 0x3c, 0xb2, 0xa1],
        [0xa1, 0xb2, 0x3c, 0x4d],
        [0x0a, 0x0d, 0x0d, 0x0a],
    ];
    if CAPTURES.iter().any(|magic| begins.starts_with(magic)) {
        return Some(Kind::Capture);
    }
    let text = String::from_utf8_lossy(&begins);
    if status::is_status(&text) {
        Some(Kind::Status)
    } else if store::is_store(&text) {
        Some(Kind::Leases)
    } else {
        log::is_log(&text).then_some(Kind::Log)
    }
}

/// Whether something that Kea's servers said or wrote is among the files.
pub fn is_kea(inputs: &[Input]) -> bool {
    inputs.iter().any(|input| match kind(input) {
        Some(Kind::Capture) => has_commands(input),
        other => other.is_some(),
    })
}

fn has_commands(input: &Input) -> bool {
    let inputs = std::slice::from_ref(input);
    let Ok(mut packets) = Merged::open(inputs) else { return false };
    while let Ok(Some((_, raw))) = packets.next() {
        if MARKS.iter().any(|mark| raw.data.windows(mark.len()).any(|window| window == *mark)) {
            return true;
        }
    }
    false
}

/// Reads files and judges them.
///
/// # Errors
/// A file is nothing that Kea's operators have, or a capture is damaged; with what would be accepted.
pub fn audit(inputs: &[Input], settings: &Settings) -> Result<Report, Unreadable> {
    let mut report = Report::default();
    let mut captures: Vec<(usize, Input)> = Vec::new();
    let (mut logs, mut stores, mut statuses) = (Vec::new(), Vec::new(), Vec::new());
    for (file, input) in inputs.iter().enumerate() {
        let Some(kind) = kind(input) else {
            let accepted = "a capture, a log of kea-dhcp4, a lease file (CSV) or an answer to status-get would be accepted beside \
                            other files of Kea";
            return Err(Unreadable::new(input.name(), 0, 0, format!("is nothing that is known; {accepted}")));
        };
        report.files.push((input.name(), kind));
        let problems = match kind {
            Kind::Capture => {
                captures.push((file, input.clone()));
                Vec::new()
            }
            Kind::Log => {
                let mut log = Log::read(file, &text(input)?);
                let problems = std::mem::take(&mut log.problems);
                logs.push(log);
                problems
            }
            Kind::Leases => {
                let mut store = Store::read(file, &text(input)?);
                let problems = std::mem::take(&mut store.problems);
                stores.push(store);
                problems
            }
            Kind::Status => {
                let (found, problems) = status::read(file, &text(input)?);
                statuses.extend(found);
                problems
            }
        };
        tell(&input.name(), &problems, &mut report.remarks);
    }
    let names: Vec<String> = inputs.iter().map(Input::name).collect();
    wires(&captures, settings, &mut report)?;
    let Report { ledger, remarks, servers, .. } = &mut report;
    for log in &logs {
        let version = log.version.as_deref().unwrap_or("of a version that the log does not name");
        servers.extend(log.own.iter().map(|own| (own.clone(), format!("Kea {version}, in {}", names[log.file]))));
    }
    logs::judge(&logs, &names, remarks, ledger);
    stores::judge(&stores, &names, remarks, ledger);
    said::statuses(&statuses, remarks, ledger);
    Ok(report)
}

fn text(input: &Input) -> Result<String, Unreadable> {
    let fail = |problem: String| Unreadable::new(input.name(), 0, 0, problem);
    let mut octets = Vec::new();
    input.open()?.take(LONGEST + 1).read_to_end(&mut octets).map_err(|error| fail(error.to_string()))?;
    if octets.len() as u64 > LONGEST {
        return Err(fail("is too long: a file of at most 256 MiB would be accepted".to_owned()));
    }
    Ok(String::from_utf8_lossy(&octets).into_owned())
}

/// Says what could not be read in a file, with its lines.
fn tell(name: &str, problems: &[(u64, String)], remarks: &mut Vec<String>) {
    remarks.extend(
        problems.iter().take(PROBLEMS).map(|(line, problem)| format!("{name} line {line}: {problem}; passed over")),
    );
    if let Some(more) = problems.len().checked_sub(PROBLEMS).filter(|more| *more > 0) {
        remarks.push(format!("{name}: {more} more lines were passed over"));
    }
}

/// Judges captures, which are read twice: first who is who, then what they did.
fn wires(captures: &[(usize, Input)], settings: &Settings, report: &mut Report) -> Result<(), Unreadable> {
    if captures.is_empty() {
        return Ok(());
    }
    let inputs: Vec<Input> = captures.iter().map(|(_, input)| input.clone()).collect();
    let mut survey = Survey::default();
    let mut events = Events::open(&inputs)?;
    while let Some(event) = events.next()? {
        survey.take(&event);
    }
    survey.finish(settings);
    report.remarks.extend(events.remarks(&inputs));
    let mut clients = Clients::default();
    let mut events = Events::open(&inputs)?;
    while let Some(event) = events.next()? {
        clients.take(&survey, &event, &mut report.ledger);
    }
    clients.finish(&survey, &mut report.ledger);
    said::heartbeats(&survey, &mut report.ledger);
    conclude(&survey, report);
    // Captures have been numbered among themselves.
    for place in report.ledger.findings_mut().flat_map(|finding| &mut finding.places) {
        place.file = captures.get(place.file).map_or(place.file, |(file, _)| *file);
    }
    Ok(())
}

/// Who was seen, and what was not.
fn conclude(survey: &Survey, report: &mut Report) {
    for server in &survey.servers {
        let clients: Vec<_> =
            survey.clients.iter().filter(|(_, control)| *control == server).map(|(ip, _)| ip.to_string()).collect();
        let clients = if clients.is_empty() { "not known".to_owned() } else { clients.join(", ") };
        report.servers.push((server.to_string(), format!("on the control channel; towards clients {clients}")));
    }
    if survey.servers.is_empty() {
        report
            .remarks
            .push("no commands between servers: capture the control channel, too (HTTP; TLS is not read)".to_owned());
    }
    if !survey.others.is_empty() {
        let others: Vec<_> = survey.others.iter().map(ToString::to_string).collect();
        report.remarks.push(format!(
            "commands of others were passed over (of another pair, or beyond a proxy): {}",
            others.join(", ")
        ));
    }
    if !survey.has_clients {
        report.remarks.push("no DHCP packets: capture the clients' side, too".to_owned());
    }
}
