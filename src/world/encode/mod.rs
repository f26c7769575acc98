//! Canonical bytes of a state, and back; and the symmetries that they forget.
//!
//! Clients that are alike are interchangeable, and so are unreserved addresses where servers may look through
//! their tables in any order. The canonical bytes of a state are the least of those of its images under all
//! such renamings. What is said of times is said of ranks, so no renaming touches it.

mod read;
mod renaming;
mod write;

pub use renaming::Renaming;

use crate::model::Model;
use crate::system::System;
use dhcpfo_time::Time;
use read::Reader;
use renaming::Keys;
use write::{ROOM, Writer};

/// Room to write in, reused from call to call.
#[derive(Clone)]
pub struct Room([[u8; ROOM]; 2]);

impl Default for Room {
    fn default() -> Room {
        Room([[0; ROOM]; 2])
    }
}

/// Appends the canonical bytes of `system`: the least over `renamings`.
pub fn encode(
    model: &Model,
    renamings: &[Renaming],
    system: &System,
    time: impl Fn(Time) -> u8 + Copy,
    Room([least, other]): &mut Room,
    out: &mut Vec<u8>,
) {
    let (mut least, mut other, mut length) = (least, other, 0);
    let mut keys = None;
    for renaming in renamings {
        if renamings.len() > 1 && !renaming.sorts(keys.get_or_insert_with(|| Keys::of(model, system, time)), model) {
            continue;
        }
        let mut writer = Writer { model, renaming, time, out: &mut *other, length: 0 };
        writer.system(system);
        let written = writer.length;
        if length == 0 || other[..written] < least[..length] {
            (least, other, length) = (other, least, written);
        }
    }
    out.extend_from_slice(&least[..length]);
}

/// Makes `system`, which is some state of `model`, what these bytes say; they must come from [`encode`] for the same
/// model. Takes what it needs.
pub fn decode(model: &Model, bytes: &mut &[u8], time: impl Fn(u8) -> Time, system: &mut System) {
    Reader { model, time, bytes }.system(system);
}
