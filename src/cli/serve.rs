//! `dhcpfo serve`: run a server, or check its configuration.

use crate::args_server::ServeArgs;
use crate::exit::{Error, Exit};
use crate::{demo, output};
use dhcpfo_files::load::from_disk;
use dhcpfo_files::server::server;
use dhcpfo_server::exceptions::exceptions;
use dhcpfo_server::io::Event;
use dhcpfo_server::plan::Plan;
use dhcpfo_server::run::{Options, check, start};
use dhcpfo_server::store::Start;
use tracing_subscriber::EnvFilter;

/// Carries out the verb.
pub(crate) fn serve(args: &ServeArgs) -> Result<Exit, Error> {
    let Some(path) = &args.config else { return demo::demo(args.seconds) };
    let file = server(path, &from_disk)?;
    if args.check {
        check(&file).map_err(|error| Error::words(format!("{path}: {error}")))?;
        let plan = Plan::new(&file);
        let role = file.failover.role.name();
        let (addresses, subnets) = (plan.len(), plan.links.len());
        output::line(&format!("{path}: {role}, {addresses} addresses in {subnets} subnets"));
        for exception in exceptions(&file) {
            output::line(&format!("{path}: not what is searched: {}: {}", exception.what, exception.cost));
        }
        return Ok(Exit::Expected);
    }
    logs();
    let begin = if args.recover { Start::Blank } else { Start::Found };
    let running = match start(file, &Options { start: begin, trace: args.trace.clone() }) {
        Ok(running) => running,
        Err(error) => {
            eprintln!("dhcpfo: {error}");
            return Ok(Exit::Unexpected);
        }
    };
    let events = running.events();
    let stop = move || {
        // The core may have ended already.
        let _ = events.send(Event::Stop);
    };
    ctrlc::set_handler(stop).map_err(|error| Error::words(format!("signals: {error}")))?;
    running.join();
    Ok(Exit::Expected)
}

/// Logs to standard error; `DHCPFO_LOG` says how much.
pub(crate) fn logs() {
    let filter = EnvFilter::try_from_env("DHCPFO_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    // Set already: then somebody else has decided.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(colours)
        .with_target(false)
        .try_init();
}
