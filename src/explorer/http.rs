//! The HTTP side: a page that is embedded, and questions whose size is bounded. `dhcpfo_server::http` reads requests
//! and says who is let in.

use crate::api::{Answer, Explorer, Refused};
use crate::recorded::Recorder;
use crate::text::TextExplorer;
use dhcpfo_server::http::door::{self, Token};
use dhcpfo_server::http::{Head, Reply, Site, Stop, serve};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Most octets of a question.
const LARGEST: usize = 512 * 1024;

/// The files of the page: path, content type, text.
const PAGE: &[(&str, &str, &str)] = &[
    ("/app.js", "text/javascript; charset=utf-8", include_str!("page/app.js")),
    ("/text.js", "text/javascript; charset=utf-8", include_str!("page/text.js")),
    ("/view.js", "text/javascript; charset=utf-8", include_str!("page/view.js")),
    ("/actions.js", "text/javascript; charset=utf-8", include_str!("page/actions.js")),
    ("/compare.js", "text/javascript; charset=utf-8", include_str!("page/compare.js")),
    ("/lessons.js", "text/javascript; charset=utf-8", include_str!("page/lessons.js")),
    ("/recording.js", "text/javascript; charset=utf-8", include_str!("page/recording.js")),
    ("/net.js", "text/javascript; charset=utf-8", include_str!("page/net.js")),
    ("/style.css", "text/css; charset=utf-8", include_str!("page/style.css")),
    ("/diagram.css", "text/css; charset=utf-8", dhcpfo_report::diagram::STYLE),
];

/// What is shown.
pub enum Shown {
    /// A model, in which one chooses.
    Model(Box<Explorer>),
    /// A model of another protocol, likewise.
    Text(Box<TextExplorer>),
    /// A recording, which one steps through.
    Recording(Arc<Recorder>),
}

impl Shown {
    const fn page(&self) -> &'static str {
        match self {
            Shown::Model(_) | Shown::Text(_) => include_str!("page/index.html"),
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
            (Shown::Text(explorer), "/api/open") => read(body, |_: &Value| Ok(explorer.opening())),
            (Shown::Text(explorer), "/api/state") => read(body, |asked| explorer.state(asked)),
            (Shown::Text(explorer), "/api/times") => read(body, |asked| explorer.times(asked)),
            (Shown::Text(explorer), "/api/find") => read(body, |asked| explorer.find(asked)),
            (Shown::Text(explorer), "/api/cancel") => read(body, |_: &Value| Ok(explorer.cancel())),
            (Shown::Text(explorer), "/api/scenario") => read(body, |asked| explorer.scenario(asked)),
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

impl From<TextExplorer> for Shown {
    fn from(explorer: TextExplorer) -> Shown {
        Shown::Text(Box::new(explorer))
    }
}

impl From<Arc<Recorder>> for Shown {
    fn from(recorder: Arc<Recorder>) -> Shown {
        Shown::Recording(recorder)
    }
}

/// A page that is being served.
pub struct Served {
    listener: TcpListener,
    page: Arc<Page>,
    stopped: Arc<AtomicBool>,
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
        let listener = TcpListener::bind(address).map_err(|error| format!("{address}: {error}"))?;
        let page = Arc::new(Page { shown: shown.into(), token: token.map(Token::new) });
        Ok(Served { listener, page, stopped: Arc::default() })
    }

    /// Where it is served.
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.local_addr().ok()
    }

    /// Answers until [`Stop::stop`] is called.
    pub fn run(&self) {
        serve(&self.listener, &self.page, &self.stopped);
    }

    /// Something that ends [`Served::run`].
    pub fn stop(&self) -> Stop {
        Stop::new(&self.listener, &self.stopped)
    }
}

struct Page {
    shown: Shown,
    token: Option<Token>,
}

impl Page {
    fn is_allowed(&self, head: &Head) -> bool {
        let Some(token) = &self.token else { return true };
        let query = head.path().1.split('&').find_map(|part| part.strip_prefix("token="));
        token.is_brought_by(head) || query.is_some_and(|given| token.is(given))
    }
}

impl Site for Page {
    const HEADERS: &'static str = "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
        Referrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\nContent-Security-Policy: default-src 'none'; \
        script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; \
        form-action 'none'; frame-ancestors 'none'\r\n";

    fn admit(&self, head: &Head) -> Result<usize, Reply> {
        // Who brings a token is known; under which name the page is reached then is for its host to say.
        if self.token.is_none() && !door::is_own(head) {
            return Err(Reply::text(403, "this name is not served here\n"));
        }
        match head.method.as_str() {
            "GET" => Ok(0),
            "POST" if self.is_allowed(head) => Ok(LARGEST),
            "POST" => Err(Reply::text(401, "the token is missing or wrong\n")),
            _ => Err(Reply::text(405, "GET and POST\n")),
        }
    }

    fn answer(&self, head: &Head, body: &[u8]) -> Reply {
        let path = head.path().0;
        if head.method == "GET" {
            if path == "/" {
                return Reply { status: 200, kind: "text/html; charset=utf-8", body: self.shown.page().to_owned() };
            }
            return match PAGE.iter().find(|(known, ..)| *known == path) {
                Some((_, kind, text)) => Reply { status: 200, kind, body: (*text).to_owned() },
                None => Reply::text(404, "there is no such page\n"),
            };
        }
        let told = |status: u16, why: &str| Reply::json(status, &json!({ "error": why }));
        // A defect in the world must not take the explorer with it.
        match catch_unwind(AssertUnwindSafe(|| self.shown.ask(path, body))) {
            Ok(Some(Ok(value))) => Reply::json(200, &value),
            Ok(Some(Err(Refused::Wrong(why)))) => told(400, &why),
            Ok(Some(Err(Refused::Busy))) => told(409, "another search is running; cancel it first"),
            Ok(None) => told(404, "there is no such question"),
            Err(_) => told(500, "this state is beyond what the model's world has room for"),
        }
    }
}
