//! The zoom rank of a vertex: the smallest zoom at which it is kept.
//!
//! A rank depends on the feature alone, so every tile of a zoom sees the same vertices. In a
//! layer whose polygons share edges it also depends on who shares the vertex:
//!
//! ```text
//!   +-----o-----+      o  node: not exactly two edges of the layer meet here; always kept
//!   |  A  | B   |      |  shared arc from node to node: ranked once, in one direction,
//!   |     |     |         so A and B keep the same vertices and no gap opens between them
//!   +-----o-----+
//! ```
//!
//! What a class may not see must not show in what it sees: a feature is ranked among those that
//! are as open as it is, or opener. Stricter neighbours fit to them within a pixel.
//!
//! Below the layer's `maxzoom` a vertex is dropped where the simplified line stays within half a
//! pixel of it; at `maxzoom` every vertex is kept. The ends of a line and three vertices of a
//! ring are kept at every zoom, except that a ring which is cut by exactly two nodes may collapse
//! to the chord between them where it is thinner than the tolerance.

use std::collections::BTreeMap;

use urbis_catalog::Layer;
use urbis_model::{GeometryKind, Openness, WorldXy};

use crate::rows::{Pick, Rows};

mod chain;
mod node;

use chain::{significance, significance_of_closed};
use node::Nodes;

/// Grid bits below a pixel of a 512-pixel tile at zoom 0, and one more for half of it.
const HALF_PIXEL_BITS: i32 = 32 - 9 - 1;

/// Ranks the vertices of features of one layer.
pub(crate) struct Ranker {
    /// Squared tolerance in cells, of each zoom below the layer's `maxzoom`.
    tolerances_squared: Vec<f64>,
    /// Of the features up to each class; none where the layer is no coverage.
    nodes: BTreeMap<Openness, Nodes>,
}

impl Ranker {
    /// Prepares to rank features as if each were alone.
    pub(crate) fn alone(layer: &Layer) -> Self {
        let tolerance = |zoom: u8| 2_f64.powi(HALF_PIXEL_BITS - i32::from(zoom));
        Self {
            tolerances_squared: (0..layer.tiles.maxzoom).map(|z| tolerance(z).powi(2)).collect(),
            nodes: BTreeMap::new(),
        }
    }

    /// Prepares to rank some features of a coverage together; those that share a vertex with them
    /// are yet to be [met](Self::meet).
    pub(crate) fn together<'a>(layer: &Layer, ranked: impl Iterator<Item = Pick<'a>>) -> Self {
        let mut ranker = Self::alone(layer);
        ranker.nodes.extend(classes_of(layer).map(|class| (class, Nodes::default())));
        for pick in ranked {
            let seen_by = ranker.nodes.range_mut(pick.openness()..);
            seen_by.for_each(|(_, nodes)| nodes.add(pick));
        }
        ranker
    }

    /// Lets a feature that is not to be ranked count where it shares a vertex with those that are.
    pub(crate) fn meet(&mut self, pick: Pick<'_>) {
        let seen_by = self.nodes.range_mut(pick.openness()..);
        seen_by.for_each(|(_, nodes)| nodes.add_known(pick));
    }

    /// One rank for each vertex of some rows; none for points.
    pub(crate) fn rank(&self, rows: &Rows) -> Vec<u8> {
        if rows.kind == GeometryKind::Point {
            return Vec::new();
        }
        let mut ranks = Vec::with_capacity(rows.vertices.len());
        for pick in rows.picks() {
            let nodes = self.nodes.get(&pick.openness());
            for path in pick.paths() {
                let weights = match rows.kind {
                    GeometryKind::MultiPolygon => rank_ring(path, nodes),
                    _ => significance(path),
                };
                ranks.extend(weights.into_iter().map(|weight| self.to_rank(weight)));
            }
        }
        ranks
    }

    fn to_rank(&self, significance_squared: f64) -> u8 {
        let kept = |tolerance: &f64| significance_squared > *tolerance;
        let rank = self.tolerances_squared.iter().position(kept);
        rank.unwrap_or(self.tolerances_squared.len()) as u8
    }
}

/// The classes that a feature of the layer can have.
fn classes_of(layer: &Layer) -> impl Iterator<Item = Openness> {
    let by_feature = layer.openness_by.iter().flat_map(|rule| rule.levels.values().copied());
    std::iter::once(layer.openness).chain(by_feature)
}

/// Cuts a ring at its nodes, or at its smallest vertex, and weighs each piece.
fn rank_ring(ring: &[WorldXy], nodes: Option<&Nodes>) -> Vec<f64> {
    let is_node = |index: &usize| nodes.is_some_and(|nodes| nodes.is_node(ring[*index]));
    let mut cuts: Vec<usize> = (0..ring.len()).filter(is_node).collect();
    if cuts.is_empty() {
        cuts.extend((0..ring.len()).min_by_key(|index| ring[*index]));
    }
    let mut weights = vec![f64::INFINITY; ring.len()];
    for (position, start) in cuts.iter().enumerate() {
        let next = cuts.get(position + 1).copied().unwrap_or(cuts[0] + ring.len());
        rank_arc(ring, *start..=next, &mut weights);
    }
    weights
}

/// Weighs one arc of a ring in its canonical direction; the indices run on over the ring's end.
fn rank_arc(ring: &[WorldXy], arc: std::ops::RangeInclusive<usize>, weights: &mut [f64]) {
    let mut indices: Vec<usize> = arc.map(|index| index % ring.len()).collect();
    let forward = indices.iter().map(|index| ring[*index]);
    if forward.clone().gt(forward.rev()) {
        indices.reverse();
    }
    let vertices: Vec<WorldXy> = indices.iter().map(|index| ring[*index]).collect();
    let weighed = if vertices.first() == vertices.last() {
        significance_of_closed(&vertices)
    } else {
        significance(&vertices)
    };
    for (index, weight) in indices.into_iter().zip(weighed) {
        weights[index] = weight;
    }
}
