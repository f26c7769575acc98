//! `dhcpfo audit` of files of Kea's servers.

use crate::args::{AuditArgs, ProfileArg};
use crate::exit::{Error, Exit};
use crate::output;
use dhcpfo_audit::{Input, Settings, kea};

/// Judges files of Kea.
pub(crate) fn audit(inputs: &[Input], settings: &Settings, args: &AuditArgs) -> Result<Exit, Error> {
    let unfit = [
        ("--timeline", args.timeline),
        ("--mclt", args.mclt.is_some()),
        ("--profile", args.profile != ProfileArg::Auto),
        ("--junit", args.junit.is_some()),
        ("--baseline", args.baseline.is_some()),
        ("--github", args.github),
        ("--port", !args.port.is_empty()),
        ("--dialect", args.dialect.is_some()),
    ];
    if let Some((option, _)) = unfit.into_iter().find(|(_, given)| *given) {
        let accepted = "--json and --server would be accepted with files of Kea's servers";
        return Err(Error::words(format!("{option}: is for captures of failover; {accepted}")));
    }
    let report = kea::audit(inputs, settings).map_err(|error| Error::Told(error.to_string()))?;
    match args.json {
        true => output::line(&dhcpfo_documents::pretty(&report.document())),
        false => output::print(&report.text()),
    }
    Ok(match report.exit_code() {
        0 => Exit::Expected,
        1 => Exit::Unexpected,
        _ => Exit::CutOff,
    })
}
