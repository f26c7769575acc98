//! What clients were told, held against each other and against what servers told each other.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use dhcpfo_wire::client::{Kind, Packet};
use dhcpfo_wire::convert::Client;
use serde_json::Value;

use super::claims::Claim;
use super::survey::{Survey, hardware, updated};
use super::wire::{Answer, Command, Event, What};
use crate::address::{client_name, is_same};
use crate::capture::Micros;
use crate::claims::Ledger;
use crate::event::Place;
use crate::say;
use crate::states::SECOND;

/// How much earlier than the answer between servers a DHCPACK may seem to be: two interfaces are captured, not one.
const SLACK: Micros = 5_000;
/// How long a capture has to go on after an update has failed.
const PATIENCE: Micros = 5 * SECOND;
/// Transactions and updates that are remembered.
const MOST: usize = 1 << 16;

struct Holder {
    client: Client,
    server: Ipv4Addr,
    until: Micros,
    place: Place,
}

/// A DHCPACK that was given in normal operation before its update was seen to be answered.
struct Early {
    control: Ipv4Addr,
    address: Ipv4Addr,
    hardware: String,
    at: Micros,
    places: Vec<Place>,
    text: String,
}

/// An update that the partner did not take.
struct Failed {
    from: Ipv4Addr,
    to: Ipv4Addr,
    address: Ipv4Addr,
    at: Micros,
    place: Place,
    text: String,
}

#[derive(Default)]
pub(crate) struct Clients {
    holders: BTreeMap<Ipv4Addr, Vec<Holder>>,
    /// When a client asked, and what it already has of the address that it asks for.
    asked: BTreeMap<(u32, Vec<u8>), (Micros, Option<Ipv4Addr>)>,
    offered: BTreeMap<(u32, Vec<u8>), (Ipv4Addr, Place)>,
    /// By server and address: for whom the partner has stored it, and when.
    copies: BTreeMap<(Ipv4Addr, Ipv4Addr), (String, Micros)>,
    early: Vec<Early>,
    failed: Vec<Failed>,
}

impl Clients {
    pub(crate) fn take(&mut self, survey: &Survey, event: &Event, ledger: &mut Ledger<Claim>) {
        match &event.what {
            What::Asked => {}
            // What is beyond a proxy is seen a second time.
            What::Answered(command, _) | What::Unanswered(command) if !survey.is_of_pair(command) => {}
            What::Answered(command, answer) => self.answered(event, command, answer, ledger),
            What::Unanswered(command) => self.not_taken(event, command, "is not answered".to_owned()),
            What::Dhcp { from, packet } => {
                let Some(client) = packet.client() else { return };
                let server = packet.server_identifier().unwrap_or(*from.ip());
                self.packet(survey, event, server, packet, &client, ledger);
            }
        }
    }

    fn answered(&mut self, event: &Event, command: &Command, answer: &Answer, ledger: &mut Ledger<Claim>) {
        match command.name.as_str() {
            "lease4-update" | "lease4-del" if answer.result == 0 => self.taken(event, command, ledger),
            "lease4-update" => {
                self.not_taken(event, command, format!("is answered {}: {}", answer.result, answer.text))
            }
            "lease4-get-page" if answer.result == 0 => {
                let leases = answer.arguments["leases"].as_array().into_iter().flatten();
                let read: Vec<Ipv4Addr> = leases.filter_map(address).collect();
                let (reader, from) = (command.from, command.to);
                self.told(ledger, |failed| {
                    failed.from == from && failed.to == reader && read.contains(&failed.address)
                });
            }
            _ => {}
        }
    }

    fn taken(&mut self, event: &Event, command: &Command, ledger: &mut Ledger<Claim>) {
        let Some(address) = address(&command.arguments) else { return };
        self.told(ledger, |failed| failed.from == command.from && failed.address == address);
        let Some((address, hardware)) = updated(command) else { return };
        let early = self.early.iter().position(|early| {
            let same = early.control == command.from && early.address == address && early.hardware == hardware;
            same && event.at - early.at <= SLACK
        });
        if let Some(early) = early {
            self.early.remove(early);
            ledger.held(Claim::Copied);
        }
        if self.copies.len() < MOST || self.copies.contains_key(&(command.from, address)) {
            self.copies.insert((command.from, address), (hardware, event.at));
        }
    }

    fn not_taken(&mut self, event: &Event, command: &Command, why: String) {
        let Some((address, client)) = updated(command) else { return };
        if self.failed.len() < MOST {
            let text = format!("{address}: the update of {} for {client} {why}", command.from);
            let (from, to, at, place) = (command.from, command.to, event.at, command.place);
            self.failed.push(Failed { from, to, address, at, place, text });
        }
    }

    fn told(&mut self, ledger: &mut Ledger<Claim>, is_told: impl Fn(&Failed) -> bool) {
        let before = self.failed.len();
        self.failed.retain(|failed| !is_told(failed));
        ledger.held_times(Claim::ToldAgain, (before - self.failed.len()) as u64);
    }

    fn packet(
        &mut self,
        survey: &Survey,
        event: &Event,
        server: Ipv4Addr,
        packet: &Packet,
        client: &Client,
        ledger: &mut Ledger<Claim>,
    ) {
        let key = (packet.xid, packet.chaddr.clone());
        match packet.kind {
            Kind::Discover => {
                // Who looks for an address has none.
                self.leave(client);
                self.offered.remove(&key);
            }
            Kind::Request => {
                let wanted = Some(packet.ciaddr).filter(|address| !address.is_unspecified());
                if self.asked.len() < MOST || self.asked.contains_key(&key) {
                    self.asked.insert(key, (event.at, wanted.or(packet.requested_address())));
                }
            }
            Kind::Release | Kind::Decline => self.leave(client),
            Kind::Offer => self.offer(event, server, key, client, ledger),
            Kind::Ack if !packet.yiaddr.is_unspecified() => self.ack(survey, event, server, packet, client, ledger),
            Kind::Nak => self.nak(event, server, &key, client, ledger),
            _ => {}
        }
    }

    fn leave(&mut self, client: &Client) {
        self.holders.values_mut().for_each(|holders| holders.retain(|holder| !is_same(&holder.client, client)));
    }

    fn offer(
        &mut self,
        event: &Event,
        server: Ipv4Addr,
        key: (u32, Vec<u8>),
        client: &Client,
        ledger: &mut Ledger<Claim>,
    ) {
        let known = self.offered.get(&key).copied();
        let (other, place) = known.unwrap_or((server, event.place));
        let text = || format!("{} is offered an address by {other} and by {server}", client_name(client));
        ledger.judge(Claim::OneServes, other == server, event.at, || vec![event.place, place], text);
        if known.is_none() && self.offered.len() < MOST {
            self.offered.insert(key, (server, event.place));
        }
    }

    fn ack(
        &mut self,
        survey: &Survey,
        event: &Event,
        server: Ipv4Addr,
        packet: &Packet,
        client: &Client,
        ledger: &mut Ledger<Claim>,
    ) {
        let (address, Some(lease)) = (packet.yiaddr, packet.lease_time()) else { return };
        let asked = self.asked.remove(&(packet.xid, packet.chaddr.clone())).map(|(at, _)| at);
        let begins = asked.filter(|asked| event.at - asked < 60 * SECOND).unwrap_or(event.at);
        let until = if lease == u32::MAX { Micros::MAX / 4 } else { begins + i64::from(lease) * SECOND };
        let holders = self.holders.entry(address).or_default();
        holders.retain(|holder| holder.until > event.at);
        if holders.iter().any(|holder| is_same(&holder.client, client)) {
            ledger.held(Claim::Renewed);
        }
        let other = holders.iter().find(|holder| !is_same(&holder.client, client));
        let text = || {
            let Some(other) = other else { return String::new() };
            let (mine, theirs, until) =
                (client_name(client), client_name(&other.client), say::after_exactly(other.until, event.at));
            format!("{address}: {server} gave it to {mine} while {theirs} has it from {}, until {until}", other.server)
        };
        let places = || [event.place].into_iter().chain(other.map(|other| other.place)).collect();
        ledger.judge(Claim::NoDuplicate, other.is_none(), event.at, places, text);
        self.leave(client);
        let holder = Holder { client: client.clone(), server, until, place: event.place };
        self.holders.entry(address).or_default().push(holder);
        self.copied(survey, event, (server, address), (begins, packet), ledger);
    }

    /// Whether the partner had the lease before the client.
    fn copied(
        &mut self,
        survey: &Survey,
        event: &Event,
        (server, address): (Ipv4Addr, Ipv4Addr),
        (begins, packet): (Micros, &Packet),
        ledger: &mut Ledger<Claim>,
    ) {
        if survey.servers.is_empty() {
            return;
        }
        let Some(control) = survey.clients.get(&server).copied() else {
            let reason =
                format!("which server of the control channel {server} is could not be told; say both with --server");
            return ledger.open(Claim::Copied, reason);
        };
        let Some((before, after)) = survey.around(control, event.at) else {
            return ledger.open(Claim::Copied, "there are no heartbeats around that time");
        };
        let normal = |state: &str| matches!(state, "load-balancing" | "hot-standby");
        if !normal(&before.state) || !normal(&after.state) {
            // Nothing is promised in any other state.
            return;
        }
        let hardware = hardware(&packet.chaddr);
        let copy = self.copies.get(&(control, address));
        if copy.is_some_and(|(client, at)| *client == hardware && *at >= begins - SECOND) {
            return ledger.held(Claim::Copied);
        }
        let state = before.state.to_uppercase();
        let text = format!("{address}: {server} in {state} told {hardware} DHCPACK, and its partner had not stored it");
        self.early.push(Early {
            control,
            address,
            hardware,
            at: event.at,
            places: vec![event.place, before.place],
            text,
        });
    }

    fn nak(
        &mut self,
        event: &Event,
        server: Ipv4Addr,
        key: &(u32, Vec<u8>),
        client: &Client,
        ledger: &mut Ledger<Claim>,
    ) {
        let wanted = self.asked.remove(key).and_then(|(_, wanted)| wanted);
        let holder = wanted.and_then(|wanted| {
            let mut holders = self.holders.get(&wanted)?.iter();
            holders.find(|holder| is_same(&holder.client, client) && holder.until > event.at)
        });
        if let (Some(holder), Some(wanted)) = (holder, wanted) {
            let (name, until) = (client_name(client), say::after_exactly(holder.until, event.at));
            let text = format!(
                "{server} refuses {name} the address {wanted}, which it has from {} until {until}",
                holder.server
            );
            ledger.violated(Claim::Renewed, event.at, vec![event.place, holder.place], text);
        }
        self.leave(client);
    }

    /// The captures are over.
    pub(crate) fn finish(self, survey: &Survey, ledger: &mut Ledger<Claim>) {
        for early in self.early {
            ledger.violated(Claim::Copied, early.at, early.places, early.text);
        }
        for failed in self.failed {
            let left = survey.latest - failed.at;
            if left < PATIENCE {
                ledger.open(Claim::ToldAgain, "the capture ends less than 5 s after an update that failed");
                continue;
            }
            let text = format!(
                "{}, and in the {} that follow the partner is neither told again nor reads it",
                failed.text,
                say::span(left)
            );
            ledger.violated(Claim::ToldAgain, failed.at, vec![failed.place], text);
        }
    }
}

fn address(value: &Value) -> Option<Ipv4Addr> {
    value["ip-address"].as_str()?.parse().ok()
}
