//! The command from outside: exit codes, what is printed where, and what is written.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const HOLDS: &str = r#"
title = "One lease"
class = "smoke"
claims = ["no-duplicate-address", "mclt-bound"]
reaches = ["lease-given"]
[budgets]
leases = 1
"#;

const BROKEN: &str = r#"
base = "../holds.toml"
title = "Leases without bound"
class = "broken"
claims = ["no-duplicate-address"]
[budgets]
crashes = 1
partner-downs = 1
leases = 2
[rules]
lead-base = "unbounded"
[expect]
verdict = "refuted"
length = 4
"#;

/// A folder with a model that holds and one that is broken.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("models/broken")).unwrap();
        let folder = Folder(path);
        folder.write("models/holds.toml", HOLDS);
        folder.write("models/broken/b.toml", BROKEN);
        folder
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// Everything in the folder itself, hidden files too.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn run(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dhcpfo"));
        let output = command.args(args).current_dir(&self.0).stdin(Stdio::null()).output().unwrap();
        Ran::from(output)
    }
}

/// What a run left behind.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

#[test]
fn all_as_expected_is_0() {
    let folder = Folder::new("all_as_expected");
    let ran = folder.run(&["check", "--no-times"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 3, "{}", ran.out);
    assert!(lines[0].starts_with("models/holds.toml     holds    1 claim holds, 1 without occasion  "), "{}", lines[0]);
    assert!(lines[1].starts_with("models/broken/b.toml  refuted  no-duplicate-address in 4  "), "{}", lines[1]);
    assert!(lines[..2].iter().all(|line| line.ends_with("  as expected")));
    assert_eq!(lines[2], "2 models: 2 as expected, 0 not");
    assert_eq!(folder.run(&["check", "--no-times", "--threads", "1"]).out, ran.out);
    assert_eq!(folder.run(&["check", "--quiet"]).out, "");
}

#[test]
fn one_refuted_model_shows_its_counterexample() {
    let folder = Folder::new("one_refuted");
    let ran = folder.run(&["check", "models/broken/b.toml", "--no-times"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("no-duplicate-address is refuted in 4 actions:\n  No two clients"), "{}", ran.out);
    assert!(ran.out.contains("   1      0:00:00  client 0 obtain a0 primary"), "{}", ran.out);
}

#[test]
fn not_as_expected_is_1() {
    let folder = Folder::new("not_as_expected");
    folder.write("models/holds.toml", &format!("{HOLDS}[expect]\nstates = 3\n"));
    let ran = folder.run(&["check", "models/holds.toml"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("NOT AS EXPECTED\n  not as expected: expected 3 unique states, found "), "{}", ran.out);
    assert!(ran.out.ends_with("  repeat with: dhcpfo check models/holds.toml\n"), "{}", ran.out);

    folder.write("models/holds.toml", &HOLDS.replace("lease-given", "paused"));
    let ran = folder.run(&["check", "models/holds.toml"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("not as expected: never reached: paused"), "{}", ran.out);

    folder.write("models/holds.toml", HOLDS);
    folder.write("models/broken/b.toml", &BROKEN.replace("length = 4", "length = 5"));
    let ran = folder.run(&["check", "--quiet"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("expected no-duplicate-address to be refuted in 5, not in 4"), "{}", ran.out);

    let study = BROKEN.replace("broken", "study").split("[expect]").next().unwrap().to_owned();
    folder.write("models/broken/b.toml", &study);
    let ran = folder.run(&["check", "models/holds.toml", "models/broken/b.toml"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("not as expected: expected: holds"), "{}", ran.out);
    assert!(ran.out.contains("is refuted in 4 actions"), "an unexpected counterexample is shown: {}", ran.out);
}

#[test]
fn wrong_command_lines_and_files_are_2() {
    let folder = Folder::new("wrong");
    for args in [
        &["check", "--threads", "0"][..],
        &["check", "--clock", "sundial"],
        &["check", "--nonsense"],
        &["check", "gone.toml"],
        &["check", "models/broken"],
        &["check", "--class", "full"],
        &["check", "--save-scenario", "x.toml"],
        &["check", "models/holds.toml", "--junit", "gone/x.xml"],
        &["check", "models/holds.toml", "--junit", "models"],
        &["play"],
        &["play", "gone.toml"],
        &["list", "weather"],
        &["list", "scenarios"],
        &["dance"],
        &[],
    ] {
        let ran = folder.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}: {ran:?}");
        assert!(!ran.err.is_empty() && !ran.err.contains("panicked"), "{args:?}: {ran:?}");
    }
    assert_eq!(folder.names(), ["models"]);
}

#[test]
fn all_that_is_wrong_is_told_before_anything_runs() {
    let folder = Folder::new("all_wrong");
    folder.write("models/a.toml", &HOLDS.replace("leases = 1", "lease = 1\ncrashes = -1"));
    folder.write("models/holds.toml", &HOLDS.replace("leases = 1", "leases = 999"));
    let ran = folder.run(&["check", "--junit", "j.xml"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    let lines: Vec<&str> = ran.err.lines().collect();
    // The broken model is based on the second file; its fault is told once.
    assert_eq!(lines.len(), 3, "{}", ran.err);
    assert!(lines[0].starts_with("models/a.toml:7: budgets.lease: there is no such key; did you mean `leases`?"));
    assert!(lines[1].starts_with("models/a.toml:8: budgets.crashes: -1 is too few (accepted: a number from 0 to 254"));
    assert!(lines[2].starts_with("models/holds.toml:7: budgets.leases: 999 is too many"), "{}", lines[2]);
    assert_eq!(folder.names(), ["models"]);
}

#[test]
fn without_models_the_error_says_where_to_go() {
    let folder = Folder::new("no_models");
    fs::remove_dir_all(folder.0.join("models")).unwrap();
    for args in [&["check"][..], &["list", "models"]] {
        let ran = folder.run(args);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains("there is no folder `models` here"), "{}", ran.err);
    }
}

#[test]
fn cut_off_is_3_unless_expected() {
    let folder = Folder::new("cut_off");
    let ran = folder.run(&["check", "models/holds.toml", "--depth", "1"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.out.contains("cut-off  by depth, 2 claims not refuted"), "{}", ran.out);
    assert!(ran.out.ends_with("  repeat with: dhcpfo check models/holds.toml --depth 1\n"), "{}", ran.out);
    let ran = folder.run(&["check", "models/broken/b.toml", "--states", "2"]);
    assert_eq!(ran.code, 3, "{ran:?}");

    let bounded = format!("{HOLDS}[limits]\ndepth = 1\n[expect]\nverdict = \"cut-off\"\nbound = \"depth\"\n");
    folder.write("models/holds.toml", &bounded);
    let ran = folder.run(&["check", "models/holds.toml"]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn json_is_one_stable_document() {
    let folder = Folder::new("json");
    let ran = folder.run(&["check", "--json", "--no-times"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["version"], 1);
    assert_eq!(document["exit"], 0);
    let [holds, broken] = &document["models"].as_array().unwrap()[..] else { panic!("{document}") };
    assert_eq!((&holds["verdict"], &holds["claims"][1]["verdict"]), (&"holds".into(), &"holds".into()));
    // There is one lease, so that nobody could be given what another has.
    assert_eq!(holds["claims"][0]["verdict"], "no-occasion");
    assert_eq!(holds["seen"]["states"]["NORMAL"], format!("NORMAL {}", holds["unique"]));
    assert_eq!(holds["witnesses"][0]["length"], 1);
    assert!(holds.get("seconds").is_none());
    let claim = &broken["claims"][0];
    assert_eq!((&claim["verdict"], &claim["length"]), (&"refuted".into(), &4.into()));
    assert_eq!(claim["path"].as_array().unwrap().len(), 4);
    assert_eq!(claim["path"][0]["at"], "0s");
    assert_eq!(folder.run(&["check", "--json", "--no-times", "--threads", "2"]).out, ran.out);
    let timed: serde_json::Value = serde_json::from_str(&folder.run(&["check", "--json"]).out).unwrap();
    assert!(timed["models"][0]["seconds"].is_number() && timed["models"][0]["peak-bytes"].is_number());
}

#[test]
fn junit_is_written_whole() {
    let folder = Folder::new("junit");
    folder.write("models/holds.toml", &format!("{HOLDS}[expect]\nstates = 3\n"));
    let ran = folder.run(&["check", "--junit", "j.xml", "--no-times", "--quiet"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let xml = folder.read("j.xml");
    assert!(xml.contains("tests=\"2\" skipped=\"0\" failures=\"1\" errors=\"0\""), "{xml}");
    assert!(xml.contains("<testcase name=\"models/broken/b.toml\" classname=\"dhcpfo.broken\">"), "{xml}");
    assert!(xml.contains("<failure message=\"holds; expected 3 unique states, found "), "{xml}");
    assert_eq!(folder.names(), ["j.xml", "models"]);
}

#[test]
fn counterexamples_are_saved_and_played() {
    let folder = Folder::new("saved");
    // With these lengths the first lease is over before the wait is: the small lengths alone have a run.
    let short = "[time]\norder = []\n[time.seconds]\nlease = \"30m\"\npotential = \"45m\"\n";
    for (clock, more, small) in [("timeout-order", "", false), ("ticks", "", false), ("ticks", short, true)] {
        fs::create_dir_all(folder.0.join("scenarios/found")).unwrap();
        folder.write("models/broken/b.toml", &format!("{BROKEN}{more}"));
        let name = format!("scenarios/found/{clock}.toml");
        let ran = folder.run(&["check", "models/broken/b.toml", "--clock", clock, "--save-scenario", &name, "--quiet"]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
        let text = folder.read(&name);
        assert!(text.contains("model = \"../../models/broken/b.toml\"\n"), "{text}");
        assert!(text.contains("[expect]\nrefutes = \"no-duplicate-address\"\n"), "{text}");
        assert_eq!(text.contains("lengths = \"small\""), small, "{text}");
        let ran = folder.run(&["play", &name]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.out.contains("! REFUTED no-duplicate-address: No two clients"), "{}", ran.out);
        assert!(ran.out.contains("refuted   no-duplicate-address, as expected\n"), "{}", ran.out);
    }
    let ran = folder.run(&["check", "models/holds.toml", "--save-scenario", "none.toml"]);
    assert_eq!(ran.code, 0);
    assert!(ran.err.contains("nothing is refuted, so none.toml is not written"), "{}", ran.err);
    assert_eq!(folder.names(), ["models", "scenarios"]);
}

fn scenario(folder: &Folder, script: &str, rest: &str) -> Ran {
    folder.write(
        "s.toml",
        &format!("title = \"s\"\nmodel = \"models/broken/b.toml\"\nscript = \"\"\"\n{script}\n\"\"\"\n{rest}"),
    );
    folder.run(&["play", "s.toml"])
}

#[test]
fn playing_compares_with_what_is_expected() {
    let folder = Folder::new("playing");
    let ran = scenario(&folder, "client 0 obtain a0 primary\nsettle\nexpect a0 secondary ACTIVE 0", "");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    let ran = scenario(&folder, "client 0 obtain a0 primary\nexpect a0 secondary ACTIVE 0", "");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("expect a0 secondary ACTIVE 0: NOT MET: a0 secondary is FREE"), "{}", ran.out);
    assert!(ran.out.ends_with("repeat    dhcpfo play s.toml\n"), "{}", ran.out);
    let ran = scenario(&folder, "client 0 obtain a0 primary", "[expect]\nrefutes = \"no-duplicate-address\"\n");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("refuted   nothing, NOT as expected: no-duplicate-address"), "{}", ran.out);
}

#[test]
fn a_line_that_is_not_enabled_is_told_with_those_that_are() {
    let folder = Folder::new("not_enabled");
    let ran = scenario(&folder, "# a story\n\nlink up", "");
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.starts_with("s.toml:6: script: `link up`: it is not enabled; these actions are enabled:\n"));
    assert!(ran.err.contains("\n  client 0 obtain a0 primary\n"), "{}", ran.err);
    let ran = scenario(&folder, "client 0 obtain a0 primary\nwait 1h", "");
    assert_eq!(ran.code, 2, "{ran:?}");
    let expected = "s.toml:5: script: `wait 1h`: time may not pass while something else has to happen first; \
                    these actions are enabled:\n  deliver secondary\n";
    assert_eq!(ran.err, expected);
}

#[test]
fn traces_are_lines_of_json() {
    let folder = Folder::new("traces");
    scenario(&folder, "client 0 obtain a0 primary\nsettle\nwait 1h\nexpect client 0 a0", "");
    let ran = folder.run(&["play", "s.toml", "--json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let lines: Vec<serde_json::Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["line"], "header");
    assert_eq!(lines[1]["action"], "client 0 obtain a0 primary");
    assert_eq!(lines.last().unwrap()["as-expected"], true);
}

#[test]
fn traces_are_played_again_and_compared() {
    let folder = Folder::new("replayed");
    scenario(&folder, "client 0 obtain a0 primary\nsettle\nwait 1h\nexpect client 0 a0", "");
    let trace = folder.run(&["play", "s.toml", "--json"]).out;
    folder.write("t.jsonl", &trace);
    let ran = folder.run(&["play", "t.jsonl"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    assert!(ran.out.ends_with("replayed  t.jsonl: every step as in the trace\n"), "{}", ran.out);
    assert!(trace.contains("BNDACK"));
    folder.write("t.jsonl", &trace.replacen("BNDACK", "BNDUPD", 1));
    let ran = folder.run(&["play", "t.jsonl"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.starts_with("t.jsonl:3: is played otherwise: "), "{}", ran.err);
    let cut = trace.lines().take(3).map(|line| format!("{line}\n")).collect::<String>();
    folder.write("t.jsonl", &cut);
    let ran = folder.run(&["play", "t.jsonl"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert_eq!(ran.err, "t.jsonl:3: a trace ends with its end; this one was cut off\n");
}

#[test]
fn what_is_not_as_it_was_is_told() {
    let folder = Folder::new("baseline");
    let before = folder.run(&["check", "--json", "--no-times"]).out;
    folder.write("before.json", &before);
    let same = folder.run(&["check", "--baseline", "before.json", "--quiet"]);
    assert_eq!((same.code, same.out.as_str(), same.err.as_str()), (0, "", ""));
    // A weaker rule: refuted in fewer actions than it was.
    folder.write("before.json", &before.replace("\"length\": 4,", "\"length\": 6,"));
    let ran = folder.run(&["check", "--baseline", "before.json", "--no-times", "--github"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let told = "models/broken/b.toml\n  no-duplicate-address: refuted in 4, was refuted in 6\n\
        1 of 2 models are not as in before.json\n\
        ::error file=models/broken/b.toml,title=not as in the baseline::no-duplicate-address: refuted in 4, was refuted in 6\n";
    assert!(ran.out.ends_with(told), "{}", ran.out);
    let json = folder.run(&["check", "--baseline", "before.json", "--json", "--no-times"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((json["exit"].as_u64(), json["baseline"].as_array().unwrap().len()), (Some(1), 1));
    // A model that is gone counts where all were asked for.
    fs::remove_file(folder.0.join("models/broken/b.toml")).unwrap();
    let gone = folder.run(&["check", "--baseline", "before.json", "--quiet"]);
    assert!(gone.code == 1 && gone.out.contains("model: not searched any more, was refuted"), "{gone:?}");
    assert_eq!(folder.run(&["check", "models/holds.toml", "--baseline", "before.json"]).code, 0);
    folder.write("before.json", "{}");
    let bad = folder.run(&["check", "--baseline", "before.json"]);
    assert_eq!((bad.code, bad.out.as_str()), (2, ""));
    assert!(
        bad.err
            .starts_with("before.json: without a \"version\" that is a number, this is not the verdicts of a search"),
        "{}",
        bad.err
    );
}

#[test]
fn two_models_are_compared() {
    let folder = Folder::new("diff");
    let model = "models/holds.toml";
    let same = folder.run(&["diff", model, model]);
    assert_eq!((same.code, same.err.as_str()), (0, ""), "{same:?}");
    assert!(same.out.contains("0 of 2 claims differ") && same.out.ends_with("part them:\n  none\n"), "{}", same.out);
    let other = folder.run(&["diff", model, "--with", "lead-base=unbounded"]);
    assert_eq!(other.code, 1);
    let claim = "mclt-bound                    first: holds; second: refuted in 1\n1 of 2 claims differ\n";
    assert!(other.out.contains(claim), "{}", other.out);
    let step = "changed: both do this, to another end; 1 action:\n   1      0:00:00  client 0 obtain a0 primary\n";
    assert!(other.out.contains(step), "{}", other.out);
    assert!(other.out.contains("primary REPLY client 0 ACK a0, ends +1h\n"), "{}", other.out);
    assert!(other.out.contains("primary REPLY client 0 ACK a0, ends +3d\n"), "{}", other.out);
    let json = folder.run(&["diff", model, "--with", "lead-base=unbounded", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&json["partings"][0]["both"], &json["exhausted"]), (&true.into(), &true.into()));
    // With another budget every step is another one.
    let budget = folder.run(&["diff", model, "models/broken/b.toml"]);
    assert!(budget.out.contains("behaviours were not compared"), "{}", budget.out);
    for (with, told) in [
        ("lead-base=x", "accepted: acked-or-received, acked, received"),
        ("dialect=x", "accepted: draft-12, isc-dhcpd-4.4"),
        ("x=y", "`x` is no question about the specification"),
    ] {
        let ran = folder.run(&["diff", model, "--with", with]);
        assert!(ran.code == 2 && ran.out.is_empty() && ran.err.contains(told), "{ran:?}");
    }
    assert_eq!(folder.run(&["diff", model]).code, 2);
}

#[test]
fn what_a_violation_does_not_need_is_marked() {
    let folder = Folder::new("minimise");
    let script = "client 0 obtain a0 primary\ncrash primary\nnotice secondary\n\
                  operator secondary partner-down\nrestart primary\nwait 4d\nclient 1 obtain a0 secondary";
    let model = "models/broken/b.toml";
    let text =
        format!("title = \"t\"\nmodel = \"{model}\"\nscript = '''\n{script}\n'''\n[expect]\nrefutes = \"nothing\"\n");
    folder.write("s.toml", &text);
    let none = folder.run(&["play", "--minimise", "s.toml"]);
    assert_eq!((none.code, none.out.as_str()), (2, ""), "{none:?}");
    assert!(none.err.contains("nothing is refuted"), "{}", none.err);
    folder.write("s.toml", &text.replace("wait 4d", "wait 2h"));
    let ran = folder.run(&["play", "--minimise", "s.toml", "--save", "least.toml"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    assert!(ran.out.starts_with("s.toml: no-duplicate-address is refuted, and needs 5 of 6 actions\n"), "{}", ran.out);
    assert!(ran.out.contains("\n-     0:00:00  restart primary\n"), "{}", ran.out);
    assert!(ran.out.contains("\ncrashes           1 of 1 needed\n"), "{}", ran.out);
    assert_eq!(folder.run(&["play", "least.toml"]).code, 0);
}

#[test]
fn captures_are_judged() {
    let folder = Folder::new("captures");
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../audit/tests/audit/captures");
    for name in ["link", "lan"] {
        fs::copy(captures.join(format!("isc-b01-{name}.pcap")), folder.0.join(format!("{name}.pcap"))).unwrap();
    }
    let ran = folder.run(&["audit", "link.pcap", "lan.pcap"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{ran:?}");
    assert!(ran.out.contains("violated no-duplicate-address"), "{}", ran.out);
    assert!(ran.out.contains("lan.pcap packet 21, lan.pcap packet 8"), "{}", ran.out);
    let json: serde_json::Value = serde_json::from_str(&folder.run(&["audit", "--json", "lan.pcap"]).out).unwrap();
    assert_eq!((json["exit"].as_u64(), json["findings"].as_array().unwrap().len()), (Some(1), 6));
    let held = folder.run(&["audit", "link.pcap"]);
    assert_eq!(held.code, 0, "{held:?}");
    folder.write("empty.pcap", "");
    let empty = folder.run(&["audit", "empty.pcap"]);
    assert_eq!((empty.code, empty.out.as_str()), (2, ""), "{empty:?}");
    assert!(empty.err.contains("empty.pcap"), "{}", empty.err);
    assert_eq!(folder.run(&["audit", "missing.pcap"]).code, 2);
}

#[test]
fn lists_have_what_there_is() {
    let folder = Folder::new("lists");
    for (what, word) in [
        ("models", "models/broken/b.toml  broken  Leases without bound"),
        ("claims", "no-duplicate-address\n  No two clients hold the same address"),
        ("audit", "connection-accepted\n  A server that wants to connect is let in"),
        ("witnesses", "lease-given\n"),
        ("rules", "acked-or-received  [text, isc-dhcpd-4.4]\n      The later of acked and received"),
        ("keys", "max-unacked = a number from 1 to 4; default 4"),
    ] {
        let ran = folder.run(&["list", what]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
        assert!(ran.out.contains(word), "{what}: {}", ran.out);
        let json = folder.run(&["list", what, "--json"]);
        assert!(serde_json::from_str::<serde_json::Value>(&json.out).is_ok(), "{}", json.out);
    }
    scenario(&folder, "link down", "");
    fs::create_dir(folder.0.join("scenarios")).unwrap();
    folder.write("scenarios/s.toml", &folder.read("s.toml").replace("models/", "../models/"));
    fs::create_dir(folder.0.join("scenarios/models")).unwrap();
    folder.write("scenarios/models/only-for-scenarios.toml", HOLDS);
    assert_eq!(folder.run(&["list", "scenarios"]).out, "scenarios/s.toml  s\n");
}

#[test]
fn help_and_version() {
    let folder = Folder::new("help");
    for args in [&["--help"][..], &["check", "--help"], &["play", "--help"], &["list", "--help"]] {
        let ran = folder.run(args);
        assert!(ran.code == 0 && ran.out.contains("Usage: dhcpfo"), "{args:?}: {ran:?}");
    }
    assert_eq!(folder.run(&["--version"]).out, format!("dhcpfo {}\n", env!("CARGO_PKG_VERSION")));
    let ran = folder.run(&["play", "--explain"]);
    assert!(ran.code == 0 && ran.out.starts_with("How to read a transcript\n"), "{ran:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Folder::new("broken_pipe");
    let mut command = Command::new(env!("CARGO_BIN_EXE_dhcpfo"));
    let command = command.args(["list", "keys"]).current_dir(&folder.0);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
}

#[test]
#[cfg(unix)]
fn ctrl_c_is_3_and_tells_what_was_covered() {
    use std::io::{BufRead, BufReader, Read};
    let folder = Folder::new("ctrl_c");
    let endless =
        HOLDS.replace("leases = 1", "leases = \"unlimited\"\ncrashes = 9\nlink-breaks = 9\npartner-downs = 9");
    folder.write("models/endless.toml", &format!("{endless}[limits]\nseconds = 60\n"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_dhcpfo"));
    let command = command.args(["check", "models/holds.toml", "models/endless.toml", "models/broken/b.toml"]);
    let mut child = command.current_dir(&folder.0).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let (mut first, mut rest) = (String::new(), String::new());
    // After the first line the second model begins; it goes on for a minute.
    out.read_line(&mut first).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3), "{first}{rest}");
    assert!(rest.starts_with("models/endless.toml   cut-off  by Ctrl-C, 2 claims not refuted"), "{rest}");
    assert!(rest.contains("3 models: 1 as expected, 1 not, 1 not searched"), "{rest}");
}

#[test]
fn stateright_searches_the_same_states_in_each_of_its_ways() {
    let folder = Folder::new("stateright");
    for search in ["bfs", "dfs", "on-demand"] {
        let holds = folder.run(&["stateright", "models/holds.toml", "--search", search]);
        assert_eq!((holds.code, holds.err.as_str()), (0, ""), "{}", holds.out);
        let states = folder.run(&["check", "models/holds.toml", "--json"]);
        let unique = states.out.split("\"unique\": ").nth(1).and_then(|rest| rest.split([',', '\n']).next()).unwrap();
        assert!(holds.out.contains(&format!("holds  {unique} states")), "{search}: {} {unique}", holds.out);
        let broken = folder.run(&["stateright", "models/broken/b.toml", "--search", search]);
        assert_eq!(broken.code, 1);
        assert!(broken.out.contains("no-duplicate-address, after"), "{}", broken.out);
    }
    let drawn = folder.run(&["stateright", "models/broken/b.toml", "--search", "simulation", "--seed", "1"]);
    assert_eq!(drawn.code, 1, "{}", drawn.out);
    let elsewhere = folder.run(&["stateright", "models/holds.toml", "--explorer", "0.0.0.0:3000"]);
    assert_eq!(elsewhere.code, 2);
    assert!(elsewhere.err.contains("only a loopback address"), "{}", elsewhere.err);
}

#[test]
fn a_search_where_one_state_stands_for_many_finds_the_same() {
    let folder = Folder::new("lazy");
    let progress = "base = \"holds.toml\"\ntitle = \"Progress\"\nclass = \"smoke\"\nclaims = [\"normal-reachable\"]\n";
    folder.write("models/progress.toml", progress);
    for clock in ["lazy", "lazy-exact"] {
        let ran = folder.run(&["check", "--no-times", "--json", "--clock", clock]);
        let left_out = format!("1 of 3 models are left out: they name a clock, or cannot be searched under {clock}");
        assert_eq!((ran.code, ran.err.contains(&left_out)), (0, true), "{ran:?}");
        assert!(ran.out.contains("\"length\": 4") && ran.out.contains("\"covering\": {"), "{}", ran.out);
        assert_eq!(folder.run(&["check", "--no-times", "--json", "--clock", clock, "--threads", "1"]).out, ran.out);
        let refused = folder.run(&["check", "--clock", clock, "models/progress.toml"]);
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(refused.err.contains("models/progress.toml: claims about whole runs"), "{}", refused.err);
        assert!(refused.err.contains("(accepted: timeout-order, ticks, exact)"), "{}", refused.err);
    }
}
