//! A play in the Informal Trace Format, for the viewers that researchers use (Apalache ADR-015).
//!
//! One state for each step and each passage of time. Variables: `action` (what led there, in the words of scripts),
//! `now`, `link`, `primary`, `secondary`, and `clients`. Times count from the beginning, in parts of a second of which
//! `#meta` tells how many make one; -1 is a time that never was, -2 one that is not known.

use dhcpfo_engine::binding::{AddressId, Binding, Partner};
use dhcpfo_engine::state::Role;
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::{Clock as _, Standing, Time};
use dhcpfo_world::model::Model;
use dhcpfo_world::play::{Condition, Entry, Moment, Outcome, Scale};
use serde_json::{Map, Value, json};

/// Whom a trace is about, if not everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Process {
    /// A server.
    Server(Role),
    /// A client by its number.
    Client(u8),
}

impl std::str::FromStr for Process {
    type Err = String;

    fn from_str(text: &str) -> Result<Process, String> {
        let role = Role::ALL.into_iter().find(|role| role.name() == text).map(Process::Server);
        let client = || text.strip_prefix("client")?.parse().ok().map(Process::Client);
        role.or_else(client).ok_or_else(|| "primary, secondary, or client0, client1, … would be accepted".to_owned())
    }
}

/// A document in the making.
#[derive(Debug)]
pub struct Itf<'a> {
    model: &'a Model,
    scale: Scale,
    only: Option<Process>,
    states: Vec<Map<String, Value>>,
}

impl<'a> Itf<'a> {
    /// An empty one; `only`: leave out what others do and hold.
    pub fn new(model: &'a Model, scale: Scale, only: Option<Process>) -> Itf<'a> {
        Itf { model, scale, only, states: Vec::new() }
    }

    /// Adds what happened.
    pub fn add(&mut self, entry: &Entry) {
        match entry {
            Entry::Begin(moment, _) => self.state("the beginning", moment),
            Entry::Passage(passage) => self.state("time passes", &passage.after),
            Entry::Step(step) => self.state(&step.action.to_string(), &step.after),
            Entry::Comment(_) | Entry::Checked { .. } => {}
        }
    }

    /// The document.
    pub fn finish(self, title: &str, outcome: &Outcome) -> String {
        let vars: Vec<&String> = self.states.first().map(|state| state.keys().collect()).unwrap_or_default();
        let vars: Vec<&String> = vars.into_iter().filter(|name| !name.starts_with('#')).collect();
        let document = json!({
            "#meta": {
                "format": "ITF",
                "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
                "description": title,
                "parts-of-a-second": self.scale.per_second,
                "refuted": outcome.refuted,
            },
            "vars": vars,
            "states": self.states,
        });
        format!("{document:#}\n")
    }

    fn state(&mut self, action: &str, moment: &Moment) {
        let mut state = Map::new();
        state.insert("#meta".to_owned(), json!({ "index": self.states.len() }));
        state.insert("action".to_owned(), action.into());
        state.insert("now".to_owned(), self.time(moment.now).into());
        if self.only.is_none() {
            state.insert("link".to_owned(), moment.system.link.intact.into());
        }
        for role in Role::ALL.into_iter().filter(|role| self.only.is_none_or(|only| only == Process::Server(*role))) {
            state.insert(role.name().to_owned(), self.server(moment, role));
        }
        let clients = (0..self.model.client_count() as u8).filter(|client| self.shows_client(*client));
        let clients: Vec<Value> = clients.map(|client| json!([client, self.client(moment, client)])).collect();
        if !clients.is_empty() {
            state.insert("clients".to_owned(), json!({ "#map": clients }));
        }
        let said = |state: &Map<String, Value>| {
            let told = |name: &&String| !matches!(name.as_str(), "#meta" | "action" | "now");
            state.iter().filter(|(name, _)| told(name)).map(|(_, value)| value.clone()).collect::<Vec<_>>()
        };
        let is_news = self.states.last().is_none_or(|last| said(last) != said(&state));
        if self.only.is_none() || is_news {
            self.states.push(state);
        }
    }

    fn shows_client(&self, client: u8) -> bool {
        self.only.is_none_or(|only| only == Process::Client(client))
    }

    fn server(&self, moment: &Moment, role: Role) -> Value {
        let server = moment.system.server(role);
        let recorded = server.durable().endpoint().map_or("nothing", |record| record.state.name());
        let bindings = (0..self.model.addresses.len() as u32)
            .map(|address| json!([address, self.binding(&server.durable().table().get(AddressId(address)))]));
        json!({
            "state": Condition::of(server).name(),
            "recorded": recorded,
            "bindings": { "#map": bindings.collect::<Vec<_>>() },
        })
    }

    fn binding(&self, binding: &Binding) -> Value {
        let partner = match binding.partner {
            Partner::UpToDate => "up to date",
            Partner::Unsent => "unsent",
            Partner::Sent => "unacknowledged",
            Partner::Rejected => "rejected",
        };
        json!({
            "status": binding.status.code().name(),
            "client": binding.status.client().map_or(-1, |client| i64::from(client.0)),
            "partner": partner,
            "lease-expiration": self.time(binding.lease_expiration),
            "sent-potential-expiration": self.time(binding.sent_potential_expiration),
            "acked-potential-expiration": self.time(binding.acked_potential_expiration),
            "received-potential-expiration": self.time(binding.received_potential_expiration),
        })
    }

    fn client(&self, moment: &Moment, client: u8) -> Value {
        let lease =
            moment.system.clients[usize::from(client)].lease.filter(|lease| !Standing(moment.now).passed(lease.ends));
        json!({
            "address": lease.map_or(-1, |lease| i64::from(lease.address.0)),
            "ends": lease.map_or(-1, |lease| self.time(lease.ends)),
        })
    }

    fn time(&self, time: Time) -> i64 {
        match time {
            Time::LONG_AGO => -1,
            Time::SOMETIME => -2,
            time => {
                let parts = self.scale.since(time).and_then(|since| since.in_parts(self.scale.per_second));
                parts.map_or(-2, i64::from)
            }
        }
    }
}
