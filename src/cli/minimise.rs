//! `dhcpfo play --minimise`: which steps of a scenario its violation needs, and which it does not.

use crate::exit::{Error, Exit};
use crate::output::{self, line};
use crate::{save, script};
use dhcpfo_files::ScenarioFile;
use dhcpfo_simulate::walk::{Script, Walker, shrink};
use dhcpfo_study::minimise::Needed;
use dhcpfo_study::scenario::Scenario;
use dhcpfo_world::action::Action;
use dhcpfo_world::budget::Item;
use dhcpfo_world::model::Model;
use dhcpfo_world::play::{self, Entry, Length, Scale};
use std::path::Path;

/// Shows what a scenario's violation needs, and writes that as a scenario if a file is named.
pub(crate) fn minimise(file: &ScenarioFile, save: Option<&Path>) -> Result<Exit, Error> {
    let model = &file.model.model;
    let whole = played(file)?;
    let mut walker = Walker::new(model, whole.values(&model.lengths));
    carry_out(&mut walker, &whole);
    let Some(claim) = walker.violated() else { return Err(nothing_refuted(&file.path)) };
    let least = shrink(model, &whole, claim);
    let needed = Needed::new(claim, whole.clone(), least.clone(), |one: Action, other| one.what == other.what);
    show(&file.path, &needed.in_text());
    line("");
    for (item, name) in Item::WORDS {
        let [before, after] = [&whole, &least].map(|script| spent(model, script, item));
        if before > 0 {
            line(&format!("{name:<16}  {after} of {before} needed"));
        }
    }
    if let Some(path) = save {
        let timed: Vec<_> = least.steps.iter().map(|(at, action)| (Length::seconds(*at), *action)).collect();
        output::write(path, &save::scenario(path, &file.model, least.small, &timed, claim)?)?;
    }
    Ok(Exit::Expected)
}

/// The same of a scenario of another protocol than draft-12.
pub(crate) fn of_other(scenario: &Scenario, save: Option<&Path>) -> Result<Exit, Error> {
    let Scenario { path, study, .. } = scenario;
    let needed = study.minimise(&scenario.script).map_err(|stop| script::stopped(path, &stop))?;
    let needed = needed.ok_or_else(|| nothing_refuted(path))?;
    show(path, &needed);
    if let Some(path) = save {
        script::save(path, &**study, &script::of_steps(&needed.least), needed.claim, false)?;
    }
    Ok(Exit::Expected)
}

fn nothing_refuted(path: &str) -> Error {
    Error::Told(format!("{path}: nothing is refuted, so there is nothing that is needed for it"))
}

/// The actions, with a mark at those that are not needed, and what is left if it is no longer the others.
fn show(path: &str, needed: &Needed) {
    let Needed { claim, whole, marks, least } = needed;
    let (some, all) = (least.steps.len(), whole.steps.len());
    line(&format!("{path}: {claim} is refuted, and needs {some} of {all} actions"));
    line("");
    for ((at, action), needed) in whole.steps.iter().zip(marks) {
        let mark = if *needed { ' ' } else { '-' };
        line(&format!("{mark} {:>11}  {action}", Length::seconds(*at).as_clock()));
    }
    if needed.is_changed() {
        line("\nwhat is left, made plain and drawn together:\n");
        for (at, action) in &least.steps {
            line(&format!("  {:>11}  {action}", Length::seconds(*at).as_clock()));
        }
    }
}

/// The scenario's actions with their seconds.
fn played(file: &ScenarioFile) -> Result<Script, Error> {
    let model = &file.model.model;
    let scale = play::scale(&file.script).unwrap_or(Scale { per_second: 1 });
    if scale.per_second != 1 {
        let problem = "it counts parts of a second; whole seconds would be accepted";
        return Err(Error::Told(format!("{}: {problem}", file.path)));
    }
    let (mut steps, mut end) = (Vec::new(), 0);
    let second = |now| scale.since(now).and_then(|since: Length| since.in_parts(1)).unwrap_or(0);
    let result = play::perform(model, file.lengths, &file.script, &mut |entry| match entry {
        Entry::Step(step) => steps.push((second(step.after.now), step.action)),
        Entry::Passage(passage) => end = second(passage.after.now),
        Entry::Begin(..) | Entry::Comment(_) | Entry::Checked { .. } => {}
    });
    result.map_err(|stop| crate::stopped::stopped(file, &stop))?;
    let end = steps.last().map_or(end, |(at, _)| end.max(*at));
    Ok(Script { small: file.lengths == model.lengths.small, steps, end })
}

fn carry_out(walker: &mut Walker<'_>, script: &Script) {
    for (at, action) in &script.steps {
        if walker.violated().is_some() || !walker.advance(*at) {
            return;
        }
        if walker.violated().is_none() {
            walker.act(*action);
        }
    }
    if walker.violated().is_none() {
        walker.advance(script.end);
    }
}

/// How often something happens that a model gives a budget for.
fn spent(model: &Model, script: &Script, item: Item) -> u8 {
    let mut walker = Walker::new(model, script.values(&model.lengths));
    let before = walker.system().budgets.left(item);
    carry_out(&mut walker, script);
    before - walker.system().budgets.left(item)
}
