//! Captures of a real pair of ISC dhcpd 4.4.3-P1 (Debian), MCLT 10 s, one address, made in network namespaces: the
//! primary gives an address again in PARTNER-DOWN although its client has it from the partner (B-01).

use std::path::PathBuf;

use dhcpfo_audit::{Claim, Input, Settings, audit};

fn captures() -> Vec<Input> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/audit/captures");
    ["isc-b01-link.pcap", "isc-b01-lan.pcap"].map(|name| Input::Path(folder.join(name))).to_vec()
}

#[test]
fn the_duplicate_of_dhcpd_is_found() {
    let report = audit(&captures(), &Settings::default()).unwrap();
    let findings = report.findings();
    let texts: Vec<_> = findings.iter().map(|finding| (finding.claim, finding.text.as_str())).collect();
    assert_eq!(
        texts[0],
        (
            Claim::NoDuplicate,
            "10.77.0.10: the primary in PARTNER-DOWN gave it to 02:c1:00:00:00:02 while 02:c1:00:00:00:01 has it from \
             the secondary, until in 7.2 s"
        )
    );
    assert_eq!(texts[1].0, Claim::PartnerDownWait);
    assert_eq!(findings[0].places[0].packet, 21);
    assert_eq!(report.exit_code(), 1);
}

#[test]
fn with_the_clients_side_alone_the_duplicate_is_found_and_the_wait_is_not_judged() {
    let report = audit(&captures()[1..], &Settings::default()).unwrap();
    assert!(report.findings().iter().all(|finding| finding.claim == Claim::NoDuplicate));
    // The last one overlaps by half a second.
    assert_eq!(report.findings().len(), 6);
    assert!(report.findings()[5].text.ends_with("until in 0.539 s"), "{}", report.findings()[5].text);
    assert!(report.text(false).contains("no failover messages"));
}

#[test]
fn a_capture_cut_anywhere_is_judged_up_to_there_or_refused() {
    let Input::Path(path) = &captures()[0] else { unreachable!() };
    let whole = std::fs::read(path).unwrap();
    for length in (0..whole.len()).step_by(97) {
        let cut = Input::Octets("cut".to_owned(), whole[..length].to_vec());
        match audit(&[cut], &Settings::default()) {
            Ok(report) => assert!(report.findings().iter().all(|finding| finding.claim != Claim::WellFormed)),
            Err(error) => assert!(length < 24, "{length}: {error}"),
        }
    }
}
