//! The tags of a few features, made attribute by attribute.
//!
//! Features that are near each other share a block and its dictionaries, so a value is looked for
//! among the tile's once a block, not once a feature.

use urbis_snapshot::{Codes, Dictionary, SnapshotFeature};

use super::memo::{Memo, Memos};
use super::proto::{Varint, put_bytes};
use super::room::BLOCK;
use super::values::Values;
use crate::attributes::Shown;

/// Features whose tags are made together. Their values are numbered attribute by attribute, so a
/// tile's bytes depend on it.
pub(super) const BATCH: usize = 64;

/// Bytes of a tag at most: the numbers of a name and of a value, below 2^14 and 2^28.
const TAG: usize = 6;

/// Bytes that a tag is stored as.
const WORD: usize = 8;

/// Features of a block that share a value on average, at least, where values are remembered.
const MIN_SHARED: usize = 2;

/// The tags of up to [`BATCH`] features.
#[derive(Debug, Default)]
pub(super) struct Tags {
    /// As many bytes for each feature.
    bytes: Vec<u8>,
    each: usize,
    lens: Vec<u32>,
    memos: Memos,
    keys: Keys,
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

/// What tags are made with: the numbers of one attribute's name and of its values.
struct Numbers<'a> {
    keys: &'a mut Keys,
    values: &'a mut Values,
    attribute: usize,
    shown: Shown<'a>,
    dictionary: &'a Dictionary,
}

impl Tags {
    /// Starts a layer with that many attributes, whose names become fields of that number.
    pub(super) fn start(&mut self, attributes: usize, field: u8) {
        // Whoever copies a short one copies a whole block.
        self.each = attributes * TAG + WORD + BLOCK;
        self.bytes.resize(self.bytes.len().max(BATCH * self.each), 0);
        self.memos.clear();
        self.keys.clear(attributes, field);
    }

    /// The names of attributes, each as a field.
    pub(super) fn keys(&self) -> &[u8] {
        &self.keys.bytes
    }

    /// The tags of a feature by its place among those that were given, and what lies behind them;
    /// how many bytes they are.
    #[inline]
    pub(super) fn get(&self, at: usize) -> (&[u8], usize) {
        (&self.bytes[at * self.each..(at + 1) * self.each], self.lens[at] as usize)
    }

    /// Makes the tags of some features, [`BATCH`] at most.
    pub(super) fn make(
        &mut self,
        features: &[SnapshotFeature<'_>],
        shown: &[Shown<'_>],
        values: &mut Values,
    ) {
        self.lens.clear();
        self.lens.resize(features.len(), 0);
        for (attribute, shown) in shown.iter().enumerate() {
            let mut first = 0;
            for run in features.chunk_by(|one, next| one.block() == next.block()) {
                let (dictionary, codes) = run[0].column(shown.index);
                // Where few features share a value, it is looked for once a feature.
                let is_shared = dictionary.len() * MIN_SHARED <= run[0].block_len();
                let codes_noted = if is_shared && !shown.is_key { dictionary.len() } else { 0 };
                let memo = self.memos.of(run[0].block(), attribute, codes_noted);
                let keys = &mut self.keys;
                let numbers = Numbers { keys, values, attribute, shown: *shown, dictionary };
                let mut rows = Rows {
                    bytes: &mut self.bytes[first * self.each..],
                    each: self.each,
                    lens: &mut self.lens[first..],
                };
                rows.put_run(run, codes, memo, numbers);
                first += run.len();
            }
        }
    }
}

/// The tags of the features of a run.
struct Rows<'a> {
    bytes: &'a mut [u8],
    each: usize,
    lens: &'a mut [u32],
}

impl Rows<'_> {
    fn put_run(
        &mut self,
        run: &[SnapshotFeature<'_>],
        codes: &Codes,
        mut memo: Memo<'_>,
        mut numbers: Numbers<'_>,
    ) {
        let rows = run.iter().map(|feature| feature.row() as usize);
        match codes {
            // Nothing is shared, whatever the codes say: what lies in which block must not show.
            _ if numbers.shown.is_key => {
                self.put_all(run.iter().map(|feature| numbers.tag(codes.get(feature.row()))));
            }
            Codes::Zero => {
                let tag = memo.tag(0, |code| numbers.tag(code));
                if tag.len > 0 {
                    self.put_all(rows.map(|_| tag));
                }
            }
            Codes::Row => self.put_all(rows.map(|row| numbers.tag(row as u16))),
            Codes::Byte(codes) => {
                self.put_all(rows.map(|row| memo.tag(codes[row].into(), |code| numbers.tag(code))))
            }
            Codes::Word(codes) => {
                self.put_all(rows.map(|row| memo.tag(codes[row], |code| numbers.tag(code))));
            }
        }
    }

    #[inline]
    fn put_all(&mut self, tags: impl Iterator<Item = Varint>) {
        let all = self.bytes.chunks_exact_mut(self.each).zip(self.lens.iter_mut());
        for ((bytes, len), tag) in all.zip(tags) {
            let at = *len as usize;
            bytes[at..at + WORD].copy_from_slice(&tag.bytes.to_le_bytes());
            *len += tag.len;
        }
    }
}

impl Numbers<'_> {
    /// The tag of a code; none where it has no value.
    fn tag(&mut self, code: u16) -> Varint {
        let message = self.dictionary.message(code);
        if message.is_empty() {
            return Varint::NONE;
        }
        let key = self.keys.number_of(self.attribute, self.shown.name);
        let number = if self.shown.is_key {
            self.values.add(message)
        } else {
            self.values.number_of(message)
        };
        Varint::pair(key, number)
    }
}

impl Keys {
    fn clear(&mut self, attributes: usize, field: u8) {
        self.field = field;
        self.bytes.clear();
        self.count = 0;
        self.numbers.clear();
        self.numbers.resize(attributes, None);
    }

    /// The number of an attribute's name, which is there from the first feature with a value on.
    #[inline]
    fn number_of(&mut self, attribute: usize, name: &str) -> u32 {
        *self.numbers[attribute].get_or_insert_with(|| {
            put_bytes(&mut self.bytes, self.field, name.as_bytes());
            self.count += 1;
            self.count - 1
        })
    }
}
