//! Layer `building_permit`: on some parcels for houses.

use serde_json::json;

use crate::day::{day, moment};
use crate::geojson::{Record, Shape};
use crate::lot::LotKind;
use crate::name::person;
use crate::parcel::Parcel;
use crate::plane::{Plane, Xy};
use crate::random::Random;
use crate::ring::cross;

/// Share of the parcels that have a permit.
const SHARE: f64 = 0.02;

const KINDS: [&str; 6] = ["new", "new", "new", "renovation", "repair", "temporary"];

/// One feature a permit, in the order of the parcels.
pub(crate) fn records(parcels: &[Parcel<'_>], plane: Plane, seed: u64) -> Vec<Record> {
    let mut records = Vec::new();
    for parcel in parcels.iter().filter(|parcel| parcel.kind == LotKind::House) {
        let mut random = Random::of(seed, &format!("permit {}", parcel.id));
        if parcel.area_m2 > 30.0 && random.chance(SHARE) {
            records.push(record(parcel, records.len() + 1, plane, &mut random));
        }
    }
    records
}

fn record(parcel: &Parcel<'_>, number: usize, plane: Plane, random: &mut Random) -> Record {
    let coverage = random.between(0.65, 0.95);
    let floors = random.whole(2, 6);
    // Days after the reference day.
    let issued = random.whole(-500, -20);
    let state = state(issued, random);
    let shares = |value: f64| (value * 10.0).round() / 10.0;
    let properties = json!({
        "permit_no": format!("{number:04}/GPXD-GL"),
        "parcel_id": parcel.id,
        "kind": random.pick(&KINDS),
        "state": state,
        "issued": if state == "applied" { None } else { Some(day(issued)) },
        "expires": if state == "applied" { None } else { Some(day(issued + 365)) },
        "floors": floors,
        "height_m": shares(3.6 * floors as f64 + 1.2),
        "coverage_percent": shares(coverage * 100.0),
        "far": shares(coverage * floors as f64),
        "address": parcel.front.as_ref().map(|front| front.street),
        "holder": person(random),
        "valid_from": moment(issued, 0),
        "valid_to": null,
    });
    Record { shape: footprint(parcel, coverage, plane), properties }
}

fn state(issued: i64, random: &mut Random) -> &'static str {
    let draw = random.unit();
    match issued {
        _ if draw < 0.03 => "revoked",
        -60.. => {
            if draw < 0.5 {
                "applied"
            } else {
                "issued"
            }
        }
        -200.. => {
            if draw < 0.6 {
                "started"
            } else {
                "issued"
            }
        }
        _ => {
            if draw < 0.7 {
                "done"
            } else {
                "started"
            }
        }
    }
}

/// The parcel drawn together around its middle until it covers its share.
fn footprint(parcel: &Parcel<'_>, coverage: f64, plane: Plane) -> Shape {
    let corners: Vec<Xy> = parcel.ring.iter().map(|cell| plane.cell_to_xy(*cell)).collect();
    let (middle, scale) = (centroid(&corners), coverage.sqrt());
    let ring = corners.iter().map(|at| plane.to_cell(middle + (*at - middle) * scale)).collect();
    Shape::Polygons(vec![vec![ring]])
}

fn centroid(ring: &[Xy]) -> Xy {
    let origin = ring[0];
    let mut sum = (Xy { x: 0.0, y: 0.0 }, 0.0);
    for pair in ring.windows(2) {
        let (a, b) = (pair[0] - origin, pair[1] - origin);
        let weight = cross(a, b);
        sum = (sum.0 + (a + b) * (weight / 3.0), sum.1 + weight);
    }
    origin + sum.0 / sum.1
}
