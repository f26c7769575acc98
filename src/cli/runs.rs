//! What runs of models and of populations have in common: threads, and why no more of them were carried out.

use crate::args_simulate::SimulateArgs;
use crate::exit::Error;
use dhcpfo_documents::runs;
use dhcpfo_simulate::swarm::End;

/// As many threads as the command line says.
pub(crate) fn threads(args: &SimulateArgs) -> Result<rayon::ThreadPool, Error> {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(args.jobs.map_or(0, usize::from));
    builder.build().map_err(|error| Error::words(format!("no threads: {error}")))
}

/// Why no more runs were carried out.
pub(crate) const fn end_word(end: End) -> runs::End {
    match end {
        End::Done => runs::End::Done,
        End::Enough => runs::End::Failed,
        End::Time => runs::End::Time,
        End::Cancelled => runs::End::Interrupted,
    }
}

/// Which part of an array job it is.
pub(crate) fn shard(args: &SimulateArgs) -> Option<runs::Shard> {
    args.shard.map(|shard| runs::Shard { number: shard.number, of: shard.of })
}
