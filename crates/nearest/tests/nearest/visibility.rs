//! What a question may not see is not there: it neither shows nor takes the place of an answer.

use geo_types::{Geometry, Point, polygon};
use urbis_model::{Feature, GeometryKind, Moment, Openness, Validity};
use urbis_nearest::{Ask, containing, nearest};
use urbis_snapshot::{City, SnapshotFeature, Visibility};

use crate::city::{EVERYWHERE, Random, both, city_with, feature, layer_of, place, points};

fn numbers<'a>(found: impl IntoIterator<Item = SnapshotFeature<'a>>) -> Vec<u64> {
    found.into_iter().map(|feature| feature.id().value()).collect()
}

fn openness_of(feature: &Feature) -> Openness {
    match feature.attributes[0] {
        urbis_model::AttributeValue::Text(ref code) if &**code == "c" => Openness::Restricted,
        urbis_model::AttributeValue::Text(ref code) if &**code == "b" => Openness::Internal,
        _ => Openness::Open,
    }
}

fn random_features(count: usize) -> Vec<Feature> {
    let mut random = Random(61);
    let mut moment = || Some(Moment((random.unit() * 20.0) as i64 - 10));
    let stamped = points(count, 62).into_iter().zip(1..).map(|(geometry, number)| {
        let code = ["a", "b", "c"][number as usize % 3];
        let validity = match number % 4 {
            0 => Validity::ALWAYS,
            1 => Validity { from: moment(), to: None },
            2 => Validity { from: None, to: moment() },
            _ => Validity { from: moment(), to: moment() },
        };
        feature(number, geometry, code, validity)
    });
    stamped.collect()
}

#[test]
fn the_nearest_are_those_of_a_city_that_holds_nothing_else() {
    let all = random_features(300);
    let city = city_with(GeometryKind::Point, all.iter().cloned());
    let mut random = Random(63);
    for class in Openness::ALL {
        for on in [None, Some(Moment(-10)), Some(Moment(-3)), Some(Moment(0)), Some(Moment(7))] {
            let at = on.unwrap_or(city.at());
            let admitted =
                all.iter().filter(|f| openness_of(f) <= class && f.validity.contains(at));
            let always = admitted.cloned().map(|f| Feature { validity: Validity::ALWAYS, ..f });
            let alone = city_with(GeometryKind::Point, always);
            for _ in 0..10 {
                let from = random.place([107.9, 15.8, 108.5, 16.3]);
                let ask = |city: &City, visibility: Visibility| {
                    let ask = Ask { from, limit: 7, within: EVERYWHERE, visibility };
                    let found = both(layer_of(city), &ask);
                    numbers(found.into_iter().map(|answer| answer.feature))
                };
                let expected = ask(&alone, Visibility::now(class));
                assert_eq!(expected.len(), 7);
                assert_eq!(ask(&city, Visibility { class, on }), expected, "{class} on {on:?}");
            }
        }
    }
}

#[test]
fn a_hidden_feature_does_not_count_to_the_limit() {
    let here: Geometry<f64> = Point::new(108.2, 16.05).into();
    let there: Geometry<f64> = Point::new(108.3, 16.05).into();
    let features =
        [feature(1, here, "c", Validity::ALWAYS), feature(2, there, "a", Validity::ALWAYS)];
    let city = city_with(GeometryKind::Point, features.into_iter());
    let ask = |class| {
        let visibility = Visibility::now(class);
        let ask = Ask { from: place(108.2, 16.05), limit: 1, within: EVERYWHERE, visibility };
        let found = nearest(layer_of(&city), &ask, |_| true);
        numbers(found.into_iter().map(|answer| answer.feature))
    };
    assert_eq!(Openness::ALL.map(ask), [[2], [2], [1]]);
}

#[test]
fn a_place_has_the_ward_of_its_day() {
    let square = |east: f64| -> Geometry<f64> {
        polygon![(x: 108.0, y: 16.0), (x: east, y: 16.0), (x: east, y: 16.1), (x: 108.0, y: 16.1)]
            .into()
    };
    let reform = Some(Moment(-100));
    let before = Validity { from: None, to: reform };
    let since = Validity { from: reform, to: None };
    let features = [feature(1, square(108.1), "a", before), feature(2, square(108.2), "a", since)];
    let city = city_with(GeometryKind::MultiPolygon, features.into_iter());
    let wards = |lon: f64, on: Option<Moment>| {
        let visibility = Visibility { class: Openness::Open, on };
        numbers(containing(layer_of(&city), place(lon, 16.05), visibility))
    };
    assert_eq!(wards(108.05, None), [2]);
    assert_eq!(wards(108.05, Some(Moment(-101))), [1]);
    assert_eq!(wards(108.05, reform), [2]);
    assert_eq!(wards(108.15, None), [2]);
    assert!(wards(108.15, Some(Moment(-101))).is_empty());
}

#[test]
fn a_hidden_polygon_contains_nothing() {
    let square: Geometry<f64> =
        polygon![(x: 108.0, y: 16.0), (x: 108.1, y: 16.0), (x: 108.1, y: 16.1)].into();
    let hidden = feature(1, square, "b", Validity::ALWAYS);
    let city = city_with(GeometryKind::MultiPolygon, std::iter::once(hidden));
    let found = Openness::ALL.map(|class| {
        containing(layer_of(&city), place(108.09, 16.05), Visibility::now(class)).len()
    });
    assert_eq!(found, [0, 1, 1]);
}
