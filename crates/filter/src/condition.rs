//! A filter that was checked: what it asks of a record.

use urbis_model::Value;

use crate::Record;
use crate::compare::{Comparison, order};
use crate::fold::Folding;
use crate::pattern::Pattern;
use crate::shape::{Relation, Shape};

/// A condition; its truth is unknown (`None`) where a value is absent.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    Always(bool),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Compare {
        left: Operand,
        comparison: Comparison,
        right: Operand,
    },
    Like {
        operand: Operand,
        pattern: Pattern,
    },
    IsNull(Operand),
    /// A property of truth itself.
    Holds(Operand),
    Spatial {
        relation: Relation,
        shape: Box<Shape>,
    },
}

/// What is compared.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Operand {
    pub(crate) source: Source,
    pub(crate) folding: Folding,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Source {
    /// By its place in the layer's definition.
    Attribute(usize),
    Text(String),
    Number(f64),
    Bool(bool),
}

impl Operand {
    /// Gives the value, folded, to `read`.
    fn with<T>(&self, record: &impl Record, read: impl FnOnce(Value<'_>) -> T) -> T {
        let value = match &self.source {
            Source::Attribute(index) => record.value(*index),
            Source::Text(text) => Value::Text(text),
            Source::Number(number) => Value::Float(*number),
            Source::Bool(truth) => Value::Bool(*truth),
        };
        match value {
            Value::Text(text) if self.folding != Folding::default() => {
                read(Value::Text(&self.folding.fold(text)))
            }
            value => read(value),
        }
    }
}

impl Condition {
    /// Whether it holds of a record; `None` where that is unknown.
    pub(crate) fn truth(&self, record: &impl Record) -> Option<bool> {
        match self {
            Self::Always(truth) => Some(*truth),
            Self::All(conditions) => decide(conditions, record, false),
            Self::Any(conditions) => decide(conditions, record, true),
            Self::Not(condition) => condition.truth(record).map(|truth| !truth),
            Self::Compare { left, comparison, right } => {
                compare(left, right, record).map(|order| comparison.admits(order))
            }
            Self::Like { operand, pattern } => operand.with(record, |value| match value {
                Value::Text(text) => Some(pattern.matches(text)),
                _ => None,
            }),
            Self::IsNull(operand) => Some(operand.with(record, |value| value == Value::Null)),
            Self::Holds(operand) => operand.with(record, |value| match value {
                Value::Bool(truth) => Some(truth),
                _ => None,
            }),
            Self::Spatial { relation, shape } => {
                record.geometry().map(|geometry| shape.holds(*relation, &geometry))
            }
        }
    }
}

/// `decisive` where one of them is; unknown where none is and one is unknown.
fn decide(conditions: &[Condition], record: &impl Record, decisive: bool) -> Option<bool> {
    let mut found = Some(!decisive);
    for condition in conditions {
        match condition.truth(record) {
            Some(truth) if truth == decisive => return Some(decisive),
            Some(_) => {}
            None => found = None,
        }
    }
    found
}

fn compare(one: &Operand, other: &Operand, record: &impl Record) -> Option<std::cmp::Ordering> {
    one.with(record, |one| other.with(record, |other| order(one, other)))
}
