//! The dialect of ISC dhcpd against captures of real ones, step by step: what they said must be possible in it.
//!
//! The captures in `captures/` are of pairs of dhcpd 4.4.3-P1 (Debian 4.4.3-P1-2) in network namespaces, MCLT 20 or 60 s;
//! what each shows is told by [`COMMITTED`]. `captures/dialect.txt` has what came of each, and every departure; a departure
//! that is not in it, or that is no more, fails. `UPDATE_GOLDEN=1` writes it anew. More captures are followed where
//! `DHCPFO_CAPTURES` names their folder; their lines are in the same file.
//!
//! What is known of the departures:
//!
//! * *order*, updates before STATE NORMAL: a dhcpd that leaves COMMUNICATIONS-INTERRUPTED sends what waits in memory first, and
//!   what it finds on disk after a restart afterwards. The dialect always sends afterwards, which is the worse of the two (Q30).
//! * A second UPDREQALL, and then one UPDDONE for both: a dhcpd in RECOVER asks again when its partner says another state.
//!   The new request replaces the older one, so the partner tells the same.
//! * Refused FREE in a first start: each tells of addresses that were never used, which the dialect leaves out (failover-12
//!   §5.16), so there no two updates cross.
//! * FREE told once more in NORMAL: dhcpd repeats it where what it promised is later than what was acknowledged.
//! * BACKUP told outside NORMAL: dhcpd gives an address whose lease has ended to the secondary if its client hashes to that.
//!   The dialect hands over by balance, in NORMAL.
//! * isc-link-cut.pcap, one BNDACK: both servers extended a lease in the same second, and this is taken for one lease.
//! * isc-b01-link.pcap from packet 118 on, a conflict: *not explained yet*.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use dhcpfo_audit::dialect::{Followed, Kind, follow};
use dhcpfo_audit::{Input, Settings};
use dhcpfo_engine::rules::{ChangeTold, ResumedNormal, Rules};
use dhcpfo_engine::state::Role;

/// Captures of the connection, with what happens in them.
const COMMITTED: [(&str, &str); 6] = [
    ("isc-b01-link.pcap", "PARTNER-DOWN while the partner has leased"),
    ("isc-clients.pcap", "leases, renewals, releases, declines, and ends"),
    ("isc-killed.pcap", "each server killed and started again"),
    ("isc-link-cut.pcap", "the connection cut, and whole again"),
    ("isc-partner-down.pcap", "one killed, the other declared it down, and it came back early"),
    ("isc-restart.pcap", "both killed and started again, then leases"),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/audit/captures")
}

fn followed(path: &Path, rules: &Rules) -> Followed {
    follow(&[Input::Path(path.to_owned())], &Settings::default(), rules).unwrap()
}

fn lines(name: &str, followed: &Followed) -> String {
    let mut text = format!("{name}: {} and {} messages as in the dialect\n", followed.matched[0], followed.matched[1]);
    for ((role, inferred), number) in &followed.inferred {
        let _ = writeln!(text, "  inferred: the {} {}, {number} times", role.name(), inferred.words());
    }
    for departure in &followed.departures {
        let _ = writeln!(text, "  packet {} {}: {departure}", departure.place.packet, departure.kind.word());
    }
    text
}

/// The file with what came of each capture, as name and lines.
fn golden() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(folder().join("dialect.txt")).unwrap_or_default();
    let mut sections: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match (line.starts_with(' '), sections.last_mut()) {
            (true, Some((_, lines))) => *lines += &format!("{line}\n"),
            _ => {
                let name = line.split(':').next().unwrap_or_default().to_owned();
                sections.push((name, format!("{line}\n")));
            }
        }
    }
    sections
}

fn compare(name: &str, path: &Path) {
    let got = lines(name, &followed(path, &Rules::ISC_DHCPD_4_4));
    let mut sections = golden();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        sections.retain(|(known, _)| known != name);
        sections.push((name.to_owned(), got));
        sections.sort();
        let text: String = sections.into_iter().map(|(_, lines)| lines).collect();
        std::fs::write(folder().join("dialect.txt"), text).unwrap();
        return;
    }
    let expected = sections.iter().find(|(known, _)| known == name).map_or("", |(_, lines)| lines);
    assert_eq!(
        got, expected,
        "{name}: the dialect departs from dhcpd in another way; UPDATE_GOLDEN=1 once it is understood"
    );
}

/// One test, for they share a file.
#[test]
fn what_real_servers_said_is_possible_in_the_dialect() {
    for (name, _) in COMMITTED {
        compare(name, &folder().join(name));
    }
    let Some(more) = std::env::var_os("DHCPFO_CAPTURES") else { return };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(more).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        // Clients' packets are in files of their own.
        if name.ends_with(".pcap") && !name.ends_with(".lan.pcap") {
            compare(&name, &path);
        }
    }
}

/// Q125: had NORMAL been resumed in silence, a test would have told.
#[test]
fn silence_after_a_restart_is_a_departure() {
    let change_told = ChangeTold::WhenFlowing;
    let rules = Rules { resumed_normal: ResumedNormal::Silent, change_told, ..Rules::ISC_DHCPD_4_4 };
    let followed = followed(&folder().join("isc-restart.pcap"), &rules);
    let silent = followed.departures.iter().filter(|d| d.kind == Kind::NotPossible && d.message.contains("BNDUPD"));
    assert!(silent.clone().any(|d| d.role == Role::Secondary), "{:#?}", followed.departures);
    assert_eq!(silent.count(), 3);
}
