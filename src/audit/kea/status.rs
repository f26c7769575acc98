//! Answers to `status-get`: in which state a server was when it was asked, and what it knew of its partner.

use serde_json::Value;

use crate::event::Place;

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) place: Place,
    /// primary, secondary, standby
    pub(crate) role: String,
    pub(crate) state: String,
    /// Whose clients it serves: names of servers.
    pub(crate) scopes: Vec<String>,
}

/// Whether text is an answer to `status-get` of a server with high availability.
pub(crate) fn is_status(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
        && text.contains("\"high-availability\"")
        && text.contains("\"ha-servers\"")
}

/// The answers in a file: one, or one a line.
///
/// Returns them, and what could not be read with its line.
pub(crate) fn read(file: usize, text: &str) -> (Vec<Status>, Vec<(u64, String)>) {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    let mut take = |line: u64, text: &str| match serde_json::from_str::<Value>(text) {
        Ok(value) => match of(&value, Place { file, packet: line }) {
            Some(status) => found.push(status),
            None => problems.push((
                line,
                "no ha-servers with a local role and state: an answer to status-get would be accepted".to_owned(),
            )),
        },
        Err(error) => problems.push((line, format!("is no JSON: {error}"))),
    };
    if serde_json::from_str::<Value>(text).is_ok() {
        take(1, text);
    } else {
        (1..)
            .zip(text.lines())
            .filter(|(_, line)| !line.trim().is_empty())
            .for_each(|(number, line)| take(number, line));
    }
    (found, problems)
}

fn of(value: &Value, place: Place) -> Option<Status> {
    let value = if value.is_array() { value.get(0)? } else { value };
    let local = &value["arguments"]["high-availability"][0]["ha-servers"]["local"];
    let scopes = local["scopes"].as_array().into_iter().flatten();
    Some(Status {
        place,
        role: local["role"].as_str()?.to_owned(),
        state: local["state"].as_str()?.to_owned(),
        scopes: scopes.filter_map(|scope| scope.as_str().map(str::to_owned)).collect(),
    })
}
