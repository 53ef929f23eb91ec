//! Relations of geometries: of a feature to a literal, of two literals, of a feature to itself.

use cql2::Expr;
use geo_types::Geometry;

use super::{Checker, GEOMETRY, two, wrong};
use crate::condition::Condition;
use crate::error::FilterError;
use crate::shape::{Relation, Shape, areas_in};
use crate::{MAX_NODES, MAX_VERTICES};

/// Says whether an expression is the property of a feature's geometry.
pub(super) fn is_geometry(expr: &Expr) -> bool {
    matches!(expr, Expr::Property { property } if GEOMETRY.contains(&property.as_str()))
}

const fn is_literal(expr: &Expr) -> bool {
    matches!(expr, Expr::Geometry(_) | Expr::BBox { .. })
}

impl Checker<'_> {
    pub(super) fn spatial(
        &mut self,
        name: &str,
        relation: Relation,
        args: &[Box<Expr>],
    ) -> Result<Condition, FilterError> {
        match two(name, args)? {
            [one, other] if is_geometry(one) && is_geometry(other) => Ok(to_itself(relation)),
            [property, literal] if is_geometry(property) && is_literal(literal) => {
                self.beside_literal(relation, literal)
            }
            [literal, property] if is_geometry(property) && is_literal(literal) => {
                self.beside_literal(relation.turned(), literal)
            }
            [one, other] if is_literal(one) && is_literal(other) => {
                let (one, other) = (self.shape(one)?, self.shape(other)?);
                Ok(Condition::Always(other.holds(relation, one.geometry())))
            }
            _ => Err(wrong(name, "the property 'geom' and a geometry, or two of either", "others")),
        }
    }

    /// Reads a geometry or a box, and counts its vertices.
    pub(super) fn shape(&mut self, literal: &Expr) -> Result<Shape, FilterError> {
        let geometry = Shape::read(literal, self.crs)?;
        self.checked(geometry)
    }

    fn checked(&mut self, geometry: Geometry<f64>) -> Result<Shape, FilterError> {
        let shape = Shape::new(geometry, self.crs)?;
        self.vertices += shape.vertices();
        if self.vertices > MAX_VERTICES { Err(FilterError::TooLarge) } else { Ok(shape) }
    }

    fn beside_literal(
        &mut self,
        relation: Relation,
        literal: &Expr,
    ) -> Result<Condition, FilterError> {
        let geometry = Shape::read(literal, self.crs)?;
        let is_by_members = matches!(relation, Relation::Intersects | Relation::Disjoint);
        let members = match geometry {
            // Where its areas overlap, only what is asked of each of them has an answer.
            several if is_by_members && areas_in(&several) > 1 => match several {
                Geometry::GeometryCollection(members) => members.0,
                one => vec![one],
            },
            whole => {
                let shape = Box::new(self.checked(whole)?);
                return Ok(Condition::Spatial { relation, shape });
            }
        };
        self.nodes += members.len();
        if self.nodes > MAX_NODES {
            return Err(FilterError::TooLarge);
        }
        let meets = members.into_iter().map(|member| {
            let shape = Box::new(self.checked(member)?);
            Ok(Condition::Spatial { relation: Relation::Intersects, shape })
        });
        let meets = Condition::Any(meets.collect::<Result<_, FilterError>>()?);
        Ok(if relation == Relation::Disjoint { Condition::Not(Box::new(meets)) } else { meets })
    }
}

/// Every geometry holds itself and meets itself in all of it.
fn to_itself(relation: Relation) -> Condition {
    let is_so = Condition::Somewhere;
    match relation {
        Relation::Intersects | Relation::Equals | Relation::Within | Relation::Contains => is_so,
        Relation::Disjoint | Relation::Touches | Relation::Overlaps | Relation::Crosses => {
            Condition::Not(Box::new(is_so))
        }
    }
}
