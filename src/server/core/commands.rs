//! What an operator wants, carried out.

use std::path::Path;
use std::sync::Arc;

use dhcpfo_documents::control::{Answer, Consequences, Done, Metrics, Refused, Reloaded};
use dhcpfo_engine::binding::Code;
use dhcpfo_engine::durable::Durable;
use dhcpfo_engine::effect::{Command, Input};
use dhcpfo_engine::endpoint::{Endpoint, Phase};
use dhcpfo_engine::rules::StartupOver;
use dhcpfo_engine::state::{Role, State};
use dhcpfo_engine::table::LeaseTable;
use dhcpfo_files::load::from_disk;
use dhcpfo_files::server::server;
use dhcpfo_table::Indexed;
use dhcpfo_wire::message::Refusal;
use dhcpfo_wire::number::Reject;
use dhcpfo_wire::session::{self, Now};

use super::{Core, partner, whose};
use crate::control::Request;
use crate::exceptions::Exception;
use crate::names::Names;
use crate::plan::Plan;

/// What an endpoint that begins anew has of what it had.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeps {
    /// Its record and its bindings.
    Everything,
    /// The same, but it asks for everything (failover-12 §9.5.2).
    AsLost,
    /// Nothing: its store was set aside.
    Nothing,
}

impl Core {
    /// Carries a request out, and says what came of it.
    pub(super) fn command(&mut self, now: Now, request: &Request) -> Answer {
        if !matches!(request, Request::Status | Request::Bindings { .. } | Request::Why { .. } | Request::Metrics) {
            tracing::warn!(?request, "an operator commands");
        }
        match request {
            Request::Status => self.status(),
            Request::Bindings { all } => self.bindings(*all),
            Request::Why { client, link } => self.why(client, link.as_deref()),
            Request::Metrics => Answer::Metrics(Metrics { ok: true, text: self.metrics() }),
            Request::PartnerDown { yes, down_for, stopped_serving } => {
                self.partner_down(*yes, *down_for, *stopped_serving)
            }
            Request::Recover { yes: false } => Answer::refused(
                "everything that this server knows about leases would be set aside and asked of the partner; nobody is \
                 served until it has answered and MCLT has passed (failover-12 §9.5, §9.6). --yes if that is meant",
            ),
            Request::Recover { yes: true } => self.recover(now),
            Request::Rebalance => self.operator(Command::Rebalance),
            Request::Begin { yes, alone } => self.begin_at_once(*yes, *alone),
            Request::Reset { address } => match address.parse().ok().and_then(|address| self.plan.id(address)) {
                Some(id) => self.operator(Command::Reset(id)),
                None => Answer::refused(format!("{address} is in no pool of this server")),
            },
            Request::ResetAbandoned { yes } => self.reset_abandoned(*yes),
            Request::Shutdown => self.leave(Command::Shutdown),
            Request::Pause => self.leave(Command::Pause),
            Request::Reload => {
                let answer = self.reload(now);
                match &answer {
                    Answer::Refused(Refused { error, .. }) => {
                        tracing::warn!(error, "the configuration is not taken over; nothing was changed");
                    }
                    Answer::Reloaded(Reloaded { pools_changed, .. }) => {
                        tracing::info!(pools_changed, "the configuration is taken over");
                    }
                    _ => {}
                }
                answer
            }
        }
    }

    pub(super) fn operator(&mut self, command: Command) -> Answer {
        self.step(Input::Operator(command));
        self.done(None)
    }

    /// It is done; with what comes of it.
    pub(super) fn done(&self, consequences: Option<Consequences>) -> Answer {
        Answer::Done(Done { ok: true, state: self.endpoint.state().name().to_owned(), consequences })
    }

    fn leave(&mut self, command: Command) -> Answer {
        let answer = self.operator(command);
        self.ending = true;
        answer
    }

    /// Says what would come of it; with `yes` it does. `down_for`: as if it had been said so many seconds ago. Since then the
    /// partner must have served nobody, which is more than that it has not been heard: one that is cut off goes on
    /// serving. So it needs `stopped_serving`, and may not reach back before the latest contact.
    fn partner_down(&mut self, yes: bool, down_for: u32, stopped_serving: bool) -> Answer {
        let state = self.endpoint.state();
        let starting = matches!(self.endpoint.volatile().phase, Phase::Startup { .. });
        let possible = matches!(state, State::Normal | State::CommunicationsInterrupted | State::ResolutionInterrupted)
            || (starting && state == State::PartnerDown);
        if !possible {
            return Answer::refused(format!(
                "{} does not lead to PARTNER-DOWN (failover-12 §9.8.4, §9.9.3, §9.11.3)",
                state.name()
            ));
        }
        let now = self.clock.now;
        let most = now.saturating_sub(self.note_contact().at);
        if down_for > most {
            return Answer::refused(format!(
                "the partner may have been in touch {most} s ago: it has not been down for {down_for} s. Count from when it \
                 stopped serving clients, which is later than the latest contact unless that is what ended it"
            ));
        }
        if down_for > 0 && !stopped_serving {
            return Answer::refused(format!(
                "MCLT would count from {down_for} s ago, as if the partner had answered no client since. A partner that is \
                 only cut off goes on answering: what it gave since then would be given again too early. Leave \
                 --down-for out, or add --stopped-serving if you know that its process or its machine ended before that"
            ));
        }
        let table = self.endpoint.durable().table();
        let partners = if self.config.role == Role::Primary { Code::Backup } else { Code::Free };
        let alive = self.endpoint.volatile().session.conversation().is_some();
        let consequences = Some(Consequences::PartnerDown {
            state: state.name().to_owned(),
            partner_is_in_touch: alive,
            becomes_available: table.count(partners),
            available_from: (now - down_for).saturating_add(self.clock.mclt),
            leases_that_rest: table.count(Code::Active),
            at_risk:
                "if the partner is alive and serves, each address may be given to two clients: its available ones \
                      after MCLT, its leases when they end here (failover-12 §9.4)"
                    .to_owned(),
        });
        if yes {
            // The step is made as of then: what has happened since is within what COMMUNICATIONS-INTERRUPTED allows.
            self.clock.now = now - down_for;
            self.step(Input::Operator(Command::PartnerDown));
            self.clock.now = now;
            if down_for > 0 {
                self.dated_back(now - down_for);
            }
            return self.done(consequences);
        }
        let error = "only told, not done: --yes if the partner is really down".to_owned();
        Answer::Refused(Refused { ok: false, error, consequences })
    }

    /// An operator's word that the searches take to be true, and that nobody can check.
    fn dated_back(&mut self, stopped: u32) {
        let what = format!("partner-down was dated back to {stopped} (seconds since 1970)");
        let cost =
            "if the partner answered a client after that, the client's address is given to another one before its \
                    lease is over"
                .to_owned();
        tracing::warn!(what, "{cost}");
        self.exceptions.push(Exception { what, cost });
    }

    /// The store is set aside, and everything is asked of the partner.
    fn recover(&mut self, now: Now) -> Answer {
        match self.set_aside(now) {
            Ok(()) => self.done(None),
            Err(error) => Answer::refused(error),
        }
    }

    /// # Errors
    /// The store takes no changes.
    pub(super) fn set_aside(&mut self, now: Now) -> Result<(), String> {
        let refusal = Refusal::new(Reject::UNKNOWN, "this server recovers");
        self.session_input(now, session::Input::Close(refusal));
        // What was answered in this batch stands in the store that is set aside.
        self.finish();
        if self.stalled {
            return Err("the store takes no changes".to_owned());
        }
        self.changes = crate::store::Changes::default();
        self.store.begin_anew(&whose(&self.file)).map_err(|error| error.to_string())?;
        self.agreed = None;
        self.begin_endpoint(self.plan.clone(), Keeps::Nothing);
        self.note_empty_store();
        Ok(())
    }

    /// Begins anew with all bindings, and asks for everything as after a loss.
    ///
    /// # Errors
    /// The store takes no changes.
    pub(super) fn forget_what_is_told(&mut self, now: Now) -> Result<(), String> {
        self.session_input(
            now,
            session::Input::Close(Refusal::new(Reject::UNKNOWN, "this server asks for everything")),
        );
        self.finish();
        if self.stalled {
            return Err("the store takes no changes".to_owned());
        }
        self.begin_endpoint(self.plan.clone(), Keeps::AsLost);
        Ok(())
    }

    /// A new table for a plan.
    fn begin_endpoint(&mut self, plan: Arc<Plan>, keeps: Keeps) {
        let blank = keeps == Keeps::Nothing;
        let (mut names, reserved) = Names::new(plan.clone());
        let mut table = Indexed::new(plan.len(), &reserved).in_groups(&plan.groups, partner::pool(&self.file));
        let durable = self.endpoint.durable();
        for (id, address) in (0..plan.len()).filter_map(|n| {
            let id = dhcpfo_engine::binding::AddressId(n);
            Some((id, plan.address(id)?))
        }) {
            let Some(old) = self.plan.id(address).filter(|_| !blank) else { continue };
            let Some(binding) = renamed(durable.table().get(old), &self.names, &mut names) else { continue };
            table.put(id, binding);
            names.bound(id, binding.status.client());
        }
        let record = durable.endpoint().copied().filter(|_| !blank).map(|mut record| {
            if self.endpoint.operates(&self.config) {
                record.last_operational = dhcpfo_time::Time::from_raw(self.clock.now);
            }
            record.lost |= keeps == Keeps::AsLost;
            record
        });
        self.plan = plan;
        self.names = names;
        self.offers = super::Offers::default();
        self.config = partner::engine_config(&self.file, self.agreed.as_ref());
        self.clock =
            crate::clock::Wall { now: self.clock.now, ..partner::wall(&self.file, &self.plan, self.agreed.as_ref()) };
        let mut effects = Vec::new();
        let found = Durable::found(record, table);
        if let Some(trace) = &mut self.outside.trace {
            let known = (&*self.plan, &self.names);
            trace.open(&self.file.failover.name, &self.config, &self.clock, &found, known);
        }
        self.endpoint = Endpoint::start(&self.config, found, &mut self.clock, &mut |effect| effects.push(effect));
        self.trace_start(&effects);
        self.effects(effects, None);
    }

    /// The configuration is read again. What concerns sockets, store and relationship needs a restart.
    fn reload(&mut self, now: Now) -> Answer {
        let file = match server(&self.file.path, &from_disk) {
            Ok(file) => file,
            Err(errors) => return Answer::refused(errors.to_string()),
        };
        let same = |name: &str, same: bool| (!same).then(|| name.to_owned());
        let old = &self.file;
        let changed: Vec<String> = [
            same("listen", file.listen == old.listen),
            same("store.path", Path::new(&file.store) == Path::new(&old.store)),
            same("control", (&file.socket, file.http, &file.token) == (&old.socket, old.http, &old.token)),
            same("failover", file.failover == old.failover),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !changed.is_empty() {
            return Answer::refused(format!(
                "{} changed: that needs a restart; nothing was changed",
                changed.join(", ")
            ));
        }
        crate::check::tell(&file);
        let plan = Arc::new(Plan::new(&file));
        let pools = |file: &dhcpfo_files::ServerFile| {
            let subnets: Vec<_> = file.subnets.iter().map(|s| (s.network, s.length, s.pools.clone())).collect();
            (subnets, file.reservations.clone())
        };
        let moved = pools(&file) != pools(old);
        let apart = self.endpoint.volatile().session.conversation().is_none();
        if moved && apart && self.config.rules.startup_over == StartupOver::Wait {
            return Answer::refused(
                "the pools changed: this server would begin anew, and serve nobody until its partner answers, which is not \
                 in touch now (failover.startup-over = \"wait\"); nothing was changed",
            );
        }
        self.file = file;
        if moved {
            self.troubles.reconfigured();
            // The partner begins anew, too: numbers of addresses mean others now.
            let refusal = Refusal::new(Reject::UNKNOWN, "the pools of this server change");
            self.session_input(now, session::Input::Close(refusal));
            self.begin_endpoint(plan, Keeps::Everything);
        } else {
            self.clock.lease = super::ends::Margin::of(&self.file).books(plan.longest_lease);
            self.clock.potential = partner::potential(&self.file, &plan);
            self.trace_lengths();
            self.plan = plan;
        }
        Answer::Reloaded(Reloaded { ok: true, pools_changed: moved, addresses: self.plan.len() })
    }
}

/// A binding with its client's number among others. None if there is no number for it.
fn renamed(
    mut binding: dhcpfo_engine::binding::Binding,
    from: &Names,
    to: &mut Names,
) -> Option<dhcpfo_engine::binding::Binding> {
    use dhcpfo_engine::binding::Status;
    use dhcpfo_wire::convert::Directory;
    if let Some(id) = binding.status.client() {
        let client = to.client_id(&from.client(id)?)?;
        binding.status = match binding.status {
            Status::Free { .. } => Status::Free { last: Some(client) },
            Status::Backup { .. } => Status::Backup { last: Some(client) },
            Status::Active { .. } => Status::Active { client },
            Status::Expired { .. } => Status::Expired { client },
            Status::Released { .. } => Status::Released { client },
            other => other,
        };
    }
    Some(binding)
}
