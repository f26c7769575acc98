//! Spaces that are written down edge by edge.

use dhcpfo_search::{Cost, Edge, Flags, Space};
use std::fmt;

/// A graph with numbered nodes; node 0 is the initial state unless others are named.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    pub(crate) initial: Vec<u16>,
    pub(crate) edges: Vec<Vec<(u16, Cost, u64)>>,
    pub(crate) flags: Vec<u64>,
    pub(crate) unexpanded: Vec<u16>,
}

impl Graph {
    /// `nodes` nodes without edges.
    pub(crate) fn new(nodes: u16) -> Self {
        Self {
            initial: vec![0],
            edges: vec![Vec::new(); nodes.into()],
            flags: vec![0; nodes.into()],
            unexpanded: Vec::new(),
        }
    }

    /// A graph with these edges of one protocol action each.
    pub(crate) fn of(edges: &[(u16, u16)]) -> Self {
        let nodes = edges.iter().map(|&(from, to)| from.max(to)).max().unwrap_or(0) + 1;
        edges.iter().fold(Self::new(nodes), |graph, &(from, to)| graph.edge(from, to, Cost::Action))
    }

    pub(crate) fn edge(mut self, from: u16, to: u16, cost: Cost) -> Self {
        self.edges[usize::from(from)].push((to, cost, 0));
        self
    }

    pub(crate) fn flag(mut self, node: u16, bit: u32) -> Self {
        self.flags[usize::from(node)] |= 1 << bit;
        self
    }

    pub(crate) fn closed(mut self, node: u16) -> Self {
        self.unexpanded.push(node);
        self
    }
}

/// "To this node".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct To(pub(crate) u16);

impl fmt::Display for To {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "to {}", self.0)
    }
}

impl Space for Graph {
    type State = u16;
    type Action = To;
    type Scratch = ();

    fn scratch(&self) {}

    fn initial(&self, (): &mut (), emit: &mut impl FnMut(&u16)) {
        self.initial.iter().for_each(emit);
    }

    fn successors(&self, (): &mut (), state: &u16, emit: &mut impl FnMut(Edge<To>, &u16)) {
        for (choice, (to, cost, flags)) in (0..).zip(&self.edges[usize::from(*state)]) {
            emit(Edge { action: To(*to), choice, cost: *cost, flags: *flags }, to);
        }
    }

    fn encode(&self, (): &mut (), state: &u16, out: &mut Vec<u8>) {
        out.extend_from_slice(&state.to_le_bytes());
    }

    fn decode(&self, (): &mut (), bytes: &[u8], state: &mut u16) {
        *state = u16::from_le_bytes([bytes[0], bytes[1]]);
    }

    fn flags(&self, (): &mut (), state: &u16) -> Flags {
        Flags { bits: self.flags[usize::from(*state)], expand: !self.unexpanded.contains(state) }
    }
}
