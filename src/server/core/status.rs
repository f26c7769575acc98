//! How the server is, for people and machines. Times are seconds since 1970 by this server's clock; null is none.

use dhcpfo_documents::control::{self, Answer, Bindings, Pool, Status, Subnet};
use dhcpfo_engine::balance::{Available, secondarys_due};
use dhcpfo_engine::binding::{AddressId, Binding, Code, Partner};
use dhcpfo_engine::endpoint::{Phase, Session};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::Time;
use dhcpfo_wire::convert::Directory;
use dhcpfo_wire::session::Link;
use indexmap::IndexMap;

use super::Core;
use crate::exceptions::Exception;
use crate::names::who;
use crate::plan;

/// Bindings in one answer.
const MOST: usize = 100_000;
const CODES: [Code; 7] =
    [Code::Free, Code::Backup, Code::Active, Code::Expired, Code::Released, Code::Abandoned, Code::Reset];

fn time(time: Time) -> Option<u32> {
    (time != Time::LONG_AGO).then(|| time.raw())
}

impl Core {
    /// How the server and, as far as it knows, its partner are.
    pub(super) fn status(&self) -> Answer {
        let record = self.endpoint.durable().endpoint();
        let volatile = self.endpoint.volatile();
        let table = self.endpoint.durable().table();
        let word = |word: &str| word.to_owned();
        Answer::Status(Box::new(Status {
            ok: true,
            now: self.clock.now,
            clock_deviation: self.time.deviation(),
            role: word(self.config.role.name()),
            relationship: self.file.failover.name.clone(),
            state: word(self.endpoint.state().name()),
            since: record.and_then(|record| time(record.since)),
            phase: word(match volatile.phase {
                Phase::Startup { .. } => "startup",
                Phase::Running => "running",
                Phase::Paused => "paused",
                Phase::Shutdown => "shutdown",
            }),
            recover_wait_ends: record.and_then(|record| time(record.recover_wait_ends)),
            partners_available_from: record.and_then(|record| time(record.partner_down_wait_ends)),
            safe_period_ends: volatile.safe_period_ends.map(Time::raw),
            mclt: self.clock.mclt,
            mclt_held: self.mclt_status(),
            forgotten: self.forgotten_status(),
            exceptions: self.exceptions.iter().map(Exception::document).collect(),
            store: word(if self.stalled { "takes no changes" } else { "works" }),
            partner: self.partner_status(),
            pool: Pool {
                free: table.count(Code::Free),
                backup: table.count(Code::Backup),
                secondarys_due: self.plan.links.iter().map(|l| self.secondarys_due(&self.available(l))).sum(),
            },
            clients: self.names.len() as u64,
            interfaces: self.interfaces(),
            subnets: self.plan.links.iter().map(|link| self.subnet(link)).collect(),
        }))
    }

    fn subnet(&self, link: &plan::Link) -> Subnet {
        let available = self.available(link);
        let secondarys_due = self.secondarys_due(&available);
        Subnet {
            network: link.name(),
            counts: self.counts(link),
            pool: Pool { free: available.free, backup: available.backup, secondarys_due },
        }
    }

    /// Which interfaces are served, by name.
    fn interfaces(&self) -> IndexMap<String, String> {
        let names = &self.file.listen.interfaces;
        let first = self.outside.sockets.len().saturating_sub(names.len());
        let state = |at: usize| match self.outside.sockets.get(first + at) {
            Some(Some(_)) => "served",
            _ => "gone",
        };
        names.iter().enumerate().map(|(at, name)| (name.clone(), state(at).to_owned())).collect()
    }

    fn partner_status(&self) -> control::Partner {
        let volatile = self.endpoint.volatile();
        let now = self.time.now().elapsed;
        let (link, heard, unanswered) = match self.session.link() {
            Link::Down => ("down", None, 0),
            Link::Connecting => ("connecting", None, 0),
            Link::Up { heard, unanswered, .. } => ("up", Some(now.saturating_sub(heard).as_secs()), unanswered),
        };
        let conversation = volatile.session.conversation();
        control::Partner {
            address: self.file.failover.partner.to_string(),
            link: link.to_owned(),
            tls: self.outside.links.is_secured(),
            communications: match &volatile.session {
                Session::Down => "interrupted",
                Session::Connected(_) => "connected",
                Session::Ok(_) => "ok",
            }
            .to_owned(),
            state: volatile.heard.map(|state| state.name().to_owned()),
            heard_seconds_ago: heard,
            clock_difference: self.session.skew().map(|skew| skew.seconds()),
            unanswered: unanswered as u64,
            window: conversation.map(|conversation| conversation.parameters.window() as u64),
            updates_waiting: self.waiting(),
            troubles: self.troubles.status(),
        }
    }

    fn waiting(&self) -> u32 {
        let table = self.endpoint.durable().table();
        let (mut count, mut from) = (0, 0);
        while let Some(address) = table.next_dirty(from) {
            count += 1;
            from = address.0 + 1;
        }
        count
    }

    /// The available addresses of a link, reserved ones left out.
    fn available(&self, link: &plan::Link) -> Available {
        let table = self.endpoint.durable().table();
        self.plan.group(link).map(|group| table.available(Some(group))).unwrap_or_default()
    }

    fn secondarys_due(&self, available: &Available) -> u32 {
        secondarys_due(&self.config.pool, available.free + available.backup)
    }

    /// The addresses of a link by status.
    fn counts(&self, link: &plan::Link) -> IndexMap<String, u32> {
        let table = self.endpoint.durable().table();
        let count = |code| self.plan.group(link).map_or(0, |group| table.count_in(group, code));
        CODES.iter().map(|&code| (code.name().to_owned(), count(code))).collect()
    }

    /// Bindings with all their times.
    pub(super) fn bindings(&self, all: bool) -> Answer {
        let table = self.endpoint.durable().table();
        let wanted = |binding: &Binding| all || !binding.status.is_available() || binding.is_dirty();
        let rows = (0..table.len()).map(AddressId).map(|address| (address, table.get(address)));
        let rows = rows.filter(|(_, binding)| wanted(binding)).take(MOST);
        let bindings = rows.map(|(address, binding)| self.binding(address, &binding)).collect();
        Answer::Bindings(Bindings { ok: true, now: self.clock.now, bindings })
    }

    pub(super) fn binding(&self, address: AddressId, binding: &Binding) -> control::Binding {
        let client = binding.status.client().and_then(|client| self.names.client(client));
        control::Binding {
            address: self.plan.address(address),
            status: binding.status.code().name().to_owned(),
            client: client.as_ref().map(who),
            reserved: self.endpoint.durable().table().reserved(address).is_some(),
            partner: match binding.partner {
                Partner::UpToDate => "up to date",
                Partner::Unsent => "to be told",
                Partner::Sent => "told, not acknowledged",
                Partner::Rejected => "rejected",
            }
            .to_owned(),
            reclaiming: binding.reclaiming,
            lease_expiration: time(binding.lease_expiration),
            sent_potential_expiration: time(binding.sent_potential_expiration),
            acked_potential_expiration: time(binding.acked_potential_expiration),
            received_potential_expiration: time(binding.received_potential_expiration),
            client_last_transaction: time(binding.client_last_transaction),
            start_of_status: time(binding.start_of_status),
            rests_until: time(binding.wait_ends),
        }
    }

    /// The text for Prometheus.
    pub(super) fn metrics(&self) -> String {
        let state = self.endpoint.state();
        let dropped = self.outside.dropped.load(std::sync::atomic::Ordering::Relaxed);
        let table = self.endpoint.durable().table();
        let counts: Vec<(String, f64)> = CODES
            .iter()
            .map(|&code| (format!("{{status=\"{}\"}}", code.name()), table.all_with(code).into()))
            .collect();
        let of_link = |link: &plan::Link, label: &str| format!("{{subnet=\"{}\"{label}}}", link.name());
        let by_link =
            |each: &dyn Fn(&plan::Link) -> Vec<(String, f64)>| self.plan.links.iter().flat_map(each).collect();
        let subnet_counts: Vec<(String, f64)> = by_link(&|link| {
            let count = |code: Code| self.plan.group(link).map_or(0, |group| table.count_in(group, code));
            let row = |&code: &Code| (of_link(link, &format!(",status=\"{}\"", code.name())), count(code).into());
            CODES.iter().map(row).collect()
        });
        let subnet_due: Vec<(String, f64)> =
            by_link(&|link| vec![(of_link(link, ""), self.secondarys_due(&self.available(link)).into())]);
        let states = dhcpfo_engine::state::State::ALL
            .iter()
            .map(|known| (format!("{{state=\"{}\"}}", known.name()), f64::from(u8::from(*known == state))))
            .collect();
        let one = |value: f64| vec![(String::new(), value)];
        let ok = self.endpoint.volatile().session.conversation().is_some();
        let gauges = [
            ("state", "1 for the state of the endpoint.", states),
            ("communications_ok", "1 if the partner is in touch.", one(u8::from(ok).into())),
            ("bindings", "Addresses by status.", counts),
            ("subnet_bindings", "Addresses of a subnet by status.", subnet_counts),
            ("subnet_secondarys_due", "Of a subnet's FREE and BACKUP, how many should be BACKUP.", subnet_due),
            ("updates_waiting", "Bindings that the partner does not know yet.", one(self.waiting().into())),
            ("clock_deviation_seconds", "The system's clock minus the server's.", one(self.time.deviation() as f64)),
            ("store_stalled", "1 if the store takes no changes.", one(u8::from(self.stalled).into())),
        ];
        self.figures.text(dropped, &gauges)
    }
}
