//! The text of an action parses back to it, and what a state shows of itself is all of it.

use dhcpfo_clock::{Known, Lengths, Moment, Order, START};
use dhcpfo_header::node::parse;
use dhcpfo_search::space::Space;
use dhcpfo_study::player::Player;
use dhcpfo_study::space::{Happening, ProtocolSpace};
use dhcpfo_study::timed_space::TimedSpace;
use dhcpfo_study::{Model, Protocol, random};
use dhcpfo_time::{Clock, Standing};
use std::collections::BTreeSet;

fn model<P: Protocol>(system: &str) -> Model<P> {
    let node =
        parse("x.toml", &format!("title = \"x\"\nclass = \"smoke\"\nclaims = \"all\"\n[system]\n{system}")).unwrap();
    dhcpfo_study::file::model::<P>("x.toml", &node).unwrap_or_else(|errors| panic!("{errors}")).1
}

/// Every action that 200 random runs carry out.
fn texts_parse_back<P: Protocol>(system: &str, least: usize) {
    let model = model::<P>(system);
    let mut seen = BTreeSet::new();
    for seed in 0..200 {
        let run = random::walk(&model, seed, 60, 1_000_000).run;
        for (_, action) in run.steps {
            let text = action.to_string();
            assert_eq!(text.parse::<P::Action>(), Ok(action), "{text}");
            assert!(format!("{text} more").parse::<P::Action>().is_err(), "{text}: a line is read whole");
            seen.insert(text);
        }
    }
    assert!(seen.len() >= least, "{}: only {} actions came up: {seen:?}", P::NAME, seen.len());
}

/// What a state allows to be demanded of runs, and what is claimed of those that come through it.
fn demanded<P: Protocol>(space: &ProtocolSpace<'_, P, Order>, state: &Moment<P::State, Known>) -> Demanded {
    let mut met = Vec::new();
    space.successors(&mut space.scratch(), state, &mut |edge, _| {
        if let Happening::Act(action) = edge.action {
            met.push(space.system().met_by(&action));
        }
    });
    met.sort_unstable();
    let clock = Standing(state.now);
    let is = |kind: fn(&P, &P::State, &dyn Clock) -> bool| kind(space.system(), &state.state, &clock);
    (met, P::RUNS.iter().map(|run| [is(run.from), is(run.to)]).collect())
}

type Demanded = (Vec<Option<(&'static str, u32)>>, Vec<[bool; 2]>);

/// A state that is written and read again has the same successors.
fn states_read_back<P: Protocol>(system: &str) {
    let model = Model { lengths: Lengths::default(), ..model::<P>(system) };
    let space = ProtocolSpace::<P, Order>::new(&model, model.lengths.order());
    let (mut work, mut bytes) = (space.scratch(), space.scratch());
    let mut states = Vec::new();
    space.initial(&mut work, &mut |state| states.push(state.clone()));
    for number in 0..500 {
        let Some(state) = states.get(number).cloned() else { break };
        space.successors(&mut work, &state, &mut |_, next| states.push(next.clone()));
        for renaming in 0..model.system.renamings() {
            let mut again = state.clone();
            again.state = model.system.renamed(&state.state, renaming);
            assert_eq!(demanded(&space, &state), demanded(&space, &again), "fairness does not tell equals apart");
            let (mut first, mut second) = (Vec::new(), Vec::new());
            space.encode(&mut bytes, &state, &mut first);
            space.encode(&mut bytes, &again, &mut second);
            assert_eq!(first, second, "renamed, it is the same state");
            space.decode(&mut work, &first, &mut again);
            second.clear();
            space.encode(&mut bytes, &again, &mut second);
            assert_eq!(first, second, "what is read is what was written");
        }
    }
    assert!(states.len() > 100);
}

#[test]
fn fischer() {
    let system = "processes = 4";
    texts_parse_back::<dhcpfo_fischer::Fischer>(system, 20);
    states_read_back::<dhcpfo_fischer::Fischer>(system);
}

#[test]
fn resource_sharing() {
    let system = "clients = 4";
    texts_parse_back::<dhcpfo_resource_sharing::Sharing>(system, 22);
    states_read_back::<dhcpfo_resource_sharing::Sharing>(system);
}

#[test]
fn lf2() {
    let system = "clients = 3\naddresses = 2\ncapacity = 3\ntold-apart = false";
    texts_parse_back::<dhcpfo_lf2::Lf2>(system, 80);
    states_read_back::<dhcpfo_lf2::Lf2>(system);
}

#[test]
fn kea_ha() {
    let faults = "crashes = 3\npower-losses = 3\ncuts = 3\nlan-cuts = 3\nlate = 3\nslow-syncs = 3\nclock-faults = 3\nlocked = 3\nmaintenances = 3";
    for system in ["mode = \"hot-standby\"\naddresses = 2\nclients = 3", "mode = \"load-balancing\"\nqueue = 2"] {
        let system = format!("{system}\nreleases = true\nin-flight = 2\n{faults}");
        texts_parse_back::<dhcpfo_kea_ha::KeaHa>(&system, 40);
        states_read_back::<dhcpfo_kea_ha::KeaHa>(&system);
    }
}

#[test]
fn split_scope() {
    let system = "clients = 3\nfirst-pool = [0, 1]\nsecond-pool = [2]\nforgets = true";
    texts_parse_back::<dhcpfo_split_scope::SplitScope>(system, 20);
    states_read_back::<dhcpfo_split_scope::SplitScope>(system);
}

/// A play refuses what is not enabled, and that time passes where something has to happen first.
#[test]
fn a_player_refuses() {
    use dhcpfo_study::player::Refusal;
    let model = model::<dhcpfo_fischer::Fischer>("processes = 2");
    let mut player = Player::new(&model, model.lengths.seconds, 1);
    let refused = player.act("p0 enters".parse().unwrap()).unwrap_err();
    assert_eq!(refused.instead(), ["p0 reads", "p1 reads"]);
    player.act("p0 reads".parse().unwrap()).unwrap();
    assert!(matches!(player.advance(5), Err(Refusal::Held(actions)) if actions == ["p0 writes", "p1 reads"]));
    assert_eq!(player.elapsed(), 1, "it is the instant by which p0 writes");
    assert_eq!(player.advance(0), Err(Refusal::Past));
    assert!(player.advance(u32::MAX - START.raw()).is_err());
}
