//! A plain breadth-first search, for the tests.

use crate::core::{Action, Core, Protocol};
use dhcpfo_clock::concretise::Step;
use dhcpfo_clock::{Domain, Moment, load, outcomes, start, tick};
use dhcpfo_time::Time;
use std::collections::HashSet;

/// What a search found.
pub(crate) struct Found {
    /// Different states; up to the one that was wanted if it was found.
    pub(crate) states: usize,
    /// The shortest path to it.
    pub(crate) path: Option<Vec<Step<Action>>>,
}

impl Found {
    /// Steps to it, ticks included.
    pub(crate) fn steps(&self) -> Option<usize> {
        self.path.as_ref().map(Vec::len)
    }

    /// Actions of the protocol among them.
    pub(crate) fn actions(&self) -> Option<usize> {
        self.path.as_ref().map(|path| path.iter().filter_map(Step::action).count())
    }
}

/// Searches all of `protocol`, or up to the first violation.
pub(crate) fn search<D: Domain>(protocol: &Protocol, domain: &mut D) -> Found {
    explore(protocol, domain, Protocol::violated, &mut |_| ())
}

/// Searches up to the first state that is wanted, and shows every state to `look`.
pub(crate) fn explore<D: Domain>(
    protocol: &Protocol,
    domain: &mut D,
    wanted: impl Fn(&Core, Time) -> bool,
    look: &mut impl FnMut(&Moment<Core, D::Facts>),
) -> Found {
    let first = start(protocol, domain, protocol.initial());
    let mut seen = HashSet::from([first]);
    let mut list = vec![(first, 0, Step::Tick)];
    let mut at = 0;
    while at < list.len() {
        let from = list[at].0;
        look(&from);
        if wanted(&from.state, from.now) {
            return Found { states: list.len(), path: Some(path(&list, at)) };
        }
        let mut add = |next: &Moment<Core, D::Facts>, step| {
            if seen.insert(*next) {
                list.push((*next, at, step));
            }
        };
        if let Some(next) = tick(protocol, domain, &from) {
            add(&next, Step::Tick);
        }
        load::<Protocol, D>(domain, &from, &mut from.clone());
        for action in Action::ALL {
            outcomes(protocol, domain, &from, &mut from.clone(), action, &mut |next, choices| {
                add(next, Step::Act(action, choices))
            });
        }
        at += 1;
    }
    Found { states: list.len(), path: None }
}

fn path<M>(list: &[(M, usize, Step<Action>)], mut at: usize) -> Vec<Step<Action>> {
    let mut steps = Vec::new();
    while at > 0 {
        steps.push(list[at].2);
        at = list[at].1;
    }
    steps.reverse();
    steps
}
