//! The streets: how wide they are, and which one is nearest.

use std::collections::BTreeMap;

use crate::input::{CityInput, Road};
use crate::plane::{Plane, Xy};
use crate::ring::distance_m;

/// Side of a square of the index, metres.
const SQUARE_M: f64 = 40.0;

/// One straight piece of a road.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) from: Xy,
    pub(crate) to: Xy,
    /// Position in [`CityInput::roads`].
    pub(crate) road: usize,
    /// Half of the ground that the road takes, metres.
    pub(crate) half_m: f64,
}

impl Piece {
    /// Distance of a place, metres.
    pub(crate) fn distance_m(&self, at: Xy) -> f64 {
        distance_m(at, (self.from, self.to))
    }
}

/// All roads that bound blocks, cut into straight pieces, in squares.
#[derive(Debug)]
pub(crate) struct Streets<'a> {
    roads: &'a [Road],
    pieces: Vec<Piece>,
    squares: BTreeMap<(i64, i64), Vec<usize>>,
}

impl<'a> Streets<'a> {
    /// Indexes the roads of a city.
    pub(crate) fn new(city: &'a CityInput, plane: Plane) -> Self {
        let mut streets = Self { roads: &city.roads, pieces: Vec::new(), squares: BTreeMap::new() };
        for (number, road) in city.roads.iter().enumerate() {
            let Some(width_m) = width_m(road) else { continue };
            for line in road.lines.iter().flat_map(geo::LineString::lines) {
                let (from, to) = (plane.to_xy(line.start), plane.to_xy(line.end));
                streets.add(Piece { from, to, road: number, half_m: width_m / 2.0 });
            }
        }
        streets
    }

    fn add(&mut self, piece: Piece) {
        let number = self.pieces.len();
        self.pieces.push(piece);
        let (low_x, high_x) = squares_of(piece.from.x, piece.to.x);
        let (low_y, high_y) = squares_of(piece.from.y, piece.to.y);
        for x in low_x..=high_x {
            for y in low_y..=high_y {
                self.squares.entry((x, y)).or_default().push(number);
            }
        }
    }

    /// All pieces, in order of their roads.
    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The road of a piece.
    pub(crate) fn road(&self, piece: &Piece) -> &'a Road {
        &self.roads[piece.road]
    }

    /// The nearest piece within a distance that satisfies a condition; of equally near ones the first.
    pub(crate) fn nearest(
        &self,
        at: Xy,
        within_m: f64,
        wanted: impl Fn(&Road) -> bool,
    ) -> Option<&Piece> {
        let (low_x, high_x) = squares_of(at.x - within_m, at.x + within_m);
        let (low_y, high_y) = squares_of(at.y - within_m, at.y + within_m);
        let squares = (low_x..=high_x).flat_map(|x| (low_y..=high_y).map(move |y| (x, y)));
        let near = squares.filter_map(|square| self.squares.get(&square)).flatten();
        let found = near
            .filter(|number| wanted(&self.roads[self.pieces[**number].road]))
            .map(|number| (self.pieces[*number].distance_m(at), *number))
            .filter(|(distance, _)| *distance <= within_m)
            .min_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        found.map(|(_, number)| &self.pieces[number])
    }
}

fn squares_of(one: f64, other: f64) -> (i64, i64) {
    let square = |at: f64| (at / SQUARE_M).floor() as i64;
    (square(one.min(other)), square(one.max(other)))
}

/// The ground that a road takes from wall to wall, metres; `None` where it bounds no block.
/// Widths are guesses for central Da Nang, not measured.
pub(crate) fn width_m(road: &Road) -> Option<f64> {
    if road.off_ground {
        return None;
    }
    match road.class.as_str() {
        "motorway" | "trunk" => Some(30.0),
        "primary" => Some(22.0),
        "secondary" => Some(17.0),
        "tertiary" => Some(13.5),
        "motorway_link" | "trunk_link" | "primary_link" | "secondary_link" | "tertiary_link" => {
            Some(8.0)
        }
        "unclassified" | "residential" | "road" => Some(8.5),
        "living_street" | "pedestrian" => Some(6.0),
        "service" if road.service.is_empty() || road.service == "alley" => Some(3.4),
        _ => None,
    }
}

/// Says whether a road is one that plans draw lines along.
pub(crate) fn is_wide(road: &Road) -> bool {
    matches!(road.class.as_str(), "trunk" | "primary" | "secondary" | "tertiary")
}

/// Says whether a road has a name.
pub(crate) fn is_named(road: &Road) -> bool {
    !road.name.is_empty()
}
