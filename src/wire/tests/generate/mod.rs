//! Generators of frames, and hex.
#![allow(dead_code, reason = "each test file uses its own part")]

use dhcpfo_wire::frame::Frame;
use dhcpfo_wire::number::MessageType;
use dhcpfo_wire::option::{Ddns, Flags, Opt};
use proptest::prelude::*;

/// Octets from hex digits; blanks are skipped.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

/// Hex digits.
pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn octets() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..40)
}

/// Any option but assigned-IP-address.
fn option() -> impl Strategy<Value = Opt> {
    let number = prop_oneof![
        any::<u32>().prop_map(Opt::AddressesTransferred),
        any::<u32>().prop_map(Opt::ClientLastTransactionTime),
        any::<u32>().prop_map(Opt::LeaseExpirationTime),
        any::<u32>().prop_map(Opt::MaxUnackedBndUpd),
        any::<u32>().prop_map(Opt::Mclt),
        any::<u32>().prop_map(Opt::PotentialExpirationTime),
        any::<u32>().prop_map(Opt::ReceiveTimer),
        any::<u32>().prop_map(Opt::StartTimeOfState),
    ];
    let octet = prop_oneof![
        any::<u8>().prop_map(Opt::BindingStatus),
        any::<u8>().prop_map(Opt::DelayedServiceParameter),
        any::<u8>().prop_map(Opt::ProtocolVersion),
        any::<u8>().prop_map(Opt::RejectReason),
        any::<u8>().prop_map(Opt::ServerFlags),
        prop_oneof![any::<u8>(), 2..=11u8].prop_map(Opt::ServerState),
        any::<u8>().prop_map(Opt::TlsReply),
        any::<u8>().prop_map(Opt::TlsRequest),
    ];
    let text = prop_oneof![
        octets().prop_map(Opt::ClientIdentifier),
        octets().prop_map(Opt::ClientHardwareAddress),
        octets().prop_map(Opt::ClientReplyOptions),
        octets().prop_map(Opt::ClientRequestOptions),
        octets().prop_map(Opt::HashBucketAssignment),
        octets().prop_map(Opt::Message),
        octets().prop_map(Opt::MessageDigest),
        octets().prop_map(Opt::RelationshipName),
        octets().prop_map(Opt::VendorClassIdentifier),
        octets().prop_map(Opt::VendorSpecificOptions),
        (any::<u16>(), octets()).prop_map(|(flags, name)| Opt::Ddns(Ddns { flags, name })),
        any::<u16>().prop_map(|flags| Opt::IpFlags(Flags(flags))),
        (30..=u16::MAX, octets()).prop_map(|(code, data)| Opt::Unknown { code, data }),
    ];
    prop_oneof![number, octet, text]
}

/// Options of which none that is known repeats.
fn distinct() -> impl Strategy<Value = Vec<Opt>> {
    proptest::collection::vec(option(), 0..12).prop_map(|options| {
        let mut seen = std::collections::BTreeSet::new();
        options.into_iter().filter(|option| seen.insert(option.code())).collect()
    })
}

/// Frames that can be sent, of any type; in BNDUPD and BNDACK with several addresses.
pub(crate) fn frame() -> impl Strategy<Value = Frame> {
    let kind = proptest::sample::select(MessageType::ALL.to_vec());
    let groups = proptest::collection::vec((any::<[u8; 4]>(), distinct()), 0..4);
    (kind, any::<u32>(), any::<u32>(), distinct(), groups).prop_map(|(message_type, time, xid, mut options, groups)| {
        if matches!(message_type, MessageType::BndUpd | MessageType::BndAck) {
            for (address, group) in groups {
                options.push(Opt::AssignedIpAddress(address.into()));
                options.extend(group);
            }
        }
        Frame { message_type, time, xid, options }
    })
}
