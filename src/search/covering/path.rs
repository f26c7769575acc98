//! The way to what was seen, walked once more through the space.

use super::found::{Seen, Sighting};
use super::space::Covering;
use super::store::{NOWHERE, Store};

/// The actions to a stored state, and to a flagged step out of it. Walked forwards through the space from states as they
/// were generated, so that a symmetry that the canonical form hides is undone.
pub(super) fn path<S: Covering>(
    space: &S,
    store: &Store,
    &Seen { bit, depth, node, is_step }: &Seen,
) -> Sighting<S::Action> {
    let mut chain = vec![node];
    while let Some(parent) = chain.last().map(|&node| store.nodes[node as usize].parent)
        && parent != NOWHERE
    {
        chain.push(parent);
    }
    chain.reverse();
    let (mut generating, mut encoding) = (space.scratch(), space.scratch());
    let (mut path, mut at, mut wanted, mut bytes) = (Vec::new(), None, Vec::new(), Vec::new());
    store.read(chain[0], &mut wanted);
    space.initial(&mut generating, &mut |state| {
        bytes.clear();
        space.encode(&mut encoding, state, &mut bytes);
        if at.is_none() && bytes == wanted {
            at = Some(state.clone());
        }
    });
    let Some(mut at) = at else { return Sighting { bit, depth, path } };
    for &to in &chain[1..] {
        store.read(to, &mut wanted);
        let mut found = None;
        space.successors(&mut generating, &at, &mut |edge, next| {
            if found.is_none() {
                bytes.clear();
                space.encode(&mut encoding, next, &mut bytes);
                if bytes == wanted {
                    found = Some((edge.action, next.clone()));
                }
            }
        });
        let Some((action, next)) = found else { return Sighting { bit, depth, path } };
        path.push(action);
        at = next;
    }
    if is_step {
        let mut found = None;
        space.successors(&mut generating, &at, &mut |edge, _| {
            if found.is_none() && edge.flags >> bit & 1 == 1 {
                found = Some(edge.action);
            }
        });
        path.extend(found);
    }
    Sighting { bit, depth, path }
}
