//! Configurations of a pair on loopback, with high ports and a short MCLT.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
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
}

impl Default for Shape {
    fn default() -> Shape {
        let pool = (Ipv4Addr::new(10, 77, 0, 10), Ipv4Addr::new(10, 77, 0, 49));
        Shape { pool, mclt: 5, lease: 30, extra: String::new() }
    }
}

/// Writes the configurations of a pair into a folder. Ports are free ones of the moment.
///
/// # Errors
/// The folder cannot be written, or loopback has no free port.
pub fn write(folder: &Path, shape: &Shape) -> std::io::Result<Pair> {
    let names = ["a", "b"];
    let (tcp, udp) = (free_tcp()?, free_udp()?);
    let path = |name: &str, end: &str| folder.join(format!("{name}.{end}"));
    for (at, role) in ["primary", "secondary"].into_iter().enumerate() {
        let name = names[at];
        let Shape { pool: (first, last), mclt, lease, extra } = shape;
        let text = format!(
            "[listen]\naddresses = [\"{}\"]\nserver-id = \"127.0.0.{}\"\nreply = \"source\"\n\n\
             [store]\npath = \"{name}.store\"\n\n[control]\nsocket = \"{name}.ctl\"\n\n\
             [failover]\nrole = \"{role}\"\nname = \"demo\"\naddress = \"{}\"\npartner = \"{}\"\n\
             mclt = {mclt}\nreceive-timer = 3\nstartup = 2\nretry = 1\n{extra}\n\
             [[subnet]]\nnetwork = \"10.77.0.0/16\"\npools = [\"{first}-{last}\"]\nlease = {lease}\nrouters = [\"10.77.0.1\"]\n",
            udp[at],
            at + 1,
            tcp[at],
            tcp[1 - at],
        );
        std::fs::write(path(name, "toml"), text)?;
    }
    Ok(Pair {
        configs: names.map(|name| path(name, "toml")),
        sockets: names.map(|name| path(name, "ctl")),
        clients: udp,
    })
}

fn free_tcp() -> std::io::Result<[SocketAddr; 2]> {
    let listeners = [TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?];
    Ok([listeners[0].local_addr()?, listeners[1].local_addr()?])
}

fn free_udp() -> std::io::Result<[SocketAddr; 2]> {
    let sockets = [UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?];
    Ok([sockets[0].local_addr()?, sockets[1].local_addr()?])
}
