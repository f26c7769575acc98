//! Requests over HTTP, as a program or an attacker makes them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::pair::TOKEN;

/// Sends octets and gives the whole answer, empty if there is none.
pub(crate) fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // It may be refused before all of it has been read.
    let _ = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of an answer; 0 if there is none.
pub(crate) fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
}

/// The header lines that let a request in.
pub(crate) fn good() -> String {
    format!("Host: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n")
}

/// A request with these header lines.
pub(crate) fn request(address: SocketAddr, method: &str, path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    exchange(address, &format!("{method} {path} HTTP/1.1\r\n{headers}Content-Length: {length}\r\n\r\n{body}"))
}

pub(crate) fn get(address: SocketAddr, page: &str) -> String {
    request(address, "GET", page, &good(), "")
}

pub(crate) fn post(address: SocketAddr, kind: &str, body: &str) -> String {
    request(address, "POST", "/control", &format!("{}Content-Type: {kind}\r\n", good()), body)
}
