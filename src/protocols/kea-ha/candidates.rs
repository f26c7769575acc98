//! What may happen in a state. A look at a few fields leaves out most of what may not: a step that is refused costs a copy of
//! the state.

use crate::action::Action;
use crate::mode::{Mode, Scopes};
use crate::server::Server;
use crate::state::State;
use crate::system::KeaHa;

impl KeaHa {
    pub(crate) fn each_candidate(&self, state: &State, try_it: &mut impl FnMut(Action)) {
        let mut try_it = |action: Action| {
            if self.is_possible(state, action) {
                try_it(action);
            }
        };
        for server in 0..2 {
            let own = &state.servers[usize::from(server)];
            if own.mode.scopes() != Scopes::None {
                for client in 0..self.clients {
                    self.pool().for_each(|address| try_it(Action::Ask { client, server, address }));
                    try_it(Action::Release { client, server });
                }
            }
            for place in 0..own.requests.iter().flatten().count() as u8 {
                Action::OF_A_REQUEST.iter().for_each(|make| try_it(make(server, place)));
            }
            Action::OF_A_SERVER.iter().for_each(|make| try_it(make(server)));
        }
        Action::OF_THE_WORLD.into_iter().for_each(&mut try_it);
    }

    /// False only for what the step refuses.
    fn is_possible(&self, state: &State, action: Action) -> bool {
        let (left, links) = (&state.left, &state.links);
        let own = |server: u8| &state.servers[usize::from(server)];
        match action {
            Action::Release { .. } => self.releases,
            Action::Ask { .. } => true,
            Action::Arrive { server, .. } => self.reaches_partner(state, server),
            Action::Fail { server, place } => {
                let held_up = own(server).requests[usize::from(place)].is_some_and(|request| request.update.is_none());
                held_up || !self.reaches_partner(state, server)
            }
            Action::Locked { .. } => left.locked > 0,
            Action::HoldUp { .. } => left.late > 0,
            Action::Hear { server } => own(server).mode.sends_heartbeats() && self.reaches_partner(state, server),
            Action::Miss { server } => own(server).mode.sends_heartbeats() && !self.reaches_partner(state, server),
            Action::Unanswered { server } => is_silent(own(server)),
            Action::Synchronise { server } | Action::Read { server } | Action::Notify { server } => {
                own(server).mode == Mode::Syncing
            }
            Action::GiveUp { server } => own(server).mode == Mode::Waiting,
            Action::DeclareDown { .. } => !self.automatic,
            Action::Maintain { .. } => left.maintenances > 0,
            Action::Crash { server } => left.crashes > 0 && own(server).mode.is_up(),
            Action::LosePower { server } => left.power_losses > 0 && own(server).mode.is_up(),
            Action::Restart { server } => !own(server).mode.is_up(),
            Action::CutOff { server } => left.lan_cuts > 0 && !links.off_lan[usize::from(server)],
            Action::Reconnect { server } => links.off_lan[usize::from(server)],
            Action::Late => links.late.is_some(),
            Action::Cut => left.cuts > 0 && !links.cut,
            Action::Heal => links.cut,
            Action::ClocksPart => left.clock_faults > 0 && !links.clocks_apart,
            Action::ClocksMeet => links.clocks_apart,
        }
    }
}

/// Whether a server may still be looking for clients that its partner leaves unanswered.
fn is_silent(server: &Server) -> bool {
    server.silence.is_some() && !server.unacked && matches!(server.mode, Mode::Normal | Mode::Recovery)
}
