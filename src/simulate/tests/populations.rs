//! Simulations of pairs with many clients.

use dhcpfo_files::simulation::{Setting, SimulationFile, simulation};
use dhcpfo_simulate::population::{Outcome, drawn, run};

fn file(text: &str) -> SimulationFile {
    let text = format!("title = \"x\"\n{text}");
    simulation("x.toml", &|_| Ok(text.clone())).unwrap()
}

fn once(file: &SimulationFile, seed: u64) -> Outcome {
    run(file, &file.settings, file.until, seed)
}

fn claim(outcome: &Outcome) -> Option<(&'static str, String)> {
    outcome.violation.as_ref().map(|violation| (violation.claim, violation.detail.clone()))
}

const BUSY: &str = "
until = \"10d\"
[population]
clients = 60
arrival = \"1h\"
residence = \"3h\"
absence = \"2h\"
[network]
addresses = 80
[pair]
operator-delay = \"30m\"
[time]
mclt = \"20m\"
lease = \"2h\"
[faults]
loss = 0.02
duplication = 0.02
crashes = 2
downtime = \"40m\"
disk-delay = \"200ms\"
link-cuts = 4
cut-length = \"20m\"
one-way = 0.3
flapping = 0.2
power-cuts = 0.5
";

/// Crashes, partitions, lost writes: nothing is refuted, and in the end all is as it should be.
#[test]
fn a_busy_pair_keeps_its_promises() {
    let file = file(BUSY);
    for seed in 0..6 {
        let outcome = once(&file, seed);
        assert_eq!(claim(&outcome), None, "seed {seed}");
        let m = &outcome.measures;
        assert!(m.crashes > 10 && m.cuts > 10 && m.granted > 500 && m.extended > 500, "seed {seed}: {m:?}");
        assert_eq!(m.heal.len(), 1, "seed {seed}");
    }
}

/// The same with a reading that must fail: the judges are awake.
#[test]
fn broken_readings_are_refuted() {
    let broken = [
        ("lead-base", "unbounded", "mclt-bound"),
        ("partner-down-wait", "no-mclt", "no-duplicate-address"),
        ("hand-over", "at-ack", "own-pool-only"),
    ];
    for (question, word, expected) in broken {
        let mut file = file(BUSY);
        file.rules.set(question, word).unwrap();
        if question == "partner-down-wait" {
            // Sooner than MCLT, and with more clients than addresses, so that it matters whether that is waited for.
            file.settings.set(Setting::OperatorDelay, 60.0);
            file.settings.set(Setting::Addresses, 50.0);
            file.settings.set(Setting::Crashes, 12.0);
        }
        if question == "hand-over" {
            // Long on their way, so that clients come in between.
            file.settings.set(Setting::LinkDelay, 10.0);
            file.settings.set(Setting::Addresses, 60.0);
        }
        let refuted: Vec<_> = (0..60).filter_map(|seed| claim(&once(&file, seed))).collect();
        assert!(refuted.iter().any(|(claim, _)| *claim == expected), "{question} = {word}: {refuted:?}");
    }
}

/// A server that nobody starts again after its death is no progress.
#[test]
fn progress_is_demanded() {
    let mut file = file(BUSY);
    file.settings.set(Setting::LinkCuts, 0.0);
    file.rules.set("late-update-done", "ignored").unwrap();
    let outcome = once(&file, 1);
    assert_eq!(claim(&outcome), None);
    assert!(outcome.measures.heal.quantile(1.0) <= 2 * 1200 + 7200 + 3600);
}

/// The seed decides, and swarm runs differ.
#[test]
fn seeds_decide() {
    let file = file(BUSY);
    let events = |seed| (once(&file, seed).measures.events, once(&file, seed).measures.counts());
    assert_eq!(events(3), events(3));
    assert_ne!(events(3), events(4));
    let swarm = |seed| drawn(&file.settings, file.until, seed);
    assert_eq!(swarm(1), swarm(1));
    assert_ne!(swarm(1), swarm(2));
}

/// Swarm runs of the correct dialect. More by hand: `dhcpfo simulate FILE --swarm --runs 10000`.
#[test]
fn swarms_find_nothing() {
    let file = file("until = \"12h\"\n[population]\nclients = 10\n");
    for seed in 0..40 {
        let (settings, until) = drawn(&file.settings, file.until, seed);
        let outcome = run(&file, &settings, until, seed);
        assert_eq!(claim(&outcome), None, "seed {seed}");
    }
}

/// A script's crash is for good, and after PARTNER-DOWN the dead partner's pool is used once MCLT has passed.
#[test]
fn a_dead_partners_pool_is_used_after_mclt() {
    let file = file(
        "until = \"2d\"
script = '''
at 1d crash secondary
at 1d1h operator primary partner-down
'''
[population]
clients = 100
residence = \"6h\"
absence = \"1h\"
changes-identifier = 1
release = 1
[network]
addresses = 100
[time]
mclt = \"30m\"
lease = \"8h\"
",
    );
    let outcome = once(&file, 1);
    assert_eq!(claim(&outcome), None);
    let reuse = outcome.measures.reuse.quantile(1.0);
    assert!((1800..2400).contains(&reuse), "{reuse}");
}

/// What is wrong with a file is told with its line, its key, and what would be accepted.
#[test]
fn bad_files_are_told() {
    let wrong = |text: &str| {
        let text = text.to_owned();
        simulation("x.toml", &|_| Ok(text.clone())).unwrap_err().to_string()
    };
    let cases = [
        ("title = \"x\"\n[faults]\nloss = 1.5\n", "x.toml:3: faults.loss: 1.5 is not from 0 to 1"),
        ("title = \"x\"\n[time]\nmclt = -4\n", "x.toml:3: time.mclt: -4 is not from 1"),
        ("title = \"x\"\n[population]\nclients = 2.5\n", "2.5 is no whole number"),
        ("title = \"x\"\n[time]\nmclt = \"2h\"\nlease = \"1h\"\n", "is not shorter than the lease"),
        ("title = \"x\"\n[faults]\ncrash = 1\n", "crashes"),
        ("title = \"x\"\nscript = '''\nat 1d deliver primary\n'''\n", "x.toml:3: script:"),
        ("[population]\n", "title"),
    ];
    for (text, expected) in cases {
        let told = wrong(text);
        assert!(told.contains(expected), "{told}\nlacks\n{expected}");
    }
}

/// Two servers of one role give the same addresses away: told apart, and in the end all is well again.
#[test]
fn a_wrong_role_is_told_apart() {
    let mut file = file(BUSY);
    for setting in [Setting::Crashes, Setting::LinkCuts, Setting::PowerCuts, Setting::OperatorDelay] {
        file.settings.set(setting, 0.0);
    }
    let beyond = |file: &SimulationFile| {
        let outcome = once(file, 1);
        assert_eq!(claim(&outcome), None);
        (outcome.measures.beyond, outcome.measures.heal.len())
    };
    assert_eq!(beyond(&file), (0, 1));
    file.settings.set(Setting::WrongRole, 2.0);
    let (refuted, healed) = beyond(&file);
    assert!(refuted > 0 && healed == 1, "{refuted} refuted, {healed} healed");
}

/// What comes faster than it can be answered is not held to be agreed about, and is counted; half the load is.
#[test]
fn agreement_is_demanded_of_what_can_be_served() {
    let mut file = file(BUSY);
    let overloaded = |file: &SimulationFile, seed| {
        let outcome = once(file, seed);
        assert_eq!(claim(&outcome), None);
        (outcome.measures.overloaded, outcome.measures.heal.len())
    };
    assert_eq!(overloaded(&file, 1), (0, 1));
    let short = [(Setting::Mclt, 5.0), (Setting::Lease, 7.0), (Setting::MaxUnacked, 1.0), (Setting::DiskDelay, 0.3)];
    short.into_iter().for_each(|(setting, number)| file.settings.set(setting, number));
    file.until = 7200;
    assert_eq!(overloaded(&file, 1), (1, 1));
}

/// A reading with which the servers never agree again: progress is refuted.
#[test]
fn a_pair_that_does_not_heal_is_told() {
    let mut file = file(BUSY);
    file.until = 3 * 86_400;
    assert_eq!(claim(&once(&file, 0)), None);
    file.rules.set("transaction-time", "inverted").unwrap();
    let refuted = claim(&once(&file, 0));
    assert!(matches!(&refuted, Some(("progress", _))), "{refuted:?}");
}

/// Short leases and slow packets: a REBIND that comes after the end of its lease is believed (Q80).
const LATE: &str = "
until = 115
[population]
clients = 25
arrival = 60
[network]
addresses = 10
delay = 0.5
[time]
mclt = 5
lease = 7
[faults]
loss = 0.3
slow-link = 0.2
";

/// What follows late packets is told apart, and is nothing where servers do not believe them.
#[test]
fn late_packets_are_told_apart() {
    let mut file = file(LATE);
    let beyond = |file: &SimulationFile| {
        let outcomes = (0..100).map(|seed| once(file, seed));
        let count = |sum: (u64, u64), outcome: Outcome| {
            assert_eq!(claim(&outcome), None);
            (sum.0 + outcome.measures.late, sum.1 + outcome.measures.beyond)
        };
        outcomes.fold((0, 0), count)
    };
    let (late, refuted) = beyond(&file);
    assert!(late > 100 && refuted > 0, "{late} late, {refuted} refuted");
    file.rules.set("renew-unknown", "ignored").unwrap();
    assert_eq!(beyond(&file).1, 0);
}

/// One server loses its storage: to the letter of the draft an address is given twice (Q78).
#[test]
fn a_lost_disk_costs_no_address_unless_the_draft_is_taken_literally() {
    let mut file = file(BUSY);
    let faults = [(Setting::OperatorDelay, 0.0), (Setting::StorageLoss, 0.3), (Setting::LinkCuts, 0.0)];
    faults.into_iter().for_each(|(setting, number)| file.settings.set(setting, number));
    let refuted = |file: &SimulationFile| (0..6).filter_map(|seed| claim(&once(file, seed))).next();
    assert_eq!(refuted(&file), None);
    file.rules.set("partner-loss", "as-recorded").unwrap();
    let found = refuted(&file);
    assert!(matches!(&found, Some(("no-duplicate-address", _))), "{found:?}");
}

/// Everything that can go wrong at once, so that each number of it matters.
const ALL_FAULTS: &str = "
slow-link = 0.05
slow-link-delay = 2
reordering = 0.1
storage-loss = 0.2
slow-disk = 0.1
crash-in-step = 0.5
clock-offset = 5
clock-drift = 0.0001
clock-steps = 1
clock-step = 2
client-drift = 0.001
client-clock-steps = 20
client-clock-step = 60
premature-partner-down = 1
both-partner-down = 0.3
wrong-role = 1
wrong-role-length = \"20m\"
";

/// Each fault has a key in [faults], and each key does something: with half of its number some run is another one.
#[test]
fn every_key_of_a_fault_matters() {
    let mut file = file(&format!("{BUSY}{ALL_FAULTS}"));
    // So that something is being written when a server crashes.
    file.settings.set(Setting::DiskDelay, 5.0);
    file.settings.set(Setting::Crashes, 10.0);
    let counts = |file: &SimulationFile, seed| {
        let outcome = once(file, seed);
        assert_eq!(claim(&outcome), None);
        outcome.measures.counts()
    };
    let before = [1, 2, 3].map(|seed| (seed, counts(&file, seed)));
    let of_faults = |setting: &&Setting| setting.name().starts_with("faults.");
    let all: Vec<Setting> = Setting::ALL.iter().filter(of_faults).copied().collect();
    assert!(all.len() > 25, "{all:?}");
    for setting in all {
        let (number, mut other) = (file.settings.get(setting), file.clone());
        assert!(number > 0.0, "{} is not in the test", setting.name());
        other.settings.set(setting, number / 2.0);
        let matters = before.iter().any(|(seed, before)| counts(&other, *seed) != *before);
        // Servers correct the times that they hear, so whole seconds between their clocks alone make no difference.
        assert_eq!(matters, setting != Setting::ClockOffset, "{} = {}", setting.name(), number / 2.0);
    }
}

/// A crash between two effects of a step: what was written before it is on stable storage, what was to be sent after it
/// is not sent. That finds a server that answers its client before it writes, which crashes between steps do not.
#[test]
fn crashes_in_the_middle_of_a_step() {
    let mut file = file(BUSY);
    file.settings.set(Setting::Crashes, 10.0);
    let refuted = |file: &SimulationFile| (0..6).filter_map(|seed| claim(&once(file, seed))).next();
    for (disk_delay, in_step, commit, expected) in [
        (0.2, 1.0, "before-ack", None),
        (0.0, 1.0, "before-ack", None),
        (0.0, 0.0, "after-ack", None),
        (0.0, 1.0, "after-ack", Some("mclt-bound")),
    ] {
        file.settings.set(Setting::DiskDelay, disk_delay);
        file.settings.set(Setting::CrashInStep, in_step);
        file.rules.set("commit", commit).unwrap();
        let found = refuted(&file);
        assert_eq!(found.as_ref().map(|(claim, _)| *claim), expected, "{commit}, {in_step} in steps: {found:?}");
    }
}
