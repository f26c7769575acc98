//! An order that is decided when it is asked for.
//!
//! [`Order`](super::Order) places each new time among all others when it is made. Most of these places are never asked for.
//! Here a state has what is *known* of its times, a bound on each difference, and nothing is decided when a time is made. When
//! a rule compares two times and what is known does not say which is the earlier, the step is run once for each answer, and
//! the answer becomes knowledge. Time passes by forgetting how late it may be. A state whose knowledge is weaker stands for
//! all that have the same discrete part and stronger knowledge ([`Domain::covers`](crate::Domain::covers)).

mod bounds;
mod clock;
mod conditions;
mod detail;
mod domain;
mod expressions;
mod feasible;
mod matrix;
mod questions;
mod stored;

pub use bounds::{Bounds, Numbers};
pub use clock::Lazy;
pub use conditions::{Condition, simplest};
pub use detail::Detail;
pub use domain::Knowledge;
pub use expressions::{Expressions, Room};
