//! Operators over HTTP on loopback: metrics, status and commands for whoever brings the token.

use super::Events;
use super::local::ask;
use crate::control::{self, Answer, Request};
use crate::http::door::{self, Token};
use crate::http::{Head, Reply, Site};

/// Octets of a command.
const LONGEST: usize = 1 << 16;
const PAGES: &str = "GET /metrics, /status, /bindings or /why/CLIENT, or POST /control\n";

/// The control of a server over HTTP.
#[derive(Debug)]
pub struct Control {
    events: Events,
    token: Token,
}

impl Control {
    /// Commands go to the core over `events`.
    pub fn new(events: Events, token: Token) -> Control {
        Control { events, token }
    }

    fn ask(&self, request: Request) -> Reply {
        Reply::json(200, &ask(&self.events, request))
    }
}

impl Site for Control {
    const HEADERS: &'static str = "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
        Referrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\n\
        Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";

    fn admit(&self, head: &Head) -> Result<usize, Reply> {
        if !door::is_own(head) {
            return Err(Reply::text(403, "this name is not served here, or the request is another page's\n"));
        }
        if !self.token.is_brought_by(head) {
            return Err(Reply::text(401, "Authorization: Bearer and the token of control.token would be accepted\n"));
        }
        let (path, _) = head.path();
        let is_page = matches!(path, "/metrics" | "/status" | "/bindings") || path.starts_with("/why/");
        match (head.method.as_str(), path) {
            ("POST", "/control") if head.is_json() => Ok(LONGEST),
            ("POST", "/control") => Err(Reply::text(415, "Content-Type: application/json would be accepted\n")),
            ("GET", _) if is_page => Ok(0),
            (_, "/control") => Err(Reply::text(405, PAGES)),
            _ if is_page => Err(Reply::text(405, PAGES)),
            _ => Err(Reply::text(404, PAGES)),
        }
    }

    fn answer(&self, head: &Head, body: &[u8]) -> Reply {
        match head.path().0 {
            "/metrics" => {
                let body = match ask(&self.events, Request::Metrics) {
                    Answer::Metrics(metrics) => metrics.text,
                    _ => String::new(),
                };
                Reply { status: 200, kind: "text/plain; version=0.0.4", body }
            }
            "/status" => self.ask(Request::Status),
            "/bindings" => self.ask(Request::Bindings { all: false }),
            "/control" => match control::parse(&String::from_utf8_lossy(body)) {
                Ok(request) => self.ask(request),
                Err(error) => Reply::json(400, &Answer::refused(error)),
            },
            path => {
                self.ask(Request::Why { client: path.strip_prefix("/why/").unwrap_or_default().to_owned(), link: None })
            }
        }
    }
}
