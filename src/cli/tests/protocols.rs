//! Models of small protocols at the command line: the verbs that take any protocol, and what is refused with a sentence.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dhcpfo"));
    let Output { status, stdout, stderr } =
        command.args(args).current_dir(folder).stdin(Stdio::null()).output().expect("the command runs");
    (status.code().expect("an exit code"), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn here(args: &[&str]) -> (i32, String, String) {
    run(&root(), args)
}

const BROKEN: [&str; 5] = [
    "models/fischer/broken/wait-too-short.toml",
    "models/lf2/broken/always-long.toml",
    "models/resource-sharing/broken/forgotten-grant.toml",
    "models/split-scope/broken/overlap.toml",
    "models/split-scope/broken/refused-renewal.toml",
];

#[test]
fn a_counterexample_is_found_saved_and_played() {
    for (number, model) in BROKEN.into_iter().enumerate() {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("protocols-{number}.toml"));
        let file = file.to_str().unwrap();
        let (code, out, err) = here(&["check", model, "--no-times", "--save-scenario", file]);
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        assert!(out.contains(" is refuted in "), "{out}");
        let (code, out, err) = here(&["play", file]);
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        assert!(out.contains("REFUTED ") && out.ends_with("as expected\n"), "{out}");
    }
}

/// A run that goes on for ever: told, written as JSON, saved, played and drawn, each with the place where it goes round.
#[test]
fn a_run_that_goes_round_for_ever_is_told_saved_played_and_drawn() {
    for (number, (model, claim, goes_round)) in ENDLESS.into_iter().enumerate() {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("endless-{number}.toml"));
        let file = file.to_str().unwrap();
        let (code, out, err) = here(&["check", model, "--no-times", "--save-scenario", file]);
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        let marks = if goes_round {
            vec!["this goes on for ever", "the second time"]
        } else {
            vec!["nothing more has to happen"]
        };
        let has_marks = |text: &str| marks.iter().all(|mark| text.contains(mark));
        assert!(out.contains(&format!("{claim} is refuted in ")) && out.contains("Fair: ") && has_marks(&out), "{out}");
        let json = |threads| here(&["check", model, "--no-times", "--json", "--threads", threads]).1;
        let document: Value = serde_json::from_str(&json("1")).expect("JSON");
        assert_eq!(json("2"), json("1"), "the same for any number of threads");
        let found = &document["models"][0]["claims"][0];
        let [begins, actions, length] = [&found["round"]["begins"], &found["round"]["actions"], &found["length"]]
            .map(|number| number.as_u64().expect("a number"));
        assert_eq!((begins + actions, actions > 0), (length, goes_round), "{found}");
        assert_eq!(found["path"].as_array().map(Vec::len), Some((begins + 2 * actions) as usize), "{found}");
        let (code, out, err) = here(&["play", file]);
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        assert!(has_marks(&out) && out.contains("as expected\n"), "{out}");
        for form in ["--svg", "--mermaid"] {
            let (code, out, err) = here(&["report", file, form]);
            assert_eq!((code, err.as_str()), (0, ""), "{out}");
            assert!(has_marks(&out) && out.contains('↻'), "{out}");
        }
    }
}

const ENDLESS: [(&str, &str, bool); 4] = [
    ("models/fischer/broken/nobody-looks.toml", "named-then-inside", false),
    ("models/resource-sharing/broken/late-for-ever.toml", "asked-then-used", true),
    ("models/broken/fair-edge.toml", "conflict-ends", false),
    ("models/broken/fair-links.toml", "normal-follows", true),
];

#[test]
fn random_runs_refute_and_shrink() {
    for model in BROKEN {
        let seed = |jobs| here(&["simulate", model, "--no-times", "--json", "--jobs", jobs]);
        let (code, out, err) = seed("1");
        assert_eq!((code, err.as_str()), (0, ""), "{model}: {out}");
        let document: Value = serde_json::from_str(&out).expect("JSON");
        let failure = &document["models"][0]["failures"][0];
        assert!(failure["shrunk-to"].as_u64() <= failure["actions"].as_u64(), "{out}");
        assert_eq!(seed("2").1, out, "the same for any number of threads");
    }
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    let json = |threads| {
        let args = ["check", "models/fischer/three.toml", "models/resource-sharing/broken/no-margin.toml", "--json"];
        here(&[&args[..], &["--no-times", "--threads", threads]].concat())
    };
    let (code, out, _) = json("1");
    assert_eq!((code, json("2").1), (0, out.clone()));
    let document: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(document["models"][0]["unique"], 112);
    assert_eq!(document["models"][1]["claims"][0]["verdict"], "refuted");
}

#[test]
fn stateright_cross_and_list_take_them() {
    let (code, out, _) = here(&["stateright", "models/resource-sharing/two.toml"]);
    assert!(code == 0 && out.contains("  holds  200 states  "), "{out}");
    assert_eq!(here(&["stateright", "models/fischer/broken/no-wait.toml"]).0, 1);
    let (code, out, _) = here(&["cross", "models/fischer/four.toml", "models/split-scope/disjoint.toml"]);
    assert!(code == 0 && out.lines().all(|line| line.ends_with("agree")), "{out}");
    let (code, out, _) = here(&["list", "protocols"]);
    assert!(
        code == 0
            && ["draft-12", "fischer", "kea-ha", "lf2", "resource-sharing", "split-scope"]
                .iter()
                .all(|p| out.contains(p))
    );
    assert!(here(&["list", "models"]).1.contains("models/lf2/2-1-1.toml"));
    assert!(here(&["list", "scenarios"]).1.contains("scenarios/protocols/fischer-too-hasty.toml "));
}

#[test]
fn every_scenario_of_a_small_protocol_is_as_it_says() {
    let folder = root().join("scenarios/protocols");
    let mut files: Vec<String> = fs::read_dir(folder)
        .expect("scenarios")
        .map(|entry| format!("scenarios/protocols/{}", entry.unwrap().file_name().to_string_lossy()))
        .collect();
    files.sort();
    assert!(files.len() >= 7);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let (code, out, err) = here(&[&["play"], &files[..]].concat());
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let (code, out, _) = here(&[&["play", "--json"], &files[..1]].concat());
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((code, &lines[0]["kind"], &lines[0]["version"]), (0, &"dhcpfo-play".into(), &1.into()));
    assert_eq!(lines.last().unwrap()["as-expected"], true);
}

#[test]
fn what_is_of_another_protocol_is_2_with_file_line_and_what_would_be_accepted() {
    const HEAD: &str = "title = \"x\"\nclass = \"smoke\"\n";
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("protocols-bad");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let cases = [
        (
            "protocol = \"fisher\"\nclaims = \"all\"\n",
            "x.toml:3: protocol: there is no protocol `fisher`; did you mean `fischer`? (accepted: draft-12, fischer, kea-ha, lf2, ",
        ),
        (
            "protocol = \"fischer\"\nclaims = [\"mclt-bound\"]\n",
            "x.toml:4: claims: there is no claim of fischer `mclt-bound` (accepted: mutual-exclusion, named-inside, named-then-inside)",
        ),
        (
            "protocol = \"fischer\"\nclaims = \"all\"\n[system]\naddresses = [\"primary\"]\n",
            "x.toml:6: system.addresses: there is no such key (accepted: processes, waits, looks)",
        ),
        (
            "protocol = \"fischer\"\nclaims = \"all\"\n[budgets]\nleases = 2\n",
            "x.toml:5: budgets: there is no such key (accepted: protocol, ",
        ),
        ("claims = [\"mutual-exclusion\"]\n", "x.toml:3: claims: there is no claim `mutual-exclusion` (accepted: no-"),
        ("claims = \"all\"\n[system]\nprocesses = 2\n", "x.toml:5: system.processes: there is no such key (accepted: "),
    ];
    for (text, error) in cases {
        fs::write(folder.join("x.toml"), format!("{HEAD}{text}")).unwrap();
        let (code, out, err) = run(&folder, &["check", "x.toml"]);
        assert_eq!((code, out.as_str()), (2, ""), "{text}");
        assert!(err.starts_with(error) && err.lines().count() == 1, "{text}: {err}");
    }
}

#[test]
fn two_models_are_compared() {
    let (two, sharing) = ("models/fischer/two.toml", "models/resource-sharing/two.toml");
    let (code, out, err) = here(&["diff", two, two]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(
        out.contains("0 of 2 claims differ")
            && out.ends_with("35 states are reached alike by both; kinds of steps that part them:\n  none\n"),
        "{out}"
    );
    // A mutant that is a model, and the same by a key.
    for args in [&["diff", two, "models/fischer/broken/no-look.toml"][..], &["diff", two, "--with", "looks=false"]] {
        let (code, out, err) = here(args);
        assert_eq!((code, err.as_str()), (1, ""), "{out}");
        assert!(out.contains("named-inside                  first: holds; second: refuted in 5\n"), "{out}");
        assert!(out.contains("gained: only the second does this; 5 actions:\n"), "{out}");
        assert!(out.contains("first  cannot do this\n           second  p0: inside\n"), "{out}");
    }
    // What the model's lengths let both do shows no difference: it is told without times.
    let (_, out, _) = here(&["diff", two, "models/fischer/broken/no-wait.toml"]);
    assert!(
        out.contains("   5  p0 gives up\n      (no times for the model's lengths were found that show it)\n"),
        "{out}"
    );
    let (code, out, _) = here(&["diff", sharing, "--with", "stores=false", "--json"]);
    let json: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, &json["kind"], &json["common-states"]), (1, &"dhcpfo-diff".into(), &115.into()));
    let parting = &json["partings"][0];
    assert_eq!((&parting["both"], &parting["path"][2]["action"]), (&true.into(), &"coordinator crashes".into()));
    // States of another number of processes, or under another order of lengths, mean something else.
    for other in ["models/fischer/three.toml", "models/fischer/broken/wait-too-short.toml"] {
        assert!(
            here(&["diff", two, other]).1.contains("behaviours were not compared: they begin otherwise"),
            "{other}"
        );
    }
    let (code, out, _) = here(&["diff", "models/lf2/2-1-2.toml", "models/lf2/2-1-2.toml", "--states", "50"]);
    assert!(code == 3 && out.contains("(not all were looked at)"), "{out}");
}

#[test]
fn models_of_two_protocols_are_not_compared() {
    let (two, sharing) = ("models/fischer/two.toml", "models/resource-sharing/two.toml");
    for (args, error) in [
        (
            [two, sharing],
            "models/resource-sharing/two.toml:1: protocol: is `resource-sharing`, and models/fischer/two.toml is a model of fischer (accepted: fischer)\n",
        ),
        (
            ["models/one-address.toml", two],
            "models/fischer/two.toml:1: protocol: is `fischer`, and models/one-address.toml is a model of draft-12 (accepted: draft-12)\n",
        ),
        (
            [two, "models/one-address.toml"],
            "models/one-address.toml:1: protocol: is `draft-12`, and models/fischer/two.toml is a model of fischer (accepted: fischer)\n",
        ),
    ] {
        let (code, out, err) = here(&["diff", args[0], args[1]]);
        assert_eq!((code, out.as_str(), err.as_str()), (2, "", error));
    }
    for (with, error) in [
        ("waits=7", "--with waits=7: system.waits: the number 7 will not do (accepted: true or false)\n"),
        (
            "luks=true",
            "--with luks=true: system.luks: there is no such key; did you mean `looks`? (accepted: processes, ",
        ),
    ] {
        let (code, out, err) = here(&["diff", two, "--with", with]);
        assert!(code == 2 && out.is_empty() && err.starts_with(error), "{err}");
    }
}

#[test]
fn combinations_of_what_a_protocol_bounds_are_searched() {
    let json = |model: &str, weight: &str| {
        let (code, out, err) = here(&["check", model, "--lattice", "--weight", weight, "--json"]);
        assert_eq!(err, "");
        (code, serde_json::from_str::<Value>(&out).expect("JSON"))
    };
    let (code, good) = json("models/resource-sharing/bounded.toml", "4");
    assert_eq!((code, &good["frontier"]), (0, &"decided for all combinations of weight up to 4".into()));
    let combinations = good["weights"].as_array().unwrap().iter().map(|row| row["combinations"].as_u64().unwrap());
    assert_eq!(combinations.collect::<Vec<_>>(), [1, 2, 3, 2, 1]);
    // Without a crash nobody is declared down, so that no lease is too long.
    let (code, bad) = json("models/lf2/broken/always-long.toml", "3");
    assert_eq!((code, bad["refuted"].as_array().map(Vec::len)), (1, Some(1)));
    assert_eq!(bad["refuted"][0]["budgets"], serde_json::json!({"capacity": 1, "crashes": 1}));
    assert_eq!(bad["refuted"][0]["length"], 9);
    // It goes on from its log, and from that of no other model.
    let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join("protocols-lattice.jsonl");
    let _ = fs::remove_file(&log);
    let log = log.to_str().unwrap();
    let logged = |model| here(&["check", model, "--lattice", "--weight", "3", "--log", log]);
    let first = logged("models/lf2/broken/always-long.toml");
    let written = fs::read_to_string(log).unwrap();
    assert_eq!(logged("models/lf2/broken/always-long.toml"), first);
    assert_eq!(fs::read_to_string(log).unwrap(), written, "nothing is searched twice");
    assert!(
        first.1.ends_with("REFUTED no-duplicate-address in 9 actions, with capacity = 1, crashes = 1\n"),
        "{first:?}"
    );
    let (code, _, err) = logged("models/lf2/2-1-2.toml");
    assert!(code == 2 && err.contains(":1: is about another model than models/lf2/2-1-2.toml is now"), "{err}");
}

#[test]
fn what_bounds_nothing_has_no_combinations() {
    for (model, error) in [
        (
            "models/fischer/two.toml",
            "models/fischer/two.toml: fischer has no budgets to combine (accepted: models of draft-12, lf2, resource-sharing",
        ),
        (
            "models/resource-sharing/two.toml",
            "models/resource-sharing/two.toml: system: bounds nothing, so there is nothing to combine (accepted: crashes, losses)",
        ),
    ] {
        let (code, out, err) = here(&["check", model, "--lattice", "--weight", "1"]);
        assert!(code == 2 && out.is_empty() && err.starts_with(error), "{err}");
    }
}

#[test]
fn verbs_that_know_draft_12_only_say_so() {
    let model = "models/fischer/two.toml";
    let only = "models/fischer/two.toml:1: protocol: is `fischer`, and this goes with models of draft-12 only (accepted: draft-12)\n";
    let (code, out, err) = here(&["check", model, "--twins"]);
    assert_eq!((code, out.as_str(), err.as_str()), (2, "", only));
    for args in [&["check", model, "--clock", "untimed"][..], &["simulate", model, "--refine"]] {
        let (code, out, err) = here(args);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(err.contains(model), "{args:?}: {err}");
    }
    for form in ["--json", "--itf", "--pcap"] {
        let (code, out, err) = here(&["report", BROKEN[0], form]);
        assert_eq!((code, out.as_str()), (2, ""), "{form}");
        assert!(
            err.contains("a play of fischer has no such form (accepted: --html, --md, --svg, --mermaid; "),
            "{err}"
        );
    }
}

/// A scenario of Fischer's processes that look again at once.
fn scenario(name: &str, lines: &[&str]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let model = root().canonicalize().unwrap().join("models/fischer/broken/no-wait.toml");
    let (model, script) = (model.display(), lines.join("\n"));
    fs::write(&path, format!("title = \"x\"\nmodel = \"{model}\"\nscript = '''\n{script}\n'''\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn what_a_violation_does_not_need_is_marked() {
    let needless = ["p0 reads", "p0 writes", "at 1m p0 enters", "p0 leaves"];
    let needed = ["p0 reads", "p1 reads", "wait 1", "p0 writes", "p0 enters", "p1 writes", "p1 enters"];
    let whole = scenario("protocols-whole.toml", &[&needless[..], &needed].concat());
    let least = Path::new(env!("CARGO_TARGET_TMPDIR")).join("protocols-least.toml");
    let least = least.to_str().unwrap();
    let (code, out, err) = here(&["play", "--minimise", &whole, "--save", least]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains(": mutual-exclusion is refuted, and needs 6 of 10 actions\n"), "{out}");
    assert_eq!(out.lines().filter(|line| line.starts_with("- ")).count(), 4, "{out}");
    assert!(out.contains("-     0:01:00  p0 leaves\n      0:01:00  p0 reads\n"), "{out}");
    let (code, out, _) = here(&["play", least]);
    assert!(code == 0 && out.contains("refuted   mutual-exclusion\n"), "{out}");
    assert_eq!((out.matches("p0 reads\n").count(), out.matches("leaves").count()), (1, 0), "{out}");
    for (name, line, problem) in [
        (
            "protocols-parts.toml",
            "at 0+1/2 p0 reads",
            ":4: script: `p0 reads`: it counts parts of a second: whole seconds ",
        ),
        ("protocols-right.toml", "p0 reads", ": nothing is refuted, so there is nothing that is needed for it\n"),
    ] {
        let (code, out, err) = here(&["play", "--minimise", &scenario(name, &[line])]);
        assert!(code == 2 && out.is_empty() && err.contains(problem), "{err}");
    }
}

#[test]
fn a_counterexample_and_a_scenario_are_reported() {
    for model in BROKEN {
        let (code, html, err) = here(&["report", model]);
        assert_eq!((code, err.as_str()), (0, ""));
        for part in ["<svg", "✗ ", "What happened", "dhcpfo check models/"] {
            assert!(html.contains(part), "{model}: {part}");
        }
        let [svg, mermaid] = ["--svg", "--mermaid"].map(|form| here(&["report", model, form]).1);
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"), "{svg}");
        assert!(mermaid.starts_with("sequenceDiagram\n  participant L0 as "), "{mermaid}");
    }
    let (code, text, _) = here(&["report", "scenarios/protocols/sharing-late-grant.toml", "--md"]);
    assert_eq!(code, 0);
    for part in [
        "* protocol: resource-sharing\n",
        "lease 1m",
        "```mermaid\nsequenceDiagram",
        "✗ mutual-exclusion",
        "deliver grant 0",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let (code, _, err) = here(&["report", "models/fischer/two.toml"]);
    assert!(code == 2 && err.contains("models/fischer/two.toml: nothing is refuted"), "{err}");
}

/// What was played is played again, and what comes of it otherwise is told with its line.
#[test]
fn a_trace_is_played_again() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("protocols-trace.jsonl");
    let path = file.to_str().unwrap();
    let trace = here(&["play", "--json", "scenarios/protocols/sharing-late-grant.toml"]).1;
    let played = |text: &str| {
        fs::write(&file, text).unwrap();
        here(&["play", path])
    };
    let (code, out, err) = played(&trace);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.ends_with(&format!("replayed  {path}: every step as in the trace\n")), "{out}");
    let (code, text, _) = here(&["report", path, "--md"]);
    assert!(code == 0 && text.contains("deliver grant 0") && text.contains("dhcpfo play "), "{text}");
    let (code, _, err) = here(&["audit", path]);
    assert!(code == 2 && err.contains("this is a `dhcpfo-play`, not a trace (`dhcpfo-trace`)"), "{err}");
    let (code, _, err) =
        played(&trace.replacen("stops by 0:02:07\",\"grant 1\":\"none", "stops by 0:02:08\",\"grant 1\":\"none", 1));
    assert!(code == 1 && err.starts_with(&format!("{path}:7: is played otherwise: {{\"at\":\"1m6s\"")), "{err}");
    let (code, _, err) = played(&trace.replacen("c0 asks", "c0 stops", 1));
    assert!(code == 2 && err.starts_with(&format!("{path}:3: script: `c0 stops`: ")), "{err}");
    let cut_off: String = trace.lines().take(3).map(|line| format!("{line}\n")).collect();
    let (code, _, err) = played(&cut_off);
    assert!(code == 2 && err.contains(":3: a play ends with its end; this one was cut off"), "{err}");
    let (code, _, err) = played(&trace.replacen("\"version\":1", "\"version\":9", 1));
    assert!(code == 2 && err.contains(":1: version 9 of a play is not known"), "{err}");
    let (code, _, err) = played(&trace.replacen("\"protocol\":\"resource-sharing\"", "\"protocol\":\"lf2\"", 1));
    assert!(
        code == 2 && err.contains(":1: models/resource-sharing/broken/forgotten-check.toml is no model of lf2"),
        "{err}"
    );
}
