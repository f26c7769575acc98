//! What can be played is searched: each action that a state allows leads where one of the candidates leads.

use dhcpfo_check::world::WorldSpace;
use dhcpfo_clock::Order;
use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::effect::{Answer, Ask};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_files::model::model;
use dhcpfo_search::{Edge, Space};
use dhcpfo_time::{Standing, Time};
use dhcpfo_world::action::{Action, Deed, Order as Command, Since, Timer, What};
use dhcpfo_world::clients::{Body, Packet};
use dhcpfo_world::model::Model;
use dhcpfo_world::places::Places;
use std::collections::{HashSet, VecDeque};

const HEAD: &str = "title = \"t\"\nclass = \"study\"\nclaims = [\"no-duplicate-address\"]\n";

/// Everything of which there is a budget.
const ALL: &str = "[budgets]\nleases = 4\ncrashes = 2\nstorage-losses = 1\nlink-breaks = 2\npartner-downs = 1\npauses = 1\n\
                   shutdowns = 1\nrebalances = 1\nreleases = 1\ndeclines = 1\nresets = 1\nreboots = 1\nstrays = 1\ninforms = 1\n";

/// What an operator can do besides, two interfaces of one client, and a network that breaks in other ways.
const OPERATOR: &str = "dated-partner-downs = 1\nmisdated-partner-downs = 1\nbackups = 1\nset-states = 1\none-way-breaks = 1\n\
                        half-open-connections = 1\nchanges = 1\nrole-swaps = 1\nsecond-leases = 1\n\
                        [changed]\nlease = \"mclt\"\nsplit = 0\nreserved = {}\n";

/// Models that differ in what can be done in them.
const MODELS: [(&str, &str); 9] = [
    ("addresses = [\"primary\", \"secondary\"]\n", "losses = 1\n"),
    ("addresses = [\"primary\", \"primary\"]\nsymmetry = [\"clients\", \"addresses\"]\n", "losses = 1\n"),
    ("split-steps = false\nstart = \"stopped\"\nsafe-period = true\n", "losses = 1\n"),
    ("truthful = false\nstart = \"blank\"\npool-requests = true\nremember-last = true\n", "losses = 1\n"),
    ("delay = \"bounded\"\n", "losses = 1\n"),
    ("reserved = { a0 = 0 }\n", OPERATOR),
    ("exchange = \"packets\"\ntruthful = false\n", OPERATOR),
    ("exchange = \"packets\"\n", "duplicates = 1\n"),
    ("exchange = \"packets\"\nlate-packets = true\nsymmetry = []\nclients = 1\n", "duplicates = 1\n"),
];

/// Whatever can be said of this model, sense or nonsense.
fn everything(model: &Model, packets: &[Packet]) -> Vec<What> {
    let addresses = (0..=model.addresses.len() as u32).map(AddressId);
    let servers = [None, Some(Role::Primary), Some(Role::Secondary)];
    let mut all = vec![What::Tick, What::Connect, What::Reconnect, What::Break, What::SwapRoles];
    for role in Role::ALL {
        all.extend([What::Wake(role), What::Deliver(role), What::Notice(role), What::Restart(role)]);
        all.extend([Timer::Startup, Timer::SafePeriod].map(|timer| What::Over(timer, role)));
        all.extend([false, true].map(|storage| What::Crash { server: role, storage }));
        all.extend([What::Deafen(role), What::RestartChanged(role), What::BackUp(role), What::PutBack(role)]);
        let others = Since::ALL.map(Command::PartnerDownSince).into_iter().chain(State::ALL.map(Command::Set));
        all.extend(others.map(|order| What::Operator(role, order)));
        let orders = [Command::PartnerDown, Command::Pause, Command::Shutdown, Command::Rebalance];
        let orders = orders.into_iter().chain(addresses.clone().map(Command::Reset));
        all.extend(orders.map(|order| What::Operator(role, order)));
    }
    let others = [Deed::Discover, Deed::Renew, Deed::Rebind, Deed::Reboot, Deed::Release, Deed::Decline];
    let deeds = others.into_iter().chain([Deed::Inform, Deed::GiveUp, Deed::Switch]).chain(addresses.map(Deed::Obtain));
    for deed in deeds {
        for client in 0..=model.client_count() as u8 {
            for server in servers {
                all.extend([false, true].map(|lost| What::Client { client, deed, server, lost }));
            }
        }
    }
    for &packet in packets {
        all.extend([What::Arrive(packet), What::Lose(packet), What::Duplicate(packet)]);
    }
    all
}

/// The places that a server may be asked to look through its table in, open or not.
fn places() -> Vec<Option<Places>> {
    let orders: [&[u8]; 4] = [&[1, 0], &[0, 2, 1], &[2, 1, 0], &[3, 2, 1, 0]];
    [None].into_iter().chain(orders.map(Places::of)).collect()
}

type Moment = <WorldSpace<'static, Order> as Space>::State;

/// What lies under way, and some packets that do not.
fn packets(moment: &Moment) -> Vec<Packet> {
    let network = &moment.state.network;
    let mut packets: Vec<Packet> = network.iter().map(|packet| packet.named(network, &Standing(moment.now))).collect();
    for server in Role::ALL {
        let acked = Answer::Ack(AddressId(0), Time::from_raw(1));
        let bodies = [Body::Ask(Ask::Renew(AddressId(0))), Body::Ask(Ask::Inform), Body::Answer(acked)];
        packets.extend(bodies.map(|body| Packet { client: 0, server, body }));
    }
    packets
}

#[test]
fn whatever_may_be_done_is_among_what_is_searched() {
    let (mut states, mut accepted, mut beyond) = (0, 0, 0);
    for (system, budgets) in MODELS {
        let text = format!("{HEAD}[system]\n{system}{ALL}{budgets}");
        let file = model("t.toml", &|_| Ok(text.clone())).unwrap_or_else(|errors| panic!("{text}\n{errors}"));
        let model = &file.model;
        let order = model.lengths.order();
        let space = WorldSpace::new(model, order.clone());
        let (mut work, mut looking, mut bytes, mut domain) = (space.scratch(), space.scratch(), space.scratch(), order);
        let mut encoded = |moment: &Moment| {
            let mut out = Vec::new();
            space.encode(&mut bytes, moment, &mut out);
            out
        };
        let mut seen = HashSet::new();
        let mut waiting: VecDeque<Moment> = VecDeque::new();
        space.initial(&mut work, &mut |moment| waiting.push_back(moment.clone()));
        for round in 0..600_usize {
            // From the front and from the back in turn: wide and deep.
            let next = if round % 2 == 0 { waiting.pop_front() } else { waiting.pop_back() };
            let Some(from) = next else { break };
            states += 1;
            let mut candidates = HashSet::new();
            space.successors(&mut work, &from, &mut |edge: Edge<Action>, next: &Moment| {
                let code = encoded(next);
                if edge.action.what != What::Tick {
                    candidates.insert(code.clone());
                }
                if seen.insert(code) && space.flags(&mut looking, next).expand {
                    waiting.push_back(next.clone());
                }
            });
            for what in everything(model, &packets(&from)) {
                for places in places() {
                    for crash_after in [None, Some(0), Some(1), Some(2), Some(3), Some(4), Some(6), Some(9)] {
                        let action = Action { what, crash_after, places };
                        dhcpfo_clock::expand(model, &mut domain, &from, action, &mut |next, _| {
                            accepted += 1;
                            let found = candidates.contains(&encoded(next));
                            assert!(found, "{system}`{action}` is played and not searched in\n{:#?}", from.state);
                            beyond += usize::from(crash_after.is_some());
                        });
                    }
                }
            }
        }
    }
    assert!(states > 3_000 && accepted > 20_000 && beyond > 1_000, "{states} states, {accepted}, {beyond}");
}
