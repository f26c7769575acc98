//! A trace done again: each input has to be possible where it stands, and each effect has to be the same.

use std::fmt;
use std::io::BufRead;

use dhcpfo_engine::balance::Buckets;
use dhcpfo_engine::binding::{AddressId, ClientId};
use dhcpfo_engine::config::{Config, Pool, Slack};
use dhcpfo_engine::durable::Durable;
use dhcpfo_engine::effect::{Ask, Effect, Input};
use dhcpfo_engine::endpoint::Endpoint;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::rules::Rules;
use dhcpfo_engine::state::Role;
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_header::version::Format;
use serde_json::Value;

use super::{VERSION, Watch, effects, input};
use crate::clock::Wall;
use crate::core::WINDOW;
use dhcpfo_table::Indexed;

/// Most addresses of a header that is believed.
const MOST: u32 = 1 << 20;

/// What was done again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// How often an endpoint was started.
    pub starts: u64,
    /// Steps after a start.
    pub steps: u64,
    /// The last line was cut off and left out: the server was killed.
    pub cut: bool,
}

/// In what way a trace is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is no trace of a server.
    Unreadable,
    /// The input could not come there.
    NotEnabled,
    /// Something else comes of it.
    Differs,
}

/// Where a trace is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1.
    pub line: usize,
    /// In what way.
    pub kind: Kind,
    /// What is there, and what should be.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.text)
    }
}

/// Does a trace again, line by line.
///
/// # Errors
/// The first line that is not as it should be.
pub fn replay(mut source: impl BufRead) -> Result<Replayed, Problem> {
    let (mut watch, mut text) = (Watch::default(), String::new());
    loop {
        text.clear();
        match source.read_line(&mut text) {
            Ok(0) => break,
            Ok(_) => watch.line(&text, &mut |_| {})?,
            Err(error) => return Err(watch.problem(Kind::Unreadable, error.to_string())),
        }
    }
    watch.finish()
}

pub(super) type Wrong = (Kind, String);

pub(super) fn unreadable(text: impl Into<String>) -> Wrong {
    (Kind::Unreadable, text.into())
}

fn not_enabled(text: impl Into<String>) -> Wrong {
    (Kind::NotEnabled, text.into())
}

/// An endpoint that is to be started.
struct Opening {
    config: Config,
    clock: Wall,
    durable: Durable<Indexed>,
}

pub(super) struct Running {
    pub(super) config: Config,
    clock: Wall,
    pub(super) endpoint: Endpoint<Indexed, WINDOW>,
    connected: bool,
}

/// A step that was done again.
pub(super) struct Done {
    pub(super) at: u32,
    /// None: the start.
    pub(super) input: Option<Input>,
    pub(super) effects: Vec<Effect>,
}

#[derive(Default)]
pub(super) struct Replay {
    opening: Option<Opening>,
    pub(super) running: Option<Running>,
    /// The latest time.
    at: u32,
    pub(super) done: Replayed,
}

impl Replay {
    /// Takes a line; the step, if it is one.
    pub(super) fn line(&mut self, document: &Value) -> Result<Option<Done>, Wrong> {
        match document["line"].as_str() {
            Some("serve-header") => {
                self.opening = Some(header(document)?);
                self.running = None;
                Ok(None)
            }
            Some("serve-binding") => self.binding(document).map(|()| None),
            Some("serve-lengths") => self.lengths(document).map(|()| None),
            Some("serve-step") => self.step(document).map(Some),
            other => Err(unreadable(format!(
                "{}; serve-header, serve-binding, serve-lengths and serve-step would be accepted",
                other.map_or("no \"line\"".to_owned(), |word| format!("a line `{word}`"))
            ))),
        }
    }

    fn binding(&mut self, document: &Value) -> Result<(), Wrong> {
        let opening = self.opening.as_mut().ok_or_else(|| unreadable("a binding without a header before it"))?;
        let address = number(document, "address").filter(|&n| n < opening.durable.table().len());
        let binding = input::binding_from_json(&document["binding"]);
        let (Some(address), Some(binding)) = (address, binding) else {
            return Err(unreadable("the binding cannot be read, or its address is not in the header's range"));
        };
        let record = dhcpfo_engine::durable::Record::Binding(AddressId(address), binding);
        opening.durable.apply(&record);
        Ok(())
    }

    fn lengths(&mut self, document: &Value) -> Result<(), Wrong> {
        let running = self.running.as_mut().ok_or_else(|| unreadable("lengths before a start"))?;
        running.clock = Wall { now: running.clock.now, ..lengths(&document["lengths"])? };
        running.config.buckets = buckets(&document["buckets"])?;
        Ok(())
    }

    fn step(&mut self, document: &Value) -> Result<Done, Wrong> {
        let at = number(document, "at").ok_or_else(|| unreadable("no \"at\""))?;
        // An operator may say of PARTNER-DOWN that it was so before.
        if at < self.at && document["input"]["operator"] != "partner-down" {
            return Err(not_enabled(format!("time runs back from {} to {at}", self.at)));
        }
        self.at = self.at.max(at);
        let (mut out, mut came) = (Vec::new(), None);
        let mut emit = |effect: Effect| out.push(effect);
        if document["input"] == "start" {
            let Some(Opening { config, mut clock, durable }) = self.opening.take() else {
                return Err(not_enabled("a start without a header before it"));
            };
            clock.now = at;
            let endpoint = Endpoint::start(&config, durable, &mut clock, &mut emit);
            self.running = Some(Running { config, clock, endpoint, connected: false });
            self.done.starts += 1;
        } else {
            let running = self.running.as_mut().ok_or_else(|| not_enabled("an input before a start"))?;
            let (input, lease) =
                input::from_json(&document["input"]).ok_or_else(|| unreadable("the input cannot be read"))?;
            running.enabled(&input)?;
            running.clock.now = at;
            let usual = running.clock.lease;
            running.clock.lease = lease.unwrap_or(usual);
            running.endpoint.step(&running.config, &mut running.clock, input, &mut emit);
            running.clock.lease = usual;
            self.done.steps += 1;
            came = Some(input);
        }
        same(&document["effects"], &effects(&out))?;
        Ok(Done { at, input: came, effects: out })
    }
}

impl Running {
    /// Whether the input can come now: a partner is heard over a connection, and speaks of addresses that there are.
    fn enabled(&mut self, input: &Input) -> Result<(), Wrong> {
        let len = self.endpoint.durable().table().len();
        let address = match input {
            Input::Connected(_) if self.connected => return Err(not_enabled("connected twice")),
            Input::Disconnected | Input::Message(_) if !self.connected => {
                return Err(not_enabled("something of the partner's without a connection"));
            }
            Input::Connected(_) | Input::Disconnected => {
                self.connected = *input != Input::Disconnected;
                None
            }
            Input::Message(Message::BndUpd(update)) => Some(update.address),
            Input::Client(request) => match request.ask {
                Ask::Discover | Ask::Inform => request.prefer,
                Ask::Select(id) | Ask::Reboot(id) | Ask::Renew(id) => Some(id),
                Ask::Rebind(id) | Ask::Decline(id) | Ask::Release(id) => Some(id),
            },
            _ => None,
        };
        match address {
            Some(address) if address.0 >= len => Err(not_enabled(format!("address {} of {len}", address.0))),
            _ => Ok(()),
        }
    }
}

fn same(told: &Value, found: &[Value]) -> Result<(), Wrong> {
    let told = told.as_array().ok_or_else(|| unreadable("no \"effects\""))?;
    if told.len() == found.len() && told.iter().zip(found).all(|(told, found)| told == found) {
        return Ok(());
    }
    let at = told.iter().zip(found).take_while(|(told, found)| told == found).count();
    let word = |effects: &[Value]| effects.get(at).map_or("nothing more".to_owned(), ToString::to_string);
    Err((Kind::Differs, format!("effect {}: the trace has {}, the engine {}", at + 1, word(told), word(found))))
}

fn header(document: &Value) -> Result<Opening, Wrong> {
    const FORMAT: Format =
        Format { name: "a server's trace", version: VERSION, written_by: "dhcpfo serve CONFIG --trace FILE" };
    FORMAT.accept(document["version"].as_u64(), None).map_err(unreadable)?;
    let wrong = |key: &str| unreadable(format!("the header's \"{key}\" cannot be read"));
    let role = document["role"].as_str().and_then(|word| Role::ALL.into_iter().find(|role| role.name() == word));
    let len = number(document, "addresses").filter(|&len| len <= MOST).ok_or_else(|| wrong("addresses"))?;
    let share = number(document, "secondary-share").and_then(|n| u8::try_from(n).ok());
    let pair = |pair: &Value| {
        let part = |at: usize| pair[at].as_u64().and_then(|n| u32::try_from(n).ok());
        Some((AddressId(part(0)?), ClientId(part(1)?)))
    };
    let reserved: Option<Vec<_>> = document["reserved"].as_array().and_then(|rows| rows.iter().map(pair).collect());
    let reserved = reserved.filter(|rows| rows.iter().all(|(address, _)| address.0 < len));
    let record = match &document["endpoint"] {
        Value::Null => None,
        record => Some(input::endpoint_from_json(record).ok_or_else(|| wrong("endpoint"))?),
    };
    let slack = match &document["slack"] {
        Value::Null => None,
        slack => {
            let slack = pair(slack).ok_or_else(|| wrong("slack"))?;
            let per_mille = u16::try_from(slack.1.0).map_err(|_| wrong("slack"))?;
            Some(Slack { addresses: slack.0.0, per_mille })
        }
    };
    let config = Config {
        role: role.ok_or_else(|| wrong("role"))?,
        rules: rules(&document["rules"]).ok_or_else(|| wrong("rules"))?,
        buckets: buckets(&document["buckets"])?,
        pool: Pool {
            secondary_share: share.ok_or_else(|| wrong("secondary-share"))?,
            slack,
            ask: true,
            cover: document["cover"].as_bool().ok_or_else(|| wrong("cover"))?,
        },
        safe_period: document["safe-period"].as_bool().ok_or_else(|| wrong("safe-period"))?,
        remember_last: true,
    };
    let groups = groups(&document["groups"], len).ok_or_else(|| wrong("groups"))?;
    let table = Indexed::new(len, &reserved.ok_or_else(|| wrong("reserved"))?).in_groups(&groups, config.pool);
    Ok(Opening { config, clock: lengths(&document["lengths"])?, durable: Durable::found(record, table) })
}

/// The rules that are searched, but for the readings in the header.
fn rules(value: &Value) -> Option<Rules> {
    let mut rules = Rules::DRAFT_12;
    for (key, word) in value.as_object()? {
        rules.set(key, word.as_str()?).ok()?;
    }
    Some(rules)
}

/// The first address of each group: ascending from 0, below `len`.
fn groups(value: &Value, len: u32) -> Option<Vec<u32>> {
    let first = |first: &Value| first.as_u64().and_then(|n| u32::try_from(n).ok());
    let firsts: Vec<u32> = value.as_array()?.iter().map(first).collect::<Option<_>>()?;
    let ascending = firsts.windows(2).all(|two| two[0] < two[1]);
    (firsts.first() == Some(&0) && ascending && firsts.last().is_some_and(|&last| last < len.max(1))).then_some(firsts)
}

fn lengths(value: &Value) -> Result<Wall, Wrong> {
    let length = |key: &str| number(value, key).ok_or_else(|| unreadable(format!("lengths: \"{key}\" cannot be read")));
    Ok(Wall {
        now: 0,
        mclt: length("mclt")?,
        lease: length("lease")?,
        potential: length("potential")?,
        safe_period: length("safe-period")?,
        startup: length("startup")?,
        message_age: length("message-age")?,
    })
}

fn buckets(value: &Value) -> Result<Buckets, Wrong> {
    let text = value.as_str().filter(|text| text.len() == 64 && text.is_ascii());
    let octets = text.and_then(|text| {
        let octet = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).ok();
        (0..64).step_by(2).map(octet).collect::<Option<Vec<u8>>>()
    });
    let octets = octets.and_then(|octets| <[u8; 32]>::try_from(octets).ok());
    octets.map(Buckets).ok_or_else(|| unreadable("\"buckets\" are not 64 hexadecimal digits"))
}

fn number(value: &Value, key: &str) -> Option<u32> {
    value[key].as_u64().and_then(|number| u32::try_from(number).ok())
}
