//! What a script's violation needs: which of its actions, and what is left when nothing more can go.

use crate::play::{Script, Stop, run_of};
use crate::protocol::{Model, Protocol};
use crate::shrink::{Shrink, Steps, replay, violated};

/// What a violation needs. Actions are text, or a protocol's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needed<A = String> {
    /// The claim that is violated.
    pub claim: &'static str,
    /// The whole run.
    pub whole: Steps<A>,
    /// Which of its actions are needed.
    pub marks: Vec<bool>,
    /// What is left of it, drawn together.
    pub least: Steps<A>,
}

impl<A: Copy + PartialEq> Needed<A> {
    /// `least` is what was left of `whole`; `same` says which of its actions are one of the whole, made plainer or not.
    pub fn new(claim: &'static str, whole: Steps<A>, least: Steps<A>, same: impl Fn(A, A) -> bool) -> Needed<A> {
        // From the end backwards: what happens last is what counts.
        let mut left = least.steps.iter().rev().peekable();
        let is_needed = |step: &(u32, A)| left.next_if(|(_, needed)| same(step.1, *needed)).is_some();
        let mut marks: Vec<bool> = whole.steps.iter().rev().map(is_needed).collect();
        marks.reverse();
        Needed { claim, whole, marks, least }
    }
}

impl<A: ToString> Needed<A> {
    /// The same with its actions as text.
    pub fn in_text(self) -> Needed {
        let Needed { claim, whole, marks, least } = self;
        Needed { claim, whole: whole.in_text(), marks, least: least.in_text() }
    }
}

impl Needed {
    /// Whether what is left is no longer the actions that were marked: some were made plainer, or happen in another order.
    pub fn is_changed(&self) -> bool {
        let marked = self.marks.iter().zip(&self.whole.steps).filter(|(needed, _)| **needed).map(|(_, step)| &step.1);
        !marked.eq(self.least.steps.iter().map(|step| &step.1))
    }
}

/// What the first violation of a script needs; None: nothing is violated.
///
/// # Errors
/// A line says nothing that is known, nothing that can be done there, or counts parts of a second.
pub fn needed<P: Protocol>(model: &Model<P>, script: &Script) -> Result<Option<Needed<P::Action>>, Stop> {
    let whole = run_of(model, script)?;
    let Some(claim) = violated(model, &whole) else { return Ok(None) };
    let replay = |run: &Steps<P::Action>| replay(model, run, claim);
    let least = Shrink { replay, plainer: |_| Vec::new() }.shrink(&whole);
    Ok(Some(Needed::new(claim, whole, least, |one, other| one == other)))
}
