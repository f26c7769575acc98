//! A trace done again: each input has to be possible where it stands, and each effect has to be the same.

use std::fmt;
use std::io::BufRead;

use super::{Watch, convert};
use crate::clock::Wall;
use crate::plan::WINDOW;
use dhcpfo_documents::served as told;
use dhcpfo_documents::served::Line;
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
    pub(super) fn line(&mut self, line: &Line) -> Result<Option<Done>, Wrong> {
        match line {
            Line::ServeHeader(document) => {
                self.opening = Some(header(document)?);
                self.running = None;
                Ok(None)
            }
            Line::ServeBinding(document) => self.binding(document).map(|()| None),
            Line::ServeLengths(document) => self.lengths(document).map(|()| None),
            Line::ServeStep(document) => self.step(document).map(Some),
        }
    }

    fn binding(&mut self, document: &told::StoredBinding) -> Result<(), Wrong> {
        let opening = self.opening.as_mut().ok_or_else(|| unreadable("a binding without a header before it"))?;
        let is_there = document.address < opening.durable.table().len();
        let Some(binding) = convert::binding_from_document(&document.binding).filter(|_| is_there) else {
            return Err(unreadable("the binding lacks its client, or its address is not in the header's range"));
        };
        let record = dhcpfo_engine::durable::Record::Binding(AddressId(document.address), binding);
        opening.durable.apply(&record);
        Ok(())
    }

    fn lengths(&mut self, document: &told::NewLengths) -> Result<(), Wrong> {
        let running = self.running.as_mut().ok_or_else(|| unreadable("lengths before a start"))?;
        running.clock = Wall { now: running.clock.now, ..lengths(&document.lengths) };
        running.config.buckets = buckets(&document.buckets)?;
        Ok(())
    }

    fn step(&mut self, document: &told::Step) -> Result<Done, Wrong> {
        let at = document.at;
        // An operator may say of PARTNER-DOWN that it was so before.
        if at < self.at && document.input != told::Input::Operator(told::Operator::PartnerDown) {
            return Err(not_enabled(format!("time runs back from {} to {at}", self.at)));
        }
        self.at = self.at.max(at);
        let (mut out, mut came) = (Vec::new(), None);
        let mut emit = |effect: Effect| out.push(effect);
        if document.input == told::Input::Start {
            let Some(Opening { config, mut clock, durable }) = self.opening.take() else {
                return Err(not_enabled("a start without a header before it"));
            };
            clock.now = at;
            let endpoint = Endpoint::start(&config, durable, &mut clock, &mut emit);
            self.running = Some(Running { config, clock, endpoint, connected: false });
            self.done.starts += 1;
        } else {
            let running = self.running.as_mut().ok_or_else(|| not_enabled("an input before a start"))?;
            let (input, lease) = convert::from_document(&document.input)
                .ok_or_else(|| unreadable("the input names what there is not"))?;
            running.enabled(&input)?;
            running.clock.now = at;
            let usual = running.clock.lease;
            running.clock.lease = lease.unwrap_or(usual);
            running.endpoint.step(&running.config, &mut running.clock, input, &mut emit);
            running.clock.lease = usual;
            self.done.steps += 1;
            came = Some(input);
        }
        same(&document.effects, &out)?;
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

fn same(told: &[told::Effect], found: &[Effect]) -> Result<(), Wrong> {
    let is_same = |(told, found): &(&told::Effect, &Effect)| match told {
        // In version 3 it was the text of this program's value.
        told::Effect::Text(told) => told.text == format!("{found:?}"),
        told => **told == convert::effect_to_document(found),
    };
    if told.len() == found.len() && told.iter().zip(found).all(|pair| is_same(&pair)) {
        return Ok(());
    }
    let at = told.iter().zip(found).take_while(is_same).count();
    let nothing = || "nothing more".to_owned();
    let trace = told.get(at).map_or_else(nothing, dhcpfo_documents::line);
    let engine = found.get(at).map(convert::effect_to_document);
    let engine = engine.as_ref().map_or_else(nothing, dhcpfo_documents::line);
    Err((Kind::Differs, format!("effect {}: the trace has {trace}, the engine {engine}", at + 1)))
}

fn header(document: &told::Header) -> Result<Opening, Wrong> {
    let wrong = |key: &str| unreadable(format!("the header's \"{key}\" cannot be"));
    let len = Some(document.addresses).filter(|&len| len <= MOST).ok_or_else(|| wrong("addresses"))?;
    if document.reserved.iter().any(|(address, _)| *address >= len) {
        return Err(wrong("reserved"));
    }
    let reserved: Vec<_> = document.reserved.iter().map(|(a, client)| (AddressId(*a), ClientId(*client))).collect();
    let record = match &document.endpoint {
        None => None,
        Some(record) => Some(convert::endpoint_from_document(record).ok_or_else(|| wrong("endpoint"))?),
    };
    let config = Config {
        role: match document.role {
            told::Role::Primary => Role::Primary,
            told::Role::Secondary => Role::Secondary,
        },
        rules: rules(document).ok_or_else(|| wrong("rules"))?,
        buckets: buckets(&document.buckets)?,
        pool: Pool {
            secondary_share: document.secondary_share,
            slack: document.slack.map(|(addresses, per_mille)| Slack { addresses, per_mille }),
            ask: true,
            cover: document.cover,
        },
        safe_period: document.safe_period,
        remember_last: true,
    };
    if !are_groups(&document.groups, len) {
        return Err(wrong("groups"));
    }
    let table = Indexed::new(len, &reserved).in_groups(&document.groups, config.pool);
    Ok(Opening { config, clock: lengths(&document.lengths), durable: Durable::found(record, table) })
}

/// The rules that are searched, but for the readings in the header.
fn rules(document: &told::Header) -> Option<Rules> {
    let mut rules = Rules::DRAFT_12;
    for (key, word) in &document.rules {
        rules.set(key, word).ok()?;
    }
    Some(rules)
}

/// The first address of each group: ascending from 0, below `len`.
fn are_groups(firsts: &[u32], len: u32) -> bool {
    let ascending = firsts.windows(2).all(|two| two[0] < two[1]);
    firsts.first() == Some(&0) && ascending && firsts.last().is_some_and(|&last| last < len.max(1))
}

fn lengths(lengths: &told::Lengths) -> Wall {
    let told::Lengths { mclt, lease, potential, safe_period, startup, message_age } = *lengths;
    Wall { now: 0, mclt, lease, potential, safe_period, startup, message_age }
}

fn buckets(text: &str) -> Result<Buckets, Wrong> {
    let text = Some(text).filter(|text| text.len() == 64 && text.is_ascii());
    let octets = text.and_then(|text| {
        let octet = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).ok();
        (0..64).step_by(2).map(octet).collect::<Option<Vec<u8>>>()
    });
    let octets = octets.and_then(|octets| <[u8; 32]>::try_from(octets).ok());
    octets.map(Buckets).ok_or_else(|| unreadable("\"buckets\" are not 64 hexadecimal digits"))
}
