//! Holding a run against what the searches allow: each step is one under `ticks` for the model's small lengths, and
//! what is left of it when only the order of times is kept is a step under `timeout-order`.
//!
//! The order of times does not tell a state under `timeout-order` apart: what is known of the times beyond it depends
//! on the way there. So all moments are kept that look like the run and were reached by its actions. There must always
//! be one.

use super::Walker;
use dhcpfo_clock::{Domain, GAP, Known, Moment, Nothing, Order, Ticks, Timed};
use dhcpfo_time::{Kind, Time, Times};
use dhcpfo_world::action::{Action, What};
use dhcpfo_world::model::Model;
use dhcpfo_world::system::System;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Most passages of time between two instants of a run: each class of times is met, and each gap after one.
const MOST_TICKS: usize = 160;

/// Where a run and the searches part ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The clock of the search that does not allow the step.
    pub clock: &'static str,
    /// The action; None: time passed.
    pub action: Option<Action>,
    /// How many moments there were before.
    pub moments: usize,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let action = self.action.map_or_else(|| What::Tick.to_string(), |action| action.to_string());
        write!(f, "`{action}` is not allowed under {}, from any of {} moments", self.clock, self.moments)
    }
}

/// Goes with a run.
pub struct Follower<'m> {
    model: &'m Model,
    order: Order,
    orders: Vec<Moment<System, Known>>,
    /// Only for runs with small lengths.
    ticks: Option<(Ticks, Moment<System, Nothing>, u32)>,
}

impl<'m> Follower<'m> {
    /// At the beginning of a run; `small`: it has the model's small lengths.
    pub fn new(model: &'m Model, small: bool) -> Follower<'m> {
        let mut order = model.lengths.order();
        let orders = vec![dhcpfo_clock::start(model, &mut order, System::initial(model))];
        let ticks = small.then(|| {
            let mut ticks = model.lengths.ticks();
            let moment = dhcpfo_clock::start(model, &mut ticks, System::initial(model));
            (ticks, moment, 0)
        });
        Follower { model, order, orders, ticks }
    }

    /// The run has done this.
    pub fn act(&mut self, action: Action, walker: &Walker<'_>) -> Result<(), Disagreement> {
        let fail = |clock, moments| Disagreement { clock, action: Some(action), moments };
        let (state, now) = self.in_order(walker);
        let mut next: Vec<Moment<System, Known>> = Vec::new();
        for from in &self.orders {
            dhcpfo_clock::expand(self.model, &mut self.order, from, action, &mut |moment, _| {
                if moment.now == now && moment.state == state && !next.contains(moment) {
                    next.push(moment.clone());
                }
            });
        }
        if next.is_empty() {
            return Err(fail("timeout-order", self.orders.len()));
        }
        self.orders = next;
        if let Some((ticks, from, _)) = &mut self.ticks {
            let mut found = None;
            dhcpfo_clock::expand(self.model, ticks, from, action, &mut |moment, _| found = Some(moment.clone()));
            let here = in_ticks(self.model, ticks, walker);
            *from = found.filter(|moment| moment.state == here).ok_or(fail("ticks", 1))?;
        }
        Ok(())
    }

    /// Time has passed in the run.
    pub fn pass(&mut self, walker: &Walker<'_>) -> Result<(), Disagreement> {
        let fail = |clock, moments| Disagreement { clock, action: None, moments };
        let (state, now) = self.in_order(walker);
        let mut next = Vec::new();
        for from in &self.orders {
            let mut moment = Some(from.clone());
            for _ in 0..MOST_TICKS {
                let Some(here) = moment else { break };
                if here.now == now && here.state == state {
                    next.push(here);
                    break;
                }
                moment = dhcpfo_clock::tick(self.model, &mut self.order, &here);
            }
        }
        if next.is_empty() {
            return Err(fail("timeout-order", self.orders.len()));
        }
        self.orders = next;
        if let Some((ticks, from, elapsed)) = &mut self.ticks {
            while *elapsed < walker.elapsed() {
                *elapsed += 1;
                match dhcpfo_clock::tick(self.model, ticks, from) {
                    Some(moment) => *from = moment,
                    // Nothing is told apart any more, or time may not pass, which the comparison shows.
                    None => *elapsed = walker.elapsed(),
                }
            }
            let here = in_ticks(self.model, ticks, walker);
            if from.state != here {
                return Err(fail("ticks", 1));
            }
        }
        Ok(())
    }

    /// What is left of the run's state when only the order of its times is kept, and its present instant.
    fn in_order(&self, walker: &Walker<'_>) -> (System, Time) {
        let (mut state, now) = (walker.system().clone(), walker.now());
        let is_set = |time: Time| time != Time::LONG_AGO && time != Time::SOMETIME;
        let (mut live, mut ages) = (BTreeSet::from([now.raw()]), BTreeMap::<u8, BTreeSet<u32>>::new());
        state.times(&mut |time, kind| match kind {
            _ if !is_set(*time) => {}
            Kind::Deadline | Kind::Limit | Kind::Timer if time.raw() < now.raw() => {}
            Kind::Age(group) if time.raw() < now.raw() => {
                ages.entry(group).or_default().insert(time.raw());
            }
            _ => {
                live.insert(time.raw());
            }
        });
        let class = |time: Time| Time::from_raw((live.range(..time.raw()).count() as u32 + 1) * GAP);
        state.times(&mut |time, kind| match kind {
            _ if !is_set(*time) => {}
            Kind::Deadline | Kind::Limit | Kind::Timer if time.raw() < now.raw() => *time = Time::LONG_AGO,
            Kind::Age(group) if time.raw() < now.raw() => {
                let older = ages.get(&group).map_or(0, |times| times.range(..time.raw()).count());
                *time = Time::from_raw(older as u32 + 1);
            }
            _ => *time = class(*time),
        });
        self.model.tidy(&mut state);
        (state, class(now))
    }
}

/// The run's state as `ticks` has it.
fn in_ticks(model: &Model, ticks: &mut Ticks, walker: &Walker<'_>) -> System {
    let (mut state, now) = (walker.system().clone(), walker.now());
    state.times(&mut |time, _| {
        if *time != Time::LONG_AGO && *time != Time::SOMETIME {
            let since = i64::from(time.raw()) - i64::from(now.raw());
            // Older than anything that a run with small lengths has is as good as never.
            *time = Time::from_raw(u32::try_from(i64::from(dhcpfo_clock::START.raw()) + since).unwrap_or(1));
        }
    });
    ticks.load(&mut state, dhcpfo_clock::START, &Nothing);
    ticks.canon(&mut state, false);
    model.tidy(&mut state);
    state
}
