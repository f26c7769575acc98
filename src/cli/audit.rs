//! `dhcpfo audit`: judges captures and traces.

use crate::args::{AuditArgs, ProfileArg};
use crate::exit::{Error, Exit};
use crate::output;
use dhcpfo_audit::{Input, Settings};
use dhcpfo_wire::profile::Profile;

/// Carries out the verb.
pub(crate) fn audit(args: &AuditArgs) -> Result<Exit, Error> {
    let inputs: Vec<Input> = args.files.iter().cloned().map(Input::Path).collect();
    let settings = Settings {
        mclt: args.mclt,
        profile: match args.profile {
            ProfileArg::Auto => None,
            ProfileArg::Draft => Some(&Profile::DRAFT),
            ProfileArg::IscDhcpd => Some(&Profile::ISC_DHCPD),
        },
        servers: args.server.clone(),
        ports: args.port.clone(),
        timeline: args.timeline,
    };
    let report = dhcpfo_audit::audit(&inputs, &settings).map_err(|error| Error::Told(error.to_string()))?;
    if args.json {
        output::line(&report.json(args.timeline));
    } else {
        output::print(&report.text(args.timeline));
    }
    Ok(match report.exit_code() {
        0 => Exit::Expected,
        1 => Exit::Unexpected,
        _ => Exit::CutOff,
    })
}
