//! What the disk may do to a spool, and what becomes of it.

use std::fs::{self, OpenOptions};
use std::thread;

use tempfile::TempDir;

use super::*;
use commit::Writer;

fn open(folder: &TempDir) -> (Spool, Recovery) {
    Spool::open(folder.path(), SpoolLimits::default()).expect("nobody holds it")
}

fn small(folder: &TempDir, max_bytes: u64) -> Spool {
    let limits = SpoolLimits { max_bytes, segment_bytes: 200 };
    Spool::open(folder.path(), limits).expect("nobody holds it").0
}

fn record(number: u32) -> Vec<u8> {
    format!("record {number:06}").into_bytes()
}

fn numbers(range: std::ops::Range<u32>) -> Vec<Vec<u8>> {
    range.map(record).collect()
}

fn all(spool: &Spool) -> Vec<Vec<u8>> {
    spool.read(spool.drained(), usize::MAX).expect("it can be read").records
}

fn files(folder: &TempDir, suffix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.path()).expect("it is there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let mut files: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|found| found == suffix)).collect();
    files.sort();
    files
}

#[test]
fn what_was_appended_is_read_in_its_order_also_after_a_restart() {
    let folder = TempDir::new().expect("a folder");
    let (spool, found) = open(&folder);
    assert_eq!(found, Recovery::default());
    let first = spool.append(&numbers(0..3)).expect("room");
    let second = spool.append(&numbers(3..5)).expect("room");
    assert!(first < second && spool.drained() < first);
    let batch = spool.read(spool.drained(), 3).expect("it can be read");
    assert_eq!((batch.records, batch.next), (numbers(0..3), first));
    assert_eq!(spool.read(second, 9).expect("it can be read").records, numbers(0..0));
    drop(spool);

    let (spool, found) = open(&folder);
    assert_eq!(found, Recovery { records: 5, ..Recovery::default() });
    spool.append(&numbers(5..6)).expect("room");
    assert_eq!(all(&spool), numbers(0..6));
    spool.mark_drained(first).expect("the mark is written");
    assert_eq!(all(&spool), numbers(3..6));
    drop(spool);
    let (spool, found) = open(&folder);
    assert_eq!(found.records, 3);
    assert_eq!(all(&spool), numbers(3..6));
}

#[test]
fn what_was_drained_leaves_the_disk_and_makes_room() {
    let folder = TempDir::new().expect("a folder");
    let spool = small(&folder, 1_000);
    let mut marks = Vec::new();
    let full = loop {
        match spool.append(&numbers(0..2)) {
            Ok(mark) => marks.push(mark),
            Err(error) => break error,
        }
    };
    assert_eq!(full.code(), "spool_full");
    assert!(spool.waiting_bytes() <= 1_000 && marks.len() > 10, "{marks:?}");
    assert!(files(&folder, "spool").len() > 4);
    for mark in &marks {
        spool.mark_drained(*mark).expect("the mark is written");
    }
    spool.mark_drained(marks[0]).expect("an old mark is nothing");
    assert_eq!((spool.waiting_bytes(), files(&folder, "spool").len()), (0, 1));
    spool.append(&numbers(7..8)).expect("room again");
    assert_eq!(all(&spool), numbers(7..8));
}

#[test]
fn numbers_of_segments_go_on_when_all_were_drained_and_deleted() {
    let folder = TempDir::new().expect("a folder");
    for round in 0..3 {
        let (spool, found) = open(&folder);
        assert_eq!(found, Recovery::default(), "{round}");
        let mark = spool.append(&numbers(round..round + 1)).expect("room");
        assert_eq!(all(&spool), numbers(round..round + 1));
        spool.mark_drained(mark).expect("the mark is written");
    }
}

#[test]
fn a_mark_that_is_lost_gives_the_records_again() {
    let folder = TempDir::new().expect("a folder");
    let (spool, _) = open(&folder);
    spool.mark_drained(spool.append(&numbers(0..2)).expect("room")).expect("the mark is written");
    drop(spool);
    for text in ["", "1 40", "1 40 7", "x"] {
        fs::write(folder.path().join("drained"), text).expect("it can be written");
        assert_eq!(all(&open(&folder).0), numbers(0..2), "{text}");
    }
}

/// Cuts the file at every length that a write could have ended at.
#[test]
fn a_torn_tail_is_cut_off_wherever_it_ends() {
    let whole = TempDir::new().expect("a folder");
    let (spool, _) = open(&whole);
    let kept = spool.append(&numbers(0..2)).expect("room").offset;
    spool.append(&numbers(2..4)).expect("room");
    let bytes = fs::read(&files(&whole, "spool")[0]).expect("it can be read");
    let per_record = framed_len(2);
    for length in 0..=bytes.len() as u64 {
        let folder = TempDir::new().expect("a folder");
        fs::write(segment_path(folder.path(), 1), &bytes[..length as usize])
            .expect("it is written");
        let (spool, found) = open(&folder);
        let records = length.saturating_sub(HEAD_BYTES) / per_record;
        assert_eq!(found.records, records, "{length}");
        assert_eq!(found.damages, [], "{length}");
        let torn = length.saturating_sub(HEAD_BYTES) % per_record;
        assert_eq!(found.torn_bytes, torn, "{length}");
        assert!(length < kept || records >= 2);
        spool.append(&numbers(9..10)).expect("room");
        drop(spool);
        let (spool, found) = open(&folder);
        assert_eq!(found, Recovery { records: records + 1, ..Recovery::default() }, "{length}");
        assert_eq!(all(&spool).last(), Some(&record(9)), "{length}");
    }
}

fn framed_len(number: u32) -> u64 {
    frame::framed_len(&record(number))
}

/// Changes each byte in turn.
#[test]
fn a_damaged_byte_costs_one_record_and_is_reported() {
    let whole = TempDir::new().expect("a folder");
    let (spool, _) = open(&whole);
    spool.append(&numbers(0..3)).expect("room");
    let bytes = fs::read(&files(&whole, "spool")[0]).expect("it can be read");
    let end_of_second = (HEAD_BYTES + 2 * framed_len(0)) as usize;
    for at in 0..end_of_second {
        let folder = TempDir::new().expect("a folder");
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x41;
        fs::write(segment_path(folder.path(), 1), damaged).expect("it is written");
        let (spool, found) = open(&folder);
        assert_eq!((found.torn_bytes, found.damages.len()), (0, 1), "{at}");
        let hit = (at as u64).checked_sub(HEAD_BYTES).map(|at| (at / framed_len(0)) as u32);
        let expected: Vec<_> = (0..3).filter(|number| Some(*number) != hit).map(record).collect();
        assert_eq!(all(&spool), expected, "{at}");
        let next = spool.append(&numbers(9..10)).expect("room");
        spool.mark_drained(next).expect("the mark is written");
        assert_eq!(files(&folder, "damaged").len(), 1, "it is kept for people: {at}");
    }
}

#[test]
fn bytes_of_another_file_in_the_middle_are_passed_by() {
    let folder = TempDir::new().expect("a folder");
    let (spool, _) = open(&folder);
    spool.append(&numbers(0..2)).expect("room");
    drop(spool);
    let path = files(&folder, "spool").remove(0);
    let mut bytes = fs::read(&path).expect("it can be read");
    let middle = (HEAD_BYTES + framed_len(0)) as usize;
    bytes.splice(middle..middle, vec![0; 5_000]);
    fs::write(&path, bytes).expect("it is written");
    let (spool, found) = open(&folder);
    let at = SpoolMark { segment: 1, offset: middle as u64 };
    assert_eq!(found.damages, [Damage { at, bytes: 5_000 }]);
    assert_eq!(all(&spool), numbers(0..2));
}

#[test]
fn a_second_holder_is_refused_until_the_first_is_gone() {
    let folder = TempDir::new().expect("a folder");
    let (spool, _) = open(&folder);
    let second = Spool::open(folder.path(), SpoolLimits::default());
    assert_eq!(second.map(drop).map_err(|error| error.code()), Err("spool_locked"));
    drop(spool);
    open(&folder);
}

#[test]
fn a_full_disk_is_an_error_and_loses_nothing_before_or_after() {
    let folder = TempDir::new().expect("a folder");
    let (spool, _) = open(&folder);
    spool.append(&numbers(0..2)).expect("room");
    // Every write to this device fails as on a full disk.
    let full = OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let writer = Writer { file: full, number: 1, length: 100 };
    spool.lock().commits.set_writer(writer);
    let refused = spool.append(&numbers(2..3)).expect_err("the disk is full");
    assert_eq!(refused.code(), "spool_failed");
    assert_eq!(all(&spool), numbers(0..2));
    spool.append(&numbers(3..4)).expect("room again");
    assert_eq!(all(&spool), [numbers(0..2), numbers(3..4)].concat());
    drop(spool);
    assert_eq!(all(&open(&folder).0), [numbers(0..2), numbers(3..4)].concat());
}

#[test]
fn a_full_disk_gets_room_by_what_was_drained() {
    let folder = TempDir::new().expect("a folder");
    let spool = small(&folder, 10_000);
    let marks: Vec<_> = (0..20).map(|n| spool.append(&numbers(n..n + 1)).expect("room")).collect();
    let count = files(&folder, "spool").len();
    spool.make_room(marks[10]).expect("files can be deleted");
    let left = files(&folder, "spool").len();
    assert!(left < count && left > 1, "{left} of {count}");
    assert!(spool.drained() < marks[0], "the mark stays");
    // Every write to this device fails as on a full disk; the second attempt makes a file.
    let unfinished = folder.path().join("drained.new");
    std::os::unix::fs::symlink("/dev/full", &unfinished).expect("a link");
    spool.mark_drained(marks[15]).expect("room was made");
    assert_eq!(all(&spool), numbers(16..20));
    drop(spool);
    assert_eq!(all(&open(&folder).0), numbers(16..20));
}

#[test]
fn an_attempt_on_a_full_disk_leaves_no_file() {
    let folder = TempDir::new().expect("a folder");
    let (spool, _) = open(&folder);
    let path = segment_path(folder.path(), 1);
    fs::write(&path, "").expect("room");
    let full = OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    spool.lock().commits.set_writer(Writer { file: full, number: 1, length: HEAD_BYTES });
    spool.append(&numbers(0..1)).expect_err("the disk is full");
    assert!(!path.exists());
}

#[test]
fn a_folder_that_cannot_be_written_to_is_an_error_and_a_later_append_goes_on() {
    let folder = TempDir::new().expect("a folder");
    let (spool, _) = open(&folder);
    // In place of the segment that is to be begun.
    fs::create_dir(segment_path(folder.path(), 1)).expect("a folder");
    assert_eq!(spool.append(&numbers(0..1)).map_err(|error| error.code()), Err("spool_failed"));
    spool.append(&numbers(1..2)).expect("the next number is free");
    assert_eq!(all(&spool), numbers(1..2));
}

#[test]
fn a_record_that_is_too_long_is_refused_before_anything_is_written() {
    let folder = TempDir::new().expect("a folder");
    let (spool, _) = open(&folder);
    let refused = spool.append(&[record(0), vec![0; MAX_RECORD_BYTES + 1]]);
    assert_eq!(refused.map_err(|error| error.code()), Err("spool_record_too_long"));
    let longest = vec![vec![7; MAX_RECORD_BYTES]];
    spool.append(&longest).expect("room");
    assert_eq!(all(&spool), longest);
}

#[test]
fn records_of_many_threads_are_all_there_each_batch_together() {
    let folder = TempDir::new().expect("a folder");
    let spool =
        Spool::open(folder.path(), SpoolLimits { segment_bytes: 2_000, ..SpoolLimits::default() });
    let spool = &spool.expect("nobody holds it").0;
    thread::scope(|scope| {
        for writer in 0..8_u32 {
            scope.spawn(move || {
                for round in 0..50 {
                    let first = writer * 1_000 + round * 2;
                    let mark = spool.append(&numbers(first..first + 2)).expect("room");
                    // What was acknowledged can be read at once, right before the mark.
                    let behind = spool.read(mark, 1).expect("it can be read");
                    assert_ne!(behind.records.first(), Some(&record(first + 1)));
                }
            });
        }
    });
    let found = all(spool);
    assert_eq!(found.len(), 800);
    for pair in found.chunks(2) {
        let number = |record: &[u8]| -> u32 {
            std::str::from_utf8(&record[7..])
                .ok()
                .and_then(|digits| digits.parse().ok())
                .expect("a number")
        };
        assert_eq!(number(&pair[0]) + 1, number(&pair[1]));
    }
    for writer in 0..8 {
        let of_writer =
            |found: &&Vec<u8>| found.starts_with(format!("record 00{writer}").as_bytes());
        let own: Vec<_> = found.iter().filter(of_writer).cloned().collect();
        assert_eq!(own, numbers(writer * 1_000..writer * 1_000 + 100));
    }
}
