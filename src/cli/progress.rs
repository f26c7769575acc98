//! How far a search has come, on standard error and only on a terminal; and its end by Ctrl-C.

use crate::output::grouped;
use dhcpfo_search::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicBool, Ordering};

/// Set when somebody has pressed Ctrl-C.
static CANCELLED: AtomicBool = AtomicBool::new(false);

/// From here on Ctrl-C ends the search at hand and lets what was covered be printed; a second one ends at once.
pub(crate) fn listen_for_ctrl_c() -> &'static AtomicBool {
    // Only one handler can be set; a second attempt would change nothing.
    let _ = ctrlc::set_handler(|| {
        if CANCELLED.swap(true, Ordering::Relaxed) {
            std::process::exit(crate::exit::Exit::CutOff as i32);
        }
    });
    &CANCELLED
}

/// Whether somebody has pressed Ctrl-C.
pub(crate) fn is_cancelled() -> bool {
    CANCELLED.load(Ordering::Relaxed)
}

/// The line that shows how far a search has come.
pub(crate) struct Meter(ProgressBar);

impl Meter {
    /// A line for a model; hidden where standard error is no terminal.
    pub(crate) fn new(name: &str) -> Meter {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}  {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(name.to_owned());
        Meter(bar)
    }

    /// Shows this.
    pub(crate) fn say(&self, text: String) {
        self.0.set_message(text);
        self.0.tick();
    }

    /// Shows it.
    pub(crate) fn show(&self, progress: &Progress) {
        let &Progress { unique, waiting, depth, rate, bytes, .. } = progress;
        let (unique, waiting, rate) = (grouped(unique), grouped(waiting), grouped(rate.max(0.0) as u64));
        let mib = bytes >> 20;
        self.say(format!("depth {depth}, {unique} states, {rate}/s, {waiting} waiting, {mib} MiB"));
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
