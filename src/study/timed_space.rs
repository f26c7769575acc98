//! A timed system under a clock, as a space whose paths can be given real times.

use dhcpfo_clock::{Domain, Moment, Timed, Values};
use dhcpfo_search::space::Space;
use dhcpfo_time::Time;
use std::fmt::Display;
use std::hash::Hash;

/// A state of the system that a space is about.
pub type StateOf<S> = <<S as TimedSpace>::System as Timed>::State;
/// An action of the system that a space is about.
pub type ActionOf<S> = <<S as TimedSpace>::System as Timed>::Action;

/// A space whose states are moments of a timed system under a clock. Flags from 0 on are of claims, those from
/// [`WITNESSES`] on of witnesses.
pub trait TimedSpace:
    Space<
        State = Moment<<<Self as TimedSpace>::System as Timed>::State, <<Self as TimedSpace>::Clock as Domain>::Facts>,
        Action: Display,
    >
{
    /// The system.
    type System: Timed<State: Clone + Eq + Hash, Action: Copy + Eq>;
    /// The clock.
    type Clock: Domain + Clone;

    /// The system.
    fn system(&self) -> &Self::System;
    /// The state with which everything begins.
    fn beginning(&self) -> StateOf<Self>;
    /// The clock, as configured.
    fn clock(&self) -> &Self::Clock;
    /// The real lengths of its spans.
    fn seconds(&self) -> Values;
    /// How many claims and how many witnesses there are.
    fn counts(&self) -> (usize, usize);
    /// The claims, by number, that had nothing to say of anything that was searched so far.
    fn without_occasion(&self) -> Vec<usize> {
        Vec::new()
    }
    /// What rules did with free deadlines that they may not do, in all that was searched.
    fn misuse(&self) -> Option<String>;
    /// Whether some step told more instants apart than there is room for, so that not everything was searched.
    fn is_outgrown(&self) -> bool;

    /// The action of the system on an edge; None if time passes there.
    fn action(edge: Self::Action) -> Option<ActionOf<Self>>;
    /// What an edge is called where it does not matter who of several equals acts, and on which of several equal things: its
    /// text without numbers.
    fn kind(edge: Self::Action) -> String {
        edge.to_string().chars().filter(|letter| !letter.is_ascii_digit()).collect()
    }
    /// The edge on which the system does this.
    fn edge(action: ActionOf<Self>) -> Self::Action;

    /// Whether a state is where a path to a violation of a claim ends. `end` is its end as it was found.
    fn is_violated(&self, claim: usize, state: &StateOf<Self>, now: Time, end: Option<&StateOf<Self>>) -> bool;
    /// The octets of a state with nothing left of its times; the same for states that are one in the space.
    fn outline(&self, state: &StateOf<Self>) -> Vec<u8>;
}

/// The flag of a state in which there was no room for something, where a space has such states.
pub const OVERFLOW: u32 = 63;

/// The first flag of a witness; those before are of claims.
pub const WITNESSES: u32 = 32;
