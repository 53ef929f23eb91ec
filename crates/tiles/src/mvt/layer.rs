//! One layer of a tile, with its keys and values in the order in which tags are made.

use std::ops::Range;

use urbis_model::{FeatureId, GeometryKind};
use urbis_snapshot::SnapshotFeature;

use super::commands::{put_commands, start_of};
use super::proto::{Varint, Wire, bytes_len, put_bytes, put_len, put_number, varint_len};
use super::room::Room;
use super::tags::{BATCH, Tags};
use super::values::Values;
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
    values: Values,
    tags: Tags,
    /// Commands of features that wait.
    commands: Vec<u8>,
}

/// Features that wait until there are enough of them, with their commands.
#[derive(Debug)]
pub(crate) struct Waiting<'a> {
    kind: GeometryKind,
    shown: &'a [Shown<'a>],
    features: Vec<SnapshotFeature<'a>>,
    commands: Vec<Commands<'a>>,
}

/// The commands of one feature.
#[derive(Debug, Clone)]
enum Commands<'a> {
    Ready(Ready<'a>),
    /// Where they stand in the writer.
    Drawn(Range<usize>),
}

impl<'a> Waiting<'a> {
    /// None yet, of a layer of that kind, with the attributes that are shown.
    pub(crate) fn new(kind: GeometryKind, shown: &'a [Shown<'a>]) -> Self {
        let (features, commands) = (Vec::with_capacity(BATCH), Vec::with_capacity(BATCH));
        Self { kind, shown, features, commands }
    }
}

impl LayerWriter {
    /// Starts a layer with that many attributes and features, or fewer.
    pub(crate) fn start(&mut self, attributes: usize, features: usize) {
        self.features.clear();
        self.len = 0;
        self.values.start(features, field::LAYER_VALUE);
        self.tags.start(attributes, field::LAYER_KEY);
        self.commands.clear();
    }

    /// Adds a feature that has at least one path, or lets it wait.
    pub(crate) fn add<'a>(
        &mut self,
        waiting: &mut Waiting<'a>,
        feature: SnapshotFeature<'a>,
        paths: &Paths,
    ) {
        let start = self.commands.len();
        put_commands(&mut self.commands, waiting.kind, paths);
        let commands = Commands::Drawn(start..self.commands.len());
        self.push(waiting, feature, commands);
    }

    /// Adds a feature whose commands are ready, or lets it wait.
    #[inline]
    pub(crate) fn add_ready<'a>(
        &mut self,
        waiting: &mut Waiting<'a>,
        feature: SnapshotFeature<'a>,
        ready: Ready<'a>,
    ) {
        self.push(waiting, feature, Commands::Ready(ready));
    }

    #[inline]
    fn push<'a>(
        &mut self,
        waiting: &mut Waiting<'a>,
        feature: SnapshotFeature<'a>,
        commands: Commands<'a>,
    ) {
        waiting.features.push(feature);
        waiting.commands.push(commands);
        if waiting.features.len() == BATCH {
            self.add_waiting(waiting);
        }
    }

    /// Adds all that wait.
    pub(crate) fn add_waiting(&mut self, waiting: &mut Waiting<'_>) {
        let Waiting { kind, shown, features, commands } = waiting;
        self.tags.make(features, shown, &mut self.values);
        for (at, (feature, commands)) in features.iter().zip(&*commands).enumerate() {
            let (start, rest, rest_len) = match commands {
                Commands::Ready(ready) => (start_of(ready.start), ready.rest, ready.rest_len),
                Commands::Drawn(range) => {
                    (Varint::NONE, &self.commands[range.start..], range.len())
                }
            };
            let id = Some(feature.id());
            let geometry = Geometry { kind: *kind, start, rest, rest_len };
            put_feature(&mut self.features, id, self.tags.get(at), geometry);
        }
        self.len += features.len();
        features.clear();
        commands.clear();
        self.commands.clear();
    }

    /// The tags of one feature: what is equal has equal tags.
    pub(crate) fn tags(&mut self, feature: SnapshotFeature<'_>, shown: &[Shown<'_>]) -> &[u8] {
        self.tags.make(&[feature], shown, &mut self.values);
        let (bytes, len) = self.tags.get(0);
        &bytes[..len]
    }

    /// Adds what several features were joined to.
    pub(crate) fn add_joined(&mut self, tags: &[u8], kind: GeometryKind, paths: &Paths) {
        self.commands.clear();
        put_commands(&mut self.commands, kind, paths);
        let (rest, rest_len) = (&self.commands[..], self.commands.len());
        let geometry = Geometry { kind, start: Varint::NONE, rest, rest_len };
        put_feature(&mut self.features, None, (tags, tags.len()), geometry);
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
        let parts = [self.features.as_slice(), self.tags.keys(), self.values.bytes()];
        let len = ends + bytes_len(name.len()) + parts.iter().map(|part| part.len()).sum::<usize>();
        tile.reserve(bytes_len(len));
        put_len(tile, field::TILE_LAYER, len);
        put_number(tile, field::LAYER_VERSION, VERSION);
        put_bytes(tile, field::LAYER_NAME, name.as_bytes());
        parts.iter().for_each(|part| tile.extend_from_slice(part));
        put_number(tile, field::LAYER_EXTENT, u64::from(EXTENT));
    }
}

/// A geometry as a feature has it: its commands in two pieces.
#[derive(Debug, Clone, Copy)]
struct Geometry<'a> {
    kind: GeometryKind,
    start: Varint,
    rest: &'a [u8],
    /// Bytes of the rest; what follows them is something else.
    rest_len: usize,
}

/// Appends a feature; of the tags what counts is as long as is said.
#[inline]
fn put_feature(
    features: &mut Room,
    id: Option<FeatureId>,
    (tags, tags_len): (&[u8], usize),
    geometry: Geometry<'_>,
) {
    let Geometry { kind, start, rest, rest_len } = geometry;
    let geometry_len = start.len as usize + rest_len;
    let id_len = id.map_or(0, |id| 1 + varint_len(id.value()));
    let tags_field = if tags_len == 0 { 0 } else { bytes_len(tags_len) };
    // The type takes a byte for its key and one for itself.
    let len = id_len + tags_field + 2 + bytes_len(geometry_len);
    features.write(bytes_len(len), |out| {
        out.key(field::LAYER_FEATURE, Wire::Bytes);
        out.varint(len as u64);
        if let Some(id) = id {
            out.key(field::FEATURE_ID, Wire::Varint);
            out.varint(id.value());
        }
        if tags_len > 0 {
            out.key(field::FEATURE_TAGS, Wire::Bytes);
            out.varint(tags_len as u64);
            out.copy(tags, tags_len);
        }
        out.key(field::FEATURE_TYPE, Wire::Varint);
        out.byte(geometry_type(kind));
        out.key(field::FEATURE_GEOMETRY, Wire::Bytes);
        out.varint(geometry_len as u64);
        out.word(start);
        out.copy(rest, rest_len);
    });
}

const fn geometry_type(kind: GeometryKind) -> u8 {
    match kind {
        GeometryKind::Point => 1,
        GeometryKind::MultiLineString => 2,
        GeometryKind::MultiPolygon => 3,
    }
}
