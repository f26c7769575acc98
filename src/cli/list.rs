//! `dhcpfo list`: what there is.

use crate::args::{ListArgs, Listed};
use crate::exit::{Error, Exit};
use crate::find::subjects;
use crate::output::wrapped;
use crate::subject::Subject;
use crate::verdict::in_words;
use crate::{find, output, script};
use dhcpfo_claims::fair::{Condition, TIME};
use dhcpfo_claims::{Entry, Judge, common, draft_12};
use dhcpfo_documents::{SCHEMAS, lists, pretty};
use dhcpfo_engine::rules::{QUESTIONS, Question, Reading, Rules, Taker};
use dhcpfo_files::keys::{self, Key, SCRIPT_WORDS};
use dhcpfo_files::load::DRAFT_12;
use dhcpfo_files::model::Expect;
use dhcpfo_protocols::ALL;
use dhcpfo_report::mutants::{self, Shown};
use dhcpfo_world::fairness::CONDITIONS;
use serde::Serialize;

/// Carries out the verb.
pub(crate) fn list(args: &ListArgs) -> Result<Exit, Error> {
    if let Some(name) = &args.name {
        return schema(args.what, name);
    }
    let (text, document) = match args.what {
        Listed::Models => models()?,
        Listed::Scenarios => scenarios()?,
        Listed::Claims => claims(),
        Listed::Fairness => fairness(),
        Listed::Audit => {
            let failover = dhcpfo_audit::Claim::ALL.iter().map(|claim| claim.entry());
            let kea = dhcpfo_audit::kea::Claim::ALL.iter().map(|claim| claim.entry());
            entries(&failover.chain(kea).collect::<Vec<_>>())
        }
        Listed::Witnesses => {
            entries(&dhcpfo_properties::witnesses().iter().map(|witness| witness.entry).collect::<Vec<_>>())
        }
        Listed::Rules => rules(),
        Listed::Keys => all_keys(),
        Listed::Mutants => mutants()?,
        Listed::Protocols => protocols(),
        Listed::Schemas => schemas(),
    };
    if args.json {
        output::line(&document);
    } else {
        output::print(&text);
    }
    Ok(Exit::Expected)
}

/// As text, and as a document.
type Both = (String, String);

fn models() -> Result<Both, Error> {
    let files = subjects(&find::all_model_paths()?)?;
    let width = files.iter().map(|file| file.head.path.chars().count()).max().unwrap_or(0);
    let row = |Subject { head, .. }: &Subject| {
        let whose = if head.protocol == DRAFT_12 { String::new() } else { format!("{}: ", head.protocol) };
        format!("{:width$}  {:<6}  {whose}{}\n", head.path, head.class.word(), head.title)
    };
    let names = |entries: &[&Entry]| entries.iter().map(|entry| entry.name.to_owned()).collect::<Vec<_>>();
    let told = |subject: &Subject| {
        let head = &subject.head;
        lists::Model {
            path: head.path.clone(),
            title: head.title.clone(),
            class: head.class.word().to_owned(),
            clock: head.clock.word().to_owned(),
            about: head.about.clone(),
            bases: subject.own().map(|file| file.bases.clone()).unwrap_or_default(),
            protocol: head.protocol.to_owned(),
            claims: names(&head.claims),
            reaches: names(&head.witnesses),
        }
    };
    Ok((files.iter().map(row).collect(), all(&files, told)))
}

/// A document that is an array.
fn all<T, D: Serialize>(list: &[T], told: impl FnMut(&T) -> D) -> String {
    pretty(&list.iter().map(told).collect::<Vec<_>>())
}

/// Every protocol with its claims, witnesses and keys.
fn protocols() -> Both {
    let mut text = format!(
        "{DRAFT_12}\n  DHCPv4 failover (draft-ietf-dhc-failover-12): dhcpfo list claims, fairness, witnesses, keys\n"
    );
    let about = "DHCPv4 failover (draft-ietf-dhc-failover-12)".to_owned();
    let ours = lists::Protocol {
        name: DRAFT_12.to_owned(),
        about,
        claims: None,
        conditions: None,
        witnesses: None,
        keys: None,
    };
    let mut all = vec![ours];
    let claims = |entries: &[&Entry]| Some(entries.iter().map(|entry| claim(entry)).collect());
    for family in ALL.0 {
        text += &format!("\n{}\n{}", family.name(), wrapped("  ", family.about()));
        let claimed = [family.claims(), family.runs()].concat();
        for (what, list) in [("claim", claimed.clone()), ("witness", family.witnesses())] {
            for entry in list {
                text += &wrapped("  ", &format!("{what} {}: {}", entry.name, entry.statement));
                text += &besides("      ", entry);
            }
        }
        for condition in family.conditions() {
            text += &wrapped("  ", &format!("condition {}", condition_in_words(&condition)));
        }
        let keys: Vec<Key> = family.keys().into_iter().filter(|key| key.section == "system").collect();
        text += &section_by_section(&keys);
        let lengths = family.lengths().iter();
        let lengths: Vec<String> = lengths.map(|length| format!("{}: {}", length.words.name, length.about)).collect();
        if !lengths.is_empty() {
            text += &wrapped("  ", &format!("lengths of time: {}", lengths.join("; ")));
        }
        all.push(lists::Protocol {
            name: family.name().to_owned(),
            about: family.about().to_owned(),
            claims: claims(&claimed),
            conditions: Some(family.conditions().iter().map(condition).collect()),
            witnesses: claims(&family.witnesses()),
            keys: Some(family.keys().iter().map(key).collect()),
        });
    }
    (text, pretty(&all))
}

fn scenarios() -> Result<Both, Error> {
    let own = find::scenarios(&find::scenario_paths()?)?.into_iter().map(|file| lists::Scenario {
        path: file.path,
        title: file.title,
        model: file.model.path,
        cites: file.cites,
        refutes: file.refutes.iter().map(|name| (*name).to_owned()).collect(),
    });
    let (others, _) = script::others(find::other_scenario_paths()?)?;
    let others = others.into_iter().map(|file| lists::Scenario {
        path: file.path,
        title: file.title,
        model: file.study.head().path.clone(),
        cites: Vec::new(),
        refutes: file.refutes,
    });
    let scenarios: Vec<lists::Scenario> = own.chain(others).collect();
    let width = scenarios.iter().map(|scenario| scenario.path.chars().count()).max().unwrap_or(0);
    let row = |scenario: &lists::Scenario| format!("{:width$}  {}\n", scenario.path, scenario.title);
    Ok((scenarios.iter().map(row).collect(), pretty(&scenarios)))
}

/// What is said of claims and witnesses.
fn entries(entries: &[&'static Entry]) -> Both {
    let text = entries
        .iter()
        .map(|entry| format!("{}\n{}{}", entry.name, wrapped("  ", entry.statement), besides("  ", entry)));
    (text.collect(), all(entries, |entry| claim(entry)))
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

fn claim(entry: &Entry) -> lists::Claim {
    lists::Claim {
        name: entry.name.to_owned(),
        statement: entry.statement.to_owned(),
        section: entry.section.to_owned(),
        limits: entry.limits.to_owned(),
        occasion: entry.occasion.to_owned(),
        reads: entry.reads.to_owned(),
        capture: entry.capture.to_owned(),
        judged_by: entry.judges.iter().map(|judge| judge.word().to_owned()).collect(),
        base: entry.base.map(|base| base.name.to_owned()),
    }
}

/// The claims of draft-12: those of models, then those of captures, populations and the test client alone.
fn claims() -> Both {
    let models = dhcpfo_properties::all_claims().map(|claim| claim.entry);
    let others = draft_12::ALL.iter().chain(common::ALL).copied();
    let judged = |entry: &&'static Entry| !entry.judges.is_empty() && !entry.is_judged_by(Judge::Search);
    entries(&models.chain(others.filter(judged)).collect::<Vec<_>>())
}

/// What a model of draft-12 can take to be fair.
fn fairness() -> Both {
    let mut text = String::from(
        "Conditions of [fair] in model files, for claims of what leads to what. Under `weak` something happens again and again if it\n\
         is possible all the time from some time on; under `strong`, if it is possible again and again.\n\n",
    );
    let conditions: Vec<Condition> = [TIME].into_iter().chain(CONDITIONS).collect();
    conditions.iter().for_each(|condition| text += &wrapped("", &condition_in_words(condition)));
    (text, all(&conditions, condition))
}

fn condition_in_words(condition: &Condition) -> String {
    let each =
        if condition.parts > 1 { format!(" ({} conditions, each for itself)", condition.parts) } else { String::new() };
    format!("{}: {}{each}", condition.name, condition.about)
}

fn condition(condition: &Condition) -> lists::Condition {
    lists::Condition { name: condition.name.to_owned(), about: condition.about.to_owned() }
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
    let told = |mutant: &mutants::Mutant| lists::Mutant {
        id: mutant.id.clone(),
        what: mutant.what.clone(),
        why: mutant.why.clone(),
    };
    Ok((mutants::markdown(&mutants, &models), all(&mutants, told)))
}

fn rules() -> Both {
    let mut text = String::from(
        "Questions about the text, as keys of [rules], with their readings. In brackets who takes a reading: the text to the letter,\n\
         the repaired draft (dialect draft-12) where that is another one, ISC dhcpd; a mutant is there to be refuted.\n\
         src/engine/spec/questions.md argues them under their numbers.\n",
    );
    for question in QUESTIONS {
        let places: Vec<&str> = [question.section].iter().chain(question.numbers).copied().collect();
        text += &format!("\n{}: {} ({})\n", question.key, question.about(), places.join("; "));
        for reading in question.readings {
            let takers: Vec<&str> = question.takers(reading).map(Taker::word).collect();
            text += &format!("  {}  [{}]\n      {}\n", reading.word, takers.join(", "), reading.says());
        }
    }
    (text, all(QUESTIONS, question))
}

fn question(question: &Question) -> lists::Question {
    let reading = |reading: &Reading| {
        let takes = |rules: &Rules| rules.words().any(|taken| taken == (question.key, reading.word));
        let dialects = Rules::DIALECTS.iter().filter(|(_, rules)| takes(rules));
        lists::Reading {
            reading: reading.word.to_owned(),
            says: reading.says().to_owned(),
            takers: question.takers(reading).map(|taker| taker.word().to_owned()).collect(),
            dialects: dialects.map(|(name, _)| (*name).to_owned()).collect(),
        }
    };
    lists::Question {
        question: question.key.to_owned(),
        about: question.about().to_owned(),
        section: question.section.to_owned(),
        numbers: question.numbers.iter().map(|number| (*number).to_owned()).collect(),
        readings: question.readings.iter().map(reading).collect(),
    }
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
    let line =
        |(line, about): &(&str, &str)| lists::ScriptLine { line: (*line).to_owned(), about: (*about).to_owned() };
    let document = lists::Keys {
        model: model.iter().map(key).collect(),
        scenario: scenario.iter().map(key).collect(),
        server: server.iter().map(key).collect(),
        simulation: simulation.iter().map(key).collect(),
        script: SCRIPT_WORDS.iter().map(line).collect(),
    };
    (text, pretty(&document))
}

fn key(key: &Key) -> lists::Key {
    lists::Key {
        section: key.section.to_owned(),
        key: key.name.to_owned(),
        accepted: key.accepted.to_owned(),
        default: (!key.default.is_empty()).then(|| key.default.to_owned()),
        about: key.about.to_owned(),
    }
}

fn schemas() -> Both {
    let width = SCHEMAS.iter().map(|document| document.name.len()).max().unwrap_or(0);
    let rows = SCHEMAS.iter().map(|document| format!("{:width$}  {}\n", document.name, document.about));
    let told = |document: &dhcpfo_documents::Document| lists::Schema {
        name: document.name.to_owned(),
        about: document.about.to_owned(),
    };
    (rows.collect(), all(SCHEMAS, told))
}

/// The JSON schema of one kind of document.
fn schema(what: Listed, name: &str) -> Result<Exit, Error> {
    if what != Listed::Schemas {
        return Err(Error::words(format!("a name goes with `list schemas`: {name}")));
    }
    let Some(document) = SCHEMAS.iter().find(|document| document.name == name) else {
        let names: Vec<&str> = SCHEMAS.iter().map(|document| document.name).collect();
        return Err(Error::words(format!("there is no document `{name}`; {} would be accepted", names.join(", "))));
    };
    output::line(&pretty(&document.schema()));
    Ok(Exit::Expected)
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
