//! From degrees to cells: drops what repeats a cell and what is no number.

use geo_types::{Coord, Geometry, LineString, Point};
use urbis_model::{GeometryKind, LonLat, WorldXy};

use super::{Ends, span};

/// Collects the arrays of a geometry.
#[derive(Debug, Default)]
pub(crate) struct ShapeBuilder {
    pub(crate) vertices: Vec<WorldXy>,
    path_ends: Vec<u32>,
    part_ends: Vec<u32>,
}

impl ShapeBuilder {
    /// Starts anew.
    pub(crate) fn clear(&mut self) {
        self.vertices.clear();
        self.path_ends.clear();
        self.part_ends.clear();
    }

    /// Where paths and parts end; `None` where there is one path at most, and for points, each of
    /// which is a part.
    pub(crate) fn to_ends(&self, kind: GeometryKind) -> Option<Ends> {
        let has_several = kind != GeometryKind::Point && self.path_ends.len() > 1;
        let ends = || Ends {
            paths: self.path_ends.as_slice().into(),
            parts: self.part_ends.as_slice().into(),
        };
        has_several.then(ends)
    }

    /// Adds every part that is of the kind.
    pub(crate) fn add(&mut self, kind: GeometryKind, geometry: &Geometry<f64>) {
        use GeometryKind as Kind;
        match (kind, geometry) {
            (_, Geometry::GeometryCollection(all)) => {
                all.iter().for_each(|one| self.add(kind, one))
            }
            (Kind::Point, Geometry::Point(point)) => self.add_point(point),
            (Kind::Point, Geometry::MultiPoint(points)) => {
                points.iter().for_each(|point| self.add_point(point));
            }
            (Kind::MultiLineString, Geometry::Line(line)) => {
                self.add_line(&LineString(vec![line.start, line.end]));
            }
            (Kind::MultiLineString, Geometry::LineString(line)) => self.add_line(line),
            (Kind::MultiLineString, Geometry::MultiLineString(lines)) => {
                lines.iter().for_each(|line| self.add_line(line));
            }
            (Kind::MultiPolygon, Geometry::Polygon(polygon)) => self.add_polygon(polygon),
            (Kind::MultiPolygon, Geometry::MultiPolygon(polygons)) => {
                polygons.iter().for_each(|polygon| self.add_polygon(polygon));
            }
            (Kind::MultiPolygon, Geometry::Rect(rect)) => self.add_polygon(&rect.to_polygon()),
            (Kind::MultiPolygon, Geometry::Triangle(corners)) => {
                self.add_polygon(&corners.to_polygon());
            }
            _ => {}
        }
    }

    fn add_point(&mut self, point: &Point<f64>) {
        if self.push_path(&[point.0]) {
            self.end_part();
        }
    }

    fn add_line(&mut self, line: &LineString<f64>) {
        if self.push_path(&line.0) {
            self.end_part();
        }
    }

    fn add_polygon(&mut self, polygon: &geo_types::Polygon<f64>) {
        if !self.push_ring(polygon.exterior()) {
            return;
        }
        for hole in polygon.interiors() {
            self.push_ring(hole);
        }
        self.end_part();
    }

    fn push_ring(&mut self, ring: &LineString<f64>) -> bool {
        if !self.push_path(&ring.0) {
            return false;
        }
        let start = span(&self.path_ends, self.path_ends.len() - 1).start;
        while self.vertices.len() - start > 1 && self.vertices.last() == Some(&self.vertices[start])
        {
            self.vertices.pop();
        }
        self.set_last_path_end();
        true
    }

    /// Adds the cells of a path without repetition; nothing and `false` where there is none.
    fn push_path(&mut self, coords: &[Coord<f64>]) -> bool {
        let start = self.vertices.len();
        for cell in coords.iter().filter_map(to_cell) {
            if self.vertices.len() == start || self.vertices.last() != Some(&cell) {
                self.vertices.push(cell);
            }
        }
        if self.vertices.len() == start {
            return false;
        }
        self.path_ends.push(0);
        self.set_last_path_end();
        true
    }

    fn set_last_path_end(&mut self) {
        let end = length_u32(self.vertices.len());
        if let Some(last) = self.path_ends.last_mut() {
            *last = end;
        }
    }

    fn end_part(&mut self) {
        self.part_ends.push(length_u32(self.path_ends.len()));
    }
}

fn length_u32(length: usize) -> u32 {
    u32::try_from(length).expect("a geometry of the database is below 1 GB, 2^26 vertices")
}

/// The cell of a coordinate, pulled onto the earth; `None` where it is no number.
fn to_cell(coord: &Coord<f64>) -> Option<WorldXy> {
    let (lon, lat) = (coord.x.clamp(-180.0, 180.0), coord.y.clamp(-90.0, 90.0));
    LonLat::new(lon, lat).ok().map(WorldXy::from_lonlat)
}
