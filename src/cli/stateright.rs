//! `dhcpfo stateright`: a model in the hands of Stateright's own checkers and Explorer.

use crate::args::{StaterightArgs, StaterightSearch};
use crate::exit::{Error, Exit};
use crate::output::{grouped, line};
use crate::progress;
use crate::subject::{Kind, Subject};
use dhcpfo_check::with_stateright::{explore_with_stateright, search_with_stateright};
use dhcpfo_study::file::Head;
use dhcpfo_study::stateright::{Bounds, Found, How};
use std::time::Duration;

/// Carries out the verb.
pub(crate) fn stateright(args: &StaterightArgs) -> Result<Exit, Error> {
    let subject = Subject::read(&args.model)?;
    if let Some(address) = args.explorer {
        if !address.ip().is_loopback() {
            // It answers anybody, with searches that have no bounds.
            return Err(Error::words(format!("--explorer {address}: only a loopback address, such as 127.0.0.1:3000")));
        }
        line(&format!("Stateright's Explorer on http://{address}, until Ctrl-C"));
        match &subject.kind {
            Kind::Draft(file) => explore_with_stateright(&file.model, address),
            Kind::Study(study) => study.explore_with_stateright(address),
        }
        return Ok(Exit::Expected);
    }
    let how = match args.search {
        StaterightSearch::Bfs => How::Bfs,
        StaterightSearch::Dfs => How::Dfs,
        StaterightSearch::Simulation => How::Simulation { seed: args.seed },
        StaterightSearch::OnDemand => How::OnDemand,
    };
    let threads = args.threads.map(usize::from).or_else(|| std::thread::available_parallelism().ok().map(Into::into));
    let bounds =
        Bounds { threads: threads.unwrap_or(1), states: args.states as usize, time: Duration::from_secs(args.time) };
    let meter = progress::Meter::new(&subject.head.path);
    let found = match &subject.kind {
        Kind::Draft(file) => search_with_stateright(&file.model, how, &bounds),
        Kind::Study(study) => study.stateright(how, &bounds),
    };
    drop(meter);
    Ok(report(&subject.head, &found))
}

fn report(head: &Head, found: &Found) -> Exit {
    let violated: Vec<_> = found.discoveries.iter().filter(|(name, _)| !is_witness(head, name)).collect();
    let verdict = match (violated.is_empty(), found.exhausted) {
        (false, _) => "refuted",
        (true, true) => "holds",
        (true, false) => "cut-off",
    };
    line(&format!(
        "{}  {verdict}  {} states  {} on the longest path",
        head.path,
        grouped(found.unique as u64),
        found.depth
    ));
    for (name, actions) in &violated {
        line(&format!("\n{name}, after {} steps (not a shortest path):", actions.len()));
        actions.iter().enumerate().for_each(|(i, action)| line(&format!("{:4}  {action}", i + 1)));
    }
    let missing: Vec<&str> = head.witnesses.iter().map(|w| w.name).filter(|name| !has(found, name)).collect();
    if found.exhausted && violated.is_empty() && !missing.is_empty() {
        line(&format!("never reached: {}", missing.join(", ")));
        return Exit::Unexpected;
    }
    match verdict {
        "holds" => Exit::Expected,
        "refuted" => Exit::Unexpected,
        _ => Exit::CutOff,
    }
}

fn is_witness(head: &Head, name: &str) -> bool {
    head.witnesses.iter().any(|witness| witness.name == name)
}

fn has(found: &Found, name: &str) -> bool {
    found.discoveries.iter().any(|(found, _)| *found == name)
}
