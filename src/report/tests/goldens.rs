//! The committed documents that are generated: each must be what the code says now. `UPDATE_GOLDEN=1` rewrites.

use std::fs;
use std::path::{Path, PathBuf};

use dhcpfo_engine::rules::Rules;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::transition::Next;
use dhcpfo_report::golden::compare_or_update;
use dhcpfo_report::register::{Citation, Register, conformance, dangling, questions, scan};
use dhcpfo_report::{catalogue, endpoint_states};

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn golden(name: &str, text: &str) {
    if let Err(problem) = compare_or_update(&root().join("reports/golden").join(name), text) {
        panic!("{problem}");
    }
}

/// Every text that may cite, by its path from the root. Left out: where citations are examples.
fn sources() -> Vec<(String, String)> {
    const EXAMPLES: [&str; 3] = ["src/report/register.rs", "src/report/register/", "src/report/tests/register.rs"];
    let mut found = Vec::new();
    let mut folders: Vec<String> = ["models", "properties", "scenarios", "src"].map(String::from).into();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(root().join(&folder)) else { continue };
        for entry in entries {
            let entry = entry.expect("a readable folder");
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if EXAMPLES.iter().any(|example| path.starts_with(example)) {
                continue;
            }
            if entry.file_type().expect("a kind of file").is_dir() {
                folders.push(path);
            } else if [".rs", ".toml", ".md"].iter().any(|end| path.ends_with(end)) {
                let text = fs::read_to_string(entry.path()).expect("a text");
                found.push((path, text));
            }
        }
    }
    found.retain(|(path, _)| !path.starts_with("src/claims/draft_12/"));
    found.extend(dhcpfo_claims::draft_12::ALL.iter().map(|claim| cited_by(claim)));
    found.sort();
    found
}

/// What the catalogue says of a claim, cited where it is judged.
fn cited_by(claim: &dhcpfo_claims::Entry) -> (String, String) {
    let path = match claim.is_judged_by(dhcpfo_claims::Judge::Search) {
        true => format!("properties/{}.rs", claim.name.replace('-', "_")),
        false => "src/claims/draft_12/wire.rs".to_owned(),
    };
    (path, format!("// {} {} {}", claim.section, claim.statement, claim.limits))
}

fn citations() -> Vec<Citation> {
    sources().iter().flat_map(|(path, text)| scan(path, text)).collect()
}

fn specification(name: &str) -> String {
    fs::read_to_string(root().join("src/engine/spec").join(name)).expect("a file of the specification")
}

#[test]
fn endpoint_states_md() {
    golden("endpoint-states.md", &endpoint_states::markdown(&Rules::DRAFT_12, "draft-12"));
}

#[test]
fn endpoint_states_dot() {
    golden("endpoint-states.dot", &endpoint_states::dot(&Rules::DRAFT_12, "draft-12"));
}

#[test]
fn properties_md() {
    let claims: Vec<_> = dhcpfo_properties::all_claims().copied().collect();
    golden("properties.md", &catalogue::properties(&claims, dhcpfo_properties::witnesses()));
}

#[test]
fn conformance_md() {
    let register = Register::parse(&specification("failover-12.toml")).expect("the register");
    golden("conformance.md", &conformance(&register, &questions(&specification("questions.md")), &citations()));
}

/// Whatever a source cites exists.
#[test]
fn no_citation_dangles() {
    let register = Register::parse(&specification("failover-12.toml")).expect("the register");
    let found = dangling(&register, &questions(&specification("questions.md")), &citations());
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// The rows behind the documents: every state and cause, each once.
#[test]
fn the_rows_are_all_states_times_all_causes() {
    for (_, rules) in Rules::DIALECTS {
        let rows = endpoint_states::endpoint_states(rules);
        assert_eq!(rows.len(), 9 * 16);
        let secondary = rows.iter().filter(|row| row.next[Role::Secondary.index()] == Next::To(State::ConflictDone));
        assert_eq!(secondary.count(), 0, "failover-12 §9.12.1");
    }
}

/// The JSON schema of every document, a file each and no other; `dhcpfo list schemas NAME` prints it.
#[test]
fn schemas_of_documents() {
    let mut meant: Vec<String> = Vec::new();
    for document in dhcpfo_documents::SCHEMAS {
        let name = format!("{}.json", document.name);
        golden(&format!("schemas/{name}"), &(dhcpfo_documents::pretty(&document.schema()) + "\n"));
        meant.push(name);
    }
    let folder = fs::read_dir(root().join("reports/golden/schemas")).expect("the folder of schemas");
    let mut there: Vec<String> = folder.map(|file| file.expect("a file").file_name().display().to_string()).collect();
    meant.sort();
    there.sort();
    assert_eq!(there, meant);
}
