//! The HTTP side: what is served, to whom, and what is refused.

use dhcpfo_explorer::api::Explorer;
use dhcpfo_explorer::http::Served;
use dhcpfo_explorer::source::Source;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

const TOKEN: &str = "0123456789abcdef";

fn explorer() -> Explorer {
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).expect("the root of the repository");
    Explorer::new(Source::of_model("models/broken/m01-no-mclt-in-wait-duplicate.toml").unwrap(), Vec::new())
}

/// Sends octets and gives the whole answer.
fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    // The server may refuse before it has read everything.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn request(method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
    let host = if headers.contains("Host:") { "" } else { "Host: 127.0.0.1\r\n" };
    let length = body.len();
    format!("{method} {path} HTTP/1.1\r\n{host}Connection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
        .into_bytes()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or_else(|| panic!("no status in {answer:?}"))
}

fn with_server(token: Option<&str>, test: impl FnOnce(SocketAddr)) {
    let served = Served::bind(explorer(), ([127, 0, 0, 1], 0).into(), token.map(str::to_owned)).expect("an address");
    let (address, stop) = (served.address().expect("an address"), served.stop());
    std::thread::scope(|scope| {
        scope.spawn(|| served.run());
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(address)));
        stop.stop();
        result.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
}

#[test]
fn what_is_served_and_what_is_refused() {
    with_server(None, |address| {
        let ask = |method: &str, path: &str, headers: &str, body: &str| {
            exchange(address, &request(method, path, headers, body))
        };
        for path in ["/", "/app.js", "/view.js", "/style.css", "/diagram.css"] {
            assert_eq!(status(&ask("GET", path, "", "")), 200, "{path}");
        }
        assert!(ask("GET", "/", "", "").contains("Content-Security-Policy: default-src 'none'"));
        let state = ask("POST", "/api/state", "", "{}");
        assert_eq!(status(&state), 200);
        assert!(state.contains("no-duplicate-address"));
        for path in
            ["/../Cargo.toml", "/etc/passwd", "/..%2f..%2fetc/passwd", "//etc/passwd", "/models/one-address.toml"]
        {
            assert_eq!(status(&ask("GET", path, "", "")), 404, "{path}");
        }
        for (body, wrong) in [
            ("", 400),
            ("nonsense", 400),
            ("{\"path\":5}", 400),
            ("{\"source\":\"../../etc/passwd\"}", 400),
            ("{\"unknown\":1}", 400),
            ("{\"with\":[[\"lead-base\",\"\\u0000\"]]}", 400),
            ("{\"path\":[\"client 255 obtain a4294967295 primary\"]}", 200),
        ] {
            assert_eq!(status(&ask("POST", "/api/state", "", body)), wrong, "{body}");
        }
        assert_eq!(status(&ask("POST", "/api/nothing", "", "{}")), 404);
        assert_eq!(status(&ask("PUT", "/", "", "")), 405);
        assert_eq!(status(&ask("POST", "/api/state", "", &" ".repeat(600_000))), 413);
        assert_eq!(
            status(&ask("POST", "/api/state", "Host: evil.example\r\n", "{}")),
            403,
            "another name for loopback"
        );
        assert_eq!(
            status(&ask("POST", "/api/state", "Origin: http://evil.example\r\n", "{}")),
            403,
            "somebody else's page"
        );
        exchange(address, b"\x00\xff\xfe nonsense\r\n\r\n");
        assert_eq!(status(&ask("POST", "/api/state", "", "{}")), 200, "it still answers");
    });
}

#[test]
fn a_token_is_asked_for() {
    with_server(Some(TOKEN), |address| {
        let ask = |path: &str, headers: &str| status(&exchange(address, &request("POST", path, headers, "{}")));
        assert_eq!(ask("/api/state", ""), 401);
        assert_eq!(ask("/api/state", "X-Token: 0123456789abcdeX\r\n"), 401);
        assert_eq!(ask("/api/state?token=0123", ""), 401);
        assert_eq!(ask("/api/state", &format!("X-Token: {TOKEN}\r\n")), 200);
        assert_eq!(ask(&format!("/api/state?token={TOKEN}"), ""), 200);
    });
    for token in [None, Some("short".to_owned())] {
        let refused = Served::bind(explorer(), ([0, 0, 0, 0], 0).into(), token).err().expect("no token");
        assert!(refused.contains("token of") || refused.contains("a token"), "{refused}");
    }
}
