//! Geometry literals and how features relate to them.

use cql2::Expr;
use geo::MapCoords;
use geo::relate::Relate;
use geo::{BoundingRect, CoordsIter, Intersects, Validation};
use geo_types::{Coord, Geometry, Rect};
use urbis_model::Srid;

use crate::MAX_VERTICES;
use crate::error::{FilterError, shown};

mod bbox;
mod outline;

use outline::{Outline, Side};

/// The CRS that geometries of a filter are written in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShapeCrs {
    /// Its EPSG number; 4326 of CRS84, too.
    pub srid: Srid,
    /// Whether the northing or latitude comes first in what is written.
    pub is_north_first: bool,
    /// West, south, east, north of what a filter may name in it, in its own numbers.
    pub reach: [f64; 4],
}

impl ShapeCrs {
    /// Longitude and latitude in degrees, WGS 84.
    pub const CRS84: Self =
        Self { srid: Srid::WGS84, is_north_first: false, reach: [-180.0, -90.0, 180.0, 90.0] };
}

impl Default for ShapeCrs {
    fn default() -> Self {
        Self::CRS84
    }
}

/// How a feature must lie to the literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// They share a point.
    Intersects,
    /// They share none.
    Disjoint,
    /// They are the same points.
    Equals,
    /// Their boundaries share a point, their insides none.
    Touches,
    /// The feature lies within the shape.
    Within,
    /// Of one dimension, they share some of it, and neither holds the other.
    Overlaps,
    /// The feature lies partly within and partly outside, or two lines cross.
    Crosses,
    /// The shape lies within the feature.
    Contains,
}

impl Relation {
    pub(crate) fn of(operator: &str) -> Option<Self> {
        Some(match operator {
            "s_intersects" => Self::Intersects,
            "s_disjoint" => Self::Disjoint,
            "s_equals" => Self::Equals,
            "s_touches" => Self::Touches,
            "s_within" => Self::Within,
            "s_overlaps" => Self::Overlaps,
            "s_crosses" => Self::Crosses,
            "s_contains" => Self::Contains,
            _ => return None,
        })
    }

    /// The same, said of the literal to the feature.
    pub(crate) const fn turned(self) -> Self {
        match self {
            Self::Within => Self::Contains,
            Self::Contains => Self::Within,
            other => other,
        }
    }
}

/// What is said of a place that no feature can be at.
const OUT_OF_REACH: &str = "a place lies outside of the earth or of what its CRS is for; \
                            the axes come in the order of the CRS, longitude first in CRS84";

/// A literal, its box and its outline.
#[derive(Debug, Clone)]
pub struct Shape {
    srid: Srid,
    geometry: Geometry<f64>,
    bounds: Rect<f64>,
    outline: Option<Outline>,
}

impl Shape {
    /// Reads a geometry or a box: easting or longitude first, whatever comes first in the CRS.
    /// Heights are left out.
    pub(crate) fn read(literal: &Expr, crs: ShapeCrs) -> Result<Geometry<f64>, FilterError> {
        let geometry = match literal {
            Expr::BBox { bbox } => return bbox::read(bbox, crs),
            Expr::Geometry(_) => Geometry::try_from(literal.clone()).map_err(invalid)?,
            _ => return Err(invalid("neither a geometry nor a box")),
        };
        Ok(if crs.is_north_first {
            geometry.map_coords(|Coord { x, y }| Coord { x: y, y: x })
        } else {
            geometry
        })
    }

    /// Takes a geometry that a filter may name.
    pub(crate) fn new(geometry: Geometry<f64>, crs: ShapeCrs) -> Result<Self, FilterError> {
        let [west, south, east, north] = crs.reach;
        let is_in_reach = |place: Coord<f64>| {
            (west..=east).contains(&place.x) && (south..=north).contains(&place.y)
        };
        if !geometry.coords_iter().all(is_in_reach) {
            return Err(invalid(OUT_OF_REACH));
        }
        if geometry.coords_count() > MAX_VERTICES {
            return Err(FilterError::TooLarge);
        }
        geometry.check_validation().map_err(invalid)?;
        if areas_in(&geometry) > 1 {
            return Err(invalid("several areas in a collection; MULTIPOLYGON holds areas apart"));
        }
        let bounds = geometry.bounding_rect().ok_or_else(|| invalid("it is empty"))?;
        let outline = Outline::of(&geometry);
        Ok(Self { srid: crs.srid, geometry, bounds, outline })
    }

    /// The EPSG number of the CRS that it is in.
    pub const fn srid(&self) -> Srid {
        self.srid
    }

    /// The geometry; x = longitude or easting.
    pub const fn geometry(&self) -> &Geometry<f64> {
        &self.geometry
    }

    /// Its box, degrees or metres; x = longitude or easting.
    pub const fn bounds(&self) -> Rect<f64> {
        self.bounds
    }

    pub(crate) fn vertices(&self) -> usize {
        self.geometry.coords_count()
    }

    /// Says whether a feature lies so, where its box tells: all of it is on one side.
    pub(crate) fn box_holds(&self, relation: Relation, feature: &Rect<f64>) -> Option<bool> {
        if !meet(feature, &self.bounds) {
            return Some(relation == Relation::Disjoint);
        }
        let side = self.outline.as_ref()?.side_of(feature)?;
        let holding: &[Relation] = match side {
            Side::Inside => &[Relation::Intersects, Relation::Within],
            Side::Outside => &[Relation::Disjoint],
        };
        Some(holding.contains(&relation))
    }

    /// Says whether a feature lies so.
    pub(crate) fn holds(&self, relation: Relation, feature: &Geometry<f64>) -> bool {
        let meets = feature.bounding_rect().is_some_and(|bounds| meet(&bounds, &self.bounds));
        if !meets {
            return relation == Relation::Disjoint;
        }
        // Whether they share a point needs no graph of all that they share, which is the slower
        // the larger a literal is.
        let matrix = || feature.relate(&self.geometry);
        match relation {
            Relation::Intersects => feature.intersects(&self.geometry),
            Relation::Disjoint => !feature.intersects(&self.geometry),
            Relation::Equals => matrix().is_equal_topo(),
            Relation::Touches => matrix().is_touches(),
            Relation::Within => matrix().is_within(),
            Relation::Overlaps => matrix().is_overlaps(),
            Relation::Crosses => matrix().is_crosses(),
            Relation::Contains => matrix().is_contains(),
        }
    }
}

/// Areas of a collection, one in another too: where they overlap, no relation is defined.
pub(crate) fn areas_in(geometry: &Geometry<f64>) -> usize {
    match geometry {
        Geometry::GeometryCollection(several) => several.iter().map(areas_in).sum(),
        Geometry::Polygon(_)
        | Geometry::MultiPolygon(_)
        | Geometry::Rect(_)
        | Geometry::Triangle(_) => 1,
        _ => 0,
    }
}

fn meet(one: &Rect<f64>, other: &Rect<f64>) -> bool {
    one.min().x <= other.max().x
        && other.min().x <= one.max().x
        && one.min().y <= other.max().y
        && other.min().y <= one.max().y
}

fn invalid(detail: impl std::fmt::Display) -> FilterError {
    FilterError::Geometry { detail: shown(&detail.to_string()) }
}
