//! A filter in SQL means what it means in memory.

use urbis_catalog::Layer;
use urbis_model::{Feature, Openness, Validity, Value};
use urbis_store::{FeatureAsk, FeatureCrs, StoreError};

use super::Ground;
use urbis_filter::{Filter, Language, Record, Spelling};

/// A feature as filters look at it.
pub struct Held<'a>(pub &'a Feature);

impl Record for Held<'_> {
    fn value(&self, attribute: usize) -> Value<'_> {
        self.0.attributes.get(attribute).map_or(Value::Null, Value::from)
    }

    fn geometry(&self) -> Option<geo_types::Geometry<f64>> {
        self.0.geometry.clone()
    }

    fn validity(&self) -> Validity {
        self.0.validity
    }
}

const ABOUT_VALUES: [&str; 110] = [
    "true",
    "false",
    "NOT true",
    "lot = 'Lô 1'",
    "lot <> 'Lô 1'",
    "lot < 'a'",
    "lot <= ''",
    "lot > 'Z' AND lot < 'đ'",
    "lot >= 'Đ'",
    "lot = 'O''Brien'",
    "lot IS NULL",
    "lot IS NOT NULL",
    "NOT lot = 'Lô 1'",
    "NOT (lot = 'Lô 1' OR lot IS NULL)",
    "lot LIKE 'Lô%'",
    "lot LIKE '%ễ%'",
    "lot LIKE '_b'",
    "lot LIKE 'a_b'",
    r"lot LIKE 'a\_b'",
    r"lot LIKE 'a\\b'",
    r"lot LIKE '100\%%'",
    r"lot LIKE '%\'",
    "lot LIKE ''",
    "lot LIKE '%%%'",
    "lot NOT LIKE 'L%'",
    "CASEI(lot) = CASEI('LÔ 2')",
    "CASEI(lot) LIKE CASEI('đườNG%')",
    "CASEI(lot) LIKE CASEI('İ%')",
    "CASEI(lot) LIKE CASEI('%ΣΊΣΥΦΟΣ%')",
    "CASEI(lot) > 'l'",
    "ACCENTI(lot) = ACCENTI('Đà Nẵng')",
    "ACCENTI(lot) = 'Duong Nguyen Huu Tho'",
    "ACCENTI(CASEI(lot)) = 'duong nguyen huu tho'",
    "ACCENTI(CASEI(lot)) LIKE ACCENTI('%hữu thọ')",
    "CASEI(ACCENTI(lot)) IN ('duong nguyen huu tho', 'lo 2')",
    "ACCENTI(lot) IS NULL",
    "lot IN ('Lô 1', 'lô 2', 'none')",
    "lot NOT IN ('Lô 1', 'lô 2')",
    "lot IN ('O''Brien', CASEI('LÔ 2'))",
    "lot = use",
    "lot BETWEEN 'a' AND 'm'",
    "use = 'ok'",
    "use = 'bad'",
    "use LIKE '%bad%'",
    "use IS NULL",
    "state = 'ok' OR state IS NULL",
    "state <> use",
    "area_m2 = 100",
    "area_m2 > 100",
    "area_m2 >= 100.5",
    "area_m2 < 0",
    "area_m2 <> 0",
    "area_m2 IS NULL",
    "NOT area_m2 > 0",
    "area_m2 > 1e200",
    "area_m2 BETWEEN -2 AND 100",
    "area_m2 NOT BETWEEN 0 AND 100",
    "area_m2 IN (0, 100, 7)",
    "area_m2 = floors",
    "area_m2 > rooms",
    "floors = 3",
    "floors = 3.0",
    "floors < 2.5",
    "floors > 9007199254740992",
    "floors = 9007199254740993",
    "floors = rooms",
    "floors <> rooms",
    "-7 = floors",
    "1 = 1",
    "1 > 2 OR floors = 0",
    "is_built",
    "NOT is_built",
    "is_built = false",
    "is_built <> true AND floors IS NOT NULL",
    "is_built IS NULL",
    "is_built > false",
    "surveyed = DATE('2025-07-01')",
    "surveyed < '2025-07-01'",
    "surveyed > DATE('1999-12-31')",
    "surveyed IS NULL OR is_built",
    "seen_at > TIMESTAMP('2025-07-01T00:00:00Z')",
    "seen_at = TIMESTAMP('2025-07-01T07:00:00.5+07:00')",
    "seen_at <= '2025-07-01'",
    "surveyed < seen_at",
    "seen_at BETWEEN TIMESTAMP('2025-06-30T23:59:59Z') AND TIMESTAMP('2025-07-01T00:00:00Z')",
    "surveyed IN ('2025-07-01', '1999-12-31')",
    "floors + rooms = 3",
    "area_m2 * 2 > floors",
    "area_m2 - area_m2 = 0",
    "floors / rooms > 0",
    "NOT floors / rooms > 0",
    "floors / rooms IS NULL",
    "floors div 2 = -3",
    "floors % 2 = -1",
    "floors % rooms = 0",
    "area_m2 % 3 > 0.5",
    "area_m2 ^ 2 > 9000",
    "area_m2 ^ floors IS NULL",
    "floors ^ 3 < 0",
    "rooms ^ (0 - rooms) > 0",
    "area_m2 * area_m2 / area_m2 > 100.1",
    "(area_m2 + 1) / (area_m2 - 100) > 1 / (floors - 3)",
    "-floors = 7",
    "1 / 0 = floors OR rooms = 3",
    "floors BETWEEN rooms - 10 AND rooms * 2 + 1",
    "geom IS NULL",
    "S_EQUALS(geom, geom) OR floors = 3",
    "NOT S_DISJOINT(geom, geom)",
    "(floors > 0 AND is_built) IS NULL",
    "INTERVAL(surveyed, seen_at) IS NOT NULL",
];

const ABOUT_TIMES: [&str; 21] = [
    "T_AFTER(seen_at, TIMESTAMP('2025-07-01T00:00:00Z'))",
    "T_BEFORE(seen_at, DATE('2025-07-01'))",
    "T_INTERSECTS(seen_at, DATE('2025-07-01'))",
    "T_DISJOINT(seen_at, DATE('2025-07-01'))",
    "T_EQUALS(surveyed, DATE('2025-07-01'))",
    "T_DURING(INTERVAL(surveyed, surveyed), INTERVAL('2000-01-01', '..'))",
    "T_DURING(INTERVAL(surveyed, seen_at), INTERVAL('1999-01-01', '2026-01-01'))",
    "T_CONTAINS(INTERVAL(surveyed, seen_at), INTERVAL('2025-06-30', '2025-06-30'))",
    "T_STARTS(INTERVAL(surveyed, '2025-07-02'), INTERVAL('2025-07-01', '..'))",
    "T_STARTEDBY(INTERVAL(surveyed, '..'), INTERVAL('2025-07-01', '2025-07-01'))",
    "T_FINISHES(INTERVAL(surveyed, '2025-07-02'), INTERVAL('..', '2025-07-02'))",
    "T_FINISHEDBY(INTERVAL('..', surveyed), INTERVAL('2000-01-01', '2025-07-01'))",
    "T_MEETS(INTERVAL('2000-01-01', surveyed), INTERVAL('2025-07-01', '..'))",
    "T_OVERLAPS(INTERVAL('2000-01-01', surveyed), INTERVAL('2025-06-30', '..'))",
    "T_OVERLAPPEDBY(INTERVAL(surveyed, '..'), INTERVAL('2000-01-01', '2026-06-30'))",
    "valid_from IS NULL",
    "valid_to > TIMESTAMP('2024-01-01T00:00:00Z') OR valid_to IS NULL",
    "valid_from = '2020-01-01T00:00:00Z'",
    "T_AFTER(valid_from, surveyed)",
    "T_DURING(INTERVAL(valid_from, valid_to), INTERVAL('2019-01-01', '2026-01-01'))",
    "T_INTERSECTS(INTERVAL(valid_from, '..'), DATE('2021-01-01'))",
];

/// A polygon over a part of the lots with edges that no lot's corner is near, the same askew, one
/// around all of Asia, a line, a point, some of each.
const SHAPES: [&str; 8] = [
    "BBOX(108.2, 16.04, 108.2111, 16.0455)",
    "POLYGON((108.2 16.04, 108.2117 16.0404, 108.2121 16.0491, 108.2003 16.0467, 108.2 16.04))",
    "POLYGON((108.2 16.03, 108.23 16.03, 108.23 16.06, 108.2 16.06, 108.2 16.03), \
             (108.204 16.0403, 108.204 16.0483, 108.2153 16.0483, 108.2153 16.0403, 108.204 16.0403))",
    "BBOX(-180, -90, 180, 90)",
    "POLYGON((40 0, 179 0, 179 80, 108.2071 80, 108.2069 10, 40 0))",
    "LINESTRING(108.2 16.0401, 108.2222 16.0555)",
    "POINT(108.20205 16.04035)",
    "MULTIPOLYGON(((108.2 16.04, 108.203 16.04, 108.203 16.043, 108.2 16.04)), \
                  ((-70 0, -60 0, -60 10, -70 0)))",
];

const RELATIONS: [&str; 7] =
    ["S_INTERSECTS", "S_DISJOINT", "S_WITHIN", "S_CONTAINS", "S_TOUCHES", "S_OVERLAPS", "S_EQUALS"];

async fn assert_alike(ground: &Ground, features: &[Feature], text: &str, class: Openness) -> usize {
    let filter = Filter::parse(text, Language::Text, &ground.land, class).expect(text);
    let shown = |feature: &&Feature| ground.land.feature_openness(&feature.attributes) <= class;
    let mut expected: Vec<u64> = features
        .iter()
        .filter(shown)
        .filter(|feature| filter.matches(&Held(feature)))
        .map(|feature| feature.id.value())
        .collect();
    let mut found = ground.ids(&FeatureAsk { filter: Some(&filter), ..ground.ask(class) }).await;
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected, "{text} for {class}");
    found.len()
}

async fn all_features(ground: &Ground) -> Vec<Feature> {
    let all = ground.city.store.read_all(&ground.city.catalog).await.unwrap();
    let (_, features) = all.into_iter().find(|(id, _)| *id == ground.land.id).unwrap();
    assert!(features.len() > 400);
    features
}

#[tokio::test]
async fn a_filter_finds_in_the_database_what_it_finds_in_memory() {
    let ground = Ground::full().await;
    let features = all_features(&ground).await;
    let mut answers = 0;
    for text in ABOUT_VALUES.iter().chain(&ABOUT_TIMES) {
        for class in Openness::ALL {
            let found = assert_alike(&ground, &features, text, class).await;
            answers += usize::from(found > 0 && found < features.len());
        }
    }
    assert!(answers > 200, "only {answers} filters divide the features");
    let mine = assert_alike(&ground, &features, "owner = 'canary'", Openness::Internal).await;
    assert!(mine > 50);
}

#[tokio::test]
async fn a_shape_finds_in_the_database_what_it_finds_in_memory() {
    let ground = Ground::full().await;
    // What GEOS and geo make of a bow tie is their own business.
    ground.city.psql("DELETE FROM layer.lot WHERE NOT ST_IsValid(geom)").await;
    let features: Vec<Feature> = all_features_of(&ground).await;
    let mut answers = 0;
    for shape in SHAPES {
        for relation in RELATIONS {
            for text in [
                format!("{relation}(geom, {shape})"),
                format!("NOT {relation}({shape}, geom)"),
                format!("{relation}(geom, {shape}) OR floors = 3"),
            ] {
                let found = assert_alike(&ground, &features, &text, Openness::Restricted).await;
                answers += usize::from(found > 0 && found < features.len());
            }
        }
    }
    assert!(answers > 100, "only {answers} filters divide the features");
}

async fn all_features_of(ground: &Ground) -> Vec<Feature> {
    let all = ground.city.store.read_all(&ground.city.catalog).await.unwrap();
    all.into_iter().find(|(id, _)| *id == ground.land.id).unwrap().1
}

/// Where there are lots, all of the earth that Web Mercator has, and a place far from every lot.
const IN_METRES: [(FeatureCrs, &str, bool); 4] = [
    (FeatureCrs::Vn2000Tm3, "BBOX(547990, 1773990, 552000, 1780000)", true),
    (FeatureCrs::WebMercator, "BBOX(-20037508, -20037508, 20037508, 20037508)", true),
    (FeatureCrs::Vn2000Utm48, "BBOX(-1400000, -3900000, 2400000, 3900000)", true),
    (FeatureCrs::Vn2000Utm49, "BBOX(2400000, 3800000, 2500000, 3900000)", false),
];

/// The ids that a filter finds whose geometries are in a CRS.
async fn found_in(ground: &Ground, layer: &Layer, text: &str, crs: FeatureCrs) -> Vec<u64> {
    let spelling = Spelling { crs: crs.of_shapes(), ..Spelling::default() };
    let filter = Filter::parse_as(text, spelling, layer, Openness::Restricted);
    let filter = filter.unwrap_or_else(|cause| panic!("{text}: {cause}"));
    let all = FeatureAsk::all(layer, Openness::Restricted);
    ground.ids(&FeatureAsk { filter: Some(&filter), ..all }).await
}

#[tokio::test]
async fn a_shape_means_the_same_in_every_crs() {
    let ground = Ground::full().await;
    ground.city.psql("DELETE FROM layer.lot WHERE NOT ST_IsValid(geom)").await;
    for layer in [&ground.land, &ground.well] {
        // Small ones: between two corners a straight line of one CRS is bent in another.
        for shape in [1, 5, 6].map(|place| SHAPES[place]) {
            for relation in ["S_INTERSECTS", "S_DISJOINT", "S_WITHIN"] {
                let text = format!("{relation}(geom, {shape})");
                let expected = found_in(&ground, layer, &text, FeatureCrs::Crs84).await;
                for crs in FeatureCrs::ALL {
                    let flip = if crs.is_north_first() { "ST_FlipCoordinates" } else { "" };
                    let srid = crs.srid().0;
                    let moved = format!("ST_Transform(ST_GeomFromText('{shape}', 4326), {srid})");
                    let moved = format!("SELECT ST_AsText({flip}({moved}), 15)");
                    let spelled = ground.city.text(&moved).await.expect("a text");
                    let text = format!("{relation}({spelled}, geom)");
                    let text = text.replace("S_WITHIN", "S_CONTAINS");
                    let found = found_in(&ground, layer, &text, crs).await;
                    assert_eq!(found, expected, "{} {crs:?}: {text}", layer.id);
                }
            }
        }
    }
    let somewhere = found_in(&ground, &ground.land, "geom IS NOT NULL", FeatureCrs::Crs84).await;
    for (crs, shape, is_around) in IN_METRES {
        for relation in ["S_INTERSECTS", "S_WITHIN"] {
            let text = format!("{relation}(geom, {shape})");
            let expected = if is_around { &somewhere[..] } else { &[] };
            assert_eq!(found_in(&ground, &ground.land, &text, crs).await, expected, "{text}");
        }
        let text = format!("S_CONTAINS(geom, {shape})");
        assert!(found_in(&ground, &ground.land, &text, crs).await.is_empty(), "{text}");
    }
}

#[tokio::test]
async fn an_invalid_polygon_in_the_table_stops_no_question() {
    let ground = Ground::full().await;
    for shape in SHAPES {
        for relation in RELATIONS {
            let filter = ground.filter(&format!("{relation}(geom, {shape})"), Openness::Open);
            let ask = FeatureAsk { filter: Some(&filter), ..ground.ask(Openness::Open) };
            ground.ids(&ask).await;
        }
    }
}

#[tokio::test]
async fn a_filter_that_saw_more_is_not_put_to_who_sees_less() {
    let ground = Ground::empty().await;
    let filter = ground.filter("owner = 'canary'", Openness::Internal);
    let ask = FeatureAsk { filter: Some(&filter), ..ground.ask(Openness::Open) };
    let refused = ground.reader.page(&ask).await;
    assert!(matches!(refused, Err(StoreError::FilterForAnother { .. })), "{refused:?}");
}

#[tokio::test]
async fn what_looks_like_sql_is_a_value() {
    let ground = Ground::full().await;
    for text in ["'; DROP TABLE layer.lot; --", "$1", "' OR '1' = '1", "\\'; --", "{limit}"] {
        let literal = text.replace('\'', "''");
        let filters = [format!("lot = '{literal}'"), format!("lot LIKE CASEI('{literal}')")];
        for text in filters {
            let filter = ground.filter(&text, Openness::Open);
            let ask = FeatureAsk { filter: Some(&filter), ..ground.ask(Openness::Open) };
            assert!(ground.ids(&ask).await.is_empty(), "{text}");
        }
    }
    assert_eq!(ground.city.number("SELECT count(*) FROM layer.lot").await, 468);
}
