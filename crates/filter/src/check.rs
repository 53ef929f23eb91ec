//! From the parsed form to a condition on one layer: every property must be there, every value of
//! its kind.

mod kind;
mod operand;
mod spatial;
mod temporal;

use cql2::Expr;
use urbis_catalog::Layer;
use urbis_model::Openness;

use crate::compare::Comparison;
use crate::condition::{Condition, Operand, Source};
use crate::error::{FilterError, shown};
use crate::pattern::Pattern;
use crate::shape::Relation;
use crate::{MAX_DEPTH, MAX_NODES, ShapeCrs};

/// The property of a feature's geometry, as filters and GeoJSON call it.
const GEOMETRY: [&str; 2] = ["geom", "geometry"];

/// Checks one filter.
pub(crate) struct Checker<'a> {
    layer: &'a Layer,
    class: Openness,
    crs: ShapeCrs,
    nodes: usize,
    vertices: usize,
}

impl<'a> Checker<'a> {
    pub(crate) const fn new(layer: &'a Layer, class: Openness, crs: ShapeCrs) -> Self {
        Self { layer, class, crs, nodes: 0, vertices: 0 }
    }

    /// Reads what must hold.
    pub(crate) fn condition(
        &mut self,
        expr: &Expr,
        depth: usize,
    ) -> Result<Condition, FilterError> {
        self.count(depth)?;
        match expr {
            Expr::Bool(truth) => Ok(Condition::Always(*truth)),
            Expr::Operation { op, args } => self.operation(op, args, depth + 1),
            Expr::Property { .. } => {
                let operand = self.operand(expr, depth + 1)?;
                self.want_kind(&operand, kind::Kind::Bool, "a condition")?;
                Ok(Condition::Holds(operand))
            }
            _ => Err(wrong("the filter", "a condition", kind::name_of(expr))),
        }
    }

    fn operation(
        &mut self,
        name: &str,
        args: &[Box<Expr>],
        depth: usize,
    ) -> Result<Condition, FilterError> {
        if let Some(comparison) = Comparison::of(name) {
            let [left, right] = two(name, args)?;
            let (left, right) = (self.operand(left, depth)?, self.operand(right, depth)?);
            return self.compare(left, comparison, right);
        }
        if let Some(relation) = Relation::of(name) {
            return self.spatial(name, relation, args);
        }
        if let Some(relation) = temporal::Relation::of(name) {
            return self.temporal(name, relation, args, depth);
        }
        match name {
            "and" => Ok(Condition::All(self.conditions(args, depth)?)),
            "or" => Ok(Condition::Any(self.conditions(args, depth)?)),
            "not" => {
                let [inner] = one(name, args)?;
                Ok(Condition::Not(Box::new(self.condition(inner, depth)?)))
            }
            "isNull" => {
                let [operand] = one(name, args)?;
                self.is_null(operand, depth)
            }
            "like" => self.like(args, depth),
            "between" => self.between(args, depth),
            "in" => self.one_of(args, depth),
            other => Err(FilterError::Unsupported { name: shown(other) }),
        }
    }

    fn conditions(
        &mut self,
        args: &[Box<Expr>],
        depth: usize,
    ) -> Result<Vec<Condition>, FilterError> {
        args.iter().map(|arg| self.condition(arg, depth)).collect()
    }

    fn compare(
        &self,
        left: Operand,
        comparison: Comparison,
        right: Operand,
    ) -> Result<Condition, FilterError> {
        let (left, right) = self.alike(left, right)?;
        Ok(Condition::Compare { left, comparison, right })
    }

    fn like(&mut self, args: &[Box<Expr>], depth: usize) -> Result<Condition, FilterError> {
        let [operand, pattern] = two("like", args)?;
        let (operand, pattern) = (self.operand(operand, depth)?, self.operand(pattern, depth)?);
        self.want_kind(&operand, kind::Kind::Text, "a text")?;
        let Source::Text(text) = &pattern.source else {
            return Err(wrong("like", "a text and a pattern", "no text as the pattern"));
        };
        let folding = operand.folding.with(pattern.folding);
        let pattern = Pattern::new(&folding.fold(text));
        Ok(Condition::Like { operand: Operand { folding, ..operand }, pattern })
    }

    fn between(&mut self, args: &[Box<Expr>], depth: usize) -> Result<Condition, FilterError> {
        let [value, low, high] = args else {
            return Err(wrong("between", "three operands", "another number"));
        };
        let value = self.operand(value, depth)?;
        let (low, high) = (self.operand(low, depth)?, self.operand(high, depth)?);
        let from = self.compare(value.clone(), Comparison::GreaterOrEqual, low)?;
        let to = self.compare(value, Comparison::LessOrEqual, high)?;
        Ok(Condition::All(vec![from, to]))
    }

    fn one_of(&mut self, args: &[Box<Expr>], depth: usize) -> Result<Condition, FilterError> {
        let [operand, list] = two("in", args)?;
        let Expr::Array(items) = list else {
            return Err(wrong("in", "a value and a list", kind::name_of(list)));
        };
        let operand = self.operand(operand, depth)?;
        let equals = items.iter().map(|item| {
            self.count(depth)?;
            let item = self.operand(item, depth)?;
            self.compare(operand.clone(), Comparison::Equal, item)
        });
        Ok(Condition::Any(equals.collect::<Result<_, _>>()?))
    }

    /// Whatever has a value may lack it: also a geometry, an interval, a condition.
    fn is_null(&mut self, expr: &Expr, depth: usize) -> Result<Condition, FilterError> {
        match expr {
            _ if spatial::is_geometry(expr) => {
                self.count(depth)?;
                Ok(Condition::Unknown(Box::new(Condition::Somewhere)))
            }
            Expr::Geometry(_) | Expr::BBox { .. } => {
                self.shape(expr)?;
                Ok(Condition::Always(false))
            }
            Expr::Interval { interval } => {
                let bounds = interval.iter().map(|bound| self.is_null(bound, depth + 1));
                Ok(Condition::Any(bounds.collect::<Result<_, _>>()?))
            }
            Expr::Operation { op, .. } if operand::is_condition(op) => {
                let condition = self.condition(expr, depth)?;
                Ok(Condition::Unknown(Box::new(condition)))
            }
            _ => Ok(Condition::IsNull(self.operand(expr, depth)?)),
        }
    }

    /// One part more, that deep.
    fn count(&mut self, depth: usize) -> Result<(), FilterError> {
        self.nodes += 1;
        if depth > MAX_DEPTH {
            return Err(FilterError::TooDeep);
        }
        if self.nodes > MAX_NODES { Err(FilterError::TooLarge) } else { Ok(()) }
    }
}

fn one<'e>(name: &str, args: &'e [Box<Expr>]) -> Result<[&'e Expr; 1], FilterError> {
    let [arg] = args else { return Err(wrong(name, "one operand", "another number")) };
    Ok([arg])
}

fn two<'e>(name: &str, args: &'e [Box<Expr>]) -> Result<[&'e Expr; 2], FilterError> {
    let [left, right] = args else { return Err(wrong(name, "two operands", "another number")) };
    Ok([left, right])
}

fn wrong(operator: &str, wanted: &'static str, found: &'static str) -> FilterError {
    FilterError::Operand { operator: shown(operator), wanted, found }
}
