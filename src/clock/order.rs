//! Timeout order (TO+): only the order of the live times is kept, and threshold facts about it.
//!
//! THEORY.md has the rules (section 3) and the canonical form (section 5). During a step a
//! class is known by its *slot*: slots below `loaded` are the classes of the loaded state in their order,
//! the others were made since. Its *position* is its place in the present order.

use super::canon::{Found, Survey, ceiling, floor};
use super::classes::Classes;
use super::concretise::Traced;
use super::facts::{Fact, Known, MOST_FACTS};
use super::tape::Tape;
use super::{Choices, Domain, FreeSpans, GAP, Misuse, Options, Phi, START, ranks};
use dhcpfo_time::{Clock, Span, Time, Times};

/// The order domain. Its verdicts hold for all lengths of the spans that satisfy a [`Phi`].
#[derive(Clone)]
pub struct Order {
    phi: Phi,
    free: FreeSpans,
    options: Options,
    now: Time,
    loaded_now: Time,
    loaded: Known,
    classes: Classes,
    facts: [Fact; MOST_FACTS],
    fact_count: usize,
    tape: Tape,
    stuck: bool,
    dead_ends: u64,
    ticked: bool,
    found: Found,
    kept: u64,
}

impl Order {
    /// Knows only the inequalities of `phi`. New times after a `free` span are [`Time::SOMETIME`].
    pub fn new(phi: Phi, free: FreeSpans, options: Options) -> Order {
        Order {
            phi,
            free,
            options,
            now: START,
            loaded_now: START,
            loaded: Known::default(),
            classes: Classes::default(),
            facts: [Fact::default(); MOST_FACTS],
            fact_count: 0,
            tape: Tape::default(),
            stuck: false,
            dead_ends: 0,
            ticked: false,
            found: Found::default(),
            kept: 0,
        }
    }

    /// The spans whose deadlines are left free.
    pub fn free(&self) -> FreeSpans {
        self.free
    }

    /// How many runs of a step found no place for a time. Must be 0 (THEORY.md section 3).
    pub fn dead_ends(&self) -> u64 {
        self.dead_ends
    }

    /// The admissible places for `base + span`: rules 1 to 4, each of which bounds it from one side.
    fn places(&self, base: usize, span: u8) -> (u8, u8) {
        let at = &self.classes.places;
        let from = at[base];
        let (mut first, mut last) = (2 * from + 1, 2 * self.classes.count as u8 - 1);
        if !self.options.rules {
            return (first, last);
        }
        for fact in &self.facts[..self.fact_count] {
            let (y, b) = (at[fact.x as usize], at[fact.b as usize]);
            let strict = fact.strict || b != from || fact.span != span;
            if fact.upper {
                // y <= b' + K' <= base + K
                if b <= from && self.phi.at_most(fact.span, span) {
                    first = first.max(2 * y + u8::from(strict));
                }
            } else if b >= from && self.phi.at_most(span, fact.span) {
                last = last.min(2 * y - u8::from(strict));
            }
        }
        (first, last)
    }

    /// Writes down `x = base + span`.
    fn learn(&mut self, x: usize, base: usize, span: u8) {
        assert!(self.fact_count + 2 <= MOST_FACTS, "more than {MOST_FACTS} facts about times");
        for upper in [true, false] {
            self.facts[self.fact_count] = Fact { x: x as u8, b: base as u8, span, upper, strict: false };
            self.fact_count += 1;
        }
    }
}

impl Clock for Order {
    fn now(&self) -> Time {
        self.now
    }

    fn after(&mut self, base: Time, span: Span) -> Time {
        if base == Time::SOMETIME {
            self.found.misuse.counted(span);
            self.stuck = true;
            return Time::SOMETIME;
        }
        if self.free.has(span) {
            return Time::SOMETIME;
        }
        let (base, span) = (self.classes.slot(base), span.0);
        let place = match self.tape.recall() {
            Some(place) => place,
            None => {
                let (first, last) = self.places(base, span);
                self.stuck |= first > last;
                // A run without a place is void; it only has to come to its end.
                self.tape.choose(first.min(last), last)
            }
        };
        let x = self.classes.put(place);
        self.learn(x, base, span);
        self.classes.time(x)
    }

    fn before(&self, a: Time, b: Time) -> bool {
        a.raw() < b.raw()
    }
}

impl Traced for Order {
    fn retrace(&mut self, choices: Choices) {
        self.tape.force(choices);
        self.rewind();
    }

    fn classes(&self) -> &Classes {
        &self.classes
    }

    fn kept(&self) -> u64 {
        self.kept
    }
}

impl Domain for Order {
    type Facts = Known;

    const KNOWS_HELD: bool = false;

    fn load<S: Times>(&mut self, state: &mut S, now: Time, facts: &Known) {
        let mut top = now.raw();
        state.times(&mut |time, _| {
            if *time != Time::SOMETIME {
                top = top.max(time.raw());
            }
        });
        self.loaded_now = now;
        self.loaded = *facts;
        for (slot, fact) in self.facts.iter_mut().zip(facts.iter()) {
            *slot = fact;
        }
        self.classes.reset((top / GAP) as usize);
        self.begin();
    }

    fn begin(&mut self) {
        self.tape.clear();
        self.rewind();
    }

    fn rewind(&mut self) {
        self.tape.rewind();
        self.stuck = false;
        self.ticked = false;
        self.now = self.loaded_now;
        self.fact_count = self.loaded.len();
        self.classes.rewind();
    }

    fn bump(&mut self) -> bool {
        self.dead_ends += u64::from(self.stuck);
        self.tape.bump()
    }

    fn stuck(&self) -> bool {
        self.stuck
    }

    fn misuse(&self) -> Misuse {
        self.found.misuse
    }

    fn tick<S: Times>(&mut self, state: &mut S) -> bool {
        let now = self.now;
        let mut tied = false;
        state.times(&mut |time, _| tied |= *time == now);
        let Some(place) = self.classes.next(now, tied) else { return false };
        let slot = self.classes.put(place);
        self.now = self.classes.time(slot);
        self.ticked = true;
        true
    }

    fn canon<S: Times>(&mut self, state: &mut S, _held: bool) -> Known {
        let survey = Survey::of(state, &self.classes, self.now, self.ticked, &mut self.found);
        self.kept = survey.kept;
        let facts = if self.unchanged(&survey) { self.loaded } else { self.project(&survey) };
        self.now = survey.renumber(state, &self.classes, self.now, &mut self.found);
        facts
    }

    fn choices(&self) -> Choices {
        self.tape.choices()
    }

    fn options(&self) -> &Options {
        &self.options
    }

    #[inline]
    fn compact(time: Time) -> u8 {
        ranks::compact(time)
    }

    #[inline]
    fn expand_time(byte: u8) -> Time {
        ranks::expand(byte)
    }
}

impl Order {
    /// Would [`Order::project`] give back the facts that were loaded? Most steps make no time and end none.
    fn unchanged(&self, survey: &Survey) -> bool {
        let bounds_now = |fact: &Fact| {
            let bounded = if fact.upper { fact.x } else { fact.b };
            survey.solid >> self.classes.places[bounded as usize] & 1 == 0
        };
        survey.whole && self.fact_count == self.loaded.len() && !self.facts[..self.fact_count].iter().any(bounds_now)
    }

    /// The facts on the classes that stay (THEORY.md section 5, steps 3 to 5).
    fn project(&self, survey: &Survey) -> Known {
        let (mut list, mut count) = ([Fact::default(); MOST_FACTS], 0);
        // None of the facts that were loaded implies another, and that stays so while both stay where they are. Bit i
        // is set if this does not hold of `list[i]`.
        let mut moved = 0u64;
        for (i, fact) in self.facts[..self.fact_count].iter().enumerate() {
            let Some((fact, has_moved)) = self.moved(fact, survey) else { continue };
            let is_new = has_moved || i >= self.loaded.len();
            if self.options.dominance {
                merge(&mut list, &mut count, &mut moved, (fact, is_new), &self.phi);
            } else if let Some(same) = list[..count].iter_mut().find(|other| other.same_bound(&fact)) {
                same.strict |= fact.strict;
            } else {
                list[count] = fact;
                count += 1;
            }
        }
        debug_assert!(self.consistent(&list[..count]), "facts contradict the order");
        Known::of(&list[..count])
    }

    /// One fact on ranks, weakened to the nearest classes that stay, and whether it had to be; nothing if it says
    /// nothing there.
    fn moved(&self, fact: &Fact, survey: &Survey) -> Option<(Fact, bool)> {
        let at = |slot: u8| u32::from(self.classes.places[slot as usize]);
        let (x, b) = (at(fact.x), at(fact.b));
        let (new_x, new_b) = if fact.upper {
            (floor(survey.solid, x)?, ceiling(survey.kept, b)?)
        } else {
            (ceiling(survey.kept, x)?, floor(survey.solid, b)?)
        };
        let moved = (x, b) != (new_x, new_b);
        // That now left the base behind is no loss of a time: even without projection, now takes its place.
        let lost = x != new_x || b != new_b && !(fact.upper && b < survey.now);
        if new_x <= new_b || lost && !self.options.project {
            return None;
        }
        let (x, b) = (survey.rank(new_x), survey.rank(new_b));
        Some((Fact { x, b, strict: fact.strict || moved, ..*fact }, moved))
    }

    /// THEORY.md section 3: no upper fact lies below a lower one that it would have to be above.
    fn consistent(&self, facts: &[Fact]) -> bool {
        let fits = |upper: &Fact, lower: &Fact| {
            let ordered = self.phi.at_most(upper.span, lower.span) && upper.b <= lower.b;
            let strict = upper.strict || lower.strict || upper.b < lower.b || upper.span != lower.span;
            !ordered || upper.x < lower.x || upper.x == lower.x && !strict
        };
        !self.options.rules
            || facts
                .iter()
                .filter(|fact| fact.upper)
                .all(|upper| facts.iter().filter(|fact| !fact.upper).all(|lower| fits(upper, lower)))
    }
}

/// Adds a fact to a list of which none implies another. What is known to be so of two facts that are not new is not
/// looked at again; bit i of `new` is set if `list[i]` is.
fn merge(list: &mut [Fact; MOST_FACTS], count: &mut usize, new: &mut u64, (fact, is_new): (Fact, bool), phi: &Phi) {
    let before = *count;
    let compared = if is_new { u64::MAX } else { *new };
    let mut implied = 0u64;
    if compared != 0 {
        for (i, other) in list[..before].iter().enumerate() {
            // Facts that bound from different sides have nothing to do with each other.
            if other.upper != fact.upper || compared >> i & 1 == 0 {
                continue;
            }
            if other.implies(&fact, phi) {
                return;
            }
            implied |= u64::from(fact.implies(other, phi)) << i;
        }
    }
    if implied != 0 {
        let (mut left, mut news) = (0, 0);
        for i in (0..before).filter(|i| implied >> i & 1 == 0) {
            list[left] = list[i];
            news |= (*new >> i & 1) << left;
            left += 1;
        }
        (*count, *new) = (left, news);
    }
    list[*count] = fact;
    *new |= u64::from(is_new) << *count;
    *count += 1;
}
