//! What `serve --check` refuses and warns of, and whether two configurations are those of a pair.

use std::path::{Path, PathBuf};

use crate::harness::pair::{Pair, dhcpfo};
use dhcpfo_server::demo::Shape;

const GOOD: &str = "\
[listen]
addresses = [\"10.0.0.2:67\"]
[store]
path = \"a.store\"
[failover]
role = \"primary\"
name = \"fo\"
address = \"10.0.0.4:647\"
partner = \"10.0.0.3:647\"
[[subnet]]
network = \"10.0.0.0/24\"
pools = [\"10.0.0.10-10.0.0.50\"]
routers = [\"10.0.0.1\"]
dns = [\"10.0.0.9\"]
next-server = \"10.0.0.8\"
[[subnet]]
network = \"10.0.8.0/23\"
pools = [\"10.0.8.255-10.0.9.0\"]
[[subnet]]
network = \"10.0.16.0/31\"
pools = [\"10.0.16.0-10.0.16.1\"]
[[reservation]]
address = \"10.0.0.60\"
hardware = \"02:00:00:00:00:01\"
[[reservation]]
address = \"10.0.9.60\"
hardware = \"02:00:00:00:00:01\"
";
const POOLS: &str = "pools = [\"10.0.0.10-10.0.0.50\"]";

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn check(folder: &Path, files: &[&str]) -> (Option<i32>, String) {
    let output = dhcpfo().current_dir(folder).args(["serve", "--check"]).args(files).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&[output.stderr, output.stdout].concat()).into_owned())
}

#[test]
fn addresses_that_are_somebodys_are_not_given_to_clients() {
    let folder = folder("check-addresses");
    let refused = |from: &str, to: &str, expected: &str| {
        assert!(GOOD.contains(from), "{from}");
        std::fs::write(folder.join("a.toml"), GOOD.replacen(from, to, 1)).unwrap();
        let (code, said) = check(&folder, &["a.toml"]);
        assert!(code == Some(2) && said.contains(expected), "{to}: {code:?}\n{said}\nexpected: {expected}");
    };
    std::fs::write(folder.join("a.toml"), GOOD).unwrap();
    let (code, said) = check(&folder, &["a.toml"]);
    assert!(code == Some(0) && !said.contains("warning"), "{said}");
    for (pool, whose) in [
        ("10.0.0.0-10.0.0.0", "10.0.0.0 would be given to a client and is the network's address"),
        ("10.0.0.200-10.0.0.255", "10.0.0.255 would be given to a client and is the broadcast address"),
        ("10.0.0.1", "10.0.0.1 would be given to a client and is a router's"),
        ("10.0.0.2-10.0.0.2", "10.0.0.2 would be given to a client and is this server's (listen."),
        ("10.0.0.3", "10.0.0.3 would be given to a client and is the partner's (failover.partner)"),
        ("10.0.0.4", "10.0.0.4 would be given to a client and is this server's (failover.address)"),
        ("10.0.0.5-10.0.0.9", "10.0.0.9 would be given to a client and is a name server's"),
        ("10.0.0.8", "10.0.0.8 would be given to a client and is the next server's"),
    ] {
        refused(POOLS, &format!("pools = [\"{pool}\"]"), &format!("a.toml:12: subnet.pools: {whose}"));
    }
    refused("10.0.8.255-10.0.9.0", "10.0.9.200-10.0.9.255", "a.toml:18: subnet.pools: 10.0.9.255 would");
    // A router that is told in another subnet, or by the option's code.
    refused(
        "routers = [\"10.0.0.1\"]",
        "options = { \"3\" = \"hex:0a000014\" }",
        "10.0.0.20 would be given to a client and is a router's",
    );
    refused("10.0.0.60", "10.0.0.1", "reservation.address: 10.0.0.1 would be given to a client and is a router's");
    refused(
        "10.0.0.60",
        "10.0.0.255",
        "reservation.address: 10.0.0.255 would be given to a client and is the broadcast",
    );
    refused("10.0.9.60", "10.0.0.61", "reservation.address: this client has 10.0.0.60 in 10.0.0.0/24 already");
}

#[test]
fn options_that_no_client_could_read_or_that_are_never_sent_are_refused() {
    let folder = folder("check-options");
    let with = |options: &str| {
        std::fs::write(folder.join("a.toml"), GOOD.replacen(POOLS, &format!("{POOLS}\noptions = {{ {options} }}"), 1))
            .unwrap();
        check(&folder, &["a.toml"])
    };
    for (options, expected) in [
        ("\"51\" = \"hex:00000e10\"", "option 51 is set by the server itself (accepted: subnet.lease in its place)"),
        ("\"54\" = \"hex:0a000002\"", "option 54 is set by the server itself"),
        ("\"61\" = \"x\"", "option 61 is set by the server itself"),
        ("\"42\" = \"hex:0a0000\"", "subnet.options.42: option 42 of 3 octets could not be read by a client"),
        ("\"42\" = \"10.0.0.1\"", "(accepted: hex:0a000001)"),
        ("\"42\" = \"10.0.0.1, 10.0.0.2\"", "option 42 of 18 octets"),
        ("\"44\" = \"\"", "option 44 of 0 octets"),
        ("\"1\" = \"hex:ffffff00ffffff00\"", "option 1"),
        ("\"26\" = \"1500\"", "option 26 of 4 octets could not be read by a client (accepted: 2 octets, hex:0000)"),
        ("\"19\" = \"hex:02\"", "(accepted: hex:00 or hex:01)"),
        ("\"33\" = \"hex:0a000001\"", "8 octets or a multiple of it"),
        ("\"121\" = \"hex:180a00\"", "option 121 of 3 octets"),
        ("\"121\" = \"hex:210a0000010a000001ff\"", "option 121 of 10 octets"),
        ("\"6\" = \"hex:0a000009\"", "option 6 is given twice"),
        ("\"66\" = \"a\", \"066\" = \"b\"", "option 66 is given twice"),
        ("\"0\" = \"x\"", "is no option code"),
        ("\"255\" = \"x\"", "is no option code"),
        ("\"66\" = 5", "the number 5 will not do"),
    ] {
        let (code, said) = with(options);
        assert!(code == Some(2) && said.contains(expected), "{options}: {said}");
    }
    let good = "\"42\" = \"hex:0a0000010a000002\", \"66\" = \"boot\", \"26\" = \"hex:05dc\", \"19\" = \"hex:01\", \
                \"121\" = \"hex:180a0a0a0a00000100 0a000001\", \"224\" = \"anything\""
        .replace(" 0a", "0a");
    let (code, said) = with(&good);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn what_works_and_may_not_be_meant_is_warned_of() {
    let folder = folder("check-warnings");
    let warned = |from: &str, to: &str, expected: &str| {
        std::fs::write(folder.join("a.toml"), GOOD.replacen(from, to, 1)).unwrap();
        let (code, said) = check(&folder, &["a.toml"]);
        assert!(code == Some(0) && said.contains(&format!("warning: a.toml:{expected}")), "{said}");
    };
    warned(POOLS, &format!("{POOLS}\nlease = 600"), "13: subnet.lease: leases of 600 s are shorter than MCLT, 3600 s");
    warned("name = \"fo\"", "name = \"fo\"\nmclt = 3601", "11: subnet.lease: leases of 3600 s are shorter than MCLT");
    warned(
        "[listen]",
        "[listen]\ninterfaces = [\"nobody0\"]",
        " listen.interfaces: there is no interface nobody0 on this machine",
    );
    warned("[listen]", "[listen]\ninterfaces = [\"lo\"]", " listen.interfaces: no address of lo is in a subnet");
    warned(
        "[listen]",
        "[control]\nhttp = \"127.0.0.1:8067\"\n[listen]",
        "2: control.http: is off without control.token",
    );
    let local = "[[subnet]]\nnetwork = \"127.0.0.0/8\"\npools = [\"127.0.0.1-127.0.0.9\"]\n[[reservation]]";
    warned("[[reservation]]", local, " subnet.pools: 127.0.0.1 would be given to a client and is that of lo here");
}

#[test]
fn two_configurations_are_those_of_a_pair_or_not() {
    let pair = Pair::new("check-pair", &Shape::default());
    let both = || check(&pair.folder, &["a.toml", "b.toml"]);
    let (code, said) = both();
    assert!(code == Some(0) && said.contains("a.toml and b.toml are those of a pair"), "{said}");
    let text = std::fs::read_to_string(&pair.files.configs[1]).unwrap();
    for (from, to, expected) in [
        ("role = \"secondary\"", "role = \"primary\"", "both are the primary"),
        ("name = \"demo\"", "name = \"other\"", "failover.name: \"demo\" and \"other\""),
        ("10.77.0.49", "10.77.0.47", "a.toml: is in no pool of b.toml: 10.77.0.48, 10.77.0.49"),
        (
            "10.77.0.49",
            "10.77.0.99",
            "b.toml: is in no pool of a.toml: 10.77.0.50, 10.77.0.51, 10.77.0.52, 10.77.0.53 and 46 more",
        ),
        ("receive-timer = 3", "receive-timer = 3\nkey = \"x\"", "failover.key: the two differ"),
        ("receive-timer = 3", "receive-timer = 3\npeer = \"isc-dhcpd\"", "failover.peer"),
        ("127.0.0.2", "127.0.0.1", "listen.server-id is 127.0.0.1 for both"),
        ("partner = \"127.0.0.1", "partner = \"127.0.0.7", "b.toml: failover.partner is 127.0.0.7"),
        (
            "[[subnet]]",
            "[[reservation]]\naddress = \"10.77.0.20\"\nhardware = \"02:00:00:00:00:01\"\n[[subnet]]",
            "b.toml: is not reserved alike in a.toml: 10.77.0.20 for hardware 020000000001",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        std::fs::write(&pair.files.configs[1], text.replacen(from, to, 1)).unwrap();
        let (code, said) = both();
        assert!(code == Some(2) && said.contains(expected) && !said.contains("those of a pair"), "{to}: {said}");
    }
    for (from, to, expected) in [
        ("mclt = 5", "mclt = 6", "failover.mclt: 5 and 6; the one of a.toml counts"),
        ("lease = 30", "lease = 60", "10.77.0.0/16: leases of 30 s and 60 s"),
        ("routers", "domain = \"x\"\nrouters", "10.77.0.0/16: clients are told other options"),
    ] {
        std::fs::write(&pair.files.configs[1], text.replacen(from, to, 1)).unwrap();
        let (code, said) = both();
        assert!(code == Some(0) && said.contains(&format!("warning: {expected}")), "{to}: {said}");
    }
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let (code, said) = check(&examples, &["primary.toml", "secondary.toml"]);
    assert!(code == Some(0) && said.contains("those of a pair"), "{said}");
}
