//! Turns that are forbidden: from one stretch of street by a junction into another.

use std::collections::{BTreeMap, BTreeSet};

use urbis_model::AttributeValue;

use super::City;
use super::learnt::RESTRICTED;
use super::projection::Place;
use super::record::CityRecord;
use super::road;
use super::street::{Street, Way};
use super::writer;
use crate::plane::Cell;
use crate::random::Random;
use crate::ring::{cross, dot};

/// A turn that is forbidden.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnRestriction {
    /// Key of the stretch that one comes from.
    pub from: String,
    /// The junction in units of 1e-8 degrees, longitude and latitude.
    pub via: (i64, i64),
    /// Key of the stretch that one must not turn into.
    pub to: String,
    /// OSM's `restriction`: `no_left_turn`, `no_right_turn`, `no_straight_on`, `no_u_turn`.
    pub kind: &'static str,
}

/// One end of a street at a junction.
#[derive(Debug, Clone, Copy)]
struct End {
    street: usize,
    /// From the junction into the street.
    towards: Place,
}

/// A turn that is forbidden between two of a unit's streets, by their positions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Forbidden {
    pub(crate) from: usize,
    pub(crate) via: Cell,
    pub(crate) to: usize,
    kind: &'static str,
}

/// The restrictions at the junctions of one unit's streets, with the keys of the streets.
pub(crate) fn restrictions(city: &City, unit: usize, streets: &[Street]) -> Vec<TurnRestriction> {
    let named = |turn: Forbidden| TurnRestriction {
        from: road::key(unit, turn.from),
        via: turn.via,
        to: road::key(unit, turn.to),
        kind: turn.kind,
    };
    forbidden(city, streets).into_iter().map(named).collect()
}

/// The same as records of their layer: points, their streets named as the road layer does.
pub(crate) fn records(city: &City, unit: usize, streets: &[Street]) -> Vec<CityRecord> {
    let turns = restrictions(city, unit, streets).into_iter().enumerate();
    let record = |(number, turn): (usize, TurnRestriction)| {
        let (x, y) = turn.via;
        let values = vec![
            AttributeValue::text(turn.kind),
            AttributeValue::text(turn.from),
            // A number for the node: its place, digit by digit.
            AttributeValue::text(format!("n{x}{y:010}")),
            AttributeValue::text(turn.to),
        ];
        let key = format!("synth-t-{unit}-{}", number + 1);
        CityRecord::new(key, writer::node(turn.via), values, None)
    };
    turns.map(record).collect()
}

/// The turns that are forbidden at the junctions of one unit's streets; alleys have none.
pub(crate) fn forbidden(city: &City, streets: &[Street]) -> Vec<Forbidden> {
    let mut junctions: BTreeMap<Cell, Vec<End>> = BTreeMap::new();
    for (number, street) in streets.iter().enumerate() {
        if street.way.is_alley() {
            continue;
        }
        let last = street.line.len() - 1;
        for (end, next) in [(0, 1), (last, last - 1)] {
            let towards = street.line[next] - street.line[end];
            let ends = junctions.entry(writer::degree_cell(street.line[end])).or_default();
            ends.push(End { street: number, towards });
        }
    }
    let alleys = mouths(streets);
    let mut found = Vec::new();
    for (via, ends) in &junctions {
        let is_junction = ends.len() > 2
            || (ends.len() == 2 && (alleys.contains(via) || is_on_main(streets, ends)));
        let mut random = Random::at(city.seed, "turn", via.0, via.1);
        if is_junction && random.chance(RESTRICTED) {
            let ends: Vec<(End, bool)> =
                ends.iter().map(|end| (*end, streets[end.street].way.is_main())).collect();
            found.push(draw(*via, &ends, &mut random));
        }
    }
    found
}

/// Where alleys begin.
fn mouths(streets: &[Street]) -> BTreeSet<Cell> {
    let alleys = streets.iter().filter(|street| matches!(street.way, Way::Alley { .. }));
    alleys.map(|street| writer::degree_cell(street.line[0])).collect()
}

/// A main street is cut where the street of a neighbour reaches it.
fn is_on_main(streets: &[Street], ends: &[End]) -> bool {
    ends.iter().all(|end| matches!(streets[end.street].way, Way::Main { .. }))
}

/// Forbids a turn at a junction, of whose ends it is known which are main streets. A main street
/// goes on, and so does any street where the others are alleys or a neighbour's: often it is the
/// only way out of a village. There it is turning round that is forbidden.
fn draw(via: Cell, ends: &[(End, bool)], random: &mut Random) -> Forbidden {
    let (from, is_main) = *random.pick(ends);
    let others: Vec<End> = ends
        .iter()
        .filter(|(end, is_other_main)| {
            ends.len() > 2 && end.street != from.street && !(is_main && *is_other_main)
        })
        .map(|(end, _)| *end)
        .collect();
    let to = if others.is_empty() { from } else { *random.pick(&others) };
    // Who comes along a street looks against the way into it.
    let ahead = from.towards * -1.0;
    let (aside, along) = (cross(ahead, to.towards), dot(ahead, to.towards));
    let kind = match libm::atan2(aside, along).to_degrees() {
        angle if angle.abs() < 35.0 => "no_straight_on",
        angle if angle.abs() > 150.0 => "no_u_turn",
        angle if angle > 0.0 => "no_left_turn",
        _ => "no_right_turn",
    };
    Forbidden { from: from.street, via, to: to.street, kind }
}
