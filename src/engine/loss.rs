//! The partner has lost its storage: what may be known to nobody any more (Q78, Q79; failover-12 §9.6.2, §5.4).

use crate::binding::{Binding, Code, Partner, Status};
use crate::machine::Run;
use crate::rules::PartnerLoss;
use crate::table::LeaseTable;
use crate::wait;

impl<T: LeaseTable, const W: usize> Run<'_, T, W> {
    /// UPDREQALL tells that the partner has lost its storage, and with it what it had given (Q78). It may have extended
    /// a lease as far as it was promised, and MCLT more: no lease ends before that, here or there. And it may have
    /// leased an address that was being taken back: that stays its own. A RESET that it has not acknowledged says nothing
    /// about what it leased since: the address is ABANDONED again, and an operator has to look once more (Q88).
    pub(crate) fn rest_what_the_partner_lost(&mut self) {
        if self.config.rules.partner_loss == PartnerLoss::AsRecorded {
            return;
        }
        let mut from = 0;
        let resets = self.config.rules.partner_loss == PartnerLoss::RestsFirst;
        let concerned = |binding: &Binding| match binding.status {
            Status::Active { .. } | Status::Expired { .. } | Status::Released { .. } => true,
            Status::Reset => resets,
            _ => binding.reclaiming,
        };
        while let Some(address) = self.table().find(from, &mut |_, binding| concerned(binding)) {
            let rested = self.rested(self.binding(address));
            self.put(address, rested);
            from = address.0 + 1;
        }
    }

    fn rested(&mut self, binding: Binding) -> Binding {
        let until = wait::partner_may_have_extended(self.config, &binding, self.clock);
        let lease_expiration = self.clock.later(binding.lease_expiration, until);
        match binding.status {
            // The partner may have agreed to the end, and have leased the address to another client: nobody gets it.
            Status::Expired { client } | Status::Released { client } if binding.partner != Partner::Unsent => {
                Binding { status: Status::Expired { client }, partner: Partner::Sent, lease_expiration, ..binding }
            }
            Status::Active { client } | Status::Expired { client } | Status::Released { client } => {
                Binding { status: Status::Active { client }, partner: Partner::Unsent, lease_expiration, ..binding }
            }
            Status::Reset => Binding {
                status: Status::Abandoned,
                partner: Partner::Unsent,
                start_of_status: self.clock.now(),
                ..binding
            },
            _ => Binding { reclaiming: false, ..binding },
        }
    }

    /// A partner in NORMAL has waited for what it had leased and forgotten. What it was told to be leased goes on here,
    /// too, until its end (Q78).
    pub(crate) fn go_on_with_rested(&mut self) {
        let mut from = 0;
        while let Some(address) = self.table().next_with(from, Code::Expired) {
            let binding = self.binding(address);
            from = address.0 + 1;
            if let Status::Expired { client } = binding.status
                && (binding.partner == Partner::UpToDate || !self.clock.passed(binding.lease_expiration))
            {
                self.put(address, Binding { status: Status::Active { client }, ..binding });
            }
        }
    }
}
