//! Claims about whole runs: what leads to what, where some things are fair. Decided on the graph of all states.
//!
//! What is assumed, and what follows for a verdict:
//!
//! * A run may stay where it is for ever, unless something that a condition names is possible there. So what nobody promises
//!   need not happen, also where it is the only thing that can.
//! * *Time diverges* is the condition `time`, and strong: in an instant at which something is due, time cannot pass, so that in a
//!   cycle it is not possible all the time. That time passes again and again is enough for it to go beyond any bound: what
//!   passes are deadlines, there are finitely many at a time, and a new one lies a length of time ahead.
//! * A cycle in which time never can pass is a run, though none of a real clock: messages that take no time go to and fro for
//!   ever. It refutes, since what it shows goes on for ever with messages that take a little time, too.
//! * Under the order of deadlines every timed run is a run of the graph, so what holds there holds for all lengths that the model
//!   admits. The reverse is not so: a cycle may have no times. Its path is given times for the way there and two rounds; that the
//!   rounds after these have times, too, is sure under `ticks` alone, where the state after a round is the one before it.

use crate::answer::{Counterexample, Round, Times};
use crate::timed_space::TimedSpace;
use dhcpfo_claims::fair::{Assumed, TIME};
use dhcpfo_search::liveness::{CycleQuery, Fairness, Graph, Lasso, LivenessError, TICK};
use dhcpfo_search::space::{Edge, Space};
use dhcpfo_search::trace::Step;

/// Why claims about whole runs are not judged under `lazy` and `lazy-exact`, and what is accepted.
pub const NOT_KEPT: &str = "claims about whole runs are decided on the graph of all states, which is not kept where one \
                            state stands for many (accepted: timeout-order, ticks, exact)";

/// Most labels that a model's conditions may take.
pub const LABELS: u32 = 31;

/// How many labels conditions take.
pub fn labels(assumed: &[Assumed]) -> u32 {
    assumed.iter().map(|one| one.condition.parts).sum()
}

/// Conditions, each part with the label of edges that it has.
pub struct Demands {
    first: Vec<(&'static str, u32)>,
    fairness: Vec<Fairness>,
}

impl Demands {
    /// Conditions whose labels begin with the bit of that number.
    pub fn new(assumed: &[Assumed], first: u32) -> Demands {
        let (mut demands, mut next) = (Demands { first: Vec::new(), fairness: Vec::new() }, first);
        for Assumed { condition, strong } in assumed {
            let kind = if *strong { Fairness::Strong } else { Fairness::Weak };
            if condition.name == TIME.name {
                demands.fairness.push(kind(TICK));
                continue;
            }
            demands.first.push((condition.name, next));
            demands.fairness.extend((next..next + condition.parts).map(|bit| kind(1 << bit)));
            next += condition.parts;
        }
        demands
    }

    /// The label of an edge that meets a part of a condition.
    pub fn met(&self, met: Option<(&'static str, u32)>) -> u32 {
        let bit = met.and_then(|(name, part)| Some(self.first.iter().find(|(known, _)| *known == name)?.1 + part));
        bit.map_or(0, |bit| 1 << bit)
    }
}

/// A fair run that comes through a state with the first of two flags, `flag`, and to none with the second from there on.
///
/// # Errors
/// A path could not be rebuilt.
pub fn refuted<S: Space, L: Fn(&Edge<S::Action>, &S::State, &S::State) -> u32>(
    graph: &Graph<'_, S, L>,
    flag: u32,
    demands: &Demands,
) -> Result<Option<Lasso<S>>, LivenessError> {
    let (from, avoid) = (1 << flag, 2 << flag);
    graph.fair_cycle(&CycleQuery { from, avoid, accept: &|_| true, fairness: &demands.fairness, rest: true })
}

/// A run that goes round for ever as a counterexample, with times for the way there and two rounds.
pub fn of_lasso<S: TimedSpace>(
    claim: usize,
    lasso: &Lasso<S>,
    times: &impl Fn(usize, &[Step<S>]) -> Times<S::Action>,
) -> Counterexample<S::Action> {
    let Lasso { stem, cycle, again } = lasso;
    let actions = |steps: &[Step<S>]| steps.iter().filter(|step| S::action(step.edge.action).is_some()).count() as u32;
    let round = Round { begins: actions(&stem.steps), actions: actions(cycle) };
    let steps: Vec<Step<S>> = stem.steps.iter().chain(cycle).chain(again).cloned().collect();
    let path = steps.iter().map(|step| step.edge.action).collect();
    Counterexample { length: round.begins + round.actions, path, times: times(claim, &steps), round: Some(round) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dhcpfo_claims::fair::Condition;

    #[test]
    fn each_part_of_a_condition_has_its_label_and_its_kind() {
        let condition = |name, parts| Condition { name, about: "", parts };
        let assumed = [(TIME, true), (condition("sent", 2), false), (condition("up", 1), true)];
        let assumed = assumed.map(|(condition, strong)| Assumed { condition, strong });
        let demands = Demands::new(&assumed, 4);
        let fairness =
            [Fairness::Strong(TICK), Fairness::Weak(1 << 4), Fairness::Weak(1 << 5), Fairness::Strong(1 << 6)];
        assert_eq!(demands.fairness, fairness);
        assert_eq!(
            [Some(("sent", 1)), Some(("up", 0)), Some(("down", 0)), None].map(|met| demands.met(met)),
            [32, 64, 0, 0]
        );
        assert_eq!(labels(&assumed), 3);
    }
}
