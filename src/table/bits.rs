//! A set of small numbers that finds its next member at once.

/// Numbers below a fixed size; two levels of bits.
#[derive(Clone, Debug)]
pub(crate) struct Bits {
    words: Vec<u64>,
    /// One bit for each word that is not 0.
    summary: Vec<u64>,
}

impl Bits {
    /// The empty set of numbers below `size`.
    pub(crate) fn new(size: u32) -> Bits {
        let words = (size as usize).div_ceil(64);
        Bits { words: vec![0; words], summary: vec![0; words.div_ceil(64)] }
    }

    /// Puts a number in, or takes it out.
    pub(crate) fn set(&mut self, number: u32, member: bool) {
        let (word, bit) = (number as usize / 64, number % 64);
        if member {
            self.words[word] |= 1 << bit;
        } else {
            self.words[word] &= !(1 << bit);
        }
        let mark = 1 << (word % 64);
        if self.words[word] == 0 {
            self.summary[word / 64] &= !mark;
        } else {
            self.summary[word / 64] |= mark;
        }
    }

    /// The least member that is `from` or greater.
    pub(crate) fn next(&self, from: u32) -> Option<u32> {
        let at = from as usize / 64;
        let here = self.words.get(at)? & (u64::MAX << (from % 64));
        if here != 0 {
            return Some(at as u32 * 64 + here.trailing_zeros());
        }
        let word = next_bit(&self.summary, at + 1)?;
        Some(word as u32 * 64 + self.words[word].trailing_zeros())
    }
}

fn next_bit(words: &[u64], from: usize) -> Option<usize> {
    let first = words.get(from / 64)? & (u64::MAX << (from % 64));
    if first != 0 {
        return Some(from / 64 * 64 + first.trailing_zeros() as usize);
    }
    let later = words.iter().enumerate().skip(from / 64 + 1).find(|(_, word)| **word != 0)?;
    Some(later.0 * 64 + later.1.trailing_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::Bits;
    use std::collections::BTreeSet;

    #[test]
    fn it_answers_like_an_ordered_set() {
        let (mut bits, mut set) = (Bits::new(20_000), BTreeSet::new());
        let mut seed = 7_u32;
        for _ in 0..4000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (number, member) = ((seed >> 8) % 20_000, seed & 0x80 != 0);
            bits.set(number, member);
            if member {
                set.insert(number)
            } else {
                set.remove(&number)
            };
            let from = (seed >> 3) % 20_100;
            assert_eq!(bits.next(from), set.range(from..).next().copied(), "from {from}");
        }
    }
}
