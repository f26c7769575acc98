//! The options of a DHCP packet: octets of several fields to one value for each code, and back.

use std::collections::BTreeMap;
use std::fmt;

use dhcproto::encoder::{Encodable, Encoder};
use dhcproto::v4::DhcpOption;

const PAD: u8 = 0;
const END: u8 = 255;

/// Options by their codes. Pieces of one option are put together in the order in which they came (RFC 3396).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options(BTreeMap<u8, Vec<u8>>);

/// Octets that are no options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionsError {
    /// The octet in the field at which the option begins.
    pub offset: usize,
    /// The option.
    pub code: u8,
}

impl fmt::Display for OptionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "octet {}: option {} runs past the end of its field", self.offset, self.code)
    }
}

impl std::error::Error for OptionsError {}

impl Options {
    /// Adds the options of one field. It ends with the option END, or with the field.
    ///
    /// # Errors
    /// An option runs past the end of the field.
    pub fn read(&mut self, field: &[u8]) -> Result<(), OptionsError> {
        let mut at = 0;
        while let Some((&code, rest)) = field.get(at..).and_then(<[u8]>::split_first) {
            match code {
                PAD => at += 1,
                END => break,
                code => {
                    let error = OptionsError { offset: at, code };
                    let (&length, rest) = rest.split_first().ok_or(error)?;
                    let data = rest.get(..usize::from(length)).ok_or(error)?;
                    self.0.entry(code).or_default().extend_from_slice(data);
                    at += 2 + data.len();
                }
            }
        }
        Ok(())
    }

    /// The data of an option.
    pub fn get(&self, code: u8) -> Option<&[u8]> {
        self.0.get(&code).map(Vec::as_slice)
    }

    /// The data of an option of a fixed size; None also if it has another size.
    pub fn array<const N: usize>(&self, code: u8) -> Option<[u8; N]> {
        self.get(code)?.try_into().ok()
    }

    /// Sets an option.
    pub fn set(&mut self, code: u8, data: Vec<u8>) {
        self.0.insert(code, data);
    }

    /// Sets an option from its typed form. False if `dhcproto` cannot encode it.
    #[must_use]
    pub fn set_typed(&mut self, option: &DhcpOption) -> bool {
        let mut octets = Vec::new();
        let encoded = option.encode(&mut Encoder::new(&mut octets)).is_ok();
        let mut found = Options::default();
        if !encoded || found.read(&octets).is_err() {
            return false;
        }
        let some = !found.0.is_empty();
        self.0.extend(found.0);
        some
    }

    /// Codes and data, by code.
    pub fn iter(&self) -> impl Iterator<Item = (u8, &[u8])> {
        self.0.iter().map(|(&code, data)| (code, data.as_slice()))
    }
}

/// One option as octets, in as many pieces as it needs.
pub(super) fn encode(code: u8, data: &[u8]) -> Vec<u8> {
    if data.is_empty() {
        return vec![code, 0];
    }
    data.chunks(255).flat_map(|piece| [&[code, piece.len() as u8], piece].concat()).collect()
}
