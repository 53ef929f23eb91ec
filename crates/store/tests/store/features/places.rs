//! Boxes and answers in six CRSs.

use urbis_model::Openness;
use urbis_store::{FeatureAsk, FeatureBox, FeatureCrs};

use super::Ground;

/// A place in each CRS, in its axis order; PROJ 9.1.1 (`cs2cs`).
const PLACE: [(FeatureCrs, [f64; 2]); 6] = [
    (FeatureCrs::Crs84, [108.2270, 16.0610]),
    (FeatureCrs::Wgs84, [16.0610, 108.2270]),
    (FeatureCrs::Vn2000Tm3, [550_840.154_8, 1_776_387.410_4]),
    (FeatureCrs::Vn2000Utm49, [203_110.303_6, 1_777_786.329_6]),
    (FeatureCrs::Vn2000Utm48, [845_115.705_6, 1_778_485.627_8]),
    (FeatureCrs::WebMercator, [12_047_774.530_1, 1_811_787.987_9]),
];

/// A metre, in units of the CRS.
fn metre(crs: FeatureCrs) -> f64 {
    if crs.is_geographic() { 1e-5 } else { 1.0 }
}

async fn ground() -> Ground {
    let ground = Ground::empty().await;
    ground
        .city
        .psql(
            "INSERT INTO layer.well (geom, name)
             VALUES (ST_SetSRID(ST_MakePoint(108.2270, 16.0610), 4326), 'a');
             INSERT INTO layer.lot (geom, lot) SELECT ST_Multi(ST_Buffer(ST_Transform(
               ST_SetSRID(ST_MakePoint(108.2270, 16.0610), 4326), 5899), 0.5)), 'a'",
        )
        .await;
    ground
}

#[tokio::test]
async fn a_feature_lies_where_proj_says_in_each_crs() {
    let ground = ground().await;
    for (crs, expected) in PLACE {
        let ask = FeatureAsk { crs, ..FeatureAsk::all(&ground.well, Openness::Open) };
        let feature = &ground.page(&ask).await[0];
        for axis in 0..2 {
            let found = feature["geometry"]["coordinates"][axis].as_f64().unwrap();
            let off = (found - expected[axis]).abs();
            assert!(off <= 0.001 * metre(crs).max(0.1), "{crs:?} {feature} wants {expected:?}");
        }
    }
}

#[tokio::test]
async fn a_box_around_a_feature_finds_it_in_each_crs_and_one_beside_it_does_not() {
    let ground = ground().await;
    for (crs, [x, y]) in PLACE {
        let m = metre(crs);
        for (layer, ask) in [("well", &ground.well), ("lot", &ground.land)] {
            let all = FeatureAsk::all(ask, Openness::Open);
            let around = |x: f64, y: f64, half: f64| {
                Some(FeatureBox::new([x - half, y - half, x + half, y + half], crs).unwrap())
            };
            for (bbox, count) in [
                (around(x, y, 2.0 * m), 1),
                (around(x, y, 900.0 * m), 1),
                (around(x + 10.0 * m, y, 5.0 * m), 0),
                (around(x, y - 10.0 * m, 5.0 * m), 0),
            ] {
                let found = ground.ids(&FeatureAsk { bbox, ..all }).await.len();
                assert_eq!(found, count, "{layer} {crs:?} {bbox:?}");
            }
        }
    }
}

#[tokio::test]
async fn boxes_as_large_as_the_earth_are_boxes_in_each_crs() {
    let ground = ground().await;
    for (numbers, crs) in [
        ([-180.0, -90.0, 180.0, 90.0], FeatureCrs::Crs84),
        ([-90.0, -180.0, 90.0, 180.0], FeatureCrs::Wgs84),
        ([-1e7, -1e7, 1e7, 1e7], FeatureCrs::Vn2000Tm3),
        ([-1e300, -1e300, 1e300, 1e300], FeatureCrs::Vn2000Utm48),
        ([-1e9, -1e9, 1e9, 1e9], FeatureCrs::Vn2000Utm49),
        ([-3e7, -3e7, 3e7, 3e7], FeatureCrs::WebMercator),
    ] {
        let bbox = Some(FeatureBox::new(numbers, crs).unwrap());
        for layer in [&ground.well, &ground.land] {
            let ask = FeatureAsk { bbox, ..FeatureAsk::all(layer, Openness::Open) };
            assert_eq!(ground.ids(&ask).await.len(), 1, "{} {crs:?}", layer.id);
        }
    }
}

#[tokio::test]
async fn boxes_of_the_conformance_suite_are_answered() {
    let ground = Ground::full().await;
    for (numbers, expected) in [
        ([-1.5, 50.0, 1.5, 53.0], &[][..]),
        ([-80.0, -5.0, -70.0, 5.0], &[]),
        ([177.0, 65.0, -177.0, 70.0], &["east", "west"]),
        ([-180.0, 85.0, 180.0, 90.0], &["pole"]),
        ([-180.0, -90.0, 180.0, -85.0], &[]),
        ([108.03, 16.02, 108.03, 16.02], &["well 3/2"]),
        ([108.03, 16.02, 108.04, 16.02], &["well 3/2", "well 4/2"]),
    ] {
        let bbox = Some(FeatureBox::new(numbers, FeatureCrs::Crs84).unwrap());
        let ask = FeatureAsk { bbox, ..FeatureAsk::all(&ground.well, Openness::Open) };
        let found = ground.page(&ask).await;
        let names: Vec<&str> =
            found.iter().map(|feature| feature["properties"]["name"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{numbers:?}");
        let ask = FeatureAsk { bbox, ..ground.ask(Openness::Open) };
        assert!(ground.ids(&ask).await.is_empty());
    }
}

#[tokio::test]
async fn a_geometry_that_proj_cannot_transform_stops_no_question() {
    let ground = ground().await;
    ground
        .city
        .psql(
            "INSERT INTO layer.well (geom) VALUES (ST_SetSRID(ST_MakePoint(1e30, 1e30), 4326)),
                                                  (ST_SetSRID(ST_MakePoint('NaN', 'NaN'), 4326)),
                                                  (ST_SetSRID(ST_MakePoint(10, 90), 4326))",
        )
        .await;
    for crs in FeatureCrs::ALL {
        let ask = FeatureAsk { crs, ..FeatureAsk::all(&ground.well, Openness::Open) };
        let found = ground.page(&ask).await;
        assert_eq!(found.len(), 4, "{crs:?}");
        assert!(!found[0]["geometry"].is_null());
    }
}

#[tokio::test]
async fn a_box_and_a_shape_go_through_the_index() {
    let ground = Ground::empty().await;
    ground
        .city
        .psql(
            "INSERT INTO layer.lot (geom)
             SELECT ST_Multi(ST_Buffer(ST_SetSRID(
               ST_MakePoint(540000 + n % 200 * 100, 1770000 + n / 200 * 100), 5899), 10, 1))
             FROM generate_series(1, 20000) AS n;
             ANALYZE layer.lot",
        )
        .await;
    let ask = ground.ask(Openness::Open);
    let bbox = Some(FeatureBox::new([108.2, 16.04, 108.21, 16.05], FeatureCrs::Crs84).unwrap());
    let shape = "POLYGON((108.2 16.04, 108.21 16.04, 108.21 16.05, 108.2 16.04))";
    for text in [
        format!("S_INTERSECTS(geom, {shape})"),
        format!("S_WITHIN(geom, {shape}) AND floors IS NULL"),
        format!("S_TOUCHES({shape}, geom)"),
    ] {
        let filter = ground.filter(&text, Openness::Open);
        for ask in [
            FeatureAsk { filter: Some(&filter), limit: 1_000, ..ask },
            FeatureAsk { bbox, limit: 1_000, ..ask },
        ] {
            let plan = ground.reader.explain(&ask).await.unwrap().join("\n");
            assert!(plan.contains("lot_geom") && !plan.contains("Seq Scan"), "{text}\n{plan}");
        }
    }
    // Without a box in order of the key, from the last page on.
    let plan = ground.reader.explain(&FeatureAsk { limit: 1_000, ..ask }).await.unwrap().join("\n");
    assert!(plan.contains("Index Scan using lot_pkey") && !plan.contains("Sort"), "{plan}");
}
