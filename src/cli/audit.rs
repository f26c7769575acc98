//! `dhcpfo audit`: judges captures and traces.

use crate::args::{AuditArgs, ProfileArg};
use crate::exit::{Error, Exit};
use crate::output;
use crate::served::{self, Verdict};
use dhcpfo_audit::{Input, Settings};
use dhcpfo_wire::profile::Profile;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Carries out the verb.
pub(crate) fn audit(args: &AuditArgs) -> Result<Exit, Error> {
    // What a server says that it did is done again; packets are judged.
    let (served, files): (Vec<PathBuf>, Vec<PathBuf>) =
        args.files.iter().cloned().partition(|path| served::is_served(path));
    let served = served.iter().map(|path| served::judge(path)).collect::<Result<Vec<_>, _>>()?;
    let of_traces = if served.iter().all(Verdict::is_good) { Exit::Expected } else { Exit::Unexpected };
    if !args.json {
        served.iter().for_each(|verdict| output::line(&verdict.text()));
    }
    if files.is_empty() {
        if args.json {
            let documents: Vec<Value> = served.iter().map(Verdict::json).collect();
            output::line(&json!({"version": 1, "exit": of_traces as u8, "served": documents}).to_string());
        }
        return Ok(of_traces);
    }
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
    let report = dhcpfo_audit::audit(&inputs, &settings).map_err(|error| Error::Told(error.to_string()))?;
    let exit = match report.exit_code() {
        _ if of_traces == Exit::Unexpected => Exit::Unexpected,
        0 => Exit::Expected,
        1 => Exit::Unexpected,
        _ => Exit::CutOff,
    };
    if args.json {
        output::line(&with_traces(&report.json(args.timeline), &served, exit));
    } else {
        output::print(&report.text(args.timeline));
    }
    Ok(exit)
}

/// The document of the captures, with what came of the servers' traces.
fn with_traces(document: &str, served: &[Verdict], exit: Exit) -> String {
    match serde_json::from_str::<Value>(document) {
        Ok(mut value) if !served.is_empty() => {
            value["served"] = served.iter().map(Verdict::json).collect();
            value["exit"] = json!(exit as u8);
            value.to_string()
        }
        _ => document.to_owned(),
    }
}
