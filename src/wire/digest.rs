//! message-digest: HMAC-MD5 over each message with a shared secret (failover-12 §11.1, §12.17).
//!
//! The text gives the data (the whole message with the digest zeroed, then the shared secret) but no key for the
//! HMAC; here the key is the shared secret. No deployed server is known to check it, so this holds between two of
//! ours. The option is sent first, as §11.1 and §12.17 say; it is taken anywhere, as §6.3 draws it last.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;

use crate::error::EncodeError;
use crate::frame::{Frame, Header};
use crate::option::{self, Opt};

/// Type of the digest: HMAC-MD5.
const HMAC_MD5: u8 = 1;
/// Octets of the digest, without the type.
const DIGEST: usize = 16;
const OPTION: u16 = 17;

/// What both servers know and nobody else. Not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({} octets)", self.0.len())
    }
}

/// Why a message is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doubt {
    /// There is no message-digest option.
    Missing,
    /// Its type is not HMAC-MD5, or it has another size than 17 octets.
    Unsupported,
    /// It does not fit the message and the secret.
    Mismatch,
}

impl Secret {
    /// A shared secret; at least one octet, or None.
    pub fn new(octets: Vec<u8>) -> Option<Secret> {
        (!octets.is_empty()).then_some(Secret(octets))
    }

    /// Encodes a frame with its digest in front of the other options.
    ///
    /// # Errors
    /// The message would be longer than 2048 octets.
    pub fn encode(&self, mut frame: Frame) -> Result<Vec<u8>, EncodeError> {
        let mut data = vec![0; 1 + DIGEST];
        data[0] = HMAC_MD5;
        frame.options.insert(0, Opt::MessageDigest(data));
        let mut octets = frame.encode()?;
        let digest = self.digest(&octets).finalize().into_bytes();
        let at = crate::frame::HEADER + 4 + 1;
        octets[at..at + DIGEST].copy_from_slice(&digest);
        Ok(octets)
    }

    /// Checks the digest of one message that [`Frame::decode`] has taken. The comparison takes the same time
    /// whatever the octets are.
    ///
    /// # Errors
    /// The digest is missing, of another kind, or does not fit.
    pub fn verify(&self, octets: &[u8]) -> Result<(), Doubt> {
        let payload = Header::decode(octets).and_then(|header| header.payload()).map_err(|_| Doubt::Missing)?;
        let found = option::walk(octets, payload).flatten().find(|raw| raw.code == OPTION).ok_or(Doubt::Missing)?;
        let [HMAC_MD5, digest @ ..] = found.data else { return Err(Doubt::Unsupported) };
        if digest.len() != DIGEST {
            return Err(Doubt::Unsupported);
        }
        let mut zeroed = octets.to_vec();
        zeroed[found.offset + 5..found.offset + 5 + DIGEST].fill(0);
        self.digest(&zeroed).verify_slice(digest).map_err(|_| Doubt::Mismatch)
    }

    fn digest(&self, octets: &[u8]) -> Hmac<Md5> {
        #[allow(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104)")]
        let mut mac = Hmac::<Md5>::new_from_slice(&self.0).expect("any length");
        mac.update(octets);
        mac.update(&self.0);
        mac
    }
}

/// Whether the frame has a message-digest option.
pub fn is_signed(frame: &Frame) -> bool {
    frame.options.iter().any(|option| matches!(option, Opt::MessageDigest(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::MessageType;

    fn signed() -> (Secret, Vec<u8>) {
        let secret = Secret::new(b"sesame".to_vec()).unwrap();
        let options = vec![Opt::ServerState(2), Opt::ServerFlags(0), Opt::StartTimeOfState(7)];
        let frame = Frame { message_type: MessageType::State, time: 1, xid: 2, options };
        let octets = secret.encode(frame).unwrap();
        (secret, octets)
    }

    #[test]
    fn any_changed_octet_is_noticed() {
        let (secret, octets) = signed();
        assert_eq!(secret.verify(&octets), Ok(()));
        for at in 0..octets.len() {
            let mut changed = octets.clone();
            changed[at] ^= 1;
            assert!(secret.verify(&changed).is_err(), "octet {at}");
        }
        assert_eq!(Secret::new(b"Sesame".to_vec()).unwrap().verify(&octets), Err(Doubt::Mismatch));
    }

    #[test]
    fn digest_is_that_of_another_implementation() {
        // Python: hmac.new(b"sesame", message + b"sesame", "md5"), message with 16 zero octets.
        let (_, octets) = signed();
        assert_eq!(octets[17..33], EXPECTED);
    }
    const EXPECTED: [u8; 16] =
        [0x32, 0x56, 0x74, 0x07, 0x78, 0xb3, 0x28, 0x28, 0x05, 0x3b, 0xb2, 0xec, 0x47, 0x41, 0xfe, 0xbc];

    #[test]
    fn no_digest_and_foreign_ones_are_told_apart() {
        let (secret, mut octets) = signed();
        let plain = Frame { message_type: MessageType::Contact, time: 1, xid: 2, options: Vec::new() };
        assert_eq!(secret.verify(&plain.encode().unwrap()), Err(Doubt::Missing));
        octets[16] = 2;
        assert_eq!(secret.verify(&octets), Err(Doubt::Unsupported));
        assert_eq!(Secret::new(Vec::new()), None);
    }
}
