//! Documents that say what they are and of which version: read, or refused in one sentence.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A kind of document that is written and read again.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// What it says of itself under `kind`.
    pub kind: &'static str,
    /// What it is, with its article.
    pub name: &'static str,
    /// The version that is read and written.
    pub version: u32,
    /// The command that writes it.
    pub written_by: &'static str,
}

/// What a document of any kind and version says of itself. Of a line that is no document, nothing is known.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Head {
    /// What the line is, in a document of several lines.
    pub line: Value,
    /// What it is. Documents of 0.1 do not say it.
    pub kind: Value,
    /// Its version.
    pub version: Value,
    /// Who wrote it, if it says so.
    pub tool: Value,
}

impl Format {
    /// Whether a document is of the kind and version that is read.
    ///
    /// # Errors
    /// It is of another kind or version, or says none: who wrote it, and what to do.
    pub fn accept(&self, head: &Head) -> Result<(), String> {
        let Format { kind, name, version: read, written_by } = *self;
        if let Some(other) = head.kind.as_str().filter(|other| *other != kind) {
            let other = if is_word(other) { format!("a `{other}`") } else { "of another kind".to_owned() };
            return Err(format!("this is {other}, not {name} (`{kind}`); `{written_by}` writes one"));
        }
        let Some(version) = head.version.as_u64() else {
            return Err(format!(
                "without a \"version\" that is a number, this is not {name}; `{written_by}` writes one"
            ));
        };
        if version == u64::from(read) {
            return Ok(());
        }
        let unnamed = if version > u64::from(read) { "a later dhcpfo" } else { "an earlier dhcpfo" };
        let writer = head.tool.as_str().filter(|tool| is_plain(tool)).unwrap_or(unnamed);
        let this = env!("CARGO_PKG_VERSION");
        Err(format!(
            "version {version} of {name} is not known: {writer} wrote it, and this is dhcpfo {this}, which reads version \
             {read}; read it with the one that wrote it, or write it again with `{written_by}`"
        ))
    }

    /// Reads a document that is one JSON value.
    ///
    /// # Errors
    /// It is no JSON, of another kind or version, or lacks something: what is wrong, with line and column where that is known.
    pub fn read<T: DeserializeOwned>(&self, text: &str) -> Result<T, String> {
        let fail = |error: serde_json::Error| format!("{error}; what `{}` prints would be accepted", self.written_by);
        self.accept(&serde_json::from_str(text).map_err(fail)?)?;
        serde_json::from_str(text).map_err(fail)
    }

    /// Reads a document that was parsed already.
    ///
    /// # Errors
    /// It is of another kind or version, or lacks something.
    pub fn read_value<T: DeserializeOwned>(&self, document: &Value) -> Result<T, String> {
        let fail = |error: serde_json::Error| format!("{error}; what `{}` prints would be accepted", self.written_by);
        self.accept(&Head::deserialize(document).map_err(fail)?)?;
        T::deserialize(document).map_err(fail)
    }
}

/// Whether a writer's name may be repeated to a person: `dhcpfo` and a version.
fn is_plain(tool: &str) -> bool {
    let version = tool.strip_prefix("dhcpfo ").unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-+".contains(c);
    (1..=30).contains(&version.len()) && version.chars().all(fits)
}

/// Whether a kind may be repeated to a person.
fn is_word(kind: &str) -> bool {
    (1..=40).contains(&kind.len()) && kind.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: Format =
        Format { kind: "dhcpfo-trace", name: "a trace", version: 2, written_by: "dhcpfo play --json" };

    fn head(text: &str) -> Head {
        serde_json::from_str(text).expect("a head")
    }

    #[test]
    fn another_version_is_refused_with_who_wrote_it() {
        let refused = |text: &str| FORMAT.accept(&head(text)).expect_err("another version");
        assert_eq!(FORMAT.accept(&head(r#"{"version":2}"#)), Ok(()));
        assert_eq!(FORMAT.accept(&head(r#"{"kind":"dhcpfo-trace","version":2}"#)), Ok(()));
        for none in ["{}", r#"{"version":"2"}"#, r#"{"version":null}"#] {
            assert!(
                refused(none).starts_with("without a \"version\" that is a number, this is not a trace; `dhcpfo play")
            );
        }
        assert!(refused(r#"{"version":3}"#).contains("of a trace is not known: a later dhcpfo wrote it"));
        assert!(refused(r#"{"version":1}"#).contains("an earlier dhcpfo wrote it"));
        assert!(refused(r#"{"version":1,"tool":"dhcpfo 0.1.0"}"#).contains("dhcpfo 0.1.0 wrote it"));
        assert!(refused(r#"{"version":1}"#).ends_with("write it again with `dhcpfo play --json`"));
        for hostile in ["dhcpfo \u{1b}[2J", "rm -rf", "dhcpfo "] {
            let mut head = head(r#"{"version":1}"#);
            head.tool = hostile.into();
            let said = FORMAT.accept(&head).expect_err("another version");
            assert!(said.contains("an earlier dhcpfo wrote it"), "{hostile}");
        }
    }

    #[test]
    fn another_kind_is_refused_by_its_name() {
        let refused = |kind: &str| {
            let head = Head { kind: kind.into(), version: 2.into(), ..Head::default() };
            FORMAT.accept(&head).expect_err("another kind")
        };
        assert_eq!(
            refused("dhcpfo-audit"),
            "this is a `dhcpfo-audit`, not a trace (`dhcpfo-trace`); `dhcpfo play --json` writes one"
        );
        assert!(refused("\u{1b}[2J").starts_with("this is of another kind, not"));
    }

    #[test]
    fn what_is_no_document_is_refused_with_what_would_be_accepted() {
        let refused = |text: &str| FORMAT.read::<Vec<u8>>(text).expect_err("no document");
        assert!(refused("").contains("line 1 column 0; what `dhcpfo play --json` prints would be accepted"));
        assert!(refused("7").contains("would be accepted"));
        assert!(refused(r#"{"version":2}"#).contains("invalid type: map, expected a sequence at line 1"));
    }
}
