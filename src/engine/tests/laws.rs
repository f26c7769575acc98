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
//! * shift: with all times later by the same amount, all effects are later by that amount, and nothing else

mod support;

use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Code, Partner, Status};
use dhcpfo_engine::config::{Config, Pool, Slack};
use dhcpfo_engine::durable::{Durable, EndpointRecord, Record};
use dhcpfo_engine::effect::{Answer, Ask, Command, Effect, Input, Parameters, Request};
use dhcpfo_engine::endpoint::{Endpoint, Phase, Session};
use dhcpfo_engine::message::{BndAck, BndUpd, Message, RejectReason, StateReport, Transaction};
use dhcpfo_engine::rules::{Rules, UnknownReading};
use dhcpfo_engine::service::{Service, service};
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_engine::table::{Inline, LeaseTable};
use dhcpfo_engine::time::{Clock, Time, Times};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config as Runs, RngSeed, TestCaseError};
use support::{Counting, N, Server, Table, conversation, step};

/// Addresses that exist; stimuli name some more.
const ADDRESSES: usize = 3;
/// The raw times below are counted from here.
const ORIGIN: u32 = 1000;
/// When a run begins, counted from [`ORIGIN`].
const BEGIN: u32 = 60;

fn runs(cases: u32) -> Runs {
    Runs { cases, rng_seed: RngSeed::Fixed(12), failure_persistence: None, ..Runs::default() }
}

// ---- what may come ------------------------------------------------------------------------------------------

/// One step of a run. Times are raw: 0 stays [`Time::LONG_AGO`], all others count from [`ORIGIN`].
#[derive(Clone, Copy, Debug)]
enum Op {
    Stimulus(Input),
    /// An answer to the n-th outstanding BNDUPD.
    Answer(usize, Option<RejectReason>),
    Pass(u32),
    /// A new connection, and the partner's first word on it.
    Meet(Reported),
    Restart,
}

fn time() -> impl Strategy<Value = Time> {
    prop_oneof![1 => Just(Time::LONG_AGO), 4 => (1..140u32).prop_map(Time::from_raw)]
}

fn role() -> impl Strategy<Value = Role> {
    select(Role::ALL.as_slice())
}

fn client() -> impl Strategy<Value = ClientId> {
    (0..3u32).prop_map(ClientId)
}

fn address() -> impl Strategy<Value = AddressId> {
    prop_oneof![12 => (0..ADDRESSES as u32).prop_map(AddressId), 1 => select(vec![AddressId(3), AddressId(4), AddressId(u32::MAX)])]
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![
        proptest::option::of(client()).prop_map(|last| Status::Free { last }),
        proptest::option::of(client()).prop_map(|last| Status::Backup { last }),
        client().prop_map(|client| Status::Active { client }),
        client().prop_map(|client| Status::Active { client }),
        client().prop_map(|client| Status::Expired { client }),
        client().prop_map(|client| Status::Released { client }),
        Just(Status::Abandoned),
        Just(Status::Reset),
    ]
}

fn reported() -> impl Strategy<Value = Reported> {
    select(support::reports())
}

/// What a partner mostly says: it lets both come to NORMAL.
fn likely() -> impl Strategy<Value = Reported> {
    prop_oneof![3 => Just(Reported::In(State::CommunicationsInterrupted)), 1 => reported()]
}

fn reason() -> impl Strategy<Value = RejectReason> {
    select(vec![RejectReason::FatalConflict, RejectReason::Outdated, RejectReason::LessCritical])
}

fn transaction() -> impl Strategy<Value = Transaction> {
    prop_oneof![6 => (0..N as u8).prop_map(Transaction), 1 => any::<u8>().prop_map(Transaction)]
}

fn message() -> impl Strategy<Value = Message> {
    let update = (transaction(), address(), status(), any::<bool>(), time(), time(), time(), time()).prop_map(
        |(transaction, address, status, reserved, ends, potential, heard, since)| {
            Message::BndUpd(BndUpd {
                transaction,
                address,
                status,
                reserved,
                lease_expiration: ends,
                potential_expiration: potential,
                client_last_transaction: heard,
                start_of_status: since,
            })
        },
    );
    let ack = (transaction(), address(), proptest::option::of(reason()))
        .prop_map(|(transaction, address, reject)| Message::BndAck(BndAck { transaction, address, reject }));
    let state = (reported(), proptest::bool::weighted(0.2), time())
        .prop_map(|(state, startup, since)| Message::State(StateReport { state, startup, since }));
    prop_oneof![
        8 => update,
        1 => ack,
        2 => state,
        1 => Just(Message::UpdReq),
        1 => Just(Message::UpdReqAll),
        2 => Just(Message::UpdDone),
        1 => Just(Message::PoolReq),
        1 => any::<u32>().prop_map(Message::PoolResp),
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        3 => Just(Ask::Discover),
        3 => address().prop_map(Ask::Select),
        1 => address().prop_map(Ask::Reboot),
        3 => address().prop_map(Ask::Renew),
        1 => address().prop_map(Ask::Rebind),
        1 => address().prop_map(Ask::Decline),
        2 => address().prop_map(Ask::Release),
        1 => Just(Ask::Inform),
    ]
}

fn input() -> impl Strategy<Value = Input> {
    let request =
        (client(), ask(), select(vec![0u8, 127, 128, 255]), any::<bool>()).prop_map(|(client, ask, bucket, waited)| {
            Input::Client(Request { waited, ..Request::new(client, ask, bucket) })
        });
    let command = prop_oneof![
        6 => Just(Command::PartnerDown),
        1 => Just(Command::Pause),
        1 => Just(Command::Shutdown),
        2 => address().prop_map(Command::Reset),
        2 => Just(Command::Rebalance),
    ];
    prop_oneof![
        1 => (0..6u8).prop_map(|max_unacked| Input::Connected(Parameters { max_unacked })),
        1 => Just(Input::Disconnected),
        14 => message().prop_map(Input::Message),
        8 => request,
        1 => command.prop_map(Input::Operator),
        4 => Just(Input::Wake),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        20 => input().prop_map(Op::Stimulus),
        2 => likely().prop_map(Op::Meet),
        6 => (0..N, proptest::option::weighted(0.25, reason())).prop_map(|(n, reject)| Op::Answer(n, reject)),
        4 => (1..25u32).prop_map(Op::Pass),
        1 => Just(Op::Restart),
    ]
}

fn binding() -> impl Strategy<Value = Binding> {
    let marks = select(vec![Partner::UpToDate, Partner::Unsent, Partner::Sent, Partner::Rejected]);
    (status(), marks, any::<bool>(), [time(), time(), time(), time(), time(), time(), time()]).prop_map(
        |(status, partner, reclaiming, [ends, sent, acked, received, heard, since, rests])| Binding {
            status,
            partner,
            reclaiming: reclaiming && matches!(status, Status::Backup { .. }),
            lease_expiration: ends,
            sent_potential_expiration: sent,
            acked_potential_expiration: acked.earlier(sent),
            received_potential_expiration: received,
            client_last_transaction: heard,
            start_of_status: since,
            wait_ends: rests,
        },
    )
}

fn record() -> impl Strategy<Value = Option<EndpointRecord>> {
    let some = (select(State::ALL.as_slice()), any::<bool>(), any::<bool>(), [time(), time(), time(), time()])
        .prop_map(|(state, lost, owes_all, [since, operated, recover, rest])| EndpointRecord {
            state,
            since,
            lost,
            owes_all,
            last_operational: operated,
            recover_wait_ends: recover,
            partner_down_wait_ends: rest,
        });
    proptest::option::weighted(0.9, some)
}

fn dialect() -> impl Strategy<Value = Rules> {
    select(Rules::DIALECTS.iter().map(|(_, rules)| *rules).collect::<Vec<_>>())
}

/// Any reading of any question, on top of a dialect: mutants and what nobody would think of.
fn mixture() -> impl Strategy<Value = Rules> {
    let keys = Rules::DRAFT_12.words().count();
    (dialect(), proptest::collection::vec(any::<proptest::sample::Index>(), keys), 0..keys).prop_map(
        |(base, picks, kept)| {
            let mut rules = base;
            for (n, ((key, _), pick)) in base.words().zip(picks).enumerate() {
                let Err(UnknownReading::Word(words)) = rules.set(key, "no such word") else {
                    panic!("{key} has words")
                };
                if n % (kept + 1) == 0 {
                    rules.set(key, words[pick.index(words.len())]).expect("one of its words");
                }
            }
            rules
        },
    )
}

/// A run: who, on what, and what comes.
#[derive(Clone)]
struct Run {
    config: Config,
    found: Durable<Table>,
    ops: Vec<Op>,
}

/// One line for each thing, however it is asked for: a run that fails is to be read.
impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{:?}\n{:?}", self.config, self.found.endpoint())?;
        self.found.table().bindings()[..ADDRESSES].iter().try_for_each(|binding| writeln!(f, "{binding:?}"))?;
        self.ops.iter().try_for_each(|op| writeln!(f, "{op:?}"))
    }
}

fn run(rules: impl Strategy<Value = Rules>) -> impl Strategy<Value = Run> {
    let bindings = proptest::collection::vec(binding(), ADDRESSES);
    let reserved = proptest::option::weighted(0.2, client());
    let pool = (select(vec![0u8, 50, 100]), proptest::option::of(0..2u32), any::<[bool; 2]>()).prop_map(
        |(secondary_share, slack, [ask, cover])| Pool {
            secondary_share,
            slack: slack.map(Slack::addresses),
            ask,
            cover,
        },
    );
    let groups = select(vec![[0, 0, 0], [0, 0, 1], [0, 1, 1], [0, 1, 2]]);
    let ops = proptest::collection::vec(op(), 1..40);
    (role(), rules, pool, any::<[bool; 2]>(), record(), bindings, (reserved, groups), ops).prop_map(
        |(role, rules, pool, [safe_period, remember_last], record, bindings, (reserved, groups), ops)| Run {
            config: Config { rules, pool, safe_period, remember_last, ..support::config(role) },
            found: Durable::found(record, Inline::new(&bindings, &[None, reserved]).in_groups(&groups)),
            ops,
        },
    )
}

// ---- time, moved --------------------------------------------------------------------------------------------

fn moved(time: Time, by: u32) -> Time {
    if time == Time::LONG_AGO { time } else { Time::from_raw(time.raw() + by) }
}

fn moved_message(message: Message, by: u32) -> Message {
    let mut message = message;
    message.times(&mut |time, _| *time = moved(*time, by));
    message
}

fn moved_input(input: Input, by: u32) -> Input {
    match input {
        Input::Message(message) => Input::Message(moved_message(message, by)),
        other => other,
    }
}

fn moved_record(record: Record, by: u32) -> Record {
    let mut blank: Durable<Table> = Durable::found(None, Inline::new(&[Binding::NEVER_USED; N], &[]));
    blank.apply(&record);
    blank.times(&mut |time, _| *time = moved(*time, by));
    match record {
        Record::Endpoint(_) => Record::Endpoint(*blank.endpoint().expect("just written")),
        Record::Binding(address, _) => Record::Binding(address, blank.table().get(address)),
    }
}

fn moved_effect(effect: Effect, by: u32) -> Effect {
    match effect {
        Effect::Persist(record) => Effect::Persist(moved_record(record, by)),
        Effect::Send(message) => Effect::Send(moved_message(message, by)),
        Effect::Reply(client, Answer::Ack(address, ends)) => {
            Effect::Reply(client, Answer::Ack(address, moved(ends, by)))
        }
        other => other,
    }
}

fn moved_server(server: Server, by: u32) -> Server {
    let mut server = server;
    server.times(&mut |time, _| *time = moved(*time, by));
    server
}

fn moved_durable(durable: Durable<Table>, by: u32) -> Durable<Table> {
    let mut durable = durable;
    durable.times(&mut |time, _| *time = moved(*time, by));
    durable
}

// ---- runs ---------------------------------------------------------------------------------------------------

/// A step as a law sees it.
struct Step<'a> {
    config: &'a Config,
    clock: Counting,
    /// None: a start.
    input: Option<Input>,
    before: Durable<Table>,
    server_before: Option<Server>,
    effects: &'a [Effect],
    after: Server,
}

/// Carries out a run, and shows each step to a law.
fn follow(run: &Run, law: &mut dyn FnMut(&Step<'_>) -> Result<(), TestCaseError>) -> Result<(), TestCaseError> {
    let mut clock = Counting::small(ORIGIN + BEGIN);
    let start = |durable: Durable<Table>, clock: &mut Counting| {
        let mut effects = Vec::new();
        let server: Server = Endpoint::start(&run.config, durable, clock, &mut |effect| effects.push(effect));
        (server, effects)
    };
    let found = moved_durable(run.found, ORIGIN);
    let (mut server, effects) = start(found, &mut clock);
    let config = &run.config;
    law(&Step { config, clock, input: None, before: found, server_before: None, effects: &effects, after: server })?;
    for op in &run.ops {
        let mut inputs = vec![];
        match *op {
            Op::Pass(seconds) => clock.now += seconds,
            Op::Restart => {
                let before = server.crash();
                let (started, effects) = start(before, &mut clock);
                server = started;
                law(&Step {
                    config,
                    clock,
                    input: None,
                    before,
                    server_before: None,
                    effects: &effects,
                    after: server,
                })?;
            }
            Op::Answer(n, reject) => inputs.extend(answer(&server, n, reject)),
            Op::Stimulus(input) => inputs.push(moved_input(input, ORIGIN)),
            Op::Meet(partner) => {
                inputs.push(Input::Connected(support::PARAMETERS));
                inputs.push(support::state_message(partner, false, clock.now));
            }
        }
        for input in inputs {
            let before = server;
            let effects = step(&mut server, config, &mut clock, input);
            let (input, server_before) = (Some(input), Some(before));
            law(&Step {
                config,
                clock,
                input,
                before: *before.durable(),
                server_before,
                effects: &effects,
                after: server,
            })?;
        }
    }
    Ok(())
}

/// The BNDACK to the n-th BNDUPD that is outstanding.
fn answer(server: &Server, n: usize, reject: Option<RejectReason>) -> Option<Input> {
    let talk = server.volatile().session.conversation()?;
    let outstanding = talk.window.iter().enumerate().filter_map(|(slot, o)| o.map(|o| (slot, o.address)));
    let outstanding: Vec<_> = outstanding.collect();
    let (slot, address) = outstanding.get(n % outstanding.len().max(1))?;
    Some(Input::Message(Message::BndAck(BndAck { transaction: Transaction(*slot as u8), address: *address, reject })))
}

/// Stable storage after the first effects.
fn stored(step: &Step<'_>, effects: usize) -> Durable<Table> {
    let mut durable = step.before;
    for effect in &step.effects[..effects] {
        if let Effect::Persist(record) = effect {
            durable.apply(record);
        }
    }
    durable
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
        let due = again.is_due(step.config, step.clock.now());
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
                prop_assert!(binding.lease_expiration >= ends);
            }
            Effect::Send(Message::BndAck(BndAck { address, reject: None, .. })) => {
                let Some(Input::Message(Message::BndUpd(update))) = step.input else { panic!("an answer to what?") };
                let binding = binding(address);
                match update.status {
                    Status::Active { .. } => {
                        prop_assert_eq!(binding.status, update.status);
                        prop_assert!(binding.received_potential_expiration >= update.potential_expiration);
                        prop_assert!(binding.lease_expiration >= update.lease_expiration);
                    }
                    Status::Backup { .. } => prop_assert_eq!(binding.status.code(), Code::Backup),
                    Status::Abandoned => prop_assert_eq!(binding.status, Status::Abandoned),
                    // What is being given or reset here stays that while our own word is under way (Q73).
                    _ => prop_assert!(matches!(binding.status.code(), Code::Free | Code::Backup | Code::Reset)),
                }
            }
            Effect::Send(Message::BndUpd(update)) => {
                let binding = binding(update.address);
                prop_assert!(binding.sent_potential_expiration >= update.potential_expiration);
                prop_assert!(binding.partner != Partner::Unsent, "sent, and marked as never sent (Q8)");
                if let Status::Active { .. } = update.status {
                    // F12-9.8.3-b, F12-9.8.3-c.
                    // An end that rests is told as the lease that it rests for (Q78).
                    let rests = binding.status.code() == Code::Expired && update.lease_expiration > step.clock.now();
                    prop_assert!(binding.status == update.status || rests);
                    prop_assert_eq!(
                        (update.status.client(), update.lease_expiration),
                        (binding.status.client(), binding.lease_expiration)
                    );
                    prop_assert!(update.potential_expiration >= update.lease_expiration);
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

fn acked_was_sent(step: &Step<'_>) -> Result<(), TestCaseError> {
    for binding in step.after.durable().table().bindings() {
        prop_assert!(binding.acked_potential_expiration <= binding.sent_potential_expiration, "{binding:?}");
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
    #![proptest_config(runs(1000))]

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
    fn later_by_the_same_amount(run in run(dialect())) {
        follow(&run, &mut shift)?;
    }
}

/// That the runs come far enough to mean something: how often each thing is seen in them.
#[test]
fn the_runs_see_everything() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::new(runs(1));
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
            let grew =
                |(new, old): (&Binding, &Binding)| new.acked_potential_expiration > old.acked_potential_expiration;
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
