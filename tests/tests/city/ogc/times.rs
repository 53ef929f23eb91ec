//! When the features of a collection hold, and when it was imported, against what the tables say.

use serde_json::{Value, json};
use urbis_catalog::{Catalog, Layer};
use urbis_model::Openness;
use urbis_tests::{City, ROOT, wait_for};

use super::json as fetch_json;
use crate::rows::hidden_from;

#[test]
fn collections_tell_their_time_and_their_last_import() {
    let city = City::start();
    let catalog = Catalog::load(&ROOT.join("layers")).expect("the catalogue is valid");
    let mut imported = 0;
    for layer in catalog.layers().filter(|layer| layer.openness == Openness::Open) {
        let collection = fetch_json(&city, &format!("/ogc/collections/{}", layer.id));
        assert_eq!(interval_of(&collection), stored_interval(&city, layer), "{}", layer.id);
        let stored = city.psql(&format!(
            "SELECT to_char(max(finished_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS')
             FROM urbis.import_run WHERE status = 'published' AND layer = '{}'",
            layer.id
        ));
        if stored.is_empty() {
            assert!(collection.get("updated").is_none(), "{}: {collection}", layer.id);
            continue;
        }
        imported += 1;
        // It is asked for when a node has started.
        let updated = wait_for("the last import to be known", || {
            let collection = fetch_json(&city, &format!("/ogc/collections/{}", layer.id));
            collection["updated"].as_str().map(str::to_owned)
        });
        assert!(updated.starts_with(&stored) && updated.ends_with('Z'), "{updated} is {stored}");
    }
    assert!(imported > 5, "only {imported} layers were imported");

    // Where each feature has a start the first of them is the collection's; so is the last end.
    city.edit(
        "UPDATE layer.bus_stop SET valid_from = '2020-01-01T00:00:00Z'::timestamptz
         + feature_id % 100 * interval '1 day'",
    );
    let stops = catalog.layers().find(|layer| layer.id.as_str() == "bus_stop").expect("a layer");
    let shown = || interval_of(&fetch_json(&city, "/ogc/collections/bus_stop"));
    let stored = stored_interval(&city, stops);
    assert_eq!(stored[1], Value::Null);
    wait_for("the starts to be seen", || {
        (shown() == stored && stored[0] != Value::Null).then_some(())
    });
}

fn interval_of(collection: &Value) -> Value {
    collection["extent"]["temporal"]["interval"][0].clone()
}

/// What an open caller is told: a start where all that it may see have one, and so for the end.
fn stored_interval(city: &City, layer: &Layer) -> Value {
    let end = |column: &str, which: &str| {
        let text = city.psql(&format!(
            "SELECT to_char(CASE WHEN bool_and(isfinite({column})) THEN {which}({column}) END
                            AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')
             FROM (SELECT {column} FROM layer.{} WHERE NOT ({})) AS seen",
            layer.id,
            hidden_from(layer, Openness::Open)
        ));
        if text.is_empty() { Value::Null } else { json!(text) }
    };
    let has_open = |column: &str| {
        let rows = hidden_from(layer, Openness::Open);
        let sql = format!(
            "SELECT count(*) FROM layer.{} WHERE {column} IS NULL AND NOT ({rows})",
            layer.id
        );
        city.psql(&sql) != "0"
    };
    let from = if has_open("valid_from") { Value::Null } else { end("valid_from", "min") };
    let to = if has_open("valid_to") { Value::Null } else { end("valid_to", "max") };
    json!([from, to])
}
