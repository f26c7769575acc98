//! The control over HTTP, as an attacker on this machine, or in a browser on it, would try it.

use std::fs::Permissions;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use crate::harness::pair::{Pair, TOKEN, dhcpfo, resident};
use crate::harness::web::{exchange, get, good, post, request, status};
use dhcpfo_server::demo::Shape;

const SHUTDOWN: &str = "{\"command\":\"shutdown\"}";

/// One server alone, which has a control over HTTP.
fn served(name: &str) -> (Pair, SocketAddr) {
    let mut pair = Pair::new(name, &Shape::default());
    let http = pair.with_http(0);
    pair.start(0, &[]);
    pair.wait("started", |pair| pair.state(0) != "- not running");
    (pair, http)
}

#[test]
fn nobody_is_let_in_without_the_token_or_from_another_page() {
    let (pair, http) = served("web-door");
    let json = "Content-Type: application/json\r\n";
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let host = "Host: 127.0.0.1\r\n";
    let port = http.port();
    let origin = |origin: &str| format!("Host: 127.0.0.1:{port}\r\nOrigin: {origin}\r\n{bearer}{json}");
    let cases = [
        (401, format!("{host}{json}")),
        (401, format!("{host}{json}Authorization: Bearer wrong-wrong-wrong-wrong\r\n")),
        (401, format!("{host}{json}Authorization: Basic {TOKEN}\r\n")),
        (401, format!("{host}{json}Cookie: token={TOKEN}\r\n")),
        (401, format!("{host}{json}{bearer}{bearer}")),
        (403, format!("{bearer}{json}")),
        (403, format!("Host: evil.example\r\n{bearer}{json}")),
        (403, format!("Host: evil.example:{port}\r\n{bearer}{json}")),
        (403, format!("Host: 127.0.0.1.evil.example\r\n{bearer}{json}")),
        (403, format!("Host: localhost\r\nHost: evil.example\r\n{bearer}{json}")),
        (403, origin("null")),
        (403, origin("http://evil.example")),
        (403, origin(&format!("http://evil.example:{port}"))),
        (403, origin("http://127.0.0.1:1")),
        (403, origin(&format!("http://localhost:{port}"))),
        (403, origin(&format!("https://127.0.0.1:{port}"))),
        (415, format!("{host}{bearer}")),
        (415, format!("{host}{bearer}Content-Type: text/plain\r\n")),
        (415, format!("{host}{bearer}Content-Type: application/x-www-form-urlencoded\r\n")),
        (415, format!("{host}{bearer}Content-Type: text/plain; application/json\r\n")),
    ];
    for (expected, headers) in cases {
        let answer = request(http, "POST", "/control", &headers, SHUTDOWN);
        assert_eq!(status(&answer), expected, "{headers}\n{answer}");
        assert!(!answer.contains(TOKEN) && !answer.contains("Access-Control"), "{answer}");
    }
    for page in ["/metrics", "/status", "/bindings", "/why/02:00:00:00:00:01", "/x", &format!("/status?token={TOKEN}")]
    {
        assert_eq!(status(&request(http, "GET", page, host, "")), 401, "{page}");
    }
    for (method, page) in
        [("POST", "/status"), ("GET", "/control"), ("PUT", "/control"), ("OPTIONS", "/control"), ("HEAD", "/status")]
    {
        assert_eq!(status(&request(http, method, page, &good(), "")), 405, "{method} {page}");
    }
    assert_eq!(status(&request(http, "OPTIONS", "/control", &origin("http://evil.example"), "")), 403);
    assert_ne!(pair.state(0), "- not running", "none of this was obeyed");
    for host in ["localhost", "[::1]:8067", "127.0.0.1", &http.to_string()] {
        let headers = format!("Host: {host}\r\nX-Token: {TOKEN}\r\n");
        assert_eq!(status(&request(http, "GET", "/status", &headers, "")), 200, "{host}");
    }
    assert_eq!(status(&request(http, "GET", "/status", &origin(&format!("http://127.0.0.1:{port}")), "")), 200);
    assert!(post(http, "application/json; charset=utf-8", "{\"command\":\"rebalance\"}").contains("\"ok\":true"));
}

#[test]
fn slow_and_large_requests_stall_nobody() {
    let (pair, http) = served("web-slow");
    let quick = || {
        let begun = Instant::now();
        assert_eq!(status(&get(http, "/status")), 200);
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    };
    // Connections that say nothing, half a head, or half a body: more than there may be.
    let mut open = Vec::new();
    for round in 0..200 {
        let mut stream = TcpStream::connect(http).unwrap();
        let begun = match round % 3 {
            0 => String::new(),
            1 => "GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ".to_owned(),
            _ => format!(
                "POST /control HTTP/1.1\r\n{}Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{{",
                good()
            ),
        };
        let _ = stream.write_all(begun.as_bytes());
        open.push(stream);
    }
    quick();
    // One octet at a time is no way to stay.
    let mut dripping = TcpStream::connect(http).unwrap();
    let begun = Instant::now();
    let mut left = false;
    while begun.elapsed() < Duration::from_secs(20) && !left {
        left = dripping.write_all(b"G").is_err();
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(left, "it was not ended");
    quick();
    let head = |fields: &str| format!("GET /status HTTP/1.1\r\n{}{fields}\r\n", good());
    assert_eq!(status(&exchange(http, &head(&format!("X: {}\r\n", "x".repeat(20_000))))), 431);
    assert_eq!(status(&exchange(http, &head(&"X: y\r\n".repeat(100)))), 431);
    assert_eq!(status(&exchange(http, &format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(100_000)))), 431);
    let command = |length: &str, body: &str| {
        let head = format!("POST /control HTTP/1.1\r\n{}Content-Type: application/json\r\n", good());
        status(&exchange(http, &format!("{head}{length}\r\n\r\n{body}")))
    };
    assert_eq!(command("Content-Length: 99999999999", "{"), 413);
    assert_eq!(command("Content-Length: 65537", &" ".repeat(65_537)), 413);
    assert_eq!(command("Content-Length: -1", "{"), 400);
    assert_eq!(command("Content-Length: 1\r\nContent-Length: 2", "{}"), 400);
    assert_eq!(command("Transfer-Encoding: chunked", "2\r\n{}\r\n0\r\n\r\n"), 411);
    assert_eq!(command("Content-Length: 2", "{}"), 400, "no command");
    assert_eq!(command("Content-Length: 5", "{\"co\u{fffd}mmand"), 400);
    // Empty lines before a request are skipped (RFC 9112 §2.2), and then none comes.
    assert_eq!(status(&exchange(http, "\r\n\r\n")), 408);
    for noise in ["\0\u{1}nonsense\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9\r\n\r\n"] {
        assert_eq!(status(&exchange(http, noise)), 400, "{noise:?}");
    }
    quick();
    drop(open);
    assert!(resident(pair.process(0)) < 200 << 10);
}

#[test]
fn without_a_token_there_is_no_http_and_a_token_that_others_read_is_refused() {
    let mut pair = Pair::new("web-token", &Shape::default());
    let http = pair.with_http(0);
    let config = pair.files.configs[0].clone();
    let with_token = std::fs::read_to_string(&config).unwrap();
    let run = |arguments: &[&str]| {
        let output = dhcpfo().arg("serve").args(arguments).arg(&config).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    assert_eq!(run(&["--check"]).0, Some(0));
    for mode in [0o644, 0o640, 0o604] {
        std::fs::set_permissions(pair.token(), Permissions::from_mode(mode)).unwrap();
        for (arguments, expected) in [(&["--check"][..], 2), (&[], 1)] {
            let (code, said) = run(arguments);
            assert!(
                code == Some(expected) && said.contains("control.token") && said.contains("mode 0600 would"),
                "{said}"
            );
        }
    }
    std::fs::set_permissions(pair.token(), Permissions::from_mode(0o600)).unwrap();
    std::fs::write(pair.token(), "short\n").unwrap();
    assert!(run(&["--check"]).1.contains("16 to 256 visible"));
    std::fs::remove_file(pair.token()).unwrap();
    let (code, said) = run(&["--check"]);
    assert!(code == Some(2) && said.contains("control.token") && said.contains("No such file"), "{said}");
    assert_eq!(run(&[]).0, Some(1));
    // None is named: it runs, without HTTP, and says so.
    std::fs::write(&config, with_token.replace("token = \"token\"\n", "")).unwrap();
    let (code, said) = run(&["--check"]);
    assert!(code == Some(0) && said.contains("control.http: is off without control.token"), "{said}");
    pair.start(0, &[]);
    pair.wait("started", |pair| pair.state(0) != "- not running");
    assert!(TcpStream::connect(http).is_err(), "nobody listens");
    assert!(std::fs::read_to_string(pair.log(0)).unwrap().contains("control.http: is off without control.token"));
    // Only loopback is listened on.
    for address in ["0.0.0.0:8067", "[::]:8067", "192.0.2.1:8067"] {
        std::fs::write(&config, with_token.replace(&http.to_string(), address)).unwrap();
        let (code, said) = run(&["--check"]);
        assert!(code == Some(2) && said.contains("is no loopback address"), "{said}");
    }
}

#[test]
fn loopback_of_ipv6_is_served_alike() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        return eprintln!("SKIPPED: this machine has no IPv6 loopback; the control was not tried on it");
    };
    let six = listener.local_addr().unwrap();
    drop(listener);
    let mut pair = Pair::new("web-six", &Shape::default());
    let four = pair.with_http(0);
    let text = std::fs::read_to_string(&pair.files.configs[0]).unwrap();
    std::fs::write(&pair.files.configs[0], text.replace(&four.to_string(), &six.to_string())).unwrap();
    pair.start(0, &[]);
    pair.wait("started", |pair| pair.state(0) != "- not running");
    let ask =
        |host: &str| status(&request(six, "GET", "/status", &format!("Host: {host}\r\nX-Token: {TOKEN}\r\n"), ""));
    assert_eq!((ask(&six.to_string()), ask("[::1]"), ask("evil.example")), (200, 200, 403));
    let mut unread = TcpStream::connect(six).unwrap();
    unread.write_all(b"GET /status HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = String::new();
    unread.read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), 403);
}
