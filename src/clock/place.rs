//! Where a time of a canonical state lies, for people.

use crate::GAP;
use dhcpfo_time::Time;

/// Where a time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// It has passed, or never was.
    Past,
    /// It is so many instants that can be told apart after now; 0 is now.
    Ahead(u32),
    /// It lies ahead, and nothing is known of when.
    Sometime,
}

impl Place {
    /// The place of a time of a canonical state under the order of deadlines.
    pub fn of(time: Time, now: Time) -> Place {
        if time == Time::SOMETIME {
            Place::Sometime
        } else if time.raw() < now.raw() {
            Place::Past
        } else {
            Place::Ahead((time.raw() - now.raw()).div_ceil(GAP))
        }
    }

    /// `t3`, `now`, `sometime`; None for what has passed.
    pub fn label(self) -> Option<String> {
        match self {
            Place::Past => None,
            Place::Ahead(0) => Some("now".to_owned()),
            Place::Ahead(number) => Some(format!("t{number}")),
            Place::Sometime => Some("sometime".to_owned()),
        }
    }
}
