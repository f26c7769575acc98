//! `dhcpfo serve --demo`: two servers on loopback, and clients that take leases from them.

use crate::ctl;
use crate::exit::{Error, Exit};
use crate::output;
use dhcpfo_documents::control::Status;
use dhcpfo_server::client::{Action, Options, run};
use dhcpfo_server::control::{Answer, Request, ask};
use dhcpfo_server::demo::{Pair, Shape, write};
use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often what the pair is doing is shown, while nothing changes.
const PERIOD: Duration = Duration::from_secs(10);

/// The two processes; they end with this value.
struct Servers(Vec<Child>);

impl Drop for Servers {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // It may have ended.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn failed(what: &str, error: impl std::fmt::Display) -> Error {
    Error::words(format!("{what}: {error}"))
}

/// Runs until Ctrl-C, or for so many seconds.
pub(crate) fn demo(seconds: Option<u64>) -> Result<Exit, Error> {
    let folder = std::env::temp_dir().join(format!("dhcpfo-demo-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| failed("the demonstration's folder", error))?;
    let pair = write(&folder, &Shape::default()).map_err(|error| failed("the demonstration's folder", error))?;
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed)).map_err(|error| failed("signals", error))?;
    let shown = show(&folder, &pair, seconds.map(Duration::from_secs), &stop);
    // What is left of it is of no use.
    let _ = std::fs::remove_dir_all(&folder);
    shown
}

fn show(folder: &Path, pair: &Pair, time: Option<Duration>, stop: &AtomicBool) -> Result<Exit, Error> {
    let mut servers = Servers(Vec::new());
    for (config, name) in pair.configs.iter().zip(["a", "b"]) {
        servers.0.push(spawn(config, &folder.join(format!("{name}.log")))?);
    }
    let [a, b] = pair.clients;
    output::line(&format!("two servers hear clients at {a} and {b}; what they write is in {}", folder.display()));
    output::line(&format!("try: dhcpfo ctl --socket {} status", pair.sockets[0].display()));
    output::line(&format!("     dhcpfo client --server {a} --server {b} --count 5"));
    let begun = Instant::now();
    let mut last = Vec::new();
    let mut shown = Instant::now();
    let mut leases = 0;
    while !stop.load(Ordering::Relaxed) && time.is_none_or(|time| begun.elapsed() < time) {
        std::thread::sleep(Duration::from_millis(200));
        let status: Vec<Option<Status>> = pair.sockets.iter().map(|socket| status(socket)).collect();
        let states: Vec<String> = status.iter().map(|status| describe(status.as_ref())).collect();
        if states != last {
            let at = begun.elapsed().as_secs_f64();
            output::line(&format!("{at:6.1} s  primary {:<28} secondary {}", states[0], states[1]));
            last = states;
        }
        let normal = status.iter().flatten().filter(|status| status.state == "NORMAL").count() == 2;
        if normal && (leases == 0 || shown.elapsed() >= PERIOD) {
            take(folder, pair, if leases == 0 { 4 } else { 1 })?;
            leases += 1;
            std::thread::sleep(Duration::from_millis(300));
            bindings(pair);
            shown = Instant::now();
        }
    }
    Ok(if leases > 0 { Exit::Expected } else { Exit::Unexpected })
}

fn spawn(config: &Path, log: &Path) -> Result<Child, Error> {
    let program = std::env::current_exe().map_err(|error| failed("this program", error))?;
    let log = File::create(log).map_err(|error| failed("a log", error))?;
    let child =
        Command::new(program).arg("serve").arg(config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
    child.map_err(|error| failed("a server", error))
}

fn status(socket: &Path) -> Option<Status> {
    match ask(socket, &Request::Status) {
        Ok(Answer::Status(status)) => Some(*status),
        _ => None,
    }
}

fn describe(status: Option<&Status>) -> String {
    match status {
        Some(Status { state, phase, .. }) if phase == "running" => state.clone(),
        Some(Status { state, phase, .. }) => format!("{state} ({phase})"),
        None => "starting".to_owned(),
    }
}

/// Clients obtain addresses and renew those that they have.
fn take(folder: &Path, pair: &Pair, count: u32) -> Result<(), Error> {
    let v4 = |address: &SocketAddr| match address {
        SocketAddr::V4(address) => Some(*address),
        SocketAddr::V6(_) => None,
    };
    let options = |action, count| Options {
        servers: pair.clients.iter().filter_map(v4).collect(),
        local: std::net::SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 0),
        link: None,
        action,
        count,
        rate: 0.0,
        time: None,
        patience: Duration::from_secs(1),
        tries: 4,
        record: Some(folder.join("leases.jsonl")),
        verbose: true,
    };
    for options in [options(Action::Renew, None), options(Action::Obtain, Some(count))] {
        let summary = run(&options).map_err(|error| failed("the client", error))?;
        summary.duplicates.iter().for_each(|duplicate| output::line(&format!("DUPLICATE: {duplicate}")));
    }
    Ok(())
}

fn bindings(pair: &Pair) {
    for (socket, role) in pair.sockets.iter().zip(["primary", "secondary"]) {
        let Ok(Answer::Bindings(answer)) = ask(socket, &Request::Bindings { all: false }) else { continue };
        output::line(&format!("         bindings of the {role}"));
        ctl::bindings(&answer).iter().for_each(|line| output::line(&format!("           {line}")));
    }
}
