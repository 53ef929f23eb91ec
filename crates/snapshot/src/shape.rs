//! A geometry on the world grid, in flat arrays.
//!
//! ```text
//! vertices   a b c d | e f g | h i j k
//! paths              4       7         11     one path: a line, or a ring without its last vertex
//! parts                      2         3      one part: a point, a line, or a polygon of paths
//! ```

use urbis_model::{GeometryKind, WorldBox, WorldXy};

mod build;
mod long;
mod output;

pub(crate) use build::ShapeBuilder;
pub(crate) use long::LongPath;
pub(crate) use output::to_geometry;

/// One part of a feature's geometry.
#[derive(Debug, Clone, Copy)]
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
#[derive(Debug, Clone, Copy)]
pub struct Path<'a> {
    vertices: &'a [WorldXy],
    ranks: &'a [u8],
    long: Option<&'a LongPath>,
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
    #[inline]
    pub fn at_zoom(&self, zoom: u8) -> impl Iterator<Item = WorldXy> + use<'a> {
        let ranked = self.vertices.iter().zip(self.ranks);
        ranked.filter(move |(_, rank)| **rank <= zoom).map(|(vertex, _)| *vertex)
    }

    /// The vertices that are kept at a zoom, in order, enough of them to cut the path to `area`:
    /// of a long path, runs of vertices whose box does not meet `area` are reduced to their ends.
    ///
    /// What lies in `area` of the line, or of the ring's inside, is exactly that of
    /// [`Self::at_zoom`].
    pub fn at_zoom_in(&self, zoom: u8, area: WorldBox) -> impl Iterator<Item = WorldXy> + use<'a> {
        let whole = self.long.is_none().then(|| self.at_zoom(zoom));
        let Self { vertices, ranks, .. } = *self;
        let cut = self.long.map(|long| long.at_zoom_in(vertices, ranks, zoom, area));
        whole.into_iter().flatten().chain(cut.into_iter().flatten())
    }
}

/// A polygon: its exterior ring, then its holes.
#[derive(Debug, Clone, Copy)]
pub struct Polygon<'a> {
    shape: Shape<'a>,
    first_path: usize,
    end_path: usize,
}

impl<'a> Polygon<'a> {
    /// The exterior ring, then the holes.
    #[inline]
    pub fn rings(&self) -> impl Iterator<Item = Path<'a>> + use<'a> {
        let Self { shape, first_path, end_path } = *self;
        (first_path..end_path).map(move |path| shape.path(path))
    }

    /// The exterior ring.
    #[inline]
    pub fn exterior(&self) -> Path<'a> {
        self.shape.path(self.first_path)
    }

    /// The holes.
    #[inline]
    pub fn interiors(&self) -> impl Iterator<Item = Path<'a>> + use<'a> {
        self.rings().skip(1)
    }
}

/// Where the paths and parts of a geometry end, counted from its first vertex and path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) paths: Box<[u32]>,
    pub(crate) parts: Box<[u32]>,
}

impl Ends {
    pub(crate) const fn bytes(&self) -> usize {
        (self.paths.len() + self.parts.len()) * size_of::<u32>()
    }
}

/// The geometry of one feature; empty where there is none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape<'a> {
    pub(crate) kind: GeometryKind,
    pub(crate) vertices: &'a [WorldXy],
    /// Parallel to `vertices`; none for points.
    pub(crate) ranks: &'a [u8],
    /// `None` where it is one path at most, or of points.
    pub(crate) ends: Option<&'a Ends>,
    /// Of its chunk.
    pub(crate) long: &'a [LongPath],
    /// Number of its first vertex in the chunk.
    pub(crate) offset: usize,
}

impl<'a> Shape<'a> {
    /// All parts.
    #[inline]
    pub(crate) fn parts(self) -> impl Iterator<Item = Part<'a>> {
        let count = match (self.kind, self.ends) {
            (GeometryKind::Point, _) => self.vertices.len(),
            (_, None) => usize::from(!self.vertices.is_empty()),
            (_, Some(ends)) => ends.parts.len(),
        };
        (0..count).map(move |part| self.part(part))
    }

    #[inline]
    fn part(self, part: usize) -> Part<'a> {
        match self.kind {
            GeometryKind::Point => Part::Point(self.vertices[part]),
            GeometryKind::MultiLineString => Part::Line(self.path(part)),
            GeometryKind::MultiPolygon => {
                let paths = self.ends.map_or(0..1, |ends| span(&ends.parts, part));
                Part::Polygon(Polygon { shape: self, first_path: paths.start, end_path: paths.end })
            }
        }
    }

    #[inline]
    fn path(self, path: usize) -> Path<'a> {
        let span = self.ends.map_or(0..self.vertices.len(), |ends| span(&ends.paths, path));
        let long = LongPath::find(self.long, self.offset + span.start, span.len());
        Path { vertices: &self.vertices[span.clone()], ranks: &self.ranks[span], long }
    }
}

/// The part of an array of ends that belongs to one path or part.
#[inline]
fn span(ends: &[u32], index: usize) -> std::ops::Range<usize> {
    let start = index.checked_sub(1).map_or(0, |before| ends[before]);
    start as usize..ends[index] as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::{Geometry, LineString, MultiPolygon, Point, line_string, polygon};

    /// Vertices and the geometry that comes back.
    fn there_and_back(
        kind: GeometryKind,
        geometry: &Geometry<f64>,
    ) -> (usize, Option<Geometry<f64>>) {
        let mut builder = ShapeBuilder::default();
        builder.add(kind, geometry);
        let (vertices, ends) = (&builder.vertices, builder.to_ends(kind));
        let (ranks, ends) = (&vec![0; vertices.len()][..], ends.as_ref());
        let shape = Shape { kind, vertices, ranks, ends, long: &[], offset: 0 };
        (vertices.len(), to_geometry(shape))
    }

    #[test]
    fn a_polygon_with_a_hole_comes_back_closed() {
        let input: Geometry<f64> = polygon!(
            exterior: [(x: 0.0, y: 0.0), (x: 4.0, y: 0.0), (x: 4.0, y: 4.0)],
            interiors: [[(x: 2.0, y: 1.0), (x: 3.0, y: 1.0), (x: 3.0, y: 2.0)]],
        )
        .into();
        let (_, back) = there_and_back(GeometryKind::MultiPolygon, &input);
        let Some(Geometry::MultiPolygon(back)) = back else { panic!("a polygon") };
        assert_eq!(back.0[0].exterior().0.len(), 4);
        assert_eq!(back.0[0].interiors()[0].0.len(), 4);
        assert!((back.0[0].exterior().0[1].x - 4.0).abs() < 1e-7);
    }

    #[test]
    fn repeated_cells_are_dropped_and_a_degenerate_line_keeps_one() {
        let line: Geometry<f64> =
            line_string![(x: 1.0, y: 1.0), (x: 1.0, y: 1.0), (x: 1.0, y: 1.000000001)].into();
        assert_eq!(there_and_back(GeometryKind::MultiLineString, &line).0, 1);
    }

    #[test]
    fn empty_and_foreign_geometry_gives_no_part() {
        let empty: Geometry<f64> = MultiPolygon::<f64>(vec![]).into();
        let hollow: Geometry<f64> =
            geo_types::Polygon::new(LineString::<f64>(vec![]), vec![]).into();
        let point: Geometry<f64> = Point::new(1.0, 2.0).into();
        for geometry in [empty, hollow, point] {
            assert_eq!(there_and_back(GeometryKind::MultiPolygon, &geometry), (0, None));
        }
    }
}
