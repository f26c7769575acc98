//! `dhcpfo cross`: searches that must agree, and a notion of time inside another.

use crate::args::CrossArgs;
use crate::exit::{Error, Exit};
use crate::find::subjects;
use crate::subject::{Kind, Subject};
use crate::{find, output, progress};
use dhcpfo_check::cross::{contradictions, counts, inside};
use dhcpfo_files::model::{Class, Expect, model};
use dhcpfo_files::random::model_text;

/// Carries out the verb.
pub(crate) fn cross(args: &CrossArgs) -> Result<Exit, Error> {
    if let Some(count) = args.random {
        return drawn(args.seed, count, args.states.min(MOST_DRAWN));
    }
    let paths = if args.models.is_empty() { find::all_model_paths()? } else { args.models.clone() };
    let mut files = subjects(&paths)?;
    if args.models.is_empty() {
        files.retain(|file| file.head.class == Class::Smoke);
    }
    let width = files.iter().map(|file| file.head.path.chars().count()).max().unwrap_or(0);
    let mut exit = Exit::Expected;
    for file in &files {
        if is_too_large(file, args.states) {
            output::line(&format!(
                "{:width$}  skipped: more than {} states",
                file.head.path,
                output::grouped(args.states)
            ));
            continue;
        }
        let _meter = progress::Meter::new(&file.head.path);
        let (three, within) = match &file.kind {
            Kind::Draft(file) => (counts(&file.model), inside(&file.model)),
            Kind::Study(study) => (study.counts(), study.inside()),
        };
        let three = three.map_err(|error| Error::words(format!("{}: {error}", file.head.path)))?;
        let good = three.agree() && within.missing == 0;
        if !good {
            exit = Exit::Unexpected;
        }
        output::line(&format!(
            "{:width$}  native {} stateright {} plain {}  discrete: {} under ticks, {} missing of {} under timeout-order  {}",
            file.head.path,
            three.native.map_or_else(|| "none".to_owned(), output::grouped),
            output::grouped(three.stateright),
            output::grouped(three.plain),
            output::grouped(within.ticks as u64),
            within.missing,
            output::grouped(within.order as u64),
            if good { "agree" } else { "DISAGREE" }
        ));
    }
    Ok(exit)
}

/// Most states of a drawn model that is compared: each is searched eight times.
const MOST_DRAWN: u64 = 20_000;

/// Compares all searches and clocks on models drawn from these seeds. A model on which they contradict each other is
/// printed, as a file.
fn drawn(first: u64, count: u64, states: u64) -> Result<Exit, Error> {
    let (mut compared, mut refused, mut different) = (0_u64, 0_u64, 0_u64);
    for seed in (0..count).map(|number| first.wrapping_add(number)) {
        let text = model_text(seed);
        let Ok(file) = model("drawn.toml", &|_| Ok(text.clone())) else {
            refused += 1;
            continue;
        };
        let _meter = progress::Meter::new(&file.title);
        let found =
            contradictions(&file.model, states).map_err(|error| Error::words(format!("seed {seed}: {error}")))?;
        compared += u64::from(found.is_some());
        if let Some(problems) = found.filter(|problems| !problems.is_empty()) {
            different += 1;
            output::line(&format!("seed {seed}: {}\n{text}", problems.join("\nand: ")));
        }
    }
    output::line(&format!(
        "{count} models drawn: {compared} compared, {different} DISAGREE; {refused} refused since a budget can never be used, \
         {} with more than {} states",
        count - compared - refused,
        output::grouped(states)
    ));
    Ok(if different == 0 { Exit::Expected } else { Exit::Unexpected })
}

fn is_too_large(file: &Subject, states: u64) -> bool {
    matches!(file.head.expect, Expect::Holds { states: Some(expected), .. } if expected > states)
}
