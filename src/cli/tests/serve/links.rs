//! Several interfaces, in network namespaces: whose clients get which addresses, and an interface that vanishes.

use std::process::{Command, Stdio};

use crate::harness::pair::{Pair, dhcpfo_within, good};
use dhcpfo_server::control::Request;
use dhcpfo_server::demo::Shape;
use serde_json::Value;

/// A server's namespace with three links, and a namespace with a client on each: its address ends with 200.
struct Links(String);

impl Links {
    /// None, said aloud, where there can be no namespaces.
    fn new() -> Option<Links> {
        let links = Links(format!("ops-{}", std::process::id()));
        if !links.ip(&["netns", "add", &links.server()]) {
            eprintln!(
                "SKIPPED: no network namespaces here (root and iproute2 are needed); several links were not tested"
            );
            return None;
        }
        assert!(links.ip(&["-n", &links.server(), "link", "set", "lo", "up"]));
        for link in 1..=3 {
            assert!(links.ip(&["netns", "add", &links.client(link)]));
            links.plug(link);
        }
        Some(links)
    }

    fn server(&self) -> String {
        format!("{}-s", self.0)
    }

    fn client(&self, link: u8) -> String {
        format!("{}-{link}", self.0)
    }

    fn ip(&self, arguments: &[&str]) -> bool {
        Command::new("ip").args(arguments).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    fn plug(&self, link: u8) {
        let (server, client, name) = (self.server(), self.client(link), format!("in{link}"));
        let ends = ["link", "add", &name, "netns", &server, "type", "veth", "peer", "name", "lan0", "netns", &client];
        assert!(self.ip(&ends), "{ends:?}");
        for (namespace, name, last) in [(&server, name.as_str(), 1), (&client, "lan0", 200)] {
            assert!(self.ip(&["-n", namespace, "addr", "add", &format!("10.91.{link}.{last}/24"), "dev", name]));
            assert!(self.ip(&["-n", namespace, "link", "set", name, "up"]));
        }
        assert!(self.ip(&["-n", &client, "route", "add", "default", "via", &format!("10.91.{link}.1")]));
    }

    fn unplug(&self, link: u8) {
        assert!(self.ip(&["-n", &self.server(), "link", "del", &format!("in{link}")]));
    }

    /// What clients on a link say that have asked there. Those of one link have one record: who asks later is somebody else.
    fn ask(&self, pair: &Pair, link: u8, arguments: &[&str]) -> Value {
        let mut command = dhcpfo_within(&self.client(link));
        command
            .args(["client", "--json", "--patience", "0.5", "--record"])
            .arg(pair.folder.join(format!("{link}.jsonl")));
        command.args(arguments).stdout(Stdio::piped());
        pair.judged(command.spawn().unwrap())
    }
}

impl Drop for Links {
    fn drop(&mut self) {
        for name in [self.server(), self.client(1), self.client(2), self.client(3)] {
            self.ip(&["netns", "del", &name]);
        }
    }
}

const SUBNETS: &str = "\
[[subnet]]
network = \"10.91.1.0/24\"
pools = [\"10.91.1.10-10.91.1.60\"]
lease = 300
[[subnet]]
network = \"10.91.2.0/24\"
pools = [\"10.91.2.10-10.91.2.60\"]
lease = 300
[[subnet]]
network = \"10.91.9.0/24\"
pools = [\"10.91.9.10-10.91.9.60\"]
lease = 300
";

/// The primary hears three interfaces and has all addresses; the secondary is there for NORMAL alone.
fn pair(links: &Links) -> Pair {
    let extra = "split = 0\nsecondary-share = 0".to_owned();
    let mut pair = Pair::new("links", &Shape { extra, ..Shape::default() });
    pair.namespace = Some(links.server());
    for at in 0..2 {
        let text = std::fs::read_to_string(&pair.files.configs[at]).unwrap();
        let (head, _) = text.split_once("[[subnet]]").unwrap();
        std::fs::write(&pair.files.configs[at], format!("{head}{SUBNETS}")).unwrap();
    }
    let addresses = format!("addresses = [\"{}\"]\nserver-id = \"127.0.0.1\"", pair.files.clients[0]);
    pair.replace(0, &addresses, "interfaces = [\"in1\", \"in2\", \"in3\"]\nserver-id = \"10.91.1.1\"");
    pair.start(0, &[]);
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    pair
}

/// How many leases there are on each of the two links that are served, and on the one that is behind nothing.
fn leases(pair: &Pair) -> [usize; 3] {
    let all = pair.with_status(0, "ACTIVE");
    ["10.91.1.", "10.91.2.", "10.91.9."].map(|link| all.iter().filter(|address| address.starts_with(link)).count())
}

#[test]
fn a_client_gets_an_address_of_its_own_link_and_an_interface_comes_back() {
    let Some(links) = Links::new() else { return };
    let mut pair = pair(&links);
    assert!(pair.logged(0).contains("no address of in3 is in a subnet"), "{}", pair.logged(0));
    good(&links.ask(&pair, 1, &["--server", "10.91.1.1:67", "--local", "10.91.1.200:0", "--count", "2"]));
    assert_eq!(leases(&pair), [2, 0, 0]);
    good(&links.ask(&pair, 2, &["--server", "255.255.255.255:67", "--local", "10.91.2.200:0", "--count", "2"]));
    assert_eq!(leases(&pair), [2, 2, 0]);
    // Whatever the client says, and whichever address of the server it asks.
    let other = ["--server", "10.91.2.1:67", "--local", "10.91.1.200:0", "--count", "1", "--link", "10.91.9.1"];
    good(&links.ask(&pair, 1, &other));
    assert_eq!(leases(&pair), [3, 2, 0]);
    // A link without a subnet gets nothing, not even by a relay agent that is on it.
    for local in ["10.91.3.200:0", "10.91.3.200:67"] {
        let asked = ["--server", "10.91.3.1:67", "--local", local, "--count", "1", "--tries", "2"];
        let said = links.ask(&pair, 3, &asked);
        assert_eq!((&said["unanswered"], leases(&pair)), (&Value::from(1), [3, 2, 0]), "{said}");
    }
    // What a client holds it may renew over any way, and it stays what it is.
    assert_eq!(links.ask(&pair, 1, &["--server", "10.91.1.1:67", "--local", "10.91.1.200:0", "renew"])["lost"], 0);
    // One end of the cable is pulled, which takes both away; then it is plugged again.
    links.unplug(2);
    pair.wait("gone", |pair| pair.logged(0).contains("the interface is gone"));
    let interfaces = |pair: &Pair| pair.ask(0, &Request::Status)["interfaces"].clone();
    assert_eq!((&interfaces(&pair)["in2"], &interfaces(&pair)["in1"]), (&"gone".into(), &"served".into()));
    links.plug(2);
    pair.wait("back", |pair| pair.logged(0).contains("the interface is back"));
    good(&links.ask(&pair, 2, &["--server", "10.91.2.1:67", "--local", "10.91.2.200:0", "--count", "2"]));
    good(&links.ask(&pair, 1, &["--server", "10.91.1.1:67", "--local", "10.91.1.200:0", "--count", "1"]));
    assert_eq!((leases(&pair), &interfaces(&pair)["in2"]), ([4, 4, 0], &"served".into()));
    pair.kill(0);
}
