//! How fresh an answer is, the headers that say so, and what a client may keep.

use urbis_tests::{City, wait_for};

const TILE: &str = "/tiles/admin_unit/10/819/466";

/// Edits, and roads that each changes: fewer than are read apart, over a session of their own, and
/// enough that keys are asked for while the city is built.
const EDITS: usize = 30;
const ROWS: usize = 900;

#[test]
fn every_read_names_its_revision_and_its_age() {
    let city = City::start();
    for path in [
        TILE,
        "/tiles/admin_unit",
        "/layers",
        "/at?lon=108.22&lat=16.06",
        "/nearest/building?lon=108.22&lat=16.06",
    ] {
        let answer = city.fetch(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let number = |name: &str| -> u64 {
            let header = answer.header(name).unwrap_or_else(|| panic!("{path} has no {name}"));
            header.parse().unwrap_or_else(|_| panic!("{path}: {name}: {header}"))
        };
        assert_eq!(number("urbis-revision"), city.revision(), "{path}");
        assert!(number("urbis-age-ms") < 5_000, "{path}");
    }
}

#[test]
fn a_tile_travels_compressed_as_the_client_asks() {
    let city = City::start();
    let plain = city.fetch(TILE);
    assert_eq!(plain.header("content-type"), Some("application/vnd.mapbox-vector-tile"));
    let vary = plain.header("vary").unwrap_or_default().to_ascii_lowercase();
    assert!(vary.contains("accept-encoding"), "vary: {vary}");
    for encoding in ["gzip", "br"] {
        let packed = city.request("GET", TILE, &[("accept-encoding", encoding)]);
        assert_eq!(packed.header("content-encoding"), Some(encoding));
        assert!(packed.body.len() < plain.body.len());
        assert_ne!(packed.header("etag"), plain.header("etag"));
        let etag = packed.header("etag").expect("a tile has an ETag").to_owned();
        let again =
            city.request("GET", TILE, &[("accept-encoding", encoding), ("if-none-match", &etag)]);
        assert_eq!((again.status, again.body.len()), (304, 0), "{encoding}");
        assert_eq!(again.header("etag"), Some(etag.as_str()));
    }
    let head = city.request("HEAD", TILE, &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("etag"), plain.header("etag"));
    assert_eq!(plain.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn maps_go_on_and_tell_their_age_while_postgresql_is_away() {
    let mut city = City::start();
    city.announce("database");
    let name = city.psql("SELECT current_database()");
    let before = city.fetch(TILE).body;
    let admin = city.database_url.replace(&name, "postgres");
    urbis_tests::psql(&admin, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
    urbis_tests::psql(
        &admin,
        &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
    );
    let age = || -> u64 {
        let answer = city.fetch(TILE);
        assert_eq!((answer.status, &answer.body), (200, &before));
        answer.header("urbis-age-ms").and_then(|age| age.parse().ok()).expect("an age")
    };
    wait_for("the age to grow", || (age() > 500).then_some(()));
    urbis_tests::psql(&admin, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"));
    wait_for("the tail to come back", || (age() < 200).then_some(()));
    city.edit("DELETE FROM layer.building WHERE feature_id = (SELECT min(feature_id) FROM layer.building)");
}

#[test]
fn a_node_that_stops_holds_the_change_log_back_no_longer() {
    let mut city = City::start();
    assert_eq!(city.psql("SELECT count(*) FROM urbis.node"), "1");
    city.restart();
    assert_eq!(city.psql("SELECT count(*) FROM urbis.node"), "1", "the one before has left");
}

/// The first rows over a new session take a tenth of a second, in which more changes wait.
#[test]
fn a_node_follows_edits_over_one_session_however_long_it_builds() {
    let city = City::start();
    let session = || {
        // Between two probes another statement is the last.
        let probing = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
                       AND query LIKE '-- One statement, one snapshot%'";
        wait_for("the node to probe the change log", || {
            Some(city.psql(probing)).filter(|pid| !pid.is_empty())
        })
    };
    let first = session();
    for edit in 0..EDITS {
        city.edit(&format!(
            "UPDATE layer.road_segment SET name = 'Đường Thử {edit}' WHERE feature_id IN \
             (SELECT feature_id FROM layer.road_segment ORDER BY feature_id LIMIT {ROWS})"
        ));
    }
    assert_eq!(session(), first);
}
