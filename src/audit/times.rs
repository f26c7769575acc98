//! How exactly two instants of a capture can be compared.
//!
//! What a server says of a time counts whole seconds of its own clock. What a capture says of a packet is as exact as the
//! file writes it down, and the end of a client's lease follows from two packets alone: RFC 2131 §4.4.1 counts it from the
//! DHCPREQUEST. So a lease is followed to the millisecond where both packets are in one file.

use std::collections::BTreeMap;

use crate::capture::{Grain, Micros};
use crate::event::Place;
use crate::say;
use crate::states::SECOND;

/// Packets of one file may seem to be in another order than they were on the wire, by so much. Measured: 307 packets,
/// captured at a bridge and at the server's interface while two processors were busy, were 0.001 ms apart (median) and
/// 0.03 ms at most, and no time went back.
const ORDER: Micros = 1_000;
/// How far the clocks of two files are taken to be apart if no packet is in both.
const APART: Micros = SECOND;
/// How long a server may take to answer a request that is not in the capture: the lease may have begun that much earlier.
const ANSWER: Micros = SECOND;
/// Packets that are remembered to be found in another file.
const MOST: usize = 4096;

/// What makes a packet of a client the same in two files: xid, kind, secs and chaddr.
pub(crate) type Same = (u32, u8, u16, Vec<u8>);

/// How exact the times of each file are, and how far two files are apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times {
    /// By file, in microseconds.
    files: Vec<Micros>,
    units: Vec<Micros>,
    /// The most that one packet's times in two files differ; None: no packet is in two files.
    between: Option<Micros>,
}

impl Times {
    pub(crate) fn new(grains: &[Grain]) -> Times {
        let exact = |grain: &Grain| ORDER + grain.back + if grain.unit > 1 { grain.unit } else { 0 };
        Times {
            files: grains.iter().map(exact).collect(),
            units: grains.iter().map(|grain| grain.unit).collect(),
            between: None,
        }
    }

    pub(crate) fn with_pairs(self, pairs: &Pairs) -> Times {
        Times { between: pairs.most, ..self }
    }

    /// By how much two instants, each of a packet, may seem to be in another order than they were.
    pub(crate) fn between(&self, one: Place, other: Place) -> Micros {
        let of = |place: Place| self.files.get(place.file).copied().unwrap_or(ORDER);
        let within = of(one).max(of(other));
        if one.file == other.file { within } else { within + self.between.unwrap_or(APART) }
    }

    /// The same for the end of a lease, whose request may not be in the capture.
    pub(crate) fn of_lease(&self, one: Place, other: Place, has_request: bool) -> Micros {
        self.between(one, other) + if has_request { 0 } else { ANSWER }
    }

    /// All of it in words.
    pub(crate) fn words(&self) -> String {
        let most = self.files.iter().copied().max().unwrap_or(ORDER);
        let mut text = format!("what clients hold is judged to {}", say::exact(most));
        if self.units.iter().any(|unit| *unit >= SECOND) {
            text += " (a file has whole seconds only)";
        }
        if self.files.len() > 1 {
            text += &match self.between {
                Some(between) => {
                    format!(", between files to {} (one packet's times in two files)", say::exact(most + between))
                }
                None => format!(", between files to {} (no packet is in two of them)", say::exact(most + APART)),
            };
        }
        text + ", where a DHCPREQUEST is missing to 1 s more; times that servers say to 2 s, as they count whole seconds"
    }
}

/// Looks for packets that are in two files.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    seen: BTreeMap<Same, (usize, Micros)>,
    most: Option<Micros>,
}

impl Pairs {
    pub(crate) fn take(&mut self, same: Same, at: Micros, place: Place) {
        if self.seen.len() >= MOST {
            self.seen.retain(|_, (_, seen)| at - *seen < 60 * SECOND);
        }
        match self.seen.get(&same) {
            Some((file, before)) if *file != place.file => {
                let apart = (at - before).abs();
                self.most = Some(self.most.map_or(apart, |most| most.max(apart)));
            }
            _ if self.seen.len() < MOST => drop(self.seen.insert(same, (place.file, at))),
            _ => {}
        }
    }
}
