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
            is_finished: false,
        }
    }

    /// Waits for the next chunk; `None` at the end of the source.
    pub(super) async fn next_chunk(&mut self) -> Result<Option<Vec<EncodedRecord>>, StoreError> {
        let mut chunk = Vec::new();
        let mut bytes = 0;
        while !self.is_finished && chunk.len() < CHUNK_RECORDS && bytes < CHUNK_BYTES {
            match self.messages.recv().await {
                Some(ImportMessage::Items(items)) => {
                    for item in items {
                        let Some(record) = self.take(item)? else { continue };
                        bytes += record.columns.len();
                        chunk.push(record);
                    }
                }
                Some(ImportMessage::Finished) => self.is_finished = true,
                None => {
                    return Err(StoreError::SourceEndedEarly { layer: self.layer.id.clone() });
                }
            }
        }
        Ok((!chunk.is_empty()).then_some(chunk))
    }

    fn take(&mut self, item: ImportItem) -> Result<Option<EncodedRecord>, StoreError> {
        self.tally.read += 1;
        match item {
            ImportItem::Reject(reject) => self.reject(reject)?,
            ImportItem::Record(record) => match self.check(*record) {
                Ok(record) => return Ok(Some(self.count_faults(record))),
                Err(reject) => self.reject(reject)?,
            },
        }
        Ok(None)
    }

    fn check(&mut self, record: ImportRecord) -> Result<EncodedRecord, Reject> {
        let source_row = record.source_row;
        if !self.keys.insert(xxh3_128(record.source_key.as_bytes())) {
            let detail = format!("key '{}' came before in this source", record.source_key);
            let raw = record.geometry_ewkb;
            return Err(Reject { source_row, code: "source_key_duplicate", detail, raw });
        }
        let raw = record.source_key.clone().into_bytes();
        encode(self.layer, record).map_err(|detail| Reject {
            source_row,
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
