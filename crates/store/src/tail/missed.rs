//! What the change log says that a position has missed, before it is read.

use std::collections::{BTreeMap, BTreeSet};

use urbis_catalog::Layer;
use urbis_model::{FeatureId, LayerId};

/// The tables that a poll reads.
#[derive(Debug, Default)]
pub(super) struct Named<'a> {
    pub(super) layers: BTreeMap<LayerId, &'a Layer>,
    /// Whether it reads the keys.
    pub(super) keys: bool,
}

/// What the log says of each layer that changed, and of the keys.
#[derive(Debug, Default)]
pub(super) struct Missed {
    pub(super) layers: BTreeMap<LayerId, MissedLayer>,
    pub(super) keys: bool,
}

/// What the log says of one layer.
#[derive(Debug)]
pub(super) enum MissedLayer {
    Whole,
    Features(BTreeSet<FeatureId>),
}

impl Named<'_> {
    /// Says whether all that was missed is in these tables.
    pub(super) fn covers(&self, missed: &Missed) -> bool {
        let has_layers = missed.layers.keys().all(|layer| self.layers.contains_key(layer));
        has_layers && (self.keys || !missed.keys)
    }
}

impl Missed {
    /// Adds a row of the log; without a feature it is about the whole layer.
    pub(super) fn add(&mut self, layer: &Layer, feature_id: Option<i64>) {
        let entry = self.layers.entry(layer.id.clone());
        let entry = entry.or_insert_with(|| MissedLayer::Features(BTreeSet::new()));
        // A feature id out of range is in no snapshot of memory either.
        match (entry, feature_id.map(FeatureId::new)) {
            (entry, None) => *entry = MissedLayer::Whole,
            (MissedLayer::Features(ids), Some(Ok(id))) => drop(ids.insert(id)),
            (_, Some(_)) => {}
        }
    }
}
