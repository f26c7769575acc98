//! Playing a script: lines of text, each an action at its time, a wait, or what is expected there.

use crate::player::{Player, Refusal};
use crate::protocol::{Model, Protocol};
use crate::shrink::Steps;
use dhcpfo_clock::Values;
use dhcpfo_clock::length::{FINEST, Length, gcd};

/// What a script accepts besides actions.
pub const WORDS: &[(&str, &str)] = &[
    ("at TIME ACTION", "lets time pass until TIME after the beginning, then does it; `at TIME` alone only waits"),
    ("wait TIME", "lets time pass"),
    ("expect refuted CLAIM", "the play fails unless the claim has been refuted by now"),
    ("expect reached WITNESS", "the play fails unless the witness has been reached by now"),
    ("# …", "a comment"),
    ("… # round: …", "the same, and a line across the diagram: where a run goes round for ever"),
];

/// A script with what it is played with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The model's small lengths, a unit a second, instead of its real ones.
    pub small: bool,
    /// Lines, each with its number in the file.
    pub lines: Vec<(u32, String)>,
}

/// Something that happened in a play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// When.
    pub at: Length,
    /// What; empty for the beginning, and where only time passed.
    pub action: String,
    /// The comment of the line.
    pub comment: String,
    /// The lines of the state that are not as before.
    pub changes: Vec<(String, String)>,
    /// Claims that were not refuted before.
    pub refuted: Vec<&'static str>,
    /// Witnesses that were not reached before.
    pub reached: Vec<&'static str>,
}

/// How a play ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Claims that were refuted, in the order of the model.
    pub refuted: Vec<&'static str>,
    /// Lines with an expectation that was not met, each with its number in the file.
    pub unmet: Vec<(u32, String)>,
    /// Actions that were carried out.
    pub actions: usize,
}

/// Why a script cannot be played on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The line of the file.
    pub line: u32,
    /// What stands there.
    pub text: String,
    /// Why, with what would be accepted.
    pub problem: String,
    /// Actions that would be accepted.
    pub instead: Vec<String>,
}

/// A line that was understood.
struct Line<A> {
    number: u32,
    text: String,
    comment: String,
    at: Option<Length>,
    order: Order<A>,
}

enum Order<A> {
    Nothing,
    Wait(Length),
    Refuted(String),
    Reached(String),
    Act(A),
}

/// Plays a script; `emit` is told of everything that happens.
///
/// # Errors
/// A line says nothing that is known, or nothing that can be done there.
pub fn play<P: Protocol>(model: &Model<P>, script: &Script, emit: &mut dyn FnMut(Row)) -> Result<Outcome, Stop> {
    let lines = script.lines.iter().filter_map(|(number, text)| parse(*number, text).transpose());
    let lines = lines.collect::<Result<Vec<Line<P::Action>>, Stop>>()?;
    known(model, &lines)?;
    let values = if script.small { model.lengths.small } else { model.lengths.seconds };
    let mut stage = Stage::new(model, values, scale(&lines));
    emit(stage.row(Length::ZERO, "", ""));
    for line in &lines {
        stage.perform(line, emit)?;
    }
    Ok(stage.outcome)
}

/// The actions of a script, in their order.
///
/// # Errors
/// A line says nothing that is known.
pub fn actions<P: Protocol>(script: &Script) -> Result<Vec<String>, Stop> {
    let lines = script.lines.iter().filter_map(|(number, text)| parse::<P::Action>(*number, text).transpose());
    let lines = lines.collect::<Result<Vec<_>, Stop>>()?.into_iter();
    Ok(lines
        .filter_map(|line| if let Order::Act(action) = line.order { Some(action.to_string()) } else { None })
        .collect())
}

/// The run that a script is, in whole seconds.
///
/// # Errors
/// A line says nothing that is known, nothing that can be done there, or counts parts of a second.
pub(crate) fn run_of<P: Protocol>(model: &Model<P>, script: &Script) -> Result<Steps<P::Action>, Stop> {
    let lines = script.lines.iter().filter_map(|(number, text)| parse(*number, text).transpose());
    let lines = lines.collect::<Result<Vec<Line<P::Action>>, Stop>>()?;
    known(model, &lines)?;
    if let Some(line) = lines.iter().find(|line| scale(std::slice::from_ref(line)) > 1) {
        let problem = "it counts parts of a second: whole seconds would be accepted".to_owned();
        return Err(Stop { line: line.number, text: line.text.clone(), problem, instead: Vec::new() });
    }
    let values = if script.small { model.lengths.small } else { model.lengths.seconds };
    let (mut stage, mut steps) = (Stage::new(model, values, 1), Vec::new());
    for line in &lines {
        stage.perform(line, &mut |_| {})?;
        if let Order::Act(action) = line.order {
            steps.push((stage.player.elapsed(), action));
        }
    }
    Ok(Steps { small: script.small, steps, end: stage.player.elapsed() })
}

/// Parts of a second that every length in a script is a whole number of.
fn scale<A>(lines: &[Line<A>]) -> u32 {
    let waited = |line: &Line<A>| if let Order::Wait(length) = line.order { Some(length) } else { None };
    let lengths = lines.iter().flat_map(|line| line.at.into_iter().chain(waited(line)));
    lengths.fold(1, |parts, length| {
        let both = parts / gcd(parts, length.denominator()) * length.denominator();
        if both > FINEST { parts } else { both }
    })
}

fn parse<A: std::str::FromStr<Err = String>>(number: u32, text: &str) -> Result<Option<Line<A>>, Stop> {
    let stop = |problem: String| Stop { line: number, text: text.trim().to_owned(), problem, instead: Vec::new() };
    let (words, comment) = text.split_once('#').unwrap_or((text, ""));
    let (mut rest, mut at) = (words.trim(), None);
    let length = |word: &str| {
        word.parse::<Length>().map_err(|_| stop(format!("`{word}`: accepted: {}", dhcpfo_clock::length::ACCEPTED)))
    };
    if let Some(after) = rest.strip_prefix("at ") {
        let (word, order) = after.trim().split_once(' ').unwrap_or((after.trim(), ""));
        at = Some(length(word)?);
        rest = order.trim();
    }
    let order = match rest {
        "" => Order::Nothing,
        _ if rest.starts_with("wait ") => Order::Wait(length(rest[5..].trim())?),
        _ if rest.starts_with("expect refuted ") => Order::Refuted(rest[15..].trim().to_owned()),
        _ if rest.starts_with("expect reached ") => Order::Reached(rest[15..].trim().to_owned()),
        _ => Order::Act(rest.parse().map_err(stop)?),
    };
    if at.is_none() && matches!(order, Order::Nothing) {
        return Ok(None);
    }
    Ok(Some(Line { number, text: rest.to_owned(), comment: comment.trim().to_owned(), at, order }))
}

/// Every name that is expected is one of the model.
fn known<P: Protocol>(model: &Model<P>, lines: &[Line<P::Action>]) -> Result<(), Stop> {
    for line in lines {
        let (name, what, names) = match &line.order {
            Order::Refuted(name) => {
                (name, "claim", model.claims.iter().map(|claim| claim.entry.name).collect::<Vec<_>>())
            }
            Order::Reached(name) => {
                (name, "witness", model.witnesses.iter().map(|witness| witness.entry.name).collect())
            }
            _ => continue,
        };
        if !names.contains(&name.as_str()) {
            let problem = format!("the model has no {what} `{name}`: accepted: {}", names.join(", "));
            return Err(Stop { line: line.number, text: line.text.clone(), problem, instead: Vec::new() });
        }
    }
    Ok(())
}

/// A play with what was seen so far.
struct Stage<'a, P: Protocol> {
    model: &'a Model<P>,
    player: Player<'a, P>,
    per_second: u32,
    told: Vec<(String, String)>,
    reached: Vec<&'static str>,
    outcome: Outcome,
}

impl<'a, P: Protocol> Stage<'a, P> {
    fn new(model: &'a Model<P>, values: Values, per_second: u32) -> Self {
        let player = Player::new(model, values, per_second);
        Stage { model, player, per_second, told: Vec::new(), reached: Vec::new(), outcome: Outcome::default() }
    }

    fn perform(&mut self, line: &Line<P::Action>, emit: &mut dyn FnMut(Row)) -> Result<(), Stop> {
        let stop = |refusal: Refusal| Stop {
            line: line.number,
            text: line.text.clone(),
            problem: refusal.to_string(),
            instead: refusal.instead().to_vec(),
        };
        let parts = |length: Length| length.in_parts(self.per_second).ok_or_else(|| stop(Refusal::TooFar));
        let until = match (line.at, &line.order) {
            (Some(at), _) => Some(parts(at)?),
            (None, Order::Wait(length)) => {
                let parts = self.player.elapsed().checked_add(parts(*length)?);
                Some(parts.ok_or_else(|| stop(Refusal::TooFar))?)
            }
            _ => None,
        };
        if let Some(until) = until {
            self.player.advance(until).map_err(stop)?;
        }
        match &line.order {
            Order::Act(action) => {
                self.player.act(*action).map_err(stop)?;
                self.outcome.actions += 1;
            }
            Order::Refuted(name) if !self.outcome.refuted.contains(&name.as_str()) => {
                self.outcome.unmet.push((line.number, line.text.clone()));
            }
            Order::Reached(name) if !self.reached.contains(&name.as_str()) => {
                self.outcome.unmet.push((line.number, line.text.clone()));
            }
            Order::Nothing | Order::Wait(_) | Order::Refuted(_) | Order::Reached(_) => {}
        }
        let at = Length::parts(u64::from(self.player.elapsed()), self.per_second).unwrap_or(Length::ZERO);
        emit(self.row(
            at,
            if until.is_none() || matches!(line.order, Order::Act(_)) { &line.text } else { "" },
            &line.comment,
        ));
        Ok(())
    }

    /// What is new since the last row.
    fn row(&mut self, at: Length, action: &str, comment: &str) -> Row {
        let Model { claims, witnesses, .. } = self.model;
        let state = self.player.describe();
        let changes = state.iter().filter(|line| !self.told.contains(line)).cloned().collect();
        self.told = state;
        let names = self.player.all_violated().map(|claim| claims[claim].entry.name);
        let refuted: Vec<_> = names.filter(|name| !self.outcome.refuted.contains(name)).collect();
        let names = self.player.reached().map(|witness| witnesses[witness].entry.name);
        let reached: Vec<_> = names.filter(|name| !self.reached.contains(name)).collect();
        self.outcome.refuted.extend(&refuted);
        self.reached.extend(&reached);
        Row { at, action: action.to_owned(), comment: comment.to_owned(), changes, refuted, reached }
    }
}
