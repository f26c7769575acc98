//! What happened, row by row, as a time-space diagram and a table of times show it.
//!
//! A row is made from a step, whatever clock it was taken under: [`Words`] of an order of deadlines leave times out.

use crate::scene;
use crate::words::Words;
use dhcpfo_claims::fair::ROUND;
use dhcpfo_engine::effect::{Answer, Effect};
use dhcpfo_engine::state::Role;
use dhcpfo_time::{Standing, Time};
use dhcpfo_world::action::{Deed, What};
use dhcpfo_world::claim::{Check, View};
use dhcpfo_world::clients::{Body, Client};
use dhcpfo_world::model::Model;
use dhcpfo_world::play::{Condition, Entry, Moment, Scale, Step};

/// Somebody with a line of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// A server.
    Server(Role),
    /// A client, by its number.
    Client(u8),
}

impl Lane {
    /// Its name.
    pub fn name(self) -> String {
        match self {
            Lane::Server(role) => role.name().to_owned(),
            Lane::Client(number) => format!("client {number}"),
        }
    }
}

/// Something said within one row: between a client and a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub from: Lane,
    /// To whom.
    pub to: Lane,
    /// What.
    pub text: String,
    /// It does not arrive.
    pub lost: bool,
}

/// How things stand after a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stand {
    /// Each server's condition.
    pub conditions: [String; 2],
    /// There is a connection.
    pub link: bool,
    /// What each client holds.
    pub holds: Vec<Option<String>>,
}

/// A row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Its number, or whatever it is known by.
    pub label: String,
    /// Where a run goes round for ever: what is said of that before the row.
    pub round: Option<String>,
    /// When, where that is known.
    pub at: Option<String>,
    /// The action's text; empty where only time passes.
    pub action: String,
    /// A message from the partner that is read: by whom, what.
    pub received: Option<(Role, String)>,
    /// Messages that leave for the partner: from whom, what.
    pub sent: Vec<(Role, String)>,
    /// What is said between clients and servers.
    pub said: Vec<Said>,
    /// Messages towards a server that will never be read.
    pub lost: Vec<(Role, String)>,
    /// What else servers do: who, the verb, what.
    pub does: Vec<(Role, &'static str, String)>,
    /// Claims that are violated here and were not before.
    pub refuted: Vec<String>,
    /// What is different afterwards: whose, and how it is now.
    pub changes: Vec<(String, String)>,
    /// How things stand then.
    pub stand: Stand,
}

/// The addresses that a client holds, if it holds any.
fn held(client: &Client, now: Time) -> Option<String> {
    let addresses: Vec<String> = client.addresses(&Standing(now)).map(|address| format!("a{}", address.0)).collect();
    (!addresses.is_empty()).then(|| addresses.join(" and "))
}

/// How things stand.
pub fn stand(model: &Model, moment: &Moment) -> Stand {
    let system = &moment.system;
    let clients = &system.clients[..model.client_count()];
    Stand {
        conditions: Role::ALL.map(|role| Condition::of(system.server(role)).name().to_owned()),
        link: system.link.intact,
        holds: clients.iter().map(|client| held(client, moment.now)).collect(),
    }
}

/// The row of a step.
pub fn of_step(model: &Model, words: Words, at: Option<String>, step: &Step) -> Row {
    Row { changes: scene::changed(model, words.scale, &step.before, &step.after), ..drawn(model, words, at, step) }
}

/// The row of a step as far as it is drawn: without what is different afterwards, which takes longest to find out.
pub fn drawn(model: &Model, words: Words, at: Option<String>, step: &Step) -> Row {
    let mut row = Row {
        at,
        action: step.action.to_string(),
        received: step.received.map(|(role, message)| (role, words.message(&message))),
        lost: step.lost.iter().map(|(role, message)| (*role, words.message(message))).collect(),
        refuted: step.refuted.iter().map(|name| (*name).to_owned()).collect(),
        stand: stand(model, &step.after),
        ..Row::default()
    };
    row.said.extend(asked(&step.action.what));
    let lost_answer = matches!(step.action.what, What::Client { lost: true, .. });
    let packets = matches!(step.action.what, What::Arrive(_));
    for ((role, effect), (_, told)) in step.effects.iter().zip(words.effects(step)) {
        match effect {
            Effect::Send(_) => row.sent.push((*role, told.text)),
            // Single packets are drawn when they arrive.
            Effect::Reply(client, answer) if !packets => {
                let to = Lane::Client(client.0 as u8);
                let text = told.text.split_once(' ').and_then(|(_, rest)| rest.split_once(' '));
                let text = text.map_or_else(|| told.text.clone(), |(_, answer)| answer.to_owned());
                let silent = matches!(answer, Answer::Informed);
                row.said.push(Said { from: Lane::Server(*role), to, text, lost: lost_answer && !silent });
            }
            _ => row.does.push((*role, told.verb, told.text)),
        }
    }
    row
}

/// What a client says in an action, or what packet arrives or is lost.
fn asked(what: &What) -> Option<Said> {
    let said = |from, to, text, lost| Some(Said { from, to, text, lost });
    match what {
        What::Client { deed: Deed::GiveUp, .. } | What::Client { server: None, .. } => None,
        What::Client { client, deed, server: Some(server), .. } => {
            said(Lane::Client(*client), Lane::Server(*server), deed.to_string(), false)
        }
        What::Arrive(packet) | What::Lose(packet) => {
            let lost = matches!(what, What::Lose(_));
            let (client, server) = (Lane::Client(packet.client), Lane::Server(packet.server));
            let text = packet.to_string();
            // `client 0 to primary SELECT a1`, `primary to client 0 ACK a1`
            match packet.body {
                Body::Ask(_) => said(client, server, text.splitn(5, ' ').last()?.to_owned(), lost),
                Body::Answer(_) => said(server, client, text.splitn(5, ' ').last()?.to_owned(), lost),
            }
        }
        _ => None,
    }
}

/// A row in which time passes; `names` are the claims that are violated by then.
pub fn of_passage(
    model: &Model,
    scale: Scale,
    at: Option<String>,
    before: &Moment,
    after: &Moment,
    names: Vec<String>,
) -> Row {
    Row {
        at,
        refuted: names,
        changes: scene::changed(model, scale, before, after),
        stand: stand(model, after),
        ..Row::default()
    }
}

/// The rows of a performance under a wall clock. The first one is the beginning.
pub fn of_entries(model: &Model, scale: Scale, entries: &[Entry]) -> Vec<Row> {
    let clock = |time| scale.since(time).map(|since| since.as_clock());
    let (mut rows, mut number): (Vec<Row>, u32) = (Vec::new(), 0);
    let mut round: Option<String> = None;
    for entry in entries {
        match entry {
            Entry::Begin(moment, refuted) => rows.push(Row {
                label: "start".to_owned(),
                at: clock(moment.now),
                refuted: refuted.iter().map(|name| (*name).to_owned()).collect(),
                stand: stand(model, moment),
                ..Row::default()
            }),
            Entry::Step(step) => {
                let words = Words { scale, now: step.before.now };
                number += 1;
                let row = of_step(model, words, clock(step.before.now), step);
                rows.push(Row { label: number.to_string(), round: round.take(), ..row });
            }
            Entry::Passage(passage) => {
                let names: Vec<String> = passage.refuted.iter().map(|(name, _)| (*name).to_owned()).collect();
                let row = of_passage(model, scale, clock(passage.after.now), &passage.before, &passage.after, names);
                // That time passes shows in the next row's time; only what comes of it is a row of its own.
                if !row.refuted.is_empty() || !row.changes.is_empty() {
                    rows.push(row);
                }
            }
            Entry::Comment(text) => round = text.strip_prefix(ROUND).map(str::to_owned).or(round),
            Entry::Checked { .. } => {}
        }
    }
    // The run stays as it is: a row in which nothing happens.
    if let (Some(round), Some(last)) = (round, rows.last()) {
        let stand = last.stand.clone();
        rows.push(Row { round: Some(round), stand, ..Row::default() });
    }
    rows
}

/// The claims about states that are violated in one.
pub fn violated(model: &Model, moment: &Moment) -> Vec<&'static str> {
    let view = View { model, system: &moment.system, clock: &Standing(moment.now) };
    let broken = |check| matches!(check, Check::State(holds) if !holds(&view));
    model.claims.iter().filter(|claim| broken(claim.check)).map(|claim| claim.entry.name).collect()
}
