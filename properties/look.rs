//! What several claims look at. Nothing here asks a server for its opinion: only what is stored, sent and held.

use dhcpfo_engine::binding::{AddressId, Binding, ClientId, Partner, Status};
use dhcpfo_engine::durable::Durable;
use dhcpfo_engine::effect::{Answer, Effect};
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_time::{Clock, Time};
use dhcpfo_world::action::{Action, Timer, What};
use dhcpfo_world::claim::Happening;
use dhcpfo_world::model::{Model, Table};
use dhcpfo_world::system::System;

/// All addresses of a model.
pub(crate) fn addresses(model: &Model) -> impl Iterator<Item = AddressId> + use<> {
    (0..model.addresses.len() as u32).map(AddressId)
}

/// What a server has on stable storage about an address.
pub(crate) fn stored(system: &System, role: Role, address: AddressId) -> Binding {
    system.server(role).durable().table().get(address)
}

/// The state that a server has recorded, if it has a record.
pub(crate) fn recorded(system: &System, role: Role) -> Option<State> {
    system.server(role).durable().endpoint().map(|record| record.state)
}

/// Whether a server's stable storage is gone and not restored yet.
pub(crate) fn has_lost_storage(system: &System, role: Role) -> bool {
    system.server(role).durable().endpoint().is_none_or(|record| record.lost)
}

/// The latest end that a server's stable storage lets it expect for an address: what it was told, what it
/// told, and what was acknowledged to it.
pub(crate) fn known_potential(binding: &Binding, clock: &dyn Clock) -> Time {
    let told = clock.later(binding.received_potential_expiration, binding.sent_potential_expiration);
    clock.later(told, binding.acked_potential_expiration)
}

/// The client to which a binding belongs or belonged, if it is not available.
pub(crate) fn holder(binding: &Binding) -> Option<ClientId> {
    if binding.status.is_available() { None } else { binding.status.client() }
}

/// Whether a server may by itself give an available address to a new client, as its status says.
pub(crate) fn is_own(role: Role, status: Status) -> bool {
    match status {
        Status::Free { .. } => role == Role::Primary,
        Status::Backup { .. } => role == Role::Secondary,
        _ => false,
    }
}

/// The client for which an address is reserved, if it is: nobody else ever gets it (failover-12 §5.13).
pub(crate) fn reserved_for(model: &Model, address: AddressId) -> Option<ClientId> {
    model.addresses[address.0 as usize].reserved.map(|client| ClientId(u32::from(client)))
}

/// The same, as a server's configuration has it at the time.
pub(crate) fn reserved_at(system: &System, role: Role, address: AddressId) -> Option<ClientId> {
    system.server(role).durable().table().reserved(address)
}

/// Whether both servers are in NORMAL, in contact, and have nothing under way to each other. Asks neither of them what it
/// believes to have told.
pub(crate) fn is_at_rest(system: &System) -> bool {
    is_quiet(system)
        && Role::ALL.into_iter().all(|role| {
            system.server(role).running() == Some(State::Normal) && heard_of_partner(system, role).is_some()
        })
}

/// What a server that is in communication with its partner has last heard of it.
pub(crate) fn heard_of_partner(system: &System, role: Role) -> Option<Reported> {
    let endpoint = system.server(role).endpoint()?;
    endpoint.volatile().session.conversation().map(|conversation| conversation.partner)
}

/// The messages that a server sent to its partner in a step, in order.
pub(crate) fn sent<'a>(happening: &'a Happening<'_>) -> impl Iterator<Item = &'a Message> + use<'a> {
    happening.effects.iter().filter_map(|effect| match effect {
        Effect::Send(message) => Some(message),
        _ => None,
    })
}

/// The message of the partner that a server took in a step.
pub(crate) fn delivered(happening: &Happening<'_>) -> Option<(Role, Message)> {
    match (happening.action.what, happening.server) {
        (What::Deliver(role), Some(_)) => happening.before.link.head(role).map(|message| (role, *message)),
        _ => None,
    }
}

/// The leases that were told to clients in a step, with the server that told them.
pub(crate) fn grants<'a>(
    happening: &'a Happening<'_>,
) -> impl Iterator<Item = (Role, ClientId, AddressId, Time)> + use<'a> {
    let server = happening.server;
    happening.effects.iter().filter_map(move |effect| match effect {
        Effect::Reply(client, Answer::Ack(address, ends)) => server.map(|role| (role, *client, *address, *ends)),
        _ => None,
    })
}

/// Walks through the effects of a step with stable storage as it stands at each of them.
pub(crate) fn replay(happening: &Happening<'_>, mut visit: impl FnMut(&Durable<Table>, &Effect) -> bool) -> bool {
    let Some(role) = happening.server else { return true };
    let mut durable = *happening.before.server(role).durable();
    happening.effects.iter().all(|effect| {
        if let Effect::Persist(record) = effect {
            durable.apply(record);
        }
        visit(&durable, effect)
    })
}

/// Whether the servers are in touch and have nothing left to say to each other.
pub(crate) fn is_quiet(system: &System) -> bool {
    system.link.works() && system.link.towards.iter().all(|queue| queue.is_empty())
}

/// Whether both servers are in NORMAL and in touch, and each knows that the other has what it has.
pub(crate) fn is_settled(model: &Model, system: &System) -> bool {
    let settled = |role: Role| {
        let server = system.server(role);
        let conversation = server.endpoint().and_then(|endpoint| endpoint.volatile().session.conversation());
        server.running() == Some(State::Normal)
            && conversation.is_some_and(|c| c.window.iter().all(Option::is_none))
            && addresses(model).all(|address| stored(system, role, address).partner == Partner::UpToDate)
    };
    is_quiet(system) && Role::ALL.into_iter().all(settled)
}

/// The pool groups of a model.
pub(crate) fn groups(model: &Model) -> impl Iterator<Item = u8> + use<> {
    0..=model.addresses.last().map_or(0, |address| address.group)
}

/// How many unreserved addresses of a group each server may give to new clients, as it has stored itself.
pub(crate) fn available(model: &Model, system: &System, group: u8) -> [u32; 2] {
    let shared = |address: &AddressId| {
        let address = &model.addresses[address.0 as usize];
        address.group == group && address.reserved.is_none()
    };
    Role::ALL.map(|role| {
        let own = |address: &AddressId| is_own(role, stored(system, role, *address).status);
        addresses(model).filter(shared).filter(own).count() as u32
    })
}

/// What happens by itself: no failure, no operator, no client.
pub(crate) fn undisturbed(action: &Action) -> bool {
    action.crash_after.is_none()
        && matches!(
            action.what,
            What::Tick
                | What::Wake(_)
                | What::Over(Timer::Startup, _)
                | What::Deliver(_)
                | What::Notice(_)
                | What::Connect
                | What::Restart(_)
                | What::Arrive(_)
        )
}

/// The same while the connection stays as it is, and clients are there.
pub(crate) fn undisturbed_without_connection(action: &Action) -> bool {
    let client = matches!(action.what, What::Client { lost: false, .. }) && action.crash_after.is_none();
    (undisturbed(action) || client) && action.what != What::Connect
}
