//! Takes a source file into a layer: reader on a thread of its own, store, report.

mod failure;
mod job;
pub mod progress;
mod report;

use anyhow::Context;
use tokio::sync::mpsc;
use urbis_ingest::{Clip, IngestError, ReadOptions, ReadSummary, Sink, Stop};
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
    let bar = Bar::new(&format!("{} ← {}", job.layer.id, job.path.display()));
    // Transformed once, for reader and store must agree on what lies in it.
    let clip = match &options.clip {
        Some(clip) => Some(store.transform(clip, job.layer.storage_srid).await?),
        None => None,
    };
    let read = reader(job, clip.clone(), bar.clone());
    let request = ImportRequest {
        layer: job.layer,
        source_name: job.name.clone(),
        matching: job.matching(),
        clip,
        take: options.take,
        mode: options.mode,
        actor: actor(),
    };
    let imported = import_from(store, request, read).await;
    bar.clear();
    let place = || FailedSource {
        layer: job.layer.id.clone(),
        source_name: job.name.clone(),
        path: job.path.clone(),
    };
    imported.map(|(_, report)| report).with_context(place)
}

/// Takes what a reader finds into the request's layer, and gives what both of them say.
///
/// The reader has a thread of its own: GDAL blocks and its handles stay on one thread.
///
/// # Errors
///
/// Nothing was published with any: those of the reader and of the store.
pub async fn import_from<T, E>(
    store: &Store,
    request: ImportRequest<'_>,
    read: impl FnOnce(Sink<'_>) -> Result<T, E> + Send + 'static,
) -> anyhow::Result<(T, ImportReport)>
where
    T: Send + 'static,
    E: std::error::Error + Send + Sync + 'static,
{
    let (send, receive) = mpsc::channel(QUEUED_BATCHES);
    let reading = tokio::task::spawn_blocking(move || {
        let mut sink = |items| send.blocking_send(ImportMessage::Items(items)).map_err(|_| Stop);
        let done = read(&mut sink)?;
        // A store that is gone has its own error to tell.
        send.blocking_send(ImportMessage::Finished).ok();
        Ok(done)
    });
    let stored = store.import(request, receive).await;
    // The store has dropped its end by now, so the reader ends soon, whatever it is doing.
    match (reading.await.context("the reader crashed")?, stored) {
        // Why the reader stopped says more than that it did.
        (Err(error), Err(StoreError::SourceEndedEarly { .. }) | Ok(_)) => {
            Err(anyhow::Error::new::<E>(error))
        }
        (_, Err(error)) => Err(error.into()),
        (Ok(done), Ok(report)) => Ok((done, report)),
    }
}

fn reader(
    job: &Job<'_>,
    clip: Option<FeatureGeometry>,
    bar: Bar,
) -> impl FnOnce(Sink<'_>) -> Result<ReadSummary, IngestError> + Send + 'static {
    let layer = job.layer.clone();
    let (source, path) = (job.source.clone(), job.path.clone());
    let clip = clip.map(|FeatureGeometry { ewkb, srid }| Clip { wkb: ewkb, srid });
    let options = ReadOptions { clip };
    move |sink| urbis_ingest::read_source(&layer, &source, &path, &options, sink, &bar)
}
