//! What a search of a model is asked, and what came of it.

use crate::args::CheckArgs;
use crate::subject::Subject;
use crate::verdict::Judged;
use dhcpfo_check::seen::Seen;
use dhcpfo_files::model::{Clock, Expect};
use dhcpfo_search::Bound;
use dhcpfo_study::answer::{Answer, RunOptions};
use dhcpfo_study::file::Head;
use std::time::Duration;

/// A model that was searched.
pub(crate) struct Checked<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) clock: Clock,
    pub(crate) answer: Answer,
    /// What came up in the search, where that is noted.
    pub(crate) seen: Option<Seen>,
    pub(crate) judged: Judged,
    pub(crate) threads: usize,
}

impl Checked<'_> {
    pub(crate) fn is_expected(&self) -> bool {
        self.judged.unexpected.is_empty()
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.answer.cut_off == Some(Bound::Cancelled)
    }
}

/// The notion of time: the model's, or that of the command line.
pub(crate) fn clock(head: &Head, args: &CheckArgs) -> Clock {
    args.clock.map_or(head.clock, |clock| clock.0)
}

/// How to search a model: its bounds, or those of the command line.
pub(crate) fn options<'a>(head: &Head, args: &CheckArgs, cancel: &'a std::sync::atomic::AtomicBool) -> RunOptions<'a> {
    let threads = args.threads.map(usize::from).or_else(|| std::thread::available_parallelism().ok().map(Into::into));
    let threads = threads.unwrap_or(1);
    RunOptions {
        clock: clock(head, args),
        threads,
        max_depth: args.depth.or(head.limits.depth),
        max_states: args.states.or(head.limits.states),
        max_bytes: args.memory.or(head.limits.memory_mib).map(|mib| mib << 20),
        time_limit: args.time.or(head.limits.seconds).map(Duration::from_secs),
        cancel: Some(cancel),
        // What must be refuted need not be searched further; where claims should hold, all that do not are of interest.
        stop_at_first: matches!(head.expect, Expect::Refuted { .. }) || head.claims.len() == 1,
    }
}
