//! Where on the roads a unit may be: two carriageways side by side, a road that goes and comes.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use geo_types::{Coord, Geometry, LineString, MultiLineString};
use urbis_catalog::{Catalog, NetworkRole};
use urbis_dispatch::{
    Agency, Fleet, PositionReport, ReportId, Streets, UnitDescription, UnitId, UnitReport,
};
use urbis_model::{
    AttributeValue, Feature, FeatureId, LonLat, Moment, Openness, Revision, Validity,
};
use urbis_network::Graph;
use urbis_snapshot::City;

const NOW: Moment = Moment(1_790_000_000_000_000);

/// Northwards at 0 m, southwards 12 m east of it.
const NORTH: i64 = 1;
const SOUTH: i64 = 2;
/// Both ways, 200 m west of them.
const LANE: i64 = 3;

static CATALOG: LazyLock<Arc<Catalog>> = LazyLock::new(|| {
    let layers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../layers");
    Arc::new(Catalog::load(&layers).unwrap())
});

fn place(east_m: f64, north_m: f64) -> Coord<f64> {
    let degree = 111_195.0;
    Coord {
        x: 108.2 + east_m / (degree * 16.06_f64.to_radians().cos()),
        y: 16.06 + north_m / degree,
    }
}

fn road(id: i64) -> Feature {
    let (line, oneway) = match id {
        NORTH => ([place(0.0, 0.0), place(0.0, 400.0)], AttributeValue::text("forward")),
        SOUTH => ([place(12.0, 400.0), place(12.0, 0.0)], AttributeValue::text("forward")),
        _ => ([place(-200.0, 0.0), place(-200.0, 400.0)], AttributeValue::Null),
    };
    let layer = CATALOG.network_layer(NetworkRole::Roads).unwrap();
    let attributes = layer.attributes.iter().map(|attribute| match attribute.name.as_str() {
        "class" => AttributeValue::text("residential"),
        "oneway" => oneway.clone(),
        _ => AttributeValue::Null,
    });
    Feature {
        id: FeatureId::new(id).unwrap(),
        geometry: Some(Geometry::MultiLineString(MultiLineString(vec![LineString::new(
            line.into(),
        )]))),
        attributes: attributes.collect(),
        validity: Validity::ALWAYS,
    }
}

/// The city with some of the roads, and its graph.
fn town(roads: &[i64]) -> (City, Graph) {
    let layer = CATALOG.network_layer(NetworkRole::Roads).unwrap().id.clone();
    let roads = roads.iter().map(|id| road(*id)).collect();
    let city = City::build(Arc::clone(&CATALOG), Revision(1), vec![(layer, roads)], NOW);
    let graph = Graph::build(&city);
    (city, graph)
}

const fn streets((city, graph): &(City, Graph)) -> Streets<'_> {
    Streets { city, graph }
}

/// A report of a place so many metres east of the northward carriageway.
fn report(unit: &str, east_m: f64, speed_kmh: f64, heading_deg: f64) -> UnitReport {
    let Coord { x, y } = place(east_m, 200.0);
    let position = PositionReport {
        place: LonLat::new(x, y).unwrap(),
        accuracy_m: None,
        heading_deg: Some(heading_deg),
        speed_kmh: Some(speed_kmh),
    };
    let description = UnitDescription {
        title: unit.into(),
        agency: Agency::Medical115,
        profile: "ambulance".into(),
        capabilities: Vec::new(),
        openness: Openness::Internal,
        is_simulated: false,
    };
    UnitReport {
        id: ReportId(1),
        unit: UnitId::new(unit).unwrap(),
        observed_at: NOW,
        received_at: NOW,
        position: Some(position),
        status: None,
        description: Some(description),
    }
}

fn fleet(town: &(City, Graph), reports: &[UnitReport]) -> Fleet {
    Fleet::default().apply(reports, Some(streets(town)), NOW).fleet
}

/// The segments of a unit's places with what they cost, in whole seconds.
fn places(fleet: &Fleet, unit: usize) -> Vec<(i64, u32)> {
    let fix = fleet.units()[unit].fix.as_ref().unwrap();
    let shown = |at: &urbis_dispatch::Snapped| (at.position.segment.to_i64(), at.penalty_ms);
    fix.positions.iter().map(shown).map(|(id, ms)| (id, (ms + 500) / 1_000)).collect()
}

#[test]
fn a_moving_unit_is_on_the_carriageway_that_goes_its_way_and_a_standing_one_may_be_on_both() {
    let town = town(&[NORTH, SOUTH, LANE]);
    let at =
        |speed: f64, heading: f64| places(&fleet(&town, &[report("a", 4.0, speed, heading)]), 0);
    assert_eq!(at(30.0, 0.0), [(NORTH, 0)]);
    assert_eq!(at(30.0, 180.0), [(SOUTH, 0)]);
    assert_eq!(at(3.0, 180.0), [(NORTH, 0), (SOUTH, 4)], "it may stand across");
    assert_eq!(at(30.0, 90.0), [(NORTH, 0), (SOUTH, 4)], "no road goes there");
}

#[test]
fn a_unit_on_a_street_of_both_ways_may_go_either_way_and_one_far_off_is_on_none() {
    let town = town(&[NORTH, SOUTH, LANE]);
    let reports = [report("a", -195.0, 0.0, 0.0), report("b", 900.0, 0.0, 0.0)];
    let fleet = fleet(&town, &reports);
    assert_eq!(places(&fleet, 0), [(LANE, 0), (LANE, 0)]);
    assert_eq!(places(&fleet, 1), []);
}

#[test]
fn only_units_whose_road_is_gone_are_put_on_the_roads_again() {
    let before = town(&[NORTH, SOUTH, LANE]);
    let reports = [report("a", 2.0, 30.0, 0.0), report("b", -200.0, 0.0, 0.0)];
    let fleet = fleet(&before, &reports);
    let same = fleet.on_streets(streets(&before));
    assert_eq!(same.epoch(), fleet.epoch());

    let gone = fleet.on_streets(streets(&town(&[SOUTH, LANE])));
    assert_eq!(places(&gone, 0), [(SOUTH, 0)]);
    assert_eq!(gone.epoch(), fleet.epoch() + 1);
    assert!(Arc::ptr_eq(&gone.units()[1], &fleet.units()[1]));

    let none = gone.on_streets(streets(&town(&[LANE])));
    assert_eq!(places(&none, 0), []);
    let back = none.on_streets(streets(&before));
    assert_eq!(places(&back, 0), [(NORTH, 0)]);
}

#[test]
fn a_fleet_that_is_restored_is_put_on_the_roads() {
    let town = town(&[NORTH, SOUTH, LANE]);
    let kept = fleet(&town, &[report("a", 4.0, 30.0, 180.0)]);
    let states: Vec<_> = kept.units().iter().map(|unit| unit.state()).collect();
    assert_eq!(places(&Fleet::restore(states, Some(streets(&town))), 0), [(SOUTH, 0)]);
}
