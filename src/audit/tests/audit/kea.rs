//! Records of real pairs of Kea 2.2.0 (Debian), made by `src/protocols/kea-ha/tests/pair.sh` in network namespaces: each claim once
//! held and once violated; and files that are cut, of another version, rotated, or of another pair.
//!
//! * `day`: an ordinary day; `refused`: an update that is told again; `untold`: a pair that is configured to send no updates;
//! * `k05`: both die in turn; `k05b`: one restart in one cut; `k06`: TERMINATED; `n09`: a client that is refused its lease.
//!   All captures of the control link are of the primary's side of a proxy.

use std::io::Read;
use std::path::PathBuf;

use dhcpfo_audit::kea::{Claim, Report, audit, is_kea};
use dhcpfo_audit::{Input, Settings, Unreadable, Verdict};
use dhcpfo_engine::state::Role;
use dhcpfo_wire::client::Kind;
use flate2::read::GzDecoder;
use proptest::prelude::*;

use crate::tape::Tape;

const ALL: [&str; 6] = ["control.pcap.gz", "lan.pcap.gz", "s0.log.gz", "s1.log.gz", "s0.csv", "s1.csv"];

fn path(run: &str, name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/audit/kea").join(run).join(name)
}

fn input(run: &str, name: &str) -> Input {
    Input::Path(path(run, name))
}

/// The text of a file, with a name of its own.
fn text(run: &str, name: &str) -> String {
    let octets = std::fs::read(path(run, name)).unwrap();
    let mut text = String::new();
    match name.ends_with(".gz") {
        true => GzDecoder::new(octets.as_slice()).read_to_string(&mut text).unwrap(),
        false => octets.as_slice().read_to_string(&mut text).unwrap(),
    };
    text
}

fn named(name: &str, text: impl Into<Vec<u8>>) -> Input {
    Input::Octets(name.to_owned(), text.into())
}

fn judged(inputs: &[Input]) -> Result<Report, Unreadable> {
    audit(inputs, &Settings::default())
}

fn of(run: &str, names: &[&str]) -> Report {
    let inputs: Vec<Input> = names.iter().map(|name| input(run, name)).collect();
    judged(&inputs).unwrap()
}

fn texts(report: &Report, claim: Claim) -> Vec<String> {
    report.ledger.row(claim).findings.into_iter().map(|finding| finding.text).collect()
}

#[test]
fn each_claim_is_held_once_and_violated_once() {
    for (claim, held, violated) in [
        (Claim::NoDuplicate, "day", "k05"),
        (Claim::Renewed, "day", "n09"),
        (Claim::Copied, "day", "untold"),
        (Claim::OneServes, "day", "k05b"),
        (Claim::LeasesAgree, "day", "k05"),
        (Claim::ToldAgain, "refused", "k05"),
        (Claim::HeardBefore, "day", "k05"),
        (Claim::WorksTogether, "day", "k06"),
        (Claim::ClocksAgree, "day", "k06"),
    ] {
        for (run, verdict) in [(held, Verdict::Held), (violated, Verdict::Violated)] {
            let report = of(run, &ALL);
            assert_eq!(report.ledger.row(claim).verdict(), verdict, "{}: {run}\n{}", claim.name(), report.text());
        }
    }
    assert_eq!([of("day", &ALL), of("k05", &ALL)].map(|report| report.exit_code()), [0, 1]);
    assert_eq!(Claim::ALL.len(), 9, "a claim that no record is of");
}

#[test]
fn a_capture_alone_says_that_clocks_differ_and_so_do_logs_alone() {
    for names in [&ALL[..1], &ALL[2..4]] {
        assert_eq!(of("k06", names).ledger.row(Claim::ClocksAgree).verdict(), Verdict::Violated, "{names:?}");
    }
}

#[test]
fn two_offers_to_one_client_are_two_that_serve() {
    let offered = |answers: &[Role]| {
        let mut tape = Tape::new();
        tape.packet(None, Kind::Discover, 1, 0);
        for role in answers {
            tape.packet(Some(*role), Kind::Offer, 1, 60);
        }
        let capture = named("lan.pcap", tape.pcap());
        judged(&[capture, input("day", "s0.csv")]).unwrap().ledger.row(Claim::OneServes).verdict()
    };
    assert_eq!(offered(&[Role::Primary, Role::Secondary]), Verdict::Violated);
    assert_eq!(offered(&[Role::Primary]), Verdict::Held);
}

#[test]
fn what_is_found_is_told_with_its_packets_and_lines() {
    let report = of("k05", &ALL);
    let told = |claim: Claim| {
        let finding = report.ledger.row(claim).findings[0].clone();
        let places: Vec<_> = finding.places.iter().map(|place| (ALL[place.file], place.packet)).collect();
        (finding.text, places)
    };
    let (text, places) = told(Claim::NoDuplicate);
    let duplicate = "10.79.0.10: 10.79.0.3 gave it to 02:c1:00:00:00:02 while 02:c1:00:00:00:01 has it from 10.79.0.2, until in 108.7 s";
    assert_eq!((text.as_str(), places), (duplicate, vec![("lan.pcap.gz", 11), ("lan.pcap.gz", 7)]));
    let (text, places) = told(Claim::HeardBefore);
    assert!(text.starts_with("s1 has heard nothing of its partner"), "{text}");
    assert_eq!(places, [("s1.log.gz", 70)]);
    let (text, places) = told(Claim::ToldAgain);
    assert!(
        text.starts_with(
            "10.79.0.10: the update of 10.79.1.1 for 02:c1:00:00:00:01 is not answered, and in the 22.9 s"
        ),
        "{text}"
    );
    assert_eq!(places, [("control.pcap.gz", 93)]);
    let (text, places) = told(Claim::LeasesAgree);
    assert!(text.contains("has it for 02:c1:00:00:00:01, and ") && text.ends_with(" for 02:c1:00:00:00:02"), "{text}");
    assert_eq!(places, [("s0.csv", 3), ("s1.csv", 2)]);
    let ended = texts(&of("k06", &ALL), Claim::WorksTogether);
    assert!(
        ended[0].starts_with("s0 went to TERMINATED: HA_HIGH_CLOCK_SKEW_CAUSES_TERMINATION: my time: "),
        "{ended:?}"
    );
}

#[test]
fn status_get_of_both_says_who_serves() {
    let names = ["s0.status.json", "s1.status.json"];
    let both = texts(&of("k05b", &names), Claim::OneServes);
    assert_eq!(both.len(), 1);
    assert!(
        both[0].starts_with("the primary in PARTNER-DOWN and the standby in PARTNER-DOWN both serve the clients of s0"),
        "{both:?}"
    );
    assert_eq!(of("refused", &names).ledger.row(Claim::OneServes).verdict(), Verdict::Held);
    let one = of("refused", &names[..1]);
    assert_eq!(one.ledger.row(Claim::OneServes).verdict(), Verdict::NotJudged);
    assert!(one.text().contains("status-get of one server"), "{}", one.text());
}

#[test]
fn what_is_not_there_is_said_and_not_passed() {
    let logs = of("day", &["s0.log.gz", "s1.log.gz"]);
    for claim in [Claim::NoDuplicate, Claim::Copied, Claim::LeasesAgree, Claim::ToldAgain] {
        assert_eq!(logs.ledger.row(claim).verdict(), Verdict::NotJudged, "{}", claim.name());
    }
    assert!(logs.text().contains("no occasion; it takes the lease files (CSV) of both servers"), "{}", logs.text());
    let clients = of("day", &["lan.pcap.gz", "s0.csv"]);
    assert!(clients.text().contains("the lease file of one server only"), "{}", clients.text());
    assert!(
        clients.remarks.iter().any(|remark| remark.starts_with("no commands between servers")),
        "{:?}",
        clients.remarks
    );
    assert_eq!(of("day", &["s0.csv"]).exit_code(), 3);
}

#[test]
fn a_log_that_is_cut_or_rotated_is_said_with_its_line() {
    let whole = text("day", "s0.log.gz");
    let lines = whole.lines().count() as u64;
    let cut = judged(&[named("s0.log", &whole[..whole.len() - 20]), input("day", "s1.log.gz")]).unwrap();
    assert!(
        cut.remarks.contains(&format!("s0.log line {lines}: the last line is cut off; passed over")),
        "{:?}",
        cut.remarks
    );
    // From the middle of a line after the last start on.
    let middle = whole.rfind("HA_STATE_TRANSITION").unwrap() - 400;
    let rotated = judged(&[named("s0.log.1", &whole[middle..]), input("day", "s1.log.gz")]).unwrap();
    let said = |begins: &str| rotated.remarks.iter().any(|remark| remark.starts_with(begins));
    assert!(said("s0.log.1 line 1: is no line of a log of Kea"), "{:?}", rotated.remarks);
    assert!(said("s0.log.1: begins after the start of s0 (rotated?)"), "{:?}", rotated.remarks);
}

#[test]
fn lease_files_of_another_version_or_a_third_one_are_said() {
    let (one, other) = (text("day", "s0.csv"), text("day", "s1.csv"));
    // A later version has one column more; one that lacks what is needed is not judged.
    let wider = |text: &str| {
        text.lines()
            .map(|line| format!("{line},{}\n", if line.contains("address") { "pool_id" } else { "0" }))
            .collect::<String>()
    };
    let later = judged(&[named("s0.csv", wider(&one)), named("s1.csv", wider(&other))]).unwrap();
    assert_eq!(later.ledger.row(Claim::LeasesAgree).verdict(), Verdict::Held);
    let without = judged(&[named("s0.csv", one.replace("expire,", "")), named("s1.csv", other.as_str())]).unwrap();
    assert_eq!(without.ledger.row(Claim::LeasesAgree).verdict(), Verdict::NotJudged);
    assert!(
        without.remarks.iter().any(|remark| remark.starts_with("s0.csv line 1: has no column expire")),
        "{:?}",
        without.remarks
    );
    let three =
        judged(&[named("s0.csv", one.as_str()), named("s1.csv", other.as_str()), input("k05", "s0.csv")]).unwrap();
    assert!(three.text().contains("more than two lease files: of which pair?"), "{}", three.text());
    let cut = judged(&[named("s0.csv", &one[..one.len() - 9]), named("s1.csv", other)]).unwrap();
    let last = one.lines().count();
    assert!(cut.remarks.iter().any(|remark| remark.starts_with(&format!("s0.csv line {last}: "))), "{:?}", cut.remarks);
}

#[test]
fn a_lease_at_one_side_or_for_longer_is_told() {
    let one = text("day", "s0.csv");
    let last = one.lines().last().unwrap();
    let fields: Vec<&str> = last.split(',').collect();
    let (address, expires): (&str, i64) = (fields[0], fields[4].parse().unwrap());
    let longer = one.replace(last, &last.replace(fields[4], &(expires + 60).to_string()));
    let said = texts(&judged(&[named("s0.csv", one.as_str()), named("s1.csv", longer)]).unwrap(), Claim::LeasesAgree);
    assert_eq!(said, [format!("{address}: s1.csv lets {} have it 60 s longer than s0.csv", fields[1])]);
    let gone: String = one.lines().filter(|line| !line.starts_with(address)).map(|line| format!("{line}\n")).collect();
    let said = texts(&judged(&[named("s0.csv", one.as_str()), named("s1.csv", gone)]).unwrap(), Claim::LeasesAgree);
    assert_eq!(said, [format!("{address}: s0.csv has it for {}, and s1.csv has no lease of it", fields[1])]);
}

#[test]
fn commands_of_another_pair_are_said_and_not_judged() {
    let whole = |run: &str| {
        let (mut whole, octets) = (Vec::new(), std::fs::read(path(run, "control.pcap.gz")).unwrap());
        GzDecoder::new(octets.as_slice()).read_to_end(&mut whole).unwrap();
        whole
    };
    // The same servers at other addresses.
    let mut other = whole("k05");
    for at in 0..other.len() - 3 {
        if other[at..].starts_with(&[10, 79, 1]) {
            other[at + 1] = 80;
        }
    }
    assert_eq!(judged(&[named("other.pcap", other.clone())]).unwrap().ledger.row(Claim::ToldAgain).violations, 1);
    let both = judged(&[input("day", "control.pcap.gz"), named("other.pcap", other)]).unwrap();
    assert_eq!(both.ledger.row(Claim::ToldAgain).violations, 0);
    let said = "commands of others were passed over (of another pair, or beyond a proxy): 10.80.1.1, 10.80.1.12";
    assert!(both.remarks.iter().any(|remark| remark == said), "{:?}", both.remarks);
}

#[test]
fn a_capture_cut_anywhere_is_judged_up_to_there() {
    let mut whole = Vec::new();
    let octets = std::fs::read(path("k05", "control.pcap.gz")).unwrap();
    GzDecoder::new(octets.as_slice()).read_to_end(&mut whole).unwrap();
    for length in (24..whole.len()).step_by(997) {
        let report = judged(&[named("cut.pcap", &whole[..length]), input("k05", "lan.pcap.gz")]).unwrap();
        assert_eq!(report.ledger.row(Claim::NoDuplicate).violations, 1);
        assert_eq!(report.ledger.row(Claim::ClocksAgree).violations, 0);
    }
}

#[test]
fn files_of_kea_are_told_from_others() {
    for name in ["control.pcap.gz", "s0.log.gz", "s0.csv"] {
        assert!(is_kea(&[input("day", name)]), "{name}");
    }
    assert!(is_kea(&[input("k05b", "s0.status.json")]));
    let captures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/audit/captures");
    for name in ["isc-b01-link.pcap", "isc-both-primary.pcap.gz"] {
        assert!(!is_kea(&[Input::Path(captures.join(name))]), "{name}");
    }
    assert!(!is_kea(&[named("trace.jsonl", "{\"kind\":\"dhcpfo-trace\"}\n")]));
    let error = judged(&[named("notes.txt", "what I saw\n"), input("day", "s0.csv")]).unwrap_err();
    assert!(error.to_string().starts_with("notes.txt: is nothing that is known; a capture, a log"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Any octets are judged or refused: a piece of each file is overwritten.
    #[test]
    fn spoiled_files_are_judged_or_refused(at in 0.0..1.0f64, noise in proptest::collection::vec(any::<u8>(), 1..40), which in 0..4usize) {
        let name = ["control.pcap.gz", "s0.log.gz", "s0.csv", "s0.status.json"][which];
        let mut octets = std::fs::read(path("k05b", name)).unwrap();
        if name.ends_with(".gz") {
            let mut whole = Vec::new();
            GzDecoder::new(octets.as_slice()).read_to_end(&mut whole).unwrap();
            octets = whole;
        }
        let place = (at * octets.len() as f64) as usize;
        for (octet, noise) in octets.iter_mut().skip(place).zip(noise) {
            *octet = noise;
        }
        let _ = judged(&[named("spoiled", octets), input("k05b", "s1.csv"), input("k05b", "lan.pcap.gz")]);
    }
}
