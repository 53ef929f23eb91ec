//! The time in which features hold, from the table to memory.

use urbis_model::{Moment, Validity};

use crate::harness::{City, city, follow, id, insert_pole, records};

/// 2025-07-01T00:00:00+07:00, microseconds since 1970.
const MERGER: Moment = Moment(1_751_302_800_000_000);

/// 294276-12-31T23:59:59.999999Z is past the last moment of an `i64` that counts from 1970.
const CASES: [(&str, &str, Validity); 8] = [
    ("NULL", "NULL", Validity::ALWAYS),
    ("'-infinity'", "'infinity'", Validity::ALWAYS),
    ("'2025-07-01T00:00:00+07:00'", "NULL", Validity { from: Some(MERGER), to: None }),
    ("NULL", "'2025-06-30T17:00:00Z'", Validity { from: None, to: Some(MERGER) }),
    (
        "'1970-01-01T00:00:00Z'",
        "'1970-01-01T00:00:00.000001Z'",
        Validity { from: Some(Moment(0)), to: Some(Moment(1)) },
    ),
    // Julian day 0, 2 440 588 days before 1970.
    (
        "'4714-11-24T00:00:00Z BC'",
        "'294276-12-31T23:59:59.999999Z'",
        Validity { from: Some(Moment(-2_440_588 * 86_400_000_000)), to: Some(Moment(i64::MAX)) },
    ),
    ("'infinity'", "NULL", Validity { from: Some(Moment(i64::MAX)), to: None }),
    ("NULL", "'-infinity'", Validity { from: None, to: Some(Moment(i64::MIN)) }),
];

async fn loaded(city: &City) -> Vec<Validity> {
    let (_, memory) = city.load().await;
    memory[&id("pole")].values().map(|feature| feature.validity).collect()
}

#[tokio::test]
async fn any_time_that_a_table_can_hold_is_read() {
    let city = city().await;
    let (mut tail, mut memory) = city.load().await;
    for (from, to, _) in CASES {
        city.psql(&insert_pole(1, 8)).await;
        city.psql(&format!(
            "UPDATE layer.pole SET valid_from = {from}, valid_to = {to} \
             WHERE feature_id = (SELECT max(feature_id) FROM layer.pole)"
        ))
        .await;
    }
    let expected = CASES.map(|(_, _, validity)| validity);
    assert_eq!(loaded(&city).await, expected);
    follow(&mut tail, &mut memory).await;
    assert_eq!(memory, city.load().await.1);
}

#[tokio::test]
async fn an_end_that_is_set_is_seen_at_the_next_poll() {
    let city = city().await;
    city.psql(&insert_pole(1, 8)).await;
    let (mut tail, mut memory) = city.load().await;
    city.psql("UPDATE layer.pole SET valid_to = '2025-07-01T00:00:00+07:00'").await;
    follow(&mut tail, &mut memory).await;
    let ends: Vec<_> = memory[&id("pole")].values().map(|feature| feature.validity.to).collect();
    assert_eq!(ends, [Some(MERGER)]);
}

#[tokio::test]
async fn an_imported_day_is_its_start_in_utc() {
    let city = city().await;
    city.publish(records(0..1)).await;
    // 2019-04-30T00:00:00Z.
    let built = Moment(1_556_582_400_000_000);
    assert_eq!(loaded(&city).await, [Validity { from: Some(built), to: None }]);
}
