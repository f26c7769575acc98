//! One model, one answer: search it, and give the counterexamples their times.

use crate::reach;
use crate::seen::Seen;
use crate::untimed::check_untimed;
use crate::world::{OVERFLOW, WorldSpace};
use dhcpfo_claims::Entry;
use dhcpfo_claims::draft_12::NO_DUPLICATE_ADDRESS;
use dhcpfo_clock::{Detail, Domain, Room};
use dhcpfo_search::outcome::{Bound, End, Options};
use dhcpfo_search::search::SearchError;
use dhcpfo_search::trace::Step;
use dhcpfo_study::answer;
use dhcpfo_study::run::{answer_of, explore, in_rooms, with_room};
use dhcpfo_study::times::{realise, realise_actions};
use dhcpfo_world::action::Action;
use dhcpfo_world::claim::Claim;
use dhcpfo_world::model::Model;
use std::time::{Duration, Instant};

pub use crate::flags::{is_alike, is_broken};
pub use dhcpfo_study::answer::{Clock, RunOptions, Watch};
pub use dhcpfo_study::whole::NOT_KEPT;

/// What came of a search.
pub type Answer = answer::Answer<Action>;

/// A path to a violated claim.
pub type Counterexample = answer::Counterexample<Action>;

/// Whether there is a run with real times.
pub type Times = answer::Times<Action>;

/// What came of a search, and what came up in it; None of one without time.
pub type Searched = (Answer, Option<Seen>);

/// Searches a model as far as `options` allow, and gives the counterexamples their times.
///
/// # Errors
/// No threads; or what was searched is not what was meant.
pub fn run(model: &Model, options: &RunOptions<'_>, watch: Watch<'_>) -> Result<Searched, SearchError> {
    let lengths = &model.lengths;
    match options.clock {
        Clock::TimeoutOrder => {
            let space = WorldSpace::new(model, lengths.order());
            under(&space, options, watch, |claim, steps| realise(&space, claim, steps))
        }
        Clock::Ticks => {
            let space = WorldSpace::new(model, lengths.ticks());
            under(&space, options, watch, |claim, steps| realise_actions(&space, claim, steps, &lengths.order()))
        }
        Clock::Exact => under(&WorldSpace::new(model, lengths.exact()), options, watch, |_, _| Times::NotNeeded),
        Clock::Lazy => {
            may_stand_for_others(model)?;
            let rooms = Room::ALL.map(|room| WorldSpace::new(model, lengths.lazy(room)));
            let exact = Detail::ALL.map(|detail| WorldSpace::new(model, lengths.lazy_exact(detail)));
            let (answer, space) = with_room(&rooms, &exact, options, &lengths.order(), watch)?;
            Ok(with_seen(answer, model, space.seen()))
        }
        Clock::LazyExact => {
            may_stand_for_others(model)?;
            let rooms = Detail::ALL.map(|detail| WorldSpace::new(model, lengths.lazy_exact(detail)));
            let (answer, space) = in_rooms(&rooms, options, &lengths.order(), watch)?;
            Ok(with_seen(answer, model, space.seen()))
        }
        Clock::Untimed => Ok((without_time(model, options), None)),
        _ => Err(SearchError::Void("there is no search of a model under that notion of time".to_owned())),
    }
}

/// The claim that a search without time can judge.
pub static UNTIMED_CLAIM: &Entry = &NO_DUPLICATE_ADDRESS;

/// Longest search without time, where no limit is given: its space has no end.
const UNTIMED_LIMIT: Duration = Duration::from_secs(60);

fn without_time(model: &Model, options: &RunOptions<'_>) -> Answer {
    let begun = Instant::now();
    let found = check_untimed(model, options.threads, options.time_limit.unwrap_or(UNTIMED_LIMIT));
    let counterexample = |steps: &Vec<String>| Counterexample {
        length: steps.len() as u32,
        path: Vec::new(),
        times: Times::Untimed(steps.clone()),
        round: None,
    };
    let depth = found.violation.as_ref().map_or(0, |steps| steps.len() as u32);
    let judge = |claim: &Claim| found.violation.as_ref().filter(|_| claim.entry == UNTIMED_CLAIM).map(counterexample);
    Answer {
        cut_off: found.cut_off.then_some(Bound::Time),
        overflow: false,
        claims: model.claims.iter().map(judge).collect(),
        witnesses: model.witnesses.iter().map(|_| None).collect(),
        without_occasion: Vec::new(),
        unused: Vec::new(),
        unique: found.unique as u64,
        edges: 0,
        depth,
        elapsed: begun.elapsed(),
        peak_bytes: 0,
        peak_beyond_frontier: 0,
        omission_odds: 0.0,
        covering: None,
    }
}

/// Whether the claims of a model can be judged where one state stands for many.
pub(crate) fn may_stand_for_others(model: &Model) -> Result<(), SearchError> {
    if reach::is_wanted(model) { Err(SearchError::Void(NOT_KEPT.to_owned())) } else { Ok(()) }
}

fn with_seen(mut answer: Answer, model: &Model, seen: Seen) -> Searched {
    answer.without_occasion = (0..model.claims.len()).filter(|&one| !seen.had_occasion(one)).collect();
    answer.unused.clone_from(&seen.unused);
    (answer, Some(seen))
}

fn under<'a, D>(
    space: &WorldSpace<'a, D>,
    options: &RunOptions<'_>,
    watch: Watch<'_>,
    times: impl Fn(usize, &[Step<WorldSpace<'a, D>>]) -> Times,
) -> Result<Searched, SearchError>
where
    D: Domain + Clone + Send + Sync,
    D::Facts: Send,
{
    let model = space.model();
    let options = Options { keep_states: reach::is_wanted(model), ..options.of_search(model.claims.len()) };
    let explored = explore(space, &options, watch)?;
    // Before paths are rebuilt, which goes through states again.
    let seen = space.seen();
    let mut answer = answer_of(space, &explored, &times);
    answer.overflow = explored.hit(OVERFLOW).is_some();
    if reach::is_wanted(model) && explored.end == End::Exhausted {
        match reach::refuted(space, &explored, options.max_bytes.unwrap_or(u64::MAX), &times) {
            Ok(found) => found.into_iter().for_each(|(number, found)| answer.claims[number] = Some(found)),
            Err(_) => answer.cut_off = Some(Bound::Memory),
        }
    }
    Ok(with_seen(answer, model, seen))
}
