//! Small models drawn from seeds: searches and clocks contradict each other on none. `DHCPFO_RANDOM_MODELS=N` draws so many,
//! `dhcpfo cross --random N` does it from the command line.

use dhcpfo_check::cross::contradictions;
use dhcpfo_files::model::model;
use dhcpfo_files::random::model_text;

/// Most states of a model that is compared.
const STATES: u64 = 6_000;

#[test]
fn searches_and_clocks_agree_on_models_drawn_from_seeds() {
    let many = std::env::var("DHCPFO_RANDOM_MODELS").ok().and_then(|text| text.parse().ok()).unwrap_or(200_u64);
    let (mut compared, mut refused) = (0, 0);
    for seed in 0..many {
        let text = model_text(seed);
        let Ok(file) = model("drawn.toml", &|_| Ok(text.clone())) else {
            refused += 1;
            continue;
        };
        match contradictions(&file.model, STATES) {
            Ok(Some(problems)) => {
                assert!(problems.is_empty(), "seed {seed}:\n{}\n{text}", problems.join("\n"));
                compared += 1;
            }
            Ok(None) => {}
            Err(error) => panic!("seed {seed}: {error}\n{text}"),
        }
    }
    assert!(10 * compared > many, "{compared} of {many} models are small enough; {refused} are refused");
}
