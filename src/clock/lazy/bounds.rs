//! Bounds on the difference of two instants: for given numbers here, for all lengths in `expressions`.

use crate::Values;
use dhcpfo_time::Span;
use std::cmp::Ordering;
use std::fmt::Debug;
use std::hash::Hash;

/// What can be said of how far one instant is after another, and how that adds up.
pub trait Bounds: Clone + Send {
    /// "At most so much later", or less. Small; what it means is known here.
    type Bound: Copy + Eq + Hash + Debug + Send + Sync;

    /// Nothing is known.
    const NONE: Self::Bound;
    /// Not later.
    const ZERO: Self::Bound;
    /// Earlier.
    const BELOW: Self::Bound;

    /// The bound on the sum of two differences.
    fn sum(&mut self, a: Self::Bound, b: Self::Bound) -> Self::Bound;
    /// Both bounds at once.
    fn both(&mut self, a: Self::Bound, b: Self::Bound) -> Self::Bound;
    /// Whether whatever keeps to `a` keeps to `b`.
    fn implies(&mut self, a: Self::Bound, b: Self::Bound) -> bool;
    /// Whether no instant keeps to this bound on its difference from itself.
    fn contradicts(&mut self, bound: Self::Bound) -> bool;
    /// Exactly `span` later, as a bound from above: at most that much later, and, counted back, at most that much
    /// earlier.
    fn length(&mut self, span: Span) -> (Self::Bound, Self::Bound);

    /// The same or a weaker bound: more than no length bridges is as good as nothing.
    fn relevant(&mut self, bound: Self::Bound) -> Self::Bound;

    /// Whether nothing is wanted of a state with these bounds of instants on their differences from themselves: it exists only
    /// for lengths of which all is known.
    fn excludes(&mut self, around: &mut dyn Iterator<Item = Self::Bound>) -> bool {
        let _ = around;
        false
    }

    /// A fixed order of all bounds, the same in every run.
    fn compare(&mut self, a: Self::Bound, b: Self::Bound) -> Ordering;

    /// What does not keep to a bound keeps, with the two instants exchanged, to one of these.
    fn negations(&mut self, bound: Self::Bound) -> Vec<Self::Bound>;

    /// Octets of a stored bound.
    const OCTETS: usize;
    /// Appends the octets of a bound.
    fn write(bound: Self::Bound, out: &mut Vec<u8>);
    /// The inverse of [`Bounds::write`]; moves `bytes` on.
    fn read(bytes: &mut &[u8]) -> Self::Bound;
}

/// Bounds for given lengths: `2c + 1` for "at most c", `2c` for "less than c".
#[derive(Clone, Debug)]
pub struct Numbers {
    values: Values,
}

impl Numbers {
    /// Spans have these lengths.
    pub fn new(values: Values) -> Numbers {
        Numbers { values }
    }
}

/// The bound "at most `units`", or its negative.
const fn at_most(units: i32) -> i32 {
    2 * units + 1
}

impl Bounds for Numbers {
    type Bound = i32;

    /// Two of them can be added.
    const NONE: i32 = i32::MAX / 2;
    const ZERO: i32 = at_most(0);
    const BELOW: i32 = 0;

    /// Sums that are too large for their room become weaker ones.
    #[inline]
    fn sum(&mut self, a: i32, b: i32) -> i32 {
        if a == Self::NONE || b == Self::NONE {
            Self::NONE
        } else {
            (a + b - ((a | b) & 1)).clamp(-Self::NONE + 1, Self::NONE)
        }
    }

    #[inline]
    fn both(&mut self, a: i32, b: i32) -> i32 {
        a.min(b)
    }

    #[inline]
    fn implies(&mut self, a: i32, b: i32) -> bool {
        a <= b
    }

    #[inline]
    fn contradicts(&mut self, bound: i32) -> bool {
        bound < Self::ZERO
    }

    fn length(&mut self, span: Span) -> (i32, i32) {
        let units = self.values.get(span) as i32;
        (at_most(units), at_most(-units))
    }

    fn relevant(&mut self, bound: i32) -> i32 {
        let most = at_most(2 * self.values.longest() as i32);
        if bound > most { Self::NONE } else { bound.max(-most) }
    }

    fn compare(&mut self, a: i32, b: i32) -> Ordering {
        a.cmp(&b)
    }

    fn negations(&mut self, bound: i32) -> Vec<i32> {
        if bound == Self::NONE { Vec::new() } else { vec![1 - bound] }
    }

    const OCTETS: usize = 4;

    fn write(bound: i32, out: &mut Vec<u8>) {
        out.extend_from_slice(&bound.to_le_bytes());
    }

    #[inline]
    fn read(bytes: &mut &[u8]) -> i32 {
        let (word, rest) = bytes.split_first_chunk().expect("the octets of a whole bound");
        *bytes = rest;
        i32::from_le_bytes(*word)
    }
}
