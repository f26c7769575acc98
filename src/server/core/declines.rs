//! DHCPDECLINE within limits, and what becomes of ABANDONED addresses.
//!
//! Whoever declines every address that it is given takes the whole pool away, for ABANDONED has no end in the protocol
//! (failover-12 §5.11). So a client may decline [`OF_CLIENT`] addresses within [`WINDOW`], and of a link no more than a
//! quarter is ABANDONED at a time. A DHCPDECLINE beyond that is not handed to the engine: the address stays that client's
//! until the lease ends, and nobody else is given it before.
//!
//! An ABANDONED address is tried again after the subnet's `abandon-time`. That is a RESET, which the claims take for an
//! operator's true word that no client holds the address (Q78). So the server says it only when every end that was ever told
//! of the address has passed by MCLT and the partner knows it as ABANDONED, or is down.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use dhcpfo_documents::control::{Answer, Consequences, Refused};
use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Code, Partner, Status};
use dhcpfo_engine::effect::{Command, Input, Within};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_wire::convert::Client;

use super::troubles::Kind;
use super::{Core, who};

/// How long a DHCPDECLINE counts.
const WINDOW: Duration = Duration::from_secs(3600);
/// Addresses that a client may decline within that time.
const OF_CLIENT: u32 = 4;
/// Of this many addresses of a link one may be ABANDONED; at least one of each link.
const SHARE: u32 = 4;
/// How often it is looked for addresses whose time is over, in seconds, and how many are reset at a look.
const LOOK: u32 = 5;
const EACH: usize = 64;
/// Addresses that an answer names.
const NAMED: usize = 20;

/// DHCPDECLINEs that still count, oldest first.
#[derive(Debug, Default)]
pub(super) struct Declines {
    recent: VecDeque<(Duration, Vec<u8>)>,
    of_client: HashMap<Vec<u8>, u32>,
    looked: u32,
}

impl Declines {
    /// Whether a client may decline one more address. It counts.
    fn admit(&mut self, now: Duration, client: &Client) -> bool {
        while self.recent.front().is_some_and(|(at, _)| *at + WINDOW <= now) {
            let Some((_, old)) = self.recent.pop_front() else { break };
            if let Some(count) = self.of_client.get_mut(&old) {
                *count -= 1;
                if *count == 0 {
                    self.of_client.remove(&old);
                }
            }
        }
        let key = client.key().1.to_vec();
        let count = self.of_client.entry(key.clone()).or_default();
        if *count >= OF_CLIENT {
            return false;
        }
        *count += 1;
        self.recent.push_back((now, key));
        true
    }
}

impl Core {
    /// A client declines an address of a link that it holds.
    ///
    /// # Errors
    /// It is not believed, and why.
    pub(super) fn decline(
        &mut self,
        client: &Client,
        id: ClientId,
        address: AddressId,
        link: usize,
    ) -> Result<(), String> {
        // The engine ignores who does not hold the address.
        if self.endpoint.durable().table().get(address).status != (Status::Active { client: id }) {
            return Ok(());
        }
        let within = self.plan.links[link].within;
        let most = ((within.end - within.first) / SHARE).max(1);
        let abandoned = self.abandoned(within, most as usize);
        let refused = if abandoned.len() >= most as usize {
            let subnet = &self.plan.links[link].subnet;
            let (network, length) = (subnet.network, subnet.length);
            let text = format!(
                "clients of {network}/{length} have declined {most} addresses, a quarter: no more are believed. \
                 `dhcpfo ctl reset-abandoned` makes them available"
            );
            self.trouble(Kind::Declines, text);
            Some(format!("{most} addresses of its link are ABANDONED already"))
        } else if self.declines.admit(self.time.now().elapsed, client) {
            None
        } else {
            Some(format!("this client has declined {OF_CLIENT} addresses within an hour"))
        };
        if let Some(why) = refused {
            self.figures.declines_refused += 1;
            return Err(why);
        }
        let (who, address) = (who(client), self.plan.address(address));
        self.line(format_args!("{who}: declines {address:?}: somebody uses it; it is ABANDONED now"));
        Ok(())
    }

    /// The first ABANDONED addresses within a link, at most so many.
    fn abandoned(&self, within: Within, most: usize) -> Vec<AddressId> {
        let table = self.endpoint.durable().table();
        let (mut found, mut from) = (Vec::new(), within.first);
        while let Some(address) = table.next_with(from, Code::Abandoned).filter(|&address| within.contains(address)) {
            found.push(address);
            if found.len() >= most {
                break;
            }
            from = address.0 + 1;
        }
        found
    }

    /// Resets ABANDONED addresses whose time is over.
    pub(super) fn try_abandoned_again(&mut self) {
        let now = self.clock.now;
        if now.saturating_sub(self.declines.looked) < LOOK {
            return;
        }
        self.declines.looked = now;
        let state = self.endpoint.state();
        let acts = match state {
            State::Normal => self.config.role == Role::Primary,
            State::PartnerDown => true,
            _ => false,
        };
        let table = self.endpoint.durable().table();
        if !acts || table.count(Code::Abandoned) == 0 {
            return;
        }
        let mclt = self.clock.mclt;
        let mut due = Vec::new();
        for link in &self.plan.links {
            let Some(time) = link.subnet.abandon_time else { continue };
            for address in self.abandoned(link.within, usize::MAX) {
                let binding = table.get(address);
                let told = state == State::PartnerDown || binding.partner == Partner::UpToDate;
                let rested = binding.start_of_status.raw().saturating_add(time) <= now;
                if told && rested && last_end(&binding).saturating_add(mclt) <= now {
                    due.push(address);
                }
            }
        }
        if due.is_empty() {
            return;
        }
        for address in due.into_iter().take(EACH) {
            let text = self.plan.address(address).map(|address| address.to_string());
            tracing::info!(address = text, "ABANDONED long enough: it is reset, and tried again");
            self.figures.tried_again += 1;
            self.step(Input::Operator(Command::Reset(address)));
        }
        self.troubles.over(Kind::Declines);
    }

    /// Says what would come of resetting all ABANDONED addresses; with `yes` it does.
    pub(super) fn reset_abandoned(&mut self, yes: bool) -> Answer {
        let all = self.abandoned(Within { first: 0, end: self.plan.len() }, usize::MAX);
        let named: Vec<String> =
            all.iter().take(NAMED).filter_map(|&id| self.plan.address(id)).map(|address| address.to_string()).collect();
        let now = self.clock.now;
        let table = self.endpoint.durable().table();
        let alive = all.iter().filter(|&&id| last_end(&table.get(id)) > now).count();
        let consequences = Some(Consequences::ResetAbandoned {
            abandoned: all.len() as u64,
            addresses: named,
            with_an_end_ahead: alive as u64,
            at_risk:
                "RESET says that no client uses the address, and is believed (failover-12 §5.11, Q78): an address \
                      that a client holds all the same is given to a second one"
                    .to_owned(),
        });
        if !yes {
            let error = "only told, not done: --yes if nobody uses them".to_owned();
            return Answer::Refused(Refused { ok: false, error, consequences });
        }
        for address in all {
            self.step(Input::Operator(Command::Reset(address)));
        }
        self.troubles.over(Kind::Declines);
        self.done(consequences)
    }
}

/// The latest end that a client or the partner has been told, or has told, of an address: seconds since 1970.
fn last_end(binding: &Binding) -> u32 {
    let ends = [
        binding.lease_expiration,
        binding.sent_potential_expiration,
        binding.acked_potential_expiration,
        binding.received_potential_expiration,
    ];
    ends.into_iter().map(|time| time.raw()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_declines_a_few_addresses_in_an_hour() {
        let client = |last: u8| Client { identifier: None, hardware_address: vec![1, 2, 0, 0, 0, 0, last] };
        let mut declines = Declines::default();
        let hour = |hours: f64| Duration::from_secs_f64(hours * 3600.0);
        for _ in 0..OF_CLIENT {
            assert!(declines.admit(hour(0.0), &client(1)));
        }
        assert!(!declines.admit(hour(0.9), &client(1)));
        assert!(declines.admit(hour(0.9), &client(2)), "another client");
        assert!(declines.admit(hour(1.0), &client(1)), "an hour later");
        declines.admit(hour(5.0), &client(3));
        assert_eq!((declines.recent.len(), declines.of_client.len()), (1, 1), "what is old is forgotten");
    }
}
