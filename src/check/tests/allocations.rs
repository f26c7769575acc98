//! A successor costs no allocation: what is needed is set up once, and reused.

use dhcpfo_check::world::WorldSpace;
use dhcpfo_search::ceiling::{Work, work_through};
use dhcpfo_search::{Options, search};

#[test]
fn successors_of_a_model_allocate_nothing() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/packets.toml");
    let model = dhcpfo_files::model::model(path, &dhcpfo_files::from_disk).expect("a model").model;
    let order = model.lengths.order();
    let space = WorldSpace::new(&model, order);
    let explored =
        search(&space, &Options { keep_states: true, max_states: Some(20_000), ..Options::default() }, &mut |_| {})
            .expect("a search");
    let mut successors = 0;
    let mut allocations = |upto| {
        let work = || successors = work_through(&space, &explored, 1, upto).expect("no threads").edges;
        allocation_counter::measure(work).count_total
    };
    // The rest is what going through the states takes by itself.
    let (rest, all) = (allocations(Work::Decode), allocations(Work::Hash));
    assert!(successors > 50_000, "{successors} successors are too few to tell");
    // Working storage grows to its size at the beginning.
    assert!(all - rest < 100, "{} allocations for {successors} successors", all - rest);
}
