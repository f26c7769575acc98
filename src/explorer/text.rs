//! A model of any protocol, as the page shows it: lines of text, since nothing is known here of what a state is.

use crate::api::{Answer, Asked, Refused, Searching};
use crate::find::{LONGEST, MOST_STATES};
use crate::lesson::{self, Lessons};
use crate::path;
use dhcpfo_clock::length::Length;
use dhcpfo_study::Study;
use dhcpfo_study::explore::{self, Light, Lines, Offer, Outcome, Sight};
use dhcpfo_study::scenario::Scenario;
use serde_json::{Value, json};

/// A model with the path at which one begins.
pub struct Place {
    /// The model.
    pub study: Box<dyn Study>,
    /// The path.
    pub start: Vec<String>,
}

/// A lesson about such a model.
pub type Lesson = lesson::Lesson<Place>;

/// What is served.
pub struct TextExplorer {
    main: Place,
    lessons: Vec<Lesson>,
    searching: Searching,
}

/// What would be accepted as a goal of a lesson.
const GOALS: &str = "the name of a witness, or `refuted CLAIM`";

/// Whether a path is like a goal says: a witness is reached at its end, or a claim has been violated on the way.
fn is_met(sight: &Sight, goal: &str) -> Option<bool> {
    match goal.strip_prefix("refuted ") {
        Some(name) => sight.claims.iter().find(|light| light.entry.name == name).map(|light| light.since.is_some()),
        None => sight.witnesses.iter().find(|light| light.entry.name == goal).map(|light| light.now),
    }
}

/// Opens the model file of that path.
pub type Open<'a> = dyn Fn(&str) -> Result<Box<dyn Study>, String> + 'a;

/// Reads the lessons of a protocol: those of the folder of its name in `folder`.
///
/// # Errors
/// What is wrong with the first that is not as it should be.
pub fn lessons(folder: &str, protocol: &str, open: &Open<'_>) -> Result<Vec<Lesson>, String> {
    Lessons::of(&format!("{folder}/{protocol}"))
        .map(|file| {
            let (path, file) = file?;
            let study = open(&file.model_from(&path))?;
            let sight = study.follow(&[]);
            if let Some(goal) = file.goal.iter().find(|goal| is_met(&sight, goal).is_none()) {
                return Err(format!("{path}: goal: `{goal}`: accepted: {GOALS}"));
            }
            let start = path::lines(&file.start);
            Ok(file.lesson(&path, Place { study, start }))
        })
        .collect()
}

fn lines(lines: &Lines, before: Option<&Lines>) -> Vec<Value> {
    let told = |line: &(String, String)| json!([line.0, line.1, before.is_some_and(|before| !before.contains(line))]);
    lines.iter().map(told).collect()
}

fn changes(lines: &Lines) -> Vec<String> {
    lines.iter().map(|(who, what)| format!("{who}: {what}")).collect()
}

fn claim(light: &Light, sight: &Sight) -> Value {
    let why = light.since.map(|step| match step.checked_sub(1).and_then(|index| sight.steps.get(index)) {
        Some(taken) => format!("Violated by step {step}: {}.", taken.text),
        None => "It is so from the beginning.".to_owned(),
    });
    json!({
        "name": light.entry.name, "statement": light.entry.statement, "section": light.entry.section,
        "limits": light.entry.limits,
        "now": light.now, "since": light.since, "why": why,
    })
}

/// Whose action it is: its first word. Time is nobody's.
fn actor(text: &str) -> &str {
    if text == "tick" { "time" } else { text.split_whitespace().next().unwrap_or_default() }
}

fn offer(offer: &Offer) -> Value {
    let outcome = |outcome: &Outcome| {
        let changes = changes(&outcome.changes);
        let order = (offer.outcomes.len() > 1).then(|| changes.join("; "));
        json!({ "step": outcome.step, "changes": changes, "refutes": outcome.refutes, "order": order })
    };
    let words = if offer.text == "tick" { "time passes" } else { &offer.text };
    json!({
        "actor": actor(&offer.text), "text": offer.text, "words": words, "split": false,
        "outcomes": offer.outcomes.iter().map(outcome).collect::<Vec<_>>(),
    })
}

fn state(sight: &Sight, goals: &[String]) -> Value {
    let step = |taken: &explore::Taken| json!({ "text": taken.text, "changes": changes(&taken.changes), "refuted": taken.refuted });
    let last = sight.steps.last().map(|taken| {
        let effects: Vec<_> = taken.changes.iter().map(|(who, what)| json!([who, "", what])).collect();
        json!({ "action": taken.text, "words": taken.text, "effects": effects, "cites": [], "refuted": taken.refuted })
    });
    let unfit = sight.unfit.as_ref();
    let order: Vec<_> = sight.order.iter().map(|at| json!({ "at": at, "names": [], "short": [] })).collect();
    let witness =
        |light: &Light| json!({ "name": light.entry.name, "statement": light.entry.statement, "reached": light.since });
    let goal = |goal: &String| json!({ "text": goal, "met": is_met(sight, goal).unwrap_or_default() });
    json!({
        "path": sight.steps.iter().map(|taken| &taken.text).collect::<Vec<_>>(),
        "unfit": unfit.map(|unfit| json!({ "number": unfit.number, "text": unfit.text, "problem": unfit.problem })),
        "steps": sight.steps.iter().map(step).collect::<Vec<_>>(),
        "lines": lines(&sight.lines, sight.before.as_ref()),
        "last": last,
        "order": order,
        "claims": sight.claims.iter().map(|light| claim(light, sight)).collect::<Vec<_>>(),
        "witnesses": sight.witnesses.iter().map(witness).collect::<Vec<_>>(),
        "actions": sight.offers.iter().map(offer).collect::<Vec<_>>(),
        "goal": goals.iter().map(goal).collect::<Vec<_>>(),
    })
}

impl TextExplorer {
    /// An explorer of a model, with lessons of its protocol.
    pub fn new(main: Place, lessons: Vec<Lesson>) -> TextExplorer {
        TextExplorer { main, lessons, searching: Searching::default() }
    }

    /// The lessons.
    pub fn lessons(&self) -> &[Lesson] {
        &self.lessons
    }

    fn place(&self, asked: &Asked) -> Result<(&dyn Study, &[String]), Refused> {
        if !asked.with.is_empty() {
            return Err(Refused::Wrong(format!("{} has no readings", self.main.study.head().protocol)));
        }
        if asked.source.is_empty() || asked.source == "main" {
            return Ok((&*self.main.study, &[]));
        }
        let lesson = self.lessons.iter().find(|lesson| lesson.key == asked.source);
        let lesson = lesson.ok_or_else(|| Refused::Wrong(format!("there is no lesson `{}`", asked.source)))?;
        Ok((&*lesson.source.study, &lesson.goal))
    }

    /// What there is to open.
    pub fn opening(&self) -> Value {
        let place = |key: &str, place: &Place| {
            let head = place.study.head();
            let lengths = place.study.lengths().into_iter();
            let lengths: Vec<_> = lengths.map(|(name, of)| format!("{name} {}", Length::seconds(of))).collect();
            json!({
                "key": key, "path": head.path, "title": head.title, "about": head.about, "start": place.start,
                "with": [], "notes": [], "lengths": lengths,
            })
        };
        json!({
            "main": place("main", &self.main),
            "lessons": self.lessons.iter().map(|one| one.document(place(&one.key, &one.source))).collect::<Vec<_>>(),
            "questions": [],
            "dialects": [],
            "goals": GOALS,
            "bounds": {
                "states": MOST_STATES, "seconds": LONGEST.as_secs(), "steps": explore::MOST, "timed": explore::LONGEST,
            },
        })
    }

    /// The state at the end of a path.
    ///
    /// # Errors
    /// The question names something that is not there.
    pub fn state(&self, asked: &Asked) -> Answer {
        let (study, goals) = self.place(asked)?;
        Ok(state(&study.follow(&asked.path), goals))
    }

    /// The times of a path.
    ///
    /// # Errors
    /// The question names something that is not there.
    pub fn times(&self, asked: &Asked) -> Answer {
        let (study, _) = self.place(asked)?;
        Ok(match study.timetable(&asked.path) {
            Ok(times) => {
                let at: Vec<_> = times.at.iter().map(|at| at.map(|at| at.as_clock())).collect();
                json!({ "at": at, "end": times.end.as_clock(), "places": {} })
            }
            Err(why) => json!({ "why": why }),
        })
    }

    /// A search from the end of a path.
    ///
    /// # Errors
    /// The question names something that is not there; or another search is running.
    pub fn find(&self, asked: &Asked) -> Answer {
        let (study, _) = self.place(asked)?;
        self.searching.answer(asked, |bounds| Ok(study.find(&asked.path, asked.want.trim(), bounds)?))
    }

    /// Ends the search that is running, if one is.
    pub fn cancel(&self) -> Value {
        self.searching.cancel()
    }

    /// A path as a scenario file.
    ///
    /// # Errors
    /// The question names something that is not there; or the path has no times.
    pub fn scenario(&self, asked: &Asked) -> Answer {
        let (study, _) = self.place(asked)?;
        let head = study.head();
        let times = study.timetable(&asked.path);
        let times = times.map_err(|why| Refused::Wrong(format!("this path has no times: {why}")))?;
        let sight = study.follow(&asked.path);
        let title = if asked.title.trim().is_empty() { head.title.as_str() } else { asked.title.trim() };
        let acts = sight.steps.iter().zip(&times.at).filter_map(|(taken, at)| Some((taken, (*at)?)));
        // The number of an outcome says how deadlines fall; here times say that.
        let action = |taken: &explore::Taken| taken.text.split(" ~").next().unwrap_or_default().to_owned();
        let mut lines: Vec<_> = acts.map(|(taken, at)| format!("at {at} {}", action(taken))).collect();
        lines.push(format!("at {}", times.end));
        let refuted = sight.claims.iter().filter(|light| light.since.is_some()).map(|light| light.entry.name);
        let text = Scenario::text(title, &head.path, false, &lines, &refuted.collect::<Vec<_>>());
        let text = format!("# The model's path is as seen from where the explorer was started.\n{text}");
        Ok(json!({ "text": text }))
    }
}
