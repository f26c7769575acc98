//! What is searched.

use std::fmt::{Debug, Display};

/// Takes successors in.
pub type Emit<'a, A, S> = &'a mut dyn FnMut(Edge<A>, &S);

/// A transition system with a compact canonical form.
///
/// States are worked on in one form ([`Space::State`], flat and possibly large) and stored in another, the canonical
/// bytes of [`Space::encode`]. Two states with the same bytes are the same state to every engine; symmetry and other
/// reductions are applied there. What the bytes leave out must not matter: two states with equal bytes must have
/// successors with equal bytes, at equal costs, and equal flags.
pub trait Space: Sync {
    /// The working form. No heap memory, up to a few kilobytes.
    type State: Clone + Send;
    /// Names a transition for people; with the choice number of its [`Edge`] it is unique among a state's edges.
    type Action: Copy + Send + Sync + PartialEq + Debug + Display + 'static;
    /// Working storage that one thread reuses from call to call.
    type Scratch: Send;

    /// New working storage.
    fn scratch(&self) -> Self::Scratch;

    /// Emits every initial state, in the same order each time.
    fn initial(&self, scratch: &mut Self::Scratch, emit: &mut impl FnMut(&Self::State));

    /// Emits every successor, once per outcome, in the same order each time.
    ///
    /// `encode` is called from inside `emit`, with another scratch than this one.
    fn successors(
        &self,
        scratch: &mut Self::Scratch,
        state: &Self::State,
        emit: &mut impl FnMut(Edge<Self::Action>, &Self::State),
    );

    /// [`Space::successors`] for those who are not in a hurry: they share one copy of the machine code.
    fn each_successor(
        &self,
        scratch: &mut Self::Scratch,
        state: &Self::State,
        emit: Emit<'_, Self::Action, Self::State>,
    ) {
        self.successors(scratch, state, &mut |edge, next| emit(edge, next));
    }

    /// Appends the canonical bytes of `state` to `out`; at most 65,535 of them.
    fn encode(&self, scratch: &mut Self::Scratch, state: &Self::State, out: &mut Vec<u8>);

    /// Overwrites `state` with a state that has these canonical bytes.
    fn decode(&self, scratch: &mut Self::Scratch, bytes: &[u8], state: &mut Self::State);

    /// What is to be said about this state. Evaluated once per unique state.
    fn flags(&self, scratch: &mut Self::Scratch, state: &Self::State) -> Flags;

    /// [`Space::flags`] for somebody who does not care about the bits in `known`: they may be missing. What
    /// [`Flags::expand`] says must not depend on that.
    fn flags_beyond(&self, scratch: &mut Self::Scratch, state: &Self::State, known: u64) -> Flags {
        let _ = known;
        self.flags(scratch, state)
    }

    /// The state in words, for Stateright's Explorer.
    fn describe(&self, state: &Self::State) -> String {
        let _ = state;
        String::new()
    }
}

/// How a step counts for the length of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// A passage of time: it does not make a path longer.
    Tick,
    /// A protocol action.
    Action,
}

/// One transition, without its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge<A> {
    /// What happens.
    pub action: A,
    /// Which of the outcomes of the action this is.
    pub choice: u16,
    /// What it adds to the length of a path.
    pub cost: Cost,
    /// Claims about steps that this one violates, in the same numbering as [`Flags::bits`]. A bit belongs either to
    /// states or to edges, not to both.
    pub flags: u64,
}

impl<A> Edge<A> {
    /// A protocol action with a single outcome.
    pub fn action(action: A) -> Self {
        Self { action, choice: 0, cost: Cost::Action, flags: 0 }
    }

    /// A passage of time.
    pub fn tick(action: A) -> Self {
        Self { action, choice: 0, cost: Cost::Tick, flags: 0 }
    }

    /// The same edge as outcome number `choice`.
    pub fn choice(self, choice: u16) -> Self {
        Self { choice, ..self }
    }

    /// The same edge with these claims violated.
    pub fn flags(self, flags: u64) -> Self {
        Self { flags, ..self }
    }
}

/// What a space says about a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags {
    /// Bit `i` is set if claim `i` is violated, or witness `i` is reached, in this state.
    pub bits: u64,
    /// Whether the successors belong to the space. A state that is not expanded is still counted and flagged.
    pub expand: bool,
}

impl Flags {
    /// A state inside the space with these bits.
    pub fn new(bits: u64) -> Self {
        Self { bits, expand: true }
    }
}

/// Some state, to be overwritten by [`Space::decode`].
pub(crate) fn any_state<S: Space>(space: &S) -> Option<S::State> {
    let mut some = None;
    space.initial(&mut space.scratch(), &mut |state| some = Some(state.clone()));
    some
}
