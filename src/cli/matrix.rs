//! `dhcpfo matrix`: which broken model refutes which claim, and in how many actions.

use crate::args::MatrixArgs;
use crate::exit::{Error, Exit};
use crate::{find, output, progress};
use dhcpfo_check::run::{RunOptions, run};
use dhcpfo_documents::matrix::{self, Matrix};
use dhcpfo_files::ModelFile;
use dhcpfo_files::model::{Class, Clock, Expect};
use dhcpfo_world::claim::Claim;
use std::fmt::Write;

/// A broken model with what it refutes: the length for each claim, in the order of the catalogue.
struct Row<'a> {
    file: &'a ModelFile,
    lengths: Vec<Option<u32>>,
}

/// Carries out the verb.
pub(crate) fn matrix(args: &MatrixArgs) -> Result<Exit, Error> {
    let files = find::models(&find::model_paths()?)?;
    let cancel = progress::listen_for_ctrl_c();
    let mut rows = Vec::new();
    for file in files.iter().filter(|f| f.class == Class::Broken && f.clock == Clock::TimeoutOrder) {
        if progress::is_cancelled() {
            return Ok(Exit::CutOff);
        }
        let meter = progress::Meter::new(&file.path);
        let mut model = file.model.clone();
        model.claims = dhcpfo_properties::claims().to_vec();
        // What follows from a violation is of interest, too: above all a duplicate address.
        model.go_on = true;
        let options = RunOptions {
            clock: Clock::TimeoutOrder,
            threads: args.threads.map_or(1, usize::from),
            max_depth: None,
            max_states: Some(args.states),
            max_bytes: None,
            time_limit: None,
            cancel: Some(cancel),
            stop_at_first: false,
        };
        let answer = run(&model, &options, &mut |progress| meter.show(progress));
        let (answer, _) = answer.map_err(|error| Error::words(format!("{}: {error}", file.path)))?;
        rows.push(Row { file, lengths: answer.claims.iter().map(|c| c.as_ref().map(|c| c.length)).collect() });
    }
    match args.json {
        true => output::line(&dhcpfo_documents::pretty(&document(&rows, args.states))),
        false => output::print(&table(&rows, args.states)),
    }
    Ok(Exit::Expected)
}

/// The same for `dhcpfo report`.
fn document(rows: &[Row<'_>], states: u64) -> Matrix {
    let claims = dhcpfo_properties::claims();
    let row = |row: &Row<'_>| {
        let found = claims.iter().zip(&row.lengths).map(|(claim, length)| (claim, wanted(row, claim).1, *length));
        let length = |(claim, checked, length): (&Claim, Option<u32>, Option<u32>)| {
            Some((claim.entry.name.to_owned(), length.or(checked)?))
        };
        matrix::Row {
            path: row.file.path.clone(),
            title: row.file.title.clone(),
            wanted: claims.iter().find(|claim| wanted(row, claim).0).map(|claim| claim.entry.name.to_owned()),
            lengths: found.filter_map(length).collect(),
        }
    };
    Matrix {
        version: matrix::FORMAT.version,
        states,
        claims: claims.iter().map(|claim| claim.entry.name.to_owned()).collect(),
        matrix: rows.iter().map(row).collect(),
    }
}

fn table(rows: &[Row<'_>], states: u64) -> String {
    let claims = dhcpfo_properties::claims();
    let mut text = format!(
        "# Kill matrix\n\nWhich rule each claim rests on: broken models, the claims that they refute, and the protocol \
         actions of a shortest\ncounterexample. Searches go on beyond a violation, up to {} states: an empty cell says \
         nothing. **Bold**: the claim that\nthe model is there for. Made by `dhcpfo matrix`.\n\n",
        output::grouped(states)
    );
    for (number, claim) in claims.iter().enumerate() {
        let _ = writeln!(text, "* {}: `{}`", number + 1, claim.entry.name);
    }
    let numbers: Vec<String> = (1..=claims.len()).map(|n| n.to_string()).collect();
    let _ = writeln!(text, "\n| model | {} |", numbers.join(" | "));
    let _ = writeln!(text, "| --- |{}", " ---: |".repeat(claims.len()));
    for row in rows {
        let name = row.file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".toml");
        let cells: Vec<String> =
            claims.iter().zip(&row.lengths).map(|(claim, length)| cell(row, claim, *length)).collect();
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
    let refuted = |number: usize| rows.iter().any(|row| !cell(row, &claims[number], row.lengths[number]).is_empty());
    let never: Vec<&str> = claims.iter().enumerate().filter(|(n, _)| !refuted(*n)).map(|(_, c)| c.entry.name).collect();
    if !never.is_empty() {
        let _ = writeln!(text, "\nRefuted by no model: {}.", never.join(", "));
    }
    text
}

/// Whether the model is there for this claim, and the length that it expects then.
fn wanted(row: &Row<'_>, claim: &Claim) -> (bool, Option<u32>) {
    match &row.file.expect {
        Expect::Refuted { claim: name, length } if *name == claim.entry.name => (true, *length),
        _ => (false, None),
    }
}

fn cell(row: &Row<'_>, claim: &Claim, length: Option<u32>) -> String {
    let (wanted, checked) = wanted(row, claim);
    // What `dhcpfo check` finds may lie beyond the states that are searched here.
    match length.or(checked) {
        Some(length) if wanted => format!("**{length}**"),
        Some(length) => length.to_string(),
        None => String::new(),
    }
}
