//! Live state: what units and roads report, kept before it is acknowledged, seen at once.
//!
//! - **In**: reports that were read and checked, from whoever may send them.
//! - **Out**: the fleet and the live roads of [`crate::present::Present`]; what became of each
//!   report, once it is in the spool.
//! - **Behind**: a task drains the spool into the database, and puts the last states beside it.
//!
//! Every queue is bounded: who sends more than can be kept is told to come back.

mod checkpoint;
mod drain;
mod merge;
#[cfg(test)]
mod races;
mod recovery;
mod road_book;
mod road_state;
mod state_json;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval};
use urbis_dispatch::{LiveRecord, Outcome, Spool, SpoolBatch, SpoolError, SpoolLimits, UnitReport};
use urbis_store::KeyRecord;

use crate::present::Board;
use crate::problem::ApiError;

use checkpoint::{Checkpoint, States};
use recovery::Recovered;
use writer::{Job, Shared, Writer};

pub(crate) use drain::keep_drained;
pub(crate) use road_book::RoadVerdict;
pub(crate) use road_state::{RoadReport, read_road_states};
pub(crate) use writer::{RoadOutcome, Written};

/// Jobs that wait for the writer; beyond them a client is told to come back.
const MAX_JOBS: usize = 128;

/// Most reports of one job: the jobs of other clients come between those of a long body.
const JOB_LEN: usize = 500;

/// Time between two looks at what has expired.
const TICK: Duration = Duration::from_millis(250);

/// Records that are read back at once.
const READ_AT_ONCE: usize = 5_000;

/// Time after which reports that the database lacks wait, and are not just on their way.
const WAITING: Duration = Duration::from_secs(5);

/// Share of the spool's room from which on the node says that it fills.
const FILLING: f64 = 0.5;

/// The live state's writer and its spool.
#[derive(Debug)]
pub(crate) struct Live {
    jobs: mpsc::Sender<Job>,
    board: Arc<Board>,
    spool: Arc<Spool>,
    limits: SpoolLimits,
    shared: Arc<Shared>,
    checkpoint: Checkpoint,
    /// Keys that are to be written.
    keys: Mutex<Option<Vec<KeyRecord>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// How full the spool is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SpoolState {
    /// Bytes that the database does not have yet.
    pub waiting_bytes: u64,
    /// Most of them.
    pub max_bytes: u64,
    /// Time since the database last had all that was sent; 0 while it has.
    pub oldest: Duration,
}

impl SpoolState {
    /// How it stands: `filling` says that somebody should look after the database before nothing
    /// more can be kept.
    pub fn word(self) -> &'static str {
        if self.waiting_bytes as f64 > self.max_bytes as f64 * FILLING {
            "filling"
        } else if self.oldest > WAITING {
            "waiting"
        } else {
            "draining"
        }
    }
}

impl Live {
    /// Opens the spool of a folder, brings what it holds into memory and starts to write.
    ///
    /// Blocks. Must be called within a runtime.
    ///
    /// # Errors
    ///
    /// Those of the spool.
    pub fn open(
        board: &Arc<Board>,
        folder: &Path,
        limits: SpoolLimits,
    ) -> Result<Self, SpoolError> {
        let (spool, recovery) = Spool::open(folder, limits)?;
        if !recovery.damages.is_empty() {
            let bytes: u64 = recovery.damages.iter().map(|damage| damage.bytes).sum();
            tracing::error!(bytes, "the spool is damaged, the records around are kept");
        }
        let (spool, shared) = (Arc::new(spool), Arc::<Shared>::default());
        let checkpoint = Checkpoint::new(folder);
        let records = recover(board, &shared, &spool, checkpoint.read())?;
        tracing::info!(records, torn_bytes = recovery.torn_bytes, "spool opened");

        let (jobs, taken) = mpsc::channel(MAX_JOBS);
        let writer = Writer {
            board: Arc::clone(board),
            spool: Arc::clone(&spool),
            shared: Arc::clone(&shared),
            jobs: taken,
        };
        let thread = std::thread::Builder::new().name("live-writer".into()).spawn(|| writer.run());
        let thread = thread.map_err(|cause| SpoolError::Io {
            doing: "start the writer of",
            path: folder.to_owned(),
            cause: Arc::new(cause),
        })?;
        tokio::spawn(keep_ticking(jobs.downgrade()));
        let thread = Mutex::new(Some(thread));
        let board = Arc::clone(board);
        Ok(Self { jobs, board, spool, limits, shared, checkpoint, keys: Mutex::default(), thread })
    }

    /// Takes reports of units; returns when they are on the disk and seen.
    ///
    /// # Errors
    ///
    /// [`ApiError::TooManyReports`], [`ApiError::SpoolFull`], [`ApiError::SpoolFailed`]; nothing is
    /// acknowledged then, though a part may be kept.
    pub async fn take_units(&self, reports: Vec<UnitReport>) -> Result<Written<Outcome>, ApiError> {
        self.take(reports, Job::Units).await
    }

    /// The same of roads.
    ///
    /// # Errors
    ///
    /// Those of [`Self::take_units`].
    pub async fn take_roads(
        &self,
        reports: Vec<RoadReport>,
    ) -> Result<Written<RoadOutcome>, ApiError> {
        self.take(reports, Job::Roads).await
    }

    async fn take<R, T>(
        &self,
        mut reports: Vec<R>,
        job: impl Fn(Vec<R>, writer::Reply<T>) -> Job,
    ) -> Result<Written<T>, ApiError> {
        let count = reports.len().div_ceil(JOB_LEN);
        let places = self.jobs.try_reserve_many(count).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(()) => ApiError::TooManyReports,
            mpsc::error::TrySendError::Closed(()) => ApiError::SpoolFailed,
        })?;
        let mut answers = Vec::with_capacity(count);
        for place in places {
            let rest = reports.split_off(reports.len().min(JOB_LEN));
            let (reply, answer) = oneshot::channel();
            place.send(job(std::mem::replace(&mut reports, rest), reply));
            answers.push(answer);
        }
        let mut all = Written { outcomes: Vec::new(), epochs: None };
        for answer in answers {
            // A writer that is gone has kept nothing that it did not tell of.
            let written = answer.await.map_err(|_| ApiError::SpoolFailed)??;
            all.outcomes.extend(written.outcomes);
            all.epochs = written.epochs;
        }
        Ok(all)
    }

    /// Takes in what the database knows; what is known here and later stays.
    async fn restore(&self, states: States) {
        let (done, restored) = oneshot::channel();
        if self.jobs.send(Job::Restore(states, done)).await.is_ok() {
            // A writer that is gone restores nothing.
            restored.await.ok();
        }
    }

    /// The last states of everything live.
    fn states(&self) -> States {
        // Roads first: what comes meanwhile is in the spool, behind the mark.
        let roads = self.shared.book().roads.reports().cloned().collect();
        let units = self.board.fleet().units().iter().map(|unit| unit.state()).collect();
        States { units, roads }
    }

    /// How full the spool is.
    pub fn spool_state(&self) -> SpoolState {
        let waiting_bytes = self.spool.waiting_bytes();
        let oldest =
            self.shared.book().behind_since.map_or(Duration::ZERO, |since| since.elapsed());
        SpoolState { waiting_bytes, max_bytes: self.limits.max_bytes, oldest }
    }

    /// Keeps keys for a start without the database, beside the thread that asks.
    pub fn keep_keys(self: &Arc<Self>, keys: Vec<KeyRecord>) {
        *self.waiting_keys() = Some(keys);
        let live = Arc::clone(self);
        tokio::task::spawn_blocking(move || live.write_keys());
    }

    /// Writes the keys that wait to be kept; of two lists the later one is written last.
    fn write_keys(&self) {
        let mut waiting = self.waiting_keys();
        let Some(keys) = waiting.take() else { return };
        if let Err(cause) = self.checkpoint.write_keys(&keys) {
            tracing::warn!(%cause, "cannot keep the keys for a start without the database");
        }
    }

    fn waiting_keys(&self) -> MutexGuard<'_, Option<Vec<KeyRecord>>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the last states and the keys are kept.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Ends the thread once nobody else holds this; what was taken is written first. Blocks.
    pub fn close(self: Arc<Self>) {
        self.write_keys();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(self);
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the writer of live state ended by a panic");
        }
    }
}

/// Brings the last states and the records that came after them into memory; gives the number of
/// records.
fn recover(
    board: &Board,
    shared: &Shared,
    spool: &Spool,
    states: States,
) -> Result<usize, SpoolError> {
    let mut recovered = Recovered::new(states);
    let mut mark = spool.drained();
    let mut count = 0;
    loop {
        let SpoolBatch { records, next } = spool.read(mark, READ_AT_ONCE)?;
        if records.is_empty() {
            break;
        }
        count += records.len();
        recovered.take(records.iter().filter_map(|bytes| decode(bytes)));
        mark = next;
    }
    recovered.show(board, shared, mark, count);
    Ok(count)
}

/// A record; one of another program is left out, and told of.
fn decode(bytes: &[u8]) -> Option<LiveRecord> {
    let record = LiveRecord::from_bytes(bytes);
    if let Err(error) = &record {
        tracing::error!(code = error.code(), "a record of the spool cannot be read, left out");
    }
    record.ok()
}

/// Asks for an end of what has expired, until the writer is gone.
async fn keep_ticking(jobs: mpsc::WeakSender<Job>) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(jobs) = jobs.upgrade() else { return };
        // A queue that is full has batches that look, too.
        drop(jobs.try_send(Job::Tick));
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use urbis_dispatch::{Agency, ReportId, UnitDescription, UnitId};
    use urbis_model::{Moment, Openness};

    use super::*;

    fn report(number: u128) -> UnitReport {
        UnitReport {
            id: ReportId(number),
            unit: UnitId::new("a").unwrap(),
            observed_at: Moment::now(),
            received_at: Moment::now(),
            position: None,
            status: None,
            description: Some(UnitDescription {
                title: "A".repeat(200),
                agency: Agency::Fire114,
                profile: "pumper".into(),
                capabilities: vec![],
                openness: Openness::Open,
                is_simulated: true,
            }),
        }
    }

    #[tokio::test]
    async fn more_than_can_be_kept_soon_is_refused_at_once_and_the_rest_is_kept() {
        let (board, folder) = (Arc::<Board>::default(), tempfile::tempdir().unwrap());
        let live = Arc::new(Live::open(&board, folder.path(), SpoolLimits::default()).unwrap());
        let held = board.hold();
        let mut waiting = Vec::new();
        let refused = loop {
            let live = Arc::clone(&live);
            let number = waiting.len() as u128;
            let mut taking = Box::pin(async move { live.take_units(vec![report(number)]).await });
            match taking.as_mut().now_or_never() {
                Some(answer) => break answer,
                None => waiting.push(taking),
            }
            assert!(waiting.len() < 10 * MAX_JOBS, "the queue has no end");
        };
        assert_eq!(refused, Err(ApiError::TooManyReports));
        assert!(waiting.len() >= MAX_JOBS);
        drop(held);
        for taking in waiting {
            assert!(taking.await.is_ok());
        }
        tokio::task::spawn_blocking(|| live.close()).await.unwrap();
    }

    #[tokio::test]
    async fn what_the_spool_does_not_take_is_not_acknowledged_and_seen_by_nobody() {
        let (board, folder) = (Arc::<Board>::default(), tempfile::tempdir().unwrap());
        let limits = SpoolLimits { max_bytes: 2_000, segment_bytes: 1_000 };
        let live = Arc::new(Live::open(&board, folder.path(), limits).unwrap());
        let mut taken = 0;
        let refused = loop {
            match live.take_units(vec![report(taken)]).await {
                Ok(_) => taken += 1,
                Err(error) => break error,
            }
            assert!(taken < 100, "the spool has no end");
        };
        assert_eq!(refused, ApiError::SpoolFull);
        assert!(taken > 0);
        assert_eq!(u128::from(board.fleet().epoch()), taken);
        assert_eq!(live.spool_state().word(), "filling");
        tokio::task::spawn_blocking(|| live.close()).await.unwrap();
    }
}
