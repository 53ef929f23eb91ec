//! Places on roads.

use geo::{Closest, ClosestPoint, Distance, Geodesic, Point};
use urbis_catalog::NetworkRole;
use urbis_model::Metres;
use urbis_network::{Graph, SnapRules, Travel, snap};
use urbis_snapshot::City;

use crate::city::{Xy, city_of, coord, id, layer_of, place, road, roads, text};
use crate::random::Random;

fn rules(within: f64, heading_deg: Option<f64>, max: usize) -> SnapRules {
    SnapRules { within: Metres(within), heading_deg, max }
}

#[test]
fn the_nearest_places_are_those_of_a_full_scan() {
    for seed in 1..=10 {
        let mut random = Random(seed);
        let drawn = (1..=80).map(|number| random.road(number)).collect();
        let city = city_of(drawn, vec![], vec![]);
        let graph = Graph::build(&city);
        for _ in 0..40 {
            let mut share = || random.below(3_000) as f64 / 10.0 - 10.0;
            let at = (share(), share());
            let found = snap(&city, &graph, place(at), &rules(60.0, None, 9));
            let mut expected = scan(&city, at);
            expected.retain(|gap| *gap <= 60.0);
            let gaps: Vec<f64> = found.iter().map(|snap| snap.gap.0).collect();
            assert!(gaps.is_sorted(), "{gaps:?}");
            let expected: Vec<f64> = expected.iter().flat_map(|gap| [*gap; 2]).take(9).collect();
            assert_eq!(gaps.len(), expected.len(), "seed {seed} at {at:?}");
            for (gap, expected) in gaps.iter().zip(&expected) {
                // Nearest in degrees of longitude and latitude, not on the ground: within 2 %.
                assert!(
                    *gap <= expected * 1.02 + 0.01 && *gap >= expected * 0.98 - 0.01,
                    "{gap} {expected}"
                );
            }
            for one in &found {
                let on_arc = graph.locate(one.position).unwrap();
                // Maybe under another name: the end of another road, the other end of a ring.
                let back = graph.position(on_arc).unwrap();
                assert_eq!(graph.locate(back), Some(on_arc));
            }
        }
    }
}

/// Metres to each part, nearest first.
fn scan(city: &City, at: Xy) -> Vec<f64> {
    let from = Point(coord(at));
    let layer = city.layer(&layer_of(NetworkRole::Roads)).unwrap();
    let mut gaps: Vec<f64> = Vec::new();
    for segment in layer.features() {
        let Some(geo_types::Geometry::MultiLineString(lines)) = segment.to_geometry() else {
            panic!()
        };
        for line in lines {
            let (Closest::SinglePoint(near) | Closest::Intersection(near)) =
                line.closest_point(&from)
            else {
                panic!("a line has a nearest point")
            };
            gaps.push(Geodesic.distance(from, near));
        }
    }
    gaps.sort_by(f64::total_cmp);
    gaps
}

#[test]
fn a_heading_takes_the_direction_of_travel_and_leaves_roads_that_cross() {
    let line = [(0.0, 0.0), (200.0, 0.0)];
    let city =
        city_of(vec![road(1, &line), road(2, &[(100.0, 3.0), (100.0, 200.0)])], vec![], vec![]);
    let graph = Graph::build(&city);
    for (heading, travel) in
        [(90.0, Travel::Forward), (271.0, Travel::Backward), (-80.0, Travel::Backward)]
    {
        let found = snap(&city, &graph, place((100.0, 4.0)), &rules(50.0, Some(heading), 9));
        let ways: Vec<_> =
            found.iter().map(|it| (it.position.segment, it.position.travel)).collect();
        assert_eq!(ways, [(id(1), travel)], "{heading}");
        assert!((found[0].gap.0 - 4.0).abs() < 0.05, "{}", found[0].gap);
        assert!(found[0].position.offset_mm.abs_diff(100_000) < 100);
    }
}

#[test]
fn the_direction_of_a_one_way_comes_first() {
    for (oneway, travel) in [("forward", Travel::Forward), ("backward", Travel::Backward)] {
        let line: [&[Xy]; 1] = [&[(0.0, 0.0), (200.0, 0.0)]];
        let city = city_of(vec![roads(1, &line, &[("oneway", text(oneway))])], vec![], vec![]);
        let found = snap(&city, &Graph::build(&city), place((50.0, 5.0)), &rules(50.0, None, 9));
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].position.travel, travel);
    }
}

#[test]
fn what_is_too_far_is_not_found() {
    let city = city_of(vec![road(1, &[(0.0, 0.0), (200.0, 0.0)])], vec![], vec![]);
    let graph = Graph::build(&city);
    assert!(snap(&city, &graph, place((50.0, 51.0)), &rules(50.0, None, 9)).is_empty());
    assert_eq!(snap(&city, &graph, place((50.0, 49.0)), &rules(50.0, None, 9)).len(), 2);
    assert_eq!(snap(&city, &graph, place((50.0, 49.0)), &rules(50.0, None, 0)).len(), 0);
}
