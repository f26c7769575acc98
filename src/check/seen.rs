//! What came up in a search besides its verdict: what was done, in which states the servers were, what they had of an
//! address, which claims had their occasion, which budgets were drawn on.
//!
//! It says what a verdict is worth, and when a count moves, what is behind that.

use dhcpfo_engine::binding::{AddressId, Code};
use dhcpfo_engine::effect::{Answer, Ask};
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_world::action::{Action, Deed, Order, Since, Timer, What};
use dhcpfo_world::budget::{Budgets, Item};
use dhcpfo_world::claim::{Check, Goal, LeadsTo, Occasion, View};
use dhcpfo_world::clients::{Body, Packet};
use dhcpfo_world::model::Model;
use dhcpfo_world::play::Condition;
use dhcpfo_world::system::System;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// What came up in a search, up to where it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Kinds of action: their texts without numbers of clients and addresses.
    pub actions: BTreeSet<String>,
    /// For the states of the primary and the secondary, how many unique states have them.
    pub states: BTreeMap<(&'static str, &'static str), u64>,
    /// What the primary and the secondary had of one address.
    pub bindings: BTreeSet<(&'static str, &'static str)>,
    /// Bit `i` is set if claim `i` had its occasion.
    pub occasions: u32,
    /// The budgets that were never drawn on although the model has them. Unlimited ones are not counted.
    pub unused: Vec<&'static str>,
}

impl Seen {
    /// Whether a claim, by its number in the model, had its occasion.
    pub fn had_occasion(&self, claim: usize) -> bool {
        self.occasions >> claim & 1 == 1
    }
}

const CONDITIONS: usize = Condition::ALL.len();

/// The statuses of a binding, in the order of their numbers on the wire.
const CODES: [Code; 7] =
    [Code::Free, Code::Active, Code::Expired, Code::Released, Code::Abandoned, Code::Reset, Code::Backup];

/// Kinds of action, those that a crash cuts short included.
const KINDS: usize = 2 * WHOLE;

/// Kinds of action that are carried out to their end.
const WHOLE: usize = 256;

/// What all threads of a search write into.
pub(crate) struct Notes {
    actions: Mutex<BTreeSet<String>>,
    /// A bit for each kind of action that is among `actions`.
    kinds: [AtomicU64; KINDS / 64],
    states: [[AtomicU64; CONDITIONS]; CONDITIONS],
    bindings: [[AtomicU32; CODES.len()]; CODES.len()],
    occasions: AtomicU32,
    used: AtomicU32,
    /// The claims whose occasion is a state, and those whose occasion is a step.
    in_states: u32,
    in_steps: u32,
}

impl Notes {
    pub(crate) fn new(model: &Model) -> Notes {
        let claims = |is: fn(&Occasion) -> bool| {
            (0..).zip(&model.claims).filter(|(_, claim)| is(&claim.occasion)).fold(0, |bits, (bit, _)| bits | 1 << bit)
        };
        Notes {
            actions: Mutex::default(),
            kinds: Default::default(),
            states: Default::default(),
            bindings: Default::default(),
            occasions: AtomicU32::new(0),
            used: AtomicU32::new(0),
            in_states: claims(|occasion| matches!(occasion, Occasion::State(_) | Occasion::Whole)),
            in_steps: claims(|occasion| matches!(occasion, Occasion::Step(_))),
        }
    }

    /// The claims about steps whose occasion has not come yet.
    pub(crate) fn wanted(&self) -> u32 {
        self.in_steps & !self.occasions.load(Relaxed)
    }

    /// These claims had their occasion.
    pub(crate) fn arisen(&self, claims: u32) {
        if claims & !self.occasions.load(Relaxed) != 0 {
            self.occasions.fetch_or(claims, Relaxed);
        }
    }

    /// Takes note of what is done, and by what message, if one is delivered.
    pub(crate) fn action(&self, action: &Action, delivered: Option<&Message>) {
        let kind = kind(action, delivered);
        let (kinds, bit) = (&self.kinds[kind / 64], 1 << (kind % 64));
        if kinds.load(Relaxed) & bit == 0 {
            kinds.fetch_or(bit, Relaxed);
            let mut actions = self.actions.lock().unwrap_or_else(PoisonError::into_inner);
            actions.insert(name(action, delivered));
        }
    }

    /// Takes note of a unique state.
    pub(crate) fn state(&self, model: &Model, system: &System) {
        let [primary, secondary] = Role::ALL.map(|role| system.server(role));
        let [first, second] = [primary, secondary].map(|server| Condition::of(server).number());
        self.states[first][second].fetch_add(1, Relaxed);
        for address in (0..model.addresses.len() as u32).map(AddressId) {
            let codes = [primary, secondary].map(|server| server.durable().table().get(address).status.code());
            let [first, second] = codes.map(|code| code as usize - 1);
            if self.bindings[first][second].load(Relaxed) == 0 {
                self.bindings[first][second].store(1, Relaxed);
            }
        }
        self.budgets(&model.budgets, &system.budgets);
    }

    fn budgets(&self, all: &Budgets, left: &Budgets) {
        if all == left {
            return;
        }
        let drawn = (0..).zip(all.amounts().iter().zip(left.amounts())).filter(|(_, (all, left))| left < all);
        let drawn = drawn.fold(0, |bits, (item, _)| bits | 1_u32 << item);
        if drawn & !self.used.load(Relaxed) != 0 {
            self.used.fetch_or(drawn, Relaxed);
        }
    }

    /// Takes note of the claims that have their occasion in a state.
    pub(crate) fn occasions_in(&self, view: &View<'_>) {
        let mut open = self.in_states & !self.occasions.load(Relaxed);
        while open != 0 {
            let claim = open.trailing_zeros();
            open &= open - 1;
            let claimed = &view.model.claims[claim as usize];
            let arises = match (claimed.occasion, claimed.check) {
                (Occasion::State(arises), _) => arises(view),
                (Occasion::Whole, Check::Reach(reach)) => {
                    (reach.from)(view) && !matches!(reach.goal, Goal::State(goal) if goal(view))
                }
                (Occasion::Whole, Check::LeadsTo(LeadsTo { from, to })) => from(view) && !to(view),
                _ => false,
            };
            if arises {
                self.arisen(1 << claim);
            }
        }
    }

    /// What was noted so far.
    pub(crate) fn seen(&self, model: &Model) -> Seen {
        let mut seen = Seen {
            actions: self.actions.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            occasions: self.occasions.load(Relaxed),
            ..Seen::default()
        };
        for (primary, row) in Condition::ALL.iter().zip(&self.states) {
            let counts = Condition::ALL.iter().zip(row).map(|(secondary, count)| (secondary, count.load(Relaxed)));
            let met = counts.filter(|(_, count)| *count > 0);
            seen.states.extend(met.map(|(secondary, count)| ((primary.name(), secondary.name()), count)));
        }
        for (primary, row) in CODES.iter().zip(&self.bindings) {
            let met = CODES.iter().zip(row).filter(|(_, met)| met.load(Relaxed) != 0);
            seen.bindings.extend(met.map(|(secondary, _)| (primary.name(), secondary.name())));
        }
        let used = self.used.load(Relaxed);
        let is_unused = |item: &Item| {
            let amount = model.budgets.left(*item);
            amount > 0 && amount != Budgets::UNLIMITED && used >> *item as u32 & 1 == 0
        };
        seen.unused = Item::WORDS.iter().filter(|(item, _)| is_unused(item)).map(|(_, name)| *name).collect();
        seen
    }
}

/// The text of an action without the numbers of clients and addresses, and the name of the message that is delivered.
fn name(action: &Action, delivered: Option<&Message>) -> String {
    let is_number = |word: &str| dhcpfo_world::words::number::<u32>(word.strip_prefix('a').unwrap_or(word)).is_some();
    let whole = Action { places: None, crash_after: None, ..*action }.to_string();
    let mut words: Vec<&str> = whole.split(' ').filter(|word| !is_number(word) && *word != "end").collect();
    words.extend(delivered.map(message_name));
    let cut = if action.crash_after.is_some() { ", cut short" } else { "" };
    format!("{}{cut}", words.join(" "))
}

fn message_name(message: &Message) -> &'static str {
    MESSAGES[message_number(message)]
}

const MESSAGES: [&str; 8] = ["STATE", "BNDUPD", "BNDACK", "UPDREQ", "UPDREQALL", "UPDDONE", "POOLREQ", "POOLRESP"];

fn message_number(message: &Message) -> usize {
    match message {
        Message::State(_) => 0,
        Message::BndUpd(_) => 1,
        Message::BndAck(_) => 2,
        Message::UpdReq => 3,
        Message::UpdReqAll => 4,
        Message::UpdDone => 5,
        Message::PoolReq => 6,
        Message::PoolResp(_) => 7,
    }
}

/// A number for each [`name`], which costs little.
fn kind(action: &Action, delivered: Option<&Message>) -> usize {
    let whole = match action.what {
        What::Tick => 0,
        What::Connect => 1,
        What::Break => 2,
        What::Reconnect => 3,
        What::Wake(role) => 4 + role.index(),
        What::Over(timer, role) => 6 + 2 * usize::from(timer == Timer::SafePeriod) + role.index(),
        What::Notice(role) => 10 + role.index(),
        What::Restart(role) => 12 + role.index(),
        What::Crash { server, storage } => 14 + 2 * usize::from(storage) + server.index(),
        What::Deliver(role) => 18 + 2 * delivered.map_or(8, message_number) + role.index(),
        What::Operator(role, order) => 36 + 2 * order_number(order) + role.index(),
        What::Deafen(role) => 80 + role.index(),
        What::RestartChanged(role) => 82 + role.index(),
        What::SwapRoles => 84,
        What::BackUp(role) => 86 + role.index(),
        What::PutBack(role) => 88 + role.index(),
        What::Client { deed, server, lost, .. } => {
            let server = server.map_or(0, |role| 1 + role.index());
            100 + 6 * deed_number(deed) + 2 * server + usize::from(lost)
        }
        What::Arrive(packet) => 160 + packet_number(&packet),
        What::Lose(packet) => 184 + packet_number(&packet),
        What::Duplicate(packet) => 208 + packet_number(&packet),
    };
    whole + if action.crash_after.is_some() { WHOLE } else { 0 }
}

fn order_number(order: Order) -> usize {
    match order {
        Order::PartnerDown => 0,
        Order::Pause => 1,
        Order::Shutdown => 2,
        Order::Reset(_) => 3,
        Order::Rebalance => 4,
        Order::PartnerDownSince(Since::Stop) => 5,
        Order::PartnerDownSince(Since::Contact) => 6,
        Order::Set(state) => 7 + State::ALL.iter().position(|other| *other == state).unwrap_or(0),
    }
}

const fn deed_number(deed: Deed) -> usize {
    match deed {
        Deed::Obtain(_) => 0,
        Deed::Discover => 1,
        Deed::Renew => 2,
        Deed::Rebind => 3,
        Deed::Reboot => 4,
        Deed::Release => 5,
        Deed::Decline => 6,
        Deed::Inform => 7,
        Deed::GiveUp => 8,
        Deed::Switch => 9,
    }
}

fn packet_number(packet: &Packet) -> usize {
    let body = match packet.body {
        Body::Ask(Ask::Discover) => 0,
        Body::Ask(Ask::Select(_)) => 1,
        Body::Ask(Ask::Reboot(_)) => 2,
        Body::Ask(Ask::Renew(_)) => 3,
        Body::Ask(Ask::Rebind(_)) => 4,
        Body::Ask(Ask::Decline(_)) => 5,
        Body::Ask(Ask::Release(_)) => 6,
        Body::Ask(Ask::Inform) => 7,
        Body::Answer(Answer::Offer(_)) => 8,
        Body::Answer(Answer::Ack(..)) => 9,
        Body::Answer(Answer::Nak) => 10,
        Body::Answer(Answer::Informed) => 11,
    };
    2 * body + packet.server.index()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Each kind of action, once for each server.
    fn all() -> Vec<(Action, Option<Message>)> {
        let mut all = vec![What::Tick, What::Connect, What::Break, What::Reconnect, What::SwapRoles];
        let address = AddressId(1);
        let deeds = [Deed::Obtain(address), Deed::Discover, Deed::Renew, Deed::Rebind, Deed::Reboot, Deed::Release];
        let more = [Deed::Decline, Deed::Inform, Deed::GiveUp, Deed::Switch];
        let deeds: Vec<Deed> = deeds.into_iter().chain(more).collect();
        for &deed in &deeds {
            all.push(What::Client { client: 3, deed, server: None, lost: false });
        }
        for role in Role::ALL {
            all.extend([What::Wake(role), What::Notice(role), What::Restart(role)]);
            all.extend([Timer::Startup, Timer::SafePeriod].map(|timer| What::Over(timer, role)));
            all.extend([false, true].map(|storage| What::Crash { server: role, storage }));
            let orders = [Order::PartnerDown, Order::Pause, Order::Shutdown, Order::Reset(address), Order::Rebalance];
            all.extend(orders.map(|order| What::Operator(role, order)));
            all.extend(Since::ALL.map(|since| What::Operator(role, Order::PartnerDownSince(since))));
            all.extend(State::ALL.map(|state| What::Operator(role, Order::Set(state))));
            all.extend([What::Deafen(role), What::RestartChanged(role), What::BackUp(role), What::PutBack(role)]);
            for &deed in &deeds {
                all.extend([false, true].map(|lost| What::Client { client: 0, deed, server: Some(role), lost }));
            }
            let asks = [Ask::Discover, Ask::Select(address), Ask::Reboot(address), Ask::Renew(address)];
            let more = [Ask::Rebind(address), Ask::Decline(address), Ask::Release(address), Ask::Inform];
            let acked = Answer::Ack(address, dhcpfo_time::Time::from_raw(1));
            let answers = [Answer::Offer(address), acked, Answer::Nak, Answer::Informed];
            let asks = asks.into_iter().chain(more).map(Body::Ask);
            for body in asks.chain(answers.into_iter().map(Body::Answer)) {
                let packet = Packet { client: 2, server: role, body };
                all.extend([What::Arrive(packet), What::Lose(packet), What::Duplicate(packet)]);
            }
        }
        let mut all: Vec<(Action, Option<Message>)> = all.into_iter().map(|what| (Action::of(what), None)).collect();
        for role in Role::ALL {
            let messages =
                [Message::UpdReq, Message::UpdReqAll, Message::UpdDone, Message::PoolReq, Message::PoolResp(2)];
            all.extend(messages.map(|message| (Action::of(What::Deliver(role)), Some(message))));
        }
        let cut: Vec<_> = all.iter().map(|(action, m)| (Action { crash_after: Some(2), ..*action }, *m)).collect();
        all.extend(cut);
        all
    }

    #[test]
    fn each_name_has_a_number_of_its_own() {
        let mut names = BTreeMap::new();
        for (action, message) in all() {
            let (kind, name) = (kind(&action, message.as_ref()), name(&action, message.as_ref()));
            assert!(kind < KINDS);
            let before = names.insert(kind, name.clone());
            assert!(before.is_none(), "{name} and {before:?} have the number {kind}");
        }
        let different: BTreeSet<&String> = names.values().collect();
        assert_eq!(different.len(), names.len());
        for name in ["deliver primary UPDDONE", "client obtain secondary answer lost", "crash primary losing storage"] {
            assert!(different.contains(&name.to_owned()), "{name}");
        }
        assert!(different.contains(&"operator secondary reset, cut short".to_owned()));
    }
}
