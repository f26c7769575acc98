//! `dhcpfo check MODEL --inequalities` and `--sweep`: what a verdict demands of the lengths of time.

use crate::args::{CheckArgs, Swept};
use crate::exit::{Error, Exit};
use crate::output::{self, grouped, line};
use crate::subject::{Kind, Subject};
use crate::{checked, find, progress};
use dhcpfo_check::inequalities::Lengthy;
use dhcpfo_clock::{Condition, Lengths, Phi, Values};
use dhcpfo_documents::inequalities::{self as document, INEQUALITIES, Inequalities, Row, SWEEP, Sweep};
use dhcpfo_documents::lattice::Fate;
use dhcpfo_study::answer::{Clock, RunOptions};
use dhcpfo_study::inequalities::{ForAll, Lengthened, Refuted, each_claim, needed};
use dhcpfo_time::{Span, SpanWords};
use std::fmt::Write;

/// Most choices of lengths of one sweep.
const MOST_CHOICES: u64 = 10_000;

/// Carries out the verb with `--inequalities` or `--sweep`.
pub(crate) fn check(args: &CheckArgs) -> Result<Exit, Error> {
    let [path] = &args.models[..] else {
        let which = if args.inequalities { "--inequalities" } else { "--sweep" };
        return Err(Error::words(format!("{which} goes with one model, not with {}", args.models.len())));
    };
    let subject = find::subjects(std::slice::from_ref(path))?.remove(0);
    let lengthy;
    let model: &dyn Lengthened = match &subject.kind {
        Kind::Draft(file) => {
            lengthy = Lengthy(&file.model);
            &lengthy
        }
        Kind::Study(study) => study.lengthened(),
    };
    let asked = Asked { subject: &subject, model, words: model.words(), args };
    if args.inequalities { asked.inequalities() } else { asked.sweep() }
}

struct Asked<'a> {
    subject: &'a Subject,
    model: &'a dyn Lengthened,
    words: Vec<SpanWords>,
    args: &'a CheckArgs,
}

impl Asked<'_> {
    fn name(&self, span: Span) -> &'static str {
        self.words[usize::from(span.0)].name
    }

    fn fail(&self, error: impl std::fmt::Display) -> Error {
        Error::words(format!("{}: {error}", self.subject.head.path))
    }

    fn options(&self) -> RunOptions<'static> {
        let cancel = progress::listen_for_ctrl_c();
        // Each claim is asked for.
        RunOptions { stop_at_first: false, ..checked::options(&self.subject.head, self.args, cancel) }
    }

    fn inequalities(&self) -> Result<Exit, Error> {
        if self.args.clock.is_some_and(|clock| clock.0 != Clock::Lazy) {
            return Err(Error::words("--inequalities is asked for all lengths (accepted with it: --clock lazy)"));
        }
        let meter = progress::Meter::new(&self.subject.head.path);
        let found = needed(self.model, &self.options(), &mut |progress| meter.show(progress));
        drop(meter);
        let (with_all, without) = found.map_err(|error| self.fail(error))?;
        let is_cut_off = |found: &ForAll| found.cut_off.is_some();
        let is_open = is_cut_off(&with_all) || without.iter().any(|one| is_cut_off(&one.found));
        let exit = if is_open { Exit::CutOff } else { Exit::Expected };
        let pair = |(shorter, longer): (Span, Span)| format!("{} < {}", self.name(shorter), self.name(longer));
        let without: Vec<(String, ForAll)> = without.into_iter().map(|one| (pair(one.pair), one.found)).collect();
        if self.args.json {
            let document = Inequalities {
                version: INEQUALITIES.version,
                exit: exit as u8,
                model: self.subject.head.path.clone(),
                declared: without.iter().map(|(pair, _)| pair.clone()).collect(),
                with_all: self.search(&with_all),
                without: without.iter().map(|(pair, found)| (pair.clone(), self.search(found))).collect(),
            };
            line(&dhcpfo_documents::pretty(&document));
        } else {
            output::print(&self.text(&with_all, &without));
        }
        Ok(exit)
    }

    fn search(&self, found: &ForAll) -> document::Search {
        let refuted = |refuted: &Refuted| document::Refuted {
            length: refuted.length,
            conditions: refuted.conditions.iter().map(|all| self.conditions(all)).collect(),
            only_there: refuted.is_all,
            lengths: refuted.example.as_ref().map(|example| self.lengths(&example.lengths)),
            actions: refuted.example.iter().flat_map(|example| &example.actions).map(timed).collect(),
        };
        let names = self.model.claims().into_iter().map(str::to_owned);
        let claims = names.zip(found.claims.iter().map(|found| found.as_ref().map(refuted))).collect();
        document::Search { is_cut_off: found.cut_off.is_some(), states: found.states, claims }
    }

    fn conditions(&self, all: &[Condition]) -> Vec<String> {
        all.iter().map(|condition| condition.text(&self.words)).collect()
    }

    fn lengths(&self, lengths: &[(Span, u32)]) -> indexmap::IndexMap<String, u32> {
        lengths.iter().map(|&(span, length)| (self.name(span).to_owned(), length)).collect()
    }

    /// What was found, claim by claim, for people.
    fn text(&self, with_all: &ForAll, without: &[(String, ForAll)]) -> String {
        let declared: Vec<&str> = without.iter().map(|(pair, _)| pair.as_str()).collect();
        let declared = if declared.is_empty() { "nothing".to_owned() } else { declared.join(", ") };
        let path = &self.subject.head.path;
        let mut text =
            format!("{path}: for all lengths, with {declared} declared ({} states)\n", grouped(with_all.states));
        for (number, name) in self.model.claims().into_iter().enumerate() {
            let is_open = with_all.cut_off.is_some();
            match &with_all.claims[number] {
                Some(refuted) => self.tell_refuted(&mut text, &format!("{name} is refuted"), refuted),
                None if is_open => _ = writeln!(text, "  {name} is open: the search was cut off"),
                None => self.tell_needs(&mut text, name, number, without),
            }
        }
        text
    }

    /// A claim that holds, and what it needs for that.
    fn tell_needs(&self, text: &mut String, name: &str, number: usize, without: &[(String, ForAll)]) {
        let refuted =
            |(pair, found): &(String, ForAll)| found.claims[number].clone().map(|refuted| (pair.clone(), refuted));
        let needs: Vec<(String, Refuted)> = without.iter().filter_map(refuted).collect();
        let open = without.iter().filter(|(_, found)| found.claims[number].is_none() && found.cut_off.is_some());
        let open: Vec<&str> = open.map(|(pair, _)| pair.as_str()).collect();
        if needs.is_empty() && open.is_empty() {
            _ = writeln!(text, "  {name} holds, and needs none of them");
        }
        for (pair, refuted) in &needs {
            self.tell_refuted(text, &format!("{name} holds and needs {pair}: without it, it is refuted"), refuted);
        }
        if !open.is_empty() {
            _ = writeln!(text, "  {name} holds; whether it needs {} is open: the search was cut off", open.join(", "));
        }
    }

    fn tell_refuted(&self, text: &mut String, what: &str, refuted: &Refuted) {
        let alternatives: Vec<String> =
            refuted.conditions.iter().map(|all| self.conditions(all).join(" and ")).collect();
        let is_everywhere = alternatives.iter().any(String::is_empty);
        let wherever = if is_everywhere { "whatever the lengths".to_owned() } else { alternatives.join(", or where ") };
        let end = match (is_everywhere, refuted.is_all) {
            (true, _) => String::new(),
            (false, true) => ", and for no other lengths".to_owned(),
            (false, false) => "; whether for other lengths, too, is open".to_owned(),
        };
        let whenever = if is_everywhere { ", " } else { ". It fails where " };
        _ = writeln!(text, "  {what} in {} actions{whenever}{wherever}{end}", refuted.length);
        let Some(example) = &refuted.example else {
            _ = writeln!(text, "    no lengths were found for which it has times: do not believe it");
            return;
        };
        let lengths = example.lengths.iter().map(|&(span, length)| format!("{} = {length}", self.name(span)));
        let lengths: Vec<String> = lengths.collect();
        let lengths = if lengths.is_empty() { "any lengths".to_owned() } else { lengths.join(", ") };
        _ = writeln!(text, "    for instance with {lengths}:");
        for (at, action) in &example.actions {
            _ = writeln!(text, "    {at:>8}  {action}");
        }
    }

    fn sweep(&self) -> Result<Exit, Error> {
        let clock = self.args.clock.map_or(Clock::Exact, |clock| clock.0);
        if !matches!(clock, Clock::Exact | Clock::Ticks | Clock::LazyExact) {
            let problem = format!("--sweep needs a clock with numbers, which {} is not", clock.word());
            return Err(Error::words(format!("{problem} (accepted: exact, ticks, lazy-exact)")));
        }
        let swept = self.swept()?;
        let given = self.model.given();
        let mut rows = Vec::new();
        let mut choices = vec![given.small];
        for &(span, Swept { from, to, .. }) in &swept {
            let with = |values: &Values| (from..=to).map(|length| values.with(span, length)).collect::<Vec<_>>();
            let all: Result<Vec<Values>, _> = choices.iter().flat_map(with).collect();
            choices = all.map_err(|error| Error::words(error.text(&self.words)))?;
        }
        for values in choices {
            if progress::is_cancelled() {
                break;
            }
            rows.push(self.row(&given, clock, &swept, values)?);
        }
        let is_open = rows.iter().any(|row| row.claims.values().any(|fate| *fate == Fate::Open));
        let exit = if is_open || progress::is_cancelled() { Exit::CutOff } else { Exit::Expected };
        let is_swept = |span: Span| swept.iter().any(|(other, _)| *other == span);
        let fixed = given.small.given().filter(|span| !is_swept(*span));
        let fixed = fixed.map(|span| (self.name(span).to_owned(), given.small.get(span))).collect();
        let document = Sweep {
            version: SWEEP.version,
            exit: exit as u8,
            model: self.subject.head.path.clone(),
            clock: clock.word().to_owned(),
            fixed,
            rows,
        };
        match self.args.json {
            true => line(&dhcpfo_documents::pretty(&document)),
            false => output::print(&table(&document)),
        }
        Ok(exit)
    }

    /// The lengths that are swept, by number.
    fn swept(&self) -> Result<Vec<(Span, Swept)>, Error> {
        let given = self.model.given().small;
        let names: Vec<&str> = given.given().map(|span| self.name(span)).collect();
        let mut swept: Vec<(Span, Swept)> = Vec::new();
        for one in &self.args.sweep {
            let Some(span) = given.given().find(|&span| self.name(span) == one.name) else {
                let problem = format!("--sweep: there is no length `{}` in {}", one.name, self.subject.head.path);
                return Err(Error::words(format!("{problem} (accepted: {})", names.join(", "))));
            };
            if swept.iter().any(|(other, _)| *other == span) {
                return Err(Error::words(format!("--sweep: `{}` is swept twice", one.name)));
            }
            swept.push((span, one.clone()));
        }
        let count: u64 = swept.iter().map(|(_, one)| u64::from(one.to - one.from) + 1).product();
        if count > MOST_CHOICES {
            let problem = format!("--sweep: these are {} choices of lengths", grouped(count));
            return Err(Error::words(format!("{problem} (accepted: up to {})", grouped(MOST_CHOICES))));
        }
        Ok(swept)
    }

    fn row(&self, given: &Lengths, clock: Clock, swept: &[(Span, Swept)], values: Values) -> Result<Row, Error> {
        let is_declared = given.phi.admits(&values);
        let phi = if is_declared { given.phi } else { Phi::default() };
        let lengths = Lengths { phi, small: values, seconds: values, ..*given };
        let chosen = swept.iter().map(|(span, _)| (self.name(*span).to_owned(), values.get(*span)));
        let chosen: indexmap::IndexMap<String, u32> = chosen.collect();
        let meter = progress::Meter::new(&format!("{chosen:?}"));
        let options = RunOptions { clock, ..self.options() };
        let search = |names: &[&'static str]| {
            let answer = self.model.for_these(&lengths, names, &options, &mut |progress| meter.show(progress))?;
            let is_open = answer.cut_off.is_some() || answer.overflow;
            let claims = answer.claims.into_iter().map(|found| found.map(|found| found.length)).collect();
            Ok(((is_open, answer.unique), claims))
        };
        let ((is_open, states), claims) = each_claim(self.model, search).map_err(|error| self.fail(error))?;
        drop(meter);
        let fate = |found: Option<u32>| match found {
            Some(length) => Fate::Refuted(length),
            None if is_open => Fate::Open,
            None => Fate::Holds,
        };
        let names = self.model.claims().into_iter().map(str::to_owned);
        let claims = names.zip(claims.into_iter().map(fate)).collect();
        Ok(Row { lengths: chosen, is_declared, claims, states })
    }
}

fn timed((at, action): &(f64, String)) -> document::Timed {
    document::Timed { at: *at, action: action.clone() }
}

/// One line for each choice of lengths.
fn table(sweep: &Sweep) -> String {
    let fixed: Vec<String> = sweep.fixed.iter().map(|(name, length)| format!("{name} = {length}")).collect();
    let fixed = if fixed.is_empty() { String::new() } else { format!(", with {}", fixed.join(", ")) };
    let mut text = format!("{}: under {}{fixed}\n", sweep.model, sweep.clock);
    for row in &sweep.rows {
        let lengths: Vec<String> = row.lengths.iter().map(|(name, length)| format!("{name} = {length}")).collect();
        let not_held = row.claims.iter().filter_map(|(name, fate)| match fate {
            Fate::Holds => None,
            Fate::Open => Some(format!("{name} open")),
            Fate::Refuted(length) => Some(format!("{name} refuted in {length}")),
        });
        let not_held: Vec<String> = not_held.collect();
        let verdict = if not_held.is_empty() { "holds".to_owned() } else { not_held.join(", ") };
        let note = if row.is_declared { "" } else { " (not as declared)" };
        _ = writeln!(text, "  {:<30} {:>12} states  {verdict}{note}", lengths.join(", "), grouped(row.states));
    }
    text
}
