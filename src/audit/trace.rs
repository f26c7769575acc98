//! Traces of our own (`dhcpfo play --json`): the world that wrote them has judged every step, by its own claims.

use std::io::Read;

use dhcpfo_report::trace::{self, TraceLine};

use crate::capture::{Input, Unreadable};
use crate::event::Place;
use crate::report::{Report, Traced};

/// Octets of the longest trace that is read.
const LONGEST: u64 = 256 << 20;

/// Whether the file is meant to be a trace: its first octet opens a JSON object.
pub(crate) fn is_trace(input: &Input) -> bool {
    let mut first = [0];
    input.open().is_ok_and(|mut file| file.read_exact(&mut first).is_ok()) && first == *b"{"
}

/// Takes over what the trace says was refuted.
pub(crate) fn judge(file: usize, input: &Input, report: &mut Report) -> Result<(), Unreadable> {
    let fail = |packet: usize, problem: String| {
        let accepted = "a trace of `dhcpfo play --json` of at most 256 MiB would be accepted";
        Unreadable::new(input.name(), packet as u64, 0, format!("{problem}; {accepted}"))
    };
    let mut text = String::new();
    let read = input.open()?.take(LONGEST + 1).read_to_string(&mut text);
    read.map_err(|error| fail(0, error.to_string()))?;
    if text.len() as u64 > LONGEST {
        return Err(fail(0, "the trace is too long".to_owned()));
    }
    let lines = trace::read(&text).map_err(|error| fail(error.line, error.problem))?;
    let mut per_second = 1;
    for (packet, line) in (1..).zip(lines) {
        let mut refuted = |at: u32, claim: String, action: &str| {
            let seconds = f64::from(at) / f64::from(per_second.max(1));
            report.traced.push(Traced { place: Place { file, packet }, seconds, claim, action: action.to_owned() });
        };
        match line {
            TraceLine::Header(header) => per_second = header.per_second,
            TraceLine::Step { at, action, refuted: claims, .. } => {
                report.traced_steps += 1;
                claims.into_iter().for_each(|claim| refuted(at, claim, &action));
            }
            TraceLine::Refuted { at, claim } => refuted(at, claim, "time passed"),
            TraceLine::Expect { .. } | TraceLine::End { .. } => {}
        }
    }
    Ok(())
}
