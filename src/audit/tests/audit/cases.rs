//! Captures of real pairs of ISC dhcpd 4.4.3-P1, and two that were made of one: what the audit has to say of each.

use std::path::PathBuf;

use dhcpfo_audit::{Claim, Input, Report, Settings, Verdict, audit};

fn captures(names: &[&str]) -> Vec<Input> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/audit/captures");
    names.iter().map(|name| Input::Path(folder.join(name))).collect()
}

fn judged(names: &[&str]) -> Report {
    audit(&captures(names), &Settings::default()).unwrap()
}

fn finding(report: &Report, claim: Claim) -> String {
    let [finding] = &report.findings()[..] else { panic!("{}", report.text(false)) };
    assert_eq!(finding.claim, claim);
    assert_eq!(report.exit_code(), 1);
    finding.text.clone()
}

fn assert_held(report: &Report, claims: &[Claim]) {
    assert_eq!(report.findings(), [], "{}", report.text(false));
    for claim in claims {
        assert_eq!(report.ledger.row(*claim).verdict(), Verdict::Held, "{}: {}", claim.name(), report.text(false));
    }
}

/// The secondary is killed and comes back: in NORMAL, at once, and it goes on telling of its leases.
#[test]
fn a_restart_is_read_as_what_it_is() {
    let report = judged(&["isc-restart.pcap"]);
    assert_held(&report, &[Claim::Accepted, Claim::OnePrimary, Claim::NormalAgain, Claim::RefusedAgain]);
    let text = report.text(true);
    assert!(text.contains("primary    10.77.1.1, towards clients not known\n"), "{text}");
    assert!(text.contains("profile isc-dhcpd (vendor class \"isc-4.4.3-P1\")"), "{text}");
    assert!(text.contains("10.77.1.1 (primary) dials 10.77.1.2 (secondary), once"), "while it was down: {text}");
    assert!(text.contains("COMMUNICATIONS-INTERRUPTED (STARTUP)") && text.contains("NORMAL (STARTUP)"), "{text}");
}

#[test]
fn two_secondaries_are_told() {
    let report = judged(&["isc-both-secondary.pcap"]);
    let text = finding(&report, Claim::OnePrimary);
    assert!(text.starts_with("both ends are secondaries: 10.77.1.1 and 10.77.1.2 each dial the other"), "{text}");
    assert!(text.contains("2 connections of up to 15.1 s"), "{text}");
    assert!(!report.text(false).contains("capture the connection"), "{}", report.text(false));
}

#[test]
fn two_primaries_are_told() {
    let report = judged(&["isc-both-primary.pcap.gz"]);
    let text = finding(&report, Claim::OnePrimary);
    assert!(text.starts_with("both ends are primaries: 10.77.1.1 and 10.77.1.2 both send CONNECT, 24 times"), "{text}");
    assert!(report.text(false).contains("(guessed: both send CONNECT as a primary does)"), "{}", report.text(false));
}

/// The secondary has fewer addresses: what it refuses is no fault of the protocol, and what it means is said.
#[test]
fn pools_that_differ_show_in_what_is_refused() {
    let report = judged(&["isc-pools-differ.pcap.gz"]);
    assert_held(&report, &[Claim::RefusedAgain, Claim::Accepted]);
    let text = report.text(false);
    assert!(text.contains("10.77.1.2 (secondary) refused 6 times in 0.1 s"), "{text}");
    assert!(text.contains("the address is in no pool of the refusing server: the pools of the two differ"), "{text}");
}

#[test]
fn a_refused_name_is_told() {
    let report = judged(&["isc-names-differ.pcap"]);
    let text = finding(&report, Claim::Accepted);
    let expected = "10.77.1.2 (secondary) refuses 10.77.1.1 (primary), 9 times in 20.1 s, from 20:30:25.710 to \
                    20:30:45.718: reject-reason 8 (invalid failover partner): unknown failover relationship name \
                    (CONNECTACK): the name of the relationship";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.ends_with("the capture has no connection of the two that was accepted"), "{text}");
}

/// Begun while the pair ran: two updates cross, and the primary's stands; the texts and times are those of a dhcpd.
#[test]
fn what_is_guessed_is_marked_and_right() {
    let report = judged(&["isc-joined.pcap"]);
    let text = report.text(false);
    assert!(
        text.contains("primary    10.77.1.1, towards clients 10.77.0.2 (guessed from what only that role does)"),
        "{text}"
    );
    assert!(text.contains("secondary  10.77.1.2, towards clients 10.77.0.3 (guessed"), "{text}");
    assert!(text.contains("profile isc-dhcpd (guessed from texts of refusals"), "{text}");
    assert!(
        text.contains("--server primary=ADDRESS, settles it") && text.contains("or --profile, settles it"),
        "{text}"
    );
    let json = serde_json::to_value(report.document(false)).unwrap();
    assert!(json["roles-guessed"].is_string() && json["profile-guessed"].is_string(), "{json:#}");
    // What is said counts, and is no guess.
    let known = judged(&["isc-restart.pcap"]);
    let json = serde_json::to_value(known.document(false)).unwrap();
    assert!(json["roles-guessed"].is_null() && json["profile-guessed"].is_null(), "{json:#}");
    assert_eq!(json["vendor"], "isc-4.4.3-P1");
}

#[test]
fn rebalancing_without_end_is_told() {
    let text = finding(&judged(&["poolreq-without-end.pcap.gz"]), Claim::RebalancingEnds);
    assert!(text.starts_with("10.77.1.2 (secondary) asks for addresses (POOLREQ), 2000 times in 40.0 s"), "{text}");
}

#[test]
fn an_update_that_is_refused_again_and_again_is_told() {
    let text = finding(&judged(&["refused-again.pcap.gz"]), Claim::RefusedAgain);
    let expected = "10.77.0.12: 10.77.1.1 (primary) refuses the same update (ACTIVE), 2000 times in 40.0 s";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.contains("reject-reason 15 (outdated binding information): the refusing server knows"), "{text}");
}

#[test]
fn where_nothing_is_wrong_nothing_is_found() {
    let clients = judged(&["isc-b-clients-link.pcap.gz", "isc-b-clients-lan.pcap.gz"]);
    assert_held(&clients, &[Claim::NoDuplicate, Claim::RefusedAgain, Claim::Rests]);
    let cut = judged(&["isc-c-link-cut-link.pcap.gz", "isc-c-link-cut-lan.pcap.gz"]);
    assert_held(&cut, &[Claim::NoDuplicate, Claim::Accepted, Claim::NormalAgain, Claim::PartnerTold]);
}

#[test]
fn a_compressed_capture_is_read_and_may_be_cut() {
    let [Input::Path(path)] = &captures(&["isc-c-link-cut-link.pcap.gz"])[..] else { unreachable!() };
    let packed = std::fs::read(path).unwrap();
    let whole = audit(&[Input::Octets("whole".to_owned(), packed.clone())], &Settings::default()).unwrap();
    assert!(whole.ledger.row(Claim::WellFormed).occasions > 40);
    for length in (0..packed.len()).step_by(71) {
        let cut = Input::Octets("cut".to_owned(), packed[..length].to_vec());
        match audit(&[cut], &Settings::default()) {
            Ok(report) => assert!(report.ledger.row(Claim::WellFormed).violations == 0, "{}", report.text(false)),
            Err(error) => assert!(length < 400, "{length}: {error}"),
        }
    }
}

/// Addresses of either role, by a capture that begins anywhere in the conversation: never the wrong way round.
#[test]
fn roles_are_right_or_said_to_be_unknown_wherever_a_capture_begins() {
    for name in ["isc-restart.pcap", "isc-joined.pcap", "isc-b01-link.pcap"] {
        let [Input::Path(path)] = &captures(&[name])[..] else { unreachable!() };
        let octets = std::fs::read(path).unwrap();
        let mut begins = vec![24];
        while let Some(length) = begins.last().and_then(|at| octets.get(at + 8..at + 12)) {
            let length = u32::from_le_bytes(length.try_into().unwrap()) as usize;
            begins.push(begins.last().unwrap() + 16 + length);
        }
        for begin in begins {
            let rest = [&octets[..24], &octets[begin.min(octets.len())..]].concat();
            let report = audit(&[Input::Octets(name.to_owned(), rest)], &Settings::default()).unwrap();
            let json = serde_json::to_value(report.document(false)).unwrap();
            let primary = &json["servers"][0]["link"];
            let is_unknown = json["roles-guessed"].as_str().is_some_and(|how| how.contains("other way round"));
            assert!(primary.is_null() || primary == "10.77.1.1" || is_unknown, "{name} from {begin}: {json:#}");
        }
    }
}
