//! What is known of the differences of instants: a bound on each, closed, so that no sum of two says more than a third.

use super::bounds::Bounds;
use std::hash::{Hash, Hasher};

/// Most instants of one state, now and those made during a step included.
pub(super) const MOST: usize = 40;

/// Bounds on all differences: entry (i, j) bounds how far instant i is after instant j. Instant 0 is now.
pub(super) struct Matrix<B: Bounds> {
    count: usize,
    cells: [[B::Bound; MOST]; MOST],
}

// Not derived, because that would demand as much of the bounds' rules.
impl<B: Bounds> Clone for Matrix<B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B: Bounds> Copy for Matrix<B> {}

impl<B: Bounds> Default for Matrix<B> {
    /// Now alone.
    fn default() -> Self {
        Matrix { count: 1, cells: [[B::ZERO; MOST]; MOST] }
    }
}

impl<B: Bounds> Matrix<B> {
    /// How many instants there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The bound on how far i is after j.
    #[inline]
    pub(super) fn get(&self, i: usize, j: usize) -> B::Bound {
        self.cells[i][j]
    }

    /// Sets a bound without closing.
    #[inline]
    pub(super) fn set(&mut self, i: usize, j: usize, bound: B::Bound) {
        self.cells[i][j] = bound;
    }

    /// Whether there is room for one more instant.
    pub(super) fn has_room(&self) -> bool {
        self.count < MOST
    }

    /// As many instants as that; what is known of new ones has to be said. Who adds one asks for room before.
    pub(super) fn resize(&mut self, count: usize) {
        self.count = count;
    }

    /// Appends how many of these instants there are, and the octets of the bounds between them.
    pub(super) fn write(&self, instants: &[usize], out: &mut Vec<u8>) {
        out.push(instants.len() as u8);
        for &i in instants {
            instants.iter().for_each(|&j| B::write(self.cells[i][j], out));
        }
    }

    /// Becomes the other one. In place: the room is large, and what is used of it is small.
    pub(super) fn copy_from(&mut self, other: &Matrix<B>) {
        self.count = other.count;
        for i in 0..other.count {
            self.cells[i][..other.count].copy_from_slice(&other.cells[i][..other.count]);
        }
    }

    /// Adds that i is after j by no more than `bound`, and closes again. False if that contradicts what is known.
    pub(super) fn tighten(&mut self, bounds: &mut B, i: usize, j: usize, bound: B::Bound) -> bool {
        if bounds.implies(self.cells[i][j], bound) {
            return true;
        }
        let around = bounds.sum(bound, self.cells[j][i]);
        if bounds.contradicts(around) {
            return false;
        }
        let from = self.cells[j];
        for u in 0..self.count {
            let to_i = self.cells[u][i];
            if u != i && to_i == B::NONE {
                continue;
            }
            let through = if u == i { bound } else { bounds.sum(to_i, bound) };
            if through == B::NONE {
                continue;
            }
            for (v, (cell, &rest)) in self.cells[u].iter_mut().zip(&from).take(self.count).enumerate() {
                let further = if v == j { through } else { bounds.sum(through, rest) };
                if further != B::NONE {
                    *cell = bounds.both(*cell, further);
                }
            }
        }
        !(0..self.count).any(|u| bounds.contradicts(self.cells[u][u]))
    }

    /// A new instant, exactly so much after `base`: `(later, earlier)` as [`Bounds::length`] has them.
    pub(super) fn after(&mut self, bounds: &mut B, base: usize, (later, earlier): (B::Bound, B::Bound)) -> usize {
        let x = self.count;
        self.resize(x + 1);
        for i in 0..x {
            self.cells[x][i] = if i == base { later } else { bounds.sum(self.cells[base][i], later) };
            self.cells[i][x] = if i == base { earlier } else { bounds.sum(self.cells[i][base], earlier) };
        }
        self.cells[x][x] = self.cells[base][base];
        x
    }

    /// A new name for an instant.
    pub(super) fn copy_of(&mut self, base: usize) -> usize {
        let x = self.count;
        self.resize(x + 1);
        for i in 0..x {
            self.cells[x][i] = self.cells[base][i];
            self.cells[i][x] = self.cells[i][base];
        }
        self.cells[x][base] = B::ZERO;
        self.cells[base][x] = B::ZERO;
        self.cells[x][x] = self.cells[base][base];
        x
    }

    /// Now may be any later instant.
    pub(super) fn elapse(&mut self) {
        for j in 1..self.count {
            self.cells[0][j] = B::NONE;
        }
    }

    fn rows(&self) -> impl Iterator<Item = &[B::Bound]> {
        self.cells[..self.count].iter().map(move |row| &row[..self.count])
    }
}

impl<B: Bounds> PartialEq for Matrix<B> {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count && self.rows().eq(other.rows())
    }
}

impl<B: Bounds> Eq for Matrix<B> {}

impl<B: Bounds> Hash for Matrix<B> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rows().for_each(|row| row.hash(state));
    }
}
