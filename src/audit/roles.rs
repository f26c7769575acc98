//! Who is the primary, and whose dialect is spoken: what servers say of themselves, else signs in what they send.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use dhcpfo_engine::state::{Reported, State};
use dhcpfo_wire::frame::Frame;
use dhcpfo_wire::message::{Answer, Binding, Body};
use dhcpfo_wire::number::Reject;
use dhcpfo_wire::option::Opt;
use dhcpfo_wire::profile::Profile;

use crate::address::{ACTIVE, BACKUP, FREE};
use crate::event::LinkEvent;

/// How much it counts for telling the roles what a server says of itself, and what only one role does. The signs of
/// both servers are compared, so each kind has room for what the lesser kinds take away.
const SAID: i64 = 1 << 32;
const SHOWN: i64 = 1 << 16;
const SAID_LEAST: i64 = SAID - 4 * SHOWN;
const SHOWN_LEAST: i64 = SHOWN / 2;
const MOST_LIKELY: i64 = SHOWN / 8;
/// Updates and addresses that are remembered.
const MOST: usize = 65_536;
/// Texts of refusals that ISC dhcpd sends (interop digest §7).
const DHCPD_SAYS: [&str; 6] = [
    "incoming update is less critical than outgoing update",
    "binding update lacks required options",
    "BNDUPD without CHADDR",
    "invalid state transition",
    "unknown failover relationship name",
    "time offset too large",
];

/// How the roles are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Roles {
    /// By CONNECT or CONNECTACK.
    Said,
    /// By the settings.
    Named,
    /// From something that only one role does.
    Shown,
    /// Both send CONNECT.
    Twice,
    /// From who asks for addresses and who gives them, which the other may do as well.
    Likely,
    /// There is nothing to tell it by.
    #[default]
    Unknown,
}

impl Roles {
    /// From the difference of the two servers' signs.
    pub(crate) fn from_signs(difference: i64) -> Roles {
        match difference.abs() {
            0 => Roles::Unknown,
            SAID_LEAST.. => Roles::Said,
            SHOWN_LEAST.. => Roles::Shown,
            _ => Roles::Likely,
        }
    }

    /// Whether claims may rest on it that are about one role.
    pub(crate) fn are_sure(self) -> bool {
        !matches!(self, Roles::Likely | Roles::Twice | Roles::Unknown)
    }

    /// For a server's line, what it is guessed from. None: it is known.
    pub(crate) fn guessed(self) -> Option<&'static str> {
        match self {
            Roles::Said | Roles::Named => None,
            Roles::Shown => Some("guessed from what only that role does"),
            Roles::Twice => Some("guessed: both send CONNECT as a primary does"),
            Roles::Likely => {
                Some("guessed from who asks for addresses and who gives them, it may be the other way round")
            }
            Roles::Unknown => Some("guessed: nothing in the capture tells the roles, it may be the other way round"),
        }
    }
}

/// How the dialect is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// By a vendor class.
    Said(String),
    /// By the settings.
    Named,
    /// From messages.
    Shown(&'static str),
    /// There is nothing to tell it by.
    #[default]
    Unknown,
}

/// Signs that one server gives.
#[derive(Default)]
pub(crate) struct Signs {
    /// That it is the primary, minus that it is the secondary: said, shown, likely.
    said: i64,
    shown: i64,
    likely: i64,
    /// The vendor class of its CONNECT or CONNECTACK.
    vendor: Option<String>,
    /// Messages as ISC dhcpd, the draft's table and Microsoft have them.
    dhcpd: u64,
    draft: u64,
    microsoft: u64,
}

impl Signs {
    /// All signs as one number: what is said counts more than what is shown, that more than what is likely.
    pub(crate) fn score(&self) -> i64 {
        self.said.signum() * SAID + self.shown.signum() * SHOWN + self.likely.clamp(-MOST_LIKELY, MOST_LIKELY)
    }

    /// It has sent more CONNECTs than it has answered.
    pub(crate) fn says_primary(&self) -> bool {
        self.said > 0
    }

    /// What the order of messages shows.
    pub(crate) fn course(&mut self, (shown, likely): (i64, i64)) {
        (self.shown, self.likely) = (self.shown + shown, self.likely + likely);
    }

    /// A message of this server, whatever it says.
    pub(crate) fn frame(&mut self, frame: &Frame) {
        // Microsoft's subnet mask, which each of its bindings has (MS-DHCPF; draft-12 defines none above 29).
        let private = |option: &Opt| matches!(option, Opt::Unknown { code: 30..=41, .. });
        self.microsoft += u64::from(frame.options.iter().any(private));
    }

    pub(crate) fn body(&mut self, body: &Body) {
        match body {
            Body::Connect(_) => self.said += 1,
            Body::ConnectAck(_) => self.said -= 1,
            Body::State(said) if said.state == Reported::In(State::ConflictDone) => self.shown += 1,
            Body::PoolReq => self.likely -= 1,
            Body::PoolResp(_) => self.likely += 1,
            _ => {}
        }
        let vendor = match body {
            Body::Connect(connect) => &connect.vendor_class,
            Body::ConnectAck(ack) => &ack.vendor_class,
            _ => &None,
        };
        if let Some(vendor) = vendor {
            self.vendor = Some(String::from_utf8_lossy(vendor).replace('\0', ""));
        }
        match body {
            Body::BndUpd(bindings) => bindings.iter().for_each(|binding| self.binding(binding)),
            Body::BndAck(answers) => {
                let texts = answers.iter().filter_map(|answer| Some(answer.refusal.as_ref()?.text.as_str()));
                let says = |text: &str| DHCPD_SAYS.iter().any(|says| text.contains(says));
                self.dhcpd += texts.filter(|text| says(text)).count() as u64;
            }
            _ => {}
        }
    }

    /// Which expiration times stand in an update, and what "never" is (`Profile::expirations`, `Profile::infinite`).
    fn binding(&mut self, binding: &Binding) {
        let times = [binding.lease_expiration, binding.potential_expiration];
        let has = |time: u32| times.contains(&Some(time));
        let (dhcpd, draft) = match binding.status {
            Some(ACTIVE) => (has(Profile::ISC_DHCPD.infinite), has(Profile::DRAFT.infinite)),
            Some(_) => (times.iter().all(Option::is_some), times.iter().all(Option::is_none)),
            None => (false, false),
        };
        self.dhcpd += u64::from(dhcpd);
        self.draft += u64::from(draft);
    }
}

/// The dialect of a pair: one dhcpd makes it that of dhcpd, since a partner has to speak as dhcpd does.
pub(crate) fn dialect(signs: [Option<&Signs>; 2]) -> (Dialect, Option<&'static Profile>, bool) {
    let signs = || signs.iter().flatten();
    let vendors = || signs().filter_map(|signs| signs.vendor.clone());
    let is_microsoft = signs().any(|signs| signs.microsoft > 0);
    let isc = vendors().find(|vendor| vendor.starts_with("isc"));
    if let Some(vendor) = isc {
        return (Dialect::Said(vendor), Some(&Profile::ISC_DHCPD), false);
    }
    if is_microsoft {
        return (Dialect::Shown("options that only Microsoft's servers send"), None, true);
    }
    if let Some(vendor) = vendors().next() {
        return (Dialect::Said(vendor), Some(&Profile::DRAFT), false);
    }
    let sum = |count: fn(&Signs) -> u64| signs().map(|signs| count(signs)).sum::<u64>();
    match (sum(|signs| signs.dhcpd), sum(|signs| signs.draft)) {
        (1.., 0) => {
            let why = "texts of refusals and expiration times that ISC dhcpd, or a server that speaks to one, sends";
            (Dialect::Shown(why), Some(&Profile::ISC_DHCPD), false)
        }
        (0, 1..) => {
            let why = "expiration times that the draft's table asks for and ISC dhcpd does not send so";
            (Dialect::Shown(why), Some(&Profile::DRAFT), false)
        }
        _ => (Dialect::Unknown, None, false),
    }
}

/// What an update says: addresses, each with the time of its lease's end.
type Told = Vec<(Ipv4Addr, Option<u32>)>;

/// What only a primary does, as it follows from several messages.
#[derive(Default)]
pub(crate) struct Course {
    /// By address: the last binding-status that was sent.
    status: BTreeMap<Ipv4Addr, u8>,
    /// Updates without an answer: connection, sender, xid.
    updates: BTreeMap<(u64, Ipv4Addr, u32), Told>,
}

impl Course {
    /// What a message of `link.from` shows, and makes likely: that it is the primary.
    pub(crate) fn take(&mut self, link: &LinkEvent, xid: u32, body: &Body) -> (i64, i64) {
        match body {
            Body::BndUpd(bindings) => {
                let told = bindings.iter().map(|b| (b.address, b.client_last_transaction)).collect();
                if self.updates.len() < MOST {
                    self.updates.insert((link.connection, link.from, xid), told);
                }
                let told = bindings.iter().map(|binding| self.told(binding));
                told.fold((0, 0), |(shown, likely), (one, other)| (shown + one, likely + other))
            }
            Body::BndAck(answers) => (self.answered(link, xid, answers), 0),
            _ => (0, 0),
        }
    }

    /// Only a primary makes a FREE address BACKUP (failover-12 §5.4). That an address is BACKUP either may tell.
    fn told(&mut self, binding: &Binding) -> (i64, i64) {
        let Some(status) = binding.status else { return (0, 0) };
        let before = match self.status.len() < MOST || self.status.contains_key(&binding.address) {
            true => self.status.insert(binding.address, status),
            false => None,
        };
        match (before, status) {
            (Some(FREE), BACKUP) => (1, 0),
            (_, BACKUP) => (0, 1),
            _ => (0, 0),
        }
    }

    /// Of two updates that cross and are equally old, the primary's stands (failover-12 §7.1.3): who refuses the other's
    /// as less critical while its own is accepted is the primary.
    fn answered(&mut self, link: &LinkEvent, xid: u32, answers: &[Answer]) -> i64 {
        let Some(theirs) = self.updates.remove(&(link.connection, link.to, xid)) else { return 0 };
        let refused = |address: Ipv4Addr| {
            answers.iter().any(|answer| {
                let reason = answer.refusal.as_ref().map(|refusal| refusal.reason);
                answer.address == Some(address) && reason == Some(Reject::LESS_CRITICAL)
            })
        };
        let own = self.updates.range((link.connection, link.from, 0)..=(link.connection, link.from, u32::MAX));
        let crossed = |theirs: &(Ipv4Addr, Option<u32>)| own.clone().any(|(_, own)| own.contains(theirs));
        let won = theirs.iter().filter(|(address, age)| age.is_some() && refused(*address));
        won.filter(|theirs| crossed(theirs)).count() as i64
    }
}
