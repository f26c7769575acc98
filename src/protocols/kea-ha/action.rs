//! What can happen, with its text.

use crate::server::{ADDRESSES, CLIENTS, REQUESTS};
use dhcpfo_study::words::find;
use std::fmt;
use std::str::FromStr;

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "client, server, address and place are what they are called")]
pub enum Action {
    /// A client asks for an address, or for more time if it holds it.
    Ask { client: u8, server: u8, address: u8 },
    /// A client gives its lease back.
    Release { client: u8, server: u8 },
    /// A request to the partner is carried out there, and the answer comes back.
    Arrive { server: u8, place: u8 },
    /// A request to the partner fails, or its time is over.
    Fail { server: u8, place: u8 },
    /// The partner is about to change that address itself.
    Locked { server: u8, place: u8 },
    /// A request is held up beyond its time.
    HoldUp { server: u8, place: u8 },
    /// What was held up is carried out after all.
    Late,
    /// A heartbeat comes back.
    Hear { server: u8 },
    /// A heartbeat fails, or its time is over.
    Miss { server: u8 },
    /// A server finds enough clients that its partner leaves unanswered.
    Unanswered { server: u8 },
    /// A server takes over what its partner has, and says that it is done.
    Synchronise { server: u8 },
    /// It reads what its partner has, and is slow to say that it is done.
    Read { server: u8 },
    /// It says that it is done.
    Notify { server: u8 },
    /// A server that waits for a partner in TERMINATED goes there, too.
    GiveUp { server: u8 },
    /// An operator says that the partner is down.
    DeclareDown { server: u8 },
    /// An operator says that the partner will be shut down for maintenance.
    Maintain { server: u8 },
    /// The process ends.
    Crash { server: u8 },
    /// The machine loses power, and with it what was written of late.
    LosePower { server: u8 },
    /// The process starts.
    Restart { server: u8 },
    /// The control link begins to swallow everything.
    Cut,
    /// It works again.
    Heal,
    /// A server is cut off from the clients.
    CutOff { server: u8 },
    /// It reaches them again.
    Reconnect { server: u8 },
    /// The clocks are further apart than is tolerated.
    ClocksPart,
    /// They are put right.
    ClocksMeet,
}

impl Action {
    /// What a server does or suffers by itself.
    pub(crate) const OF_A_SERVER: [fn(u8) -> Action; 14] = [
        |server| Action::Hear { server },
        |server| Action::Miss { server },
        |server| Action::Unanswered { server },
        |server| Action::Synchronise { server },
        |server| Action::Read { server },
        |server| Action::Notify { server },
        |server| Action::GiveUp { server },
        |server| Action::DeclareDown { server },
        |server| Action::Maintain { server },
        |server| Action::Crash { server },
        |server| Action::LosePower { server },
        |server| Action::Restart { server },
        |server| Action::CutOff { server },
        |server| Action::Reconnect { server },
    ];

    /// What becomes of a request.
    pub(crate) const OF_A_REQUEST: [fn(u8, u8) -> Action; 4] = [
        |server, place| Action::Arrive { server, place },
        |server, place| Action::Fail { server, place },
        |server, place| Action::Locked { server, place },
        |server, place| Action::HoldUp { server, place },
    ];

    /// What is nobody's.
    pub(crate) const OF_THE_WORLD: [Action; 5] =
        [Action::Late, Action::Cut, Action::Heal, Action::ClocksPart, Action::ClocksMeet];

    /// Every action of the largest system.
    fn all() -> impl Iterator<Item = Action> {
        let pairs = || (0..CLIENTS as u8).flat_map(|client| (0..2).map(move |server| (client, server)));
        let asks = pairs().flat_map(|(client, server)| {
            (0..ADDRESSES as u8).map(move |address| Action::Ask { client, server, address })
        });
        let releases = pairs().map(|(client, server)| Action::Release { client, server });
        let requests = (0..2).flat_map(|server| (0..REQUESTS as u8).map(move |place| (server, place)));
        let requests = requests.flat_map(|(server, place)| Action::OF_A_REQUEST.map(|make| make(server, place)));
        let servers = (0..2).flat_map(|server| Action::OF_A_SERVER.map(|make| make(server)));
        asks.chain(releases).chain(requests).chain(servers).chain(Action::OF_THE_WORLD)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Ask { client, server, address } => write!(f, "c{client} asks s{server} for a{address}"),
            Action::Release { client, server } => write!(f, "c{client} releases to s{server}"),
            Action::Arrive { server, place } => write!(f, "request {place} of s{server} arrives"),
            Action::Fail { server, place } => write!(f, "request {place} of s{server} fails"),
            Action::Locked { server, place } => write!(f, "request {place} of s{server} meets a lock"),
            Action::HoldUp { server, place } => write!(f, "request {place} of s{server} is held up"),
            Action::Late => f.write_str("the late request arrives"),
            Action::Hear { server } => write!(f, "s{server} hears its partner"),
            Action::Miss { server } => write!(f, "s{server} misses its partner"),
            Action::Unanswered { server } => write!(f, "s{server} finds clients unanswered"),
            Action::Synchronise { server } => write!(f, "s{server} synchronises"),
            Action::Read { server } => write!(f, "s{server} reads the leases"),
            Action::Notify { server } => write!(f, "s{server} says that it has read"),
            Action::GiveUp { server } => write!(f, "s{server} waits no longer"),
            Action::DeclareDown { server } => write!(f, "s{server} is told that its partner is down"),
            Action::Maintain { server } => write!(f, "s{server} is told to let its partner go"),
            Action::Crash { server } => write!(f, "s{server} crashes"),
            Action::LosePower { server } => write!(f, "s{server} loses power"),
            Action::Restart { server } => write!(f, "s{server} restarts"),
            Action::Cut => f.write_str("the control link is cut"),
            Action::Heal => f.write_str("the control link heals"),
            Action::CutOff { server } => write!(f, "s{server} is cut off from the clients"),
            Action::Reconnect { server } => write!(f, "s{server} reaches the clients again"),
            Action::ClocksPart => f.write_str("the clocks part"),
            Action::ClocksMeet => f.write_str("the clocks meet"),
        }
    }
}

impl FromStr for Action {
    type Err = String;

    fn from_str(text: &str) -> Result<Action, String> {
        const ACCEPTED: [&str; 9] = [
            "cN asks sN for aN",
            "cN releases to sN",
            "request N of sN arrives|fails|meets a lock|is held up",
            "the late request arrives",
            "sN hears|misses its partner, sN finds clients unanswered",
            "sN synchronises|reads the leases|says that it has read|waits no longer",
            "sN is told that its partner is down, sN is told to let its partner go",
            "sN crashes|loses power|restarts|is cut off from the clients|reaches the clients again",
            "the control link is cut|heals, the clocks part|meet",
        ];
        find(text, Action::all(), &ACCEPTED)
    }
}
