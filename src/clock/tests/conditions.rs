//! Conditions on lengths of time: what follows from what.

use dhcpfo_clock::{Condition, Values, simplest};
use dhcpfo_time::{Span, SpanWords};

const WORDS: [SpanWords; 3] = [word("a"), word("b"), word("c")];

const fn word(name: &'static str) -> SpanWords {
    SpanWords { name, compared: Some("") }
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> i8 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % limit) as i8
    }

    fn condition(&mut self) -> Condition {
        let counts = [0; 3].map(|_| self.below(5) - 2);
        Condition::new(&counts, self.below(2) == 0)
    }
}

fn texts(alternatives: &[Vec<Condition>]) -> Vec<Vec<String>> {
    alternatives.iter().map(|all| all.iter().map(|condition| condition.text(&WORDS)).collect()).collect()
}

fn lengths() -> impl Iterator<Item = Values> {
    const MOST: u32 = 14;
    let all = || 1..=MOST;
    let of = |a, b, c| Values::new(&[(Span(0), a), (Span(1), b), (Span(2), c)]).expect("lengths");
    all().flat_map(move |a| all().flat_map(move |b| all().map(move |c| of(a, b, c))))
}

#[test]
fn what_follows_or_cannot_be_is_left_out() {
    let shorter = |a, b| Condition::shorter(Span(a), Span(b));
    let twice = Condition::new(&[-2, 1, 1], true);
    // 2 a < b + c follows from a < b and a < c.
    assert_eq!(texts(&simplest(vec![vec![twice, shorter(0, 1), shorter(0, 2)]], &[])), [["a < c", "a < b"]]);
    assert_eq!(texts(&simplest(vec![vec![twice, shorter(0, 2)]], &[shorter(0, 1)])), [["a < c"]]);
    // a < b and b < a cannot be; a < b says all that a < b and c < b says.
    let alternatives =
        vec![vec![shorter(0, 1), shorter(1, 0)], vec![shorter(0, 1), shorter(2, 1)], vec![shorter(0, 1)]];
    assert_eq!(texts(&simplest(alternatives, &[])), [["a < b"]]);
    assert_eq!(texts(&simplest(vec![vec![Condition::new(&[1, 0, 2], false)]], &[])), [Vec::<String>::new()]);
}

#[test]
fn what_is_left_admits_the_same_lengths() {
    let (mut random, mut fewer, mut none) = (Random(5), 0, 0);
    for round in 0..300 {
        let mut set = || (0..4).map(|_| random.condition()).collect::<Vec<_>>();
        let (alternatives, given) = (vec![set(), set()], set()[..1].to_vec());
        let simple = simplest(alternatives.clone(), &given);
        let admits = |sets: &[Vec<Condition>], values: &Values| {
            sets.iter().any(|all| all.iter().all(|condition| condition.admits(values)))
        };
        let mut found = false;
        for values in lengths().filter(|values| given.iter().all(|condition| condition.admits(values))) {
            let wanted = admits(&alternatives, &values);
            found |= wanted;
            assert_eq!(
                admits(&simple, &values),
                wanted,
                "round {round}: {:?} for {:?}",
                texts(&simple),
                texts(&alternatives)
            );
        }
        // With counts up to 2, lengths up to 14 are enough to satisfy whatever can be satisfied.
        assert_eq!(found, !simple.is_empty(), "round {round}: {:?}", texts(&simple));
        none += u32::from(simple.is_empty());
        fewer += u32::from(simple.iter().flatten().count() < 8);
    }
    assert!(fewer > 100 && none > 20, "{fewer} made smaller, {none} impossible");
}
