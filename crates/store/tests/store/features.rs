//! Features for OGC API: what PostGIS answers, against the filter and the rule of openness as they
//! are evaluated in memory.

mod filters;
mod pages;
mod places;
mod seen;
mod standard;
mod times;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use futures_util::TryStreamExt;
use serde_json::{Value, json};
use urbis_catalog::{Catalog, Layer, OpennessBy};
use urbis_filter::{Filter, Language};
use urbis_model::Openness;
use urbis_store::{FeatureAsk, FeatureReader, Store};

use crate::harness::{City, database, layer};

/// Lots of land: what `use` is decides who sees one, `owner` is for city offices.
pub fn land() -> Layer {
    let attributes = [
        ("lot", "text"),
        ("use", "codes"),
        ("area_m2", "float"),
        ("floors", "integer"),
        ("rooms", "integer"),
        ("is_built", "boolean"),
        ("surveyed", "date"),
        ("seen_at", "datetime"),
        ("state", "code"),
        ("owner", "text"),
    ];
    let mut land = layer("lot", "MultiPolygon", 5899, &attributes);
    let levels = [("bad".to_owned(), Openness::Restricted)].into();
    land.openness_by = Some(OpennessBy { attribute: "use".into(), levels });
    land.attributes[9].openness = Some(Openness::Internal);
    land
}

/// Wells, in degrees.
pub fn well() -> Layer {
    layer("well", "Point", 4326, &[("name", "text"), ("depth_m", "float")])
}

/// A database with lots and wells, and who reads features of it.
pub struct Ground {
    pub city: City,
    pub reader: FeatureReader,
    pub land: Layer,
    pub well: Layer,
}

impl Ground {
    pub async fn empty() -> Self {
        Self::of(land()).await
    }

    pub async fn of(land: Layer) -> Self {
        let well = well();
        let catalog = Arc::new(Catalog::from_layers(vec![land.clone(), well.clone()]).unwrap());
        let url = database();
        let store = Store::connect(&url).await.unwrap();
        store.migrate(&catalog).await.unwrap();
        let reader = FeatureReader::new(&url).unwrap();
        Self { city: City { url, store, catalog }, reader, land, well }
    }

    /// With lots of every kind of value, and wells.
    pub async fn full() -> Self {
        let ground = Self::empty().await;
        ground.city.psql(&lots()).await;
        ground.city.psql(include_str!("features/wells.sql")).await;
        ground
    }

    pub fn ask(&self, class: Openness) -> FeatureAsk<'_> {
        FeatureAsk::all(&self.land, class)
    }

    pub fn filter(&self, text: &str, class: Openness) -> Filter {
        Filter::parse(text, Language::Text, &self.land, class).expect(text)
    }

    /// The features of a page.
    pub async fn page(&self, ask: &FeatureAsk<'_>) -> Vec<Value> {
        let page = self.reader.page(ask).await.unwrap();
        let features = parse(&page.features);
        assert_eq!(features.len() as u64, page.count);
        features
    }

    /// The ids of all that is asked for, in their order: the same by page, by stream and by count.
    pub async fn ids(&self, ask: &FeatureAsk<'_>) -> Vec<u64> {
        let found = ids(&self.page(ask).await);
        let pieces: Vec<_> = self.reader.stream(ask).try_collect().await.unwrap();
        let streamed = pieces.iter().flat_map(|piece| ids(&parse(&piece.features)));
        assert_eq!(streamed.collect::<Vec<_>>(), found);
        assert_eq!(self.reader.count(ask).await.unwrap(), found.len() as u64);
        found
    }
}

pub fn parse(features: &[u8]) -> Vec<Value> {
    let whole = [b"[", features, b"]"].concat();
    serde_json::from_slice(&whole).unwrap()
}

pub fn ids(features: &[Value]) -> Vec<u64> {
    features.iter().map(|feature| feature["id"].as_u64().unwrap()).collect()
}

/// `INSERT`s of lots that have, between them, every kind of value that a filter may meet.
fn lots() -> String {
    let texts = [
        "NULL",
        "'Lô 1'",
        "'lô 2'",
        "'ĐƯỜNG NGUYỄN HỮU THỌ'",
        "'Đường Nguyễn Hữu Thọ'",
        "'duong nguyen huu tho'",
        "'100% mới'",
        "'a_b'",
        r"'a\b'",
        "''",
        "'O''Brien'",
        "'İstanbul ΣΊΣΥΦΟΣ ß'",
        "normalize('Đà Nẵng', NFD)",
    ];
    let uses =
        ["NULL", "'ok'", "'bad'", "'ok+bad'", "' bad '", "'BAD'", "'ok + ok'", "''", "'ok+'"];
    let areas =
        ["NULL", "0", "-1.5", "100", "100.5", "1e300", "'NaN'", "'Infinity'", "'-Infinity'"];
    let moments = [
        "NULL",
        "'2025-07-01T00:00:00Z'",
        "'2025-07-01T00:00:00.5Z'",
        "'2025-06-30T23:59:59Z'",
        "'infinity'",
        "'12025-01-01T00:00:00Z'",
    ];
    let days =
        ["NULL", "'1999-12-31'", "'2025-07-01'", "'2025-06-30'", "'-infinity'", "'20000-01-01'"];
    let mut rows = Vec::new();
    for number in 0..468_usize {
        let pick = |values: &[&str], step: usize| values[number * step % values.len()].to_owned();
        let starts = ["NULL", "'2020-01-01T00:00:00Z'", "'-infinity'", "'2022-05-01T00:00:00Z'"];
        let ends = ["NULL", "'2025-01-01T00:00:00Z'", "'infinity'"];
        let (east, north) = (number % 24 * 100, number / 24 * 100);
        // Each seventh has no geometry, each eleventh is a bow tie, which is no valid polygon.
        let shape = match number {
            number if number % 7 == 3 => "NULL".to_owned(),
            number if number % 11 == 5 => {
                polygon(east, north, [(0, 0), (60, 60), (60, 0), (0, 60)])
            }
            _ => polygon(east, north, [(0, 0), (60, 0), (60, 60), (0, 60)]),
        };
        rows.push(format!(
            "({shape}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
            pick(&texts, 1),
            pick(&uses, 1),
            pick(&areas, 5),
            ["NULL", "0", "3", "-7", "9007199254740993"][number % 5],
            ["NULL", "3", "0"][number % 3],
            ["NULL", "true", "false"][number / 2 % 3],
            pick(&days, 7),
            pick(&moments, 5),
            ["NULL", "'ok'", "'bad'"][number / 3 % 3],
            ["NULL", "'canary'"][number % 2],
            starts[number / 5 % 4],
            ends[number / 7 % 3],
        ));
    }
    let columns = "geom, lot, use, area_m2, floors, rooms, is_built, surveyed, seen_at, state, owner, \
         valid_from, valid_to";
    let mut sql = format!("INSERT INTO layer.lot ({columns}) VALUES ");
    write!(sql, "{};", rows.join(",\n")).unwrap();
    sql
}

fn polygon(east: usize, north: usize, corners: [(usize, usize); 4]) -> String {
    let ring: Vec<String> = corners
        .iter()
        .chain(&corners[..1])
        .map(|(x, y)| format!("{} {}", 548_000 + east + x, 1_774_000 + north + y))
        .collect();
    format!("ST_GeomFromText('MULTIPOLYGON((({})))', 5899)", ring.join(","))
}

/// All properties of a feature, by name.
pub fn properties(feature: &Value) -> BTreeMap<String, Value> {
    let properties = feature["properties"].as_object().expect("properties");
    properties.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[tokio::test]
async fn every_feature_has_every_property_in_its_own_type() {
    let ground = Ground::empty().await;
    ground
        .city
        .psql(
            "INSERT INTO layer.lot
                 (geom, lot, use, area_m2, floors, is_built, surveyed, seen_at, valid_from, valid_to)
             VALUES (ST_GeomFromText('MULTIPOLYGON(((548000 1774000, 548000 1774010,
                        548010.12345 1774000, 548000 1774000)))', 5899),
                     E'a\"\\\\\\n\\u0001đ', 'ok', 2, -3, true, '2019-04-30',
                     '2025-07-01T07:30:00.25+07:00', '2025-07-01T00:00:00+07:00', 'infinity'),
                    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        )
        .await;
    let ask = FeatureAsk { crs: urbis_store::FeatureCrs::Vn2000Tm3, ..ground.ask(Openness::Open) };
    let features = ground.page(&ask).await;
    let expected = json!({
        "type": "Feature", "id": 1,
        "geometry": {"type": "MultiPolygon", "coordinates":
            [[[[548000, 1774000], [548010.123, 1774000], [548000, 1774010], [548000, 1774000]]]]},
        "properties": {
            "lot": "a\"\\\n\u{1}đ", "use": "ok", "area_m2": 2.0, "floors": -3, "rooms": null,
            "is_built": true, "surveyed": "2019-04-30", "seen_at": "2025-07-01T00:30:00.25Z",
            "state": null, "valid_from": "2025-06-30T17:00:00Z", "valid_to": null,
        },
    });
    assert_eq!(features[0], expected);
    assert_eq!(features[1]["geometry"], Value::Null);
    assert!(properties(&features[1]).values().all(Value::is_null));
    let names = |feature| properties(feature).into_keys().collect::<Vec<_>>();
    assert_eq!(names(&features[0]), names(&features[1]));
    // A real is one for every reader.
    let text = String::from_utf8(ground.reader.page(&ask).await.unwrap().features).unwrap();
    assert!(text.contains(r#""area_m2":2.0,"floors":-3,"#), "{text}");
}
