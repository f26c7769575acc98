//! What is on stable storage, as octets. Each row ends with a checksum over its key and itself.

use std::net::Ipv4Addr;

use dhcpfo_engine::balance::Buckets;
use dhcpfo_engine::binding::{Binding, ClientId, Code, Partner, Status};
use dhcpfo_engine::durable::EndpointRecord;
use dhcpfo_engine::state::State;
use dhcpfo_time::Time;
use dhcpfo_wire::convert::Client;
use rapidhash::v3::rapidhash_v3;

/// Octets of a checksum.
const SUM: usize = 8;

/// What a secondary has agreed to, and must not forget (failover-12 §7.8.2 steps 7 and 8, §11.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// MCLT in force, in seconds.
    pub mclt: u32,
    /// The secondary's buckets.
    pub buckets: Buckets,
    /// When the latest CONNECT was sent, in seconds since 1970 by the primary's clock.
    pub connect_time: u32,
    /// delayed-service-parameter in seconds; 0 is none.
    pub delayed_service: u8,
}

/// When the partner was last in touch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// In seconds since 1970.
    pub at: u32,
    /// It still was when that was written.
    pub in_touch: bool,
}

/// What tells a store that is put back from the latest one: the numbers of commits ([`dhcpfo_wire::memory`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Commits of this store.
    pub commits: u64,
    /// The highest commit of the partner's that was heard of.
    pub heard: u64,
    /// The commit with which the store was opened, while the partner has not been met since.
    pub opened: Option<u64>,
}

/// Adds the checksum.
pub(crate) fn seal(key: &[u8], mut row: Vec<u8>) -> Vec<u8> {
    let sum = checksum(key, &row);
    row.extend(sum.to_le_bytes());
    row
}

/// Takes the checksum off. None if it does not fit.
pub(crate) fn open<'a>(key: &[u8], row: &'a [u8]) -> Option<&'a [u8]> {
    let (row, sum) = row.split_at_checked(row.len().checked_sub(SUM)?)?;
    (checksum(key, row).to_le_bytes() == sum).then_some(row)
}

fn checksum(key: &[u8], row: &[u8]) -> u64 {
    rapidhash_v3(&[key, row].concat())
}

/// A binding with the client that it names.
pub(crate) fn encode_binding(binding: &Binding, client: Option<&Client>) -> Vec<u8> {
    let mut row = vec![binding.status.code() as u8, binding.partner as u8, u8::from(binding.reclaiming)];
    binding.times().into_iter().for_each(|time| row.extend(time.raw().to_le_bytes()));
    if let Some(client) = client {
        let identifier = client.identifier.as_deref();
        row.push(u8::from(identifier.is_some()) + 1);
        for part in [identifier.unwrap_or_default(), &client.hardware_address] {
            row.extend((part.len() as u16).to_le_bytes());
            row.extend(part);
        }
    } else {
        row.push(0);
    }
    row
}

/// The binding of a row; `number` gives the number of its client. None: the row is no binding.
pub(crate) fn decode_binding(row: &[u8], number: impl FnOnce(&Client) -> Option<ClientId>) -> Option<Binding> {
    let mut reader = Reader(row);
    let [code, partner, reclaiming] = reader.array()?;
    let mut binding = Binding::known(Status::Abandoned);
    binding.partner =
        [Partner::UpToDate, Partner::Unsent, Partner::Sent, Partner::Rejected].get(usize::from(partner)).copied()?;
    binding.reclaiming = reclaiming != 0;
    binding.lease_expiration = reader.time()?;
    binding.sent_potential_expiration = reader.time()?;
    binding.acked_potential_expiration = reader.time()?;
    binding.received_potential_expiration = reader.time()?;
    binding.client_last_transaction = reader.time()?;
    binding.start_of_status = reader.time()?;
    binding.wait_ends = reader.time()?;
    let client = match reader.array::<1>()? {
        [0] => None,
        [kind] => {
            let (identifier, hardware_address) = (reader.text()?, reader.text()?);
            number(&Client { identifier: (kind == 2).then_some(identifier), hardware_address })
        }
    };
    binding.status = match code {
        1 => Status::Free { last: client },
        2 => Status::Active { client: client? },
        3 => Status::Expired { client: client? },
        4 => Status::Released { client: client? },
        5 => Status::Abandoned,
        6 => Status::Reset,
        7 => Status::Backup { last: client },
        _ => return None,
    };
    debug_assert!(Code::Backup as u8 == 7);
    reader.0.is_empty().then_some(binding)
}

/// The endpoint's own record.
pub(crate) fn encode_endpoint(record: &EndpointRecord) -> Vec<u8> {
    let mut row = vec![record.state as u8, u8::from(record.lost), u8::from(record.owes_all)];
    let times = [record.since, record.last_operational, record.recover_wait_ends, record.partner_down_wait_ends];
    times.into_iter().for_each(|time| row.extend(time.raw().to_le_bytes()));
    row
}

/// The record of a row. None: it is none.
pub(crate) fn decode_endpoint(row: &[u8]) -> Option<EndpointRecord> {
    let mut reader = Reader(row);
    let [state, lost, owes_all] = reader.array()?;
    let state = State::ALL.into_iter().find(|known| *known as u8 == state)?;
    let record = EndpointRecord {
        state,
        lost: lost != 0,
        owes_all: owes_all != 0,
        since: reader.time()?,
        last_operational: reader.time()?,
        recover_wait_ends: reader.time()?,
        partner_down_wait_ends: reader.time()?,
    };
    reader.0.is_empty().then_some(record)
}

/// What was agreed.
pub(crate) fn encode_agreed(agreed: &Agreed) -> Vec<u8> {
    let mut row = [agreed.mclt.to_le_bytes(), agreed.connect_time.to_le_bytes()].concat();
    row.push(agreed.delayed_service);
    row.extend(agreed.buckets.0);
    row
}

/// What a row says was agreed. None: nothing.
pub(crate) fn decode_agreed(row: &[u8]) -> Option<Agreed> {
    let mut reader = Reader(row);
    let (mclt, connect_time) = (reader.time()?.raw(), reader.time()?.raw());
    let [delayed_service] = reader.array()?;
    let buckets = Buckets(reader.array()?);
    reader.0.is_empty().then_some(Agreed { mclt, buckets, connect_time, delayed_service })
}

/// The latest contact.
pub(crate) fn encode_contact(contact: Contact) -> Vec<u8> {
    let mut row = contact.at.to_le_bytes().to_vec();
    row.push(contact.in_touch.into());
    row
}

/// What a row says of the latest contact. None: nothing.
pub(crate) fn decode_contact(row: &[u8]) -> Option<Contact> {
    let mut reader = Reader(row);
    let at = reader.time()?.raw();
    let [in_touch] = reader.array()?;
    reader.0.is_empty().then_some(Contact { at, in_touch: in_touch != 0 })
}

/// The numbers of commits.
pub(crate) fn encode_counts(counts: &Counts) -> Vec<u8> {
    let opened = counts.opened.map_or(u64::MAX, |opened| opened);
    [counts.commits, counts.heard, opened].into_iter().flat_map(u64::to_le_bytes).collect()
}

/// The numbers of commits in a row. None: there are none.
pub(crate) fn decode_counts(row: &[u8]) -> Option<Counts> {
    let mut reader = Reader(row);
    let [commits, heard, opened] = [reader.array()?, reader.array()?, reader.array()?].map(u64::from_le_bytes);
    let opened = (opened != u64::MAX).then_some(opened);
    reader.0.is_empty().then_some(Counts { commits, heard, opened })
}

/// The key of an address's row.
pub(crate) const fn key(address: Ipv4Addr) -> [u8; 4] {
    address.octets()
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn time(&mut self) -> Option<Time> {
        self.array().map(|octets| Time::from_raw(u32::from_le_bytes(octets)))
    }

    fn text(&mut self) -> Option<Vec<u8>> {
        let length = u16::from_le_bytes(self.array()?);
        let (head, rest) = self.0.split_at_checked(length.into())?;
        self.0 = rest;
        Some(head.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bindings_come_back_and_spoiled_ones_do_not() {
        let client = Client { identifier: Some(vec![1, 2, 3]), hardware_address: vec![1, 2, 0, 0, 0, 0, 9] };
        let mut binding = Binding::known(Status::Active { client: ClientId(5) });
        binding.partner = Partner::Sent;
        binding.lease_expiration = Time::from_raw(77);
        binding.wait_ends = Time::from_raw(78);
        let row = seal(b"key", encode_binding(&binding, Some(&client)));
        let read = |row: &[u8]| {
            decode_binding(open(b"key", row)?, |found| {
                assert_eq!(*found, client);
                Some(ClientId(5))
            })
        };
        assert_eq!(read(&row), Some(binding));
        assert_eq!(open(b"kez", &row), None, "a row of another address");
        for at in 0..row.len() {
            let mut spoiled = row.clone();
            spoiled[at] ^= 0x10;
            assert_eq!(open(b"key", &spoiled), None, "octet {at}");
            assert_eq!(open(b"key", &row[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn the_endpoint_comes_back() {
        for state in State::ALL {
            let mut record = EndpointRecord::of(state);
            record.lost = true;
            record.partner_down_wait_ends = Time::from_raw(9);
            assert_eq!(decode_endpoint(&encode_endpoint(&record)), Some(record));
        }
        let agreed = Agreed { mclt: 6, buckets: Buckets::first(9), connect_time: 7, delayed_service: 3 };
        assert_eq!(decode_agreed(&encode_agreed(&agreed)), Some(agreed));
        assert_eq!(decode_agreed(&[]), None);
        let contact = Contact { at: 12, in_touch: true };
        assert_eq!(decode_contact(&encode_contact(contact)), Some(contact));
        assert_eq!(decode_contact(&[1, 2]), None);
        for opened in [None, Some(3)] {
            let counts = Counts { commits: 1 << 40, heard: 2, opened };
            assert_eq!(decode_counts(&encode_counts(&counts)), Some(counts));
        }
        assert_eq!(decode_counts(&[0; 23]), None);
    }
}
