//! What a server would do if it were asked now: the only way to see that somebody is *not* answered who should be.
//!
//! A copy of the endpoint gets the stimulus, so nothing of the system changes. Claims that ask so look at answers and at
//! stable storage, never at the rules by which the server came to them.

use dhcpfo_engine::binding::{AddressId, ClientId};
use dhcpfo_engine::effect::{Answer, Ask, Command, Effect, Input, Request};
use dhcpfo_engine::state::Role;
use dhcpfo_time::Standing;
use dhcpfo_world::claim::View;
use dhcpfo_world::system::ModelEndpoint;

/// A server that can be asked.
pub(crate) struct Asked<'a> {
    view: &'a View<'a>,
    role: Role,
    endpoint: &'a ModelEndpoint,
}

impl<'a> Asked<'a> {
    /// None: it is off.
    pub(crate) fn new(view: &'a View<'a>, role: Role) -> Option<Asked<'a>> {
        view.system.server(role).endpoint().map(|endpoint| Asked { view, role, endpoint })
    }

    /// What it answers to a client of the model. `waited`: the client has been asking for long.
    pub(crate) fn answer(&self, client: ClientId, ask: Ask, waited: bool) -> Option<Answer> {
        let mut answer = None;
        self.tell(Input::Client(self.request(client, ask, waited)), &mut |effect| {
            if let Effect::Reply(to, said) = effect {
                answer = Some(said).filter(|_| to == client);
            }
        });
        answer
    }

    /// Whether it leases or extends this very address in answer.
    pub(crate) fn leases(&self, client: ClientId, ask: Ask, address: AddressId) -> bool {
        matches!(self.answer(client, ask, false), Some(Answer::Ack(leased, _)) if leased == address)
    }

    /// The endpoint after a client of the model has asked.
    pub(crate) fn after_client(&self, client: ClientId, ask: Ask) -> ModelEndpoint {
        self.tell(Input::Client(self.request(client, ask, false)), &mut |_| {})
    }

    /// The endpoint after an operator has commanded.
    pub(crate) fn after_command(&self, command: Command) -> ModelEndpoint {
        self.tell(Input::Operator(command), &mut |_| {})
    }

    fn request(&self, client: ClientId, ask: Ask, waited: bool) -> Request {
        Request { waited, ..self.view.model.request(client.0 as u8, ask) }
    }

    fn tell(&self, input: Input, out: &mut dyn FnMut(Effect)) -> ModelEndpoint {
        let mut endpoint = *self.endpoint;
        endpoint.step(
            &self.view.system.config(self.view.model, self.role),
            &mut Standing(self.view.clock.now()),
            input,
            out,
        );
        endpoint
    }
}

/// All clients of a model.
pub(crate) fn clients(view: &View<'_>) -> impl Iterator<Item = ClientId> + use<> {
    (0..view.model.client_count() as u32).map(ClientId)
}
