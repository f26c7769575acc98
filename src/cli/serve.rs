//! `dhcpfo serve`: run a server, or check its configuration.

use crate::args_server::{LogFormat, ServeArgs};
use crate::exit::{Error, Exit};
use crate::{demo, output};
use dhcpfo_files::ServerFile;
use dhcpfo_files::load::from_disk;
use dhcpfo_files::server::server;
use dhcpfo_files::server_pair::compare;
use dhcpfo_server::control::Request;
use dhcpfo_server::exceptions::exceptions;
use dhcpfo_server::io::{Event, Events};
use dhcpfo_server::plan::Plan;
use dhcpfo_server::run::{self, Options, start, token};
use dhcpfo_server::store::Start;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tracing_subscriber::EnvFilter;

/// Carries out the verb.
pub(crate) fn serve(args: &ServeArgs) -> Result<Exit, Error> {
    let Some(path) = &args.config else { return demo::demo(args.seconds) };
    let file = server(path, &from_disk)?;
    if args.check {
        return check(&file, args.partner.as_deref());
    }
    logs(args.log_format);
    // Before anything is served: from now on SIGHUP does not end the process.
    let signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(|error| Error::words(format!("signals: {error}")))?;
    let begin = if args.recover { Start::Blank } else { Start::Found };
    let running = match start(file, &Options { start: begin, trace: args.trace.clone() }) {
        Ok(running) => running,
        Err(error) => {
            eprintln!("dhcpfo: {error}");
            return Ok(Exit::Unexpected);
        }
    };
    let events = running.events();
    std::thread::spawn(move || obey(signals, &events));
    running.join();
    Ok(Exit::Expected)
}

/// SIGHUP reads the configuration again; the others end the server. What comes of a reload is in the log.
fn obey(mut signals: Signals, events: &Events) {
    for signal in signals.forever() {
        let event = match signal {
            SIGHUP => Event::Control(Request::Reload, std::sync::mpsc::channel().0),
            _ => Event::Stop,
        };
        if events.send(event).is_err() {
            return;
        }
    }
}

/// Says whether a configuration is as it should be, and whether another one is its partner's.
fn check(file: &ServerFile, partner: Option<&str>) -> Result<Exit, Error> {
    let usable = |error| Error::words(format!("{}: {error}", file.path));
    run::check(file).map_err(usable)?;
    token(file).map_err(usable)?;
    let warned = file.warnings.iter().map(ToString::to_string).chain(dhcpfo_server::check::here(file));
    warned.for_each(|warning| output::line(&format!("warning: {warning}")));
    let plan = Plan::new(file);
    let role = file.failover.role.name();
    let (addresses, subnets) = (plan.len(), plan.links.len());
    output::line(&format!("{}: {role}, {addresses} addresses in {subnets} subnets", file.path));
    for exception in exceptions(file) {
        output::line(&format!("{}: not what is searched: {}: {}", file.path, exception.what, exception.cost));
    }
    let Some(partner) = partner else { return Ok(Exit::Expected) };
    let partner = server(partner, &from_disk)?;
    let misfit = compare(file, &partner);
    misfit.warnings.iter().for_each(|warning| output::line(&format!("warning: {warning}")));
    misfit.errors.iter().for_each(|error| eprintln!("{error}"));
    if !misfit.errors.is_empty() {
        return Ok(Exit::Usage);
    }
    output::line(&format!("{} and {} are those of a pair", file.path, partner.path));
    Ok(Exit::Expected)
}

/// Logs to standard error; `DHCPFO_LOG` says how much.
pub(crate) fn logs(format: LogFormat) {
    let filter = EnvFilter::try_from_env("DHCPFO_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // Set already: then somebody else has decided.
    let _ = match format {
        LogFormat::Text => log.with_ansi(colours).try_init(),
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
    };
}
