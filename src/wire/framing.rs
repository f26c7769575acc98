//! Finding messages in a TCP stream: one octet at a time or many messages at once, with bounded memory.

use crate::error::DecodeError;
use crate::frame;

/// The beginning of a message that has not come whole. Holds at most 2048 octets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Framer {
    begun: Vec<u8>,
}

impl Framer {
    /// Takes octets from the front of `stream` until one message is whole, and returns that; None when all octets
    /// are used up. Call it until it returns None.
    ///
    /// # Errors
    /// The message length is out of bounds: what follows cannot be told apart any more, so the connection is to be
    /// closed.
    pub fn next(&mut self, stream: &mut &[u8]) -> Result<Option<Vec<u8>>, DecodeError> {
        self.fill(2, stream);
        let [high, low, ..] = *self.begun.as_slice() else { return Ok(None) };
        let length = usize::from(frame::length(high, low)?);
        self.fill(length, stream);
        Ok((self.begun.len() == length).then(|| std::mem::take(&mut self.begun)))
    }

    /// Whether a message has begun and is not whole.
    pub fn has_begun(&self) -> bool {
        !self.begun.is_empty()
    }

    fn fill(&mut self, up_to: usize, stream: &mut &[u8]) {
        let (taken, rest) = stream.split_at(stream.len().min(up_to.saturating_sub(self.begun.len())));
        self.begun.extend_from_slice(taken);
        *stream = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_whole_however_they_come_in() {
        let contact = |xid: u8| [0, 12, 11, 12, 0, 0, 0, 1, 0, 0, 0, xid];
        let stream: Vec<u8> = (0..5).flat_map(contact).collect();
        for piece in 1..=stream.len() {
            let mut framer = Framer::default();
            let mut found = Vec::new();
            for mut octets in stream.chunks(piece) {
                while let Some(message) = framer.next(&mut octets).unwrap() {
                    found.push(message);
                }
                assert!(octets.is_empty() && framer.begun.len() < 12);
            }
            assert_eq!(found, (0..5).map(|xid| contact(xid).to_vec()).collect::<Vec<_>>(), "pieces of {piece}");
            assert!(!framer.has_begun());
        }
    }

    #[test]
    fn lengths_out_of_bounds_end_the_stream() {
        for length in [0u16, 11, 2049, 65535] {
            let octets = length.to_be_bytes();
            assert!(Framer::default().next(&mut &octets[..]).is_err(), "{length}");
        }
        for length in [12u16, 2048] {
            let octets = length.to_be_bytes();
            assert_eq!(Framer::default().next(&mut &octets[..]), Ok(None), "{length}");
        }
    }
}
