//! The rules: when each is enabled, and what it does.

use crate::{ADDRESSES, Action, Binding, Hold, Lf2, Message, Mode, State};

impl Lf2 {
    pub(crate) fn is_enabled(&self, state: &State, action: Action) -> bool {
        let mode = |server: u8| state.modes[usize::from(server)];
        let binding = |server: u8, address: u8| state.bindings[usize::from(server)][usize::from(address)];
        let asked =
            |server: u8, client: u8| state.net.has(Message::Request { client, server }) && mode(server).serves();
        match action {
            Action::Ask { client, server } => {
                !state.net.has(Message::Request { client, server }) && self.has_room(state)
            }
            Action::Renew { server, client, address } => {
                asked(server, client) && binding(server, address) == Binding::Client(client)
            }
            Action::Give { server, client, address } => {
                let may_give = address % 2 == server || mode(server) == Mode::Alone;
                let has_one = state.bindings[usize::from(server)].contains(&Binding::Client(client));
                asked(server, client) && !has_one && binding(server, address) == Binding::Free && may_give
            }
            Action::Deliver(message) => state.net.has(message) && arrives(state, message),
            Action::Lose(message) => state.net.has(message),
            Action::Tell { server, address } => {
                let binding = binding(server, address);
                let open = !state.acknowledged[usize::from(server)][usize::from(address)];
                let told = binding == Binding::Free || state.net.has(Message::Update { server, address, binding });
                mode(server) == Mode::Normal && open && !told && self.has_room(state)
            }
            Action::Expire { server, address } => match binding(server, address) {
                Binding::Client(client) => mode(server).serves() && !is_live(state, client, address),
                Binding::Free | Binding::Expired => false,
            },
            Action::Crash { .. } => !state.crashed && self.crashes > 0,
            Action::DeclareDown { server } => mode(server) == Mode::Normal && mode(1 - server) == Mode::Down,
            Action::EndWait { server } => mode(server) == Mode::PartnerDown && !has_short_lease(state, 1 - server),
            Action::Restart { server } => mode(server) == Mode::Down,
            Action::Resync { server } => {
                mode(server) == Mode::Recover && mode(1 - server).is_alone() && !has_short_lease(state, server)
            }
            Action::EndLease { client } => state.holds[usize::from(client)].is_some(),
            Action::Free { server, address } => {
                mode(server) == Mode::Alone && binding(server, address) == Binding::Expired
            }
        }
    }

    /// Carries out what is enabled.
    pub(crate) fn carry_out(&self, state: &mut State, action: Action) {
        match action {
            Action::Ask { client, server } => state.net.add(Message::Request { client, server }),
            Action::Renew { server, client, address } => {
                let acknowledged = state.acknowledged[usize::from(server)][usize::from(address)];
                self.grant(state, server, client, address, acknowledged);
            }
            Action::Give { server, client, address } => {
                set(state, server, address, Binding::Client(client));
                state.acknowledged[usize::from(server)][usize::from(address)] = false;
                self.grant(state, server, client, address, false);
            }
            Action::Deliver(message) => deliver(state, message),
            Action::Lose(message) => state.net.remove(message),
            Action::Tell { server, address } => {
                let binding = state.bindings[usize::from(server)][usize::from(address)];
                state.net.add(Message::Update { server, address, binding });
            }
            Action::Expire { server, address } => expire(state, usize::from(server), usize::from(address)),
            Action::Crash { server } => {
                state.crashed = true;
                state.modes[usize::from(server)] = Mode::Down;
            }
            Action::DeclareDown { server } => {
                state.modes[usize::from(server)] = Mode::PartnerDown;
                state.net.break_connection();
            }
            Action::EndWait { server } => state.modes[usize::from(server)] = Mode::Alone,
            Action::Restart { server } => {
                let partner = state.modes[usize::from(1 - server)];
                let mode = if partner == Mode::Normal { Mode::Normal } else { Mode::Recover };
                state.modes[usize::from(server)] = mode;
            }
            Action::Resync { server } => resync(state, usize::from(server)),
            Action::EndLease { client } => state.holds[usize::from(client)] = None,
            Action::Free { server, address } => {
                set(state, server, address, Binding::Free);
                state.acknowledged[usize::from(server)][usize::from(address)] = true;
            }
        }
    }

    fn has_room(&self, state: &State) -> bool {
        state.net.count() < self.capacity
    }

    /// Answers a request. Only what the partner knows of, or does not have to know of, is given for long.
    fn grant(&self, state: &mut State, server: u8, client: u8, address: u8, acknowledged: bool) {
        let long = acknowledged || state.modes[usize::from(server)] != Mode::Normal || self.always_long;
        state.net.remove(Message::Request { client, server });
        state.net.add(Message::Grant { server, client, address, long });
    }
}

/// Whether whoever a message is for is there to take it. Requests are taken by [`Action::Renew`] and [`Action::Give`].
fn arrives(state: &State, message: Message) -> bool {
    let is_normal = |server: u8| state.modes[usize::from(server)] == Mode::Normal;
    match message {
        Message::Request { .. } => false,
        Message::Grant { .. } => true,
        Message::Update { server, .. } => is_normal(1 - server),
        Message::Answer { server, .. } => is_normal(server),
    }
}

/// Whether a client has an address, or a grant of it is on its way.
fn is_live(state: &State, client: u8, address: u8) -> bool {
    let granted = |server, long| state.net.has(Message::Grant { server, client, address, long });
    state.holds[usize::from(client)].is_some_and(|hold| hold.address == address)
        || (0..2).any(|server| granted(server, false) || granted(server, true))
}

/// Whether a lease that is no longer than MCLT is left of those that a server gave.
fn has_short_lease(state: &State, server: u8) -> bool {
    let held = state.holds.iter().flatten().any(|hold| !hold.long && hold.server == server);
    let flying = |message| matches!(message, Message::Grant { server: by, long: false, .. } if by == server);
    held || state.net.iter().any(flying)
}

/// Changes a binding; what was told of the one before is void.
fn set(state: &mut State, server: u8, address: u8, binding: Binding) {
    let place = &mut state.bindings[usize::from(server)][usize::from(address)];
    if *place != binding {
        *place = binding;
        state.net.forget(server, address);
    }
}

fn deliver(state: &mut State, message: Message) {
    state.net.remove(message);
    match message {
        Message::Request { .. } => {}
        Message::Grant { server, client, address, long } => {
            let hold = &mut state.holds[usize::from(client)];
            if hold.is_none_or(|hold| hold.address == address) {
                *hold = Some(Hold { address, long, server });
            }
        }
        Message::Update { server, address, binding } => update(state, server, address, binding),
        Message::Answer { server, address, binding } => {
            if state.bindings[usize::from(server)][usize::from(address)] == binding {
                if binding == Binding::Expired {
                    set(state, server, address, Binding::Free);
                }
                state.acknowledged[usize::from(server)][usize::from(address)] = true;
            }
        }
    }
}

/// The partner of `server` hears what it has of an address.
fn update(state: &mut State, server: u8, address: u8, told: Binding) {
    let partner = 1 - server;
    let own = state.bindings[usize::from(partner)][usize::from(address)];
    let answer = Message::Answer { server, address, binding: told };
    let acknowledged = match (told, own) {
        // The client has renewed here: the partner has to hear of that first.
        (Binding::Expired, Binding::Client(client)) if is_live(state, client, address) => {
            state.acknowledged[usize::from(partner)][usize::from(address)] = false;
            return;
        }
        (Binding::Expired, _) => {
            set(state, partner, address, Binding::Free);
            true
        }
        (told, own) if told == own => {
            state.net.add(answer);
            return;
        }
        (told, Binding::Free | Binding::Expired) => {
            set(state, partner, address, told);
            false
        }
        (_, Binding::Client(_)) => return,
    };
    state.acknowledged[usize::from(partner)][usize::from(address)] = acknowledged;
    state.net.add(answer);
}

fn expire(state: &mut State, server: usize, address: usize) {
    let was = state.bindings[server][address];
    set(state, server as u8, address as u8, Binding::Expired);
    state.acknowledged[server][address] = false;
    let partner = 1 - server;
    if state.bindings[partner][address] == was {
        state.acknowledged[partner][address] = false;
    }
    // What they acknowledged has run out, too.
    state.net.forget_answers(partner as u8, address as u8);
}

fn resync(state: &mut State, server: usize) {
    let partner = 1 - server;
    for address in 0..ADDRESSES {
        state.acknowledged[partner][address] = state.bindings[partner][address] != Binding::Expired;
    }
    state.bindings[server] = state.bindings[partner];
    state.acknowledged[server] = state.acknowledged[partner];
    state.modes = [Mode::Normal; 2];
    state.net.break_connection();
}
