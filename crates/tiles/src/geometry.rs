//! A feature's geometry as the commands of a vector tile.
//!
//! Vertices are taken at the tile's zoom, cut, rounded to whole units and freed of what is not
//! seen: repeated vertices, vertices in the middle of a straight run (not in a coverage, where a
//! neighbour may turn there), rings without an area.
//!
//! Source: Mapbox Vector Tile Specification 2.1, section 4.3.

use urbis_model::{GeometryKind, TileAddress};
use urbis_snapshot::{Part, Path, Polygon, SnapshotFeature};

use crate::clip::ClipBox;
use crate::grid::{TileGrid, TileXy};
use crate::mvt::{Commands, UnitXy};

/// Which vertices of a straight run are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StraightRuns {
    /// Only the ends.
    Ends,
    /// All.
    All,
}

/// How geometry is drawn in one tile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drawing {
    grid: TileGrid,
    zoom: u8,
    straight_runs: StraightRuns,
}

impl Drawing {
    pub(crate) const fn new(tile: TileAddress, straight_runs: StraightRuns) -> Self {
        Self { grid: TileGrid::new(tile), zoom: tile.z(), straight_runs }
    }

    /// Draws a feature; no command where nothing of it is seen.
    pub(crate) fn draw(&self, kind: GeometryKind, feature: SnapshotFeature<'_>) -> Commands {
        let mut commands = Commands::default();
        if kind == GeometryKind::Point {
            commands.points(&self.points(feature));
            return commands;
        }
        for part in feature.parts() {
            match part {
                Part::Line(path) => self.draw_line(path, &mut commands),
                Part::Polygon(polygon) => self.draw_polygon(polygon, &mut commands),
                Part::Point(_) => {}
            }
        }
        commands
    }

    fn points(&self, feature: SnapshotFeature<'_>) -> Vec<UnitXy> {
        let places = feature.parts().filter_map(|part| match part {
            Part::Point(cell) => Some(self.grid.to_tile(cell)),
            _ => None,
        });
        places.filter(|place| ClipBox::BUFFERED_TILE.contains(*place)).map(to_unit).collect()
    }

    fn draw_line(&self, path: Path<'_>, commands: &mut Commands) {
        for piece in ClipBox::BUFFERED_TILE.clip_line(&self.place(path)) {
            let line = self.tidy_line(&piece);
            if line.len() >= 2 {
                commands.line(&line);
            }
        }
    }

    fn draw_polygon(&self, polygon: Polygon<'_>, commands: &mut Commands) {
        let Some((exterior, exterior_area)) = self.ring(polygon.exterior()) else { return };
        let holes: Vec<_> = polygon.interiors().filter_map(|hole| self.ring(hole)).collect();
        // A hole that takes up all that the tile shows of the polygon.
        if exterior_area.abs() == holes.iter().map(|(_, area)| area.abs()).sum::<i64>() {
            return;
        }
        commands.ring(&wound(exterior, exterior_area > 0));
        for (hole, area) in holes {
            commands.ring(&wound(hole, area < 0));
        }
    }

    /// A ring as it is seen in the tile and twice its signed area; `None` where there is none.
    fn ring(&self, path: Path<'_>) -> Option<(Vec<UnitXy>, i64)> {
        let clipped = ClipBox::BUFFERED_TILE.clip_ring(self.place(path));
        let ring = self.tidy_ring(&clipped);
        let area = twice_area(&ring);
        (area != 0).then_some((ring, area))
    }

    fn place(&self, path: Path<'_>) -> Vec<TileXy> {
        let mut places: Vec<TileXy> =
            path.at_zoom(self.zoom).map(|cell| self.grid.to_tile(cell)).collect();
        places.dedup();
        places
    }

    fn tidy_line(&self, line: &[TileXy]) -> Vec<UnitXy> {
        let mut tidy: Vec<UnitXy> = Vec::with_capacity(line.len());
        for vertex in line.iter().copied().map(to_unit) {
            self.push(&mut tidy, vertex);
        }
        tidy
    }

    fn tidy_ring(&self, ring: &[TileXy]) -> Vec<UnitXy> {
        let mut tidy = self.tidy_line(ring);
        while tidy.len() > 1 && tidy.first() == tidy.last() {
            tidy.pop();
        }
        tidy
    }

    /// Adds a vertex unless it repeats the last; drops the last where the run goes straight on.
    fn push(&self, tidy: &mut Vec<UnitXy>, vertex: UnitXy) {
        if tidy.last() == Some(&vertex) {
            return;
        }
        if let ([.., a, b], StraightRuns::Ends) = (&tidy[..], self.straight_runs)
            && goes_straight_on(*a, *b, vertex)
        {
            tidy.pop();
        }
        tidy.push(vertex);
    }
}

fn goes_straight_on(a: UnitXy, b: UnitXy, c: UnitXy) -> bool {
    let delta = |from: UnitXy, to: UnitXy| {
        (i64::from(to.x) - i64::from(from.x), i64::from(to.y) - i64::from(from.y))
    };
    let ((ax, ay), (bx, by)) = (delta(a, b), delta(b, c));
    ax * by == ay * bx && ax * bx + ay * by > 0
}

/// The nearest whole unit; the box that was cut to keeps it small.
fn to_unit(place: TileXy) -> UnitXy {
    UnitXy { x: place.x.round() as i32, y: place.y.round() as i32 }
}

/// Twice the area by the surveyor's formula, positive where the ring runs clockwise on screen.
fn twice_area(ring: &[UnitXy]) -> i64 {
    let following = ring.iter().cycle().skip(1);
    let cross = |(a, b): (&UnitXy, &UnitXy)| {
        i64::from(a.x) * i64::from(b.y) - i64::from(b.x) * i64::from(a.y)
    };
    ring.iter().zip(following).map(cross).sum()
}

fn wound(mut ring: Vec<UnitXy>, is_right: bool) -> Vec<UnitXy> {
    if !is_right {
        ring.reverse();
    }
    ring
}
