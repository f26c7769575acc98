//! Bounds for all lengths: each is a set of least sums of lengths, compared for all lengths that the declared inequalities
//! admit.
//!
//! What there is no [`Room`] for is dropped. That only weakens what is known: what holds still holds. A refutation has to be
//! given times; one that has none is answered by a search with more room.

use super::bounds::Bounds;
use super::conditions::Condition;
use super::detail::Detail;
use crate::Phi;
use dhcpfo_time::Span;
use rapidhash::RapidHashMap;
use std::cmp::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

/// How much is kept of what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// How often a length may be counted in one sum, forwards or back.
    counts: i8,
    /// Most sums of one bound.
    sums: usize,
    /// What is kept of ages.
    pub(crate) detail: Detail,
}

impl Room {
    /// From little room, which is enough for most models, to much.
    pub const ALL: [Room; 3] = [
        Room { counts: 2, sums: 6, detail: Detail::Order },
        Room { counts: 4, sums: 8, detail: Detail::Whole },
        Room { counts: 8, sums: 12, detail: Detail::Whole },
    ];

    /// For a single path, of which nothing is to be dropped.
    pub const PATH: Room = Room { counts: 60, sums: 400, detail: Detail::Whole };
}

/// A sum of lengths: how often each is counted, and whether the difference is less than it, or at most it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Sum {
    counts: [i8; Span::MOST],
    strict: bool,
}

const NOTHING: Sum = Sum { counts: [0; Span::MOST], strict: false };

/// The bounds met so far, by number. Numbers mean nothing beyond one search.
#[derive(Debug)]
struct Table {
    numbers: RapidHashMap<Vec<Sum>, u32>,
    bounds: Vec<Arc<[Sum]>>,
}

/// Bounds for all lengths that satisfy a [`Phi`].
#[derive(Clone, Debug)]
pub struct Expressions {
    /// The sets of spans of which each has, with a span, all that are declared longer: a sum is not negative for all lengths
    /// if it is not negative where the lengths of such a set are 1 and all others 0.
    longest: Arc<[u8]>,
    room: Room,
    shared: Arc<Mutex<Table>>,
    known: Vec<Arc<[Sum]>>,
    sums: RapidHashMap<u64, u32>,
    meets: RapidHashMap<u64, u32>,
    implied: RapidHashMap<u64, bool>,
    contradictions: RapidHashMap<u32, bool>,
    excluded: Arc<[Vec<Condition>]>,
    exclusions: RapidHashMap<Vec<u32>, bool>,
    lengths: [Option<(u32, u32)>; Span::MOST],
}

impl Expressions {
    /// Lengths are any that satisfy `phi`.
    pub fn new(phi: &Phi, room: Room) -> Expressions {
        let is_closed = |set: &u8| {
            (0..Span::MOST as u8)
                .filter(|span| set >> span & 1 == 1)
                .all(|span| (0..Span::MOST as u8).all(|longer| !phi.less(span, longer) || set >> longer & 1 == 1))
        };
        let longest: Vec<u8> = (1..=u8::MAX).filter(is_closed).collect();
        let table = Table { numbers: RapidHashMap::default(), bounds: Vec::new() };
        let mut new = Expressions {
            longest: longest.into(),
            room,
            shared: Arc::new(Mutex::new(table)),
            known: Vec::new(),
            sums: RapidHashMap::default(),
            meets: RapidHashMap::default(),
            implied: RapidHashMap::default(),
            contradictions: RapidHashMap::default(),
            excluded: Arc::default(),
            exclusions: RapidHashMap::default(),
            lengths: [None; Span::MOST],
        };
        let fixed = [vec![], vec![NOTHING], vec![Sum { strict: true, ..NOTHING }]];
        let numbers = fixed.map(|bound| new.number(bound));
        debug_assert_eq!(numbers, [Self::NONE, Self::ZERO, Self::BELOW]);
        new
    }

    /// The same without the lengths that satisfy all of one of these lists.
    #[must_use]
    pub fn excluding(self, lengths: Vec<Vec<Condition>>) -> Expressions {
        Expressions { excluded: lengths.into(), ..self }
    }

    fn is_never_negative(&self, counts: &[i8; Span::MOST]) -> bool {
        let at =
            |set: u8| -> i32 { (0..).zip(counts).filter(|(i, _)| set >> i & 1 == 1).map(|(_, &c)| i32::from(c)).sum() };
        self.longest.iter().all(|&set| at(set) >= 0)
    }

    /// Whether whatever keeps to `a` keeps to `b`, for all lengths.
    fn is_less(&self, a: &Sum, b: &Sum) -> bool {
        if a.counts == b.counts {
            return a.strict >= b.strict;
        }
        let mut rest = b.counts;
        rest.iter_mut().zip(a.counts).for_each(|(rest, count)| *rest -= count);
        self.is_never_negative(&rest)
    }

    /// The least among these, in a fixed order.
    fn least(&self, mut sums: Vec<Sum>) -> Vec<Sum> {
        sums.retain(|sum| sum.counts.iter().all(|count| count.abs() <= self.room.counts));
        let size = |sum: &Sum| -> i32 { sum.counts.iter().map(|&count| i32::from(count).abs()).sum() };
        sums.sort_by_key(|sum| (size(sum), *sum));
        sums.dedup();
        let mut least: Vec<Sum> = Vec::new();
        for sum in sums {
            if least.iter().any(|known| self.is_less(known, &sum)) {
                continue;
            }
            least.retain(|known| !self.is_less(&sum, known));
            least.push(sum);
        }
        least.sort_by_key(|sum| (size(sum), *sum));
        least.truncate(self.room.sums);
        least
    }

    /// The sums of a bound: how often each length is counted, and whether the difference is less.
    pub(super) fn sums_of(&mut self, bound: u32) -> Vec<([i8; Span::MOST], bool)> {
        self.bound(bound).iter().map(|sum| (sum.counts, sum.strict)).collect()
    }

    fn number(&mut self, bound: Vec<Sum>) -> u32 {
        let mut table = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&number) = table.numbers.get(&bound) {
            return number;
        }
        let number = u32::try_from(table.bounds.len()).expect("memory ends before");
        table.bounds.push(bound.clone().into());
        table.numbers.insert(bound, number);
        number
    }

    fn bound(&mut self, number: u32) -> Arc<[Sum]> {
        if number as usize >= self.known.len() {
            let table = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
            self.known.extend_from_slice(&table.bounds[self.known.len()..]);
        }
        self.known[number as usize].clone()
    }

    fn made(&mut self, a: u32, b: u32, of: impl Fn(&[Sum], &[Sum]) -> Vec<Sum>) -> u32 {
        let (a, b) = (self.bound(a), self.bound(b));
        let least = self.least(of(&a, &b));
        self.number(least)
    }
}

fn pair(a: u32, b: u32) -> u64 {
    u64::from(a) << 32 | u64::from(b)
}

impl Bounds for Expressions {
    type Bound = u32;

    const NONE: u32 = 0;
    const ZERO: u32 = 1;
    const BELOW: u32 = 2;

    fn sum(&mut self, a: u32, b: u32) -> u32 {
        if a == Self::NONE || b == Self::NONE {
            return Self::NONE;
        }
        if a == Self::ZERO {
            return b;
        }
        if b == Self::ZERO {
            return a;
        }
        let key = pair(a.min(b), a.max(b));
        if let Some(&known) = self.sums.get(&key) {
            return known;
        }
        let all = |a: &[Sum], b: &[Sum]| {
            let of = |a: &Sum, b: &Sum| {
                let mut counts = a.counts;
                counts.iter_mut().zip(b.counts).for_each(|(count, more)| *count += more);
                Sum { counts, strict: a.strict || b.strict }
            };
            a.iter().flat_map(|a| b.iter().map(move |b| of(a, b))).collect()
        };
        let number = self.made(a, b, all);
        self.sums.insert(key, number);
        number
    }

    fn both(&mut self, a: u32, b: u32) -> u32 {
        if a == b || b == Self::NONE {
            return a;
        }
        if a == Self::NONE {
            return b;
        }
        let key = pair(a.min(b), a.max(b));
        if let Some(&known) = self.meets.get(&key) {
            return known;
        }
        let number = self.made(a, b, |a, b| [a, b].concat());
        self.meets.insert(key, number);
        number
    }

    fn implies(&mut self, a: u32, b: u32) -> bool {
        if a == b || b == Self::NONE {
            return true;
        }
        if a == Self::NONE {
            return false;
        }
        if let Some(&known) = self.implied.get(&pair(a, b)) {
            return known;
        }
        let (from, to) = (self.bound(a), self.bound(b));
        let implied = to.iter().all(|to| from.iter().any(|from| self.is_less(from, to)));
        self.implied.insert(pair(a, b), implied);
        implied
    }

    fn contradicts(&mut self, bound: u32) -> bool {
        if bound == Self::ZERO || bound == Self::NONE {
            return false;
        }
        if let Some(&known) = self.contradictions.get(&bound) {
            return known;
        }
        let sums = self.bound(bound);
        let is_negative = |sum: &Sum| {
            let back = sum.counts.map(|count| -count);
            self.is_never_negative(&back) && (sum.strict || back != NOTHING.counts)
        };
        let contradicts = sums.iter().any(is_negative);
        self.contradictions.insert(bound, contradicts);
        contradicts
    }

    fn length(&mut self, span: Span) -> (u32, u32) {
        let place = usize::from(span.0);
        if let Some(known) = self.lengths[place] {
            return known;
        }
        let times = |count: i8| {
            let mut counts = NOTHING.counts;
            counts[place] = count;
            vec![Sum { counts, strict: false }]
        };
        let length = (self.number(times(1)), self.number(times(-1)));
        self.lengths[place] = Some(length);
        length
    }

    fn relevant(&mut self, bound: u32) -> u32 {
        bound
    }

    fn excludes(&mut self, around: &mut dyn Iterator<Item = u32>) -> bool {
        if self.excluded.is_empty() {
            return false;
        }
        let mut bounds: Vec<u32> = around.collect();
        bounds.sort_unstable();
        bounds.dedup();
        if let Some(&known) = self.exclusions.get(&bounds) {
            return known;
        }
        let conditions = self.conditions(bounds.iter().copied());
        let excludes = self.excluded.iter().any(|all| all.iter().all(|one| one.follows_from(conditions.iter())));
        self.exclusions.insert(bounds, excludes);
        excludes
    }

    /// Not by number, which depends on who came first.
    fn compare(&mut self, a: u32, b: u32) -> Ordering {
        if a == b { Ordering::Equal } else { self.bound(a).cmp(&self.bound(b)) }
    }

    fn negations(&mut self, bound: u32) -> Vec<u32> {
        let sums = self.bound(bound);
        let not = |sum: &Sum| vec![Sum { counts: sum.counts.map(|count| -count), strict: !sum.strict }];
        sums.iter().map(|sum| self.number(not(sum))).collect()
    }

    const OCTETS: usize = 4;

    fn write(bound: u32, out: &mut Vec<u8>) {
        out.extend_from_slice(&bound.to_le_bytes());
    }

    #[inline]
    fn read(bytes: &mut &[u8]) -> u32 {
        let (word, rest) = bytes.split_first_chunk().expect("the octets of a whole bound");
        *bytes = rest;
        u32::from_le_bytes(*word)
    }
}
