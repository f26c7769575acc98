//! What a walk does next: kinds of action with weights that each run draws for itself, so that runs differ in what they
//! are about.

use super::walker::Walker;
use dhcpfo_world::action::{Action, Deed, Order, What};
use dhcpfo_world::budget::Item;
use dhcpfo_world::model::Model;
use dhcpfo_world::places::Places;
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;

/// Kinds of action, each with the weight that it has on the average. Time is the first.
const KINDS: [u32; 20] = [8, 8, 2, 16, 4, 4, 2, 2, 1, 4, 2, 1, 1, 4, 8, 2, 2, 8, 2, 1];

/// Time passes.
const TIME: usize = 0;

/// By what a run multiplies the weight of a kind, in quarters. Nothing is ever out of the question.
const TEMPERS: [u32; 6] = [1, 2, 4, 4, 12, 40];

/// The number of a kind in [`KINDS`].
const fn kind(what: &What) -> usize {
    match what {
        What::Tick => TIME,
        What::Wake(_) => 1,
        What::Over(..) => 2,
        What::Deliver(_) => 3,
        What::Notice(_) => 4,
        What::Connect | What::Reconnect => 5,
        What::Break | What::Deafen(_) => 6,
        What::Crash { storage: false, .. } => 7,
        What::Crash { storage: true, .. } | What::BackUp(_) => 8,
        What::Restart(_) | What::RestartChanged(_) | What::SwapRoles | What::PutBack(_) => 9,
        What::Operator(_, Order::PartnerDown | Order::PartnerDownSince(_) | Order::Set(_)) => 10,
        What::Operator(_, Order::Pause | Order::Shutdown) => 11,
        What::Operator(_, Order::Reset(_) | Order::Rebalance) => 12,
        What::Client { deed: Deed::Obtain(_) | Deed::Discover, .. } => 13,
        What::Client { deed: Deed::Renew | Deed::Rebind | Deed::Reboot, .. } => 14,
        What::Client { deed: Deed::Release, .. } => 15,
        What::Client { .. } => 16,
        What::Arrive(_) => 17,
        What::Lose(_) => 18,
        What::Duplicate(_) => 19,
    }
}

/// The temper of one run.
#[derive(Clone, Debug)]
pub struct Temper {
    weights: [u32; KINDS.len()],
    /// Of 256 steps that can be cut short by a crash, so many are.
    split: u32,
    /// In which other orders a server may look through its table.
    orders: Vec<Places>,
    candidates: Vec<What>,
}

impl Temper {
    /// Draws the temper of a run.
    pub fn draw(model: &Model, random: &mut Xoshiro256PlusPlus) -> Temper {
        let weights = KINDS.map(|weight| weight * TEMPERS[random.random_range(0..TEMPERS.len() as u32) as usize]);
        let split = if model.split_steps { [0, 8, 32, 96][random.random_range(0..4_u32) as usize] } else { 0 };
        Temper { weights, split, orders: Places::open(model), candidates: Vec::new() }
    }

    /// Does one thing that is enabled, if anything is. Letting time pass is left to the caller; `still`: it may not.
    pub fn step(&mut self, walker: &mut Walker<'_>, random: &mut Xoshiro256PlusPlus, still: bool) -> Chosen {
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.clear();
        if !still && walker.may_pass() {
            candidates.push(What::Tick);
        }
        walker.candidates(&mut |what| candidates.push(what));
        let chosen = self.choose(&mut candidates, walker, random);
        self.candidates = candidates;
        chosen
    }

    fn choose(&self, candidates: &mut Vec<What>, walker: &mut Walker<'_>, random: &mut Xoshiro256PlusPlus) -> Chosen {
        while !candidates.is_empty() {
            let place = self.pick(candidates, random);
            let what = candidates[place];
            if what == What::Tick {
                return Chosen::Time;
            }
            if let Some(action) = self.dressed(what, walker, random)
                && walker.act(action)
            {
                return Chosen::Done(action);
            }
            candidates.swap_remove(place);
        }
        Chosen::Nothing
    }

    /// A kind by its weight, and one of that kind.
    fn pick(&self, candidates: &[What], random: &mut Xoshiro256PlusPlus) -> usize {
        let mut counts = [0_u32; KINDS.len()];
        candidates.iter().for_each(|what| counts[kind(what)] += 1);
        let weight = |number: usize| if counts[number] > 0 { self.weights[number] } else { 0 };
        let mut left = random.random_range(0..(0..KINDS.len()).map(weight).sum::<u32>().max(1));
        let mut chosen = 0;
        for number in 0..KINDS.len() {
            chosen = number;
            if left < weight(number) {
                break;
            }
            left -= weight(number);
        }
        let nth = random.random_range(0..counts[chosen].max(1));
        let mut alike = candidates.iter().enumerate().filter(|(_, what)| kind(what) == chosen);
        alike.nth(nth as usize).map_or(0, |(place, _)| place)
    }

    /// The action, perhaps with the table looked through in another order, perhaps with a crash in the middle.
    fn dressed(&self, what: What, walker: &mut Walker<'_>, random: &mut Xoshiro256PlusPlus) -> Option<Action> {
        let is_open = what.depends_on_order() && !self.orders.is_empty() && random.random_range(0..4_u32) == 0;
        let places = is_open.then(|| self.orders[random.random_range(0..self.orders.len() as u32) as usize]);
        let plain = Action { places, ..Action::of(what) };
        let crashes = walker.system().budgets.left(Item::Crashes) > 0;
        if !crashes || !what.may_be_split() || random.random_range(0..256_u32) >= self.split {
            return Some(plain);
        }
        // What may not be done to its end, such as declaring a partner down that serves, may still be begun.
        let whole = walker.attempt(plain);
        let effects = u8::try_from(walker.effects()).unwrap_or(u8::MAX);
        let cut = (effects > 1).then(|| random.random_range(1..effects));
        let cut = cut.map(|count| Action { crash_after: Some(count), ..plain });
        cut.filter(|cut| walker.attempt(*cut)).or(whole.then_some(plain))
    }
}

/// What came of looking for something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// This was done.
    Done(Action),
    /// Time passes.
    Time,
    /// Nothing is enabled, and time may not pass.
    Nothing,
}
