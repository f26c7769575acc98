//! Claims about what does not come to an end: updates that are refused again and again, and rebalancing.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use dhcpfo_wire::message::{Answer, Binding, Body, Refusal};
use dhcpfo_wire::number::MessageType;

use crate::address::{BACKUP, FREE, status_name};
use crate::capture::Micros;
use crate::claims::{Claim, Ledger};
use crate::event::Place;
use crate::links::Read;
use crate::refusals::{Tally, meaning};
use crate::say;
use crate::states::SECOND;
use crate::survey::Survey;

/// Updates, addresses and pairs that are remembered.
const MOST: usize = 1 << 20;
const MOST_UPDATES: usize = 65_536;
/// A server may try once more, and is asked for everything twice at a first start (interop digest §6). So many refusals
/// in a row, with nothing accepted about the address between them, are a storm.
const AGAIN: u64 = 3;
/// So many POOLREQs that nothing came of, each so soon after the last, are one: a server that runs out of addresses asks
/// now and then (ISC dhcpd at most once a minute), and one that gets some may ask for more at once (failover-12 §5.4).
const VAIN: u64 = 10;
const SOON: Micros = 10 * SECOND;
/// So often an address may change hands while nothing else changes.
const FLIPS: u64 = 6;

type Pair = (Ipv4Addr, Ipv4Addr);

/// What an update says, but for its times.
type Says = (Option<u8>, Option<Vec<u8>>, Option<Vec<u8>>);

fn says(binding: &Binding) -> Says {
    (binding.status, binding.client_identifier.clone(), binding.client_hardware_address.clone())
}

/// Refusals in a row of updates that say the same.
struct Row {
    binding: Binding,
    tally: Tally,
    refusal: Refusal,
    by: Ipv4Addr,
    /// Every one of them was the same to the last octet.
    is_same: bool,
}

/// Updates that are refused.
#[derive(Default)]
pub(crate) struct Storms {
    /// BNDUPDs without an answer: connection, sender, xid.
    sent: BTreeMap<(u64, Ipv4Addr, u32), Vec<Binding>>,
    rows: BTreeMap<(Ipv4Addr, Ipv4Addr), Row>,
    pools: BTreeMap<Pair, Pool>,
}

impl Storms {
    pub(crate) fn message(&mut self, read: &Read<'_>, survey: &Survey, ledger: &mut Ledger) {
        let (from, to) = (read.link.from, read.link.to);
        match read.body {
            Body::BndUpd(bindings) if self.sent.len() < MOST_UPDATES => {
                self.sent.insert((read.link.connection, from, read.xid), bindings.clone());
            }
            Body::BndAck(answers) => {
                let sent = self.sent.remove(&(read.link.connection, to, read.xid)).unwrap_or_default();
                for binding in sent {
                    let answer = answers.iter().find(|answer| answer.address == Some(binding.address));
                    if let Some(answer) = answer {
                        self.answered(read, binding, answer, survey, ledger);
                    }
                }
            }
            _ => {}
        }
        if self.pools.len() < MOST_UPDATES || self.pools.contains_key(&(from.min(to), from.max(to))) {
            self.pools.entry((from.min(to), from.max(to))).or_default().message(read, survey, ledger);
        }
    }

    /// Octets of a connection are missing: what was accepted meanwhile is not known.
    pub(crate) fn forget(&mut self, survey: &Survey, ledger: &mut Ledger) {
        std::mem::take(self).finish(survey, ledger);
    }

    fn answered(&mut self, read: &Read<'_>, binding: Binding, answer: &Answer, survey: &Survey, ledger: &mut Ledger) {
        let (by, sender) = (read.link.from, read.link.to);
        let Some(refusal) = answer.refusal.clone() else {
            ledger.held(Claim::RefusedAgain);
            // Whoever told it: they agree about the address now.
            for end in [by, sender] {
                self.rows.remove(&(end, binding.address)).into_iter().for_each(|row| row.finish(survey, ledger));
            }
            return;
        };
        let has_room = self.rows.len() < MOST;
        match self.rows.get_mut(&(sender, binding.address)) {
            Some(row) if says(&row.binding) == says(&binding) => {
                row.tally.again(read.at, read.place);
                row.is_same &= row.binding == binding;
                row.refusal = refusal;
            }
            _ if has_room => {
                let (address, tally) = (binding.address, Tally::new(read.at, read.place));
                let row = Row { binding, tally, refusal, by, is_same: true };
                let before = self.rows.insert((sender, address), row);
                before.into_iter().for_each(|row| row.finish(survey, ledger));
            }
            _ => {}
        }
    }

    /// The capture is over.
    pub(crate) fn finish(self, survey: &Survey, ledger: &mut Ledger) {
        self.rows.into_values().for_each(|row| row.finish(survey, ledger));
        self.pools.into_values().for_each(|mut pool| pool.finish(survey, ledger));
    }
}

impl Row {
    fn finish(self, survey: &Survey, ledger: &mut Ledger) {
        let Row { binding, tally, refusal, by, is_same } = self;
        if tally.count < AGAIN {
            return ledger.held_times(Claim::RefusedAgain, tally.count);
        }
        let status = binding.status.map_or_else(|| "nothing".to_owned(), status_name);
        let same = if is_same { "the same update" } else { "updates that differ in their times only" };
        let text = format!(
            "{}: {} refuses {same} ({status}), {}, and none about the address is accepted meanwhile: {refusal}: {}",
            binding.address,
            survey.who(by),
            say::often(&tally),
            meaning(MessageType::BndAck, refusal.reason),
        );
        ledger.violated_times(Claim::RefusedAgain, tally.count, tally.first.0, tally.places(), text);
    }
}

/// The addresses of a pair, as they go from one server's pool to the other's.
#[derive(Default)]
struct Pool {
    /// By address: the last binding-status.
    status: BTreeMap<Ipv4Addr, u8>,
    /// Since something other than that has changed: how often each address changed hands.
    flips: BTreeMap<Ipv4Addr, Tally>,
    /// POOLREQs in a row of which nothing came, and by whom.
    vain: Option<(Ipv4Addr, Tally)>,
}

impl Pool {
    fn message(&mut self, read: &Read<'_>, survey: &Survey, ledger: &mut Ledger) {
        match read.body {
            Body::PoolReq => self.asked(read.link.from, read.at, read.place, survey, ledger),
            Body::BndUpd(bindings) => {
                for binding in bindings {
                    if let Some(status) = binding.status {
                        self.told(binding.address, status, read, survey, ledger);
                    }
                }
            }
            _ => {}
        }
    }

    fn asked(&mut self, by: Ipv4Addr, at: Micros, place: Place, survey: &Survey, ledger: &mut Ledger) {
        match &mut self.vain {
            Some((same, tally)) if *same == by && at - tally.last.0 <= SOON => tally.again(at, place),
            _ => {
                self.in_vain(survey, ledger);
                self.vain = Some((by, Tally::new(at, place)));
            }
        }
    }

    fn told(&mut self, address: Ipv4Addr, status: u8, read: &Read<'_>, survey: &Survey, ledger: &mut Ledger) {
        let before = match self.status.len() < MOST || self.status.contains_key(&address) {
            true => self.status.insert(address, status),
            false => return,
        };
        let is_pooled = |status: u8| matches!(status, FREE | BACKUP);
        match before {
            Some(before) if before == status => {}
            Some(before) if is_pooled(before) && is_pooled(status) => match self.flips.get_mut(&address) {
                Some(tally) => tally.again(read.at, read.place),
                None => {
                    // It had not moved before: something came of asking.
                    self.in_vain(survey, ledger);
                    self.flips.insert(address, Tally::new(read.at, read.place));
                }
            },
            _ => {
                // A lease has begun or ended: there is something to balance.
                self.in_vain(survey, ledger);
                self.moved(ledger);
            }
        }
    }

    fn in_vain(&mut self, survey: &Survey, ledger: &mut Ledger) {
        let Some((by, tally)) = self.vain.take() else { return };
        if tally.count < VAIN {
            return ledger.held_times(Claim::RebalancingEnds, tally.count);
        }
        let text = format!(
            "{} asks for addresses (POOLREQ), {}, and nothing comes of it: no address changes hands, and no lease begins \
             or ends meanwhile",
            survey.who(by),
            say::often(&tally)
        );
        ledger.violated_times(Claim::RebalancingEnds, tally.count, tally.first.0, tally.places(), text);
    }

    fn moved(&mut self, ledger: &mut Ledger) {
        for (address, tally) in std::mem::take(&mut self.flips) {
            if tally.count < FLIPS {
                ledger.held_times(Claim::RebalancingEnds, tally.count);
                continue;
            }
            let text = format!(
                "{address} goes from one server's pool to the other's and back (FREE, BACKUP), {}, while no lease begins \
                 or ends",
                say::often(&tally)
            );
            ledger.violated_times(Claim::RebalancingEnds, tally.count, tally.first.0, tally.places(), text);
        }
    }

    fn finish(&mut self, survey: &Survey, ledger: &mut Ledger) {
        self.in_vain(survey, ledger);
        self.moved(ledger);
    }
}
