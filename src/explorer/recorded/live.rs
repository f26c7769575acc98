//! Servers that run, looked at over the HTTP of their control (`http` in `[control]`): what is different each time is
//! an event. Nothing is commanded, and nothing is judged: what clients hold is not known.

use super::{MOST_LIVE, Recorder};
use dhcpfo_engine::state::Role;
use dhcpfo_report::recording::{Bound, Change, Event, Party, Recording, Sided};
use dhcpfo_server::http::door::Token;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How often servers are looked at.
const EVERY: Duration = Duration::from_secs(1);
/// How long a server may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// Octets of an answer that are read.
const LONGEST: u64 = 16 << 20;
/// Bindings of one server that are followed.
const BINDINGS: usize = 2_000;
/// Bindings that have an event each; more in one look are one event.
const EACH: usize = 20;

/// A server that is looked at.
struct Looked {
    address: SocketAddr,
    /// What its control wants to be brought.
    token: Option<Token>,
    /// Its role, once it has answered.
    role: Option<Role>,
    /// What it said last; None: it is gone.
    status: Option<Value>,
    facts: BTreeMap<&'static str, String>,
    bindings: BTreeMap<String, Bound>,
}

/// Follows servers until nobody looks any more.
pub struct Live {
    servers: Vec<Looked>,
}

impl Live {
    /// Of these addresses. `tokens`: what their controls want to be brought, one each or one for all.
    ///
    /// # Errors
    /// One of them is not on loopback, or there are too many.
    pub fn new(addresses: &[SocketAddr], tokens: &[Token]) -> Result<Live, String> {
        if let Some(far) = addresses.iter().find(|address| !address.ip().is_loopback()) {
            return Err(format!(
                "{far} is not a loopback address: the control of a server is reached from its host only"
            ));
        }
        if !(1..=2).contains(&addresses.len()) {
            return Err(format!("one or two servers can be followed, not {}", addresses.len()));
        }
        let looked = |(at, &address): (usize, &SocketAddr)| Looked {
            address,
            token: tokens.get(at).or(tokens.first()).cloned(),
            role: None,
            status: None,
            facts: BTreeMap::new(),
            bindings: BTreeMap::new(),
        };
        Ok(Live { servers: addresses.iter().enumerate().map(looked).collect() })
    }

    /// What is shown before the first look.
    pub fn recorder(&self) -> Recorder {
        let names: Vec<String> = self.servers.iter().map(|server| server.address.to_string()).collect();
        let mut recording = Recording::new(format!("Live: {}", names.join(", ")), MOST_LIVE);
        recording.notes = vec![
            "Servers that run, looked at once a second: what came and went between two looks is not seen. Nothing is \
             judged here, for what clients hold is not known."
                .to_owned(),
        ];
        Recorder::growing(recording)
    }

    /// Looks once a second for as long as somebody has the recorder.
    pub fn follow(mut self, recorder: Weak<Recorder>) {
        while let Some(recorder) = recorder.upgrade() {
            self.look(&recorder);
            drop::<Arc<Recorder>>(recorder);
            std::thread::sleep(EVERY);
        }
    }

    /// Looks at each server once.
    pub fn look(&mut self, recorder: &Recorder) {
        for number in 0..self.servers.len() {
            let taken: Option<Role> = self.servers.iter().take(number).find_map(|server| server.role);
            let events = self.servers[number].look(taken);
            recorder.with(|recording| events.into_iter().for_each(|event| recording.push(event)));
        }
        let up = |server: &Looked| server.status.as_ref().is_some_and(|status| status["partner"]["link"] == "up");
        let link = self.servers.iter().any(up);
        recorder.with(|recording| {
            if recording.standing(recording.count()).link != link {
                let words = if link { "the servers are connected" } else { "the servers are not connected" };
                recording.push(Event { changes: vec![Change::Link(link)], ..event(words.to_owned(), "") });
            }
        });
    }
}

/// Something that was seen now.
fn event(words: String, place: &str) -> Event {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Event { at: now.as_micros() as i64, words, place: place.to_owned(), ..Event::default() }
}

impl Looked {
    /// What is different. `taken`: the role that another server has.
    fn look(&mut self, taken: Option<Role>) -> Vec<Event> {
        let status = get(self.address, self.token.as_ref(), "/status").and_then(|status| {
            let role = Role::ALL.into_iter().find(|role| status["role"] == role.name());
            match role {
                Some(role) if taken == Some(role) => Err(format!("it says that it is the {}, too", role.name())),
                Some(role) => {
                    self.role = Some(role);
                    Ok(status)
                }
                None => Err("what answers there is no server of this kind".to_owned()),
            }
        });
        match (status, self.role) {
            (Ok(status), Some(role)) => self.answered(role, status),
            (Err(why), role) => self.gone(role, &why),
            (Ok(_), None) => Vec::new(),
        }
    }

    fn gone(&mut self, role: Option<Role>, why: &str) -> Vec<Event> {
        let was = self.status.take().is_some();
        let known = self.facts.insert("gone", why.to_owned()).as_deref() == Some(why);
        if !was && known {
            return Vec::new();
        }
        let address = self.address.to_string();
        let name = role.map_or_else(|| address.clone(), |role| format!("{} ({address})", role.name()));
        let mut event = event(format!("{name} is gone: {why}"), &address);
        event.changes.extend(role.map(|role| Change::Condition(Party::server(role), "gone".to_owned())));
        vec![event]
    }

    fn answered(&mut self, role: Role, status: Value) -> Vec<Event> {
        let (me, place) = (Party::server(role), self.address.to_string());
        let mut events = Vec::new();
        let before = self.status.as_ref();
        if before.is_none() {
            self.facts.remove("gone");
            events.push(event(format!("{} answers", role.name()), &place));
        }
        let condition = condition(&status);
        if before.map(self::condition).as_ref() != Some(&condition) {
            let words = format!("{} is in {condition}", role.name());
            let change = Change::Condition(me.clone(), condition);
            events.push(Event { changes: vec![change], ..event(words, &place) });
        }
        for (what, how) in facts(&status) {
            if self.facts.get(what) != Some(&how) {
                self.facts.insert(what, how.clone());
                let words = format!("{}: {what}: {}", role.name(), if how.is_empty() { "–" } else { &how });
                let change = Change::Fact(me.clone(), what.to_owned(), how);
                events.push(Event { changes: vec![change], ..event(words, &place) });
            }
        }
        self.status = Some(status);
        match get(self.address, self.token.as_ref(), "/bindings") {
            Ok(document) => events.extend(self.bindings(&me, &document, &place)),
            Err(why) => events.push(event(format!("{}: its bindings cannot be read: {why}", role.name()), &place)),
        }
        events
    }

    fn bindings(&mut self, me: &Party, document: &Value, place: &str) -> Vec<Event> {
        let rows = document["bindings"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut now: BTreeMap<String, Bound> = BTreeMap::new();
        for row in rows.iter().take(BINDINGS) {
            now.extend(row["address"].as_str().map(|address| (address.to_owned(), bound(row))));
        }
        let mut changes = Vec::new();
        for (address, bound) in &now {
            if self.bindings.get(address) != Some(bound) {
                changes.push((address.clone(), bound.clone()));
            }
        }
        // What the server does not tell of any more is available, and its partner knows it.
        let free = Bound { status: "available".to_owned(), partner: "up to date".to_owned(), ..Bound::default() };
        let quiet = self.bindings.keys().filter(|address| !now.contains_key(*address));
        changes.extend(quiet.map(|address| (address.clone(), free.clone())));
        self.bindings = now;
        let change = |(address, bound): (String, Bound)| Change::Binding(me.clone(), address, bound);
        if changes.len() > EACH {
            let words = format!("{}: {} bindings are different", me.name(), changes.len());
            return vec![Event { changes: changes.into_iter().map(change).collect(), ..event(words, place) }];
        }
        let each = |(address, bound): (String, Bound)| {
            let client = bound.client.as_ref().map(|client| format!(" {client}")).unwrap_or_default();
            let words = format!("{}: {address} {}{client}, {}", me.name(), bound.status, bound.partner);
            Event { changes: vec![change((address, bound))], ..event(words, place) }
        };
        changes.into_iter().map(each).collect()
    }
}

fn condition(status: &Value) -> String {
    match status["phase"].as_str() {
        Some("startup") => "STARTUP".to_owned(),
        Some("paused") => "PAUSED".to_owned(),
        Some("shutdown") => "SHUTDOWN".to_owned(),
        _ => status["state"].as_str().unwrap_or("unknown").to_owned(),
    }
}

/// What a person looks at, without what is different each second.
fn facts(status: &Value) -> Vec<(&'static str, String)> {
    let word = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let (partner, pool) = (&status["partner"], &status["pool"]);
    let window = match (&partner["unanswered"], &partner["window"]) {
        (_, Value::Null) => String::new(),
        (used, window) => format!("{used} of {window}"),
    };
    vec![
        ("communications", word(&partner["communications"])),
        ("partner", word(&partner["state"])),
        ("unacknowledged", window),
        ("partner lacks", format!("{} bindings", word(&partner["updates-waiting"]))),
        ("available", format!("{} FREE, {} BACKUP", word(&pool["free"]), word(&pool["backup"]))),
        ("the secondary's due", word(&pool["secondarys-due"])),
        ("clock difference", word(&partner["clock-difference"])),
        ("store", word(&status["store"])),
    ]
}

fn bound(row: &Value) -> Bound {
    let partner = match row["partner"].as_str() {
        Some("to be told") => "unsent",
        Some("told, not acknowledged") => "unacknowledged",
        Some(other) => other,
        None => "",
    };
    Bound {
        status: row["status"].as_str().unwrap_or("?").to_owned(),
        client: row["client"].as_str().map(str::to_owned),
        partner: partner.to_owned(),
        ends: row["lease-expiration"].as_i64(),
        sent: row["sent-potential-expiration"].as_i64(),
        acked: row["acked-potential-expiration"].as_i64(),
        received: row["received-potential-expiration"].as_i64(),
        rests: row["rests-until"].as_i64(),
    }
}

/// Asks a server, and gives the JSON that it answers.
fn get(address: SocketAddr, token: Option<&Token>, path: &str) -> Result<Value, String> {
    let told = |error: std::io::Error| error.to_string();
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(told)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(told)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(told)?;
    let token = token.map(Token::header).unwrap_or_default();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\n{token}Connection: close\r\n\r\n").map_err(told)?;
    let mut answer = Vec::new();
    let count = stream.take(LONGEST + 1).read_to_end(&mut answer).map_err(told)? as u64;
    if count > LONGEST {
        return Err(format!("its answer is longer than {LONGEST} octets"));
    }
    let text = String::from_utf8_lossy(&answer);
    let (head, body) = text.split_once("\r\n\r\n").ok_or("it does not answer as a server does")?;
    if !head.starts_with("HTTP/1.1 200") {
        return Err(format!("it answers {}", head.lines().next().unwrap_or_default()));
    }
    let value: Value = serde_json::from_str(body).map_err(|error| format!("its answer is no JSON: {error}"))?;
    match value["error"].as_str() {
        Some(why) => Err(why.to_owned()),
        None => Ok(value),
    }
}
