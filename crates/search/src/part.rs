//! What is found of the features of one openness.
//!
//! Each openness has a part of its own, with words of its own: what a class may not see is not even
//! passed over when it asks, and shows in no count, no order and no answer.

use std::collections::BTreeSet;

use urbis_model::Openness;
use urbis_snapshot::{City, SnapshotFeature};

use crate::addresses::{Addresses, AddressesBuilder};
use crate::layers::{FeatureRef, SearchedLayers};
use crate::names::{Names, NamesBuilder};
use crate::parcels::{Parcels, ParcelsBuilder};

/// What is found of the features of one openness.
#[derive(Debug, Default)]
pub(crate) struct Part {
    pub names: Names,
    pub addresses: Addresses,
    pub parcels: Parcels,
}

/// One part an openness.
pub(crate) type Parts = [Part; Openness::ALL.len()];

/// Collects the features of one openness.
#[derive(Debug, Default)]
struct PartBuilder {
    names: NamesBuilder,
    addresses: AddressesBuilder,
    parcels: ParcelsBuilder,
}

/// Collects features into the part of their openness.
#[derive(Debug)]
pub(crate) struct PartsBuilder<'a> {
    layers: &'a SearchedLayers,
    city: &'a City,
    parts: [PartBuilder; Openness::ALL.len()],
}

impl<'a> PartsBuilder<'a> {
    pub(crate) fn new(layers: &'a SearchedLayers, city: &'a City) -> Self {
        Self { layers, city, parts: std::array::from_fn(|_| PartBuilder::default()) }
    }

    /// All features of the city.
    pub(crate) fn all(mut self) -> Parts {
        for (number, layer) in self.layers.iter() {
            let features = self.city.layer(&layer.id).into_iter().flat_map(|it| it.features());
            features.for_each(|feature| self.add(number, feature));
        }
        self.finish()
    }

    /// Some features, those of them that the city has.
    pub(crate) fn some(mut self, features: &BTreeSet<FeatureRef>) -> Parts {
        for feature in features {
            if let Some(found) = self.layers.feature(self.city, *feature) {
                self.add(feature.layer(), found);
            }
        }
        self.finish()
    }

    fn add(&mut self, number: u16, feature: SnapshotFeature<'_>) {
        if !feature.validity().contains(self.city.at()) {
            return;
        }
        let layer = self.layers.get(number);
        let as_ref = FeatureRef::new(number, feature.id());
        let part = &mut self.parts[feature.openness() as usize];
        if !layer.names.is_empty() {
            let weight = layer.weight(self.layers.definition(number), feature);
            part.names.add(layer, feature, as_ref, weight);
        }
        if let Some(columns) = layer.address {
            part.addresses.add(columns, feature, as_ref);
        }
        if let Some(columns) = layer.parcel {
            part.parcels.add(columns, feature, as_ref);
        }
    }

    fn finish(self) -> Parts {
        self.parts.map(|part| Part {
            names: part.names.finish(),
            addresses: part.addresses.finish(),
            parcels: part.parcels.finish(),
        })
    }
}
