//! Why octets are not a failover message, and why a message is not octets.

use std::fmt;

/// Octets that are not a failover message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The octet at which it shows, counted from the start of the message.
    pub offset: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong at the octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// Message length out of bounds.
    Length(u16),
    /// Message length does not match the number of octets that are there.
    Octets {
        /// What the header says.
        says: u16,
        /// How many there are.
        are: usize,
    },
    /// A message type that is not known. 128 and above may be ignored, below that the connection must be closed
    /// (failover-12 §6.1).
    MessageType(u8),
    /// Payload offset inside the header, or behind the end.
    PayloadOffset {
        /// What the header says.
        offset: u8,
        /// The length of the message.
        length: u16,
    },
    /// Fewer than four octets where an option should begin.
    OptionHeader(usize),
    /// An option that runs past the end of the message.
    OptionEnd {
        /// Its code.
        code: u16,
        /// The length that it claims, in octets.
        length: u16,
        /// The octets that are left.
        left: usize,
    },
    /// An option of a size that it cannot have.
    OptionSize {
        /// Its code.
        code: u16,
        /// Its length in octets.
        length: u16,
        /// What would be accepted.
        accepted: &'static str,
    },
    /// An option that may appear once and appears twice (failover-12 §6.2).
    OptionTwice(u16),
}

impl DecodeError {
    /// Whether the message may be skipped: a type of the range that need not be supported (failover-12 §6.1).
    pub const fn may_ignore(&self) -> bool {
        matches!(self.problem, Problem::MessageType(128..))
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "octet {}: ", self.offset)?;
        match self.problem {
            Problem::Length(length) => write!(f, "message length {length}; 12 to 2048 would be accepted"),
            Problem::Octets { says, are } => write!(f, "message length {says}, but there are {are} octets"),
            Problem::MessageType(kind) => write!(f, "message type {kind}; 1 to 12 are known, 128 to 255 are skipped"),
            Problem::PayloadOffset { offset, length } => write!(
                f,
                "payload offset {offset}; 8 (taken for 12) or 12 up to the message length {length} would be accepted"
            ),
            Problem::OptionHeader(left) => {
                write!(f, "{left} octets left over; an option has at least 4, or the message ends before")
            }
            Problem::OptionEnd { code, length, left } => {
                write!(f, "option {code} says {length} octets; at most {left} are left")
            }
            Problem::OptionSize { code, length, accepted } => {
                write!(f, "option {code} of {length} octets; {accepted} would be accepted")
            }
            Problem::OptionTwice(code) => write!(f, "option {code} a second time; once would be accepted"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// A message that cannot be put on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodeError {
    /// How many octets it would have. At most 2048 are allowed (failover-12 §6.1).
    pub octets: usize,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a message of {} octets; at most 2048 are allowed", self.octets)
    }
}

impl std::error::Error for EncodeError {}
