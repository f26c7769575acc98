//! `[system]`, `[budgets]`, `[rules]`: what takes part, what may go wrong how often, and which readings are in force.

use dhcpfo_engine::balance::Buckets;
use dhcpfo_engine::config::{Config, Pool, Slack};
use dhcpfo_engine::rules::{Rules, UnknownReading};
use dhcpfo_engine::span;
use dhcpfo_engine::state::Role;
use dhcpfo_header::node::Value;
use dhcpfo_header::section::{Field, Section};
use dhcpfo_world::budget::{Budgets, Item};
use dhcpfo_world::clients::CLIENTS;
use dhcpfo_world::idle::{idle_settings, why_idle};
use dhcpfo_world::model::{ADDRESSES, Address, Anchor, Changed, Delay, Exchange, Model, Start, WINDOW};

/// The hash bucket of a client of which nothing is said: one of the primary's under the default split.
const BUCKET: u8 = 200;

const ROLES: [(&str, Role); 2] = [("primary", Role::Primary), ("secondary", Role::Secondary)];

/// Reads a model, but for its claims and witnesses, which are left empty.
pub(crate) fn model(root: &Section<'_>) -> Model {
    let system = root.section("system");
    let clients = clients(&system);
    let addresses = addresses(&system, clients.len());
    let max_unacked = system.number("max-unacked", 1..=WINDOW as i64, WINDOW as i64) as u8;
    let (symmetric_clients, symmetric_addresses) = symmetry(&system, &addresses, max_unacked);
    let mut model = Model {
        servers: servers(root, &system),
        changed: Changed::default(),
        addresses,
        clients,
        max_unacked,
        budgets: budgets(&root.section("budgets")),
        exchange: system.choice(
            "exchange",
            &[("whole", Exchange::Whole), ("packets", Exchange::Packets)],
            Exchange::Whole,
        ),
        delay: system.choice(
            "delay",
            &[("none", Delay::None), ("bounded", Delay::Bounded), ("unbounded", Delay::Unbounded)],
            Delay::None,
        ),
        late_packets: system.flag("late-packets", false),
        anchor: system.choice("anchor", &[("request", Anchor::Request), ("receipt", Anchor::Receipt)], Anchor::Request),
        start: system.choice(
            "start",
            &[("normal", Start::Normal), ("stopped", Start::Stopped), ("blank", Start::Blank)],
            Start::Normal,
        ),
        split_steps: system.flag("split-steps", true),
        truthful: system.flag("truthful", true),
        go_on: false,
        lengths: crate::time::lengths(root),
        claims: Vec::new(),
        witnesses: Vec::new(),
        fair: Vec::new(),
        symmetric_clients,
        symmetric_addresses,
    };
    model.changed = changed(root, &model);
    refuse_idle(root, &model);
    model
}

/// Notes budgets and settings that nothing can come of.
fn refuse_idle(root: &Section<'_>, model: &Model) {
    let (budgets, system) = (root.section("budgets"), root.section("system"));
    for (item, name) in Item::WORDS.into_iter().filter(|(item, _)| model.budgets.left(*item) > 0) {
        if let Some(why) = why_idle(model, item) {
            budgets.fail(name, format!("can never be used: {why}"), "0");
        }
    }
    for (key, why) in idle_settings(model) {
        system.fail(key, format!("means nothing here: {why}"), "none of it");
    }
}

/// The clients' hash buckets.
fn clients(system: &Section<'_>) -> Vec<u8> {
    let count = system.field("clients");
    let Some(buckets) = system.field("buckets") else {
        let count = count.and_then(|field| field.number(1..=CLIENTS as i64)).unwrap_or(2);
        return vec![BUCKET; count as usize];
    };
    if let Some(count) = count {
        let _: Option<()> = count.fail_with("stands beside `buckets`", "one of the two");
    }
    let buckets = sized(&buckets, CLIENTS).unwrap_or_default();
    let buckets: Vec<u8> = buckets.iter().filter_map(|field| Some(field.number(0..=255)? as u8)).collect();
    if buckets.is_empty() { vec![BUCKET] } else { buckets }
}

/// A list of 1 to `most` elements.
fn sized<'a>(field: &Field<'a>, most: usize) -> Option<Vec<Field<'a>>> {
    let list = field.list()?;
    match list.len() {
        0 => field.fail("is empty"),
        count if count > most => field.fail(format!("{count} are too many")),
        _ => Some(list),
    }
}

fn addresses(system: &Section<'_>, clients: usize) -> Vec<Address> {
    let owners = match system.field("addresses") {
        None => vec![Role::Primary],
        Some(field) => {
            sized(&field, ADDRESSES).unwrap_or_default().iter().filter_map(|field| field.choice(&ROLES)).collect()
        }
    };
    let mut addresses: Vec<Address> =
        owners.into_iter().map(|owner| Address { owner, reserved: None, group: 0 }).collect();
    if addresses.is_empty() {
        // Something was wrong with them: more about them would not help.
        return vec![Address { owner: Role::Primary, reserved: None, group: 0 }];
    }
    groups(system, &mut addresses);
    let reserved = reserved(&system.section("system.reserved"), addresses.len(), clients);
    addresses.iter_mut().zip(reserved).for_each(|(address, client)| address.reserved = client);
    addresses
}

/// For each address the client that it is reserved for.
fn reserved(section: &Section<'_>, addresses: usize, clients: usize) -> Vec<Option<u8>> {
    let mut reserved = vec![None; addresses];
    for (name, field) in section.fields() {
        let number = name.strip_prefix('a').and_then(|digits| digits.parse::<usize>().ok());
        let Some(owner) = number.filter(|&number| name == format!("a{number}")).and_then(|n| reserved.get_mut(n))
        else {
            let last = addresses - 1;
            let _: Option<()> = field.fail_with(format!("there is no address {name}"), format!("a0 to a{last}"));
            continue;
        };
        *owner = match field.node.value {
            Value::Integer(client) if (0..clients as i64).contains(&client) => Some(client as u8),
            Value::Integer(client) => {
                field.fail_with(format!("there is no client {client}"), format!("0 to {}", clients - 1))
            }
            _ => field.fail("is no client's number"),
        };
    }
    reserved
}

/// The pool group of each address: ascending numbers without a gap.
fn groups(system: &Section<'_>, addresses: &mut [Address]) {
    let Some(field) = system.field("groups") else { return };
    let Some(list) = sized(&field, ADDRESSES) else { return };
    let groups: Vec<u8> = list.iter().filter_map(|field| Some(field.number(0..=ADDRESSES as i64 - 1)? as u8)).collect();
    if groups.len() != addresses.len() {
        let (count, wanted) = (groups.len(), addresses.len());
        let _: Option<()> =
            field.fail_with(format!("{count} groups for {wanted} addresses"), "a group for each address");
        return;
    }
    if groups[0] != 0 || groups.windows(2).any(|two| two[1] != two[0] && two[1] != two[0] + 1) {
        let _: Option<()> = field.fail("are not in order");
        return;
    }
    addresses.iter_mut().zip(groups).for_each(|(address, group)| address.group = group);
}

fn symmetry(system: &Section<'_>, addresses: &[Address], max_unacked: u8) -> (bool, bool) {
    let Some(field) = system.field("symmetry") else { return (true, false) };
    let words = [("clients", 0), ("addresses", 1)];
    let chosen: Vec<i32> = field.list().unwrap_or_default().iter().filter_map(|field| field.choice(&words)).collect();
    let symmetric_addresses = chosen.contains(&1);
    if symmetric_addresses {
        let open = |group| addresses.iter().filter(|a| a.reserved.is_none() && a.group == group).count();
        let most = addresses.iter().map(|address| open(address.group)).max().unwrap_or(0);
        if most < 2 {
            let problem = format!("\"addresses\" with {most} unreserved ones in a group");
            let _: Option<()> = field.fail_with(problem, "at least two unreserved addresses of one group");
        }
        if usize::from(max_unacked) < addresses.len() {
            let (problem, least) = (format!("\"addresses\" with max-unacked = {max_unacked}"), addresses.len());
            let _: Option<()> = field.fail_with(problem, format!("max-unacked of at least {least}"));
        }
    }
    (chosen.contains(&0), symmetric_addresses)
}

fn servers(root: &Section<'_>, system: &Section<'_>) -> [Config; 2] {
    let rules = rules(root);
    let buckets = Buckets::first(system.number("split", 0..=256, 128) as u16);
    let asks = Pool {
        secondary_share: 50,
        slack: None,
        ask: system.flag("pool-requests", false),
        cover: system.flag("cover", false),
    };
    let pool = pool(system, asks);
    let safe_period = system.flag("safe-period", false);
    let remember_last = system.flag("remember-last", false);
    Role::ALL.map(|role| Config { role, rules: rules[role.index()], buckets, pool, safe_period, remember_last })
}

fn pool(section: &Section<'_>, default: Pool) -> Pool {
    let slack = section
        .field("pool-slack")
        .and_then(|field| Some(Slack::addresses(field.number(0..=ADDRESSES as i64)? as u32)));
    Pool {
        secondary_share: section.number("secondary-share", 0..=100, default.secondary_share.into()) as u8,
        slack: slack.or(default.slack),
        ..default
    }
}

/// The other configuration, beside the one of `[system]`.
fn changed(root: &Section<'_>, model: &Model) -> Changed {
    let (section, Config { buckets, pool: before, .. }) = (root.section("changed"), model.servers[0]);
    let mclt = section.choice("mclt", &[span::MCLT, span::OTHER_MCLT].map(|span| (span::name(span), span)), span::MCLT);
    let smaller = [("refused", false), ("taken", true)];
    let spans =
        [span::MCLT, span::OTHER_MCLT, span::DESIRED_LEASE, span::POTENTIAL_LEAD].map(|span| (span::name(span), span));
    let split = section.field("split").and_then(|field| field.number(0..=256));
    let reserved = match section.field("reserved") {
        Some(_) => reserved(&section.section("changed.reserved"), model.addresses.len(), model.clients.len()),
        None => model.addresses.iter().map(|address| address.reserved).collect(),
    };
    let changed = Changed {
        mclt,
        takes_smaller: section.choice("smaller-mclt", &smaller, false),
        lease: section.choice("lease", &spans, span::DESIRED_LEASE),
        buckets: split.map_or(buckets, |split| Buckets::first(split as u16)),
        pool: pool(&section, before),
        reserved,
    };
    let [shorter, longer] = [(span::OTHER_MCLT, span::MCLT), (span::MCLT, span::OTHER_MCLT)]
        .map(|(shorter, longer)| model.lengths.phi.is_shorter(shorter, longer));
    if mclt == span::OTHER_MCLT && !shorter && !longer {
        section.fail("mclt", "nothing says which MCLT is the shorter one", "other-mclt in a chain of time.order");
    }
    let (left, given) = (model.budgets.left(Item::Changes) > 0, section.fields().next().is_some());
    if left != given {
        let problem = if left { "the budget `changes` has nothing to change" } else { "without a budget `changes`" };
        section.fail("", problem, "[changed] and a budget `changes`, or neither");
    }
    changed
}

/// The readings of both servers: dialect, then `[rules]`, then `[rules.primary]` and `[rules.secondary]`.
fn rules(root: &Section<'_>) -> [Rules; 2] {
    let mut both = dialects(root);
    let rules = root.section("rules");
    for (question, field) in rules.fields().filter(|(key, _)| !["primary", "secondary"].contains(key)) {
        both.iter_mut().for_each(|rules| set(rules, question, &field));
    }
    for (rules, section) in both.iter_mut().zip([rules.section("rules.primary"), rules.section("rules.secondary")]) {
        section.fields().for_each(|(question, field)| set(rules, question, &field));
    }
    both
}

fn dialects(root: &Section<'_>) -> [Rules; 2] {
    let named = |field: Field<'_>| field.choice(Rules::DIALECTS);
    match root.field("dialect") {
        None => [Rules::DRAFT_12; 2],
        Some(field) if field.is_table() => {
            let section = root.section("dialect");
            ["primary", "secondary"].map(|side| section.field(side).and_then(named).unwrap_or(Rules::DRAFT_12))
        }
        Some(field) => [named(field).unwrap_or(Rules::DRAFT_12); 2],
    }
}

/// Takes one reading.
pub(crate) fn set(rules: &mut Rules, question: &str, field: &Field<'_>) {
    let Some(word) = field.text() else { return };
    // Unknown questions were noted with the other unknown keys.
    if let Err(UnknownReading::Word(answers)) = rules.set(question, word) {
        let _: Option<()> = field.unknown("reading", word, answers.iter().copied());
    }
}

fn budgets(section: &Section<'_>) -> Budgets {
    Item::WORDS.iter().fold(Budgets::NONE, |budgets, (item, name)| {
        let amount = section.field(name).and_then(|field| match &field.node.value {
            Value::String(word, _) if word == "unlimited" => Some(Budgets::UNLIMITED),
            Value::String(word, _) => field.fail(format!("`{word}` is no amount")),
            _ => Some(field.number(0..=i64::from(Budgets::UNLIMITED) - 1)? as u8),
        });
        budgets.with(*item, amount.unwrap_or(0))
    })
}
