//! What can be looked for, and what a lesson wants to see: a condition in the words of scripts.

use crate::walk::Moment;
use dhcpfo_time::Standing;
use dhcpfo_world::claim::{Check, Claim, View};
use dhcpfo_world::model::Model;
use dhcpfo_world::play::{Expectation, Line, Order, parse_line};
use std::fmt;

/// A condition on a state.
#[derive(Clone, Debug)]
pub enum Goal {
    /// A witness of that name: a thing that models must be able to reach.
    Witness(Claim),
    /// What a script could expect there, without the word `expect`.
    Expected(Expectation),
}

/// What would be accepted.
pub const ACCEPTED: &str = "the name of a claim or a witness, or what a script can expect: primary PARTNER-DOWN, \
                            a0 secondary ACTIVE 0, client 1 a0, client 1 none, link down, refuted CLAIM, refuted nothing";

/// Most conditions at once.
const MOST: usize = 16;

impl Goal {
    /// Reads one condition.
    pub fn parse(model: &Model, text: &str) -> Result<Goal, String> {
        let text = text.trim();
        if let Some(witness) = dhcpfo_properties::find_witness(text) {
            return Ok(Goal::Witness(witness));
        }
        if model.claims.iter().any(|claim| claim.entry.name == text) {
            return Ok(Goal::Expected(Expectation::Refuted(Some(text.to_owned()))));
        }
        let fail = |why: String| format!("`{text}`: {why}; accepted: {ACCEPTED}");
        let line = parse_line(&format!("expect {text}")).map_err(|error| fail(error.to_string()))?;
        let Some(Line { order: Order::Expect(expectation), comment, .. }) = line else {
            return Err(fail("it says nothing".to_owned()));
        };
        if !comment.is_empty() {
            return Err(fail(format!("`# {comment}` is a comment, which has no place here")));
        }
        let (address, client) = expectation.names();
        if address.is_some_and(|address| address.0 as usize >= model.addresses.len()) {
            return Err(fail(format!("the model has addresses a0 to a{}", model.addresses.len() - 1)));
        }
        if client.is_some_and(|client| usize::from(client) >= model.client_count()) {
            return Err(fail(format!("the model has clients 0 to {}", model.client_count() - 1)));
        }
        match &expectation {
            Expectation::Refuted(Some(name)) if !model.claims.iter().any(|claim| claim.entry.name == name) => {
                Err(fail(format!("the model does not claim {name}")))
            }
            _ => Ok(Goal::Expected(expectation)),
        }
    }

    /// Several, one a line or with commas between.
    pub fn parse_all(model: &Model, text: &str) -> Result<Vec<Goal>, String> {
        let parts = text.split(['\n', ',']).map(str::trim).filter(|part| !part.is_empty());
        let goals: Vec<Goal> = parts.take(MOST + 1).map(|part| Goal::parse(model, part)).collect::<Result<_, _>>()?;
        match goals.len() {
            0 => Err(format!("nothing is asked for; accepted: {ACCEPTED}")),
            1..=MOST => Ok(goals),
            _ => Err(format!("more than {MOST} things are asked for at once")),
        }
    }

    /// Whether a state is like that. `refuted`: the claims that are violated there, or have been on the way.
    pub fn is_met(&self, model: &Model, moment: &Moment, refuted: &[&'static str]) -> bool {
        match self {
            Goal::Witness(witness) => match witness.check {
                Check::State(reached) => reached(&View { model, system: &moment.state, clock: &Standing(moment.now) }),
                Check::Step(_) | Check::Reach(_) | Check::LeadsTo(_) => false,
            },
            Goal::Expected(expectation) => expectation.met(&moment.state, moment.now, refuted).0,
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Goal::Witness(witness) => f.write_str(witness.entry.name),
            Goal::Expected(expectation) => expectation.fmt(f),
        }
    }
}
