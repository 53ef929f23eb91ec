//! Geometry literals and how features relate to them.

use cql2::Expr;
use geo::relate::Relate;
use geo::{BoundingRect, CoordsIter, Intersects, Validation};
use geo_types::{Coord, Geometry, Rect};

use crate::MAX_VERTICES;
use crate::error::{FilterError, shown};

mod outline;

use outline::{Outline, Side};

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

/// A literal, its box and its outline.
#[derive(Debug, Clone)]
pub struct Shape {
    geometry: Geometry<f64>,
    bounds: Rect<f64>,
    outline: Option<Outline>,
}

impl Shape {
    /// Reads a geometry or a box.
    pub(crate) fn of(literal: &Expr) -> Result<Self, FilterError> {
        if !matches!(literal, Expr::Geometry(_) | Expr::BBox { .. }) {
            return Err(invalid("neither a geometry nor a box"));
        }
        let geometry = Geometry::try_from(literal.clone()).map_err(invalid)?;
        if !geometry.coords_iter().all(is_on_earth) {
            return Err(invalid("a place lies outside of the earth; longitude comes first"));
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
        Ok(Self { geometry, bounds, outline })
    }

    /// The geometry: EPSG:4326, x = longitude.
    pub const fn geometry(&self) -> &Geometry<f64> {
        &self.geometry
    }

    /// Its box, degrees; x = longitude.
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

fn is_on_earth(place: Coord<f64>) -> bool {
    place.x.abs() <= 180.0 && place.y.abs() <= 90.0
}

/// Areas of a collection, one in another too: where they overlap, no relation is defined.
fn areas_in(geometry: &Geometry<f64>) -> usize {
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
