//! What stands on the streets: level crossings, and bollards that keep cars out of alleys.

use std::collections::BTreeMap;

use urbis_model::AttributeValue;

use super::City;
use super::learnt::BOLLARDS;
use super::record::CityRecord;
use super::street::{Street, Way};
use super::writer;
use crate::plane::Cell;
use crate::random::Random;
use crate::ring::length;

/// How far behind the mouth of its alley a bollard stands: not on the junction, which the street
/// goes through, metres.
const BEHIND_M: f64 = 3.0;

/// A shorter alley has none, metres.
const SHORTEST_M: f64 = 3.0 * BEHIND_M;

/// Between bollards a motorbike gets through, metres.
const PASSABLE_M: (f64, f64) = (1.2, 1.5);

/// Gives the alleys with a bollard a corner for it to stand on, their second.
pub(crate) fn stand(city: &City, unit: usize, streets: &mut [Street]) {
    for number in chosen(city, unit, streets) {
        let line = &mut streets[number].line;
        let along = line[1] - line[0];
        line.insert(1, line[0] + along / length(along) * BEHIND_M);
    }
}

/// The alleys that get a bollard, by their positions: of those that begin at a street.
fn chosen(city: &City, unit: usize, streets: &[Street]) -> Vec<usize> {
    let mut ends: BTreeMap<Cell, usize> = BTreeMap::new();
    for street in streets.iter().filter(|street| street.way.is_alley()) {
        for end in [street.line[0], street.line[street.line.len() - 1]] {
            *ends.entry(writer::degree_cell(end)).or_default() += 1;
        }
    }
    let is_chosen = |(number, street): &(usize, &Street)| {
        let is_mouth = ends.get(&writer::degree_cell(street.line[0])) == Some(&1);
        let is_long = length(street.line[1] - street.line[0]) > SHORTEST_M;
        matches!(street.way, Way::Alley { .. })
            && is_mouth
            && is_long
            && Random::at(city.seed, "bollard", unit as i64, *number as i64).chance(BOLLARDS)
    };
    streets.iter().enumerate().filter(is_chosen).map(|(number, _)| number).collect()
}

/// The barriers on one unit's streets, which have their corners for them already.
pub(crate) fn records(city: &City, unit: usize, streets: &[Street]) -> Vec<CityRecord> {
    let has_corner = |(_, street): &(usize, &Street)| {
        matches!(street.way, Way::Alley { .. }) && street.line.len() > 2
    };
    let bollards = streets.iter().enumerate().filter(has_corner).map(|(number, street)| {
        let mut random = Random::at(city.seed, "bollard width", unit as i64, number as i64);
        let wide_m = random.between(PASSABLE_M.0, PASSABLE_M.1);
        let values = vec![
            AttributeValue::text("bollard"),
            AttributeValue::Float((wide_m * 10.0).round() / 10.0),
        ];
        let key = format!("synth-k-{unit}-{}", number + 1);
        CityRecord::new(key, writer::node(writer::degree_cell(street.line[1])), values, None)
    });
    let mut records: Vec<CityRecord> = bollards.collect();
    // Streets over the railway grow with what lies between the cells.
    if unit + 1 == city.units() {
        records.extend(level_crossings(city));
    }
    records
}

fn level_crossings(city: &City) -> impl Iterator<Item = CityRecord> {
    let places = city.level_crossings().into_iter().enumerate();
    places.map(|(number, at)| {
        let values = vec![AttributeValue::text("level_crossing"), AttributeValue::Null];
        let key = format!("synth-x-{}", number + 1);
        CityRecord::new(key, writer::node(writer::degree_cell(at)), values, None)
    })
}
