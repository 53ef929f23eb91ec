//! Pages and streams: their order, their ends, and what writes meanwhile do to them.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::{FutureExt, StreamExt, TryStreamExt};
use sqlx::Connection;
use urbis_model::{FeatureId, Openness};
use urbis_store::{FeatureAsk, FeatureCursor, FeatureReader, StoreError};

use super::{Ground, ids, parse};
use crate::harness::execute;

#[tokio::test]
async fn pages_of_any_size_are_the_whole_and_features_without_a_geometry_come_last() {
    let ground = Ground::full().await;
    let ask = ground.ask(Openness::Restricted);
    let whole = ground.page(&ask).await;
    assert_eq!(whole.len(), 468);
    let somewhere = whole.iter().take_while(|feature| !feature["geometry"].is_null()).count();
    assert!(
        somewhere > 300 && whole[somewhere..].iter().all(|feature| feature["geometry"].is_null())
    );
    let ids_of = ids(&whole);
    assert!(ids_of[..somewhere].is_sorted() && ids_of[somewhere..].is_sorted());

    for limit in [1, 7, 100, somewhere as u64, 467, 468, 1_000] {
        let (mut after, mut paged) = (None, Vec::new());
        loop {
            let page = ground.reader.page(&FeatureAsk { after, limit, ..ask }).await.unwrap();
            assert!(page.count <= limit && page.count > 0);
            paged.extend(ids(&parse(&page.features)));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(paged, ids_of, "pages of {limit}");
    }
}

#[tokio::test]
async fn a_page_goes_on_where_the_last_one_ended_whatever_is_written_meanwhile() {
    let ground = Ground::full().await;
    let ask = FeatureAsk { limit: 50, ..ground.ask(Openness::Restricted) };
    let first = ground.reader.page(&ask).await.unwrap();
    let seen = ids(&parse(&first.features));
    let last = *seen.last().unwrap();
    // Behind the page one goes, in front of it another; some change.
    ground
        .city
        .psql(&format!("DELETE FROM layer.lot WHERE feature_id IN ({}, {last})", seen[3]))
        .await;
    ground.city.psql("UPDATE layer.lot SET floors = 8").await;
    let second = ground.reader.page(&FeatureAsk { after: first.next, ..ask }).await.unwrap();
    let wanted = format!(
        "SELECT string_agg(feature_id::text, ',' ORDER BY feature_id) FROM (SELECT feature_id \
         FROM layer.lot WHERE geom IS NOT NULL AND feature_id > {last} \
         ORDER BY feature_id LIMIT 50) AS f"
    );
    let found: Vec<String> = ids(&parse(&second.features)).iter().map(u64::to_string).collect();
    assert_eq!(Some(found.join(",")), ground.city.text(&wanted).await);
}

#[tokio::test]
async fn a_cursor_past_the_end_and_one_of_nobody_find_nothing_more() {
    let ground = Ground::full().await;
    for has_geometry in [true, false] {
        let id = FeatureId::new(1_000_000).unwrap();
        let after = Some(FeatureCursor { id, has_geometry });
        let page = FeatureAsk { after, ..ground.ask(Openness::Open) };
        let found = ground.reader.page(&page).await.unwrap();
        let nowhere = parse(&found.features).iter().all(|feature| feature["geometry"].is_null());
        assert!(nowhere && (has_geometry || found.count == 0));
    }
}

#[tokio::test]
async fn one_feature_is_found_by_its_id_where_the_class_sees_it() {
    let ground = Ground::full().await;
    let open = ids(&ground.page(&ground.ask(Openness::Open)).await);
    let all = ids(&ground.page(&ground.ask(Openness::Restricted)).await);
    for number in all {
        let id = FeatureId::new(number.cast_signed()).unwrap();
        let found = ground.reader.one(&ground.ask(Openness::Open), id).await.unwrap();
        let found = found.map(|feature| ids(&parse(&feature)));
        assert_eq!(found, open.contains(&number).then(|| vec![number]));
    }
    let none = FeatureId::new(9_999).unwrap();
    assert_eq!(ground.reader.one(&ground.ask(Openness::Restricted), none).await.unwrap(), None);
}

#[tokio::test]
async fn only_the_wanted_properties_that_the_class_sees_are_there() {
    let ground = Ground::full().await;
    let wanted = ["floors".to_owned(), "owner".to_owned(), "lot".to_owned(), "none".to_owned()];
    for (class, names) in [
        (Openness::Open, &["lot", "floors"][..]),
        (Openness::Internal, &["lot", "floors", "owner"]),
    ] {
        let ask = FeatureAsk { properties: Some(&wanted), limit: 20, ..ground.ask(class) };
        for feature in ground.page(&ask).await {
            let found: Vec<&String> = feature["properties"].as_object().unwrap().keys().collect();
            assert_eq!(found, names);
        }
    }
    let ask = FeatureAsk { properties: Some(&[]), limit: 1, ..ground.ask(Openness::Open) };
    assert_eq!(ground.page(&ask).await[0]["properties"], serde_json::json!({}));
}

#[tokio::test]
async fn a_stream_is_read_in_pieces_none_of_which_is_empty() {
    let ground = Ground::empty().await;
    let none: Vec<_> = ground.reader.stream(&ground.ask(Openness::Open)).collect().await;
    assert!(none.is_empty());
    ground
        .city
        .psql(
            "INSERT INTO layer.lot (geom, lot, use)
             SELECT ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(548000 + n, 1774000), 5899), 10)),
                    repeat('x', 200), CASE WHEN n < 2000 THEN 'bad' ELSE 'ok' END
             FROM generate_series(1, 12000) AS n",
        )
        .await;
    let ask = FeatureAsk { limit: 9_000, ..ground.ask(Openness::Open) };
    let pieces: Vec<_> = ground.reader.stream(&ask).try_collect().await.unwrap();
    assert!(pieces.len() > 5);
    assert!(pieces[0].count <= 100);
    for piece in &pieces {
        assert!(
            piece.count > 0 && piece.features.len() < 3 << 20,
            "{} bytes",
            piece.features.len()
        );
    }
    assert_eq!(pieces.iter().map(|piece| piece.count).sum::<u64>(), 9_000);
    // The last one says whether there are more.
    let after = pieces.last().unwrap().next;
    let rest = ground.reader.stream(&FeatureAsk { after, ..ask });
    let rest: Vec<_> = rest.try_collect().await.unwrap();
    assert_eq!(rest.iter().map(|piece| piece.count).sum::<u64>(), 12_000 - 1_999 - 9_000);
    assert_eq!(rest.last().unwrap().next, None);
}

/// Longest time that something which should come may take.
const DEADLINE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn takers_who_wait_hold_no_connection_and_few_megabytes_and_miss_nothing() {
    let ground = Ground::empty().await;
    let lots = "INSERT INTO layer.lot (geom, lot, use)
         SELECT CASE WHEN n <= 5000 THEN ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(548000 + n, 1774000), 5899), 10)) END,
                repeat('x', 2500), 'ok'
         FROM generate_series(1, 6000) AS n";
    ground.city.psql(lots).await;
    let ask = ground.ask(Openness::Restricted);
    // More than there are connections.
    let mut streams: Vec<_> = (0..6).map(|_| Box::pin(ground.reader.stream(&ask))).collect();
    let mut taken: Vec<Vec<u64>> = Vec::new();
    for stream in &mut streams {
        let first = stream.next().await.unwrap().unwrap();
        taken.push(ids(&parse(&first.features)));
    }
    let is_reading = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' \
                      AND datname = current_database() AND application_name = 'urbis features'";
    let idle = async { while ground.city.number(is_reading).await > 0 {} };
    tokio::time::timeout(DEADLINE, idle).await.expect("nobody holds a connection");
    assert_eq!(ground.reader.count(&ask).await.unwrap(), 6_000);

    for (stream, taken) in streams.iter_mut().zip(&mut taken) {
        let mut waiting = 0;
        // No task runs meanwhile: this is what has been read.
        while let Some(Some(piece)) = stream.next().now_or_never() {
            let piece = piece.unwrap();
            waiting += piece.features.len();
            taken.extend(ids(&parse(&piece.features)));
        }
        assert!((1 << 20..=8 << 20).contains(&waiting), "{waiting} bytes wait");
        let rest: Vec<_> = stream.try_collect().await.unwrap();
        taken.extend(rest.iter().flat_map(|piece| ids(&parse(&piece.features))));
        assert!(taken.len() == 6_000 && taken.is_sorted_by(|a, b| a < b), "{}", taken.len());
    }
}

#[tokio::test]
async fn a_taker_who_leaves_holds_no_connection() {
    let ground = Ground::full().await;
    for _ in 0..20 {
        let mut pieces = Box::pin(ground.reader.stream(&ground.ask(Openness::Restricted)));
        assert!(pieces.next().await.unwrap().unwrap().count > 0);
    }
    assert_eq!(ground.reader.count(&ground.ask(Openness::Restricted)).await.unwrap(), 468);
}

#[tokio::test]
async fn a_page_is_read_without_workers_and_a_count_is_right_with_them() {
    let ground = Ground::full().await;
    ground
        .city
        .psql(
            "DO $$ DECLARE cost text; BEGIN
               FOREACH cost IN ARRAY ARRAY['parallel_setup_cost', 'parallel_tuple_cost',
                 'min_parallel_table_scan_size', 'min_parallel_index_scan_size'] LOOP
                 EXECUTE format('ALTER DATABASE %I SET %s = 0', current_database(), cost);
               END LOOP;
             END $$",
        )
        .await;
    let plan = ground.city.text("EXPLAIN SELECT count(*) FROM layer.lot").await.unwrap();
    assert!(plan.starts_with("Finalize Aggregate"), "the server would take workers: {plan}");
    let reader = FeatureReader::new(&ground.city.url).unwrap();
    let ask = ground.ask(Openness::Restricted);
    for _ in 0..2 {
        let plan = reader.explain(&ask).await.unwrap().join("\n");
        assert!(!plan.contains("Gather"), "{plan}");
        assert_eq!(reader.count(&ask).await.unwrap(), 468);
    }
}

#[tokio::test]
async fn a_question_is_answered_the_same_after_its_table_has_changed_and_its_session_has_ended() {
    let ground = Ground::full().await;
    let ask = ground.ask(Openness::Restricted);
    let whole = ground.page(&ask).await;
    ground
        .city
        .psql(
            "DROP VIEW qgis.lot, qgis_internal.lot, qgis_restricted.lot;
             ALTER TABLE layer.lot ALTER COLUMN floors TYPE numeric",
        )
        .await;
    assert_eq!(ground.page(&ask).await, whole);
    ground
        .city
        .psql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'urbis features'",
        )
        .await;
    // Each session that was used a moment ago may fail once.
    let (deadline, mut in_a_row) = (Instant::now() + Duration::from_secs(20), 0);
    while in_a_row < 8 {
        assert!(Instant::now() < deadline, "no session is opened anew");
        match ground.reader.page(&ask).await {
            Ok(page) => {
                assert_eq!(parse(&page.features), whole);
                in_a_row += 1;
            }
            Err(cause) => {
                assert!(cause.is_away(), "{cause:?}");
                in_a_row = 0;
            }
        }
    }
}

#[tokio::test]
async fn a_count_that_is_given_up_at_any_moment_leaves_no_transaction_to_others() {
    const OPEN: &str = "SELECT count(*)::text FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'urbis features'
         AND (xact_start IS NOT NULL OR state LIKE 'idle in transaction%')";
    let ground = Ground::full().await;
    let ask = ground.ask(Openness::Restricted);
    for waits in 0..6 {
        // A session is open, and free again when another has been asked.
        assert!(!ground.page(&ask).await.is_empty());
        ground.city.psql("SELECT 1").await;
        let mut left = waits;
        {
            let mut count = pin!(ground.reader.count(&ask));
            let given_up = poll_fn(|context| {
                if left == 0 {
                    return Poll::Ready(None);
                }
                left -= 1;
                count.as_mut().poll(context).map(Some)
            });
            given_up.await;
        }
        let deadline = Instant::now() + Duration::from_secs(10);
        while ground.city.text(OPEN).await.as_deref() != Some("0") {
            assert!(Instant::now() < deadline, "a session stays in a transaction");
        }
    }
}

#[tokio::test]
async fn a_question_that_takes_too_long_is_given_up_with_a_code() {
    let ground = Ground::full().await;
    let reader = FeatureReader::with_timeout(&ground.city.url, Duration::from_millis(300)).unwrap();
    let mut holder = ground.city.connect().await;
    execute(&mut holder, "BEGIN; LOCK TABLE layer.lot IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let slow = reader.page(&ground.ask(Openness::Open)).await.unwrap_err();
    assert!(matches!(slow, StoreError::FeaturesTooSlow), "{slow:?}");
    assert_eq!(slow.code(), "features_too_slow");
    let slow = reader.count(&ground.ask(Openness::Open)).await.unwrap_err();
    assert_eq!(slow.code(), "features_too_slow");
    execute(&mut holder, "ROLLBACK").await.unwrap();
    holder.close().await.unwrap();
    assert!(reader.page(&ground.ask(Openness::Open)).await.unwrap().count > 0);
}

#[tokio::test]
async fn a_reader_writes_nothing() {
    let ground = Ground::empty().await;
    let nobody = FeatureReader::new("postgres://127.0.0.1:1/none").unwrap();
    let away = nobody.page(&ground.ask(Openness::Open)).await.unwrap_err();
    assert!(away.is_away(), "{away:?}");
}
