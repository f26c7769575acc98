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
use std::cell::RefCell;
use write::{ROOM, Stamp, Writer};

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
    room: &mut Room,
    out: &mut Vec<u8>,
) {
    encode_with(model, renamings, system, time, room, out, &mut |_| {});
}

/// [`encode`], which is told the places of renamings that give the least bytes so far: the last one of them that does not give
/// the same bytes as the one before is `First`, and all after it give the same.
pub fn encode_with(
    model: &Model,
    renamings: &[Renaming],
    system: &System,
    time: impl Fn(Time) -> u8 + Copy,
    Room([least, other]): &mut Room,
    out: &mut Vec<u8>,
    told: &mut dyn FnMut(Least),
) {
    let (mut least, mut other, mut length) = (least, other, 0);
    let mut keys = None;
    for (place, renaming) in renamings.iter().enumerate() {
        if renamings.len() > 1 && !renaming.sorts(keys.get_or_insert_with(|| Keys::of(model, system, time)), model) {
            continue;
        }
        let mut writer = Writer { model, renaming, time, out: &mut *other, length: 0 };
        writer.system(system);
        let written = writer.length;
        if length == 0 || other[..written] < least[..length] {
            (least, other, length) = (other, least, written);
            told(Least::First(place));
        } else if other[..written] == least[..length] {
            told(Least::Same(place));
        }
    }
    out.extend_from_slice(&least[..length]);
}

/// What [`encode_with`] has found of a renaming, by its place.
#[derive(Clone, Copy, Debug)]
pub enum Least {
    /// It gives fewer bytes than all before.
    First(usize),
    /// It gives the same as the least before.
    Same(usize),
}

/// The times of `system` that are set, in the order in which [`encode`] writes them under this renaming.
pub fn written(model: &Model, renaming: &Renaming, system: &System, Room([room, _]): &mut Room, times: &mut Vec<Time>) {
    let found = RefCell::new(std::mem::take(times));
    Writer { model, renaming, time: Listed(&found), out: room, length: 0 }.system(system);
    *times = found.into_inner();
}

/// A list of the times that are written.
struct Listed<'a>(&'a RefCell<Vec<Time>>);

impl Stamp for Listed<'_> {
    fn byte(&self, time: Time) -> u8 {
        u8::from(time != Time::LONG_AGO)
    }

    fn wrote(&self, time: Time) {
        if time != Time::LONG_AGO && time != Time::SOMETIME {
            self.0.borrow_mut().push(time);
        }
    }
}

/// Makes `system`, which is some state of `model`, what these bytes say; they must come from [`encode`] for the same
/// model. Takes what it needs.
pub fn decode(model: &Model, bytes: &mut &[u8], time: impl Fn(u8) -> Time, system: &mut System) {
    Reader { model, time, bytes }.system(system);
}
