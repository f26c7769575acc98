//! Performing a script.

use super::player::{Moment, Passage, Player, Refusal, Step};
use super::script::{Condition, Expectation, Line, Order};
use super::wall::Scale;
use crate::model::Model;
use crate::system::{Server, System};
use dhcpfo_clock::Values;
use dhcpfo_clock::length::{FINEST, Length, gcd};
use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::endpoint::Phase;
use dhcpfo_engine::state::Role;
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::{Standing, Time};

/// Something that happened in a performance.
#[derive(Clone, Debug)]
pub enum Entry {
    /// The initial state, and the claims that it violates.
    Begin(Box<Moment>, Vec<&'static str>),
    /// What stands behind `#` in the line at hand.
    Comment(String),
    /// Time passed.
    Passage(Box<Passage>),
    /// Something was done.
    Step(Box<Step>),
    /// Something was expected.
    Checked {
        /// What.
        expectation: Expectation,
        /// Whether it was so.
        met: bool,
        /// How it was.
        found: String,
        /// When.
        now: Time,
    },
}

/// How a performance ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The claims that were refuted, in that order.
    pub refuted: Vec<&'static str>,
    /// The lines, counted from 0, whose expectation was not met.
    pub unmet: Vec<usize>,
    /// Actions done, deliveries of `settle` included.
    pub steps: usize,
    /// When it ended.
    pub end: Length,
}

/// Why a performance could not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The line, counted from 0.
    pub line: usize,
    /// Why.
    pub refusal: Refusal,
}

/// The coarsest scale under which every instant of a script is a whole number of parts.
pub fn scale(lines: &[Line]) -> Option<Scale> {
    let mut per_second = 1_u32;
    for line in lines {
        let waited = if let Order::Wait(length) = line.order { Some(length) } else { None };
        for length in waited.into_iter().chain(line.at) {
            let denominator = length.denominator();
            per_second = per_second.checked_mul(denominator / gcd(per_second, denominator))?;
        }
    }
    (per_second <= FINEST).then_some(Scale { per_second })
}

/// Performs `lines` from the beginning of `model`, whose spans are `values` seconds long, and hands each thing
/// that happens to `emit`.
pub fn perform(model: &Model, values: Values, lines: &[Line], emit: &mut dyn FnMut(Entry)) -> Result<Outcome, Stop> {
    let stop = |line, refusal| Stop { line, refusal };
    let scale = scale(lines).ok_or(stop(0, Refusal::TooFar))?;
    let mut player = Player::new(model, values, scale);
    let mut outcome = Outcome { refuted: Vec::new(), unmet: Vec::new(), steps: 0, end: Length::ZERO };
    emit(Entry::Begin(Box::new(player.moment()), player.refuted().to_vec()));
    for (number, line) in lines.iter().enumerate() {
        if !line.comment.is_empty() {
            emit(Entry::Comment(line.comment.clone()));
        }
        let mut done = |step: Step, emit: &mut dyn FnMut(Entry)| {
            outcome.steps += 1;
            emit(Entry::Step(Box::new(step)));
        };
        if let Some(to) = line.at {
            advance(&mut player, to, emit).map_err(|refusal| stop(number, refusal))?;
        }
        let result = match &line.order {
            Order::Nothing => Ok(()),
            Order::Act(action) => player.act(*action).map(|step| done(step, emit)),
            Order::Wait(length) => match after(&player, *length) {
                Some(to) => advance(&mut player, to, emit),
                None => Err(Refusal::TooFar),
            },
            Order::Settle => player.settle(&mut |step| done(step, emit)),
            Order::Expect(expectation) => {
                let Moment { system, now } = player.moment();
                let (met, found) = expectation.met(&system, now, player.refuted());
                outcome.unmet.extend((!met).then_some(number));
                emit(Entry::Checked { expectation: expectation.clone(), met, found, now: player.moment().now });
                Ok(())
            }
        };
        result.map_err(|refusal| stop(number, refusal))?;
    }
    outcome.refuted = player.refuted().to_vec();
    outcome.end = player.scale().since(player.moment().now).unwrap_or(Length::ZERO);
    Ok(outcome)
}

fn advance(player: &mut Player<'_>, to: Length, emit: &mut dyn FnMut(Entry)) -> Result<(), Refusal> {
    let passage = player.advance(to)?;
    if passage.before.now != passage.after.now {
        emit(Entry::Passage(Box::new(passage)));
    }
    Ok(())
}

/// The instant so long after now.
fn after(player: &Player<'_>, length: Length) -> Option<Length> {
    let per_second = player.scale().per_second;
    let now = player.scale().since(player.moment().now)?.in_parts(per_second)?;
    Length::parts(u64::from(now) + u64::from(length.in_parts(per_second)?), per_second)
}

impl Expectation {
    /// Whether a system is as expected now, claims having been refuted by then, and how it is.
    pub fn met(&self, system: &System, now: Time, refuted: &[&str]) -> (bool, String) {
        match self {
            Expectation::Server(role, expected) => {
                let found = Condition::of(system.server(*role));
                (found == *expected, format!("{} is {}", role.name(), found.name()))
            }
            Expectation::Binding(address, role, code, client) => binding(system, *address, *role, *code, *client),
            Expectation::Client(client, expected) => {
                let found = system.clients.get(usize::from(*client)).and_then(|client| client.holds(&Standing(now)));
                let held = found.map_or_else(|| "nothing".to_owned(), |address| format!("a{}", address.0));
                (found == *expected, format!("client {client} holds {held}"))
            }
            Expectation::Link(expected) => {
                let up = system.link.intact;
                (up == *expected, format!("the link is {}", if up { "up" } else { "down" }))
            }
            Expectation::Refuted(expected) => {
                let met = match expected {
                    Some(name) => refuted.contains(&name.as_str()),
                    None => refuted.is_empty(),
                };
                let found = if refuted.is_empty() { "nothing".to_owned() } else { refuted.join(", ") };
                (met, format!("refuted so far: {found}"))
            }
        }
    }
}

fn binding(
    system: &System,
    address: AddressId,
    role: Role,
    code: dhcpfo_engine::binding::Code,
    client: Option<u8>,
) -> (bool, String) {
    let table = system.server(role).durable().table();
    if address.0 >= table.len() {
        return (false, format!("there is no a{}", address.0));
    }
    let status = table.get(address).status;
    let found = status.client().map(|client| client.0);
    let met = status.code() == code && client.is_none_or(|client| found == Some(u32::from(client)));
    let named = found.map(|client| format!(" {client}")).unwrap_or_default();
    (met, format!("a{} {} is {}{named}", address.0, role.name(), status.code().name()))
}

impl Condition {
    /// The condition of a server.
    pub fn of(server: &Server) -> Condition {
        let Some(endpoint) = server.endpoint() else { return Condition::Off };
        match endpoint.volatile().phase {
            Phase::Startup { .. } => Condition::Startup,
            Phase::Running => Condition::In(endpoint.state()),
            Phase::Paused => Condition::Paused,
            Phase::Shutdown => Condition::Shutdown,
        }
    }
}
