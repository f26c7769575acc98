//! What a server says, and its exit code, when it cannot start.

use std::fs::File;
use std::io::Write;
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Command, Output};

use crate::harness::pair::{Pair, dhcpfo, good};
use dhcpfo_server::demo::Shape;

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

const GOOD: &str = "\
[listen]
addresses = [\"127.0.0.1:6701\"]
[store]
path = \"a.store\"
[failover]
role = \"primary\"
name = \"fo\"
address = \"127.0.0.1:6471\"
partner = \"127.0.0.1:6472\"
mclt = 600
[[subnet]]
network = \"10.0.0.0/24\"
pools = [\"10.0.0.10-10.0.0.50\"]
";

/// Line of [`GOOD`] that is replaced (0: added at the end), by what, and what is said of it.
const BAD: &[(&str, &str, &str)] = &[
    (
        "mclt = 600",
        "mtcl = 600",
        "bad.toml:10: failover.mtcl: there is no such key; did you mean `mclt`? (accepted: role, name,",
    ),
    (
        "mclt = 600",
        "mclt = 30",
        "bad.toml:10: failover.mclt: 30 s is not more than receive-timer, 60 s (accepted: a longer one)",
    ),
    (
        "role = \"primary\"",
        "role = \"boss\"",
        "bad.toml:6: failover.role: there is no word `boss` (accepted: primary, secondary)",
    ),
    ("name = \"fo\"\n", "", "failover.name: is missing (accepted: 1 to 255 characters)"),
    (
        "partner = \"127.0.0.1:6472\"",
        "partner = \"localhost\"",
        "bad.toml:9: failover.partner: \"localhost\" will not do (accepted: \"IPv4 address:port\")",
    ),
    (
        "partner = \"127.0.0.1:6472\"",
        "partner = \"127.0.0.1:6471\"",
        "bad.toml:9: failover.partner: is this server's own address (accepted: the address and port of the other server)",
    ),
    (
        "network = \"10.0.0.0/24\"",
        "network = \"10.0.0.1/24\"",
        "bad.toml:12: subnet.network: 10.0.0.1 is not the lowest address of a /24 (accepted: 10.0.0.0/24)",
    ),
    (
        "pools = [\"10.0.0.10-10.0.0.50\"]",
        "pools = [\"10.0.1.10-10.0.1.50\"]",
        "bad.toml:13: subnet.pools: 10.0.1.10 is not in 10.0.0.0/24 (accepted: a list of \"first-last\" or single addresses)",
    ),
    (
        "pools = [\"10.0.0.10-10.0.0.50\"]",
        "pools = [\"10.0.0.10-10.0.0.50\", \"10.0.0.50\"]",
        "bad.toml:13: subnet.pools: 10.0.0.50 is in two pools (accepted: pools that do not overlap)",
    ),
    (
        "pools = [\"10.0.0.10-10.0.0.50\"]",
        "pools = []\noptions = { \"300\" = \"x\", \"43\" = \"hex:0\" }",
        "bad.toml:14: subnet.options.300: is no option code (accepted: \"1\" to \"254\")",
    ),
    (
        "pools = [\"10.0.0.10-10.0.0.50\"]",
        "pools = []\n[[reservation]]\naddress = \"10.9.0.1\"\nhardware = \"02:00\"",
        "bad.toml:15: reservation.address: 10.9.0.1 is in no subnet (accepted: an IPv4 address in a subnet)",
    ),
    (
        "addresses = [\"127.0.0.1:6701\"]\n",
        "",
        "listen: nothing is heard (accepted: listen.addresses or listen.interfaces)",
    ),
    ("[store]", "[stroe]", "stroe: there is no such key; did you mean `store`?"),
    ("mclt = 600", "mclt = ", "bad.toml:10: not TOML:"),
];

#[test]
fn a_bad_configuration_is_told_with_line_key_and_what_would_be_accepted() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bad-config");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("bad.toml");
    let check = |content: &str| {
        std::fs::write(&path, content).unwrap();
        dhcpfo().current_dir(&folder).args(["serve", "--check", "bad.toml"]).output().unwrap()
    };
    let output = check(GOOD);
    assert_eq!((output.status.code(), text(&output).trim()), (Some(0), "bad.toml: primary, 41 addresses in 1 subnets"));
    for (line, replacement, expected) in BAD {
        assert!(GOOD.contains(line));
        let output = check(&GOOD.replacen(line, replacement, 1));
        assert_eq!(output.status.code(), Some(2), "{replacement}");
        let said = text(&output);
        assert!(said.lines().any(|said| said.contains(expected)), "{replacement}:\n{said}\nexpected: {expected}");
    }
    let output = dhcpfo().current_dir(&folder).args(["serve", "absent.toml"]).output().unwrap();
    assert!(output.status.code() == Some(2) && text(&output).contains("absent.toml: cannot be read"), "{output:?}");
}

#[test]
fn what_another_process_has_is_named() {
    let mut pair = Pair::new("taken", &Shape::default());
    let serve = |pair: &Pair| dhcpfo().arg("serve").arg(&pair.files.configs[0]).output().unwrap();
    let udp = UdpSocket::bind(pair.files.clients[0]).unwrap();
    let output = serve(&pair);
    let expected = format!("listen.addresses: {}: Address already in use", pair.files.clients[0]);
    assert!(output.status.code() == Some(1) && text(&output).contains(&expected), "{output:?}");
    drop(udp);
    pair.start(0, &[]);
    pair.wait("started", |pair| pair.state(0) != "- not running");
    let output = serve(&pair);
    assert!(output.status.code() == Some(1) && text(&output).contains("failover.address: "), "{output:?}");
    // The same store under other ports.
    let other = Pair::new("taken-other", &Shape::default());
    let config = std::fs::read_to_string(&other.files.configs[0]).unwrap();
    let store = pair.folder.join("a.store");
    std::fs::write(&other.files.configs[0], config.replace("a.store", store.to_str().unwrap())).unwrap();
    for recover in [false, true] {
        let output = dhcpfo().arg("serve").arg(&other.files.configs[0]).args(recover.then_some("--recover")).output();
        let output = output.unwrap();
        let said = text(&output);
        assert!(output.status.code() == Some(1) && said.contains("another process has this store open"), "{said}");
    }
    assert_ne!(pair.state(0), "- not running", "the first one goes on");
}

#[test]
fn a_damaged_store_is_not_used_and_recover_brings_the_leases_back() {
    let mut pair = Pair::normal("damaged", &Shape { lease: 300, ..Shape::default() });
    good(&pair.client(&["--count", "6"]));
    good(&pair.client(&["renew"]));
    pair.wait_told();
    let leases = pair.with_status(0, "ACTIVE");
    let store = pair.folder.join("b.store");
    pair.kill(1);
    let content = std::fs::read(&store).unwrap();
    let serve = |pair: &Pair| dhcpfo().arg("serve").arg(&pair.files.configs[1]).output().unwrap();
    let refused = |what: &str, spoil: &dyn Fn(&mut File)| {
        std::fs::write(&store, &content).unwrap();
        spoil(&mut File::options().write(true).open(&store).unwrap());
        let output = serve(&pair);
        let said = text(&output);
        assert_eq!(output.status.code(), Some(1), "{what}: {said}");
        assert!(said.contains("the store is damaged") && said.contains("--recover"), "{what}: {said}");
    };
    refused("empty", &|file| file.set_len(0).unwrap());
    refused("cut", &|file| file.set_len(5000).unwrap());
    refused("no store at all", &|file| file.write_all(&[b'x'; 4096]).unwrap());
    // An octet of a client's hardware address, in every copy of every row: whichever the present tree uses.
    let mut spoiled = content.clone();
    let places: Vec<usize> =
        content.windows(4).enumerate().filter(|(_, four)| *four == [1, 2, 0xf0, 0]).map(|(at, _)| at).collect();
    places.iter().for_each(|place| spoiled[place + 3] = 0x55);
    refused("a row", &|file| file.write_all(&spoiled).unwrap());
    // A page number that names gigabytes: with little memory the process must not be ended by it. In a store that was
    // closed, which nobody need look through.
    std::fs::write(&store, &content).unwrap();
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    pair.wait_told();
    assert!(Command::new("kill").arg(pair.process(1).to_string()).status().unwrap().success());
    assert_eq!(pair.ended(1), 0);
    let content = std::fs::read(&store).unwrap();
    let mut spoiled = content.clone();
    let directories = content.windows(11).enumerate().filter(|(_, names)| *names == b"bindingsown");
    // In the directory of tables, the octet with the size of the second one's first page.
    directories.for_each(|(at, _)| spoiled[at + 0x69] ^= 0x9c);
    assert_ne!(spoiled, content);
    std::fs::write(&store, &spoiled).unwrap();
    let bounded = "ulimit -v 1500000; exec \"$0\" serve \"$1\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", bounded, env!("CARGO_BIN_EXE_dhcpfo")]).arg(&pair.files.configs[1]);
    let output = shell.output().unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("b.store: the store is damaged") && said.contains("--recover"), "{said}");
    pair.start(1, &["--recover"]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    pair.wait_told();
    assert_eq!(pair.with_status(1, "ACTIVE"), leases, "everything came back from the partner");
    assert!(pair.folder.join("b.store.lost").exists(), "the damaged file is set aside");
    good(&pair.client(&["renew"]));
}
