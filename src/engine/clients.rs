//! Answering clients (RFC 2131 §4.3; failover-12 §3.1.2, §5.2, §9.8.2, §9.8.3, §9.9.2).

use crate::balance::{covers, responsible};
use crate::binding::{AddressId, Binding, ClientId, Code, Partner, Status};
use crate::effect::{Answer, Ask, Effect, Note, Request, Within};
use crate::endpoint::Phase;
use crate::grant::grant;
use crate::machine::Run;
use crate::rules::{AbandonedEnds, HandOver, LeadAfterFree, RecordedEnd, RenewUnknown, Rewind, RewindUnresolved};
use crate::service::{Service, service};
use crate::span;
use crate::state::State;
use crate::table::LeaseTable;
use dhcpfo_time::Time;

impl<T: LeaseTable, const W: usize> Run<'_, T, W> {
    pub(crate) fn client(&mut self, request: Request) {
        let level = match self.endpoint.volatile.phase {
            Phase::Running => service(&self.config.rules, self.state(), self.endpoint.volatile.heard),
            // F12-9.3.1-a, F12-9.14.2-a; F12-5.9-a.
            _ => Service::Silent,
        };
        let renewing = matches!(request.ask, Ask::Renew(_) | Ask::Rebind(_));
        if level == Service::Silent || (level == Service::RenewOnly && !renewing) {
            return self.note(Note::Silent);
        }
        // failover-12 §9.8.2. A client that gives an address back is heard by both: it can only help.
        let gives_back = matches!(request.ask, Ask::Decline(_) | Ask::Release(_));
        let balanced = level == Service::Balanced && !renewing && !gives_back;
        let Request { bucket, waited, .. } = request;
        let mine = || responsible(&self.config.rules, self.config.role, &self.config.buckets, bucket, waited);
        if balanced && !mine() && !covers(self.config, self.table(), request.client, request.within) {
            return self.note(Note::NotMine);
        }
        self.answer(&request, level);
    }

    fn answer(&mut self, request: &Request, level: Service) {
        let client = request.client;
        match request.ask {
            Ask::Discover => match self.find_for(request) {
                Some(address) => self.reply(client, Answer::Offer(address)),
                None => self.note(Note::NothingAvailable),
            },
            Ask::Inform => self.reply(client, Answer::Informed),
            Ask::Select(address)
            | Ask::Reboot(address)
            | Ask::Renew(address)
            | Ask::Rebind(address)
            | Ask::Decline(address)
            | Ask::Release(address)
                if address.0 >= self.table().len() =>
            {
                self.note(Note::Ignored);
            }
            Ask::Select(address) => self.select(client, address),
            Ask::Reboot(address) => self.reboot(client, address),
            Ask::Renew(address) | Ask::Rebind(address) => self.renew(client, address, level),
            Ask::Decline(address) => self.decline(client, address),
            Ask::Release(address) => self.release(client, address),
        }
    }

    fn reply(&mut self, client: ClientId, answer: Answer) {
        (self.out)(Effect::Reply(client, answer));
    }

    /// DHCPREQUEST for an offer: the address is taken if it may still be given.
    fn select(&mut self, client: ClientId, address: AddressId) {
        if self.may_lease(client, address) {
            self.lease(client, address);
        } else {
            self.reply(client, Answer::Nak);
        }
    }

    /// INIT-REBOOT: the lease may long be over, so the client is not believed (failover-12 §3.1.2).
    fn reboot(&mut self, client: ClientId, address: AddressId) {
        if self.may_lease(client, address) {
            self.lease(client, address);
        } else if self.is_somebody_elses(client, &self.binding(address)) {
            self.reply(client, Answer::Nak);
        } else {
            self.note(Note::NotAllowed);
        }
    }

    /// RENEW and REBIND: the client is believed to hold the address (failover-12 §3.1.2).
    fn renew(&mut self, client: ClientId, address: AddressId, level: Service) {
        let binding = self.binding(address);
        let known = binding.status == Status::Active { client };
        let believed = binding.status.is_available()
            && self.table().reserved(address).is_none_or(|owner| owner == client)
            && self.believes_about(&binding);
        let anybody = self.config.rules.renew_unknown == RenewUnknown::Anybody;
        // failover-12 §9.7: RECOVER-DONE creates no binding.
        if known || anybody || (level != Service::RenewOnly && (believed || self.may_rewind(client, &binding))) {
            self.lease(client, address);
        } else if self.is_somebody_elses(client, &binding) {
            self.reply(client, Answer::Nak);
        } else {
            self.note(Note::NotAllowed);
        }
    }

    /// Whether a client may know better than the server that its address is available.
    fn believes_about(&self, available: &Binding) -> bool {
        match self.config.rules.renew_unknown {
            RenewUnknown::Believed | RenewUnknown::Anybody => true,
            RenewUnknown::OwnPool => {
                let own = matches!(available.status, Status::Free { .. }) == self.is_primary();
                self.state() != State::Normal || own
            }
            RenewUnknown::Ignored => false,
        }
    }

    fn is_somebody_elses(&self, client: ClientId, binding: &Binding) -> bool {
        match binding.status {
            Status::Active { client: holder } => holder != client,
            Status::Abandoned | Status::Reset => true,
            _ => false,
        }
    }

    /// DHCPDECLINE makes the address ABANDONED (failover-12 §5.11).
    fn decline(&mut self, client: ClientId, address: AddressId) {
        let binding = self.binding(address);
        if binding.status != (Status::Active { client }) {
            return self.note(Note::Ignored);
        }
        let now = self.clock.now();
        let lease_expiration = match self.config.rules.abandoned_ends {
            AbandonedEnds::ByTime => self.clock.after(now, span::ABANDON_TIME),
            // The client has given the lease up.
            AbandonedEnds::ByOperator => Time::LONG_AGO,
        };
        let abandoned = Binding {
            status: Status::Abandoned,
            partner: Partner::Unsent,
            lease_expiration,
            client_last_transaction: Time::LONG_AGO,
            start_of_status: now,
            ..binding
        };
        self.put(address, abandoned);
        self.tell_change(address);
        self.pump();
    }

    /// DHCPRELEASE (failover-12 §5.11, §9.8.3).
    fn release(&mut self, client: ClientId, address: AddressId) {
        let binding = self.binding(address);
        if binding.status != (Status::Active { client }) {
            return self.note(Note::Ignored);
        }
        let now = self.clock.now();
        let released = Binding {
            status: Status::Released { client },
            partner: Partner::Unsent,
            client_last_transaction: now,
            start_of_status: now,
            ..binding
        };
        self.put(address, released);
        self.tell_change(address);
        self.pump();
    }

    // ---- which address ----------------------------------------------------------------------------------

    /// The address to offer: the client's own, one reserved for it, its last one, or the first that is free.
    fn find_for(&self, request: &Request) -> Option<AddressId> {
        let Request { client, within, prefer, .. } = *request;
        let table = self.table();
        let mut from = within.first;
        while let Some(address) = table.next_of(from, client).filter(|&address| within.contains(address)) {
            if self.may_lease(client, address) {
                return Some(address);
            }
            from = address.0 + 1;
        }
        let leasable = |&address: &AddressId| {
            within.contains(address) && address.0 < table.len() && self.may_lease(client, address)
        };
        let reserved = table.next_reserved(within.first, client).filter(leasable);
        reserved.or(prefer.filter(leasable)).or_else(|| self.first_available(client, within))
    }

    /// The lowest address that may be leased to a client to which no binding belongs: an available one.
    fn first_available(&self, client: ClientId, within: Within) -> Option<AddressId> {
        let table = self.table();
        let first = |code| {
            let mut from = within.first;
            while let Some(address) = table.next_with(from, code).filter(|&address| within.contains(address)) {
                if self.may_lease(client, address) {
                    return Some(address);
                }
                from = address.0 + 1;
            }
            None
        };
        // Not looked through in vain: without this the partner's are all tried, one by one.
        let partners = self.may_use_partners();
        let free = self.is_primary() || partners;
        let backup = !self.is_primary() || partners || self.config.rules.hand_over == HandOver::AtAck;
        let codes = [(free, Code::Free), (backup, Code::Backup)];
        codes.into_iter().filter_map(|(usable, code)| if usable { first(code) } else { None }).min()
    }

    /// Whether this server may give the address to this client now.
    pub(crate) fn may_lease(&self, client: ClientId, address: AddressId) -> bool {
        let binding = self.binding(address);
        if self.table().reserved(address).is_some_and(|owner| owner != client) {
            return false;
        }
        match binding.status {
            // F12-4.1-a.
            Status::Active { client: holder } => holder == client,
            Status::Expired { .. } | Status::Released { .. } => self.may_rewind(client, &binding),
            Status::Abandoned | Status::Reset => false,
            // F12-9.9.2-c, F12-9.11.2-c; F12-3.4.1-a, F12-3.4.2-a.
            Status::Free { .. } => self.is_primary() || self.may_use_partners(),
            Status::Backup { .. } => !self.is_primary() || self.may_use_partners() || self.still_being_given(&binding),
        }
    }

    /// failover-12 §5.2.2: to the same client without restriction while its end was never reported.
    fn may_rewind(&self, client: ClientId, binding: &Binding) -> bool {
        let (Status::Expired { client: holder } | Status::Released { client: holder }) = binding.status else {
            return false;
        };
        // Q91: the partner may have been in PARTNER-DOWN, and has made free what ended.
        let unresolved = self.state() == State::ResolutionInterrupted
            && self.config.rules.rewind_unresolved == RewindUnresolved::Never;
        holder == client
            && !unresolved
            && match self.config.rules.rewind {
                Rewind::BeforeSent => binding.partner == Partner::Unsent,
                Rewind::Always => true,
                Rewind::Never => false,
            }
    }

    /// failover-12 §9.4.2: what was available to the partner, once MCLT has passed in PARTNER-DOWN. Not while it is about to
    /// take that for its own again (Q30).
    fn may_use_partners(&self) -> bool {
        let record = self.record();
        record.state == State::PartnerDown && self.clock.passed(record.partner_down_wait_ends) && !self.holds_back()
    }

    /// The reading in which the giver goes on using an address until the taker has acknowledged (M-08).
    fn still_being_given(&self, binding: &Binding) -> bool {
        self.config.rules.hand_over == HandOver::AtAck && binding.partner != Partner::UpToDate
    }

    // ---- the lease --------------------------------------------------------------------------------------

    /// When a lease of this address would end that this client were given now.
    pub(crate) fn lease_end(&mut self, client: ClientId, address: AddressId) -> Option<Time> {
        if address.0 >= self.table().len() || !self.may_lease(client, address) {
            return None;
        }
        let base = self.epoch(client, self.binding(address));
        grant(self.config, self.state(), &base, self.clock)
    }

    /// Gives or extends a lease: on stable storage, then to the client (failover-12 §3.1.3), then lazily to
    /// the partner (§9.8.3).
    fn lease(&mut self, client: ClientId, address: AddressId) {
        let before = self.binding(address);
        let base = self.epoch(client, before);
        let Some(end) = grant(self.config, self.state(), &base, self.clock) else {
            return self.note(Note::NotAllowed);
        };
        let leased = Binding {
            status: Status::Active { client },
            // F12-5.5-b, F12-7.1.1-a.
            partner: Partner::Unsent,
            reclaiming: false,
            // What the client was told before may still count if this answer is lost (Q57).
            lease_expiration: match self.config.rules.recorded_end {
                RecordedEnd::Latest => self.clock.later(base.lease_expiration, end),
                RecordedEnd::JustGiven => end,
            },
            client_last_transaction: self.clock.now(),
            ..base
        };
        self.put(address, leased);
        self.reply(client, Answer::Ack(address, end));
        self.tell_change(address);
        self.pump();
    }

    /// The binding that a lease for this client continues: its own, or a new one without a past.
    fn epoch(&self, client: ClientId, before: Binding) -> Binding {
        let continues = match before.status {
            Status::Active { client: holder }
            | Status::Expired { client: holder }
            | Status::Released { client: holder } => holder == client,
            _ => false,
        };
        if continues {
            return before;
        }
        let mut fresh = Binding {
            lease_expiration: Time::LONG_AGO,
            wait_ends: Time::LONG_AGO,
            start_of_status: self.clock.now(),
            ..before
        };
        if self.config.rules.lead_after_free == LeadAfterFree::Cleared {
            fresh.clear_expirations();
        }
        fresh
    }
}
