//! What a failure of a population shrinks to: a scenario that `play` and `check` accept, or a simulation file and why.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn dhcpfo(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dhcpfo")).args(arguments).current_dir(folder).output().expect("the command runs")
}

/// A folder of its own with a simulation that fails.
fn folder(name: &str, more: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("shrink-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let text = format!(
        "title = \"x\"\nuntil = \"3d\"\n{more}\n[population]\nclients = 20\narrival = 60\nresidence = \"3h\"\nabsence = \"2h\"\n[network]\naddresses = 30\n\
         [time]\nmclt = 600\nlease = 7200\n[faults]\ncrashes = 3\ndowntime = 1800\nlink-cuts = 4\ncut-length = \"20m\"\n"
    );
    std::fs::write(folder.join("fails.toml"), text).unwrap();
    folder
}

#[test]
fn a_failure_of_a_population_becomes_a_scenario_of_the_world() {
    let folder = folder("scenario", "[rules]\nlead-base = \"unbounded\"");
    let found = dhcpfo(&folder, &["simulate", "fails.toml", "--runs", "3", "--shrink", "found.toml"]);
    assert_eq!(found.status.code(), Some(1), "{}", String::from_utf8_lossy(&found.stderr));
    let played = dhcpfo(&folder, &["play", "found.toml"]);
    let text = String::from_utf8(played.stdout).unwrap();
    assert_eq!((played.status.code(), text.contains("refuted   mclt-bound, as expected")), (Some(0), true), "{text}");
    let checked = dhcpfo(&folder, &["check", "found.model.toml"]);
    let text = String::from_utf8(checked.stdout).unwrap();
    assert!(text.contains("refuted  mclt-bound in 5"), "{text}");
    std::fs::remove_dir_all(folder).unwrap();
}

/// No run of model size fails alike in the world.
#[test]
fn what_the_world_cannot_have_stays_a_simulation_and_says_why() {
    let folder = folder("simulation", "[rules]\ntransaction-time = \"inverted\"");
    let found = dhcpfo(&folder, &["simulate", "fails.toml", "--runs", "40", "--shrink", "found.toml"]);
    let said = String::from_utf8(found.stderr).unwrap();
    assert_eq!(found.status.code(), Some(1), "{said}");
    assert!(said.contains("is a simulation file, not a scenario: "), "{said}");
    let repeat = said.split_once("repeat with: dhcpfo ").expect("how to repeat it").1;
    let again = dhcpfo(&folder, &repeat.split_whitespace().collect::<Vec<_>>());
    assert_eq!(again.status.code(), Some(1), "{}", String::from_utf8_lossy(&again.stdout));
    std::fs::remove_dir_all(folder).unwrap();
}
