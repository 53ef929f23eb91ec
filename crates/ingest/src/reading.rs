//! The same for every format: records become items, items are counted and handed over.

use urbis_catalog::Layer;
use urbis_model::ImportItem;

use crate::error::{IngestError, Stop};
use crate::geometry::Rejection;
use crate::importer::Importer;
use crate::progress::{Advance, Progress};
use crate::read::{ReadSummary, Sink};
use crate::record::SourceRecord;

/// Most items handed over at once.
const BATCH_ITEMS: usize = 500;

/// Most bytes of geometry handed over at once; one large geometry may exceed it.
const BATCH_BYTES: usize = 4 << 20;

/// Features between two reports of progress.
const REPORT_EVERY: u64 = 500;

/// A reading under way.
pub(crate) struct Reading<'a> {
    pub(crate) layer: &'a Layer,
    pub(crate) importer: Importer,
    pub(crate) advance: Advance,
    sink: Sink<'a>,
    progress: &'a dyn Progress,
    batch: Vec<ImportItem>,
    batch_bytes: usize,
    summary: ReadSummary,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(
        layer: &'a Layer,
        importer: Importer,
        sink: Sink<'a>,
        progress: &'a dyn Progress,
    ) -> Self {
        Self {
            layer,
            importer,
            advance: Advance { seen: 0, total: None, fraction: None },
            sink,
            progress,
            batch: Vec::new(),
            batch_bytes: 0,
            summary: ReadSummary::default(),
        }
    }

    /// Hands over what is left.
    pub(crate) fn finish(mut self) -> Result<ReadSummary, IngestError> {
        self.hand_over()?;
        self.advance.fraction = Some(1.0);
        self.progress.advance(self.advance);
        tracing::debug!(layer.id = %self.layer.id, rows = self.summary.read, "read a source");
        Ok(self.summary)
    }

    /// Reports progress, every so often.
    pub(crate) fn report(&self) {
        if self.advance.seen.is_multiple_of(REPORT_EVERY) {
            self.progress.advance(self.advance);
        }
    }

    /// Counts a record that the source's conditions leave out.
    pub(crate) fn skip(&mut self) {
        self.summary.skipped += 1;
    }

    /// Takes a record that could not be put together.
    pub(crate) fn refuse(
        &mut self,
        record: &SourceRecord,
        rejection: Rejection,
    ) -> Result<(), IngestError> {
        let item = self.importer.refuse(record, rejection);
        self.put(item)
    }

    /// Takes a record.
    pub(crate) fn take(&mut self, record: &SourceRecord) -> Result<(), IngestError> {
        match self.importer.take(record) {
            Some(item) => self.put(item),
            None => {
                self.skip();
                Ok(())
            }
        }
    }

    fn put(&mut self, item: ImportItem) -> Result<(), IngestError> {
        self.count(&item);
        self.batch_bytes += match &item {
            ImportItem::Record(record) => record.geometry_ewkb.len(),
            ImportItem::Reject(reject) => reject.raw.len(),
            ImportItem::Skipped { source_key } => source_key.as_ref().map_or(0, String::len),
        };
        self.batch.push(item);
        if self.batch.len() >= BATCH_ITEMS || self.batch_bytes >= BATCH_BYTES {
            self.hand_over()?;
        }
        self.check_rejects()
    }

    fn count(&mut self, item: &ImportItem) {
        let summary = &mut self.summary;
        summary.read += u64::from(!matches!(item, ImportItem::Skipped { .. }));
        match item {
            ImportItem::Record(record) if record.faults.is_empty() => summary.sound += 1,
            ImportItem::Record(_) => summary.flagged += 1,
            ImportItem::Reject(_) => summary.rejected += 1,
            ImportItem::Skipped { .. } => summary.skipped += 1,
        }
    }

    fn hand_over(&mut self) -> Result<(), IngestError> {
        self.batch_bytes = 0;
        if self.batch.is_empty() {
            return Ok(());
        }
        let items = std::mem::take(&mut self.batch);
        (self.sink)(items).map_err(|Stop| IngestError::Stopped { read: self.summary.read })
    }

    fn check_rejects(&mut self) -> Result<(), IngestError> {
        let limit = self.layer.import.max_rejects;
        let ReadSummary { read, rejected, .. } = self.summary;
        if rejected <= limit {
            return Ok(());
        }
        // What was rejected is what someone must look at now.
        self.hand_over()?;
        Err(IngestError::TooManyRejects { layer: self.layer.id.clone(), rejected, read, limit })
    }
}
