//! Whether lengths of time can satisfy some inequalities, by eliminating one length after the other (Fourier and Motzkin).

use super::conditions::Condition;
use dhcpfo_time::Span;
use std::collections::BTreeSet;

/// Most inequalities at any time. With more the question is given up.
const MOST: usize = 4_000;

type Counts = [i64; Span::MOST];

/// `sum > 0` if strict, else `sum >= 0`.
type Row = (Counts, bool);

/// Whether there are lengths, all longer than nothing, that satisfy these. True as well if that was too much to find out.
pub(super) fn is_feasible(conditions: impl Iterator<Item = Condition>) -> bool {
    let mut rows: BTreeSet<Row> = conditions.map(|condition| condition.row()).collect();
    for span in 0..Span::MOST {
        let mut one = [0; Span::MOST];
        one[span] = 1;
        rows.insert((one, true));
    }
    for span in 0..Span::MOST {
        let (with, mut left): (Vec<Row>, BTreeSet<Row>) = {
            let (with, without): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|(counts, _)| counts[span] != 0);
            (with, without.into_iter().collect())
        };
        let (more, less): (Vec<&Row>, Vec<&Row>) = with.iter().partition(|(counts, _)| counts[span] > 0);
        for (a, b) in more.iter().flat_map(|a| less.iter().map(move |b| (a, b))) {
            let Some(sum) = without(span, a, b) else { return true };
            if sum == ([0; Span::MOST], true) {
                return false;
            }
            left.insert(sum);
            if left.len() > MOST {
                return true;
            }
        }
        rows = left;
    }
    true
}

/// What two inequalities say together of the other lengths; None if the numbers are too great.
fn without(span: usize, (a, strict): &Row, (b, as_strict): &Row) -> Option<Row> {
    let (times_a, times_b) = (b[span].checked_neg()?, a[span]);
    let mut sum = [0; Span::MOST];
    for (place, (a, b)) in sum.iter_mut().zip(a.iter().zip(b)) {
        *place = a.checked_mul(times_a)?.checked_add(b.checked_mul(times_b)?)?;
    }
    Some((reduced(sum), *strict || *as_strict))
}

/// Without a factor that all have.
pub(super) fn reduced(counts: Counts) -> Counts {
    let mut shared = 0;
    for count in counts {
        let (mut a, mut b) = (shared, count.abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        shared = a;
    }
    counts.map(|count| count / shared.max(1))
}
