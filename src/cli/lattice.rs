//! `dhcpfo check --lattice`: a model with every combination of its budgets up to a weight.
//!
//! What was done is kept in a log ([`dhcpfo_documents::lattice`]). A line that a kill cut off is passed over, and its combination
//! is searched again.

use crate::args::CheckArgs;
use crate::exit::{Error, Exit};
use crate::output::{self, grouped, line};
use crate::subject::{Kind, Subject};
use crate::{checked, find, progress};
use dhcpfo_check::lattice::Combined;
use dhcpfo_documents::lattice::{self as document, Combination, FORMAT, Lattice, LogHead};
use dhcpfo_documents::{Head, line as json};
use dhcpfo_files::load::DRAFT_12;
use dhcpfo_protocols::ALL;
use dhcpfo_study::lattice::{
    Amounts, Budgeted, Fate, Found, Range, combinations, covers, explore, in_words, undecided, weight,
};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Most states of one combination where nothing else is said.
pub(crate) const STATES: u64 = 5_000_000;

/// Most combinations that are listed by name.
const LISTED: usize = 40;

/// Carries out the verb with `--lattice`.
pub(crate) fn check(args: &CheckArgs) -> Result<Exit, Error> {
    let [path] = &args.models[..] else {
        return Err(Error::words(format!("--lattice goes with one model, not with {}", args.models.len())));
    };
    let Some(most) = args.weight else { return Err(Error::words("--lattice needs --weight N")) };
    let subject = find::subjects(std::slice::from_ref(path))?.remove(0);
    let combined;
    let model: &dyn Budgeted = match &subject.kind {
        Kind::Draft(file) => {
            combined = Combined(&file.model);
            &combined
        }
        Kind::Study(study) => study.budgeted().ok_or_else(|| nothing_bounded(&subject))?,
    };
    let file = Combinable { head: &subject.head, model, ranges: model.budgets() };
    let mut found = Vec::new();
    for log in args.merge.iter().chain(&args.log) {
        found.extend(read(log, &file)?);
    }
    if let Some(path) = &args.markdown {
        output::probe(path)?;
    }
    let asked = combinations(model, most);
    if args.merge.is_empty() {
        search(args, &file, &asked, &mut found)?;
    }
    let table = Table::new(&file, &asked, &found);
    match args.json {
        true => line(&dhcpfo_documents::pretty(&table.document(most))),
        false => output::print(&table.text(most)),
    }
    if let Some(path) = &args.markdown {
        output::write(path, &table.markdown(most))?;
    }
    Ok(table.exit())
}

/// A model with budgets.
struct Combinable<'a> {
    head: &'a dhcpfo_study::file::Head,
    model: &'a dyn Budgeted,
    ranges: Vec<Range>,
}

/// Why there are no combinations of a model of another protocol than draft-12.
fn nothing_bounded(subject: &Subject) -> Error {
    let (path, protocol) = (&subject.head.path, subject.head.protocol);
    let family = ALL.0.iter().find(|family| family.name() == protocol);
    let keys = family.map(|family| family.budgets()).unwrap_or_default();
    Error::Told(match keys.is_empty() {
        true => {
            let with: Vec<_> = ALL.0.iter().filter(|one| !one.budgets().is_empty()).map(|one| one.name()).collect();
            let with = with.join(", ");
            format!("{path}: {protocol} has no budgets to combine (accepted: models of {DRAFT_12}, {with})")
        }
        false => {
            format!("{path}: system: bounds nothing, so there is nothing to combine (accepted: {})", keys.join(", "))
        }
    })
}

/// Searches what is not decided yet, the lightest first.
fn search(args: &CheckArgs, file: &Combinable<'_>, asked: &[Amounts], found: &mut Vec<Found>) -> Result<(), Error> {
    let cancel = progress::listen_for_ctrl_c();
    let mut options = checked::options(file.head, args, cancel);
    let most_states = options.max_states.unwrap_or(STATES);
    options.max_states = Some(most_states);
    let mut log = args.log.as_deref().map(|path| open(path, file)).transpose()?;
    let until = args.within.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mine = |index: usize| args.shard.is_none_or(|shard| index as u64 % shard.of == shard.number - 1);
    for (index, amounts) in asked.iter().enumerate().filter(|(index, _)| mine(*index)) {
        if progress::is_cancelled() || until.is_some_and(|until| Instant::now() >= until) {
            break;
        }
        let names = undecided(file.model, amounts, found);
        // What was cut off is searched again only by a command that allows more states than it had.
        let as_far = |one: &Found| one.amounts == *amounts && (one.seen_to.is_none() || one.states >= most_states);
        if names.is_empty() || found.iter().any(as_far) {
            continue;
        }
        let meter = progress::Meter::new(&format!("{} of {}: {}", index + 1, asked.len(), file.in_words(amounts)));
        let one = explore(file.model, amounts, &names, &options, &mut |progress| meter.show(progress));
        drop(meter);
        if progress::is_cancelled() {
            break;
        }
        let one = one.map_err(|error| Error::words(format!("{}: {error}", file.head.path)))?;
        if let Some((log, path)) = &mut log {
            let written = writeln!(log, "{}", json(&file.entry(&one))).and_then(|()| log.flush());
            written.map_err(|error| Error::words(format!("{} cannot be written: {error}", path.display())))?;
        }
        found.push(one);
    }
    Ok(())
}

// ---- the log ----------------------------------------------------------------------------------------------------

/// Opens a log for what comes next; a new one begins with what it is about.
fn open(path: &Path, file: &Combinable<'_>) -> Result<(File, PathBuf), Error> {
    let fail = |error: std::io::Error| Error::words(format!("{} cannot be written: {error}", path.display()));
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut log = OpenOptions::new().create(true).append(true).open(path).map_err(fail)?;
    if was_cut_off(&text, &text) {
        log.set_len(0).map_err(fail)?;
    }
    if text.is_empty() || was_cut_off(&text, &text) {
        let head = LogHead { version: FORMAT.version, model: file.head.path.clone(), setting: file.model.setting() };
        writeln!(log, "{}", json(&head)).map_err(fail)?;
    } else if !text.ends_with('\n') {
        // What a kill cut off stays a line of its own.
        writeln!(log).map_err(fail)?;
    }
    Ok((log, path.to_owned()))
}

/// Whether a kill cut off the very first line of a log.
fn was_cut_off(text: &str, head: &str) -> bool {
    let begin = format!("{{\"kind\":\"{}\"", FORMAT.kind);
    !text.contains('\n') && (head.starts_with(&begin) || begin.starts_with(head))
}

/// What a log has; nothing if there is none yet.
fn read(path: &Path, file: &Combinable<'_>) -> Result<Vec<Found>, Error> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::Told(format!("{}: {error}", path.display()))),
    };
    let mut lines = text.lines();
    let Some(head) = lines.next().filter(|head| !was_cut_off(&text, head)) else { return Ok(Vec::new()) };
    let wrong = |what: &str| Err(Error::Told(format!("{}:1: {what}", path.display())));
    let said: Head = serde_json::from_str(head).unwrap_or_default();
    if said.kind != FORMAT.kind {
        return wrong("is no log of `dhcpfo check --lattice`");
    }
    if let Err(problem) = FORMAT.accept(&said) {
        return wrong(&problem);
    }
    match serde_json::from_str::<LogHead>(head) {
        Ok(head) if head.setting == file.model.setting() => {}
        Ok(_) => return wrong(&format!("is about another model than {} is now; give another file", file.head.path)),
        Err(error) => return wrong(&format!("is no head of a log: {error}")),
    }
    Ok(lines.filter_map(|line| file.parse(&serde_json::from_str(line).ok()?)).collect())
}

impl Combinable<'_> {
    fn in_words(&self, amounts: &[u8]) -> String {
        in_words(&self.ranges, amounts)
    }

    fn entry(&self, one: &Found) -> Combination {
        let fate = |fate: Fate| match fate {
            Fate::Holds => document::Fate::Holds,
            Fate::Open => document::Fate::Open,
            Fate::Refuted(length) => document::Fate::Refuted(length),
        };
        let claims = one.claims.iter().map(|&(name, of)| (name.to_owned(), fate(of))).collect();
        Combination { budgets: self.budgets(&one.amounts), claims, states: one.states, seen_to: one.seen_to }
    }

    fn budgets(&self, amounts: &[u8]) -> document::Budgets {
        let amounts = self.ranges.iter().zip(amounts).map(|(range, amount)| (range.name.to_owned(), *amount));
        amounts.filter(|(_, amount)| *amount > 0).collect()
    }

    /// None for a line that names what this version does not have.
    fn parse(&self, line: &Combination) -> Option<Found> {
        let known = |word: &String| self.ranges.iter().any(|range| range.name == word);
        let amounts = self.ranges.iter().map(|range| line.budgets.get(range.name).copied().unwrap_or_default());
        let amounts = line.budgets.keys().all(known).then(|| amounts.collect())?;
        let names = self.model.claims();
        let claims = line.claims.iter().map(|(name, fate)| {
            let claim = names.iter().find(|claim| *claim == name)?;
            let fate = match fate {
                document::Fate::Holds => Fate::Holds,
                document::Fate::Open => Fate::Open,
                document::Fate::Refuted(length) => Fate::Refuted(*length),
            };
            Some((*claim, fate))
        });
        let (claims, states, seen_to) = (claims.collect::<Option<_>>()?, line.states, line.seen_to);
        Some(Found { amounts, claims, states, seen_to })
    }
}

// ---- the table --------------------------------------------------------------------------------------------------

/// What has come of a combination, all in all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Every claim is decided, and holds.
    Exhausted,
    /// Every claim is decided, and some are refuted.
    Refuted,
    /// It was cut off before all claims were decided.
    CutOff,
    /// Nobody has looked yet.
    Unsearched,
}

struct Table<'a> {
    file: &'a Combinable<'a>,
    asked: &'a [Amounts],
    found: &'a [Found],
    standings: Vec<Standing>,
}

impl<'a> Table<'a> {
    fn new(file: &'a Combinable<'a>, asked: &'a [Amounts], found: &'a [Found]) -> Self {
        let standing = |amounts: &Amounts| {
            let refuted = |one: &Found| one.claims.iter().any(|(_, fate)| matches!(fate, Fate::Refuted(_)));
            if !undecided(file.model, amounts, found).is_empty() {
                let looked = found.iter().any(|one| one.amounts == *amounts);
                if looked { Standing::CutOff } else { Standing::Unsearched }
            } else if found.iter().any(|one| covers(amounts, &one.amounts) && refuted(one)) {
                Standing::Refuted
            } else {
                Standing::Exhausted
            }
        };
        Table { file, asked, found, standings: asked.iter().map(standing).collect() }
    }

    fn of(&self, wanted: Standing) -> impl Iterator<Item = &'a Amounts> + '_ {
        self.asked.iter().zip(&self.standings).filter(move |(_, is)| **is == wanted).map(|(amounts, _)| amounts)
    }

    /// For each claim the smallest combinations that refute it, with the length of the counterexample.
    fn refuting(&self) -> Vec<(&'static str, &'a Amounts, u32)> {
        let all = self.found.iter().flat_map(|one| {
            one.claims.iter().filter_map(move |&(name, fate)| match fate {
                Fate::Refuted(length) => Some((name, &one.amounts, length)),
                _ => None,
            })
        });
        let all: Vec<_> = all.collect();
        let larger = |one: &(&str, &Amounts, u32)| {
            all.iter().any(|other| other.0 == one.0 && other.1 != one.1 && covers(one.1, other.1))
        };
        let mut smallest: Vec<_> = all.iter().filter(|one| !larger(one)).copied().collect();
        smallest.sort_by_key(|&(name, amounts, _)| (name, weight(amounts), amounts));
        smallest.dedup();
        smallest
    }

    /// Up to which weight everything was decided but what is listed beside it.
    fn frontier(&self, most: u32) -> String {
        let open: Vec<&Amounts> = self.of(Standing::CutOff).chain(self.of(Standing::Unsearched)).collect();
        let whole = (0..=most).take_while(|w| !open.iter().any(|amounts| weight(amounts) == *w)).last();
        let below = whole.map_or("none is decided whole".into(), |w| format!("decided for all of weight up to {w}"));
        let here = open.iter().filter(|amounts| weight(amounts) <= most).count();
        match here {
            0 => format!("decided for all combinations of weight up to {most}"),
            _ => format!("{below}; of weight up to {most} for all but {here}"),
        }
    }

    fn rows(&self, most: u32) -> Vec<[u64; 6]> {
        (0..=most)
            .map(|w| {
                let mut row = [u64::from(w), 0, 0, 0, 0, 0];
                for (_, standing) in self.asked.iter().zip(&self.standings).filter(|(amounts, _)| weight(amounts) == w)
                {
                    row[1] += 1;
                    row[match standing {
                        Standing::Exhausted => 2,
                        Standing::Refuted => 3,
                        Standing::CutOff => 4,
                        Standing::Unsearched => 5,
                    }] += 1;
                }
                row
            })
            .collect()
    }

    fn states(&self) -> u64 {
        self.found.iter().map(|one| one.states).sum()
    }

    /// What was not decided, with how far it was seen.
    fn open(&self) -> Vec<String> {
        let cut = self.of(Standing::CutOff).map(|amounts| {
            let one = self.found.iter().filter(|one| one.amounts == *amounts).filter_map(|one| one.seen_to).max();
            let depth = one.map_or("a path without times".into(), |depth| format!("seen to depth {depth}"));
            format!("{}: {depth}", self.file.in_words(amounts))
        });
        cut.chain(self.of(Standing::Unsearched).map(|amounts| format!("{}: not searched", self.file.in_words(amounts))))
            .collect()
    }

    fn text(&self, most: u32) -> String {
        let mut text = format!("{}: {}\n", self.file.head.path, self.frontier(most));
        text += &format!("{} claims; {} states in all\n\n", self.file.head.claims.len(), grouped(self.states()));
        text += "weight  combinations  exhausted  refuted  cut off  not searched\n";
        for [w, all, exhausted, refuted, cut, unsearched] in self.rows(most) {
            text += &format!("{w:>6}  {all:>12}  {exhausted:>9}  {refuted:>7}  {cut:>7}  {unsearched:>12}\n");
        }
        for (name, amounts, length) in self.refuting() {
            text += &format!("\nREFUTED {name} in {length} actions, with {}\n", self.file.in_words(amounts));
        }
        let open = self.open();
        if !open.is_empty() {
            text += "\nnot decided:\n";
            text += &open.iter().take(LISTED).map(|one| format!("  {one}\n")).collect::<String>();
        }
        if open.len() > LISTED {
            text += &format!("  and {} more (--json lists all)\n", open.len() - LISTED);
        }
        text
    }

    fn markdown(&self, most: u32) -> String {
        let mut text = format!("# {}: all combinations of budgets up to weight {most}\n\n", self.file.head.title);
        text += &format!(
            "`{}`, {} claims, {}. A combination's weight is the sum of its budgets; a combination that can do no more than a\n\
             smaller one is left out. *Exhausted*: every state was visited, or is covered by a larger combination of which\n\
             that is true, and every claim holds.\n\n",
            self.file.head.path,
            self.file.head.claims.len(),
            self.frontier(most)
        );
        text += "| weight | combinations | exhausted | refuted | cut off | not searched |\n";
        text += "| ---: | ---: | ---: | ---: | ---: | ---: |\n";
        for row in self.rows(most) {
            text += &format!("| {} |\n", row.map(grouped).join(" | "));
        }
        let refuting = self.refuting();
        if !refuting.is_empty() {
            text += "\n| refuted claim | smallest combination | actions |\n| --- | --- | ---: |\n";
            let row = |(name, amounts, length): &(&str, &Amounts, u32)| {
                format!("| `{name}` | {} | {length} |\n", self.file.in_words(amounts))
            };
            text += &refuting.iter().map(row).collect::<String>();
        }
        let open = self.open();
        if !open.is_empty() {
            text += "\nNot decided:\n\n";
            text += &open.iter().map(|one| format!("* {one}\n")).collect::<String>();
        }
        text
    }

    fn document(&self, most: u32) -> Lattice {
        let row = |[weight, combinations, exhausted, refuted, cut_off, not_searched]: [u64; 6]| document::Weight {
            weight,
            combinations,
            exhausted,
            refuted,
            cut_off,
            not_searched,
        };
        let refuted = |(name, amounts, length): (&str, &Amounts, u32)| document::Refuted {
            claim: name.to_owned(),
            budgets: self.file.budgets(amounts),
            length,
        };
        Lattice {
            version: FORMAT.version,
            exit: self.exit() as u8,
            model: self.file.head.path.clone(),
            weight: most,
            frontier: self.frontier(most),
            weights: self.rows(most).into_iter().map(row).collect(),
            refuted: self.refuting().into_iter().map(refuted).collect(),
            cut_off: self.of(Standing::CutOff).map(|amounts| self.file.budgets(amounts)).collect(),
            not_searched: self.of(Standing::Unsearched).map(|amounts| self.file.budgets(amounts)).collect(),
            combinations: self.found.iter().map(|one| self.file.entry(one)).collect(),
        }
    }

    fn exit(&self) -> Exit {
        if self.standings.contains(&Standing::Refuted) || !self.refuting().is_empty() {
            Exit::Unexpected
        } else if self.standings.iter().all(|standing| *standing == Standing::Exhausted) {
            Exit::Expected
        } else {
            Exit::CutOff
        }
    }
}
