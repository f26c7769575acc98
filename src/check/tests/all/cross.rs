//! Three searches count the same states, and the order of deadlines loses nothing that small numbers reach.

use dhcpfo_check::cross::{counts, inside};
use dhcpfo_files::{from_disk, model::model};

/// Small smoke models; `dhcpfo cross` does the same for all of them.
const MODELS: [&str; 4] = ["abandoned-and-reset", "conflict-ladder", "load-balancing", "window"];

#[test]
fn searches_agree_and_ticks_lie_inside() {
    for name in MODELS {
        let path = format!("{}/../../models/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let file = model(&path, &from_disk).expect("the model is valid");
        let three = counts(&file.model).expect("threads start");
        assert!(three.agree(), "{name}: {three:?}");
        let within = inside(&file.model);
        assert_eq!(within.missing, 0, "{name}: {within:?}");
        assert!(within.ticks > 0);
    }
}
