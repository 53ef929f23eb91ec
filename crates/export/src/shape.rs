//! A geometry between WKB and the formats: flat coordinates, and where each line, ring and part ends.

use urbis_model::{GeometryKind, Ring, WkbReader, wind_ring};

/// A geometry of a layer's kind. Kept and filled again: no feature allocates anew.
///
/// ```text
/// xy      0 1 2 3 | 4 5 6 7 | 8 9 10 11     vertices, x before y
/// lines        4         8           12     ends of lines or rings in xy
/// parts                  2            3     ends of polygons in lines
/// ```
///
/// Exteriors go counter-clockwise and holes clockwise (RFC 7946, 3.1.6).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shape {
    pub(crate) xy: Vec<[f64; 2]>,
    pub(crate) lines: Vec<usize>,
    pub(crate) parts: Vec<usize>,
}

impl Shape {
    /// Reads a geometry of a kind or of one part of it; says whether there is one. What is empty,
    /// of another kind, or has a coordinate that is no number is none: it has no place on the map.
    pub fn read(&mut self, kind: GeometryKind, wkb: Option<&[u8]>) -> bool {
        self.xy.clear();
        self.lines.clear();
        self.parts.clear();
        wkb.and_then(|wkb| self.try_read(kind, &mut WkbReader::new(wkb))).is_some()
    }

    fn try_read(&mut self, kind: GeometryKind, wkb: &mut WkbReader<'_>) -> Option<()> {
        let (found, axes) = wkb.header()?;
        match (kind, found) {
            (GeometryKind::Point, WkbReader::POINT) => self.xy.push(wkb.position(axes)?),
            (GeometryKind::MultiLineString, WkbReader::LINE) => self.read_line(wkb, axes)?,
            (GeometryKind::MultiPolygon, WkbReader::POLYGON) => self.read_polygon(wkb, axes)?,
            (GeometryKind::MultiLineString, WkbReader::MULTI_LINE)
            | (GeometryKind::MultiPolygon, WkbReader::MULTI_POLYGON) => {
                for _ in 0..wkb.number()? {
                    match wkb.header()? {
                        (WkbReader::LINE, axes) => self.read_line(wkb, axes)?,
                        (WkbReader::POLYGON, axes) => self.read_polygon(wkb, axes)?,
                        _ => return None,
                    }
                }
            }
            _ => return None,
        }
        (!self.xy.is_empty()).then_some(())
    }

    fn read_line(&mut self, wkb: &mut WkbReader<'_>, axes: usize) -> Option<()> {
        for _ in 0..wkb.number()? {
            self.xy.push(wkb.position(axes)?);
        }
        // An empty one says nothing.
        if self.xy.len() > self.lines.last().copied().unwrap_or(0) {
            self.lines.push(self.xy.len());
        }
        Some(())
    }

    fn read_polygon(&mut self, wkb: &mut WkbReader<'_>, axes: usize) -> Option<()> {
        let first = self.lines.len();
        for ring in 0..wkb.number()? {
            let start = self.xy.len();
            self.read_line(wkb, axes)?;
            wind_ring(&mut self.xy[start..], Ring::of_place(ring));
        }
        if self.lines.len() > first {
            self.parts.push(self.lines.len());
        }
        Some(())
    }

    /// West, south, east, north; `None` where there is nothing.
    pub(crate) fn bounds(&self) -> Option<[f64; 4]> {
        let [x, y] = *self.xy.first()?;
        let grow = |[west, south, east, north]: [f64; 4], [x, y]: &[f64; 2]| {
            [west.min(*x), south.min(*y), east.max(*x), north.max(*y)]
        };
        Some(self.xy.iter().fold([x, y, x, y], grow))
    }

    /// The vertices of each line or ring.
    pub(crate) fn each_line(&self) -> impl Iterator<Item = &[[f64; 2]]> {
        pieces(&self.lines, 0).map(|(start, end)| &self.xy[start..end])
    }

    /// The rings of each polygon.
    pub(crate) fn each_polygon(
        &self,
    ) -> impl Iterator<Item = impl Iterator<Item = &[[f64; 2]]> + Clone> {
        pieces(&self.parts, 0).map(|(first, last)| {
            let before = if first == 0 { 0 } else { self.lines[first - 1] };
            pieces(&self.lines[first..last], before).map(|(start, end)| &self.xy[start..end])
        })
    }

    /// Little-endian WKB of two dimensions, of the kind that was read.
    pub fn to_wkb(&self, kind: GeometryKind) -> Vec<u8> {
        let mut wkb = Vec::with_capacity(32 + self.xy.len() * 16);
        match kind {
            GeometryKind::Point => {
                put_header(&mut wkb, WkbReader::POINT);
                self.xy.iter().for_each(|vertex| put_vertex(&mut wkb, vertex));
            }
            GeometryKind::MultiLineString => {
                put_header(&mut wkb, WkbReader::MULTI_LINE);
                put_count(&mut wkb, self.lines.len());
                for line in self.each_line() {
                    put_header(&mut wkb, WkbReader::LINE);
                    put_vertices(&mut wkb, line);
                }
            }
            GeometryKind::MultiPolygon => {
                put_header(&mut wkb, WkbReader::MULTI_POLYGON);
                put_count(&mut wkb, self.parts.len());
                for rings in self.each_polygon() {
                    put_header(&mut wkb, WkbReader::POLYGON);
                    put_count(&mut wkb, rings.clone().count());
                    rings.for_each(|ring| put_vertices(&mut wkb, ring));
                }
            }
        }
        wkb
    }
}

/// Start and end of each piece, by the ends; the first starts at `start`.
fn pieces(ends: &[usize], start: usize) -> impl Iterator<Item = (usize, usize)> + Clone {
    let starts = std::iter::once(start).chain(ends.iter().copied());
    starts.zip(ends.iter().copied())
}

fn put_header(wkb: &mut Vec<u8>, kind: u32) {
    wkb.push(1);
    wkb.extend_from_slice(&kind.to_le_bytes());
}

fn put_count(wkb: &mut Vec<u8>, count: usize) {
    // No WKB that was read has more.
    wkb.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

fn put_vertices(wkb: &mut Vec<u8>, vertices: &[[f64; 2]]) {
    put_count(wkb, vertices.len());
    vertices.iter().for_each(|vertex| put_vertex(wkb, vertex));
}

fn put_vertex(wkb: &mut Vec<u8>, [x, y]: &[f64; 2]) {
    wkb.extend_from_slice(&x.to_le_bytes());
    wkb.extend_from_slice(&y.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use geo_types::{Geometry, LineString, MultiLineString, MultiPolygon, Point, polygon};
    use geozero::wkb::Wkb;
    use geozero::{CoordDimensions, ToGeo, ToWkb};

    use super::*;

    fn again(kind: GeometryKind, geometry: impl Into<Geometry<f64>>) -> Option<Geometry<f64>> {
        let wkb = geometry.into().to_wkb(CoordDimensions::xy()).unwrap();
        let mut shape = Shape::default();
        // Kept and filled again: nothing of what was there before stays.
        let junk = Point::new(9.0, 9.0);
        shape.read(
            GeometryKind::Point,
            Some(&Geometry::from(junk).to_wkb(CoordDimensions::xy()).unwrap()),
        );
        shape.read(kind, Some(&wkb)).then(|| Wkb(shape.to_wkb(kind)).to_geo().unwrap())
    }

    #[test]
    fn a_geometry_comes_back_as_the_multi_kind_with_its_rings_turned_right() {
        let clockwise = polygon!(
            exterior: [(x: 0.0, y: 0.0), (x: 0.0, y: 9.0), (x: 9.0, y: 0.0)],
            interiors: [[(x: 1.0, y: 1.0), (x: 2.0, y: 1.0), (x: 1.0, y: 2.0)]],
        );
        let right = polygon!(
            exterior: [(x: 0.0, y: 0.0), (x: 9.0, y: 0.0), (x: 0.0, y: 9.0)],
            interiors: [[(x: 1.0, y: 1.0), (x: 1.0, y: 2.0), (x: 2.0, y: 1.0)]],
        );
        let kind = GeometryKind::MultiPolygon;
        let expected = Geometry::from(MultiPolygon(vec![right.clone()]));
        assert_eq!(again(kind, clockwise.clone()), Some(expected));
        let expected = Geometry::from(MultiPolygon(vec![right.clone(), right]));
        assert_eq!(again(kind, MultiPolygon(vec![clockwise.clone(), clockwise])), Some(expected));
        let line = LineString::from(vec![(1.0, 2.0), (3.0, 4.0)]);
        let empty = LineString::from(Vec::<(f64, f64)>::new());
        let expected = Geometry::from(MultiLineString(vec![line.clone()]));
        let kind = GeometryKind::MultiLineString;
        assert_eq!(again(kind, line.clone()), Some(expected.clone()));
        assert_eq!(again(kind, MultiLineString(vec![empty.clone(), line])), Some(expected));
        assert_eq!(again(kind, MultiLineString(vec![empty])), None);
    }

    #[test]
    fn what_has_no_place_on_the_map_is_no_geometry() {
        let kind = GeometryKind::Point;
        assert_eq!(again(kind, Point::new(f64::NAN, f64::NAN)), None);
        assert_eq!(again(GeometryKind::MultiPolygon, Point::new(1.0, 1.0)), None);
        let mut shape = Shape::default();
        for wkb in [None, Some(&b""[..]), Some(b"junk"), Some(&[1, 1, 0, 0, 0, 1, 2])] {
            assert!(!shape.read(kind, wkb));
        }
    }
}
