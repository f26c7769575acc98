//! What runs of models and of populations have in common: threads, and why no more of them were carried out.

use crate::args_simulate::SimulateArgs;
use crate::exit::Error;
use dhcpfo_simulate::swarm::End;

/// As many threads as the command line says.
pub(crate) fn threads(args: &SimulateArgs) -> Result<rayon::ThreadPool, Error> {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(args.jobs.map_or(0, usize::from));
    builder.build().map_err(|error| Error::words(format!("no threads: {error}")))
}

/// Why no more runs were carried out.
pub(crate) const fn end_word(end: End) -> &'static str {
    match end {
        End::Done => "done",
        End::Enough => "failed",
        End::Time => "time",
        End::Cancelled => "interrupted",
    }
}
