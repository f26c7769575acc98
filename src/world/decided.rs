//! Which readings of the text a step depends on. The engine is asked: what would have come of the same action under every other
//! reading of every question? So nothing has to be kept beside the rules, and no question is left out.

use crate::action::Action;
use crate::claim::{EFFECTS, Effects, Told};
use crate::model::Model;
use crate::system::System;
use arrayvec::ArrayVec;
use dhcpfo_clock::Timed;
use dhcpfo_engine::effect::Effect;
use dhcpfo_engine::rules::{QUESTIONS, Question, Reading};
use dhcpfo_engine::state::Role;
use dhcpfo_time::Clock;

/// A question on whose answer a step depended.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The server whose rules they are.
    pub role: Role,
    /// The question.
    pub question: &'static Question,
    /// The reading in force.
    pub reading: &'static Reading,
    /// The readings under which the same action would have come out otherwise, each alone in place of the one in force.
    pub otherwise: Vec<&'static Reading>,
}

/// What came of an action: the server that took a stimulus, what it told others and when it wrote, and all that there is
/// afterwards but what no rule in force reads.
type Outcome = (Option<Role>, ArrayVec<Option<Effect>, EFFECTS>, System);

impl Model {
    /// What decided how `action` came out that was carried out in `before`: the questions of which another reading, at the
    /// server that took a stimulus, would have led to other effects or to another state. `clock` stands at the instant of the
    /// action. Only questions that are `asked` are looked at: to find nothing takes as many steps as there are readings.
    pub fn decided(
        &self,
        before: &System,
        action: Action,
        clock: &(impl Clock + Clone),
        asked: impl Fn(&Question, &Reading) -> bool,
    ) -> Vec<Decided> {
        let mut model = self.clone();
        // Nobody judges; what is left of a violation does not matter.
        (model.claims, model.witnesses, model.go_on) = (Vec::new(), Vec::new(), true);
        let come_of = |model: &Model| outcome(self, model, before, action, clock);
        let Some(taken) = come_of(&model) else { return Vec::new() };
        let Some(role) = taken.0 else { return Vec::new() };
        let rules = self.config(role).rules;
        let mut found = Vec::new();
        for ((key, word), question) in rules.words().zip(QUESTIONS) {
            let Some(reading) = question.reading(word).filter(|reading| asked(question, reading)) else { continue };
            let others = question.readings.iter().filter(|reading| reading.word != word);
            let otherwise: Vec<_> = others
                .filter(|reading| {
                    let known = model.servers[role.index()].rules.set(key, reading.word);
                    debug_assert!(known.is_ok(), "{key} has {}", reading.word);
                    come_of(&model).as_ref() != Some(&taken)
                })
                .collect();
            model.servers[role.index()].rules = rules;
            if !otherwise.is_empty() {
                found.push(Decided { role, question, reading, otherwise });
            }
        }
        found
    }
}

/// None: the action is not enabled. `real` has the rules in force, `model` those that are tried. What only those that are tried
/// write down, for later, did not decide this step.
fn outcome(
    real: &Model,
    model: &Model,
    before: &System,
    action: Action,
    clock: &(impl Clock + Clone),
) -> Option<Outcome> {
    let (mut system, mut effects) = (before.clone(), Effects::new_const());
    let (mut told, mut clock) = (Told::of(&mut effects), clock.clone());
    let done = model.step_with(before, &mut system, action, &mut clock, &mut told);
    let server = told.server;
    real.settle(&mut system, &clock);
    // What was written stands in the state; here it matters when.
    let seen =
        effects.iter().map(|effect| Some(*effect).filter(|effect| !matches!(effect, Effect::Persist(_)))).collect();
    done.then_some((server, seen, system))
}
