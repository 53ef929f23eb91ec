//! A geometry on the world grid, in flat arrays.
//!
//! ```text
//! vertices   a b c d | e f g | h i j k
//! path_ends          4       7         11     one path: a line, or a ring without its last vertex
//! part_ends                  2         3      one part: a point, a line, or a polygon of paths
//! ```

use geo_types::Geometry;
use urbis_model::{GeometryKind, WorldBox, WorldXy};

mod build;
mod output;

use build::{ShapeBuilder, span};

/// One part of a feature's geometry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// A position.
    Point(WorldXy),
    /// A line; of one vertex where all its vertices fell into one cell.
    Line(Path<'a>),
    /// A polygon with its holes.
    Polygon(Polygon<'a>),
}

/// A line or a ring: at least one vertex, no two consecutive ones equal.
///
/// A ring does not repeat its first vertex at the end. Nothing is said about its winding, and a
/// ring may have fewer than three vertices where the source was degenerate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path<'a> {
    vertices: &'a [WorldXy],
    ranks: &'a [u8],
}

impl<'a> Path<'a> {
    /// All vertices.
    pub const fn vertices(&self) -> &'a [WorldXy] {
        self.vertices
    }

    /// The smallest zoom at which each vertex is kept, parallel to [`Self::vertices`].
    pub const fn ranks(&self) -> &'a [u8] {
        self.ranks
    }

    /// The vertices that are kept at a zoom, in order.
    pub fn at_zoom(&self, zoom: u8) -> impl Iterator<Item = WorldXy> + use<'a> {
        let ranked = self.vertices.iter().zip(self.ranks);
        ranked.filter(move |(_, rank)| **rank <= zoom).map(|(vertex, _)| *vertex)
    }

    /// The vertices that are kept at a zoom, in order, enough of them to cut the path to `area`:
    /// of a long path, runs of vertices whose box does not meet `area` are reduced to their ends.
    ///
    /// What lies in `area` of the line, or of the ring's inside, is exactly that of
    /// [`Self::at_zoom`].
    pub fn at_zoom_in(&self, zoom: u8, _area: WorldBox) -> impl Iterator<Item = WorldXy> + use<'a> {
        self.at_zoom(zoom)
    }
}

/// A polygon: its exterior ring, then its holes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Polygon<'a> {
    shape: &'a Shape,
    ranks: &'a [u8],
    first_path: usize,
    end_path: usize,
}

impl<'a> Polygon<'a> {
    /// The exterior ring, then the holes.
    pub fn rings(&self) -> impl Iterator<Item = Path<'a>> + use<'a> {
        let Self { shape, ranks, first_path, end_path } = *self;
        (first_path..end_path).map(move |path| shape.path(ranks, path))
    }

    /// The exterior ring.
    pub fn exterior(&self) -> Path<'a> {
        self.shape.path(self.ranks, self.first_path)
    }

    /// The holes.
    pub fn interiors(&self) -> impl Iterator<Item = Path<'a>> + use<'a> {
        self.rings().skip(1)
    }
}

/// The vertices of a geometry and how they make paths and parts; empty where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    kind: GeometryKind,
    vertices: Box<[WorldXy]>,
    path_ends: Box<[u32]>,
    part_ends: Box<[u32]>,
}

impl Shape {
    /// Puts a geometry on the grid; what is not of the layer's kind is left out.
    pub(crate) fn new(kind: GeometryKind, geometry: Option<&Geometry<f64>>) -> Self {
        let mut builder = ShapeBuilder::default();
        if let Some(geometry) = geometry {
            builder.add(kind, geometry);
        }
        Self {
            kind,
            vertices: builder.vertices.into(),
            path_ends: builder.path_ends.into(),
            part_ends: builder.part_ends.into(),
        }
    }

    pub(crate) const fn kind(&self) -> GeometryKind {
        self.kind
    }

    pub(crate) fn vertices(&self) -> &[WorldXy] {
        &self.vertices
    }

    pub(crate) fn path_ends(&self) -> &[u32] {
        &self.path_ends
    }

    pub(crate) fn part_ends(&self) -> &[u32] {
        &self.part_ends
    }

    pub(crate) fn world_box(&self) -> Option<WorldBox> {
        WorldBox::around(self.vertices.iter().copied())
    }

    /// The vertices of each path, in order.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &[WorldXy]> {
        (0..self.path_ends.len()).map(|path| &self.vertices[span(&self.path_ends, path)])
    }

    /// All parts, with the ranks of their vertices.
    pub(crate) fn parts<'a>(&'a self, ranks: &'a [u8]) -> impl Iterator<Item = Part<'a>> {
        (0..self.part_ends.len()).map(move |part| self.part(ranks, part))
    }

    fn part<'a>(&'a self, ranks: &'a [u8], part: usize) -> Part<'a> {
        let paths = span(&self.part_ends, part);
        match self.kind {
            GeometryKind::Point => Part::Point(self.path(ranks, paths.start).vertices[0]),
            GeometryKind::MultiLineString => Part::Line(self.path(ranks, paths.start)),
            GeometryKind::MultiPolygon => Part::Polygon(Polygon {
                shape: self,
                ranks,
                first_path: paths.start,
                end_path: paths.end,
            }),
        }
    }

    fn path<'a>(&'a self, ranks: &'a [u8], path: usize) -> Path<'a> {
        let vertices = span(&self.path_ends, path);
        Path { vertices: &self.vertices[vertices.clone()], ranks: &ranks[vertices] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::{LineString, MultiPolygon, Point, line_string, polygon};

    #[test]
    fn a_polygon_with_a_hole_comes_back_closed() {
        let input: Geometry<f64> = polygon!(
            exterior: [(x: 0.0, y: 0.0), (x: 4.0, y: 0.0), (x: 4.0, y: 4.0)],
            interiors: [[(x: 2.0, y: 1.0), (x: 3.0, y: 1.0), (x: 3.0, y: 2.0)]],
        )
        .into();
        let shape = Shape::new(GeometryKind::MultiPolygon, Some(&input));
        let Some(Geometry::MultiPolygon(back)) = shape.to_geometry() else { panic!("a polygon") };
        assert_eq!(back.0[0].exterior().0.len(), 4);
        assert_eq!(back.0[0].interiors()[0].0.len(), 4);
        assert!((back.0[0].exterior().0[1].x - 4.0).abs() < 1e-7);
    }

    #[test]
    fn repeated_cells_are_dropped_and_a_degenerate_line_keeps_one() {
        let line: Geometry<f64> =
            line_string![(x: 1.0, y: 1.0), (x: 1.0, y: 1.0), (x: 1.0, y: 1.000000001)].into();
        let shape = Shape::new(GeometryKind::MultiLineString, Some(&line));
        assert_eq!(shape.vertices().len(), 1);
    }

    #[test]
    fn empty_and_foreign_geometry_gives_no_part() {
        let empty: Geometry<f64> = MultiPolygon::<f64>(vec![]).into();
        let hollow: Geometry<f64> =
            geo_types::Polygon::new(LineString::<f64>(vec![]), vec![]).into();
        let point: Geometry<f64> = Point::new(1.0, 2.0).into();
        for geometry in [None, Some(&empty), Some(&hollow), Some(&point)] {
            let shape = Shape::new(GeometryKind::MultiPolygon, geometry);
            assert!(shape.part_ends().is_empty());
            assert_eq!(shape.to_geometry(), None);
        }
    }
}
