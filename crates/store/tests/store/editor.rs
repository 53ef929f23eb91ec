//! Role `urbis_editor`: what QGIS may do with its password, and what not.

use urbis_catalog::Catalog;

use crate::harness::{City, city, execute, follow, insert_pole, lane, layer, pole};

/// A role belongs to the whole cluster: the tests make it once and leave it.
async fn with_editor() -> City {
    let city = city().await;
    city.psql(
        "DO $$ BEGIN CREATE ROLE urbis_editor; GRANT pg_read_all_data TO urbis_editor; \
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$",
    )
    .await;
    city.store.migrate(&city.catalog).await.unwrap();
    city
}

async fn as_editor(city: &City, sql: &str) -> Result<(), sqlx::Error> {
    let mut connection = city.connect().await;
    execute(&mut connection, "SET ROLE urbis_editor").await.unwrap();
    execute(&mut connection, sql).await
}

#[tokio::test]
async fn an_editor_draws_changes_and_removes_features_as_qgis_does() {
    let city = with_editor().await;
    let (mut tail, mut memory) = city.load().await;
    for sql in [
        &insert_pole(1, 8),
        "UPDATE layer.pole SET height_m = 9, geom = ST_Translate(geom, 1, 0)",
        "SELECT feature_id, height_m FROM layer.pole WHERE geom && ST_Expand(geom, 1)",
        "SELECT * FROM history.pole",
        "DELETE FROM layer.pole",
    ] {
        as_editor(&city, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    assert!(!follow(&mut tail, &mut memory).await.layers.is_empty());
    assert_eq!(city.number("SELECT count(*) FROM history.pole").await, 2);
}

#[tokio::test]
async fn an_editor_edits_a_layer_that_comes_later_too() {
    let city = with_editor().await;
    let bench = layer("bench", "Point", 4326, &[("code", "text")]);
    let more = Catalog::from_layers(vec![pole(), lane(), bench]).unwrap();
    city.store.migrate(&more).await.unwrap();
    let insert = "INSERT INTO layer.bench (geom) VALUES ('SRID=4326;POINT(108 16)')";
    as_editor(&city, insert).await.unwrap();
}

#[tokio::test]
async fn an_editor_writes_nothing_but_layers() {
    let city = with_editor().await;
    city.psql(&insert_pole(1, 8)).await;
    for sql in [
        "INSERT INTO urbis.api_key SELECT 'abcdefgh23', sha256('x'), 'restricted', '{admin}', '', \
         now(), 'me', NULL",
        "UPDATE urbis.api_key SET revoked_at = NULL",
        "DELETE FROM urbis.api_key",
        "TRUNCATE urbis.api_key",
        "INSERT INTO urbis.change_log (layer) VALUES ('pole')",
        "DELETE FROM urbis.change_log",
        "INSERT INTO urbis.feature_identity VALUES (1, 'pole', 'a', 'b', '')",
        "UPDATE urbis.layer_definition SET generated_hash = ''",
        "DELETE FROM history.pole",
        "SELECT setval('urbis.feature_id', 1)",
        "ALTER TABLE urbis.api_key DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE layer.pole DISABLE TRIGGER urbis_updated",
    ] {
        let refused = as_editor(&city, sql).await.err().map(|error| error.to_string());
        let is_refused = refused.as_ref().is_some_and(|error| {
            error.contains("permission denied") || error.contains("must be owner")
        });
        assert!(is_refused, "{sql}: {refused:?}");
    }
    let seen = "SELECT 1 / count(*) FROM urbis.api_key";
    assert!(as_editor(&city, seen).await.is_err(), "no row of a key is shown");
}
