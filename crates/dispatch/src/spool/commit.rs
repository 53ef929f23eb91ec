//! Appending: whoever comes while the disk is busy waits with the others, and one of them writes
//! for all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::mem;
use std::path::Path;
use std::sync::{Arc, OnceLock, PoisonError};

use super::files::{create_segment, failed, segment_path};
use super::frame::{HEAD_BYTES, framed_len, put_frame};
use super::{MAX_RECORD_BYTES, Spool, SpoolError, SpoolMark};

/// What is being written and what waits to be.
#[derive(Debug, Default)]
pub(super) struct Commits {
    /// Frames that wait.
    pending: Vec<u8>,
    /// What becomes of them.
    batch: Arc<Batch>,
    /// The segment that is written to; with whoever writes while he does.
    writer: Option<Writer>,
    /// The number of the segment that somebody writes to at the moment, which he may have yet to
    /// begin.
    writing: Option<u64>,
}

/// Where a batch of frames starts on the disk, or why it is not there.
type Batch = OnceLock<Result<SpoolMark, SpoolError>>;

/// A segment that grows.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) file: File,
    pub(super) number: u64,
    /// Bytes that are on the disk.
    pub(super) length: u64,
}

impl Commits {
    /// Says whether a segment may still grow.
    pub(super) fn writes_to(&self, number: u64) -> bool {
        self.writer.as_ref().is_some_and(|writer| writer.number == number)
            || self.writing == Some(number)
    }

    #[cfg(test)]
    pub(super) fn set_writer(&mut self, writer: Writer) {
        self.writer = Some(writer);
    }
}

impl Spool {
    pub(super) fn commit(&self, records: &[Vec<u8>]) -> Result<SpoolMark, SpoolError> {
        check_lengths(records)?;
        let mut state = self.lock();
        self.check_room(&state, records)?;
        for record in records {
            put_frame(&mut state.commits.pending, record);
        }
        let end = state.commits.pending.len() as u64;
        let batch = Arc::clone(&state.commits.batch);
        loop {
            if let Some(outcome) = batch.get() {
                let start = outcome.clone()?;
                return Ok(SpoolMark { offset: start.offset + end, ..start });
            }
            if state.commits.writing.is_none() {
                drop(state);
                self.write_pending();
                state = self.lock();
            } else {
                let waited = self.committed.wait(state);
                state = waited.unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    fn check_room(&self, state: &super::State, records: &[Vec<u8>]) -> Result<(), SpoolError> {
        let more: u64 = records.iter().map(|record| framed_len(record)).sum();
        let waiting = state.segments.waiting_bytes() + state.commits.pending.len() as u64;
        let limit = self.limits.max_bytes;
        if waiting + more > limit { Err(SpoolError::Full { waiting, limit }) } else { Ok(()) }
    }

    /// Writes what waits, for all who wait for it.
    fn write_pending(&self) {
        let mut state = self.lock();
        if state.commits.writing.is_some() {
            return;
        }
        let frames = mem::take(&mut state.commits.pending);
        let batch = mem::take(&mut state.commits.batch);
        let mut writer = state.commits.writer.take();
        if writer.as_ref().is_some_and(|writer| self.is_full(writer, &frames)) {
            writer = None;
        }
        let number = writer.as_ref().map_or(state.segments.next_number, |writer| writer.number);
        if writer.is_none() {
            // Never used twice, also where it cannot be begun.
            state.segments.next_number += 1;
        }
        state.commits.writing = Some(number);
        drop(state);

        let written = write(&self.folder, writer, number, &frames);

        let mut state = self.lock();
        state.commits.writing = None;
        let outcome = written.map(|writer| {
            let offset = writer.length - frames.len() as u64;
            state.segments.lengths.insert(number, writer.length);
            state.commits.writer = Some(writer);
            SpoolMark { segment: number, offset }
        });
        // Nobody else had the batch to settle it.
        batch.set(outcome).ok();
        self.committed.notify_all();
    }

    fn is_full(&self, writer: &Writer, frames: &[u8]) -> bool {
        writer.length + frames.len() as u64 > self.limits.segment_bytes
            && writer.length > HEAD_BYTES
    }
}

fn check_lengths(records: &[Vec<u8>]) -> Result<(), SpoolError> {
    let limit = MAX_RECORD_BYTES;
    match records.iter().map(Vec::len).find(|found| *found > limit) {
        Some(found) => Err(SpoolError::RecordTooLong { found, limit }),
        None => Ok(()),
    }
}

/// Writes frames to a segment, or to a new one of a number. A segment that failed once is not
/// written to again: what the system kept of it in memory is not known.
fn write(
    folder: &Path,
    writer: Option<Writer>,
    number: u64,
    frames: &[u8],
) -> Result<Writer, SpoolError> {
    let mut writer = match writer {
        Some(writer) => writer,
        None => Writer { file: create_segment(folder, number)?, number, length: HEAD_BYTES },
    };
    if let Err(cause) = append(&mut writer.file, frames) {
        // Cut off, so that nobody reads back what nobody was promised.
        writer.file.set_len(writer.length).and_then(|()| writer.file.sync_all()).ok();
        if writer.length == HEAD_BYTES {
            // On a full disk there would be one more for each attempt.
            fs::remove_file(segment_path(folder, number)).ok();
        }
        return Err(failed("write", &segment_path(folder, number))(cause));
    }
    writer.length += frames.len() as u64;
    Ok(writer)
}

fn append(file: &mut File, frames: &[u8]) -> io::Result<()> {
    file.write_all(frames)?;
    file.sync_data()
}
