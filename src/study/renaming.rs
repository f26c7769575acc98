//! The ways to give equals each other's names, by number.

/// How many there are for so many equals.
pub const fn count(equals: u8) -> usize {
    let (mut ways, mut one) = (1, 1);
    while one < equals as usize {
        one += 1;
        ways *= one;
    }
    ways
}

/// The way of that number: whom each of `equals` is called after it. Way 0 changes nothing; what is beyond the equals
/// stays as it is.
pub fn way<const MOST: usize>(mut number: usize, equals: u8) -> [u8; MOST] {
    let mut names: [u8; MOST] = std::array::from_fn(|one| one as u8);
    for place in 0..equals as usize {
        let left = equals as usize - place;
        names[place..place + number % left + 1].rotate_right(1);
        number /= left;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_way_comes_once() {
        for equals in 0..=4 {
            let ways: BTreeSet<[u8; 4]> = (0..count(equals)).map(|number| way(number, equals)).collect();
            assert_eq!(ways.len(), count(equals));
            assert_eq!(way::<4>(0, equals), [0, 1, 2, 3]);
        }
        assert_eq!(count(4), 24);
    }
}
