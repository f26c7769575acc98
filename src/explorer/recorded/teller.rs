//! What a server does in a step, as an event of a recording.

use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Code, Partner};
use dhcpfo_engine::durable::{EndpointRecord, Record};
use dhcpfo_engine::effect::{Answer, Ask, Command, Effect, Input, Request};
use dhcpfo_engine::endpoint::{Phase, Session};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_report::recording::{Bound, Change, Deed, Event, Party, Sided, Told};
use dhcpfo_report::words::Words;
use dhcpfo_server::trace::Known;
use dhcpfo_table::Indexed;
use dhcpfo_time::Time;
use dhcpfo_world::play::Scale;
use std::collections::{BTreeMap, HashMap};

/// Bindings that are taken over from what a server begins with.
const MOST_FOUND: u32 = 10_000;

/// A step of a server.
pub struct Happened<'a> {
    /// Which server.
    pub role: Role,
    /// Its clock.
    pub second: u32,
    /// What came; None: it started.
    pub input: Option<Input>,
    /// What it did.
    pub effects: &'a [Effect],
    /// Its recorded state afterwards.
    pub state: State,
    /// What it is doing on top of that.
    pub phase: Phase,
    /// What [`session`] says of its connection.
    pub session: (String, String),
    /// What it has on stable storage.
    pub table: &'a Indexed,
}

/// The partner's state, and how much of the window is used.
pub fn session<const W: usize>(session: &Session<W>) -> (String, String) {
    match session {
        Session::Down => ("not connected".to_owned(), String::new()),
        Session::Connected(_) => ("connected, nothing heard yet".to_owned(), String::new()),
        Session::Ok(conversation) => {
            let used = conversation.window.iter().flatten().count();
            (conversation.partner.name().to_owned(), format!("{used} of {}", conversation.parameters.window()))
        }
    }
}

/// Remembers of one server what is told only when it changes.
#[derive(Default)]
pub struct Teller {
    /// The beginning of time, which is taken off every time.
    origin: u32,
    /// Somebody else tells what clients hold.
    silent_on_holders: bool,
    bound: HashMap<u32, Binding>,
    record: Option<EndpointRecord>,
    condition: String,
    facts: BTreeMap<String, String>,
    held: HashMap<String, String>,
}

impl Teller {
    /// For a simulation, in which time begins at `origin`, and which tells itself what clients hold.
    pub fn of_simulation(origin: u32) -> Teller {
        Teller { origin, silent_on_holders: true, ..Teller::default() }
    }

    /// A step as an event.
    pub fn event(&mut self, happened: &Happened<'_>, names: &Known) -> Event {
        let me = Party::server(happened.role);
        let words = Words { scale: Scale { per_second: 1 }, now: Time::from_raw(happened.second) };
        let at = i64::from(happened.second) - i64::from(self.origin);
        let mut event = Event { at: at * 1_000_000, words: what(happened, words, names), ..Event::default() };
        match happened.input {
            None => self.start(&me, happened.table, names, &mut event),
            Some(Input::Message(message)) => {
                let text = spelled(&words.message(&message), names);
                event.did.push(deed(&me, "RECEIVE", text.clone()));
                event.received = Some((me.clone(), text));
            }
            Some(Input::Client(request)) => self.asked(&me, &request, names, &mut event),
            Some(Input::Connected(_)) => event.changes.push(Change::Link(true)),
            Some(Input::Disconnected) => event.changes.push(Change::Link(false)),
            Some(Input::Wake | Input::Operator(_)) => {}
        }
        for effect in happened.effects {
            self.effect(&me, effect, words, names, &mut event);
        }
        self.facts(&me, happened, &mut event);
        event
    }

    /// What a server finds when it starts.
    fn start(&mut self, me: &Party, table: &Indexed, names: &Known, event: &mut Event) {
        self.bound.clear();
        for id in (0..table.len().min(MOST_FOUND)).map(AddressId) {
            let binding = table.get(id);
            if binding != Binding::NEVER_USED {
                self.bound.insert(id.0, binding);
                let bound = self.bound(&binding, names);
                event.changes.push(Change::Binding(me.clone(), names.address(id), bound));
            }
        }
        event.changes.push(Change::Link(false));
    }

    fn asked(&mut self, me: &Party, request: &Request, names: &Known, event: &mut Event) {
        let client = names.client(request.client);
        if matches!(request.ask, Ask::Discover | Ask::Release(_) | Ask::Decline(_)) {
            // Who looks for an address has none.
            self.gives_up(&client, event);
        }
        event.said.push(Told { from: Party::Client(client), to: me.clone(), text: asks(request.ask, names) });
    }

    fn gives_up(&mut self, client: &str, event: &mut Event) {
        if let Some(address) = self.held.remove(client).filter(|_| !self.silent_on_holders) {
            event.changes.push(Change::Holds { client: client.to_owned(), address, until: None });
        }
    }

    fn effect(&mut self, me: &Party, effect: &Effect, words: Words, names: &Known, event: &mut Event) {
        let before = |id: AddressId| self.bound.get(&id.0).copied().unwrap_or(Binding::NEVER_USED);
        let told = words.effect(effect, before, self.record.as_ref());
        let text = spelled(&told.text, names);
        match effect {
            Effect::Persist(Record::Binding(id, binding)) => {
                self.bound.insert(id.0, *binding);
                let bound = self.bound(binding, names);
                event.changes.push(Change::Binding(me.clone(), names.address(*id), bound));
            }
            Effect::Persist(Record::Endpoint(record)) => self.record = Some(*record),
            Effect::Send(_) => event.sent.push((me.clone(), text.clone())),
            Effect::Reply(client, answer) => self.answer(me, *client, *answer, names, event),
            Effect::Close | Effect::Note(_) => {}
        }
        event.did.push(deed(me, told.verb, text));
    }

    fn answer(&mut self, me: &Party, id: ClientId, answer: Answer, names: &Known, event: &mut Event) {
        let client = names.client(id);
        let text = match answer {
            Answer::Offer(address) => format!("OFFER {}", names.address(address)),
            Answer::Ack(address, ends) => {
                let address = names.address(address);
                if self.held.get(&client).is_some_and(|held| *held != address) {
                    self.gives_up(&client, event);
                }
                self.held.insert(client.clone(), address.clone());
                if !self.silent_on_holders {
                    let until = Some(i64::from(ends.raw()) - i64::from(self.origin));
                    event.changes.push(Change::Holds { client: client.clone(), address: address.clone(), until });
                }
                format!("ACK {address}")
            }
            Answer::Nak => {
                self.gives_up(&client, event);
                "NAK".to_owned()
            }
            Answer::Informed => "ACK".to_owned(),
        };
        event.said.push(Told { from: me.clone(), to: Party::Client(client), text });
    }

    /// What else is different about the server.
    fn facts(&mut self, me: &Party, happened: &Happened<'_>, event: &mut Event) {
        let condition = match happened.phase {
            Phase::Startup { .. } => "STARTUP",
            Phase::Paused => "PAUSED",
            Phase::Shutdown => "SHUTDOWN",
            Phase::Running => happened.state.name(),
        };
        if self.condition != condition {
            condition.clone_into(&mut self.condition);
            event.changes.push(Change::Condition(me.clone(), condition.to_owned()));
        }
        let (table, (partner, window)) = (happened.table, happened.session.clone());
        let now = [
            ("partner", partner),
            ("unacknowledged", window),
            ("partner lacks", format!("{} bindings", table.dirty())),
            ("available", format!("{} FREE, {} BACKUP", table.count(Code::Free), table.count(Code::Backup))),
        ];
        for (what, how) in now {
            if self.facts.get(what) != Some(&how) {
                self.facts.insert(what.to_owned(), how.clone());
                event.changes.push(Change::Fact(me.clone(), what.to_owned(), how));
            }
        }
    }

    /// The server is not there any more, and tells everything anew when it comes back.
    pub fn ended(&mut self) {
        self.condition.clear();
    }

    fn bound(&self, binding: &Binding, names: &Known) -> Bound {
        let time = |time: Time| (time != Time::LONG_AGO).then(|| i64::from(time.raw()) - i64::from(self.origin));
        let partner = match binding.partner {
            Partner::UpToDate => "up to date",
            Partner::Unsent => "unsent",
            Partner::Sent => "unacknowledged",
            Partner::Rejected => "rejected",
        };
        Bound {
            status: binding.status.code().name().to_owned(),
            client: binding.status.client().map(|client| names.client(client)),
            partner: partner.to_owned(),
            ends: time(binding.lease_expiration),
            sent: time(binding.sent_potential_expiration),
            acked: time(binding.acked_potential_expiration),
            received: time(binding.received_potential_expiration),
            rests: time(binding.wait_ends),
        }
    }
}

fn deed(who: &Party, verb: &str, text: String) -> Deed {
    Deed { who: Some(who.clone()), verb: verb.to_owned(), text }
}

/// What happens, in words.
fn what(happened: &Happened<'_>, words: Words, names: &Known) -> String {
    let name = happened.role.name();
    match happened.input {
        None => format!("{name} starts"),
        Some(Input::Connected(_)) => format!("{name} is connected"),
        Some(Input::Disconnected) => format!("{name} has lost the connection"),
        Some(Input::Wake) => format!("{name}: time passes"),
        Some(Input::Message(message)) => {
            format!("{name} reads {}", spelled(&words.message(&message), names))
        }
        Some(Input::Operator(command)) => {
            let command = match command {
                Command::PartnerDown => "partner-down".to_owned(),
                Command::Pause => "pause".to_owned(),
                Command::Shutdown => "shutdown".to_owned(),
                Command::Rebalance => "rebalance".to_owned(),
                Command::Begin { alone: false } => "begin at once: no lease is alive".to_owned(),
                Command::Begin { alone: true } => "begin at once and alone: no lease is alive".to_owned(),
                Command::Reset(address) => format!("reset {}", names.address(address)),
                Command::Set(state) => format!("set {}", state.name()),
            };
            format!("operator {name} {command}")
        }
        Some(Input::Client(request)) => {
            format!("{} to {name}: {}", names.client(request.client), asks(request.ask, names))
        }
    }
}

fn asks(ask: Ask, names: &Known) -> String {
    let (word, address) = match ask {
        Ask::Discover => ("DISCOVER", None),
        Ask::Select(id) => ("REQUEST", Some(id)),
        Ask::Reboot(id) => ("REBOOT", Some(id)),
        Ask::Renew(id) => ("RENEW", Some(id)),
        Ask::Rebind(id) => ("REBIND", Some(id)),
        Ask::Decline(id) => ("DECLINE", Some(id)),
        Ask::Release(id) => ("RELEASE", Some(id)),
        Ask::Inform => ("INFORM", None),
    };
    address.map_or_else(|| word.to_owned(), |id| format!("{word} {}", names.address(id)))
}

/// The engine's words with the addresses and clients that its numbers mean: `a3`, `client 5`.
fn spelled(text: &str, names: &Known) -> String {
    let mut out: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let (core, end) = word.strip_suffix(',').map_or((word, ""), |core| (core, ","));
        let number = |text: &str| text.parse::<u32>().ok();
        if let Some(id) = core.strip_prefix('a').and_then(number) {
            out.push(format!("{}{end}", names.address(AddressId(id))));
        } else if let Some(id) = number(core).filter(|_| out.last().is_some_and(|last| last == "client")) {
            let name = names.client(ClientId(id));
            // Without a name it says `client 5` itself.
            if !name.starts_with("client ") {
                out.push(format!("{name}{end}"));
            } else {
                out.push(word.to_owned());
            }
        } else {
            out.push(word.to_owned());
        }
    }
    out.join(" ")
}
