//! The straight pieces of a literal in bands of latitude, and where a box lies that none touches.
//!
//! Almost every feature of a city lies well inside or well outside of a literal: its box alone says
//! so, and its geometry need not be looked at.
//!
//! ```text
//!    ╭───────────╮
//!    │  ▪        │  ▪     inside, outside: decided
//!    │          ▪│        meets a piece: look at the geometry
//!    ╰───────────╯
//! ```

use geo::algorithm::kernels::{Kernel, Orientation, RobustKernel};
use geo::{BoundingRect, CoordsIter, LinesIter};
use geo_types::{Coord, Geometry, Line, Rect};

/// Most bands.
const MAX_BANDS: usize = 128;

/// Where all of a box lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// In the inside of an area.
    Inside,
    /// In the outside.
    Outside,
}

/// The pieces of a literal: of an area its rings; a point is a piece of no length.
#[derive(Debug, Clone)]
pub(super) struct Outline {
    pieces: Vec<Line<f64>>,
    is_area: bool,
    low: f64,
    height: f64,
    /// The pieces that come into each band, by number.
    bands: Vec<Vec<u16>>,
}

impl Outline {
    /// `None` of what has an inside that its rings do not tell, such as areas one over another.
    pub(super) fn of(geometry: &Geometry<f64>) -> Option<Self> {
        let (pieces, is_area) = pieces(geometry)?;
        let bounds = geometry.bounding_rect()?;
        let count = pieces.len().clamp(1, MAX_BANDS);
        let height = bounds.height() / count as f64;
        let bands = vec![Vec::new(); count];
        let mut outline = Self { pieces, is_area, low: bounds.min().y, height, bands };
        for number in 0..outline.pieces.len() {
            let Line { start, end } = outline.pieces[number];
            let number = u16::try_from(number).ok()?;
            for band in outline.bands_of(start.y.min(end.y), start.y.max(end.y)) {
                outline.bands[band].push(number);
            }
        }
        Some(outline)
    }

    /// The side on which all of a box lies; `None` where it meets a piece.
    ///
    /// Exact: orientation is robust, and the edge of the box belongs to it.
    pub(super) fn side_of(&self, bounds: &Rect<f64>) -> Option<Side> {
        let mut bands = self.bands_of(bounds.min().y, bounds.max().y);
        if bands.any(|band| self.pieces_in(band).any(|piece| meets(piece, bounds))) {
            return None;
        }
        let is_inside = self.is_area && self.holds(bounds.min());
        Some(if is_inside { Side::Inside } else { Side::Outside })
    }

    /// Counts the edges that a ray to the east crosses: an odd number is inside. `at` is on none.
    fn holds(&self, at: Coord<f64>) -> bool {
        let band = self.bands_of(at.y, at.y).start;
        let crossed = self.pieces_in(band).filter(|Line { start, end }| {
            // Half-open in y, so that a vertex on the ray counts once.
            let (low, high) = if start.y <= end.y { (start, end) } else { (end, start) };
            low.y <= at.y
                && at.y < high.y
                && RobustKernel::orient2d(*low, *high, at) == Orientation::CounterClockwise
        });
        crossed.count() % 2 == 1
    }

    fn pieces_in(&self, band: usize) -> impl Iterator<Item = Line<f64>> {
        self.bands[band].iter().map(|number| self.pieces[usize::from(*number)])
    }

    /// What lies beyond all bands is of the first or the last one.
    fn bands_of(&self, low: f64, high: f64) -> std::ops::Range<usize> {
        let last = self.bands.len() - 1;
        // `as` saturates, and makes 0 of what is none: a literal of no height has one band's pieces.
        let band = |y: f64| (((y - self.low) / self.height) as usize).min(last);
        band(low)..band(high) + 1
    }
}

fn pieces(geometry: &Geometry<f64>) -> Option<(Vec<Line<f64>>, bool)> {
    Some(match geometry {
        Geometry::Point(_) | Geometry::MultiPoint(_) => {
            (geometry.coords_iter().map(|at| Line::new(at, at)).collect(), false)
        }
        Geometry::Line(line) => (vec![*line], false),
        Geometry::LineString(line) => (line.lines().collect(), false),
        Geometry::MultiLineString(lines) => (lines.lines_iter().collect(), false),
        Geometry::Polygon(polygon) => (polygon.lines_iter().collect(), true),
        Geometry::MultiPolygon(polygons) => (polygons.lines_iter().collect(), true),
        Geometry::Rect(rect) => (rect.to_polygon().lines_iter().collect(), true),
        Geometry::Triangle(triangle) => (triangle.to_polygon().lines_iter().collect(), true),
        Geometry::GeometryCollection(_) => return None,
    })
}

/// Says whether a piece has a point of a box.
fn meets(piece: Line<f64>, bounds: &Rect<f64>) -> bool {
    if !super::meet(&piece.bounding_rect(), bounds) {
        return false;
    }
    let (min, max) = (bounds.min(), bounds.max());
    let corners = [min, Coord { x: max.x, y: min.y }, max, Coord { x: min.x, y: max.y }];
    let sides = corners.map(|corner| RobustKernel::orient2d(piece.start, piece.end, corner));
    sides[0] == Orientation::Collinear || sides.iter().any(|side| *side != sides[0])
}
