//! Our frames, read by Wireshark's dissector: every message type in both profiles, no expert item, no malformed packet.
//! Skipped with a line on stderr where there is no `tshark`.

mod bench;
mod generate;

use std::io::Write;
use std::process::{Command, Stdio};

use bench::*;
use dhcpfo_engine::binding::{AddressId, ClientId, Status};
use dhcpfo_engine::message::{BndAck, BndUpd, Message, RejectReason, StateReport, Transaction};
use dhcpfo_engine::state::{Reported, Role, State};
use dhcpfo_time::Time;
use dhcpfo_wire::convert::Client;
use dhcpfo_wire::message::Body;
use dhcpfo_wire::profile::Profile;
use dhcpfo_wire::session::{Config, Input, Output};

/// A capture with one TCP segment for each message, port 647 to 647.
fn capture(messages: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4u32, 0x0002_0004, 0, 0, 65535, 1] {
        file.extend(word.to_be_bytes());
    }
    let mut sequence = 1u32;
    for message in messages {
        let packet = segment(message, sequence);
        sequence += message.len() as u32;
        for word in [START, 0, packet.len() as u32, packet.len() as u32] {
            file.extend(word.to_be_bytes());
        }
        file.extend(packet);
    }
    file
}

fn segment(message: &[u8], sequence: u32) -> Vec<u8> {
    let mut packet = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
    packet.extend([0x45, 0]);
    packet.extend((40 + message.len() as u16).to_be_bytes());
    packet.extend([0, 1, 0x40, 0, 64, 6, 0, 0, 10, 77, 1, 1, 10, 77, 1, 2]);
    packet.extend([2, 0x87, 2, 0x87]);
    packet.extend(sequence.to_be_bytes());
    packet.extend([0, 0, 0, 1, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]);
    packet.extend(message);
    packet
}

/// One line for each frame: message type, xid, expert messages. None if there is no `tshark`.
fn dissect(messages: &[Vec<u8>]) -> Option<Vec<String>> {
    let fields = ["dhcpfo.type", "dhcpfo.xid", "_ws.expert.message", "_ws.malformed"];
    let mut command = Command::new("tshark");
    command.args(["-r", "-", "-T", "fields", "-d", "tcp.port==647,dhcpfo"]);
    fields.iter().for_each(|field| drop(command.args(["-e", field]).get_args()));
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = child else {
        eprintln!("SKIPPED: no tshark, so nobody else has read our frames (apt-get install tshark)");
        return None;
    };
    child.stdin.take().unwrap().write_all(&capture(messages)).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
}

fn octets(out: &[Output]) -> Vec<Vec<u8>> {
    let octets = out.iter().filter_map(|output| match output {
        Output::Write(_, octets) => Some(octets.clone()),
        _ => None,
    });
    octets.collect()
}

/// Everything that a session says in its life.
fn life(role: Role, profile: Profile) -> Vec<Vec<u8>> {
    let mut bench = Bench::new(Config { delayed_service: Some(3), ..config(role, profile) });
    // Wireshark reads a client-identifier as text and marks some that go on after a zero octet.
    let identifier = Some(vec![1, 2, 0x77, 0xcc, 1, 1, 3]);
    bench.names.0.push(Client { identifier, hardware_address: vec![1, 2, 0x77, 0xcc, 0, 0, 3] });
    let mut said = match role {
        Role::Primary => {
            bench.pass(0);
            let out = bench.give(Input::Dialled(ONE));
            let xid = written(&out)[0].xid;
            bench.hear(ONE, xid, &Body::ConnectAck(ack()));
            octets(&out)
        }
        Role::Secondary => {
            bench.give(Input::Accepted(ONE));
            octets(&bench.hear(ONE, 0, &Body::Connect(connect())))
        }
    };
    for request in [Body::UpdReqAll, Body::PoolReq, Body::BndUpd(vec![binding(2), binding(3), binding(9)])] {
        said.extend(octets(&bench.hear(ONE, 0x77, &request)));
    }
    for message in messages_of_the_engine() {
        let mut out = Vec::new();
        if let Some(outbound) = bench.session.outgoing(message, &bench.names) {
            bench.session.send(bench.now, outbound, &mut out);
        }
        said.extend(octets(&out));
    }
    bench.now.elapsed += std::time::Duration::from_secs(5);
    said.extend(octets(&bench.give(Input::Wake)));
    said.extend(octets(&bench.give(Input::Close(refusal(254)))));
    said
}

fn messages_of_the_engine() -> Vec<Message> {
    let since = Time::from_raw(START);
    let states =
        State::ALL.map(|state| Message::State(StateReport { state: Reported::In(state), startup: false, since }));
    let mut all = states.to_vec();
    all.push(Message::State(StateReport { state: Reported::Paused, startup: true, since }));
    let client = ClientId(0);
    let statuses = [
        Status::Free { last: Some(client) },
        Status::Backup { last: None },
        Status::Active { client },
        Status::Expired { client },
        Status::Released { client },
        Status::Abandoned,
        Status::Reset,
    ];
    for (slot, status) in (0u8..).zip(statuses) {
        all.push(Message::BndUpd(BndUpd {
            transaction: Transaction(slot),
            address: AddressId(slot.into()),
            status,
            reserved: slot == 2,
            lease_expiration: Time::from_raw(START + 60),
            potential_expiration: Time::from_raw(START + 330),
            client_last_transaction: since,
            start_of_status: since,
        }));
    }
    let ack = |slot, reject| Message::BndAck(BndAck { transaction: Transaction(slot), address: AddressId(10), reject });
    all.extend([ack(0, None), ack(1, Some(RejectReason::LessCritical))]);
    all.extend([Message::UpdReq, Message::UpdReqAll, Message::UpdDone, Message::PoolReq, Message::PoolResp(3)]);
    all
}

#[test]
fn wireshark_reads_all_that_we_say() {
    let mut kinds = std::collections::BTreeSet::new();
    for role in Role::ALL {
        for profile in Profile::ALL {
            let said = life(role, *profile);
            let Some(lines) = dissect(&said) else { return };
            assert_eq!(lines.len(), said.len());
            for (line, octets) in lines.iter().zip(&said) {
                let fields: Vec<_> = line.split('\t').collect();
                assert_eq!(fields[0], octets[2].to_string(), "{line}: {}", generate::hex(octets));
                let xid = u32::from_be_bytes(octets[8..12].try_into().unwrap());
                assert_eq!(fields[1].trim_start_matches("0x"), format!("{xid:08x}"), "{line}");
                assert_eq!(&fields[2..], ["", ""], "{line}: {}", generate::hex(octets));
                kinds.insert(octets[2]);
            }
        }
    }
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), (1..=12).collect::<Vec<_>>(), "every message type");
}

/// That the test above could see a bad frame.
#[test]
fn wireshark_complains_about_a_bad_frame() {
    let bad = generate::unhex("0014 0b 0c 00000001 00000009 0018 0020 02000000");
    let Some(lines) = dissect(&[bad]) else { return };
    let fields: Vec<_> = lines[0].split('\t').collect();
    assert_ne!(&fields[2..], ["", ""], "{lines:?}");
}
