//! For which lengths of time claims fail: found for all lengths at once, and by trying one choice after the other.

use dhcpfo_clock::{Condition, Lengths, Phi};
use dhcpfo_header::head::Clock;
use dhcpfo_header::node::parse;
use dhcpfo_protocols::ALL;
use dhcpfo_study::Study;
use dhcpfo_study::answer::RunOptions;
use dhcpfo_study::inequalities::{Refuted, each_claim, needed, where_it_fails};
use dhcpfo_time::Span;
use std::path::Path;

fn read(name: &str) -> Box<dyn Study> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(name);
    let text = std::fs::read_to_string(path).expect("a readable model");
    let node = parse(name, &text).expect("TOML");
    let family = ALL.of(&node, "draft-12").expect("a known protocol").expect("no model of draft-12");
    family.model(name, &node).unwrap_or_else(|errors| panic!("{errors}"))
}

/// By claim: where it fails, if nothing is declared.
fn failing(study: &dyn Study) -> Vec<Vec<Vec<Condition>>> {
    let model = study.lengthened();
    let found = where_it_fails(model, Phi::default(), &RunOptions::whole(), &mut |_| {}).expect("it can be searched");
    assert_eq!(found.cut_off, None);
    let conditions = |refuted: Option<Refuted>| {
        refuted.map_or_else(Vec::new, |refuted| {
            assert!(refuted.is_all);
            refuted.conditions
        })
    };
    found.claims.into_iter().map(conditions).collect()
}

/// Compares it with searches for the choices of two lengths up to 4, in real time.
fn agrees(name: &str, lengths: [&str; 2], expected: &[(&str, &str)]) {
    let study = read(name);
    let (model, conditions) = (study.lengthened(), failing(&*study));
    let (names, words) = (model.claims(), model.words());
    for &(claim, text) in expected {
        let number = names.iter().position(|name| *name == claim).expect("a claim of the model");
        let texts: Vec<Vec<String>> =
            conditions[number].iter().map(|all| all.iter().map(|one| one.text(&words)).collect()).collect();
        assert_eq!(texts, [[text]], "{name}: {claim}");
    }
    let options = RunOptions { clock: Clock::Exact, ..RunOptions::whole() };
    for (first, second) in (1..=4).flat_map(|first| (1..=4).map(move |second| (first, second))) {
        let span = |name| Span(words.iter().position(|word| word.name == name).expect("a length of the model") as u8);
        let [one, other] = lengths.map(span);
        let values = model.given().small.with(one, first).and_then(|values| values.with(other, second));
        let values = values.expect("lengths");
        let lengths = Lengths { phi: Phi::default(), small: values, seconds: values, ..model.given() };
        let (_, found) = each_claim(model, |names| {
            let answer = model.for_these(&lengths, names, &options, &mut |_| {})?;
            assert_eq!(answer.cut_off, None);
            Ok(((), answer.claims))
        })
        .expect("it can be searched");
        for (number, refuted) in found.iter().enumerate() {
            let admits = conditions[number].iter().any(|all| all.iter().all(|condition| condition.admits(&values)));
            assert_eq!(refuted.is_some(), admits, "{name}: {} with {first} and {second}", names[number]);
        }
    }
}

#[test]
fn fischer_fails_where_waiting_is_no_longer_than_writing() {
    agrees(
        "fischer/two.toml",
        ["set", "wait"],
        &[("mutual-exclusion", "wait <= set"), ("named-inside", "wait <= set")],
    );
}

#[test]
fn a_grant_is_used_too_long_where_clocks_differ_by_more_than_the_margin() {
    let expected = [("mutual-exclusion", "margin <= skew"), ("granted-while-used", "margin <= skew")];
    agrees("resource-sharing/two.toml", ["skew", "margin"], &expected);
}

/// What is refuted without an inequality is refuted for lengths that do not satisfy it, with times.
#[test]
fn what_needs_an_inequality_has_an_example_without_it() {
    for name in ["fischer/two.toml", "resource-sharing/two.toml"] {
        let study = read(name);
        let (with_all, without) = needed(study.lengthened(), &RunOptions::whole(), &mut |_| {}).expect("a search");
        assert!(with_all.claims.iter().all(Option::is_none), "{name}");
        assert_eq!(without.len(), 1, "{name}");
        for refuted in without[0].found.claims.iter() {
            let refuted = refuted.as_ref().expect("each claim needs the only inequality that there is");
            let example = refuted.example.as_ref().expect("lengths");
            let length = |span: Span| example.lengths.iter().find(|(other, _)| *other == span).expect("a length").1;
            let (shorter, longer) = without[0].pair;
            assert!(length(shorter) >= length(longer) && example.actions.len() == refuted.length as usize, "{name}");
        }
    }
}
