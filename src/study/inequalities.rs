//! Which inequalities between lengths of time a verdict needs.
//!
//! A search for all lengths knows of each state what had to be decided on the way to it. Put together that is a condition on
//! the lengths: a counterexample can happen for those that satisfy its [`Condition`]s, and for no others. So a claim that holds
//! *needs* a declared inequality if it is refuted without it, and the conditions of what refutes it say what the inequality
//! excludes.

use crate::answer::{Answer, RunOptions, Times, Watch};
use crate::protocol::{Model, Protocol, span_words};
use crate::run::run;
use crate::space::ProtocolSpace;
use crate::timed_space::TimedSpace;
use crate::times::realise_in_order;
use dhcpfo_clock::{Condition, Expressions, Knowledge, Lazy, Lengths, Phi, Room, Values, simplest};
use dhcpfo_search::covering::{self, Covering};
use dhcpfo_search::outcome::{Bound, End};
use dhcpfo_search::search::SearchError;
use dhcpfo_time::{Span, SpanWords};
use std::time::Instant;

/// A model whose lengths of time can be set.
pub trait Lengthened {
    /// What it says of its lengths.
    fn given(&self) -> Lengths;
    /// The words for them, by number.
    fn words(&self) -> Vec<SpanWords>;
    /// What it claims, by name.
    fn claims(&self) -> Vec<&'static str>;
    /// Searches it for all lengths of which this is known, those aside that satisfy all of one of these lists, for the claims of
    /// these names alone.
    ///
    /// # Errors
    /// The search cannot begin.
    fn for_all(
        &self,
        known: (Phi, &[Vec<Condition>]),
        names: &[&'static str],
        options: &RunOptions<'_>,
        watch: Watch<'_>,
    ) -> Result<ForAll, SearchError>;
    /// Searches it for these lengths, in real time, for the claims of these names alone.
    ///
    /// # Errors
    /// The search cannot begin.
    fn for_these(
        &self,
        lengths: &Lengths,
        names: &[&'static str],
        options: &RunOptions<'_>,
        watch: Watch<'_>,
    ) -> Result<Answer, SearchError>;
}

/// What came of each claim of a model, by `search`, which looks for those of these names. Behind a violation nothing is
/// searched, so what is refuted is put aside, and the others are searched for anew. None: it was not refuted. With the claims
/// comes what the last search came to.
///
/// # Errors
/// A search cannot begin.
pub fn each_claim<A, R>(
    model: &dyn Lengthened,
    mut search: impl FnMut(&[&'static str]) -> Result<(A, Vec<Option<R>>), SearchError>,
) -> Result<(A, Vec<Option<R>>), SearchError> {
    let all = model.claims();
    let mut names = all.clone();
    let mut fates: Vec<Option<R>> = all.iter().map(|_| None).collect();
    loop {
        let (last, found) = search(&names)?;
        let mut is_done = true;
        let mut left = Vec::new();
        for (name, found) in names.into_iter().zip(found) {
            match (found, all.iter().position(|known| *known == name)) {
                (Some(refuted), Some(number)) => {
                    fates[number] = Some(refuted);
                    is_done = false;
                }
                _ => left.push(name),
            }
        }
        names = left;
        if is_done || names.is_empty() {
            return Ok((last, fates));
        }
    }
}

/// What a search for all lengths came to.
#[derive(Clone, Debug, PartialEq)]
pub struct ForAll {
    /// What cut it off.
    pub cut_off: Option<Bound>,
    /// Unique states of the last search, in which nothing was refuted.
    pub states: u64,
    /// By claim: how it is refuted, if it is.
    pub claims: Vec<Option<Refuted>>,
}

/// How a claim is refuted.
#[derive(Clone, Debug, PartialEq)]
pub struct Refuted {
    /// Actions on a shortest path.
    pub length: u32,
    /// Lengths for which it is refuted, by these actions or others: those that satisfy all of one of these.
    pub conditions: Vec<Vec<Condition>>,
    /// It is known that these are all such lengths.
    pub is_all: bool,
    /// Lengths for which they do, and when each happens.
    pub example: Option<Example>,
}

/// Lengths, and a run for them.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// Small whole numbers, for the spans that matter.
    pub lengths: Vec<(Span, u32)>,
    /// The actions with their instants.
    pub actions: Vec<(f64, String)>,
}

/// What came of a search without one of the declared inequalities.
#[derive(Clone, Debug, PartialEq)]
pub struct Without {
    /// The shorter and the longer length.
    pub pair: (Span, Span),
    /// What the search came to.
    pub found: ForAll,
}

/// Searches a model with all inequalities that it declares, and then without each of them.
///
/// # Errors
/// A search cannot begin.
pub fn needed(
    model: &dyn Lengthened,
    options: &RunOptions<'_>,
    watch: Watch<'_>,
) -> Result<(ForAll, Vec<Without>), SearchError> {
    let (begun, phi) = (Instant::now(), model.given().phi);
    let with_all = where_it_fails(model, phi, options, watch)?;
    let mut without = Vec::new();
    for pair in phi.pairs() {
        let found = where_it_fails(model, phi.without(pair), &options.left(begun), watch)?;
        without.push(Without { pair, found });
    }
    Ok((with_all, without))
}

/// Searches a model for all lengths of which this is known, claim by claim, and for all lengths for which each is refuted.
///
/// # Errors
/// A search cannot begin.
pub fn where_it_fails(
    model: &dyn Lengthened,
    phi: Phi,
    options: &RunOptions<'_>,
    watch: Watch<'_>,
) -> Result<ForAll, SearchError> {
    let begun = Instant::now();
    let ((cut_off, states), claims) = each_claim(model, |names| {
        let found = model.for_all((phi, &[]), names, &options.left(begun), watch)?;
        Ok(((found.cut_off, found.states), found.claims))
    })?;
    let mut found = ForAll { cut_off, states, claims };
    for (name, refuted) in model.claims().into_iter().zip(&mut found.claims) {
        if let Some(refuted) = refuted {
            elsewhere(model, phi, name, refuted, &options.left(begun), watch)?;
        }
    }
    Ok(found)
}

/// Most searches for further lengths for which a claim is refuted.
const MOST_ROUNDS: usize = 12;

/// Looks for other lengths for which a claim is refuted, by other paths, until there are none.
fn elsewhere(
    model: &dyn Lengthened,
    phi: Phi,
    name: &'static str,
    refuted: &mut Refuted,
    options: &RunOptions<'_>,
    watch: Watch<'_>,
) -> Result<(), SearchError> {
    let begun = Instant::now();
    let declared = declared(phi);
    for _ in 0..MOST_ROUNDS {
        if refuted.conditions.iter().any(Vec::is_empty) {
            refuted.is_all = true;
            break;
        }
        let found = model.for_all((phi, &refuted.conditions), &[name], &options.left(begun), watch)?;
        let Some(Some(more)) = found.claims.into_iter().next() else {
            refuted.is_all = found.cut_off.is_none();
            break;
        };
        let together = refuted.conditions.iter().cloned().chain(more.conditions).collect();
        let together = simplest(together, &declared);
        if together == refuted.conditions {
            break;
        }
        refuted.conditions = together;
    }
    Ok(())
}

fn declared(phi: Phi) -> Vec<Condition> {
    phi.pairs().into_iter().map(|(shorter, longer)| Condition::shorter(shorter, longer)).collect()
}

/// Searches for all lengths of which `phi` is known; `space` makes the space under a clock. What is refuted gets lengths and
/// times; if it has none, too little was kept of what is known, and the search is made again with more room.
///
/// # Errors
/// The search cannot begin.
pub fn for_all<S>(
    space: &dyn Fn(Lazy<Expressions>) -> S,
    given: &Lengths,
    (phi, excluded): (Phi, &[Vec<Condition>]),
    options: &RunOptions<'_>,
    watch: Watch<'_>,
) -> Result<ForAll, SearchError>
where
    S: TimedSpace<Clock = Lazy<Expressions>> + Covering,
{
    let begun = Instant::now();
    let lengths = Lengths { phi, ..*given };
    let on_paths = space(Lengths { phi: Phi::default(), ..lengths }.lazy(Room::PATH));
    let mut last = Err(SearchError::NoInitialState);
    for room in Room::ALL {
        let space = space(lengths.lazy_excluding(room, excluded.to_vec()));
        let found = covering::search(&space, &options.left(begun).of_search(space.counts().0), watch)?;
        if let Some(misuse) = space.misuse() {
            return Err(SearchError::Void(misuse));
        }
        let refuted = |claim: usize| {
            let seen = found.sighting(claim as u32)?;
            Some(refuted(&on_paths, &lengths, claim, &seen.path, seen.depth))
        };
        let claims: Vec<_> = (0..space.counts().0).map(refuted).collect();
        let is_outgrown = space.is_outgrown();
        let cut_off = match found.end {
            End::CutOff(bound) => Some(bound),
            End::Exhausted | End::Stopped => is_outgrown.then_some(Bound::States),
        };
        let is_enough = claims.iter().flatten().all(|refuted| refuted.example.is_some());
        last = Ok(ForAll { cut_off, states: found.counts.stored, claims });
        if is_enough {
            break;
        }
    }
    last
}

/// A path with what it demands of the lengths.
fn refuted<S>(space: &S, lengths: &Lengths, claim: usize, path: &[S::Action], length: u32) -> Refuted
where
    S: TimedSpace<Clock = Lazy<Expressions>>,
{
    let mut ends = Vec::new();
    let mut left = MOST_STEPS;
    let (mut scratch, mut begin) = (space.scratch(), Vec::new());
    space.initial(&mut scratch, &mut |state| begin.push(state.clone()));
    begin.iter().for_each(|state| follow(space, &mut scratch, state, path, claim, &mut left, &mut ends));
    let mut clock = space.clock().clone();
    let conditions = ends.iter().map(|known| clock.conditions(known)).collect();
    let declared = declared(lengths.phi);
    let conditions = simplest(conditions, &declared);
    let example = example(space, lengths, claim, path, (&declared, &conditions));
    Refuted { length, conditions, is_all: false, example }
}

/// Most steps that are tried to walk a path once more in all ways in which its comparisons can be decided.
const MOST_STEPS: usize = 100_000;

/// What is known at the ends of all walks along a path that come to the violation.
fn follow<S>(
    space: &S,
    scratch: &mut S::Scratch,
    state: &S::State,
    path: &[S::Action],
    claim: usize,
    left: &mut usize,
    ends: &mut Vec<Knowledge<Expressions>>,
) where
    S: TimedSpace<Clock = Lazy<Expressions>>,
{
    let Some((action, rest)) = path.split_first() else {
        if space.flags(scratch, state).bits >> claim & 1 == 1 {
            ends.push(state.facts);
        }
        return;
    };
    if *left == 0 {
        return;
    }
    *left -= 1;
    let mut next = Vec::new();
    space.successors(scratch, state, &mut |edge, state| {
        if edge.action == *action {
            next.push((edge.flags >> claim & 1 == 1, state.clone()));
        }
    });
    for (is_violated, state) in next {
        if rest.is_empty() && is_violated {
            ends.push(state.facts);
        } else {
            follow(space, scratch, &state, rest, claim, left, ends);
        }
    }
}

/// Longest length that is tried.
const LONGEST: u32 = 12;
/// Most choices of lengths for which a run is looked for.
const MOST_CHOICES: usize = 40;

/// The smallest lengths that satisfy what is declared and one set of conditions, and for which there is a run.
fn example<S>(
    space: &S,
    lengths: &Lengths,
    claim: usize,
    path: &[S::Action],
    (declared, conditions): (&[Condition], &[Vec<Condition>]),
) -> Option<Example>
where
    S: TimedSpace<Clock = Lazy<Expressions>>,
{
    let mut asked: Vec<Span> = declared.iter().chain(conditions.iter().flatten()).flat_map(Condition::spans).collect();
    asked.sort_unstable_by_key(|span| span.0);
    asked.dedup();
    let shortest = lengths.seconds.given().try_fold(Values::default(), |values, span| values.with(span, 1)).ok()?;
    let fits = |values: &Values| {
        declared.iter().all(|condition| condition.admits(values))
            && conditions.iter().any(|all| all.iter().all(|condition| condition.admits(values)))
    };
    let order = Lengths { phi: Phi::default(), ..*lengths }.order();
    let of = |values: Values| {
        let Times::Realised { actions, .. } = realise_in_order(space, claim, path, &order, values) else { return None };
        let actions = actions.into_iter().map(|(at, action)| (at, action.to_string())).collect();
        Some(Example { lengths: asked.iter().map(|&span| (span, values.get(span))).collect(), actions })
    };
    choices(&asked, shortest).filter(fits).take(MOST_CHOICES).find_map(of)
}

/// All lengths for these spans up to [`LONGEST`], the shortest first; the others stay.
fn choices(spans: &[Span], values: Values) -> impl Iterator<Item = Values> {
    (1..=LONGEST).flat_map(move |longest| {
        let all = u64::from(longest).pow(spans.len() as u32);
        (0..all).filter_map(move |number| {
            let (mut number, mut values, mut has_longest) = (number, values, false);
            for &span in spans.iter().rev() {
                let length = (number % u64::from(longest)) as u32 + 1;
                number /= u64::from(longest);
                has_longest |= length == longest;
                values = values.with(span, length).ok()?;
            }
            (has_longest || spans.is_empty() && longest == 1).then_some(values)
        })
    })
}

impl<P: Protocol> Lengthened for Model<P> {
    fn given(&self) -> Lengths {
        self.lengths
    }

    fn words(&self) -> Vec<SpanWords> {
        span_words::<P>()
    }

    fn claims(&self) -> Vec<&'static str> {
        self.claims.iter().map(|claim| claim.entry.name).collect()
    }

    fn for_all(
        &self,
        (phi, excluded): (Phi, &[Vec<Condition>]),
        names: &[&'static str],
        options: &RunOptions<'_>,
        watch: Watch<'_>,
    ) -> Result<ForAll, SearchError> {
        let model = claiming(self, names);
        for_all(&|clock| ProtocolSpace::new(&model, clock), &self.lengths, (phi, excluded), options, watch)
    }

    fn for_these(
        &self,
        lengths: &Lengths,
        names: &[&'static str],
        options: &RunOptions<'_>,
        watch: Watch<'_>,
    ) -> Result<Answer, SearchError> {
        run(&Model { lengths: *lengths, ..claiming(self, names) }, options, watch)
    }
}

/// The same model with nothing to judge but these claims.
fn claiming<P: Protocol>(model: &Model<P>, names: &[&'static str]) -> Model<P> {
    let mut model = Model { witnesses: Vec::new(), ..model.clone() };
    model.claims.retain(|claim| names.contains(&claim.entry.name));
    model
}
