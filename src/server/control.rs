//! What an operator may say, as one JSON document a line.

use serde_json::{Value, json};

/// What an operator says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// How both servers are.
    Status,
    /// Bindings; all of them, or those that are not simply available.
    Bindings {
        /// Also addresses that nobody has.
        all: bool,
    },
    /// The partner is down (failover-12 §9.9.3); without `yes` only what would come of it.
    PartnerDown {
        /// It is meant.
        yes: bool,
        /// For how many seconds it has been down: they count as if this had been said then.
        down_for: u32,
        /// It has answered no client in these seconds. A broken connection alone does not say so.
        stopped_serving: bool,
    },
    /// Forget everything and ask the partner for it (failover-12 §9.5).
    Recover {
        /// It is meant.
        yes: bool,
    },
    /// Restore the balance of available addresses.
    Rebalance,
    /// No client holds a lease that was given before: begin without waiting (Q111).
    Begin {
        /// It is meant.
        yes: bool,
        /// Without the partner, which is down.
        alone: bool,
    },
    /// Read the configuration again.
    Reload,
    /// End, and say so to the partner (failover-12 §9.14).
    Shutdown,
    /// End, and say to the partner that it is for a short time (failover-12 §9.13).
    Pause,
    /// Make an address available whatever it was (failover-12 §5.11).
    Reset {
        /// The address.
        address: String,
    },
    /// Make all ABANDONED addresses available again; without `yes` only what would come of it.
    ResetAbandoned {
        /// It is meant.
        yes: bool,
    },
    /// Why this client gets no address.
    Why {
        /// Hardware address, or `hex:` and an identifier.
        client: String,
        /// An address of the link on which it is; None: where it was heard last.
        link: Option<String>,
    },
    /// Figures for Prometheus.
    Metrics,
}

/// The words of [`Request`].
pub const COMMANDS: [&str; 13] = [
    "status",
    "bindings",
    "partner-down",
    "recover",
    "rebalance",
    "begin",
    "reload",
    "shutdown",
    "pause",
    "reset",
    "reset-abandoned",
    "why",
    "metrics",
];

impl Request {
    /// The document that says it.
    pub fn to_json(&self) -> Value {
        match self {
            Request::Status => json!({"command": "status"}),
            Request::Bindings { all } => json!({"command": "bindings", "all": all}),
            Request::PartnerDown { yes, down_for, stopped_serving } => {
                json!({"command": "partner-down", "yes": yes, "down-for": down_for, "stopped-serving": stopped_serving})
            }
            Request::Recover { yes } => json!({"command": "recover", "yes": yes}),
            Request::Rebalance => json!({"command": "rebalance"}),
            Request::Begin { yes, alone } => json!({"command": "begin", "yes": yes, "alone": alone}),
            Request::Reload => json!({"command": "reload"}),
            Request::Shutdown => json!({"command": "shutdown"}),
            Request::Pause => json!({"command": "pause"}),
            Request::Reset { address } => json!({"command": "reset", "address": address}),
            Request::ResetAbandoned { yes } => json!({"command": "reset-abandoned", "yes": yes}),
            Request::Why { client, link } => json!({"command": "why", "client": client, "link": link}),
            Request::Metrics => json!({"command": "metrics"}),
        }
    }
}

/// Reads one line.
///
/// # Errors
/// With what would be accepted.
pub fn parse(line: &str) -> Result<Request, String> {
    let document: Value = serde_json::from_str(line).map_err(|error| format!("not JSON: {error}"))?;
    let flag = |key: &str| document[key].as_bool().unwrap_or(false);
    let seconds = |key: &str| match &document[key] {
        Value::Null => Ok(0),
        value => value
            .as_u64()
            .and_then(|seconds| u32::try_from(seconds).ok())
            .ok_or_else(|| format!("\"{key}\": {value}; seconds would be accepted")),
    };
    let text = |key: &str| document[key].as_str().map(str::to_owned).ok_or(format!("no \"{key}\""));
    Ok(match document["command"].as_str() {
        Some("status") => Request::Status,
        Some("bindings") => Request::Bindings { all: flag("all") },
        Some("partner-down") => Request::PartnerDown {
            yes: flag("yes"),
            down_for: seconds("down-for")?,
            stopped_serving: flag("stopped-serving"),
        },
        Some("recover") => Request::Recover { yes: flag("yes") },
        Some("rebalance") => Request::Rebalance,
        Some("begin") => Request::Begin { yes: flag("yes"), alone: flag("alone") },
        Some("reload") => Request::Reload,
        Some("shutdown") => Request::Shutdown,
        Some("pause") => Request::Pause,
        Some("reset") => Request::Reset { address: text("address")? },
        Some("reset-abandoned") => Request::ResetAbandoned { yes: flag("yes") },
        Some("why") => Request::Why { client: text("client")?, link: document["link"].as_str().map(str::to_owned) },
        Some("metrics") => Request::Metrics,
        _ => return Err(format!("no such command; {} would be accepted", COMMANDS.join(", "))),
    })
}

/// Sends one request to the server that listens at a unix socket.
///
/// # Errors
/// Nobody listens there, or there is no answer.
pub fn ask(socket: &std::path::Path, request: &Request) -> Result<Value, String> {
    use std::io::{BufRead, BufReader, Write};
    let told = |error: std::io::Error| format!("{}: {error}; is the server running?", socket.display());
    let mut stream = std::os::unix::net::UnixStream::connect(socket).map_err(told)?;
    stream.set_read_timeout(Some(std::time::Duration::from_secs(60))).map_err(told)?;
    writeln!(stream, "{}", request.to_json()).map_err(told)?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).map_err(told)?;
    serde_json::from_str(&line).map_err(|error| format!("{}: not JSON: {error}", socket.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let requests = [
            Request::Status,
            Request::Bindings { all: true },
            Request::PartnerDown { yes: true, down_for: 30, stopped_serving: true },
            Request::Recover { yes: false },
            Request::Rebalance,
            Request::Begin { yes: true, alone: true },
            Request::Reload,
            Request::Shutdown,
            Request::Pause,
            Request::Reset { address: "10.0.0.1".into() },
            Request::ResetAbandoned { yes: true },
            Request::Why { client: "02:00:00:00:00:01".into(), link: Some("10.0.0.1".into()) },
            Request::Metrics,
        ];
        assert_eq!(requests.len(), COMMANDS.len());
        for (request, word) in requests.iter().zip(COMMANDS) {
            assert_eq!(request.to_json()["command"], word);
            assert_eq!(parse(&request.to_json().to_string()).as_ref(), Ok(request));
        }
        let none = Request::PartnerDown { yes: false, down_for: 0, stopped_serving: false };
        assert_eq!(parse("{\"command\":\"partner-down\"}"), Ok(none));
        assert!(parse("{\"command\":\"partner-down\",\"down-for\":-1}").unwrap_err().contains("seconds would"));
        assert!(parse("{}").unwrap_err().contains("partner-down"));
        assert!(parse("{").unwrap_err().starts_with("not JSON"));
    }
}
