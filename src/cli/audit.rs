//! `dhcpfo audit`: judges captures and traces.

use crate::args::{AuditArgs, ProfileArg};
use crate::audit_gate::Gate;
use crate::exit::{Error, Exit};
use crate::output;
use crate::served::{self, Verdict};
use dhcpfo_audit::{Difference, Input, Report, Settings};
use dhcpfo_wire::profile::Profile;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Carries out the verb.
pub(crate) fn audit(args: &AuditArgs) -> Result<Exit, Error> {
    args.junit.iter().try_for_each(|path| output::probe(path))?;
    let gate = Gate::open(args.baseline.as_deref())?;
    // What a server says that it did is done again; packets are judged.
    let (served, files): (Vec<PathBuf>, Vec<PathBuf>) =
        args.files.iter().cloned().partition(|path| served::is_served(path));
    let served = served.iter().map(|path| served::judge(path)).collect::<Result<Vec<_>, _>>()?;
    let of_traces = if served.iter().all(Verdict::is_good) { Exit::Expected } else { Exit::Unexpected };
    if !args.json {
        served.iter().for_each(|verdict| output::line(&verdict.text()));
    }
    let report = if files.is_empty() { None } else { Some(of_captures(args, files)?) };
    let differences = report.as_ref().and_then(|report| gate.differences(report));
    let of_captures = report.as_ref().map_or(Exit::Expected, |report| Gate::exit(report, differences.as_deref()));
    let exit = if of_traces == Exit::Unexpected { of_traces } else { of_captures };
    match &report {
        None if args.json => {
            let documents: Vec<Value> = served.iter().map(Verdict::json).collect();
            output::line(&json!({"version": 1, "exit": exit as u8, "served": documents}).to_string());
        }
        Some(report) if args.json => {
            output::line(&finished(&report.json(args.timeline), &served, differences.as_deref(), exit));
        }
        None => {}
        Some(report) => output::print(&report.text(args.timeline)),
    }
    if let (Some(path), Some(differences), false) = (&args.baseline, &differences, args.json) {
        Gate::compare(path, differences);
    }
    if let (Some(report), true) = (&report, args.github) {
        gate.annotate(report, differences.as_deref());
    }
    if let Some(path) = &args.junit {
        output::write(path, &gate.junit(report.as_ref(), &served, differences.as_deref())?)?;
    }
    Ok(exit)
}

fn of_captures(args: &AuditArgs, files: Vec<PathBuf>) -> Result<Report, Error> {
    let inputs: Vec<Input> = files.into_iter().map(Input::Path).collect();
    let settings = Settings {
        mclt: args.mclt,
        profile: match args.profile {
            ProfileArg::Auto => None,
            ProfileArg::Draft => Some(&Profile::DRAFT),
            ProfileArg::IscDhcpd => Some(&Profile::ISC_DHCPD),
        },
        servers: args.server.clone(),
        ports: args.port.clone(),
        timeline: args.timeline,
    };
    dhcpfo_audit::audit(&inputs, &settings).map_err(|error| Error::Told(error.to_string()))
}

/// The document of the captures, with what came of the servers' traces, of a baseline, and of all.
fn finished(document: &str, served: &[Verdict], differences: Option<&[Difference]>, exit: Exit) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(document) else { return document.to_owned() };
    if !served.is_empty() {
        value["served"] = served.iter().map(Verdict::json).collect();
    }
    if let Some(differences) = differences {
        let one = |difference: &Difference| json!({"claim": difference.claim.name(), "text": difference.text, "worse": difference.is_worse});
        value["baseline"] = differences.iter().map(one).collect();
    }
    value["exit"] = json!(exit as u8);
    format!("{value:#}")
}
