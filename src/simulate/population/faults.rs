//! What goes wrong, by chance and by script; and how all of it is healed.

use super::{Event, Run};
use dhcpfo_engine::effect::{Command, Input};
use dhcpfo_engine::state::Role;
use dhcpfo_files::simulation::Setting;
use dhcpfo_world::action::{Order, What};
use rand::RngExt;

const DAY: f64 = 86_400.0;

/// What comes by chance, again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Crash(Role),
    Cut,
    PowerCut,
    ClockStep,
    PrematureDown,
    BothDown,
    WrongRole,
    ClientStep,
}

impl Fault {
    const ALL: [(Fault, Setting); 9] = [
        (Fault::Crash(Role::Primary), Setting::Crashes),
        (Fault::Crash(Role::Secondary), Setting::Crashes),
        (Fault::Cut, Setting::LinkCuts),
        (Fault::PowerCut, Setting::PowerCuts),
        (Fault::ClockStep, Setting::ClockSteps),
        (Fault::PrematureDown, Setting::PrematureDown),
        (Fault::BothDown, Setting::BothDown),
        (Fault::WrongRole, Setting::WrongRole),
        (Fault::ClientStep, Setting::ClientSteps),
    ];
}

impl Run<'_> {
    pub(super) fn plan_faults(&mut self) {
        for (fault, _) in Fault::ALL {
            self.plan_fault(fault);
        }
        for (number, planned) in (0..).zip(&self.file.script) {
            self.queue.push(u64::from(planned.at) * 1000, Event::Script(number));
        }
    }

    fn plan_fault(&mut self, fault: Fault) {
        let rate = Fault::ALL.iter().find(|(other, _)| *other == fault).map_or(0.0, |(_, setting)| self.get(*setting));
        if rate > 0.0 {
            let after = self.about(DAY / rate);
            self.push(after.max(1), Event::Fault(fault));
        }
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        if !self.faulty {
            return;
        }
        match fault {
            Fault::Crash(role) => {
                let in_step = self.get(Setting::CrashInStep);
                match self.chance(in_step) {
                    true => self.servers[role.index()].crashes_in_step = true,
                    false => self.crash_for_a_while(role),
                }
            }
            Fault::Cut => {
                let (length, flapping) = (self.get(Setting::CutLength), self.get(Setting::Flapping));
                let length = self.about(length).max(1);
                let left = if self.chance(flapping) { 10 } else { 1 };
                self.cut_again(left, length as u32);
            }
            Fault::PowerCut => self.power_cut(),
            Fault::ClockStep => {
                self.go_beyond(true, "a server's clock steps");
                self.offset += self.get(Setting::ClockStep) as u64;
            }
            Fault::PrematureDown => {
                let role = Role::ALL[self.random.random_range(0..2_u32) as usize];
                self.stimulate(role, Input::Operator(Command::PartnerDown));
            }
            Fault::BothDown => {
                Role::ALL.into_iter().for_each(|role| self.stimulate(role, Input::Operator(Command::PartnerDown)));
            }
            Fault::ClientStep => {
                self.go_beyond(true, "a client's clock steps");
                let seconds = self.get(Setting::ClientStep) as u32;
                let client = self.random.random_range(0..self.clients.len() as u32);
                self.clients[client as usize].step_back(seconds);
            }
            Fault::WrongRole => {
                let role = Role::ALL[self.random.random_range(0..2_u32) as usize];
                let length = self.get(Setting::WrongRoleLength);
                self.configure(role, role.partner());
                self.push((length * 1000.0) as u64, Event::OwnRole(role.index() as u8));
            }
        }
        self.plan_fault(fault);
    }

    /// A crash, and a restart some time after it.
    pub(super) fn crash_for_a_while(&mut self, role: Role) {
        let (loss, downtime) = (self.get(Setting::StorageLoss), self.get(Setting::Downtime));
        let storage = self.chance(loss);
        if self.servers[role.index()].is_up() {
            self.crash(role, storage);
            let (life, after) = (self.servers[role.index()].life, self.about(downtime));
            self.push(after + 1, Event::Restart { role: role.index() as u8, life });
        }
    }

    /// An operator starts a server anew with this role in its configuration. The draft gives each server one for good.
    fn configure(&mut self, server: Role, role: Role) {
        let i = server.index();
        if self.servers[i].config.role == role {
            return;
        }
        self.go_beyond(true, "a server has the other's role");
        self.crash(server, false);
        self.servers[i].config.role = role;
        let life = self.servers[i].life;
        self.restart_after(i as u8, life);
    }

    /// A server has its own role again.
    pub(super) fn own_role(&mut self, server: u8) {
        self.configure(super::role_of(server), super::role_of(server));
    }

    /// A partition of so many milliseconds, which comes back `left - 1` times.
    pub(super) fn cut_again(&mut self, left: u8, length: u32) {
        if !self.faulty || self.link.blocked != [false; 2] {
            return;
        }
        let one_way = self.get(Setting::OneWay);
        let blocked = match (self.chance(one_way), self.random.random_range(0..2_u32)) {
            (false, _) => [true; 2],
            (true, towards) => [towards == 0, towards == 1],
        };
        self.cut(blocked);
        let length = u64::from(length);
        let length = if left > 1 { length / 10 + 1 } else { length };
        self.push(length, Event::CutEnds(self.link.cut));
        if left > 1 {
            self.push(2 * length, Event::CutAgain { left: left - 1, length: length as u32 });
        }
    }

    pub(super) fn planned(&mut self, number: u32) {
        if !self.faulty {
            return;
        }
        match self.file.script[number as usize].what {
            What::Crash { server, storage } => {
                self.held_down[server.index()] = true;
                self.crash(server, storage);
            }
            What::Restart(role) => {
                self.held_down[role.index()] = false;
                let life = self.servers[role.index()].life;
                self.restart_after(role.index() as u8, life);
            }
            What::Break => self.cut([true; 2]),
            What::Connect => self.uncut(),
            What::Operator(role, Order::PartnerDown) => self.stimulate(role, Input::Operator(Command::PartnerDown)),
            _ => {}
        }
    }

    /// Nothing goes wrong any more, and what was down is started.
    pub(super) fn end_faults(&mut self) {
        self.faulty = false;
        self.held_down = [false; 2];
        self.servers.iter_mut().for_each(|server| server.crashes_in_step = false);
        (0..2).for_each(|server| self.own_role(server));
        self.uncut();
        for role in Role::ALL {
            let life = self.servers[role.index()].life;
            self.restart_after(role.index() as u8, life);
        }
    }
}
