//! The HTTP side: a few threads, a page that is embedded, and questions whose size is bounded.

use crate::api::{Answer, Explorer, Refused};
use crate::recorded::Recorder;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tiny_http::{Method, Request, Server, StatusCode};

/// Most octets of a question.
const LARGEST: u64 = 512 * 1024;

/// Threads that answer: one of them may be searching.
const THREADS: usize = 4;

/// The files of the page: path, content type, text.
const PAGE: &[(&str, &str, &str)] = &[
    ("/app.js", "text/javascript; charset=utf-8", include_str!("page/app.js")),
    ("/view.js", "text/javascript; charset=utf-8", include_str!("page/view.js")),
    ("/actions.js", "text/javascript; charset=utf-8", include_str!("page/actions.js")),
    ("/compare.js", "text/javascript; charset=utf-8", include_str!("page/compare.js")),
    ("/lessons.js", "text/javascript; charset=utf-8", include_str!("page/lessons.js")),
    ("/recording.js", "text/javascript; charset=utf-8", include_str!("page/recording.js")),
    ("/net.js", "text/javascript; charset=utf-8", include_str!("page/net.js")),
    ("/style.css", "text/css; charset=utf-8", include_str!("page/style.css")),
    ("/diagram.css", "text/css; charset=utf-8", dhcpfo_report::diagram::STYLE),
];

/// What every answer begins with, besides its kind and length.
const HEADERS: &str = "Connection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
    Referrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\nContent-Security-Policy: default-src 'none'; \
    script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'\r\n";

/// What is shown.
pub enum Shown {
    /// A model, in which one chooses.
    Model(Box<Explorer>),
    /// A recording, which one steps through.
    Recording(Arc<Recorder>),
}

impl Shown {
    const fn page(&self) -> &'static str {
        match self {
            Shown::Model(_) => include_str!("page/index.html"),
            Shown::Recording(_) => include_str!("page/recording.html"),
        }
    }

    /// The answer to a question; None: there is no such question.
    fn ask(&self, path: &str, body: &[u8]) -> Option<Answer> {
        fn read<T: DeserializeOwned>(body: &[u8], ask: impl FnOnce(&T) -> Answer) -> Answer {
            let asked = serde_json::from_slice(body);
            let asked = asked.map_err(|error| Refused::Wrong(format!("the question is not understood: {error}")))?;
            ask(&asked)
        }
        Some(match (self, path) {
            (Shown::Model(explorer), "/api/open") => read(body, |_: &Value| Ok(explorer.opening())),
            (Shown::Model(explorer), "/api/state") => read(body, |asked| explorer.state(asked)),
            (Shown::Model(explorer), "/api/times") => read(body, |asked| explorer.times(asked)),
            (Shown::Model(explorer), "/api/find") => read(body, |asked| explorer.find(asked)),
            (Shown::Model(explorer), "/api/cancel") => read(body, |_: &Value| Ok(explorer.cancel())),
            (Shown::Model(explorer), "/api/scenario") => read(body, |asked| explorer.scenario(asked)),
            (Shown::Recording(recorder), "/api/open") => read(body, |_: &Value| Ok(recorder.opening())),
            (Shown::Recording(recorder), "/api/moment") => read(body, |which| recorder.moment(which)),
            _ => return None,
        })
    }
}

impl From<Explorer> for Shown {
    fn from(explorer: Explorer) -> Shown {
        Shown::Model(Box::new(explorer))
    }
}

impl From<Arc<Recorder>> for Shown {
    fn from(recorder: Arc<Recorder>) -> Shown {
        Shown::Recording(recorder)
    }
}

/// A page that is being served.
pub struct Served {
    server: Arc<Server>,
    shown: Shown,
    token: Option<String>,
}

impl Served {
    /// Binds an address. Beyond loopback every question has to bring the token.
    pub fn bind(shown: impl Into<Shown>, address: SocketAddr, token: Option<String>) -> Result<Served, String> {
        if !address.ip().is_loopback() && token.as_deref().is_none_or(|token| token.len() < 16) {
            return Err(format!(
                "{address} is not a loopback address, so whoever asks has to bring a token: give one of at least 16 \
                 letters, or take a loopback address such as 127.0.0.1:8067"
            ));
        }
        let server = Server::http(address).map_err(|error| format!("{address}: {error}"))?;
        Ok(Served { server: Arc::new(server), shown: shown.into(), token })
    }

    /// Where it is served.
    pub fn address(&self) -> Option<SocketAddr> {
        self.server.server_addr().to_ip()
    }

    /// Answers until [`Stop::stop`] is called.
    pub fn run(&self) {
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    while let Ok(request) = self.server.recv() {
                        self.answer(request);
                    }
                });
            }
        });
    }

    /// Something that ends [`Served::run`].
    pub fn stop(&self) -> Stop {
        Stop(Arc::clone(&self.server))
    }

    /// Writes the answer and ends the connection: tiny_http's threads may leave a new connection waiting for as long as
    /// others are kept open, which browsers do.
    fn answer(&self, mut request: Request) {
        let (status, kind, text) = self.answered(&mut request);
        let reason = StatusCode(status).default_reason_phrase();
        let head = format!(
            "HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{HEADERS}\r\n",
            text.len()
        );
        let mut writer = request.into_writer();
        // Whoever asked may have gone away.
        let _ = writer
            .write_all(head.as_bytes())
            .and_then(|()| writer.write_all(text.as_bytes()))
            .and_then(|()| writer.flush());
    }

    fn answered(&self, request: &mut Request) -> (u16, &'static str, String) {
        const TEXT: &str = "text/plain; charset=utf-8";
        let url = request.url().to_owned();
        let (path, query) = url.split_once('?').unwrap_or((&url, ""));
        if !self.is_local(request) {
            return (403, TEXT, "this name is not served here\n".to_owned());
        }
        if *request.method() == Method::Get {
            if path == "/" {
                return (200, "text/html; charset=utf-8", self.shown.page().to_owned());
            }
            return match PAGE.iter().find(|(known, ..)| *known == path) {
                Some((_, kind, text)) => (200, kind, (*text).to_owned()),
                None => (404, TEXT, "there is no such page\n".to_owned()),
            };
        }
        if *request.method() != Method::Post {
            return (405, TEXT, "GET and POST\n".to_owned());
        }
        if !self.is_allowed(request, query) {
            return (401, TEXT, "the token is missing or wrong\n".to_owned());
        }
        self.question(path, request)
    }

    fn question(&self, path: &str, request: &mut Request) -> (u16, &'static str, String) {
        const JSON: &str = "application/json";
        let told = |why: &str| serde_json::json!({ "error": why }).to_string();
        let mut body = Vec::new();
        if request.as_reader().take(LARGEST + 1).read_to_end(&mut body).is_err() {
            return (400, JSON, told("the question could not be read"));
        }
        if body.len() as u64 > LARGEST {
            return (413, JSON, told(&format!("a question has at most {LARGEST} octets")));
        }
        // A defect in the world must not take the explorer with it.
        match catch_unwind(AssertUnwindSafe(|| self.shown.ask(path, &body))) {
            Ok(Some(Ok(value))) => (200, JSON, value.to_string()),
            Ok(Some(Err(Refused::Wrong(why)))) => (400, JSON, told(&why)),
            Ok(Some(Err(Refused::Busy))) => (409, JSON, told("another search is running; cancel it first")),
            Ok(None) => (404, JSON, told("there is no such question")),
            Err(_) => (500, JSON, told("this state is beyond what the model's world has room for")),
        }
    }

    /// Under a foreign name somebody else's page could speak for the reader (DNS rebinding).
    fn is_local(&self, request: &Request) -> bool {
        if self.token.is_some() {
            return true;
        }
        let header = |name: &str| {
            request
                .headers()
                .iter()
                .find(|h| h.field.as_str().as_str().eq_ignore_ascii_case(name))
                .map(|h| h.value.as_str())
        };
        let local = |host: &str| {
            let name = host.rsplit_once(':').map_or(host, |(name, port)| {
                if port.bytes().all(|octet| octet.is_ascii_digit()) { name } else { host }
            });
            matches!(name, "127.0.0.1" | "localhost" | "[::1]")
        };
        let origin = header("Origin").is_none_or(|origin| origin.strip_prefix("http://").is_some_and(local));
        header("Host").is_some_and(local) && origin
    }

    fn is_allowed(&self, request: &Request, query: &str) -> bool {
        let Some(token) = &self.token else { return true };
        let given = request.headers().iter().find(|header| header.field.equiv("X-Token")).map(|h| h.value.as_str());
        let given = given.or_else(|| query.split('&').find_map(|part| part.strip_prefix("token="))).unwrap_or("");
        // Takes as long whatever is wrong.
        let different = given.bytes().zip(token.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
        given.len() == token.len() && different == 0
    }
}

/// Ends a [`Served`].
pub struct Stop(Arc<Server>);

impl Stop {
    /// Every thread that answers ends when it has answered.
    pub fn stop(&self) {
        for _ in 0..THREADS {
            self.0.unblock();
        }
    }
}
