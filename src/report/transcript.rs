//! The transcript of a play: what was done, what the servers did about it, and what became of the state.
//!
//! [`EXPLANATION`] says how to read it; `dhcpfo play --explain` prints that. The columns are fixed, lines have at most
//! [`WIDTH`] characters unless a single word is longer, and the same play always gives the same text.

use crate::scene::{changed, scene};
use crate::words::Words;
use dhcpfo_clock::Values;
use dhcpfo_engine::span;
use dhcpfo_engine::state::Role;
use dhcpfo_time::Time;
use dhcpfo_world::claim::Claim;
use dhcpfo_world::model::Model;
use dhcpfo_world::play::{Entry, Outcome, Passage, Scale, Step};

/// Width of a transcript in characters.
pub const WIDTH: usize = 100;

/// How to read a transcript.
pub const EXPLANATION: &str = "\
How to read a transcript

    0:00:00  client 0 obtain a0 primary
               primary    PERSIST  a0 ACTIVE client 0, unsent, ends +1h
               primary    REPLY    client 0 ACK a0, ends +1h
               primary    PERSIST  a0 ACTIVE client 0, unacknowledged, sent +4d12h
               primary    SEND     BNDUPD #0 a0 ACTIVE client 0, ends +1h, potential +4d12h
             = primary    a0 ACTIVE client 0, unacknowledged, ends 1:00:00, sent 4+12:00:00
             = client 0   a0 until 1:00:00, from the primary

First column    the time since the beginning: h:mm:ss, from a day on d+h:mm:ss
Action          a line of the script, as it would be written there; a line that begins with # is
                the script's own comment
Effects         indented, in the order in which they happen: who, what, the particulars
  RECEIVE       the message that the action delivers
  PERSIST       a record goes to stable storage before anything below it happens; of a record that
                was there before, only what changes is told
  SEND          a message to the partner
  REPLY         an answer to a client
  NOTE          why nothing happens, or what an operator should hear
  LOST          a message that was under way and will never be read
State           after an equals sign: everything that is now different from before the action
! REFUTED       a claim of the model is violated here, and was not just before
expect          a line of the script that says what should be so, with whether it is

Times           +1h, +4d12h, -30m count from the action; 1:00:00 and 4+12:00:00 (days+hours) count
                from the beginning, like the first column
  ends          lease-expiration-time: until when the client may use the address, as far as known
  sent, acked, received
                potential-expiration-times: the latest one sent to the partner, acknowledged by
                it, and received from it
  rests until   before that, a server in PARTNER-DOWN gives the address to nobody else
Bindings        unsent: the partner has not been told; unacknowledged: it was told and has not
                answered; rejected: it said no; none of these: it is up to date
#0              the transaction of a BNDUPD, which its BNDACK repeats
";

/// What stands above a transcript.
#[derive(Clone, Copy, Debug)]
pub struct Heading<'a> {
    /// What is shown.
    pub title: &'a str,
    /// The file of the scenario.
    pub scenario: &'a str,
    /// The file of the model, and its title.
    pub model: (&'a str, &'a str),
    /// The sections that it illustrates.
    pub cites: &'a [String],
}

/// A transcript being written.
pub struct Transcript<'a> {
    model: &'a Model,
    scale: Scale,
    /// The time that was printed last.
    shown: Option<Time>,
    text: String,
}

/// Column of actions.
const ACTION: usize = 13;
/// Column of effects.
const EFFECT: usize = 15;
/// Column of the particulars of effects.
const PARTICULARS: usize = 35;
/// Column of what a state line says.
const SAYS: usize = 26;

impl<'a> Transcript<'a> {
    /// A transcript with its heading.
    pub fn new(heading: &Heading<'_>, model: &'a Model, values: Values, scale: Scale) -> Transcript<'a> {
        let mut transcript = Transcript { model, scale, shown: None, text: String::new() };
        transcript.prose("", 0, heading.title);
        transcript.line(&format!("scenario  {}", heading.scenario));
        transcript.prose("model     ", 10, &format!("{}: {}", heading.model.0, heading.model.1));
        if !heading.cites.is_empty() {
            transcript.wrapped("cites     ", 10, &heading.cites.join(", "));
        }
        let mut lengths = Vec::new();
        for (name, span) in [("MCLT", span::MCLT), ("lease", span::DESIRED_LEASE), ("potential", span::POTENTIAL_LEAD)]
        {
            let length = dhcpfo_world::play::Length::seconds(values.get(span));
            lengths.push(format!("{name} {length}"));
        }
        transcript.line(&format!("lengths   {}", lengths.join(", ")));
        transcript.line("");
        transcript
    }

    /// What has been written so far and not been taken yet.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    /// Adds what happened.
    pub fn add(&mut self, entry: &Entry) {
        match entry {
            Entry::Begin(moment, refuted) => {
                self.headed(moment.now, "the beginning");
                for (who, says) in scene(self.model, self.scale, moment) {
                    self.state(&who, &says);
                }
                refuted.iter().for_each(|name| self.refuted(name, None));
            }
            Entry::Comment(text) => {
                self.line("");
                self.prose(&format!("{:ACTION$}# ", ""), ACTION + 2, text);
            }
            Entry::Passage(passage) => self.passage(passage),
            Entry::Step(step) => self.step(step),
            Entry::Checked { expectation, met, found, now } => {
                let says = if *met { "met".to_owned() } else { format!("NOT MET: {found}") };
                self.headed(*now, &format!("expect {expectation}: {says}"));
            }
        }
    }

    /// Adds the last lines: what was refuted, whether that is `as_expected`, and when it ended.
    pub fn finish(&mut self, outcome: &Outcome, expected: &[&str]) {
        self.line("");
        let list = |names: &[&str]| if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        let (mut is, mut should) = (outcome.refuted.clone(), expected.to_vec());
        is.sort_unstable();
        should.sort_unstable();
        let judged = match is == should {
            true => "as expected".to_owned(),
            false => format!("NOT as expected: {}", list(&should)),
        };
        self.prose("refuted   ", 10, &format!("{}, {judged}", list(&outcome.refuted)));
        if !outcome.unmet.is_empty() {
            self.line(&format!("unmet     {} of the lines that expect something", outcome.unmet.len()));
        }
        let actions = if outcome.steps == 1 { "action" } else { "actions" };
        self.line(&format!("end       {}, after {} {actions}", outcome.end.as_clock(), outcome.steps));
    }

    fn step(&mut self, step: &Step) {
        self.headed(step.before.now, &step.action.to_string());
        let words = Words { scale: self.scale, now: step.before.now };
        if let Some((role, message)) = &step.received {
            self.effect(*role, "RECEIVE", &words.message(message));
        }
        for (role, told) in words.effects(step) {
            self.effect(role, told.verb, &told.text);
        }
        for (role, message) in &step.lost {
            self.effect(role.partner(), "LOST", &words.message(message));
        }
        for (who, says) in changed(self.model, self.scale, &step.before, &step.after) {
            self.state(&who, &says);
        }
        step.refuted.iter().for_each(|name| self.refuted(name, None));
    }

    fn passage(&mut self, passage: &Passage) {
        let lines = changed(self.model, self.scale, &passage.before, &passage.after);
        if lines.is_empty() && passage.refuted.is_empty() {
            return;
        }
        let length = self.scale.between(passage.before.now, passage.after.now);
        let length = length.map_or_else(String::new, |length| length.to_string());
        self.headed(passage.after.now, &format!("{length} later"));
        lines.iter().for_each(|(who, says)| self.state(who, says));
        for (name, since) in &passage.refuted {
            self.refuted(name, Some(*since));
        }
    }

    // ---- lines ------------------------------------------------------------------------------------------

    fn line(&mut self, text: &str) {
        self.text += text.trim_end();
        self.text.push('\n');
    }

    /// A line with the time, unless that was printed just before.
    fn headed(&mut self, now: Time, text: &str) {
        let clock = match self.shown == Some(now) {
            true => String::new(),
            false => self.scale.since(now).map_or_else(String::new, |since| since.as_clock()),
        };
        self.shown = Some(now);
        self.wrapped(&format!("{clock:>11}  "), ACTION + 4, text);
    }

    fn effect(&mut self, role: Role, verb: &str, text: &str) {
        self.wrapped(&format!("{:EFFECT$}{:<11}{verb:<9}", "", role.name()), PARTICULARS, text);
    }

    fn state(&mut self, who: &str, says: &str) {
        self.wrapped(&format!("{:ACTION$}= {who:<11}", ""), SAYS, says);
    }

    fn refuted(&mut self, name: &str, since: Option<Time>) {
        let claim: Option<&Claim> = self.model.claims.iter().find(|claim| claim.entry.name == name);
        let says = claim.map_or("", |claim| claim.entry.statement);
        let since = since.and_then(|since| self.scale.since(since));
        let since = since.map(|since| format!(" since {}", since.as_clock())).unwrap_or_default();
        self.prose(&format!("{:ACTION$}! ", ""), ACTION + 2, &format!("REFUTED{since} {name}: {says}"));
    }

    /// `text` behind `start`, broken at its commas, or between words where that does not do; further lines begin at
    /// column `hang`.
    fn wrapped(&mut self, start: &str, hang: usize, text: &str) {
        self.joined(start, hang, &pieces(text, WIDTH - hang));
    }

    /// `text` behind `start`, broken between words.
    fn prose(&mut self, start: &str, hang: usize, text: &str) {
        self.joined(start, hang, &text.split_whitespace().collect::<Vec<_>>());
    }

    fn joined(&mut self, start: &str, hang: usize, pieces: &[&str]) {
        let mut line = start.to_owned();
        let mut empty = true;
        for piece in pieces {
            let width = line.chars().count() + usize::from(!empty) + piece.chars().count();
            if !empty && width > WIDTH {
                self.line(&line);
                line = format!("{:hang$}", "");
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line += piece;
            empty = false;
        }
        self.line(&line);
    }
}

/// What a text may be broken into: what stands between commas, or words where that is wider than `width`.
fn pieces(text: &str, width: usize) -> Vec<&str> {
    let at_commas: Vec<&str> = text.split_inclusive(", ").map(str::trim).collect();
    if at_commas.iter().any(|piece| piece.chars().count() > width) {
        text.split_whitespace().collect()
    } else {
        at_commas.into_iter().filter(|piece| !piece.is_empty()).collect()
    }
}
