//! A pair of real processes on loopback. Each is ended by its own id when the test ends, however it ends.

use std::fs::{File, Permissions};
use std::io::{BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use dhcpfo_server::control::{Request, ask};
use dhcpfo_server::demo::{self, Shape};
use dhcpfo_server::trace::replay;
use serde_json::Value;

/// Longer than anything here takes on a machine that is busy, or stands still for a while.
const PATIENCE: Duration = Duration::from_secs(240);

/// The token of controls over HTTP.
pub(crate) const TOKEN: &str = "token-of-the-tests-0123456789";

pub(crate) struct Pair {
    pub(crate) folder: PathBuf,
    pub(crate) files: demo::Pair,
    servers: [Option<Child>; 2],
    /// Which server wrote it, and where: what it did is done again when it has ended.
    traces: Vec<(usize, PathBuf)>,
    started: usize,
    keep: bool,
    /// The network namespace in which the servers run.
    pub(crate) namespace: Option<String>,
}

pub(crate) fn dhcpfo() -> Command {
    Command::new(env!("CARGO_BIN_EXE_dhcpfo"))
}

/// The same in a network namespace.
pub(crate) fn dhcpfo_within(namespace: &str) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", namespace, env!("CARGO_BIN_EXE_dhcpfo")]);
    command
}

impl Pair {
    /// Configurations in a folder of this name; nothing runs yet.
    pub(crate) fn new(name: &str, shape: &Shape) -> Pair {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let files = demo::write(&folder, shape).unwrap();
        Pair { folder, files, servers: [None, None], traces: Vec::new(), started: 0, keep: false, namespace: None }
    }

    /// Both run and are in NORMAL.
    pub(crate) fn normal(name: &str, shape: &Shape) -> Pair {
        let mut pair = Pair::new(name, shape);
        pair.start(0, &[]);
        pair.start(1, &[]);
        pair.wait_states(["NORMAL", "NORMAL"]);
        pair
    }

    /// Gives a server that does not run yet a control over HTTP with a token: where.
    pub(crate) fn with_http(&self, at: usize) -> SocketAddr {
        let address = TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr()).unwrap();
        let text = std::fs::read_to_string(&self.files.configs[at]).unwrap();
        let lines = format!("[control]\nhttp = \"{address}\"\ntoken = \"token\"\n");
        std::fs::write(&self.files.configs[at], text.replacen("[control]\n", &lines, 1)).unwrap();
        std::fs::write(self.token(), format!("{TOKEN}\n")).unwrap();
        std::fs::set_permissions(self.token(), Permissions::from_mode(0o600)).unwrap();
        address
    }

    /// The file with [`TOKEN`], of mode 0600.
    pub(crate) fn token(&self) -> PathBuf {
        self.folder.join("token")
    }

    pub(crate) fn log(&self, at: usize) -> PathBuf {
        self.folder.join(["a.log", "b.log"][at])
    }

    pub(crate) fn logged(&self, at: usize) -> String {
        std::fs::read_to_string(self.log(at)).unwrap_or_default()
    }

    /// Puts something else into a configuration, in which it has to be.
    pub(crate) fn replace(&self, at: usize, from: &str, to: &str) {
        let text = std::fs::read_to_string(&self.files.configs[at]).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(&self.files.configs[at], text.replace(from, to)).unwrap();
    }

    pub(crate) fn start(&mut self, at: usize, arguments: &[&str]) {
        let log = File::options().create(true).append(true).open(self.log(at)).unwrap();
        let trace = self.folder.join(format!("{}.{}.jsonl", ["a", "b"][at], self.started));
        self.started += 1;
        let mut command = match &self.namespace {
            None => dhcpfo(),
            Some(name) => dhcpfo_within(name),
        };
        command.arg("serve").arg(&self.files.configs[at]).arg("--trace").arg(&trace);
        command.args(arguments).stderr(log).stdout(Stdio::null());
        self.traces.push((at, trace));
        self.servers[at] = Some(command.spawn().unwrap());
    }

    /// A server that was started in another way, without a trace.
    pub(crate) fn adopt(&mut self, at: usize, server: Child) {
        self.servers[at] = Some(server);
    }

    /// The number of a server's process.
    pub(crate) fn process(&self, at: usize) -> u32 {
        self.servers[at].as_ref().unwrap().id()
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self, at: usize) {
        if let Some(mut child) = self.servers[at].take() {
            child.kill().unwrap();
            child.wait().unwrap();
            self.accept(at);
        }
    }

    /// The traces of a server that has ended: each input was possible, and each effect is the same again.
    fn accept(&mut self, at: usize) {
        let (done, rest) = std::mem::take(&mut self.traces).into_iter().partition(|(whose, _)| *whose == at);
        self.traces = rest;
        let done: Vec<(usize, PathBuf)> = done;
        for (_, trace) in done {
            if thread::panicking() {
                continue;
            }
            // One that cannot start may have written nothing.
            let Ok(file) = File::open(&trace).map(BufReader::new) else { continue };
            if std::fs::metadata(&trace).unwrap().len() == 0 {
                continue;
            }
            let replayed = replay(file).unwrap_or_else(|problem| panic!("{}:{problem}", trace.display()));
            assert!(replayed.starts > 0, "{replayed:?}");
            std::fs::remove_file(trace).unwrap();
        }
    }

    /// The trace that a server is writing.
    pub(crate) fn trace(&self, at: usize) -> PathBuf {
        self.traces.iter().rfind(|(whose, _)| *whose == at).unwrap().1.clone()
    }

    /// Waits until a server has ended by itself.
    pub(crate) fn ended(&mut self, at: usize) -> i32 {
        let mut child = self.servers[at].take().unwrap();
        let begun = Instant::now();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                self.accept(at);
                return status.code().unwrap_or(-1);
            }
            if begun.elapsed() > PATIENCE {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("server {at} does not end");
            }
            sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn ask(&self, at: usize, request: &Request) -> Value {
        // What is not of its type would be lost here.
        let told = |answer| serde_json::to_value(answer).expect("an answer");
        ask(&self.files.sockets[at], request).map(told).unwrap_or_default()
    }

    pub(crate) fn state(&self, at: usize) -> String {
        let status = self.ask(at, &Request::Status);
        let running = status["phase"] == "running";
        let state = status["state"].as_str().unwrap_or("-");
        if running { state.to_owned() } else { format!("{state} not running") }
    }

    pub(crate) fn wait(&self, what: &str, mut until: impl FnMut(&Pair) -> bool) {
        let begun = Instant::now();
        while !until(self) {
            if begun.elapsed() > PATIENCE {
                let logs: Vec<_> = (0..2).map(|at| std::fs::read_to_string(self.log(at)).unwrap_or_default()).collect();
                panic!("{what}: not in time\n--- a\n{}\n--- b\n{}", tail(&logs[0]), tail(&logs[1]));
            }
            sleep(Duration::from_millis(100));
        }
    }

    pub(crate) fn wait_states(&self, states: [&str; 2]) {
        self.wait(&format!("{states:?}"), |pair| (0..2).all(|at| pair.state(at) == states[at]));
    }

    pub(crate) fn wait_state(&self, at: usize, state: &str) {
        self.wait(state, |pair| pair.state(at) == state);
    }

    /// The client's own judgement.
    pub(crate) fn client(&self, arguments: &[&str]) -> Value {
        self.judged(self.client_command(arguments).spawn().unwrap())
    }

    /// Waits for clients that run already. What they say is a few lines: it fits into the pipe.
    pub(crate) fn judged(&self, mut clients: Child) -> Value {
        let begun = Instant::now();
        while clients.try_wait().unwrap().is_none() {
            if begun.elapsed() > PATIENCE {
                clients.kill().unwrap();
                clients.wait().unwrap();
                panic!("the clients do not end");
            }
            sleep(Duration::from_millis(20));
        }
        let output = clients.wait_with_output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
    }

    pub(crate) fn client_command(&self, arguments: &[&str]) -> Command {
        let mut command = dhcpfo();
        command.args(["client", "--json", "--record"]).arg(self.folder.join("leases.jsonl"));
        for server in self.files.clients {
            command.args(["--server", &server.to_string()]);
        }
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::inherit());
        command
    }

    pub(crate) fn ctl(&self, at: usize, arguments: &[&str]) -> Output {
        dhcpfo().arg("ctl").arg("--socket").arg(&self.files.sockets[at]).args(arguments).output().unwrap()
    }

    /// Addresses of a server with this status.
    pub(crate) fn with_status(&self, at: usize, status: &str) -> Vec<String> {
        let answer = self.ask(at, &Request::Bindings { all: true });
        let rows = answer["bindings"].as_array().cloned().unwrap_or_default();
        let found = rows.iter().filter(|row| row["status"] == status);
        found.map(|row| row["address"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until the partner of each has acknowledged everything.
    pub(crate) fn wait_told(&self) {
        self.wait("everything told", |pair| {
            (0..2).all(|at| pair.ask(at, &Request::Status)["partner"]["updates-waiting"] == 0)
        });
    }
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

impl Drop for Pair {
    fn drop(&mut self) {
        (0..2).for_each(|at| self.kill(at));
        if !thread::panicking() && !self.keep {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// Resident memory of the server that listens at a control socket, in KiB.
pub(crate) fn resident(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Nothing counts against the clients' record.
pub(crate) fn good(summary: &Value) {
    assert_eq!(summary["duplicates"], Value::Array(Vec::new()), "{summary}");
    assert_eq!((&summary["lost"], &summary["unanswered"]), (&Value::from(0), &Value::from(0)), "{summary}");
}

pub(crate) const PASS: u8 = 0;
pub(crate) const CLOSED: u8 = 1;
pub(crate) const FROZEN: u8 = 2;

/// What stands between the two servers.
pub(crate) struct Cable {
    pub(crate) mode: Arc<AtomicU8>,
    listeners: Vec<TcpListener>,
    pub(crate) addresses: [SocketAddr; 2],
}

impl Cable {
    pub(crate) fn new() -> Cable {
        let listeners: Vec<_> = (0..2).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let addresses = [listeners[0].local_addr().unwrap(), listeners[1].local_addr().unwrap()];
        Cable { mode: Arc::new(AtomicU8::new(PASS)), listeners, addresses }
    }

    /// Connects the ends: what server 0 dials arrives at server 1.
    pub(crate) fn plug(&self, pair: &Pair) {
        for (at, listener) in self.listeners.iter().enumerate() {
            let (listener, mode, target) =
                (listener.try_clone().unwrap(), self.mode.clone(), pair.files.failover[1 - at]);
            thread::spawn(move || {
                for near in listener.incoming().flatten() {
                    if mode.load(Ordering::Relaxed) != PASS {
                        continue;
                    }
                    let Ok(far) = TcpStream::connect(target) else { continue };
                    for (from, to) in [(&near, &far), (&far, &near)] {
                        let (from, to, mode) = (from.try_clone().unwrap(), to.try_clone().unwrap(), mode.clone());
                        thread::spawn(move || carry(from, to, &mode));
                    }
                }
            });
        }
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, mode: &AtomicU8) {
    let _ = from.set_read_timeout(Some(Duration::from_millis(50)));
    let mut buffer = [0; 4096];
    loop {
        match mode.load(Ordering::Relaxed) {
            CLOSED => break,
            FROZEN => {
                sleep(Duration::from_millis(50));
                continue;
            }
            _ => {}
        }
        match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => {
                if to.write_all(&buffer[..length]).is_err() {
                    break;
                }
            }
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
