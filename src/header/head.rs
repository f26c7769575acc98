//! What every model file says, whatever its protocol: when it is searched, under which notion of time, how far, and
//! what must be found.

use crate::section::Section;

/// When a model is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Class {
    /// In each run of CI.
    Smoke,
    /// Nightly.
    Full,
    /// By hand.
    Study,
    /// In each run of CI, and must be refuted.
    Broken,
}

impl Class {
    /// Every class with its word.
    pub const WORDS: [(&'static str, Class); 4] =
        [("smoke", Class::Smoke), ("full", Class::Full), ("study", Class::Study), ("broken", Class::Broken)];

    /// The word of this class.
    pub fn word(self) -> &'static str {
        Class::WORDS.iter().find(|(_, class)| *class == self).map_or("", |(word, _)| word)
    }
}

/// The notion of time that a model is searched under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Clock {
    /// The order of all live times.
    TimeoutOrder,
    /// Small whole numbers.
    Ticks,
    /// Small numbers in real time.
    Exact,
    /// An order that is decided when it is asked for, for all lengths.
    Lazy,
    /// The same for the real lengths of the model.
    LazyExact,
    /// No order at all: any deadline may be over at any moment.
    Untimed,
}

impl Clock {
    /// Every clock with its word.
    pub const WORDS: [(&'static str, Clock); 6] = [
        ("timeout-order", Clock::TimeoutOrder),
        ("ticks", Clock::Ticks),
        ("exact", Clock::Exact),
        ("lazy", Clock::Lazy),
        ("lazy-exact", Clock::LazyExact),
        ("untimed", Clock::Untimed),
    ];

    /// The word of this clock.
    pub fn word(self) -> &'static str {
        Clock::WORDS.iter().find(|(_, clock)| *clock == self).map_or("", |(word, _)| word)
    }
}

/// Bounds of a search; None: no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Protocol actions on a path.
    pub depth: Option<u32>,
    /// States stored.
    pub states: Option<u64>,
    /// MiB of the search's tables and queues.
    pub memory_mib: Option<u64>,
    /// Seconds.
    pub seconds: Option<u64>,
}

/// What a search must find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Everything reachable is as claimed.
    Holds {
        /// How many states there are, if that is compared.
        states: Option<u64>,
    },
    /// A claim is refuted.
    Refuted {
        /// Which.
        claim: &'static str,
        /// In how many protocol actions at the least, if that is compared.
        length: Option<u32>,
    },
    /// A bound is met before everything was seen, and nothing was refuted by then.
    CutOff {
        /// Which bound.
        bound: Bound,
        /// How many states there are up to there, if that is compared; for [`Bound::Depth`] only.
        states: Option<u64>,
    },
}

/// What may cut a search off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bound {
    /// [`Limits::depth`]
    Depth,
    /// [`Limits::states`]
    States,
    /// [`Limits::memory_mib`]
    Memory,
    /// [`Limits::seconds`]
    Seconds,
    /// More was in flight somewhere than the world has room for.
    Room,
}

impl Bound {
    /// Every bound with its word.
    pub const WORDS: [(&'static str, Bound); 5] = [
        ("depth", Bound::Depth),
        ("states", Bound::States),
        ("memory", Bound::Memory),
        ("seconds", Bound::Seconds),
        ("room", Bound::Room),
    ];
}

/// Reads `[limits]`.
pub fn limits(section: &Section<'_>) -> Limits {
    let number = |key, range| Some(section.field(key)?.number(range)? as u64);
    Limits {
        depth: number("depth", 0..=1_000_000).map(|depth| depth as u32),
        states: number("states", 1..=4_000_000_000),
        memory_mib: number("memory-mib", 1..=1 << 20),
        seconds: number("seconds", 1..=31_536_000),
    }
}

/// What `verdict` says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Holds,
    Refuted,
    CutOff,
}

/// Reads `[expect]`. `claims`: the names of those of the model; None if something is wrong with them.
pub fn expect(section: &Section<'_>, claims: Option<&[&'static str]>, limits: &Limits) -> Option<Expect> {
    let words = [("holds", Verdict::Holds), ("refuted", Verdict::Refuted), ("cut-off", Verdict::CutOff)];
    let verdict = match section.field("verdict") {
        None => Verdict::Holds,
        Some(field) => field.choice(&words)?,
    };
    let only_with = |key: &str, allowed: bool, with: &str| {
        if !allowed && section.field(key).is_some() {
            section.fail(key, format!("has no place beside this verdict; it goes with {with}"), "");
        }
    };
    only_with("claim", verdict == Verdict::Refuted, "verdict = \"refuted\"");
    only_with("length", verdict == Verdict::Refuted, "verdict = \"refuted\"");
    only_with("bound", verdict == Verdict::CutOff, "verdict = \"cut-off\"");
    only_with("states", verdict != Verdict::Refuted, "a completed search");
    let states = || Some(section.field("states")?.number(1..=i64::MAX)? as u64);
    Some(match verdict {
        Verdict::Holds => Expect::Holds { states: states() },
        Verdict::Refuted => Expect::Refuted {
            claim: expected_claim(section, claims?)?,
            length: section.field("length").and_then(|field| Some(field.number(0..=1_000_000)? as u32)),
        },
        Verdict::CutOff => {
            let bound = section.required("bound")?.choice(&Bound::WORDS)?;
            let given = match bound {
                Bound::Depth => limits.depth.is_some(),
                Bound::States => limits.states.is_some(),
                Bound::Memory => limits.memory_mib.is_some(),
                Bound::Seconds => limits.seconds.is_some(),
                Bound::Room => true,
            };
            if !given {
                section.fail("bound", "there is no such bound in [limits]", section.accepted("bound"));
            }
            only_with("states", bound == Bound::Depth, "bound = \"depth\"");
            Expect::CutOff { bound, states: states() }
        }
    })
}

fn expected_claim(section: &Section<'_>, claims: &[&'static str]) -> Option<&'static str> {
    let names = claims.iter().copied();
    match section.field("claim") {
        None if claims.len() == 1 => Some(claims[0]),
        None => {
            section.fail("claim", "is missing", names.collect::<Vec<_>>().join(", "));
            None
        }
        Some(field) => {
            let word = field.text()?;
            names.clone().find(|name| *name == word).or_else(|| field.unknown("claim of this model", word, names))
        }
    }
}
