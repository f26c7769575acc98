//! What the reference of keys is made of: rows of a table, and the questions about the text as keys.

use dhcpfo_engine::rules::{QUESTIONS, Rules};
use dhcpfo_header::keys::Key;

/// A key: section, name, what is accepted, default, what for.
pub(crate) type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// The questions of `[rules]`.
pub(crate) fn rule_keys() -> impl Iterator<Item = Key> {
    QUESTIONS.iter().zip(Rules::DRAFT_12.words()).map(|(question, (name, default))| {
        let accepted = question.words().collect::<Vec<_>>().join(", ");
        Key { section: "rules", name, accepted, default, about: question.about() }
    })
}
