//! Threshold facts: what is known of a class of times beyond its place in the order.

use super::settings::Phi;
use super::{Facts, MOST_CLASSES};
use dhcpfo_time::Span;
use std::fmt;
use std::hash::{Hash, Hasher};

/// Most facts that are kept of one state.
pub(super) const MOST_FACTS: usize = 64;

/// `x <= b + K` (upper) or `x >= b + K` (lower), where x and b are classes and K is a span; or strictly so.
///
/// Within a step classes are known by their slots, between steps by their ranks (from 0).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fact {
    /// Class that is bounded.
    pub(super) x: u8,
    /// Class from which the span is counted. Always before x: spans are positive.
    pub(super) b: u8,
    /// Number of the span.
    pub(super) span: u8,
    /// `x <= b + K`, not `x >= b + K`.
    pub(super) upper: bool,
    /// `<` or `>`.
    pub(super) strict: bool,
}

impl Fact {
    /// Does this fact, with the order, imply `other`? (THEORY.md section 5, step 4; facts are about classes)
    pub(super) fn implies(&self, other: &Fact, phi: &Phi) -> bool {
        if self.upper != other.upper {
            return false;
        }
        // x_B <= x_A <= b_A + K_A <= b_B + K_B, and for lower facts the same seen in a mirror.
        let (a, b) = if self.upper { (self, other) } else { (other, self) };
        a.x >= b.x
            && a.b <= b.b
            && phi.at_most(a.span, b.span)
            && (!other.strict || self.strict || a.x > b.x || a.b < b.b || a.span != b.span)
    }

    /// Is this the same bound, strict or not?
    pub(super) fn same_bound(&self, other: &Fact) -> bool {
        Fact { strict: other.strict, ..*self } == *other
    }

    /// 16 bits: pairs b < x of 64 classes are a triangle, which folds into half a square (11 bits); the
    /// rest is 3 bits of span and 2 flags.
    fn pack(&self) -> u16 {
        debug_assert!(self.b < self.x && (self.x as usize) < MOST_CLASSES);
        let (row, column) = if self.x >= 32 { (self.x, self.b) } else { (63 - self.x, 62 - self.b) };
        u16::from(row - 32) << 11
            | u16::from(column) << 5
            | u16::from(self.span) << 2
            | u16::from(self.upper) << 1
            | u16::from(self.strict)
    }

    fn unpack(packed: u16) -> Fact {
        let (row, column) = ((packed >> 11) as u8 + 32, (packed >> 5 & 63) as u8);
        let (x, b) = if column < row { (row, column) } else { (63 - row, 62 - column) };
        Fact { x, b, span: (packed >> 2 & 7) as u8, upper: packed & 2 != 0, strict: packed & 1 != 0 }
    }
}

/// The facts of a canonical state, on ranks, sorted.
#[derive(Clone, Copy)]
pub struct Known {
    packed: [u16; MOST_FACTS],
    len: u8,
}

impl Known {
    /// The sorted set of these facts, all of them different.
    pub(super) fn of(facts: &[Fact]) -> Known {
        let mut known = Known::default();
        for fact in facts {
            let packed = fact.pack();
            let mut at = known.len as usize;
            while at > 0 && known.packed[at - 1] > packed {
                known.packed[at] = known.packed[at - 1];
                at -= 1;
            }
            known.packed[at] = packed;
            known.len += 1;
        }
        known
    }

    /// How many facts there are.
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Is nothing known but the order?
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn as_slice(&self) -> &[u16] {
        &self.packed[..self.len as usize]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Fact> + '_ {
        self.as_slice().iter().map(|&packed| Fact::unpack(packed))
    }
}

impl Default for Known {
    fn default() -> Self {
        Known { packed: [0; MOST_FACTS], len: 0 }
    }
}

impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Known {}

impl Hash for Known {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

impl fmt::Debug for Known {
    /// For instance `{3 <= 1 + Span(0), 4 > 2 + Span(2)}`, classes numbered from 1.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = |fact: &Fact| match (fact.upper, fact.strict) {
            (true, true) => "<",
            (true, false) => "<=",
            (false, true) => ">",
            (false, false) => ">=",
        };
        let text = |fact: Fact| format!("{} {} {} + {:?}", fact.x + 1, sign(&fact), fact.b + 1, Span(fact.span));
        f.debug_set().entries(self.iter().map(|fact| format_args!("{}", text(fact)).to_string())).finish()
    }
}

impl Facts for Known {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.len);
        self.as_slice().iter().for_each(|packed| out.extend_from_slice(&packed.to_le_bytes()));
    }

    fn decode(bytes: &mut &[u8]) -> Self {
        let mut known = Known { len: bytes[0], ..Known::default() };
        let (mine, rest) = bytes[1..].split_at(2 * known.len());
        for (packed, pair) in known.packed.iter_mut().zip(mine.chunks_exact(2)) {
            *packed = u16::from_le_bytes([pair[0], pair[1]]);
        }
        *bytes = rest;
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MCLT: Span = Span(0);
    const DESIRED_LEASE: Span = Span(2);

    #[test]
    fn packing_is_one_to_one() {
        let mut seen = std::collections::BTreeSet::new();
        for x in 1..MOST_CLASSES as u8 {
            for b in 0..x {
                let fact = Fact { x, b, span: 5, upper: b % 2 == 0, strict: x % 3 == 0 };
                assert_eq!(Fact::unpack(fact.pack()), fact);
                assert!(seen.insert(fact.pack()));
            }
        }
    }

    #[test]
    fn bytes_round_trip() {
        let fact = |x, b| Fact { x, b, span: 1, upper: true, strict: false };
        let known = Known::of(&[fact(5, 2), fact(3, 1), fact(40, 39)]);
        let mut bytes = Vec::new();
        known.encode(&mut bytes);
        bytes.push(9);
        let mut rest = &bytes[..];
        assert_eq!(Known::decode(&mut rest), known);
        assert_eq!(rest, [9]);
    }

    #[test]
    fn implication_is_strict_where_the_order_is() {
        let phi = Phi::new(&[(MCLT, DESIRED_LEASE)]).unwrap();
        let upper = |x, b, span: Span, strict| Fact { x, b, span: span.0, upper: true, strict };
        let weak = upper(5, 2, MCLT, false);
        assert!(weak.implies(&upper(4, 2, MCLT, true), &phi));
        assert!(weak.implies(&upper(5, 2, DESIRED_LEASE, true), &phi));
        assert!(!weak.implies(&upper(5, 2, MCLT, true), &phi));
        assert!(!upper(5, 2, DESIRED_LEASE, false).implies(&weak, &phi));
        let lower = |x, b, strict| Fact { upper: false, ..upper(x, b, MCLT, strict) };
        assert!(lower(4, 2, false).implies(&lower(5, 2, true), &phi));
        assert!(!lower(5, 2, true).implies(&lower(4, 2, false), &phi));
    }
}
