//! What a model file says is what the model has.

use dhcpfo_engine::config::Slack;
use dhcpfo_engine::rules::{LeadBase, Mute, Rules};
use dhcpfo_engine::span;
use dhcpfo_engine::state::Role;
use dhcpfo_files::model::{Bound, Class, Clock, Expect, model};
use dhcpfo_files::scenario::scenario;
use dhcpfo_world::budget::{Budgets, Item};
use dhcpfo_world::model::{Anchor, Delay, Exchange, Start};
use std::io;

const EVERYTHING: &str = r#"
title = "Everything"
class = "study"
about = """
More."""
dialect = { primary = "draft-12", secondary = "isc-dhcpd-4.4" }
clock = "ticks"
claims = ["no-duplicate-address", "mclt-bound"]
reaches = ["lease-given"]
[system]
addresses = ["primary", "secondary"]
buckets = [3, 200, 7]
reserved = { a1 = 2 }
start = "blank"
exchange = "packets"
delay = "bounded"
anchor = "receipt"
max-unacked = 2
split = 0
secondary-share = 30
pool-slack = 1
pool-requests = true
safe-period = true
remember-last = true
truthful = false
split-steps = false
symmetry = []
[budgets]
crashes = 1
leases = "unlimited"
[time]
order = ["mclt < lease < potential"]
free = []
small = { mclt = 2, lease = 5, potential = 9 }
seconds = { mclt = "30m", lease = 7200, potential = "4d12h" }
[rules]
lead-base = "acked"
[rules.secondary]
mute = "never"
[limits]
depth = 20
memory-mib = 512
[expect]
verdict = "cut-off"
bound = "depth"
states = 1_000
"#;

fn read(path: &str) -> io::Result<String> {
    match path {
        "e.toml" => Ok(EVERYTHING.to_owned()),
        "d.toml" => Ok("title = \"t\"\nclass = \"smoke\"\nclaims = [\"mclt-bound\"]\n".to_owned()),
        "s.toml" => Ok("title = \"s\"\nmodel = \"d.toml\"\nlengths = \"small\"\nscript = '''\n# story\n\nlink down # gone\nwait 3\n'''\n\
                        [expect]\nrefutes = [\"mclt-bound\"]\n"
            .to_owned()),
        _ => Err(io::Error::other("no such file")),
    }
}

#[test]
fn every_key_arrives() {
    let file = model("e.toml", &read).unwrap_or_else(|errors| panic!("{errors}"));
    let model = &file.model;
    assert_eq!((file.class, file.clock, file.about.as_str()), (Class::Study, Clock::Ticks, "More."));
    assert_eq!(
        model.claims.iter().map(|claim| claim.entry.name).collect::<Vec<_>>(),
        ["no-duplicate-address", "mclt-bound"]
    );
    assert_eq!(model.witnesses.len(), 1);
    assert_eq!(
        model.addresses.iter().map(|a| (a.owner, a.reserved)).collect::<Vec<_>>(),
        [(Role::Primary, None), (Role::Secondary, Some(2))]
    );
    assert_eq!((model.clients.as_slice(), model.max_unacked), (&[3, 200, 7][..], 2));
    assert_eq!((model.start, model.exchange, model.anchor), (Start::Blank, Exchange::Packets, Anchor::Receipt));
    assert_eq!(model.delay, Delay::Bounded);
    assert!(!model.truthful && !model.split_steps && !model.symmetric_clients && !model.symmetric_addresses);
    let [primary, secondary] = &model.servers;
    assert_eq!((primary.rules.lead_base, secondary.rules.lead_base), (LeadBase::Acked, LeadBase::Acked));
    assert_eq!(
        (primary.rules.acceptance, secondary.rules.acceptance),
        (Rules::DRAFT_12.acceptance, Rules::ISC_DHCPD_4_4.acceptance)
    );
    assert_eq!(secondary.rules.mute, Mute::Never);
    assert!(!primary.buckets.is_secondarys(0) && primary.safe_period && primary.remember_last);
    assert_eq!(
        (primary.pool.secondary_share, primary.pool.slack, primary.pool.ask),
        (30, Some(Slack::addresses(1)), true)
    );
    assert_eq!(model.budgets.left(Item::Crashes), 1);
    assert_eq!(model.budgets.left(Item::Leases), Budgets::UNLIMITED);
    assert_eq!(model.lengths.small.get(span::POTENTIAL_LEAD), 9);
    assert_eq!([span::MCLT, span::DESIRED_LEASE].map(|span| model.lengths.seconds.get(span)), [1_800, 7_200]);
    assert!(!model.lengths.free.has(span::STARTUP));
    assert_eq!((file.limits.depth, file.limits.states, file.limits.memory_mib), (Some(20), None, Some(512)));
    assert_eq!(file.expect, Expect::CutOff { bound: Bound::Depth, states: Some(1_000) });
}

#[test]
fn defaults_are_those_of_the_reference() {
    let file = model("d.toml", &read).unwrap();
    let model = &file.model;
    assert_eq!((file.clock, file.expect), (Clock::TimeoutOrder, Expect::Holds { states: None }));
    assert_eq!((model.addresses.len(), model.clients.len(), model.max_unacked), (1, 2, 4));
    assert_eq!((model.start, model.exchange, model.delay), (Start::Normal, Exchange::Whole, Delay::None));
    assert!(model.truthful && model.split_steps && model.symmetric_clients && !model.symmetric_addresses);
    assert_eq!(model.budgets, Budgets::NONE);
    assert_eq!(model.servers[0].rules, Rules::DRAFT_12);
    let seconds = [span::MCLT, span::DESIRED_LEASE, span::POTENTIAL_LEAD].map(|span| model.lengths.seconds.get(span));
    assert_eq!(seconds, [3_600, 259_200, 388_800]);
    assert!(model.lengths.free.has(span::STARTUP) && model.lengths.free.has(span::SAFE_PERIOD));
}

#[test]
fn scenarios_know_where_their_lines_stand() {
    let file = scenario("s.toml", &read).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(file.lines, [5, 7, 8]);
    assert_eq!(file.script[1].comment, "gone");
    assert_eq!((file.refutes.as_slice(), file.lengths.get(span::POTENTIAL_LEAD)), (&["mclt-bound"][..], 4));
}

#[test]
fn a_changed_configuration_has_what_the_other_one_has_where_it_says_nothing() {
    let text = "title = \"t\"\nclass = \"smoke\"\nclaims = [\"no-duplicate-address\"]\n\
                [system]\nreserved = { a0 = 1 }\nsplit = 7\nsecondary-share = 30\n\
                [budgets]\ncrashes = 1\nchanges = 2\n[changed]\nlease = \"mclt\"\npool-slack = 1\n";
    let read = |_: &str| Ok(text.to_owned());
    let model = dhcpfo_files::model::model("m.toml", &read).unwrap().model;
    let changed = &model.changed;
    assert_eq!((changed.mclt, changed.lease), (span::MCLT, span::MCLT));
    assert_eq!(
        (changed.pool.secondary_share, changed.pool.slack),
        (30, Some(dhcpfo_engine::config::Slack::addresses(1)))
    );
    assert_eq!(changed.buckets, model.servers[0].buckets);
    assert_eq!(changed.reserved, [Some(1)]);
    let none = text.replace("pool-slack = 1", "reserved = {}");
    let read = |_: &str| Ok(none.clone());
    assert_eq!(dhcpfo_files::model::model("m.toml", &read).unwrap().model.changed.reserved, [None]);
}
