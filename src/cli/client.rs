//! `dhcpfo client`: take leases, and keep a record of them.

use crate::args_server::{ClientArgs, Does};
use crate::exit::{Error, Exit};
use crate::output;
use dhcpfo_server::client::{Action, Options, Summary, run};
use std::time::Duration;

/// Carries out the verb.
pub(crate) fn client(args: &ClientArgs) -> Result<Exit, Error> {
    let seconds = |name: &str, value: f64| {
        let wrong = || Error::words(format!("--{name} {value}: seconds from 0.001 to 1000000 would be accepted"));
        if (0.001..=1e6).contains(&value) { Ok(Duration::from_secs_f64(value)) } else { Err(wrong()) }
    };
    let action = match args.action {
        Does::Obtain => Action::Obtain,
        Does::Renew => Action::Renew,
        Does::Release => Action::Release,
        Does::Decline => Action::Decline,
        Does::Mix => Action::Mix,
    };
    let time = args.seconds.map(|value| seconds("seconds", value)).transpose()?;
    let count = match (action, args.count, time) {
        (Action::Obtain, None, None) => Some(1),
        (Action::Mix, _, None) => return Err(Error::words("mix needs --seconds")),
        (_, count, _) => count,
    };
    let options = Options {
        servers: args.servers.clone(),
        local: args.local,
        link: args.link,
        action,
        count,
        rate: args.rate,
        time,
        patience: seconds("patience", args.patience)?,
        tries: args.tries,
        record: args.record.clone(),
        verbose: !args.json && count.is_some_and(|count| count <= 100),
    };
    let summary = run(&options).map_err(|error| Error::words(format!("client: {error}")))?;
    if args.json {
        output::line(&dhcpfo_documents::line(&summary.document()));
    } else {
        tell(&summary);
    }
    Ok(if summary.is_good() { Exit::Expected } else { Exit::Unexpected })
}

fn tell(summary: &Summary) {
    let Summary { begun, acked, refused, lost, unanswered, returned, held, .. } = summary;
    output::line(&format!(
        "{begun} begun, {acked} acknowledged, {returned} given back, {refused} refused, {unanswered} without an answer, \
         {lost} lost; {held} leases held"
    ));
    if *acked > 0 {
        let (median, p99) = summary.latency;
        output::line(&format!("to the DHCPACK: median {:.1} ms, p99 {:.1} ms", median as f64 / 1e3, p99 as f64 / 1e3));
    }
    for duplicate in &summary.duplicates {
        output::line(&format!("DUPLICATE: {duplicate}"));
    }
    for claim in summary.refuted() {
        output::line(&format!("{} is refuted: {} ({})", claim.name, claim.statement, claim.section));
    }
}
