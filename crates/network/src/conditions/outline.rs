//! Which part of a straight piece of road a closure's outline covers, on the plane of the grid.
//!
//! The plane is conformal, so that angles are true and within one closure a metre has one length
//! in cells: the error of that is under a millionth in a city.

use urbis_model::{LonLat, WorldXy};

use super::bands::Bands;

/// A place or a step on the plane, cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Xy {
    pub x: f64,
    pub y: f64,
}

impl From<WorldXy> for Xy {
    fn from(cell: WorldXy) -> Self {
        Self { x: f64::from(cell.x), y: f64::from(cell.y) }
    }
}

impl Xy {
    /// The place, to the nearest cell.
    pub fn to_lonlat(self) -> LonLat {
        // `as` saturates, which is the edge of the world.
        WorldXy { x: self.x.round() as u32, y: self.y.round() as u32 }.to_lonlat()
    }

    pub fn minus(self, other: Self) -> Self {
        Self { x: self.x - other.x, y: self.y - other.y }
    }

    pub fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y
    }

    pub fn cross(self, other: Self) -> f64 {
        self.x * other.y - self.y * other.x
    }

    pub fn length(self) -> f64 {
        self.x.hypot(self.y)
    }
}

/// How far beside an edge a place is looked up that is on it, cells.
const HAIR: f64 = 1e-3;

/// A part of a piece: from and to, each 0 at its start and 1 at its end.
pub(crate) type Part = (f64, f64);

/// A straight piece, of a road or of an outline.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub start: Xy,
    pub end: Xy,
}

impl Piece {
    pub fn step(self) -> Xy {
        self.end.minus(self.start)
    }

    /// Says whether the boxes of two pieces come within a distance.
    pub fn is_near(self, other: Self, distance: f64) -> bool {
        let apart = |a: f64, b: f64, c: f64, d: f64| {
            a.max(b) + distance < c.min(d) || c.max(d) + distance < a.min(b)
        };
        !apart(self.start.x, self.end.x, other.start.x, other.end.x)
            && !apart(self.start.y, self.end.y, other.start.y, other.end.y)
    }

    /// The part of this piece that lies beside `line`: its foot on the line is between the ends of
    /// the line and it is at most `distance` off.
    ///
    /// ```text
    ///      ┌────────────┐
    ///   ───┼══════════──┼──   the piece, and its part
    ///      o────────────o     the line
    ///      └────────────┘
    /// ```
    pub fn part_beside(self, line: Self, distance: f64) -> Option<Part> {
        let along = line.step();
        let length = along.length();
        if length == 0.0 {
            return None;
        }
        let (from, step) = (self.start.minus(line.start), self.step());
        let (along_from, along_step) = (from.dot(along) / length, step.dot(along) / length);
        let (off_from, off_step) = (from.cross(along) / length, step.cross(along) / length);
        let part = between((0.0, 1.0), along_from, along_step, 0.0, length)?;
        between(part, off_from, off_step, -distance, distance)
    }

    /// The part of this piece that lies within `radius` of a place.
    pub fn part_around(self, place: Xy, radius: f64) -> Option<Part> {
        let (from, step) = (self.start.minus(place), self.step());
        let square = step.dot(step);
        if square == 0.0 {
            return (from.length() <= radius).then_some((0.0, 1.0));
        }
        let half = from.dot(step) / square;
        let root = half * half - (from.dot(from) - radius * radius) / square;
        if root < 0.0 {
            return None;
        }
        let (start, end) = ((-half - root.sqrt()).max(0.0), (-half + root.sqrt()).min(1.0));
        (start < end).then_some((start, end))
    }

    /// The parts of this piece that lie inside rings, by the even-odd rule.
    ///
    /// Each edge that it crosses is a change between inside and outside, so that only one of the
    /// spans between is looked up in the rings: the longest, which is no slip of a rounding.
    pub fn parts_inside(self, rings: &Rings) -> Vec<Part> {
        let mut cuts = vec![0.0, 1.0];
        let near = rings.edges.near(self, 0.0);
        near.for_each(|(_, edge)| cuts.extend(self.crossing(edge)));
        cuts.sort_by(f64::total_cmp);
        let spans: Vec<Part> = cuts.windows(2).map(|ends| (ends[0], ends[1])).collect();
        let longest = (0..spans.len()).max_by(|one, other| {
            let length = |number: usize| spans[number].1 - spans[number].0;
            length(*one).total_cmp(&length(*other))
        });
        let Some(longest) = longest else { return Vec::new() };
        let (from, to) = spans[longest];
        let is_inside = rings.contain(self.left_of(f64::midpoint(from, to)));
        let parity = longest + usize::from(!is_inside);
        let inside = spans.into_iter().enumerate().filter(|(at, _)| at % 2 == parity % 2);
        inside.map(|(_, span)| span).filter(|span| span.0 < span.1).collect()
    }

    /// The place at a part of it.
    pub fn at(self, part: f64) -> Xy {
        let step = self.step();
        Xy { x: step.x.mul_add(part, self.start.x), y: step.y.mul_add(part, self.start.y) }
    }

    /// The place a hair left of a part of it: where a piece runs along an edge, the side that
    /// [`Self::crossing`] takes it for.
    fn left_of(self, part: f64) -> Xy {
        let (at, step) = (self.at(part), self.step());
        let hair = if step.length() > 0.0 { HAIR / step.length() } else { 0.0 };
        Xy { x: (-step.y).mul_add(hair, at.x), y: step.x.mul_add(hair, at.y) }
    }

    /// Says whether a way from a place to the east crosses it.
    fn is_right_of(self, place: Xy) -> bool {
        let is_beside = (self.start.y > place.y) != (self.end.y > place.y);
        let at = || (place.y - self.start.y) / (self.end.y - self.start.y);
        is_beside && place.x < (self.end.x - self.start.x).mul_add(at(), self.start.x)
    }

    /// Where an edge of a ring crosses it. A ring that passes at a vertex crosses once, one that
    /// only touches there twice or not at all: a place on the piece's line counts as right of it.
    fn crossing(self, edge: Self) -> Option<f64> {
        let (step, over) = (self.step(), edge.step());
        let is_left = |place: Xy| step.cross(place.minus(self.start)) > 0.0;
        if is_left(edge.start) == is_left(edge.end) {
            return None;
        }
        let here = edge.start.minus(self.start).cross(over) / step.cross(over);
        (0.0..=1.0).contains(&here).then_some(here)
    }
}

/// Cuts a part to where `from + step * t` lies between two bounds.
fn between((start, end): Part, from: f64, step: f64, low: f64, high: f64) -> Option<Part> {
    if step == 0.0 {
        return (low <= from && from <= high).then_some((start, end));
    }
    let (a, b) = ((low - from) / step, (high - from) / step);
    let (start, end) = (start.max(a.min(b)), end.min(a.max(b)));
    (start < end).then_some((start, end))
}

/// The edges of rings that do not repeat their first vertex.
fn edges(rings: &[Box<[WorldXy]>]) -> impl Iterator<Item = Piece> {
    rings.iter().flat_map(|ring| {
        let ends = ring.iter().skip(1).chain(ring.first());
        ring.iter()
            .zip(ends)
            .map(|(start, end)| Piece { start: (*start).into(), end: (*end).into() })
    })
}

/// Rings, ready to compare with roads.
#[derive(Debug)]
pub(crate) struct Rings {
    edges: Bands,
}

impl Rings {
    pub fn new(rings: &[Box<[WorldXy]>]) -> Self {
        Self { edges: Bands::new(edges(rings).collect()) }
    }

    fn contain(&self, place: Xy) -> bool {
        let crossed = self.edges.at_height(place.y).filter(|edge| edge.is_right_of(place));
        crossed.count() % 2 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn piece(start: (f64, f64), end: (f64, f64)) -> Piece {
        Piece { start: Xy { x: start.0, y: start.1 }, end: Xy { x: end.0, y: end.1 } }
    }

    #[test]
    fn a_road_is_covered_where_the_line_runs_beside_it_and_not_beyond_its_ends() {
        let road = piece((0.0, 0.0), (10.0, 0.0));
        let line = piece((2.0, 1.0), (7.0, 1.0));
        assert_eq!(road.part_beside(line, 1.5), Some((0.2, 0.7)));
        assert_eq!(road.part_beside(line, 0.5), None);
        assert_eq!(road.part_beside(piece((10.0, 0.0), (20.0, 0.0)), 1.0), None);
    }

    #[test]
    fn a_circle_covers_what_is_within_its_radius() {
        let road = piece((0.0, 0.0), (10.0, 0.0));
        let (from, to) = road.part_around(Xy { x: 5.0, y: 3.0 }, 5.0).unwrap_or_default();
        assert!((from - 0.1).abs() < 1e-12 && (to - 0.9).abs() < 1e-12, "{from} {to}");
        assert_eq!(road.part_around(Xy { x: 5.0, y: 6.0 }, 5.0), None);
    }

    #[test]
    fn the_hole_of_an_area_covers_nothing() {
        let ring = |low: u32, high: u32| -> Box<[WorldXy]> {
            [(low, low), (high, low), (high, high), (low, high)]
                .map(|(x, y)| WorldXy { x, y })
                .into()
        };
        let rings = Rings::new(&[ring(2, 8), ring(4, 6)]);
        let parts = piece((0.0, 5.0), (10.0, 5.0)).parts_inside(&rings);
        assert_eq!(parts, [(0.2, 0.4), (0.6, 0.8)]);
    }

    /// Numbers that repeat, below a limit.
    fn numbers(limit: u64) -> impl FnMut() -> u32 {
        let mut seed = 88_172_645_463_325_252_u64;
        move || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            (seed % limit) as u32
        }
    }

    #[test]
    fn what_bands_leave_out_changes_no_answer() {
        let mut number = numbers(3_000);
        let mut inside = 0;
        for corners in [3, 4, 7, 40, 400] {
            let mut ring = || -> Box<[WorldXy]> {
                (0..corners).map(|_| WorldXy { x: number() + 1_000, y: number() + 1_000 }).collect()
            };
            let drawn = [ring(), ring()];
            let rings = Rings::new(&drawn);
            for _ in 0..400 {
                let mut place =
                    || Xy { x: f64::from(number() + 900), y: f64::from(number() + 900) };
                let road = Piece { start: place(), end: place() };
                let crosses = |edge: Piece| road.crossing(edge);
                let mut all: Vec<f64> = edges(&drawn).filter_map(crosses).collect();
                let near = rings.edges.near(road, 0.0);
                let mut some: Vec<f64> = near.filter_map(|(_, edge)| crosses(edge)).collect();
                all.sort_by(f64::total_cmp);
                some.sort_by(f64::total_cmp);
                assert_eq!(some, all);
                let crossed = edges(&drawn).filter(|edge| edge.is_right_of(road.start)).count();
                assert_eq!(rings.contain(road.start), crossed % 2 == 1);
                inside += crossed % 2;
            }
        }
        assert!((200..1_800).contains(&inside), "{inside}");
    }

    #[test]
    fn what_is_inside_is_what_every_place_by_itself_is_whatever_the_rings_touch() {
        // So few places that rings meet roads at their vertices and run along them.
        let mut number = numbers(12);
        let (mut inside, mut looked_at) = (0, 0);
        for _ in 0..4_000 {
            let mut ring = || -> Box<[WorldXy]> {
                (0..7).map(|_| WorldXy { x: number(), y: number() }).collect()
            };
            let drawn = [ring(), ring()];
            let rings = Rings::new(&drawn);
            let mut place = || Xy { x: f64::from(number()), y: f64::from(number()) };
            let road = Piece { start: place(), end: place() };
            let parts = road.parts_inside(&rings);
            for part in (0..101).map(|step| (f64::from(step) + 0.123_456_789) / 101.0) {
                let at = road.at(part);
                let is_on = |edge: Piece| {
                    let off = edge.step().cross(at.minus(edge.start)).abs();
                    off < 1e-6 && edge.is_near(Piece { start: at, end: at }, 1e-6)
                };
                if edges(&drawn).any(is_on) {
                    continue;
                }
                let crossed = edges(&drawn).filter(|edge| edge.is_right_of(at)).count();
                let is_covered = parts.iter().any(|(from, to)| (*from..*to).contains(&part));
                assert_eq!(is_covered, crossed % 2 == 1, "{road:?} at {part}, {drawn:?}");
                (inside, looked_at) = (inside + crossed % 2, looked_at + 1);
            }
        }
        assert!(looked_at > 200_000 && inside > looked_at / 10, "{inside} of {looked_at}");
    }

    #[test]
    fn a_road_looks_at_few_edges_of_a_large_area() {
        let corner = |turn: u32| {
            let (sin, cos) = (f64::from(turn) / 10_000.0 * std::f64::consts::TAU).sin_cos();
            let cell = |share: f64| (share.mul_add(1e6, 2e6)).round() as u32;
            WorldXy { x: cell(cos), y: cell(sin) }
        };
        let rings = Rings::new(&[(0..10_000).map(corner).collect()]);
        let mut number = numbers(4_000_000);
        let mut looked_at = 0;
        for _ in 0..1_000 {
            looked_at += rings.edges.at_height(f64::from(number())).count();
        }
        // Ten thousand edges a road without bands.
        assert!(looked_at < 20_000, "{looked_at}");
        assert!(rings.contain(Xy { x: 2e6, y: 2e6 }) && !rings.contain(Xy { x: 1.2e6, y: 1.2e6 }));
    }
}
