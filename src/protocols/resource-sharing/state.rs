//! The coordinator, the clients, and the grants on their way.

use dhcpfo_study::{Fields, Visit};
use dhcpfo_time::{Kind, Time, Times};

/// Most clients.
pub const CLIENTS: usize = 4;
/// Most grants on their way at once.
pub const GRANTS: usize = 2;

/// Everything there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    /// The coordinator is down.
    pub down: bool,
    /// How often it has crashed, where that is bounded.
    pub crashes: u8,
    /// How many requests and grants were lost, where that is bounded.
    pub losses: u8,
    /// Until when it grants nothing: stored.
    pub granted_until: Time,
    /// The clients.
    pub clients: [Client; CLIENTS],
    /// Grants on their way, oldest first, then the places that are free.
    pub grants: [Option<Grant>; GRANTS],
}

/// A client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Client {
    /// A request of it is on its way, or waits at the coordinator.
    pub asked: bool,
    /// It uses the resource.
    pub uses: bool,
    /// It stops by then.
    pub end: Time,
}

/// A grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Grant {
    /// To whom.
    pub client: u8,
    /// When that client's clock shows the end of it, at the latest.
    pub end: Time,
}

impl State {
    /// How many clients use the resource.
    pub fn users(&self) -> usize {
        self.clients.iter().filter(|client| client.uses).count()
    }

    /// Takes a grant off its way.
    pub(crate) fn take(&mut self, place: u8) -> Option<Grant> {
        let taken = self.grants.get_mut(usize::from(place))?.take();
        self.grants[usize::from(place)..].rotate_left(1);
        taken
    }

    /// The state with each client called `names` of it.
    pub(crate) fn renamed(&self, names: [u8; CLIENTS]) -> State {
        let mut renamed = *self;
        for (client, name) in self.clients.iter().zip(names) {
            renamed.clients[usize::from(name)] = *client;
        }
        for grant in renamed.grants.iter_mut().flatten() {
            grant.client = names[usize::from(grant.client)];
        }
        renamed
    }
}

impl Fields for State {
    fn fields(&mut self, visit: &mut impl Visit) {
        visit.flag(&mut self.down);
        visit.byte(&mut self.crashes);
        visit.byte(&mut self.losses);
        visit.time(&mut self.granted_until, Kind::Deadline);
        for Client { asked, uses, end } in &mut self.clients {
            visit.flag(asked);
            visit.flag(uses);
            visit.time(end, Kind::Deadline);
        }
        for place in &mut self.grants {
            // A place that is free has no client and a time that is over.
            let (mut client, mut end) = place.map_or((u8::MAX, Time::LONG_AGO), |grant| (grant.client, grant.end));
            visit.byte(&mut client);
            visit.time(&mut end, Kind::Deadline);
            *place = (client != u8::MAX).then_some(Grant { client, end });
        }
    }
}

impl Times for State {
    fn times(&mut self, visit: &mut impl FnMut(&mut Time, Kind)) {
        dhcpfo_study::times(self, visit);
    }
}
