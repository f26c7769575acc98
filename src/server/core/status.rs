//! How the server is, for people and machines. Times are seconds since 1970 by this server's clock; null is none.

use dhcpfo_engine::balance::secondarys_due;
use dhcpfo_engine::binding::{AddressId, Binding, Code, Partner};
use dhcpfo_engine::effect::Within;
use dhcpfo_engine::endpoint::{Phase, Session};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_engine::time::Time;
use dhcpfo_wire::convert::Directory;
use dhcpfo_wire::session::Link;
use serde_json::{Value, json};

use super::Core;
use crate::exceptions::Exception;

/// Bindings in one answer.
const MOST: usize = 100_000;
const CODES: [Code; 7] =
    [Code::Free, Code::Backup, Code::Active, Code::Expired, Code::Released, Code::Abandoned, Code::Reset];

fn time(time: Time) -> Value {
    if time == Time::LONG_AGO { Value::Null } else { json!(time.raw()) }
}

impl Core {
    /// How the server and, as far as it knows, its partner are.
    pub(super) fn status(&self) -> Value {
        let record = self.endpoint.durable().endpoint();
        let volatile = self.endpoint.volatile();
        let table = self.endpoint.durable().table();
        let (free, backup) = (table.count(Code::Free), table.count(Code::Backup));
        let links: Vec<Value> = self
            .plan
            .links
            .iter()
            .map(|link| {
                let counts = self.counts(link.within);
                json!({"network": format!("{}/{}", link.subnet.network, link.subnet.length), "counts": counts})
            })
            .collect();
        json!({
            "ok": true,
            "now": self.clock.now,
            "clock-deviation": self.time.deviation(),
            "role": self.config.role.name(),
            "relationship": self.file.failover.name,
            "state": self.endpoint.state().name(),
            "since": record.map(|record| time(record.since)),
            "phase": match volatile.phase {
                Phase::Startup { .. } => "startup",
                Phase::Running => "running",
                Phase::Paused => "paused",
                Phase::Shutdown => "shutdown",
            },
            "recover-wait-ends": record.map(|record| time(record.recover_wait_ends)),
            "partners-available-from": record.map(|record| time(record.partner_down_wait_ends)),
            "safe-period-ends": volatile.safe_period_ends.map(Time::raw),
            "mclt": self.clock.mclt,
            "mclt-held": self.mclt_status(),
            "forgotten": self.forgotten_status(),
            "exceptions": self.exceptions.iter().map(Exception::to_json).collect::<Vec<_>>(),
            "store": if self.stalled { "takes no changes" } else { "works" },
            "partner": self.partner_status(),
            "pool": {
                "free": free, "backup": backup,
                "secondarys-due": secondarys_due(&self.config.pool, free + backup),
            },
            "clients": self.names.len(),
            "subnets": links,
        })
    }

    fn partner_status(&self) -> Value {
        let volatile = self.endpoint.volatile();
        let now = self.time.now().elapsed;
        let (link, heard, unanswered) = match self.session.link() {
            Link::Down => ("down", None, 0),
            Link::Connecting => ("connecting", None, 0),
            Link::Up { heard, unanswered, .. } => ("up", Some(now.saturating_sub(heard).as_secs()), unanswered),
        };
        let conversation = volatile.session.conversation();
        json!({
            "address": self.file.failover.partner.to_string(),
            "link": link,
            "tls": self.outside.links.is_secured(),
            "communications": match &volatile.session {
                Session::Down => "interrupted",
                Session::Connected(_) => "connected",
                Session::Ok(_) => "ok",
            },
            "state": volatile.heard.map(|state| state.name()),
            "heard-seconds-ago": heard,
            "clock-difference": self.session.skew().map(|skew| skew.seconds()),
            "unanswered": unanswered,
            "window": conversation.map(|conversation| conversation.parameters.window()),
            "updates-waiting": self.waiting(),
        })
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

    fn counts(&self, within: Within) -> Value {
        let table = self.endpoint.durable().table();
        let count = |code| {
            let (mut count, mut from) = (0, within.first);
            while let Some(address) = table.next_with(from, code).filter(|&address| within.contains(address)) {
                count += 1;
                from = address.0 + 1;
            }
            count
        };
        let named = CODES.iter().map(|&code| (code.name().to_owned(), json!(count(code)))).collect();
        Value::Object(named)
    }

    /// Bindings with all their times.
    pub(super) fn bindings(&self, all: bool) -> Value {
        let table = self.endpoint.durable().table();
        let wanted = |binding: &Binding| all || !binding.status.is_available() || binding.is_dirty();
        let rows = (0..table.len()).map(AddressId).map(|address| (address, table.get(address)));
        let rows: Vec<Value> = rows
            .filter(|(_, binding)| wanted(binding))
            .take(MOST)
            .map(|(address, binding)| self.binding_json(address, &binding))
            .collect();
        json!({"ok": true, "now": self.clock.now, "bindings": rows})
    }

    pub(super) fn binding_json(&self, address: AddressId, binding: &Binding) -> Value {
        let client = binding.status.client().and_then(|client| self.names.client(client));
        json!({
            "address": self.plan.address(address),
            "status": binding.status.code().name(),
            "client": client.as_ref().map(super::clients::who),
            "reserved": self.endpoint.durable().table().reserved(address).is_some(),
            "partner": match binding.partner {
                Partner::UpToDate => "up to date",
                Partner::Unsent => "to be told",
                Partner::Sent => "told, not acknowledged",
                Partner::Rejected => "rejected",
            },
            "reclaiming": binding.reclaiming,
            "lease-expiration": time(binding.lease_expiration),
            "sent-potential-expiration": time(binding.sent_potential_expiration),
            "acked-potential-expiration": time(binding.acked_potential_expiration),
            "received-potential-expiration": time(binding.received_potential_expiration),
            "client-last-transaction": time(binding.client_last_transaction),
            "start-of-status": time(binding.start_of_status),
            "rests-until": time(binding.wait_ends),
        })
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
            ("updates_waiting", "Bindings that the partner does not know yet.", one(self.waiting().into())),
            ("clock_deviation_seconds", "The system's clock minus the server's.", one(self.time.deviation() as f64)),
            ("store_stalled", "1 if the store takes no changes.", one(u8::from(self.stalled).into())),
        ];
        self.figures.text(dropped, &gauges)
    }
}
