//! `dhcpfo ctl`: ask a running server, or command it.

use crate::args_server::{CtlArgs, CtlCommand};
use crate::exit::{Error, Exit};
use crate::output;
use dhcpfo_documents::control::{Binding, Bindings};
use dhcpfo_server::control::{Answer, Request, ask};
use serde_json::Value;

/// Carries out the verb.
pub(crate) fn ctl(args: &CtlArgs) -> Result<Exit, Error> {
    let request = match &args.command {
        CtlCommand::Status => Request::Status,
        CtlCommand::Bindings { all } => Request::Bindings { all: *all },
        CtlCommand::PartnerDown { yes, down_for, stopped_serving } => {
            Request::PartnerDown { yes: *yes, down_for: *down_for, stopped_serving: *stopped_serving }
        }
        CtlCommand::Recover { yes } => Request::Recover { yes: *yes },
        CtlCommand::Rebalance => Request::Rebalance,
        CtlCommand::Begin { yes, alone } => Request::Begin { yes: *yes, alone: *alone },
        CtlCommand::Reload => Request::Reload,
        CtlCommand::Shutdown => Request::Shutdown,
        CtlCommand::Pause => Request::Pause,
        CtlCommand::Reset { address } => Request::Reset { address: address.to_string() },
        CtlCommand::ResetAbandoned { yes } => Request::ResetAbandoned { yes: *yes },
        CtlCommand::Why { client, link } => {
            Request::Why { client: client.clone(), link: link.map(|link| link.to_string()) }
        }
        CtlCommand::Metrics => Request::Metrics,
    };
    let answer = ask(&args.socket, &request).map_err(Error::words)?;
    match &answer {
        _ if args.json => output::line(&dhcpfo_documents::line(&answer)),
        Answer::Metrics(metrics) => output::print(&metrics.text),
        Answer::Bindings(answer) => bindings(answer).iter().for_each(|line| output::line(line)),
        _ => {
            // Every key is shown.
            let value = serde_json::to_value(&answer).map_err(|error| Error::words(error.to_string()))?;
            document(&value, 0, present(&value));
        }
    }
    Ok(if answer.error().is_none() { Exit::Expected } else { Exit::Unexpected })
}

/// A time as seconds from now.
fn from_now(time: Option<u32>, now: u32) -> String {
    time.map_or_else(|| "-".to_owned(), |time| format!("{:+} s", i64::from(time) - i64::from(now)))
}

/// One line a binding.
pub(crate) fn bindings(answer: &Bindings) -> Vec<String> {
    let head = format!(
        "{:<15} {:<9} {:<40} {:<22} {:>9} {:>9} {:>9}",
        "address", "status", "client", "partner", "lease", "acked", "received"
    );
    let row = |row: &Binding| {
        format!(
            "{:<15} {:<9} {:<40} {:<22} {:>9} {:>9} {:>9}",
            row.address.map_or_else(|| "-".to_owned(), |address| address.to_string()),
            row.status,
            row.client.as_deref().unwrap_or("-"),
            row.partner,
            from_now(row.lease_expiration, answer.now),
            from_now(row.acked_potential_expiration, answer.now),
            from_now(row.received_potential_expiration, answer.now),
        )
    };
    std::iter::once(head).chain(answer.bindings.iter().map(row)).collect()
}

/// Keys whose values are times, in seconds since 1970.
const TIMES: [&str; 10] = [
    "since",
    "last",
    "until",
    "available-from",
    "recover-wait-ends",
    "partners-available-from",
    "safe-period-ends",
    "leases-may-be-alive-until",
    "without-it-serves-from",
    "not-before",
];

/// A JSON document as indented lines; times also as seconds from `now`.
fn document(value: &Value, depth: usize, now: i64) {
    let indent = "  ".repeat(depth);
    let Value::Object(entries) = value else { return output::line(&format!("{indent}{}", plain(value))) };
    for (key, value) in entries {
        match value {
            Value::Object(_) => {
                output::line(&format!("{indent}{key}:"));
                document(value, depth + 1, now);
            }
            Value::Array(values) if values.is_empty() => {}
            Value::Array(values) => {
                output::line(&format!("{indent}{key}:"));
                for value in values {
                    document(value, depth + 1, now);
                    output::line("");
                }
            }
            Value::Number(time) if TIMES.contains(&key.as_str()) => {
                let relative = match time.as_i64().unwrap_or(now) - now {
                    ahead @ 1.. => format!("in {ahead} s"),
                    behind => format!("{} s ago", -behind),
                };
                output::line(&format!("{indent}{key}: {time} ({relative})"));
            }
            _ => output::line(&format!("{indent}{key}: {}", plain(value))),
        }
    }
}

/// The present by the server's clock, or by this machine's.
fn present(answer: &Value) -> i64 {
    let own =
        || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |now| now.as_secs() as i64);
    answer["now"].as_i64().unwrap_or_else(own)
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        value => value.to_string(),
    }
}
