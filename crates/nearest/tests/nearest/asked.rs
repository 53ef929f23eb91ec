//! What is not asked for is not there, and a search that must be quick is right or gives up.

use std::cell::Cell;
use std::ops::ControlFlow;

use urbis_model::{GeometryKind, LonLat, Metres, Openness, Validity};
use urbis_nearest::{Ask, Nearest, nearest, nearest_if_quick, nearest_until};
use urbis_snapshot::{City, SnapshotFeature, Visibility};

use crate::city::{
    ALL, EVERYWHERE, Random, city_of, city_with, feature, id, layer_of, lines, nearest_of_all,
    place, points, polygons,
};

const DA_NANG: [f64; 4] = [107.9, 15.8, 108.5, 16.3];

/// Every third, as far as numbers go.
fn is_third(feature: SnapshotFeature<'_>) -> bool {
    feature.id().value() % 3 == 1
}

fn ask(from: LonLat, limit: usize, within: Metres) -> Ask {
    Ask { from, limit, within, visibility: ALL }
}

#[test]
fn the_nearest_asked_for_are_those_of_a_full_scan_over_all() {
    let layers = [
        (GeometryKind::Point, points(300, 71)),
        (GeometryKind::MultiLineString, lines(120, 72)),
        (GeometryKind::MultiPolygon, polygons(120, 73)),
    ];
    let mut random = Random(74);
    for (kind, geometries) in layers {
        let city = city_of(kind, geometries);
        let layer = layer_of(&city);
        for _ in 0..20 {
            let from = random.place(DA_NANG);
            for (limit, within) in [(1, EVERYWHERE), (7, EVERYWHERE), (300, Metres(9_000.0))] {
                // Every feature by itself is the oracle of the main tests: here it is cut down.
                let all = nearest_of_all(layer, from, layer.len(), within);
                let expected = all.iter().filter(|answer| is_third(answer.feature)).take(limit);
                let expected: Vec<_> = expected.map(|a| (a.feature.id(), a.distance)).collect();
                let found = nearest(layer, &ask(from, limit, within), is_third);
                let found: Vec<_> = found.iter().map(|a| (a.feature.id(), a.distance)).collect();
                assert_eq!(found, expected, "{kind} from {from}, limit {limit}");
            }
        }
    }
}

#[test]
fn a_search_that_is_ended_tells_how_far_it_came_and_only_what_is_sure() {
    let layers = [
        (GeometryKind::Point, points(300, 81)),
        (GeometryKind::MultiLineString, lines(120, 82)),
        (GeometryKind::MultiPolygon, polygons(120, 83)),
    ];
    let mut random = Random(84);
    let (mut ended, mut whole) = (0, 0);
    for (kind, geometries) in layers {
        let city = city_of(kind, geometries);
        let layer = layer_of(&city);
        for looks in [0, 1, 5, 20, 60, 1_000].repeat(4) {
            let from = random.place(DA_NANG);
            let ask = ask(from, 9, EVERYWHERE);
            let mut left = looks;
            let found = nearest_until(layer, &ask, |feature| {
                if left == 0 {
                    return ControlFlow::Break(());
                }
                left -= 1;
                ControlFlow::Continue(is_third(feature))
            });
            let mut expected = nearest(layer, &ask, is_third);
            match found.searched {
                Some(searched) => expected.retain(|answer| answer.distance.0 <= searched.0),
                None => whole += 1,
            }
            ended += usize::from(found.searched.is_some_and(|searched| searched.0 > 1.0));
            let told = |found: &[Nearest<'_>]| -> Vec<_> {
                found.iter().map(|answer| (answer.feature.id(), answer.distance)).collect()
            };
            assert_eq!(told(&found.features), told(&expected), "{kind} from {from}, {looks}");
        }
    }
    assert!(ended > 20 && whole > 10, "{ended} ended, {whole} did not");
}

#[test]
fn a_search_that_is_ended_does_not_vouch_for_what_lies_across_the_antimeridian() {
    let places = [(179.0, 1), (178.0, 2), (-179.9, 3)];
    let features = places.map(|(lon, number)| {
        feature(number, geo_types::Point::new(lon, -17.0).into(), "a", Validity::ALWAYS)
    });
    let city = city_with(GeometryKind::Point, features.into_iter());
    // The nearest of all is the third; the search comes to it last.
    let ask = ask(place(179.95, -17.0), 3, Metres(500_000.0));
    let count = Cell::new(0);
    let found = nearest_until(layer_of(&city), &ask, |_| {
        count.set(count.get() + 1);
        if count.get() > 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(true) }
    });
    let searched = found.searched.expect("it was ended");
    assert!(found.features.is_empty(), "{:?}", found.features);
    assert!((4_000.0..6_000.0).contains(&searched.0), "{searched:?}");
}

#[test]
fn where_nothing_is_asked_for_nothing_is_found() {
    let city = city_of(GeometryKind::Point, points(50, 75));
    let found = nearest(layer_of(&city), &ask(place(108.2, 16.0), 5, EVERYWHERE), |_| false);
    assert!(found.is_empty());
}

#[test]
fn what_is_surely_too_far_is_not_even_asked_about() {
    let city = city_of(GeometryKind::Point, points(600, 76));
    let count = Cell::new(0);
    let counting = |_: SnapshotFeature<'_>| {
        count.set(count.get() + 1);
        true
    };
    let found = nearest(layer_of(&city), &ask(place(108.2, 16.0), 3, EVERYWHERE), counting);
    assert_eq!(found.len(), 3);
    assert!(count.get() < 60, "{} of 600 were looked at", count.get());
}

/// The answers' ids of a search that may look so often.
fn quick(city: &City, from: LonLat, looks: usize) -> Option<Vec<u64>> {
    let found = nearest_if_quick(layer_of(city), &ask(from, 5, EVERYWHERE), looks)?;
    Some(found.iter().map(|answer| answer.feature.id().value()).collect())
}

#[test]
fn a_quick_search_finds_the_same_or_says_that_it_did_not() {
    let city = city_of(GeometryKind::Point, points(600, 77));
    let mut random = Random(78);
    let mut outcomes = [0, 0];
    for looks in [0, 1, 4, 8, 16, 64, 600] {
        for _ in 0..20 {
            let from = random.place(DA_NANG);
            let all = nearest_of_all(layer_of(&city), from, 5, EVERYWHERE);
            let expected: Vec<_> = all.iter().map(|answer| answer.feature.id().value()).collect();
            let found = quick(&city, from, looks);
            outcomes[usize::from(found.is_some())] += 1;
            assert!(found.is_none_or(|found| found == expected), "{looks} looks from {from}");
        }
    }
    assert!(outcomes.iter().all(|count| *count > 20), "{outcomes:?}");
    assert_eq!(quick(&city, place(108.2, 16.0), 4), None, "five cannot be seen by four looks");
}

#[test]
fn a_quick_search_looks_neither_at_many_vertices_nor_past_many_that_are_hidden() {
    let city = city_of(GeometryKind::MultiPolygon, polygons(40, 79));
    assert_eq!(quick(&city, place(108.2, 16.0), 20), None);

    let hidden = points(200, 80).into_iter().zip(1..);
    let hidden = hidden.map(|(at, number)| feature(number, at, "c", Validity::ALWAYS));
    let city = city_with(GeometryKind::Point, hidden);
    let ask = Ask {
        visibility: Visibility::now(Openness::Open),
        ..ask(place(108.2, 16.0), 1, EVERYWHERE)
    };
    assert!(nearest_if_quick(layer_of(&city), &ask, 100).is_none());
    assert!(nearest_if_quick(layer_of(&city), &ask, 10_000).is_some_and(|found| found.is_empty()));
    assert!(layer_of(&city).feature(id(1)).is_some());
}
