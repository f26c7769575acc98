//! `dhcpfo check --json`: one document.
//!
//! ```json
//! {
//!   "version": 1,                     // of this schema; new keys may come without a new version
//!   "tool": "dhcpfo 0.2.0",
//!   "exit": 0,                        // the exit code
//!   "models": [{
//!     "path": "models/one-address.toml",
//!     "title": "…", "class": "smoke",
//!     "clock": "timeout-order",       // the one that was used
//!     "verdict": "refuted",           // holds, refuted, cut-off
//!     "cut-off": null,                // depth, states, memory, seconds, room, cancelled, unrealisable
//!     "as-expected": true,
//!     "unexpected": [],               // in what it differs from [expect], in words
//!     "claims": [{
//!       "name": "no-duplicate-address",
//!       "verdict": "refuted",         // holds; refuted; open: not refuted, by a search that did not see everything;
//!                                     // no-occasion: what it speaks of never came up, so that it holds for nothing;
//!                                     // unrealisable: a path, but none that real times allow
//!       "length": 8,                  // protocol actions; null unless there is a path
//!       "path": [{"at": "1h", "action": "link down"}],  // `at` null where no times are known: then ticks stand there
//!       "end": "3d",                  // when it is violated, null where no times are known
//!       "reason": null                // why no real times allow the path
//!     }],
//!     "witnesses": [{"name": "lease-given", "length": 1}],   // null: not reached
//!     "unique": 123, "edges": 456,    // states, and successors generated
//!     "depth": 9,
//!     "omission-odds": 1e-12,         // expected number of states taken for another one, at most
//!     "seen": {                       // what came up; null of a search without time
//!       "version": 1,
//!       "actions": {"deliver": "primary BNDUPD; secondary STATE"},  // kinds of action, under their first word
//!       "states": {"NORMAL": "NORMAL 120; off 7"},    // states of the primary: of the secondary, with unique states
//!       "bindings": {"ACTIVE": "ACTIVE; FREE"}        // what the primary had of an address: what the secondary had
//!     },
//!                                     // what follows is left out by --no-times
//!     "peak-bytes": 1000000,          // of the search's own tables, queues and buffers
//!     "bytes-per-state": 39.1,        // of them at the peak, without the states that wait, over all unique states
//!     "seconds": 0.1, "rate": 1230.0, // unique states per second
//!     "threads": 2,                   // that searched
//!     "ns-per-successor": 219.3       // seconds over edges: wall time, of all threads together; null without edges
//!   }],
//!   "baseline": [                     // only with --baseline: what is not as it was
//!     {"path": "models/reboots.toml", "what": "states", "text": "531, was 530"}
//!   ]
//! }
//! ```

use crate::checked::Checked;
use crate::exit::Exit;
use crate::verdict::{Verdict, is_refuted, without_occasion};
use dhcpfo_check::seen::Seen;
use dhcpfo_report::baseline::Difference;
use dhcpfo_study::answer::{Counterexample, Times};
use dhcpfo_world::play::Length;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The version of the schema.
const VERSION: u32 = 1;

/// The document, whose `exit` and `baseline` are not known yet.
pub(crate) fn document(checked: &[Checked<'_>], no_times: bool) -> Value {
    let models: Vec<Value> = checked.iter().map(|one| model(one, no_times)).collect();
    json!({
        "version": VERSION,
        "tool": concat!("dhcpfo ", env!("CARGO_PKG_VERSION")),
        "exit": null,
        "models": models,
    })
}

/// The document with how the command ends, and what is not as in a baseline (None: there is none).
pub(crate) fn finished(mut document: Value, exit: Exit, differences: Option<&[Difference]>) -> String {
    document["exit"] = json!(exit as u8);
    if let Some(differences) = differences {
        let one = |d: &Difference| json!({ "path": d.path, "what": d.what, "text": d.text });
        document["baseline"] = differences.iter().map(one).collect();
    }
    format!("{document:#}")
}

fn model(one: &Checked<'_>, no_times: bool) -> Value {
    let Checked { subject, clock, answer, seen: came_up, judged, threads } = one;
    let head = &subject.head;
    // Behind a violation nothing is searched, so the other claims hold only where there is none.
    let ended = judged.verdict == Verdict::Holds;
    let claims = head.claims.iter().zip(&answer.claims);
    let vacuous = without_occasion(answer);
    let unrefuted = |number| match ended {
        true if vacuous.contains(&number) => "no-occasion",
        true => "holds",
        false => "open",
    };
    let claims = (0..).zip(claims);
    let claims: Vec<Value> =
        claims.map(|(number, (claim, found))| self::claim(claim.name, found.as_ref(), unrefuted(number))).collect();
    let witnesses = head.witnesses.iter().zip(&answer.witnesses);
    let witnesses: Vec<Value> =
        witnesses.map(|(witness, length)| json!({ "name": witness.name, "length": length })).collect();
    let mut value = json!({
        "path": head.path,
        "title": head.title,
        "class": head.class.word(),
        "clock": clock.word(),
        "verdict": judged.verdict.word(),
        "cut-off": judged.verdict.why(),
        "as-expected": one.is_expected(),
        "unexpected": judged.unexpected,
        "claims": claims,
        "witnesses": witnesses,
        "unique": answer.unique,
        "edges": answer.edges,
        "depth": answer.depth,
        "omission-odds": answer.omission_odds,
        "seen": came_up.as_ref().map(seen),
    });
    if !no_times {
        let seconds = answer.elapsed.as_secs_f64();
        value["peak-bytes"] = json!(answer.peak_bytes);
        value["bytes-per-state"] = json!(answer.peak_beyond_frontier as f64 / answer.unique.max(1) as f64);
        value["seconds"] = json!(seconds);
        value["rate"] = json!(answer.unique as f64 / seconds.max(1e-9));
        value["threads"] = json!(threads);
        value["ns-per-successor"] = json!((answer.edges > 0).then(|| 1e9 * seconds / answer.edges as f64));
    }
    value
}

/// What came up, in few lines: pairs under their first member.
fn seen(seen: &Seen) -> Value {
    let actions = seen.actions.iter().map(|action| action.split_once(' ').unwrap_or((action, "")));
    let states = seen.states.iter().map(|((primary, secondary), count)| (*primary, format!("{secondary} {count}")));
    let bindings = seen.bindings.iter().map(|(primary, secondary)| (*primary, (*secondary).to_owned()));
    json!({
        "version": 1,
        "actions": under_first(actions.map(|(first, rest)| (first, rest.to_owned()))),
        "states": under_first(states),
        "bindings": under_first(bindings),
    })
}

fn under_first<'a>(pairs: impl Iterator<Item = (&'a str, String)>) -> BTreeMap<&'a str, String> {
    let mut all = BTreeMap::<&str, Vec<String>>::new();
    pairs.for_each(|(first, second)| all.entry(first).or_default().push(second));
    all.into_iter().map(|(first, list)| (first, list.join("; "))).collect()
}

fn claim(name: &str, found: Option<&Counterexample>, verdict: &str) -> Value {
    let Some(found) = found else {
        return json!({
            "name": name, "verdict": verdict, "length": null, "path": null, "end": null, "reason": null,
        });
    };
    let text = |seconds: f64| Length::nearest(seconds).map(|length| length.to_string());
    let (path, end): (Vec<Value>, Option<String>) = match &found.times {
        Times::Realised { actions, end } => {
            let step = |(at, action): &(f64, String)| json!({ "at": text(*at), "action": action });
            (actions.iter().map(step).collect(), text(*end))
        }
        _ => (found.path.iter().map(|action| json!({ "at": null, "action": action })).collect(), None),
    };
    let reason = match &found.times {
        Times::Unrealisable(reason) => Some(reason),
        _ => None,
    };
    let verdict = if is_refuted(found) { "refuted" } else { "unrealisable" };
    json!({
        "name": name, "verdict": verdict, "length": found.length, "path": path, "end": end, "reason": reason,
    })
}
