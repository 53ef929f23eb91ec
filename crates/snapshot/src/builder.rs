//! Builds a city feature by feature, so that no layer is ever held as it came.

use std::collections::BTreeMap;
use std::sync::Arc;

use urbis_catalog::Catalog;
use urbis_model::{Feature, LayerId, Moment, Revision};

use crate::layer::Draft;
use crate::{City, LayerSnapshot};

/// Takes the features of all layers, in any order, and makes a city of them.
#[derive(Debug)]
pub struct CityBuilder {
    catalog: Arc<Catalog>,
    at: Moment,
    open: BTreeMap<LayerId, Draft>,
    finished: BTreeMap<LayerId, Arc<LayerSnapshot>>,
}

impl CityBuilder {
    /// Starts a city at a moment, without a feature.
    pub fn new(catalog: Arc<Catalog>, at: Moment) -> Self {
        Self { catalog, at, open: BTreeMap::new(), finished: BTreeMap::new() }
    }

    /// Adds a feature to a layer; one of a layer that the catalogue does not know, or that is
    /// finished, is left out. Of several features with one id the last counts.
    pub fn push(&mut self, layer: &LayerId, feature: Feature) {
        let Some(definition) = self.catalog.layer(layer) else { return };
        if self.finished.contains_key(layer) {
            return;
        }
        if let Some(draft) = self.open.get_mut(layer) {
            return draft.push(definition, &feature);
        }
        let draft = Draft::of(definition, [&feature]);
        self.open.insert(layer.clone(), draft);
    }

    /// Ranks and indexes a layer, and lets go of what that needed; its features are complete.
    pub fn finish_layer(&mut self, layer: &LayerId) {
        let Some(definition) = self.catalog.layer(layer) else { return };
        if !self.finished.contains_key(layer) {
            let came = self.open.remove(layer).map(Draft::finish).unwrap_or_default();
            let snapshot = LayerSnapshot::build(definition, came, self.at);
            self.finished.insert(layer.clone(), Arc::new(snapshot));
        }
    }

    /// The city; layers that are not finished yet are, and those without a feature are empty.
    pub fn finish(mut self, revision: Revision) -> City {
        let layers: Vec<LayerId> = self.catalog.layers().map(|layer| layer.id.clone()).collect();
        layers.iter().for_each(|layer| self.finish_layer(layer));
        City::new(self.catalog, revision, self.finished, self.at)
    }
}
