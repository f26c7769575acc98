//! Server configurations: where to listen, what to give, who the partner is.

mod check;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::str::FromStr;

use dhcpfo_engine::rules::StartupOver;
use dhcpfo_engine::state::Role;

use crate::keys::Kind;
use crate::load::{self, Read, relative_to};
use crate::server_options::{check_option, octets};
use crate::server_tls::{TlsFiles, tls};
use dhcpfo_header::error::{FileError, FileErrors};
use dhcpfo_header::node::Value;
use dhcpfo_header::section::{Field, Report, Section};

/// Most addresses of all pools together.
const MOST_ADDRESSES: u64 = 1 << 20;

/// A server configuration that is as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFile {
    /// The file, as it was named.
    pub path: String,
    /// Where clients are heard.
    pub listen: Listen,
    /// The file that holds the bindings.
    pub store: String,
    /// The unix socket of `dhcpfo ctl`.
    pub socket: Option<String>,
    /// Metrics, status and commands over HTTP, on loopback. It is off without a token.
    pub http: Option<SocketAddr>,
    /// The file with the token that requests over HTTP have to bring.
    pub token: Option<String>,
    /// The relationship with the partner.
    pub failover: Failover,
    /// The links, none of which overlaps another.
    pub subnets: Vec<Subnet>,
    /// Addresses that only one client may have; each is in a subnet.
    pub reservations: Vec<Reservation>,
    /// What works and may not be meant.
    pub warnings: Vec<FileError>,
}

/// Where clients are heard, and how they are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// UDP addresses.
    pub addresses: Vec<SocketAddrV4>,
    /// Interfaces whose broadcasts are heard on port 67.
    pub interfaces: Vec<String>,
    /// server identifier (option 54)
    pub server_id: Ipv4Addr,
    /// Answers go to the address and port that asked, not to the standard ports.
    pub to_source: bool,
}

/// The relationship with the partner (failover-12 §7.8); lengths in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each field is explained in the reference of keys")]
pub struct Failover {
    pub role: Role,
    pub name: String,
    pub address: SocketAddrV4,
    pub partner: SocketAddrV4,
    /// The partner is an ISC dhcpd.
    pub isc: bool,
    pub mclt: u32,
    pub receive_timer: u32,
    pub max_unacked: u32,
    pub split: u16,
    pub secondary_share: u8,
    pub slack: Option<u32>,
    pub safe_period: Option<u32>,
    pub delayed_service: Option<u8>,
    pub startup: u32,
    /// `Wait` or `Previous`.
    pub startup_over: StartupOver,
    pub retry: u32,
    pub max_skew: u32,
    pub key: Option<String>,
    pub tls: Option<TlsFiles>,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// Its lowest address.
    pub network: Ipv4Addr,
    /// Bits of its prefix: 0 to 32.
    pub length: u8,
    /// First and last address of each pool, ascending, without overlap.
    pub pools: Vec<(Ipv4Addr, Ipv4Addr)>,
    /// The lease time that clients should get, in seconds.
    pub lease: u32,
    /// Seconds after which an ABANDONED address is tried again; None: never.
    pub abandon_time: Option<u32>,
    /// siaddr
    pub next_server: Option<Ipv4Addr>,
    /// Options by code, subnet mask and the like included.
    pub options: BTreeMap<u8, Vec<u8>>,
}

/// An address that only one client may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The address.
    pub address: Ipv4Addr,
    /// Option 61 of the client, if it is known by that.
    pub identifier: Option<Vec<u8>>,
    /// Its Ethernet address, if it is known by that.
    pub hardware: Option<[u8; 6]>,
}

impl Subnet {
    /// Whether an address belongs to the link.
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        u32::from(address) & mask(self.length) == u32::from(self.network)
    }
}

pub(crate) const fn mask(length: u8) -> u32 {
    match length {
        0 => 0,
        length => u32::MAX << (32 - length),
    }
}

/// Reads the server configuration of that path.
///
/// # Errors
/// Everything that is wrong with it.
pub fn server(path: &str, read: Read<'_>) -> Result<ServerFile, FileErrors> {
    let report = Report::new(crate::keys::accepted);
    let file = from_path(path, read, &report);
    match file {
        Some(file) if report.is_clean() => Ok(file),
        _ => Err(FileErrors::new(report.into_errors())),
    }
}

fn from_path(path: &str, read: Read<'_>, report: &Report<'_>) -> Option<ServerFile> {
    let node = load::single(path, Kind::Server, read, report)?;
    let root = Section::root(&node, report);
    let listen = listen(&root.section("listen"));
    let here = |field: Field<'_>| field.words().map(|word| relative_to(path, word));
    let store = root.section("store").required("path").and_then(here);
    let control = root.section("control");
    let socket = control.field("socket").and_then(here);
    let http = control.field("http").and_then(|field| loopback(&field));
    let token = control.field("token").and_then(here);
    let failover = failover(path, &root.section("failover"));
    let sections = root.sections("subnet");
    let subnets: Vec<_> = sections.iter().filter_map(subnet).collect();
    if subnets.len() == sections.len() {
        apart(&sections, &subnets);
    }
    if sections.is_empty() {
        root.fail("subnet", "there is none", "[[subnet]] with network and pools");
    }
    let places = root.sections("reservation");
    let reservations: Vec<_> = places.iter().filter_map(|place| reservation(place, &subnets)).collect();
    if reservations.len() == places.len() {
        once_each(&places, &reservations);
    }
    let file = ServerFile {
        path: path.to_owned(),
        listen: listen?,
        store: store?,
        socket,
        http,
        token,
        failover: failover?,
        subnets,
        reservations,
        warnings: Vec::new(),
    };
    check::check(&root, &file);
    Some(ServerFile { warnings: report.warnings(), ..file })
}

fn listen(section: &Section<'_>) -> Option<Listen> {
    let addresses = list(section, "addresses", parsed::<SocketAddrV4>);
    let interfaces = list(section, "interfaces", |field| field.words().map(str::to_owned));
    if addresses.is_empty() && interfaces.is_empty() {
        section.fail("", "nothing is heard", "listen.addresses or listen.interfaces");
    }
    let given = section.field("server-id").and_then(|field| {
        let address = parsed::<Ipv4Addr>(&field)?;
        if address.is_unspecified() { field.fail("0.0.0.0 is nobody") } else { Some(address) }
    });
    let first = addresses.first().map(|address| *address.ip()).filter(|address| !address.is_unspecified());
    if given.or(first).is_none() {
        section.fail("server-id", "cannot be told from listen.addresses", "an IPv4 address that is not 0.0.0.0");
    }
    let to_source = section.choice("reply", &[("standard", false), ("source", true)], false);
    Some(Listen { addresses, interfaces, server_id: given.or(first)?, to_source })
}

fn loopback(field: &Field<'_>) -> Option<SocketAddr> {
    let address = parsed::<SocketAddr>(field)?;
    if address.ip().is_loopback() { Some(address) } else { field.fail(format!("{address} is no loopback address")) }
}

fn failover(path: &str, section: &Section<'_>) -> Option<Failover> {
    let roles = [("primary", Role::Primary), ("secondary", Role::Secondary)];
    let role = section.required("role").and_then(|field| field.choice(&roles));
    let name = section.required("name").and_then(|field| field.words().map(str::to_owned));
    if name.as_ref().is_some_and(|name| name.len() > 255) {
        section.fail("name", "is too long", "1 to 255 characters");
    }
    let address = section.required("address").and_then(|field| parsed::<SocketAddrV4>(&field));
    let partner = section.required("partner").and_then(|field| parsed::<SocketAddrV4>(&field));
    if address.is_some() && address == partner {
        section.fail("partner", "is this server's own address", "the address and port of the other server");
    }
    let seconds = |key: &str, least: i64, most: i64, default: i64| section.number(key, least..=most, default) as u32;
    let (mclt, receive_timer) = (seconds("mclt", 4, 31_536_000, 3600), seconds("receive-timer", 3, 3600, 60));
    if mclt <= receive_timer {
        section.fail("mclt", format!("{mclt} s is not more than receive-timer, {receive_timer} s"), "a longer one");
    }
    let isc = section.choice("peer", &[("draft", false), ("isc-dhcpd", true)], false);
    let key = section.field("key").and_then(|field| field.words().map(str::to_owned));
    if isc && key.is_some() {
        section.fail("key", "an ISC dhcpd checks no digest", "no key with peer = \"isc-dhcpd\"");
    }
    let optional = |key: &str, range| section.field(key).and_then(|field| field.number(range)).map(|n| n as u32);
    Some(Failover {
        role: role?,
        name: name?,
        address: address?,
        partner: partner?,
        isc,
        mclt,
        receive_timer,
        max_unacked: section.number("max-unacked", 1..=64, 32) as u32,
        split: section.number("split", 0..=256, 128) as u16,
        secondary_share: section.number("secondary-share", 0..=100, 50) as u8,
        slack: optional("slack", 0..=1_000_000),
        safe_period: optional("safe-period", 1..=31_536_000),
        delayed_service: optional("delayed-service", 1..=255).map(|seconds| seconds as u8),
        startup: seconds("startup", 1, 3600, 10),
        startup_over: section.choice(
            "startup-over",
            &[("wait", StartupOver::Wait), ("previous", StartupOver::Previous)],
            StartupOver::Wait,
        ),
        retry: seconds("retry", 1, 3600, 5),
        max_skew: seconds("max-skew", 1, 3600, 60),
        key,
        tls: tls(path, section, isc),
    })
}

fn subnet(section: &Section<'_>) -> Option<Subnet> {
    let network = section.required("network").and_then(|field| network(&field));
    let lease = section.number("lease", 1..=i64::from(i32::MAX), 3600) as u32;
    let abandon_time = Some(section.number("abandon-time", 0..=31_536_000, 86_400) as u32).filter(|&time| time > 0);
    let addresses = |key: &str| list(section, key, parsed::<Ipv4Addr>);
    let mut options = BTreeMap::new();
    if let Some((_, length)) = network {
        options.insert(1, mask(length).to_be_bytes().to_vec());
    }
    for (code, key) in [(3, "routers"), (6, "dns")] {
        let octets: Vec<u8> = addresses(key).into_iter().flat_map(|address| address.octets()).collect();
        if !octets.is_empty() {
            options.insert(code, octets);
        }
    }
    if let Some(domain) = section.field("domain").and_then(|field| field.words().map(str::to_owned)) {
        options.insert(15, domain.into_bytes());
    }
    for (name, field) in section.section("subnet.options").fields() {
        let code = name.parse::<u8>().ok().filter(|code| (1..=254).contains(code));
        let data = field.text().and_then(|text| octets(&field, text));
        match (code, data) {
            (Some(code), Some(data)) => {
                check_option(&field, code, &data);
                if options.insert(code, data).is_some() {
                    field.fail_with::<()>(format!("option {code} is given twice"), "one of the two");
                }
            }
            (None, _) => drop(field.fail_with::<()>("is no option code", "\"1\" to \"254\"")),
            _ => {}
        }
    }
    let next_server = section.field("next-server").and_then(|field| parsed::<Ipv4Addr>(&field));
    let (network, length) = network?;
    let mut subnet = Subnet { network, length, pools: Vec::new(), lease, abandon_time, next_server, options };
    subnet.pools = list(section, "pools", |field| pool(field, &subnet));
    subnet.pools.sort_unstable();
    if let Some(two) = subnet.pools.windows(2).find(|two| two[1].0 <= two[0].1) {
        section.fail("pools", format!("{} is in two pools", two[1].0), "pools that do not overlap");
    }
    Some(subnet)
}

fn network(field: &Field<'_>) -> Option<(Ipv4Addr, u8)> {
    let text = field.words()?;
    let parts = text.split_once('/').and_then(|(address, length)| {
        Some((address.parse::<Ipv4Addr>().ok()?, length.parse::<u8>().ok().filter(|&length| length <= 32)?))
    });
    let Some((address, length)) = parts else { return field.fail(format!("\"{text}\" will not do")) };
    let network = Ipv4Addr::from(u32::from(address) & mask(length));
    if network == address {
        return Some((network, length));
    }
    field.fail_with(format!("{address} is not the lowest address of a /{length}"), format!("{network}/{length}"))
}

fn pool(field: &Field<'_>, subnet: &Subnet) -> Option<(Ipv4Addr, Ipv4Addr)> {
    let text = field.words()?;
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (Ok(first), Ok(last)) = (first.trim().parse::<Ipv4Addr>(), last.trim().parse::<Ipv4Addr>()) else {
        return field.fail(format!("\"{text}\" will not do"));
    };
    match [first, last].into_iter().find(|&address| !subnet.contains(address)) {
        Some(outside) => field.fail(format!("{outside} is not in {}/{}", subnet.network, subnet.length)),
        None if first > last => field.fail(format!("{first} comes after {last}")),
        None => Some((first, last)),
    }
}

/// No address is in two subnets, and there are not too many.
fn apart(sections: &[Section<'_>], subnets: &[Subnet]) {
    let mut total = 0;
    for (at, subnet) in subnets.iter().enumerate() {
        let overlaps = |other: &&Subnet| other.contains(subnet.network) || subnet.contains(other.network);
        if let Some(other) = subnets[..at].iter().find(overlaps) {
            let problem = format!("overlaps {}/{}", other.network, other.length);
            sections[at].fail("network", problem, "networks that do not overlap");
        }
        total += subnet.pools.iter().map(|(a, b)| u64::from(u32::from(*b) - u32::from(*a)) + 1).sum::<u64>();
        if total > MOST_ADDRESSES {
            return sections[at].fail(
                "pools",
                format!("{total} addresses in all"),
                format!("at most {MOST_ADDRESSES}"),
            );
        }
    }
}

fn reservation(section: &Section<'_>, subnets: &[Subnet]) -> Option<Reservation> {
    let address = section.required("address").and_then(|field| {
        let address = parsed::<Ipv4Addr>(&field)?;
        let known = subnets.is_empty() || subnets.iter().any(|subnet| subnet.contains(address));
        if known { Some(address) } else { field.fail(format!("{address} is in no subnet")) }
    });
    let hardware = section.field("hardware").and_then(|field| hardware(&field));
    let identifier = section.field("identifier").and_then(|field| octets(&field, field.words()?));
    let given = [section.field("hardware"), section.field("identifier")].into_iter().flatten().count();
    if given != 1 {
        section.fail("", "one client", "either hardware or identifier");
        return None;
    }
    (hardware.is_some() || identifier.is_some()).then_some(())?;
    Some(Reservation { address: address?, identifier, hardware })
}

fn once_each(sections: &[Section<'_>], reservations: &[Reservation]) {
    for (at, reservation) in reservations.iter().enumerate() {
        if reservations[..at].iter().any(|other| other.address == reservation.address) {
            sections[at].fail("address", format!("{} is reserved twice", reservation.address), "one reservation each");
        }
    }
}

fn hardware(field: &Field<'_>) -> Option<[u8; 6]> {
    let text = field.words()?;
    let octets: Option<Vec<u8>> = text.split(':').map(|octet| u8::from_str_radix(octet, 16).ok()).collect();
    match octets.and_then(|octets| octets.try_into().ok()) {
        Some(octets) => Some(octets),
        None => field.fail(format!("\"{text}\" will not do")),
    }
}

fn parsed<T: FromStr>(field: &Field<'_>) -> Option<T> {
    let text = field.words()?;
    match text.parse() {
        Ok(value) => Some(value),
        Err(_) => field.fail(format!("\"{text}\" will not do")),
    }
}

fn list<T>(section: &Section<'_>, key: &str, each: impl Fn(&Field<'_>) -> Option<T>) -> Vec<T> {
    let Some(field) = section.field(key) else { return Vec::new() };
    match &field.node.value {
        Value::Array(_) => field.list().unwrap_or_default().iter().filter_map(each).collect(),
        _ => each(&field).into_iter().collect(),
    }
}
