//! What two servers of ours know of each other's memory, so that one whose store is older than its partner's memory of it
//! notices (Q17). The draft has no option for it: it is in vendor-specific-options (failover-12 §12.29), which anybody else
//! ignores.
//!
//! A server numbers its commits, and each message says which commit came before it. The partner keeps the highest number
//! that it has heard, and both say what they have heard when they connect.

use crate::frame::Frame;
use crate::option::Opt;

/// What the option begins with: whose it is.
const MARK: &[u8; 6] = b"dhcpfo";

/// What a message says of the memories of the two servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// The sender's latest commit before this message.
    pub commit: u64,
    /// In CONNECT and CONNECTACK: the highest commit of the receiver that the sender has heard of; 0 is none.
    pub heard: Option<u64>,
}

impl Memory {
    /// The option that says it.
    pub(crate) fn to_option(self) -> Opt {
        let mut data = MARK.to_vec();
        data.extend(self.commit.to_be_bytes());
        data.extend(self.heard.into_iter().flat_map(u64::to_be_bytes));
        Opt::VendorSpecificOptions(data)
    }

    /// What a message says. None: nothing, or something of somebody else's.
    pub(crate) fn of(frame: &Frame) -> Option<Memory> {
        let data = frame.options.iter().find_map(|option| match option {
            Opt::VendorSpecificOptions(data) => data.strip_prefix(MARK),
            _ => None,
        })?;
        let (commit, rest) = data.split_first_chunk::<8>()?;
        let heard = match rest {
            [] => None,
            rest => Some(u64::from_be_bytes(rest.try_into().ok()?)),
        };
        Some(Memory { commit: u64::from_be_bytes(*commit), heard })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::MessageType;

    #[test]
    fn what_is_said_is_read_and_nothing_else() {
        let frame = |option| Frame { message_type: MessageType::State, time: 1, xid: 2, options: vec![option] };
        for heard in [None, Some(0), Some(u64::MAX)] {
            let memory = Memory { commit: 7, heard };
            assert_eq!(Memory::of(&frame(memory.to_option())), Some(memory));
        }
        for other in [&b""[..], b"dhcpfo", b"dhcpfo1234567", b"dhcpfo123456789", b"DHCPFO12345678"] {
            assert_eq!(Memory::of(&frame(Opt::VendorSpecificOptions(other.to_vec()))), None);
        }
        assert_eq!(Memory::of(&frame(Opt::Mclt(1))), None);
    }
}
