//! `dhcpfo explore`: the page in which a person chooses what happens next, or steps through what happened.

use crate::args_report::ExploreArgs;
use crate::exit::{Error, Exit};
use crate::open::{self, Opened};
use crate::output::line;
use crate::subject::{Kind, Subject};
use crate::{retold, script, subject};
use dhcpfo_explorer::api::Explorer;
use dhcpfo_explorer::http::{Served, Shown};
use dhcpfo_explorer::lesson::Lesson;
use dhcpfo_explorer::recorded::Recorder;
use dhcpfo_explorer::recorded::follow::Follow;
use dhcpfo_explorer::recorded::live::Live;
use dhcpfo_explorer::text::{Place, TextExplorer};
use dhcpfo_server::http::door::Token;
use dhcpfo_study::scenario::Scenario;
use std::path::PathBuf;
use std::sync::Arc;

/// Where lessons are looked for.
const LESSONS: &str = "scenarios/lessons";

/// Carries out the verb.
pub(crate) fn explore(args: &ExploreArgs) -> Result<Exit, Error> {
    if args.stateright {
        return stateright(args);
    }
    let (shown, problem) = shown(args)?;
    let served = Served::bind(shown, args.listen, args.token.clone()).map_err(Error::words)?;
    let address = served.address().unwrap_or(args.listen);
    let token = args.token.as_ref().map(|token| format!("/?token={token}")).unwrap_or_default();
    if let Some(problem) = &problem {
        eprintln!("{problem}");
    }
    line(&format!("{} on http://{address}{token}, until Ctrl-C", named(args)));
    let stop = served.stop();
    ctrlc::set_handler(move || stop.stop()).map_err(|error| Error::words(format!("Ctrl-C: {error}")))?;
    served.run();
    // A file that is not as it should be was shown as far as it could be read.
    Ok(if problem.is_some() { Exit::Usage } else { Exit::Expected })
}

fn named(args: &ExploreArgs) -> String {
    let live = args.live.iter().map(ToString::to_string);
    args.files.iter().cloned().chain(args.follow.iter().cloned()).chain(live).collect::<Vec<_>>().join(", ")
}

/// What is to be shown, and what could not be read of it.
fn shown(args: &ExploreArgs) -> Result<(Shown, Option<String>), Error> {
    if !args.live.is_empty() {
        let read = |path: &PathBuf| {
            Token::from_file(path)
                .map_err(|error| Error::words(format!("--control-token: {}: {error}", path.display())))
        };
        let tokens = args.control_token.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let live = Live::new(&args.live, &tokens).map_err(Error::words)?;
        let recorder = Arc::new(live.recorder());
        let weak = Arc::downgrade(&recorder);
        std::thread::spawn(move || live.follow(weak));
        return Ok((Shown::from(recorder), None));
    }
    if !args.follow.is_empty() {
        let follow = Follow::open(&args.follow).map_err(Error::Told)?;
        let recorder = Arc::new(follow.recorder());
        let weak = Arc::downgrade(&recorder);
        std::thread::spawn(move || follow.follow(weak));
        return Ok((Shown::from(recorder), None));
    }
    if let [path] = &args.files[..]
        && let Some(text) = text(path)?
    {
        return Ok((Shown::from(text), None));
    }
    match open::open(&args.files)? {
        Opened::Path(source) => {
            let lessons = Lesson::all(LESSONS).map_err(Error::Told)?;
            Ok((Shown::from(Explorer::new(*source, lessons)), None))
        }
        Opened::Recording(recording, problem) => Ok((Shown::from(Arc::new(Recorder::new(*recording))), problem)),
    }
}

/// The page of a model, or of a scenario, of another protocol than draft-12; None: it is none.
fn text(path: &str) -> Result<Option<TextExplorer>, Error> {
    let scenario = match path {
        _ if retold::is_told(path) => Some(retold::read(path)?.scenario),
        _ if path.ends_with(".toml") => script::others(vec![path.to_owned()])?.0.pop(),
        _ => match open::other_failure(path)? {
            Some(scenario) => Some(scenario),
            None => return Ok(None),
        },
    };
    let place = match scenario {
        Some(Scenario { study, script, refutes, .. }) => {
            let start = study.path_of(&script, &refutes).map_err(|stop| script::stopped(path, &stop))?;
            let start = start.ok_or_else(|| Error::Told(format!("{path}: no path with these actions was found")))?;
            Place { study, start }
        }
        None => match subject::other(path)? {
            Some(study) => Place { study, start: Vec::new() },
            None => return Ok(None),
        },
    };
    let protocol = place.study.head().protocol;
    let open = |path: &str| match subject::other(path) {
        Ok(Some(study)) if study.head().protocol == protocol => Ok(study),
        Ok(_) => Err(format!("{path}: is no model of {protocol}")),
        Err(errors) => Err(errors.to_string()),
    };
    let lessons = dhcpfo_explorer::text::lessons(LESSONS, protocol, &open).map_err(Error::Told)?;
    Ok(Some(TextExplorer::new(place, lessons)))
}

fn stateright(args: &ExploreArgs) -> Result<Exit, Error> {
    if !args.listen.ip().is_loopback() {
        return Err(Error::words(format!("--stateright --listen {}: only a loopback address", args.listen)));
    }
    let [path] = &args.files[..] else { return Err(Error::words("--stateright shows one model")) };
    let subject = Subject::read(path)?;
    line(&format!("Stateright's Explorer on http://{}, until Ctrl-C", args.listen));
    match &subject.kind {
        Kind::Draft(file) => dhcpfo_check::with_stateright::explore_with_stateright(&file.model, args.listen),
        Kind::Study(study) => study.explore_with_stateright(args.listen),
    }
    Ok(Exit::Expected)
}
