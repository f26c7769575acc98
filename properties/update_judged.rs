//! The claim [`update-judged`](dhcpfo_claims::draft_12::UPDATE_JUDGED).

use crate::look::{delivered, heard_of_partner, reserved_at, sent, stored};
use dhcpfo_claims::draft_12::UPDATE_JUDGED;
use dhcpfo_engine::binding::{AddressId, Binding, Code, Partner};
use dhcpfo_engine::message::{BndUpd, Message};
use dhcpfo_engine::state::{Role, State};
use dhcpfo_time::Clock;
use dhcpfo_world::claim::Happening;
use dhcpfo_world::claim::{Check, Claim, Occasion};

/// The claim.
pub const CLAIM: Claim =
    Claim { entry: &UPDATE_JUDGED, check: Check::Step(holds), ghost: None, occasion: Occasion::Step(arises) };

/// What has to become of an update.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Due {
    Accepted,
    Refused,
    /// The text as repaired lets it depend on what the partner has not heard.
    Either,
}

fn holds(step: &Happening<'_>, clock: &mut dyn Clock) -> bool {
    let Some((role, update)) = heard(step) else { return true };
    let mut answers = sent(step).filter_map(|message| match message {
        Message::BndAck(ack) if (ack.transaction, ack.address) == (update.transaction, update.address) => Some(ack),
        _ => None,
    });
    let (answer, second) = (answers.next(), answers.next());
    let Some(answer) = answer else { return step.action.crash_after.is_some() };
    let before = stored(step.before, role, update.address);
    let reserved = reserved_at(step.before, role, update.address).is_some();
    let on_its_way = step.before.link.towards[role.partner().index()]
        .iter()
        .any(|flying| matches!(&flying.message, Message::BndUpd(told) if told.address == update.address));
    let state = step.before.server(role).running();
    let receiver = Receiver { role, state, mine: before, reserved, on_its_way, clock };
    let as_due = match receiver.due(&update) {
        Due::Accepted => answer.reject.is_none(),
        Due::Refused => answer.reject.is_some(),
        Due::Either => true,
    };
    let unchanged = stored(step.after, role, update.address).status == before.status;
    // What the receiver does afterwards by itself, in the same step, is its own.
    let untouched = answer.reject.is_none() || unchanged || before.status.is_available();
    let at_once = answer.reject.is_some() && !before.is_dirty() && tells(step, role, update.address);
    second.is_none() && as_due && untouched && !at_once
}

/// The receiver tells of the address in the same step, though the partner has not asked.
fn tells(step: &Happening<'_>, role: Role, address: AddressId) -> bool {
    let conversation = step.before.server(role).endpoint().and_then(|e| e.volatile().session.conversation());
    conversation.is_some_and(|conversation| conversation.serving.is_none())
        && sent(step).any(|message| matches!(message, Message::BndUpd(told) if told.address == address))
}

/// The update that a server takes while it is in contact. Before the partner's STATE communications are not ok; PAUSED
/// and SHUTDOWN servers hear nothing.
fn heard(step: &Happening<'_>) -> Option<(Role, BndUpd)> {
    let Some((role, Message::BndUpd(update))) = delivered(step) else { return None };
    let runs = step.before.server(role).running().is_some() || step.after.server(role).running().is_some();
    (runs && heard_of_partner(step.before, role).is_some()).then_some((role, update))
}

/// Whoever got an update.
struct Receiver<'a> {
    role: Role,
    state: Option<State>,
    mine: Binding,
    reserved: bool,
    /// A word of its own about the address has not been read yet.
    on_its_way: bool,
    clock: &'a dyn Clock,
}

impl Receiver<'_> {
    /// Figure 7.1.3-1 with its repairs, row by row: what is stored, what was received.
    fn due(&self, update: &BndUpd) -> Due {
        use Code::{Abandoned, Active, Backup, Expired, Free, Released, Reset};
        let (mine, clock) = (&self.mine, self.clock);
        let later = |a, b| clock.before(b, a);
        let (heard, said) = (mine.client_last_transaction, update.client_last_transaction);
        // The last paragraph of §7.1.3.
        if update.reserved && update.status.code() == Backup && !self.reserved {
            return Due::Refused;
        }
        match (mine.status.code(), update.status.code()) {
            (Free | Backup, _) => Due::Accepted,
            (Active, Active) => self.of_two_clients(update),
            // The lease has to be over here (Q51 for RESET).
            (Active, Expired | Free | Backup | Reset) if !self.clock.passed(mine.lease_expiration) => Due::Refused,
            (Active | Expired | Released, Expired) | (Expired | Released, Released) => accepted_if(!later(heard, said)),
            // Within one instant it depends on whether the partner knows of this lease (Q110): what it has acknowledged, or
            // told itself, it knows.
            (Active, Released)
                if clock.same(said, heard) && self.of_one_client(update) && mine.partner == Partner::UpToDate =>
            {
                Due::Accepted
            }
            (Active, Released) if clock.same(said, heard) && self.of_one_client(update) => Due::Either,
            (Active, Released) | (Expired | Released, Active) => accepted_if(later(said, heard)),
            // Not in touch for long, or just back: FREE tells what the partner freed. In NORMAL it may be what is taken
            // back unheard (Q74).
            (Active | Expired | Released, Free | Backup) => match self.state {
                Some(State::Normal | State::CommunicationsInterrupted) if self.on_its_way => Due::Refused,
                Some(State::Normal | State::CommunicationsInterrupted) => self.accepted_unless(true),
                _ => Due::Accepted,
            },
            // The partner's RESET against what happened after it (Q81, Q83).
            (Active | Expired | Released, Reset) => self.accepted_unless(later(heard, update.start_of_status)),
            (Reset, Reset) => self.accepted_unless(later(mine.start_of_status, update.start_of_status)),
            (Abandoned, Reset) if !self.clock.passed(mine.lease_expiration) => Due::Refused,
            (Abandoned, Reset) => self.accepted_unless(later(mine.start_of_status, update.start_of_status)),
            (Abandoned, Abandoned) => Due::Accepted,
            (Abandoned, _) => Due::Refused,
            // The partner's word of before our RESET (Q75).
            (Reset, Abandoned) => self.accepted_unless(!later(update.start_of_status, mine.start_of_status)),
            (Reset, Expired | Released) => self.accepted_unless(!later(said, mine.start_of_status)),
            (Reset, Active) => accepted_if(later(said, mine.start_of_status)),
            // The partner may not have heard of the RESET (Q87).
            (Reset, Free | Backup) => self.accepted_unless(true),
            (Active | Expired | Released, Abandoned) => Due::Accepted,
        }
    }

    /// Whoever was heard later; at the same instant the primary's word stands (Q50).
    fn of_two_clients(&self, update: &BndUpd) -> Due {
        let same = self.of_one_client(update);
        let (heard, said) = (self.mine.client_last_transaction, update.client_last_transaction);
        let (later, equal) = (self.clock.before(heard, said), self.clock.same(heard, said));
        accepted_if(same || later || (equal && self.role == Role::Secondary))
    }

    fn of_one_client(&self, update: &BndUpd) -> bool {
        self.mine.status.client() == update.status.client()
    }

    /// What crosses with a word of the receiver's own that has not been answered depends on what the partner knows; what was
    /// answered crosses with nothing.
    fn accepted_unless(&self, crosses: bool) -> Due {
        if crosses && self.mine.is_dirty() { Due::Either } else { Due::Accepted }
    }
}

fn accepted_if(fits: bool) -> Due {
    if fits { Due::Accepted } else { Due::Refused }
}

/// An update arrives.
fn arises(step: &Happening<'_>) -> bool {
    heard(step).is_some()
}
