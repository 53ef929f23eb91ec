//! Edits by psql, seen in the tiles.
//!
//! The edited layer is `building`; the places are two tiles of zoom 16 far from each other and
//! from every bundled building.

use urbis_tests::{City, Session, decode, wait_for};

/// A tile in the hills, and a square in its middle.
const OLD: &str = "/tiles/building/16/52403/29850";
const OLD_SQUARE: &str = "107.8619,15.8193,107.8621,15.8195";
/// A tile elsewhere, and a square in its middle.
const NEW: &str = "/tiles/building/16/52421/29850";
const NEW_SQUARE: &str = "107.9608,15.8193,107.9610,15.8195";

fn square(bbox: &str) -> String {
    format!("ST_Transform(ST_Multi(ST_MakeEnvelope({bbox},4326)), 5899)")
}

fn insert(bbox: &str) -> String {
    format!("INSERT INTO layer.building (osm_id, geom) VALUES ('test', {})", square(bbox))
}

fn count(city: &City, path: &str) -> usize {
    decode(&city.fetch(path).body, "building").len()
}

#[test]
fn a_feature_inserted_moved_and_deleted_is_right_in_the_old_and_the_new_tile() {
    let city = City::start();
    assert_eq!((count(&city, OLD), count(&city, NEW)), (0, 0));
    city.edit(&insert(OLD_SQUARE));
    assert_eq!((count(&city, OLD), count(&city, NEW)), (1, 0));
    city.edit(&format!(
        "UPDATE layer.building SET geom = {} WHERE osm_id = 'test'",
        square(NEW_SQUARE)
    ));
    assert_eq!((count(&city, OLD), count(&city, NEW)), (0, 1));
    city.edit("DELETE FROM layer.building WHERE osm_id = 'test'");
    assert_eq!((count(&city, OLD), count(&city, NEW)), (0, 0));
}

#[test]
fn an_edit_changes_the_etag_of_its_tiles_and_of_no_other() {
    let city = City::start();
    let etag = |path: &str| city.fetch(path).header("etag").map(str::to_owned);
    let far = "/tiles/building,road_segment,admin_unit/15/26234/14902";
    let (old, other) = (etag(OLD), etag(far));
    assert!(other.is_some(), "{far} has no ETag");
    city.edit(&insert(OLD_SQUARE));
    assert_ne!(etag(OLD), old);
    assert_eq!(etag(far), other);
    let answer = city.request("GET", far, &[("if-none-match", &other.expect("checked above"))]);
    assert_eq!((answer.status, answer.body.len()), (304, 0));
}

#[test]
fn truncate_empties_the_layer_on_the_map() {
    let city = City::start();
    let count = || city.fetch("/health/ready").json()["layers"]["building"].as_u64();
    assert!(count() > Some(100));
    city.edit("TRUNCATE layer.building");
    assert_eq!(count(), Some(0));
    let kept = city.psql("SELECT count(*) > 100 FROM history.building");
    assert_eq!(kept, "t", "the history keeps what TRUNCATE removed");
}

#[test]
fn a_transaction_held_open_delays_only_itself() {
    let city = City::start();
    let mut held = Session::open(&city.database_url);
    held.run("BEGIN");
    held.run(&insert(OLD_SQUARE));

    // Begun later, committed earlier: seen at once.
    city.edit(&insert(NEW_SQUARE));
    assert_eq!((count(&city, OLD), count(&city, NEW)), (0, 1));
    city.edit("DELETE FROM layer.building WHERE osm_id = 'test'");
    assert_eq!((count(&city, OLD), count(&city, NEW)), (0, 0));

    held.run("COMMIT");
    wait_for("the held transaction's feature", || (count(&city, OLD) == 1).then_some(()));
}

#[test]
fn what_is_rolled_back_is_never_seen() {
    let city = City::start();
    let mut session = Session::open(&city.database_url);
    session.run("BEGIN");
    session.run(&insert(OLD_SQUARE));
    session.run("SAVEPOINT kept");
    session.run(&insert(NEW_SQUARE));
    session.run("ROLLBACK TO kept");
    session.run("COMMIT");
    wait_for("the kept feature", || (count(&city, OLD) == 1).then_some(()));
    assert_eq!(count(&city, NEW), 0);
}

#[test]
fn edits_made_while_the_node_was_down_are_there_after_the_restart() {
    let mut city = City::start();
    let mut held = Session::open(&city.database_url);
    held.run("BEGIN");
    held.run(&insert(OLD_SQUARE));
    city.restart();
    assert_eq!(count(&city, OLD), 0);
    held.run("COMMIT");
    wait_for("the feature of the older transaction", || (count(&city, OLD) == 1).then_some(()));
}

#[test]
fn every_version_stays_in_the_history() {
    let city = City::start();
    city.edit(&insert(OLD_SQUARE));
    city.edit("UPDATE layer.building SET name = 'Nhà một' WHERE osm_id = 'test'");
    city.edit("UPDATE layer.building SET name = 'Nhà hai' WHERE osm_id = 'test'");
    city.edit("DELETE FROM layer.building WHERE osm_id = 'test'");
    let names = city.psql(
        "SELECT coalesce(name, '-') FROM history.building WHERE osm_id = 'test' ORDER BY recorded_from",
    );
    assert_eq!(names, "-\nNhà một\nNhà hai");
    let whole = city.psql(
        "SELECT bool_and(recorded_from < recorded_to) AND bool_and(actor IS NOT NULL)
         FROM history.building WHERE osm_id = 'test'",
    );
    assert_eq!(whole, "t");
}
