//! Copies what the spool holds into the database, and lets it go from the spool then.
//!
//! First it brings what the database knows into memory, once. Then batch by batch: copy, keep the
//! last states beside the spool, move the mark. A batch that is copied twice changes nothing, so
//! whatever fails is done again. While the database is away the spool grows; it is logged once when
//! that begins and once when it ends.

use std::convert::Infallible;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;
use urbis_dispatch::{JudgedReport, LiveRecord, RoadStateReport, SpoolError, SpoolMark};
use urbis_store::{LiveWriter, LiveWritten, Store, StoreError, causes};

use super::checkpoint::States;
use super::{Live, decode};
use crate::state::AppState;

/// Pause while there is nothing to drain.
const IDLE: Duration = Duration::from_millis(100);

/// Most records that are copied at once.
const AT_ONCE: usize = 5_000;

/// Waits between attempts while the database is away: doubled from the first to the last.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const LAST_BACKOFF: Duration = Duration::from_secs(2);

/// Least time between two writings of the last states, which are all of them each time.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(2);

/// Drains for ever; does nothing on a node that takes nothing live.
pub(crate) async fn keep_drained(state: &AppState, database_url: &str) -> Infallible {
    let Ok(live) = state.live() else { return std::future::pending().await };
    let mut drain = Drain { live: &live, database_url, copied: live.spool.drained(), kept: None };
    let mut away: Option<Instant> = None;
    let mut backoff = FIRST_BACKOFF;
    let mut is_restored = false;
    loop {
        let Err(error) = drain.run(&mut is_restored, &mut away).await;
        if away.is_none() {
            let (code, cause) = (error.code(), causes(&error));
            tracing::warn!(code, %error, cause, "live state waits in the spool");
            away = Some(Instant::now());
            backoff = FIRST_BACKOFF;
        }
        sleep(backoff).await;
        backoff = (backoff * 2).min(LAST_BACKOFF);
    }
}

/// Why draining stopped for a while.
#[derive(Debug, thiserror::Error)]
pub(super) enum DrainError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error("cannot keep the last states beside the spool")]
    Checkpoint(#[from] std::io::Error),
}

impl DrainError {
    const fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Spool(error) => error.code(),
            Self::Checkpoint(_) => "checkpoint_failed",
        }
    }
}

struct Drain<'a> {
    live: &'a Arc<Live>,
    database_url: &'a str,
    /// What the database has.
    copied: SpoolMark,
    /// When the last states were kept.
    kept: Option<Instant>,
}

/// What is copied at once.
#[derive(Debug, Default)]
struct Batch {
    units: Vec<JudgedReport>,
    roads: Vec<RoadStateReport>,
    next: SpoolMark,
}

impl Drain<'_> {
    /// Drains until something fails.
    async fn run(
        &mut self,
        is_restored: &mut bool,
        away: &mut Option<Instant>,
    ) -> Result<Infallible, DrainError> {
        let mut writer = LiveWriter::open(self.database_url).await?;
        if !*is_restored {
            self.restore().await?;
            *is_restored = true;
        }
        loop {
            let Some(batch) = self.next_batch().await? else {
                self.settle(away).await?;
                sleep(IDLE).await;
                continue;
            };
            let written = writer.write(&batch.units, &batch.roads).await?;
            report_refused(&written);
            self.copied = batch.next;
            self.live.shared.note_copied(batch.next);
            self.settle(away).await?;
        }
    }

    /// Brings what the database knows into memory.
    async fn restore(&self) -> Result<(), DrainError> {
        let store = Store::connect(self.database_url).await?;
        let kept = store.live_state().await?;
        if !kept.unreadable.is_empty() {
            let rows = kept.unreadable.len();
            tracing::warn!(rows, "live state of the database that cannot be read, left out");
        }
        let (units, roads) = (kept.units.len(), kept.roads.len());
        self.live.restore(States { units: kept.units, roads: kept.roads }).await;
        tracing::info!(units, roads, "live state restored");
        Ok(())
    }

    /// The records behind what is copied, as far as memory has them; `None` where there are none.
    async fn next_batch(&self) -> Result<Option<Batch>, DrainError> {
        let (live, from) = (Arc::clone(self.live), self.copied);
        let applied = live.shared.sample();
        if from >= applied {
            return Ok(None);
        }
        let read = move || -> Result<Batch, SpoolError> {
            let found = live.spool.read(from, AT_ONCE)?;
            let mut batch = Batch { next: found.next, ..Batch::default() };
            for record in found.records.iter().filter_map(|bytes| decode(bytes)) {
                match record {
                    LiveRecord::Unit(judged) => batch.units.push(judged),
                    LiveRecord::Road(report) => batch.roads.push(report),
                }
            }
            Ok(batch)
        };
        let batch = off_runtime(read).await?;
        // The last states must have all that leaves the spool.
        Ok(Some(batch).filter(|batch| from < batch.next && batch.next <= applied))
    }

    /// Keeps the last states from time to time, and moves the mark to what is copied and in them.
    async fn settle(&mut self, away: &mut Option<Instant>) -> Result<(), DrainError> {
        if self.copied > self.live.spool.drained() {
            let is_due = self.kept.is_none_or(|kept| kept.elapsed() >= CHECKPOINT_EVERY);
            if !is_due {
                return Ok(());
            }
            let (live, until) = (Arc::clone(self.live), self.copied);
            off_runtime(move || live.let_go(until)).await?;
            self.kept = Some(Instant::now());
        }
        if let Some(since) = away.take() {
            let away_ms = since.elapsed().as_millis();
            tracing::info!(away_ms, "live state is drained again");
        }
        Ok(())
    }
}

impl Live {
    /// Keeps the last states, and lets the records before a place go, which the database has.
    ///
    /// On a full disk the records go first: they are what fills it, and until the states are kept a
    /// start without the database would know less; with them nothing would ever be kept again.
    pub(super) fn let_go(&self, until: SpoolMark) -> Result<(), DrainError> {
        let mut kept = self.checkpoint.write(&self.states());
        if kept.as_ref().is_err_and(|cause| cause.kind() == ErrorKind::StorageFull) {
            self.spool.make_room(until)?;
            kept = self.checkpoint.write(&self.states());
        }
        kept?;
        Ok(self.spool.mark_drained(until)?)
    }
}

fn report_refused(written: &LiveWritten) {
    let (reports, roads) = (written.refused_reports.len(), written.refused_roads.len());
    if reports + roads > 0 {
        tracing::error!(reports, roads, "the database refuses live state for good, left out");
    }
}

async fn off_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("draining neither panics nor is cancelled")
}
