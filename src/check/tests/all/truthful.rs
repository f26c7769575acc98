//! A truthful operator does not declare a partner down that serves, also where the server crashes in the same step.

use dhcpfo_check::world::WorldSpace;
use dhcpfo_files::model::model;
use dhcpfo_search::Space;

/// The ways in which a server may be told, at the beginning, that its partner is down: both serve then.
fn commands(truthful: bool) -> Vec<String> {
    let text = format!(
        "title = \"t\"\nclass = \"study\"\nclaims = [\"no-duplicate-address\"]\n\
         [system]\ntruthful = {truthful}\n[budgets]\nleases = 1\ncrashes = 1\npartner-downs = 1\n"
    );
    let file = model("t.toml", &|_| Ok(text.clone())).unwrap_or_else(|errors| panic!("{errors}"));
    let lengths = &file.model.lengths;
    let space = WorldSpace::new(&file.model, lengths.order());
    let (mut work, mut first) = (space.scratch(), Vec::new());
    space.initial(&mut work, &mut |moment| first.push(moment.clone()));
    let mut found = Vec::new();
    space.successors(&mut work, &first[0], &mut |edge, _| found.push(edge.action.to_string()));
    found.retain(|action| action.contains("partner-down"));
    found
}

#[test]
fn a_partner_that_serves_is_not_declared_down() {
    assert_eq!(commands(true), Vec::<String>::new());
    let untrue = commands(false);
    assert!(untrue.iter().any(|action| action == "operator secondary partner-down"), "{untrue:?}");
    assert!(untrue.iter().any(|action| action.contains("crash after 1")), "{untrue:?}");
}
