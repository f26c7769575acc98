//! Guided search: is there any run at all with these actions in this order?

use super::{Question, Step};
use crate::{Choices, Exact, MomentOf, Timed, expand, start, tick};
use dhcpfo_time::Time;
use std::collections::HashSet;
use std::hash::Hash;

/// What a guided search found.
pub struct Guided<A> {
    /// States it went through.
    pub states: usize,
    /// A path to the violation, with choices as [`Exact`] makes them.
    pub path: Option<Vec<Step<A>>>,
}

struct Node<T: Timed> {
    moment: MomentOf<T, Exact>,
    /// Actions done.
    done: usize,
    parent: usize,
    step: Step<T::Action>,
}

/// Searches the runs that have `actions` in their order, with time passing freely between them, for a
/// violation. Stops at the bound of the question.
pub fn guided<T, V>(question: &Question<'_, T, V>, exact: &mut Exact, actions: &[T::Action]) -> Guided<T::Action>
where
    T: Timed<State: Eq + Hash>,
    V: Fn(&T::State, Time) -> bool,
{
    let timed = question.timed;
    let moment = start(timed, exact, question.initial.clone());
    let mut seen = HashSet::from([(0, moment.clone())]);
    let mut nodes: Vec<Node<T>> = vec![Node { moment, done: 0, parent: 0, step: Step::Tick }];
    let mut at = 0;
    while at < nodes.len() && nodes.len() < question.most {
        let Node { moment, done, .. } = &nodes[at];
        let (from, done) = (moment.clone(), *done);
        if (question.violated)(&from.state, from.now) {
            return Guided { states: nodes.len(), path: Some(path(&nodes, at)) };
        }
        let mut add = |moment: &MomentOf<T, Exact>, done: usize, step: Step<T::Action>| {
            if seen.insert((done, moment.clone())) {
                nodes.push(Node { moment: moment.clone(), done, parent: at, step });
            }
        };
        if let Some(next) = tick(timed, exact, &from) {
            add(&next, done, Step::Tick);
        }
        if let Some(&action) = actions.get(done) {
            let mut emit =
                |next: &MomentOf<T, Exact>, choices: Choices| add(next, done + 1, Step::Act(action, choices));
            expand(timed, exact, &from, action, &mut emit);
        }
        at += 1;
    }
    Guided { states: nodes.len(), path: None }
}

fn path<T: Timed>(nodes: &[Node<T>], mut at: usize) -> Vec<Step<T::Action>> {
    let mut steps = Vec::new();
    while at > 0 {
        steps.push(nodes[at].step);
        at = nodes[at].parent;
    }
    steps.reverse();
    steps
}
