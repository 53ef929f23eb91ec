//! A bounded log on the local disk: what was acknowledged is in it before anybody is told.
//!
//! - **In**: records, which are bytes to it, of at most [`MAX_RECORD_BYTES`].
//! - **Out**: the records behind the drained mark, in the order in which they were appended.
//! - **Survives**: the end of the process or of the machine at any moment. A record that was being
//!   written then is cut off when the spool is opened again; what the disk changed in between is
//!   reported and passed by, and its file put aside once the rest is drained.
//! - **May give a record twice**: where the mark was lost. What drains must not mind.
//!
//! What a record means, and where it is drained to, is left to others.

mod commit;
mod error;
mod files;
mod frame;
mod recover;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use commit::Commits;
use files::{Damaged, failed, lock_folder, retire_segment, segment_path, write_mark};
use frame::{Found, HEAD_BYTES, find};
use recover::{Segments, recover};

pub use error::SpoolError;

/// Longest record.
pub const MAX_RECORD_BYTES: usize = 4 << 20;

/// A place between two records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpoolMark {
    /// Number of the segment file.
    pub segment: u64,
    /// Bytes from its start.
    pub offset: u64,
}

/// How large a spool may grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpoolLimits {
    /// Most bytes that wait to be drained; more is [`SpoolError::Full`].
    pub max_bytes: u64,
    /// Bytes after which another segment file is begun.
    pub segment_bytes: u64,
}

impl Default for SpoolLimits {
    /// A gibibyte in files of eight mebibytes.
    fn default() -> Self {
        Self { max_bytes: 1 << 30, segment_bytes: 8 << 20 }
    }
}

/// Bytes of a segment that are no records: the disk or somebody changed them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// Where they start.
    pub at: SpoolMark,
    /// How many they are.
    pub bytes: u64,
}

/// What was found when a spool was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Records that wait to be drained.
    pub records: u64,
    /// Bytes of a record that was being written when the process ended; cut off.
    pub torn_bytes: u64,
    /// What cannot be read; the records around it are kept.
    pub damages: Vec<Damage>,
}

/// Records read back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpoolBatch {
    /// The records, the oldest first.
    pub records: Vec<Vec<u8>>,
    /// The place behind them.
    pub next: SpoolMark,
}

/// A spool that this process alone holds; all methods take `&self`, block, and may be called from
/// several threads.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    limits: SpoolLimits,
    state: Mutex<State>,
    /// Told when a batch is on the disk, or is not.
    committed: Condvar,
    /// Holds the lock of the folder.
    _lock: File,
}

#[derive(Debug)]
struct State {
    segments: Segments,
    commits: Commits,
}

impl Spool {
    /// Opens the spool of a folder, or makes it. Reads all that waits.
    ///
    /// # Errors
    ///
    /// [`SpoolError::Locked`] where another process holds it; [`SpoolError::Io`].
    pub fn open(folder: &Path, limits: SpoolLimits) -> Result<(Self, Recovery), SpoolError> {
        let lock = lock_folder(folder)?;
        let (segments, recovery) = recover(folder)?;
        let spool = Self {
            folder: folder.to_owned(),
            limits,
            state: Mutex::new(State { segments, commits: Commits::default() }),
            committed: Condvar::new(),
            _lock: lock,
        };
        Ok((spool, recovery))
    }

    /// Appends records, all in one segment; returns the place behind them when all are on the disk.
    /// Callers at the same time share one fsync.
    ///
    /// # Errors
    ///
    /// [`SpoolError::Full`], [`SpoolError::RecordTooLong`]; [`SpoolError::Io`], such as a full
    /// disk. None of the records may be acknowledged then; they are not read back, unless the disk
    /// refused to cut them off again.
    pub fn append(&self, records: &[Vec<u8>]) -> Result<SpoolMark, SpoolError> {
        self.commit(records)
    }

    /// Reads the records behind a place, at most so many. Where none waits, the batch is empty.
    ///
    /// # Errors
    ///
    /// [`SpoolError::Io`].
    pub fn read(&self, from: SpoolMark, most: usize) -> Result<SpoolBatch, SpoolError> {
        let mut batch = SpoolBatch { records: Vec::new(), next: from };
        while batch.records.len() < most {
            let Some((start, length)) = self.next_piece(batch.next) else { break };
            self.read_piece(start, length, most, &mut batch)?;
        }
        Ok(batch)
    }

    /// The place up to which the records are kept elsewhere.
    pub fn drained(&self) -> SpoolMark {
        self.lock().segments.drained
    }

    /// Says that the records before a place are kept elsewhere; their files are deleted. A place
    /// before the present mark changes nothing.
    ///
    /// # Errors
    ///
    /// [`SpoolError::Io`]; the records may come again then.
    pub fn mark_drained(&self, until: SpoolMark) -> Result<(), SpoolError> {
        let mut state = self.lock();
        if until <= state.segments.drained {
            return Ok(());
        }
        match write_mark(&self.folder, until) {
            Err(error) if error.is_full_disk() => {
                self.retire(&mut state, until)?;
                write_mark(&self.folder, until)?;
            }
            written => written?,
        }
        state.segments.drained = until;
        self.retire(&mut state, until)
    }

    /// Deletes the files that hold nothing but records before a place, which are kept elsewhere; the
    /// mark stays. For a full disk: takes no room.
    ///
    /// # Errors
    ///
    /// [`SpoolError::Io`].
    pub fn make_room(&self, until: SpoolMark) -> Result<(), SpoolError> {
        self.retire(&mut self.lock(), until)
    }

    fn retire(&self, state: &mut State, until: SpoolMark) -> Result<(), SpoolError> {
        let State { segments, commits } = state;
        let is_over = |(number, length): (&u64, &u64)| {
            let is_behind =
                *number < until.segment || (*number == until.segment && *length <= until.offset);
            (is_behind && !commits.writes_to(*number)).then_some(*number)
        };
        let over: Vec<u64> = segments.lengths.iter().filter_map(is_over).collect();
        for number in over {
            let is_damaged = segments.damaged.contains(&number);
            let damaged = if is_damaged { Damaged::Yes } else { Damaged::No };
            retire_segment(&self.folder, number, damaged)?;
            segments.lengths.remove(&number);
        }
        Ok(())
    }

    /// Bytes that wait to be drained.
    pub fn waiting_bytes(&self) -> u64 {
        self.lock().segments.waiting_bytes()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the bytes behind a place start, and the length of their segment.
    fn next_piece(&self, from: SpoolMark) -> Option<(SpoolMark, u64)> {
        let state = self.lock();
        let mut segments = state.segments.lengths.range(from.segment..);
        segments.find_map(|(number, length)| {
            let offset = if *number == from.segment { from.offset } else { 0 };
            let start = SpoolMark { segment: *number, offset: offset.max(HEAD_BYTES) };
            (start.offset < *length).then_some((start, *length))
        })
    }

    fn read_piece(
        &self,
        start: SpoolMark,
        length: u64,
        most: usize,
        batch: &mut SpoolBatch,
    ) -> Result<(), SpoolError> {
        let path = segment_path(&self.folder, start.segment);
        let mut bytes = vec![0; (length - start.offset) as usize];
        let file = File::open(&path).map_err(failed("open", &path))?;
        file.read_exact_at(&mut bytes, start.offset).map_err(failed("read", &path))?;
        let mut at = 0;
        while let Some(found) = find(&bytes, at).filter(|_| batch.records.len() < most) {
            at = match found {
                Found::Record { payload, end } => {
                    batch.records.push(payload.to_owned());
                    end
                }
                Found::Damage { end } => end,
            };
        }
        batch.next = SpoolMark { segment: start.segment, offset: start.offset + at as u64 };
        Ok(())
    }
}

#[cfg(test)]
mod tests;
