//! Why a client gets no address, by which rule, and until when.

use std::net::Ipv4Addr;

use dhcpfo_engine::balance::{bucket, responsible};
use dhcpfo_engine::binding::{AddressId, Binding, Code, Status};
use dhcpfo_engine::effect::Note;
use dhcpfo_engine::endpoint::Phase;
use dhcpfo_engine::rules::StartupOver;
use dhcpfo_engine::service::{Service, service};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_engine::time::Time;
use dhcpfo_wire::convert::Client;
use serde_json::{Value, json};

use super::Core;

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
    /// What stands between a client and an address, rule by rule.
    pub(super) fn why(&mut self, text: &str) -> Value {
        let Some(client) = client(text) else {
            return json!({"ok": false, "error": format!("\"{text}\" is no client; 02:00:00:00:00:01 or hex:01… would be accepted")});
        };
        let now = Time::from_raw(self.clock.now);
        let bucket = bucket(client.hashed());
        // Looking for an address gives the client a number.
        let known = self.names.known(&client).is_some();
        let mut rules = Vec::new();
        let serves = self.why_service(&mut rules, bucket);
        let bindings = self.why_bindings(&client);
        let obtainable = self.obtainable(&client);
        if serves && obtainable.is_empty() {
            rules.push(self.why_nothing(now));
        }
        let served = serves && !obtainable.is_empty();
        let links: Vec<Value> =
            obtainable.iter().map(|(link, address)| json!({"link": link, "address": address})).collect();
        json!({
            "ok": true, "client": text, "known": known, "bucket": bucket,
            "served": served, "rules": rules, "bindings": bindings, "would-be-offered": links,
        })
    }

    /// Whether a DHCPDISCOVER gets as far as looking for an address; if not, by which rule and until when.
    fn why_service(&self, rules: &mut Vec<Value>, bucket: u8) -> bool {
        let state = self.endpoint.state();
        let volatile = self.endpoint.volatile();
        let phase = match volatile.phase {
            Phase::Startup { .. } if self.config.rules.startup_over == StartupOver::Wait => {
                let rule = format!("STARTUP serves nobody until the partner answers (Q31). {}", self.way_on());
                rules.push(json!({"rule": rule, "until": null}));
                return false;
            }
            Phase::Startup { ends } => Some(("STARTUP", "§9.3.1", Some(ends))),
            Phase::Paused => Some(("PAUSED", "§9.13", None)),
            Phase::Shutdown => Some(("SHUTDOWN", "§9.14.2", None)),
            Phase::Running => None,
        };
        if let Some((phase, section, until)) = phase {
            rules.push(json!({"rule": format!("{phase} serves nobody (failover-12 {section})"), "until": until.map(Time::raw)}));
            return false;
        }
        match service(&self.config.rules, state, volatile.heard) {
            Service::Responsive => true,
            Service::Balanced => {
                let mine = responsible(&self.config.rules, self.config.role, &self.config.buckets, bucket, false);
                if !mine {
                    let delay = self.agreed.map_or(0, |agreed| agreed.delayed_service);
                    let until = if delay > 0 { json!(format!("it has asked for {delay} s")) } else { Value::Null };
                    let rule =
                        format!("the partner is responsible for hash bucket {bucket} in NORMAL (failover-12 §9.8.2)");
                    rules.push(json!({"rule": rule, "until": until}));
                }
                mine
            }
            level => {
                let record = self.endpoint.durable().endpoint();
                let until = record.filter(|_| state == State::RecoverWait).map(|record| record.recover_wait_ends.raw());
                let what = if level == Service::Silent { "serves nobody" } else { "serves renewals only" };
                rules.push(json!({"rule": format!("{} {what} (failover-12 §9.2)", state.name()), "until": until}));
                false
            }
        }
    }

    /// The addresses whose bindings name the client.
    fn why_bindings(&self, client: &Client) -> Vec<Value> {
        let Some(id) = self.names.known(client) else { return Vec::new() };
        let table = self.endpoint.durable().table();
        let (mut found, mut from) = (Vec::new(), 0);
        while let Some(address) = table.next_of(from, id) {
            found.push(self.binding_json(address, &table.get(address)));
            from = address.0 + 1;
        }
        found
    }

    /// For each link the address that the client could have now.
    fn obtainable(&mut self, client: &Client) -> Vec<(String, Ipv4Addr)> {
        use dhcpfo_wire::convert::Directory;
        let Some(id) = self.names.client_id(client) else { return Vec::new() };
        let mut found = Vec::new();
        for link in self.plan.clone().links.iter() {
            let candidate = (link.within.first..link.within.end)
                .map(AddressId)
                .find(|&address| self.endpoint.lease_end(&self.config, &mut self.clock, id, address).is_some());
            if let Some(address) = candidate.and_then(|address| self.plan.address(address)) {
                found.push((format!("{}/{}", link.subnet.network, link.subnet.length), address));
            }
        }
        found
    }

    /// No address at all: until when.
    fn why_nothing(&self, now: Time) -> Value {
        let table = self.endpoint.durable().table();
        let partners = if self.config.role == Role::Primary { Code::Backup } else { Code::Free };
        let theirs = table.count(partners);
        let record = self.endpoint.durable().endpoint().copied();
        if theirs > 0 {
            let down = record.filter(|record| record.state == State::PartnerDown);
            return json!({
                "rule": format!("what is available ({theirs} addresses) is the partner's: MCLT after PARTNER-DOWN it may be used (failover-12 §9.4.2)"),
                "until": down.map(|record| record.partner_down_wait_ends.raw()),
            });
        }
        let end = |binding: &Binding| match binding.status {
            Status::Active { .. } => Some(binding.lease_expiration),
            // An end that rests may be told when the lease that it stands for is over (Q78).
            Status::Expired { .. } => Some(binding.wait_ends.later(binding.lease_expiration).later(now)),
            Status::Released { .. } | Status::Reset => Some(binding.wait_ends.later(now)),
            _ => None,
        };
        let soonest = (0..table.len()).filter_map(|address| end(&table.get(AddressId(address)))).min();
        json!({"rule": "every address is in use (failover-12 §5.11)", "until": soonest.map(Time::raw)})
    }
}
