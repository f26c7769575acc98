//! Playing: what is refused, when time may pass, what is noticed on the way, and how it reads.

use dhcpfo_files::ScenarioFile;
use dhcpfo_files::scenario::scenario;
use dhcpfo_report::trace::{self, TraceLine};
use dhcpfo_report::transcript::{EXPLANATION, Heading, Transcript, WIDTH};
use dhcpfo_world::play::{self, Entry, Outcome, Refusal, Stop};
use std::io;

/// A model in which leases are as long as a server likes.
const MODEL: &str = r#"
title = "Unbounded"
class = "study"
claims = ["no-duplicate-address"]
[system]
addresses = ["primary", "secondary"]
[budgets]
crashes = 1
link-breaks = 1
partner-downs = 1
releases = 1
leases = "unlimited"
[rules]
"#;

/// The scenario of this script, on [`MODEL`] with this reading of how long leases may be.
fn scene_with(script: &str, lead_base: &str) -> ScenarioFile {
    let model = format!("{MODEL}lead-base = \"{lead_base}\"\n");
    let file = format!("title = \"A scene\"\nmodel = \"m.toml\"\nscript = '''\n{script}\n'''\n");
    let read = |path: &str| match path {
        "m.toml" => Ok(model.clone()),
        "s.toml" => Ok(file.clone()),
        _ => Err(io::Error::other("no such file")),
    };
    scenario("s.toml", &read).unwrap_or_else(|errors| panic!("{errors}"))
}

/// The scenario of this script, on [`MODEL`] with leases without bound.
fn scene(script: &str) -> ScenarioFile {
    scene_with(script, "unbounded")
}

fn perform(file: &ScenarioFile) -> Result<(Vec<Entry>, Outcome), Stop> {
    let mut entries = Vec::new();
    let outcome = play::perform(&file.model.model, file.lengths, &file.script, &mut |entry| entries.push(entry))?;
    Ok((entries, outcome))
}

fn transcript(file: &ScenarioFile) -> String {
    let heading = Heading {
        title: &file.title,
        scenario: &file.path,
        model: (&file.model.path, &file.model.title),
        cites: &file.cites,
    };
    let scale = play::scale(&file.script).unwrap();
    let (entries, outcome) = perform(file).unwrap_or_else(|stop| panic!("{stop:?}"));
    let mut transcript = Transcript::new(&heading, &file.model.model, file.lengths, scale);
    entries.iter().for_each(|entry| transcript.add(entry));
    transcript.finish(&outcome, &file.refutes);
    transcript.take()
}

const DUPLICATE: &str = "\
client 0 obtain a0 primary, crash after 2
notice secondary
operator secondary partner-down
wait 1h
client 1 obtain a0 secondary  # too early
expect refuted no-duplicate-address
expect client 0 none";

#[test]
fn a_violation_is_noticed_where_it_happens() {
    let file = scene(DUPLICATE);
    let (entries, outcome) = perform(&file).unwrap();
    let steps: Vec<_> =
        entries.iter().filter_map(|e| if let Entry::Step(step) = e { Some(step) } else { None }).collect();
    assert_eq!(steps.len(), 4);
    assert!(steps[..3].iter().all(|step| step.refuted.is_empty()));
    assert_eq!(steps[3].refuted, ["no-duplicate-address"]);
    assert_eq!((outcome.refuted.as_slice(), outcome.steps), (&["no-duplicate-address"][..], 4));
    // The last line expects something that is not so.
    assert_eq!(outcome.unmet, [6]);
    assert_eq!(outcome.end.as_clock(), "1:00:00");
}

#[test]
fn what_is_not_enabled_is_refused_with_what_is() {
    let refusal = |script: &str| {
        let stop = perform(&scene(script)).unwrap_err();
        (stop.line, stop.refusal)
    };
    let (line, Refusal::NotEnabled(actions)) = refusal("link down\nclient 0 renew primary") else { panic!() };
    let texts: Vec<String> = actions.iter().map(ToString::to_string).collect();
    assert_eq!(line, 1);
    assert!(texts.contains(&"notice primary".to_owned()), "{texts:?}");
    assert!(texts.contains(&"client 0 obtain a0 primary".to_owned()), "{texts:?}");
    assert!(!texts.iter().any(|text| text.contains("renew") || text == "link down"), "{texts:?}");

    let (_, Refusal::NotEnabled(actions)) = refusal("client 0 obtain a0 primary, crash after 9") else { panic!() };
    let texts: Vec<String> = actions.iter().map(ToString::to_string).collect();
    assert!(texts.iter().all(|text| text.starts_with("client 0 obtain a0 primary, crash after ")), "{texts:?}");

    assert_eq!(refusal("wait 1h\nat 30m link down"), (1, Refusal::Past));
    assert_eq!(refusal("wait 40000d"), (0, Refusal::TooFar));
}

#[test]
fn time_waits_for_what_must_happen_first() {
    let stop = perform(&scene("link down\nwait 1s")).unwrap_err();
    let Refusal::NotYet(actions) = stop.refusal else { panic!("{stop:?}") };
    let texts: Vec<String> = actions.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["notice primary", "notice secondary"]);
    let sent = perform(&scene("client 0 obtain a0 primary\nwait 1s")).unwrap_err();
    let Refusal::NotYet(actions) = sent.refusal else { panic!("{sent:?}") };
    assert_eq!(actions.iter().map(ToString::to_string).collect::<Vec<_>>(), ["deliver secondary"]);
    let (_, outcome) = perform(&scene("client 0 obtain a0 primary\nsettle\nwait 1s")).unwrap();
    assert_eq!(outcome.steps, 3);
}

#[test]
fn settling_delivers_until_it_is_quiet() {
    let file = scene("client 0 obtain a0 primary\nsettle\nexpect a0 secondary ACTIVE 0\nexpect a0 primary ACTIVE");
    let (_, outcome) = perform(&file).unwrap();
    assert_eq!((outcome.unmet.len(), outcome.steps), (0, 3));
}

#[test]
fn what_is_violated_from_the_beginning_is_refuted() {
    let model = MODEL.replace("no-duplicate-address", "served");
    let file = "title = \"s\"\nmodel = \"m.toml\"\nscript = \"expect refuted served\"\n";
    let read = |path: &str| match path {
        "m.toml" => Ok(format!("{model}bucket-use = \"secondary-inverts\"\n")),
        _ => Ok(file.to_owned()),
    };
    let file = scenario("s.toml", &read).unwrap();
    let (entries, outcome) = perform(&file).unwrap();
    assert!(matches!(&entries[0], Entry::Begin(_, refuted) if refuted == &["served"]));
    assert_eq!((outcome.refuted.as_slice(), outcome.unmet.len()), (&["served"][..], 0));
}

#[test]
fn leases_end_by_themselves() {
    let file = scene("client 0 obtain a0 primary\nsettle\nexpect client 0 a0\nat 3d\nexpect client 0 none");
    let (entries, outcome) = perform(&file).unwrap();
    assert!(outcome.unmet.is_empty());
    let passages = entries.iter().filter(|entry| matches!(entry, Entry::Passage(_))).count();
    assert_eq!(passages, 1);
}

#[test]
fn fractions_of_seconds_are_exact() {
    let file = scene("wait 0s+1/3\nwait 0s+1/4\nexpect link up");
    let (_, outcome) = perform(&file).unwrap();
    assert_eq!(outcome.end.to_string(), "0s+7/12");
}

#[test]
fn transcripts_keep_their_columns() {
    let text = transcript(&scene(DUPLICATE));
    assert!(text.lines().all(|line| line.chars().count() <= WIDTH && line == line.trim_end()), "{text}");
    let expected = "
    1:00:00  client 1 obtain a0 secondary
               secondary  PERSIST  a0 ACTIVE client 1, unsent, ends +3d
               secondary  REPLY    client 1 ACK a0, ends +3d
             = secondary  a0 ACTIVE client 1, unsent, ends 3+1:00:00
             = client 1   a0 until 3+1:00:00, from the secondary
             ! REFUTED no-duplicate-address: No two clients hold the same address at the same time.
             expect refuted no-duplicate-address: met
             expect client 0 none: NOT MET: client 0 holds a0

refuted   no-duplicate-address, NOT as expected: nothing
unmet     1 of the lines that expect something
end       1:00:00, after 4 actions
";
    assert!(text.ends_with(expected), "{text}");
    assert_eq!(text, transcript(&scene(DUPLICATE)));
}

#[test]
fn what_is_lost_is_told() {
    let script = "client 0 obtain a0 primary\nlink down\nnotice secondary\nnotice primary\nlink up";
    let text = transcript(&scene(script));
    let lost = "               primary    LOST     BNDUPD #0 a0 ACTIVE client 0, ends +3d, potential +4d12h\n";
    assert!(text.contains(lost), "{text}");
    let both = "\
             link up
               secondary  SEND     STATE COMMUNICATIONS-INTERRUPTED
               primary    SEND     STATE COMMUNICATIONS-INTERRUPTED
";
    assert!(text.contains(both), "{text}");
}

#[test]
fn the_explanation_fits_and_names_what_is_printed() {
    assert!(EXPLANATION.lines().all(|line| line.chars().count() <= WIDTH));
    let (_, rest) = EXPLANATION.split_once("\n\n").unwrap();
    let (example, _) = rest.split_once("\n\n").unwrap();
    let text = transcript(&scene_with("wait 1s\nclient 0 obtain a0 primary", "acked-or-received"));
    assert!(
        text.contains(
            &example.replace("0:00:00", "0:00:01").replace(" 1:00:00", " 1:00:01").replace("4+12:00:00", "4+12:00:01")
        ),
        "{text}{example}"
    );
    for word in ["RECEIVE", "PERSIST", "SEND", "REPLY", "NOTE", "LOST", "REFUTED", "rests until", "unacknowledged"] {
        assert!(EXPLANATION.contains(word), "{word}");
    }
}

#[test]
fn traces_round_trip() {
    let file = scene(DUPLICATE);
    let scale = play::scale(&file.script).unwrap();
    let (entries, outcome) = perform(&file).unwrap();
    let mut lines = vec![trace::header(&file.title, &file.path, (&file.model.path, &[]), file.lengths, scale)];
    lines.extend(entries.iter().flat_map(|entry| trace::lines(entry, scale)));
    lines.push(trace::end(&outcome, scale, false));
    let text: String = lines.iter().map(|line| dhcpfo_documents::line(line) + "\n").collect();
    assert_eq!(trace::read(&text).unwrap(), lines);
    let steps: Vec<_> =
        lines.iter().filter_map(|l| if let TraceLine::Step { action, .. } = l { Some(action) } else { None }).collect();
    assert!(steps.iter().all(|action| action.parse::<dhcpfo_world::action::Action>().is_ok()));
    assert!(matches!(lines.last(), Some(TraceLine::End { at: 3_600, unmet: 1, as_expected: false, .. })));
}

#[test]
fn what_is_no_trace_is_told() {
    let problem = |text: &str| trace::read(text).unwrap_err().to_string();
    assert_eq!(problem(""), "line 1: a trace begins with its header");
    assert_eq!(problem("{\"line\":\"refuted\",\"at\":0,\"claim\":\"x\"}"), "line 1: a trace begins with its header");
    assert!(problem("{").starts_with("line 1: EOF"));
    let header = |version| {
        format!(
            "{{\"line\":\"header\",\"version\":{version},\"title\":\"\",\"scenario\":\"\",\"model\":\"\",\
             \"per-second\":1,\"lengths\":{{}}}}\n"
        )
    };
    assert!(problem(&header(2)).starts_with("line 1: version 2 of a trace is not known: a later dhcpfo wrote it"));
    assert_eq!(problem(&header(1).repeat(2)), "line 2: a second header");
    assert!(problem(&(header(1) + "{\"line\":\"dance\"}")).starts_with("line 2: unknown variant"));
}
