//! Who is let in over HTTP: requests to loopback by their own page or by a program, and who brings the token.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv6Addr};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use subtle::ConstantTimeEq;

use super::head::{Field, Head};

/// Octets of a token.
const LENGTH: std::ops::RangeInclusive<usize> = 16..=256;

/// Whether a request was meant for this machine, and does not come from somebody else's page.
///
/// Under a foreign name in `Host` a page of that name could speak for whoever reads it (DNS rebinding). An `Origin` that is
/// not this very host and port is another page: one of another site, of another port, or of none (`null`). Both are
/// refused if they are sent twice.
pub fn is_own(head: &Head) -> bool {
    let Field::One(host) = head.field("Host") else { return false };
    let origin = match head.field("Origin") {
        Field::None => true,
        Field::One(origin) => origin.strip_prefix("http://").is_some_and(|origin| origin.eq_ignore_ascii_case(host)),
        Field::Several => false,
    };
    is_loopback(host) && origin
}

/// Whether `localhost` or a loopback address is named, with a port or without. The port may be another one than that
/// on which is listened: it may have been forwarded.
fn is_loopback(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let Some((address, port)) = rest.split_once(']') else { return false };
            if !address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback()) {
                return false;
            }
            ("localhost", port)
        }
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok() && port.bytes().all(|octet| octet.is_ascii_digit());
    let has_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    let is_here = name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_ipv4() && address.is_loopback());
    has_port && is_here
}

/// What a request has to bring.
#[derive(Clone)]
pub struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// This text.
    pub fn new(text: impl Into<String>) -> Token {
        Token(text.into())
    }

    /// What a file says: 16 to 256 visible ASCII characters on one line. Nobody but its owner may read the file, and that
    /// is this process's user or root.
    ///
    /// # Errors
    /// With what would be accepted.
    pub fn from_file(path: &Path) -> io::Result<Token> {
        let refuse = |why: String| Err(io::Error::new(io::ErrorKind::InvalidData, why));
        // A pipe would be waited for.
        if !std::fs::metadata(path)?.is_file() {
            return refuse("it is no regular file".to_owned());
        }
        let mut file = File::open(path)?;
        let about = file.metadata()?;
        if about.mode() & 0o077 != 0 {
            let mode = about.mode() & 0o7777;
            return refuse(format!("others may read it (mode {mode:04o}); mode 0600 would be accepted"));
        }
        let own = nix::unistd::geteuid().as_raw();
        if about.uid() != own && about.uid() != 0 {
            let owner = about.uid();
            return refuse(format!("user {owner} owns it; a file of user {own} or of root would be accepted"));
        }
        let mut text = String::new();
        file.by_ref().take(2 * *LENGTH.end() as u64).read_to_string(&mut text)?;
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let visible = text.bytes().all(|octet| octet.is_ascii_graphic());
        if !visible || !LENGTH.contains(&text.len()) {
            return refuse(
                "it has no token: one line of 16 to 256 visible ASCII characters would be accepted".to_owned(),
            );
        }
        Ok(Token(text.to_owned()))
    }

    /// Whether this is the token. It takes as long whatever is wrong.
    pub fn is(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }

    /// Whether a request brings the token, as `Authorization: Bearer TOKEN` or `X-Token: TOKEN`.
    pub fn is_brought_by(&self, head: &Head) -> bool {
        if let Field::One(given) = head.field("X-Token") {
            return self.is(given);
        }
        let Field::One(given) = head.field("Authorization") else { return false };
        let Some((scheme, given)) = given.split_once(' ') else { return false };
        scheme.eq_ignore_ascii_case("bearer") && self.is(given.trim())
    }

    /// The header line that brings it, ended by CR LF.
    pub fn header(&self) -> String {
        format!("Authorization: Bearer {}\r\n", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn head(fields: &[(&str, &str)]) -> Head {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Head { fields, ..Head::default() }
    }

    #[test]
    fn only_loopback_is_meant_by_a_host() {
        for good in [
            "localhost",
            "LOCALHOST:1",
            "127.0.0.1",
            "127.0.0.1:8067",
            "127.9.9.9:8067",
            "[::1]",
            "[::1]:8067",
            "[0:0:0:0:0:0:0:1]:80",
        ] {
            assert!(is_own(&head(&[("Host", good)])), "{good}");
        }
        for bad in [
            "",
            "evil.example",
            "evil.example:8067",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "localhost.",
            "127.0.0.1:",
            "127.0.0.1:x",
            "127.0.0.1:80:80",
            "127.0.0.1:70000",
            "127.0.0.1:+80",
            "::1",
            "[::1",
            "[::2]",
            "[::ffff:127.0.0.1]",
            "[127.0.0.1]",
            "0.0.0.0",
            "10.0.0.1:8067",
            "user@127.0.0.1",
            "0x7f.1",
            "2130706433",
            "127.0.0.1,evil.example",
            "[::1]x",
            "localhost:80 ",
        ] {
            assert!(!is_own(&head(&[("Host", bad)])), "{bad}");
        }
        assert!(!is_own(&head(&[])), "no Host");
        assert!(!is_own(&head(&[("Host", "localhost"), ("host", "localhost")])), "two of them");
    }

    #[test]
    fn an_origin_is_this_host_and_port_or_there_is_none() {
        let own = |origin: &str| is_own(&head(&[("Host", "127.0.0.1:8067"), ("Origin", origin)]));
        assert!(own("http://127.0.0.1:8067"));
        for bad in [
            "",
            "null",
            "http://127.0.0.1",
            "http://127.0.0.1:8068",
            "http://localhost:8067",
            "https://127.0.0.1:8067",
            "http://evil.example",
            "http://127.0.0.1:8067.evil.example",
            "http://evil.example:8067",
            "file://",
        ] {
            assert!(!own(bad), "{bad}");
        }
        let host = ("Host", "127.0.0.1:8067");
        assert!(!is_own(&head(&[host, ("Origin", "http://127.0.0.1:8067"), ("Origin", "http://evil.example")])));
    }

    #[test]
    fn a_token_is_brought_whole() {
        let token = Token::new("0123456789abcdef");
        for good in [
            ("Authorization", "Bearer 0123456789abcdef"),
            ("authorization", "bearer 0123456789abcdef"),
            ("X-Token", "0123456789abcdef"),
        ] {
            assert!(token.is_brought_by(&head(&[good])), "{good:?}");
        }
        for bad in [
            ("Authorization", "0123456789abcdef"),
            ("Authorization", "Basic 0123456789abcdef"),
            ("Authorization", "Bearer "),
            ("Authorization", "Bearer 0123456789abcde"),
            ("Authorization", "Bearer 0123456789abcdefg"),
            ("X-Token", ""),
            ("X-Token", "0123456789abcdeF"),
            ("Cookie", "0123456789abcdef"),
        ] {
            assert!(!token.is_brought_by(&head(&[bad])), "{bad:?}");
        }
        assert!(!format!("{token:?}").contains("0123"), "not in a log");
    }

    #[test]
    fn a_token_file_is_its_owners_alone() {
        let folder = std::env::temp_dir().join(format!("dhcpfo-token-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("token");
        let try_with = |text: &[u8], mode: u32| {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            Token::from_file(&path).map_err(|error| error.to_string())
        };
        for mode in [0o600, 0o400] {
            assert!(try_with(b"0123456789abcdef\n", mode).unwrap().is("0123456789abcdef"), "{mode:o}");
        }
        for mode in [0o644, 0o640, 0o604, 0o602, 0o620, 0o610, 0o777] {
            assert!(try_with(b"0123456789abcdef\n", mode).unwrap_err().contains("mode 0600 would"), "{mode:o}");
        }
        let long = "x".repeat(257);
        for bad in ["", "\n", "0123456789abcde", "0123456789abcdef\n\n", "0123456789 abcdef", "0123456789abcdé", &long]
        {
            assert!(try_with(bad.as_bytes(), 0o600).unwrap_err().contains("16 to 256"), "{bad:?}");
        }
        assert!(try_with(&[0xff; 20], 0o600).is_err());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(Token::from_file(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(Token::from_file(&folder).unwrap_err().to_string().contains("no regular file"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
