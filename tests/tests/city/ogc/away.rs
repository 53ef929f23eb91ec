//! What is answered below `/ogc` while the database is away.

use urbis_tests::{City, psql, wait_for};

const ITEMS: &str = "/ogc/collections/admin_unit/items";

/// What needs no database, whatever the city in memory is asked for.
const FROM_MEMORY: [&str; 9] = [
    "/ogc",
    "/ogc/api",
    "/ogc/collections",
    "/ogc/collections/admin_unit",
    "/ogc/collections/admin_unit/schema",
    "/ogc/collections/admin_unit/queryables?f=html",
    "/ogc/collections/admin_unit/tiles/WebMercatorQuad/10/466/819",
    "/tiles/admin_unit/10/819/466",
    "/nearest/building?lon=108.22&lat=16.06&filter=name%20IS%20NOT%20NULL",
];

#[test]
fn features_are_away_with_the_database_and_all_else_goes_on() {
    let mut city = City::start();
    city.announce("database");
    city.announce("features cannot be read");
    let before = city.fetch(ITEMS);
    assert_eq!(before.status, 200);
    let first = before.json()["features"][0]["id"].to_string();
    let one = format!("{ITEMS}/{first}");
    let of_the_database = [
        ITEMS.to_owned(),
        one.clone(),
        format!("{one}?f=html"),
        format!("{ITEMS}?f=html"),
        format!("{ITEMS}?limit=10000&crs=http://www.opengis.net/def/crs/EPSG/0/5899"),
        format!("{ITEMS}?filter=area_km2%20%3E%2010"),
        format!("{ITEMS}?bbox=108,16,109,17&datetime=../.."),
    ];

    let name = city.psql("SELECT current_database()");
    let admin = city.database_url.replace(&name, "postgres");
    psql(&admin, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
    psql(
        &admin,
        &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
    );
    for path in &of_the_database {
        let answer = city.fetch(path);
        assert_eq!(answer.status, 503, "{path}: {}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
        assert_eq!(answer.json()["code"], "features_away", "{path}");
        let later = answer.header("retry-after").and_then(|seconds| seconds.parse::<u32>().ok());
        assert!(later.is_some_and(|seconds| seconds > 0), "{path}");
        let said = answer.text().to_lowercase();
        let tells = ["postgres", "sql", "connection", &name].iter().any(|word| said.contains(word));
        assert!(!tells, "{path}: {said}");
    }
    // What is wrong is still told to be wrong.
    assert_eq!(city.fetch(&format!("{ITEMS}?filter=nothing%20%3D%201")).status, 400);
    for path in FROM_MEMORY {
        let answer = city.fetch(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }

    psql(&admin, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"));
    wait_for("features to come back", || (city.fetch(ITEMS).status == 200).then_some(()));
    assert_eq!(city.fetch(ITEMS).json()["features"], before.json()["features"]);
    assert_eq!(city.fetch(&one).status, 200);
}
