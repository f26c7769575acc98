//! A hostile page in a real browser tries the control of a server and the explorer, both on loopback. Skipped, aloud,
//! where there is no browser.

mod driver;

use dhcpfo_explorer::api::Explorer;
use dhcpfo_explorer::http::Served;
use dhcpfo_explorer::source::Source;
use dhcpfo_files::load::from_disk;
use dhcpfo_server::control::{Request, ask};
use dhcpfo_server::demo::{self, Shape};
use dhcpfo_server::run::{Options, Running, start};
use dhcpfo_server::store::Start;
use driver::Browser;
use serde_json::{Value, json};
use std::fs::Permissions;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const TOKEN: &str = "token-of-the-hostile-test-0123";

/// Everything that a page may try against `TARGET` without knowing the token, and with it where it says so. What is
/// answered so that the page can read it is a leak.
const ATTACK: &str = r#"
const done = arguments[arguments.length - 1];
const shutdown = JSON.stringify({ command: "shutdown" });
const leaks = [];
const attempt = async (name, options, path) => {
    try {
        const answer = await fetch(TARGET + path, options);
        if (answer.type !== "opaque") leaks.push(name + " " + answer.status + " " + (await answer.text()).slice(0, 60));
    } catch (refused) { /* as it should be */ }
};
const embed = (tag, path) => new Promise((resolve) => {
    const one = document.createElement(tag);
    one.onload = one.onerror = resolve;
    one.src = TARGET + path;
    document.body.append(one);
    setTimeout(resolve, 1000);
});
const form = (enctype, method, path) => new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.name = "f" + Math.random();
    const one = document.createElement("form");
    Object.assign(one, { enctype, method, action: TARGET + path, target: frame.name });
    const field = document.createElement("input");
    field.name = '{"command":"shutdown","x":"';
    field.value = '"}';
    one.append(field);
    document.body.append(frame, one);
    frame.onload = resolve;
    setTimeout(resolve, 1000);
    one.submit();
});
(async () => {
    for (const path of ["/control", "/api/open", "/status"]) {
        await attempt("simple", { method: "POST", mode: "no-cors", body: shutdown }, path);
        await attempt("plain", { method: "POST", body: shutdown }, path);
        await attempt("json", { method: "POST", headers: { "Content-Type": "application/json" }, body: shutdown }, path);
        await attempt("token", {
            method: "POST", headers: { "Content-Type": "application/json", "X-Token": KNOWN, "Authorization": "Bearer " + KNOWN },
            body: shutdown,
        }, path);
        await attempt("get", { mode: "no-cors" }, path);
        await attempt("read", {}, path);
        await attempt("with cookies", { credentials: "include" }, path);
        navigator.sendBeacon(TARGET + path, shutdown);
        navigator.sendBeacon(TARGET + path, new Blob([shutdown], { type: "application/x-www-form-urlencoded" }));
        await form("text/plain", "post", path);
        await form("application/x-www-form-urlencoded", "post", path);
        await form("multipart/form-data", "post", path);
    }
    for (const tag of ["img", "script", "iframe"]) await embed(tag, "/status");
    done(leaks);
})();
"#;

/// A listener that answers every request with the same text and remembers each.
fn listen(body: &'static str, headers: &'static str) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let heard = Arc::new(Mutex::new(Vec::new()));
    let kept = heard.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let kept = kept.clone();
            std::thread::spawn(move || {
                let _ = stream.set_read_timeout(Some(Duration::from_millis(300)));
                let mut octets = [0; 8192];
                let length = stream.read(&mut octets).unwrap_or(0);
                kept.lock().unwrap().push(String::from_utf8_lossy(&octets[..length]).into_owned());
                let length = body.len();
                let head =
                    format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n{headers}");
                let _ = write!(stream, "{head}Connection: close\r\n\r\n{body}");
            });
        }
    });
    (address, heard)
}

fn attack(browser: &Browser, target: SocketAddr, token: &str) -> Value {
    let script = ATTACK.replace("TARGET", &format!("\"http://{target}\"")).replace("KNOWN", &format!("\"{token}\""));
    browser.run_async(&script)
}

/// A server on loopback with its control over HTTP, in a folder of its own.
struct Victim {
    folder: PathBuf,
    socket: PathBuf,
    http: SocketAddr,
    running: Option<Running>,
}

impl Victim {
    fn new() -> Victim {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hostile-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let files = demo::write(&folder, &Shape::default()).unwrap();
        let http = TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr()).unwrap();
        let text = std::fs::read_to_string(&files.configs[0]).unwrap();
        let control = format!("[control]\nhttp = \"{http}\"\ntoken = \"token\"\n");
        std::fs::write(&files.configs[0], text.replace("[control]\n", &control)).unwrap();
        std::fs::write(folder.join("token"), TOKEN).unwrap();
        std::fs::set_permissions(folder.join("token"), Permissions::from_mode(0o600)).unwrap();
        let file = dhcpfo_files::server::server(files.configs[0].to_str().unwrap(), &from_disk).unwrap();
        let running = start(file, &Options { start: Start::Found, trace: None }).unwrap();
        Victim { folder, socket: files.sockets[0].clone(), http, running: Some(running) }
    }

    fn is_alive(&self) -> bool {
        ask(&self.socket, &Request::Status).is_ok_and(|status| status.error().is_none())
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn a_hostile_page_gets_nothing_and_changes_nothing() {
    let Some(browser) = Browser::start(800, 600, false) else { return };
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).expect("the root of the repository");
    let victim = Victim::new();
    let model = Source::of_model("models/broken/m01-no-mclt-in-wait-duplicate.toml").expect("a model");
    let served = Served::bind(Explorer::new(model, Vec::new()), ([127, 0, 0, 1], 0).into(), None).expect("an address");
    let (explorer, stop) = (served.address().expect("an address"), served.stop());
    std::thread::scope(|scope| {
        scope.spawn(|| served.run());
        let tried = || {
            from_its_own_site(&browser, &victim, explorer);
            under_a_name_that_leads_here(&browser, &victim, explorer);
        };
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(tried));
        stop.stop();
        result.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
}

fn from_its_own_site(browser: &Browser, victim: &Victim, explorer: SocketAddr) {
    let (page, _) = listen("<!doctype html><title>evil</title><body>win a prize</body>", "");
    // What the page tries does reach whom it is meant for, and is read where that lets it.
    let (careless, heard) = listen("secret", "Access-Control-Allow-Origin: *\r\n");
    browser.open(&format!("http://evil.test:{}/", page.port()));
    let leaks = attack(browser, careless, "guess");
    assert!(leaks.as_array().is_some_and(|leaks| leaks.len() >= 6), "the attack is one: {leaks}");
    let heard = heard.lock().unwrap();
    for part in ["POST /control", "OPTIONS /control", "Origin: http://evil.test", "text/plain", "multipart/form-data"] {
        assert!(heard.iter().any(|request| request.contains(part)), "{part} in {heard:#?}");
    }
    for site in ["evil.test", "localhost", "127.0.0.1"] {
        browser.open(&format!("http://{site}:{}/", page.port()));
        for (target, token) in [(victim.http, "guess"), (victim.http, TOKEN), (explorer, "guess")] {
            assert_eq!(attack(browser, target, token), json!([]), "{site} against {target}");
        }
    }
    assert!(victim.is_alive(), "it was not shut down");
}

/// DNS rebinding: the page's own name leads to loopback now, so that for the browser there is one site only.
fn under_a_name_that_leads_here(browser: &Browser, victim: &Victim, explorer: SocketAddr) {
    // What is shown forbids its scripts every connection. A page of somebody else's that was loaded under the name before it
    // led here would forbid nothing.
    browser.chrome("Page.setBypassCSP", json!({ "enabled": true }));
    for (port, path) in [(victim.http.port(), "/status"), (explorer.port(), "/")] {
        browser.open(&format!("http://evil.test:{port}{path}"));
        let shown = browser.run("return document.body.innerText");
        assert!(shown.as_str().is_some_and(|text| text.contains("this name is not served here")), "{shown}");
        let script = "const done = arguments[arguments.length - 1];
            const headers = { 'Content-Type': 'application/json', 'X-Token': KNOWN };
            const body = JSON.stringify({ command: 'shutdown' });
            const asked = [['/control', { method: 'POST', headers, body }], ['/api/open', { method: 'POST', body: '{}' }],
                ['/status', { headers }], ['/app.js', {}]];
            Promise.all(asked.map(([path, options]) => fetch(path, options).then((answer) => answer.status, (why) => String(why)))).then(done);";
        let answered = browser.run_async(&script.replace("KNOWN", &format!("'{TOKEN}'")));
        assert_eq!(answered, json!([403, 403, 403, 403]), "port {port}");
    }
    assert!(victim.is_alive(), "it was not shut down");
    // The same from where it may be asked: the test would notice.
    browser.open(&format!("http://{explorer}/"));
    let allowed = "const done = arguments[arguments.length - 1];
        fetch('/api/open', { method: 'POST', body: '{}' }).then((answer) => done(answer.status), (why) => done(String(why)));";
    assert_eq!(browser.run_async(allowed), json!(200));
}
