//! Fischer's mutual exclusion: one variable that everybody may read and write, and two lengths of time.
//!
//! Who wants to enter and reads that the variable is free writes its own name there, within `set` of having read. It then
//! waits for `wait`, looks again, and enters if the variable still has its name. Whoever read "free" before that
//! name was written has written by then, if `set` is shorter than `wait`: so nobody overwrites it any more. There is
//! no other protection; with `wait` no longer than `set` two are inside at once.
//!
//! It is the standard first input of tools for timed protocols (L. Lamport, "A fast mutual exclusion algorithm", ACM TOCS
//! 1987, has it from M. Fischer).
#![deny(missing_docs)]

mod action;
mod claims;
mod state;

pub use action::Action;
pub use state::{MOST, Process, Stage, State};

use dhcpfo_claims::Entry;
use dhcpfo_clock::Timed;
use dhcpfo_header::keys::Key;
use dhcpfo_header::section::Section;
use dhcpfo_study::words::system_key;
use dhcpfo_study::{Claim, Condition, LeadsTo, Length, Of, Protocol, renaming};
use dhcpfo_time::{Clock, Span, SpanWords, Time};

/// The door.
pub static FAMILY: Of<Fischer> = Of::new();

/// The longest time from reading "free" to having written.
pub const SET: Span = Span(0);
/// The shortest time from having written to looking again.
pub const WAIT: Span = Span(1);

/// Some processes and their rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fischer {
    /// How many, from 2 to [`MOST`].
    pub processes: u8,
    /// They wait before they look again. False is a mutant.
    pub waits: bool,
    /// They look again before they enter. False is a mutant.
    pub looks: bool,
}

impl Timed for Fischer {
    type State = State;
    type Action = Action;

    fn step(&self, before: &State, state: &mut State, action: Action, clock: &mut dyn Clock) -> bool {
        let now = clock.now();
        let number = action.process();
        if number >= self.processes {
            return false;
        }
        let Process { stage, until } = before.processes[usize::from(number)];
        let over = clock.passed(until) || !self.waits;
        let named = before.named == number + 1;
        let process = &mut state.processes[usize::from(number)];
        match (action, stage) {
            (Action::Read(_), Stage::Idle) if before.named == 0 => {
                *process = Process { stage: Stage::Setting, until: clock.after(now, SET) };
            }
            (Action::Write(_), Stage::Setting) => {
                *process = Process { stage: Stage::Waiting, until: clock.after(now, WAIT) };
                state.named = number + 1;
            }
            (Action::Enter(_), Stage::Waiting) if over && (named || !self.looks) => process.stage = Stage::Inside,
            (Action::GiveUp(_), Stage::Waiting) if over && !named => process.stage = Stage::Idle,
            (Action::Leave(_), Stage::Inside) => {
                process.stage = Stage::Idle;
                state.named = 0;
            }
            _ => return false,
        }
        true
    }

    fn settle(&self, state: &mut State, _: &dyn Clock) {
        for process in &mut state.processes {
            if !process.stage.is_timed() {
                process.until = Time::LONG_AGO;
            }
        }
    }

    /// Who has read "free" writes in time.
    fn may_pass(&self, state: &State, clock: &dyn Clock) -> bool {
        state.processes.iter().all(|process| process.stage != Stage::Setting || !clock.passed(process.until))
    }
}

impl Protocol for Fischer {
    const NAME: &'static str = "fischer";
    const ABOUT: &'static str = "Fischer's mutual exclusion: one variable and two lengths of time";
    const SPANS: &'static [Length] = &[
        Length {
            words: SpanWords { name: "set", compared: Some("no time may pass beyond it before the name is written") },
            small: 1,
            seconds: 1,
            about: "the longest time from reading that the variable is free to having written",
        },
        Length {
            words: SpanWords { name: "wait", compared: Some("its end is compared with the ends of set") },
            small: 2,
            seconds: 2,
            about: "the shortest time from having written to looking again",
        },
    ];
    const ORDER: &'static [(Span, Span)] = &[(SET, WAIT)];
    const CLAIMS: &'static [Claim<Fischer>] = &[
        Claim {
            entry: &claims::MUTUAL_EXCLUSION,
            arises: |_, state, _| state.count(Stage::Inside) > 0,
            holds: |_, state, _| state.count(Stage::Inside) <= 1,
        },
        Claim {
            entry: &claims::NAMED_INSIDE,
            arises: |_, state, _| state.count(Stage::Inside) > 0,
            holds: |_, state, _| {
                let inside =
                    |(number, process): (u8, &Process)| process.stage == Stage::Inside && state.named != number;
                !(1..).zip(&state.processes).any(inside)
            },
        },
    ];
    const WITNESSES: &'static [Claim<Fischer>] = &[
        Claim::<Fischer>::witness(&Entry::witness("inside", "A process is inside."), |_, state, _| {
            state.count(Stage::Inside) > 0
        }),
        Claim::<Fischer>::witness(
            &Entry::witness("contended", "Two processes have written and wait."),
            |_, state, _| state.count(Stage::Waiting) > 1,
        ),
        Claim::<Fischer>::witness(
            &Entry::witness("overwritten", "A process has waited for its time, and the variable has another name."),
            |_, state, clock| {
                let late = |(number, process): (u8, &Process)| {
                    process.stage == Stage::Waiting
                        && clock.passed(process.until)
                        && ![0, number].contains(&state.named)
                };
                (1..).zip(&state.processes).any(late)
            },
        ),
    ];

    const RUNS: &'static [LeadsTo<Fischer>] = &[LeadsTo {
        entry: &claims::NAMED_THEN_INSIDE,
        from: |_, state, _| state.named != 0,
        to: |_, state, _| state.count(Stage::Inside) > 0,
    }];
    const CONDITIONS: &'static [Condition] = &[
        Condition { name: "writes", about: "some process that has read writes its name", parts: 1 },
        Condition {
            name: "looks",
            about: "some process that has waited looks again, and enters or gives up",
            parts: 1,
        },
    ];

    /// Of some process, whichever: processes are alike.
    fn met_by(&self, action: &Action) -> Option<(&'static str, u32)> {
        match action {
            Action::Write(_) => Some(("writes", 0)),
            Action::Enter(_) | Action::GiveUp(_) => Some(("looks", 0)),
            Action::Read(_) | Action::Leave(_) => None,
        }
    }

    fn keys() -> Vec<Key> {
        vec![
            system_key("processes", "a number from 2 to 4", "2", "how many processes"),
            system_key("waits", "true or false", "true", "they wait before they look again; false is a mutant"),
            system_key("looks", "true or false", "true", "they look again before they enter; false is a mutant"),
        ]
    }

    fn read(system: &Section<'_>) -> Fischer {
        Fischer {
            processes: system.number("processes", 2..=MOST as i64, 2) as u8,
            waits: system.flag("waits", true),
            looks: system.flag("looks", true),
        }
    }

    fn initial(&self) -> State {
        State::default()
    }

    fn candidates(&self, state: &State, clock: &dyn Clock, try_it: &mut impl FnMut(Action)) {
        let _ = clock;
        for number in 0..self.processes {
            match state.processes[usize::from(number)].stage {
                Stage::Idle => try_it(Action::Read(number)),
                Stage::Setting => try_it(Action::Write(number)),
                Stage::Waiting => {
                    try_it(Action::Enter(number));
                    try_it(Action::GiveUp(number));
                }
                Stage::Inside => try_it(Action::Leave(number)),
            }
        }
    }

    fn renamings(&self) -> usize {
        renaming::count(self.processes)
    }

    fn renamed(&self, state: &State, number: usize) -> State {
        state.renamed(renaming::way(number, self.processes))
    }

    fn describe(&self, state: &State, time: &dyn Fn(Time) -> String) -> Vec<(String, String)> {
        let variable = if state.named == 0 { "free".to_owned() } else { format!("p{}", state.named - 1) };
        let process = |number: u8| {
            let Process { stage, until } = state.processes[usize::from(number)];
            let until = match stage {
                Stage::Setting => format!(", writes by {}", time(until)),
                Stage::Waiting => format!(", looks from {}", time(until)),
                Stage::Idle | Stage::Inside => String::new(),
            };
            (format!("p{number}"), format!("{}{until}", stage.word()))
        };
        std::iter::once(("variable".to_owned(), variable)).chain((0..self.processes).map(process)).collect()
    }
}
