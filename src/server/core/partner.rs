//! The session with the partner, and the effects of the engine's steps.

use std::time::Duration;

use dhcpfo_engine::balance::Buckets;
use dhcpfo_engine::config::{Config, Pool, Slack};
use dhcpfo_engine::durable::Record;
use dhcpfo_engine::effect::{Effect, Input, Note};
use dhcpfo_engine::endpoint::Session as Link;
use dhcpfo_files::ServerFile;
use dhcpfo_wire::convert::Directory;
use dhcpfo_wire::digest::Secret;
use dhcpfo_wire::message::Refusal;
use dhcpfo_wire::number::Reject;
use dhcpfo_wire::profile::Profile;
use dhcpfo_wire::session::{self, Agreement, ConfigError, ConnectionId, Now, Output, Retry, Session, Tls};

use super::ends::Margin;
use super::troubles::{self, Kind};
use super::{Core, Deferred, WINDOW};
use crate::clock::Wall;
use crate::exceptions::rules;
use crate::plan::Plan;
use crate::record::Agreed;

/// What the engine is configured with.
pub(super) fn engine_config(file: &ServerFile, agreed: Option<&Agreed>) -> Config {
    let own = Buckets::first(file.failover.split);
    Config {
        role: file.failover.role,
        rules: rules(file),
        buckets: agreed.map_or(own, |agreed| agreed.buckets),
        pool: pool(file),
        safe_period: file.failover.safe_period.is_some(),
        remember_last: true,
    }
}

/// How the addresses of each link are shared. By default the balance may be off by one address, or a tenth of the link's: what is
/// handed over meanwhile may have been offered to a client, which is then refused.
pub(super) fn pool(file: &ServerFile) -> Pool {
    let slack = file.failover.slack.map_or(Slack { addresses: 1, per_mille: 100 }, Slack::addresses);
    Pool { secondary_share: file.failover.secondary_share, slack: Some(slack), ask: true, cover: true }
}

/// The lengths of time. A secondary takes the primary's MCLT (failover-12 §7.8.2 step 7). What was agreed stays in force
/// while leases that were given under it may be alive; a longer one counts for waits at once, and for leases as soon as
/// the partner has agreed to it ([`super::mclt`]; Q54).
pub(super) fn wall(file: &ServerFile, plan: &Plan, agreed: Option<&Agreed>) -> Wall {
    Wall {
        now: 0,
        mclt: super::mclt::in_force(file, agreed),
        lease: Margin::of(file).books(plan.longest_lease),
        potential: potential(file, plan),
        safe_period: file.failover.safe_period.unwrap_or(u32::MAX / 4),
        startup: file.failover.startup,
        message_age: file.failover.receive_timer,
    }
}

/// How far ahead of now a potential-expiration-time is set: half of the desired interval beyond it (failover-12 §5.2.1).
pub(super) fn potential(file: &ServerFile, plan: &Plan) -> u32 {
    Margin::of(file).books(plan.longest_lease).saturating_add(plan.longest_lease / 2)
}

/// The session, or why there is none: never one without the secret or the TLS that the file asks for.
///
/// # Errors
/// What the configuration says and a session does not take.
pub(crate) fn session(file: &ServerFile, agreed: Option<&Agreed>) -> Result<Session, ConfigError> {
    let failover = &file.failover;
    let profile = if failover.isc { Profile::ISC_DHCPD } else { Profile::DRAFT };
    let retry = Duration::from_secs(failover.retry.into());
    let config = session::Config {
        max_unacked: failover.max_unacked.min(WINDOW as u32),
        receive_timer: failover.receive_timer,
        mclt: super::mclt::in_force(file, agreed),
        buckets: Buckets::first(failover.split),
        delayed_service: failover.delayed_service,
        max_skew: failover.max_skew,
        secret: secret(file)?,
        last_connect: agreed.map(|agreed| agreed.connect_time),
        tls: match &failover.tls {
            None => Tls::Off,
            Some(tls) if tls.required => Tls::Required,
            Some(_) => Tls::Desired,
        },
        retry: Retry { first: retry, most: retry * 6, refused: retry * 6 },
        ..session::Config::new(failover.role, profile, failover.name.as_bytes())
    };
    Session::new(config)
}

fn secret(file: &ServerFile) -> Result<Option<Secret>, ConfigError> {
    let usable = |key: &String| {
        Secret::new(key.clone().into_bytes()).ok_or(ConfigError { field: "key", accepted: "1 or more characters" })
    };
    file.failover.key.as_ref().map(usable).transpose()
}

impl Core {
    /// One input to the session.
    pub(super) fn session_input(&mut self, now: Now, input: session::Input<'_>) {
        let mut out = Vec::new();
        self.session.handle(now, input, &mut self.names, &mut out);
        self.outputs(out);
    }

    fn link_of_engine(&self) -> &Link<WINDOW> {
        &self.endpoint.volatile().session
    }

    fn outputs(&mut self, out: Vec<Output>) {
        let now = self.time.now();
        for output in out {
            match output {
                // What follows was for the store that has been set aside.
                Output::Agreed(agreement) if self.remembers_more(now, &agreement) => return,
                Output::Engine(input) if self.was_missed_later(now, &input) => return,
                // The connection ended before the engine heard of it.
                Output::Engine(Input::Disconnected) if *self.link_of_engine() == Link::Down => {}
                Output::Engine(input) => self.step(input),
                Output::Agreed(agreement) => self.agreed(&agreement),
                Output::Dial => self.outside.links.dial(),
                Output::Note(text) => tracing::info!(partner = %self.file.failover.partner, "{text}"),
                Output::Trouble(trouble) => {
                    let (kind, text) = troubles::words(&trouble);
                    self.trouble(kind, text);
                }
                Output::Alarm(text) => tracing::warn!(partner = %self.file.failover.partner, "{text}"),
                output => self.deferred.push(Deferred::Output(output)),
            }
        }
    }

    /// Something that has waited for the commit.
    pub(super) fn output(&mut self, output: Output) {
        match output {
            Output::Write(id, octets) => {
                self.figures.partner_sent += 1;
                if !self.outside.links.write(id, octets) {
                    tracing::warn!("the partner does not read; the connection is closed");
                    self.session_input(self.time.now(), session::Input::Closed(id));
                }
            }
            Output::Close(id) => self.outside.links.close(id),
            Output::StartTls(id, side) => {
                if !self.outside.links.start_tls(id, side) {
                    self.session_input(self.time.now(), session::Input::Closed(id));
                }
            }
            other => self.outputs(vec![other]),
        }
    }

    /// Octets of the partner, from under TLS if there is TLS.
    pub(super) fn octets(&mut self, now: Now, id: ConnectionId, octets: Vec<u8>) {
        match self.outside.links.received(id, octets) {
            Ok(received) => {
                if received.secured {
                    tracing::info!(partner = %self.file.failover.partner, "TLS is up");
                    self.session_input(now, session::Input::Secured(id));
                }
                if !received.plain.is_empty() {
                    self.session_input(now, session::Input::Octets(id, &received.plain));
                }
            }
            Err(why) => {
                self.trouble(Kind::Tls, format!("TLS failed, the connection is closed: {why}"));
                self.outside.links.close(id);
                self.session_input(now, session::Input::Closed(id));
            }
        }
    }

    fn agreed(&mut self, agreement: &Agreement) {
        self.troubles.connected();
        let agreed = Agreed {
            mclt: agreement.mclt,
            buckets: agreement.buckets,
            connect_time: agreement.connect_time,
            delayed_service: agreement.delayed_service.unwrap_or(0),
        };
        if agreed.mclt != self.clock.mclt {
            tracing::warn!(seconds = agreed.mclt, was = self.clock.mclt, "MCLT is the primary's");
        }
        self.clock.mclt = agreed.mclt;
        self.longest_lead = None;
        self.partners_timer = Some(agreement.receive_timer);
        self.config.buckets = agreed.buckets;
        self.agreed = Some(agreed);
        self.trace_lengths();
        self.changes.agreed(&agreed);
        let vendor = String::from_utf8_lossy(&agreement.vendor_class).into_owned();
        tracing::info!(partner = %self.file.failover.partner, vendor, mclt = agreed.mclt, "connected");
    }

    /// One input to the engine that nobody waits for.
    pub(super) fn step(&mut self, input: Input) {
        let before = self.endpoint.state();
        let memory = self.outside.trace.is_some().then(|| *self.endpoint.volatile());
        let mut effects = Vec::new();
        self.endpoint.step(&self.config, &mut self.clock, input, &mut |effect| effects.push(effect));
        let changed = memory.is_some_and(|memory| memory != *self.endpoint.volatile());
        self.trace_step(&input, &effects, changed);
        self.effects(effects, None);
        let after = self.endpoint.state();
        if before != after {
            self.figures.transitions += 1;
            tracing::warn!(from = before.name(), to = after.name(), "state");
            self.note_recovered(after);
        }
    }

    /// What comes of a step. `asked`: the number of the datagram's socket, who sent it, and what.
    pub(super) fn effects(&mut self, effects: Vec<Effect>, asked: Option<&super::clients::Asking<'_>>) {
        for effect in effects {
            match effect {
                Effect::Persist(record) => self.persist(&record),
                Effect::Send(message) => match self.session.outgoing(message, &self.names) {
                    Some(outbound) => self.deferred.push(Deferred::Send(outbound)),
                    None => tracing::debug!(?message, "nothing to send"),
                },
                Effect::Reply(client, answer) => {
                    if let Some(asked) = asked {
                        self.answer(asked, client, answer);
                    }
                }
                Effect::Close => {
                    let refusal = Refusal::new(Reject::UNKNOWN, "this server pauses");
                    self.session_input(self.time.now(), session::Input::Hold(refusal));
                }
                Effect::Note(note) => self.note(note, asked),
            }
        }
    }

    fn persist(&mut self, record: &Record) {
        match record {
            Record::Endpoint(record) => self.changes.endpoint(record),
            Record::Binding(id, binding) => {
                let client = binding.status.client();
                self.names.bound(*id, client);
                let client = client.and_then(|client| self.names.client(client));
                if let Some(address) = self.plan.address(*id) {
                    self.changes.binding(address, binding, client.as_ref());
                }
            }
        }
    }

    fn note(&mut self, note: Note, asked: Option<&super::clients::Asking<'_>>) {
        self.figures.note(note);
        match asked {
            Some(asked) => self.refused(asked, note),
            None if note == Note::Alarm => tracing::warn!(state = self.endpoint.state().name(), "somebody should look"),
            None => tracing::debug!(?note, "note"),
        }
    }
}
