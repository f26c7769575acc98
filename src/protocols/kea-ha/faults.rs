//! What happens to servers and links, and what operators do about it.

use crate::channel::spend;
use crate::mode::Mode;
use crate::server::ADDRESSES;
use crate::spans::{RESPONSE, TIMEOUT};
use crate::state::State;
use crate::system::{KeaHa, Version};
use dhcpfo_time::{Clock, Time};

impl KeaHa {
    /// From now on a server hears nothing of its partner.
    ///
    /// Kea counts max-response-delay from the last success, which is not older than a heartbeat when the silence begins.
    /// Here it counts from the beginning of the silence, and is any time: so heartbeats need no times of their own.
    fn fall_silent(state: &mut State, server: u8, end: Time) {
        let own = &mut state.servers[usize::from(server)];
        // Who is in one of these asks no more how long it has been.
        let asks = !matches!(own.mode, Mode::PartnerDown | Mode::Terminated);
        if own.mode.is_up() {
            own.silence.get_or_insert(if asks { end } else { Time::LONG_AGO });
        }
    }

    /// A process ends. Its kernel closes its connections.
    pub(crate) fn crash(&self, state: &mut State, server: u8, clock: &mut dyn Clock) -> bool {
        let up = state.servers[usize::from(server)].mode.is_up();
        let ends = up && spend(&mut state.left.crashes);
        if ends {
            self.go_down(state, server, clock);
        }
        ends
    }

    fn go_down(&self, state: &mut State, server: u8, clock: &mut dyn Clock) {
        let own = &mut state.servers[usize::from(server)];
        *own = own.off();
        state.links.late = state.links.late.filter(|(to, _)| *to != server);
        self.refuse(state, 1 - server, clock);
        let partner = &mut state.servers[usize::from(1 - server)];
        partner.news = None;
        if partner.mode.is_up() && partner.silence.is_none() {
            let end = clock.after(clock.now(), RESPONSE);
            Self::fall_silent(state, 1 - server, end);
        }
    }

    /// The leases are written and not forced to the disk. What is lost is all of it: it is as if all was written of late.
    pub(crate) fn lose_power(&self, state: &mut State, server: u8, clock: &mut dyn Clock) -> bool {
        let up = state.servers[usize::from(server)].mode.is_up();
        let ends = up && spend(&mut state.left.power_losses);
        if ends {
            self.go_down(state, server, clock);
            state.servers[usize::from(server)].leases = [None; ADDRESSES];
        }
        ends
    }

    /// A process starts: WAITING, and nothing is remembered but the leases. (`kea-ha` section 3.)
    pub(crate) fn restart(&self, state: &mut State, server: u8, clock: &mut dyn Clock) -> bool {
        if state.servers[usize::from(server)].mode.is_up() {
            return false;
        }
        state.servers[usize::from(server)].mode = Mode::Waiting;
        if !self.reaches_partner(state, server) {
            state.servers[usize::from(server)].silence = Some(clock.after(clock.now(), RESPONSE));
        }
        (0..2).for_each(|server| self.is_news(state, server, clock));
        true
    }

    /// The control link begins to swallow everything.
    pub(crate) fn cut(&self, state: &mut State, clock: &mut dyn Clock) -> bool {
        if state.links.cut || !spend(&mut state.left.cuts) {
            return false;
        }
        state.links.cut = true;
        state.servers.iter_mut().for_each(|server| server.news = None);
        state.links.failing = clock.after(clock.now(), TIMEOUT);
        let hears = |server: &crate::server::Server| server.mode.is_up() && server.silence.is_none();
        if state.servers.iter().any(hears) {
            let end = clock.after(clock.now(), RESPONSE);
            (0..2).for_each(|server| Self::fall_silent(state, server, end));
        }
        true
    }

    /// It works again.
    pub(crate) fn heal(&self, state: &mut State, clock: &mut dyn Clock) -> bool {
        state.links.failing = Time::LONG_AGO;
        let healed = std::mem::take(&mut state.links.cut);
        for server in 0..2 {
            if !state.servers[usize::from(1 - server)].mode.is_up() {
                self.refuse(state, server, clock);
            }
        }
        (0..2).for_each(|server| self.is_news(state, server, clock));
        healed
    }

    /// A server is cut off from the clients.
    pub(crate) fn cut_off(&self, state: &mut State, server: u8) -> bool {
        let off = &mut state.links.off_lan[usize::from(server)];
        if *off || !spend(&mut state.left.lan_cuts) {
            return false;
        }
        *off = true;
        true
    }

    /// The clocks come to differ by more than is tolerated.
    pub(crate) fn clocks_part(&self, state: &mut State) -> bool {
        if state.links.clocks_apart || !spend(&mut state.left.clock_faults) {
            return false;
        }
        state.links.clocks_apart = true;
        true
    }

    /// WAITING beside TERMINATED comes to an end after ten minutes, in 3. (`kea-ha` section 9b, 6.)
    pub(crate) fn give_up(&self, state: &mut State, server: u8, clock: &mut dyn Clock) -> bool {
        let own = &state.servers[usize::from(server)];
        let waits = own.mode == Mode::Waiting && own.partner == Some(Mode::Terminated);
        let ends = waits && self.version == Version::V3;
        if ends {
            self.enter(state, server, Mode::Terminated, clock);
        }
        ends
    }

    /// The repair: an operator, who has seen that the partner is down, says so.
    pub(crate) fn declare_down(&self, state: &mut State, server: u8, clock: &mut dyn Clock) -> bool {
        let own = state.servers[usize::from(server)].mode;
        let able = own.is_up() && !matches!(own, Mode::PartnerDown | Mode::Terminated);
        let down = !state.servers[usize::from(1 - server)].mode.is_up();
        let told = !self.automatic && able && down;
        if told {
            self.enter(state, server, Mode::PartnerDown, clock);
        }
        told
    }

    /// ha-maintenance-start: the partner is told; if it cannot be reached, it is taken for dead at once. (`kea-ha` section 9.)
    pub(crate) fn maintain(&self, state: &mut State, server: u8, clock: &mut dyn Clock) -> bool {
        let able = matches!(state.servers[usize::from(server)].mode, Mode::Normal | Mode::Recovery);
        if !able || !spend(&mut state.left.maintenances) {
            return false;
        }
        if self.reaches_partner(state, server) {
            self.enter(state, 1 - server, Mode::InMaintenance, clock);
            self.enter(state, server, Mode::PartnerInMaintenance, clock);
            let own = &mut state.servers[usize::from(server)];
            own.partner = Some(Mode::InMaintenance);
            own.reached();
        } else {
            state.servers[usize::from(server)].partner = None;
            self.enter(state, server, Mode::PartnerDown, clock);
        }
        true
    }
}
