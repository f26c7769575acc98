//! `dhcpfo list`: what there is.

use crate::args::{ListArgs, Listed};
use crate::exit::{Error, Exit};
use crate::find::subjects;
use crate::output::wrapped;
use crate::subject::Subject;
use crate::verdict::in_words;
use crate::{find, output};
use dhcpfo_claims::{Entry, Judge, common, draft_12};
use dhcpfo_engine::rules::Rules;
use dhcpfo_files::keys::{self, Key, SCRIPT_WORDS};
use dhcpfo_files::load::DRAFT_12;
use dhcpfo_files::model::Expect;
use dhcpfo_protocols::ALL;
use dhcpfo_report::mutants::{self, Shown};
use serde_json::{Value, json};

/// Carries out the verb.
pub(crate) fn list(args: &ListArgs) -> Result<Exit, Error> {
    let (text, document) = match args.what {
        Listed::Models => models()?,
        Listed::Scenarios => scenarios()?,
        Listed::Claims => claims(),
        Listed::Audit => entries(&dhcpfo_audit::Claim::ALL.iter().map(|claim| claim.entry()).collect::<Vec<_>>()),
        Listed::Witnesses => {
            entries(&dhcpfo_properties::witnesses().iter().map(|witness| witness.entry).collect::<Vec<_>>())
        }
        Listed::Rules => rules(),
        Listed::Keys => all_keys(),
        Listed::Mutants => mutants()?,
        Listed::Protocols => protocols(),
    };
    if args.json {
        output::line(&format!("{document:#}"));
    } else {
        output::print(&text);
    }
    Ok(Exit::Expected)
}

type Both = (String, Value);

fn models() -> Result<Both, Error> {
    let files = subjects(&find::all_model_paths()?)?;
    let width = files.iter().map(|file| file.head.path.chars().count()).max().unwrap_or(0);
    let row = |Subject { head, .. }: &Subject| {
        let whose = if head.protocol == DRAFT_12 { String::new() } else { format!("{}: ", head.protocol) };
        format!("{:width$}  {:<6}  {whose}{}\n", head.path, head.class.word(), head.title)
    };
    let names = |entries: &[&Entry]| entries.iter().map(|entry| entry.name).collect::<Vec<_>>();
    let value = |subject: &Subject| {
        let head = &subject.head;
        let bases = subject.own().map(|file| file.bases.clone()).unwrap_or_default();
        json!({
            "path": head.path, "title": head.title, "class": head.class.word(), "clock": head.clock.word(),
            "about": head.about, "bases": bases, "protocol": head.protocol,
            "claims": names(&head.claims), "reaches": names(&head.witnesses),
        })
    };
    Ok((files.iter().map(row).collect(), files.iter().map(value).collect()))
}

/// Every protocol with its claims, witnesses and keys.
fn protocols() -> Both {
    let mut text =
        format!("{DRAFT_12}\n  DHCPv4 failover (draft-ietf-dhc-failover-12): dhcpfo list claims, witnesses, keys\n");
    let mut all = vec![json!({"name": DRAFT_12, "about": "DHCPv4 failover (draft-ietf-dhc-failover-12)"})];
    let words = |entries: &[&Entry]| -> Vec<Value> { entries.iter().map(|entry| in_json(entry)).collect() };
    for family in ALL.0 {
        text += &format!("\n{}\n{}", family.name(), wrapped("  ", family.about()));
        for (what, list) in [("claim", family.claims()), ("witness", family.witnesses())] {
            for entry in list {
                text += &wrapped("  ", &format!("{what} {}: {}", entry.name, entry.statement));
                text += &besides("      ", entry);
            }
        }
        let keys: Vec<Key> = family.keys().into_iter().filter(|key| key.section == "system").collect();
        text += &section_by_section(&keys);
        let lengths = family.lengths().iter();
        let lengths: Vec<String> = lengths.map(|length| format!("{}: {}", length.words.name, length.about)).collect();
        if !lengths.is_empty() {
            text += &wrapped("  ", &format!("lengths of time: {}", lengths.join("; ")));
        }
        all.push(json!({
            "name": family.name(), "about": family.about(), "claims": words(&family.claims()),
            "witnesses": words(&family.witnesses()), "keys": family.keys().iter().map(key).collect::<Vec<_>>(),
        }));
    }
    (text, Value::Array(all))
}

fn scenarios() -> Result<Both, Error> {
    let files = find::scenarios(&find::scenario_paths()?)?;
    let width = files.iter().map(|file| file.path.chars().count()).max().unwrap_or(0);
    let row = |file: &dhcpfo_files::ScenarioFile| format!("{:width$}  {}\n", file.path, file.title);
    let value = |file: &dhcpfo_files::ScenarioFile| {
        json!({
            "path": file.path, "title": file.title, "model": file.model.path, "cites": file.cites,
            "refutes": file.refutes,
        })
    };
    Ok((files.iter().map(row).collect(), files.iter().map(value).collect()))
}

/// What is said of claims and witnesses.
fn entries(entries: &[&'static Entry]) -> Both {
    let text = entries
        .iter()
        .map(|entry| format!("{}\n{}{}", entry.name, wrapped("  ", entry.statement), besides("  ", entry)));
    (text.collect(), entries.iter().map(|entry| in_json(entry)).collect())
}

/// What is to be said of a claim besides its sentence.
fn besides(indent: &str, entry: &Entry) -> String {
    let section = if entry.section.is_empty() { String::new() } else { format!("({})", entry.section) };
    let base = entry.base.map_or("", |base| base.statement);
    let judges: Vec<&str> = entry.judges.iter().map(|judge| judge.word()).collect();
    // A witness is looked for by searches, and has no more to it.
    let judges = if entry.section.is_empty() { String::new() } else { judges.join(", ") };
    let said = [
        ("", section.as_str()),
        ("Not said: ", entry.limits),
        ("Occasion: ", entry.occasion),
        ("Reads besides: ", entry.reads),
        ("Judged by: ", judges.as_str()),
        ("Not seen in a capture: ", entry.capture),
        ("As in other protocols: ", if base == entry.statement { "" } else { base }),
    ];
    said.iter()
        .filter(|(_, says)| !says.is_empty())
        .map(|(what, says)| wrapped(indent, &format!("{what}{says}")))
        .collect()
}

fn in_json(entry: &Entry) -> Value {
    json!({
        "name": entry.name, "statement": entry.statement, "section": entry.section, "limits": entry.limits,
        "occasion": entry.occasion, "reads": entry.reads, "capture": entry.capture,
        "judged-by": entry.judges.iter().map(|judge| judge.word()).collect::<Vec<_>>(),
        "base": entry.base.map(|base| base.name),
    })
}

/// The claims of draft-12: those of models, then those of captures, populations and the test client alone.
fn claims() -> Both {
    let models = dhcpfo_properties::all_claims().map(|claim| claim.entry);
    let others = draft_12::ALL.iter().chain(common::ALL).copied();
    let judged = |entry: &&'static Entry| !entry.judges.is_empty() && !entry.is_judged_by(Judge::Search);
    entries(&models.chain(others.filter(judged)).collect::<Vec<_>>())
}

/// The list of what must be refuted, or said why not.
const MUTANTS: &str = include_str!("../engine/spec/mutants.toml");

fn mutants() -> Result<Both, Error> {
    let mutants = mutants::mutants(MUTANTS).map_err(Error::words)?;
    let shown = |file: dhcpfo_files::ModelFile| Shown {
        expected: in_words(file.expect),
        refuted: matches!(file.expect, Expect::Refuted { .. }),
        path: file.path,
        title: file.title,
    };
    let models: Vec<Shown> = find::models(&find::model_paths()?)?.into_iter().map(shown).collect();
    let missing = mutants::missing(&mutants, &models);
    if !missing.is_empty() {
        return Err(Error::words(format!("no model refutes {}, and no reason is given", missing.join(", "))));
    }
    let value = json!(mutants.iter().map(|m| json!({ "id": m.id, "what": m.what, "why": m.why })).collect::<Vec<_>>());
    Ok((mutants::markdown(&mutants, &models), value))
}

fn rules() -> Both {
    let mut text =
        String::from("Questions of [rules], with their readings; in brackets the dialects that take them.\n");
    let mut questions = Vec::new();
    for (question, _) in Rules::DRAFT_12.words() {
        text += &format!("{question}\n");
        let mut readings = Vec::new();
        for reading in keys::readings(question) {
            let takes = |rules: &Rules| rules.words().any(|(key, word)| key == question && word == *reading);
            let dialects = Rules::DIALECTS.iter().filter(|(_, rules)| takes(rules));
            let dialects: Vec<&str> = dialects.map(|(name, _)| *name).collect();
            let named = if dialects.is_empty() { String::new() } else { format!("  [{}]", dialects.join(", ")) };
            text += &format!("  {reading}{named}\n");
            readings.push(json!({ "reading": reading, "dialects": dialects }));
        }
        questions.push(json!({ "question": question, "readings": readings }));
    }
    (text, Value::Array(questions))
}

fn all_keys() -> Both {
    let (model, scenario, server) = (keys::model_keys(), keys::scenario_keys(), keys::server_keys());
    let simulation = keys::simulation_keys();
    let mut text = format!("Model files (models/*.toml)\n{}", section_by_section(&model));
    text += &format!("\nScenario files (scenarios/*.toml)\n{}", section_by_section(&scenario));
    text += &format!("\nServer configurations (examples/*.toml)\n{}", section_by_section(&server));
    text += &format!("\nSimulation files (scenarios/simulate/*.toml)\n{}", section_by_section(&simulation));
    text += "\nLines of a script\n";
    for (words, about) in SCRIPT_WORDS {
        text += &format!("  {words}\n{}", wrapped("      ", about));
    }
    let words: Vec<Value> =
        SCRIPT_WORDS.iter().map(|(words, about)| json!({ "line": words, "about": about })).collect();
    let document = json!({
        "model": model.iter().map(key).collect::<Vec<_>>(),
        "scenario": scenario.iter().map(key).collect::<Vec<_>>(),
        "server": server.iter().map(key).collect::<Vec<_>>(),
        "simulation": simulation.iter().map(key).collect::<Vec<_>>(),
        "script": words,
    });
    (text, document)
}

fn key(key: &Key) -> Value {
    json!({
        "section": key.section, "key": key.name, "accepted": key.accepted,
        "default": if key.default.is_empty() { Value::Null } else { Value::from(key.default) },
        "about": key.about,
    })
}

fn section_by_section(keys: &[Key]) -> String {
    let (mut text, mut section) = (String::new(), "");
    for key in keys {
        if key.section != section {
            section = key.section;
            text += &format!("\n  [{section}]\n");
        }
        let default = match key.default {
            "" => "must be given".to_owned(),
            default => format!("default {default}"),
        };
        text += &wrapped("  ", &format!("{} = {}; {default}", key.name, key.accepted));
        text += &wrapped("      ", key.about);
    }
    text
}
