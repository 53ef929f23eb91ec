//! A process that appends and drains is killed again and again: what it acknowledged is there.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use tempfile::TempDir;
use urbis_dispatch::{Spool, SpoolLimits, SpoolMark};

/// Tells the child where its spool is.
const FOLDER: &str = "URBIS_TEST_SPOOL_FOLDER";
const WRITERS: u32 = 4;
const ROUNDS: u32 = 30;

const LIMITS: SpoolLimits = SpoolLimits { max_bytes: 1 << 24, segment_bytes: 3_000 };

/// Acknowledged records of the round: writer and number.
type Acknowledged = BTreeMap<u32, u32>;

#[test]
fn a_process_that_is_killed_at_any_moment_loses_nothing_that_it_acknowledged() {
    let folder = TempDir::new().unwrap();
    for round in 0..ROUNDS {
        let mut child = start(folder.path(), round * 100_000);
        // Another number each time, so that it is killed in another state.
        let acknowledged = read_acknowledged(&mut child, 1 + round * 7 % 60);
        child.kill().unwrap();
        child.wait().unwrap();

        let kept = kept_records(folder.path());
        for (writer, last) in acknowledged {
            for number in (round * 100_000)..=last {
                let text = format!("{writer} {number}");
                assert!(kept.contains(&text), "round {round}: {text} was acknowledged");
            }
        }
        assert_in_order(&kept);
    }
}

fn start(folder: &Path, first: u32) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child_that_is_killed", "--ignored", "--nocapture"])
        .env(FOLDER, format!("{first} {}", folder.display()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The last number that each writer was told is kept, after so many lines.
fn read_acknowledged(child: &mut Child, lines: u32) -> Acknowledged {
    let mut acknowledged = Acknowledged::new();
    let output = BufReader::new(child.stdout.as_mut().unwrap());
    let told = output.lines().map(Result::unwrap).filter_map(|line| {
        let mut words = line.strip_prefix("kept ")?.split(' ').map(|word| word.parse::<u32>());
        Some((words.next()?.unwrap(), words.next()?.unwrap()))
    });
    acknowledged.extend(told.take(lines as usize));
    acknowledged
}

/// What was drained, and what still waits.
fn kept_records(folder: &Path) -> Vec<String> {
    let (spool, found) = Spool::open(folder, LIMITS).unwrap();
    assert_eq!(found.damages, [], "a kill damages nothing");
    let drained = fs::read_to_string(folder.join("out")).unwrap_or_default();
    let waiting = spool.read(spool.drained(), usize::MAX).unwrap();
    assert_eq!(waiting.records.len() as u64, found.records);
    let waiting = waiting.records.into_iter().map(|record| String::from_utf8(record).unwrap());
    drained.lines().map(str::to_owned).chain(waiting).collect()
}

/// The records of one writer come in their order; one that was drained without a mark comes again.
fn assert_in_order(kept: &[String]) {
    for writer in 0..WRITERS {
        let prefix = format!("{writer} ");
        let mut numbers: Vec<u32> =
            kept.iter().filter_map(|text| text.strip_prefix(&prefix)?.parse().ok()).collect();
        let mut seen = std::collections::BTreeSet::new();
        numbers.retain(|number| seen.insert(*number));
        assert!(numbers.is_sorted(), "writer {writer}");
    }
}

#[test]
#[ignore = "the child of the test above"]
fn child_that_is_killed() {
    // Without a parent there is nothing to do.
    let Ok(told) = std::env::var(FOLDER) else { return };
    let (first, folder) = told.split_once(' ').unwrap();
    let (first, folder): (u32, PathBuf) = (first.parse().unwrap(), folder.into());
    let spool = &Spool::open(&folder, LIMITS).unwrap().0;
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || append_for_ever(spool, writer, first));
        }
        scope.spawn(move || drain_for_ever(spool, &folder.join("out")));
    });
}

#[expect(clippy::print_stdout, reason = "it tells its parent")]
fn append_for_ever(spool: &Spool, writer: u32, first: u32) {
    for number in first.. {
        spool.append(&[format!("{writer} {number}").into_bytes()]).unwrap();
        println!("kept {writer} {number}");
    }
}

fn drain_for_ever(spool: &Spool, out: &Path) {
    let mut out = OpenOptions::new().create(true).append(true).open(out).unwrap();
    let mut from: SpoolMark = spool.drained();
    loop {
        let batch = spool.read(from, 5).unwrap();
        let lines: Vec<u8> =
            batch.records.iter().flat_map(|record| [record.as_slice(), b"\n"].concat()).collect();
        out.write_all(&lines).unwrap();
        spool.mark_drained(batch.next).unwrap();
        from = batch.next;
    }
}
