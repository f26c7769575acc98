//! A trace: what an endpoint began with, every input, and what came of it. Its lines are [`dhcpfo_documents::served`].
//!
//! So [`replay()`] can do all of it again and compare. What follows from a step is seen by others only when its lines are
//! in the file, so a trace of a server that was killed has everything that anybody saw; its last line may be cut.

mod convert;
mod replay;
mod watch;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::net::Ipv4Addr;
use std::path::Path;

use dhcpfo_documents::served::{FORMAT, Header, Input as Told, Lengths, Line, NewLengths, Role, Step, StoredBinding};
use dhcpfo_engine::balance::Buckets;
use dhcpfo_engine::binding::{AddressId, Binding, ClientId};
use dhcpfo_engine::config::Config;
use dhcpfo_engine::durable::Durable;
use dhcpfo_engine::effect::{Effect, Input};
use dhcpfo_engine::message::Message;
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_wire::convert::Directory;

pub use replay::{Kind, Problem, Replayed, replay};
pub use watch::{Known, Seen, Watch};

use crate::clock::Wall;
use crate::exceptions::departures;
use crate::names::{Names, who};
use crate::plan::Plan;
use dhcpfo_table::Indexed;

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

    fn line(&mut self, line: &Line) {
        self.write(|file| writeln!(file, "{}", dhcpfo_documents::line(line)));
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
        let reserved = (0..table.len()).filter_map(|n| table.reserved(AddressId(n)).map(|client| (n, client.0)));
        self.line(&Line::ServeHeader(Box::new(Header {
            version: FORMAT.version,
            role: match config.role {
                dhcpfo_engine::state::Role::Primary => Role::Primary,
                dhcpfo_engine::state::Role::Secondary => Role::Secondary,
            },
            relationship: relationship.to_owned(),
            rules: departures(&config.rules).map(|(key, word)| (key.to_owned(), word.to_owned())).collect(),
            addresses: table.len(),
            ranges: ranges(plan),
            reserved: reserved.collect(),
            buckets: hex(&config.buckets),
            secondary_share: config.pool.secondary_share,
            slack: config.pool.slack.map(|slack| (slack.addresses, slack.per_mille)),
            groups: plan.groups.clone(),
            cover: config.pool.cover,
            safe_period: config.safe_period,
            lengths: lengths(clock),
            endpoint: durable.endpoint().map(convert::endpoint_to_document),
        })));
        for n in 0..table.len() {
            let binding = table.get(AddressId(n));
            if binding != Binding::NEVER_USED {
                let who = binding.status.client().and_then(|client| names.client(client)).map(|client| who(&client));
                let binding = convert::binding_to_document(&binding);
                self.line(&Line::ServeBinding(StoredBinding { address: n, binding, who }));
            }
        }
    }

    /// What came of the start.
    pub(crate) fn start(&mut self, at: u32, out: &[Effect]) {
        self.step(at, Told::Start, None, out);
    }

    /// What came of an input, at an instant and with leases of that length.
    pub(crate) fn input(&mut self, (at, lease): (u32, u32), input: &Input, who: Option<String>, out: &[Effect]) {
        self.step(at, convert::to_document(input, lease), who, out);
    }

    /// Lengths of time or buckets are others from here on.
    pub(crate) fn lengths(&mut self, clock: &Wall, buckets: &Buckets) {
        self.line(&Line::ServeLengths(NewLengths { lengths: lengths(clock), buckets: hex(buckets) }));
    }

    fn step(&mut self, at: u32, input: Told, who: Option<String>, out: &[Effect]) {
        let effects = out.iter().map(convert::effect_to_document).collect();
        self.line(&Line::ServeStep(Step { at, input, effects, who }));
    }
}

/// The addresses as runs: the first one, and how many there are.
fn ranges(plan: &Plan) -> Vec<(Ipv4Addr, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for address in (0..plan.len()).filter_map(|n| plan.address(AddressId(n))).map(u32::from) {
        match runs.last_mut().filter(|(first, count)| first.checked_add(*count) == Some(address)) {
            Some((_, count)) => *count += 1,
            None => runs.push((address, 1)),
        }
    }
    runs.iter().map(|(first, count)| (Ipv4Addr::from(*first), *count)).collect()
}

/// The client that an input names.
pub(crate) fn named(input: &Input) -> Option<ClientId> {
    match input {
        Input::Client(request) => Some(request.client),
        Input::Message(Message::BndUpd(update)) => update.status.client(),
        _ => None,
    }
}

fn lengths(clock: &Wall) -> Lengths {
    let Wall { mclt, lease, potential, safe_period, startup, message_age, .. } = *clock;
    Lengths { mclt, lease, potential, safe_period, startup, message_age }
}

fn hex(buckets: &Buckets) -> String {
    buckets.0.iter().map(|octet| format!("{octet:02x}")).collect()
}
