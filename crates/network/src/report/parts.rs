//! Parts of the network that nothing joins, and junctions that one-ways cut off.

use super::{Island, MAX_EXAMPLES, NetworkReport, OnewayTrap, TrapKind};
use crate::{Graph, Link, NodeId};

/// Which arcs are followed.
#[derive(Clone, Copy, PartialEq)]
enum Follow {
    /// All, whatever their one-way.
    All,
    /// As traffic may go.
    Along,
    /// Against how traffic may go.
    Against,
}

/// Adds islands and one-way traps of the links that `is_usable` admits.
pub(super) fn add_parts(
    report: &mut NetworkReport,
    graph: &Graph,
    is_usable: impl Fn(&Link) -> bool,
) {
    let roads = Roads { graph, is_usable };
    let mut island_of = vec![u32::MAX; graph.state_count()];
    let mut islands: Vec<Vec<NodeId>> = Vec::new();
    for node in graph.nodes().filter(|node| roads.has_road(*node)) {
        if island_of[node.index()] == u32::MAX {
            let number = islands.len() as u32;
            let reached = roads.reach(node, Follow::All);
            reached.iter().for_each(|node| island_of[node.index()] = number);
            islands.push(reached);
        }
    }
    islands.sort_by_key(|nodes| (usize::MAX - nodes.len(), nodes.iter().min().copied()));
    report.islands = islands.len();
    let example = |nodes: &Vec<NodeId>| {
        let place = graph.place(nodes.iter().min()?.state())?;
        Some(Island { junctions: nodes.len(), place })
    };
    report.largest_islands = islands.iter().filter_map(example).take(MAX_EXAMPLES).collect();
    let mut traps: Vec<(NodeId, TrapKind)> = Vec::new();
    islands.iter().for_each(|island| roads.add_traps(island, &mut traps));
    traps.sort_by_key(|(node, _)| *node);
    report.oneway_traps = traps.len();
    let traps = traps
        .into_iter()
        .filter_map(|(node, kind)| Some(OnewayTrap { kind, place: graph.place(node.state())? }));
    report.some_oneway_traps = traps.take(MAX_EXAMPLES).collect();
}

struct Roads<'a, U> {
    graph: &'a Graph,
    is_usable: U,
}

impl<U: Fn(&Link) -> bool> Roads<'_, U> {
    /// The junctions one arc away from another.
    fn next(&self, node: NodeId, follow: Follow) -> impl Iterator<Item = NodeId> {
        self.graph.outgoing(node.state()).iter().filter_map(move |way| {
            let allowed = match follow {
                Follow::All | Follow::Along => way.arc(),
                Follow::Against => way.arc().reverse(),
            };
            let is_open = follow == Follow::All || !self.graph.arc(allowed).is_against_oneway;
            let mut links = self.graph.links(allowed);
            let is_usable = links.all(|(link, _)| (self.is_usable)(self.graph.link(link)));
            (is_open && is_usable).then(|| self.graph.arc(way.arc()).head)
        })
    }

    fn has_road(&self, node: NodeId) -> bool {
        self.next(node, Follow::All).next().is_some()
    }

    /// All junctions that a junction leads to, itself among them.
    fn reach(&self, from: NodeId, follow: Follow) -> Vec<NodeId> {
        let mut seen = std::collections::HashSet::from([from]);
        let mut reached = vec![from];
        let mut at = 0;
        while let Some(node) = reached.get(at).copied() {
            reached.extend(self.next(node, follow).filter(|next| seen.insert(*next)));
            at += 1;
        }
        reached
    }

    /// Adds the junctions of an island that cannot get to most of it, or cannot be got to.
    fn add_traps(&self, island: &[NodeId], traps: &mut Vec<(NodeId, TrapKind)>) {
        let most = |follow| {
            // What reaches, or is reached from, more than half of the island: tried from several
            // junctions, as the first ones may be trapped.
            let starts = island.iter().step_by((island.len() / 16).max(1));
            let reached = starts.map(|node| self.reach(*node, follow));
            reached.max_by_key(Vec::len).unwrap_or_default()
        };
        let forward: std::collections::HashSet<NodeId> = most(Follow::Along).into_iter().collect();
        let core = most(Follow::Against);
        let core: Vec<NodeId> = core.into_iter().filter(|node| forward.contains(node)).collect();
        let Some(middle) = core.get(core.len() / 2) else { return };
        let reached = |follow| self.reach(*middle, follow).into_iter().collect();
        let from: std::collections::HashSet<NodeId> = reached(Follow::Along);
        let to: std::collections::HashSet<NodeId> = reached(Follow::Against);
        for node in island {
            if !to.contains(node) {
                traps.push((*node, TrapKind::CannotLeave));
            }
            if !from.contains(node) {
                traps.push((*node, TrapKind::CannotReach));
            }
        }
    }
}
