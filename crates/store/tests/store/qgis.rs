//! The views for QGIS: what a class finds in them, and that a login reaches nothing else.

use std::sync::Arc;

use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions};
use urbis_catalog::{Catalog, Layer};
use urbis_model::{AttributeValue, Openness};
use urbis_store::{QgisProject, QgisPublication, QgisStyle, Store, StoreError, qgis_schema};

use crate::harness::{City, database, execute, id, lane, layer, pole};

/// A layer with an attribute, codes and features above the open class.
fn depot() -> Layer {
    let mut depot =
        layer("depot", "Point", 5899, &[("no", "text"), ("uses", "codes"), ("owner", "text")]);
    depot.openness_by =
        serde_json::from_value(json!({ "attribute": "uses", "levels": { "bad": "restricted" } }))
            .unwrap();
    depot.attributes[2].openness = Some(Openness::Internal);
    depot
}

fn vault() -> Layer {
    let mut vault = layer("vault", "Point", 4326, &[("no", "text")]);
    vault.openness = Openness::Restricted;
    vault
}

async fn guarded_city() -> City {
    let catalog = Arc::new(Catalog::from_layers(vec![pole(), lane(), depot(), vault()]).unwrap());
    let url = database();
    let store = Store::connect(&url).await.unwrap();
    store.migrate(&catalog).await.unwrap();
    let city = City { url, store, catalog };
    city.psql(
        "INSERT INTO layer.depot (no, uses, owner, geom, valid_to) VALUES \
         ('plain', 'ok', 'An', 'SRID=5899;POINT(550000 1775000)', NULL), \
         ('none', NULL, 'An', 'SRID=5899;POINT(550000 1775000)', NULL), \
         ('past', 'ok', 'An', NULL, now() - interval '1 day'), \
         ('secret-9', 'ok+bad', 'Binh', 'SRID=5899;POINT(550001 1775000)', NULL), \
         ('padded', E'ok+\\u2003bad\\u00a0', 'Binh', NULL, NULL), \
         ('unlisted', 'ok+worse', 'Binh', NULL, NULL), \
         ('empty', '', 'Binh', NULL, NULL); \
         INSERT INTO layer.vault (no) VALUES ('v1'); ANALYZE",
    )
    .await;
    city
}

/// A connection as somebody whom `urbis qgis user` gave a login; the trust of the test's socket
/// takes the place of the password.
async fn login(city: &City, name: &str, class: Openness) -> PgConnection {
    let name = format!("{name}_{}", city.text("SELECT md5(current_database())").await.unwrap());
    let name = name[..20].parse().unwrap();
    let user = city.store.make_qgis_user(name, class).await.unwrap();
    let options: PgConnectOptions = city.url.parse().unwrap();
    options.username(&user.name.to_string()).password(&user.password).connect().await.unwrap()
}

async fn texts(connection: &mut PgConnection, sql: &str) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(connection).await.unwrap()
}

#[tokio::test]
async fn a_class_sees_in_its_views_what_the_rule_of_the_layer_lets_it_see() {
    let city = guarded_city().await;
    let depot = depot();
    for class in Openness::ALL {
        let mut connection = login(&city, "seer", class).await;
        let sql = format!("SELECT no FROM {}.depot ORDER BY feature_id", qgis_schema(class));
        // The same rule as in memory, over the rows as the owner reads them.
        let mut owner = city.connect().await;
        let rows: Vec<(String, Option<String>, String)> = sqlx::query_as(
            "SELECT no, uses, owner FROM layer.depot WHERE valid_to IS NULL ORDER BY feature_id",
        )
        .fetch_all(&mut owner)
        .await
        .unwrap();
        let is_seen = |(no, uses, owner): &(String, Option<String>, String)| {
            let uses = uses.as_deref().map_or(AttributeValue::Null, AttributeValue::text);
            let values = [AttributeValue::text(&**no), uses, AttributeValue::text(&**owner)];
            depot.feature_openness(&values) <= class
        };
        let expected: Vec<String> = rows.into_iter().filter(is_seen).map(|(no, ..)| no).collect();
        assert!(!expected.is_empty());
        assert_eq!(texts(&mut connection, &sql).await, expected, "{class}");
    }
}

#[tokio::test]
async fn attributes_and_layers_above_a_class_are_in_no_view_of_it() {
    let city = guarded_city().await;
    let columns = |class| {
        format!(
            "SELECT table_name || '.' || column_name FROM information_schema.columns \
             WHERE table_schema = '{}' ORDER BY table_name, ordinal_position",
            qgis_schema(class)
        )
    };
    let mut open = login(&city, "columns", Openness::Open).await;
    let seen = texts(&mut open, &columns(Openness::Open)).await;
    let depot = ["feature_id", "no", "uses", "valid_from", "valid_to", "geom"];
    assert_eq!(seen[..6], depot.map(|column| format!("depot.{column}")));
    assert!(!seen.iter().any(|column| column.starts_with("vault.")));
    let mut restricted = login(&city, "columns", Openness::Restricted).await;
    let seen = texts(&mut restricted, &columns(Openness::Restricted)).await;
    assert!(seen.contains(&"depot.owner".into()) && seen.contains(&"vault.no".into()));
}

#[tokio::test]
async fn a_view_has_key_crs_and_vietnamese_words_where_qgis_looks_for_them() {
    let city = guarded_city().await;
    let kind = "SELECT type || ' ' || srid FROM geometry_columns WHERE f_table_schema = 'qgis' \
                AND f_table_name = ";
    assert_eq!(city.text(&format!("{kind}'lane'")).await.unwrap(), "MULTILINESTRING 4326");
    assert_eq!(city.text(&format!("{kind}'depot'")).await.unwrap(), "POINT 5899");
    let said = |object: &str| format!("SELECT {object}");
    let view = said("obj_description('qgis.depot'::regclass)");
    assert_eq!(city.text(&view).await.unwrap(), "Lớp thử. Lớp thử");
    let code = "(SELECT col_description('qgis.pole'::regclass, attnum) FROM pg_attribute \
                WHERE attrelid = 'qgis.pole'::regclass AND attname = 'state')";
    assert_eq!(city.text(&said(code)).await.unwrap(), "Lớp thử: ok = tốt; bad = hỏng");
    // A hidden code is in the comment of no schema: everybody reads comments.
    let hidden = "SELECT count(*) FROM pg_description WHERE description LIKE '%hỏng%' \
                  AND objoid::regclass::text LIKE '%depot'";
    assert_eq!(city.number(hidden).await, 0);
    let named =
        "SELECT count(*) FROM pg_views WHERE schemaname = 'qgis' AND definition LIKE '%bad%'";
    assert_eq!(city.number(named).await, 0);
}

#[tokio::test]
async fn a_login_reaches_nothing_but_the_views_of_its_class() {
    let city = guarded_city().await;
    let mut open = login(&city, "nosy", Openness::Open).await;
    for sql in [
        "SELECT * FROM layer.depot",
        "SELECT * FROM layer.vault",
        "SELECT * FROM history.depot",
        "SELECT * FROM urbis.api_key",
        "SELECT * FROM urbis.change_log",
        "SELECT * FROM urbis.layer_definition",
        "SELECT * FROM live.unit",
        "SELECT * FROM qgis_internal.depot",
        "SELECT * FROM qgis_restricted.vault",
        "SELECT ST_EstimatedExtent('layer', 'depot', 'geom')",
        "SELECT ST_EstimatedExtent('layer', 'depot', 'geom', false)",
        "SELECT _postgis_stats(oid, 'geom') FROM pg_class WHERE relname = 'depot' AND relkind = 'r'",
        "UPDATE qgis.depot SET no = 'x'",
        "DELETE FROM qgis.depot",
        "CREATE TABLE public.mine ()",
        "CREATE VIEW qgis.mine AS SELECT 1",
        "SET ROLE urbis",
    ] {
        let refused = execute(&mut open, sql).await.err().map(|error| error.to_string());
        let words = ["permission denied", "must be"];
        let is_refused =
            refused.as_ref().is_some_and(|told| words.iter().any(|word| told.contains(word)));
        assert!(is_refused, "{sql}: {refused:?}");
    }
    let stats = "SELECT tablename::text FROM pg_stats WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
    let seen = texts(&mut open, stats).await;
    assert!(seen.iter().all(|table| table == "spatial_ref_sys"), "{seen:?}");
    let public = "SELECT n.nspname::text FROM pg_namespace AS n CROSS JOIN aclexplode(nspacl) AS a \
                  WHERE a.grantee = 0 AND nspname NOT IN ('pg_catalog', 'information_schema', 'public')";
    assert_eq!(texts(&mut open, public).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_condition_of_the_reader_meets_no_hidden_row() {
    let city = guarded_city().await;
    let mut open = login(&city, "spy", Openness::Open).await;
    // 'secret-9' is the only number whose last letter can be divided by: an error would tell.
    let by_error =
        "SELECT count(*) FROM qgis.depot WHERE 1 / (CASE no WHEN 'secret-9' THEN 0 ELSE 1 END) = 1";
    execute(&mut open, by_error).await.unwrap();
    execute(
        &mut open,
        "CREATE FUNCTION pg_temp.tell(no text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS \
         $$ BEGIN IF no = 'secret-9' THEN RAISE 'seen %', no; END IF; RETURN true; END $$",
    )
    .await
    .unwrap();
    execute(&mut open, "SELECT * FROM qgis.depot WHERE pg_temp.tell(no)").await.unwrap();
}

#[tokio::test]
async fn a_map_of_a_view_with_hidden_rows_still_uses_the_index() {
    let city = guarded_city().await;
    city.psql(
        "INSERT INTO layer.depot (no, uses, geom) SELECT n::text, 'ok', \
         ST_SetSRID(ST_Point(550000 + n % 100, 1775000 + n / 100), 5899) \
         FROM generate_series(1, 20000) AS n; ANALYZE layer.depot",
    )
    .await;
    let mut open = login(&city, "map", Openness::Open).await;
    let plan = texts(
        &mut open,
        "EXPLAIN SELECT * FROM qgis.depot \
         WHERE geom && ST_MakeEnvelope(550010, 1775010, 550012, 1775012, 5899)",
    )
    .await;
    assert!(plan.iter().any(|line| line.contains("depot_geom")), "{plan:#?}");
}

#[tokio::test]
async fn styles_and_projects_are_shown_to_the_class_whose_views_they_are_of() {
    let city = guarded_city().await;
    let style = |class, name: &str| QgisStyle {
        class,
        layer: id(name),
        description: "thử".into(),
        qml: "<!DOCTYPE qgis><qgis/>".into(),
    };
    let project =
        |class: Openness| QgisProject { class, name: class.to_string(), content: vec![1, 2, 3] };
    let publication = QgisPublication {
        styles: vec![
            style(Openness::Open, "depot"),
            style(Openness::Restricted, "depot"),
            style(Openness::Restricted, "vault"),
        ],
        projects: Openness::ALL.map(project).to_vec(),
    };
    city.store.publish_to_qgis(&publication).await.unwrap();
    city.store.publish_to_qgis(&publication).await.unwrap();
    let styles = "SELECT f_table_schema || '.' || f_table_name FROM layer_styles ORDER BY 1";
    let projects = "SELECT name FROM qgis_projects ORDER BY 1";
    let mut open = login(&city, "artist", Openness::Open).await;
    assert_eq!(texts(&mut open, styles).await, ["qgis.depot"]);
    assert_eq!(texts(&mut open, projects).await, ["open"]);
    let mut restricted = login(&city, "artist", Openness::Restricted).await;
    assert_eq!(
        texts(&mut restricted, styles).await,
        ["qgis_restricted.depot", "qgis_restricted.vault"]
    );
    assert_eq!(texts(&mut restricted, projects).await, ["restricted"]);
}

#[tokio::test]
async fn views_follow_the_catalogue_and_stand_in_the_way_of_no_change() {
    let city = guarded_city().await;
    let mut changed = pole();
    changed.attributes.remove(2);
    changed.attributes[1].kind = urbis_catalog::AttributeType::Text;
    let catalog = Catalog::from_layers(vec![changed, depot()]).unwrap();
    city.store.migrate(&catalog).await.unwrap();
    let columns = "SELECT string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position) \
                   FROM information_schema.columns WHERE table_schema = 'qgis' \
                   AND table_name = 'pole' AND column_name IN ('height_m', 'lamps')";
    assert_eq!(city.text(columns).await.unwrap(), "height_m text");
    let views = "SELECT count(*) FROM pg_views WHERE schemaname LIKE 'qgis%' \
                 AND viewname IN ('lane', 'vault')";
    assert_eq!(city.number(views).await, 0, "views of layers that are gone");
    let again = city.store.migrate(&catalog).await.unwrap();
    assert_eq!(again.steps, Vec::<String>::new());
}

#[tokio::test]
async fn a_login_that_moves_to_another_class_leaves_its_old_one() {
    let city = guarded_city().await;
    login(&city, "mover", Openness::Restricted).await;
    let mut open = login(&city, "mover", Openness::Open).await;
    execute(&mut open, "SELECT * FROM qgis.depot").await.unwrap();
    let refused = execute(&mut open, "SELECT * FROM qgis_restricted.depot").await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn a_role_of_the_server_is_made_nobodys_login() {
    let city = guarded_city().await;
    let owner = city.text("SELECT current_user::text").await.unwrap();
    let refused = city.store.make_qgis_user(owner.parse().unwrap(), Openness::Open).await;
    assert!(matches!(refused, Err(StoreError::QgisUserTaken { .. })), "{refused:?}");
}
