//! TLS between two servers, with certificates made here.

use std::path::Path;

use crate::harness::pair::{Pair, dhcpfo, good};
use dhcpfo_server::control::Request;
use dhcpfo_server::demo::Shape;
use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair};

struct Authority {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    Authority { certificate: params.self_signed(&key).unwrap(), issuer: Issuer::new(params, key) }
}

impl Authority {
    /// A certificate for a name or address, and its key, in files that begin with `name`.
    fn issue(&self, folder: &Path, name: &str, whose: &str) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![whose.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(folder.join(format!("{name}.pem")), certificate.pem()).unwrap();
        std::fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
        std::fs::write(folder.join(format!("{name}.authority")), self.certificate.pem()).unwrap();
    }
}

/// Says in a configuration: TLS with the files that begin with `name`.
fn say(pair: &Pair, at: usize, tls: &str, name: &str) {
    let path = &pair.files.configs[at];
    let text = std::fs::read_to_string(path).unwrap();
    let plain: String = text.lines().filter(|line| !line.starts_with("tls")).map(|line| format!("{line}\n")).collect();
    let files = format!(
        "[failover]\ntls = \"{tls}\"\ntls-certificate = \"{name}.pem\"\ntls-private-key = \"{name}.key\"\ntls-authority = \"{name}.authority\"\n"
    );
    std::fs::write(path, plain.replace("[failover]\n", &files)).unwrap();
}

fn is_secured(pair: &Pair, at: usize) -> bool {
    pair.ask(at, &Request::Status)["partner"]["tls"] == true
}

#[test]
fn two_servers_speak_under_tls_and_not_with_strangers() {
    let mut pair = Pair::new("tls", &Shape { lease: 120, ..Shape::default() });
    let (ours, others) = (authority(), authority());
    ours.issue(&pair.folder, "a", "127.0.0.1");
    ours.issue(&pair.folder, "b", "127.0.0.1");
    others.issue(&pair.folder, "stranger", "127.0.0.1");
    ours.issue(&pair.folder, "elsewhere", "10.9.9.9");
    say(&pair, 0, "required", "a");
    say(&pair, 1, "desired", "b");
    let checked = dhcpfo().args(["serve", "--check"]).arg(&pair.files.configs[0]).output().unwrap();
    assert!(checked.status.success(), "{checked:?}");
    pair.start(0, &[]);
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    assert!(is_secured(&pair, 0) && is_secured(&pair, 1));
    good(&pair.client(&["--count", "5"]));
    good(&pair.client(&["renew"]));
    pair.wait_told();
    assert_eq!(pair.with_status(0, "ACTIVE"), pair.with_status(1, "ACTIVE"));
    // Certificates of somebody else, of the right authority for another address, and none at all: no connection.
    let cases = [("stranger", "TLS failed"), ("elsewhere", "TLS failed"), ("", "TLS supported but not configured")];
    for (name, said) in cases {
        pair.kill(1);
        pair.wait_state(0, "COMMUNICATIONS-INTERRUPTED");
        std::fs::write(pair.log(0), "").unwrap();
        std::fs::write(pair.log(1), "").unwrap();
        match name {
            "" => say_nothing(&pair, 1),
            name => say(&pair, 1, "required", name),
        }
        pair.start(1, &[]);
        pair.wait(name, |pair| {
            (0..2).any(|at| std::fs::read_to_string(pair.log(at)).is_ok_and(|log| log.contains(said)))
        });
        assert_eq!(pair.state(0), "COMMUNICATIONS-INTERRUPTED", "{name}");
    }
    pair.kill(1);
    say(&pair, 1, "required", "b");
    pair.start(1, &[]);
    pair.wait_states(["NORMAL", "NORMAL"]);
    // The end that dials is checked by name, too: one more certificate of the same authority does not make a primary.
    pair.kill(0);
    pair.wait_state(1, "COMMUNICATIONS-INTERRUPTED");
    say(&pair, 0, "required", "elsewhere");
    std::fs::write(pair.log(1), "").unwrap();
    pair.start(0, &[]);
    pair.wait("elsewhere", |pair| pair.logged(1).contains("TLS failed"));
    assert!(pair.ask(1, &Request::Status)["partner"]["troubles"].to_string().contains("\"tls\""));
    assert_eq!(pair.state(1), "COMMUNICATIONS-INTERRUPTED");
    // That name is what is expected, then.
    pair.kill(0);
    pair.kill(1);
    pair.replace(1, "tls-certificate", "tls-partner = \"10.9.9.9\"\ntls-certificate");
    (0..2).for_each(|at| pair.start(at, &[]));
    pair.wait_states(["NORMAL", "NORMAL"]);
    good(&pair.client(&["renew"]));
}

fn say_nothing(pair: &Pair, at: usize) {
    let path = &pair.files.configs[at];
    let text = std::fs::read_to_string(path).unwrap();
    let plain: String = text.lines().filter(|line| !line.starts_with("tls")).map(|line| format!("{line}\n")).collect();
    std::fs::write(path, plain).unwrap();
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let pair = Pair::new("tls-files", &Shape::default());
    let ours = authority();
    ours.issue(&pair.folder, "a", "127.0.0.1");
    ours.issue(&pair.folder, "other", "127.0.0.1");
    say(&pair, 0, "required", "a");
    let write = |name: &str, text: &str| std::fs::write(pair.folder.join(name), text).unwrap();
    let good = std::fs::read_to_string(pair.folder.join("a.pem")).unwrap();
    let other = std::fs::read_to_string(pair.folder.join("other.key")).unwrap();
    let own = std::fs::read_to_string(pair.folder.join("a.key")).unwrap();
    let cases = [
        ("a.pem", "nonsense", good.as_str(), "failover.tls-certificate"),
        ("a.key", other.as_str(), own.as_str(), "failover.tls-private-key"),
        ("a.authority", "", good.as_str(), "failover.tls-authority"),
    ];
    for (file, bad, restored, key) in cases {
        write(file, bad);
        let output = dhcpfo().args(["serve", "--check"]).arg(&pair.files.configs[0]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.contains(key) && said.contains(file), "{said}");
        write(file, restored);
    }
    let text = std::fs::read_to_string(&pair.files.configs[0]).unwrap();
    std::fs::write(&pair.files.configs[0], text.replace("tls = \"required\"", "tls = \"off\"")).unwrap();
    let output = dhcpfo().args(["serve", "--check"]).arg(&pair.files.configs[0]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && said.contains("is not used while tls is off"), "{said}");
}
