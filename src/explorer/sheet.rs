//! A state with everything that the page shows of it, as JSON.

use crate::cite::{decided, document};
use crate::deadlines::{self, Place};
use crate::goal::Goal;
use crate::path::Step;
use crate::saying::{actor, sentence, words};
use crate::walk::{Moment, Taken, Walk, order, violated};
use dhcpfo_check::world::WorldSpace;
use dhcpfo_claims::draft_12::NO_DUPLICATE_ADDRESS;
use dhcpfo_engine::binding::{AddressId, Binding, Partner};
use dhcpfo_engine::endpoint::Session;
use dhcpfo_engine::state::Role;
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_report::rows::{self, Row};
use dhcpfo_report::{diagram, scene};
use dhcpfo_search::space::Edge;
use dhcpfo_time::{Clock as _, Standing};
use dhcpfo_world::action::{Action, What};
use dhcpfo_world::budget::{Budgets, Item};
use dhcpfo_world::claim::{Check, View};
use dhcpfo_world::model::Model;
use dhcpfo_world::play::{self, Condition, Scale};
use serde_json::{Value, json};

/// Most outcomes of one action that are shown.
const MOST_OUTCOMES: usize = 64;

/// Rows of the diagram that are drawn unless all are asked for.
pub const ROWS: usize = 60;

/// The page's view of where a walk has ended. `all`: the whole diagram, not only its end, and what each step did.
pub fn sheet(walk: &Walk<'_>, goals: &[Goal], all: bool) -> Value {
    let (model, moment) = (walk.model, &walk.end);
    let rows = rows_of(walk);
    let from = if all { 0 } else { rows.len().saturating_sub(ROWS) };
    let refuted = walk.refuted();
    let unfit = walk.unfit.as_ref();
    let names: Vec<&'static str> = refuted.iter().map(|(name, _)| *name).collect();
    let met: Vec<Value> = goals
        .iter()
        .map(|goal| json!({ "text": goal.to_string(), "met": goal.is_met(model, moment, &names) }))
        .collect();
    json!({
        "path": walk.taken.iter().map(|taken| taken.step.to_string()).collect::<Vec<_>>(),
        "unfit": unfit.map(|unfit| json!({ "number": unfit.number, "text": unfit.text, "problem": unfit.problem })),
        "said": if all { walk.taken.iter().map(said).collect::<Vec<_>>() } else { Vec::new() },
        "diagram": diagram::svg(&rows, from, false),
        "earlier": from,
        "rowSteps": row_steps(walk),
        "last": walk.taken.last().map(|taken| last(walk.model, taken)),
        "servers": servers(model, moment),
        "clients": clients(model, moment),
        "link": moment.state.link.intact,
        "before": walk.before.as_ref().map(|before| json!({
            "servers": servers(model, before),
            "clients": clients(model, before),
            "link": before.state.link.intact,
        })),
        "flying": flying(moment),
        "packets": moment.state.packets(&Standing(moment.now)).collect::<Vec<_>>(),
        "budgets": budgets(model, moment),
        "order": line(model, moment),
        "claims": claims(walk, &refuted),
        "witnesses": witnesses(walk),
        "actions": actions(walk),
        "goal": met,
    })
}

fn play_moment(moment: &Moment) -> play::Moment {
    play::Moment { system: moment.state.clone(), now: moment.now }
}

/// What a step did, in a form that two runs can be compared by.
fn said(taken: &Taken) -> Value {
    let now = taken.seen.before.now;
    let effects: Vec<String> = words(now)
        .effects(&taken.seen)
        .into_iter()
        .map(|(role, told)| format!("{} {} {}", role.name(), told.verb, told.text))
        .collect();
    json!({
        "words": sentence(&taken.seen.before.system, now, &taken.step.action),
        "effects": effects,
        "refuted": taken.seen.refuted,
        "stand": Role::ALL.map(|role| Condition::of(taken.seen.after.system.server(role)).name()),
    })
}

/// The rows of the diagram: passages of time in a row are one.
fn rows_of(walk: &Walk<'_>) -> Vec<Row> {
    let model = walk.model;
    let mut rows = vec![Row {
        label: "start".to_owned(),
        stand: rows::stand(model, &play_moment(&walk.start)),
        refuted: violated(model, &walk.start).into_iter().map(str::to_owned).collect(),
        ..Row::default()
    }];
    let (mut first, mut passing) = (0, false);
    for (number, taken) in (1..).zip(&walk.taken) {
        let tick = taken.step.action.what == What::Tick;
        if !tick {
            let row = rows::drawn(model, words(taken.seen.before.now), None, &taken.seen);
            rows.push(Row { label: number.to_string(), ..row });
        } else {
            if !passing {
                first = number;
            }
            let earlier = if passing { rows.pop() } else { None };
            let mut refuted = earlier.map(|row| row.refuted).unwrap_or_default();
            refuted.extend(taken.seen.refuted.iter().map(|name| (*name).to_owned()));
            let label = if first == number { number.to_string() } else { format!("{first}–{number}") };
            rows.push(Row { label, refuted, stand: rows::stand(model, &taken.seen.after), ..Row::default() });
        }
        passing = tick;
    }
    rows
}

/// For each row of the diagram, the number of steps after which it ends.
fn row_steps(walk: &Walk<'_>) -> Vec<usize> {
    let (mut steps, mut passing) = (vec![0], false);
    for (number, taken) in (1..).zip(&walk.taken) {
        let tick = taken.step.action.what == What::Tick;
        if tick && passing {
            steps.pop();
        }
        steps.push(number);
        passing = tick;
    }
    steps
}

fn last(model: &Model, taken: &Taken) -> Value {
    let seen = &taken.seen;
    let now = seen.before.now;
    let effects = words(now).effects(seen).into_iter();
    let effects: Vec<Value> = effects.map(|(role, told)| json!([role.name(), told.verb, told.text])).collect();
    let received = seen.received.map(|(role, message)| json!([role.name(), "RECEIVE", words(now).message(&message)]));
    let lost =
        seen.lost.iter().map(|(role, message)| json!([role.partner().name(), "LOST", words(now).message(message)]));
    let cites: Vec<Value> = decided(model, &seen.before, taken.step.action, |_, _| true).iter().map(document).collect();
    json!({
        "action": taken.step.to_string(),
        "words": sentence(&seen.before.system, now, &taken.step.action),
        "effects": received.into_iter().chain(effects).chain(lost).collect::<Vec<_>>(),
        "cites": cites,
        "refuted": seen.refuted,
    })
}

fn servers(model: &Model, moment: &Moment) -> [Value; 2] {
    Role::ALL.map(|role| server(model, moment, role))
}

fn clients(model: &Model, moment: &Moment) -> Vec<Value> {
    (0..model.client_count()).map(|number| client(moment, number)).collect()
}

fn server(model: &Model, moment: &Moment, role: Role) -> Value {
    let server = moment.state.server(role);
    let record = server.durable().endpoint();
    let partner = server.endpoint().map(|endpoint| match endpoint.volatile().session {
        Session::Down => "not connected".to_owned(),
        Session::Connected(_) => "connected, nothing heard yet".to_owned(),
        Session::Ok(conversation) => conversation.partner.name().to_owned(),
    });
    let bindings = (0..model.addresses.len() as u32).map(AddressId);
    let bindings: Vec<Value> =
        bindings.map(|address| binding(moment, address, &server.durable().table().get(address))).collect();
    json!({
        "name": role.name(),
        "condition": Condition::of(server).name(),
        "recorded": record.map(|record| record.state.name()),
        "partner": partner,
        "service": format!("{:?}", moment.state.service(model, role)),
        "due": server.endpoint().is_some_and(|endpoint| endpoint.is_due(model.config(role), &Standing(moment.now))),
        "bindings": bindings,
        "rules": model.config(role).rules.words().collect::<std::collections::BTreeMap<_, _>>(),
    })
}

fn binding(moment: &Moment, address: AddressId, binding: &Binding) -> Value {
    let at = |time| Place::of(time, moment.now).label();
    let partner = match binding.partner {
        Partner::UpToDate => "up to date",
        Partner::Unsent => "unsent",
        Partner::Sent => "unacknowledged",
        Partner::Rejected => "rejected",
    };
    json!({
        "address": format!("a{}", address.0),
        "status": binding.status.code().name(),
        "client": binding.status.client().map(|client| client.0),
        "partner": partner,
        "reclaiming": binding.reclaiming,
        "ends": at(binding.lease_expiration),
        "sent": at(binding.sent_potential_expiration),
        "acked": at(binding.acked_potential_expiration),
        "received": at(binding.received_potential_expiration),
        "rests": at(binding.wait_ends),
    })
}

fn client(moment: &Moment, number: usize) -> Value {
    let client = &moment.state.clients[number];
    let lease = client.lease.filter(|lease| !Standing(moment.now).passed(lease.ends));
    json!({
        "number": number,
        "holds": lease.map(|lease| format!("a{}", lease.address.0)),
        "ends": lease.and_then(|lease| Place::of(lease.ends, moment.now).label()),
        "from": lease.map(|lease| lease.from.name()),
        "waits": client.waiting != dhcpfo_world::clients::Waiting::Nothing,
    })
}

fn flying(moment: &Moment) -> Vec<Value> {
    let queues = Role::ALL.into_iter().flat_map(|to| {
        let queue = moment.state.link.towards[to.index()].iter();
        queue.map(move |flying| json!({ "to": to.name(), "text": words(moment.now).message(&flying.message) }))
    });
    queues.collect()
}

fn budgets(model: &Model, moment: &Moment) -> Vec<Value> {
    let wanted = Item::WORDS.iter().filter(|(item, _)| model.budgets.left(*item) > 0);
    let amount = |left| if left == Budgets::UNLIMITED { Value::from("unlimited") } else { Value::from(left) };
    let told = |(item, name): &(Item, &str)| json!({ "name": name, "left": amount(moment.state.budgets.left(*item)), "of": amount(model.budgets.left(*item)) });
    wanted.map(told).collect()
}

fn line(model: &Model, moment: &Moment) -> Vec<Value> {
    let told = |(place, names): &(Place, Vec<(String, String)>)| {
        json!({
            "at": place.label(),
            "names": names.iter().map(|(long, _)| long).collect::<Vec<_>>(),
            "short": names.iter().map(|(_, short)| short).collect::<Vec<_>>(),
        })
    };
    deadlines::line(model, moment).iter().map(told).collect()
}

fn claims(walk: &Walk<'_>, refuted: &[(&'static str, usize)]) -> Vec<Value> {
    let now = violated(walk.model, &walk.end);
    let told = |claim: &dhcpfo_world::claim::Claim| {
        let since = refuted.iter().find(|(name, _)| *name == claim.entry.name).map(|(_, step)| *step);
        json!({
            "name": claim.entry.name,
            "statement": claim.entry.statement,
            "section": claim.entry.section,
            "limits": claim.entry.limits,
            "now": now.contains(&claim.entry.name),
            "since": since,
            "why": since.map(|step| why(walk, claim.entry.name, step)),
        })
    };
    walk.model.claims.iter().map(told).collect()
}

/// What turned a claim red.
fn why(walk: &Walk<'_>, name: &str, step: usize) -> String {
    let Some(taken) = step.checked_sub(1).and_then(|index| walk.taken.get(index)) else {
        return "It is so from the beginning.".to_owned();
    };
    let what = sentence(&taken.seen.before.system, taken.seen.before.now, &taken.step.action);
    let mut text = format!("Violated by step {step}: {what}.");
    if name == NO_DUPLICATE_ADDRESS.name {
        let clients = &taken.seen.after.system.clients[..walk.model.client_count()];
        let held: Vec<(usize, AddressId)> = clients
            .iter()
            .enumerate()
            .filter_map(|(n, client)| Some((n, client.holds(&Standing(taken.seen.after.now))?)))
            .collect();
        for (n, address) in &held {
            for (m, _) in held.iter().filter(|(m, other)| m > n && other == address) {
                text += &format!(" Clients {n} and {m} both hold a{}.", address.0);
            }
        }
    }
    text
}

fn witnesses(walk: &Walk<'_>) -> Vec<Value> {
    let moments: Vec<&play::Moment> = walk.taken.iter().map(|taken| &taken.seen.after).collect();
    let start = play_moment(&walk.start);
    let told = |witness: &dhcpfo_world::claim::Claim| {
        let reached = |moment: &play::Moment| match witness.check {
            Check::State(reached) => {
                reached(&View { model: walk.model, system: &moment.system, clock: &Standing(moment.now) })
            }
            Check::Step(_) | Check::Reach(_) | Check::LeadsTo(_) => false,
        };
        let first = std::iter::once(&start).chain(moments.iter().copied()).position(reached);
        json!({ "name": witness.entry.name, "statement": witness.entry.statement, "reached": first })
    };
    dhcpfo_properties::witnesses().iter().map(told).collect()
}

/// An action with its outcomes.
struct Offered {
    action: Action,
    outcomes: Vec<(u16, Moment)>,
}

/// Everything that can be done, grouped by action.
fn offered(walk: &Walk<'_>) -> Vec<Offered> {
    let space = WorldSpace::new(walk.model, order(walk.model));
    let mut all: Vec<Offered> = Vec::new();
    if walk.end.state.overflow {
        return all;
    }
    space.next(&walk.end, &mut |edge: Edge<Action>, next: &Moment| {
        let outcome = (edge.choice, next.clone());
        match all.last_mut().filter(|last| last.action == edge.action) {
            // An action that is offered twice has the same outcomes each time.
            Some(last) if edge.choice > 0 && last.outcomes.len() < MOST_OUTCOMES => last.outcomes.push(outcome),
            Some(_) => {}
            None => all.push(Offered { action: edge.action, outcomes: vec![outcome] }),
        }
    });
    let mut seen: Vec<Action> = Vec::new();
    all.retain(|offered| {
        let new = !seen.contains(&offered.action);
        seen.push(offered.action);
        new
    });
    all
}

fn actions(walk: &Walk<'_>) -> Vec<Value> {
    let (model, scale) = (walk.model, Scale { per_second: 1 });
    let before = play_moment(&walk.end);
    let was = violated(model, &walk.end);
    let told = |offered: &Offered| {
        let many = offered.outcomes.len() > 1;
        let outcomes: Vec<Value> = offered
            .outcomes
            .iter()
            .map(|(choice, next)| {
                let changes = scene::changed(model, scale, &before, &play_moment(next));
                let refutes: Vec<&str> = violated(model, next).into_iter().filter(|name| !was.contains(name)).collect();
                json!({
                    "step": Step { action: offered.action, choice: *choice }.to_string(),
                    "changes": changes.into_iter().map(|(who, how)| format!("{who}: {how}")).collect::<Vec<_>>(),
                    "refutes": refutes,
                    "order": many.then(|| deadlines::in_words(model, next)),
                })
            })
            .collect();
        json!({
            "actor": actor(&offered.action),
            "text": offered.action.to_string(),
            "words": sentence(&walk.end.state, walk.end.now, &offered.action),
            "split": offered.action.crash_after.is_some(),
            "outcomes": outcomes,
        })
    };
    offered(walk).iter().map(told).collect()
}
