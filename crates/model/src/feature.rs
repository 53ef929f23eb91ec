//! A feature as the city in memory holds it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AttributeValue, FeatureId, Validity};

/// The one kind of geometry that all features of a layer have.
///
/// Lines and polygons are always the Multi kind, in the database, in tiles and in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GeometryKind {
    /// One position.
    Point,
    /// Any number of lines.
    MultiLineString,
    /// Any number of polygons with holes.
    MultiPolygon,
}

impl fmt::Display for GeometryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Point => "Point",
            Self::MultiLineString => "MultiLineString",
            Self::MultiPolygon => "MultiPolygon",
        })
    }
}

/// One feature of a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Unique within the whole city, stable over re-imports.
    pub id: FeatureId,
    /// Point, MultiLineString or MultiPolygon as the layer says; degrees, EPSG:4326,
    /// x = longitude. `None` where the row has no geometry.
    pub geometry: Option<geo_types::Geometry<f64>>,
    /// One value an attribute, in the order of the layer's definition.
    pub attributes: Vec<AttributeValue>,
    /// When it holds in the world.
    pub validity: Validity,
}
