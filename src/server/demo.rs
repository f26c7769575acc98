//! Configurations of a pair on loopback, with high ports and a short MCLT.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// The files and addresses of a pair.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Configuration files: primary, secondary.
    pub configs: [PathBuf; 2],
    /// Control sockets.
    pub sockets: [PathBuf; 2],
    /// Where clients are heard.
    pub clients: [SocketAddr; 2],
    /// Where each hears its partner.
    pub failover: [SocketAddr; 2],
}

/// What can be different about a pair.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The first and last address of the pool, in 10.77.0.0/16.
    pub pool: (Ipv4Addr, Ipv4Addr),
    /// MCLT in seconds, more than 3.
    pub mclt: u32,
    /// Lease time in seconds.
    pub lease: u32,
    /// Lines for `[failover]`.
    pub extra: String,
    /// What each takes for its partner's address, if something stands in between.
    pub through: Option<[SocketAddr; 2]>,
}

impl Default for Shape {
    fn default() -> Shape {
        let pool = (Ipv4Addr::new(10, 77, 0, 10), Ipv4Addr::new(10, 77, 0, 49));
        Shape { pool, mclt: 5, lease: 30, extra: String::new(), through: None }
    }
}

/// Writes the configurations of a pair into a folder. Ports are free ones of the moment.
///
/// # Errors
/// The folder cannot be written, or loopback has no free port.
pub fn write(folder: &Path, shape: &Shape) -> std::io::Result<Pair> {
    let names = ["a", "b"];
    let (tcp, udp) = (free(TcpListener::bind)?, free(UdpSocket::bind)?);
    let path = |name: &str, end: &str| folder.join(format!("{name}.{end}"));
    for (at, role) in ["primary", "secondary"].into_iter().enumerate() {
        let name = names[at];
        let Shape { pool: (first, last), mclt, lease, extra, through } = shape;
        let partner = through.map_or(tcp[1 - at], |through| through[at]);
        let text = format!(
            "[listen]\naddresses = [\"{}\"]\nserver-id = \"127.0.0.{}\"\nreply = \"source\"\n\n\
             [store]\npath = \"{name}.store\"\n\n[control]\nsocket = \"{name}.ctl\"\n\n\
             [failover]\nrole = \"{role}\"\nname = \"demo\"\naddress = \"{}\"\npartner = \"{}\"\n\
             mclt = {mclt}\nreceive-timer = 3\nstartup = 2\nretry = 1\n{extra}\n\
             [[subnet]]\nnetwork = \"10.77.0.0/16\"\npools = [\"{first}-{last}\"]\nlease = {lease}\nrouters = [\"10.77.0.1\"]\n",
            udp[at],
            at + 1,
            tcp[at],
            partner,
        );
        std::fs::write(path(name, "toml"), text)?;
    }
    Ok(Pair {
        configs: names.map(|name| path(name, "toml")),
        sockets: names.map(|name| path(name, "ctl")),
        clients: udp,
        failover: tcp,
    })
}

/// Ports that nobody is given who did not ask for them: for connections Linux takes those from 32768 on, and a server
/// that is started again needs the port that it had.
const PORTS: RangeInclusive<u16> = 10_240..=32_000;
/// So many are tried.
const TRIES: usize = 100;

/// Two free ones.
fn free<S>(open: impl Fn(SocketAddr) -> std::io::Result<S>) -> std::io::Result<[SocketAddr; 2]> {
    let mut found = Vec::new();
    for _ in 0..TRIES {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, rand::random_range(PORTS)));
        // Kept open, so that no two are the same.
        found.extend(open(address).map(|socket| (address, socket)));
        if let [(first, _), (second, _)] = found[..] {
            return Ok([first, second]);
        }
    }
    Err(std::io::ErrorKind::AddrInUse.into())
}
