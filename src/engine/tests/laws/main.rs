//! Laws that hold for every input in every state, on random runs: random stable storage, then random stimuli,
//! time that passes, restarts. The clock counts; the rules are a dialect's, or for the first law any mixture.
//!
//! * total: no stimulus panics, whatever address or transaction it names (engine contract)
//! * mirror: the records emitted, replayed over the old stable storage, give the new one
//! * deterministic: the same stimulus in the same state has the same effects
//! * waking twice is waking once
//! * what others see is on stable storage first: leases, answers to updates, updates, STATE (F12-3.1.3-a,
//!   F12-5.2.1-m, F12-7.1.1-g, F12-7.2-b, F12-9.8.3-h, F12-9.2-a, F12-9.2-i)
//! * no potential-expiration-time is acknowledged that was not sent (F12-7.1.5-b, F12-7.1.5-c)
//! * every BNDUPD is answered, once (F12-7.2-a), and the window is kept (F12-8.4-b, F12-7.3.2-f)
//! * without a connection nothing is sent, and before the partner's STATE nothing but STATE (failover-12 §8.3)
//! * a silent server stays silent and remembers nothing (F12-9.2-e, F12-9.3.1-a, F12-9.10.2-a, F12-9.14.2-a)
//! * a secondary is never in CONFLICT-DONE (F12-9.12.1-a)
//! * in NORMAL updates flow, and in COMMUNICATIONS-INTERRUPTED the safe period runs, however it was come by (F12-9.8.1-a,
//!   F12-9.9.1-a; Q46, Q125)
//! * STARTUP ends with a STATE that says so, and not by a command that is refused (F12-9.3.1-b, F12-7.10-b; Q125)
//! * shift: with all times later by the same amount, all effects are later by that amount, and nothing else

mod follow;
mod moved;
mod runs;
#[path = "../support/mod.rs"]
mod support;

use dhcpfo_engine::binding::{Binding, Code, Partner, Status};
use dhcpfo_engine::effect::{Answer, Ask, Command, Effect, Input};
use dhcpfo_engine::endpoint::{Endpoint, Phase, Session};
use dhcpfo_engine::message::{BndAck, Message, StateReport};
use dhcpfo_engine::rules::LeadAfterFree;
use dhcpfo_engine::service::{Service, service};
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::Clock;
use follow::{Step, follow, stored};
use moved::{moved_durable, moved_effect, moved_input, moved_server};
use proptest::prelude::*;
use proptest::test_runner::{Config as Runs, RngSeed, TestCaseError};
use runs::{dialect, mixture, run};
use support::{Counting, N, Server, conversation};

fn cases(cases: u32) -> Runs {
    Runs { cases, rng_seed: RngSeed::Fixed(12), failure_persistence: None, ..Runs::default() }
}

fn mirror(step: &Step<'_>) -> Result<(), TestCaseError> {
    prop_assert_eq!(&stored(step, step.effects.len()), step.after.durable(), "{:?}", step.input);
    Ok(())
}

fn deterministic(step: &Step<'_>) -> Result<(), TestCaseError> {
    if let (Some(mut again), Some(input)) = (step.server_before, step.input) {
        let effects = support::step(&mut again, step.config, &mut { step.clock }, input);
        prop_assert_eq!((effects.as_slice(), &again), (step.effects, &step.after));
    }
    Ok(())
}

fn waking_again(step: &Step<'_>) -> Result<(), TestCaseError> {
    if step.input == Some(Input::Wake) {
        let mut again = step.after;
        let effects = support::step(&mut again, step.config, &mut { step.clock }, Input::Wake);
        prop_assert_eq!((effects, &again), (vec![], &step.after));
        let due = again.is_due(step.config, &step.clock);
        // STARTUP is over where the reading is to wait: reported as None, or not over.
        prop_assert!(!due, "woken, and still due");
    }
    Ok(())
}

/// What the partner and the clients may see of a binding or a state is on stable storage before they do.
fn stored_before_seen(step: &Step<'_>) -> Result<(), TestCaseError> {
    for (n, effect) in step.effects.iter().enumerate() {
        let durable = stored(step, n);
        let binding = |address| durable.table().get(address);
        match *effect {
            Effect::Reply(client, Answer::Ack(address, ends)) => {
                let binding = binding(address);
                prop_assert_eq!(binding.status, Status::Active { client });
                prop_assert!(binding.lease_expiration.raw() >= ends.raw());
            }
            Effect::Send(Message::BndAck(BndAck { address, reject: None, .. })) => {
                let Some(Input::Message(Message::BndUpd(update))) = step.input else { panic!("an answer to what?") };
                let binding = binding(address);
                match update.status {
                    Status::Active { .. } => {
                        prop_assert_eq!(binding.status, update.status);
                        prop_assert!(binding.received_potential_expiration.raw() >= update.potential_expiration.raw());
                        prop_assert!(binding.lease_expiration.raw() >= update.lease_expiration.raw());
                    }
                    Status::Backup { .. } => prop_assert_eq!(binding.status.code(), Code::Backup),
                    Status::Abandoned => prop_assert_eq!(binding.status, Status::Abandoned),
                    // What is being given or reset here stays that while our own word is under way (Q73).
                    _ => prop_assert!(matches!(binding.status.code(), Code::Free | Code::Backup | Code::Reset)),
                }
            }
            Effect::Send(Message::BndUpd(update)) => {
                let binding = binding(update.address);
                prop_assert!(binding.sent_potential_expiration.raw() >= update.potential_expiration.raw());
                prop_assert!(binding.partner != Partner::Unsent, "sent, and marked as never sent (Q8)");
                if let Status::Active { .. } = update.status {
                    // F12-9.8.3-b, F12-9.8.3-c.
                    // An end that rests is told as the lease that it rests for (Q78).
                    let rests = binding.status.code() == Code::Expired && !step.clock.passed(update.lease_expiration);
                    prop_assert!(binding.status == update.status || rests);
                    prop_assert_eq!(
                        (update.status.client(), update.lease_expiration),
                        (binding.status.client(), binding.lease_expiration)
                    );
                    prop_assert!(update.potential_expiration.raw() >= update.lease_expiration.raw());
                }
            }
            Effect::Send(Message::State(StateReport { state: Reported::In(state), .. })) => {
                prop_assert_eq!(durable.endpoint().map(|record| record.state), Some(state));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Each time that is newly acknowledged was sent before. (One that was acknowledged for an earlier lease may outlive that where
/// what a lease may lead is kept, and be later than what was sent since: Q20.)
fn acked_was_sent(step: &Step<'_>) -> Result<(), TestCaseError> {
    let before = step.before.table().bindings();
    for (binding, before) in step.after.durable().table().bindings().iter().zip(before) {
        let grew = binding.acked_potential_expiration.raw() > before.acked_potential_expiration.raw();
        let sent = before.sent_potential_expiration.raw().max(binding.sent_potential_expiration.raw());
        prop_assert!(!grew || binding.acked_potential_expiration.raw() <= sent, "{binding:?}");
        let kept = step.config.rules.lead_after_free == LeadAfterFree::Kept;
        let covered = binding.acked_potential_expiration.raw() <= binding.sent_potential_expiration.raw();
        prop_assert!(kept || covered, "{binding:?}");
    }
    Ok(())
}

fn answered_once_and_within_the_window(step: &Step<'_>) -> Result<(), TestCaseError> {
    let answers = step.effects.iter().filter(|e| matches!(e, Effect::Send(Message::BndAck(_)))).count();
    let (talking, up) = match step.server_before {
        Some(server) => {
            let up = !matches!(server.volatile().phase, Phase::Paused | Phase::Shutdown);
            (matches!(server.volatile().session, Session::Ok(_)), up)
        }
        None => (false, false),
    };
    let asked = matches!(step.input, Some(Input::Message(Message::BndUpd(_)))) && talking && up;
    prop_assert_eq!(answers, usize::from(asked));
    if let Some(talk) = step.after.volatile().session.conversation() {
        let window: Vec<_> = talk.window.iter().flatten().collect();
        prop_assert!(window.len() <= talk.parameters.window(), "F12-8.4-b");
        for (n, one) in window.iter().enumerate() {
            prop_assert!(window[..n].iter().all(|o| o.address != one.address), "two about one address (Q49)");
        }
    }
    Ok(())
}

fn silent_is_silent(step: &Step<'_>) -> Result<(), TestCaseError> {
    let (Some(server), Some(Input::Client(request))) = (step.server_before, step.input) else { return Ok(()) };
    let level = match server.volatile().phase {
        Phase::Running => service(&step.config.rules, server.state(), server.volatile().heard),
        _ => Service::Silent,
    };
    let replies = step.effects.iter().any(|effect| matches!(effect, Effect::Reply(..)));
    let renews = matches!(request.ask, Ask::Renew(_) | Ask::Rebind(_));
    // F12-9.7.1-a.
    prop_assert!(!replies || level > Service::RenewOnly || level == Service::RenewOnly && renews);
    let gives_back = matches!(request.ask, Ask::Decline(_) | Ask::Release(_)) && level > Service::RenewOnly;
    if !replies && !gives_back {
        // F12-9.2-e.
        prop_assert_eq!(&server, &step.after);
        prop_assert!(step.effects.iter().all(|effect| matches!(effect, Effect::Note(_))));
    }
    Ok(())
}

fn sent_on_a_connection(step: &Step<'_>) -> Result<(), TestCaseError> {
    let servers = [step.server_before.unwrap_or(step.after), step.after];
    let connected = servers.iter().any(|server| server.volatile().session != Session::Down);
    let ok = servers.iter().any(|server| server.volatile().session.conversation().is_some());
    for effect in step.effects {
        match effect {
            Effect::Send(Message::State(_)) => prop_assert!(connected, "{:?}: {effect:?}", step.input),
            Effect::Send(_) => prop_assert!(ok, "{:?}: {effect:?}", step.input),
            _ => {}
        }
    }
    Ok(())
}

fn no_secondary_in_conflict_done(step: &Step<'_>) -> Result<(), TestCaseError> {
    prop_assert!(step.config.role == Role::Primary || step.after.state() != State::ConflictDone);
    Ok(())
}

/// Entering a state starts what runs in it; so does resuming it.
fn what_a_state_starts_runs(step: &Step<'_>) -> Result<(), TestCaseError> {
    let volatile = step.after.volatile();
    if volatile.phase != Phase::Running {
        return Ok(());
    }
    if let (State::Normal, Some(talk)) = (step.after.state(), volatile.session.conversation()) {
        prop_assert!(talk.flowing, "in NORMAL, and no update is sent");
        // F12-9.8.1-a: what was refused before is offered again when NORMAL is entered.
        let was = step.server_before.map(|server| (server.volatile().phase, server.state()));
        if was != Some((Phase::Running, State::Normal)) {
            let refused = step.after.durable().table().bindings().iter().any(|b| b.partner == Partner::Rejected);
            prop_assert!(!refused, "NORMAL is entered, and what was refused before is not offered again");
        }
    }
    let interrupted = step.after.state() == State::CommunicationsInterrupted && step.config.safe_period;
    prop_assert!(!interrupted || volatile.safe_period_ends.is_some(), "no safe period");
    Ok(())
}

fn startup_ends_aloud(step: &Step<'_>) -> Result<(), TestCaseError> {
    let Some(before) = step.server_before else { return Ok(()) };
    let starting = |server: &Server| matches!(server.volatile().phase, Phase::Startup { .. });
    let running = step.after.volatile().phase == Phase::Running;
    if !starting(&before) || !running {
        return Ok(());
    }
    let says = |effect: &Effect| matches!(effect, Effect::Send(Message::State(report)) if !report.startup);
    let connected = step.after.volatile().session != Session::Down;
    prop_assert!(!connected || step.effects.iter().any(says), "{:?}: out of STARTUP, and nobody hears it", step.input);
    if step.input == Some(Input::Operator(Command::PartnerDown)) {
        prop_assert_eq!(step.after.state(), State::PartnerDown);
    }
    Ok(())
}

fn shift(step: &Step<'_>) -> Result<(), TestCaseError> {
    const BY: u32 = 777;
    let mut clock = Counting { now: step.clock.now + BY, ..step.clock };
    let mut effects = Vec::new();
    let server = match (step.server_before, step.input) {
        (Some(before), Some(input)) => {
            let mut server = moved_server(before, BY);
            effects = support::step(&mut server, step.config, &mut clock, moved_input(input, BY));
            server
        }
        _ => Endpoint::start(step.config, moved_durable(step.before, BY), &mut clock, &mut |e| effects.push(e)),
    };
    let expected: Vec<_> = step.effects.iter().map(|&effect| moved_effect(effect, BY)).collect();
    prop_assert_eq!((effects, server), (expected, moved_server(step.after, BY)));
    Ok(())
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn any_stimulus_has_an_outcome_under_any_mixture_of_readings(run in run(mixture())) {
        follow(&run, &mut |step| mirror(step).and_then(|()| deterministic(step)))?;
    }

    #[test]
    fn replaying_the_records_gives_stable_storage(run in run(dialect())) {
        follow(&run, &mut mirror)?;
    }

    #[test]
    fn the_same_stimulus_has_the_same_effects(run in run(dialect())) {
        follow(&run, &mut deterministic)?;
    }

    #[test]
    fn waking_twice_is_waking_once(run in run(dialect())) {
        follow(&run, &mut waking_again)?;
    }

    #[test]
    fn what_is_seen_is_stored(run in run(dialect())) {
        follow(&run, &mut stored_before_seen)?;
    }

    #[test]
    fn what_is_acked_was_sent(run in run(dialect())) {
        follow(&run, &mut acked_was_sent)?;
    }

    #[test]
    fn each_update_is_answered_once_and_the_window_is_kept(run in run(dialect())) {
        follow(&run, &mut answered_once_and_within_the_window)?;
    }

    #[test]
    fn a_silent_server_remembers_nothing(run in run(dialect())) {
        follow(&run, &mut silent_is_silent)?;
    }

    #[test]
    fn what_is_sent_has_a_connection(run in run(dialect())) {
        follow(&run, &mut sent_on_a_connection)?;
    }

    #[test]
    fn a_secondary_is_never_in_conflict_done(run in run(dialect())) {
        follow(&run, &mut no_secondary_in_conflict_done)?;
    }

    #[test]
    fn what_entering_a_state_starts_resuming_it_starts_too(run in run(dialect())) {
        follow(&run, &mut what_a_state_starts_runs)?;
    }

    #[test]
    fn startup_is_not_left_in_silence(run in run(dialect())) {
        follow(&run, &mut startup_ends_aloud)?;
    }

    #[test]
    fn later_by_the_same_amount(run in run(dialect())) {
        follow(&run, &mut shift)?;
    }
}

/// That the runs come far enough to mean something: how often each thing is seen in them.
#[test]
fn the_runs_see_everything() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::new(cases(1));
    let (mut states, mut acks, mut acked, mut replies, mut done) = ([0; State::ALL.len()], 0, 0, 0, 0);
    for _ in 0..2000 {
        let run = run(dialect()).new_tree(&mut runner).expect("a run").current();
        follow(&run, &mut |step| {
            states[step.after.state() as usize] += 1;
            acks += step
                .effects
                .iter()
                .filter(|e| matches!(e, Effect::Send(Message::BndAck(a)) if a.reject.is_none()))
                .count();
            replies += step.effects.iter().filter(|e| matches!(e, Effect::Reply(_, Answer::Ack(..)))).count();
            done += step.effects.iter().filter(|e| matches!(e, Effect::Send(Message::UpdDone))).count();
            let acked_until = |binding: &Binding| binding.acked_potential_expiration.raw();
            let grew = |(new, old): (&Binding, &Binding)| acked_until(new) > acked_until(old);
            acked += step
                .after
                .durable()
                .table()
                .bindings()
                .iter()
                .zip(step.before.table().bindings())
                .filter(|&p| grew(p))
                .count();
            Ok(())
        })
        .expect("no law");
    }
    assert!(states.iter().all(|&n| n > 100), "{states:?} in the order of State::ALL");
    assert!([acks, acked, replies, done].iter().all(|&n| n > 50), "{acks} {acked} {replies} {done}");
    let talk = conversation(Reported::In(State::Normal));
    assert_eq!(talk.window.len(), N);
}
