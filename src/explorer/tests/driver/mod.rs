//! A browser under a test's hands: chromedriver, spoken to in W3C WebDriver's JSON over HTTP.
#![allow(dead_code, reason = "each test file uses its own part")]

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A browser. It ends when this is dropped.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Browser {
    /// Starts one; None where there is no chromedriver, or no browser for it, which is said aloud.
    pub(crate) fn start(width: u32, height: u32, dark: bool) -> Option<Browser> {
        let spawned = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut driver) = spawned else {
            eprintln!(
                "SKIPPED: no chromedriver, so no browser has seen the page (apt-get install chromium chromium-driver)"
            );
            return None;
        };
        let lines = BufReader::new(driver.stdout.take().expect("its output")).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            line.split_once("successfully on port ")?.1.trim().trim_end_matches('.').parse::<u16>().ok()
        });
        let port = port.expect("chromedriver says its port");
        let mut browser = Browser { driver, port, session: String::new() };
        let flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            // A name that somebody else has chosen and that leads here.
            "--host-resolver-rules=MAP evil.test 127.0.0.1",
        ];
        let capabilities = json!({
            "goog:chromeOptions": { "args": flags },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let started =
            browser.send("POST", "/session", Some(json!({ "capabilities": { "alwaysMatch": capabilities } })));
        let Some(session) = started["sessionId"].as_str() else {
            eprintln!("SKIPPED: chromedriver starts no browser, so none has seen the page: {started}");
            return None;
        };
        browser.session = format!("/session/{session}");
        browser.resize(width, height);
        let scheme = if dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        browser.chrome("Emulation.setEmulatedMedia", features);
        Some(browser)
    }

    /// Another size of the page.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.chrome("Emulation.setDeviceMetricsOverride", metrics);
    }

    fn send(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("chromedriver listens");
        stream.set_read_timeout(Some(Duration::from_secs(120))).expect("a time-out");
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).expect("it reads");
        let mut answer = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            answer.read_line(&mut line).expect("it answers");
            if line.trim().is_empty() {
                break;
            }
            if let Some(number) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = number.trim().parse().expect("a length");
            }
        }
        let mut octets = vec![0; length];
        answer.read_exact(&mut octets).expect("the whole answer");
        serde_json::from_slice::<Value>(&octets).expect("JSON")["value"].take()
    }

    fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let value = self.send(method, &format!("{}{path}", self.session), body);
        assert!(value["error"].is_null(), "{path}: {value}");
        value
    }

    /// A command of the Chrome DevTools Protocol.
    pub(crate) fn chrome(&self, command: &str, parameters: Value) {
        self.ask("POST", "/goog/cdp/execute", Some(json!({ "cmd": command, "params": parameters })));
    }

    /// Opens an address.
    pub(crate) fn open(&self, address: &str) {
        self.ask("POST", "/url", Some(json!({ "url": address })));
    }

    /// What a function's body gives in the page.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.ask("POST", "/execute/sync", Some(json!({ "script": script, "args": [] })))
    }

    /// What a function's body gives that ends with a call of `arguments[0]`.
    pub(crate) fn run_async(&self, script: &str) -> Value {
        self.ask("POST", "/execute/async", Some(json!({ "script": script, "args": [] })))
    }

    /// Waits until an expression of the page is true.
    pub(crate) fn until(&self, expression: &str) {
        let begun = Instant::now();
        while self.run(&format!("return Boolean({expression})")) != json!(true) {
            let notes =
                "return document.getElementById('notes')?.textContent + document.getElementById('found')?.textContent";
            assert!(begun.elapsed() < Duration::from_secs(60), "never true: {expression}; {}", self.run(notes));
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Clicks, as a person would: the element has to be there and in view.
    pub(crate) fn click(&self, selector: &str) {
        let found = self.ask("POST", "/element", Some(json!({ "using": "css selector", "value": selector })));
        let id =
            found.as_object().and_then(|fields| fields.values().next()).and_then(Value::as_str).expect("an element");
        self.ask("POST", &format!("/element/{id}/click"), Some(json!({})));
    }

    /// Presses keys, one after the other.
    pub(crate) fn press(&self, keys: &str) {
        let strokes = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|what| json!({ "type": what, "value": key.to_string() })));
        let actions = json!({ "actions": [{ "type": "key", "id": "keys", "actions": strokes.collect::<Vec<_>>() }] });
        self.ask("POST", "/actions", Some(actions));
    }

    /// Opens a new window and works there from now on.
    pub(crate) fn new_window(&self) {
        let window = self.ask("POST", "/window/new", Some(json!({ "type": "window" })));
        self.ask("POST", "/window", Some(json!({ "handle": window["handle"] })));
    }

    /// A picture of the page, as PNG in base 64.
    pub(crate) fn picture(&self) -> String {
        self.ask("GET", "/screenshot", None).as_str().expect("a picture").to_owned()
    }

    /// What the page has complained about.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.ask("POST", "/se/log", Some(json!({ "type": "browser" })));
        let severe = log.as_array().into_iter().flatten().filter(|entry| entry["level"] == "SEVERE");
        severe.map(|entry| entry["message"].to_string()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Not through `send`, which would panic again where this ends a failed test.
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let head = format!("DELETE {} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", self.session);
            let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.read_to_end(&mut Vec::new()));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
