//! Parcels and buildings.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Contains, Coord, LineString, Point, Polygon, Validation};
use urbis_synth::{CityLayer, CityRecord, FlawKind};

use crate::grown::{corners, grown, millimetres, text};

/// Side of a square of the search grid, metres: larger than most parcels.
const SQUARE_M: f64 = 25.0;

fn ring(record: &CityRecord) -> Polygon {
    let mut ring = corners(record);
    ring.extend(ring.first().copied());
    Polygon::new(LineString::new(ring), Vec::new())
}

fn parcels() -> &'static [CityRecord] {
    &grown().layers[&CityLayer::Parcel]
}

/// Records by the squares of the grid that their boxes touch.
fn squares(records: &[CityRecord]) -> BTreeMap<(i64, i64), Vec<usize>> {
    let mut squares: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (number, record) in records.iter().enumerate() {
        let own: BTreeSet<(i64, i64)> = boxes(&corners(record)).collect();
        own.into_iter().for_each(|square| squares.entry(square).or_default().push(number));
    }
    squares
}

fn boxes(corners: &[Coord<f64>]) -> impl Iterator<Item = (i64, i64)> + use<> {
    let low_high = |of: fn(&Coord<f64>) -> f64| {
        let values = corners.iter().map(of);
        values.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)))
    };
    let ((west, east), (south, north)) = (low_high(|c| c.x), low_high(|c| c.y));
    let square = |v: f64| (v / SQUARE_M).floor() as i64;
    let rows = square(south)..=square(north);
    (square(west)..=square(east)).flat_map(move |x| rows.clone().map(move |y| (x, y)))
}

fn distance_to_side(at: Coord<f64>, a: Coord<f64>, b: Coord<f64>) -> (f64, f64) {
    let (along, to) = (b - a, at - a);
    let length = along.x.hypot(along.y);
    let share = (along.x * to.x + along.y * to.y) / (length * length);
    (share * length, (along.x * to.y - along.y * to.x).abs() / length)
}

#[test]
fn parcels_of_a_block_share_their_edges_exactly() {
    let sound: Vec<CityRecord> =
        parcels().iter().filter(|record| record.flaw.is_none()).cloned().collect();
    let squares = squares(&sound);
    let mut shared = 0;
    for (number, record) in sound.iter().enumerate() {
        let own: BTreeSet<(i64, i64)> = corners(record).into_iter().map(millimetres).collect();
        let ring = ring(record);
        for side in ring.exterior().lines() {
            let near = boxes(&[side.start, side.end]).filter_map(|square| squares.get(&square));
            for other in near.flatten().filter(|other| **other != number) {
                for corner in corners(&sound[*other]) {
                    let (along, off) = distance_to_side(corner, side.start, side.end);
                    let length = distance_to_side(side.end, side.start, side.end).0;
                    // A neighbour's corner on a side, or nearly, is a corner of this one, too.
                    if off < 0.02 && along > 0.02 && along < length - 0.02 {
                        let (own, other) = (&record.key, &sound[*other].key);
                        panic!("{other} has a corner {off:.4} m off a side of {own}");
                    }
                    shared += usize::from(own.contains(&millimetres(corner)));
                }
            }
        }
    }
    assert!(shared > 2 * sound.len(), "{shared} shared corners of {} parcels", sound.len());
}

#[test]
fn a_building_lies_in_its_parcel_unless_it_is_said_not_to() {
    let layer = CityLayer::Parcel;
    let mut by_number = BTreeMap::new();
    for parcel in parcels().iter().filter(|parcel| parcel.flaw.is_none()) {
        let place = (text(layer, parcel, "sheet_no"), text(layer, parcel, "parcel_no"));
        by_number.insert((place.0.to_owned(), place.1.to_owned()), parcel);
    }
    let (mut inside, mut outside) = (0, 0);
    for building in &grown().layers[&CityLayer::Building] {
        // synth-b-<cell>-<parcel>, and a suffix for doubles
        let parts: Vec<&str> = building.key.split('-').collect();
        let sheet = (parts[2].parse::<usize>().unwrap() + 1).to_string();
        let Some(parcel) = by_number.get(&(sheet, parts[3].to_owned())) else { continue };
        let parcel = ring(parcel);
        let is_inside = corners(building).iter().all(|corner| parcel.contains(&Point(*corner)));
        assert_eq!(is_inside, building.flaw != Some(FlawKind::Outside), "{}", building.key);
        if is_inside { inside += 1 } else { outside += 1 }
    }
    assert!(inside > 20_000 && outside > 0, "{inside} {outside}");
}

/// Keys of the records that somebody finds wrong, by kind.
fn listed(layer: CityLayer, kind: FlawKind) -> BTreeSet<&'static str> {
    let records = grown().layers[&layer].iter();
    let flawed = records.filter(|record| record.flaw == Some(kind));
    flawed.map(|record| record.key.as_str()).collect()
}

fn found(layer: CityLayer, is_wrong: impl Fn(&CityRecord) -> bool) -> BTreeSet<&'static str> {
    let records = grown().layers[&layer].iter();
    records.filter(|record| is_wrong(record)).map(|record| record.key.as_str()).collect()
}

#[test]
fn the_rings_that_cross_themselves_are_those_listed() {
    for layer in [CityLayer::Parcel, CityLayer::Building] {
        let wrong = found(layer, |record| !ring(record).is_valid());
        assert_eq!(wrong, listed(layer, FlawKind::InvalidRing));
    }
}

#[test]
fn the_slivers_are_those_listed() {
    let is_sliver = |record: &CityRecord| {
        let ring = corners(record);
        let next = ring.iter().cycle().skip(1);
        let perimeter: f64 =
            ring.iter().zip(next).map(|(a, b)| (*b - *a).x.hypot((*b - *a).y)).sum();
        let area = geo::Area::unsigned_area(&self::ring(record));
        record.flaw != Some(FlawKind::InvalidRing) && area / perimeter < 0.1
    };
    assert_eq!(found(CityLayer::Parcel, is_sliver), listed(CityLayer::Parcel, FlawKind::Sliver));
}

#[test]
fn the_doubles_are_those_listed() {
    for (layer, records) in &grown().layers {
        let mut seen = BTreeSet::new();
        let doubles: BTreeSet<&str> = records
            .iter()
            .filter(|record| !seen.insert(record.ewkb.as_slice()))
            .map(|record| record.key.as_str())
            .collect();
        assert_eq!(doubles, listed(*layer, FlawKind::Duplicate), "{layer:?}");
    }
}

#[test]
fn the_overlaps_are_those_listed() {
    let squares = squares(parcels());
    // Deeper than rounding, less deep than an overlap is made.
    let is_deep = |at: Coord<f64>, parcel: &CityRecord| {
        let polygon = ring(parcel);
        let sides = polygon.exterior().lines();
        let depths = sides.map(|side| {
            let length = distance_to_side(side.end, side.start, side.end).0;
            let (along, off) = distance_to_side(at, side.start, side.end);
            off.hypot((along - length).max(-along).max(0.0))
        });
        polygon.contains(&Point(at)) && depths.fold(f64::MAX, f64::min) > 0.005
    };
    let is_plain = |record: &CityRecord| matches!(record.flaw, None | Some(FlawKind::Overlap));
    let wrong = found(CityLayer::Parcel, |record| {
        is_plain(record)
            && corners(record).iter().any(|corner| {
                let near = boxes(&[*corner]).filter_map(|square| squares.get(&square)).flatten();
                near.map(|other| &parcels()[*other])
                    .filter(|other| other.key != record.key && is_plain(other))
                    .any(|other| is_deep(*corner, other))
            })
    });
    let listed = listed(CityLayer::Parcel, FlawKind::Overlap);
    assert!(listed.is_subset(&wrong), "{:?}", listed.difference(&wrong));
    // A corner pushed into a neighbour leaves a corner of that one in nobody: no more than listed.
    assert_eq!(wrong, listed);
}
