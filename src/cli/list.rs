//! `dhcpfo list`: what there is.

use crate::args::{ListArgs, Listed};
use crate::exit::{Error, Exit};
use crate::find::subjects;
use crate::output::wrapped;
use crate::subject::Subject;
use crate::verdict::in_words;
use crate::{find, output};
use dhcpfo_engine::rules::{QUESTIONS, Question, Reading, Rules, Taker};
use dhcpfo_files::keys::{self, Key, SCRIPT_WORDS};
use dhcpfo_files::load::DRAFT_12;
use dhcpfo_files::model::Expect;
use dhcpfo_protocols::ALL;
use dhcpfo_report::mutants::{self, Shown};
use dhcpfo_study::file::Words;
use dhcpfo_world::claim::Claim;
use serde_json::{Value, json};

/// Carries out the verb.
pub(crate) fn list(args: &ListArgs) -> Result<Exit, Error> {
    let (text, document) = match args.what {
        Listed::Models => models()?,
        Listed::Scenarios => scenarios()?,
        Listed::Claims => claims(&dhcpfo_properties::all_claims().copied().collect::<Vec<_>>()),
        Listed::Audit => audit_claims(),
        Listed::Witnesses => claims(dhcpfo_properties::witnesses()),
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
    let names = |words: &[Words]| words.iter().map(|words| words.name).collect::<Vec<_>>();
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
    let words = |words: &[Words]| -> Vec<Value> {
        words.iter().map(|words| json!({"name": words.name, "statement": words.statement})).collect()
    };
    for family in ALL.0 {
        text += &format!("\n{}\n{}", family.name(), wrapped("  ", family.about()));
        for (what, list) in [("claim", family.claims()), ("witness", family.witnesses())] {
            for Words { name, statement } in list {
                text += &wrapped("  ", &format!("{what} {name}: {statement}"));
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

fn audit_claims() -> Both {
    use dhcpfo_audit::Claim;
    let row = |claim: &Claim| {
        let (statement, section) = (wrapped("  ", claim.statement()), wrapped("  ", &format!("({})", claim.section())));
        format!("{}\n{statement}{section}", claim.name())
    };
    let value =
        |claim: &Claim| json!({"name": claim.name(), "statement": claim.statement(), "section": claim.section()});
    (Claim::ALL.iter().map(row).collect(), Claim::ALL.iter().map(value).collect())
}

fn claims(claims: &[Claim]) -> Both {
    let mut text = String::new();
    for claim in claims {
        text += &format!("{}\n", claim.name);
        text += &wrapped("  ", claim.statement);
        if !claim.section.is_empty() {
            text += &wrapped("  ", &format!("({})", claim.section));
        }
        if !claim.limits.is_empty() {
            text += &wrapped("  ", &format!("Not said: {}", claim.limits));
        }
    }
    let value = |claim: &Claim| {
        json!({
            "name": claim.name, "statement": claim.statement, "section": claim.section, "limits": claim.limits,
        })
    };
    (text, claims.iter().map(value).collect())
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
    let mut text = String::from(
        "Questions about the text, as keys of [rules], with their readings. In brackets who takes a reading: the text to the letter,\n\
         the repaired draft (dialect draft-12) where that is another one, ISC dhcpd; a mutant is there to be refuted.\n\
         src/engine/spec/questions.md argues them under their numbers.\n",
    );
    for question in QUESTIONS {
        let numbers: Vec<String> = question.numbers.iter().map(|number| format!("Q{number}")).collect();
        let numbers = if numbers.is_empty() { String::new() } else { format!("; {}", numbers.join(", ")) };
        text += &format!("\n{}: {} ({}{numbers})\n", question.key, question.about(), question.section);
        for reading in question.readings {
            let takers: Vec<&str> = question.takers(reading).map(Taker::word).collect();
            text += &format!("  {}  [{}]\n      {}\n", reading.word, takers.join(", "), reading.says());
        }
    }
    (text, QUESTIONS.iter().map(question).collect())
}

/// A question as JSON; `dialects`: those that take the reading.
fn question(question: &Question) -> Value {
    let reading = |reading: &Reading| {
        let takes = |rules: &Rules| rules.words().any(|taken| taken == (question.key, reading.word));
        let dialects: Vec<&str> =
            Rules::DIALECTS.iter().filter(|(_, rules)| takes(rules)).map(|(name, _)| *name).collect();
        let takers: Vec<&str> = question.takers(reading).map(Taker::word).collect();
        json!({ "reading": reading.word, "says": reading.says(), "takers": takers, "dialects": dialects })
    };
    json!({
        "question": question.key,
        "about": question.about(),
        "section": question.section,
        "numbers": question.numbers,
        "readings": question.readings.iter().map(reading).collect::<Vec<_>>(),
    })
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
