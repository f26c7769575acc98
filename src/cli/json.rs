//! `dhcpfo check --json`: one document, [`dhcpfo_documents::verdicts`].

use crate::checked::Checked;
use crate::exit::Exit;
use crate::verdict::{Verdict, is_refuted, without_occasion, words};
use dhcpfo_check::seen;
use dhcpfo_documents::TOOL;
use dhcpfo_documents::verdicts::{
    ClaimVerdict, Covering, Difference, Effort, FORMAT, Fate, ModelVerdict, Outcome, Round, SEEN_VERSION, Seen, Step,
    Verdicts, Witness,
};
use dhcpfo_study::answer::{Counted, Counterexample, Times};
use dhcpfo_world::play::Length;
use std::collections::BTreeMap;

/// The document, of which it is not known yet how the command ends.
pub(crate) fn document(checked: &[Checked<'_>], no_times: bool) -> Verdicts {
    let models = checked.iter().map(|one| model(one, no_times)).collect();
    Verdicts { version: FORMAT.version, tool: TOOL.to_owned(), exit: 0, models, baseline: None }
}

/// The document with how the command ends, and what is not as in a baseline (None: there is none).
pub(crate) fn finished(mut document: Verdicts, exit: Exit, differences: Option<&[Difference]>) -> String {
    document.exit = exit as u8;
    document.baseline = differences.map(<[Difference]>::to_vec);
    dhcpfo_documents::pretty(&document)
}

fn model(one: &Checked<'_>, no_times: bool) -> ModelVerdict {
    let Checked { subject, clock, answer, seen: came_up, judged, .. } = one;
    let head = &subject.head;
    // Behind a violation nothing is searched, so the other claims hold only where there is none.
    let ended = judged.verdict == Verdict::Holds;
    let vacuous = without_occasion(answer);
    let unrefuted = |number| match ended {
        true if vacuous.contains(&number) => Fate::NoOccasion,
        true => Fate::Holds,
        false => Fate::Open,
    };
    let claims = (0..).zip(head.claims.iter().zip(&answer.claims));
    let witnesses = head.witnesses.iter().zip(&answer.witnesses);
    let witness = |(witness, length): (&&dhcpfo_claims::Entry, &Option<u32>)| Witness {
        name: witness.name.to_owned(),
        length: *length,
    };
    ModelVerdict {
        path: head.path.clone(),
        title: head.title.clone(),
        class: head.class.word().to_owned(),
        clock: clock.word().to_owned(),
        verdict: outcome(judged.verdict),
        cut_off: judged.verdict.why().map(str::to_owned),
        as_expected: one.is_expected(),
        unexpected: judged.unexpected.clone(),
        fair: head.fair.iter().map(words).collect(),
        claims: claims.map(|(n, (words, found))| claim(words.name, found.as_ref(), unrefuted(n))).collect(),
        witnesses: witnesses.map(witness).collect(),
        unique: answer.unique,
        edges: answer.edges,
        depth: answer.depth,
        omission_odds: answer.omission_odds,
        covering: answer.covering.map(|Counted { discrete, kept, covered, joined }| Covering {
            discrete,
            kept,
            covered,
            joined,
        }),
        seen: came_up.as_ref().map(seen),
        effort: (!no_times).then(|| effort(one)),
    }
}

fn outcome(verdict: Verdict) -> Outcome {
    match verdict {
        Verdict::Holds => Outcome::Holds,
        Verdict::Refuted => Outcome::Refuted,
        Verdict::CutOff(_) => Outcome::CutOff,
    }
}

fn effort(Checked { answer, threads, .. }: &Checked<'_>) -> Effort {
    let seconds = answer.elapsed.as_secs_f64();
    Effort {
        peak_bytes: answer.peak_bytes as u64,
        bytes_per_state: answer.peak_beyond_frontier as f64 / answer.unique.max(1) as f64,
        seconds,
        rate: answer.unique as f64 / seconds.max(1e-9),
        threads: *threads as u64,
        ns_per_successor: (answer.edges > 0).then(|| 1e9 * seconds / answer.edges as f64),
    }
}

/// What came up, in few lines: pairs under their first member.
fn seen(seen: &seen::Seen) -> Seen {
    let actions = seen.actions.iter().map(|action| action.split_once(' ').unwrap_or((action, "")));
    let states = seen.states.iter().map(|((primary, secondary), count)| (*primary, format!("{secondary} {count}")));
    let bindings = seen.bindings.iter().map(|(primary, secondary)| (*primary, (*secondary).to_owned()));
    Seen {
        version: SEEN_VERSION,
        actions: under_first(actions.map(|(first, rest)| (first, rest.to_owned()))),
        states: under_first(states),
        bindings: under_first(bindings),
    }
}

fn under_first<'a>(pairs: impl Iterator<Item = (&'a str, String)>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::<&str, Vec<String>>::new();
    pairs.for_each(|(first, second)| all.entry(first).or_default().push(second));
    all.into_iter().map(|(first, list)| (first.to_owned(), list.join("; "))).collect()
}

fn claim(name: &str, found: Option<&Counterexample>, unrefuted: Fate) -> ClaimVerdict {
    let name = name.to_owned();
    let Some(found) = found else {
        return ClaimVerdict {
            name,
            verdict: unrefuted,
            length: None,
            path: None,
            end: None,
            reason: None,
            round: None,
        };
    };
    let reason = match &found.times {
        Times::Unrealisable(reason) => Some(reason.to_string()),
        _ => None,
    };
    let end = match &found.times {
        Times::Realised { end, .. } => when(*end),
        _ => None,
    };
    let verdict = if is_refuted(found) { Fate::Refuted } else { Fate::Unrealisable };
    let path = Some(path(&found.times, &found.path));
    let round = found.round.map(|round| Round { begins: round.begins, actions: round.actions });
    ClaimVerdict { name, verdict, length: Some(found.length), path, end, reason, round }
}

/// The actions of a path, at their times where these are known.
fn path(times: &Times, path: &[String]) -> Vec<Step> {
    match times {
        Times::Realised { actions, .. } => {
            actions.iter().map(|(at, action)| Step { at: when(*at), action: action.clone() }).collect()
        }
        _ => path.iter().map(|action| Step { at: None, action: action.clone() }).collect(),
    }
}

fn when(seconds: f64) -> Option<String> {
    Length::nearest(seconds).map(|length| length.to_string())
}
