//! The first start, or a start with an empty store: what nobody remembers, until when it may be alive, and beginning at once.
//!
//! Nobody can tell a first start from a loss (Q27): so a server without a store waits for its partner, and for MCLT. Somebody
//! who knows that no client holds a lease may say so (Q111).

use dhcpfo_documents::control::{Answer, Consequences, Forgotten, Refused};
use dhcpfo_engine::binding::{Code, Status};
use dhcpfo_engine::effect::Command;
use dhcpfo_engine::state::State;
use dhcpfo_engine::table::LeaseTable;

use super::{Core, Exception};

/// How to begin at once.
const HOW: &str = "if no client can hold a lease that was given before: `dhcpfo ctl begin --yes` on both servers; \
                   without a partner: `dhcpfo ctl begin --alone --yes`";

impl Core {
    /// No binding says that any client was ever served.
    pub(super) fn is_unused(&self) -> bool {
        self.endpoint
            .durable()
            .table()
            .find(0, &mut |_, binding| binding.status != Status::Free { last: None })
            .is_none()
    }

    fn is_recovering(&self) -> bool {
        matches!(self.endpoint.state(), State::Recover | State::RecoverWait)
    }

    /// Says what an empty store means, if it is empty.
    pub(super) fn note_empty_store(&mut self) {
        if !self.is_recovering() || !self.is_unused() {
            return;
        }
        let until = self.clock.now.saturating_add(self.plan.longest_lease);
        self.forgotten_until = Some(until);
        let wait_ends = self.endpoint.durable().endpoint().map_or(0, |record| record.recover_wait_ends.raw());
        tracing::warn!(
            leases_may_be_alive_until = until,
            serves_nobody_before = wait_ends,
            mclt = self.clock.mclt,
            "this server has no bindings: leases that were given earlier may be alive, for {} s at most. It serves nobody \
             until its partner has answered and MCLT has passed; {HOW}",
            self.plan.longest_lease
        );
    }

    /// The partner has told everything. If that was nothing, nobody remembers what may have been.
    pub(super) fn note_recovered(&mut self, entered: State) {
        let Some(until) = self.forgotten_until.filter(|_| entered == State::RecoverWait) else { return };
        if self.is_unused() {
            tracing::warn!(
                leases_may_be_alive_until = until,
                "the partner knows of no lease either: if leases were given earlier and both stores were lost, their \
                 addresses may be given to others after MCLT, while they are alive (Q27)"
            );
        } else {
            self.forgotten_until = None;
        }
    }

    /// For `ctl status`. Null: there is nothing that this server may have forgotten.
    pub(super) fn forgotten_status(&self) -> Option<Forgotten> {
        let until = self.forgotten_until.filter(|&until| until > self.clock.now)?;
        Some(Forgotten {
            leases_may_be_alive_until: until,
            why: "this server began without a store, and its partner has told of no lease: leases that were given earlier \
                  are not known"
                .to_owned(),
            to_begin_at_once: self.is_recovering().then(|| HOW.to_owned()),
        })
    }

    /// Begins without waiting, on an operator's word that no lease is alive.
    pub(super) fn begin_at_once(&mut self, yes: bool, alone: bool) -> Answer {
        let state = self.endpoint.state();
        if !self.is_recovering() || !self.is_unused() {
            let table = self.endpoint.durable().table();
            return Answer::refused(format!(
                "only a server without bindings begins, in RECOVER or RECOVER-WAIT; this one is in {} and has {} leases",
                state.name(),
                table.count(Code::Active)
            ));
        }
        if self.partner_remembers {
            return Answer::refused(
                "the partner remembers what this server had: it knows of leases, and tells of them (RECOVER)",
            );
        }
        if alone && self.endpoint.volatile().session.conversation().is_some() {
            return Answer::refused("the partner is in touch: leave --alone out, and say it to the partner as well");
        }
        if !yes {
            let record = self.endpoint.durable().endpoint();
            let consequences = Some(Consequences::Begin {
                assumes: "no client holds a lease that this server, its partner, or one before them has given"
                    .to_owned(),
                at_risk: "if one does, its address may be given to another client at once (Q111)".to_owned(),
                leases_may_be_alive_until: self.forgotten_until,
                without_it_serves_from: record.map(|record| record.recover_wait_ends.raw()),
            });
            let error = "only told, not done: --yes if that is so".to_owned();
            return Answer::Refused(Refused { ok: false, error, consequences });
        }
        let what = format!("begin{} was commanded at {}", if alone { " --alone" } else { "" }, self.clock.now);
        let cost = "a client that holds a lease given before that may have to share its address".to_owned();
        tracing::warn!(what, "{cost}");
        self.exceptions.push(Exception { what, cost });
        self.operator(Command::Begin { alone })
    }
}
