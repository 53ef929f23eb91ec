//! Layer `works_site`: trenches and fences on one side of some streets.

use serde_json::json;

use crate::day::{FAR, day, moment};
use crate::geojson::{Record, Shape};
use crate::name::MADE_UP;
use crate::plane::{Plane, Xy};
use crate::random::Random;
use crate::ring::{left, length};
use crate::street::{Piece, Streets, is_named};

/// Number of sites.
const COUNT: usize = 20;

/// Sites lie this near to the centre, metres.
const REACH_M: f64 = 2_500.0;

const KINDS: [&str; 6] = ["drainage", "drainage", "water", "power", "telecom", "road"];

/// One feature a site.
pub(crate) fn records(streets: &Streets<'_>, plane: Plane, seed: u64) -> Vec<Record> {
    let mut random = Random::of(seed, "works sites");
    let is_fit = |piece: &&Piece| {
        let size = length(piece.to - piece.from);
        size > 35.0 && length(piece.from) < REACH_M && is_named(streets.road(piece))
    };
    let mut fit: Vec<&Piece> = streets.pieces().iter().filter(is_fit).collect();
    random.shuffle(&mut fit);
    let chosen = fit.into_iter().take(COUNT).enumerate();
    let place = |(index, piece)| Place { index, piece, street: &streets.road(piece).name };
    chosen.map(place).map(|place| record(&place, plane, &mut random)).collect()
}

/// Where a site is dug.
struct Place<'a> {
    index: usize,
    piece: &'a Piece,
    street: &'a str,
}

fn record(place: &Place<'_>, plane: Plane, random: &mut Random) -> Record {
    let Place { index, piece, street } = place;
    let number = index + 1;
    let (state, start, end) = match index % 5 {
        0 => ("planned", random.whole(10, 60), FAR),
        1 => ("done", random.whole(-200, -90), FAR),
        2 => ("paused", random.whole(-150, -60), FAR),
        _ => ("active", random.whole(-120, -5), FAR),
    };
    let kind = *random.pick(&KINDS);
    let properties = json!({
        "site_no": format!("GL-W-{number:02}"),
        "kind": kind,
        "state": state,
        "owner": format!("Ban quản lý dự án số {} {MADE_UP}", 1 + index % 4),
        "street": street,
        "started": day(start),
        "planned_end": day(end),
        "dig_depth_m": if kind == "road" { 0.4 } else { random.between(8.0, 42.0).round() / 10.0 },
        "lanes_taken": random.whole(0, 2),
        // No such number can be called.
        "phone": format!("000 000 {number:03}"),
        // Known before it starts, and the same whatever the day of a test.
        "valid_from": moment(start.min(0) - 30, 0),
        "valid_to": moment(end, 0),
    });
    Record { shape: trench(piece, plane, random), properties }
}

/// A rectangle on one side of the roadway.
fn trench(piece: &Piece, plane: Plane, random: &mut Random) -> Shape {
    let size = length(piece.to - piece.from);
    let along = (piece.to - piece.from) / size;
    let side = if random.chance(0.5) { left(along) } else { left(along) * -1.0 };
    let long = random.between(15.0, (size - 5.0).min(60.0));
    let wide = random.between(1.8, (piece.half_m * 0.7).max(2.0));
    let start = piece.from + along * random.between(2.0, (size - long - 2.0).max(2.1));
    let outer = side * (piece.half_m - 0.8);
    let inner = side * (piece.half_m - 0.8 - wide);
    let mut corners: [Xy; 4] =
        [start + inner, start + along * long + inner, start + along * long + outer, start + outer];
    if crate::ring::area_m2(&corners) < 0.0 {
        corners.reverse();
    }
    Shape::Polygons(vec![vec![corners.iter().map(|at| plane.to_cell(*at)).collect()]])
}
