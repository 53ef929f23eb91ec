//! An import killed at any moment leaves the layer as it was, or complete.

use std::time::{Duration, Instant};

use urbis_tests::{bundled_database, empty_database, psql, urbis};

const ROADS: &str = "data/danang/haichau.osm.pbf";
const KILLS: u32 = 20;

/// State of a layer that a half-done import would change.
fn fingerprint(database_url: &str) -> String {
    psql(
        database_url,
        "SELECT count(*), md5(string_agg(feature_id || ST_AsText(geom) || coalesce(name, ''), ',' ORDER BY feature_id))
         FROM layer.road_segment",
    )
}

fn import(database_url: &str) -> std::process::Command {
    let mut command = urbis();
    command.args(["import", "road_segment", ROADS, "--json", "--database-url", database_url]);
    command.stdout(std::process::Stdio::null());
    command
}

/// Time of one whole import, so that kills spread over all of it.
fn time_of(mut command: std::process::Command) -> Duration {
    let start = Instant::now();
    let status = command.status().expect("urbis starts");
    assert!(status.success());
    start.elapsed()
}

fn kill_after(mut command: std::process::Command, delay: Duration) {
    let mut child = command.spawn().expect("urbis starts");
    // The kill must come at a moment of its own, not at a condition.
    std::thread::sleep(delay);
    drop(child.kill());
    child.wait().expect("the import can be waited for");
}

#[test]
fn a_killed_first_load_leaves_nothing_or_all() {
    let database_url = empty_database();
    let migrated = urbis().args(["migrate", "--database-url", &database_url]).status();
    assert!(migrated.expect("urbis starts").success());
    let empty = fingerprint(&database_url);

    let whole_url = empty_database();
    assert!(urbis().args(["migrate", "--database-url", &whole_url]).status().is_ok());
    let duration = time_of(import(&whole_url));

    for kill in 0..KILLS {
        kill_after(import(&database_url), duration * kill / KILLS);
        wait_until_unlocked(&database_url);
        let count = psql(&database_url, "SELECT count(*) FROM layer.road_segment");
        let whole = psql(&whole_url, "SELECT count(*) FROM layer.road_segment");
        assert!(count == "0" || count == whole, "kill {kill} left {count} of {whole}");
        if count == whole {
            psql(&database_url, "TRUNCATE layer.road_segment");
        }
        assert_eq!(fingerprint(&database_url), empty, "kill {kill}");
    }
    assert!(import(&database_url).status().expect("urbis starts").success());
    let indexed = "SELECT to_regclass('layer.road_segment_geom') IS NOT NULL";
    assert_eq!(psql(&database_url, indexed), "t", "the spatial index is gone");
}

#[test]
fn a_killed_re_import_leaves_the_layer_as_it_was_or_complete() {
    let database_url = bundled_database();
    let complete = fingerprint(&database_url);
    // Without their names, and with their source hashes forgotten, all features differ from the source.
    let spoil = "SET urbis.client = 'import';
                 UPDATE layer.road_segment SET name = 'cũ';
                 UPDATE urbis.feature_identity SET source_hash = '\\x00' WHERE layer = 'road_segment'";
    psql(&database_url, spoil);
    let spoiled = fingerprint(&database_url);
    let duration = time_of(import(&database_url));
    assert_eq!(fingerprint(&database_url), complete);
    for kill in 0..KILLS {
        psql(&database_url, spoil);
        kill_after(import(&database_url), duration * kill / KILLS);
        wait_until_unlocked(&database_url);
        let now = fingerprint(&database_url);
        assert!(now == spoiled || now == complete, "kill {kill} left something between");
    }
    assert!(import(&database_url).status().expect("urbis starts").success());
    assert_eq!(fingerprint(&database_url), complete);
    let staging = "SELECT count(*) FROM pg_class WHERE relname LIKE 'import\\_staged%'";
    assert_eq!(psql(&database_url, staging), "0", "staging tables are left");
    let indexed = "SELECT to_regclass('layer.road_segment_geom') IS NOT NULL";
    assert_eq!(psql(&database_url, indexed), "t", "the spatial index is gone");
    let running = "SELECT count(*) FROM urbis.import_run WHERE status = 'running'";
    assert_eq!(psql(&database_url, running), "0", "dead runs are not marked");
}

/// The server notices a killed client only when it next talks to it.
fn wait_until_unlocked(database_url: &str) {
    urbis_tests::wait_for("the killed import's session to end", || {
        let others = "SELECT count(*) FROM pg_stat_activity
                      WHERE datname = current_database() AND pid <> pg_backend_pid()
                        AND backend_type = 'client backend'";
        (psql(database_url, others) == "0").then_some(())
    });
}
