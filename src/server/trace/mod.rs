//! A trace: what an endpoint began with, every input, and what came of it, one JSON document a line.
//!
//! ```json
//! {"line":"serve-header","version":3,"role":"primary","relationship":"fo","rules":{},"addresses":41,"reserved":[],"endpoint":null,…}
//! {"line":"serve-binding","address":3,"binding":{"status":"ACTIVE","client":0,…}}
//! {"line":"serve-step","at":1795467379,"input":"start","effects":[{"effect":"PERSIST","text":"…"}]}
//! {"line":"serve-step","at":1795467381,"input":{"client":0,"ask":"discover",…},"effects":[…]}
//! {"line":"serve-lengths","lengths":{"mclt":60,…},"buckets":"ff…"}
//! ```
//!
//! * `serve-header` and the `serve-binding`s after it are what stable storage had and how the server was configured; they
//!   come again when the endpoint begins anew (`ctl recover`, other pools after `ctl reload`);
//! * `rules` are the readings in which the server departs from those that are searched;
//! * `at` is the reading of the clock, the only thing that a step takes from outside. Lengths of time are those of
//!   the header until `serve-lengths` says otherwise, the lease time of a client's request is in its input;
//! * numbers of addresses count from 0 in ascending order, numbers of clients mean nothing outside the trace; which
//!   addresses and clients they are is there for people only: `ranges` in the header, and `who`;
//! * `effects` are the engine's own values in their debugging form.
//!
//! So [`replay()`] can do all of it again and compare. What follows from a step is seen by others only when its lines are
//! in the file, so a trace of a server that was killed has everything that anybody saw; its last line may be cut.

mod input;
mod replay;
mod watch;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use dhcpfo_engine::balance::Buckets;
use dhcpfo_engine::binding::{AddressId, Binding, ClientId};
use dhcpfo_engine::config::Config;
use dhcpfo_engine::durable::Durable;
use dhcpfo_engine::effect::{Effect, Input};
use dhcpfo_engine::message::Message;
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_wire::convert::Directory;
use serde_json::{Value, json};

pub use replay::{Kind, Problem, Replayed, replay};
pub use watch::{Known, Seen, Watch};

use crate::clock::Wall;
use crate::core::{Core, who};
use crate::exceptions::departures;
use crate::names::Names;
use crate::plan::Plan;
use dhcpfo_table::Indexed;

/// The version that is written, and the only one that is read.
const VERSION: u32 = 3;

/// An open trace.
#[derive(Debug)]
pub struct Trace {
    /// None: it could not be written any more.
    file: Option<BufWriter<File>>,
}

impl Trace {
    /// Begins a trace in a new file.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn create(path: &Path) -> io::Result<Trace> {
        Ok(Trace { file: Some(BufWriter::new(crate::store::own_file().truncate(true).open(path)?)) })
    }

    /// Writes what is still in memory.
    pub fn flush(&mut self) {
        self.write(|file| file.flush());
    }

    fn line(&mut self, document: &Value) {
        self.write(|file| writeln!(file, "{document}"));
    }

    /// A trace with a gap would be of no use: the first failure is its end.
    fn write(&mut self, what: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) {
        if let Some(Err(error)) = self.file.as_mut().map(what) {
            tracing::error!(%error, "the trace ends here: it cannot be written");
            self.file = None;
        }
    }

    /// What an endpoint is about to begin with.
    pub(crate) fn open(
        &mut self,
        relationship: &str,
        config: &Config,
        clock: &Wall,
        durable: &Durable<Indexed>,
        (plan, names): (&Plan, &Names),
    ) {
        let table = durable.table();
        let reserved = (0..table.len()).filter_map(|n| table.reserved(AddressId(n)).map(|client| json!([n, client.0])));
        self.line(&json!({
            "line": "serve-header", "version": VERSION, "role": config.role.name(), "relationship": relationship,
            "rules": departures(&config.rules).collect::<std::collections::BTreeMap<_, _>>(),
            "addresses": table.len(), "ranges": ranges(plan), "reserved": reserved.collect::<Vec<_>>(),
            "buckets": hex(&config.buckets), "secondary-share": config.pool.secondary_share,
            "slack": config.pool.slack.map(|slack| json!([slack.addresses, slack.per_mille])),
            "groups": plan.groups, "cover": config.pool.cover, "safe-period": config.safe_period,
            "lengths": lengths(clock), "endpoint": durable.endpoint().map(input::endpoint_to_json),
        }));
        for n in 0..table.len() {
            let binding = table.get(AddressId(n));
            if binding != Binding::NEVER_USED {
                let who = binding.status.client().and_then(|client| names.client(client)).map(|client| who(&client));
                let binding = input::binding_to_json(&binding);
                self.line(&json!({"line": "serve-binding", "address": n, "binding": binding, "who": who}));
            }
        }
    }

    fn step(&mut self, at: u32, input: Value, who: Option<String>, out: &[Effect]) {
        let mut document = json!({"line": "serve-step", "at": at, "input": input, "effects": effects(out)});
        if let Some(who) = who {
            document["who"] = json!(who);
        }
        self.line(&document);
    }
}

/// The addresses as runs: the first one, and how many there are.
fn ranges(plan: &Plan) -> Vec<Value> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for address in (0..plan.len()).filter_map(|n| plan.address(AddressId(n))).map(u32::from) {
        match runs.last_mut().filter(|(first, count)| first.checked_add(*count) == Some(address)) {
            Some((_, count)) => *count += 1,
            None => runs.push((address, 1)),
        }
    }
    runs.iter().map(|(first, count)| json!([std::net::Ipv4Addr::from(*first), count])).collect()
}

/// The client that an input names.
fn named(input: &Input) -> Option<ClientId> {
    match input {
        Input::Client(request) => Some(request.client),
        Input::Message(Message::BndUpd(update)) => update.status.client(),
        _ => None,
    }
}

fn effects(effects: &[Effect]) -> Vec<Value> {
    let one = |effect: &Effect| {
        let kind = match effect {
            Effect::Persist(_) => "PERSIST",
            Effect::Send(_) => "SEND",
            Effect::Reply(..) => "REPLY",
            Effect::Close => "CLOSE",
            Effect::Note(_) => "NOTE",
        };
        json!({"effect": kind, "text": format!("{effect:?}")})
    };
    effects.iter().map(one).collect()
}

fn lengths(clock: &Wall) -> Value {
    let Wall { mclt, lease, potential, safe_period, startup, message_age, .. } = clock;
    json!({
        "mclt": mclt, "lease": lease, "potential": potential,
        "safe-period": safe_period, "startup": startup, "message-age": message_age,
    })
}

fn hex(buckets: &Buckets) -> String {
    buckets.0.iter().map(|octet| format!("{octet:02x}")).collect()
}

impl Core {
    /// What came of the start.
    pub(crate) fn trace_start(&mut self, out: &[Effect]) {
        let at = self.trace_now();
        if let Some(trace) = self.trace() {
            trace.step(at, json!("start"), None, out);
        }
    }

    /// One step. That time passed, and neither effects nor `changed` memory came of it, is not written.
    pub(crate) fn trace_step(&mut self, input: &Input, out: &[Effect], changed: bool) {
        if self.trace().is_none() || *input == Input::Wake && out.is_empty() && !changed {
            return;
        }
        let (at, lease) = (self.trace_now(), self.trace_lease());
        let who = named(input).map(|client| self.who(client));
        if let Some(trace) = self.trace() {
            trace.step(at, input::to_json(input, lease), who, out);
        }
    }

    /// Lengths of time or buckets are others from here on.
    pub(crate) fn trace_lengths(&mut self) {
        let document = self.trace_lengths_now();
        if let Some(trace) = self.trace() {
            let (clock, buckets) = document;
            trace.line(&json!({"line": "serve-lengths", "lengths": lengths(&clock), "buckets": hex(&buckets)}));
        }
    }
}
