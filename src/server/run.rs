//! A server put together: sockets opened, threads started, the core at work.

use std::fmt;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::thread::{self, JoinHandle};

use dhcpfo_files::ServerFile;
use dhcpfo_wire::session::ConfigError;

use crate::core::{Core, Outside, Unusable, check_session};
use crate::http;
use crate::http::door::Token;
use crate::io::tcp::{self, Links};
use crate::io::tls::Secrets;
use crate::io::udp::{self, ClientSocket, Hearing};
use crate::io::web::Control;
use crate::io::{Event, Events, channel, local};
use crate::store::{Start, StoreError};
use crate::trace::Trace;

/// Why a server does not start.
#[derive(Debug)]
pub enum StartError {
    /// An address, port, interface or path cannot be had: which key, what, and what the system says.
    Refused(&'static str, String, std::io::Error),
    /// The store.
    Store(StoreError),
    /// What would be said to the partner.
    Session(ConfigError),
}

impl From<Unusable> for StartError {
    fn from(why: Unusable) -> StartError {
        match why {
            Unusable::Store(error) => StartError::Store(error),
            Unusable::Session(error) => StartError::Session(error),
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Refused(key, what, error) => {
                write!(f, "{key}: {what}: {error}")?;
                match error.kind() {
                    std::io::ErrorKind::AddrInUse => write!(f, "; another process has it, or this server runs already"),
                    std::io::ErrorKind::PermissionDenied => {
                        write!(f, "; ports below 1024 and interfaces need privileges")
                    }
                    std::io::ErrorKind::AddrNotAvailable => write!(f, "; it is no address of this machine"),
                    _ => Ok(()),
                }
            }
            StartError::Store(error) => error.fmt(f),
            StartError::Session(error) => write!(f, "failover.{error}"),
        }
    }
}

impl std::error::Error for StartError {}

/// How to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// With what the store has, or with nothing.
    pub start: Start,
    /// Where to write a trace.
    pub trace: Option<PathBuf>,
}

/// A server at work.
#[derive(Debug)]
pub struct Running {
    events: Events,
    core: JoinHandle<()>,
    socket: Option<PathBuf>,
}

impl Running {
    /// The way to it.
    pub fn events(&self) -> Events {
        self.events.clone()
    }

    /// Waits until it has ended.
    pub fn join(self) {
        if self.core.join().is_err() {
            tracing::error!("the core ended with a panic");
        }
        if let Some(socket) = self.socket {
            // Whoever comes next removes what is left.
            let _ = std::fs::remove_file(socket);
        }
    }

    /// Asks it to end, and waits for that.
    pub fn stop(self) {
        let _ = self.events.send(Event::Stop);
        self.join();
    }
}

/// Whether a server could speak to its partner as the configuration asks for it.
///
/// # Errors
/// Which file or key cannot be used, and why.
pub fn check(file: &ServerFile) -> Result<(), StartError> {
    secrets(file)?;
    check_session(file).map_err(StartError::Session)
}

/// The certificates of a configuration, if it has any.
///
/// # Errors
/// Which file cannot be used, and why.
pub fn secrets(file: &ServerFile) -> Result<Option<Secrets>, StartError> {
    let load = |tls| Secrets::load(tls, *file.failover.partner.ip());
    let unusable = |(key, what, error)| StartError::Refused(key, what, error);
    file.failover.tls.as_ref().map(load).transpose().map_err(unusable)
}

/// The token of the control over HTTP, if it has one.
///
/// # Errors
/// The file cannot be used, and why.
pub fn token(file: &ServerFile) -> Result<Option<Token>, StartError> {
    let read = |path: &String| {
        Token::from_file(Path::new(path)).map_err(|error| StartError::Refused("control.token", path.clone(), error))
    };
    file.token.as_ref().map(read).transpose()
}

/// Starts a server.
///
/// # Errors
/// What it needs and cannot have.
pub fn start(file: ServerFile, options: &Options) -> Result<Running, StartError> {
    crate::check::tell(&file);
    let (events, received) = channel();
    let failover = &file.failover;
    let (secrets, token) = (secrets(&file)?, token(&file)?);
    let refused = |key, what: String| move |error| StartError::Refused(key, what, error);
    let listener =
        TcpListener::bind(failover.address).map_err(refused("failover.address", failover.address.to_string()))?;
    let mut sockets = Vec::new();
    for address in &file.listen.addresses {
        let udp = udp::open(*address, None).map_err(refused("listen.addresses", address.to_string()))?;
        sockets.push(ClientSocket { udp, ethernet: None });
    }
    let addresses = sockets.len();
    for name in &file.listen.interfaces {
        sockets.push(ClientSocket::of_interface(name).map_err(refused("listen.interfaces", name.clone()))?);
    }
    let interfaces = file.listen.interfaces.clone();
    let control =
        file.socket.as_ref().map(|path| local::open(Path::new(path)).map_err(refused("control.socket", path.clone())));
    let control = control.transpose()?;
    let http = file.http.filter(|_| token.is_some());
    let http = http.map(|address| TcpListener::bind(address).map_err(refused("control.http", address.to_string())));
    let http = http.transpose()?;
    let trace =
        options.trace.as_ref().map(|path| Trace::create(path).map_err(refused("--trace", path.display().to_string())));
    let dropped = Arc::new(AtomicU64::new(0));
    let mut clones = Vec::new();
    for socket in &sockets {
        clones.push(socket.udp.try_clone().map_err(refused("listen", "a socket".to_owned()))?);
    }
    let links = Links::new(failover.address, failover.partner, events.clone(), secrets);
    let sockets = sockets.into_iter().map(Some).collect();
    let outside = Outside { sockets, links, dropped: dropped.clone(), trace: trace.transpose()? };
    let (partner, socket) = (failover.partner, file.socket.clone().map(PathBuf::from));
    let core = Core::start(file, options.start, outside)?;
    for (number, socket) in clones.into_iter().enumerate() {
        let hearing = Hearing { number, events: events.clone(), dropped: dropped.clone() };
        match number.checked_sub(addresses).and_then(|at| interfaces.get(at)).cloned() {
            Some(name) => thread::spawn(move || hearing.listen_on(&name, socket)),
            None => thread::spawn(move || hearing.listen(&socket)),
        };
    }
    let sender = events.clone();
    thread::spawn(move || tcp::accept(&listener, partner, &sender));
    if let Some(listener) = control {
        let events = events.clone();
        thread::spawn(move || local::serve(&listener, &events));
    }
    if let Some((listener, token)) = http.zip(token) {
        let control = Arc::new(Control::new(events.clone(), token));
        thread::spawn(move || http::serve(&listener, &control, &AtomicBool::new(false)));
    }
    let core = thread::Builder::new().name("core".to_owned()).spawn(move || {
        core.run(&received);
    });
    let core = core.map_err(refused("the core", "a thread".to_owned()))?;
    Ok(Running { events, core, socket })
}
