//! One state of the whole city.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use urbis_catalog::Catalog;
use urbis_model::{ChangeBatch, Feature, LayerId, Moment, Openness, Revision};

use crate::{Changes, CityBuilder, LayerSnapshot};

/// All layers of the catalogue at one revision and one moment; immutable.
#[derive(Debug, Clone)]
pub struct City {
    catalog: Arc<Catalog>,
    revision: Revision,
    at: Moment,
    seen_changes: [Moment; Openness::ALL.len()],
    layers: BTreeMap<LayerId, Arc<LayerSnapshot>>,
}

impl City {
    /// Builds a city at a moment from all its features, in any order, valid then or not.
    ///
    /// A layer of the catalogue that is not given is empty; one that the catalogue does not know
    /// is left out. Of several features with one id the last counts.
    pub fn build(
        catalog: Arc<Catalog>,
        revision: Revision,
        layers: Vec<(LayerId, Vec<Feature>)>,
        at: Moment,
    ) -> Self {
        let mut builder = CityBuilder::new(catalog, at);
        for (layer, features) in layers {
            features.into_iter().for_each(|feature| builder.push(&layer, feature));
            builder.finish_layer(&layer);
        }
        builder.finish(revision)
    }

    /// A city of finished layers.
    pub(crate) fn new(
        catalog: Arc<Catalog>,
        revision: Revision,
        layers: BTreeMap<LayerId, Arc<LayerSnapshot>>,
        at: Moment,
    ) -> Self {
        Self { catalog, revision, at, seen_changes: [at; Openness::ALL.len()], layers }
    }

    /// The city after a batch of changes, at the same moment; shares every layer that the batch
    /// does not name, and of the others all but what changed. With it where it is drawn otherwise.
    ///
    /// A feature that a batch both removes and upserts is there afterwards.
    #[must_use]
    pub fn apply(&self, revision: Revision, batch: ChangeBatch) -> (Self, Changes) {
        let mut layers = self.layers.clone();
        let mut changes = Changes::default();
        for (id, change) in batch.layers {
            let (Some(layer), Some(snapshot)) = (self.catalog.layer(&id), self.layers.get(&id))
            else {
                continue;
            };
            let (snapshot, changed) = snapshot.apply(layer, change, self.at);
            changes.add(&id, changed);
            layers.insert(id, Arc::new(snapshot));
        }
        (Self { revision, layers, ..self.clone() }, changes)
    }

    /// The city with some layers of another one of the same catalogue and moment, such as one that
    /// was built apart while this one moved on; shares them.
    #[must_use]
    pub fn adopt(&self, revision: Revision, from: &Self, layers: &BTreeSet<LayerId>) -> Self {
        let mut adopted = self.clone();
        adopted.revision = revision;
        let taken = layers.iter().filter_map(|id| Some((id, from.layers.get(id)?)));
        adopted.layers.extend(taken.map(|(id, layer)| (id.clone(), Arc::clone(layer))));
        for (seen, other) in adopted.seen_changes.iter_mut().zip(from.seen_changes) {
            *seen = other.max(*seen);
        }
        adopted
    }

    /// The city at another moment: what is valid then is drawn and counted, and nothing else.
    ///
    /// Shares every layer in which nothing becomes valid or ends in between. With it where it is
    /// drawn otherwise.
    #[must_use]
    pub fn advance(&self, revision: Revision, at: Moment) -> (Self, Changes) {
        let mut layers = self.layers.clone();
        let mut changes = Changes::default();
        let mut seen_changes = self.seen_changes;
        for (id, snapshot) in &self.layers {
            let Some(layer) = self.catalog.layer(id) else { continue };
            let Some((advanced, changed)) = snapshot.advance(layer, self.at, at) else { continue };
            changes.add(id, changed);
            for (class, seen) in Openness::ALL.into_iter().zip(&mut seen_changes) {
                let last = snapshot.last_change(self.at, at, class);
                *seen = last.map_or(*seen, |last| last.max(*seen));
            }
            layers.insert(id.clone(), Arc::new(advanced));
        }
        (Self { revision, at, seen_changes, layers, ..self.clone() }, changes)
    }

    /// The moment whose city is drawn and counted.
    pub const fn at(&self) -> Moment {
        self.at
    }

    /// The last moment at which a feature that `class` may see became valid or ended while this
    /// city was followed; the moment of [`Self::build`] where none did.
    ///
    /// Unlike [`Self::at`] it tells a class nothing of features that it may not see.
    pub const fn seen_change(&self, class: Openness) -> Moment {
        self.seen_changes[class as usize]
    }

    /// The first moment after [`Self::at`] at which a feature becomes valid or ends.
    pub fn next_change(&self) -> Option<Moment> {
        self.layers.values().filter_map(|layer| layer.next_change()).min()
    }

    /// Its revision.
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// The catalogue that it was built with.
    pub const fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// One layer; `None` where the catalogue has no such layer.
    pub fn layer(&self, id: &LayerId) -> Option<&LayerSnapshot> {
        self.layers.get(id).map(Arc::as_ref)
    }
}
