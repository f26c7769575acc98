//! Servers that run, looked at over the HTTP of their control (`http` in `[control]`): what is different each time is
//! an event. Nothing is commanded, and nothing is judged: what clients hold is not known.

use super::{MOST_LIVE, Recorder};
use dhcpfo_documents::control::{Answer, Binding, Bindings, Status};
use dhcpfo_engine::state::Role;
use dhcpfo_report::recording::{Bound, Change, Event, Party, Recording, Sided};
use dhcpfo_server::http::door::Token;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Said of what answers as no server of ours does.
const NO_SERVER: &str = "what answers there is no server of this kind";
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
    status: Option<Status>,
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
        let up = |server: &Looked| server.status.as_ref().is_some_and(|status| status.partner.link == "up");
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
        let status = get(self.address, self.token.as_ref(), "/status").and_then(|answer| {
            let Answer::Status(status) = answer else { return Err(NO_SERVER.to_owned()) };
            let role = Role::ALL.into_iter().find(|role| status.role == role.name());
            match role {
                Some(role) if taken == Some(role) => Err(format!("it says that it is the {}, too", role.name())),
                Some(role) => {
                    self.role = Some(role);
                    Ok(*status)
                }
                None => Err(NO_SERVER.to_owned()),
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

    fn answered(&mut self, role: Role, status: Status) -> Vec<Event> {
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
            Ok(Answer::Bindings(told)) => events.extend(self.bindings(&me, &told, &place)),
            Ok(_) => events.push(event(format!("{}: its bindings cannot be read", role.name()), &place)),
            Err(why) => events.push(event(format!("{}: its bindings cannot be read: {why}", role.name()), &place)),
        }
        events
    }

    fn bindings(&mut self, me: &Party, told: &Bindings, place: &str) -> Vec<Event> {
        let mut now: BTreeMap<String, Bound> = BTreeMap::new();
        for row in told.bindings.iter().take(BINDINGS) {
            now.extend(row.address.map(|address| (address.to_string(), bound(row))));
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

fn condition(status: &Status) -> String {
    match status.phase.as_str() {
        "startup" => "STARTUP".to_owned(),
        "paused" => "PAUSED".to_owned(),
        "shutdown" => "SHUTDOWN".to_owned(),
        _ => status.state.clone(),
    }
}

/// What a person looks at, without what is different each second.
fn facts(status: &Status) -> Vec<(&'static str, String)> {
    let Status { partner, pool, .. } = status;
    let window = partner.window.map(|window| format!("{} of {window}", partner.unanswered));
    vec![
        ("communications", partner.communications.clone()),
        ("partner", partner.state.clone().unwrap_or_default()),
        ("unacknowledged", window.unwrap_or_default()),
        ("partner lacks", format!("{} bindings", partner.updates_waiting)),
        ("available", format!("{} FREE, {} BACKUP", pool.free, pool.backup)),
        ("the secondary's due", pool.secondarys_due.to_string()),
        ("clock difference", partner.clock_difference.map(|seconds| seconds.to_string()).unwrap_or_default()),
        ("store", status.store.clone()),
    ]
}

fn bound(row: &Binding) -> Bound {
    let partner = match row.partner.as_str() {
        "to be told" => "unsent",
        "told, not acknowledged" => "unacknowledged",
        other => other,
    };
    Bound {
        status: row.status.clone(),
        client: row.client.clone(),
        partner: partner.to_owned(),
        ends: row.lease_expiration.map(i64::from),
        sent: row.sent_potential_expiration.map(i64::from),
        acked: row.acked_potential_expiration.map(i64::from),
        received: row.received_potential_expiration.map(i64::from),
        rests: row.rests_until.map(i64::from),
    }
}

/// Asks a server, and gives what it answers.
fn get(address: SocketAddr, token: Option<&Token>, path: &str) -> Result<Answer, String> {
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
    // Anything may answer there.
    let value: serde_json::Value =
        serde_json::from_str(body).map_err(|error| format!("its answer is no JSON: {error}"))?;
    let answer = Answer::deserialize(value).map_err(|_| NO_SERVER.to_owned())?;
    match answer.error() {
        Some(why) => Err(why.to_owned()),
        None => Ok(answer),
    }
}
