//! Traces of servers (`dhcpfo serve --trace`), done again step by step: of one server, or of both, merged by time.

use super::Judge;
use super::teller::{Happened, Teller, session};
use dhcpfo_engine::state::Role;
use dhcpfo_report::calendar::date;
use dhcpfo_report::recording::{Change, Event, Finding, Party, Recording, Sided, Told};
use dhcpfo_server::trace::{Kind, Problem, Seen, Watch};
use std::collections::VecDeque;

/// A trace that is read line by line.
pub struct Trace {
    name: String,
    watch: Watch,
    /// Whose trace it is, once that is known.
    pub role: Option<Role>,
    teller: Teller,
}

impl Trace {
    /// Nothing is read yet.
    pub fn new(name: impl Into<String>) -> Trace {
        Trace { name: name.into(), watch: Watch::default(), role: None, teller: Teller::default() }
    }

    /// Takes the next line.
    ///
    /// # Errors
    /// It is not as it should be.
    pub fn line(&mut self, text: &str, events: &mut VecDeque<Event>) -> Result<(), Problem> {
        let Trace { name, watch, role, teller } = self;
        watch.line(text, &mut |seen| {
            *role = Some(seen.config.role);
            events.push_back(event(teller, name, seen));
        })
    }

    /// Whether the last line was cut off.
    ///
    /// # Errors
    /// Nothing was started.
    pub fn finish(&self) -> Result<bool, Problem> {
        self.watch.finish().map(|done| done.cut)
    }
}

fn event(teller: &mut Teller, name: &str, seen: &Seen<'_>) -> Event {
    let endpoint = seen.endpoint;
    let happened = Happened {
        role: seen.config.role,
        second: seen.at,
        input: seen.input,
        effects: seen.effects,
        state: endpoint.state(),
        phase: endpoint.volatile().phase,
        session: session(&endpoint.volatile().session),
        table: endpoint.durable().table(),
    };
    Event { place: format!("{name}:{}", seen.line), ..teller.event(&happened, seen.names) }
}

/// Puts the events of both servers in one order: by time, and no message is read before it is sent.
#[derive(Default)]
pub struct Merger {
    /// Events that wait, by the order of the traces.
    pub waiting: [VecDeque<Event>; 2],
    /// Kinds of messages under way, by whose trace they come from.
    flying: [VecDeque<String>; 2],
    alone: bool,
}

/// STATE, BNDUPD, …
fn kind(text: &str) -> String {
    text.split([' ', ',']).next().unwrap_or_default().to_owned()
}

impl Iterator for Merger {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let at = |side: usize, merger: &Merger| merger.waiting[side].front().map(|event| event.at);
        let side = match (at(0, self), at(1, self)) {
            (None, None) => return None,
            (Some(_), None) => 0,
            (None, Some(_)) => 1,
            (Some(a), Some(b)) => {
                let earlier = usize::from(b < a);
                // Clocks count whole seconds, and differ a little.
                let near = (a - b).abs() <= 3_000_000;
                if near && !self.is_ready(earlier) && self.is_ready(1 - earlier) { 1 - earlier } else { earlier }
            }
        };
        let mut event = self.waiting[side].pop_front()?;
        self.match_up(side, &mut event);
        Some(event)
    }
}

impl Merger {
    /// Nothing waits yet; `alone`: there is one trace only.
    pub fn new(alone: bool) -> Merger {
        Merger { alone, ..Merger::default() }
    }

    /// What is read was sent.
    fn is_ready(&self, side: usize) -> bool {
        let read = self.waiting[side].front().and_then(|event| event.received.as_ref());
        read.is_none_or(|(_, text)| self.flying[1 - side].contains(&kind(text)))
    }

    /// Finds the sending of what is read; what has none, and what nobody else will tell of, is drawn at once.
    fn match_up(&mut self, side: usize, event: &mut Event) {
        let partner = |who: &Party| who.role().map_or(who.clone(), |role| Party::server(role.partner()));
        if let Some((who, text)) = event.received.take() {
            let flying = &mut self.flying[1 - side];
            match flying.iter().position(|other| *other == kind(&text)) {
                Some(place) => {
                    // What was sent before it and never read.
                    event.lost.extend(flying.drain(..place).map(|text| (who.clone(), text)));
                    flying.pop_front();
                    event.received = Some((who, text));
                }
                None => event.said.insert(0, Told { from: partner(&who), to: who, text }),
            }
        }
        if event.changes.contains(&Change::Link(false))
            && let Some(me) = event.changes.iter().find_map(|change| match change {
                Change::Condition(who, _) | Change::Fact(who, ..) => Some(who.clone()),
                _ => None,
            })
        {
            event.lost.extend(self.flying[1 - side].drain(..).map(|text| (me.clone(), text)));
        }
        if self.alone {
            let sent = std::mem::take(&mut event.sent);
            event.said.extend(sent.into_iter().map(|(who, text)| Told { from: who.clone(), to: partner(&who), text }));
        } else {
            self.flying[side].extend(event.sent.iter().map(|(_, text)| kind(text)));
        }
    }
}

/// A recording of one or two traces, each a name and a text; and what could not be read, with file and line.
///
/// # Errors
/// Nothing of a trace can be read, or both are of the same server.
pub fn recording(files: &[(String, String)]) -> Result<(Recording, Option<String>), String> {
    let mut merger = Merger::new(files.len() < 2);
    let (mut roles, mut problems) = (Vec::new(), Vec::new());
    for ((name, text), events) in files.iter().zip(&mut merger.waiting) {
        let mut trace = Trace::new(name.as_str());
        let read = text.split_inclusive('\n').try_for_each(|line| trace.line(line, events));
        match read.and_then(|()| trace.finish()) {
            Ok(true) => problems.push((false, format!("{name}: its last line was cut off"))),
            Ok(false) => {}
            Err(problem) if trace.role.is_none() => return Err(format!("{name}:{problem}")),
            Err(problem) => {
                let unreadable = problem.kind == Kind::Unreadable;
                if !unreadable && let Some(last) = events.back_mut() {
                    last.findings.push(Finding { claim: "as-the-engine-does".to_owned(), text: problem.text.clone() });
                }
                problems.push((unreadable, format!("{name}:{problem}. Shown is everything before it.")));
            }
        }
        roles.extend(trace.role);
    }
    if let [one, other] = roles[..]
        && one == other
    {
        return Err(format!("{} and {}: both are traces of the {}", files[0].0, files[1].0, one.name()));
    }
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let mut recording = Recording::new(names.join(", "), super::MOST);
    let mut judge = Judge::new();
    merger.for_each(|event| judge.push(&mut recording, event));
    recording.notes = notes(&recording, &roles);
    recording.notes.extend(problems.iter().map(|(_, text)| text.clone()));
    Ok((recording, problems.into_iter().find(|(unreadable, _)| *unreadable).map(|(_, text)| text)))
}

fn notes(recording: &Recording, roles: &[Role]) -> Vec<String> {
    let mut notes = Vec::new();
    if let (Some((_, first)), Some((_, last))) = (recording.from(1).next(), recording.from(1).next_back()) {
        let whose: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        let begins = format!("Trace of the {}, {} to {}", whose.join(" and the "), date(first.at), date(last.at));
        let alone = if roles.len() == 1 { "; nothing is known of the other server but what it said" } else { "" };
        notes.push(format!("{begins}, by the servers' own clocks{alone}."));
    }
    if recording.dropped() > 0 {
        notes.push(format!("The first {} events are left out.", recording.dropped()));
    }
    notes
}
