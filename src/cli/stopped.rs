//! Why a script cannot be played.

use crate::exit::Error;
use dhcpfo_files::ScenarioFile;
use dhcpfo_world::action::Action;
use dhcpfo_world::play::{Order, Refusal, Stop};

/// Why a script cannot be played, with the line of the file.
pub(crate) fn stopped(file: &ScenarioFile, stop: &Stop) -> Error {
    let line = file.script.get(stop.line);
    let text = match line.map(|line| &line.order) {
        Some(Order::Act(action)) => action.to_string(),
        Some(Order::Wait(length)) => format!("wait {length}"),
        Some(Order::Settle) => "settle".to_owned(),
        _ => line.map(ToString::to_string).unwrap_or_default(),
    };
    let instead: &[Action] = match &stop.refusal {
        Refusal::NotEnabled(actions) | Refusal::NotYet(actions) => actions,
        _ => &[],
    };
    let mut message = format!("{}:", file.path);
    if let Some(line) = file.lines.get(stop.line) {
        message += &format!("{line}:");
    }
    message += &format!(" script: `{text}`: {}", stop.refusal);
    if !instead.is_empty() {
        message += "; these actions are enabled:";
    }
    for action in instead {
        message += &format!("\n  {action}");
    }
    Error::Told(message)
}
