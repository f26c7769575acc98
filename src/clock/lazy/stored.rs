//! What is known, as it is stored: which live times are one instant, and the bounds on all differences. What stands for
//! what, and which two states are one.

use super::bounds::Bounds;
use super::matrix::{MOST, Matrix};
use std::cmp::Ordering;
use std::marker::PhantomData;

/// What is known in one state, as [`Domain::write`](crate::Domain::write) has it.
pub(super) struct Stored<'a, B> {
    /// The instant of each live time, in the order in which the state shows them.
    classes: &'a [u8],
    /// How many instants there are.
    count: usize,
    octets: &'a [u8],
    bounds: PhantomData<B>,
}

impl<'a, B: Bounds> Stored<'a, B> {
    /// What is known in a state with `live` times that are live.
    pub(super) fn of(live: usize, octets: &'a [u8]) -> Self {
        let (classes, octets) = octets.split_at(live);
        let (&count, octets) = octets.split_first().expect("the octets of whole knowledge");
        Stored { classes, count: count.into(), octets, bounds: PhantomData }
    }

    #[inline]
    fn get(&self, i: usize, j: usize) -> B::Bound {
        B::read(&mut &self.octets[(i * self.count + j) * B::OCTETS..])
    }
}

/// A fixed order: the same in every run.
pub(super) fn compare<B: Bounds>(bounds: &mut B, one: &Stored<'_, B>, other: &Stored<'_, B>) -> Ordering {
    let entries = (0..one.count).flat_map(|i| (0..one.count).map(move |j| (i, j)));
    let classes = one.classes.cmp(other.classes).then(one.count.cmp(&other.count));
    classes.then_with(|| {
        let apart = entries.map(|(i, j)| bounds.compare(one.get(i, j), other.get(i, j)));
        apart.fold(Ordering::Equal, Ordering::then)
    })
}

/// Whether whatever `strong` stands for is among what `weak` stands for.
pub(super) fn covers<B: Bounds>(bounds: &mut B, weak: &Stored<'_, B>, strong: &Stored<'_, B>) -> bool {
    if weak.classes == strong.classes && weak.octets == strong.octets {
        return true;
    }
    let (mut to, mut seen) = ([0; MOST], 1_u64);
    for (&from, &there) in weak.classes.iter().zip(strong.classes) {
        let (from, there) = (usize::from(from), usize::from(there));
        if seen >> from & 1 == 0 {
            seen |= 1 << from;
            to[from] = there;
        } else if to[from] != there {
            // One instant here has to be one there.
            return false;
        }
    }
    (0..weak.count).all(|i| {
        (0..weak.count).all(|j| {
            let wanted = weak.get(i, j);
            wanted == B::NONE || bounds.implies(strong.get(to[i], to[j]), wanted)
        })
    })
}

/// What stands for whatever two stand for, and for nothing else; None if no bounds say just that.
///
/// Of each two bounds the weaker is taken. What keeps to all of these has to be in one of both: what is in the former, but not
/// in `one`, is cut out bound by bound, and has to be in `other` (THEORY.md section 11).
pub(super) fn join<B: Bounds>(bounds: &mut B, one: &Stored<'_, B>, other: &Stored<'_, B>) -> Option<Vec<u8>> {
    // Two times are one instant if they are one in both.
    let (mut instants, mut octets) = (vec![(0, 0)], Vec::new());
    for pair in one.classes.iter().copied().zip(other.classes.iter().copied()) {
        let known = instants.iter().position(|&known| known == pair);
        octets.push(known.unwrap_or(instants.len()) as u8);
        if known.is_none() {
            instants.push(pair);
        }
    }
    let count = instants.len();
    if count > MOST {
        return None;
    }
    let (mut first, mut second, mut hull) = (Matrix::default(), Matrix::default(), Matrix::default());
    for matrix in [&mut first, &mut second, &mut hull] {
        matrix.resize(count);
    }
    for (i, from) in instants.iter().enumerate() {
        for (j, to) in instants.iter().enumerate() {
            let bound = one.get(from.0.into(), to.0.into());
            let beside = other.get(from.1.into(), to.1.into());
            first.set(i, j, bound);
            second.set(i, j, beside);
            hull.set(i, j, weaker(bounds, bound, beside)?);
        }
    }
    // In either order the same, but what is kept of the past is not always closed, and then one of both may find more.
    if !is_split(bounds, &hull, &first, &second) && !is_split(bounds, &hull, &second, &first) {
        return None;
    }
    let all: Vec<usize> = (0..count).collect();
    hull.write(&all, &mut octets);
    Some(octets)
}

/// The bound to which everything keeps that keeps to one of both; None if that is none of them.
fn weaker<B: Bounds>(bounds: &mut B, a: B::Bound, b: B::Bound) -> Option<B::Bound> {
    if bounds.implies(a, b) {
        Some(b)
    } else if bounds.implies(b, a) {
        Some(a)
    } else {
        None
    }
}

/// Whether all that keeps to `hull` is in one of both.
fn is_split<B: Bounds>(bounds: &mut B, hull: &Matrix<B>, one: &Matrix<B>, other: &Matrix<B>) -> bool {
    let count = hull.count();
    let mut rest = Matrix::default();
    for (i, j) in (0..count).flat_map(|i| (0..count).map(move |j| (i, j))) {
        let bound = one.get(i, j);
        if bounds.implies(hull.get(i, j), bound) {
            continue;
        }
        for not in bounds.negations(bound) {
            rest.copy_from(hull);
            let is_empty = !rest.tighten(bounds, j, i, not);
            let mut entries = (0..count).flat_map(|u| (0..count).map(move |v| (u, v)));
            if !is_empty && !entries.all(|(u, v)| bounds.implies(rest.get(u, v), other.get(u, v))) {
                return false;
            }
        }
    }
    true
}
