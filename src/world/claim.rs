//! What can be claimed of a system: of every state, or of every step. The claims themselves are elsewhere.

use crate::action::Action;
use crate::model::Model;
use crate::system::System;
use arrayvec::ArrayVec;
use dhcpfo_claims::Entry;
use dhcpfo_engine::effect::Effect;
use dhcpfo_engine::state::Role;
use dhcpfo_time::Clock;

/// Most effects of one step.
pub const EFFECTS: usize = 64;

/// What a server did in a step, in order.
pub type Effects = ArrayVec<Effect, EFFECTS>;

/// What a step tells whoever carries it out.
pub struct Told<'a> {
    /// What the server did.
    pub effects: &'a mut Effects,
    /// Of these claims, by number, it is asked whether they had their occasion.
    pub wanted: u32,
    /// These had.
    pub arisen: u32,
    /// The server that took a stimulus, if any.
    pub server: Option<Role>,
}

impl<'a> Told<'a> {
    /// The effects alone.
    pub fn of(effects: &'a mut Effects) -> Told<'a> {
        Told { effects, wanted: 0, arisen: 0, server: None }
    }
}

/// A state as claims see it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The model.
    pub model: &'a Model,
    /// The state.
    pub system: &'a System,
    /// The present instant, and how times compare.
    pub clock: &'a dyn Clock,
}

/// A step as claims see it.
pub struct Happening<'a> {
    /// The model.
    pub model: &'a Model,
    /// What happened.
    pub action: Action,
    /// The system before.
    pub before: &'a System,
    /// The server that took a stimulus, if any.
    pub server: Option<Role>,
    /// What that server did, as far as it came.
    pub effects: &'a [Effect],
    /// The system after.
    pub after: &'a System,
}

impl Happening<'_> {
    /// The server whose stable storage changed, if one's did.
    pub fn writer(&self) -> Option<Role> {
        self.server.filter(|_| self.effects.iter().any(|effect| matches!(effect, Effect::Persist(_))))
    }
}

/// A predicate.
#[derive(Clone, Copy)]
pub enum Check {
    /// True in every state that is as it should be (or, of a witness, true in the state looked for).
    State(fn(&View<'_>) -> bool),
    /// True of every step that is as it should be (or, of a witness, true of the step looked for). New times may be made
    /// for comparison; they are not kept.
    Step(fn(&Happening<'_>, &mut dyn Clock) -> bool),
    /// About whole runs, what is possible in them: decided on the graph of all states.
    Reach(Reach),
    /// About whole runs, what happens in them where some things are fair ([`Model::fair`]): likewise.
    LeadsTo(LeadsTo),
}

impl Check {
    /// Whether it is about whole runs.
    pub const fn is_whole(&self) -> bool {
        matches!(self, Check::Reach(_) | Check::LeadsTo(_))
    }
}

/// After each state in which `from` is true comes one in which `to` is, which may be the same, if the run is fair. Neither
/// depends on which of several clients or addresses that are alike it is.
#[derive(Clone, Copy)]
pub struct LeadsTo {
    /// After a state like this …
    pub from: fn(&View<'_>) -> bool,
    /// … comes one like this.
    pub to: fn(&View<'_>) -> bool,
}

/// From every state in which `from` is true, `goal` can be reached by actions that are `allowed`.
#[derive(Clone, Copy)]
pub struct Reach {
    /// The states of which something is said.
    pub from: fn(&View<'_>) -> bool,
    /// What must be possible there.
    pub goal: Goal,
    /// What may happen on the way, besides that time passes.
    pub allowed: fn(&Action) -> bool,
}

/// What must be possible.
#[derive(Clone, Copy)]
pub enum Goal {
    /// That the system comes to such a state.
    State(fn(&View<'_>) -> bool),
    /// That such a step is taken: from where, what, to where.
    Step(fn(&View<'_>, &Action, &View<'_>) -> bool),
}

/// Times that the world keeps for a claim, which no server knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ghost {
    /// For each server and address: how long the full rule makes it rest in PARTNER-DOWN.
    Rest,
    /// For each server: MCLT after it last may have served, before it lost its memory or took leave.
    Silence,
}

/// A claim, or a witness.
#[derive(Clone, Copy)]
pub struct Claim {
    /// Its name in model files, what it says, where the specification says so, and what it does not say.
    pub entry: &'static Entry,
    /// The predicate.
    pub check: Check,
    /// What has to be kept for it.
    pub ghost: Option<Ghost>,
    /// When it has something to say. A claim without an occasion in all that was searched holds for nothing.
    pub occasion: Occasion,
}

/// When a claim has something to say.
#[derive(Clone, Copy)]
pub enum Occasion {
    /// In a state like this.
    State(fn(&View<'_>) -> bool),
    /// With a step like this.
    Step(fn(&Happening<'_>) -> bool),
    /// Of a claim about whole runs: in a state from which its goal has to be reachable, or to be reached, and that is none
    /// itself. A witness has no other.
    Whole,
}

impl std::fmt::Debug for Claim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.entry.name)
    }
}
