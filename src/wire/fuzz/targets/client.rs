//! Any octets as a client's packet: everything that can be asked of it, and every answer to it.
#![no_main]

use std::net::Ipv4Addr;

use dhcpfo_engine::balance::bucket;
use dhcpfo_wire::client::{Lease, Options, Packet, Reply, Settings, destination};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let Ok(packet) = Packet::decode(octets) else { return };
    let _ = (packet.client().map(|client| bucket(client.hashed())), packet.selected_link());
    let _ = (packet.asked(true), packet.asked(false));
    let mut options = Options::default();
    (1..=250).for_each(|code| options.set(code, vec![code; usize::from(code)]));
    let settings = Settings { server: Ipv4Addr::LOCALHOST, next_server: None, options };
    let (address, lease) = (Ipv4Addr::LOCALHOST, Lease { time: 300, renewal: Some(150), rebinding: Some(260) });
    for reply in [Reply::Offer(address, lease), Reply::Ack(address, lease), Reply::Informed, Reply::Nak] {
        let _ = destination(&packet, &reply);
        if let Ok(octets) = reply.encode(&packet, &settings) {
            assert!((300..=1500).contains(&octets.len()));
            assert_eq!(Packet::decode(&octets).expect("what is sent can be read").xid, packet.xid);
        }
    }
});
