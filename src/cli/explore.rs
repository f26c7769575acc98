//! `dhcpfo explore`: the page in which a person chooses what happens next.

use crate::args::ExploreArgs;
use crate::exit::{Error, Exit};
use crate::output::line;
use crate::{find, replay};
use dhcpfo_explorer::api::Explorer;
use dhcpfo_explorer::http::Served;
use dhcpfo_explorer::lesson::Lesson;
use dhcpfo_explorer::source::Source;
use dhcpfo_files::model::model;
use dhcpfo_files::{FileErrors, from_disk};

/// Where lessons are looked for.
const LESSONS: &str = "scenarios/lessons";

/// Carries out the verb.
pub(crate) fn explore(args: &ExploreArgs) -> Result<Exit, Error> {
    if args.stateright {
        return stateright(args);
    }
    let source = source(&args.file)?;
    let lessons = Lesson::all(LESSONS).map_err(Error::Told)?;
    let served = Served::bind(Explorer::new(source, lessons), args.listen, args.token.clone()).map_err(Error::words)?;
    let address = served.address().unwrap_or(args.listen);
    let token = args.token.as_ref().map(|token| format!("/?token={token}")).unwrap_or_default();
    line(&format!("{} on http://{address}{token}, until Ctrl-C", args.file));
    let stop = served.stop();
    ctrlc::set_handler(move || stop.stop()).map_err(|error| Error::words(format!("Ctrl-C: {error}")))?;
    served.run();
    Ok(Exit::Expected)
}

fn stateright(args: &ExploreArgs) -> Result<Exit, Error> {
    if !args.listen.ip().is_loopback() {
        return Err(Error::words(format!("--stateright --listen {}: only a loopback address", args.listen)));
    }
    let files = find::models(std::slice::from_ref(&args.file))?;
    let Some(file) = files.first() else { return Err(Error::words(format!("{}: no model there", args.file))) };
    line(&format!("Stateright's Explorer on http://{}, until Ctrl-C", args.listen));
    dhcpfo_check::with_stateright::explore_with_stateright(&file.model, args.listen);
    Ok(Exit::Expected)
}

/// A model, a scenario or a trace: told apart by name, then by what is in it.
fn source(path: &str) -> Result<Source, Error> {
    if replay::is_trace(path) {
        return Ok(Source::of_scenario(&replay::read(path)?.scenario)?);
    }
    if is_scenario(path) {
        let files = find::scenarios(&[path.to_owned()])?;
        let Some(file) = files.first() else { return Err(Error::words(format!("{path}: no scenario there"))) };
        return Ok(Source::of_scenario(file)?);
    }
    Ok(Source::of_model(path)?)
}

/// Only scenarios have a script.
pub(crate) fn is_scenario(path: &str) -> bool {
    let has_script = |errors: &FileErrors| errors.0.iter().any(|error| error.key == "script");
    match from_disk(path) {
        Ok(text) if text.contains("script") => model(path, &from_disk).is_err_and(|errors| has_script(&errors)),
        _ => false,
    }
}
