//! `dhcpfo cross`: searches that must agree, and a notion of time inside another.

use crate::args::CrossArgs;
use crate::exit::{Error, Exit};
use crate::{find, output, progress};
use dhcpfo_check::cross::{counts, inside};
use dhcpfo_files::ModelFile;
use dhcpfo_files::model::{Class, Expect};

/// Carries out the verb.
pub(crate) fn cross(args: &CrossArgs) -> Result<Exit, Error> {
    let paths = if args.models.is_empty() { find::model_paths()? } else { args.models.clone() };
    let mut files = find::models(&paths)?;
    if args.models.is_empty() {
        files.retain(|file| file.class == Class::Smoke);
    }
    let width = files.iter().map(|file| file.path.chars().count()).max().unwrap_or(0);
    let mut exit = Exit::Expected;
    for file in &files {
        if is_too_large(file, args.states) {
            output::line(&format!("{:width$}  skipped: more than {} states", file.path, output::grouped(args.states)));
            continue;
        }
        let _meter = progress::Meter::new(&file.path);
        let three = counts(&file.model).map_err(|error| Error::words(format!("{}: {error}", file.path)))?;
        let within = inside(&file.model);
        let good = three.agree() && within.missing == 0;
        if !good {
            exit = Exit::Unexpected;
        }
        output::line(&format!(
            "{:width$}  native {} stateright {} plain {}  discrete: {} under ticks, {} missing of {} under timeout-order  {}",
            file.path,
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

fn is_too_large(file: &ModelFile, states: u64) -> bool {
    matches!(file.expect, Expect::Holds { states: Some(expected), .. } if expected > states)
}
