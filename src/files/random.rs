//! Small models drawn from a seed, as the text of their files: for comparing searches and clocks with each other.

use dhcpfo_engine::rules::{QUESTIONS, Question};
use dhcpfo_world::budget::Item;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// Of these a drawn model has budgets, the more often the more often they stand here.
const BUDGETS: [Item; 20] = [
    Item::Crashes,
    Item::Crashes,
    Item::Crashes,
    Item::StorageLosses,
    Item::LinkBreaks,
    Item::LinkBreaks,
    Item::PartnerDowns,
    Item::PartnerDowns,
    Item::Pauses,
    Item::Shutdowns,
    Item::Resets,
    Item::Rebalances,
    Item::Leases,
    Item::Leases,
    Item::Releases,
    Item::Declines,
    Item::Reboots,
    Item::Losses,
    Item::Duplicates,
    Item::Strays,
];

struct Draw(Xoshiro256PlusPlus);

impl Draw {
    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.0.random_range(0..of.len() as u32) as usize]
    }

    /// True once in so many times.
    fn once_in(&mut self, times: u32) -> bool {
        self.0.random_range(0..times) == 0
    }
}

/// The text of a model. Some of these are refused when they are read, since a budget can never be used.
///
/// Its seconds are its small units, so that a counterexample for the one is one for the other.
pub fn model_text(seed: u64) -> String {
    let mut draw = Draw(Xoshiro256PlusPlus::seed_from_u64(seed));
    let mut text = format!("title = \"drawn from seed {seed}\"\nclass = \"study\"\nclaims = \"all\"\n");
    text += &system(&mut draw);
    text += &budgets(&mut draw);
    text += &times(&mut draw);
    text += "[rules]\n";
    let mut asked: Vec<&str> = Vec::new();
    for _ in 0..draw.one_of(&[0, 0, 1, 1, 2, 4]) {
        let Question { key: question, readings, .. } = draw.one_of(QUESTIONS);
        if !asked.contains(&question) {
            asked.push(question);
            let words: Vec<&str> = readings.iter().map(|reading| reading.word).collect();
            text += &format!("{question} = \"{}\"\n", draw.one_of(&words));
        }
    }
    text
}

fn system(draw: &mut Draw) -> String {
    let addresses = draw.one_of(&[1, 1, 1, 2]);
    let owners: Vec<&str> = (0..addresses).map(|_| draw.one_of(&["\"primary\"", "\"secondary\""])).collect();
    let packets = draw.once_in(4);
    let mut lines = vec![
        format!("addresses = [{}]", owners.join(", ")),
        format!("buckets = {}", draw.one_of(&["[200]", "[200, 200]", "[200, 200]", "[5, 200]"])),
        format!("start = \"{}\"", draw.one_of(&["normal", "normal", "normal", "stopped", "blank"])),
        format!("exchange = \"{}\"", if packets { "packets" } else { "whole" }),
        format!("delay = \"{}\"", draw.one_of(&["none", "none", "none", "bounded", "unbounded"])),
        format!("max-unacked = {}", draw.one_of(&[4, 4, 1, 2])),
        format!("split = {}", draw.one_of(&[128, 128, 0, 256])),
        format!("split-steps = {}", draw.once_in(2)),
        format!("truthful = {}", !draw.once_in(4)),
        format!("safe-period = {}", draw.once_in(4)),
        format!("remember-last = {}", draw.once_in(4)),
        format!("pool-requests = {}", draw.once_in(4)),
    ];
    if draw.once_in(3) {
        lines.push("pool-slack = 0".to_owned());
    }
    if packets {
        lines.push(format!("late-packets = {}", draw.once_in(3)));
        lines.push(format!("anchor = \"{}\"", draw.one_of(&["request", "request", "receipt"])));
    }
    if addresses == 2 && draw.once_in(2) {
        lines.push("symmetry = [\"clients\", \"addresses\"]".to_owned());
    } else if draw.once_in(3) {
        lines.push("symmetry = []".to_owned());
    }
    if draw.once_in(8) {
        lines.push("reserved = { a0 = 0 }".to_owned());
    }
    format!("[system]\n{}\n", lines.join("\n"))
}

fn budgets(draw: &mut Draw) -> String {
    let mut amounts = vec![(Item::Leases, 1)];
    let drawn: Vec<Item> = (0..draw.one_of(&[1, 1, 2, 2, 3])).map(|_| draw.one_of(&BUDGETS)).collect();
    let needed: Vec<Item> = drawn.iter().filter_map(|item| needs(*item)).collect();
    for item in needed.into_iter().filter(|item| !drawn.contains(item)).chain(drawn.iter().copied()) {
        match amounts.iter_mut().find(|(known, _)| *known == item) {
            Some((_, amount)) => *amount += 1,
            None => amounts.push((item, 1)),
        }
    }
    let name = |item: Item| Item::WORDS.iter().find(|(known, _)| *known == item).map_or("", |(_, name)| name);
    let lines: Vec<String> = amounts.iter().map(|(item, amount)| format!("{} = {amount}", name(*item))).collect();
    format!("[budgets]\n{}\n", lines.join("\n"))
}

/// Without what a budget comes to nothing.
fn needs(item: Item) -> Option<Item> {
    match item {
        Item::StorageLosses | Item::PartnerDowns => Some(Item::Crashes),
        Item::Resets | Item::Strays => Some(Item::Declines),
        Item::Reboots => Some(Item::Leases),
        _ => None,
    }
}

fn times(draw: &mut Draw) -> String {
    let free = draw.one_of(&["\"startup\", \"safe-period\"", "\"startup\", \"safe-period\"", "\"startup\"", ""]);
    let (mclt, lease) = draw.one_of(&[(1, 3), (1, 2), (2, 3), (3, 2)]);
    let potential = lease + draw.one_of(&[1, 1, 2]);
    let order = match mclt < lease {
        true => draw.one_of(&[
            "\"mclt < lease < potential\"",
            "\"mclt < lease\", \"lease < potential\"",
            "\"mclt < lease\"",
            "",
        ]),
        false => draw.one_of(&["\"lease < potential\"", ""]),
    };
    let lengths = format!(
        "mclt = {mclt}\nlease = {lease}\npotential = {potential}\nother-mclt = {}\nstartup = {}\nsafe-period = {}\n\
         abandon-time = 2\nmessage-age = 1\n",
        mclt + 1,
        draw.one_of(&[1, 2]),
        draw.one_of(&[1, 2, 3])
    );
    format!("[time]\nfree = [{free}]\norder = [{order}]\n[time.small]\n{lengths}[time.seconds]\n{lengths}")
}
