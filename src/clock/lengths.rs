//! What a model says of its lengths of time, and the clocks that go by it.

use crate::{
    Condition, Detail, Exact, Expressions, FreeSpans, Lazy, Numbers, Options, Order, Phi, Room, Ticks, Values,
};

/// Lengths of time: an order of them for all values, and values for replays and small exact searches.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lengths {
    /// Which spans are known to be shorter than which.
    pub phi: Phi,
    /// Spans of which nothing is used but that they pass some time.
    pub free: FreeSpans,
    /// Whole units for the `ticks` and `exact` clocks.
    pub small: Values,
    /// Seconds for concretisation.
    pub seconds: Values,
}

impl Lengths {
    /// The order of deadlines.
    pub fn order(&self) -> Order {
        Order::new(self.phi, self.free, Options::default())
    }

    /// Small whole numbers.
    pub fn ticks(&self) -> Ticks {
        Ticks::new(self.small, self.free, Options::default())
    }

    /// Small numbers in real time.
    pub fn exact(&self) -> Exact {
        Exact::new(self.small, self.free, Options::default())
    }

    /// An order that is decided when it is asked for, for all lengths.
    pub fn lazy(&self, room: Room) -> Lazy<Expressions> {
        Lazy::new(Expressions::new(&self.phi, room), room.detail, self.free, Options::default())
    }

    /// The same without the lengths that satisfy all of one of these lists of conditions.
    pub fn lazy_excluding(&self, room: Room, lengths: Vec<Vec<Condition>>) -> Lazy<Expressions> {
        let bounds = Expressions::new(&self.phi, room).excluding(lengths);
        Lazy::new(bounds, room.detail, self.free, Options::default())
    }

    /// The same for the seconds, in real time.
    pub fn lazy_exact(&self, detail: Detail) -> Lazy<Numbers> {
        Lazy::new(Numbers::new(self.seconds), detail, self.free, Options::default())
    }
}
