//! The TCP connection between the two servers: in order per direction, or gone.
//!
//! When it breaks, what was sent before may still be read by the other end until that end notices; what is
//! sent afterwards is lost. That is how TCP behaves when a host dies: its last segments may already lie in
//! the partner's buffer.

use arrayvec::ArrayVec;
use dhcpfo_engine::message::Message;
use dhcpfo_engine::state::Role;
use dhcpfo_time::Time;

/// Most messages in flight in one direction.
pub const QUEUE: usize = 8;

/// A message under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InFlight {
    /// What it says.
    pub message: Message,
    /// Where its age is bounded: when it has been read, or the connection been given up (failover-12 §8.3).
    pub by: Time,
}

/// Messages on their way to one end, in order.
pub type Queue = ArrayVec<InFlight, QUEUE>;

/// The connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    /// Both ends are connected and data flows, one way at least.
    pub intact: bool,
    /// What is on its way to the primary, and to the secondary.
    pub towards: [Queue; 2],
    /// Where the age of messages is bounded: when the primary, and the secondary, has noticed a break.
    pub notice_by: [Time; 2],
    /// The end to which nothing arrives any more that is sent from now on, while the other one still hears it: the
    /// network has broken in one direction.
    pub deaf: Option<Role>,
}

impl Link {
    /// No connection.
    pub fn down() -> Link {
        Link {
            intact: false,
            towards: [Queue::new_const(), Queue::new_const()],
            notice_by: [Time::LONG_AGO; 2],
            deaf: None,
        }
    }

    /// Becomes a copy of another, without touching what is not in use.
    pub fn copy_from(&mut self, from: &Link) {
        self.intact = from.intact;
        self.notice_by = from.notice_by;
        self.deaf = from.deaf;
        for (mine, theirs) in self.towards.iter_mut().zip(&from.towards) {
            mine.clear();
            mine.extend(theirs.iter().copied());
        }
    }

    /// Whether what `end` is sent reaches it.
    pub fn carries(&self, end: Role) -> bool {
        self.intact && self.deaf != Some(end)
    }

    /// Whether data flows both ways.
    pub fn works(&self) -> bool {
        self.intact && self.deaf.is_none()
    }

    /// Sends to `end`; lost if the connection is broken. False if more is in flight than there is room for.
    #[must_use]
    pub fn send(&mut self, end: Role, message: InFlight) -> bool {
        !self.carries(end) || self.towards[end.index()].try_push(message).is_ok()
    }

    /// The next message for `end`.
    pub fn head(&self, end: Role) -> Option<&Message> {
        self.towards[end.index()].first().map(|flying| &flying.message)
    }

    /// Takes the next message for `end`.
    pub fn receive(&mut self, end: Role) -> Option<Message> {
        let queue = &mut self.towards[end.index()];
        (!queue.is_empty()).then(|| queue.remove(0).message)
    }

    /// The connection is gone for both; what was sent may still be read.
    pub fn break_off(&mut self) {
        self.intact = false;
        self.deaf = None;
    }

    /// `end` has noticed, or is gone: nothing of this connection will be read there any more.
    pub fn forget(&mut self, end: Role) {
        self.break_off();
        self.towards[end.index()].clear();
        self.notice_by[end.index()] = Time::LONG_AGO;
    }
}
