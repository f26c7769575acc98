//! What an operator may say, as one JSON document a line.

pub use dhcpfo_documents::control::{Answer, Request};

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

/// Reads one line.
///
/// # Errors
/// With what would be accepted.
pub fn parse(line: &str) -> Result<Request, String> {
    let document: serde_json::Value = serde_json::from_str(line).map_err(|error| format!("not JSON: {error}"))?;
    if !document["command"].as_str().is_some_and(|word| COMMANDS.contains(&word)) {
        return Err(format!("no such command; {} would be accepted", COMMANDS.join(", ")));
    }
    serde_json::from_str(line).map_err(|error| error.to_string())
}

/// Sends one request to the server that listens at a unix socket.
///
/// # Errors
/// Nobody listens there, or there is no answer.
pub fn ask(socket: &std::path::Path, request: &Request) -> Result<Answer, String> {
    use std::io::{BufRead, BufReader, Write};
    let told = |error: std::io::Error| format!("{}: {error}; is the server running?", socket.display());
    let mut stream = std::os::unix::net::UnixStream::connect(socket).map_err(told)?;
    stream.set_read_timeout(Some(std::time::Duration::from_secs(60))).map_err(told)?;
    writeln!(stream, "{}", dhcpfo_documents::line(request)).map_err(told)?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).map_err(told)?;
    serde_json::from_str(&line).map_err(|error| format!("{}: no answer of a server: {error}", socket.display()))
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
            let text = dhcpfo_documents::line(request);
            assert!(text.starts_with(&format!("{{\"command\":\"{word}\"")), "{text}");
            assert_eq!(parse(&text).as_ref(), Ok(request));
        }
        let none = Request::PartnerDown { yes: false, down_for: 0, stopped_serving: false };
        assert_eq!(parse("{\"command\":\"partner-down\"}"), Ok(none));
        assert!(parse("{\"command\":\"partner-down\",\"down-for\":-1}").unwrap_err().contains("`-1`, expected u32"));
        assert!(parse("{\"command\":\"reset\"}").unwrap_err().contains("missing field `address`"));
        assert!(parse("{}").unwrap_err().contains("partner-down"));
        assert!(parse("{").unwrap_err().starts_with("not JSON"));
    }
}
