//! What a failure of a population shrinks to: a scenario of the world, or where the world cannot have it, a simulation
//! file.

use crate::exit::Error;
use crate::{output, save};
use dhcpfo_files::simulation::{Setting, Settings, SimulationFile};
use dhcpfo_simulate::population::{self, Outcome, Violation};
use dhcpfo_simulate::walk::{replay, shrink};
use dhcpfo_world::play::Length;
use std::path::{Path, PathBuf};

/// Numbers of clients and of addresses that are tried for a run of model size.
const SIZES: [(f64, f64); 7] = [(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (3.0, 2.0), (3.0, 3.0), (4.0, 3.0), (4.0, 4.0)];

/// Runs of each size.
const TRIES: u64 = 30;

/// How long they last: fewer clients take longer to meet what went wrong.
const LONG: u32 = 60 * 86_400;

/// What a run of model size does without. The world settles a lease at one instant, and loses by its own actions.
const PLAIN: [(Setting, f64); 15] = [
    (Setting::Delay, 0.0),
    (Setting::RelayDelay, 0.0),
    (Setting::Loss, 0.0),
    (Setting::Duplication, 0.0),
    (Setting::LinkDelay, 0.0),
    (Setting::SlowLink, 0.0),
    (Setting::Links, 1.0),
    (Setting::Roams, 0.0),
    (Setting::IgnoresServer, 0.0),
    (Setting::KeepsExpired, 0.0),
    (Setting::ChangesIdentifier, 0.0),
    (Setting::ClockOffset, 0.0),
    (Setting::DiskDelay, 0.0),
    (Setting::SlowDisk, 0.0),
    (Setting::OneWay, 0.0),
];

/// Writes a scenario with its model beside it; or a simulation file, and says why.
pub(crate) fn write(path: &Path, file: &SimulationFile, seed: u64, outcome: &Outcome) -> Result<(), Error> {
    let Some(violation) = &outcome.violation else { return Ok(()) };
    let calm = Calm::of(file, seed, outcome, violation.claim);
    match calm.in_the_world(path) {
        Ok(Found { model, model_text, scenario }) => {
            output::write(&model, &model_text)?;
            output::write(path, &scenario)?;
            eprintln!("dhcpfo: {} plays in {}", path.display(), model.display());
            Ok(())
        }
        Err(why) => {
            let name = path.display();
            eprintln!("dhcpfo: {name} is a simulation file, not a scenario: {why}");
            output::write(path, &calm.text())?;
            eprintln!("dhcpfo: repeat with: dhcpfo simulate {name} --seed {seed} --runs 1");
            Ok(())
        }
    }
}

struct Found {
    model: PathBuf,
    model_text: String,
    scenario: String,
}

/// A failure with everything calmed that can be.
struct Calm<'f> {
    file: &'f SimulationFile,
    settings: Settings,
    until: u32,
    seed: u64,
    claim: &'static str,
}

impl Calm<'_> {
    fn of<'f>(file: &'f SimulationFile, seed: u64, outcome: &Outcome, claim: &'static str) -> Calm<'f> {
        let mut calm = Calm { file, settings: outcome.settings.clone(), until: outcome.until, seed, claim };
        loop {
            let before = (calm.settings.clone(), calm.until);
            Setting::ALL.iter().for_each(|setting| calm.calm(*setting));
            if let Some(violation) = calm.fails(&calm.settings) {
                calm.until = calm.until.min(u32::try_from(violation.at).unwrap_or(u32::MAX).saturating_add(1));
            }
            if before == (calm.settings.clone(), calm.until) {
                return calm;
            }
        }
    }

    /// Sets one setting to what it is by default, sizes to the half, if the run still fails.
    fn calm(&mut self, setting: Setting) {
        let now = self.settings.get(setting);
        let number = match setting {
            Setting::Clients | Setting::Addresses => (now / 2.0).floor().max(1.0),
            _ => Settings::default().get(setting),
        };
        let mut candidate = self.settings.clone();
        candidate.set(setting, number);
        let sound = candidate.get(Setting::Mclt) < candidate.get(Setting::Lease);
        if number != now && sound && self.fails(&candidate).is_some() {
            self.settings = candidate;
        }
    }

    fn fails(&self, settings: &Settings) -> Option<Violation> {
        let violation = population::run(self.file, settings, self.until, self.seed).violation?;
        (violation.claim == self.claim).then_some(violation)
    }

    /// A run of model size that fails alike, as a scenario; or why there is none.
    fn in_the_world(&self, path: &Path) -> Result<Found, String> {
        if !dhcpfo_properties::claims().iter().any(|claim| claim.entry.name == self.claim) {
            return Err(format!("{} is claimed of populations only", self.claim));
        }
        let (mut why, until) =
            ("no run of at most 4 clients and 4 addresses refutes it".to_owned(), self.until.max(LONG));
        for (clients, addresses) in SIZES {
            let mut settings = self.settings.clone();
            let sizes = [(Setting::Clients, clients), (Setting::Addresses, addresses)];
            PLAIN.into_iter().chain(sizes).for_each(|(setting, number)| settings.set(setting, number));
            for seed in (self.seed..).take(TRIES as usize) {
                let (outcome, script) = population::projected(self.file, &settings, until, seed)?;
                if outcome.violation.is_none_or(|violation| violation.claim != self.claim) {
                    continue;
                }
                match self.played(path, &settings, &script) {
                    Ok(found) => return Ok(found),
                    Err(problem) => why = format!("{clients} clients, {addresses} addresses, seed {seed}: {problem}"),
                }
            }
        }
        Err(why)
    }

    fn played(
        &self,
        path: &Path,
        settings: &Settings,
        script: &dhcpfo_simulate::walk::Script,
    ) -> Result<Found, String> {
        let model = path.with_extension("model.toml");
        let model_text = population::model_text(self.file, settings, self.claim);
        let read = |_: &str| Ok(model_text.clone());
        let file =
            dhcpfo_files::model::model(&model.display().to_string(), &read).map_err(|error| error.to_string())?;
        if replay(&file.model, script, self.claim).is_none() {
            return Err("the world takes the run's actions and does not refute it".to_owned());
        }
        let script = shrink(&file.model, script, self.claim);
        let timed: Vec<_> = script.steps.iter().map(|(at, action)| (Length::seconds(*at), *action)).collect();
        let scenario = save::scenario(path, &file, false, &timed, self.claim).map_err(|error| error.to_string())?;
        Ok(Found { model, model_text, scenario })
    }

    /// As a simulation file.
    fn text(&self) -> String {
        let mut text = format!("title = \"{}, seed {}\"\nuntil = {}\n", self.claim, self.seed, self.until);
        let changed = self.settings.changed();
        let names: Vec<(String, f64)> = changed.iter().map(|(setting, number)| (setting.name(), *number)).collect();
        if !names.iter().any(|(name, _)| name.starts_with("population.")) {
            text += "\n[population]\n";
        }
        let mut section = "";
        for (name, number) in &names {
            let (of, key) = name.split_once('.').unwrap_or(("", name));
            if of != section {
                text += &format!("\n[{of}]\n");
                section = of;
            }
            text += &format!("{key} = {number}\n");
        }
        let usual = dhcpfo_engine::rules::Rules::DRAFT_12;
        let rules: Vec<_> = self.file.rules.words().zip(usual.words()).filter(|(own, usual)| own != usual).collect();
        if !rules.is_empty() {
            text += "\n[rules]\n";
        }
        rules.into_iter().for_each(|((question, reading), _)| text += &format!("{question} = \"{reading}\"\n"));
        text
    }
}
