//! Stateright's stock `ActorModel` has no time, and refutes a correct protocol for want of it.

use dhcpfo_check::untimed::check_untimed;
use std::path::Path;
use std::time::Duration;

#[test]
fn the_correct_protocol_is_refuted_without_time() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/one-address.toml");
    let model = dhcpfo_files::read_model(&path).expect("the model is valid").model;
    let answer = check_untimed(&model, 2, Duration::from_secs(120));
    let violation = answer.violation.expect("a wait may end before the lease that it waits for");
    assert!(!answer.cut_off && !violation.is_empty());
}
