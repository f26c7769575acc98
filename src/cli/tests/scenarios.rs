//! Every scenario ends as it says, and its transcript is the committed one.

use dhcpfo_report::golden::compare_or_update;
use std::path::Path;
use std::process::Command;

#[test]
fn scenarios_end_as_they_say() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let mut problems = Vec::new();
    let mut count = 0;
    for folder in ["scenarios", "scenarios/found"] {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else { continue };
        let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort();
        for name in names.iter().filter_map(|name| name.strip_suffix(".toml")) {
            count += 1;
            let file = format!("{folder}/{name}.toml");
            let run = Command::new(env!("CARGO_BIN_EXE_dhcpfo")).current_dir(root).args(["play", &file]).output();
            let run = run.expect("the command runs");
            if !run.status.success() {
                problems.push(format!("{file}: {:?}\n{}", run.status, String::from_utf8_lossy(&run.stderr)));
            }
            let golden = root.join(format!("reports/golden/{folder}/{name}.txt"));
            if let Err(difference) = compare_or_update(&golden, &String::from_utf8_lossy(&run.stdout)) {
                problems.push(difference);
            }
        }
    }
    assert!(count >= 12, "scenarios are missing");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
