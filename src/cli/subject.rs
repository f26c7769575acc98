//! A model of any protocol, as the verbs see it that know none: what its file says, and what a search finds, in text.

use crate::exit::Error;
use dhcpfo_check::run::{self, UNTIMED_CLAIM};
use dhcpfo_check::seen::Seen;
use dhcpfo_files::load::{DRAFT_12, parsed};
use dhcpfo_files::model::{Clock, ModelFile, model};
use dhcpfo_files::{FileErrors, from_disk};
use dhcpfo_protocols::ALL;
use dhcpfo_study::Study;
use dhcpfo_study::answer::{Answer, RunOptions, Watch};
use dhcpfo_study::file::Head;
use dhcpfo_world::claim::Claim;

/// A model file that was read.
pub(crate) struct Subject {
    pub(crate) head: Head,
    pub(crate) kind: Kind,
}

/// Whose model it is.
pub(crate) enum Kind {
    /// Of draft-12.
    Draft(Box<ModelFile>),
    /// Of another protocol.
    Study(Box<dyn Study>),
}

/// What a search found, with what only draft-12 can say of it.
pub(crate) type Searched = (Answer, Option<Seen>);

impl Subject {
    /// Reads a model file of any protocol.
    pub(crate) fn read(path: &str) -> Result<Subject, FileErrors> {
        match other(path)? {
            Some(study) => Ok(Subject { head: study.head().clone(), kind: Kind::Study(study) }),
            None => Ok(Subject::draft(model(path, &from_disk)?)),
        }
    }

    /// A model of draft-12.
    pub(crate) fn draft(file: ModelFile) -> Subject {
        let words = |claims: &[Claim]| claims.iter().map(|claim| claim.entry).collect();
        let head = Head {
            path: file.path.clone(),
            protocol: DRAFT_12,
            title: file.title.clone(),
            class: file.class,
            about: file.about.clone(),
            clock: file.clock,
            claims: words(&file.model.claims),
            fair: file.model.fair.clone(),
            witnesses: words(&file.model.witnesses),
            limits: file.limits,
            expect: file.expect,
        };
        Subject { head, kind: Kind::Draft(Box::new(file)) }
    }

    /// The model of draft-12, where it is one.
    pub(crate) fn own(&self) -> Result<&ModelFile, Error> {
        match &self.kind {
            Kind::Draft(file) => Ok(file),
            Kind::Study(_) => {
                let Head { path, protocol, .. } = &self.head;
                Err(Error::Told(format!("{path}: is a model of {protocol}; this goes with models of {DRAFT_12} only")))
            }
        }
    }

    /// Whether there is such a search of it.
    pub(crate) fn may_be_searched(&self, clock: Clock) -> Result<(), Error> {
        let Head { path, claims, protocol, .. } = &self.head;
        match (&self.kind, clock) {
            (Kind::Draft(_), Clock::Untimed) if claims.iter().all(|claim| *claim != UNTIMED_CLAIM) => {
                Err(Error::words(format!(
                    "{path}: without time only {} can be judged; it does not claim that",
                    UNTIMED_CLAIM.name
                )))
            }
            (Kind::Draft(file), Clock::Lazy | Clock::LazyExact) if dhcpfo_check::reach::is_wanted(&file.model) => {
                Err(Error::words(format!("{path}: {}", run::NOT_KEPT)))
            }
            (Kind::Study(study), Clock::Lazy | Clock::LazyExact) if study.claims_whole_runs() => {
                Err(Error::words(format!("{path}: {}", run::NOT_KEPT)))
            }
            (Kind::Study(_), Clock::Untimed) => Err(Error::words(format!(
                "{path}: there is no search of {protocol} under untimed (accepted: timeout-order, ticks, exact, lazy, lazy-exact)"
            ))),
            _ => Ok(()),
        }
    }

    /// Searches it.
    pub(crate) fn search(&self, options: &RunOptions<'_>, watch: Watch<'_>) -> Result<Searched, Error> {
        let fail = |error| Error::words(format!("{}: {error}", self.head.path));
        match &self.kind {
            Kind::Draft(file) => {
                let (answer, seen) = run::run(&file.model, options, watch).map_err(fail)?;
                Ok((answer.in_text(), seen))
            }
            Kind::Study(study) => Ok((study.check(options, watch).map_err(fail)?, None)),
        }
    }
}

/// The model of that path, if it is of another protocol than draft-12. What cannot be read is nobody's.
pub(crate) fn other(path: &str) -> Result<Option<Box<dyn Study>>, FileErrors> {
    let Some(node) = from_disk(path).ok().and_then(|text| parsed(path, &text)) else { return Ok(None) };
    ALL.of(&node, DRAFT_12)?.map(|family| family.model(path, &node)).transpose()
}

/// Whether a model, right or wrong, is of another protocol than draft-12.
pub(crate) fn is_other(path: &str) -> bool {
    let node = from_disk(path).ok().and_then(|text| parsed(path, &text));
    node.is_some_and(|node| matches!(ALL.of(&node, DRAFT_12), Ok(Some(_))))
}
