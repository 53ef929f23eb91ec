//! Layer `camera`: at junctions of named streets, each looking down one of them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::geojson::{Record, Shape};
use crate::input::{CityInput, Road};
use crate::name::MADE_UP;
use crate::plane::{Cell, Plane, Xy, cell_of};
use crate::random::Random;
use crate::ring::length;
use crate::street::{is_named, is_wide, width_m};

/// Number of cameras.
const COUNT: usize = 60;

/// Between two cameras at least, metres.
const APART_M: f64 = 90.0;

const KINDS: [&str; 4] = ["fixed", "fixed", "ptz", "enforcement"];
const STATES: [&str; 8] =
    ["working", "working", "working", "working", "working", "working", "broken", "off"];

/// Where streets meet: the ways out of a place.
#[derive(Default)]
struct Junction<'a> {
    exits: Vec<(Xy, &'a Road)>,
}

impl Junction<'_> {
    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.exits.iter().map(|(_, road)| road.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Exits along wide streets, then all: what a traffic office watches first.
    fn rank(&self) -> (usize, usize) {
        let wide = self.exits.iter().filter(|(_, road)| is_wide(road)).count();
        (wide, self.exits.len())
    }
}

/// One feature a camera.
pub(crate) fn records(city: &CityInput, plane: Plane, seed: u64) -> Vec<Record> {
    let mut random = Random::of(seed, "cameras");
    let mut ranked: Vec<(Cell, Junction<'_>)> = junctions(city, plane)
        .into_iter()
        .filter(|(_, junction)| junction.exits.len() > 2 && junction.names().len() > 1)
        .collect();
    ranked.sort_by(|one, other| other.1.rank().cmp(&one.1.rank()).then(one.0.cmp(&other.0)));
    let mut chosen: Vec<(Xy, Junction<'_>)> = Vec::new();
    for (cell, junction) in ranked {
        let at = plane.cell_to_xy(cell);
        let is_apart = chosen.iter().all(|(other, _)| length(*other - at) > APART_M);
        if chosen.len() < COUNT && is_apart {
            chosen.push((at, junction));
        }
    }
    let numbered = chosen.iter().enumerate();
    numbered
        .map(|(index, (at, junction))| Record {
            shape: Shape::Point(plane.to_cell(*at)),
            properties: properties(index + 1, junction, &mut random),
        })
        .collect()
}

fn junctions(city: &CityInput, plane: Plane) -> BTreeMap<Cell, Junction<'_>> {
    let mut junctions: BTreeMap<Cell, Junction<'_>> = BTreeMap::new();
    let fit = city.roads.iter().filter(|road| is_named(road) && width_m(road).is_some());
    for road in fit {
        for line in road.lines.iter().flat_map(geo::LineString::lines) {
            let (from, to) = (plane.to_xy(line.start), plane.to_xy(line.end));
            junctions.entry(cell_of(line.start)).or_default().exits.push((to - from, road));
            junctions.entry(cell_of(line.end)).or_default().exits.push((from - to, road));
        }
    }
    junctions
}

fn properties(number: usize, junction: &Junction<'_>, random: &mut Random) -> Value {
    let (exit, _) = random.pick(&junction.exits);
    // Clockwise from north.
    let heading = libm::atan2(exit.x, exit.y).to_degrees().rem_euclid(360.0).round();
    let kind = *random.pick(&KINDS);
    json!({
        "camera_no": format!("GL-CAM-{number:03}"),
        "name": junction.names().join(", "),
        "kind": kind,
        "heading_deg": heading,
        "fov_deg": if kind == "enforcement" { 35 } else { random.whole(55, 95) },
        "range_m": random.whole(8, 20) * 10,
        "owner": format!("Trung tâm điều hành giao thông {MADE_UP}"),
        "state": random.pick(&STATES),
        // RFC 2606: a name that never resolves.
        "stream_url": format!("rtsp://camera.invalid/{number:03}"),
    })
}
