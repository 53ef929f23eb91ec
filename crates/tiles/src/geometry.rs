//! A feature's geometry in whole tile units.
//!
//! Vertices are taken at the tile's zoom, cut, rounded to whole units and freed of what is not
//! seen: repeated vertices, vertices in the middle of a straight run (not in a coverage, where a
//! neighbour may turn there), rings without an area. A feature that lies within the tile and its
//! buffer, as most do, needs no cut and never leaves whole numbers.

use urbis_snapshot::{Part, Path, Polygon, SnapshotFeature};

use crate::clip::{ClipBox, Sides};
use crate::grid::{TileGrid, TileXy};
use crate::paths::{Paths, StraightRuns, Winding};

/// Vertices up to which a path is walked through; a longer one may have its own way to the few that
/// a low zoom keeps.
const SHORT: usize = 64;

/// Draws features of one tile.
#[derive(Debug)]
pub(crate) struct Pen<'a> {
    grid: TileGrid,
    straight_runs: StraightRuns,
    scratch: &'a mut Scratch,
}

/// Where a feature lies.
#[derive(Debug, Clone, Copy)]
enum Reach {
    /// Within the tile and its buffer.
    Within,
    /// Across their edge.
    Across,
}

/// Room for a path that is being cut, used again and again.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    places: Vec<TileXy>,
    spare: Vec<TileXy>,
}

impl<'a> Pen<'a> {
    pub(crate) fn new(
        grid: TileGrid,
        straight_runs: StraightRuns,
        scratch: &'a mut Scratch,
    ) -> Self {
        Self { grid, straight_runs, scratch }
    }

    /// Draws a feature; no path where nothing of it is seen. The positions of a point are one path.
    pub(crate) fn draw(&mut self, feature: SnapshotFeature<'_>, drawn: &mut Paths) {
        let is_within = feature.world_box().is_some_and(|world_box| self.grid.holds(world_box));
        let reach = if is_within { Reach::Within } else { Reach::Across };
        let mut points = 0;
        for part in feature.parts() {
            match part {
                Part::Point(cell) => {
                    let place = self.grid.to_tile(cell);
                    if is_within || ClipBox::BUFFERED_TILE.contains(place) {
                        drawn.push_point(place.to_unit());
                        points += 1;
                    }
                }
                Part::Line(path) => self.draw_line(path, reach, drawn),
                Part::Polygon(polygon) => self.draw_polygon(polygon, reach, drawn),
            }
        }
        if points > 0 {
            drawn.end_path();
        }
    }

    fn push_whole(&self, path: Path<'_>, drawn: &mut Paths) {
        let (grid, zoom) = (self.grid, self.grid.zoom());
        let (cells, ranks) = (path.vertices(), path.ranks());
        if cells.len() <= SHORT {
            let kept = cells.iter().zip(ranks).filter(|(_, rank)| **rank <= zoom);
            drawn.push_all(kept.map(|(cell, _)| grid.to_unit(*cell)), self.straight_runs);
        } else {
            let kept = path.at_zoom_in(zoom, grid.query_box());
            drawn.push_all(kept.map(|cell| grid.to_unit(cell)), self.straight_runs);
        }
    }

    fn draw_line(&mut self, path: Path<'_>, reach: Reach, drawn: &mut Paths) {
        match reach {
            Reach::Within => self.push_whole(path, drawn),
            Reach::Across => self.cut_line(path, drawn),
        }
        drawn.end_line();
    }

    fn cut_line(&mut self, path: Path<'_>, drawn: &mut Paths) {
        if self.place(path).is_outside() {
            return;
        }
        let mut last = None;
        for (start, end) in ClipBox::BUFFERED_TILE.clip_line(&self.scratch.places) {
            if last != Some(start) {
                drawn.end_line();
                drawn.push(start.to_unit(), self.straight_runs);
            }
            drawn.push(end.to_unit(), self.straight_runs);
            last = Some(end);
        }
    }

    fn draw_polygon(&mut self, polygon: Polygon<'_>, reach: Reach, drawn: &mut Paths) {
        let before = drawn.len();
        let mut draw_ring = |ring, winding| {
            match reach {
                Reach::Within => self.push_whole(ring, drawn),
                Reach::Across => self.cut_ring(ring, drawn),
            }
            drawn.end_ring(winding)
        };
        let area = draw_ring(polygon.exterior(), Winding::Exterior);
        if area == 0 {
            return;
        }
        let holes: i64 = polygon.interiors().map(|hole| draw_ring(hole, Winding::Hole)).sum();
        // A hole that takes up all that the tile shows of the polygon.
        if area == holes {
            drawn.truncate(before);
        }
    }

    fn cut_ring(&mut self, path: Path<'_>, drawn: &mut Paths) {
        let sides = self.place(path);
        if sides.is_outside() {
            return;
        }
        let Scratch { places, spare } = &mut *self.scratch;
        ClipBox::BUFFERED_TILE.clip_ring(places, spare, sides);
        places.iter().for_each(|place| drawn.push(place.to_unit(), self.straight_runs));
    }

    /// Puts a path on the tile's grid, without repetition; says on which sides of the box it lies.
    fn place(&mut self, path: Path<'_>) -> Sides {
        let places = &mut self.scratch.places;
        places.clear();
        let mut sides = Sides::default();
        for cell in path.at_zoom_in(self.grid.zoom(), self.grid.query_box()) {
            let place = self.grid.to_tile(cell);
            if places.last() != Some(&place) {
                sides.add(ClipBox::BUFFERED_TILE.side(place));
                places.push(place);
            }
        }
        sides
    }
}
