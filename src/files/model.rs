//! Model files.

use crate::error::FileErrors;
use crate::keys;
use crate::load::{self, Read, gives};
use crate::node::{Node, Value};
use crate::section::{Field, Report, Section};
use dhcpfo_engine::rules::{Rules, UnknownReading};
use dhcpfo_world::claim::{Check, Claim};
use dhcpfo_world::model::Model;

/// Most claims, and most witnesses, of a model.
const MOST: usize = 32;

/// Most witnesses where claims about whole runs, which count twice, take flags of a state as well.
const MOST_FLAGS: usize = 31;

/// A model file that is as it should be.
#[derive(Clone, Debug)]
pub struct ModelFile {
    /// The file, as it was named.
    pub path: String,
    /// What the model shows.
    pub title: String,
    /// When it is searched.
    pub class: Class,
    /// What it is for; may be empty.
    pub about: String,
    /// The files that it builds on, nearest first.
    pub bases: Vec<String>,
    /// The model.
    pub model: Model,
    /// The notion of time.
    pub clock: Clock,
    /// Bounds of the search.
    pub limits: Limits,
    /// What the search must find.
    pub expect: Expect,
    /// A broken model's claim holds with the repaired rules.
    pub has_twin: bool,
    /// Readings that a scenario has laid over it, as questions and words; `dialect` is one.
    pub overlaid: Vec<(String, String)>,
}

/// When a model is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
pub enum Clock {
    /// The order of all live times.
    TimeoutOrder,
    /// Small whole numbers.
    Ticks,
    /// Small numbers in real time.
    Exact,
    /// No order at all: any deadline may be over at any moment.
    Untimed,
}

impl Clock {
    /// Every clock with its word.
    pub const WORDS: [(&'static str, Clock); 4] = [
        ("timeout-order", Clock::TimeoutOrder),
        ("ticks", Clock::Ticks),
        ("exact", Clock::Exact),
        ("untimed", Clock::Untimed),
    ];

    /// The word of this clock.
    pub fn word(self) -> &'static str {
        Clock::WORDS.iter().find(|(_, clock)| *clock == self).map_or("", |(word, _)| word)
    }
}

impl ModelFile {
    /// Lays a reading of both servers over the model; `dialect` replaces all of them.
    ///
    /// # Errors
    /// There is no such question or word; with what would be accepted.
    pub fn overlay(&mut self, key: &str, word: &str) -> Result<(), String> {
        for server in &mut self.model.servers {
            if key == "dialect" {
                let names = || Rules::DIALECTS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
                let dialect = Rules::DIALECTS.iter().find(|(name, _)| *name == word);
                server.rules = dialect.ok_or_else(|| format!("dialect `{word}`: accepted: {}", names()))?.1;
                continue;
            }
            server.rules.set(key, word).map_err(|unknown| match unknown {
                UnknownReading::Key => format!("`{key}` is no question about the specification"),
                UnknownReading::Word(words) => format!("{key} = `{word}`: accepted: {}", words.join(", ")),
            })?;
        }
        self.overlaid.push((key.to_owned(), word.to_owned()));
        Ok(())
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

/// Reads the model file of that path, and those that it builds on.
pub fn model(path: &str, read: Read<'_>) -> Result<ModelFile, FileErrors> {
    let report = Report::default();
    let file = load::with_bases(path, read, &report).and_then(|(node, bases)| from_node(path, &node, bases, &report));
    match file {
        Some(file) if report.is_clean() => Ok(file),
        _ => Err(FileErrors::new(report.into_errors())),
    }
}

fn from_node(path: &str, node: &Node, bases: Vec<String>, report: &Report) -> Option<ModelFile> {
    let root = Section::root(node, report);
    let title = root.required("title").and_then(|field| field.words().map(str::to_owned));
    let class = root.required("class").and_then(|field| field.choice(&Class::WORDS));
    let about = root.field("about").and_then(|field| field.text()).unwrap_or_default().trim().to_owned();
    let mut model = crate::system::model(&root);
    let claims = root.required("claims").and_then(|field| claims(&field));
    model.witnesses = root.field("reaches").and_then(|field| witnesses(&field)).unwrap_or_default();
    let whole_runs = |claim: &&Claim| matches!(claim.check, Check::Reach(_));
    let reach_claims = claims.iter().flatten().filter(whole_runs).count();
    if reach_claims > 0 && model.witnesses.len() + 2 * reach_claims > MOST_FLAGS {
        root.fail("reaches", "are too many beside claims about whole runs, each of which counts as two", "fewer");
    }
    let clock = root.choice("clock", &Clock::WORDS, Clock::TimeoutOrder);
    if clock == Clock::Exact && model.dates_back() {
        let problem = "keeps no instant for ever, as partner-downs that are dated back need it";
        root.fail("clock", problem, "timeout-order or ticks");
    }
    let limits = limits(&root.section("limits"));
    let has_twin = root.section("expect").flag("twin", true);
    let expect = expect(&root.section("expect"), claims.as_deref(), &limits);
    model.claims = claims?;
    let (title, class, expect) = (title?, class?, expect?);
    if class == Class::Broken && !matches!(expect, Expect::Refuted { .. }) {
        let missing = if gives(node, "expect") { "expect something else than" } else { "do not say" };
        let problem = format!("broken models must be refuted, and these {missing} so");
        root.section("expect").fail("verdict", problem, "verdict = \"refuted\"");
        return None;
    }
    Some(ModelFile {
        path: path.to_owned(),
        title,
        class,
        about,
        bases,
        model,
        clock,
        limits,
        expect,
        has_twin,
        overlaid: Vec::new(),
    })
}

fn claims(field: &Field<'_>) -> Option<Vec<Claim>> {
    if matches!(&field.node.value, Value::String(word, _) if word == "all") {
        return Some(dhcpfo_properties::claims().to_vec());
    }
    let claims = named(field, "claim", &dhcpfo_properties::all_claims().copied().collect::<Vec<_>>())?;
    if claims.is_empty() { field.fail("claims nothing") } else { Some(claims) }
}

fn witnesses(field: &Field<'_>) -> Option<Vec<Claim>> {
    named(field, "witness", dhcpfo_properties::witnesses())
}

/// The catalogue's entries that a list names; None if there was anything wrong with it.
fn named(field: &Field<'_>, what: &str, catalogue: &[Claim]) -> Option<Vec<Claim>> {
    let list = field.list()?;
    if list.len() > MOST {
        return field.fail(format!("{} are too many", list.len()));
    }
    let mut chosen: Vec<Claim> = Vec::new();
    let mut whole = true;
    for field in &list {
        let found = field.text().and_then(|name| match catalogue.iter().find(|claim| claim.name == name) {
            None => field.unknown(what, name, catalogue.iter().map(|claim| claim.name)),
            Some(claim) if chosen.iter().any(|other| other.name == claim.name) => {
                field.fail_with(format!("`{name}` stands there twice"), "each once")
            }
            Some(claim) => Some(*claim),
        });
        whole &= found.is_some();
        chosen.extend(found);
    }
    whole.then_some(chosen)
}

fn limits(section: &Section<'_>) -> Limits {
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

/// `claims`: those of the model; None if something is wrong with them.
fn expect(section: &Section<'_>, claims: Option<&[Claim]>, limits: &Limits) -> Option<Expect> {
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
                section.fail("bound", "there is no such bound in [limits]", keys::accepted("expect", "bound"));
            }
            only_with("states", bound == Bound::Depth, "bound = \"depth\"");
            Expect::CutOff { bound, states: states() }
        }
    })
}

fn expected_claim(section: &Section<'_>, claims: &[Claim]) -> Option<&'static str> {
    let names = claims.iter().map(|claim| claim.name);
    match section.field("claim") {
        None if claims.len() == 1 => Some(claims[0].name),
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
