//! A set of small numbers that finds its next member at once.

/// Numbers below a fixed size. Each level has one bit for each word of the level below that is not 0; the last level is
/// one word.
#[derive(Clone, Debug)]
pub(crate) struct Bits {
    levels: Vec<Vec<u64>>,
}

impl Bits {
    /// The empty set of numbers below `size`.
    pub(crate) fn new(size: u32) -> Bits {
        let (mut levels, mut width) = (Vec::new(), size as usize);
        while levels.is_empty() || width > 1 {
            width = width.div_ceil(64);
            levels.push(vec![0; width]);
        }
        Bits { levels }
    }

    /// Puts a number in, or takes it out.
    pub(crate) fn set(&mut self, number: u32, member: bool) {
        let mut number = number as usize;
        for words in &mut self.levels {
            let (word, bit) = (&mut words[number / 64], 1 << (number % 64));
            let before = *word;
            *word = if member { before | bit } else { before & !bit };
            // The level above changes only where this word becomes 0, or was.
            if (before == 0) == (*word == 0) {
                return;
            }
            number /= 64;
        }
    }

    /// The least member that is `from` or greater.
    pub(crate) fn next(&self, from: u32) -> Option<u32> {
        let mut from = from as usize;
        for (level, words) in self.levels.iter().enumerate() {
            let here = words.get(from / 64)? & (u64::MAX << (from % 64));
            if here != 0 {
                return Some(self.first_below(level, from / 64 * 64 + here.trailing_zeros() as usize));
            }
            from = from / 64 + 1;
        }
        None
    }

    /// The least member below a bit of a level that is set.
    fn first_below(&self, level: usize, bit: usize) -> u32 {
        let down = |bit: usize, words: &Vec<u64>| bit * 64 + words[bit].trailing_zeros() as usize;
        self.levels[..level].iter().rev().fold(bit, down) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;
    use std::collections::BTreeSet;

    #[test]
    fn it_answers_like_an_ordered_set() {
        let (mut bits, mut set) = (Bits::new(300_000), BTreeSet::new());
        let mut seed = 7_u32;
        for _ in 0..20_000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (number, member) = ((seed >> 8) % 300_000, seed & 0x80 != 0);
            bits.set(number, member);
            if member {
                set.insert(number)
            } else {
                set.remove(&number)
            };
            let from = (seed >> 3) % 300_100;
            assert_eq!(bits.next(from), set.range(from..).next().copied(), "from {from}");
        }
    }
}
