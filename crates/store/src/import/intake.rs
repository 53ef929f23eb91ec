//! Receives a source's records, counts them, and hands out what can be stored in chunks.

use std::collections::{BTreeMap, HashSet};

use tokio::sync::mpsc::Receiver;
use urbis_catalog::Layer;
use urbis_model::{ImportItem, ImportRecord, Reject};
use xxhash_rust::xxh3::xxh3_128;

use super::ImportMessage;
use super::encode::{EncodedRecord, encode};
use crate::StoreError;

/// A chunk is sent when it holds so many records...
const CHUNK_RECORDS: usize = 8_192;
/// ...or so many bytes.
const CHUNK_BYTES: usize = 4 << 20;

/// Counts of what came.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) read: u64,
    pub(super) flagged: u64,
    pub(super) rejected: u64,
    pub(super) reject_codes: BTreeMap<String, u64>,
    pub(super) fault_codes: BTreeMap<String, u64>,
}

/// What came since the last chunk.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) records: Vec<EncodedRecord>,
    /// Keys of records that the source has and that were not read.
    pub(super) unread_keys: Vec<String>,
}

impl Chunk {
    fn len(&self) -> usize {
        self.records.len() + self.unread_keys.len()
    }
}

/// Whether features whose record did not come may be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closing {
    Allowed,
    /// A record came whose key cannot be read: nobody can say which record is missing.
    Withheld,
}

/// The receiving end of an import.
#[derive(Debug)]
pub(super) struct Intake<'a> {
    layer: &'a Layer,
    messages: Receiver<ImportMessage>,
    pub(super) tally: Tally,
    /// At most one more than the layer's limit allows.
    pub(super) rejects: Vec<Reject>,
    /// Hashes of the keys that came, to find the second of a kind.
    keys: HashSet<u128>,
    pub(super) closing: Closing,
    is_finished: bool,
}

impl<'a> Intake<'a> {
    pub(super) fn new(layer: &'a Layer, messages: Receiver<ImportMessage>) -> Self {
        Self {
            layer,
            messages,
            tally: Tally::default(),
            rejects: Vec::new(),
            keys: HashSet::new(),
            closing: Closing::Allowed,
            is_finished: false,
        }
    }

    /// Waits for the next chunk; `None` at the end of the source.
    pub(super) async fn next_chunk(&mut self) -> Result<Option<Chunk>, StoreError> {
        let mut chunk = Chunk::default();
        let mut bytes = 0;
        while !self.is_finished && chunk.len() < CHUNK_RECORDS && bytes < CHUNK_BYTES {
            match self.messages.recv().await {
                Some(ImportMessage::Items(items)) => {
                    for item in items {
                        bytes += self.take(item, &mut chunk)?;
                    }
                }
                Some(ImportMessage::Finished) => self.is_finished = true,
                None => {
                    return Err(StoreError::SourceEndedEarly { layer: self.layer.id.clone() });
                }
            }
        }
        Ok((chunk.len() > 0).then_some(chunk))
    }

    /// Puts an item into a chunk; gives the bytes of its row.
    fn take(&mut self, item: ImportItem, chunk: &mut Chunk) -> Result<usize, StoreError> {
        let checked = match item {
            ImportItem::Skipped { source_key } => {
                self.spare(source_key, chunk);
                return Ok(0);
            }
            ImportItem::Reject(reject) => Err(reject),
            ImportItem::Record(record) => self.check(*record),
        };
        self.tally.read += 1;
        match checked {
            Ok(record) => {
                let bytes = record.columns.len();
                chunk.records.push(self.count_faults(record));
                Ok(bytes)
            }
            Err(reject) => {
                self.spare(reject.source_key.clone(), chunk);
                self.reject(reject).map(|()| 0)
            }
        }
    }

    /// Sees to it that the feature of a record that was not read is not closed.
    fn spare(&mut self, source_key: Option<String>, chunk: &mut Chunk) {
        // No stored key has a NUL: such a one is broken, and may have been any other.
        match source_key.filter(|key| !key.contains('\0')) {
            Some(key) => chunk.unread_keys.push(key),
            None => self.closing = Closing::Withheld,
        }
    }

    fn check(&mut self, record: ImportRecord) -> Result<EncodedRecord, Reject> {
        let source_row = record.source_row;
        let source_key = Some(record.source_key.clone());
        if !self.keys.insert(xxh3_128(record.source_key.as_bytes())) {
            let detail = format!("key '{}' came before in this source", record.source_key);
            let raw = record.geometry_ewkb;
            let code = "source_key_duplicate";
            return Err(Reject { source_row, source_key, code, detail, raw });
        }
        let raw = record.source_key.clone().into_bytes();
        encode(self.layer, record).map_err(|detail| Reject {
            source_row,
            source_key,
            code: "record_unstorable",
            detail,
            raw,
        })
    }

    fn count_faults(&mut self, record: EncodedRecord) -> EncodedRecord {
        self.tally.flagged += u64::from(!record.faults.is_empty());
        for (code, _) in &record.faults {
            *self.tally.fault_codes.entry((*code).to_owned()).or_default() += 1;
        }
        record
    }

    fn reject(&mut self, reject: Reject) -> Result<(), StoreError> {
        self.tally.rejected += 1;
        *self.tally.reject_codes.entry(reject.code.to_owned()).or_default() += 1;
        self.rejects.push(reject);
        let limit = self.layer.import.max_rejects;
        if self.tally.rejected <= limit {
            return Ok(());
        }
        Err(StoreError::TooManyRejects {
            layer: self.layer.id.clone(),
            rejected: self.tally.rejected,
            read: self.tally.read,
            limit,
        })
    }
}
