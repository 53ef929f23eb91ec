//! One layer of a tile, with its keys and values in order of first use.

use urbis_model::{FeatureId, GeometryKind};
use urbis_snapshot::SnapshotFeature;

use super::column::Column;
use super::commands::put_commands;
use super::proto::{bytes_len, put_bytes, put_len, put_number, put_pair, varint_len};
use super::values::Values;
use crate::attributes::Shown;
use crate::grid::EXTENT;
use crate::paths::Paths;

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

/// Collects the features of one layer, then of the next: its room is used again.
#[derive(Debug, Default)]
pub(crate) struct LayerWriter {
    features: Vec<u8>,
    len: usize,
    keys: Vec<u8>,
    key_count: u32,
    values: Values,
    columns: Vec<Column>,
    tags: Vec<u8>,
    geometry: Vec<u8>,
}

impl LayerWriter {
    /// Starts a layer with that many attributes.
    pub(crate) fn start(&mut self, attributes: usize) {
        self.features.clear();
        self.len = 0;
        self.keys.clear();
        self.key_count = 0;
        self.values.clear();
        self.columns.iter_mut().for_each(Column::clear);
        if self.columns.len() < attributes {
            self.columns.resize_with(attributes, Column::default);
        }
    }

    /// The tags of a feature, to be given to [`Self::add`]: what is equal has equal tags.
    pub(crate) fn tags(&mut self, feature: SnapshotFeature<'_>, shown: &[Shown<'_>]) -> &[u8] {
        self.tags.clear();
        for (column, shown) in self.columns.iter_mut().zip(shown) {
            let Some(number) = number_in(&mut self.values, column, feature, *shown) else {
                continue;
            };
            let key = *column.key.get_or_insert_with(|| {
                put_bytes(&mut self.keys, field::LAYER_KEY, shown.name.as_bytes());
                self.key_count += 1;
                self.key_count - 1
            });
            put_pair(&mut self.tags, u64::from(key), u64::from(number));
        }
        &self.tags
    }

    /// Adds a feature that has at least one path, with the tags that were made last.
    pub(crate) fn add(&mut self, id: FeatureId, kind: GeometryKind, paths: &Paths) {
        let tags = std::mem::take(&mut self.tags);
        self.put_feature(Some(id), &tags, kind, paths);
        self.tags = tags;
    }

    /// Adds what several features were joined to.
    pub(crate) fn add_joined(&mut self, tags: &[u8], kind: GeometryKind, paths: &Paths) {
        self.put_feature(None, tags, kind, paths);
    }

    fn put_feature(
        &mut self,
        id: Option<FeatureId>,
        tags: &[u8],
        kind: GeometryKind,
        paths: &Paths,
    ) {
        self.len += 1;
        self.geometry.clear();
        put_commands(&mut self.geometry, kind, paths);
        let id_len = id.map_or(0, |id| 1 + varint_len(id.value()));
        let tags_len = if tags.is_empty() { 0 } else { bytes_len(tags.len()) };
        // The type takes a byte for its key and one for itself.
        let len = id_len + tags_len + 2 + bytes_len(self.geometry.len());
        let out = &mut self.features;
        out.reserve(bytes_len(len));
        put_len(out, field::LAYER_FEATURE, len);
        if let Some(id) = id {
            put_number(out, field::FEATURE_ID, id.value());
        }
        if !tags.is_empty() {
            put_bytes(out, field::FEATURE_TAGS, tags);
        }
        put_number(out, field::FEATURE_TYPE, geometry_type(kind));
        put_bytes(out, field::FEATURE_GEOMETRY, &self.geometry);
    }

    /// Number of features that were added.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Appends the layer to a tile; nothing where it has no feature.
    pub(crate) fn finish(&self, name: &str, tile: &mut Vec<u8>) {
        if self.features.is_empty() {
            return;
        }
        let ends = 2 + 1 + varint_len(u64::from(EXTENT));
        let parts = [&self.features, &self.keys, self.values.bytes()];
        let len = ends + bytes_len(name.len()) + parts.iter().map(|part| part.len()).sum::<usize>();
        tile.reserve(bytes_len(len));
        put_len(tile, field::TILE_LAYER, len);
        put_number(tile, field::LAYER_VERSION, VERSION);
        put_bytes(tile, field::LAYER_NAME, name.as_bytes());
        parts.iter().for_each(|part| tile.extend_from_slice(part));
        put_number(tile, field::LAYER_EXTENT, u64::from(EXTENT));
    }
}

/// The number of a feature's value among those of the layer; `None` where it has none.
#[inline]
fn number_in(
    values: &mut Values,
    column: &mut Column,
    feature: SnapshotFeature<'_>,
    shown: Shown<'_>,
) -> Option<u32> {
    let (dictionary, code) = feature.coded(shown.index);
    if shown.is_key {
        let message = dictionary.message(code);
        return (!message.is_empty()).then(|| values.add(field::LAYER_VALUE, message));
    }
    column.number_of((dictionary, code), |message| values.number_of(field::LAYER_VALUE, message))
}

const fn geometry_type(kind: GeometryKind) -> u64 {
    match kind {
        GeometryKind::Point => 1,
        GeometryKind::MultiLineString => 2,
        GeometryKind::MultiPolygon => 3,
    }
}
