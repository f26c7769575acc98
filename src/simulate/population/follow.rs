//! Following one address through a run: what clients ask about it, what servers record and say, who holds it.

use super::Run;
use dhcpfo_engine::binding::{AddressId, Binding};
use dhcpfo_engine::effect::{Answer, Ask, Effect, Input};
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::Role;
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::Time;

/// What was written down of an address.
pub(super) struct Followed {
    address: AddressId,
    pub(super) lines: Vec<String>,
}

impl Followed {
    pub(super) fn new(address: u32) -> Followed {
        Followed { address: AddressId(address), lines: Vec::new() }
    }
}

impl Run<'_> {
    /// Writes something down, if anybody follows an address.
    pub(super) fn note(&mut self, text: impl FnOnce() -> String) {
        let (seconds, parts) = (self.now / 1000, self.now % 1000);
        if let Some(followed) = &mut self.followed {
            followed.lines.push(format!("{seconds:>9}.{parts:03} s  {}", text()));
        }
    }

    /// The same, if it is about the address that is followed.
    pub(super) fn note_at(&mut self, address: AddressId, text: impl FnOnce() -> String) {
        if self.followed.as_ref().is_some_and(|followed| followed.address == address) {
            self.note(text);
        }
    }

    /// The binding of the address that is followed.
    pub(super) fn followed_binding(&self, role: Role) -> Option<Binding> {
        let address = self.followed.as_ref()?.address;
        let table = self.servers[role.index()].table()?;
        (address.0 < table.len()).then(|| table.get(address))
    }

    /// A server has taken a stimulus.
    pub(super) fn note_step(&mut self, role: Role, input: &Input, before: Option<Binding>, effects: &[Effect]) {
        let Some(address) = self.followed.as_ref().map(|followed| followed.address) else { return };
        let after = self.followed_binding(role);
        let said: Vec<String> = effects.iter().filter_map(|effect| said(effect, address)).collect();
        if before == after && said.is_empty() && asked(input) != Some(address) {
            return;
        }
        let binding = after.filter(|_| before != after).map(|binding| self.words(&binding)).unwrap_or_default();
        let heard = heard(input);
        self.note(|| format!("{}: {heard}; {}{binding}", role.name(), said.join(", ")));
    }

    fn words(&self, binding: &Binding) -> String {
        let second = |time: Time| match time {
            Time::LONG_AGO => "-".to_owned(),
            time => i64::from(time.raw()).saturating_sub(i64::from(super::server::BEGINNING)).to_string(),
        };
        format!(
            " -> {:?}, {:?}, ends {}, potential sent {} acknowledged {} received {}, waits until {}",
            binding.status,
            binding.partner,
            second(binding.lease_expiration),
            second(binding.sent_potential_expiration),
            second(binding.acked_potential_expiration),
            second(binding.received_potential_expiration),
            second(binding.wait_ends)
        )
    }
}

/// The address that a client names, or a message.
fn asked(input: &Input) -> Option<AddressId> {
    match input {
        Input::Client(request) => match request.ask {
            Ask::Select(address) | Ask::Reboot(address) | Ask::Renew(address) | Ask::Rebind(address) => Some(address),
            Ask::Decline(address) | Ask::Release(address) => Some(address),
            Ask::Discover | Ask::Inform => None,
        },
        Input::Message(Message::BndUpd(update)) => Some(update.address),
        Input::Message(Message::BndAck(ack)) => Some(ack.address),
        _ => None,
    }
}

fn heard(input: &Input) -> String {
    match input {
        Input::Client(request) => format!("client {} asks {:?}", request.client.0, request.ask),
        Input::Message(Message::BndUpd(update)) => format!("BNDUPD {:?}", update.status),
        Input::Message(Message::BndAck(ack)) => format!("BNDACK {:?}", ack.reject),
        other => format!("{other:?}"),
    }
}

fn said(effect: &Effect, about: AddressId) -> Option<String> {
    match effect {
        Effect::Reply(client, Answer::Ack(address, _)) if *address == about => {
            Some(format!("ACK to client {}", client.0))
        }
        Effect::Send(Message::BndUpd(update)) if update.address == about => {
            Some(format!("sends BNDUPD {:?}", update.status))
        }
        Effect::Send(Message::BndAck(ack)) if ack.address == about => Some(format!("sends BNDACK {:?}", ack.reject)),
        _ => None,
    }
}
