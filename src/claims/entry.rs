//! An entry of the catalogue.

/// Who judges a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judge {
    /// Searches, plays and random runs of a model, by the same predicate.
    Search,
    /// Random runs of a pair of servers with many clients.
    Simulation,
    /// The audit of captures.
    Audit,
    /// The test client, by its own record.
    Client,
    /// The explorer, in traces of servers.
    Recording,
}

impl Judge {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Judge::Search => "search",
            Judge::Simulation => "simulation of populations",
            Judge::Audit => "audit",
            Judge::Client => "test client",
            Judge::Recording => "traces of servers",
        }
    }
}

/// A claim in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// What it says, in one sentence.
    pub statement: &'static str,
    /// Where the specification says so.
    pub section: &'static str,
    /// What it does not say.
    pub limits: &'static str,
    /// When it has something to say: its premise is met.
    pub occasion: &'static str,
    /// What it looks at that is neither held nor stored nor sent, and why; mostly nothing.
    pub reads: &'static str,
    /// What of it a capture does not show, where others than the audit judge it, too.
    pub capture: &'static str,
    /// Who judges it.
    pub judges: &'static [Judge],
    /// What it is an instance of, if other protocols have the same.
    pub base: Option<&'static Entry>,
}

impl Entry {
    /// Nothing said yet.
    pub const EMPTY: Entry = Entry {
        name: "",
        statement: "",
        section: "",
        limits: "",
        occasion: "",
        reads: "",
        capture: "",
        judges: &[],
        base: None,
    };

    /// The name and the sentence of what more than one protocol claims.
    pub const fn of(base: &'static Entry) -> Entry {
        Entry { name: base.name, statement: base.statement, base: Some(base), ..Entry::EMPTY }
    }

    /// A witness: something that has to be reachable. It has a name and a sentence, no section and no limits.
    pub const fn witness(name: &'static str, statement: &'static str) -> Entry {
        Entry { name, statement, judges: &[Judge::Search], ..Entry::EMPTY }
    }

    /// Whether it is judged there.
    pub fn is_judged_by(&self, judge: Judge) -> bool {
        self.judges.contains(&judge)
    }
}
