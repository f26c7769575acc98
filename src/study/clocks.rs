//! The notions of time, for a model.

use crate::protocol::{Model, Protocol};
use dhcpfo_clock::{Exact, Order, Ticks};

/// The order of deadlines, for a model.
pub fn order<P: Protocol>(model: &Model<P>) -> Order {
    Order::new(model.lengths.phi, model.lengths.free, dhcpfo_clock::Options::default())
}

/// Small whole numbers, for a model.
pub fn ticks<P: Protocol>(model: &Model<P>) -> Ticks {
    Ticks::new(model.lengths.small, model.lengths.free, dhcpfo_clock::Options::default())
}

/// Small numbers in real time, for a model.
pub fn exact<P: Protocol>(model: &Model<P>) -> Exact {
    Exact::new(model.lengths.small, model.lengths.free, dhcpfo_clock::Options::default())
}
