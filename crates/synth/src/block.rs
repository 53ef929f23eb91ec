//! Blocks: the ground between the streets.
//!
//! Every street takes a band of its width; what the bands leave of a box around the city is the
//! blocks. A dead end cuts into its block without parting it, and a way that nothing joins makes
//! a hole: no network has to be repaired for this, and streets need not meet exactly.

use geo::algorithm::buffer::{BufferStyle, LineJoin};
use geo::bool_ops::FillRule;
use geo::orient::Direction;
use geo::{
    Area, BooleanOps, BoundingRect, Buffer, Coord, Intersects, LineString, MultiPolygon, Orient,
    Polygon, Rect, Simplify, Validation,
};

use crate::input::CityInput;
use crate::plane::{Plane, Xy};
use crate::ring::{Frame, exterior, left, length};
use crate::street::{Piece, Streets};

/// Corners that tell no more than this are left out, metres.
const SMOOTH_M: f64 = 0.2;

/// Where a block that touches itself is narrower, it is parted, metres.
const NECK_M: f64 = 0.8;

/// What is smaller is a traffic island, m².
const SMALLEST_M2: f64 = 150.0;

/// What is larger lies between no streets that the source has, m².
const LARGEST_M2: f64 = 400_000.0;

/// What is narrower is the strip between two carriageways, metres.
const NARROWEST_M: f64 = 7.0;

/// Ground between streets, with the streets' width and the water taken off.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// Its ground on the plane.
    pub(crate) ground: Polygon,
    /// Its area, m².
    pub(crate) area_m2: f64,
}

/// The blocks of a city, nearest to the centre first.
pub(crate) fn blocks(city: &CityInput, plane: Plane, streets: &Streets<'_>) -> Vec<Block> {
    let mut taken: Vec<Polygon> = streets.pieces().iter().flat_map(band).collect();
    let Some(around) = MultiPolygon::new(taken.clone()).bounding_rect() else { return Vec::new() };
    let all = grown(around, 50.0).to_polygon();
    taken.extend(water_within(city, plane, &all));
    // Bands overlap each other, which even-odd would take for holes.
    let left_over = all.difference_with_fill_rule(&MultiPolygon::new(taken), FillRule::NonZero);
    let inner = left_over.into_iter().filter(|polygon| !reaches(polygon, around));
    let mut blocks: Vec<Block> = inner.flat_map(|polygon| blocks_of(polygon, plane)).collect();
    blocks.sort_by(|one, other| {
        let (a, b) = (corner(one), corner(other));
        length(a).total_cmp(&length(b)).then(a.x.total_cmp(&b.x)).then(a.y.total_cmp(&b.y))
    });
    blocks
}

/// The blocks of one piece of ground: several where it hangs together by a corner only.
fn blocks_of(polygon: Polygon, plane: Plane) -> Vec<Block> {
    let whole = sound(&polygon, plane).map(|ground| vec![ground]);
    let grounds = whole.unwrap_or_else(|| {
        let style = BufferStyle::new(-NECK_M / 2.0).line_join(LineJoin::Miter(1.0));
        let apart = polygon.buffer_with_style(style);
        apart.iter().filter_map(|part| sound(part, plane)).collect()
    });
    grounds.into_iter().filter_map(block).collect()
}

/// The polygon with few corners, or else as it is, if it is valid once it is written.
fn sound(polygon: &Polygon, plane: Plane) -> Option<Polygon> {
    let written = |line: &LineString| -> LineString {
        line.0.iter().map(|at| plane.cell_to_xy(plane.to_cell(*at))).collect()
    };
    let candidates = [polygon.simplify(SMOOTH_M), polygon.clone()];
    candidates.into_iter().find(|ground| {
        let holes = ground.interiors().iter().map(written).collect();
        Polygon::new(written(ground.exterior()), holes).is_valid()
    })
}

fn block(ground: Polygon) -> Option<Block> {
    let area_m2 = ground.unsigned_area();
    let is_block = (SMALLEST_M2..=LARGEST_M2).contains(&area_m2)
        && Frame::around(&exterior(&ground)).width_m >= NARROWEST_M;
    is_block.then_some(Block { ground, area_m2 })
}

/// The corner nearest to the centre.
fn corner(block: &Block) -> Xy {
    let corners = block.ground.exterior().0.iter().copied();
    let nearest =
        corners.reduce(|best, next| if length(next) < length(best) { next } else { best });
    nearest.unwrap_or_default()
}

/// The outside of the network reaches beyond its box.
fn reaches(polygon: &Polygon, around: Rect) -> bool {
    polygon.bounding_rect().is_none_or(|own| {
        own.min().x < around.min().x
            || own.min().y < around.min().y
            || own.max().x > around.max().x
            || own.max().y > around.max().y
    })
}

fn grown(rect: Rect, by_m: f64) -> Rect {
    let by = Coord { x: by_m, y: by_m };
    Rect::new(rect.min() - by, rect.max() + by)
}

/// The band of one straight piece: a rectangle and an octagon around its end, both anticlockwise.
///
/// ```text
/// ┌────────────────╭╮
/// from            to │
/// └────────────────╰╯
/// ```
fn band(piece: &Piece) -> Vec<Polygon> {
    let along = piece.to - piece.from;
    let mut polygons = vec![octagon(piece.from, piece.half_m), octagon(piece.to, piece.half_m)];
    if length(along) > 0.01 {
        let side = left(along) / length(along) * piece.half_m;
        let corners =
            [piece.from - side, piece.to - side, piece.to + side, piece.from + side].to_vec();
        polygons.push(Polygon::new(LineString::new(corners), Vec::new()));
    }
    polygons
}

fn octagon(middle: Xy, radius_m: f64) -> Polygon {
    let corner = |eighth: u32| {
        let angle = f64::from(eighth) * std::f64::consts::FRAC_PI_4;
        middle + Coord { x: libm::cos(angle), y: libm::sin(angle) } * radius_m
    };
    Polygon::new(LineString::new((0..8).map(corner).collect()), Vec::new())
}

/// The waters within a box, on the plane; outer rings anticlockwise, holes clockwise.
fn water_within(city: &CityInput, plane: Plane, all: &Polygon) -> Vec<Polygon> {
    let flat = |line: &LineString| line.0.iter().map(|at| plane.to_xy(*at)).collect::<LineString>();
    let waters = city.water.iter().flatten().map(|polygon| {
        let holes = polygon.interiors().iter().map(flat).collect();
        Polygon::new(flat(polygon.exterior()), holes)
    });
    let near = waters.filter(|water| water.intersects(all));
    near.flat_map(|water| water.intersection(all)).map(|p| p.orient(Direction::Default)).collect()
}
