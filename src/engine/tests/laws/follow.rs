//! A run, carried out step by step.

use crate::moved::{moved_durable, moved_input};
use crate::runs::{Op, Run};
use crate::support::{self, Counting, Server, Table, step};
use dhcpfo_engine::config::Config;
use dhcpfo_engine::durable::Durable;
use dhcpfo_engine::effect::{Effect, Input};
use dhcpfo_engine::endpoint::Endpoint;
use dhcpfo_engine::message::{BndAck, Message, RejectReason, Transaction};
use proptest::test_runner::TestCaseError;

/// The raw times of a run are counted from here.
const ORIGIN: u32 = 1000;
/// When a run begins, counted from [`ORIGIN`].
const BEGIN: u32 = 60;

/// A step as a law sees it.
pub(crate) struct Step<'a> {
    pub(crate) config: &'a Config,
    pub(crate) clock: Counting,
    /// None: a start.
    pub(crate) input: Option<Input>,
    pub(crate) before: Durable<Table>,
    pub(crate) server_before: Option<Server>,
    pub(crate) effects: &'a [Effect],
    pub(crate) after: Server,
}

/// Carries out a run, and shows each step to a law.
pub(crate) fn follow(
    run: &Run,
    law: &mut dyn FnMut(&Step<'_>) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
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
pub(crate) fn answer(server: &Server, n: usize, reject: Option<RejectReason>) -> Option<Input> {
    let talk = server.volatile().session.conversation()?;
    let outstanding = talk.window.iter().enumerate().filter_map(|(slot, o)| o.map(|o| (slot, o.address)));
    let outstanding: Vec<_> = outstanding.collect();
    let (slot, address) = outstanding.get(n % outstanding.len().max(1))?;
    Some(Input::Message(Message::BndAck(BndAck { transaction: Transaction(*slot as u8), address: *address, reject })))
}

/// Stable storage after the first effects.
pub(crate) fn stored(step: &Step<'_>, effects: usize) -> Durable<Table> {
    let mut durable = step.before;
    for effect in &step.effects[..effects] {
        if let Effect::Persist(record) = effect {
            durable.apply(record);
        }
    }
    durable
}
