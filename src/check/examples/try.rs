use dhcpfo_check::run::*;
use dhcpfo_engine::{balance::Buckets, config::*, rules::*, state::Role, time::Span};
use dhcpfo_world::{budget::*, clock::*, model::*};
fn main() { sizes();
    let a: Vec<String> = std::env::args().collect();
    let get = |k: &str| a.iter().find_map(|x| x.strip_prefix(&format!("{k}=")).map(str::to_owned));
    let num = |k: &str, d: u8| get(k).map_or(d, |v| if v == "u" { 255 } else { v.parse().unwrap() });
    let mut rules = Rules::DRAFT_12;
    if let Some(d) = get("dialect") { rules = Rules::DIALECTS.iter().find(|(n, _)| *n == d).unwrap().1; }
    for x in &a { if let Some(r) = x.strip_prefix("rule:") { let (k, v) = r.split_once('=').unwrap(); rules.set(k, v).unwrap(); } }
    let config = |role| Config { role, rules, buckets: Buckets::first(128), pool: Pool { secondary_share: num("share",50), slack: get("slack").map(|v| v.parse().unwrap()), ask: get("ask").is_some() }, safe_period: get("safe").is_some(), remember_last: false };
    let budgets = Budgets::NONE.with(Item::Crashes, num("crashes", 0)).with(Item::LinkBreaks, num("breaks", 0)).with(Item::PartnerDowns, num("pd", 0)).with(Item::Leases, num("leases", 2)).with(Item::Releases, num("rel", 0)).with(Item::StorageLosses, num("loss", 0)).with(Item::Losses, num("lost", 0)).with(Item::Shutdowns, num("sd", 0)).with(Item::Pauses, num("pause",0)).with(Item::Declines, num("decl",0)).with(Item::Resets, num("reset",0)).with(Item::Duplicates, num("dup",0));
    let addrs = get("addr").unwrap_or("p".into());
    let model = Model {
        addresses: addrs.chars().map(|c| Address { owner: if c == 'p' { Role::Primary } else { Role::Secondary }, reserved: None }).collect(),
        clients: if let Some(b)=get("buckets"){b.split(',').map(|x|x.parse().unwrap()).collect()} else {vec![200; num("clients", 2) as usize]},
        servers: [config(Role::Primary), config(Role::Secondary)],
        max_unacked: num("window", 4), budgets, exchange: if get("packets").is_some() { Exchange::Packets } else { Exchange::Whole }, anchor: Anchor::Request, delay: match get("delay").as_deref() { Some("u") => Delay::Unbounded, Some("b") => Delay::Bounded, _ => Delay::None },
        start: match get("start").as_deref() { Some("blank") => Start::Blank, Some("stopped") => Start::Stopped, _ => Start::Normal },
        split_steps: get("nosplit").is_none(), truthful: get("lie").is_none(), go_on: get("goon").is_some(),
        lengths: Lengths { phi: Phi::new(&[(Span::Mclt, Span::DesiredLease), (Span::DesiredLease, Span::PotentialLead), (Span::MessageAge, Span::Mclt)]).unwrap(), free: SpanSet::of(&[Span::Startup, Span::SafePeriod]),
            small: Values::new(&Span::ALL.map(|s| (s, match s { Span::Mclt => 2, Span::MessageAge => 1, Span::DesiredLease => 3, Span::PotentialLead => 4, _ => 2 }))).unwrap(),
            seconds: Values::new(&Span::ALL.map(|s| (s, match s { Span::Mclt => 3600, Span::MessageAge => 60, Span::DesiredLease => 259200, Span::PotentialLead => 388800, _ => 600 }))).unwrap() },
        claims: dhcpfo_properties::claims().iter().filter(|c| get("claim").is_none_or(|n| n.split(',').any(|n| n == c.name))).copied().collect(), witnesses: dhcpfo_properties::witnesses().to_vec(),
        symmetric_clients: get("nosym").is_none(), symmetric_addresses: get("asym").is_some(),
    };
    let options = RunOptions { clock: match get("clock").as_deref() { Some("ticks") => ClockKind::Ticks, Some("exact") => ClockKind::Exact, _ => ClockKind::TimeoutOrder }, threads: num("threads", 2) as usize, max_depth: get("depth").map(|d| d.parse().unwrap()), max_states: None, max_bytes: Some(12 << 30), time_limit: Some(std::time::Duration::from_secs(get("time").map_or(60, |t| t.parse().unwrap()))), cancel: None, stop_at_first: get("all").is_none() };
    let answer = run(&model, &options, &mut |p| eprint!("\r{} unique, depth {}, {:.0}/s, {} MiB, waiting {}   ", p.unique, p.depth, p.rate, p.bytes >> 20, p.waiting)).unwrap();
    eprintln!();
    println!("unique {} edges {} depth {} {:?} cut {:?} overflow {} peak {} MiB", answer.unique, answer.edges, answer.depth, answer.elapsed, answer.cut_off, answer.overflow, answer.peak_bytes >> 20);
    for (c, r) in model.claims.iter().zip(&answer.claims) { if let Some(r) = r { println!("REFUTED {} {}", c.name, r.length); match &r.times { Times::Realised { actions, end } => { for (t, a) in actions { println!("   {t:>10} {a}"); } println!("   {end:>10} violated"); } Times::Unrealisable(why) => { for s in &r.path { println!("   {s}"); } println!("UNREALISABLE {why}"); } _ => for s in &r.path { println!("   {s}"); } } } }
    let (mut y, mut n) = (String::new(), String::new());
    for (w, r) in model.witnesses.iter().zip(&answer.witnesses) { match r { Some(d) => y += &format!("{}:{} ", w.name, d), None => n += &format!("{} ", w.name) } }
    println!("reached {y}\nnot {n}");
}
#[allow(dead_code)]
fn sizes() {
    use std::mem::size_of;
    println!("System {} endpoint {} durable {} binding {} link {} inflight {} network {} clients {} effect {} volatile {}", size_of::<dhcpfo_world::system::System>(), size_of::<dhcpfo_world::system::ModelEndpoint>(), size_of::<dhcpfo_engine::durable::Durable<Table>>(), size_of::<dhcpfo_engine::binding::Binding>(), size_of::<dhcpfo_world::link::Link>(), size_of::<dhcpfo_world::link::InFlight>(), size_of::<dhcpfo_world::clients::Network>(), size_of::<[dhcpfo_world::clients::Client; 4]>(), size_of::<dhcpfo_engine::effect::Effect>(), size_of::<dhcpfo_engine::endpoint::Volatile<4>>());
}
