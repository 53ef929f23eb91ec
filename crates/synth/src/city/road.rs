//! Streets as records of the road layer.

use urbis_model::AttributeValue;

use super::City;
use super::flaw::FlawKind;
use super::record::{CityRecord, text};
use super::skeleton::Rank;
use super::street::{Street, Way};
use super::writer;
use crate::plane::Cell;
use crate::random::Random;
use crate::ring::length;

const FLAWS: [FlawKind; 2] = [FlawKind::Dangle, FlawKind::Duplicate];

/// The key of a street by the unit that grows it and its position there.
pub(crate) fn key(unit: usize, number: usize) -> String {
    format!("synth-r-{unit}-{}", number + 1)
}

/// The streets of one unit.
pub(crate) fn records(city: &City, unit: usize, streets: &[Street]) -> Vec<CityRecord> {
    let mut records = Vec::with_capacity(streets.len());
    for (number, street) in streets.iter().enumerate() {
        let cells: Vec<_> = street.line.iter().map(|at| writer::degree_cell(*at)).collect();
        let key = key(unit, number);
        let mut put = |key: String, cells: &[Cell], flaw| {
            records.push(CityRecord::new(key, writer::line(cells), values(street), flaw));
        };
        put(key.clone(), &cells, None);
        let mut random = Random::at(city.seed, "street", unit as i64, number as i64);
        match FlawKind::draw(&FLAWS, &mut random) {
            Some(FlawKind::Dangle) => {
                // On through the junction at the start, some decimetres.
                let (start, next) = (street.line[0], street.line[1]);
                let beyond_m = random.between(0.3, 1.2);
                let end = start + (start - next) / length(start - next) * beyond_m;
                let stub = [cells[0], writer::degree_cell(end)];
                put(format!("{key}-d"), &stub, Some(FlawKind::Dangle));
            }
            Some(flaw) => put(format!("{key}-2"), &cells, Some(flaw)),
            None => {}
        }
    }
    records
}

fn values(street: &Street) -> Vec<AttributeValue> {
    let way = street.way;
    let int = |value: Option<i64>| value.map_or(AttributeValue::Null, AttributeValue::Int);
    let service = match way {
        Way::Alley { .. } | Way::SideAlley => AttributeValue::text("alley"),
        _ => AttributeValue::Null,
    };
    let reference = match way {
        Way::Main { rank: Rank::Trunk, .. } => AttributeValue::text("QL00"),
        _ => AttributeValue::Null,
    };
    let is_bridge = matches!(way, Way::Bridge { .. });
    let oneway = match way {
        Way::Directed { is_forward: true, .. } => AttributeValue::text("forward"),
        Way::Directed { is_forward: false, .. } => AttributeValue::text("backward"),
        _ => AttributeValue::text("no"),
    };
    vec![
        AttributeValue::text(way.class()),
        service,
        text(&street.name),
        reference,
        oneway,
        int(way.lanes()),
        int(way.speed_kmh()),
        AttributeValue::text(way.surface()),
        AttributeValue::Float((way.width_m() * 10.0).round() / 10.0),
        if is_bridge { AttributeValue::Bool(true) } else { AttributeValue::Null },
        if is_bridge { AttributeValue::Int(1) } else { AttributeValue::Null },
    ]
}
