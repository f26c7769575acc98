//! `dhcpfo simulate` of simulation files: many clients, long times, measures.

use crate::args_simulate::SimulateArgs;
use crate::aside::Told;
use crate::exit::{Error, Exit};
use crate::output::shell_word;
use crate::output::{self, grouped, line};
use crate::plot::{self, Panel};
use crate::progress::{self, Meter};
use crate::runs::{end_word, shard, threads};
use crate::{record, shrunk};
use dhcpfo_documents::TOOL;
use dhcpfo_documents::population as document;
use dhcpfo_files::simulation::{Setting, SimulationFile, simulation};
use dhcpfo_files::{FileErrors, from_disk};
use dhcpfo_simulate::population::{self, Apart, Measures, Outcome, QUANTILES, Spread, Violation, Watch};
use dhcpfo_simulate::swarm::{self, End, Plan};
use indexmap::IndexMap;
use std::ops::ControlFlow;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// Runs whose results are looked at together: they are few and long.
const BLOCK: u64 = 16;

/// One point of a sweep, or all there is.
struct Point {
    at: Vec<(Setting, f64)>,
    runs: u64,
    /// Further runs that an interruption ended; they have their part in the measures.
    interrupted: u64,
    measures: Measures,
    failures: Vec<(u64, Outcome)>,
    /// Of a single run.
    apart: Vec<Apart>,
    told: Told,
    followed: Vec<String>,
    end: End,
    elapsed: Duration,
}

impl Point {
    fn nothing(at: Vec<(Setting, f64)>) -> Point {
        let (measures, failures, elapsed) = (Measures::default(), Vec::new(), Duration::ZERO);
        Point {
            at,
            runs: 0,
            interrupted: 0,
            measures,
            failures,
            apart: Vec::new(),
            told: Told::default(),
            followed: Vec::new(),
            end: End::Done,
            elapsed,
        }
    }

    fn take(&mut self, seed: u64, outcome: Outcome) {
        self.measures.merge(&outcome.measures);
        self.told.take(seed, &outcome, outcome.settings.get(Setting::Mclt) as u64);
        self.apart = if self.runs == 0 { outcome.apart.clone() } else { Vec::new() };
        self.followed.clone_from(&outcome.followed);
        match outcome.interrupted {
            true => self.interrupted += 1,
            false => self.runs += 1,
        }
        if outcome.violation.is_some() {
            self.failures.push((seed, outcome));
        }
    }

    /// Why there are no more runs, where that is worth saying.
    fn mark(&self) -> String {
        match self.end {
            End::Cancelled if self.interrupted > 0 => format!(" and {} in part  interrupted", self.interrupted),
            End::Cancelled => "  interrupted".to_owned(),
            End::Time => "  no more in this time".to_owned(),
            End::Done | End::Enough => String::new(),
        }
    }
}

/// Carries out the verb for simulation files.
pub(crate) fn simulate(paths: &[String], args: &SimulateArgs) -> Result<Exit, Error> {
    let [path] = paths else { return Err(Error::words("one simulation file at a time")) };
    if let Some(option) = args.only_for_models() {
        return Err(Error::words(format!("{option} goes with models; {path} is a simulation file")));
    }
    let mut file = simulation(path, &from_disk).map_err(|errors: FileErrors| Error::from(errors))?;
    for change in &args.set {
        let (setting, numbers) = numbers("--set", change)?;
        let [number] = numbers[..] else { return Err(Error::words(format!("--set {change}: one number is meant"))) };
        file.settings.set(setting, number);
    }
    if let Some(until) = args.until {
        file.until = until.whole();
    }
    if args.follow.is_some() && args.runs.is_some_and(|runs| runs > 1) {
        return Err(Error::words("--follow goes with one run: --seed S --runs 1"));
    }
    let sweeps = args.sweep.iter().map(|sweep| numbers("--sweep", sweep)).collect::<Result<Vec<_>, _>>()?;
    if sweeps.len() > 2 {
        return Err(Error::words("at most two settings can be swept"));
    }
    if args.plot.is_some() && sweeps.is_empty() {
        return Err(Error::words("--plot goes with --sweep"));
    }
    args.plot.as_deref().map(plot::Format::of).transpose()?;
    for path in args.shrink.iter().chain(&args.csv).chain(&args.plot).chain(&args.record) {
        output::probe(path)?;
    }
    let (clients, addresses) = (file.settings.get(Setting::Clients), file.settings.get(Setting::Addresses));
    if clients > addresses && !args.swarm {
        eprintln!("dhcpfo: {path}: {clients} clients for {addresses} addresses: some go without");
    }
    if let Some(path) = &args.record {
        let (settings, until) = match args.swarm {
            true => population::drawn(&file.settings, file.until, args.seed),
            false => (file.settings.clone(), file.until),
        };
        record::record(path, &file, &settings, (until, args.seed), args.pace)?;
    }
    progress::listen_for_ctrl_c();
    let threads = threads(args)?;
    let mut points = Vec::new();
    for at in grid(&sweeps) {
        let mut file = file.clone();
        at.iter().for_each(|(setting, number)| file.settings.set(*setting, *number));
        if file.settings.get(Setting::Mclt) >= file.settings.get(Setting::Lease) {
            return Err(Error::words(format!("{}: MCLT is not shorter than the lease", words(&at))));
        }
        let point = threads.install(|| simulated(&file, args, at));
        if !args.json {
            report(&file, &point, args);
        }
        let cancelled = point.end == End::Cancelled;
        points.push(point);
        if cancelled {
            break;
        }
    }
    finish(&file, &points, &sweeps, args)
}

fn finish(
    file: &SimulationFile,
    points: &[Point],
    sweeps: &[(Setting, Vec<f64>)],
    args: &SimulateArgs,
) -> Result<Exit, Error> {
    // With --swarm the assumptions of the draft are broken on purpose.
    let aside = |point: &Point| !allows_aside(args) && point.told.is_any();
    let failed = points.iter().any(|point| !point.failures.is_empty() || aside(point));
    let exit = match (failed, points.iter().any(|point| point.end == End::Cancelled)) {
        (true, _) => Exit::Unexpected,
        (false, true) => Exit::CutOff,
        (false, false) => Exit::Expected,
    };
    if args.json {
        let document = document::Population {
            version: document::FORMAT.version,
            tool: TOOL.to_owned(),
            exit: exit as u8,
            path: file.path.clone(),
            title: file.title.clone(),
            points: points.iter().map(|point| document(point, args)).collect(),
        };
        line(&dhcpfo_documents::pretty(&document));
    }
    if let Some(path) = &args.csv {
        output::write(path, &csv(points))?;
    }
    if let (Some(path), Some((setting, _))) = (&args.plot, sweeps.first()) {
        plot::draw(path, &file.title, &axis(*setting), &panels(points))?;
    }
    if let Some(path) = &args.shrink {
        let failure = points.iter().flat_map(|point| &point.failures).next();
        match failure {
            Some((seed, outcome)) => shrunk::write(path, file, *seed, outcome)?,
            None => eprintln!("dhcpfo: nothing is refuted, so {} is not written", path.display()),
        }
    }
    Ok(exit)
}

/// Whether what is put aside is as expected: a swarm breaks the assumptions of the draft on purpose.
fn allows_aside(args: &SimulateArgs) -> bool {
    args.swarm || args.allow_aside
}

/// `KEY=N,N`.
fn numbers(option: &str, text: &str) -> Result<(Setting, Vec<f64>), Error> {
    let fail = |problem: String| Error::words(format!("{option} {text}: {problem}"));
    let (name, numbers) = text.split_once('=').ok_or_else(|| fail("KEY=NUMBER is meant".to_owned()))?;
    let setting = Setting::find(name).ok_or_else(|| {
        let known: Vec<String> = Setting::ALL.iter().map(|setting| setting.name()).collect();
        fail(format!("there is no setting `{name}`; there are {}", known.join(", ")))
    })?;
    let numbers = numbers.split(',').map(|number| setting.unit().parse(number.trim()));
    Ok((setting, numbers.collect::<Result<_, _>>().map_err(fail)?))
}

/// All combinations, the first setting changing first.
fn grid(sweeps: &[(Setting, Vec<f64>)]) -> Vec<Vec<(Setting, f64)>> {
    sweeps.iter().rev().fold(vec![Vec::new()], |points, (setting, numbers)| {
        let extended = points.iter().flat_map(|point: &Vec<(Setting, f64)>| {
            numbers.iter().map(move |number| [&[(*setting, *number)], &point[..]].concat())
        });
        extended.collect()
    })
}

fn simulated(file: &SimulationFile, args: &SimulateArgs, at: Vec<(Setting, f64)>) -> Point {
    let begun = Instant::now();
    let runs = args.runs.unwrap_or(if args.time_budget.is_some() { u64::MAX } else { 1 });
    let plan = Plan {
        shard: args.shard.map_or((0, 1), |shard| (shard.number - 1, shard.of)),
        block: BLOCK,
        time_budget: args.time_budget.map(Duration::from_secs),
        cancel: Some(progress::listen_for_ctrl_c()),
        ..Plan::new(args.seed, runs)
    };
    let meter = Meter::new(&file.path);
    let (events, seconds) = (AtomicU64::new(0), AtomicU64::new(0));
    let (runs, failed) = (AtomicU64::new(0), AtomicU64::new(0));
    let more = |more_events: u64, more_seconds: u64| {
        let events = events.fetch_add(more_events, Relaxed) + more_events;
        let days = (seconds.fetch_add(more_seconds, Relaxed) + more_seconds) / 86_400;
        let rate = (events as f64 / begun.elapsed().as_secs_f64()) as u64;
        let (runs, failed) = (runs.load(Relaxed), failed.load(Relaxed));
        let [runs, days, rate] = [runs, days, rate].map(grouped);
        meter.say(format!("{runs} runs, {days} days, {rate} events/s, {failed} failed"));
    };
    let watch = Watch { cancel: plan.cancel, follow: args.follow, more: Some(&more) };
    let mut point = Point::nothing(at);
    point.end = swarm::carry_out(
        &plan,
        |seed| {
            let (settings, until) = match args.swarm {
                true => population::drawn(&file.settings, file.until, seed),
                false => (file.settings.clone(), file.until),
            };
            let outcome = population::run_watched(file, &settings, until, seed, watch);
            runs.fetch_add(1, Relaxed);
            failed.fetch_add(u64::from(outcome.violation.is_some()), Relaxed);
            outcome
        },
        |seed, outcome| {
            point.take(seed, outcome);
            if point.failures.len() as u32 >= args.failures {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        },
    );
    if point.interrupted > 0 {
        point.end = End::Cancelled;
    }
    point.elapsed = begun.elapsed();
    point
}

fn words(at: &[(Setting, f64)]) -> String {
    at.iter().map(|(setting, number)| format!("{} = {number}", setting.name())).collect::<Vec<_>>().join(", ")
}

fn report(file: &SimulationFile, point: &Point, args: &SimulateArgs) {
    let at = if point.at.is_empty() { String::new() } else { format!("  {}", words(&point.at)) };
    let found = match point.failures.first() {
        Some((_, Outcome { violation: Some(violation), .. })) => violation.claim,
        _ => "nothing refuted",
    };
    let aside = point.told.headline();
    line(&format!("{}{at}  {} runs{}  {found}{aside}", file.path, grouped(point.runs), point.mark()));
    for (name, count) in point.measures.counts() {
        line(&format!("  {name:<30} {:>16}  {}", grouped(count), population::about(name)));
    }
    for (name, rate) in point.measures.rates() {
        line(&format!("  {name:<30} {rate:>16.3}  {}", population::about(name)));
    }
    let quantiles = QUANTILES.map(|part| format!("{:>9}", format!("{}%", 100.0 * part))).join(" ");
    line(&format!("  {:<30} {:>9} {:>9} {quantiles}", "", "number", "mean"));
    for (name, spread) in point.measures.spreads() {
        let numbers = QUANTILES.map(|part| format!("{:>9}", spread.quantile(part))).join(" ");
        line(&format!(
            "  {name:<30} {:>9} {:>9.1} {numbers}  {}",
            spread.len(),
            spread.mean(),
            population::about(name)
        ));
    }
    if !args.no_times {
        let (seconds, events) = (point.elapsed.as_secs_f64(), point.measures.events);
        let rate = grouped((events as f64 / seconds.max(1e-9)) as u64);
        line(&format!("  {seconds:.2} s, {rate} events/s of all threads together"));
    }
    for Apart { violation: Violation { claim, at, detail }, since, why } in &point.apart {
        line(&format!("  told apart: {claim} at {at} s: {detail}; since {since} s: {why}"));
    }
    for dry in point.told.dry_lines() {
        line(&format!("  {dry}"));
    }
    for followed in &point.followed {
        line(followed);
    }
    for (seed, outcome) in &point.failures {
        let Some(violation) = &outcome.violation else { continue };
        line(&format!("\n  {} is refuted at {} s: {}", violation.claim, violation.at, violation.detail));
        line(&format!("  seed {seed}, until {} s, with {}", outcome.until, words(&outcome.settings.changed())));
        line(&format!("  repeat with: {}", repeat(file, *seed, &point.at, args)));
    }
}

fn repeat(file: &SimulationFile, seed: u64, at: &[(Setting, f64)], args: &SimulateArgs) -> String {
    let mut command = format!("dhcpfo simulate {} --seed {seed} --runs 1", shell_word(&file.path));
    if args.swarm {
        command += " --swarm";
    }
    for set in &args.set {
        command += &format!(" --set {}", shell_word(set));
    }
    for (setting, number) in at {
        command += &format!(" --set {}={number}", setting.name());
    }
    args.until.map_or(command.clone(), |until| format!("{command} --until {until}"))
}

fn document(point: &Point, args: &SimulateArgs) -> document::Point {
    let settings = |at: &[(Setting, f64)]| at.iter().map(|(setting, number)| (setting.name(), *number)).collect();
    let failure = |(seed, outcome): &(u64, Outcome)| {
        let violation = outcome.violation.as_ref();
        document::Failure {
            seed: *seed,
            claim: violation.map(|violation| violation.claim.to_owned()),
            at: violation.map(|violation| violation.at),
            detail: violation.map(|violation| violation.detail.clone()),
            until: outcome.until,
            settings: settings(&outcome.settings.changed()),
        }
    };
    let mut told = document::Point {
        at: settings(&point.at),
        shard: shard(args),
        runs: point.runs,
        interrupted_runs: point.interrupted,
        end: end_word(point.end),
        put_aside_is_expected: allows_aside(args),
        failures: point.failures.iter().map(failure).collect(),
        put_aside: Vec::new(),
        assumptions_broken: Vec::new(),
        no_address_to_give: None,
        meanings: IndexMap::new(),
        counts: IndexMap::new(),
        rates: IndexMap::new(),
        spreads: Vec::new(),
        seconds: (!args.no_times).then_some(point.elapsed.as_secs_f64()),
    };
    point.told.write(&mut told);
    measured(&mut told, &point.measures);
    told
}

/// Writes measures into a document: what [`measures`] reads, and what follows from that.
pub(crate) fn measured(point: &mut document::Point, measures: &Measures) {
    let spread = |(name, spread): (&str, &Spread)| document::Spread {
        name: name.to_owned(),
        about: population::about(name).to_owned(),
        number: spread.len(),
        mean: spread.mean(),
        quantiles: QUANTILES.map(|part| document::Quantile { part, value: spread.quantile(part) }).to_vec(),
        bins: spread.bins().into_iter().collect(),
    };
    let meaning = |name: &str| (name.to_owned(), population::about(name).to_owned());
    point.meanings = measures.names().into_iter().map(meaning).collect();
    point.counts = measures.counts().into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
    point.rates = measures.rates().into_iter().map(|(name, rate)| (name.to_owned(), rate)).collect();
    point.spreads = measures.spreads().into_iter().map(spread).collect();
}

/// The measures of a document; None if some are missing.
pub(crate) fn measures(point: &document::Point) -> Option<Measures> {
    let count = |name: &str| point.counts.get(name).copied();
    let spread = |name: &str| {
        let found = point.spreads.iter().find(|spread| spread.name == name)?;
        Some(Spread::of(found.bins.clone()))
    };
    Measures::of(count, spread)
}

/// A line for each point: the settings that are swept, then every measure.
fn csv(points: &[Point]) -> String {
    let mut text = String::new();
    for (number, point) in points.iter().enumerate() {
        let mut cells: Vec<(String, String)> =
            point.at.iter().map(|(setting, number)| (setting.name(), number.to_string())).collect();
        cells.push(("runs".to_owned(), point.runs.to_string()));
        cells.push(("failures".to_owned(), point.failures.len().to_string()));
        cells.extend(point.measures.counts().into_iter().map(|(name, count)| (name.to_owned(), count.to_string())));
        cells.extend(point.measures.rates().into_iter().map(|(name, rate)| (name.to_owned(), format!("{rate:.6}"))));
        for (name, spread) in point.measures.spreads() {
            cells.push((format!("{name}.number"), spread.len().to_string()));
            cells.push((format!("{name}.mean"), format!("{:.3}", spread.mean())));
            cells.extend(QUANTILES.map(|part| (format!("{name}.{part}"), spread.quantile(part).to_string())));
        }
        let row = |of: fn(&(String, String)) -> &String| cells.iter().map(of).cloned().collect::<Vec<_>>().join(",");
        if number == 0 {
            text += &format!("{}\n", row(|(name, _)| name));
        }
        text += &format!("{}\n", row(|(_, value)| value));
    }
    text
}

fn axis(setting: Setting) -> String {
    use dhcpfo_files::simulation::Unit;
    match setting.unit() {
        Unit::Length(..) => format!("{} (minutes)", setting.name()),
        Unit::PerDay => format!("{} (a day)", setting.name()),
        Unit::Share | Unit::Count(..) => setting.name(),
    }
}

/// What MCLT is about: the load of renewals, clients without service, and the time until a dead partner's addresses
/// can be used. One line for each number of the second setting that is swept.
fn panels(points: &[Point]) -> Vec<Panel> {
    type Measure = fn(&Measures) -> Option<f64>;
    let measures: [(&str, Measure); 3] = [
        ("renewal load: requests answered in an hour while apart from the partner", |m| Some(m.rates()[2].1)),
        ("service gap: clients without an address, in thousandths, highest of all hours", |m| {
            Some(m.without.quantile(1.0) as f64)
        }),
        ("dead partner's pool: minutes from PARTNER-DOWN to the first lease on it", |m| {
            (!m.reuse.is_empty()).then(|| m.reuse.mean() / 60.0)
        }),
    ];
    let scaled = |(setting, number): (Setting, f64)| {
        let length = matches!(setting.unit(), dhcpfo_files::simulation::Unit::Length(..));
        if length { number / 60.0 } else { number }
    };
    let panel = |(title, measure): (&str, Measure)| {
        let mut lines: Vec<(String, Vec<(f64, f64)>)> = Vec::new();
        for point in points {
            let (Some(x), Some(y)) = (point.at.first().copied().map(scaled), measure(&point.measures)) else {
                continue;
            };
            let name = words(&point.at[1..]);
            match lines.iter_mut().find(|(other, _)| *other == name) {
                Some((_, line)) => line.push((x, y)),
                None => lines.push((name, vec![(x, y)])),
            }
        }
        Panel { title: title.to_owned(), lines }
    };
    measures.into_iter().map(panel).collect()
}
