//! Features against what the tables hold, read by SQL of the tests' own.

use std::collections::BTreeSet;
use std::io::Read;

use serde_json::Value;
use urbis_catalog::{Attribute, AttributeType, Catalog};
use urbis_model::{GeometryKind, Openness};
use urbis_tests::{City, ROOT};

use super::{all_pages, href, ids, json, ok, path_of};
use crate::rows::seen_by;

#[test]
fn features_are_those_of_the_tables() {
    let city = City::start();
    every_feature_has_every_property_of_its_type(&city);
    boxes_and_filters_find_what_postgis_finds(&city);
    attributes_are_parameters(&city);
    history_is_asked_by_datetime(&city);
    pages_go_on_while_the_city_changes(&city);
    a_packed_answer_is_the_same(&city);
}

fn every_feature_has_every_property_of_its_type(city: &City) {
    let catalog = Catalog::load(&ROOT.join("layers")).expect("the catalogue is valid");
    for layer in catalog.layers().filter(|layer| layer.openness == Openness::Open) {
        let rows = seen_by(layer, Openness::Open);
        let stored = city.psql(&format!("SELECT count(*) FROM layer.{} WHERE {rows}", layer.id));
        let path = format!("/ogc/collections/{}/items?limit=2000", layer.id);
        let page = json(city, &path);
        assert_eq!(page["numberMatched"].to_string(), stored, "{}", layer.id);
        let kind = match layer.geometry {
            GeometryKind::Point => "Point",
            GeometryKind::MultiLineString => "MultiLineString",
            GeometryKind::MultiPolygon => "MultiPolygon",
        };
        let all = layer.attributes.iter().chain(Attribute::validity());
        let seen: Vec<_> = all.filter(|a| layer.openness_of(a) <= Openness::Open).collect();
        for feature in page["features"].as_array().expect("features") {
            assert!(feature["id"].is_u64(), "{feature}");
            let geometry = &feature["geometry"];
            assert!(geometry.is_null() || geometry["type"] == kind, "{}: {geometry}", layer.id);
            let properties = feature["properties"].as_object().expect("properties");
            assert!(!properties.contains_key("id"), "{}", layer.id);
            for attribute in &seen {
                let value = properties.get(&attribute.name);
                let value =
                    value.unwrap_or_else(|| panic!("{} lacks {}", layer.id, attribute.name));
                let is_right = match attribute.kind {
                    AttributeType::Integer => value.is_i64(),
                    // 2.0 is never 2, or QGIS takes the column for whole numbers.
                    AttributeType::Float => value.is_f64(),
                    AttributeType::Boolean => value.is_boolean(),
                    _ => value.is_string(),
                };
                assert!(value.is_null() || is_right, "{} {}: {value}", layer.id, attribute.name);
            }
            for name in properties.keys() {
                let is_seen = seen.iter().any(|attribute| attribute.name == *name);
                assert!(is_seen, "{} shows {name}", layer.id);
            }
        }
        let schema = json(city, &format!("/ogc/collections/{}/schema", layer.id));
        let first = page["features"][0]["properties"].as_object();
        for name in first.into_iter().flat_map(|properties| properties.keys()) {
            assert!(
                schema["properties"][name].is_object(),
                "the schema of {} lacks {name}",
                layer.id
            );
        }
    }
}

fn boxes_and_filters_find_what_postgis_finds(city: &City) {
    let around = "ST_MakeEnvelope(108.2, 16.04, 108.24, 16.08, 4326)";
    let meets = format!("ST_Intersects(urbis.to_wgs84(geom), {around})");
    let point =
        "ST_Intersects(urbis.to_wgs84(geom), ST_GeomFromText('POINT(108.2208 16.0678)', 4326))";
    let ward = "admin_unit";
    let in_crs = |filter: &str, crs: u32| {
        format!("filter={filter}&filter-crs=http://www.opengis.net/def/crs/EPSG/0/{crs}")
    };
    let in_metres = "ST_Intersects(ST_Transform(geom, 5899), \
                     ST_MakeEnvelope(547000, 1773000, 552000, 1779000, 5899))";
    for (layer, query, rows) in [
        (ward, "bbox=108.2,16.04,108.24,16.08", meets.as_str()),
        (ward, "filter=type%20%3D%20'ward'", "type = 'ward'"),
        (
            ward,
            "filter=%22type%22%20%3D%20'ward'%20AND%20area_km2%20%3E%2010",
            "type = 'ward' AND area_km2 > 10",
        ),
        (ward, "filter=area_km2%20BETWEEN%205%20AND%2010", "area_km2 BETWEEN 5 AND 10"),
        (ward, "filter=name%20LIKE%20'H%25'", "name LIKE 'H%'"),
        (ward, "filter=name%20%3D%20'H%E1%BA%A3i%20Ch%C3%A2u'", "name = 'Hải Châu'"),
        (ward, "filter=district%20IS%20NULL", "district IS NULL"),
        (ward, "filter=code%20IN%20('20242','20333')", "code IN ('20242', '20333')"),
        (ward, "filter=S_INTERSECTS(geom,POINT(108.2208%2016.0678))", point),
        (
            ward,
            "filter=%7B%22op%22:%22=%22,%22args%22:%5B%7B%22property%22:%22type%22%7D,%22ward%22%5D%7D&filter-lang=cql2-json",
            "type = 'ward'",
        ),
        (
            ward,
            "filter=NOT%20(type%20%3D%20'ward')&bbox=108,15,109,16.5",
            "type <> 'ward' AND ST_Intersects(urbis.to_wgs84(geom), ST_MakeEnvelope(108, 15, 109, 16.5, 4326))",
        ),
        ("road_segment", "bbox=108.2,16.04,108.24,16.08&limit=10000", meets.as_str()),
        (
            "building",
            "bbox=108.2,16.04,108.24,16.08&filter=name%20IS%20NOT%20NULL",
            "name IS NOT NULL AND ST_Intersects(urbis.to_wgs84(geom), ST_MakeEnvelope(108.2, 16.04, 108.24, 16.08, 4326))",
        ),
        (ward, &in_crs("S_INTERSECTS(geom,POINT(16.0678%20108.2208))", 4326), point),
        (ward, &in_crs("S_INTERSECTS(geom,BBOX(547000,1773000,552000,1779000))", 5899), in_metres),
        (
            "bus_stop",
            &in_crs("S_WITHIN(geom,BBOX(547000,1773000,552000,1779000))", 5899),
            in_metres,
        ),
        (
            ward,
            &in_crs(
                "%7B%22op%22:%22s_intersects%22,%22args%22:%5B%7B%22property%22:%22geom%22%7D,\
                 %7B%22type%22:%22Point%22,%22coordinates%22:%5B12047084.34,1812030.46%5D%7D%5D%7D\
                 &filter-lang=cql2-json",
                3857,
            ),
            "ST_Intersects(ST_Transform(geom, 3857), ST_SetSRID(ST_Point(12047084.34, 1812030.46), 3857))",
        ),
        (ward, "filter=area_km2%20*%202%20-%201%20%3E%2019", "area_km2 * 2 - 1 > 19"),
        (
            ward,
            "filter=T_AFTER(valid_from,DATE('2025-06-01'))%20AND%20valid_to%20IS%20NULL",
            "valid_from > '2025-06-01T23:59:59.999999Z' AND valid_to IS NULL",
        ),
        (
            ward,
            "valid_from=2025-07-01T00:00:00%2B07:00",
            "valid_from = '2025-07-01T00:00:00+07:00'",
        ),
        (
            "road_segment",
            "filter=lanes%20%2F%20(lanes%20-%20lanes)%20IS%20NULL&limit=10000",
            "true",
        ),
    ] {
        let now = "coalesce(valid_from <= now(), true) AND coalesce(now() < valid_to, true)";
        let stored = city.psql(&format!(
            "SELECT string_agg(feature_id::text, ',' ORDER BY feature_id) FROM layer.{layer} WHERE {now} AND {rows}"
        ));
        let separator = if query.contains("limit") { "" } else { "&limit=50" };
        let path = format!("/ogc/collections/{layer}/items?{query}{separator}");
        let (features, _) = all_pages(city, &path);
        let found = ids(&features).iter().map(u64::to_string).collect::<Vec<_>>().join(",");
        assert!(!stored.is_empty(), "nothing is asked for by {query}");
        assert_eq!(found, stored, "{layer} {query}");
        assert_eq!(json(city, &path)["numberMatched"], features.len(), "{layer} {query}");
    }
}

fn attributes_are_parameters(city: &City) {
    let wards = |query: &str| json(city, &format!("/ogc/collections/admin_unit/items?{query}"));
    assert_eq!(wards("code=20242")["features"][0]["properties"]["code"], "20242");
    assert_eq!(wards("code=20242")["numberMatched"], 1);
    assert_eq!(wards("code=20242&type=commune")["numberMatched"], 0);
    assert_eq!(wards("code=20242&filter=type%20%3D%20'ward'")["numberMatched"], 1);
    // The parameter narrows whatever the filter says.
    let either = wards("code=20242&filter=type%20%3D%20'ward'%20OR%20type%20%3D%20'commune'");
    assert_eq!(either["numberMatched"], 1);
    let quoted = wards("name=%27%20OR%20%27a%27%3D%27a");
    assert_eq!(quoted["numberMatched"], 0);
    let some = wards("properties=code,name&limit=1")["features"][0]["properties"].clone();
    assert!(some["code"].is_string() && some["name"].is_string(), "{some}");
    assert!(some.get("area_km2").is_none(), "{some}");
}

fn history_is_asked_by_datetime(city: &City) {
    let count = |datetime: &str| {
        let path = format!("/ogc/collections/admin_unit/items?datetime={datetime}");
        json(city, &path)["numberMatched"].as_u64().expect("a number")
    };
    let stored = |rows: &str| -> u64 {
        let count = city.psql(&format!("SELECT count(*) FROM layer.admin_unit WHERE {rows}"));
        count.parse().expect("a number")
    };
    let (before, after) = (stored("valid_to IS NOT NULL"), stored("valid_to IS NULL"));
    assert!(before > 0 && after > 0);
    assert_eq!(count("2025-06-30T12:00:00Z"), before);
    assert_eq!(count("2025-07-02"), after);
    assert_eq!(count("../.."), before + after);
    assert_eq!(count("2025-06-01/2025-07-31"), before + after);
    assert_eq!(count("2025-08-01/.."), after);
    assert_eq!(count("/2025-06-01"), before);
    assert_eq!(count("../2000-01-01"), 0);
}

/// Nothing comes twice and nothing that stays is left out, whatever is written between two pages.
fn pages_go_on_while_the_city_changes(city: &City) {
    let path = "/ogc/collections/bus_stop/items?limit=20";
    let (before, _) = all_pages(city, path);
    let first = json(city, path);
    let gone = ids(&before)[25];
    city.edit(&format!("DELETE FROM layer.bus_stop WHERE feature_id = {gone}"));
    let (rest, _) = all_pages(city, path_of(city, href(&first, "next")));
    let mut seen = ids(first["features"].as_array().expect("features"));
    seen.extend(ids(&rest));
    let expected: Vec<u64> = ids(&before).into_iter().filter(|id| *id != gone).collect();
    assert_eq!(seen, expected);
    let different: BTreeSet<u64> = seen.iter().copied().collect();
    assert_eq!(different.len(), seen.len());
    let item = format!("/ogc/collections/bus_stop/items/{gone}");
    assert_eq!(city.fetch(&item).status, 404);
}

fn a_packed_answer_is_the_same(city: &City) {
    let path = "/ogc/collections/road_segment/items?limit=3000";
    let plain = ok(city, path);
    let packed = city.request("GET", path, &[("Accept-Encoding", "gzip")]);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(
        packed.body.len() * 3 < plain.body.len(),
        "{} of {}",
        packed.body.len(),
        plain.body.len()
    );
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&*packed.body).read_to_end(&mut unpacked).expect("gzip");
    let unpacked: Value = serde_json::from_slice(&unpacked).expect("JSON");
    assert_eq!(unpacked["features"], plain.json()["features"]);
}
