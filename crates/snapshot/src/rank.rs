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
//! Below the layer's `maxzoom` a vertex is dropped where the simplified line stays within half a
//! pixel of it; at `maxzoom` every vertex is kept. The ends of a line and three vertices of a
//! ring are kept at every zoom, except that a ring which is cut by exactly two nodes may collapse
//! to the chord between them where it is thinner than the tolerance.

use urbis_catalog::Layer;
use urbis_model::{GeometryKind, WorldXy};

use crate::SnapshotFeature;
use crate::feature::Unranked;
use crate::shape::Shape;

mod chain;
mod node;

use chain::{significance, significance_of_closed};
use node::Nodes;

/// Grid bits below a pixel of a 512-pixel tile at zoom 0, and one more for half of it.
const HALF_PIXEL_BITS: i32 = 32 - 9 - 1;

/// Ranks all features of a layer together.
pub(crate) fn rank_all(layer: &Layer, features: Vec<Unranked>) -> Vec<SnapshotFeature> {
    let ranker = Ranker::new(layer, features.iter().map(|feature| &feature.shape));
    features.into_iter().map(|feature| ranker.finish(layer, feature)).collect()
}

/// Ranks the vertices of features of one layer.
pub(crate) struct Ranker {
    /// Squared tolerance in cells, of each zoom below the layer's `maxzoom`.
    tolerances_squared: Vec<f64>,
    nodes: Nodes,
}

impl Ranker {
    /// Prepares to rank features; `context` must hold them and all that share a vertex with them.
    /// It is looked at only where the layer is a coverage.
    pub(crate) fn new<'a>(layer: &Layer, context: impl Iterator<Item = &'a Shape>) -> Self {
        let tolerance = |zoom: u8| 2_f64.powi(HALF_PIXEL_BITS - i32::from(zoom));
        let mut nodes = Nodes::default();
        if layer.coverage {
            context.for_each(|shape| nodes.add(shape));
        }
        Self {
            tolerances_squared: (0..layer.tiles.maxzoom).map(|z| tolerance(z).powi(2)).collect(),
            nodes,
        }
    }

    /// Ranks a feature's vertices and so finishes it.
    pub(crate) fn finish(&self, layer: &Layer, feature: Unranked) -> SnapshotFeature {
        let ranks = self.rank(&feature.shape);
        feature.finish(layer, ranks)
    }

    /// One rank for each vertex of a shape.
    fn rank(&self, shape: &Shape) -> Box<[u8]> {
        let rank_path = |path| match shape.kind() {
            GeometryKind::Point => vec![f64::INFINITY; 1],
            GeometryKind::MultiLineString => significance(path),
            GeometryKind::MultiPolygon => self.rank_ring(path),
        };
        let all = shape.paths().flat_map(rank_path);
        all.map(|significance| self.to_rank(significance)).collect()
    }

    fn to_rank(&self, significance_squared: f64) -> u8 {
        let kept = |tolerance: &f64| significance_squared > *tolerance;
        let rank = self.tolerances_squared.iter().position(kept);
        rank.unwrap_or(self.tolerances_squared.len()) as u8
    }

    /// Cuts a ring at its nodes, or at its smallest vertex, and weighs each piece.
    fn rank_ring(&self, ring: &[WorldXy]) -> Vec<f64> {
        let mut cuts: Vec<usize> =
            (0..ring.len()).filter(|index| self.nodes.is_node(ring[*index])).collect();
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
