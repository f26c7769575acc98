//! The reference of the keys of a kind of file.

/// One key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its section, such as `system`; empty for the top of the file.
    pub section: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it accepts.
    pub accepted: String,
    /// What holds where it is absent; empty: it must be given.
    pub default: &'static str,
    /// What it is for.
    pub about: &'static str,
}
