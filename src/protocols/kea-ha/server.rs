//! A server: its leases, which are on disk, and all it knows of its partner, which is not. (`kea-ha` section 3.)

use crate::mode::Mode;
use dhcpfo_study::Visit;
use dhcpfo_time::{Clock, Kind, Time};

/// Most clients.
pub const CLIENTS: usize = 3;
/// Most addresses.
pub const ADDRESSES: usize = 2;
/// Most requests to the partner that are on their way at once.
pub const REQUESTS: usize = 2;

/// A lease.
///
/// Its last transmission time (cltt), by which two are compared, is its end less a lease time that is always the same. So
/// the ends are compared, and no further time is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// Whose it is.
    pub client: u8,
    /// When it ends.
    pub end: Time,
}

/// What a partner has to do: lease4-update and lease4-del.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Update {
    /// Of which address.
    pub address: u8,
    /// The lease to be stored; or the one that was deleted.
    pub lease: Lease,
    /// It was deleted.
    pub deleted: bool,
}

/// A request that is on its way to the partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// When the sender waits no longer for the answer (the HTTP client's time-out).
    pub until: Time,
    /// What the partner has to do. None: it is held up until the sender has given up.
    pub update: Option<Update>,
    /// Until when the client is promised the address; its answer is parked. None: nobody waits for an answer.
    pub promised: Option<Time>,
}

/// Whether the DHCP service is disabled besides what the state says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Disabled {
    /// It is not.
    #[default]
    No,
    /// Until the next change of state, or, as [`Server::notified`] says, until the next heartbeat fails.
    Local,
    /// By the partner, which synchronises, until that time at the latest (dhcp-disable with max-period).
    Until(Time),
    /// It was reset, and is in PARTNER-DOWN by name: what comes with that state comes with its next heartbeat.
    Reset,
}

/// Updates that wait for the partner to be reached. Only the last one of an address matters, and how many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Queue {
    /// How many there are, at most the limit.
    pub count: u8,
    /// There would have been more.
    pub overflown: bool,
    /// The last one of each address.
    pub last: [Option<Update>; ADDRESSES],
}

/// A server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Server {
    /// Its state.
    pub mode: Mode,
    /// The partner's state as it last said. None: the last command failed, or there was none.
    pub partner: Option<Mode>,
    /// Since the partner cannot be reached: when that is longer than max-response-delay. None: the partner is reached.
    pub silence: Option<Time>,
    /// Where its next heartbeat would bring something new: by when it is sent.
    pub news: Option<Time>,
    /// More than max-unacked-clients clients are unacked.
    pub unacked: bool,
    /// Its unsent-update-count is another than the partner was last told.
    pub unsent: bool,
    /// Whether it serves besides what its state says.
    pub disabled: Disabled,
    /// Its partner has said that it is synchronised, and no heartbeat came back since.
    pub notified: bool,
    /// It has read its partner's leases, and has not said so.
    pub read: bool,
    /// Of each client of which the partner has rejected an update: until when that counts, the end of its lease.
    pub rejected: [Time; CLIENTS],
    /// What is queued.
    pub queue: Queue,
    /// Requests on their way to the partner, oldest first, then the places that are free.
    pub requests: [Option<Request>; REQUESTS],
    /// What it has on disk of each address: only leases that run.
    pub leases: [Option<Lease>; ADDRESSES],
    /// A repair: until when addresses are not given that the partner may have given.
    pub waits: Time,
    /// A repair, on disk: it was the last to serve alone.
    pub alone: bool,
}

impl Lease {
    /// Whether it runs, and is this client's.
    pub fn is_of(&self, client: u8, clock: &dyn Clock) -> bool {
        self.client == client && !clock.passed(self.end)
    }
}

impl Server {
    /// What it has of an address, if that runs.
    pub fn lease(&self, address: u8, clock: &dyn Clock) -> Option<Lease> {
        self.leases[usize::from(address)].filter(|lease| !clock.passed(lease.end))
    }

    /// Whether nothing was heard of the partner for longer than max-response-delay. (`kea-ha` section 8.)
    pub fn is_interrupted(&self, clock: &dyn Clock) -> bool {
        self.silence.is_some_and(|since| clock.passed(since))
    }

    /// Whether its service is on as far as others than its state decide.
    pub fn is_enabled(&self, clock: &dyn Clock) -> bool {
        match self.disabled {
            Disabled::No => true,
            Disabled::Local | Disabled::Reset => false,
            Disabled::Until(end) => clock.passed(end),
        }
    }

    /// Of how many clients an update was rejected whose lease still runs.
    pub fn rejected_now(&self, clock: &dyn Clock) -> usize {
        self.rejected.iter().filter(|end| !clock.passed(**end)).count()
    }

    /// A request leaves its place.
    pub(crate) fn take(&mut self, place: u8) -> Option<Request> {
        let taken = self.requests.get_mut(usize::from(place))?.take();
        self.requests[usize::from(place)..].rotate_left(1);
        taken
    }

    /// A command succeeded. (`kea-ha` section 8: every success clears the set of unacked clients.)
    pub(crate) fn reached(&mut self) {
        self.silence = None;
        self.unacked = false;
    }

    /// All that is in memory only, as it is before a start.
    pub(crate) fn off(&self) -> Server {
        Server { mode: Mode::Down, leases: self.leases, alone: self.alone, ..Server::default() }
    }

    pub(crate) fn rename(&mut self, names: &[u8]) {
        let name = |client: &mut u8| *client = names[usize::from(*client)];
        self.leases.iter_mut().flatten().for_each(|lease| name(&mut lease.client));
        self.queue.last.iter_mut().flatten().for_each(|update| name(&mut update.lease.client));
        let sent = self.requests.iter_mut().flatten().filter_map(|request| request.update.as_mut());
        sent.for_each(|update| name(&mut update.lease.client));
        let rejected = self.rejected;
        rejected.iter().zip(names).for_each(|(end, name)| self.rejected[usize::from(*name)] = *end);
    }

    pub(crate) fn fields(&mut self, visit: &mut impl Visit) {
        visit.one_of(&mut self.mode, &Mode::ALL);
        let mut partner = self.partner.unwrap_or(Mode::Down);
        visit.one_of(&mut partner, &Mode::ALL);
        self.partner = (partner != Mode::Down).then_some(partner);
        optional_time(&mut self.silence, visit);
        optional_time(&mut self.news, visit);
        let mut flags = [self.unacked, self.unsent, self.notified, self.read, self.alone];
        let mut bits = flags.iter().rev().fold(0, |bits, flag| bits << 1 | u64::from(*flag));
        visit.set(&mut bits, 1);
        flags.iter_mut().enumerate().for_each(|(bit, flag)| *flag = bits >> bit & 1 == 1);
        [self.unacked, self.unsent, self.notified, self.read, self.alone] = flags;
        disabled(&mut self.disabled, visit);
        self.rejected.iter_mut().for_each(|end| visit.time(end, Kind::Timer));
        visit.byte(&mut self.queue.count);
        visit.flag(&mut self.queue.overflown);
        self.queue.last.iter_mut().for_each(|update| optional_update(update, visit));
        self.requests.iter_mut().for_each(|request| optional_request(request, visit));
        for lease in &mut self.leases {
            let (mut number, mut end) = lease.map_or((0, Time::LONG_AGO), |lease| (lease.client + 1, lease.end));
            visit.byte(&mut number);
            visit.time(&mut end, Kind::Deadline);
            *lease = number.checked_sub(1).map(|client| Lease { client, end });
        }
        visit.time(&mut self.waits, Kind::Timer);
    }
}

fn optional_time(time: &mut Option<Time>, visit: &mut impl Visit) {
    let (mut is, mut end) = (time.is_some(), time.unwrap_or(Time::LONG_AGO));
    visit.flag(&mut is);
    visit.time(&mut end, Kind::Timer);
    *time = is.then_some(end);
}

fn disabled(value: &mut Disabled, visit: &mut impl Visit) {
    let (mut kind, mut end) = match *value {
        Disabled::No => (0, Time::LONG_AGO),
        Disabled::Local => (1, Time::LONG_AGO),
        Disabled::Until(end) => (2, end),
        Disabled::Reset => (3, Time::LONG_AGO),
    };
    visit.byte(&mut kind);
    visit.time(&mut end, Kind::Timer);
    *value = [Disabled::No, Disabled::Local, Disabled::Until(end), Disabled::Reset][usize::from(kind)];
}

/// An update in one octet and a time; the octet is 0 if there is none.
pub(crate) fn optional_update(update: &mut Option<Update>, visit: &mut impl Visit) {
    let number = |update: Update| 1 + update.lease.client * 4 + update.address * 2 + u8::from(update.deleted);
    let (mut byte, mut end) = update.map_or((0, Time::LONG_AGO), |update| (number(update), update.lease.end));
    visit.byte(&mut byte);
    visit.time(&mut end, Kind::Deadline);
    *update = byte.checked_sub(1).map(|byte| Update {
        address: byte / 2 % 2,
        lease: Lease { client: byte / 4, end },
        deleted: byte % 2 == 1,
    });
}

/// Kinds of request: none, held up, an update for which nobody waits, and one for which a client waits.
fn optional_request(request: &mut Option<Request>, visit: &mut impl Visit) {
    let Request { mut until, mut update, promised } =
        request.unwrap_or(Request { until: Time::LONG_AGO, update: None, promised: None });
    let mut kind = match (request.is_some(), update, promised) {
        (false, ..) => 0,
        (true, None, _) => 1,
        (true, Some(_), None) => 2,
        (true, Some(_), Some(_)) => 3,
    };
    let mut end = promised.unwrap_or(Time::LONG_AGO);
    visit.byte(&mut kind);
    visit.time(&mut until, Kind::Timer);
    optional_update(&mut update, visit);
    visit.time(&mut end, Kind::Deadline);
    *request = (kind > 0).then_some(Request { until, update, promised: (kind == 3).then_some(end) });
}
