//! `dhcpfo ctl`: ask a running server, or command it.

use crate::args_server::{CtlArgs, CtlCommand};
use crate::exit::{Error, Exit};
use crate::output;
use dhcpfo_server::control::{Request, ask};
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
    let good = answer["ok"] == Value::Bool(true);
    match (&args.command, good) {
        _ if args.json => output::line(&answer.to_string()),
        (CtlCommand::Metrics, true) => output::print(answer["text"].as_str().unwrap_or_default()),
        (CtlCommand::Bindings { .. }, true) => bindings(&answer).iter().for_each(|line| output::line(line)),
        _ => document(&answer, 0, present(&answer)),
    }
    Ok(if good { Exit::Expected } else { Exit::Unexpected })
}

/// A time as seconds from now.
pub(crate) fn from_now(value: &Value, now: &Value) -> String {
    match (value.as_i64(), now.as_i64()) {
        (Some(value), Some(now)) => format!("{:+} s", value - now),
        _ => "-".to_owned(),
    }
}

/// One line a binding.
pub(crate) fn bindings(answer: &Value) -> Vec<String> {
    let now = &answer["now"];
    let rows = answer["bindings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let head = format!(
        "{:<15} {:<9} {:<40} {:<22} {:>9} {:>9} {:>9}",
        "address", "status", "client", "partner", "lease", "acked", "received"
    );
    let row = |row: &Value| {
        let text = |key: &str| row[key].as_str().unwrap_or("-").to_owned();
        let time = |key: &str| from_now(&row[key], now);
        format!(
            "{:<15} {:<9} {:<40} {:<22} {:>9} {:>9} {:>9}",
            text("address"),
            text("status"),
            text("client"),
            text("partner"),
            time("lease-expiration"),
            time("acked-potential-expiration"),
            time("received-potential-expiration"),
        )
    };
    std::iter::once(head).chain(rows.iter().map(row)).collect()
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
