//! A geometry from WKB to GeoJSON, without anything between.
//!
//! - **In**: WKB (little-endian, any dimensions; x = easting or longitude) of the layer's kind or
//!   of one part of it.
//! - **Out**: the layer's kind, always Multi for lines and polygons; exteriors counter-clockwise
//!   and holes clockwise as they lie on the earth (RFC 7946, 3.1.6).

use urbis_model::{GeometryKind, Ring, WkbReader, wind_ring};

use super::FeatureCrs;
use super::text::put_coordinate;

/// Writes geometries of one kind in one CRS.
#[derive(Debug)]
pub(super) struct GeometryWriter {
    kind: GeometryKind,
    decimals: usize,
    is_north_first: bool,
    ring: Vec<[f64; 2]>,
}

impl GeometryWriter {
    pub(super) const fn new(kind: GeometryKind, crs: FeatureCrs) -> Self {
        let (decimals, is_north_first) = (crs.srid().decimals(), crs.is_north_first());
        Self { kind, decimals, is_north_first, ring: Vec::new() }
    }

    /// Writes a geometry; null where it is empty, of another kind, or has a coordinate that is no
    /// number: it has no place on the map.
    pub(super) fn put(&mut self, text: &mut Vec<u8>, wkb: Option<&[u8]>) {
        let start = text.len();
        if wkb.and_then(|wkb| self.try_put(text, &mut WkbReader::new(wkb))).is_none() {
            text.truncate(start);
            text.extend_from_slice(b"null");
        }
    }

    fn try_put(&mut self, text: &mut Vec<u8>, wkb: &mut WkbReader<'_>) -> Option<()> {
        let (kind, axes) = wkb.header()?;
        let name = self.kind.to_string();
        text.extend_from_slice(br#"{"type":""#);
        text.extend_from_slice(name.as_bytes());
        text.extend_from_slice(br#"","coordinates":"#);
        match (self.kind, kind) {
            (GeometryKind::Point, WkbReader::POINT) => {
                self.put_position(text, wkb.position(axes)?)?
            }
            (GeometryKind::MultiLineString, WkbReader::LINE) => {
                text.push(b'[');
                self.put_line(text, wkb, axes)?;
                text.push(b']');
            }
            (GeometryKind::MultiPolygon, WkbReader::POLYGON) => {
                text.push(b'[');
                self.put_polygon(text, wkb, axes)?;
                text.push(b']');
            }
            (GeometryKind::MultiLineString, WkbReader::MULTI_LINE)
            | (GeometryKind::MultiPolygon, WkbReader::MULTI_POLYGON) => {
                self.put_parts(text, wkb)?
            }
            _ => return None,
        }
        text.push(b'}');
        Some(())
    }

    fn put_parts(&mut self, text: &mut Vec<u8>, wkb: &mut WkbReader<'_>) -> Option<()> {
        // Empty parts say nothing; without any other there is no geometry.
        let mut written = 0;
        for _ in 0..wkb.number()? {
            let (kind, axes) = wkb.header()?;
            if wkb.peek_number()? == 0 {
                wkb.number()?;
                continue;
            }
            text.push(if written == 0 { b'[' } else { b',' });
            match kind {
                WkbReader::LINE => self.put_line(text, wkb, axes)?,
                WkbReader::POLYGON => self.put_polygon(text, wkb, axes)?,
                _ => return None,
            }
            written += 1;
        }
        text.push(b']');
        (written > 0).then_some(())
    }

    fn put_line(&mut self, text: &mut Vec<u8>, wkb: &mut WkbReader<'_>, axes: usize) -> Option<()> {
        let count = wkb.number()?;
        for vertex in 0..count {
            text.push(if vertex == 0 { b'[' } else { b',' });
            self.put_position(text, wkb.position(axes)?)?;
        }
        text.push(b']');
        (count > 0).then_some(())
    }

    fn put_polygon(
        &mut self,
        text: &mut Vec<u8>,
        wkb: &mut WkbReader<'_>,
        axes: usize,
    ) -> Option<()> {
        let count = wkb.number()?;
        for ring in 0..count {
            text.push(if ring == 0 { b'[' } else { b',' });
            self.put_ring(text, wkb, axes, Ring::of_place(ring))?;
        }
        text.push(b']');
        (count > 0).then_some(())
    }

    fn put_ring(
        &mut self,
        text: &mut Vec<u8>,
        wkb: &mut WkbReader<'_>,
        axes: usize,
        kind: Ring,
    ) -> Option<()> {
        let count = wkb.number()?;
        let mut ring = std::mem::take(&mut self.ring);
        ring.clear();
        for _ in 0..count {
            ring.push(wkb.position(axes)?);
        }
        wind_ring(&mut ring, kind);
        for (index, position) in ring.iter().enumerate() {
            text.push(if index == 0 { b'[' } else { b',' });
            self.put_position(text, *position)?;
        }
        text.push(b']');
        self.ring = ring;
        (count > 0).then_some(())
    }

    fn put_position(&self, text: &mut Vec<u8>, [x, y]: [f64; 2]) -> Option<()> {
        let [first, second] = if self.is_north_first { [y, x] } else { [x, y] };
        text.push(b'[');
        put_coordinate(text, first, self.decimals)?;
        text.push(b',');
        put_coordinate(text, second, self.decimals)?;
        text.push(b']');
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use geo_types::{Geometry, LineString, MultiLineString, MultiPolygon, Point, polygon};
    use geozero::{CoordDimensions, ToWkb};

    use super::*;

    fn written(kind: GeometryKind, crs: FeatureCrs, geometry: impl Into<Geometry<f64>>) -> String {
        let wkb = geometry.into().to_wkb(CoordDimensions::xy()).unwrap();
        let mut text = Vec::new();
        GeometryWriter::new(kind, crs).put(&mut text, Some(&wkb));
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn the_axis_order_is_that_of_the_crs() {
        let place = Point::new(108.215, 16.072);
        let text = |crs| written(GeometryKind::Point, crs, place);
        assert_eq!(text(FeatureCrs::Crs84), r#"{"type":"Point","coordinates":[108.215,16.072]}"#);
        assert_eq!(text(FeatureCrs::Wgs84), r#"{"type":"Point","coordinates":[16.072,108.215]}"#);
        let place = Point::new(548_618.066_6, 1_774_844.347);
        let text = written(GeometryKind::Point, FeatureCrs::Vn2000Tm3, place);
        assert_eq!(text, r#"{"type":"Point","coordinates":[548618.067,1774844.347]}"#);
    }

    #[test]
    fn one_part_and_several_are_the_multi_kind() {
        let line = LineString::from(vec![(1.0, 2.0), (3.0, 4.0)]);
        let one = r#"{"type":"MultiLineString","coordinates":[[[1,2],[3,4]]]}"#;
        let kind = GeometryKind::MultiLineString;
        assert_eq!(written(kind, FeatureCrs::Crs84, line.clone()), one);
        let empty = LineString::from(Vec::<(f64, f64)>::new());
        let parts = MultiLineString(vec![empty.clone(), line.clone()]);
        assert_eq!(written(kind, FeatureCrs::Crs84, parts), one);
        let two = r#"{"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[[1,2],[3,4]]]}"#;
        assert_eq!(
            written(kind, FeatureCrs::Crs84, MultiLineString(vec![line.clone(), line])),
            two
        );
        assert_eq!(written(kind, FeatureCrs::Crs84, MultiLineString(vec![empty])), "null");
    }

    #[test]
    fn rings_follow_the_right_hand_rule_also_where_latitude_comes_first() {
        let clockwise = MultiPolygon(vec![polygon!(
            exterior: [(x: 0.0, y: 0.0), (x: 0.0, y: 9.0), (x: 9.0, y: 0.0)],
            interiors: [[(x: 1.0, y: 1.0), (x: 2.0, y: 1.0), (x: 1.0, y: 2.0)]],
        )]);
        let text = |crs| written(GeometryKind::MultiPolygon, crs, clockwise.clone());
        let expected = r#"{"type":"MultiPolygon","coordinates":[[[[0,0],[9,0],[0,9],[0,0]],[[1,1],[1,2],[2,1],[1,1]]]]}"#;
        assert_eq!(text(FeatureCrs::Crs84), expected);
        let expected = r#"{"type":"MultiPolygon","coordinates":[[[[0,0],[0,9],[9,0],[0,0]],[[1,1],[2,1],[1,2],[1,1]]]]}"#;
        assert_eq!(text(FeatureCrs::Wgs84), expected);
    }

    #[test]
    fn what_has_no_place_on_the_map_is_null() {
        let crs = FeatureCrs::Crs84;
        assert_eq!(written(GeometryKind::Point, crs, Point::new(f64::NAN, f64::NAN)), "null");
        assert_eq!(written(GeometryKind::Point, crs, Point::new(f64::INFINITY, 1.0)), "null");
        assert_eq!(written(GeometryKind::MultiPolygon, crs, Point::new(1.0, 1.0)), "null");
        assert_eq!(written(GeometryKind::MultiPolygon, crs, MultiPolygon::<f64>(vec![])), "null");
        let mut text = Vec::new();
        let mut writer = GeometryWriter::new(GeometryKind::Point, crs);
        for wkb in [None, Some(&b""[..]), Some(b"junk"), Some(&[1, 1, 0, 0, 0, 1, 2])] {
            writer.put(&mut text, wkb);
        }
        assert_eq!(text, b"nullnullnullnull");
    }
}
