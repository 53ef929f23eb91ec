//! The shapes: parcels cover their block and share its edges, classes of depth exclude each other.

use std::collections::{BTreeMap, BTreeSet};

use geo::{
    Area, BooleanOps, BoundingRect, Contains, InteriorPoint, Intersects, MultiPolygon, Validation,
};
use serde_json::Value;
use urbis_synth::grow;

use crate::SEED;
use crate::read::{Corner, features, on_plane, rings, text};
use crate::town::town;

/// Written to a millimetre, a block of a hundred corners may be off by this much, m².
const ROUNDING_M2: f64 = 0.5;

/// The parcels of each plot that is cut: those whose middle lies in it.
fn parcels_by_plot() -> Vec<(MultiPolygon, Vec<Value>)> {
    let layers = grow(&town(), SEED);
    let mut plots: Vec<_> = features(&layers, "land_use_plan")
        .iter()
        .map(|plot| (on_plane(plot), Vec::new()))
        .collect();
    for parcel in features(&layers, "parcel") {
        let middle = on_plane(&parcel).interior_point().expect("a parcel has an inside");
        let plot = plots.iter_mut().find(|(ground, _)| ground.contains(&middle));
        plot.expect("a parcel lies in a plot").1.push(parcel);
    }
    plots
}

#[test]
fn the_parcels_of_a_block_have_its_area_together() {
    let plots = parcels_by_plot();
    assert!(plots.len() > 60, "the town has {} blocks", plots.len());
    for (ground, parcels) in plots {
        let sum: f64 = parcels.iter().map(|parcel| on_plane(parcel).unsigned_area()).sum();
        let area = ground.unsigned_area();
        assert!((sum - area).abs() < ROUNDING_M2, "{} parcels: {sum} of {area} m²", parcels.len());
    }
}

#[test]
fn every_edge_within_a_block_belongs_to_two_parcels() {
    for (ground, parcels) in parcels_by_plot() {
        let mut edges: BTreeMap<(Corner, Corner), usize> = BTreeMap::new();
        for ring in parcels.iter().flat_map(rings) {
            for pair in ring.windows(2) {
                *edges.entry((pair[0], pair[1])).or_default() += 1;
            }
        }
        assert!(edges.values().all(|count| *count == 1), "one side of an edge is one parcel");
        // What has no other side is the outline: as long as the block's own.
        let outline: f64 = edges
            .keys()
            .filter(|(from, to)| !edges.contains_key(&(*to, *from)))
            .map(|(from, to)| length_m(*from, *to))
            .sum();
        let wanted: f64 = ground.iter().map(perimeter_m).sum();
        assert!((outline - wanted).abs() < 0.1, "outline {outline} m, the block's {wanted} m");
    }
}

fn length_m(from: Corner, to: Corner) -> f64 {
    let (x, y) = ((to.0 - from.0) as f64 * 107_000e-8, (to.1 - from.1) as f64 * 110_650e-8);
    x.hypot(y)
}

fn perimeter_m(polygon: &geo::Polygon) -> f64 {
    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    let sides = rings.flat_map(geo::LineString::lines);
    sides.map(|side| (side.end.x - side.start.x).hypot(side.end.y - side.start.y)).sum()
}

#[test]
fn no_parcel_overlaps_another_and_all_are_valid() {
    let layers = grow(&town(), SEED);
    let parcels: Vec<MultiPolygon> = features(&layers, "parcel").iter().map(on_plane).collect();
    assert!((1_500..6_000).contains(&parcels.len()), "{} parcels", parcels.len());
    for (index, one) in parcels.iter().enumerate() {
        assert!(one.is_valid(), "parcel {index}");
        // A sample: all pairs of some thousands take minutes.
        if index % 40 != 0 {
            continue;
        }
        let own = one.bounding_rect().expect("it has corners");
        for other in parcels.iter().skip(index + 1) {
            if other.bounding_rect().is_some_and(|rect| rect.intersects(&own)) {
                let shared = one.intersection(other).unsigned_area();
                assert!(shared < 1e-3, "parcel {index} shares {shared} m²");
            }
        }
    }
}

#[test]
fn lots_for_houses_are_narrow_and_deep_as_in_the_city() {
    let layers = grow(&town(), SEED);
    let mut areas: Vec<f64> = features(&layers, "parcel")
        .iter()
        .filter(|parcel| text(parcel, "land_use").starts_with("ODT"))
        .map(|parcel| parcel["properties"]["area_m2"].as_f64().expect("an area"))
        .collect();
    areas.sort_by(f64::total_cmp);
    let median = areas[areas.len() / 2];
    assert!((60.0..150.0).contains(&median), "median {median} m²");
}

#[test]
fn the_depths_of_a_scenario_exclude_each_other_and_are_valid() {
    let layers = grow(&town(), SEED);
    let classes = features(&layers, "flood_hazard");
    let scenarios: BTreeSet<&str> = classes.iter().map(|class| text(class, "scenario")).collect();
    assert_eq!(scenarios.len(), 3);
    for scenario in scenarios {
        let of: Vec<MultiPolygon> = classes
            .iter()
            .filter(|class| text(class, "scenario") == scenario)
            .map(on_plane)
            .collect();
        assert!(of.len() > 2, "{scenario} has {} classes", of.len());
        for (index, one) in of.iter().enumerate() {
            assert!(one.is_valid(), "{scenario}, class {index}");
            for other in &of[index + 1..] {
                let shared = one.intersection(other).unsigned_area();
                assert!(shared < ROUNDING_M2, "{scenario} shares {shared} m²");
            }
        }
    }
}
