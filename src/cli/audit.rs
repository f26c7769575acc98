//! `dhcpfo audit`: judges captures and traces, and holds a dialect against captures.

use crate::args::{AuditArgs, ProfileArg};
use crate::audit_gate::Gate;
use crate::audit_kea;
use crate::exit::{Error, Exit};
use crate::output;
use crate::served::{self, Verdict};
use dhcpfo_audit::dialect::{Departure, Followed, follow};
use dhcpfo_audit::{Difference, Input, Place, Settings, kea};
use dhcpfo_documents::audit as document;
use dhcpfo_documents::audit::Audit;
use dhcpfo_engine::rules::Rules;
use dhcpfo_wire::profile::Profile;
use std::path::PathBuf;

/// Carries out the verb.
pub(crate) fn audit(args: &AuditArgs) -> Result<Exit, Error> {
    let inputs: Vec<Input> = args.files.iter().cloned().map(Input::Path).collect();
    if kea::is_kea(&inputs) {
        return audit_kea::audit(&inputs, &settings(args), args);
    }
    args.junit.iter().try_for_each(|path| output::probe(path))?;
    let gate = Gate::open(args.baseline.as_deref())?;
    // What a server says that it did is done again; packets are judged.
    let (served, files): (Vec<PathBuf>, Vec<PathBuf>) =
        args.files.iter().cloned().partition(|path| served::is_served(path));
    let served = served.iter().map(|path| served::judge(path)).collect::<Result<Vec<_>, _>>()?;
    let of_traces = if served.iter().all(Verdict::is_good) { Exit::Expected } else { Exit::Unexpected };
    if !args.json {
        served.iter().for_each(|verdict| output::line(&verdict.text()));
    }
    let inputs: Vec<Input> = files.into_iter().map(Input::Path).collect();
    if let Some(dialect) = &args.dialect {
        return depart(&inputs, &settings(args), dialect, args.json);
    }
    let report = match inputs.is_empty() {
        true => None,
        false => Some(dhcpfo_audit::audit(&inputs, &settings(args)).map_err(|error| Error::Told(error.to_string()))?),
    };
    let differences = report.as_ref().and_then(|report| gate.differences(report));
    let of_captures = report.as_ref().map_or(Exit::Expected, |report| Gate::exit(report, differences.as_deref()));
    let exit = if of_traces == Exit::Unexpected { of_traces } else { of_captures };
    match &report {
        None if args.json => {
            let served = served.iter().map(Verdict::document).collect();
            let version = document::REPLAYS.version;
            output::line(&dhcpfo_documents::line(&document::Replays { version, exit: exit as u8, served }));
        }
        Some(report) if args.json => {
            output::line(&finished(report.document(args.timeline), &served, differences.as_deref(), exit));
        }
        None => {}
        Some(report) => output::print(&report.text(args.timeline)),
    }
    if let (Some(path), Some(differences), false) = (&args.baseline, &differences, args.json) {
        Gate::compare(path, differences);
    }
    if let (Some(report), true) = (&report, args.github) {
        gate.annotate(report, differences.as_deref());
    }
    if let Some(path) = &args.junit {
        output::write(path, &gate.junit(report.as_ref(), &served, differences.as_deref())?)?;
    }
    Ok(exit)
}

fn settings(args: &AuditArgs) -> Settings {
    Settings {
        mclt: args.mclt,
        profile: match args.profile {
            ProfileArg::Auto => None,
            ProfileArg::Draft => Some(&Profile::DRAFT),
            ProfileArg::IscDhcpd => Some(&Profile::ISC_DHCPD),
        },
        servers: args.server.clone(),
        ports: args.port.clone(),
        timeline: args.timeline,
    }
}

/// The document of the captures, with what came of the servers' traces, of a baseline, and of all.
fn finished(mut audit: Audit, served: &[Verdict], differences: Option<&[Difference]>, exit: Exit) -> String {
    if !served.is_empty() {
        audit.served = Some(served.iter().map(Verdict::document).collect());
    }
    let one = |difference: &Difference| document::Difference {
        claim: difference.claim.name().to_owned(),
        text: difference.text.clone(),
        worse: difference.is_worse,
    };
    audit.baseline = differences.map(|all| all.iter().map(one).collect());
    audit.exit = exit as u8;
    dhcpfo_documents::pretty(&audit)
}

/// Follows both servers of the captures, and tells where they depart from a dialect.
fn depart(inputs: &[Input], settings: &Settings, dialect: &str, as_json: bool) -> Result<Exit, Error> {
    let Some((_, rules)) = Rules::DIALECTS.iter().find(|(name, _)| *name == dialect) else {
        let known = Rules::DIALECTS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" or ");
        return Err(Error::words(format!("--dialect {dialect}: there is no such dialect; {known} would be accepted")));
    };
    let followed = follow(inputs, settings, rules).map_err(|error| Error::Told(error.to_string()))?;
    let matched: u64 = followed.matched.iter().sum();
    let exit = match (followed.departures.is_empty(), matched) {
        (false, _) => Exit::Unexpected,
        (true, 0) => Exit::CutOff,
        (true, _) => Exit::Expected,
    };
    if as_json {
        output::line(&dhcpfo_documents::pretty(&departures(inputs, &followed, dialect, exit)));
        return Ok(exit);
    }
    for one in &followed.departures {
        let name = file(inputs, one.place).unwrap_or_default();
        output::line(&format!("{name}, packet {}: {one}", one.place.packet));
    }
    for ((role, what), number) in &followed.inferred {
        output::line(&format!("inferred: the {} {}, {number} times", role.name(), what.words()));
    }
    let count = followed.departures.len();
    output::line(&format!("{dialect}: {matched} messages as in the dialect, {count} departures"));
    Ok(exit)
}

fn file(inputs: &[Input], place: Place) -> Option<String> {
    inputs.get(place.file).map(Input::name)
}

/// The document of `--dialect` with `--json`.
fn departures(inputs: &[Input], followed: &Followed, dialect: &str, exit: Exit) -> document::Departures {
    let departure = |one: &Departure| document::Departure {
        server: one.role.name().to_owned(),
        kind: one.kind.word().to_owned(),
        message: one.message.clone(),
        state: one.state.to_owned(),
        place: document::Place { file: file(inputs, one.place), packet: one.place.packet },
    };
    let inferred = followed.inferred.iter().map(|((role, what), number)| document::Inferred {
        server: role.name().to_owned(),
        what: what.words().to_owned(),
        number: *number,
    });
    document::Departures {
        version: document::DIALECT.version,
        exit: exit as u8,
        dialect: dialect.to_owned(),
        matched: document::Matched { primary: followed.matched[0], secondary: followed.matched[1] },
        inferred: inferred.collect(),
        departures: followed.departures.iter().map(departure).collect(),
    }
}
