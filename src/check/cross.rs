//! One model, several searches that must agree, and one notion of time inside another.

use crate::reach;
use crate::run::{Clock, RunOptions, Times, run};
use crate::world::{OVERFLOW, WorldSpace};
use dhcpfo_clock::{Detail, Domain, Exact, FreeSpans, Order, Room, Ticks};
use dhcpfo_search::covering;
use dhcpfo_search::plain::explore;
use dhcpfo_search::search::{SearchError, search};
use dhcpfo_search::{End, Options};
use dhcpfo_study::cross::{counts_of, inside_of, with_stateright};
use dhcpfo_study::timed_space::TimedSpace;
use dhcpfo_world::model::Model;
use std::collections::BTreeMap;

pub use dhcpfo_study::cross::{Counts, Inside};

/// Searches a model three times. For models whose states fit into memory as they are.
///
/// # Errors
/// No threads.
pub fn counts(model: &Model) -> Result<Counts, SearchError> {
    counts_of(&in_order(model), in_order(leaked(model)))
}

fn in_order(model: &Model) -> WorldSpace<'_, Order> {
    WorldSpace::new(model, model.lengths.order())
}

/// Stateright wants to own what it searches, for as long as the program runs.
pub(crate) fn leaked(model: &Model) -> &'static Model {
    Box::leak(Box::new(model.clone()))
}

/// Bits of claims in the flags of a state.
const CLAIMS: u64 = u32::MAX as u64;

/// The claims that a search refutes, each by its number with the length of a shortest path, and how many states there are.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    unique: u64,
    refuted: BTreeMap<u32, u32>,
}

/// Searches a space to its end. None: it has more than so many states, or a state with no room for what is in flight.
fn found<D>(space: &WorldSpace<'_, D>, states: u64) -> Result<Option<Found>, SearchError>
where
    D: Domain + Clone + Send + Sync,
    D::Facts: Send,
{
    let explored = search(space, &Options { max_states: Some(states), ..Options::default() }, &mut |_| {})?;
    if let Some(misuse) = space.misuse() {
        return Err(SearchError::Void(misuse));
    }
    if explored.end != End::Exhausted || explored.hit(OVERFLOW).is_some() {
        return Ok(None);
    }
    let refuted = explored.hits.iter().filter(|hit| hit.bit < 32).map(|hit| (hit.bit, hit.depth)).collect();
    Ok(Some(Found { unique: explored.stats.unique, refuted }))
}

/// The same where states may stand for others: only what is refuted. None: it has more than so many states.
fn refuted_lazily<D>(space: &WorldSpace<'_, D>, states: u64) -> Result<Option<BTreeMap<u32, u32>>, SearchError>
where
    D: Domain + Clone + Send + Sync,
    D::Facts: Send,
{
    let covered = covering::search(space, &Options { max_states: Some(states), ..Options::default() }, &mut |_| {})?;
    let refuted = covered.sightings.iter().filter(|seen| seen.bit < 32).map(|seen| (seen.bit, seen.depth));
    Ok((covered.end == End::Exhausted).then(|| refuted.collect()))
}

/// In what searches and clocks contradict each other on a model whose seconds are its small units. Nothing: they agree.
/// None: it has more than so many states.
///
/// * The native, the plain and Stateright's search count the same states; the first two refute the same in as few actions.
/// * What is alike and told apart, and what is not, refute the same in as few actions.
/// * What whole numbers refute, real time does in no more actions; what real time refutes, the order of deadlines does.
/// * What the order of deadlines refutes with times is refuted in real time.
/// * What is refuted in real time is what is when its order is decided where it is asked for; for all lengths, that and more.
/// * What lengths of time refute is refuted where they are free.
pub fn contradictions(model: &Model, states: u64) -> Result<Option<Vec<String>>, SearchError> {
    let options = dhcpfo_clock::Options::default();
    let lengths = model.lengths;
    let Some(native) = found(&in_order(model), states)? else { return Ok(None) };
    let exact = |free| Exact::new(lengths.small, free, options);
    let ticks = |free| Ticks::new(lengths.small, free, options);
    let (Some(in_exact), Some(in_ticks), Some(apart)) = (
        found(&WorldSpace::new(model, exact(lengths.free)), 8 * states)?,
        found(&WorldSpace::new(model, ticks(lengths.free)), 8 * states)?,
        found(&in_order(model).told_apart(), 8 * states)?,
    ) else {
        return Ok(None);
    };
    let mut problems = Vec::new();
    let plain = explore(&in_order(model));
    let in_plain: BTreeMap<u32, u32> =
        plain.flags.iter().filter(|(bit, _)| CLAIMS >> **bit & 1 == 1).map(|(bit, depth)| (*bit, *depth)).collect();
    if (plain.unique, &in_plain) != (native.unique, &native.refuted) {
        problems.push(format!("native {native:?}, plain {} {in_plain:?}", plain.unique));
    }
    let stateright = with_stateright(in_order(leaked(model)));
    if stateright != native.unique {
        problems.push(format!("native {} states, Stateright {stateright}", native.unique));
    }
    if apart.refuted != native.refuted || apart.unique < native.unique {
        problems.push(format!("told apart {apart:?}, not told apart {native:?}"));
    }
    let mut within = |small: (&str, &Found), large: (&str, &Found)| {
        for (claim, length) in &small.1.refuted {
            if large.1.refuted.get(claim).is_none_or(|other| other > length) {
                let name = model.claims[*claim as usize].entry.name;
                let there = large.1.refuted.get(claim).map_or("not".to_owned(), |other| format!("in {other}"));
                problems.push(format!("{name} is refuted in {length} under {}, {there} under {}", small.0, large.0));
            }
        }
    };
    within(("ticks", &in_ticks), ("exact", &in_exact));
    within(("exact", &in_exact), ("timeout-order", &native));
    if lengths.free != FreeSpans::NONE
        && let Some(timed) = found(&WorldSpace::new(model, ticks(FreeSpans::NONE)), 8 * states)?
    {
        within(("ticks with lengths for all spans", &timed), ("ticks with free spans", &in_ticks));
    }
    if !reach::is_wanted(model) {
        let numbers = WorldSpace::new(model, lengths.lazy_exact(Detail::Whole));
        match refuted_lazily(&numbers, 8 * states)? {
            Some(refuted) if refuted != in_exact.refuted => {
                problems.push(format!("exact refutes {:?}, lazy-exact {refuted:?}", in_exact.refuted));
            }
            _ => {}
        }
        let all = WorldSpace::new(model, lengths.lazy(Room::ALL[0]));
        if let Some(refuted) = refuted_lazily(&all, 8 * states)? {
            let is_missing = |(claim, length): (&u32, &u32)| refuted.get(claim).is_none_or(|other| other > length);
            if in_exact.refuted.iter().any(is_missing) {
                problems.push(format!("exact refutes {:?}, lazy only {refuted:?}", in_exact.refuted));
            }
        }
    }
    let run_options = RunOptions { clock: Clock::TimeoutOrder, ..RunOptions::whole() };
    let (answer, _) = run(model, &run_options, &mut |_| {})?;
    for (claim, counterexample) in (0..).zip(&answer.claims) {
        let realised = counterexample.as_ref().is_some_and(|found| matches!(found.times, Times::Realised { .. }));
        if realised && !in_exact.refuted.contains_key(&claim) {
            problems.push(format!(
                "{} is refuted with times, and not under exact",
                model.claims[claim as usize].entry.name
            ));
        }
    }
    let inside = inside(model);
    if inside.missing > 0 {
        problems
            .push(format!("of {} states under ticks the order of deadlines lacks {}", inside.ticks, inside.missing));
    }
    Ok(Some(problems))
}

/// Compares the discrete states of a model under its small lengths with those under the order of deadlines.
pub fn inside(model: &Model) -> Inside {
    inside_of(&WorldSpace::new(model, model.lengths.ticks()), &in_order(model))
}
