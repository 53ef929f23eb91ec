//! One layer of a tile, with its dictionaries of keys and values in order of first use.

use std::collections::HashMap;

use urbis_model::{FeatureId, GeometryKind};
use urbis_snapshot::Value;

use super::commands::Commands;
use super::proto::{put_bytes, put_number, put_packed};
use super::value;
use crate::grid::EXTENT;

/// Fields of `Tile`, `Tile.Layer` and `Tile.Feature`.
mod field {
    pub(super) const TILE_LAYER: u8 = 3;
    pub(super) const LAYER_NAME: u8 = 1;
    pub(super) const LAYER_FEATURE: u8 = 2;
    pub(super) const LAYER_KEY: u8 = 3;
    pub(super) const LAYER_VALUE: u8 = 4;
    pub(super) const LAYER_EXTENT: u8 = 5;
    pub(super) const LAYER_VERSION: u8 = 15;
    pub(super) const FEATURE_ID: u8 = 1;
    pub(super) const FEATURE_TAGS: u8 = 2;
    pub(super) const FEATURE_TYPE: u8 = 3;
    pub(super) const FEATURE_GEOMETRY: u8 = 4;
}

/// Version of the specification that layers declare.
const VERSION: u64 = 2;

/// Collects the features of one layer.
#[derive(Debug, Default)]
pub(crate) struct LayerWriter<'a> {
    features: Vec<u8>,
    keys: Dictionary<&'a str>,
    values: Dictionary<Vec<u8>>,
    feature: Vec<u8>,
    packed: Vec<u8>,
}

impl<'a> LayerWriter<'a> {
    /// Adds a feature that has at least one command.
    pub(crate) fn add(
        &mut self,
        id: FeatureId,
        kind: GeometryKind,
        commands: &Commands,
        attributes: impl Iterator<Item = (&'a str, Value<'a>)>,
    ) {
        let tags = self.tags(attributes);
        let geometry_type = match kind {
            GeometryKind::Point => 1,
            GeometryKind::MultiLineString => 2,
            GeometryKind::MultiPolygon => 3,
        };
        self.feature.clear();
        put_number(&mut self.feature, field::FEATURE_ID, id.value());
        put_packed(&mut self.feature, field::FEATURE_TAGS, &tags, &mut self.packed);
        put_number(&mut self.feature, field::FEATURE_TYPE, geometry_type);
        let geometry = commands.numbers();
        put_packed(&mut self.feature, field::FEATURE_GEOMETRY, geometry, &mut self.packed);
        put_bytes(&mut self.features, field::LAYER_FEATURE, &self.feature);
    }

    /// Appends the layer to a tile; nothing where it has no feature.
    pub(crate) fn finish(self, name: &str, tile: &mut Vec<u8>) {
        if self.features.is_empty() {
            return;
        }
        let mut layer = Vec::with_capacity(self.features.len() + 256);
        put_number(&mut layer, field::LAYER_VERSION, VERSION);
        put_bytes(&mut layer, field::LAYER_NAME, name.as_bytes());
        layer.extend_from_slice(&self.features);
        for key in self.keys.in_order() {
            put_bytes(&mut layer, field::LAYER_KEY, key.as_bytes());
        }
        for value in self.values.in_order() {
            put_bytes(&mut layer, field::LAYER_VALUE, value);
        }
        put_number(&mut layer, field::LAYER_EXTENT, u64::from(EXTENT));
        put_bytes(tile, field::TILE_LAYER, &layer);
    }

    fn tags(&mut self, attributes: impl Iterator<Item = (&'a str, Value<'a>)>) -> Vec<u32> {
        let mut tags = Vec::new();
        for (name, value) in attributes {
            if let Some(value) = value::encode(value) {
                tags.extend([self.keys.index_of(name), self.values.index_of(value)]);
            }
        }
        tags
    }
}

/// Entries and their numbers, counted from first use.
#[derive(Debug)]
struct Dictionary<T> {
    numbers: HashMap<T, u32>,
}

impl<T> Default for Dictionary<T> {
    fn default() -> Self {
        Self { numbers: HashMap::new() }
    }
}

impl<T: std::hash::Hash + Eq> Dictionary<T> {
    fn index_of(&mut self, entry: T) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(entry).or_insert(next)
    }

    fn in_order(&self) -> Vec<&T> {
        let mut entries: Vec<(&T, u32)> =
            self.numbers.iter().map(|(entry, number)| (entry, *number)).collect();
        entries.sort_unstable_by_key(|(_, number)| *number);
        entries.into_iter().map(|(entry, _)| entry).collect()
    }
}
