//! Any octets as a stream of failover messages: what decodes can be sent, and means the same afterwards.
#![no_main]

use dhcpfo_wire::digest::Secret;
use dhcpfo_wire::frame::Frame;
use dhcpfo_wire::framing::Framer;
use dhcpfo_wire::message::Body;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let secret = Secret::new(b"sesame".to_vec()).expect("not empty");
    let (mut framer, mut stream) = (Framer::default(), octets);
    while let Ok(Some(message)) = framer.next(&mut stream) {
        let _ = secret.verify(&message);
        let Ok(frame) = Frame::decode(&message) else { continue };
        let again = Frame::decode(&frame.encode().expect("what came can be sent")).expect("what is sent decodes");
        assert_eq!(again, frame);
        let Ok(body) = Body::from_frame(&frame) else { continue };
        let Ok(octets) = body.to_frame(frame.time, frame.xid).encode() else { continue };
        assert_eq!(Body::from_frame(&Frame::decode(&octets).expect("decodes")), Ok(body));
    }
});
