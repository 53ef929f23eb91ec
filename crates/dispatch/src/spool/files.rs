//! The files of a spool's folder: segments, the drained mark, the lock.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::frame::head;
use super::{SpoolError, SpoolMark};

const SEGMENT_SUFFIX: &str = ".spool";
const DAMAGED_SUFFIX: &str = ".damaged";
const LOCK: &str = "lock";
const MARK: &str = "drained";
const NEW_MARK: &str = "drained.new";

/// Names what was being done to a file when the system refused.
pub(super) fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SpoolError {
    let path = path.to_owned();
    move |cause| SpoolError::Io { doing, path, cause: Arc::new(cause) }
}

/// Makes the folder where it is not there, and takes its lock, which goes with the file.
pub(super) fn lock_folder(folder: &Path) -> Result<File, SpoolError> {
    fs::create_dir_all(folder).map_err(failed("make the folder", folder))?;
    let path = folder.join(LOCK);
    let opened = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = opened.map_err(failed("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(SpoolError::Locked { folder: folder.to_owned() }),
        Err(TryLockError::Error(cause)) => Err(failed("lock", &path)(cause)),
    }
}

pub(super) fn segment_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:020}{SEGMENT_SUFFIX}"))
}

/// Numbers of the segments that there are, in order.
pub(super) fn list_segments(folder: &Path) -> Result<Vec<u64>, SpoolError> {
    let entries = fs::read_dir(folder).map_err(failed("list", folder))?;
    let mut numbers = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed("list", folder))?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(SEGMENT_SUFFIX));
        numbers.extend(number.and_then(|digits| digits.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Begins a segment; it is on the disk, name and head, when this returns.
pub(super) fn create_segment(folder: &Path, number: u64) -> Result<File, SpoolError> {
    let path = segment_path(folder, number);
    let created = OpenOptions::new().create_new(true).append(true).open(&path);
    let mut file = created.map_err(failed("begin", &path))?;
    let written = file.write_all(&head(number)).and_then(|()| file.sync_all());
    if let Err(cause) = written.and_then(|()| sync_folder(folder)) {
        // A file without records: whether it stays makes no difference.
        fs::remove_file(&path).ok();
        return Err(failed("begin", &path)(cause));
    }
    Ok(file)
}

/// Deletes a segment that was drained. One that was damaged is put aside for people.
pub(super) fn retire_segment(
    folder: &Path,
    number: u64,
    is_damaged: Damaged,
) -> Result<(), SpoolError> {
    let path = segment_path(folder, number);
    let retired = match is_damaged {
        Damaged::No => fs::remove_file(&path),
        Damaged::Yes => fs::rename(&path, folder.join(format!("{number:020}{DAMAGED_SUFFIX}"))),
    };
    match retired {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
            Err(failed("delete", &path)(cause))
        }
        _ => Ok(()),
    }
}

/// Whether bytes of a segment could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Damaged {
    No,
    Yes,
}

/// Reads the drained mark; one that is not there or not whole is the start: records are drained
/// again, which changes nothing.
pub(super) fn read_mark(folder: &Path) -> SpoolMark {
    let text = fs::read_to_string(folder.join(MARK)).unwrap_or_default();
    let mut words = text.split_ascii_whitespace().map(str::parse::<u64>);
    match (words.next(), words.next(), words.next()) {
        (Some(Ok(segment)), Some(Ok(offset)), Some(Ok(crc)))
            if crc == mark_checksum(segment, offset) =>
        {
            SpoolMark { segment, offset }
        }
        _ => SpoolMark::default(),
    }
}

/// Replaces the drained mark. Without an fsync: an old one is as good after a loss of power.
pub(super) fn write_mark(folder: &Path, mark: SpoolMark) -> Result<(), SpoolError> {
    let SpoolMark { segment, offset } = mark;
    let text = format!("{segment} {offset} {}\n", mark_checksum(segment, offset));
    let new = folder.join(NEW_MARK);
    if let Err(cause) = fs::write(&new, text) {
        fs::remove_file(&new).ok();
        return Err(failed("write", &new)(cause));
    }
    fs::rename(&new, folder.join(MARK)).map_err(failed("rename", &new))
}

fn mark_checksum(segment: u64, offset: u64) -> u64 {
    u64::from(crc32fast::hash(format!("{segment} {offset}").as_bytes()))
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
