//! Any octets on a connection before, during and after the handshake, in both roles and profiles: nothing reaches the
//! engine outside an agreed connection, and what is written decodes.
#![no_main]

use std::net::Ipv4Addr;
use std::time::Duration;

use dhcpfo_engine::binding::{AddressId, ClientId};
use dhcpfo_engine::effect;
use dhcpfo_engine::state::Role;
use dhcpfo_wire::convert::{Client, Directory};
use dhcpfo_wire::frame::Frame;
use dhcpfo_wire::profile::Profile;
use dhcpfo_wire::session::{Config, ConnectionId, Input, Now, Output, Session};
use libfuzzer_sys::fuzz_target;

struct Names(Vec<Client>);

impl Directory for Names {
    fn address(&self, id: AddressId) -> Option<Ipv4Addr> {
        Some(Ipv4Addr::from(id.0))
    }
    fn address_id(&self, address: Ipv4Addr) -> Option<AddressId> {
        Some(AddressId(address.into()))
    }
    fn client(&self, id: ClientId) -> Option<Client> {
        self.0.get(id.0 as usize).cloned()
    }
    fn client_id(&mut self, client: &Client) -> Option<ClientId> {
        self.0.push(client.clone());
        Some(ClientId(self.0.len() as u32 - 1))
    }
}

fuzz_target!(|octets: &[u8]| {
    let [choice, octets @ ..] = octets else { return };
    let role = Role::ALL[usize::from(choice & 1)];
    let profile = Profile::ALL[usize::from(choice >> 1 & 1)];
    let mut session = Session::new(Config::new(role, profile, b"fo")).expect("the usual numbers work");
    let (mut names, mut up) = (Names(Vec::new()), false);
    let mut give = |elapsed: u64, input: Input<'_>| {
        let (mut out, now) = (Vec::new(), Now { elapsed: Duration::from_secs(elapsed), wall: 1_795_467_379 });
        session.handle(now, input, &mut names, &mut out);
        for output in &out {
            match output {
                Output::Write(_, octets) => drop(Frame::decode(octets).expect("what we write decodes")),
                Output::Engine(effect::Input::Connected(_)) => assert!(!std::mem::replace(&mut up, true)),
                Output::Engine(effect::Input::Disconnected) => assert!(std::mem::replace(&mut up, false)),
                Output::Engine(_) => assert!(up),
                _ => {}
            }
        }
    };
    give(0, Input::Wake);
    give(0, Input::Dialled(ConnectionId(1)));
    give(0, Input::Accepted(ConnectionId(2)));
    // Two connections by turns; an octet of the input says how much, and whether time passes.
    let (mut rest, mut elapsed) = (octets, 0);
    while let [length, others @ ..] = rest {
        let (piece, others) = others.split_at(others.len().min(usize::from(length >> 1)));
        elapsed += u64::from(length & 1);
        give(elapsed, Input::Octets(ConnectionId(1 + u64::from(length & 1)), piece));
        rest = others;
    }
    give(elapsed + 100, Input::Wake);
});
