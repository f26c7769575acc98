//! Client packets: what real clients sent, what a dhcpd answered, and octets from anywhere.

mod bench;
mod generate;

use std::net::{Ipv4Addr, SocketAddrV4};

use bench::Names;
use dhcpfo_engine::balance::bucket;
use dhcpfo_engine::binding::AddressId;
use dhcpfo_engine::effect::Ask;
use dhcpfo_wire::client::{
    Asked, Destination, Kind, Lease, Options, Packet, PacketError, Reply, Settings, TooMuch, Unclear, destination,
};
use dhcproto::decoder::{Decodable, Decoder};
use dhcproto::encoder::{Encodable, Encoder};
use dhcproto::v4::{DhcpOption, Flags, Message, MessageType, OptionCode};
use generate::unhex;
use proptest::prelude::*;

const REAL: &str = include_str!("client.packets");
const SERVER: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);
const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 20);
const RELAY: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 1);
const NONE: Ipv4Addr = Ipv4Addr::UNSPECIFIED;

struct Real {
    kind: &'static str,
    unicast: bool,
    ciaddr: Ipv4Addr,
    yiaddr: Ipv4Addr,
    codes: Vec<u8>,
    octets: Vec<u8>,
}

fn real() -> Vec<Real> {
    let line = |line: &'static str| {
        let fields: Vec<_> = line.split(' ').collect();
        let [kind, cast, ciaddr, yiaddr, codes, octets] = fields[..] else { panic!("{line}") };
        Real {
            kind,
            unicast: cast == "unicast",
            ciaddr: ciaddr.parse().unwrap(),
            yiaddr: yiaddr.parse().unwrap(),
            codes: codes.split(',').map(|code| code.parse().unwrap()).collect(),
            octets: unhex(octets),
        }
    };
    REAL.lines().filter(|line| !line.starts_with('#')).map(line).collect()
}

#[test]
fn packets_of_real_clients_and_of_a_dhcpd_are_understood() {
    assert_eq!(real().len(), 20);
    for Real { kind, unicast, ciaddr, yiaddr, mut codes, octets } in real() {
        let packet = Packet::decode(&octets).unwrap();
        assert_eq!(packet.kind.name(), format!("DHCP{kind}"));
        assert_eq!((packet.ciaddr, packet.yiaddr), (ciaddr, yiaddr));
        codes.sort_unstable();
        assert_eq!(packet.options.iter().map(|(code, _)| code).collect::<Vec<_>>(), codes);
        assert_eq!(packet.client().unwrap().hardware_address.len(), 7);
        let asked = packet.asked(unicast);
        match (kind, codes.contains(&54), codes.contains(&50), unicast) {
            ("DISCOVER", ..) => assert_eq!(asked, Ok(Asked::Discover(None))),
            ("REQUEST", true, true, _) => assert!(matches!(asked, Ok(Asked::Select { .. }))),
            ("REQUEST", false, true, _) => assert!(matches!(asked, Ok(Asked::Reboot(_)))),
            ("REQUEST", false, false, true) => assert_eq!(asked, Ok(Asked::Renew(ciaddr))),
            ("REQUEST", false, false, false) => assert_eq!(asked, Ok(Asked::Rebind(ciaddr))),
            ("DECLINE", ..) => assert!(matches!(asked, Ok(Asked::Decline { server: Some(_), .. }))),
            ("RELEASE", ..) => {
                assert!(matches!(asked, Ok(Asked::Release { address, server: Some(_) }) if address == ciaddr));
            }
            _ => assert_eq!(asked, Err(Unclear::NotFromClient(packet.kind))),
        }
    }
}

/// A client's packet, built by another encoder.
fn request(kind: MessageType, change: impl FnOnce(&mut Message)) -> Vec<u8> {
    let mut message = Message::new_with_id(7, NONE, NONE, NONE, NONE, &[2, 0xc1, 0, 0, 0, 1]);
    message.opts_mut().insert(DhcpOption::MessageType(kind));
    change(&mut message);
    encoded(&message)
}

fn encoded(message: &Message) -> Vec<u8> {
    let mut octets = Vec::new();
    message.encode(&mut Encoder::new(&mut octets)).unwrap();
    octets
}

fn packet(kind: MessageType, change: impl FnOnce(&mut Message)) -> Packet {
    Packet::decode(&request(kind, change)).unwrap()
}

// ---- reading --------------------------------------------------------------------------------------------

#[test]
fn headers_are_checked() {
    let good = request(MessageType::Discover, |_| {});
    let with = |at: usize, octet: u8| {
        let mut octets = good.clone();
        octets[at] = octet;
        Packet::decode(&octets)
    };
    assert_eq!(Packet::decode(&good[..239]), Err(PacketError::Short(239)));
    assert_eq!(with(0, 2), Err(PacketError::Op(2)));
    assert_eq!(with(0, 9), Err(PacketError::Op(9)));
    assert_eq!(with(2, 17), Err(PacketError::HardwareLength(17)));
    assert_eq!(with(2, 255), Err(PacketError::HardwareLength(255)));
    assert_eq!(with(236, 0), Err(PacketError::Cookie([0, 130, 83, 99])));
    assert_eq!(with(242, 0), Err(PacketError::Kind(0)));
    assert_eq!(with(242, 10), Err(PacketError::Kind(10)), "DHCPLEASEQUERY is not spoken");
    assert_eq!(Packet::decode(&good[..240]), Err(PacketError::NoKind));
    let twice = [&good[..243], &[53, 1, 1, 255]].concat();
    assert_eq!(Packet::decode(&twice), Err(PacketError::KindSize(2)));
    for octets in [&[61u8][..], &[61, 9, 1], &[61, 255]] {
        let cut = [&good[..243], octets].concat();
        let Err(PacketError::Options("options", error)) = Packet::decode(&cut) else { panic!("{octets:?}") };
        assert_eq!((error.offset, error.code), (3, 61));
    }
    // A missing END is forgiven.
    assert!(Packet::decode(&good[..243]).is_ok());
}

#[test]
fn pieces_of_an_option_are_put_together_also_over_file_and_sname() {
    let mut octets = request(MessageType::Discover, |_| {});
    octets.truncate(240);
    octets.extend([53, 1, 1, 52, 1, 3, 61, 2, 1, 2, 255, 61, 1, 99]);
    octets[108..114].copy_from_slice(&[61, 2, 0, 3, 255, 7]);
    octets[44..49].copy_from_slice(&[0, 61, 1, 4, 255]);
    let packet = Packet::decode(&octets).unwrap();
    assert_eq!(packet.client().unwrap().identifier, Some(vec![1, 2, 0, 3, 4]));
    octets[108..110].copy_from_slice(&[61, 200]);
    assert!(matches!(Packet::decode(&octets), Err(PacketError::Options("file", _))));
    // Without option 52 the fields are names.
    octets[245] = 0;
    assert_eq!(Packet::decode(&octets).unwrap().client().unwrap().identifier, Some(vec![1, 2]));
}

#[test]
fn clients_are_who_they_say_they_are() {
    let plain = packet(MessageType::Discover, |_| {}).client().unwrap();
    assert_eq!((plain.identifier.clone(), &plain.hardware_address[..]), (None, &[1, 2, 0xc1, 0, 0, 0, 1][..]));
    assert_eq!(plain.hashed(), [2, 0xc1, 0, 0, 0, 1]);
    let id = |data: &[u8]| {
        let option = DhcpOption::ClientIdentifier(data.to_vec());
        packet(MessageType::Discover, |m| drop(m.opts_mut().insert(option))).client().unwrap()
    };
    assert_eq!(id(&[]), plain, "an empty identifier is none");
    assert_ne!(id(&[1, 2, 0xc1, 0, 0, 0, 1]).key(), plain.key(), "an identifier is not an address");
    assert_eq!(id(&[1, 2, 3, 4, 5, 6, 7]).key().1, [1, 2, 3, 4, 5, 6, 7]);
    // The bucket that a live dhcpd computes for this identifier.
    assert_eq!(bucket(id(&[1, 2, 3, 4, 5, 6, 7]).hashed()), 38);
    let nobody = packet(MessageType::Discover, |m| {
        m.set_chaddr(&[]);
    });
    assert_eq!((nobody.client(), nobody.asked(false)), (None, Err(Unclear::Nobody)));
}

#[test]
fn requests_are_told_apart_by_table_4() {
    let asked = |kind, server: bool, requested: bool, ciaddr: bool, relayed: bool, unicast| {
        let packet = packet(kind, |m| {
            if server {
                m.opts_mut().insert(DhcpOption::ServerIdentifier(SERVER));
            }
            if requested {
                m.opts_mut().insert(DhcpOption::RequestedIpAddress(ADDRESS));
            }
            m.set_ciaddr(if ciaddr { ADDRESS } else { NONE });
            m.set_giaddr(if relayed { RELAY } else { NONE });
        });
        packet.asked(unicast)
    };
    use MessageType::{Decline, Discover, Inform, Release, Request};
    let select = Asked::Select { address: ADDRESS, server: SERVER };
    let server = Some(SERVER);
    for (kind, has_server, requested, ciaddr, relayed, unicast, expected) in [
        (Discover, false, true, false, false, false, Ok(Asked::Discover(Some(ADDRESS)))),
        (Request, true, true, false, false, false, Ok(select)),
        (Request, true, false, false, false, false, Err(Unclear::Lacks("requested IP address (50)"))),
        (Request, false, true, false, false, false, Ok(Asked::Reboot(ADDRESS))),
        (Request, false, false, true, false, true, Ok(Asked::Renew(ADDRESS))),
        (Request, false, false, true, false, false, Ok(Asked::Rebind(ADDRESS))),
        (Request, false, false, true, true, true, Ok(Asked::Rebind(ADDRESS))),
        (Request, false, false, false, false, false, Err(Unclear::Lacks("requested IP address (50) or ciaddr"))),
        (Decline, true, true, false, false, false, Ok(Asked::Decline { address: ADDRESS, server })),
        (Decline, true, false, true, false, false, Err(Unclear::Lacks("requested IP address (50)"))),
        (Release, true, false, true, false, true, Ok(Asked::Release { address: ADDRESS, server })),
        (Release, true, true, false, false, true, Err(Unclear::Lacks("ciaddr"))),
        (Inform, false, false, true, false, true, Ok(Asked::Inform(ADDRESS))),
    ] {
        assert_eq!(asked(kind, has_server, requested, ciaddr, relayed, unicast), expected);
    }
}

#[test]
fn the_engine_hears_of_addresses_of_ours_and_of_requests_to_us() {
    let names = Names::default();
    let engine = |asked: Asked| asked.for_engine(&[SERVER], &names);
    let select = |address, server| engine(Asked::Select { address, server });
    assert_eq!(select(ADDRESS, SERVER), Some(Ask::Select(AddressId(10))));
    assert_eq!(select(ADDRESS, RELAY), None, "another server was chosen");
    assert_eq!(engine(Asked::Renew(RELAY)), None, "not an address of ours");
    assert_eq!(engine(Asked::Release { address: ADDRESS, server: Some(RELAY) }), Some(Ask::Release(AddressId(10))));
    assert_eq!(engine(Asked::Discover(None)), Some(Ask::Discover));
}

#[test]
fn relay_agents_say_on_which_link_the_client_is() {
    let relayed = |options: &[(u8, &[u8])]| {
        let mut packet = packet(MessageType::Discover, |m| {
            m.set_giaddr(RELAY);
        });
        options.iter().for_each(|(code, data)| packet.options.set(*code, data.to_vec()));
        packet
    };
    assert_eq!(packet(MessageType::Discover, |_| {}).selected_link(), None);
    assert_eq!((relayed(&[]).selected_link(), relayed(&[]).giaddr), (None, RELAY));
    let selection: &[u8] = &[1, 3, b'e', b't', b'h', 5, 4, 10, 5, 0, 0];
    let packet = relayed(&[(82, selection)]);
    assert_eq!(packet.selected_link(), Some(Ipv4Addr::new(10, 5, 0, 0)));
    assert_eq!((packet.relay_option(1), packet.relay_option(2)), (Some(&b"eth"[..]), None));
    assert_eq!(relayed(&[(118, &[10, 6, 0, 0])]).selected_link(), Some(Ipv4Addr::new(10, 6, 0, 0)));
    // Sub-options that run past their end say nothing.
    assert_eq!(relayed(&[(82, &[5, 9, 10])]).selected_link(), None);
}

// ---- answering ------------------------------------------------------------------------------------------

const LEASE: Lease = Lease { time: 300, renewal: Some(150), rebinding: None };

fn settings() -> Settings {
    let mut options = Options::default();
    assert!(options.set_typed(&DhcpOption::SubnetMask(Ipv4Addr::new(255, 255, 255, 0))));
    assert!(options.set_typed(&DhcpOption::Router(vec![SERVER])));
    assert!(options.set_typed(&DhcpOption::DomainName("fo.test".into())));
    Settings { server: SERVER, next_server: None, options }
}

/// The answer as another decoder reads it.
fn answer(reply: Reply, request: &Packet, settings: &Settings) -> Message {
    let octets = reply.encode(request, settings).unwrap();
    assert!((300..=1500).contains(&octets.len()));
    Message::decode(&mut Decoder::new(&octets)).unwrap()
}

#[test]
fn an_offer_is_that_of_a_dhcpd_but_for_what_rfc_6842_adds() {
    let offer = real().into_iter().find(|real| real.kind == "OFFER").unwrap();
    let theirs = Packet::decode(&offer.octets).unwrap();
    let discover = real().into_iter().find(|r| r.kind == "DISCOVER" && r.octets[4..8] == offer.octets[4..8]).unwrap();
    let request = Packet::decode(&discover.octets).unwrap();
    let mut settings = settings();
    settings.server = theirs.server_identifier().unwrap();
    for code in [1, 3, 15] {
        settings.options.set(code, theirs.options.get(code).unwrap().to_vec());
    }
    let lease = Lease { time: theirs.lease_time().unwrap(), renewal: None, rebinding: None };
    let ours = Reply::Offer(offer.yiaddr, lease).encode(&request, &settings).unwrap();
    let ours = Packet::decode(&ours).unwrap();
    assert_eq!(Packet { siaddr: theirs.siaddr, ..ours }, theirs);
}

#[test]
fn answers_repeat_what_the_request_says() {
    let mut request = packet(MessageType::Request, |m| {
        m.set_giaddr(RELAY).set_ciaddr(ADDRESS).set_hops(3).set_secs(9).set_flags(Flags::new(0x8000));
        m.opts_mut().insert(DhcpOption::ClientIdentifier(vec![1, 2, 3]));
    });
    request.options.set(82, vec![1, 1, 7]);
    let octets = Reply::Ack(ADDRESS, LEASE).encode(&request, &settings()).unwrap();
    let ack = Packet::decode(&octets).unwrap();
    assert_eq!((ack.kind, ack.xid, ack.hops, ack.secs), (Kind::Ack, 7, 0, 0));
    assert_eq!((ack.ciaddr, ack.yiaddr, ack.giaddr, ack.flags), (ADDRESS, ADDRESS, RELAY, 0x8000));
    assert_eq!((ack.options.get(61), ack.options.get(82)), (Some(&[1, 2, 3][..]), Some(&[1, 1, 7][..])));
    assert_eq!((ack.lease_time(), ack.options.array(58)), (Some(300), Some(150u32.to_be_bytes())));
    // Relay agent information is the last option.
    let end = octets.iter().rposition(|&octet| octet == 255).unwrap();
    assert_eq!(octets[end - 5..end], [82, 3, 1, 1, 7]);
    let offer = Packet::decode(&Reply::Offer(ADDRESS, LEASE).encode(&request, &settings()).unwrap()).unwrap();
    assert_eq!((offer.ciaddr, offer.yiaddr), (NONE, ADDRESS));
}

#[test]
fn a_nak_says_nothing_but_no() {
    let request = packet(MessageType::Request, |m| {
        m.set_ciaddr(ADDRESS).set_giaddr(RELAY);
    });
    let nak = Packet::decode(&Reply::Nak.encode(&request, &settings()).unwrap()).unwrap();
    assert_eq!(nak.options.iter().map(|(code, _)| code).collect::<Vec<_>>(), [53, 54]);
    assert_eq!((nak.ciaddr, nak.yiaddr, nak.flags), (NONE, NONE, 0x8000), "the relay agent broadcasts it");
    let near = packet(MessageType::Request, |m| {
        m.set_ciaddr(ADDRESS);
    });
    assert_eq!(Packet::decode(&Reply::Nak.encode(&near, &settings()).unwrap()).unwrap().flags, 0);
}

#[test]
fn an_answer_to_inform_has_no_address_and_no_lease() {
    let request = packet(MessageType::Inform, |m| {
        m.set_ciaddr(ADDRESS);
    });
    let ack = answer(Reply::Informed, &request, &settings());
    assert_eq!((ack.yiaddr(), ack.ciaddr()), (NONE, ADDRESS));
    assert_eq!(ack.opts().get(OptionCode::AddressLeaseTime), None);
    assert!(ack.opts().get(OptionCode::SubnetMask).is_some());
}

#[test]
fn the_client_gets_what_it_asks_for_in_its_order_and_the_mask_before_the_routers() {
    let order = |list: &[u8]| {
        let list = DhcpOption::ParameterRequestList(list.iter().map(|&code| code.into()).collect());
        let request = packet(MessageType::Discover, |m| drop(m.opts_mut().insert(list)));
        let octets = Reply::Offer(ADDRESS, LEASE).encode(&request, &settings()).unwrap();
        let (mut at, mut codes) = (240, Vec::new());
        while octets[at] != 255 {
            codes.push(octets[at]);
            at += 2 + usize::from(octets[at + 1]);
        }
        codes
    };
    assert_eq!(order(&[15, 3, 1, 15, 6]), [53, 54, 51, 58, 1, 15, 3]);
    assert_eq!(order(&[3]), [53, 54, 51, 58, 3]);
    // The protocol's own options come from the protocol alone.
    assert_eq!(order(&[51, 54, 58, 59, 82, 255, 0]), [53, 54, 51, 58]);
}

#[test]
fn what_does_not_fit_goes_into_file_and_sname_and_then_is_left_out() {
    let mut settings = settings();
    settings.options = Options::default();
    // In the order in which they are wanted: 200 octets each, then one for file, one for sname, one too many.
    for (code, octets) in [(200, 200), (201, 60), (202, 100), (203, 50), (204, 55)] {
        settings.options.set(code, vec![code; octets]);
    }
    let request = packet(MessageType::Discover, |_| {});
    let octets = Reply::Offer(ADDRESS, LEASE).encode(&request, &settings).unwrap();
    assert!(octets.len() <= 576 - 28, "{}", octets.len());
    let offer = Packet::decode(&octets).unwrap();
    let found: Vec<_> = offer.options.iter().filter(|(code, _)| *code >= 200).collect();
    assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [200, 201, 202, 203]);
    assert!(found.iter().all(|(code, data)| data.iter().all(|octet| octet == code)));
    assert_eq!(offer.options.get(52), Some(&[3][..]));
    // A client that can take more gets all in one field; a list longer than 255 octets in pieces.
    settings.options.set(205, vec![205; 600]);
    let large = packet(MessageType::Discover, |m| drop(m.opts_mut().insert(DhcpOption::MaxMessageSize(1500))));
    let octets = Reply::Offer(ADDRESS, LEASE).encode(&large, &settings).unwrap();
    let offer = Packet::decode(&octets).unwrap();
    assert_eq!(offer.options.get(205).map(<[u8]>::len), Some(600));
    assert_eq!((offer.options.get(204).map(<[u8]>::len), offer.options.get(52)), (Some(55), None));
}

#[test]
fn a_field_keeps_room_for_its_end_and_a_packet_for_its_headers() {
    let mut settings = settings();
    settings.options = Options::default();
    settings.options.set(200, vec![200; 253]);
    for (octets, expected) in [(125, Some(125)), (126, None)] {
        settings.options.set(201, vec![201; octets]);
        let offer = Reply::Offer(ADDRESS, LEASE).encode(&packet(MessageType::Discover, |_| {}), &settings).unwrap();
        assert_eq!(Packet::decode(&offer).unwrap().options.get(201).map(<[u8]>::len), expected);
    }
    // Whatever the client says it can take, one Ethernet frame is the most.
    let greedy = packet(MessageType::Discover, |m| drop(m.opts_mut().insert(DhcpOption::MaxMessageSize(u16::MAX))));
    (100..120).for_each(|code| settings.options.set(code, vec![code; 250]));
    assert!(Reply::Offer(ADDRESS, LEASE).encode(&greedy, &settings).unwrap().len() <= 1500 - 28);
}

#[test]
fn what_must_be_there_and_does_not_fit_is_an_error() {
    let mut long = packet(MessageType::Discover, |_| {});
    long.options.set(82, vec![1; 400]);
    assert_eq!(Reply::Offer(ADDRESS, LEASE).encode(&long, &settings()), Err(TooMuch { room: 308 }));
}

#[test]
fn answers_go_where_rfc_2131_sends_them() {
    let of = |ciaddr: bool, relayed: bool, broadcast: bool, reply| {
        let request = packet(MessageType::Request, |m| {
            m.set_ciaddr(if ciaddr { ADDRESS } else { NONE }).set_giaddr(if relayed { RELAY } else { NONE });
            m.set_flags(Flags::new(if broadcast { 0x8000 } else { 0 }));
        });
        destination(&request, &reply)
    };
    let ack = Reply::Ack(ADDRESS, LEASE);
    let relay = Destination::Unicast(SocketAddrV4::new(RELAY, 67));
    let client = Destination::Unicast(SocketAddrV4::new(ADDRESS, 68));
    let link = Destination::Link { htype: 1, chaddr: vec![2, 0xc1, 0, 0, 0, 1], address: ADDRESS };
    for (ciaddr, relayed, broadcast, reply, expected) in [
        (false, true, false, ack, relay.clone()),
        (true, true, true, ack, relay.clone()),
        (false, true, false, Reply::Nak, relay.clone()),
        (true, false, true, ack, client.clone()),
        (true, false, false, Reply::Nak, Destination::Broadcast),
        (false, false, false, Reply::Nak, Destination::Broadcast),
        (false, false, true, Reply::Offer(ADDRESS, LEASE), Destination::Broadcast),
        (false, false, false, Reply::Offer(ADDRESS, LEASE), link),
        (true, false, true, Reply::Informed, client.clone()),
        (true, true, false, Reply::Informed, client),
        (false, true, false, Reply::Informed, relay),
    ] {
        assert_eq!(of(ciaddr, relayed, broadcast, reply), expected);
    }
}

// ---- octets from anywhere -------------------------------------------------------------------------------

/// Everything that can be asked of a packet, and every answer to it.
fn use_up(octets: &[u8]) {
    let Ok(packet) = Packet::decode(octets) else { return };
    let _ = (packet.client().map(|client| bucket(client.hashed())), packet.selected_link(), packet.parameters());
    for unicast in [false, true] {
        let _ = packet.asked(unicast).map(|asked| asked.for_engine(&[SERVER], &Names::default()));
    }
    for reply in [Reply::Offer(ADDRESS, LEASE), Reply::Ack(ADDRESS, LEASE), Reply::Informed, Reply::Nak] {
        let _ = destination(&packet, &reply);
        if let Ok(octets) = reply.encode(&packet, &settings()) {
            let again = Packet::decode(&octets).expect("what is sent can be read");
            assert_eq!((again.xid, again.chaddr), (packet.xid, packet.chaddr.clone()));
            assert!(octets.len() <= 1500 - 28);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_octets_are_a_packet_or_an_error(octets in proptest::collection::vec(any::<u8>(), 0..700)) {
        use_up(&octets);
    }

    /// A good header, and anything for options, file and sname.
    #[test]
    fn any_options_are_read_or_refused(
        kind in 1u8..=8,
        hlen in 0u8..=17,
        names in proptest::collection::vec(any::<u8>(), 192),
        overload in 0u8..4,
        options in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        let mut octets = request(MessageType::Discover, |_| {});
        octets.truncate(240);
        octets[0] = if matches!(kind, 2 | 5 | 6) { 2 } else { 1 };
        octets[2] = hlen;
        octets[44..236].copy_from_slice(&names);
        octets.extend([53, 1, kind, 52, 1, overload]);
        octets.extend(options);
        use_up(&octets);
    }

    #[test]
    fn spoiled_packets_are_read_or_refused(
        which in 0usize..20, at in any::<prop::sample::Index>(), octet in any::<u8>(), cut in 0usize..80,
    ) {
        let mut octets = real().swap_remove(which).octets;
        let at = at.index(octets.len());
        octets[at] = octet;
        octets.truncate(octets.len() - cut);
        use_up(&octets);
    }
}
