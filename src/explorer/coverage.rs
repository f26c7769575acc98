//! What runs exercise: conditions of servers, cells of the transition table, and the rules behind steps with the
//! readings in force. Counted from steps that were really taken, of scenarios and of models.

use crate::cite::decided;
use crate::walk::{Moment, order, outcomes};
use dhcpfo_check::world::WorldSpace;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::rules::{Question, Reading};
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_engine::transition::Cause;
use dhcpfo_search::space::Space;
use dhcpfo_time::Standing;
use dhcpfo_world::action::{Action, Order, Timer, What};
use dhcpfo_world::decided::Decided;
use dhcpfo_world::model::Model;
use dhcpfo_world::play::{self, Condition};
use dhcpfo_world::system::System;
use std::collections::{BTreeMap, HashSet, VecDeque};

/// How often something happened, and in which models and scenarios.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exercised {
    /// Steps.
    pub steps: u64,
    /// By number, as [`Coverage::sources`] has them, ascending.
    pub sources: Vec<usize>,
}

impl Exercised {
    fn by(&mut self, source: usize) {
        self.steps += 1;
        if self.sources.last() != Some(&source) {
            self.sources.push(source);
        }
    }

    fn add(&mut self, other: &Exercised, first: usize) {
        self.steps += other.steps;
        self.sources.extend(other.sources.iter().map(|source| source + first));
    }
}

/// What was exercised.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Files of models and scenarios.
    pub sources: Vec<String>,
    /// Steps that were looked at.
    pub steps: u64,
    /// States of models that were looked at.
    pub states: u64,
    /// Conditions of servers by role and name.
    pub conditions: BTreeMap<(usize, String), Exercised>,
    /// Cells of the transition table: role, state, cause.
    pub cells: BTreeMap<(usize, &'static str, String), Exercised>,
    /// What decided steps: question, reading in force. One step of each file is counted.
    pub readings: BTreeMap<(&'static str, &'static str), Exercised>,
    /// Where the specification speaks of that, counted likewise.
    pub sections: BTreeMap<&'static str, Exercised>,
}

impl Coverage {
    /// What follows comes from this file.
    pub fn begin(&mut self, source: &str) {
        self.sources.push(source.to_owned());
    }

    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Coverage) {
        fn all<K: Ord + Clone>(mine: &mut BTreeMap<K, Exercised>, theirs: &BTreeMap<K, Exercised>, first: usize) {
            theirs.iter().for_each(|(key, exercised)| mine.entry(key.clone()).or_default().add(exercised, first));
        }
        let first = self.sources.len();
        self.sources.extend(other.sources.iter().cloned());
        self.steps += other.steps;
        self.states += other.states;
        all(&mut self.conditions, &other.conditions, first);
        all(&mut self.cells, &other.cells, first);
        all(&mut self.readings, &other.readings, first);
        all(&mut self.sections, &other.sections, first);
    }

    /// Whether nothing of this file has been decided by this reading yet. To ask that of a step takes far longer than the step: of
    /// a model's many, one in eight is asked after the first.
    pub fn wants(&self, question: &Question, reading: &Reading) -> bool {
        const FIRST: u64 = 400;
        if self.steps >= FIRST && !self.steps.is_multiple_of(8) {
            return false;
        }
        let source = self.sources.len().checked_sub(1);
        self.readings.get(&(question.key, reading.word)).is_none_or(|by| by.sources.last().copied() != source)
    }

    /// Looks at a step, and at what decided it among what was [wanted](Coverage::wants).
    pub fn step(&mut self, step: &play::Step, decided: &[Decided]) {
        let source = self.sources.len().saturating_sub(1);
        self.steps += 1;
        for role in Role::ALL {
            let name = Condition::of(step.after.system.server(role)).name().to_owned();
            self.conditions.entry((role.index(), name)).or_default().by(source);
        }
        if let Some((role, cause)) = cause(&step.before.system, &step.action)
            && let Condition::In(state) = Condition::of(step.before.system.server(role))
        {
            self.cells.entry((role.index(), state.name(), cause_word(cause))).or_default().by(source);
        }
        for Decided { question, reading, .. } in decided {
            self.sections.entry(question.section).or_default().by(source);
            self.readings.entry((question.key, reading.word)).or_default().by(source);
        }
    }

    /// Looks at a model: so many states, half of them near its beginning and half far from it.
    pub fn model(&mut self, model: &Model, most: u64) {
        let mut order = order(model);
        let space = WorldSpace::new(model, order.clone());
        let (mut scratch, mut seen) = (space.scratch(), HashSet::new());
        let mut is_new = |moment: &Moment| {
            let mut bytes = Vec::new();
            space.encode(&mut scratch, moment, &mut bytes);
            seen.insert(bytes)
        };
        let start = dhcpfo_clock::start(model, &mut order, System::initial(model));
        is_new(&start);
        let mut waiting = VecDeque::from([start]);
        let mut states = 0;
        while states < most
            && let Some(moment) = if states % 2 == 0 { waiting.pop_front() } else { waiting.pop_back() }
        {
            states += 1;
            if moment.state.overflow {
                continue;
            }
            if let Some(next) = dhcpfo_clock::tick(model, &mut order, &moment)
                && is_new(&next)
            {
                waiting.push_back(next);
            }
            let mut offered = Vec::new();
            model.candidates(&moment.state, &Standing(moment.now), &mut |what| offered.push(what));
            for what in offered {
                for outcome in outcomes(model, &mut order, &moment, Action::of(what)) {
                    let [before, after] = [&moment, &outcome.after]
                        .map(|moment| play::Moment { system: moment.state.clone(), now: moment.now });
                    let step = play::Step::seen(Action::of(what), &outcome.effects, before, after, Vec::new());
                    let decided = decided(model, &step.before, step.action, |q, r| self.wants(q, r));
                    self.step(&step, &decided);
                    if is_new(&outcome.after) {
                        waiting.push_back(outcome.after);
                    }
                }
            }
        }
        self.states += states;
    }
}

/// Whose transition an action may be, and why.
fn cause(before: &System, action: &Action) -> Option<(Role, Cause)> {
    match action.what {
        What::Deliver(role) => match before.link.head(role)? {
            Message::State(report) => Some((role, Cause::Partner(report.state))),
            Message::UpdDone => Some((role, Cause::UpdateDone)),
            _ => None,
        },
        What::Notice(role) => Some((role, Cause::CommunicationsFailed)),
        What::Operator(role, Order::PartnerDown | Order::PartnerDownSince(_)) => {
            Some((role, Cause::PartnerDownCommand))
        }
        What::Over(Timer::SafePeriod, role) => Some((role, Cause::SafePeriodOver)),
        What::Wake(role) => {
            // What is due then is the end of RECOVER-WAIT, or nothing of this table.
            let waits = matches!(Condition::of(before.server(role)), Condition::In(State::RecoverWait));
            waits.then_some((role, Cause::RecoverWaitOver))
        }
        _ => None,
    }
}

/// A cause in words.
pub fn cause_word(cause: Cause) -> String {
    match cause {
        Cause::Partner(Reported::In(state)) => format!("partner {}", state.name()),
        Cause::Partner(other) => format!("partner {}", other.name()),
        Cause::UpdateDone => "UPDDONE".to_owned(),
        Cause::CommunicationsFailed => "communications failed".to_owned(),
        Cause::PartnerDownCommand => "operator: partner down".to_owned(),
        Cause::SafePeriodOver => "safe period over".to_owned(),
        Cause::RecoverWaitOver => "RECOVER-WAIT over".to_owned(),
    }
}
