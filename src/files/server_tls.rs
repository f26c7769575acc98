//! TLS between the partners: whether, and with which files.

use crate::load::relative_to;
use dhcpfo_header::section::Section;

/// TLS between the partners (failover-12 §7.8.2 step 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// No connection without it.
    pub required: bool,
    /// This server's certificate and those that lead to the authority, as PEM.
    pub certificate: String,
    /// The key of that certificate, as PEM.
    pub private_key: String,
    /// The certificates of those who vouch for the partner, as PEM.
    pub authority: String,
    /// The name that the partner's certificate has to have; None: its address.
    pub partner: Option<String>,
}

const FILES: [&str; 3] = ["tls-certificate", "tls-private-key", "tls-authority"];

/// Reads what `[failover]` says of it. None: off, or wrong and told.
pub(crate) fn tls(path: &str, section: &Section<'_>, isc: bool) -> Option<TlsFiles> {
    let words = [("off", None), ("desired", Some(false)), ("required", Some(true))];
    let required = section.choice("tls", &words, None);
    let partner = section.field("tls-partner").and_then(|field| field.words().map(str::to_owned));
    let Some(required) = required else {
        for key in FILES.into_iter().chain(["tls-partner"]) {
            if section.field(key).is_some() {
                section.fail(key, "is not used while tls is off", "tls = \"desired\" or \"required\" with it");
            }
        }
        return None;
    };
    if isc {
        section.fail("tls", "an ISC dhcpd has no TLS", "off with peer = \"isc-dhcpd\"");
    }
    let file = |key: &str| section.required(key).and_then(|field| field.words().map(|word| relative_to(path, word)));
    let [certificate, private_key, authority] = FILES.map(file);
    Some(TlsFiles { required, certificate: certificate?, private_key: private_key?, authority: authority?, partner })
}
