//! `dhcpfo report coverage`: what the models and scenarios of this folder exercise. Everything is counted from steps that
//! are taken now.

use crate::args_report::CoverageArgs;
use crate::exit::{Error, Exit};
use crate::{find, open, output, progress};
use dhcpfo_documents::coverage as document;
use dhcpfo_documents::paper::Paper;
use dhcpfo_documents::verdicts::{ClaimVerdict, Fate, Verdicts};
use dhcpfo_engine::rules::{Rules, UnknownReading};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::transition::Next;
use dhcpfo_explorer::coverage::{Coverage, Exercised, cause_word};
use dhcpfo_files::model::Clock;
use dhcpfo_files::{ModelFile, ScenarioFile};
use dhcpfo_report::endpoint_states::endpoint_states;
use dhcpfo_report::page::{Cell, Mood, Page, Table};
use dhcpfo_report::register::Register;
use dhcpfo_world::play::{self, Entry};
use rayon::prelude::*;

/// What the specification asks for.
const REGISTER: &str = include_str!("../engine/spec/failover-12.toml");

/// Carries out the verb.
pub(crate) fn coverage(args: &CoverageArgs) -> Result<Exit, Error> {
    if let Some(path) = &args.out {
        output::probe(path)?;
    }
    let verdicts = args.verdicts.as_ref().map(|path| verdicts(&path.display().to_string())).transpose()?;
    let scenarios = find::scenarios(&find::scenario_paths()?)?;
    let models = find::models(&find::model_paths()?)?;
    let register = Register::parse(REGISTER).map_err(Error::words)?;
    progress::listen_for_ctrl_c();
    let played = scenarios.par_iter().map(of_scenario);
    let searched =
        models.par_iter().filter(|file| file.clock != Clock::Untimed).map(|file| of_model(file, args.states));
    let parts: Vec<Coverage> = played.chain(searched).collect();
    if progress::is_cancelled() {
        return Ok(Exit::CutOff);
    }
    let mut coverage = Coverage::default();
    parts.iter().for_each(|part| coverage.add(part));
    let told = Told { coverage, scenarios: &scenarios, models: &models, register: &register, verdicts, args };
    let text = match (args.json, args.md) {
        (true, _) => dhcpfo_documents::pretty(&told.document()) + "\n",
        (_, true) => told.page().markdown(),
        _ => told.page().html(),
    };
    match &args.out {
        Some(path) => output::write(path, &text)?,
        None => output::print(&text),
    }
    Ok(Exit::Expected)
}

fn verdicts(path: &str) -> Result<Verdicts, Error> {
    match open::paper(path)? {
        Some(Paper::Verdicts(verdicts)) => Ok(verdicts),
        _ => Err(Error::Told(format!("{path}: what `dhcpfo check --json` prints would be accepted"))),
    }
}

fn of_scenario(file: &ScenarioFile) -> Coverage {
    let mut coverage = Coverage::default();
    coverage.begin(&file.path);
    let model = &file.model.model;
    let Some(mut clock) = file.clock() else { return coverage };
    // What cannot be played to its end was exercised up to there; that it cannot is for `dhcpfo play` to tell.
    let _ = play::perform(model, file.lengths, &file.script, &mut |entry| {
        if let Entry::Step(step) = entry {
            clock.set(step.before.now);
            let decided = model.decided(&step.before.system, step.action, &clock, |q, r| coverage.wants(q, r));
            coverage.step(&step, &decided);
        }
    });
    coverage
}

fn of_model(file: &ModelFile, states: u64) -> Coverage {
    let mut coverage = Coverage::default();
    coverage.begin(&file.path);
    if !progress::is_cancelled() {
        coverage.model(&file.model, states);
    }
    coverage
}

/// A cell of the transition table, and who exercised it in either role.
struct CellOf {
    state: State,
    cause: String,
    next: [Next; 2],
    by: [Exercised; 2],
}

/// Everything that is told.
struct Told<'a> {
    coverage: Coverage,
    scenarios: &'a [ScenarioFile],
    models: &'a [ModelFile],
    register: &'a Register,
    verdicts: Option<Verdicts>,
    args: &'a CoverageArgs,
}

impl Told<'_> {
    fn cells(&self) -> Vec<CellOf> {
        let by = |role: Role, state: State, cause: &str| {
            let key = (role.index(), state.name(), cause.to_owned());
            self.coverage.cells.get(&key).cloned().unwrap_or_default()
        };
        let cell = |row: dhcpfo_report::endpoint_states::Row| {
            let cause = cause_word(row.cause);
            let by = Role::ALL.map(|role| by(role, row.state, &cause));
            CellOf { state: row.state, cause, next: row.next, by }
        };
        endpoint_states(&Rules::DRAFT_12).into_iter().map(cell).collect()
    }

    /// Every question with its readings, and who had which at work.
    fn readings(&self) -> Vec<(&'static str, &'static str, Exercised)> {
        let words = |key| match Rules::DRAFT_12.clone().set(key, "?") {
            Err(UnknownReading::Word(words)) => words,
            _ => &[],
        };
        let by = |key, word| self.coverage.readings.get(&(key, word)).cloned().unwrap_or_default();
        let all = Rules::DRAFT_12.words().map(|(key, _)| key);
        all.flat_map(|key| words(key).iter().map(move |word| (key, *word, by(key, *word)))).collect()
    }

    /// The first sources by name, and how many more there are.
    fn named(&self, by: &Exercised) -> String {
        let names: Vec<&str> =
            by.sources.iter().take(3).map(|source| self.coverage.sources[*source].as_str()).collect();
        let more = by.sources.len().saturating_sub(names.len());
        if more == 0 { names.join("\n") } else { format!("{}\nand {more} more", names.join("\n")) }
    }

    fn page(&self) -> Page {
        let mut page = Page::new("Coverage");
        page.text(
            Mood::Plain,
            format!(
                "What the scenarios below scenarios/ and the models below models/ exercise, counted from steps that were \
                 taken for this page: scenarios to their end, of each model up to {} states, half of them near its \
                 beginning and half far from it, without crashes in the middle of a step. What is counted was carried \
                 out; what is not counted may lie beyond those states.",
                output::grouped(self.args.states)
            ),
        );
        page.facts(vec![
            ("scenarios".to_owned(), self.scenarios.len().to_string()),
            ("models".to_owned(), self.models.len().to_string()),
            ("states".to_owned(), output::grouped(self.coverage.states)),
            ("steps".to_owned(), output::grouped(self.coverage.steps)),
        ]);
        self.conditions(&mut page);
        self.arcs(&mut page);
        self.questions(&mut page);
        self.sections(&mut page);
        self.requirements(&mut page);
        page
    }

    fn conditions(&self, page: &mut Page) {
        page.heading("Endpoint states");
        let mut table = Table::new(
            "Steps after which a server is in each state",
            &["state", "primary", "secondary", "first exercised by"],
        );
        let names = State::ALL.into_iter().map(State::name).chain(["STARTUP", "PAUSED", "SHUTDOWN", "off"]);
        for name in names {
            let by = Role::ALL.map(|role| {
                let found = self.coverage.conditions.get(&(role.index(), name.to_owned()));
                found.cloned().unwrap_or_default()
            });
            let [primary, secondary] = by.each_ref().map(count);
            let first = if by[0].steps > 0 { &by[0] } else { &by[1] };
            table.row([Cell::from(name), primary, secondary, Cell::from(self.named(first))]);
        }
        page.table(table);
    }

    fn arcs(&self, page: &mut Page) {
        page.heading("Arcs of the transition table");
        let cells = self.cells();
        let arcs = || cells.iter().filter(|cell| cell.next != [Next::Stay; 2]);
        let done = |cell: &&CellOf| cell.by.iter().any(|by| by.steps > 0);
        let exercised = cells.iter().filter(done).count();
        page.text(
            Mood::Plain,
            format!(
                "{} of {} arcs that lead somewhere were taken by either server, and {exercised} of all {} cells were met.",
                arcs().filter(done).count(),
                arcs().count(),
                cells.len()
            ),
        );
        let mut table = Table::new(
            "Arcs that lead somewhere",
            &["state", "cause", "next", "primary", "secondary", "first exercised by"],
        );
        for cell in arcs() {
            let [primary, secondary] = cell.by.each_ref().map(count);
            let next = cell.next.map(next_word);
            let next = if next[0] == next[1] {
                next[0].to_owned()
            } else {
                format!("primary {}; secondary {}", next[0], next[1])
            };
            let by = if cell.by[0].steps > 0 { &cell.by[0] } else { &cell.by[1] };
            table.row([
                Cell::from(cell.state.name()),
                Cell::from(cell.cause.as_str()),
                Cell::from(next),
                primary,
                secondary,
                Cell::from(self.named(by)),
            ]);
        }
        page.table(table);
    }

    fn questions(&self, page: &mut Page) {
        page.heading("Readings");
        let readings = self.readings();
        let done = readings.iter().filter(|(.., by)| by.steps > 0).count();
        page.text(
            Mood::Plain,
            format!(
                "{done} of {} readings decided a step: with another answer to their question it would have come out otherwise.",
                readings.len()
            ),
        );
        let mut table =
            Table::new("Questions and their readings", &["question", "reading", "models and scenarios", "among them"]);
        for (key, word, by) in &readings {
            let sources = if by.sources.is_empty() { String::new() } else { by.sources.len().to_string() };
            table.row([Cell::from(*key), Cell::from(*word), Cell::from(sources), Cell::from(self.named(by))]);
        }
        page.table(table);
    }

    fn sections(&self, page: &mut Page) {
        page.heading("Rules");
        let mut table = Table::new("Sections of failover-12 behind steps", &["section", "models and scenarios"]);
        for (section, by) in &self.coverage.sections {
            table.row([Cell::from(*section), Cell::from(by.sources.len().to_string())]);
        }
        page.table(table);
    }

    fn requirements(&self, page: &mut Page) {
        page.heading("Requirement register");
        let requirements = self.required();
        let done = requirements.iter().filter(|one| one.is_exercised()).count();
        page.text(
            Mood::Plain,
            format!(
                "{done} of {} entries are exercised: a scenario illustrates their section, a rule of that section was at \
                 work in a step, or a claim about it is checked. reports/golden/conformance.md has where each is obeyed \
                 and which tests name it.",
                requirements.len()
            ),
        );
        let head = ["entry", "level", "whose", "what it asks", "steps", "scenarios", "claims", "models"];
        let mut table = Table::new("Entries, and what exercises them", &head);
        for one in requirements {
            let mood = if one.is_exercised() || !one.is_ours { Mood::Plain } else { Mood::Bad };
            table.row([
                Cell::new(mood, one.id),
                Cell::from(one.level),
                Cell::from(one.status),
                Cell::from(one.gist),
                Cell::from(if one.steps == 0 { String::new() } else { output::grouped(one.steps) }),
                Cell::from(one.scenarios.join("\n")),
                Cell::from(one.claims.join("\n")),
                Cell::from(if one.models == 0 { String::new() } else { one.models.to_string() }),
            ]);
        }
        page.table(table);
    }

    fn required(&self) -> Vec<Required> {
        let about = |text: &str, section: &str| sections_of(text).iter().any(|cited| cited == section);
        let claims: Vec<_> = dhcpfo_properties::all_claims().collect();
        let one = |entry: &dhcpfo_report::register::Requirement| {
            let section = entry.section.as_str();
            let names: Vec<&str> = claims
                .iter()
                .filter(|claim| about(claim.entry.section, section))
                .map(|claim| claim.entry.name)
                .collect();
            let cited = self.scenarios.iter().filter(|file| file.cites.iter().any(|cite| about(cite, section)));
            let steps = self.coverage.sections.iter().filter(|(cited, _)| about(cited, section));
            Required {
                id: entry.id.clone(),
                level: entry.level.to_string(),
                status: entry.status.to_string(),
                is_ours: entry.status == dhcpfo_report::register::Status::Engine,
                gist: entry.gist.clone(),
                steps: steps.map(|(_, by)| by.steps).sum(),
                scenarios: cited.map(|file| file.path.clone()).collect(),
                models: self.models_with(&names),
                claims: names.into_iter().map(str::to_owned).collect(),
            }
        };
        self.register.requirements.iter().map(one).collect()
    }

    /// In how many models one of these claims is judged: by the verdicts if there are any, else by what the files claim.
    fn models_with(&self, claims: &[&str]) -> usize {
        let judged = |claim: &ClaimVerdict| {
            claims.contains(&claim.name.as_str()) && matches!(claim.verdict, Fate::Holds | Fate::Refuted)
        };
        match &self.verdicts {
            Some(document) => document.models.iter().filter(|model| model.claims.iter().any(judged)).count(),
            None => {
                let has = |file: &&ModelFile| file.model.claims.iter().any(|claim| claims.contains(&claim.entry.name));
                self.models.iter().filter(has).count()
            }
        }
    }

    fn document(&self) -> document::Coverage {
        let by = |by: &Exercised| document::Exercised {
            steps: by.steps,
            by: by.sources.iter().map(|source| self.coverage.sources[*source].clone()).collect(),
        };
        let cell = |cell: &CellOf| document::Cell {
            state: cell.state.name().to_owned(),
            cause: cell.cause.clone(),
            next: cell.next.map(|next| next_word(next).to_owned()),
            primary: by(&cell.by[0]),
            secondary: by(&cell.by[1]),
        };
        let condition = |((role, name), one): (&(usize, String), &Exercised)| document::Condition {
            role: Role::ALL[*role].name().to_owned(),
            state: name.clone(),
            exercised: by(one),
        };
        let reading = |(key, word, one): &(&str, &str, Exercised)| document::Reading {
            question: (*key).to_owned(),
            reading: (*word).to_owned(),
            exercised: by(one),
        };
        let entry = |one: Required| document::Requirement {
            id: one.id,
            steps: one.steps,
            scenarios: one.scenarios,
            claims: one.claims,
            models: one.models as u64,
        };
        document::Coverage {
            version: document::FORMAT.version,
            states: self.coverage.states,
            steps: self.coverage.steps,
            conditions: self.coverage.conditions.iter().map(condition).collect(),
            cells: self.cells().iter().map(cell).collect(),
            readings: self.readings().iter().map(reading).collect(),
            requirements: self.required().into_iter().map(entry).collect(),
        }
    }
}

/// An entry of the register, and what exercises it.
struct Required {
    id: String,
    level: String,
    status: String,
    is_ours: bool,
    gist: String,
    steps: u64,
    scenarios: Vec<String>,
    claims: Vec<String>,
    models: usize,
}

impl Required {
    fn is_exercised(&self) -> bool {
        self.steps > 0 || !self.scenarios.is_empty() || !self.claims.is_empty()
    }
}

fn count(by: &Exercised) -> Cell {
    match by.steps {
        0 => Cell::new(Mood::Bad, "never"),
        steps => Cell::from(output::grouped(steps)),
    }
}

fn next_word(next: Next) -> &'static str {
    match next {
        Next::Stay => "stays",
        Next::To(state) => state.name(),
        Next::Halt => "halts",
    }
}

/// The sections that a text cites, by paragraph sign or as a figure's.
fn sections_of(text: &str) -> Vec<String> {
    let numbers =
        text.split([' ', ',', ';', '§']).filter(|part| part.starts_with(|letter: char| letter.is_ascii_digit()));
    numbers.map(|part| part.split('-').next().unwrap_or(part).trim_end_matches('.').to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::sections_of;

    #[test]
    fn sections_are_found_in_citations() {
        assert_eq!(sections_of("draft §5.2.1, §7.1.5"), ["5.2.1", "7.1.5"]);
        assert_eq!(sections_of("figure 7.1.3-1"), ["7.1.3"]);
        assert_eq!(sections_of("§9.2, figure 9.2-1"), ["9.2", "9.2"]);
        assert_eq!(sections_of("draft"), Vec::<String>::new());
    }
}
