//! Fixed tables, layer tables, and changes of definition.

use std::sync::Arc;

use sqlx::Connection;
use sqlx::postgres::PgDatabaseError;
use urbis_catalog::{Catalog, Deprecation, Layer, OpennessBy};
use urbis_model::Openness;
use urbis_store::{Node, Store, StoreError};

use crate::harness::{
    City, catalog, city, database, execute, follow, id, insert_pole, lane, layer, load, pole,
};

/// EPSG:4326 longitude and latitude, EPSG:5899 and EPSG:3406 east and north in metres,
/// through the datum shift EPSG:6960.
const GOLDEN: [[f64; 6]; 7] = [
    [108.2270, 16.0610, 550840.1548, 1776387.4104, 203110.3036, 1777786.3296],
    [108.2062, 16.0471, 548618.0666, 1774844.3470, 200862.5432, 1776277.1779],
    [108.3380, 15.8801, 562773.1204, 1756400.9836, 214737.9199, 1757601.7054],
    [108.4740, 15.5736, 577453.9633, 1722531.7034, 228904.4459, 1723490.2623],
    [107.9900, 16.1200, 525475.2753, 1782871.8121, 177828.6788, 1784674.9551],
    [108.1110, 15.8830, 538463.0683, 1756666.7694, 190416.3977, 1758245.5459],
    [111.6080, 16.5350, 911847.7166, 1832729.6528, 564682.4948, 1828329.4376],
];

async fn migrate_to(city: &City, layers: Vec<Layer>) -> Result<Vec<String>, StoreError> {
    let catalog = Catalog::from_layers(layers).unwrap();
    Ok(city.store.migrate(&catalog).await?.steps)
}

fn pole_with(change: impl Fn(&mut Vec<(&'static str, &'static str)>)) -> Layer {
    let mut attributes = vec![
        ("asset_no", "text"),
        ("height_m", "float"),
        ("lamps", "integer"),
        ("is_lit", "boolean"),
        ("built", "date"),
        ("inspected_at", "datetime"),
        ("state", "code"),
    ];
    change(&mut attributes);
    layer("pole", "Point", 5899, &attributes)
}

#[tokio::test]
async fn vn_2000_is_transformed_to_the_golden_vectors() {
    let url = database();
    let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
    let sql = "SELECT ST_X(a), ST_Y(a), ST_X(b), ST_Y(b) FROM (SELECT \
               ST_Transform(ST_SetSRID(ST_MakePoint($1, $2), 4326), 5899) AS a, \
               ST_Transform(ST_SetSRID(ST_MakePoint($3, $4), 5899), 4326) AS b) AS t";
    let utm = "SELECT ST_X(a), ST_Y(a) FROM (SELECT \
               ST_Transform(ST_SetSRID(ST_MakePoint($1, $2), 4326), 3406) AS a) AS t";
    for [lon, lat, east, north, utm_east, utm_north] in GOLDEN {
        let (x, y, back_x, back_y): (f64, f64, f64, f64) = sqlx::query_as(sql)
            .bind(lon)
            .bind(lat)
            .bind(east)
            .bind(north)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        // The vectors are given to 0.1 mm.
        assert!((x - east).abs() < 1e-4 && (y - north).abs() < 1e-4, "{lon},{lat}: {x} {y}");
        // PROJ inverts the seven parameters to a fraction of a millimetre; 5e-9 degrees is 0.5 mm.
        assert!((back_x - lon).abs() < 5e-9 && (back_y - lat).abs() < 5e-9, "{back_x},{back_y}");
        let (x, y): (f64, f64) =
            sqlx::query_as(utm).bind(lon).bind(lat).fetch_one(&mut connection).await.unwrap();
        assert!((x - utm_east).abs() < 1e-4 && (y - utm_north).abs() < 1e-4, "{x} {y}");
    }
}

#[tokio::test]
async fn a_second_migration_takes_no_step() {
    let city = city().await;
    let report = city.store.migrate(&city.catalog).await.unwrap();
    assert_eq!(report.steps, Vec::<String>::new());
    assert!(city.number("SELECT count(*) FROM urbis.layer_step WHERE layer = 'pole'").await > 0);
}

#[tokio::test]
async fn nodes_that_start_together_migrate_once() {
    let url = database();
    let catalog = catalog();
    let migrate = || async {
        let store = Store::connect(&url).await.unwrap();
        store.migrate(&catalog).await.unwrap().steps.len()
    };
    let (a, b, c) = tokio::join!(migrate(), migrate(), migrate());
    let mut steps = [a, b, c];
    steps.sort_unstable();
    assert_eq!(steps[..2], [0, 0]);
    assert!(steps[2] > 0);
}

#[tokio::test]
async fn tables_carry_the_vietnamese_titles_and_a_spatial_index() {
    let city = city().await;
    let title = city.text("SELECT obj_description('layer.pole'::regclass)").await;
    assert_eq!(title.as_deref(), Some("Lớp thử"));
    let index =
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'layer' AND indexname = 'pole_geom'";
    assert!(city.text(index).await.unwrap().contains("gist (geom)"));
}

#[tokio::test]
async fn a_new_attribute_is_a_new_column_and_its_history() {
    let city = city().await;
    city.psql(&insert_pole(1, 8)).await;
    let wider = pole_with(|attributes| attributes.push(("material", "text")));
    let steps = migrate_to(&city, vec![wider, lane()]).await.unwrap();
    assert!(steps.contains(&"pole: add column material".to_owned()), "{steps:?}");
    city.psql("UPDATE layer.pole SET material = 'steel'; UPDATE layer.pole SET material = 'wood'")
        .await;
    let kept = city.text("SELECT string_agg(material, ',') FROM history.pole").await;
    assert_eq!(kept.as_deref(), Some("steel"));
}

#[tokio::test]
async fn a_change_that_would_lose_data_is_refused_and_changes_nothing() {
    let city = city().await;
    city.psql(&insert_pole(1, 8)).await;
    let without_height = pole_with(|attributes| attributes.retain(|(name, _)| *name != "height_m"));
    let narrowed = pole_with(|attributes| attributes[1].1 = "integer");
    let mut moved = pole();
    moved.storage_srid = urbis_model::Srid::WGS84;
    let mut stretched = pole();
    stretched.geometry = urbis_model::GeometryKind::MultiLineString;
    for changed in [without_height, narrowed, moved, stretched] {
        let error = migrate_to(&city, vec![changed, lane()]).await.unwrap_err();
        assert_eq!(error.code(), "layer_change_lossy");
    }
    assert_eq!(city.number("SELECT height_m::bigint FROM layer.pole").await, 8);
}

#[tokio::test]
async fn an_empty_column_may_change_or_go_and_an_empty_layer_may_move() {
    let city = city().await;
    let without_height = pole_with(|attributes| attributes.retain(|(name, _)| *name != "height_m"));
    migrate_to(&city, vec![without_height, lane()]).await.unwrap();
    let back_as_text = pole_with(|attributes| attributes[1].1 = "text");
    migrate_to(&city, vec![back_as_text, lane()]).await.unwrap();
    // A history of another type stands against a column of the same name.
    city.psql("INSERT INTO layer.pole (height_m) VALUES ('tall'); TRUNCATE layer.pole").await;
    let without_height = pole_with(|attributes| attributes.retain(|(name, _)| *name != "height_m"));
    migrate_to(&city, vec![without_height, lane()]).await.unwrap();
    let error = migrate_to(&city, vec![pole(), lane()]).await.unwrap_err();
    assert_eq!(error.code(), "layer_change_lossy");
    let mut moved = pole_with(|attributes| attributes.retain(|(name, _)| *name != "height_m"));
    moved.storage_srid = urbis_model::Srid::WGS84;
    migrate_to(&city, vec![moved, lane()]).await.unwrap();
    city.psql("INSERT INTO layer.pole (geom) VALUES ('SRID=4326;POINT(108.2 16.1)')").await;
}

#[tokio::test]
async fn whole_numbers_may_become_numbers_and_nodes_read_the_layer_anew() {
    let city = city().await;
    city.psql("INSERT INTO layer.pole (lamps) VALUES (3)").await;
    let (mut tail, mut memory) = city.load().await;
    let widened = pole_with(|attributes| attributes[2].1 = "float");
    migrate_to(&city, vec![widened, lane()]).await.unwrap();
    assert!(!follow(&mut tail, &mut memory).await.layers.is_empty());
    city.psql("UPDATE layer.pole SET lamps = 3.5").await;
    let lamps = city.text("SELECT lamps::text FROM layer.pole").await;
    assert_eq!(lamps.as_deref(), Some("3.5"));
}

#[tokio::test]
async fn a_whole_number_beyond_a_double_may_not_become_a_number() {
    let city = city().await;
    city.psql("INSERT INTO layer.pole (lamps) VALUES (9007199254740993)").await;
    let widened = pole_with(|attributes| attributes[2].1 = "float");
    let error = migrate_to(&city, vec![widened, lane()]).await.unwrap_err();
    assert_eq!(error.code(), "layer_change_lossy");
}

#[tokio::test]
async fn one_code_several_codes_and_text_are_one_type_of_column() {
    let city = city().await;
    city.psql("INSERT INTO layer.pole (state) VALUES ('ok+bad')").await;
    for kind in ["codes", "text", "codes", "code"] {
        let spelled = pole_with(|attributes| attributes[6].1 = kind);
        let steps = migrate_to(&city, vec![spelled, lane()]).await.unwrap();
        assert!(steps.iter().all(|step| step == "pole: renew views"), "{kind}: {steps:?}");
    }
}

#[tokio::test]
async fn what_is_said_of_a_layer_changes_no_table() {
    let city = city().await;
    city.psql(&insert_pole(1, 8)).await;
    let notice: Deprecation = serde_json::from_value(serde_json::json!({
        "since": { "$__toml_private_datetime": "2026-11-22" },
        "instead": { "vi": "lớp khác", "en": "another layer" },
    }))
    .unwrap();
    let mut told = pole();
    told.shown = false;
    told.deprecated = Some(notice.clone());
    told.openness = Openness::Internal;
    let levels = [("bad".to_owned(), Openness::Restricted)].into();
    told.openness_by = Some(OpennessBy { attribute: "state".into(), levels });
    let state = &mut told.attributes[6];
    state.deprecated = Some(notice);
    for value in state.values.values_mut() {
        value.color = Some("#d7191c".into());
        value.icon = Some("dot".into());
    }
    let steps = migrate_to(&city, vec![told.clone(), lane()]).await.unwrap();
    assert_eq!(steps, ["pole: renew views"]);
    // It is no hindrance to a change that does alter the table.
    told.attributes.retain(|attribute| attribute.name != "built");
    let steps = migrate_to(&city, vec![told, lane()]).await.unwrap();
    assert_eq!(steps[..2], ["pole: drop views", "pole: drop column built"]);
}

#[tokio::test]
async fn a_layer_without_a_file_keeps_its_table() {
    let city = city().await;
    city.psql(&insert_pole(1, 8)).await;
    let catalog = Arc::new(Catalog::from_layers(vec![lane()]).unwrap());
    assert_eq!(city.store.migrate(&catalog).await.unwrap().orphans, [id("pole")]);
    assert_eq!(city.number("SELECT count(*) FROM layer.pole").await, 1);
}

#[tokio::test]
async fn what_is_not_migrated_is_said_with_the_way_out() {
    let store = Store::connect(&database()).await.unwrap();
    let untouched = store.check_migrated(&catalog()).await.unwrap_err();
    let node = Node::new("tester").unwrap();
    let unread = load(&store, &catalog(), &node).await.unwrap_err();
    let unrecovered = store.recover().await.unwrap_err();
    for error in [untouched, unread, unrecovered] {
        assert_eq!(error.code(), "database_not_migrated");
        let wanted = "the database has no tables of Urbis yet (or they are older than the \
                      program); run 'urbis migrate'";
        assert!(error.to_string().starts_with(wanted), "{error}");
    }
    let city = city().await;
    city.store.check_migrated(&city.catalog).await.unwrap();
    let taller = pole_with(|attributes| attributes.push(("floors", "integer")));
    let newer = Catalog::from_layers(vec![taller, lane()]).unwrap();
    let error = city.store.check_migrated(&newer).await.unwrap_err();
    assert_eq!(error.code(), "database_not_migrated");
    assert!(error.to_string().contains("layer 'pole' needs: add column floors"), "{error}");
    let more = layer("mast", "Point", 4326, &[("code", "text")]);
    let newer = Catalog::from_layers(vec![pole(), lane(), more]).unwrap();
    let error = city.store.check_migrated(&newer).await.unwrap_err();
    assert!(error.to_string().contains("layer 'mast' needs: create table"), "{error}");
    // An index, which a load drops for a while, holds nobody up.
    city.psql("DROP INDEX layer.pole_geom").await;
    city.store.check_migrated(&city.catalog).await.unwrap();
    city.psql(
        "DELETE FROM urbis.migration WHERE version = (SELECT max(version) FROM urbis.migration)",
    )
    .await;
    let error = city.store.check_migrated(&city.catalog).await.unwrap_err();
    assert_eq!(error.code(), "database_not_migrated");
}

#[tokio::test]
async fn a_typed_feature_id_must_have_been_drawn() {
    let city = city().await;
    let mut connection = city.connect().await;
    for id in [1, 3, 1_000_000] {
        let typed = format!("INSERT INTO layer.pole (feature_id, asset_no) VALUES ({id}, 'T')");
        let error = execute(&mut connection, &typed).await.unwrap_err();
        assert!(error.to_string().contains("was never drawn"), "{error}");
    }
    city.psql(
        "INSERT INTO layer.pole (feature_id, asset_no) VALUES (nextval('urbis.feature_id'), 'D')",
    )
    .await;
    // Undo: a feature comes back under its own id.
    city.psql("DELETE FROM layer.pole; INSERT INTO layer.pole (feature_id) VALUES (1)").await;
    assert_eq!(city.publish(crate::harness::records(0..10)).await.inserted, 10);
}

#[tokio::test]
async fn an_editor_needs_rights_on_the_layer_and_the_sequence_only() {
    const ROLE: &str = "urbis_test_editor";
    let city = city().await;
    city.psql(&format!(
        "CREATE ROLE {ROLE}; GRANT USAGE ON SCHEMA layer TO {ROLE}; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON layer.pole TO {ROLE}; \
         GRANT USAGE ON SEQUENCE urbis.feature_id TO {ROLE}"
    ))
    .await;
    let mut editor = city.connect().await;
    execute(&mut editor, &format!("SET ROLE {ROLE}")).await.unwrap();
    assert!(execute(&mut editor, "SELECT FROM urbis.change_log").await.is_err());
    for edit in [
        insert_pole(1, 8),
        "UPDATE layer.pole SET height_m = 9".to_owned(),
        "UPDATE layer.pole SET height_m = 9".to_owned(),
        "DELETE FROM layer.pole".to_owned(),
    ] {
        execute(&mut editor, &edit).await.unwrap();
    }
    let typed = "INSERT INTO layer.pole (feature_id) VALUES (1000)";
    let refused = execute(&mut editor, typed).await.unwrap_err();
    let sqlx::Error::Database(refused) = &refused else { panic!("{refused:?}") };
    let hint = refused.downcast_ref::<PgDatabaseError>().hint().unwrap_or_default();
    assert!(hint.contains("a restore sets the sequence urbis.feature_id first"), "{hint}");
    // The update that changed nothing is logged and closes no version.
    assert_eq!(city.number("SELECT count(*) FROM urbis.change_log").await, 4);
    let versions = "SELECT string_agg(height_m || ' ' || recorded_operation, ', ' \
                    ORDER BY recorded_to) FROM history.pole";
    assert_eq!(city.text(versions).await.as_deref(), Some("8 update, 9 delete"));
    city.psql(&format!("DROP OWNED BY {ROLE}; DROP ROLE {ROLE}")).await;
}

#[tokio::test]
async fn a_feature_id_never_changes() {
    let city = city().await;
    city.psql(&insert_pole(1, 8)).await;
    let mut connection = city.connect().await;
    let update = "UPDATE layer.pole SET feature_id = feature_id + 1000";
    assert!(execute(&mut connection, update).await.is_err());
}

#[tokio::test]
async fn history_holds_who_what_and_when() {
    let city = city().await;
    city.psql(&insert_pole(1, 8)).await;
    city.psql(
        "SET urbis.actor = 'lan'; SET urbis.client = 'qgis'; UPDATE layer.pole SET height_m = 9",
    )
    .await;
    // Changes nothing: no version is closed.
    city.psql("UPDATE layer.pole SET height_m = 9").await;
    city.psql("SET urbis.actor = 'minh'; DELETE FROM layer.pole").await;
    let versions = city
        .text(
            "SELECT string_agg(format('%s %s %s', height_m, recorded_operation, actor), ', ' \
             ORDER BY recorded_to) FROM history.pole",
        )
        .await;
    assert_eq!(versions.as_deref(), Some("8 update lan, 9 delete minh"));
    let gaps = "SELECT count(*) FROM history.pole a JOIN history.pole b USING (feature_id) \
                WHERE a.recorded_to < b.recorded_to AND a.recorded_to <> b.recorded_from";
    assert_eq!(city.number(gaps).await, 0);
    assert_eq!(
        city.number("SELECT count(*) FROM history.pole WHERE recorded_to <= recorded_from").await,
        0
    );
}

#[tokio::test]
async fn a_replaying_session_is_logged_too() {
    let city = city().await;
    city.psql(&format!("SET session_replication_role = replica; {}", insert_pole(1, 8))).await;
    assert_eq!(city.number("SELECT count(*) FROM urbis.change_log").await, 1);
}
