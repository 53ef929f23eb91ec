//! How fast the fleet and the spool are; `cargo test --release -p urbis-dispatch --test live --
//! --ignored --nocapture measure`.

use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use urbis_dispatch::{
    Fleet, JudgedReport, LiveRecord, ReportRules, Spool, SpoolLimits, read_reports,
};
use urbis_model::Moment;

const UNITS: u32 = 200;

/// A body of one report a unit, at a second.
fn body(second: u32) -> String {
    let line = |unit: u32| {
        let description = r#","unit":{"title":"Xe","agency":"115","profile":"ambulance"}"#;
        let description = if second == 0 { description } else { "" };
        format!(
            r#"{{"id":"00000000-0000-4000-8000-{:012}","unit_id":"115-{unit:03}","observed_at":"2026-11-22T05:{:02}:{:02}Z","lon":{},"lat":16.06,"accuracy_m":5,"heading_deg":90,"speed_kmh":36{description}}}"#,
            second * UNITS + unit,
            second / 60,
            second % 60,
            108.2 + f64::from(second) * 0.0001,
        )
    };
    (0..UNITS).map(line).collect::<Vec<_>>().join("\n")
}

fn per(total: Duration, count: u32) -> String {
    format!("{:.2} us each", total.as_secs_f64() * 1e6 / f64::from(count))
}

#[test]
#[ignore = "measures"]
fn measure_reading_and_applying() {
    const SECONDS: u32 = 50;
    let bodies: Vec<String> = (0..SECONDS).map(body).collect();
    let now = Moment(1_795_323_600_000_000);
    let rules = ReportRules { profiles: &["ambulance"], received_at: now };
    let start = Instant::now();
    let read: Vec<_> =
        bodies.iter().map(|body| read_reports(body.as_bytes(), &rules).unwrap()).collect();
    println!("read {} reports: {}", SECONDS * UNITS, per(start.elapsed(), SECONDS * UNITS));
    let batches = read.into_iter().map(|read| read.reports.into_iter().map(|(_, report)| report));
    let batches: Vec<Vec<_>> = batches.map(Iterator::collect).collect();
    let mut fleet = Fleet::default();
    let start = Instant::now();
    for (second, batch) in batches.iter().enumerate() {
        let now = Moment(now.0 + second as i64 * 1_000_000);
        fleet = fleet.apply(batch, None, now).fleet;
    }
    println!(
        "apply {} reports, no roads: {}",
        SECONDS * UNITS,
        per(start.elapsed(), SECONDS * UNITS)
    );
    assert_eq!(fleet.units().len(), UNITS as usize);
    let single = fleet.apply(&batches[1][..1], None, now);
    assert_eq!(single.outcomes.len(), 1);
}

#[test]
#[ignore = "measures"]
fn measure_the_spool() {
    let now = Moment(1_795_323_600_000_000);
    let rules = ReportRules { profiles: &["ambulance"], received_at: now };
    let reports = read_reports(body(0).as_bytes(), &rules).unwrap().reports;
    let reports: Vec<_> = reports.into_iter().map(|(_, report)| report).collect();
    let outcomes = Fleet::default().apply(&reports, None, now).outcomes;
    let judged = reports.into_iter().zip(outcomes);
    let records: Vec<Vec<u8>> = judged
        .map(|(report, outcome)| LiveRecord::Unit(JudgedReport { report, outcome }).to_bytes())
        .collect();
    for (threads, batch) in [(1, 1), (8, 1), (32, 1), (1, 200), (8, 200)] {
        let folder = TempDir::new_in(std::env::current_dir().unwrap()).unwrap();
        let spool = &Spool::open(folder.path(), SpoolLimits::default()).unwrap().0;
        let records = &records[..batch];
        let rounds = 200;
        let start = Instant::now();
        let mut waits: Vec<Duration> = thread::scope(|scope| {
            let writers: Vec<_> = (0..threads)
                .map(|_| {
                    scope.spawn(move || {
                        let wait = |_| {
                            let asked = Instant::now();
                            spool.append(records).unwrap();
                            asked.elapsed()
                        };
                        (0..rounds).map(wait).collect::<Vec<_>>()
                    })
                })
                .collect();
            writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
        });
        waits.sort();
        let rate = waits.len() as f64 * batch as f64 / start.elapsed().as_secs_f64();
        let (p50, p99) = (waits[waits.len() / 2], waits[waits.len() * 99 / 100]);
        println!("{threads} writers x {batch}: {rate:.0} records/s, p50 {p50:?}, p99 {p99:?}");
    }
}
