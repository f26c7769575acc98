//! Reading the texts of actions, and naming the keys of a system.

use dhcpfo_header::keys::Key;

/// The action with that text, among all that there are; for protocols with few.
///
/// # Errors
/// There is none; `accepted` is how actions look.
pub fn find<A: ToString>(text: &str, all: impl IntoIterator<Item = A>, accepted: &[&str]) -> Result<A, String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    all.into_iter()
        .find(|action| action.to_string() == text)
        .ok_or_else(|| format!("there is no action `{text}`: accepted: {}", accepted.join(", ")))
}

/// A key of `[system]`: name, what is accepted, default (empty: it must be given), what for.
pub fn system_key(name: &'static str, accepted: &str, default: &'static str, about: &'static str) -> Key {
    Key { section: "system", name, accepted: accepted.to_owned(), default, about }
}
