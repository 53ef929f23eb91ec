//! The one thread that writes live state: judge, keep, show, tell; in this order, batch by batch.
//!
//! ```text
//! requests ─▶ bounded queue ─▶ [ judge ─▶ spool, one fsync ─▶ memory ─▶ answers ] ─▶ ...
//! ```
//!
//! What waits while a batch is written makes the next one. Nothing is acknowledged, or seen by
//! anybody, that is not on the disk. What cannot be kept changes nothing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};
use urbis_dispatch::{
    Applied, Fleet, JudgedReport, LiveRecord, Outcome, Spool, SpoolError, SpoolMark, UnitReport,
};
use urbis_model::Moment;
use urbis_network::{RoadStateOutcome, RoadStateUpdate, Roads};
use urbis_store::causes;

use super::checkpoint::States;
use super::merge::merge_units;
use super::road_book::{RoadBook, RoadVerdict};
use super::road_state::RoadReport;
use crate::present::{Board, Epochs, NextFleet, Present, Shown, streets};
use crate::problem::ApiError;

/// Most reports that are written together: a bound on the time that the next ones wait.
const MOST_AT_ONCE: usize = 1000;

/// What the thread is asked for.
#[derive(Debug)]
pub(super) enum Job {
    /// To take reports of units.
    Units(Vec<UnitReport>, Reply<Outcome>),
    /// To take reports of roads.
    Roads(Vec<RoadReport>, Reply<RoadOutcome>),
    /// To take in what the database knows; what is known here and later stays.
    Restore(States, oneshot::Sender<()>),
    /// To end what has expired.
    Tick,
}

/// Where the outcomes of reports go, in their order.
pub(super) type Reply<T> = oneshot::Sender<Result<Written<T>, ApiError>>;

/// What became of reports that are on the disk, and the state that shows them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Written<T> {
    /// In the order of the reports.
    pub outcomes: Vec<T>,
    /// The epochs that have them; `None` while there is no city.
    pub epochs: Option<Epochs>,
}

/// What became of a report of a road that is on the disk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RoadOutcome {
    /// Whether it counts.
    pub verdict: RoadVerdict,
    /// What it does to the roads; `None` where it does not count, and while there is no city.
    pub effect: Option<RoadStateOutcome>,
}

/// What the thread shares with whoever drains and reports.
#[derive(Debug, Default)]
pub(super) struct Shared {
    book: Mutex<Book>,
}

/// What is known of roads, and how much of the spool memory has.
#[derive(Debug, Clone, Default)]
pub(super) struct Book {
    pub roads: RoadBook,
    /// Every record before it is in memory.
    pub applied: SpoolMark,
    /// Since when the database lacks something that is in memory; `None` while it does not.
    pub behind_since: Option<Instant>,
    /// What was in memory at a moment that the database has not come to yet.
    sampled: Option<(SpoolMark, Instant)>,
}

impl Shared {
    pub fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is in memory now, for whoever copies it.
    pub fn sample(&self) -> SpoolMark {
        let mut book = self.book();
        let applied = book.applied;
        book.sampled.get_or_insert_with(|| (applied, Instant::now()));
        applied
    }

    /// Notes that the database has every record before a mark. In a stream that never ends it is
    /// never level with memory, but not behind what was there a moment ago.
    pub fn note_copied(&self, copied: SpoolMark) {
        let mut book = self.book();
        let passed = book.sampled.take_if(|(mark, _)| *mark <= copied);
        if copied >= book.applied {
            book.behind_since = None;
        } else if let Some((_, at)) = passed {
            book.behind_since = book.behind_since.max(Some(at));
        }
    }
}

/// The thread's own.
#[derive(Debug)]
pub(super) struct Writer {
    pub board: Arc<Board>,
    pub spool: Arc<Spool>,
    pub shared: Arc<Shared>,
    pub jobs: mpsc::Receiver<Job>,
}

/// Reports that are written together.
#[derive(Debug, Default)]
struct Batch {
    units: Vec<UnitReport>,
    unit_replies: Vec<(usize, Reply<Outcome>)>,
    roads: Vec<RoadReport>,
    road_replies: Vec<(usize, Reply<RoadOutcome>)>,
    is_tick: bool,
}

/// What a batch makes of the present state.
struct Judged {
    fleet: Applied,
    /// What the units were put on.
    streets: Option<Arc<Roads>>,
    /// What the book does not have yet.
    roads: RoadBook,
    verdicts: Vec<RoadVerdict>,
    updates: Vec<RoadStateUpdate>,
}

impl Writer {
    /// Works until nobody can ask for anything more.
    pub fn run(mut self) {
        while let Some(first) = self.jobs.blocking_recv() {
            let mut batch = Batch::default();
            let mut next = Some(first);
            while let Some(job) = next {
                match job {
                    Job::Restore(states, done) => {
                        self.write(std::mem::take(&mut batch));
                        self.restore(states);
                        // Whoever asked may be gone.
                        done.send(()).ok();
                    }
                    job => batch.add(job),
                }
                next = if batch.len() < MOST_AT_ONCE { self.jobs.try_recv().ok() } else { None };
            }
            self.write(batch);
        }
    }

    fn write(&self, batch: Batch) {
        if batch.is_empty() {
            return;
        }
        let now = Moment::now();
        if batch.is_tick {
            self.shared.book().roads.forget(now);
        }
        let judged = self.judge(&batch, now);
        match self.keep(&batch, &judged) {
            Ok(mark) => {
                let (units, verdicts) = (judged.fleet.outcomes.clone(), judged.verdicts.clone());
                let shown = self.show(judged, mark, now);
                let mut effects = shown.roads.into_iter();
                let roads = verdicts.into_iter().map(|verdict| {
                    let effect = verdict.is_applied().then(|| effects.next()).flatten();
                    RoadOutcome { verdict, effect }
                });
                batch.answer(units, roads.collect(), shown.epochs);
            }
            Err(error) => {
                let (code, cause) = (error.code(), causes(&error));
                tracing::error!(code, %error, cause, "cannot keep live reports");
                batch.refuse(&error);
            }
        }
    }

    fn judge(&self, batch: &Batch, now: Moment) -> Judged {
        let present = self.board.load();
        let fleet = self.board.fleet();
        let fleet = fleet.apply(&batch.units, present.as_deref().map(streets), now);
        let streets = present.as_deref().map(Present::roads);
        let book = self.shared.book();
        let mut roads = RoadBook::default();
        let mut verdicts = Vec::with_capacity(batch.roads.len());
        let mut updates = Vec::new();
        let live = present.as_deref().filter(|_| !batch.roads.is_empty());
        let is_covered = live.is_some_and(|present| RoadBook::is_covered(&present.live));
        for road in &batch.roads {
            let verdict = if is_covered && !road.report.is_cleared {
                RoadVerdict::BookFull
            } else {
                book.roads.judge(&mut roads, road, now)
            };
            if verdict.is_applied() {
                updates.push(road.update.clone());
            }
            verdicts.push(verdict);
        }
        Judged { fleet, streets, roads, verdicts, updates }
    }

    /// Puts what is new on the disk; `None` where nothing is.
    fn keep(&self, batch: &Batch, judged: &Judged) -> Result<Option<SpoolMark>, SpoolError> {
        let units = batch.units.iter().zip(&judged.fleet.outcomes);
        let units = units.filter(|(_, outcome)| outcome.is_to_store()).map(|(report, outcome)| {
            LiveRecord::Unit(JudgedReport { report: report.clone(), outcome: *outcome }).to_bytes()
        });
        let roads = batch.roads.iter().zip(&judged.verdicts);
        let roads = roads
            .filter(|(_, verdict)| verdict.is_applied())
            .map(|(road, _)| LiveRecord::Road(road.report.clone()).to_bytes());
        let records: Vec<Vec<u8>> = units.chain(roads).collect();
        if records.is_empty() {
            return Ok(None);
        }
        self.spool.append(&records).map(Some)
    }

    /// Makes it what requests see.
    fn show(&self, judged: Judged, mark: Option<SpoolMark>, now: Moment) -> Shown {
        let next = NextFleet { fleet: judged.fleet.fleet, roads: judged.streets };
        let shown = self.board.change_live(next, judged.updates, now);
        let mut book = self.shared.book();
        book.roads.commit(judged.roads);
        if let Some(mark) = mark {
            book.applied = mark;
            book.behind_since.get_or_insert_with(Instant::now);
        }
        shown
    }

    /// Takes in what was kept elsewhere.
    fn restore(&self, states: States) {
        let now = Moment::now();
        let fleet = self.board.fleet();
        let merged = merge_units(fleet.units().iter().map(|unit| unit.state()), states.units);
        let present = self.board.load();
        let fleet = match merged {
            Some(units) => fleet.with_states(units, present.as_deref().map(streets)),
            None => Fleet::clone(&fleet),
        };
        let next = NextFleet { fleet, roads: present.as_deref().map(Present::roads) };
        let restored = self.shared.book().roads.restore(states.roads);
        let updates = restored.iter().filter_map(RoadReport::update_of).collect();
        self.board.change_live(next, updates, now);
    }
}

impl Batch {
    fn add(&mut self, job: Job) {
        match job {
            Job::Units(reports, reply) => {
                self.unit_replies.push((reports.len(), reply));
                self.units.extend(reports);
            }
            Job::Roads(reports, reply) => {
                self.road_replies.push((reports.len(), reply));
                self.roads.extend(reports);
            }
            Job::Tick => self.is_tick = true,
            // Never in a batch.
            Job::Restore(..) => {}
        }
    }

    fn len(&self) -> usize {
        self.units.len() + self.roads.len()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0 && !self.is_tick
    }

    fn answer(self, units: Vec<Outcome>, roads: Vec<RoadOutcome>, epochs: Option<Epochs>) {
        hand_out(self.unit_replies, units, epochs);
        hand_out(self.road_replies, roads, epochs);
    }

    fn refuse(self, error: &SpoolError) {
        let problem = match error {
            SpoolError::Full { .. } => ApiError::SpoolFull,
            _ => ApiError::SpoolFailed,
        };
        // A client that left asks for nothing.
        for (_, reply) in self.unit_replies {
            drop(reply.send(Err(problem.clone())));
        }
        for (_, reply) in self.road_replies {
            drop(reply.send(Err(problem.clone())));
        }
    }
}

fn hand_out<T>(replies: Vec<(usize, Reply<T>)>, outcomes: Vec<T>, epochs: Option<Epochs>) {
    let mut outcomes = outcomes.into_iter();
    for (count, reply) in replies {
        let outcomes = outcomes.by_ref().take(count).collect();
        // A client that left asks for nothing.
        drop(reply.send(Ok(Written { outcomes, epochs })));
    }
}
