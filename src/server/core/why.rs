//! Why a client gets no address, by which rule, and until when.

use std::net::Ipv4Addr;

use dhcpfo_documents::control::{self, Answer, Offer, Rule, Until, Why};
use dhcpfo_engine::balance::{bucket, covers, responsible};
use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Status};
use dhcpfo_engine::effect::Note;
use dhcpfo_engine::endpoint::Phase;
use dhcpfo_engine::rules::StartupOver;
use dhcpfo_engine::service::{Service, service};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::Time;
use dhcpfo_wire::convert::Client;

use super::Core;
use crate::plan::Link;

/// A client without a number.
const NOBODY: ClientId = ClientId(u32::MAX);

/// The engine's reason in words, with the section.
pub(super) fn reason(note: Note, state: State, bucket: u8) -> String {
    match note {
        Note::Silent => format!("{} does not serve this (failover-12 §9.2, figure 9.2-1)", state.name()),
        Note::NotMine => format!("the partner is responsible for hash bucket {bucket} (failover-12 §9.8.2)"),
        Note::NothingAvailable => "no address is available to this server (failover-12 §5.4, §9.4.2)".to_owned(),
        Note::NotAllowed => {
            "the address is the partner's, somebody else's, or has to rest (failover-12 §9.4.2)".to_owned()
        }
        Note::Ignored => "the client does not hold that address".to_owned(),
        Note::Alarm => "the endpoint needs attention".to_owned(),
    }
}

/// `02:00:00:00:00:01` or `hex:01…`.
pub(super) fn client(text: &str) -> Option<Client> {
    let hex = |digits: &str| -> Option<Vec<u8>> {
        let even = digits.len().is_multiple_of(2) && digits.is_ascii() && !digits.is_empty();
        even.then(|| (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok()).collect())?
    };
    if let Some(digits) = text.strip_prefix("hex:") {
        return Some(Client { identifier: Some(hex(digits)?), hardware_address: vec![1] });
    }
    let octets: Option<Vec<u8>> = text.split(':').map(|octet| u8::from_str_radix(octet, 16).ok()).collect();
    let octets = octets.filter(|octets| octets.len() <= 16 && octets.len() > 1)?;
    Some(Client { identifier: None, hardware_address: [&[1], octets.as_slice()].concat() })
}

impl Core {
    /// What stands between a client and an address of its link, rule by rule. `link`: an address of that link.
    pub(super) fn why(&mut self, text: &str, link: Option<&str>) -> Answer {
        let Some(client) = client(text) else {
            return Answer::refused(format!("\"{text}\" is no client; 02:00:00:00:00:01 or hex:01… would be accepted"));
        };
        let named = link.map(|link| link.parse().ok().and_then(|address| self.plan.link_of(address)));
        if named == Some(None) {
            return Answer::refused(format!("{} is on no link of this server", link.unwrap_or_default()));
        }
        let Some(place) = named.flatten().or_else(|| self.link_of_client(&client)) else {
            let bindings = self.why_bindings(&client);
            let rule = "this server has not heard the client, so it does not know its link; --link and an address of that \
                        link would tell";
            return Answer::Why(Why {
                ok: true,
                client: text.to_owned(),
                known: self.names.known(&client).is_some(),
                bucket: None,
                link: None,
                served: None,
                rules: vec![Rule { rule: rule.to_owned(), until: None }],
                bindings,
                would_be_offered: None,
            });
        };
        let bucket = bucket(client.hashed());
        // Looking for an address gives the client a number.
        let known = self.names.known(&client).is_some();
        let link = self.plan.links[place].clone();
        let mut rules = Vec::new();
        let serves = self.why_service(&mut rules, &client, bucket, &link);
        let bindings = self.why_bindings(&client);
        let obtainable = self.obtainable(&client, &link);
        if serves && obtainable.is_none() {
            rules.push(self.why_nothing(&link));
        }
        let name = link.name();
        let offered = obtainable.iter().map(|&address| Offer { link: name.clone(), address }).collect();
        Answer::Why(Why {
            ok: true,
            client: text.to_owned(),
            known,
            bucket: Some(bucket),
            link: Some(name),
            served: Some(serves && obtainable.is_some()),
            rules,
            bindings,
            would_be_offered: Some(offered),
        })
    }

    /// The place of a client's link in the plan: the only one there is, where it was heard last, or where it has an
    /// address.
    fn link_of_client(&self, client: &Client) -> Option<usize> {
        if self.plan.links.len() == 1 {
            return Some(0);
        }
        let id = self.names.known(client)?;
        let table = self.endpoint.durable().table();
        let address = || table.next_of(0, id).or_else(|| table.next_reserved(0, id));
        self.names.heard_on(id).or_else(|| self.plan.link_of(self.plan.address(address()?)?))
    }

    /// Whether a DHCPDISCOVER gets as far as looking for an address; if not, by which rule and until when.
    fn why_service(&self, rules: &mut Vec<Rule>, client: &Client, bucket: u8, link: &Link) -> bool {
        let state = self.endpoint.state();
        let volatile = self.endpoint.volatile();
        let phase = match volatile.phase {
            Phase::Startup { .. } if self.config.rules.startup_over == StartupOver::Wait => {
                let rule = format!("STARTUP serves nobody until the partner answers (Q31). {}", self.way_on());
                rules.push(Rule { rule, until: None });
                return false;
            }
            Phase::Startup { ends } => Some(("STARTUP", "§9.3.1", Some(ends))),
            Phase::Paused => Some(("PAUSED", "§9.13", None)),
            Phase::Shutdown => Some(("SHUTDOWN", "§9.14.2", None)),
            Phase::Running => None,
        };
        if let Some((phase, section, until)) = phase {
            let rule = format!("{phase} serves nobody (failover-12 {section})");
            rules.push(Rule { rule, until: until.map(second) });
            return false;
        }
        match service(&self.config.rules, state, volatile.heard) {
            Service::Responsive => true,
            Service::Balanced => {
                let mine = responsible(&self.config.rules, self.config.role, &self.config.buckets, bucket, false);
                let id = self.names.known(client).unwrap_or(NOBODY);
                let covered = covers(&self.config, self.endpoint.durable().table(), id, link.within);
                if !mine && !covered {
                    let delay = self.agreed.map_or(0, |agreed| agreed.delayed_service);
                    let until = (delay > 0).then(|| Until::Words(format!("it has asked for {delay} s")));
                    let rule =
                        format!("the partner is responsible for hash bucket {bucket} in NORMAL (failover-12 §9.8.2)");
                    rules.push(Rule { rule, until });
                }
                mine || covered
            }
            level => {
                let record = self.endpoint.durable().endpoint();
                let until =
                    record.filter(|_| state == State::RecoverWait).map(|record| second(record.recover_wait_ends));
                let what = if level == Service::Silent { "serves nobody" } else { "serves renewals only" };
                rules.push(Rule { rule: format!("{} {what} (failover-12 §9.2)", state.name()), until });
                false
            }
        }
    }

    /// The addresses whose bindings name the client.
    fn why_bindings(&self, client: &Client) -> Vec<control::Binding> {
        let Some(id) = self.names.known(client) else { return Vec::new() };
        let table = self.endpoint.durable().table();
        let (mut found, mut from) = (Vec::new(), 0);
        while let Some(address) = table.next_of(from, id) {
            found.push(self.binding(address, &table.get(address)));
            from = address.0 + 1;
        }
        found
    }

    /// The address of its link that the client could have now.
    fn obtainable(&mut self, client: &Client, link: &Link) -> Option<Ipv4Addr> {
        use dhcpfo_wire::convert::Directory;
        let id = self.names.client_id(client)?;
        let reserved = self.endpoint.durable().table().next_reserved(link.within.first, id);
        let first = reserved.filter(|&address| link.within.contains(address)).into_iter();
        let mut candidates = first.chain((link.within.first..link.within.end).map(AddressId));
        let found =
            candidates.find(|&address| self.endpoint.lease_end(&self.config, &mut self.clock, id, address).is_some());
        self.plan.address(found?)
    }

    /// No address of this link at all: until when.
    fn why_nothing(&self, link: &Link) -> Rule {
        let table = self.endpoint.durable().table();
        let available = self.plan.group(link).map(|group| table.available(Some(group))).unwrap_or_default();
        let theirs = if self.config.role == Role::Primary { available.backup } else { available.free };
        let record = self.endpoint.durable().endpoint().copied();
        let name = link.name();
        if theirs > 0 {
            let down = record.filter(|record| record.state == State::PartnerDown);
            let rule = format!(
                "what is available of {name} ({theirs} addresses) is the partner's: MCLT after PARTNER-DOWN it may be used \
                 (failover-12 §9.4.2)"
            );
            return Rule { rule, until: down.map(|record| second(record.partner_down_wait_ends)) };
        }
        let end = |binding: &Binding| match binding.status {
            Status::Active { .. } => Some(binding.lease_expiration.raw()),
            // An end that rests may be told when the lease that it stands for is over (Q78).
            Status::Expired { .. } => {
                Some(binding.wait_ends.raw().max(binding.lease_expiration.raw()).max(self.clock.now))
            }
            Status::Released { .. } | Status::Reset => Some(binding.wait_ends.raw().max(self.clock.now)),
            _ => None,
        };
        let soonest =
            (link.within.first..link.within.end).filter_map(|address| end(&table.get(AddressId(address)))).min();
        let rule = format!("every address of {name} is in use (failover-12 §5.11)");
        Rule { rule, until: soonest.map(Until::Time) }
    }
}

fn second(time: Time) -> Until {
    Until::Time(time.raw())
}
