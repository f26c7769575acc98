//! Which rules stand behind what a server did: name, section, and the questions whose readings are in force there.

use dhcpfo_engine::durable::Record;
use dhcpfo_engine::effect::{Answer, Effect, Note};
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_time::{Clock as _, Standing};
use dhcpfo_world::action::What;
use dhcpfo_world::play::Step;

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cite {
    /// Who obeyed it.
    pub role: Role,
    /// What it is called here.
    pub name: &'static str,
    /// Where it stands.
    pub section: &'static str,
    /// The questions about it, as keys of `[rules]`.
    pub keys: &'static [&'static str],
}

/// The rules behind a step, each once, in the order of what was done.
pub fn cites(step: &Step) -> Vec<Cite> {
    let mut all: Vec<Cite> = Vec::new();
    let mut add = |role: Role, (name, section, keys): Rule| {
        let cite = Cite { role, name, section, keys };
        if !all.contains(&cite) {
            all.push(cite);
        }
    };
    if let Some((role, message)) = step.received {
        read(&message).into_iter().for_each(|rule| add(role, rule));
    }
    if let What::Restart(role) | What::RestartChanged(role) = step.action.what {
        add(role, ("what a server does in STARTUP", "§9.3.2", &["startup-over", "startup-flag"]));
    }
    if matches!(step.action.what, What::Wake(_)) {
        let changes = step.effects.iter().find(|(_, effect)| matches!(effect, Effect::Persist(Record::Binding(..))));
        changes.into_iter().for_each(|(role, _)| {
            add(*role, ("which server lets leases expire", "§5.11", &["expiry", "abandoned-ends"]))
        });
    }
    for (role, effect) in &step.effects {
        let before = step.before.system.server(*role).durable().endpoint().map(|record| record.state);
        did(step, before, effect).into_iter().for_each(|rule| add(*role, rule));
    }
    all
}

type Rule = (&'static str, &'static str, &'static [&'static str]);

fn read(message: &Message) -> Vec<Rule> {
    match message {
        Message::BndUpd(_) => vec![
            (
                "which updates are accepted",
                "figure 7.1.3-1",
                &[
                    "acceptance",
                    "free-over-active",
                    "foreign-active",
                    "transaction-time",
                    "crossing",
                    "free-over-unanswered",
                    "reset-over-active",
                    "older-over-reset",
                ],
            ),
            (
                "the latest received potential-expiration-time is kept",
                "§7.1.5",
                &["received-potential", "recorded-end"],
            ),
            ("an update is on stable storage before it is acknowledged", "§7.2", &["commit"]),
        ],
        Message::BndAck(ack) if ack.reject.is_some() => vec![("after a rejected update", "§7.2.2", &["after-reject"])],
        Message::BndAck(_) => vec![
            ("what an acknowledgement settles", "§7.2", &["ack-match", "old-acks"]),
            ("when an address is available again", "§5.11", &["free-on", "lead-after-free"]),
            ("when an address changes hands", "§5.4", &["hand-over", "reclaim"]),
        ],
        Message::State(_) => vec![(
            "what the partner's state leads to",
            "§9.2",
            &["transitions", "partner-state", "startup-flag", "mute"],
        )],
        Message::UpdReq | Message::UpdReqAll => vec![("what an update request brings", "§7.3, §7.4", &["update-done"])],
        Message::UpdDone => {
            vec![("what the end of the updates settles", "§7.5", &["late-update-done", "conflict-end", "recover-wait"])]
        }
        Message::PoolReq | Message::PoolResp(_) => {
            vec![("how addresses are shared out", "§5.4, §7.6", &["hand-over", "secondary-returns"])]
        }
    }
}

fn did(step: &Step, before: Option<State>, effect: &Effect) -> Vec<Rule> {
    match effect {
        Effect::Reply(_, Answer::Ack(..)) => granted(before),
        Effect::Reply(..) => {
            vec![("which clients a server answers", "§9.2, figure 9.2-1", &["silence", "mute", "bucket-use"])]
        }
        Effect::Note(Note::Silent) => {
            vec![("in which states clients are answered", "figure 9.2-1", &["silence", "mute"])]
        }
        Effect::Note(Note::NotMine) => vec![("which clients are whose", "§5.3", &["bucket-use"])],
        Effect::Note(Note::NothingAvailable | Note::NotAllowed) => vec![
            ("which addresses a server may give", "§5.4", &["hand-over", "reclaim", "renew-unknown"]),
            ("how long an address rests in PARTNER-DOWN", "§9.4.2", &["partner-down-wait", "reported-in-partner-down"]),
        ],
        Effect::Note(Note::Ignored | Note::Alarm) | Effect::Close => Vec::new(),
        Effect::Send(Message::BndUpd(_)) => vec![
            ("how far ahead the potential-expiration-time lies", "§5.2.1, §9.8.3", &["potential-sent"]),
            ("that an update was sent is remembered", "§7.1", &["sent-mark", "window"]),
        ],
        Effect::Send(Message::UpdDone) => vec![("when the updates are done", "§7.5", &["update-done"])],
        Effect::Send(Message::UpdReq | Message::UpdReqAll) => {
            vec![("what is asked for after a failure", "§9.5.2", &["recover-request"])]
        }
        Effect::Send(_) => Vec::new(),
        Effect::Persist(Record::Endpoint(record)) if before != Some(record.state) => entered(record.state),
        Effect::Persist(Record::Binding(_, binding)) if !Standing(step.before.now).passed(binding.wait_ends) => {
            vec![("how long an address rests in PARTNER-DOWN", "§9.4.2", &["partner-down-wait"])]
        }
        Effect::Persist(_) => Vec::new(),
    }
}

fn granted(state: Option<State>) -> Vec<Rule> {
    let mut rules: Vec<Rule> = vec![(
        "a lease leads by MCLT at most what the partner is known to expect",
        "§5.2.1, §7.1.5",
        &["lead-base", "maximum-lead", "recorded-end", "rewind"],
    )];
    match state {
        Some(State::PartnerDown) => rules.push((
            "what a server in PARTNER-DOWN may give",
            "§9.4.2",
            &["partner-down-wait", "partner-down-lease", "reported-in-partner-down"],
        )),
        Some(State::RecoverDone) => {
            rules.push(("how far RECOVER-DONE extends a lease", "§9.7.1", &["recover-done-lead"]));
        }
        _ => {}
    }
    rules
}

fn entered(state: State) -> Vec<Rule> {
    vec![match state {
        State::Normal => ("entering NORMAL", "§9.8", &["transitions", "normal-after-recovery"]),
        State::CommunicationsInterrupted => ("entering COMMUNICATIONS-INTERRUPTED", "§9.9", &["transitions"]),
        State::PartnerDown => {
            ("entering PARTNER-DOWN, and what rests then", "§9.4", &["transitions", "partner-down-wait"])
        }
        State::PotentialConflict => ("entering POTENTIAL-CONFLICT", "§9.10", &["transitions", "foreign-active"]),
        State::ResolutionInterrupted => ("entering RESOLUTION-INTERRUPTED", "§9.11", &["transitions"]),
        State::ConflictDone => {
            ("entering CONFLICT-DONE", "§9.12", &["transitions", "late-update-done", "conflict-end"])
        }
        State::Recover => ("entering RECOVER", "§9.5", &["transitions", "recover-request"]),
        State::RecoverWait => ("entering RECOVER-WAIT", "§9.6", &["recover-wait"]),
        State::RecoverDone => ("entering RECOVER-DONE", "§9.7", &["transitions", "recover-done-lead"]),
    }]
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_key_is_a_question() {
        let known: Vec<&str> = dhcpfo_engine::rules::Rules::DRAFT_12.words().map(|(key, _)| key).collect();
        let source = include_str!("cite.rs");
        let lists = source.split("&[").skip(1).filter_map(|rest| rest.split(']').next());
        let keys = lists
            .flat_map(|list| list.split(','))
            .map(|key| key.trim().trim_matches('"'))
            .filter(|key| !key.is_empty() && key.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'));
        let mut count = 0;
        for key in keys {
            assert!(known.contains(&key), "`{key}` is no question");
            count += 1;
        }
        assert!(count > 40, "{count} keys found");
    }
}
