//! What the core writes into its trace as it goes.

use super::Core;
use crate::trace::named;
use dhcpfo_engine::effect::{Effect, Input};

impl Core {
    /// What came of the start.
    pub(super) fn trace_start(&mut self, out: &[Effect]) {
        let at = self.clock.now;
        if let Some(trace) = &mut self.outside.trace {
            trace.start(at, out);
        }
    }

    /// One step. That time passed, and neither effects nor `changed` memory came of it, is not written.
    pub(super) fn trace_step(&mut self, input: &Input, out: &[Effect], changed: bool) {
        if self.outside.trace.is_none() || *input == Input::Wake && out.is_empty() && !changed {
            return;
        }
        let who = named(input).map(|client| self.who(client));
        if let Some(trace) = &mut self.outside.trace {
            trace.input((self.clock.now, self.clock.lease), input, who, out);
        }
    }

    /// Lengths of time or buckets are others from here on.
    pub(super) fn trace_lengths(&mut self) {
        if let Some(trace) = &mut self.outside.trace {
            trace.lengths(&self.clock, &self.config.buckets);
        }
    }
}
