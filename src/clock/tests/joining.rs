//! Two states that are made one: it has to stand for just what they stood for.

use dhcpfo_clock::{Detail, Domain, FreeSpans, Lazy, Numbers, Options, Values};

/// Instants beside now.
const LIVE: usize = 3;
const COUNT: usize = LIVE + 1;
/// Instants are looked at in quarters: for three and now that shows all that bounds in whole units can tell apart.
const QUARTERS: i32 = 4;
/// Bounds are from -MOST to MOST.
const MOST: i32 = 2;
const NONE: i32 = i32::MAX / 2;

/// Bounds as [`Numbers`] has them: `2c + 1` for "at most c", `2c` for "less than c".
type Bounds = [[i32; COUNT]; COUNT];

struct Random(u64);

impl Random {
    fn below(&mut self, limit: i32) -> i32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % limit as u64) as i32
    }

    /// Closed bounds to which something keeps.
    fn bounds(&mut self) -> Bounds {
        loop {
            let mut bounds = [[NONE; COUNT]; COUNT];
            for _ in 0..self.below(9) {
                let (i, j) = (self.below(COUNT as i32) as usize, self.below(COUNT as i32) as usize);
                bounds[i][j] = bounds[i][j].min(2 * (self.below(2 * MOST + 1) - MOST) + self.below(2));
            }
            for (i, row) in bounds.iter_mut().enumerate() {
                row[i] = row[i].min(1);
            }
            close(&mut bounds);
            if (0..COUNT).all(|i| bounds[i][i] == 1) {
                return bounds;
            }
        }
    }
}

fn close(bounds: &mut Bounds) {
    for by in 0..COUNT {
        for i in 0..COUNT {
            for j in 0..COUNT {
                let (a, b) = (bounds[i][by], bounds[by][j]);
                if a != NONE && b != NONE {
                    bounds[i][j] = bounds[i][j].min(a + b - ((a | b) & 1));
                }
            }
        }
    }
}

/// As a search stores it: each live time is an instant of its own.
fn octets(bounds: &Bounds) -> Vec<u8> {
    let mut octets: Vec<u8> = (1..COUNT as u8).chain([COUNT as u8]).collect();
    bounds.iter().flatten().for_each(|bound| octets.extend_from_slice(&bound.to_le_bytes()));
    octets
}

/// The inverse; times that are one instant are at its place.
fn read(octets: &[u8]) -> Bounds {
    let (classes, rest) = octets.split_at(LIVE);
    let count = usize::from(rest[0]);
    let instant = |time: usize| if time == 0 { 0 } else { usize::from(classes[time - 1]) };
    std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            let at = 1 + 4 * (instant(i) * count + instant(j));
            i32::from_le_bytes(rest[at..at + 4].try_into().expect("four octets"))
        })
    })
}

/// Whether instants, in quarters, keep to the bounds.
fn keeps(instants: &[i32; COUNT], bounds: &Bounds) -> bool {
    (0..COUNT).all(|i| {
        (0..COUNT).all(|j| {
            let (apart, bound) = (instants[i] - instants[j], bounds[i][j]);
            bound == NONE
                || if bound & 1 == 1 { apart <= QUARTERS * (bound >> 1) } else { apart < QUARTERS * (bound >> 1) }
        })
    })
}

/// All instants near now: farther away nothing more is told apart.
fn instants() -> impl Iterator<Item = [i32; COUNT]> {
    let most = QUARTERS * (MOST + 1);
    let near = move || -most..=most;
    near().flat_map(move |a| near().flat_map(move |b| near().map(move |c| [0, a, b, c])))
}

#[test]
fn what_two_states_are_joined_to_stands_for_just_both() {
    let mut domain =
        Lazy::new(Numbers::new(Values::default()), Detail::Whole, FreeSpans::default(), Options::default());
    let (mut random, mut joined, mut apart) = (Random(7), 0, 0);
    for round in 0..1_500 {
        let (one, other) = (random.bounds(), random.bounds());
        let found = domain.join(LIVE, &octets(&one), &octets(&other)).map(|octets| read(&octets));
        let Some(both) = found else {
            apart += 1;
            continue;
        };
        joined += 1;
        for instants in instants() {
            let wanted = keeps(&instants, &one) || keeps(&instants, &other);
            assert_eq!(
                keeps(&instants, &both),
                wanted,
                "round {round}: {instants:?} of {one:?} and {other:?} in {both:?}"
            );
        }
    }
    assert!(joined > 50 && apart > 50, "{joined} joined, {apart} not");
}

/// Where bounds that say just that exist, they are found.
#[test]
fn states_that_differ_in_one_answer_are_joined() {
    let mut domain =
        Lazy::new(Numbers::new(Values::default()), Detail::Whole, FreeSpans::default(), Options::default());
    let mut random = Random(11);
    for round in 0..2_000 {
        let whole = random.bounds();
        let (i, j) = (random.below(COUNT as i32) as usize, random.below(COUNT as i32) as usize);
        let bound = 2 * (random.below(2 * MOST + 1) - MOST) + random.below(2);
        let (mut yes, mut no) = (whole, whole);
        yes[i][j] = yes[i][j].min(bound);
        no[j][i] = no[j][i].min(1 - bound);
        close(&mut yes);
        close(&mut no);
        if i == j || yes[0][0] != 1 || no[0][0] != 1 || (0..COUNT).any(|k| yes[k][k] != 1 || no[k][k] != 1) {
            continue;
        }
        let found = domain.join(LIVE, &octets(&yes), &octets(&no)).map(|octets| read(&octets));
        assert_eq!(found, Some(whole), "round {round}");
    }
}
