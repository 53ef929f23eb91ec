//! Takes a source file into a layer: reader on a thread of its own, store, report.

mod failure;
mod job;
mod progress;
mod report;

use anyhow::Context;
use tokio::sync::mpsc;
use urbis_ingest::{Clip, IngestError, ReadOptions, Stop};
use urbis_store::{
    FeatureGeometry, ImportMessage, ImportMode, ImportReport, ImportRequest, Store, StoreError,
    Take,
};

pub use failure::{FailedSource, Interrupted, failure_details, say_failure};
pub use job::{FileOptions, Job, find_layer, parse_crs};
pub use report::say_report;

use crate::environment::actor;
use crate::import::progress::Bar;

/// Batches that may wait between reader and store.
const QUEUED_BATCHES: usize = 8;

/// How to import.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// Who wins a conflict.
    pub take: Option<Take>,
    /// Whether anything is published.
    pub mode: ImportMode,
    /// Only what shares a position with this polygon.
    pub clip: Option<FeatureGeometry>,
}

/// Imports one source.
///
/// # Errors
///
/// Nothing was published with any: those of the reader and of the store.
pub async fn run_job(
    store: &Store,
    job: &Job<'_>,
    options: &ImportOptions,
) -> anyhow::Result<ImportReport> {
    let (send, receive) = mpsc::channel(QUEUED_BATCHES);
    let bar = Bar::new(&format!("{} ← {}", job.layer.id, job.path.display()));
    // Transformed once, for reader and store must agree on what lies in it.
    let clip = match &options.clip {
        Some(clip) => Some(store.transform(clip, job.layer.storage_srid).await?),
        None => None,
    };
    let reading = read(job, clip.clone(), send, bar.clone());
    let request = ImportRequest {
        layer: job.layer,
        source_name: job.name.clone(),
        matching: job.matching(),
        clip,
        take: options.take,
        mode: options.mode,
        actor: actor(),
    };
    let stored = store.import(request, receive).await;
    // The store has dropped its end by now, so the reader ends soon, whatever it is doing.
    let read = reading.await.context("the reader crashed")?;
    bar.clear();
    let place = || FailedSource {
        layer: job.layer.id.clone(),
        source_name: job.name.clone(),
        path: job.path.clone(),
    };
    match (read, stored) {
        // Why the reader stopped says more than that it did.
        (Err(error), Err(StoreError::SourceEndedEarly { .. }) | Ok(_)) => {
            Err(anyhow::Error::new(error).context(place()))
        }
        (_, Err(error)) => Err(anyhow::Error::new(error).context(place())),
        (Ok(()), Ok(report)) => Ok(report),
    }
}

/// GDAL blocks and its handles stay on one thread.
fn read(
    job: &Job<'_>,
    clip: Option<FeatureGeometry>,
    send: mpsc::Sender<ImportMessage>,
    bar: Bar,
) -> tokio::task::JoinHandle<Result<(), IngestError>> {
    let layer = job.layer.clone();
    let (source, path) = (job.source.clone(), job.path.clone());
    let clip = clip.map(|FeatureGeometry { ewkb, srid }| Clip { wkb: ewkb, srid });
    let options = ReadOptions { clip };
    tokio::task::spawn_blocking(move || {
        let mut sink = |items| send.blocking_send(ImportMessage::Items(items)).map_err(|_| Stop);
        urbis_ingest::read_source(&layer, &source, &path, &options, &mut sink, &bar)?;
        // A store that is gone has its own error to tell.
        send.blocking_send(ImportMessage::Finished).ok();
        Ok(())
    })
}
