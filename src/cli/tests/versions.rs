//! What 0.1 wrote is read; what is of another version is refused in one sentence that says who wrote it and what to do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const FOLDER: &str = "src/cli/tests/written_by_0_1";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn dhcpfo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dhcpfo")).args(arguments).current_dir(root()).output().expect("the command runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const B01: [&str; 2] =
    ["src/audit/tests/audit/captures/isc-b01-link.pcap", "src/audit/tests/audit/captures/isc-b01-lan.pcap"];

/// A file of 0.1, what reads it (`FILE` is where it stands), what it is called there, and what writes it.
const READERS: [(&str, &[&str], &str, &str); 10] = [
    ("play.jsonl", &["play", "FILE"], "a trace", "dhcpfo play SCENARIO --json"),
    ("verdicts.json", &["check", "--baseline", "FILE", LATTICE], "the verdicts of a search", "dhcpfo check --json"),
    ("verdicts.json", &["report", "FILE", "--md"], "the verdicts of a search", "dhcpfo check --json"),
    ("runs.json", &["report", "merge", "FILE"], "what random runs found", "dhcpfo simulate --json"),
    ("runs.json", &["report", "FILE", "--md"], "what random runs found", "dhcpfo simulate --json"),
    ("audit.json", &["audit", B01[0], B01[1], "--baseline", "FILE"], "an audit", "dhcpfo audit --json"),
    ("audit.json", &["report", "FILE", "--md"], "an audit", "dhcpfo audit --json"),
    ("matrix.json", &["report", "FILE", "--md"], "a kill matrix", "dhcpfo matrix --json"),
    (
        "lattice.jsonl",
        &["check", LATTICE, "--lattice", "--weight", "1", "--merge", "FILE"],
        "a log of a lattice",
        "dhcpfo check MODEL --lattice",
    ),
    ("server.jsonl", &["play", "FILE"], "a server's trace", "dhcpfo serve CONFIG --trace FILE"),
];

const LATTICE: &str = "src/cli/tests/written_by_0_1/model.toml";

fn read(arguments: &[&str], file: &str) -> Output {
    let arguments: Vec<&str> = arguments.iter().map(|word| if *word == "FILE" { file } else { word }).collect();
    dhcpfo(&arguments)
}

#[test]
fn what_0_1_wrote_is_read() {
    for (name, arguments, ..) in READERS {
        let output = read(arguments, &format!("{FOLDER}/{name}"));
        assert_eq!(output.status.code(), Some(0), "{name} by {arguments:?}: {}", said(&output));
    }
    let scenario = dhcpfo(&["play", &format!("{FOLDER}/scenario.toml")]);
    assert_eq!(scenario.status.code(), Some(0), "{}", said(&scenario));
    let text = fs::read_to_string(root().join(FOLDER).join("recording.jsonl")).expect("a recording");
    let (recording, problem) = dhcpfo_explorer::recorded::follow::whole("recording.jsonl", &text).expect("it is read");
    assert_eq!(problem, None);
    assert!(recording.from(1).count() > 3, "events of the recording");
}

/// The text with another version at its top; None: with none.
fn with_version(text: &str, version: Option<u32>) -> String {
    let at = text.find("\"version\":").expect("a version");
    let end = at + text[at..].find(',').expect("more than a version");
    match version {
        Some(version) => format!("{}\"version\":{version}{}", &text[..at], &text[end..]),
        None => format!("{}{}", &text[..at], &text[end + 1..]),
    }
}

#[test]
fn other_versions_are_refused_in_one_sentence() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("versions");
    fs::create_dir_all(&folder).expect("a folder");
    let recording: (&str, &[&str], &str, &str) =
        ("recording.jsonl", &["explore", "FILE"], "a recording", "dhcpfo simulate FILE --record OUT");
    for (name, arguments, what, written_by) in READERS.into_iter().chain([recording]) {
        let text = fs::read_to_string(root().join(FOLDER).join(name)).expect("a file of 0.1");
        for version in [Some(9), Some(0), None] {
            let file = folder.join(name);
            fs::write(&file, with_version(&text, version)).expect("a file");
            let output = read(arguments, &file.display().to_string());
            let says = said(&output);
            let context = format!("{name}, version {version:?}, by {arguments:?}: {says}");
            assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{context}");
            assert_eq!(says.trim_end().lines().count(), 1, "{context}");
            assert!(says.contains(name) && says.contains(what) && says.contains(written_by), "{context}");
            let Some(version) = version else {
                assert!(says.contains("without a \"version\""), "{context}");
                continue;
            };
            // Documents for machines name their writer, which is 0.1 here.
            let writer = match text.contains("\"tool\": \"dhcpfo 0.1.0\"") {
                true => "dhcpfo 0.1.0 wrote it",
                false if version == 9 => "a later dhcpfo wrote it",
                false => "an earlier dhcpfo wrote it",
            };
            let this = concat!("this is dhcpfo ", env!("CARGO_PKG_VERSION"));
            assert!(
                says.contains(&format!("version {version} of ")) && says.contains(writer) && says.contains(this),
                "{context}"
            );
        }
    }
}
