//! What the tail sees of plain SQL, open transactions, rollbacks, restarts.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::AssertSqlSafe;
use tokio::sync::mpsc;
use urbis_model::{AttributeValue, LayerChange};
use urbis_store::{Node, Part, Poll, Position, Tail};

use crate::harness::{
    City, Memory, assert_unchanged, city, city_at, execute, follow, id, insert_pole, layer,
};

fn heights(memory: &Memory) -> Vec<f64> {
    let mut heights: Vec<f64> = memory[&id("pole")]
        .values()
        .map(|feature| match feature.attributes[1] {
            AttributeValue::Float(height) => height,
            ref other => panic!("a height of {other:?}"),
        })
        .collect();
    heights.sort_by(f64::total_cmp);
    heights
}

/// Asserts that memory is what a fresh load gives.
async fn assert_current(city: &City, memory: &Memory) {
    assert_eq!(*memory, city.load().await.1);
}

#[tokio::test]
async fn plain_sql_is_seen_at_the_next_poll() {
    let city = city().await;
    let (mut tail, mut memory) = city.load().await;
    assert_unchanged(&mut tail).await;

    city.psql(&insert_pole(1, 8)).await;
    follow(&mut tail, &mut memory).await;
    assert_eq!(heights(&memory), [8.0]);

    city.psql("UPDATE layer.pole SET height_m = 9, geom = ST_Translate(geom, 1000, 0)").await;
    follow(&mut tail, &mut memory).await;
    assert_eq!(heights(&memory), [9.0]);
    assert_current(&city, &memory).await;

    city.psql("DELETE FROM layer.pole").await;
    follow(&mut tail, &mut memory).await;
    assert!(heights(&memory).is_empty());
    assert_unchanged(&mut tail).await;
}

#[tokio::test]
async fn truncate_resets_the_layer_and_keeps_the_history() {
    let city = city().await;
    city.psql(&insert_pole(1, 8)).await;
    let (mut tail, mut memory) = city.load().await;
    city.psql("TRUNCATE layer.pole").await;
    let batch = follow(&mut tail, &mut memory).await;
    assert_eq!(batch.layers[&id("pole")], LayerChange::Reset(Vec::new()));
    assert_eq!(
        city.number("SELECT count(*) FROM history.pole WHERE recorded_operation = 'truncate'")
            .await,
        1
    );
}

#[tokio::test]
async fn an_open_transaction_hides_only_itself() {
    let city = city().await;
    city.psql(&insert_pole(1, 1)).await;
    let (mut tail, mut memory) = city.load().await;
    let mut open = city.connect().await;
    execute(&mut open, &format!("BEGIN; {}", insert_pole(2, 2))).await.unwrap();

    // Its id is lower than theirs: a tail that waited for it would show none of them.
    city.psql(&insert_pole(3, 3)).await;
    follow(&mut tail, &mut memory).await;
    assert_eq!(heights(&memory), [1.0, 3.0]);
    city.psql("UPDATE layer.pole SET height_m = 4 WHERE height_m = 3").await;
    follow(&mut tail, &mut memory).await;
    assert_eq!(heights(&memory), [1.0, 4.0]);

    execute(&mut open, "COMMIT").await.unwrap();
    follow(&mut tail, &mut memory).await;
    assert_eq!(heights(&memory), [1.0, 2.0, 4.0]);
    assert_unchanged(&mut tail).await;
}

#[tokio::test]
async fn commits_out_of_order_are_all_seen_once() {
    let city = city().await;
    let (mut tail, mut memory) = city.load().await;
    let (mut a, mut b, mut c) = (city.connect().await, city.connect().await, city.connect().await);
    for (connection, height) in [(&mut a, 1), (&mut b, 2), (&mut c, 3)] {
        execute(connection, &format!("BEGIN; {}", insert_pole(height, height))).await.unwrap();
    }
    let mut seen = Vec::new();
    for (connection, height) in [(&mut c, 3.0), (&mut a, 1.0), (&mut b, 2.0)] {
        execute(connection, "COMMIT").await.unwrap();
        follow(&mut tail, &mut memory).await;
        seen.push(height);
        seen.sort_by(f64::total_cmp);
        assert_eq!(heights(&memory), seen);
    }
}

#[tokio::test]
async fn what_is_rolled_back_was_never_there() {
    let city = city().await;
    let (mut tail, mut memory) = city.load().await;
    let mut writer = city.connect().await;
    execute(&mut writer, &format!("BEGIN; {}; ROLLBACK", insert_pole(1, 1))).await.unwrap();
    assert_unchanged(&mut tail).await;

    let kept = format!(
        "BEGIN; {}; SAVEPOINT s; {}; UPDATE layer.pole SET height_m = 99; ROLLBACK TO s; {}; COMMIT",
        insert_pole(1, 1),
        insert_pole(2, 2),
        insert_pole(3, 3)
    );
    execute(&mut writer, &kept).await.unwrap();
    follow(&mut tail, &mut memory).await;
    assert_eq!(heights(&memory), [1.0, 3.0]);
    assert_current(&city, &memory).await;
}

#[tokio::test]
async fn a_tail_goes_on_from_the_text_of_its_position() {
    let city = city().await;
    let node = Node::new("tester").unwrap();
    let (mut tail, mut memory) = city.load_as(&node).await;
    let mut open = city.connect().await;
    execute(&mut open, &format!("BEGIN; {}", insert_pole(1, 1))).await.unwrap();
    city.psql(&insert_pole(2, 2)).await;
    follow(&mut tail, &mut memory).await;
    let text = tail.position().to_string();
    drop(tail);

    execute(&mut open, "COMMIT").await.unwrap();
    city.psql(&insert_pole(3, 3)).await;
    let position: Position = text.parse().unwrap();
    let mut tail = city.tail(position, &node).await;
    follow(&mut tail, &mut memory).await;
    assert_eq!(heights(&memory), [1.0, 2.0, 3.0]);
}

#[tokio::test]
async fn a_position_of_another_database_or_catalogue_asks_for_a_reload() {
    let city = city().await;
    let node = Node::new("tester").unwrap();
    let (tail, _) = city.load_as(&node).await;
    let text = tail.position().to_string();
    let (_, rest) = text.split_once('/').unwrap();
    let older = text.replacen("/1/", "/1/1", 1);
    for foreign in [format!("1{text}"), format!("7/{rest}"), text.replacen("/1/", "/9/", 1), older]
    {
        let position = foreign.parse().unwrap();
        let mut tail = city.tail(position, &node).await;
        assert!(matches!(tail.poll().await.unwrap(), Poll::Reload { .. }), "{foreign}");
    }
    let other = layer("kerb", "MultiLineString", 4326, &[("code", "text")]);
    let other = Arc::new(urbis_catalog::Catalog::from_layers(vec![other]).unwrap());
    let position = tail.position().clone();
    let mut tail = Tail::open(&city.url, other, position, node).await.unwrap();
    assert!(matches!(tail.poll().await.unwrap(), Poll::Reload { .. }));
}

#[tokio::test]
async fn a_lost_connection_is_an_error_once_and_loses_nothing() {
    let city = city().await;
    let (mut tail, mut memory) = city.load().await;
    follow(&mut tail, &mut memory).await;
    city.psql(&insert_pole(1, 1)).await;
    city.psql(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
         WHERE application_name = 'urbis' AND datname = current_database()",
    )
    .await;
    assert!(tail.poll().await.is_err());
    follow(&mut tail, &mut memory).await;
    assert_eq!(heights(&memory), [1.0]);
}

/// Transaction ids may repeat after a crash, and asynchronous commits may be lost.
#[tokio::test]
async fn a_crashed_server_asks_for_a_reload() {
    let cluster = urbis_cluster::TemporaryCluster::start().unwrap();
    let city = city_at(cluster.create_database()).await;
    let (mut tail, mut memory) = city.load().await;
    follow(&mut tail, &mut memory).await;
    let mut victim = city.connect().await;
    let pid: i32 =
        sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut victim).await.unwrap();
    let kill = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    assert!(kill.success());

    let deadline = Instant::now() + Duration::from_secs(20);
    let reload = loop {
        match tail.poll().await {
            Ok(Poll::Reload { reason }) => break reason,
            // The last moment before the crash, and then the server that recovers.
            Ok(Poll::Unchanged) | Err(_) => assert!(Instant::now() < deadline, "no reload"),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(reload, "the database was restarted");
}

#[tokio::test]
async fn an_open_truncate_is_said_and_then_followed() {
    let city = city().await;
    city.psql(&insert_pole(1, 1)).await;
    let (mut tail, mut memory) = city.load().await;
    city.psql(&insert_pole(2, 2)).await;
    let mut open = city.connect().await;
    execute(&mut open, "BEGIN; TRUNCATE layer.pole").await.unwrap();
    assert_eq!(tail.poll().await.unwrap_err().code(), "layer_locked");
    execute(&mut open, "COMMIT").await.unwrap();
    follow(&mut tail, &mut memory).await;
    assert!(heights(&memory).is_empty());
}

#[tokio::test]
async fn a_geometry_without_a_place_is_a_feature_without_geometry() {
    let city = city().await;
    let (mut tail, mut memory) = city.load().await;
    city.psql(
        "INSERT INTO layer.pole (geom, height_m) VALUES \
         (NULL, 1), ('SRID=5899;POINT EMPTY', 'NaN'), \
         (ST_SetSRID(ST_MakePoint('Infinity', 0), 5899), 3), \
         (ST_SetSRID(ST_MakePoint(1e300, -1e300), 5899), 4); \
         INSERT INTO layer.lane (geom) VALUES ('SRID=4326;MULTILINESTRING EMPTY')",
    )
    .await;
    follow(&mut tail, &mut memory).await;
    let features = memory.values().flat_map(|layer| layer.values());
    assert_eq!(features.filter(|feature| feature.geometry.is_none()).count(), 5, "{memory:?}");
    assert_current(&city, &memory).await;
}

#[tokio::test]
async fn a_server_that_likes_parallel_plans_can_be_read() {
    let city = city().await;
    let name = city.text("SELECT current_database()").await.unwrap();
    for setting in ["parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size"] {
        city.psql(&format!("ALTER DATABASE {name} SET {setting} = 0")).await;
    }
    city.psql(
        "INSERT INTO layer.pole (geom) SELECT ST_SetSRID(ST_MakePoint(n, n), 5899) \
         FROM generate_series(1, 5000) AS n; ANALYZE layer.pole",
    )
    .await;
    assert_eq!(city.load().await.1[&id("pole")].len(), 5000);
}

#[tokio::test]
async fn a_load_that_is_dropped_reads_no_further() {
    let city = city().await;
    city.psql(
        "INSERT INTO layer.pole (height_m) SELECT n FROM generate_series(1, 30000) AS n; \
         INSERT INTO layer.lane (width_m) SELECT n FROM generate_series(1, 30000) AS n",
    )
    .await;
    let node = Node::new("tester").unwrap();
    let (sender, mut parts) = mpsc::channel::<Part>(1);
    let both_are_read = async {
        let mut seen = BTreeSet::new();
        while seen.len() < 2 {
            seen.insert(parts.recv().await.unwrap().layer().clone());
        }
    };
    tokio::select! {
        loaded = city.store.load(&city.catalog, &node, sender) => panic!("{loaded:?}"),
        () = both_are_read => {}
    }
    while let Some(part) = parts.recv().await {
        assert!(!matches!(part, Part::LayerEnd { .. }), "{part:?}");
    }
}

#[tokio::test]
async fn values_come_out_as_the_model_spells_them() {
    let city = city().await;
    city.psql(
        "INSERT INTO layer.pole (asset_no, height_m, lamps, is_lit, built, inspected_at, state) \
         VALUES ('Đèn', 8.25, 3, false, '2019-04-30', '2025-07-01 07:30+07', 'ok')",
    )
    .await;
    let (_, memory) = city.load().await;
    let feature = memory[&id("pole")].values().next().unwrap();
    let expected = [
        AttributeValue::text("Đèn"),
        AttributeValue::Float(8.25),
        AttributeValue::Int(3),
        AttributeValue::Bool(false),
        AttributeValue::text("2019-04-30"),
        AttributeValue::text("2025-07-01T00:30:00Z"),
        AttributeValue::text("ok"),
    ];
    assert_eq!(feature.attributes, expected);
}

#[tokio::test]
async fn a_geometry_in_vn_2000_comes_out_in_degrees() {
    let city = city().await;
    city.psql(
        "INSERT INTO layer.pole (geom) VALUES \
         (ST_SetSRID(ST_MakePoint(550840.1548, 1776387.4104), 5899))",
    )
    .await;
    let (_, memory) = city.load().await;
    let feature = memory[&id("pole")].values().next().unwrap();
    let Some(geo_types::Geometry::Point(place)) = feature.geometry else { panic!("no point") };
    // PROJ inverts the seven parameters to a fraction of a millimetre; 5e-9 degrees is 0.5 mm.
    assert!((place.x() - 108.2270).abs() < 5e-9 && (place.y() - 16.0610).abs() < 5e-9, "{place:?}");
}

/// The statements of the tail over a long log, whose rows are those of a few transactions.
#[tokio::test]
async fn a_probe_of_a_long_log_leaps_by_the_index() {
    let city = city().await;
    city.psql(
        "INSERT INTO urbis.change_log (xid, layer, feature_id) \
         SELECT (n / 10000)::text::xid8, CASE WHEN n % 2 = 0 THEN 'pole' ELSE 'lane' END, n \
         FROM generate_series(0, 199999) AS n",
    )
    .await;
    let mut connection = city.connect().await;
    // As the tail's own session; the log was never analysed.
    execute(
        &mut connection,
        "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashagg = off; \
         SET plan_cache_mode = force_generic_plan; SET jit = off",
    )
    .await
    .unwrap();
    let node = "00000000-0000-0000-0000-000000000000";
    for (statement, arguments, opened) in [
        // Four transactions, two layers each; of each pair 11 rows are counted.
        (
            include_str!("../../src/sql/probe_log.sql"),
            format!("'18', '{{3,5}}', '{node}', 11, 99"),
            8,
        ),
        (include_str!("../../src/sql/read_log.sql"), "'{3}'".into(), 1),
    ] {
        execute(&mut connection, &format!("DEALLOCATE ALL; PREPARE probe AS {statement}"))
            .await
            .unwrap();
        let explain =
            format!("EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) EXECUTE probe({arguments})");
        let plan: Vec<String> = sqlx::query_scalar(AssertSqlSafe(explain))
            .persistent(false)
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let plan = plan.join("\n");
        assert!(!plan.contains("Seq Scan"), "{plan}");
        assert!(!plan.contains("Rows Removed by Filter"), "{plan}");
        let counting = format!("(actual rows=11 loops={opened})");
        assert!(opened == 1 || plan.contains(&counting), "{plan}");
    }
}
