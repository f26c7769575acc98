//! `dhcpfo report`: every form, of every kind of file; and that others can read the captures.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn report(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_dhcpfo")).arg("report").args(arguments).current_dir(root()).output();
    let output = output.expect("the command runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn text(arguments: &[&str]) -> String {
    String::from_utf8(report(arguments)).expect("text")
}

fn scenarios() -> Vec<String> {
    let mut paths = Vec::new();
    for folder in ["scenarios", "scenarios/found"] {
        for entry in std::fs::read_dir(root().join(folder)).expect("the folder") {
            let name = entry.expect("an entry").file_name().into_string().expect("a name");
            if name.ends_with(".toml") {
                paths.push(format!("{folder}/{name}"));
            }
        }
    }
    paths.sort();
    paths
}

/// Elements that are opened and not closed, or the other way round.
fn is_balanced(xml: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    for tag in xml.split('<').skip(1) {
        let Some((tag, _)) = tag.split_once('>') else { return false };
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or("");
        match tag {
            _ if tag.starts_with('!') || tag.ends_with('/') || ["meta", "br"].contains(&name) => {}
            _ if tag.starts_with('/') => {
                if open.pop() != Some(name) {
                    return false;
                }
            }
            _ => open.push(name),
        }
    }
    open.is_empty()
}

#[test]
fn a_counterexample_has_every_form() {
    let model = "models/broken/m01-no-mclt-in-wait-duplicate.toml";
    let html = text(&[model, "--html"]);
    assert!(is_balanced(&html), "{html}");
    for part in [
        "✗ no-duplicate-address",
        "partner-down-wait = no-mclt",
        "client 1 obtain a0 secondary",
        "dhcpfo check",
        "<svg",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("http://") || html.contains("www.w3.org"), "nothing is loaded from elsewhere");
    assert!(is_balanced(&text(&[model, "--svg"])));
    let markdown = text(&[model, "--md"]);
    assert!(markdown.contains("```mermaid\nsequenceDiagram") && markdown.contains("**✗ no-duplicate-address**"));
    assert!(text(&[model, "--mermaid"]).starts_with("sequenceDiagram\n"));
    let json: serde_json::Value = serde_json::from_str(&text(&[model, "--json"])).expect("JSON");
    assert_eq!(json["refuted"], serde_json::json!(["no-duplicate-address"]));
    let itf: serde_json::Value = serde_json::from_str(&text(&[model, "--itf"])).expect("JSON");
    assert_eq!(itf["#meta"]["format"], "ITF");
    assert!(itf["states"].as_array().expect("states").len() > 4);
}

#[test]
fn pages_of_all_scenarios_are_whole() {
    for path in scenarios() {
        assert!(is_balanced(&text(&[&path, "--html"])), "{path}");
    }
}

#[test]
fn wireshark_reads_every_capture_without_a_warning() {
    // To start tshark takes a second; those of the text's own figures have everything that the others have.
    for path in scenarios().iter().filter(|path| !path.contains("/found/")) {
        let capture = report(&[path, "--pcap"]);
        let fields = ["-T", "fields", "-e", "_ws.col.Protocol", "-e", "_ws.expert.message", "-e", "_ws.malformed"];
        let mut command = Command::new("tshark");
        command.args(["-r", "-", "-d", "tcp.port==647,dhcpfo"]).args(fields);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut child) = child else {
            eprintln!("SKIPPED: no tshark, so nobody else has read our captures (apt-get install tshark)");
            return;
        };
        child.stdin.take().expect("its input").write_all(&capture).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{path}");
        let lines = String::from_utf8(output.stdout).expect("text");
        assert!(!lines.is_empty(), "{path}: nothing was captured");
        for line in lines.lines() {
            let columns: Vec<&str> = line.split('\t').collect();
            assert!(["DHCPFO", "DHCP"].contains(&columns[0]), "{path}: {line}");
            assert!(columns[1..].iter().all(|column| column.is_empty()), "{path}: {line}");
        }
    }
}

#[test]
fn what_cannot_be_reported_is_told() {
    let run = |arguments: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_dhcpfo")).arg("report").args(arguments).current_dir(root()).output();
        let output = output.expect("the command runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, says) = run(&["models/mclt-core.toml"]);
    assert!(code == Some(2) && says.contains("nothing is refuted"), "{code:?}: {says}");
    let (code, says) = run(&["no-such.toml"]);
    assert!(code == Some(2) && says.contains("no-such.toml"), "{code:?}: {says}");
    let (code, says) = run(&["scenarios/partition.toml", "--svg", "--pcap"]);
    assert!(code == Some(2) && says.contains("cannot be used with"), "{code:?}: {says}");
    let (code, says) = run(&["scenarios/partition.toml", "models/one-address.toml", "--out", "x"]);
    assert!(code == Some(2) && says.contains("--out"), "{code:?}: {says}");
}
