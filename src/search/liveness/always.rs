//! `AG EF goal`: whether a goal can be reached from everywhere.

use super::{Graph, LivenessError, Node};
use crate::space::{Edge, Space};
use crate::trace::Trace;

/// What must be reachable, from where, by which edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReachQuery {
    /// States with one of these flags are asked about; 0: all.
    pub from: u64,
    /// A state with one of these flags is a goal.
    pub goal: u64,
    /// An edge with one of these labels is a goal.
    pub goal_labels: u32,
    /// Edges on the way have all these labels.
    pub allowed: u32,
}

impl<S: Space, L: Fn(&Edge<S::Action>, &S::State, &S::State) -> u32> Graph<'_, S, L> {
    /// Checks that the goal can be reached from wherever it should; if not, gives a shortest path to a state from which
    /// it cannot. A state that the space does not expand is taken to reach whatever is wanted.
    pub fn always_reachable(&self, query: &ReachQuery) -> Result<Option<Trace<S>>, LivenessError> {
        let (starts, sources) = self.reversed(query.allowed);
        let mut reaches: Vec<bool> = self.all_nodes().map(|node| self.is_goal(node, query)).collect();
        let mut waiting: Vec<u32> = self.all_nodes().filter(|&node| reaches[node as usize]).collect();
        while let Some(node) = waiting.pop() {
            for &source in &sources[starts[node as usize] as usize..starts[node as usize + 1] as usize] {
                if !std::mem::replace(&mut reaches[source as usize], true) {
                    waiting.push(source);
                }
            }
        }
        let asked = |node: &u32| query.from == 0 || self.nodes[*node as usize].flags & query.from != 0;
        let lost = self.all_nodes().filter(asked).filter(|&node| !reaches[node as usize]);
        let lost = lost.min_by_key(|&node| self.rank(node));
        Ok(lost.map(|node| self.explored.trace_to(self.space, self.ordinal(node))).transpose()?)
    }

    /// Whether a node is a goal, or an edge that is one begins there, or nothing is known of what follows it.
    fn is_goal(&self, node: u32, query: &ReachQuery) -> bool {
        let Node { flags, expanded, .. } = self.nodes[node as usize];
        !expanded || flags & query.goal != 0 || self.edges(node).any(|(_, labels)| labels & query.goal_labels != 0)
    }

    /// For each node where the sources of its allowed incoming edges begin, and these.
    fn reversed(&self, allowed: u32) -> (Vec<u32>, Vec<u32>) {
        let is_allowed = |labels: u32| labels & allowed == allowed;
        let mut starts = vec![0; self.nodes.len() + 2];
        for (&target, _) in self.targets.iter().zip(&self.labels).filter(|(_, labels)| is_allowed(**labels)) {
            starts[target as usize + 2] += 1;
        }
        for node in 2..starts.len() {
            starts[node] += starts[node - 1];
        }
        // `starts[n + 1]` is where the next source of `n` goes, and so ends up where those of `n + 1` begin.
        let mut sources = vec![0; self.targets.len()];
        for node in self.all_nodes() {
            for (target, _) in self.edges(node).filter(|(_, labels)| is_allowed(*labels)) {
                let place = &mut starts[target as usize + 1];
                sources[*place as usize] = node;
                *place += 1;
            }
        }
        (starts, sources)
    }
}
