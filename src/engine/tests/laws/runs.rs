//! What may come in a run: stable storage, stimuli, and the rules.

use crate::support::{self, N, Table};
use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Partner, Status};
use dhcpfo_engine::config::{Config, Pool, Slack};
use dhcpfo_engine::durable::{Durable, EndpointRecord};
use dhcpfo_engine::effect::{Ask, Command, Input, Parameters, Request};
use dhcpfo_engine::message::{BndAck, BndUpd, Message, RejectReason, StateReport, Transaction};
use dhcpfo_engine::rules::{Rules, UnknownReading};
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_engine::table::Inline;
use dhcpfo_time::Time;
use proptest::prelude::*;
use proptest::sample::select;

/// Addresses that exist; stimuli name some more.
const ADDRESSES: usize = 3;

/// One step of a run. Times are raw: 0 stays [`Time::LONG_AGO`], all others count from [`ORIGIN`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    Stimulus(Input),
    /// An answer to the n-th outstanding BNDUPD.
    Answer(usize, Option<RejectReason>),
    Pass(u32),
    /// A new connection, and the partner's first word on it.
    Meet(Reported),
    Restart,
}

pub(crate) fn time() -> impl Strategy<Value = Time> {
    prop_oneof![1 => Just(Time::LONG_AGO), 4 => (1..140u32).prop_map(Time::from_raw)]
}

pub(crate) fn role() -> impl Strategy<Value = Role> {
    select(Role::ALL.as_slice())
}

pub(crate) fn client() -> impl Strategy<Value = ClientId> {
    (0..3u32).prop_map(ClientId)
}

pub(crate) fn address() -> impl Strategy<Value = AddressId> {
    prop_oneof![12 => (0..ADDRESSES as u32).prop_map(AddressId), 1 => select(vec![AddressId(3), AddressId(4), AddressId(u32::MAX)])]
}

pub(crate) fn status() -> impl Strategy<Value = Status> {
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

pub(crate) fn reported() -> impl Strategy<Value = Reported> {
    select(support::reports())
}

/// What a partner mostly says: it lets both come to NORMAL.
pub(crate) fn likely() -> impl Strategy<Value = Reported> {
    prop_oneof![3 => Just(Reported::In(State::CommunicationsInterrupted)), 1 => reported()]
}

pub(crate) fn reason() -> impl Strategy<Value = RejectReason> {
    select(vec![RejectReason::FatalConflict, RejectReason::Outdated, RejectReason::LessCritical])
}

pub(crate) fn transaction() -> impl Strategy<Value = Transaction> {
    prop_oneof![6 => (0..N as u8).prop_map(Transaction), 1 => any::<u8>().prop_map(Transaction)]
}

pub(crate) fn message() -> impl Strategy<Value = Message> {
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

pub(crate) fn ask() -> impl Strategy<Value = Ask> {
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

pub(crate) fn input() -> impl Strategy<Value = Input> {
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
        1 => select(State::ALL.to_vec()).prop_map(Command::Set),
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

pub(crate) fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        20 => input().prop_map(Op::Stimulus),
        2 => likely().prop_map(Op::Meet),
        6 => (0..N, proptest::option::weighted(0.25, reason())).prop_map(|(n, reject)| Op::Answer(n, reject)),
        4 => (1..25u32).prop_map(Op::Pass),
        1 => Just(Op::Restart),
    ]
}

pub(crate) fn binding() -> impl Strategy<Value = Binding> {
    let marks = select(vec![Partner::UpToDate, Partner::Unsent, Partner::Sent, Partner::Rejected]);
    (status(), marks, any::<bool>(), [time(), time(), time(), time(), time(), time(), time()]).prop_map(
        |(status, partner, reclaiming, [ends, sent, acked, received, heard, since, rests])| Binding {
            status,
            partner,
            reclaiming: reclaiming && matches!(status, Status::Backup { .. }),
            lease_expiration: ends,
            sent_potential_expiration: sent,
            acked_potential_expiration: Time::from_raw(acked.raw().min(sent.raw())),
            received_potential_expiration: received,
            client_last_transaction: heard,
            start_of_status: since,
            wait_ends: rests,
        },
    )
}

pub(crate) fn record() -> impl Strategy<Value = Option<EndpointRecord>> {
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

pub(crate) fn dialect() -> impl Strategy<Value = Rules> {
    select(Rules::DIALECTS.iter().map(|(_, rules)| *rules).collect::<Vec<_>>())
}

/// Any reading of any question, on top of a dialect: mutants and what nobody would think of.
pub(crate) fn mixture() -> impl Strategy<Value = Rules> {
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
pub(crate) struct Run {
    pub(crate) config: Config,
    pub(crate) found: Durable<Table>,
    pub(crate) ops: Vec<Op>,
}

/// One line for each thing, however it is asked for: a run that fails is to be read.
impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{:?}\n{:?}", self.config, self.found.endpoint())?;
        self.found.table().bindings()[..ADDRESSES].iter().try_for_each(|binding| writeln!(f, "{binding:?}"))?;
        self.ops.iter().try_for_each(|op| writeln!(f, "{op:?}"))
    }
}

pub(crate) fn run(rules: impl Strategy<Value = Rules>) -> impl Strategy<Value = Run> {
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
