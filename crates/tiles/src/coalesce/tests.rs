//! Joining against area, length, and the union that the crate `geo` makes.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Area, BooleanOps, Euclidean, Length, unary_union};
use geo_types::{Coord, LineString, MultiPolygon, Polygon};

use super::*;
use crate::paths::{Paths, UnitXy, twice_area};

/// Fixed, so that a failure repeats.
const SEED: u64 = 71;

/// Cells of a mesh on a side, and units between its corners.
const CELLS: usize = 9;
const SPACING: i32 = 400;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % limit
    }

    fn jitter(&mut self) -> i32 {
        self.below(160) as i32 - 80
    }
}

fn at(x: i32, y: i32) -> UnitXy {
    UnitXy { x, y }
}

fn paths(all: &[&[(i32, i32)]]) -> Paths {
    let mut paths = Paths::default();
    for path in all {
        paths.push_path(&path.iter().map(|(x, y)| at(*x, *y)).collect::<Vec<_>>());
    }
    paths
}

/// A mesh of four-sided cells with crooked corners, all clockwise on screen; some cells have a
/// hole, some holes are filled by a cell of their own, some cells are two triangles.
fn mesh(random: &mut Random) -> Vec<Vec<Vec<UnitXy>>> {
    let corners: Vec<Vec<UnitXy>> = (0..=CELLS as i32)
        .map(|y| {
            let place = |x| at(x * SPACING + random.jitter(), y * SPACING + random.jitter());
            (0..=CELLS as i32).map(place).collect()
        })
        .collect();
    let mut cells = Vec::new();
    for y in 0..CELLS {
        for x in 0..CELLS {
            let [a, b] = [corners[y][x], corners[y][x + 1]];
            let [c, d] = [corners[y + 1][x + 1], corners[y + 1][x]];
            let (x, y) = ((a.x + c.x) / 2, (a.y + c.y) / 2);
            let hole = vec![at(x, y), at(x, y + 20), at(x + 20, y + 20), at(x + 20, y)];
            match random.below(4) {
                0 => cells.extend([vec![vec![a, b, c]], vec![vec![c, d, a]]]),
                1 => cells.push(vec![vec![a, b, c, d], hole]),
                2 => {
                    let filling = hole.iter().rev().copied().collect();
                    cells.extend([vec![vec![a, b, c, d], hole], vec![filling]]);
                }
                _ => cells.push(vec![vec![a, b, c, d]]),
            }
        }
    }
    cells
}

fn to_geo(rings: &Paths) -> Vec<Polygon<f64>> {
    let mut polygons: Vec<Polygon<f64>> = Vec::new();
    let coord = |place: &UnitXy| Coord { x: f64::from(place.x), y: f64::from(place.y) };
    for ring in rings.iter() {
        let line: LineString<f64> = ring.iter().map(coord).collect();
        if twice_area(ring) > 0 {
            polygons.push(Polygon::new(line, vec![]));
        } else {
            polygons.last_mut().unwrap().interiors_push(line);
        }
    }
    polygons
}

fn perimeter(polygons: &[Polygon<f64>]) -> f64 {
    let rings =
        polygons.iter().flat_map(|one| std::iter::once(one.exterior()).chain(one.interiors()));
    rings.map(|ring| Euclidean.length(ring)).sum()
}

fn check_union(cells: &Paths) {
    let joined = join_polygons(cells);
    let ours = to_geo(&joined);
    let union = unary_union(&to_geo(cells));
    let area: f64 = ours.iter().map(Area::unsigned_area).sum();
    // Square units and units; the union works on a grid of its own, of 2^-16 units or so.
    assert!((area - union.unsigned_area()).abs() < 1.0, "{area} {}", union.unsigned_area());
    let (length, wanted) = (perimeter(&ours), perimeter(&union.0));
    assert!((length - wanted).abs() < 1.0, "{length} {wanted}");
    let apart = MultiPolygon(ours.clone()).xor(&union).unsigned_area();
    assert!(apart < 1.0, "{apart}");
    assert_eq!(ours.len(), union.0.len());
    for ring in joined.iter() {
        let places: BTreeSet<UnitXy> = ring.iter().copied().collect();
        assert_eq!(places.len(), ring.len(), "a ring touches itself");
    }
}

#[test]
fn joined_cells_of_a_mesh_are_their_union() {
    let mut random = Random(SEED);
    for round in 0..120 {
        let share = [1, 2, 5, 9, 10][round % 5];
        let mut cells = Paths::default();
        for cell in mesh(&mut random) {
            if random.below(10) < share {
                cell.iter().for_each(|ring| cells.push_path(ring));
            }
        }
        check_union(&cells);
    }
}

#[test]
fn the_order_of_polygons_does_not_change_what_is_covered() {
    let mut random = Random(SEED);
    let cells = mesh(&mut random);
    let all = |cells: &mut dyn Iterator<Item = &Vec<Vec<UnitXy>>>| {
        let mut paths = Paths::default();
        cells.flatten().for_each(|ring| paths.push_path(ring));
        let joined = join_polygons(&paths);
        joined.iter().map(twice_area).sum::<i64>()
    };
    assert_eq!(all(&mut cells.iter()), all(&mut cells.iter().rev()));
}

#[test]
fn squares_that_touch_at_a_corner_stay_two() {
    let squares = paths(&[&[(0, 0), (4, 0), (4, 4), (0, 4)], &[(4, 4), (8, 4), (8, 8), (4, 8)]]);
    assert_eq!(join_polygons(&squares), squares);
}

#[test]
fn a_ring_of_squares_is_one_polygon_with_a_hole_that_touches_its_border() {
    // Seven squares around a free one, the corner missing: the hole touches the outside there.
    let places = [(0, 0), (4, 0), (8, 0), (0, 4), (8, 4), (0, 8), (4, 8)];
    let squares: Vec<Vec<(i32, i32)>> = places
        .iter()
        .map(|(x, y)| vec![(*x, *y), (x + 4, *y), (x + 4, y + 4), (*x, y + 4)])
        .collect();
    let squares = paths(&squares.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let joined = join_polygons(&squares);
    let areas: Vec<i64> = joined.iter().map(twice_area).collect();
    assert_eq!(areas, [2 * 8 * 16, -2 * 16]);
    check_union(&squares);
}

#[test]
fn a_hole_that_is_filled_is_gone() {
    let filled = paths(&[
        &[(0, 0), (9, 0), (9, 9), (0, 9)],
        &[(3, 3), (3, 6), (6, 6), (6, 3)],
        &[(3, 3), (6, 3), (6, 6), (3, 6)],
    ]);
    let joined = join_polygons(&filled);
    assert_eq!(joined.iter().map(twice_area).collect::<Vec<_>>(), [2 * 81]);
}

#[test]
fn the_same_polygon_twice_and_overlaps_keep_their_area() {
    let square: &[(i32, i32)] = &[(0, 0), (4, 0), (4, 4), (0, 4)];
    let twice = paths(&[square, square, &[(2, 2), (6, 2), (6, 6), (2, 6)]]);
    let joined = join_polygons(&twice);
    assert_eq!(joined.iter().map(twice_area).sum::<i64>(), 3 * 32);
    assert!(join_polygons(&Paths::default()).is_empty());
}

#[test]
fn polygons_with_a_hole_in_nothing_stay_as_they_are() {
    let odd = paths(&[
        &[(0, 0), (4, 0), (4, 4), (0, 4)],
        &[(20, 20), (20, 22), (22, 22), (22, 20)],
        &[(4, 0), (8, 0), (8, 4), (4, 4)],
    ]);
    assert_eq!(join_polygons(&odd), odd);
}

type Segments = BTreeMap<(UnitXy, UnitXy), usize>;

fn segments(lines: &Paths) -> Segments {
    let mut segments = Segments::new();
    for ends in lines.iter().flat_map(|line| line.windows(2)) {
        *segments.entry((ends[0].min(ends[1]), ends[0].max(ends[1]))).or_default() += 1;
    }
    segments
}

/// How many ends of lines lie at each place; a line that closes has none.
fn ends(lines: &Paths) -> BTreeMap<UnitXy, usize> {
    let mut ends = BTreeMap::new();
    for line in lines.iter().filter(|line| line.first() != line.last()) {
        for end in [line.first(), line.last()] {
            *ends.entry(*end.unwrap()).or_default() += 1;
        }
    }
    ends
}

#[test]
fn lines_of_a_street_net_keep_every_piece_and_no_two_ends_meet_alone() {
    let mut random = Random(SEED);
    for _ in 0..200 {
        let mut lines = Paths::default();
        for _ in 0..random.below(60) {
            let (mut x, mut y) = (random.below(7) as i32, random.below(7) as i32);
            let mut line = vec![at(x, y)];
            for _ in 0..=random.below(3) {
                match random.below(2) {
                    0 => x += 1,
                    _ => y += 1,
                }
                line.push(at(x, y));
            }
            lines.push_path(&line);
        }
        let joined = join_lines(&lines);
        assert_eq!(segments(&joined), segments(&lines));
        let met_before = ends(&lines);
        // Where three ends met or more, joining elsewhere may have made rings of some of them.
        for (place, count) in ends(&joined) {
            assert!(count != 2 || met_before[&place] > 2, "two ends at {place:?}");
        }
    }
}

#[test]
fn a_line_in_three_pieces_that_run_either_way_is_one() {
    let pieces = paths(&[&[(2, 0), (1, 0)], &[(2, 0), (3, 1)], &[(0, 0), (1, 0)]]);
    let joined = join_lines(&pieces);
    assert_eq!(joined.iter().collect::<Vec<_>>().len(), 1);
    let line: Vec<(i32, i32)> = joined.vertices().iter().map(|v| (v.x, v.y)).collect();
    assert!(line == [(0, 0), (1, 0), (2, 0), (3, 1)] || line == [(3, 1), (2, 0), (1, 0), (0, 0)]);
}

#[test]
fn three_ends_at_one_place_stay_three_and_a_loop_closes() {
    let star = paths(&[&[(0, 0), (1, 0)], &[(0, 0), (0, 1)], &[(0, 0), (-1, 0)]]);
    assert_eq!(join_lines(&star), star);
    let halves = paths(&[&[(0, 0), (1, 0), (1, 1)], &[(1, 1), (0, 1), (0, 0)]]);
    let joined = join_lines(&halves);
    assert_eq!(joined.iter().map(<[UnitXy]>::len).collect::<Vec<_>>(), [5]);
    assert_eq!(joined.vertices().first(), joined.vertices().last());
}
