//! Model files of any protocol: what each says is the same but for `[system]`.

use crate::protocol::{Claim, LeadsTo, Model, Protocol, span_words};
use crate::whole::{LABELS, labels};
use dhcpfo_claims::Entry;
use dhcpfo_claims::fair::Assumed;
use dhcpfo_clock::Values;
use dhcpfo_header::fair::assumed;
use dhcpfo_header::head::{Class, Clock, Expect, Limits, expect, limits};
use dhcpfo_header::keys::Key;
use dhcpfo_header::lengths::{Defaults, lengths};
use dhcpfo_header::node::{Node, Place, Table, Value, get, parse};
use dhcpfo_header::section::{Field, Report, Section, join};
use dhcpfo_header::{FileError, FileErrors};
use std::sync::Arc;

/// Most claims, and most witnesses, of a model.
const MOST: usize = 32;

/// Most witnesses where claims about whole runs, which count twice, take flags of a state as well.
const MOST_FLAGS: usize = 31;

/// What a model file says besides its system.
#[derive(Clone, Debug)]
pub struct Head {
    /// The file, as it was named.
    pub path: String,
    /// Its protocol.
    pub protocol: &'static str,
    /// What the model shows.
    pub title: String,
    /// When it is searched.
    pub class: Class,
    /// What it is for; may be empty.
    pub about: String,
    /// The notion of time.
    pub clock: Clock,
    /// What must hold. Where the protocol is a [`Protocol`], what must hold of whole runs comes last.
    pub claims: Vec<&'static Entry>,
    /// What is fair in whole runs.
    pub fair: Vec<Assumed>,
    /// What must be reachable.
    pub witnesses: Vec<&'static Entry>,
    /// Bounds of the search.
    pub limits: Limits,
    /// What the search must find.
    pub expect: Expect,
}

/// The entries of some claims or witnesses.
pub fn entries<P: Protocol>(claims: &[Claim<P>]) -> Vec<&'static Entry> {
    claims.iter().map(|claim| claim.entry).collect()
}

const CONDITIONS: &str = "a list of conditions (dhcpfo list protocols)";

/// The keys that each model file has but for those of `[system]`: section, name, what is accepted, default, what for.
const COMMON: [(&str, &str, &str, &str, &str); 18] = [
    ("", "protocol", "the name of a protocol (dhcpfo list protocols)", "", "whose model this is"),
    ("", "title", "a line of text", "", "what the model shows"),
    ("", "class", "smoke, full, study or broken", "", "when it is searched; broken: must be refuted"),
    ("", "about", "text", "none", "what it is for, and why its bounds suffice"),
    ("", "clock", "timeout-order, ticks, exact, lazy or lazy-exact", "timeout-order", "the notion of time"),
    ("", "claims", "a list of claims (dhcpfo list protocols), at most 32, or \"all\"", "", "what must hold"),
    ("", "reaches", "a list of witnesses (dhcpfo list protocols), at most 32", "[]", "what must be reachable"),
    ("fair", "weak", CONDITIONS, "[]", "what happens if it is possible all the time, for claims about whole runs"),
    ("fair", "strong", CONDITIONS, "[]", "what happens if it is possible again and again"),
    ("limits", "depth", "a number of protocol actions", "none", "the longest path"),
    ("limits", "states", "a number of states", "none", "where the search stops"),
    ("limits", "memory-mib", "a number of MiB", "none", "where the search stops"),
    ("limits", "seconds", "a number of seconds", "none", "when the search stops"),
    ("expect", "verdict", "holds, refuted or cut-off", "holds", "what the search must find"),
    ("expect", "claim", "a claim of this model", "the only one", "what must be refuted"),
    ("expect", "length", "a number of protocol actions", "not compared", "the least that refute it"),
    ("expect", "states", "a number of states", "not compared", "how many there are"),
    ("expect", "bound", "depth, states, memory or seconds", "", "the bound of [limits] that must be met"),
];

/// Every key of the model files of a protocol.
pub fn keys<P: Protocol>() -> Vec<Key> {
    let key = |section, name, accepted: &str, default, about| Key {
        section,
        name,
        accepted: accepted.to_owned(),
        default,
        about,
    };
    let row =
        |&(section, name, accepted, default, about): &(_, _, &str, _, _)| key(section, name, accepted, default, about);
    let mut keys: Vec<Key> = COMMON.iter().map(row).collect();
    keys.extend(P::keys());
    if !P::SPANS.is_empty() {
        let names = span_words::<P>().iter().map(|words| words.name).collect::<Vec<_>>().join(", ");
        let chains = format!("a list of chains such as \"a < b\", of {names}");
        keys.push(key("time", "order", &chains, "the protocol's", "which lengths are known to be shorter than which"));
        let free = "a list of lengths of time that are compared with nothing";
        keys.push(key("time", "free", free, "[]", "lengths of which nothing is known but that they pass"));
    }
    for length in P::SPANS {
        let name = length.words.name;
        keys.push(key("time.small", name, "a number of units from 1 to 20", "the protocol's", length.about));
        keys.push(key("time.seconds", name, "seconds, or text such as \"4d12h\"", "the protocol's", length.about));
    }
    keys
}

/// Reads a model from the values of its file.
///
/// # Errors
/// Everything that is wrong with it.
pub fn model<P: Protocol>(path: &str, node: &Node) -> Result<(Head, Model<P>), FileErrors> {
    let keys = keys::<P>();
    let report = Report::of_keys(&keys);
    unknown_keys(node, &keys, "", &report);
    match read::<P>(path, node, &report) {
        Some(both) if report.is_clean() => Ok(both),
        _ => Err(FileErrors::new(report.into_errors())),
    }
}

fn read<P: Protocol>(path: &str, node: &Node, report: &Report<'_>) -> Option<(Head, Model<P>)> {
    let root = Section::root(node, report);
    let title = root.required("title").and_then(|field| field.words().map(str::to_owned));
    let class = root.required("class").and_then(|field| field.choice(&Class::WORDS));
    let about = root.field("about").and_then(|field| field.text()).unwrap_or_default().trim().to_owned();
    let (claims, runs) = root.required("claims").and_then(|field| claims::<P>(&field)).unzip();
    let reaches = root.field("reaches");
    let witnesses = reaches.and_then(|field| witnesses::<P>(&field)).unwrap_or_default();
    let clocks: Vec<(&str, Clock)> = Clock::WORDS.into_iter().filter(|(_, clock)| *clock != Clock::Untimed).collect();
    let clock = root.choice("clock", &clocks, Clock::TimeoutOrder);
    let system = P::read(&root.section("system"));
    let lengths = read_lengths::<P>(&root);
    let limits = limits(&root.section("limits"));
    let fair = read_fair::<P>(&root, runs.as_deref(), &witnesses);
    let entries_of = |runs: &[LeadsTo<P>]| runs.iter().map(|run| run.entry).collect::<Vec<_>>();
    let all = claims.as_deref().zip(runs.as_deref()).map(|(claims, runs)| [entries(claims), entries_of(runs)].concat());
    let names: Option<Vec<&str>> = all.as_ref().map(|all| all.iter().map(|entry| entry.name).collect());
    let expect = expect(&root.section("expect"), names.as_deref(), &limits);
    let (title, class, claims, runs, expect) = (title?, class?, claims?, runs?, expect?);
    if class == Class::Broken && !matches!(expect, Expect::Refuted { .. }) {
        let problem = "broken models must be refuted, and this one expects something else";
        root.section("expect").fail("verdict", problem, "verdict = \"refuted\"");
        return None;
    }
    let head = Head {
        path: path.to_owned(),
        protocol: P::NAME,
        title,
        class,
        about,
        clock,
        claims: all.unwrap_or_default(),
        fair: fair.clone(),
        witnesses: entries(&witnesses),
        limits,
        expect,
    };
    Some((head, Model { system, claims, witnesses, runs, fair, lengths }))
}

/// Sets a key of `[system]` in the values of a file, in place of what stands there. What is wrong with it is for the reader of
/// the model to say: it names `--with KEY=WORD` as the place then, since that is where the word comes from.
pub fn lay_over(node: &mut Node, key: &str, word: &str) {
    let place = Place { path: Arc::from(format!("--with {key}={word}")), line: 0 };
    let typed = parse("", &format!("x = {word}")).ok().and_then(|node| match node.value {
        Value::Table(table) => get(&table, "x").map(|node| node.value.clone()),
        _ => None,
    });
    let value = typed.unwrap_or_else(|| Value::String(word.to_owned(), vec![0]));
    let Value::Table(root) = &mut node.value else { return };
    if get(root, "system").is_none() {
        root.push(("system".to_owned(), Node { place: place.clone(), value: Value::Table(Vec::new()) }));
    }
    for (name, section) in root {
        if let ("system", Value::Table(system)) = (name.as_str(), &mut section.value) {
            system.retain(|(name, _)| name != key);
            system.push((key.to_owned(), Node { place: place.clone(), value: value.clone() }));
        }
    }
}

fn read_lengths<P: Protocol>(root: &Section<'_>) -> dhcpfo_clock::Lengths {
    if P::SPANS.is_empty() {
        return dhcpfo_clock::Lengths { small: Values::default(), ..Default::default() };
    }
    let both: Vec<(u32, u32)> = P::SPANS.iter().map(|length| (length.small, length.seconds)).collect();
    lengths(root, &Defaults { words: &span_words::<P>(), lengths: &both, order: P::ORDER, free: &[] })
}

/// What is fair, with room for it and for the claims about whole runs.
fn read_fair<P: Protocol>(root: &Section<'_>, runs: Option<&[LeadsTo<P>]>, witnesses: &[Claim<P>]) -> Vec<Assumed> {
    let fair = assumed(&root.section("fair"), P::CONDITIONS);
    let runs = runs.map_or(0, <[_]>::len);
    if runs > 0 && witnesses.len() + 2 * runs > MOST_FLAGS {
        root.fail("reaches", "are too many beside claims about whole runs, each of which counts as two", "fewer");
    }
    if labels(&fair) > LABELS {
        root.fail("fair", "has more conditions than there is room for", "fewer");
    }
    if runs == 0 && !fair.is_empty() {
        root.fail("fair", "says what is fair in whole runs, and nothing is claimed of them", "nothing here");
    }
    fair
}

/// The claims about states, and those about whole runs.
type Claims<P> = (Vec<Claim<P>>, Vec<LeadsTo<P>>);

fn claims<P: Protocol>(field: &Field<'_>) -> Option<Claims<P>> {
    if matches!(&field.node.value, Value::String(word, _) if word == "all") {
        return Some((P::CLAIMS.to_vec(), Vec::new()));
    }
    let names: Vec<&str> = P::CLAIMS.iter().map(|c| c.entry.name).chain(P::RUNS.iter().map(|r| r.entry.name)).collect();
    let chosen = named::<P>("claim", field, &names)?;
    if chosen.is_empty() {
        return field.fail("claims nothing");
    }
    let is_chosen = |name: &str| chosen.iter().position(|other| *other == name);
    let mut claims: Vec<Claim<P>> = P::CLAIMS.iter().filter(|c| is_chosen(c.entry.name).is_some()).copied().collect();
    claims.sort_by_key(|claim| is_chosen(claim.entry.name));
    Some((claims, P::RUNS.iter().filter(|run| is_chosen(run.entry.name).is_some()).copied().collect()))
}

fn witnesses<P: Protocol>(field: &Field<'_>) -> Option<Vec<Claim<P>>> {
    let names: Vec<&str> = P::WITNESSES.iter().map(|witness| witness.entry.name).collect();
    let chosen = named::<P>("witness", field, &names)?;
    let of = |name: &&str| P::WITNESSES.iter().find(|witness| witness.entry.name == *name).copied();
    Some(chosen.iter().filter_map(of).collect())
}

/// The names that a list has, each of a known one; None if there was anything wrong with it.
fn named<P: Protocol>(what: &str, field: &Field<'_>, all: &[&'static str]) -> Option<Vec<&'static str>> {
    let list = field.list()?;
    if list.len() > MOST {
        return field.fail(format!("{} are too many", list.len()));
    }
    let mut chosen: Vec<&'static str> = Vec::new();
    let mut whole = true;
    let what = format!("{what} of {}", P::NAME);
    for field in &list {
        let found = field.text().and_then(|name| match all.iter().find(|known| **known == name) {
            None => field.unknown(&what, name, all.iter().copied()),
            Some(name) if chosen.contains(name) => field.fail_with(format!("`{name}` stands there twice"), "each once"),
            Some(name) => Some(*name),
        });
        whole &= found.is_some();
        chosen.extend(found);
    }
    whole.then_some(chosen)
}

/// Notes every key that no such file has.
pub(crate) fn unknown_keys(node: &Node, keys: &[Key], section: &str, report: &Report<'_>) {
    let Value::Table(table) = &node.value else { return };
    let table: &Table = table;
    for (name, node) in table {
        let full = join(section, name);
        let is_section = |key: &Key| key.section == full || key.section.starts_with(&format!("{full}."));
        if keys.iter().any(|key| key.section == section && key.name == name) {
            continue;
        }
        if keys.iter().any(is_section) {
            unknown_keys(node, keys, &full, report);
            continue;
        }
        let mut known: Vec<&str> = keys.iter().filter(|key| key.section == section).map(|key| key.name).collect();
        if section.is_empty() {
            let sections = keys.iter().filter_map(|key| key.section.split('.').next());
            known.extend(sections.filter(|name| !name.is_empty()));
            known.dedup();
        }
        report.push(unknown_key(node, &full, name, &known));
    }
}

fn unknown_key(node: &Node, full: &str, name: &str, known: &[&str]) -> FileError {
    let meant = dhcpfo_header::near::nearest(name, known.iter().copied());
    let hint = meant.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let accepted = if known.is_empty() { "none here".to_owned() } else { known.join(", ") };
    node.place.error(full, format!("there is no such key{hint}"), accepted)
}
