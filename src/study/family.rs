//! The door: protocols and their models without a type of any of them, for a command line that reads text.

use crate::answer::{Answer, RunOptions, Watch};
use crate::cross::{Counts, Inside};
use crate::diff::{self, Parted};
use crate::explore::{self, Sight, Timetable};
use crate::file::{self, Head};
use crate::inequalities::Lengthened;
use crate::lattice::Budgeted;
use crate::minimise::{self, Needed};
use crate::play::{Outcome, Row, Script, Stop};
use crate::protocol::{Length, Model, Protocol};
use crate::random::{Bag, Hunt, Tally};
use crate::stateright::{Bounds, Found, How};
use crate::swarm::End;
use crate::{cross, play, random, run, stateright};
use dhcpfo_claims::Entry;
use dhcpfo_claims::fair::{Condition, TIME};
use dhcpfo_header::FileErrors;
use dhcpfo_header::keys::Key;
use dhcpfo_header::near::nearest;
use dhcpfo_header::node::{Node, Value, get};
use dhcpfo_search::onwards;
use dhcpfo_search::search::SearchError;
use dhcpfo_time::Span;
use std::any::Any;
use std::marker::PhantomData;
use std::net::SocketAddr;

/// A model that can be searched, played and run at random.
pub trait Study: Any + Send + Sync {
    /// What its file says.
    fn head(&self) -> &Head;
    /// Searches it.
    ///
    /// # Errors
    /// No threads; or what was searched is not what was meant.
    fn check(&self, options: &RunOptions<'_>, watch: Watch<'_>) -> Result<Answer, SearchError>;
    /// Whether anything is claimed of its whole runs.
    fn claims_whole_runs(&self) -> bool;
    /// Searches it three times.
    ///
    /// # Errors
    /// No threads.
    fn counts(&self) -> Result<Counts, SearchError>;
    /// Compares two notions of time.
    fn inside(&self) -> Inside;
    /// Its budgets, if it bounds anything that its protocol can bound.
    fn budgeted(&self) -> Option<&dyn Budgeted>;
    /// Itself as a model whose lengths of time can be set.
    fn lengthened(&self) -> &dyn Lengthened;
    /// Walks through it together with another model of its protocol, until so many common states have been seen.
    ///
    /// # Errors
    /// Their steps cannot be compared; why.
    fn diff(&self, other: &dyn Study, most_states: u64) -> Result<Parted, &'static str>;
    /// Searches it with one of Stateright's checkers.
    fn stateright(&self, how: How, bounds: &Bounds) -> Found;
    /// Serves Stateright's Explorer for it, until the process ends.
    fn explore_with_stateright(&self, address: SocketAddr);
    /// Plays a script.
    ///
    /// # Errors
    /// A line says nothing that is known, or nothing that can be done there.
    fn play(&self, script: &Script, emit: &mut dyn FnMut(Row)) -> Result<Outcome, Stop>;
    /// What the first violation of a script needs; None: nothing is violated.
    ///
    /// # Errors
    /// A line says nothing that is known, nothing that can be done there, or counts parts of a second.
    fn minimise(&self, script: &Script) -> Result<Option<Needed>, Stop>;
    /// Its lengths of time by name, in seconds.
    fn lengths(&self) -> Vec<(&'static str, u32)>;
    /// What is seen from the end of a path, for a person who chooses what happens next.
    fn follow(&self, path: &[String]) -> Sight;
    /// A path that has the actions of a script and violates these claims, if there is one.
    ///
    /// # Errors
    /// A line of the script says nothing that is known.
    fn path_of(&self, script: &Script, refutes: &[String]) -> Result<Option<Vec<String>>, Stop>;
    /// Searches on from the end of a path for a claim or a witness; an empty name is any claim.
    ///
    /// # Errors
    /// There is no such claim or witness.
    fn find(&self, path: &[String], name: &str, bounds: &onwards::Bounds<'_>)
    -> Result<onwards::Found<String>, String>;
    /// Gives a path its times.
    ///
    /// # Errors
    /// There are none; why.
    fn timetable(&self, path: &[String]) -> Result<Timetable, String>;
    /// Carries out random runs.
    fn random(&self, hunt: &Hunt<'_>, watch: &mut dyn FnMut(&Tally)) -> (Bag, End);
}

/// A protocol, with the models that there can be of it.
pub trait Family: Sync {
    /// The word for it after `protocol =` in model files.
    fn name(&self) -> &'static str;
    /// What it is, in a line.
    fn about(&self) -> &'static str;
    /// The keys of its model files.
    fn keys(&self) -> Vec<Key>;
    /// Those of its keys that bound how often something happens.
    fn budgets(&self) -> Vec<&'static str>;
    /// Its lengths of time.
    fn lengths(&self) -> &'static [Length];
    /// What can be claimed.
    fn claims(&self) -> Vec<&'static Entry>;
    /// What can be demanded to be reachable.
    fn witnesses(&self) -> Vec<&'static Entry>;
    /// What can be claimed of whole runs.
    fn runs(&self) -> Vec<&'static Entry>;
    /// What can be taken to be fair in them.
    fn conditions(&self) -> Vec<Condition>;
    /// Reads a model.
    ///
    /// # Errors
    /// Everything that is wrong with the file.
    fn model(&self, path: &str, node: &Node) -> Result<Box<dyn Study>, FileErrors>;
}

/// The family of a protocol.
pub struct Of<P>(PhantomData<fn() -> P>);

impl<P> Of<P> {
    /// It.
    pub const fn new() -> Self {
        Of(PhantomData)
    }
}

impl<P> Default for Of<P> {
    fn default() -> Self {
        Of::new()
    }
}

impl<P: Protocol> Family for Of<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn about(&self) -> &'static str {
        P::ABOUT
    }

    fn keys(&self) -> Vec<Key> {
        file::keys::<P>()
    }

    fn budgets(&self) -> Vec<&'static str> {
        P::BUDGETS.iter().map(|budget| budget.key).collect()
    }

    fn lengths(&self) -> &'static [Length] {
        P::SPANS
    }

    fn claims(&self) -> Vec<&'static Entry> {
        file::entries(P::CLAIMS)
    }

    fn witnesses(&self) -> Vec<&'static Entry> {
        file::entries(P::WITNESSES)
    }

    fn runs(&self) -> Vec<&'static Entry> {
        P::RUNS.iter().map(|run| run.entry).collect()
    }

    fn conditions(&self) -> Vec<Condition> {
        if P::RUNS.is_empty() { Vec::new() } else { [TIME].iter().chain(P::CONDITIONS).copied().collect() }
    }

    fn model(&self, path: &str, node: &Node) -> Result<Box<dyn Study>, FileErrors> {
        let (head, model) = file::model::<P>(path, node)?;
        Ok(Box::new(Opened { head, model }))
    }
}

/// A model that was read.
struct Opened<P: Protocol> {
    head: Head,
    model: Model<P>,
}

impl<P: Protocol> Study for Opened<P> {
    fn head(&self) -> &Head {
        &self.head
    }

    fn check(&self, options: &RunOptions<'_>, watch: Watch<'_>) -> Result<Answer, SearchError> {
        run::run(&self.model, options, watch)
    }

    fn claims_whole_runs(&self) -> bool {
        !self.model.runs.is_empty()
    }

    fn counts(&self) -> Result<Counts, SearchError> {
        cross::counts(&self.model)
    }

    fn inside(&self) -> Inside {
        cross::inside(&self.model)
    }

    fn budgeted(&self) -> Option<&dyn Budgeted> {
        (!self.model.budgets().is_empty()).then_some(&self.model)
    }

    fn lengthened(&self) -> &dyn Lengthened {
        &self.model
    }

    fn diff(&self, other: &dyn Study, most_states: u64) -> Result<Parted, &'static str> {
        let other: &dyn Any = other;
        let other = other.downcast_ref::<Opened<P>>().ok_or("they are of different protocols")?;
        diff::models(&self.model, &other.model, most_states)
    }

    fn stateright(&self, how: How, bounds: &Bounds) -> Found {
        stateright::search_with_stateright(&self.model, how, bounds)
    }

    fn explore_with_stateright(&self, address: SocketAddr) {
        stateright::explore_with_stateright(&self.model, address);
    }

    fn play(&self, script: &Script, emit: &mut dyn FnMut(Row)) -> Result<Outcome, Stop> {
        play::play(&self.model, script, emit)
    }

    fn minimise(&self, script: &Script) -> Result<Option<Needed>, Stop> {
        Ok(minimise::needed(&self.model, script)?.map(Needed::in_text))
    }

    fn lengths(&self) -> Vec<(&'static str, u32)> {
        let seconds = &self.model.lengths.seconds;
        (0..).zip(P::SPANS).map(|(number, length)| (length.words.name, seconds.get(Span(number)))).collect()
    }

    fn follow(&self, path: &[String]) -> Sight {
        explore::follow(&self.model, path)
    }

    fn find(
        &self,
        path: &[String],
        name: &str,
        bounds: &onwards::Bounds<'_>,
    ) -> Result<onwards::Found<String>, String> {
        explore::find(&self.model, path, name, bounds)
    }

    fn path_of(&self, script: &Script, refutes: &[String]) -> Result<Option<Vec<String>>, Stop> {
        Ok(explore::path_of(&self.model, &play::actions::<P>(script)?, refutes))
    }

    fn timetable(&self, path: &[String]) -> Result<Timetable, String> {
        explore::timetable(&self.model, path)
    }

    fn random(&self, hunt: &Hunt<'_>, watch: &mut dyn FnMut(&Tally)) -> (Bag, End) {
        let (bag, end) = random::hunt(&self.model, hunt, watch);
        (bag.in_text(), end)
    }
}

/// Protocols by their names.
#[derive(Clone, Copy)]
pub struct Registry(pub &'static [&'static dyn Family]);

impl Registry {
    /// The family whose model a file is. None: the file names no protocol, or `own`, which is not registered here; empty if
    /// there is no such.
    ///
    /// # Errors
    /// It names a protocol that there is not.
    pub fn of(&self, node: &Node, own: &str) -> Result<Option<&'static dyn Family>, FileErrors> {
        let Value::Table(table) = &node.value else { return Ok(None) };
        let Some(Node { place, value }) = get(table, "protocol") else { return Ok(None) };
        let own_name = (!own.is_empty()).then_some(own);
        let names: Vec<&str> = own_name.into_iter().chain(self.0.iter().map(|family| family.name())).collect();
        let fail = |problem: String| FileErrors::new(vec![place.error("protocol", problem, names.join(", "))]);
        let Value::String(word, _) = value else { return Err(fail("names no protocol".to_owned())) };
        match self.0.iter().find(|family| family.name() == word) {
            Some(family) => Ok(Some(*family)),
            None if word == own => Ok(None),
            None => {
                let meant = nearest(word, names.iter().copied());
                let hint = meant.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                Err(fail(format!("there is no protocol `{word}`{hint}")))
            }
        }
    }
}
