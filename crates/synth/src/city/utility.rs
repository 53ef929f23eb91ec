//! Manholes, valves, cabinets and the like along the streets.

use urbis_model::AttributeValue;

use super::City;
use super::flaw::FlawKind;
use super::record::CityRecord;
use super::street::{Street, Way};
use super::writer;
use crate::random::Random;
use crate::ring::{left, length};

/// Mean distance along a street, metres: a million nodes on sixty thousand kilometres.
const EVERY_M: f64 = 57.0;

/// Beside the axis of the street, metres.
const ASIDE_M: f64 = 1.2;

/// Kinds with their weights.
const KINDS: [(&str, u32); 8] = [
    ("manhole", 42),
    ("inlet", 20),
    ("valve", 12),
    ("pole", 12),
    ("hydrant", 3),
    ("cabinet", 6),
    ("transformer", 3),
    ("meter", 2),
];

/// The utility nodes of one unit's streets.
pub(crate) fn records(city: &City, unit: usize, streets: &[Street]) -> Vec<CityRecord> {
    let mut records = Vec::new();
    for (number, street) in streets.iter().enumerate() {
        let mut random = Random::at(city.seed, "utility", unit as i64, number as i64);
        let (from, to) = (street.line[0], street.line[street.line.len() - 1]);
        let count = (length(to - from) / EVERY_M + random.unit()) as usize;
        // Nothing stands in a river.
        let has_corners = street.line.len() > 2 && !street.way.is_alley();
        if has_corners || matches!(street.way, Way::Bridge { .. }) {
            continue;
        }
        for node in 0..count {
            let share = (node as f64 + random.between(0.2, 0.8)) / count as f64;
            let aside = left(to - from) / length(to - from) * ASIDE_M;
            let at = from + (to - from) * share + aside;
            let key = format!("synth-u-{unit}-{}-{}", number + 1, node + 1);
            let values = values(&mut random);
            let mut put = |key: String, flaw| {
                records.push(CityRecord::new(key, writer::point(at), values.clone(), flaw));
            };
            put(key.clone(), None);
            if FlawKind::draw(&[FlawKind::Duplicate], &mut random).is_some() {
                put(format!("{key}-2"), Some(FlawKind::Duplicate));
            }
        }
    }
    records
}

fn values(random: &mut Random) -> Vec<AttributeValue> {
    let kind = kind(random);
    let hundredths = |value: f64| (value * 100.0).round() / 100.0;
    let ground_m = hundredths(random.between(1.2, 9.5));
    let is_below = matches!(kind, "manhole" | "inlet" | "valve");
    let invert = if is_below {
        AttributeValue::Float(hundredths(ground_m - random.between(0.6, 3.5)))
    } else {
        AttributeValue::Null
    };
    let state = if random.chance(0.96) { "in_service" } else { "out_of_service" };
    vec![
        AttributeValue::text(kind),
        AttributeValue::Float(ground_m),
        invert,
        AttributeValue::text(state),
        AttributeValue::Int(random.whole(1985, 2025)),
    ]
}

fn kind(random: &mut Random) -> &'static str {
    let total: u32 = KINDS.iter().map(|(_, weight)| weight).sum();
    let mut draw = random.whole(0, i64::from(total) - 1) as u32;
    for (kind, weight) in KINDS {
        if draw < weight {
            return kind;
        }
        draw -= weight;
    }
    KINDS[0].0
}
