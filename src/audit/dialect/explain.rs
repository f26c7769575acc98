//! What a server may have been told that a capture of the connection does not show.

use dhcpfo_engine::binding::{AddressId, Binding, Partner, Status};
use dhcpfo_engine::effect::{Ask, Command, Input, Request};
use dhcpfo_engine::endpoint::{Outstanding, Session};
use dhcpfo_engine::message::Transaction;
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_time::Time;
use dhcpfo_wire::message::{self, Body};

use super::cast::Cast;
use super::server::Follower;
use super::{Inferred, Notes, Said};
use crate::capture::Micros;

impl Follower {
    /// Whether something that the capture does not show makes the endpoint say the same.
    pub(super) fn explained(&mut self, said: &Said<'_>, cast: &Cast, note: &mut Notes<'_>) -> bool {
        let tried = match said.body {
            Body::BndUpd(bindings) => match bindings.first() {
                Some(binding) => self.update_explained(binding, said, cast, note),
                None => None,
            },
            Body::State(state) if state.state == Reported::In(State::PartnerDown) => {
                self.step(said.at, Input::Operator(Command::PartnerDown));
                Some(Inferred::PartnerDown)
            }
            Body::State(_) => {
                self.wake(said.at, self.moment.now + 1);
                Some(Inferred::Early)
            }
            Body::PoolReq => {
                self.step(said.at, Input::Operator(Command::Rebalance));
                Some(Inferred::Rebalance)
            }
            _ => None,
        };
        if let (Some(told @ (Inferred::NeverUsed | Inferred::Before)), Body::BndUpd(bindings)) = (tried, said.body) {
            // There is nothing that the endpoint would have to say: only that the answer is awaited.
            bindings.iter().for_each(|binding| self.adopt_update(binding, said, cast));
            note.inferred(self.role, told);
            return true;
        }
        let Some(inferred) = tried.filter(|_| self.matches(said, cast, note)) else { return false };
        note.inferred(self.role, inferred);
        true
    }

    fn update_explained(
        &mut self,
        binding: &message::Binding,
        said: &Said<'_>,
        cast: &Cast,
        note: &mut Notes<'_>,
    ) -> Option<Inferred> {
        let address = cast.names.address(binding.address)?;
        let status = cast.names.status(binding)?;
        let (at, primary) = (said.at, self.role == Role::Primary);
        let is_new = self.known.as_ref().is_some_and(|known| !known.contains(&address));
        let is_normal = self.endpoint.as_ref().is_some_and(|endpoint| endpoint.state() == State::Normal);
        self.before(address, binding, cast, note);
        let mine = self.binding(address)?;
        match status {
            // In answer to a request for all: so it was before the capture began.
            Status::Backup { .. } | Status::Free { .. } if is_new && !is_normal => Some(Inferred::Before),
            Status::Free { .. } if mine.status.code() == status.code() && self.is_telling() => {
                Some(Inferred::NeverUsed)
            }
            Status::Backup { .. } if primary && matches!(mine.status, Status::Free { .. }) => {
                self.moves(at, address, status)
            }
            Status::Free { .. } if !primary && matches!(mine.status, Status::Backup { .. }) => {
                self.moves(at, address, status)
            }
            Status::Free { .. } | Status::Backup { .. } | Status::Reset => None,
            _ => self.client_did(at, address, binding, status, cast),
        }
    }

    /// What a client did, or a timer, by what the server tells of it.
    pub(super) fn client_did(
        &mut self,
        at: Micros,
        address: AddressId,
        binding: &message::Binding,
        status: Status,
        cast: &Cast,
    ) -> Option<Inferred> {
        match status {
            Status::Active { .. } => {
                self.lease(at, address, binding, cast);
                Some(Inferred::Lease)
            }
            Status::Released { client } => {
                self.step(at, Input::Client(asks(client, Ask::Release(address))));
                Some(Inferred::Release)
            }
            Status::Abandoned => {
                let client = self.binding(address)?.status.client()?;
                self.step(at, Input::Client(asks(client, Ask::Decline(address))));
                Some(Inferred::Decline)
            }
            Status::Expired { .. } => {
                self.wake(at, self.moment.now + 1);
                Some(Inferred::Early)
            }
            Status::Free { .. } | Status::Backup { .. } | Status::Reset => None,
        }
    }

    /// Hands an address over, which the dialect does in NORMAL with what the partner knows of.
    fn moves(&mut self, at: Micros, address: AddressId, status: Status) -> Option<Inferred> {
        let endpoint = self.endpoint.as_ref()?;
        let mine = self.binding(address)?;
        if endpoint.state() != State::Normal || mine.partner != Partner::UpToDate {
            return None;
        }
        self.put(address, Binding { status, partner: Partner::Unsent, ..mine });
        self.step(at, Input::Wake);
        Some(Inferred::Rebalance)
    }

    /// A client got or extended a lease, of the length that the server says.
    pub(super) fn lease(&mut self, at: Micros, address: AddressId, binding: &message::Binding, cast: &Cast) {
        let Some(Status::Active { client }) = cast.names.status(binding) else { return };
        let now = self.moment.now;
        let length = |until: Option<u32>| until.map_or(0, |until| until.saturating_sub(now));
        self.moment.lease = length(binding.lease_expiration);
        self.moment.potential = length(binding.potential_expiration);
        let holds = self.binding(address).is_some_and(|mine| mine.status == Status::Active { client });
        let ask = if holds { Ask::Renew(address) } else { Ask::Select(address) };
        self.step(at, Input::Client(asks(client, ask)));
    }

    /// What must have been so before the capture began, where nothing is known of an address.
    pub(super) fn before(&mut self, address: AddressId, binding: &message::Binding, cast: &Cast, note: &mut Notes<'_>) {
        let is_new = self.known.as_mut().is_some_and(|known| known.insert(address));
        let Some(status) = cast.names.status(binding).filter(|_| is_new) else { return };
        let own = match self.role {
            Role::Primary => Status::Free { last: None },
            Role::Secondary => Status::Backup { last: None },
        };
        let before = match status {
            Status::Active { .. } | Status::Backup { .. } | Status::Free { .. } => own,
            Status::Expired { client } | Status::Released { client } => Status::Active { client },
            Status::Abandoned | Status::Reset => return,
        };
        if self.binding(address).is_some_and(|mine| mine.status == before) {
            return;
        }
        let lease_expiration = Time::from_raw(binding.lease_expiration.unwrap_or(0));
        self.put(address, Binding { lease_expiration, ..Binding::known(before) });
        note.inferred(self.role, Inferred::Before);
    }

    /// The server has told its partner of a binding; the endpoint goes on as if it had.
    pub(super) fn adopt_update(&mut self, binding: &message::Binding, said: &Said<'_>, cast: &Cast) {
        let (Some(address), Some(status)) = (cast.names.address(binding.address), cast.names.status(binding)) else {
            return;
        };
        let Some(mine) = self.binding(address) else { return };
        let time = |time: Option<u32>| Time::from_raw(time.unwrap_or(0));
        self.put(
            address,
            Binding {
                status,
                partner: Partner::Sent,
                lease_expiration: time(binding.lease_expiration),
                sent_potential_expiration: time(binding.potential_expiration),
                ..mine
            },
        );
        let mut slot = None;
        self.change(|_, volatile| {
            let Session::Ok(conversation) = &mut volatile.session else { return };
            let window = &mut conversation.window;
            let about = window.iter().position(|o| o.is_some_and(|o| o.address == address));
            if let Some(free) = about.or(window.iter().position(Option::is_none)) {
                window[free] = Some(Outstanding { address, told: status.code(), counted: false });
                slot = Some(Transaction(free as u8));
            }
        });
        if let Some(slot) = slot {
            self.slots.insert(said.xid, slot);
        }
    }
}

/// A client that both servers may answer: whom they answer is not compared.
fn asks(client: dhcpfo_engine::binding::ClientId, ask: Ask) -> Request {
    Request { waited: true, ..Request::new(client, ask, 0) }
}
