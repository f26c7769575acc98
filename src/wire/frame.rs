//! One failover message as octets: header and options (failover-12 §6.1, §6.2).
//!
//! The header has 12 octets, of which the payload offset is one. The text gives its value as 8, the figure as 12;
//! what is sent here is 12, what is taken is 8 (as 12) and every larger one inside the message.

use crate::error::{DecodeError, EncodeError, Problem};
use crate::number::MessageType;
use crate::option::{self, Opt};

/// Octets of the header, and the least message length.
pub const HEADER: usize = 12;
/// The greatest message length in octets (failover-12 §6.1).
pub const LONGEST: usize = 2048;

/// The fixed part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Octets of the whole message: 12 to 2048.
    pub length: u16,
    /// Message type as it stands there.
    pub message_type: u8,
    /// Payload offset as it stands there.
    pub payload_offset: u8,
    /// When it was sent: seconds since 1970 by the sender's clock.
    pub time: u32,
    /// Transaction id.
    pub xid: u32,
}

impl Header {
    /// Reads the header of the message that begins `octets`.
    ///
    /// # Errors
    /// The length is out of bounds, or there are fewer than 12 octets.
    pub fn decode(octets: &[u8]) -> Result<Header, DecodeError> {
        let [l1, l2, message_type, payload_offset, t1, t2, t3, t4, x1, x2, x3, x4, ..] = *octets else {
            let says = octets.len() as u16;
            return Err(DecodeError { offset: 0, problem: Problem::Octets { says, are: octets.len() } });
        };
        Ok(Header {
            length: length(l1, l2)?,
            message_type,
            payload_offset,
            time: u32::from_be_bytes([t1, t2, t3, t4]),
            xid: u32::from_be_bytes([x1, x2, x3, x4]),
        })
    }

    /// Where the options begin.
    ///
    /// # Errors
    /// The payload offset lies inside the header or behind the end of the message.
    pub fn payload(&self) -> Result<usize, DecodeError> {
        match self.payload_offset {
            8 => Ok(HEADER),
            offset if usize::from(offset) >= HEADER && u16::from(offset) <= self.length => Ok(usize::from(offset)),
            offset => Err(DecodeError { offset: 3, problem: Problem::PayloadOffset { offset, length: self.length } }),
        }
    }
}

/// The message length from its two octets.
pub(crate) fn length(high: u8, low: u8) -> Result<u16, DecodeError> {
    let length = u16::from_be_bytes([high, low]);
    if (HEADER..=LONGEST).contains(&usize::from(length)) {
        Ok(length)
    } else {
        Err(DecodeError { offset: 0, problem: Problem::Length(length) })
    }
}

/// A message with its options in order, nothing interpreted but their sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What kind of message it is.
    pub message_type: MessageType,
    /// When it was sent: seconds since 1970 by the sender's clock.
    pub time: u32,
    /// Transaction id.
    pub xid: u32,
    /// The options, in the order in which they stand.
    pub options: Vec<Opt>,
}

impl Frame {
    /// Reads exactly one message.
    ///
    /// # Errors
    /// With the octet and what would be accepted there. [`DecodeError::may_ignore`] says when a message is to be
    /// skipped instead of closing the connection.
    pub fn decode(octets: &[u8]) -> Result<Frame, DecodeError> {
        let header = Header::decode(octets)?;
        if usize::from(header.length) != octets.len() {
            let problem = Problem::Octets { says: header.length, are: octets.len() };
            return Err(DecodeError { offset: 0, problem });
        }
        let message_type = MessageType::from_code(header.message_type)
            .ok_or(DecodeError { offset: 2, problem: Problem::MessageType(header.message_type) })?;
        let options = options(message_type, octets, header.payload()?)?;
        Ok(Frame { message_type, time: header.time, xid: header.xid, options })
    }

    /// The message as octets, with payload offset 12.
    ///
    /// # Errors
    /// The message would be longer than 2048 octets.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        let octets = HEADER + self.options.iter().map(Opt::size).sum::<usize>();
        if octets > LONGEST {
            return Err(EncodeError { octets });
        }
        let mut out = Vec::with_capacity(octets);
        out.extend((octets as u16).to_be_bytes());
        out.extend([self.message_type as u8, HEADER as u8]);
        out.extend(self.time.to_be_bytes());
        out.extend(self.xid.to_be_bytes());
        self.options.iter().for_each(|option| option.put(&mut out));
        Ok(out)
    }
}

/// The options of a message. One may appear once; in BNDUPD and BNDACK once for each assigned-IP-address
/// (failover-12 §6.2, §6.3). Those that the draft does not define may repeat: they are not looked at.
fn options(message_type: MessageType, octets: &[u8], payload: usize) -> Result<Vec<Opt>, DecodeError> {
    const ADDRESS: u16 = 2;
    let batched = matches!(message_type, MessageType::BndUpd | MessageType::BndAck);
    let mut seen = 0u64;
    let mut options = Vec::new();
    for raw in option::walk(octets, payload) {
        let raw = raw?;
        let option = raw.decode()?;
        if !matches!(option, Opt::Unknown { .. }) {
            if raw.code == ADDRESS && batched {
                seen = 0;
            }
            let bit = 1u64 << raw.code;
            if seen & bit != 0 {
                return Err(DecodeError { offset: raw.offset, problem: Problem::OptionTwice(raw.code) });
            }
            seen |= bit;
        }
        options.push(option);
    }
    Ok(options)
}
