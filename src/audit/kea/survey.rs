//! The first reading of captures: who is who on the control channel and towards clients, and what each server said of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use super::log::date;
use super::wire::{Command, Event, What};
use crate::Settings;
use crate::capture::Micros;
use crate::event::Place;
use crate::states::SECOND;
use dhcpfo_wire::client::Kind;

/// How long before a DHCPACK its update was sent at most: a command fails after ten seconds.
const PARKED: Micros = 15 * SECOND;
/// Addresses of servers that are told apart.
const MOST_SERVERS: usize = 64;

/// What a server said in the answer to a heartbeat.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) at: Micros,
    pub(crate) place: Place,
    pub(crate) state: String,
    pub(crate) scopes: Vec<String>,
    /// What its clock showed: from here, and for less than a second.
    pub(crate) date: Option<Micros>,
}

#[derive(Default)]
pub(crate) struct Survey {
    /// The two servers of the control channel, by their addresses there.
    pub(crate) servers: Vec<Ipv4Addr>,
    /// Others that were seen there: of another pair, or of another part of the same link.
    pub(crate) others: Vec<Ipv4Addr>,
    pub(crate) said: BTreeMap<Ipv4Addr, Vec<Said>>,
    /// Addresses towards clients, with those on the control channel.
    pub(crate) clients: BTreeMap<Ipv4Addr, Ipv4Addr>,
    pub(crate) has_clients: bool,
    pub(crate) latest: Micros,
    /// How many commands were between two addresses, the lower one first.
    spoke: BTreeMap<(Ipv4Addr, Ipv4Addr), u64>,
    votes: BTreeMap<(Ipv4Addr, Ipv4Addr), u64>,
    /// The latest update of an address: whose, for whom, when.
    updates: BTreeMap<Ipv4Addr, (Ipv4Addr, String, Micros)>,
}

impl Survey {
    pub(crate) fn take(&mut self, event: &Event) {
        self.latest = self.latest.max(event.at);
        match &event.what {
            What::Answered(command, answer) => {
                self.spoke(command);
                if command.name == "ha-heartbeat" && answer.result == 0 {
                    let text = |name: &str| answer.arguments[name].as_str().unwrap_or_default().to_owned();
                    let scopes = answer.arguments["scopes"].as_array().into_iter().flatten();
                    let scopes = scopes.filter_map(|scope| scope.as_str().map(str::to_owned)).collect();
                    let (state, date) = (text("state"), date(&text("date-time")));
                    let said = Said { at: event.at, place: event.place, state, scopes, date };
                    self.said.entry(command.to).or_default().push(said);
                }
                if let Some((address, hardware)) = updated(command) {
                    self.updates.insert(address, (command.from, hardware, command.at));
                }
            }
            What::Unanswered(command) => self.spoke(command),
            What::Asked => {}
            What::Dhcp { from, packet } => {
                self.has_clients = true;
                if packet.kind == Kind::Ack && !packet.yiaddr.is_unspecified() {
                    let server = packet.server_identifier().unwrap_or(*from.ip());
                    self.vote(server, packet.yiaddr, &hardware(&packet.chaddr), event.at);
                }
            }
        }
    }

    fn spoke(&mut self, command: &Command) {
        let ends = (command.from.min(command.to), command.from.max(command.to));
        if self.spoke.len() < MOST_SERVERS || self.spoke.contains_key(&ends) {
            *self.spoke.entry(ends).or_default() += 1;
        }
    }

    /// Who updates the partner about a lease just before a client is given it is the server that gives it; and so is the
    /// only one that serves anybody.
    fn vote(&mut self, server: Ipv4Addr, address: Ipv4Addr, hardware: &str, at: Micros) {
        let update = self.updates.get(&address).filter(|(_, client, sent)| client == hardware && at - sent < PARKED);
        let serving: Vec<Ipv4Addr> = self
            .said
            .iter()
            .filter(|(_, said)| said.last().is_some_and(|said| !said.scopes.is_empty()))
            .map(|(server, _)| *server)
            .collect();
        let only = if self.said.len() == 2 && serving.len() == 1 { serving.first() } else { None };
        for control in update.map(|(from, ..)| from).into_iter().chain(only) {
            *self.votes.entry((server, *control)).or_default() += 1;
        }
    }

    pub(crate) fn finish(&mut self, settings: &Settings) {
        // The pair is who speaks most with each other.
        let most = self.spoke.iter().max_by_key(|(ends, count)| (**count, **ends)).map(|(ends, _)| *ends);
        self.servers = most.into_iter().flat_map(|(one, other)| [one, other]).collect();
        let others: BTreeSet<Ipv4Addr> = self.spoke.keys().flat_map(|(one, other)| [*one, *other]).collect();
        self.others = others.into_iter().filter(|server| !self.servers.contains(server)).collect();
        self.said.retain(|server, _| self.servers.contains(server));
        let mut votes: Vec<_> = self.votes.iter().map(|(ends, count)| (*count, *ends)).collect();
        votes.sort();
        // The most votes come last, and win.
        self.clients.extend(votes.into_iter().map(|(_, ends)| ends));
        for (role, one) in &settings.servers {
            let control = settings.servers.iter().find(|(other, ip)| other == role && self.servers.contains(ip));
            self.clients.extend(control.map(|(_, control)| (*one, *control)));
        }
    }

    /// Whether a command is of one server of the pair to the other.
    pub(crate) fn is_of_pair(&self, command: &Command) -> bool {
        self.servers.contains(&command.from) && self.servers.contains(&command.to)
    }

    /// What a server said before and after an instant, if that is close enough to say how it was in between.
    pub(crate) fn around(&self, server: Ipv4Addr, at: Micros) -> Option<(&Said, &Said)> {
        let said = self.said.get(&server)?;
        let after = said.partition_point(|said| said.at <= at);
        let (before, after) = (said.get(after.checked_sub(1)?)?, said.get(after)?);
        let mut gaps: Vec<Micros> = said.windows(2).filter_map(|two| Some(two.get(1)?.at - two.first()?.at)).collect();
        gaps.sort_unstable();
        let usual = gaps.get(gaps.len() / 2).copied().unwrap_or(0);
        (after.at - before.at <= 2 * usual + SECOND).then_some((before, after))
    }
}

/// The address and the hardware address of an update of a lease that is assigned.
pub(crate) fn updated(command: &Command) -> Option<(Ipv4Addr, String)> {
    let assigned = command.name == "lease4-update" && command.arguments["state"].as_i64().unwrap_or(0) == 0;
    let address = command.arguments["ip-address"].as_str()?.parse().ok()?;
    assigned.then(|| (address, command.arguments["hw-address"].as_str().unwrap_or_default().to_owned()))
}

/// A hardware address as Kea writes it.
pub(crate) fn hardware(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(":")
}
