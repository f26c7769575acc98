//! Stateright's stock `ActorModel` has no time, and refutes a correct protocol for want of it.

use dhcpfo_check::untimed::check_untimed;
use dhcpfo_files::{from_disk, model::model};
use std::time::Duration;

#[test]
fn the_correct_protocol_is_refuted_without_time() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/one-address.toml");
    let file = model(path, &from_disk).expect("the model is valid");
    let answer = check_untimed(&file.model, 2, Duration::from_secs(240));
    let violation = answer.violation.expect("a wait may end before the lease that it waits for");
    assert!(!answer.cut_off && !violation.is_empty());
}
