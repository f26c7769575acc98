//! Simulation files: a population, a network, a pair of servers, lengths of time, faults.

use crate::keys::Kind;
use crate::load::{self, Read};
use crate::scenario::unreadable;
use crate::settings::{DAY, seconds};
use dhcpfo_engine::rules::Rules;
use dhcpfo_header::error::FileErrors;
use dhcpfo_header::node::{Place, Value};
use dhcpfo_header::section::{Field, Report, Section};
use dhcpfo_world::action::{Action, What};
use dhcpfo_world::play::{self, Order};

pub use crate::settings::{Setting, Settings, Unit};

/// What a script makes happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// When, in seconds.
    pub at: u32,
    /// What.
    pub what: What,
}

/// A simulation file that is as it should be.
#[derive(Clone, Debug)]
pub struct SimulationFile {
    /// The file, as it was named.
    pub path: String,
    /// What is simulated.
    pub title: String,
    /// The readings of both servers.
    pub rules: Rules,
    /// How long a run lasts, in seconds, before everything is healed.
    pub until: u32,
    /// The settings.
    pub settings: Settings,
    /// What happens at known times.
    pub script: Vec<Planned>,
}

/// Whether a file is a simulation rather than a model: it has a population.
pub fn is_simulation(path: &str, read: Read<'_>) -> bool {
    read(path).is_ok_and(|text| text.lines().any(|line| line.trim() == "[population]"))
}

/// Reads the simulation file of that path.
pub fn simulation(path: &str, read: Read<'_>) -> Result<SimulationFile, FileErrors> {
    let report = Report::new(crate::keys::accepted);
    let file = from_path(path, read, &report);
    match file {
        Some(file) if report.is_clean() => Ok(file),
        _ => Err(FileErrors::new(report.into_errors())),
    }
}

fn from_path(path: &str, read: Read<'_>, report: &Report<'_>) -> Option<SimulationFile> {
    let node = load::single(path, Kind::Simulation, read, report)?;
    let root = Section::root(&node, report);
    let title = root.required("title").and_then(|field| field.words().map(str::to_owned));
    let dialects: Vec<(&str, usize)> = Rules::DIALECTS.iter().enumerate().map(|(i, (name, _))| (*name, i)).collect();
    let mut rules = Rules::DIALECTS[root.choice("dialect", &dialects, 0)].1;
    root.section("rules").fields().for_each(|(question, field)| crate::system::set(&mut rules, question, &field));
    let until = root.field("until").and_then(|field| number(&field, Unit::Length(1.0, 2e9))).unwrap_or(30.0 * DAY);
    let mut settings = Settings::default();
    for &setting in Setting::ALL {
        let row = setting.row();
        if let Some(field) = root.section(row.section).field(row.key)
            && let Some(number) = number(&field, row.unit)
        {
            settings.set(setting, number);
        }
    }
    let (mclt, lease) = (settings.get(Setting::Mclt), settings.get(Setting::Lease));
    if mclt >= lease {
        root.section("time").fail("mclt", format!("{mclt} s is not shorter than the lease of {lease} s"), "less");
    }
    let lead = settings.get(Setting::Lead);
    if lead > 0.0 && lead <= lease {
        root.section("time").fail("potential", format!("{lead} s is not longer than the lease"), "more, or 0");
    }
    let script = root.field("script").map(|field| script(&field, report)).unwrap_or_default();
    Some(SimulationFile { path: path.to_owned(), title: title?, rules, until: until as u32, settings, script })
}

fn number(field: &Field<'_>, unit: Unit) -> Option<f64> {
    let number = match &field.node.value {
        Value::Integer(number) => *number as f64,
        Value::Fraction(number) => *number,
        Value::String(text, _) if matches!(unit, Unit::Length(..)) => match seconds(text) {
            Some(seconds) => seconds,
            None => return field.fail(format!("`{text}` is no length of time")),
        },
        _ => return field.fail("is no number"),
    };
    match unit.check(number) {
        Ok(number) => Some(number),
        Err(problem) => field.fail(problem),
    }
}

fn script(field: &Field<'_>, report: &Report<'_>) -> Vec<Planned> {
    let Some(text) = field.text() else { return Vec::new() };
    let Value::String(_, places) = &field.node.value else { return Vec::new() };
    let mut script = Vec::new();
    for (text, &line) in text.lines().zip(places) {
        let place = Place { line, ..field.node.place.clone() };
        let accepted = "at 2d crash primary, and so on";
        let fail = |problem: &str| report.push(place.error("script", format!("`{}` {problem}", text.trim()), accepted));
        match play::parse_line(text) {
            Ok(None) => {}
            Err(error) => report.push(place.error("script", unreadable(&error, text), error.accepted)),
            Ok(Some(line)) => match (line.at, line.order) {
                (_, Order::Nothing) => {}
                (Some(at), Order::Act(action)) if action == Action::of(action.what) && is_planned(&action.what) => {
                    if at.denominator() != 1 {
                        fail("is planned for a part of a second");
                    }
                    script.push(Planned { at: at.whole(), what: action.what });
                }
                (None, _) => fail("says no time"),
                (Some(_), _) => fail("cannot be planned"),
            },
        }
    }
    script.sort_by_key(|planned| planned.at);
    script
}

fn is_planned(what: &What) -> bool {
    use dhcpfo_world::action::Order as Command;
    matches!(
        what,
        What::Crash { .. } | What::Restart(_) | What::Connect | What::Break | What::Operator(_, Command::PartnerDown)
    )
}
