//! What the wire shows of one address: who holds it, and what each server has about it.

use dhcpfo_engine::state::Role;
use dhcpfo_wire::convert::Client;
use dhcpfo_wire::message::Binding;

use crate::capture::Micros;
use crate::event::Place;
use crate::states::StateLog;

/// Clients that may hold one address at once and are remembered.
const MOST_HOLDERS: usize = 8;

pub(crate) const FREE: u8 = 1;
pub(crate) const ACTIVE: u8 = 2;
pub(crate) const EXPIRED: u8 = 3;
pub(crate) const RELEASED: u8 = 4;
pub(crate) const ABANDONED: u8 = 5;
pub(crate) const RESET: u8 = 6;
pub(crate) const BACKUP: u8 = 7;

/// The draft's word for a binding-status.
pub(crate) fn status_name(status: u8) -> String {
    let names = ["FREE", "ACTIVE", "EXPIRED", "RELEASED", "ABANDONED", "RESET", "BACKUP"];
    let name = usize::from(status).checked_sub(1).and_then(|at| names.get(at));
    name.map_or_else(|| format!("binding-status {status}"), |name| (*name).to_owned())
}

/// Whether two clients are one: by the identifier, or by chaddr where one of them has no identifier.
pub(crate) fn is_same(one: &Client, other: &Client) -> bool {
    match (&one.identifier, &other.identifier) {
        (Some(one), Some(other)) => one == other,
        _ => one.hardware_address == other.hardware_address,
    }
}

/// A client in words: chaddr, and the identifier where there is one.
pub(crate) fn client_name(client: &Client) -> String {
    let hex = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(":");
    let hardware = hex(client.hardware_address.get(1..).unwrap_or_default());
    match &client.identifier {
        Some(identifier) if hardware.is_empty() => format!("id {}", hex(identifier)),
        Some(identifier) => format!("{hardware} (id {})", hex(identifier)),
        None => hardware,
    }
}

/// A client that holds an address.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    pub(crate) client: Client,
    pub(crate) since: Micros,
    /// The lease that it had when it last asked for more time, and until when.
    pub(crate) until: Micros,
    /// The DHCPREQUEST is in the capture; if not, the lease is counted from the DHCPACK.
    pub(crate) has_request: bool,
    /// Which server gave it last, if that is known, and in which packet.
    pub(crate) by: Option<Role>,
    pub(crate) place: Place,
}

/// What a server has on stable storage about an address, as far as the wire shows.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) status: u8,
    pub(crate) client: Option<Client>,
    /// lease-expiration-time.
    pub(crate) ends: Option<Micros>,
    /// It follows from a DHCPACK: the server has not told its partner since.
    pub(crate) is_untold: bool,
    /// When it became known, and where.
    pub(crate) at: Micros,
    pub(crate) place: Place,
}

impl Record {
    pub(crate) fn is_available(&self) -> bool {
        matches!(self.status, FREE | BACKUP)
    }

    /// To whom the address is available.
    pub(crate) fn owner(&self) -> Option<Role> {
        match self.status {
            FREE => Some(Role::Primary),
            BACKUP => Some(Role::Secondary),
            _ => None,
        }
    }

    /// Whose binding it is or was, if it is not available.
    pub(crate) fn holder(&self) -> Option<&Client> {
        if self.is_available() { None } else { self.client.as_ref() }
    }
}

/// An update that has been sent.
#[derive(Clone, Debug)]
pub(crate) struct Update {
    pub(crate) record: Record,
    pub(crate) potential: Option<Micros>,
}

impl Update {
    /// `log`: the sender's, whose clock the times are by.
    pub(crate) fn new(binding: &Binding, log: &StateLog, at: Micros, place: Place) -> Option<Update> {
        let client = binding.client_hardware_address.as_ref().map(|hardware| Client {
            identifier: binding.client_identifier.clone().filter(|identifier| !identifier.is_empty()),
            hardware_address: hardware.clone(),
        });
        let time = |time: Option<u32>| time.and_then(|time| log.corrected(time));
        let record = Record {
            status: binding.status?,
            client,
            ends: time(binding.lease_expiration),
            is_untold: false,
            at,
            place,
        };
        Some(Update { record, potential: time(binding.potential_expiration) })
    }
}

/// Everything about one address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Address {
    pub(crate) holders: Vec<Holder>,
    /// By role.
    pub(crate) records: [Option<Record>; 2],
    /// What a server has been told and has not answered yet, by role. It may act on it before its answer leaves.
    told: [Option<Record>; 2],
    /// The latest potential-expiration-time that a server has of this client's binding: sent itself, or received and
    /// acknowledged.
    promised: [Option<(Client, Micros, Place)>; 2],
    /// All of the present binding is in the capture.
    pub(crate) is_whole: bool,
    /// By role: it has accepted that the address is available, and has given it to a client since it was told. Whether it
    /// stored that before or after is not to be seen.
    pub(crate) is_unsure: [bool; 2],
    /// By role: when a server last gave it to a client, if that is in the capture.
    pub(crate) given: [Option<Micros>; 2],
    /// A DHCPACK about it is in the capture.
    pub(crate) was_given: bool,
    /// A server has told since the last DHCPACK that the client gave it back, declined it, or an operator took it away.
    pub(crate) was_given_back: bool,
}

impl Address {
    /// Those who hold it at that time.
    pub(crate) fn held_at(&self, at: Micros) -> impl Iterator<Item = &Holder> {
        self.holders.iter().filter(move |holder| holder.until > at)
    }

    pub(crate) fn is_held_by(&self, client: &Client, at: Micros) -> bool {
        self.held_at(at).any(|holder| is_same(&holder.client, client))
    }

    /// The client has the address from now on.
    pub(crate) fn hold(&mut self, new: Holder) {
        (self.was_given, self.was_given_back) = (true, false);
        let since = self.holders.iter().find(|h| is_same(&h.client, &new.client)).map(|holder| holder.since);
        self.holders.retain(|holder| !is_same(&holder.client, &new.client) && holder.until > new.since);
        if self.holders.len() < MOST_HOLDERS {
            let since = since.unwrap_or(new.since);
            self.holders.push(Holder { since, ..new });
        }
    }

    /// The client has it no longer.
    pub(crate) fn leave(&mut self, client: &Client) {
        self.holders.retain(|holder| !is_same(&holder.client, client));
    }

    /// What a server has about it; its own answers to clients count like what it has told its partner.
    pub(crate) fn record(&self, role: Role) -> Option<&Record> {
        self.records[role.index()].as_ref()
    }

    /// The potential expiration that a server has of the binding, whoever's it is.
    pub(crate) fn promised_to_anybody(&self, role: Role) -> Option<(Micros, Place)> {
        self.promised[role.index()].as_ref().map(|(_, until, place)| (*until, *place))
    }

    /// The potential expiration that a server has of that client's binding.
    pub(crate) fn promised(&self, role: Role, client: &Client) -> Option<(Micros, Place)> {
        let (promised, until, place) = self.promised[role.index()].as_ref()?;
        is_same(promised, client).then_some((*until, *place))
    }

    /// A server sent a BNDUPD.
    pub(crate) fn sent(&mut self, role: Role, update: &Update) {
        self.is_whole |= update.record.status != ACTIVE;
        self.was_given_back |= matches!(update.record.status, RELEASED | ABANDONED | RESET);
        self.promise(role, update);
        self.forget_promises(role, &update.record);
        self.records[role.index()] = Some(update.record.clone());
        self.told[role.partner().index()] = Some(update.record.clone());
    }

    /// Whether this server has been told that the address is its own to give, and has not answered yet.
    pub(crate) fn may_have_heard(&self, role: Role) -> bool {
        self.told[role.index()].as_ref().is_some_and(|record| record.owner() == Some(role))
    }

    /// The sender's update is answered.
    pub(crate) fn answered(&mut self, sender: Role, update: &Update) {
        let told = &mut self.told[sender.partner().index()];
        if told.as_ref().is_some_and(|told| told.place == update.record.place) {
            *told = None;
        }
    }

    /// The partner of the sender has accepted it (failover-12 §5.11: what has ended is FREE for both then).
    pub(crate) fn accepted(&mut self, sender: Role, update: &Update, at: Micros, place: Place) {
        let receiver = sender.partner();
        self.promise(receiver, update);
        let mut record = Record { at, place, ..update.record.clone() };
        if matches!(record.status, EXPIRED | RELEASED | RESET) {
            record.status = FREE;
            if let Some(own) = &mut self.records[sender.index()]
                && own.place == update.record.place
            {
                (own.status, own.at) = (FREE, at);
            }
        }
        // What it gave between the update and its answer is newer than the update.
        let since = |at: Micros| at > update.record.at;
        let is_active = self.record(receiver).filter(|own| own.status == ACTIVE);
        let gave_since = is_active.is_some_and(|own| since(self.given[receiver.index()].unwrap_or(own.at)));
        self.is_unsure[receiver.index()] = gave_since && record.is_available();
        if !self.is_unsure[receiver.index()] {
            self.forget_promises(receiver, &record);
            self.records[receiver.index()] = Some(record);
        }
    }

    /// What was promised for another lease of the address counts no more.
    pub(crate) fn forget_promises_to_others(&mut self, role: Role, client: &Client) {
        let promised = &mut self.promised[role.index()];
        *promised = promised.take().filter(|(promised, ..)| is_same(promised, client));
    }

    /// What was promised for a lease that is over counts no more (failover-12 §7.1.5, Q20).
    fn forget_promises(&mut self, role: Role, record: &Record) {
        if record.is_available() {
            self.promised[role.index()] = None;
        }
    }

    fn promise(&mut self, role: Role, update: &Update) {
        if update.record.status != ACTIVE {
            return;
        }
        let (Some(client), place) = (&update.record.client, update.record.place) else { return };
        let Some(until) = update.potential else { return };
        match &mut self.promised[role.index()] {
            Some((known, latest, _)) if is_same(known, client) && *latest >= until => {}
            promised => *promised = Some((client.clone(), until, place)),
        }
    }

    /// Octets of the failover connections are missing: what is known may be out of date.
    pub(crate) fn forget(&mut self) {
        (self.records, self.told, self.promised, self.is_whole) = Default::default();
    }
}
