//! What is found in a spool's folder when it is opened.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::path::Path;

use super::files::Damaged;
use super::files::{failed, list_segments, read_mark, retire_segment, segment_path};
use super::frame::{Found, HEAD_BYTES, find, head};
use super::{Damage, Recovery, SpoolError, SpoolMark};

/// The segments of a spool.
#[derive(Debug, Default)]
pub(super) struct Segments {
    /// Number to length, bytes; up to there every byte is on the disk.
    pub(super) lengths: BTreeMap<u64, u64>,
    /// Those with bytes that cannot be read.
    pub(super) damaged: BTreeSet<u64>,
    /// Up to where the records are kept elsewhere.
    pub(super) drained: SpoolMark,
    /// Larger than the number of any segment that there ever was.
    pub(super) next_number: u64,
}

impl Segments {
    /// Bytes behind the drained mark.
    pub(super) fn waiting_bytes(&self) -> u64 {
        let waiting = self.lengths.range(self.drained.segment..).map(|(number, length)| {
            let from = if *number == self.drained.segment { self.drained.offset } else { 0 };
            length.saturating_sub(from.max(HEAD_BYTES))
        });
        waiting.sum()
    }
}

/// Reads the folder: cuts a torn tail off, lists what is damaged, deletes what was drained.
pub(super) fn recover(folder: &Path) -> Result<(Segments, Recovery), SpoolError> {
    let drained = read_mark(folder);
    let numbers = list_segments(folder)?;
    let last = numbers.last().copied();
    let mut segments = Segments {
        drained,
        next_number: last.unwrap_or(0).max(drained.segment) + 1,
        ..Segments::default()
    };
    let mut recovery = Recovery::default();
    for number in numbers {
        if number < drained.segment {
            retire_segment(folder, number, Damaged::No)?;
            continue;
        }
        let tail = if Some(number) == last { Tail::MayBeTorn } else { Tail::MustBeWhole };
        let length = examine(folder, number, tail, &mut segments, &mut recovery)?;
        segments.lengths.insert(number, length);
    }
    Ok((segments, recovery))
}

/// What the end of a segment may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tail {
    /// The process may have ended while it wrote there.
    MayBeTorn,
    /// Another segment was begun after it.
    MustBeWhole,
}

/// Gives the length of a segment, after its torn tail was cut off.
fn examine(
    folder: &Path,
    number: u64,
    tail: Tail,
    segments: &mut Segments,
    recovery: &mut Recovery,
) -> Result<u64, SpoolError> {
    let path = segment_path(folder, number);
    let bytes = fs::read(&path).map_err(failed("read", &path))?;
    let mut note = |at: usize, end: usize| {
        let at_mark = SpoolMark { segment: number, offset: at as u64 };
        recovery.damages.push(Damage { at: at_mark, bytes: (end - at) as u64 });
        segments.damaged.insert(number);
    };
    let body = HEAD_BYTES as usize;
    if bytes.len() >= body && bytes[..body] != head(number) {
        note(0, body);
    }
    let mut at = body;
    while let Some(found) = find(&bytes, at) {
        match found {
            Found::Record { end, .. } => {
                let is_waiting =
                    SpoolMark { segment: number, offset: at as u64 } >= segments.drained;
                recovery.records += u64::from(is_waiting);
                at = end;
            }
            Found::Damage { end } if end == bytes.len() && tail == Tail::MayBeTorn => {
                recovery.torn_bytes += (end - at) as u64;
                cut(&path, at as u64)?;
                return Ok(at as u64);
            }
            Found::Damage { end } => {
                note(at, end);
                at = end;
            }
        }
    }
    Ok(bytes.len() as u64)
}

fn cut(path: &Path, length: u64) -> Result<(), SpoolError> {
    let cut_off = |file: File| file.set_len(length).and_then(|()| file.sync_all());
    OpenOptions::new().write(true).open(path).and_then(cut_off).map_err(failed("cut", path))
}
