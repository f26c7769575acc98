//! The variable, and where each process stands.

use dhcpfo_study::{Fields, Visit};
use dhcpfo_time::{Kind, Time, Times};

/// Most processes.
pub const MOST: usize = 4;

/// Everything there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// What the variable has: 0, or 1 more than the number of a process.
    pub named: u8,
    /// The processes; those that a system does not have stay idle.
    pub processes: [Process; MOST],
}

/// A process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Process {
    /// Where it stands.
    pub stage: Stage,
    /// Setting: it has written by then. Waiting: it looks no earlier.
    pub until: Time,
}

/// Where a process stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Stage {
    /// It does not want to enter.
    #[default]
    Idle,
    /// It has read that the variable is free, and will write.
    Setting,
    /// It has written, and waits.
    Waiting,
    /// It is inside.
    Inside,
}

impl Stage {
    /// All of them.
    pub const ALL: [Stage; 4] = [Stage::Idle, Stage::Setting, Stage::Waiting, Stage::Inside];

    /// Whether its instant means anything.
    pub fn is_timed(self) -> bool {
        matches!(self, Stage::Setting | Stage::Waiting)
    }

    /// A word for it.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Idle => "idle",
            Stage::Setting => "setting",
            Stage::Waiting => "waiting",
            Stage::Inside => "inside",
        }
    }
}

impl State {
    /// How many processes stand there.
    pub fn count(&self, stage: Stage) -> usize {
        self.processes.iter().filter(|process| process.stage == stage).count()
    }

    /// The state with each process called `names` of it.
    pub fn renamed(&self, names: [u8; MOST]) -> State {
        let mut renamed = *self;
        for (process, name) in self.processes.iter().zip(names) {
            renamed.processes[usize::from(name)] = *process;
        }
        if self.named > 0 {
            renamed.named = names[usize::from(self.named) - 1] + 1;
        }
        renamed
    }
}

impl Fields for State {
    fn fields(&mut self, visit: &mut impl Visit) {
        visit.byte(&mut self.named);
        for Process { stage, until } in &mut self.processes {
            visit.one_of(stage, &Stage::ALL);
            visit.time(until, Kind::Deadline);
        }
    }
}

impl Times for State {
    fn times(&mut self, visit: &mut impl FnMut(&mut Time, Kind)) {
        dhcpfo_study::times(self, visit);
    }
}
