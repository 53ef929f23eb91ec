//! The zoom rank of a vertex.

use urbis_catalog::Layer;

use crate::SnapshotFeature;
use crate::feature::Unranked;
use crate::shape::Shape;

pub(crate) fn rank_all(layer: &Layer, features: Vec<Unranked>) -> Vec<SnapshotFeature> {
    features.into_iter().map(|feature| rank_alone(layer, feature)).collect()
}

pub(crate) fn rank_alone(layer: &Layer, feature: Unranked) -> SnapshotFeature {
    let ranks = vec![0; feature.shape.vertices().len()].into();
    feature.rank(layer, ranks)
}

pub(crate) struct Ranker;

impl Ranker {
    pub(crate) fn new<'a>(_layer: &Layer, _context: impl Iterator<Item = &'a Shape>) -> Self {
        Self
    }

    pub(crate) fn rank(&self, shape: &Shape) -> Box<[u8]> {
        vec![0; shape.vertices().len()].into()
    }
}
