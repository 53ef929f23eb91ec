//! Measurements, run by hand: `cargo test --release -p urbis-store -- --ignored --nocapture
//! measure`.

use std::time::{Duration, Instant};

use urbis_model::{JudgedReport, Moment, UnitStatus};
use urbis_store::{LiveWriter, Poll};

use crate::harness::{City, city, execute, follow, insert_pole, record, records};
use crate::live;

const POLLS: u32 = 2_000;

async fn idle_poll(city: &City) -> Duration {
    let (mut tail, _) = city.load().await;
    for _ in 0..20 {
        tail.poll().await.unwrap();
    }
    let started = Instant::now();
    for _ in 0..POLLS {
        assert!(matches!(tail.poll().await.unwrap(), Poll::Unchanged));
    }
    started.elapsed() / POLLS
}

#[tokio::test]
#[ignore = "a measurement, not a test"]
async fn measure_polls() {
    let city = city().await;
    println!("idle poll, empty log: {:?}", idle_poll(&city).await);
    city.psql(
        "INSERT INTO urbis.change_log (xid, layer, feature_id) \
         SELECT (n / 10 % 500)::text::xid8, 'pole', n FROM generate_series(1, 200000) AS n",
    )
    .await;
    println!("idle poll, 200,000 log rows: {:?}", idle_poll(&city).await);
    let mut open = city.connect().await;
    execute(&mut open, &format!("BEGIN; {}", insert_pole(1, 1))).await.unwrap();
    println!("idle poll, behind an open transaction: {:?}", idle_poll(&city).await);

    let (mut tail, _) = city.load().await;
    let mut writer = city.connect().await;
    let mut spent = Duration::ZERO;
    for east in 0..500 {
        execute(&mut writer, &insert_pole(east, 1)).await.unwrap();
        let started = Instant::now();
        assert!(matches!(tail.poll().await.unwrap(), Poll::Changed(_)));
        spent += started.elapsed();
    }
    println!("poll with one changed feature: {:?}", spent / 500);
}

#[tokio::test]
#[ignore = "a measurement, not a test"]
async fn measure_imports() {
    const COUNT: u32 = 200_000;
    let city = city().await;
    let rate = |name: &str, ms: u64| {
        println!("{name}: {ms} ms, {} records/s", u64::from(COUNT) * 1_000 / ms.max(1));
    };
    rate("first load", city.publish(records(0..COUNT)).await.duration_ms);
    rate("again, unchanged", city.publish(records(0..COUNT)).await.duration_ms);
    let higher = (0..COUNT).map(|key| record(&format!("P-{key:05}"), 9.0)).collect();
    rate("again, all changed", city.publish(higher).await.duration_ms);
    let started = Instant::now();
    let (mut tail, mut memory) = city.load().await;
    println!(
        "load of {} features: {:?}",
        memory.values().map(|l| l.len()).sum::<usize>(),
        started.elapsed()
    );
    city.psql("UPDATE layer.pole SET lamps = 9 WHERE feature_id % 20 = 0").await;
    let started = Instant::now();
    assert!(!follow(&mut tail, &mut memory).await.layers.is_empty());
    println!("poll with {} changed features: {:?}", COUNT / 20, started.elapsed());
}

#[tokio::test]
#[ignore = "a measurement, not a test"]
async fn measure_live_batches() {
    let city = city().await;
    let mut writer = LiveWriter::open(&city.url).await.unwrap();
    let start = live::now().0;
    for size in [1_u128, 100, 1_000] {
        let batch = |round: u128| -> Vec<JudgedReport> {
            let one = |number: u128| {
                let id = (size << 64) + round * size + number;
                let at = Moment(start + round as i64 * 1_000);
                live::report(id, &format!("115-{:03}", number % 200), at, UnitStatus::Available)
            };
            (0..size).map(one).collect()
        };
        let batches: Vec<_> = (0..20).map(batch).collect();
        let started = Instant::now();
        for batch in &batches {
            writer.write(batch, &[]).await.unwrap();
        }
        let each = started.elapsed() / 20;
        let rate = size as f64 / each.as_secs_f64();
        println!("live batch of {size}: {each:?}, {rate:.0} reports/s");
    }
}
