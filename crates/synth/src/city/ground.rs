//! The ground as a grid of squares: which ward, which cover, how steep.
//!
//! Millions of places are asked, so the polygons of the real city are drawn once on a grid of
//! [`SQUARE_M`]; what is narrower than that is not seen.

use geo::{Coord, MultiPolygon};

use super::mountain;
use super::projection::{Place, to_degrees};
use super::shape::CityShape;

/// Side of a square, metres.
const SQUARE_M: f64 = 30.0;

/// From this slope on nobody builds, degrees.
const STEEP_DEGREES: u8 = 9;

/// South-west corner and size in squares: the mainland, without the islands far out.
const WEST_M: f64 = 440_000.0;
const SOUTH_M: f64 = 1_650_000.0;
const COLUMNS: usize = 5_740;
const ROWS: usize = 4_870;

/// What covers a square.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cover {
    Unknown,
    Water,
    Steep,
    Forest,
    Field,
    Homes,
    Works,
    Trade,
    Graves,
    Defence,
    Green,
    School,
}

/// One square.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Square {
    /// Position in [`CityShape::wards`]; `None` outside of all.
    pub(crate) ward: Option<usize>,
    pub(crate) cover: Cover,
}

impl Square {
    /// Says whether a street may lie here.
    pub(crate) const fn is_dry(self) -> bool {
        self.ward.is_some() && !matches!(self.cover, Cover::Water)
    }

    /// Says whether people settle here.
    pub(crate) const fn is_gentle(self) -> bool {
        self.is_dry() && !matches!(self.cover, Cover::Steep | Cover::Forest)
    }
}

/// The squares of a city.
#[derive(Debug)]
pub(crate) struct Ground {
    /// Position of the ward, from 1; 0 outside.
    wards: Vec<u8>,
    covers: Vec<Cover>,
}

impl Ground {
    /// Draws the shape of a city.
    pub(crate) fn new(shape: &CityShape) -> Self {
        let squares = COLUMNS * ROWS;
        let mut ground = Self { wards: vec![0; squares], covers: vec![Cover::Unknown; squares] };
        for (number, ward) in shape.wards.iter().enumerate().take(255) {
            fill(&mut ground.wards, &ward.ground, number as u8 + 1);
        }
        for (code, area) in &shape.uses {
            if let Some(cover) = cover_of(code) {
                fill(&mut ground.covers, area, cover);
            }
        }
        if let Some(slope) = &shape.slope {
            let is_steep = |place| slope.at(to_degrees(place)).is_some_and(|s| s >= STEEP_DEGREES);
            for index in 0..squares {
                // Degrees are dear: only where the model can be, in the north-east.
                let place = middle(index);
                if ground.wards[index] > 0 && in_model(place) && is_steep(place) {
                    ground.covers[index] = Cover::Steep;
                }
            }
        }
        fill(&mut ground.covers, &mountain::ground(), Cover::Steep);
        for water in &shape.water {
            fill(&mut ground.covers, water, Cover::Water);
        }
        ground
    }

    /// The square of a place.
    pub(crate) fn at(&self, place: Place) -> Square {
        let column = ((place.x - WEST_M) / SQUARE_M).floor();
        let row = ((place.y - SOUTH_M) / SQUARE_M).floor();
        let inside = (0.0..COLUMNS as f64).contains(&column) && (0.0..ROWS as f64).contains(&row);
        if !inside {
            return Square { ward: None, cover: Cover::Unknown };
        }
        let index = row as usize * COLUMNS + column as usize;
        let ward = (self.wards[index] as usize).checked_sub(1);
        Square { ward, cover: self.covers[index] }
    }

    /// Says whether water lies at a place, within a ward or not.
    pub(crate) fn is_water(&self, place: Place) -> bool {
        self.at(place).cover == Cover::Water
    }
}

/// The box on the plane in which something can grow: south-west, north-east.
pub(crate) fn bounds() -> (Place, Place) {
    let size = Coord { x: COLUMNS as f64 * SQUARE_M, y: ROWS as f64 * SQUARE_M };
    let corner = Coord { x: WEST_M, y: SOUTH_M };
    (corner, corner + size)
}

fn middle(index: usize) -> Place {
    let (column, row) = (index % COLUMNS, index / COLUMNS);
    Coord {
        x: WEST_M + (column as f64 + 0.5) * SQUARE_M,
        y: SOUTH_M + (row as f64 + 0.5) * SQUARE_M,
    }
}

/// Around the bundled model of the terrain, 108.07..108.33 E and 15.86..16.13 N.
fn in_model(place: Place) -> bool {
    (534_000.0..563_000.0).contains(&place.x) && (1_754_000.0..1_785_000.0).contains(&place.y)
}

/// Land statistics' codes to what matters here.
fn cover_of(code: &str) -> Option<Cover> {
    let first = code.split('+').next()?;
    Some(match first {
        "RDD" | "RPH" | "RSX" | "RSN" | "RST" | "LNP" | "DCS" | "NCS" => Cover::Forest,
        "LUC" | "LUK" | "LUA" | "HNK" | "CLN" | "NTS" | "CNT" | "LMU" | "NKH" | "BCS" => {
            Cover::Field
        }
        "ODT" | "ONT" | "OTC" => Cover::Homes,
        "SKK" | "SKN" | "SKC" | "SKS" | "SCT" | "DRA" | "DNL" => Cover::Works,
        "TMD" | "DCH" => Cover::Trade,
        "NTD" => Cover::Graves,
        "CQP" | "CAN" | "CQA" => Cover::Defence,
        "DKV" | "DTT" | "DDD" => Cover::Green,
        "DGD" | "DYT" | "TSC" | "DVH" => Cover::School,
        "SON" | "MNC" | "MCS" => Cover::Water,
        _ => return None,
    })
}

/// Fills the squares whose middle lies in a polygon (rays, even-odd, ring by ring).
fn fill<T: Copy>(squares: &mut [T], area: &MultiPolygon, value: T) {
    for polygon in area {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        let mut crossings: Vec<(usize, f64)> = Vec::new();
        for line in rings.flat_map(geo::LineString::lines) {
            let (low, high) = if line.start.y <= line.end.y {
                (line.start, line.end)
            } else {
                (line.end, line.start)
            };
            let row =
                |y: f64| ((y - SOUTH_M) / SQUARE_M - 0.5).ceil().clamp(0.0, ROWS as f64) as usize;
            for row in row(low.y)..row(high.y) {
                let y = SOUTH_M + (row as f64 + 0.5) * SQUARE_M;
                let x = low.x + (high.x - low.x) * (y - low.y) / (high.y - low.y);
                crossings.push((row, x));
            }
        }
        crossings.sort_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
        for pair in crossings.chunk_by(|one, other| one.0 == other.0) {
            for span in pair.chunks_exact(2) {
                let column = |x: f64| {
                    ((x - WEST_M) / SQUARE_M - 0.5).ceil().clamp(0.0, COLUMNS as f64) as usize
                };
                let start = span[0].0 * COLUMNS;
                squares[start + column(span[0].1)..start + column(span[1].1)].fill(value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use geo::{Contains, LineString, Point, Polygon};

    use super::*;

    #[test]
    fn squares_are_those_whose_middle_a_polygon_holds() {
        let corners = [(0.0, 0.0), (900.0, 100.0), (500.0, 400.0), (700.0, 900.0), (-80.0, 700.0)];
        let corners = corners.map(|(x, y)| Coord { x: 550_000.0 + x, y: 1_776_000.0 + y });
        let polygon = Polygon::new(LineString::from(corners.to_vec()), Vec::new());
        let mut squares = vec![0; COLUMNS * ROWS];
        fill(&mut squares, &MultiPolygon::new(vec![polygon.clone()]), 7);
        let filled = squares.iter().filter(|square| **square == 7).count();
        let inside = |index: &usize| polygon.contains(&Point(middle(*index)));
        assert_eq!(filled, (0..squares.len()).filter(inside).count());
        assert!(filled > 300);
    }
}
