//! Operators: a unix socket with one JSON document a line, and HTTP on loopback for metrics and status.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Event, Events};
use crate::control::{self, Request};

/// Octets of a request.
const LONGEST: u64 = 1 << 16;
/// Operators at a time.
const MOST: usize = 16;
/// How long the core may think, and how long an operator may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

/// The unix socket of that path. One that a dead process left is replaced.
///
/// # Errors
/// Another process listens there, or the folder does not allow it.
pub fn open(path: &Path) -> io::Result<UnixListener> {
    if UnixStream::connect(path).is_ok() {
        return Err(io::Error::new(io::ErrorKind::AddrInUse, "another process listens there"));
    }
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o660))?;
    Ok(listener)
}

/// Asks the core.
fn ask(events: &Events, request: Request) -> Value {
    let (answer, answered) = channel();
    if events.send(Event::Control(request, answer)).is_err() {
        return json!({"ok": false, "error": "the server is ending"});
    }
    answered.recv_timeout(PATIENCE).unwrap_or_else(|_| json!({"ok": false, "error": "no answer in time"}))
}

/// Serves operators until the process ends.
pub fn serve(listener: &UnixListener, events: &Events) {
    let busy = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming().flatten() {
        if busy.fetch_add(1, Ordering::Relaxed) >= MOST {
            busy.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        let (events, busy) = (events.clone(), busy.clone());
        thread::spawn(move || {
            let _ = lines(stream, &events);
            busy.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

fn lines(stream: UnixStream, events: &Events) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.by_ref().take(LONGEST).read_line(&mut line)? == 0 {
            return Ok(());
        }
        let answer = match control::parse(&line) {
            Ok(request) => ask(events, request),
            Err(error) => json!({"ok": false, "error": error}),
        };
        writeln!(writer, "{answer}")?;
    }
}

/// Serves `GET /metrics`, `/status`, `/bindings`, `/why/CLIENT` and `POST /control` until the process ends; one request
/// after the other.
pub fn http(listener: &TcpListener, events: &Events) {
    for mut stream in listener.incoming().flatten() {
        let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
        let _ = stream.set_write_timeout(Some(Duration::from_secs(2)));
        let Ok(asked) = Asked::read(BufReader::new(&stream).take(LONGEST)) else { continue };
        let (status, kind, body) = page(&asked, events);
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close");
        let _ = write!(stream, "{head}\r\n\r\n{body}");
    }
}

/// A request over HTTP, as far as it matters.
struct Asked {
    line: String,
    is_json: bool,
    body: String,
}

impl Asked {
    fn read(mut from: impl BufRead) -> io::Result<Asked> {
        let (mut line, mut length, mut is_json) = (String::new(), 0, false);
        from.read_line(&mut line)?;
        loop {
            let mut header = String::new();
            if from.read_line(&mut header)? == 0 || header.trim().is_empty() {
                break;
            }
            let header = header.to_ascii_lowercase();
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            } else if let Some(value) = header.strip_prefix("content-type:") {
                is_json = value.trim().starts_with("application/json");
            }
        }
        let mut body = Vec::new();
        from.take(length).read_to_end(&mut body)?;
        Ok(Asked { line, is_json, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

const JSON: &str = "application/json";

fn page(asked: &Asked, events: &Events) -> (&'static str, &'static str, String) {
    let mut words = asked.line.split_whitespace();
    let answer = |request| ("200 OK", JSON, ask(events, request).to_string());
    match (words.next(), words.next()) {
        (Some("GET"), Some("/metrics")) => {
            let answer = ask(events, Request::Metrics);
            let text = answer["text"].as_str().unwrap_or_default().to_owned();
            ("200 OK", "text/plain; version=0.0.4", text)
        }
        (Some("GET"), Some("/status")) => answer(Request::Status),
        (Some("GET"), Some("/bindings")) => answer(Request::Bindings { all: false }),
        (Some("GET"), Some(path)) if path.starts_with("/why/") => {
            answer(Request::Why { client: path["/why/".len()..].to_owned(), link: None })
        }
        // A page in a browser may not send this kind of content elsewhere without being allowed to.
        (Some("POST"), Some("/control")) if !asked.is_json => (
            "415 Unsupported Media Type",
            "text/plain",
            "Content-Type: application/json would be accepted\n".to_owned(),
        ),
        (Some("POST"), Some("/control")) => match control::parse(&asked.body) {
            Ok(request) => answer(request),
            Err(error) => ("400 Bad Request", JSON, json!({"ok": false, "error": error}).to_string()),
        },
        _ => (
            "404 Not Found",
            "text/plain",
            "GET /metrics, /status, /bindings or /why/CLIENT, or POST /control\n".to_owned(),
        ),
    }
}
