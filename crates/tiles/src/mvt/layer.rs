//! One layer of a tile, with its keys and values in the order in which tags are made.

use urbis_model::GeometryKind;
use urbis_snapshot::SnapshotFeature;

use super::commands::{put_commands, start_of};
use super::proto::{
    MAX_VARINT, Varint, Wire, bytes_len, put_bytes, put_len, put_number, varint_len,
};
use super::room::{Cursor, Piece, Room};
use super::tags::{BlockTags, TAG, Tags};
use crate::attributes::Shown;
use crate::grid::EXTENT;
use crate::paths::Paths;
use crate::ready::Ready;

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
    features: Room,
    len: usize,
    tags: Tags,
    /// Commands of one feature.
    commands: Vec<u8>,
    /// Tags of one feature.
    spelled: Vec<u8>,
}

/// Adds features of one block to the layer of a writer.
#[derive(Debug)]
pub(crate) struct BlockWriter<'w, 'a> {
    kind: GeometryKind,
    features: &'w mut Room,
    len: &'w mut usize,
    tags: BlockTags<'w, 'a>,
    commands: &'w mut Vec<u8>,
}

impl LayerWriter {
    /// Starts a layer with that many features, or fewer.
    pub(crate) fn start(&mut self, features: usize) {
        self.features.clear();
        self.len = 0;
        self.tags.start(features, field::LAYER_KEY, field::LAYER_VALUE);
    }

    /// Takes features of that kind of the block of a feature, with the attributes that are shown.
    #[inline]
    pub(crate) fn block<'w, 'a>(
        &'w mut self,
        kind: GeometryKind,
        block: SnapshotFeature<'a>,
        shown: &'w [Shown<'_>],
    ) -> BlockWriter<'w, 'a> {
        let Self { features, len, tags, commands, .. } = self;
        BlockWriter { kind, features, len, tags: tags.of(block, shown), commands }
    }

    /// The tags of one feature: what is equal has equal tags.
    pub(crate) fn tags(&mut self, feature: SnapshotFeature<'_>, shown: &[Shown<'_>]) -> &[u8] {
        self.spelled.clear();
        for tag in self.tags.of(feature, shown).tags_of(feature) {
            self.spelled.extend_from_slice(&tag.bytes.to_le_bytes()[..tag.len as usize]);
        }
        &self.spelled
    }

    /// Adds what several features were joined to.
    pub(crate) fn add_joined(&mut self, tags: &[u8], kind: GeometryKind, paths: &Paths) {
        self.commands.clear();
        put_commands(&mut self.commands, kind, paths);
        let bytes = tags.iter().map(|byte| Varint::one_byte(*byte));
        let geometry = Geometry::drawn(kind, &self.commands);
        put_feature(&mut self.features, |_| {}, tags.len(), bytes, geometry);
        self.len += 1;
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
        let parts = [self.features.as_slice(), self.tags.keys(), self.tags.values()];
        let len = ends + bytes_len(name.len()) + parts.iter().map(|part| part.len()).sum::<usize>();
        tile.reserve(bytes_len(len));
        put_len(tile, field::TILE_LAYER, len);
        put_number(tile, field::LAYER_VERSION, VERSION);
        put_bytes(tile, field::LAYER_NAME, name.as_bytes());
        parts.iter().for_each(|part| tile.extend_from_slice(part));
        put_number(tile, field::LAYER_EXTENT, u64::from(EXTENT));
    }
}

impl BlockWriter<'_, '_> {
    /// Adds a feature of the block that has at least one path.
    pub(crate) fn add(&mut self, feature: SnapshotFeature<'_>, paths: &Paths) {
        self.commands.clear();
        put_commands(self.commands, self.kind, paths);
        let id = |out: &mut Cursor<'_>| {
            out.key(field::FEATURE_ID, Wire::Varint);
            out.varint(feature.id().value());
        };
        let geometry = Geometry::drawn(self.kind, self.commands);
        let most = self.tags.most();
        put_feature(self.features, id, most, self.tags.tags_of(feature), geometry);
        *self.len += 1;
    }

    /// Adds a feature of the block that is ready.
    #[inline]
    pub(crate) fn add_ready(&mut self, ready: Ready<'_>) {
        let Ready { start, id, tags, rest } = ready;
        let geometry = Geometry { kind: self.kind, start: start_of(start), rest };
        let spelled = tags.iter().map(|[attribute, low, high]| {
            self.tags.tag(usize::from(*attribute), u16::from_le_bytes([*low, *high]))
        });
        let id = |out: &mut Cursor<'_>| {
            out.key(field::FEATURE_ID, Wire::Varint);
            out.copy(id);
        };
        put_feature(self.features, id, tags.len(), spelled, geometry);
        *self.len += 1;
    }
}

/// A geometry as a feature has it: its commands in two pieces.
#[derive(Debug, Clone, Copy)]
struct Geometry<'a> {
    kind: GeometryKind,
    start: Varint,
    rest: Piece<'a>,
}

impl<'a> Geometry<'a> {
    const fn drawn(kind: GeometryKind, commands: &'a [u8]) -> Self {
        let rest = Piece { bytes: commands, len: commands.len() };
        Self { kind, start: Varint::NONE, rest }
    }
}

/// Appends a feature with so many tags, or fewer; `put_id` writes its id, if it has one.
#[inline]
fn put_feature(
    features: &mut Room,
    put_id: impl FnOnce(&mut Cursor<'_>),
    most_tags: usize,
    tags: impl Iterator<Item = Varint>,
    geometry: Geometry<'_>,
) {
    let Geometry { kind, start, rest } = geometry;
    let geometry_len = start.len as usize + rest.len;
    // The type takes a byte for its key and one for itself.
    let tail_len = 2 + bytes_len(geometry_len);
    let most = 3 * (1 + MAX_VARINT) + most_tags * TAG + tail_len;
    features.write(most, |out| {
        out.key(field::LAYER_FEATURE, Wire::Bytes);
        let whole = out.start_len();
        put_id(out);
        let without_tags = out.at();
        out.key(field::FEATURE_TAGS, Wire::Bytes);
        let packed = out.start_len();
        for tag in tags {
            out.word(tag);
        }
        if out.len_since(packed) == 0 {
            out.back_to(without_tags);
        } else {
            out.end_len(packed, 0);
        }
        out.end_len(whole, tail_len);
        out.key(field::FEATURE_TYPE, Wire::Varint);
        out.byte(geometry_type(kind));
        out.key(field::FEATURE_GEOMETRY, Wire::Bytes);
        out.varint(geometry_len as u64);
        out.word(start);
        out.copy(rest);
    });
}

const fn geometry_type(kind: GeometryKind) -> u8 {
    match kind {
        GeometryKind::Point => 1,
        GeometryKind::MultiLineString => 2,
        GeometryKind::MultiPolygon => 3,
    }
}
