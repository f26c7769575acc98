//! One clock against another: what whole numbers can do, the order must allow.

use crate::core::{Core, Kinds, Protocol, Variant};
use crate::mutants::MUTANTS;
use crate::search::explore;
use crate::{BARE, FULL, exact, order, phis, ticks, values};
use dhcpfo_clock::{Domain, GAP, Moment, Options, Order, START};
use dhcpfo_time::{Kind, Time, Times};
use std::collections::HashSet;

/// A state with nothing but the order of its times: the classes numbered as [`Order`] does.
fn order_of(state: &Core, now: Time) -> (Core, Time) {
    let mut state = *state;
    let mut instants = vec![now];
    state.times(&mut |time, _| {
        if *time != Time::LONG_AGO {
            instants.push(*time);
        }
    });
    instants.sort_by_key(|time| time.raw());
    instants.dedup();
    let number = |time: &Time| {
        instants
            .binary_search_by_key(&time.raw(), |time| time.raw())
            .map(|rank| Time::from_raw((rank as u32 + 1) * GAP))
    };
    state.times(&mut |time, _| {
        if *time != Time::LONG_AGO {
            *time = number(time).expect("all instants are listed");
        }
    });
    (state, number(&now).expect("now is listed"))
}

fn orders<D: Domain>(protocol: &Protocol, domain: &mut D) -> HashSet<(Core, Time)> {
    let mut orders = HashSet::new();
    explore(protocol, domain, |_, _| false, &mut |moment: &Moment<Core, D::Facts>| {
        orders.insert(order_of(&moment.state, moment.now));
    });
    orders
}

/// The correct core and its mutants, which are searched beyond their violations here.
fn variants() -> impl Iterator<Item = Protocol> {
    let mutants = MUTANTS.iter().map(|&(variant, ..)| variant);
    mutants.chain([Variant::Correct, Variant::Recomputed]).map(|variant| Protocol::new(variant, 2))
}

/// THEORY.md sections 3 and 7: every order of whole instants, and every order of real ones, is
/// among those of the order domain, whatever part of it is switched off; and no new time is without a place.
#[test]
fn no_order_is_missing() {
    const LENGTHS: [[u32; 3]; 6] = [[1, 3, 4], [2, 6, 8], [2, 6, 7], [3, 2, 5], [2, 2, 3], [3, 2, 2]];
    for protocol in variants() {
        for phi in phis() {
            for options in [BARE, FULL, Options { dominance: false, ..BARE }, Options { project: false, ..BARE }] {
                let mut domain = order(phi, options);
                let allowed = orders(&protocol, &mut domain);
                assert_eq!(domain.dead_ends(), 0);
                for lengths in LENGTHS.into_iter().filter(|&lengths| phi.admits(&values(lengths))) {
                    let whole = orders(&protocol, &mut ticks(lengths, options));
                    assert!(whole.is_subset(&allowed), "{protocol:?} {phi:?} {options:?} {lengths:?}");
                }
            }
        }
    }
}

/// The orders that real instants can have are between those of whole ones and those that are allowed.
#[test]
fn exact_lies_between_ticks_and_order() {
    let [phi, ..] = phis();
    for protocol in variants().filter(|protocol| protocol.kinds == Kinds::Deadlines) {
        let allowed = orders(&protocol, &mut order(phi, FULL));
        for lengths in [[1, 3, 4], [2, 6, 7]] {
            let real = orders(&protocol, &mut exact(lengths, FULL));
            let whole = orders(&protocol, &mut ticks(lengths.map(|length| 3 * length), FULL));
            assert!(whole.is_subset(&real) && real.is_subset(&allowed), "{protocol:?} {lengths:?}");
        }
    }
}

/// THEORY.md section 5: what is canonical stays as it is.
#[test]
fn canonical_states_stay_as_they_are() {
    fn check<D: Domain>(protocol: &Protocol, mut domain: D, mut again: D) {
        explore(protocol, &mut domain, |_, _| false, &mut |moment: &Moment<Core, D::Facts>| {
            let mut state = moment.state;
            again.load(&mut state, moment.now, &moment.facts);
            let facts = again.canon(&mut state, false);
            assert!(Moment { state, now: again.now(), facts } == *moment);
        });
    }
    for protocol in variants() {
        for options in [BARE, FULL, Options { dominance: false, ..BARE }] {
            phis().into_iter().for_each(|phi| check(&protocol, order(phi, options), order(phi, options)));
            check(&protocol, ticks([2, 6, 7], options), ticks([2, 6, 7], options));
        }
        if protocol.kinds == Kinds::Deadlines {
            check(&protocol, exact([2, 6, 7], BARE), exact([2, 6, 7], BARE));
        }
    }
}

/// Times and facts survive being stored as bytes.
#[test]
fn stored_states_come_back() {
    use dhcpfo_clock::Facts;
    fn check<D: Domain>(mut domain: D) {
        let protocol = Protocol::new(Variant::Correct, 2);
        explore(&protocol, &mut domain, |_, _| false, &mut |moment: &Moment<Core, D::Facts>| {
            let mut state = moment.state;
            state.times(&mut |time, _: Kind| *time = D::expand_time(D::compact(*time)));
            let mut bytes = Vec::new();
            moment.facts.encode(&mut bytes);
            let mut rest = &bytes[..];
            let facts = D::Facts::decode(&mut rest);
            assert!(rest.is_empty());
            let now = D::expand_time(D::compact(moment.now));
            assert!(Moment { state, now, facts } == *moment);
        });
    }
    let [phi, ..] = phis();
    check::<Order>(order(phi, FULL));
    check(exact([5, 7, 8], FULL));
    check(ticks([5, 7, 8], FULL));
    assert_eq!(Order::compact(START), 64);
}
