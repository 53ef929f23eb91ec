//! Turns rows into features.

use std::collections::HashMap;
use std::sync::Arc;

use geo_types::Geometry;
use geo_types::coord;
use geozero::ToGeo;
use geozero::wkb::Wkb;
use sqlx::Row;
use sqlx::postgres::PgRow;
use urbis_catalog::{AttributeType, Layer};
use urbis_model::{AttributeValue, Feature, FeatureId};

use crate::StoreError;
use crate::error::while_doing;
use crate::instant::read_validity;

/// First attribute in the rows of [`crate::layer_sql::LayerSql::read_features`].
const FIRST_ATTRIBUTE: usize = 4;

/// `valid_from` in those rows; `valid_to` follows.
const VALID_FROM: usize = 2;

/// Reads features of one layer out of rows; equal codes share one text.
#[derive(Debug)]
pub(crate) struct FeatureReader<'a> {
    layer: &'a Layer,
    codes: HashMap<String, Arc<str>>,
}

impl<'a> FeatureReader<'a> {
    pub(crate) fn new(layer: &'a Layer) -> Self {
        Self { layer, codes: HashMap::new() }
    }

    /// Reads one row of [`crate::layer_sql::LayerSql::read_features`].
    pub(crate) fn read(&mut self, row: &PgRow) -> Result<Feature, StoreError> {
        let id: i64 = row.try_get(0).map_err(while_doing("reading a feature id"))?;
        let invalid = |what| StoreError::StoredValueInvalid {
            layer: self.layer.id.clone(),
            feature_id: id,
            what,
        };
        let wkb: Option<&[u8]> = row.try_get(1).map_err(while_doing("reading a geometry"))?;
        let geometry = match wkb {
            Some(wkb) => read_geometry(wkb).map_err(|()| invalid("a geometry that is no WKB"))?,
            None => None,
        };
        let validity = read_validity(row, VALID_FROM).map_err(while_doing("reading a validity"))?;
        let id = FeatureId::new(id).map_err(|_| invalid("an id out of range"))?;
        let layer = self.layer;
        let kinds = layer.attributes.iter().map(|attribute| attribute.kind).enumerate();
        let attributes = kinds
            .map(|(index, kind)| self.read_value(row, FIRST_ATTRIBUTE + index, kind))
            .collect::<Result<_, _>>()
            .map_err(while_doing("reading an attribute"))?;
        Ok(Feature { id, geometry, attributes, validity })
    }

    fn read_value(
        &mut self,
        row: &PgRow,
        column: usize,
        kind: AttributeType,
    ) -> Result<AttributeValue, sqlx::Error> {
        let value = match kind {
            AttributeType::Integer => row.try_get::<Option<_>, _>(column)?.map(AttributeValue::Int),
            AttributeType::Boolean => {
                row.try_get::<Option<_>, _>(column)?.map(AttributeValue::Bool)
            }
            AttributeType::Float => row
                .try_get::<Option<f64>, _>(column)?
                .filter(|number| number.is_finite())
                .map(AttributeValue::Float),
            AttributeType::Code | AttributeType::Codes => row
                .try_get::<Option<&str>, _>(column)?
                .map(|code| AttributeValue::Text(self.intern(code))),
            AttributeType::Text | AttributeType::Date | AttributeType::Datetime => {
                row.try_get::<Option<&str>, _>(column)?.map(AttributeValue::text)
            }
        };
        Ok(value.unwrap_or(AttributeValue::Null))
    }

    fn intern(&mut self, code: &str) -> Arc<str> {
        if let Some(known) = self.codes.get(code) {
            return Arc::clone(known);
        }
        let text: Arc<str> = code.into();
        self.codes.insert(code.to_owned(), Arc::clone(&text));
        text
    }
}

/// Reads WKB; an empty geometry, or one with a coordinate that is no number, is none: it has no
/// place on the map.
fn read_geometry(wkb: &[u8]) -> Result<Option<Geometry<f64>>, ()> {
    // An empty point is spelled with coordinates that are not numbers, and geozero refuses it.
    const EMPTY_POINT: [u8; 5] = [1, 1, 0, 0, 0];
    if wkb.starts_with(&EMPTY_POINT) {
        return Ok(read_point(wkb));
    }
    let geometry = Wkb(wkb.to_vec()).to_geo().map_err(|_| ())?;
    let mut vertices = 0_usize;
    let is_finite = every_vertex(&geometry, &mut |x, y| {
        vertices += 1;
        x.is_finite() && y.is_finite()
    });
    Ok((is_finite && vertices > 0).then_some(geometry))
}

fn read_point(wkb: &[u8]) -> Option<Geometry<f64>> {
    let axis = |from: usize| {
        let bytes: [u8; 8] = wkb.get(from..from + 8)?.try_into().ok()?;
        Some(f64::from_le_bytes(bytes)).filter(|number| number.is_finite())
    };
    let place = coord! { x: axis(5)?, y: axis(13)? };
    Some(Geometry::Point(place.into()))
}

/// Says whether a test holds for every vertex of a line or polygon.
fn every_vertex(geometry: &Geometry<f64>, test: &mut impl FnMut(f64, f64) -> bool) -> bool {
    match geometry {
        Geometry::MultiLineString(lines) => {
            lines.iter().all(|line| line.coords().all(|place| test(place.x, place.y)))
        }
        Geometry::MultiPolygon(polygons) => polygons.iter().all(|polygon| {
            std::iter::once(polygon.exterior())
                .chain(polygon.interiors())
                .all(|ring| ring.coords().all(|place| test(place.x, place.y)))
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(x: f64, y: f64) -> Vec<u8> {
        let mut wkb = vec![1, 1, 0, 0, 0];
        wkb.extend(x.to_le_bytes());
        wkb.extend(y.to_le_bytes());
        wkb
    }

    #[test]
    fn an_empty_point_is_no_geometry() {
        assert_eq!(read_geometry(&point(f64::NAN, f64::NAN)), Ok(None));
        let expected = Geometry::Point(coord! { x: 108.2, y: 16.1 }.into());
        assert_eq!(read_geometry(&point(108.2, 16.1)), Ok(Some(expected)));
    }

    #[test]
    fn an_empty_multi_polygon_is_no_geometry() {
        assert_eq!(read_geometry(&[1, 6, 0, 0, 0, 0, 0, 0, 0]), Ok(None));
    }

    #[test]
    fn bytes_that_are_no_wkb_are_refused() {
        assert_eq!(read_geometry(b"junk"), Err(()));
    }
}
