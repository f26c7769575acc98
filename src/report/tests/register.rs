//! The register: parsing, citations, the table; and the three specification files as they are.

use std::collections::{BTreeMap, BTreeSet};

use dhcpfo_report::register::{
    Citation, Cited, Level, Place, Problem, Register, Status, conformance, dangling, questions, scan, standing,
};

const REGISTER: &str = include_str!("../../engine/spec/failover-12.toml");
const QUESTIONS: &str = include_str!("../../engine/spec/questions.md");
const TRANSITIONS: &str = include_str!("../../engine/spec/transitions.toml");

fn entry(id: &str, section: &str, level: &str, status: &str, reason: &str) -> String {
    format!(
        "[[requirement]]\nid = \"{id}\"\nsection = \"{section}\"\nlevel = \"{level}\"\n\
         gist = \"gist of {id} | it\"\nstatus = \"{status}\"\nreason = \"{reason}\"\n"
    )
}

fn small() -> Register {
    let text = entry("F12-9.4.2-a", "9.4.2", "MUST", "engine", "")
        + &entry("F12-9.4.2-b", "9.4.2", "fact", "engine", "")
        + &entry("F12-9.10.1-a", "9.10.1", "SHOULD", "wire", "")
        + &entry("F12-9.13-a", "9.13", "MAY", "outside", "no use");
    Register::parse(&text).unwrap()
}

fn cited(path: &str, text: &str) -> Vec<String> {
    scan(path, text).into_iter().map(|c| format!("{}:{}", c.line, c.cited)).collect()
}

#[test]
fn all_forms_of_citation_are_found() {
    let text = "// failover-12 §9.4.2, §9.4.3 and §10. F12-9.4.2-d, Q7.\nlet x = 1; // (Q12)\n";
    let expected =
        ["1:failover-12 §9.4.2", "1:failover-12 §9.4.3", "1:failover-12 §10", "1:F12-9.4.2-d", "1:Q7", "2:Q12"];
    assert_eq!(cited("src/engine/a.rs", text), expected);
}

#[test]
fn what_only_resembles_a_citation_is_not_one() {
    let text = "// §9.4.2 alone, xF12-9.1-a, Q, Q7b, aQ7, _Q7, failover-12 §, F12-<section>\nlet Q7 = F::<Q8>();\n";
    assert_eq!(cited("src/engine/a.rs", text), [""; 0]);
    assert_eq!(cited("models/a.toml", "note = \"Q7\""), ["1:Q7"], "outside Rust there is no comment to look for");
}

#[test]
fn an_entry_without_its_letter_is_kept_so_that_it_can_be_reported() {
    assert_eq!(cited("a.rs", "// F12-9.4.2 and F12-9.4.2-"), ["1:F12-9.4.2", "1:F12-9.4.2"]);
}

#[test]
fn the_place_follows_from_the_path_and_from_cfg_test() {
    let place = |path: &str| scan(path, "// Q1").pop().unwrap().place;
    assert_eq!(place("src/engine/rules/mod.rs"), Place::Source);
    assert_eq!(place("src/engine/tests/paper.rs"), Place::Evidence);
    assert_eq!(place("src/engine/rules/tests.rs"), Place::Evidence);
    assert_eq!(place("properties/no_duplicate.rs"), Place::Evidence);
    assert_eq!(place("models/broken/x.toml"), Place::Evidence);
    assert_eq!(place("src/engine/spec/transitions.toml"), Place::Document);
    assert_eq!(place("src/ARCHITECTURE.md"), Place::Document);
    let split = scan("src/a.rs", "// Q1\n#[cfg(test)]\nmod tests {\n    // Q2\n}\n");
    assert_eq!([split[0].place, split[1].place], [Place::Source, Place::Evidence]);
}

#[test]
fn the_register_knows_its_own_faults() {
    let text = entry("F12-9.1-a", "9.1", "MUST", "engine", "")
        + &entry("F12-9.1-a", "9.1", "MUST", "engine", "")
        + &entry("F12-9.1-b", "9.2", "MUST", "wire", "")
        + &entry("F12-9.3-", "9.3", "MUST", "wire", "")
        + &entry("F12-9.4-a", "9.4", "MUST", "exception", " ")
        + &entry("F12-9.5-a", "9.5", "MUST", "outside", "");
    let fits = |id: &str, section: &str| Problem::IdDoesNotFit { id: id.into(), section: section.into() };
    let expected = [
        Problem::DuplicateId("F12-9.1-a".into()),
        fits("F12-9.1-b", "9.2"),
        fits("F12-9.3-", "9.3"),
        Problem::NoReason { id: "F12-9.4-a".into(), status: Status::Exception },
        Problem::NoReason { id: "F12-9.5-a".into(), status: Status::Outside },
    ];
    assert_eq!(Register::parse(&text).unwrap().problems(), expected);
}

#[test]
fn an_unknown_key_level_or_status_is_an_error() {
    let good = entry("F12-9.1-a", "9.1", "MUST", "engine", "");
    for (from, to) in [("gist", "gits"), ("MUST", "must"), ("engine", "motor")] {
        assert!(Register::parse(&good.replace(from, to)).is_err(), "{to}");
    }
    assert!(Register::parse(&good).is_ok());
}

#[test]
fn a_citation_of_nothing_is_dangling_and_a_section_above_entries_is_not() {
    let known = questions("### Q1 First\ntext about Q2\n### Question\n");
    assert_eq!(known, BTreeMap::from([(1, "First".to_string())]));
    let text = "// failover-12 §9.10, failover-12 §9.1, failover-12 §9.4.2, F12-9.4.2-c, F12-9.4.2-b, Q1, Q2\n";
    let found = dangling(&small(), &known, &scan("src/a.rs", text));
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    let expected = ["failover-12 §9.1", "F12-9.4.2-c", "Q2"].map(|what| format!("src/a.rs:1: {what} does not exist"));
    assert_eq!(found, expected);
}

#[test]
fn standing_needs_a_source_and_something_that_shows_it() {
    let register = small();
    let [a, b, wire, _] = &register.requirements[..] else { panic!("four entries") };
    let source = scan("src/a.rs", "// F12-9.4.2-a");
    let evidence = scan("properties/a.rs", "// F12-9.4.2-a");
    let document = scan("src/ARCHITECTURE.md", "F12-9.4.2-a");
    let both = [source.clone(), evidence.clone()].concat();
    assert_eq!(standing(a, &[]), "later");
    assert_eq!(standing(a, &source), "unshown");
    assert_eq!(standing(a, &evidence), "later");
    assert_eq!(standing(a, &document), "later");
    assert_eq!(standing(a, &both), "done");
    assert_eq!(standing(b, &both), "later");
    assert_eq!(standing(wire, &both), "wire");
    let open: Vec<_> = register.not_yet_cited(&source).iter().map(|r| r.id.as_str()).collect();
    assert_eq!(open, ["F12-9.4.2-b"]);
    assert!(register.not_yet_cited(&scan("src/a.rs", "// failover-12 §9.4.2")).is_empty(), "the section will do");
    assert_eq!(register.not_yet_cited(&scan("src/a.rs", "// failover-12 §9.4")).len(), 2, "a section above will not");
}

#[test]
fn the_table_is_exactly_this() {
    let known = questions("### Q1 First | or not\n");
    let mut citations = scan("src/a.rs", "// F12-9.4.2-a, Q1\n");
    citations.extend(scan("src/b.rs", "// failover-12 §9.4.2\n"));
    citations.extend(scan("properties/p.rs", "// F12-9.4.2-a\n"));
    let table = conformance(&small(), &known, &citations);
    let body = table.split_once("\n\n| level").unwrap().1;
    let expected = " | done | unshown | later | wire | server | world | outside | exception | all |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| MUST | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 1 |
| MUST NOT | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 |
| SHOULD | 0 | 0 | 0 | 1 | 0 | 0 | 0 | 0 | 1 |
| SHOULD NOT | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 |
| MAY | 0 | 0 | 0 | 0 | 0 | 0 | 1 | 0 | 1 |
| fact | 0 | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 1 |
| all | 1 | 1 | 0 | 1 | 0 | 0 | 1 | 0 | 4 |

## §9.4.2

| id | requirement | level | status | where obeyed | what shows it |
| --- | --- | --- | --- | --- | --- |
| F12-9.4.2-a | gist of F12-9.4.2-a \\| it | MUST | done | `src/a.rs`, `src/b.rs` § | `properties/p.rs` |
| F12-9.4.2-b | gist of F12-9.4.2-b \\| it | fact | unshown | `src/b.rs` § |  |

## §9.10.1

| id | requirement | level | status | where obeyed | what shows it |
| --- | --- | --- | --- | --- | --- |
| F12-9.10.1-a | gist of F12-9.10.1-a \\| it | SHOULD | wire |  |  |

## §9.13

| id | requirement | level | status | where obeyed | what shows it |
| --- | --- | --- | --- | --- | --- |
| F12-9.13-a | gist of F12-9.13-a \\| it *no use* | MAY | outside |  |  |

## Questions

| question | | where it is taken | what shows it |
| --- | --- | --- | --- |
| Q1 | First \\| or not | `src/a.rs` |  |

## Not yet cited

0 of the engine's entries.

";
    assert_eq!(body, expected);
}

#[test]
fn the_specification_has_no_fault_of_its_own() {
    let register = Register::parse(REGISTER).unwrap();
    assert_eq!(register.problems(), []);
    assert!(register.requirements.len() >= 250);
    let key = |section: &str| section.split('.').map(|n| n.parse::<u32>().unwrap()).collect::<Vec<_>>();
    for pair in register.requirements.windows(2) {
        let [before, after] = [&pair[0], &pair[1]].map(|r| (key(&r.section), r.id.len(), r.id.as_str()));
        assert!(before.0 < after.0 || before < after, "{} before {}", before.2, after.2);
    }
    for level in Level::ALL {
        assert!(register.requirements.iter().any(|r| r.level == level), "{level} does not occur");
    }
    let known = questions(QUESTIONS);
    // Later ones were numbered in blocks, by several people at once.
    assert!((1..=92).all(|number| known.contains_key(&number)), "no question gets lost");
    let headings = QUESTIONS.lines().filter(|line| line.starts_with("### ")).count();
    assert_eq!(headings, known.len(), "no number twice");
    let mut citations = scan("src/engine/spec/failover-12.toml", REGISTER);
    citations.extend(scan("src/engine/spec/questions.md", QUESTIONS));
    citations.extend(scan("src/engine/spec/transitions.toml", TRANSITIONS));
    assert_eq!(dangling(&register, &known, &citations), []);
}

#[test]
fn every_question_has_its_four_lines() {
    for block in QUESTIONS.split("\n### Q").skip(1) {
        let lines: Vec<_> = block.lines().filter(|line| line.starts_with("* ")).collect();
        let starts = ["* Text: ", "* Others: ", "* Reading: ", "* Shown by: "];
        assert_eq!(lines.len(), 4, "Q{block}");
        for (line, start) in lines.iter().zip(starts) {
            assert!(line.starts_with(start), "Q{block}");
        }
    }
}

#[test]
fn questions_name_sections_that_the_register_has() {
    let register = Register::parse(REGISTER).unwrap();
    for line in QUESTIONS.lines().filter(|line| line.starts_with("* Text: ") && !line.contains("RFC 8156")) {
        for rest in line.split('§').skip(1) {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            let section = rest[..end].trim_end_matches('.');
            assert!(register.has_section(section), "§{section} in: {line}");
        }
    }
}

const STATES: [&str; 9] = [
    "NORMAL",
    "COMMUNICATIONS-INTERRUPTED",
    "PARTNER-DOWN",
    "POTENTIAL-CONFLICT",
    "RESOLUTION-INTERRUPTED",
    "CONFLICT-DONE",
    "RECOVER",
    "RECOVER-WAIT",
    "RECOVER-DONE",
];

fn text<'a>(table: &'a toml::Value, key: &str) -> &'a str {
    table.get(key).and_then(|v| v.as_str()).unwrap_or_else(|| panic!("{key} in {table}"))
}

/// State × role of every table of one kind; each may occur once.
fn covered(tables: &[toml::Value], key: &str) -> BTreeSet<(String, &'static str)> {
    let mut seen = BTreeSet::new();
    for table in tables {
        let roles: &[&str] = match text(table, "role") {
            "both" => &["primary", "secondary"],
            "primary" => &["primary"],
            "secondary" => &["secondary"],
            other => panic!("role {other}"),
        };
        for role in roles {
            assert!(seen.insert((text(table, key).to_string(), *role)), "{} {role} occurs twice", text(table, key));
        }
    }
    seen
}

#[test]
fn the_transition_table_is_total_and_well_formed() {
    let register = Register::parse(REGISTER).unwrap();
    let table: toml::Value = toml::from_str(TRANSITIONS).unwrap();
    let tables = |kind: &str| table[kind].as_array().unwrap().as_slice();
    let all: BTreeSet<_> =
        STATES.iter().flat_map(|s| ["primary", "secondary"].map(|role| (s.to_string(), role))).collect();
    let reported: Vec<_> = STATES.iter().copied().chain(["PAUSED", "SHUTDOWN"]).collect();
    let events = ["comm-failed", "operator-partner-down", "safe-period-over", "upddone", "recover-wait-over"];
    let actions =
        ["none", "normal-entry", "conflict-entry", "recover-request", "UPDREQ", "safe-period", "recover-wait"];
    for (kind, causes) in [("reported", reported.as_slice()), ("event", events.as_slice())] {
        assert_eq!(covered(tables(kind), "state"), all, "{kind}");
        for rows in tables(kind) {
            let cells = rows["cells"].as_array().unwrap();
            let cell = |row: &toml::Value, at: usize| row[at].as_str().unwrap().to_string();
            let seen: Vec<_> = cells.iter().map(|row| cell(row, 0)).collect();
            assert_eq!(seen, causes, "{kind} {}", text(rows, "state"));
            for row in cells {
                assert_eq!(row.as_array().unwrap().len(), 6);
                let (next, action, basis) = (cell(row, 1), cell(row, 2), cell(row, 3));
                assert!(next == "=" || STATES.contains(&next.as_str()), "{row}");
                assert_ne!(next, text(rows, "state"), "no change is written =: {row}");
                assert!(actions.contains(&action.as_str()), "{row}");
                assert!(["text", "figure", "derived", "undefined"].contains(&basis.as_str()), "{row}");
                assert!(register.has_section(&cell(row, 4)), "{row}");
                assert!(basis != "undefined" || (next == "=" && cell(row, 5).contains('Q')), "{row}");
            }
        }
    }
    assert_eq!(covered(tables("startup"), "stored"), all);
    let known = questions(QUESTIONS);
    for departure in tables("departure") {
        let next = text(departure, "next");
        assert!(next == "=" || STATES.contains(&next), "{departure}");
        assert!(STATES.contains(&text(departure, "state")), "{departure}");
        let question = departure["question"].as_integer().unwrap();
        assert!(known.contains_key(&u32::try_from(question).unwrap()), "{departure}");
    }
}

#[test]
fn citations_are_plain_data() {
    let one = scan("a.rs", "// Q3");
    let same = Citation { path: "a.rs".into(), line: 1, place: Place::Source, cited: Cited::Question(3) };
    assert_eq!(one, [same]);
}
