//! Documents that say their version: read, or refused in one sentence.

/// A kind of document that is written and read again.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// What it is, with its article.
    pub name: &'static str,
    /// The version that is read and written.
    pub version: u32,
    /// The command that writes it.
    pub written_by: &'static str,
}

impl Format {
    /// Whether a document is of the version that is read. `tool`: what the document names as its writer, if it does.
    ///
    /// # Errors
    /// It is of another version, or of none: who wrote it, and what to do.
    pub fn accept(&self, version: Option<u64>, tool: Option<&str>) -> Result<(), String> {
        let Format { name, version: read, written_by } = *self;
        let Some(version) = version else {
            return Err(format!(
                "without a \"version\" that is a number, this is not {name}; `{written_by}` writes one"
            ));
        };
        if version == u64::from(read) {
            return Ok(());
        }
        let unnamed = if version > u64::from(read) { "a later dhcpfo" } else { "an earlier dhcpfo" };
        let writer = tool.filter(|tool| is_plain(tool)).unwrap_or(unnamed);
        let this = env!("CARGO_PKG_VERSION");
        Err(format!(
            "version {version} of {name} is not known: {writer} wrote it, and this is dhcpfo {this}, which reads version \
             {read}; read it with the one that wrote it, or write it again with `{written_by}`"
        ))
    }
}

/// Whether a writer's name may be repeated to a person: `dhcpfo` and a version.
fn is_plain(tool: &str) -> bool {
    let version = tool.strip_prefix("dhcpfo ").unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-+".contains(c);
    (1..=30).contains(&version.len()) && version.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_is_refused_with_who_wrote_it() {
        const FORMAT: Format = Format { name: "a trace", version: 2, written_by: "dhcpfo play --json" };
        let refused = |version, tool| FORMAT.accept(version, tool).expect_err("another version");
        assert_eq!(FORMAT.accept(Some(2), None), Ok(()));
        assert!(
            refused(None, None)
                .starts_with("without a \"version\" that is a number, this is not a trace; `dhcpfo play")
        );
        assert!(refused(Some(3), None).contains("of a trace is not known: a later dhcpfo wrote it"));
        assert!(refused(Some(1), None).contains("an earlier dhcpfo wrote it"));
        assert!(refused(Some(1), Some("dhcpfo 0.1.0")).contains("dhcpfo 0.1.0 wrote it"));
        assert!(refused(Some(1), None).ends_with("write it again with `dhcpfo play --json`"));
        for hostile in ["dhcpfo \u{1b}[2J", "rm -rf", "dhcpfo "] {
            assert!(refused(Some(1), Some(hostile)).contains("an earlier dhcpfo wrote it"), "{hostile}");
        }
    }
}
