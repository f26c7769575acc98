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
            _ if tag.starts_with('!') || tag.ends_with('/') || ["meta", "br", "col"].contains(&name) => {}
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

/// A file with what a command prints; the command may end with 1, for what it found.
fn printed(name: &str, arguments: &[&str]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
    let output = Command::new(env!("CARGO_BIN_EXE_dhcpfo")).args(arguments).current_dir(root()).output();
    let output = output.expect("the command runs");
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::write(&path, output.stdout).expect("a file");
    path.display().to_string()
}

/// The page and the Markdown of a document, each of which has all of these.
fn reported(file: &str, parts: &[&str]) {
    let (html, markdown) = (text(&[file, "--html"]), text(&[file, "--md"]));
    assert!(is_balanced(&html), "{html}");
    for part in parts {
        assert!(html.contains(part), "{part} is not in {html}");
        assert!(markdown.contains(part), "{part} is not in {markdown}");
    }
    let json: serde_json::Value = serde_json::from_str(&text(&[file, "--json"])).expect("JSON");
    assert!(json.is_object());
}

#[test]
fn verdicts_are_reported_with_budgets_and_caveats() {
    let golden = "reports/golden/verdicts.json";
    reported(
        golden,
        &[
            "What is shown",
            "What is not shown",
            "link-breaks 1, resets 1, leases 2",
            "timeout-order",
            "partner-down-wait = no-mclt",
        ],
    );
    let models = ["models/broken/m01-no-mclt-in-wait-duplicate.toml", "models/broken/b22-abandoned-overwritten.toml"];
    let file = printed("verdicts.json", &[&["check", "--json"], &models[..]].concat());
    reported(&file, &["All 2 models are as expected", "no-duplicate-address", "abandoned-stays"]);
    // A verdict that is not as expected is at the top.
    let text = std::fs::read_to_string(&file).expect("the file").replacen(
        "\"as-expected\": true",
        "\"as-expected\": false",
        1,
    );
    std::fs::write(&file, text).expect("a file");
    reported(&file, &["1 of 2 models are not as expected"]);
    std::fs::remove_file(file).expect("the file");
}

#[test]
fn audits_runs_and_the_matrix_are_reported() {
    let captures =
        ["src/audit/tests/audit/captures/isc-b01-link.pcap", "src/audit/tests/audit/captures/isc-b01-lan.pcap"];
    let audit = printed("audit.json", &["audit", captures[0], captures[1], "--json", "--timeline"]);
    reported(&audit, &["no-duplicate-address", "isc-b01-lan.pcap packet", "isc-dhcpd", "What led to"]);
    assert!(text(&[&audit]).contains("<svg"), "what led to a finding is drawn");
    let runs = printed("runs.json", &["simulate", "models/broken/m01-no-mclt-in-wait-duplicate.toml", "--json"]);
    reported(&runs, &["One run failed", "no-duplicate-address", "--seed", "partner-down"]);
    let pair = printed("pair.json", &["simulate", "scenarios/simulate/campus.toml", "--until", "2h", "--json"]);
    reported(&pair, &["Nothing was refuted", "Distributions", "99%"]);
    let matrix = printed("matrix.json", &["matrix", "--states", "300", "--json"]);
    reported(&matrix, &["Kill matrix", "m01-no-mclt-in-wait-duplicate", "up to 300 states", "no-duplicate-address"]);
    for file in [audit, runs, pair, matrix] {
        let output = Command::new(env!("CARGO_BIN_EXE_dhcpfo")).args(["report", &file, "--pcap"]).output();
        let output = output.expect("the command runs");
        let says = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && says.contains("--html or --md"), "{says}");
        std::fs::remove_file(file).expect("the file");
    }
}

#[test]
fn coverage_is_counted_from_real_steps() {
    let json: serde_json::Value = serde_json::from_str(&text(&["coverage", "--states", "60", "--json"])).expect("JSON");
    let cells = json["cells"].as_array().expect("cells");
    let steps = |state: &str, cause: &str, role: &str| {
        let cell = cells.iter().find(|cell| cell["state"] == state && cell["cause"] == cause).expect("the cell");
        cell[role]["steps"].as_u64().expect("a number")
    };
    assert!(steps("COMMUNICATIONS-INTERRUPTED", "operator: partner down", "secondary") > 0);
    assert!(
        steps("RECOVER-WAIT", "RECOVER-WAIT over", "secondary") + steps("RECOVER-WAIT", "RECOVER-WAIT over", "primary")
            > 0
    );
    assert_eq!(steps("PARTNER-DOWN", "safe period over", "primary"), 0, "nothing of the kind can happen");
    let readings = json["readings"].as_array().expect("readings");
    let reading = |word: &str| {
        let found = readings.iter().find(|one| one["question"] == "partner-down-wait" && one["reading"] == word);
        found.expect("the reading")["exercised"]["by"].to_string()
    };
    assert!(reading("no-mclt").contains("m01-no-mclt-in-wait-duplicate"), "{}", reading("no-mclt"));
    assert!(!reading("full").contains("m01-no-mclt-in-wait-duplicate"), "{}", reading("full"));
    let entries = json["requirements"].as_array().expect("requirements");
    let entry = entries.iter().find(|entry| entry["id"].as_str().is_some_and(|id| id.ends_with("-9.4.2-a")));
    let entry = entry.expect("the entry");
    assert!(entry["steps"].as_u64() > Some(0) && entry["claims"].to_string().contains("partner-down-wait"), "{entry}");
    let html = text(&["coverage", "--states", "10"]);
    assert!(is_balanced(&html) && html.contains("Arcs of the transition table"), "{html}");
}

#[test]
fn a_trace_of_one_process_has_nothing_of_others() {
    let itf: serde_json::Value =
        serde_json::from_str(&text(&["scenarios/partition.toml", "--itf", "--only", "secondary"])).expect("JSON");
    let states = itf["states"].as_array().expect("states");
    assert!(
        states.len() > 2 && states.iter().all(|state| state["primary"].is_null() && state["secondary"].is_object())
    );
    let all: serde_json::Value = serde_json::from_str(&text(&["scenarios/partition.toml", "--itf"])).expect("JSON");
    assert!(states.len() < all["states"].as_array().expect("states").len(), "what others do is left out");
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
    let (code, says) = run(&["scenarios/partition.toml", "--only", "primary"]);
    assert!(code == Some(2) && says.contains("--itf"), "{code:?}: {says}");
    let (code, says) = run(&["scenarios/partition.toml", "--itf", "--only", "nobody"]);
    assert!(code == Some(2) && says.contains("client0"), "{code:?}: {says}");
    let broken = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-broken.json", std::process::id()));
    for (content, part) in
        [("{\n\"models\": [", "broken.json:2:"), ("{}", "nothing that can be reported"), ("7", "nothing that can")]
    {
        std::fs::write(&broken, content).expect("a file");
        let (code, says) = run(&[broken.to_str().expect("a path")]);
        assert!(code == Some(2) && says.contains(part), "{code:?}: {says}");
    }
    std::fs::remove_file(&broken).expect("the file");
    let (code, says) = run(&["coverage", "--verdicts", "no-such.json"]);
    assert!(code == Some(2) && says.contains("no-such.json"), "{code:?}: {says}");
    let (code, says) = run(&["scenarios/partition.toml", "models/one-address.toml", "--out", "x"]);
    assert!(code == Some(2) && says.contains("--out"), "{code:?}: {says}");
}
