//! The tags of features, as numbers of names and values.
//!
//! Features that are near each other share a block and its dictionaries, so a value is looked for
//! among the tile's once a block, not once a feature.

use urbis_snapshot::SnapshotFeature;

use super::memo::{Memo, Memos};
use super::proto::{Varint, put_bytes};
use super::values::Values;
use crate::attributes::Shown;

/// Bytes of a tag at most: the numbers of a name and of a value, below 2^14 and 2^28.
pub(super) const TAG: usize = 6;

/// Features of a block that share a value on average, at least, where values are remembered.
const MIN_SHARED: usize = 2;

/// Names, values and what is remembered of them, for one layer of a tile.
#[derive(Debug, Default)]
pub(super) struct Tags {
    memos: Memos,
    keys: Keys,
    values: Values,
}

/// The names of attributes that some feature has.
#[derive(Debug, Default)]
struct Keys {
    field: u8,
    /// One field after another.
    bytes: Vec<u8>,
    count: u32,
    /// Of each attribute that is shown.
    numbers: Vec<Option<u32>>,
}

/// The tags of the features of one block.
#[derive(Debug)]
pub(super) struct BlockTags<'t, 'a> {
    memo: Memo<'t>,
    keys: &'t mut Keys,
    values: &'t mut Values,
    shown: &'t [Shown<'t>],
    /// Any feature of the block.
    block: SnapshotFeature<'a>,
}

impl Tags {
    /// Starts a layer of so many features, whose names and values become fields of those numbers.
    pub(super) fn start(&mut self, features: usize, key_field: u8, value_field: u8) {
        self.memos.clear();
        self.keys.clear(key_field);
        self.values.start(features, value_field);
    }

    /// The names of attributes, each as a field.
    pub(super) fn keys(&self) -> &[u8] {
        &self.keys.bytes
    }

    /// The values, each as a field.
    pub(super) fn values(&self) -> &[u8] {
        self.values.bytes()
    }

    /// The tags of the block of a feature.
    #[inline]
    pub(super) fn of<'t, 'a>(
        &'t mut self,
        block: SnapshotFeature<'a>,
        shown: &'t [Shown<'_>],
    ) -> BlockTags<'t, 'a> {
        let Self { memos, keys, values } = self;
        let memo = memos.of(block.block(), || shown.iter().map(move |it| remembered(block, it)));
        BlockTags { memo, keys, values, shown, block }
    }
}

/// Number of codes of an attribute whose tags are remembered.
fn remembered(block: SnapshotFeature<'_>, shown: &Shown<'_>) -> usize {
    let (dictionary, _) = block.column(shown.index);
    // Where few features share a value, it is looked for once a feature. And of a key nothing is
    // shared, whatever the codes say: what lies in which block must not show.
    let is_shared = dictionary.len() * MIN_SHARED <= block.block_len() && !shown.is_key;
    if is_shared { dictionary.len() } else { 0 }
}

impl BlockTags<'_, '_> {
    /// The tag of a value, by the place of its attribute among the shown and its code; none where
    /// there is no value.
    #[inline]
    pub(super) fn tag(&mut self, attribute: usize, code: u16) -> Varint {
        let Self { memo, keys, values, shown, block } = self;
        memo.tag(attribute, code, || {
            let shown = shown[attribute];
            let message = block.column(shown.index).0.message(code);
            if message.is_empty() || !shown.is_seen {
                return Varint::NONE;
            }
            let key = keys.number_of(attribute, shown.name);
            let number = if shown.is_key { values.add(message) } else { values.number_of(message) };
            Varint::pair(key, number)
        })
    }

    /// Tags that a feature has at most.
    pub(super) const fn most(&self) -> usize {
        self.shown.len()
    }

    /// The tags of a feature of the block, in order of the shown attributes.
    pub(super) fn tags_of(&mut self, feature: SnapshotFeature<'_>) -> impl Iterator<Item = Varint> {
        self.shown.iter().enumerate().map(move |(attribute, shown)| {
            self.tag(attribute, feature.column(shown.index).1.get(feature.row()))
        })
    }
}

impl Keys {
    fn clear(&mut self, field: u8) {
        self.field = field;
        self.bytes.clear();
        self.count = 0;
        self.numbers.clear();
    }

    /// The number of an attribute's name, which is there from the first feature with a value on.
    #[inline]
    fn number_of(&mut self, attribute: usize, name: &str) -> u32 {
        if self.numbers.len() <= attribute {
            self.numbers.resize(attribute + 1, None);
        }
        *self.numbers[attribute].get_or_insert_with(|| {
            put_bytes(&mut self.bytes, self.field, name.as_bytes());
            self.count += 1;
            self.count - 1
        })
    }
}
