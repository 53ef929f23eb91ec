//! A filter that was checked: what it asks of a record.
//!
//! Whoever compiles a filter to another language reads it here; [`Condition::truth`] is what it
//! must mean there.

use urbis_model::{Moment, Srid, Value};

use crate::Record;
use crate::calculation::Calculation;
use crate::compare::{Comparison, order};
use crate::fold::Folding;
use crate::pattern::Pattern;
use crate::shape::{Relation, Shape};
use crate::time;

/// A condition; its truth is unknown where a value is absent, as in SQL.
#[derive(Debug, Clone)]
pub enum Condition {
    /// True or false of every record.
    Always(bool),
    /// All of these hold; true where there are none.
    All(Vec<Self>),
    /// One of these holds; false where there are none.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// Two values of one kind: numbers, texts by their characters' numbers, false before true,
    /// moments.
    Compare {
        /// What is compared.
        left: Operand,
        /// How.
        comparison: Comparison,
        /// With what.
        right: Operand,
    },
    /// A text is of a pattern.
    Like {
        /// The text.
        operand: Operand,
        /// The pattern, folded as the text is.
        pattern: Pattern,
    },
    /// There is no value; never unknown.
    IsNull(Operand),
    /// It is unknown whether this holds; never unknown itself.
    Unknown(Box<Self>),
    /// A property of truth itself.
    Holds(Operand),
    /// The feature has a geometry; unknown where it has none.
    Somewhere,
    /// The feature lies so to a shape; unknown where it has no geometry, and in memory where the
    /// shape is not in EPSG:4326.
    Spatial {
        /// How the feature lies.
        relation: Relation,
        /// To what.
        shape: Box<Shape>,
    },
}

/// What is compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Operand {
    /// Where the value comes from.
    pub source: Source,
    /// What is left out of a text.
    pub folding: Folding,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// An attribute, by its place in the layer's definition.
    Attribute(usize),
    /// An attribute that is a day or a moment, by its place: the moment, of a day its start in UTC.
    TimeOf(usize),
    /// The moment from which on the feature holds.
    ValidFrom,
    /// The moment from which on it holds no more.
    ValidTo,
    /// A number that is calculated.
    Calculated(Box<Calculation>),
    /// A text.
    Text(String),
    /// A finite number.
    Number(f64),
    /// True or false.
    Bool(bool),
    /// A moment.
    Moment(Moment),
}

impl Operand {
    /// It as it is, with nothing left out.
    pub(crate) fn plain(source: Source) -> Self {
        Self { source, folding: Folding::default() }
    }

    /// Gives the value, folded, to `read`.
    fn with<T>(&self, record: &impl Record, read: impl FnOnce(Value<'_>) -> T) -> T {
        let value = match &self.source {
            Source::Attribute(index) => record.value(*index),
            Source::Text(text) => Value::Text(text),
            Source::Number(number) => Value::Float(*number),
            Source::Bool(truth) => Value::Bool(*truth),
            Source::TimeOf(index) => match record.value(*index) {
                Value::Text(text) => {
                    time::parse(text).map_or(Value::Null, |named| Value::Int(named.start.0))
                }
                _ => Value::Null,
            },
            Source::Moment(moment) => Value::Int(moment.0),
            Source::ValidFrom => moment_value(record.validity().from),
            Source::ValidTo => moment_value(record.validity().to),
            Source::Calculated(calculation) => {
                calculate(calculation, record).map_or(Value::Null, Value::Float)
            }
        };
        match value {
            Value::Text(text) if self.folding != Folding::default() => {
                read(Value::Text(&self.folding.fold(text)))
            }
            value => read(value),
        }
    }
}

/// A moment of the years that a text can name; others are no values.
fn moment_value<'a>(moment: Option<Moment>) -> Value<'a> {
    let sayable = moment.filter(|moment| time::is_sayable(*moment));
    sayable.map_or(Value::Null, |moment| Value::Int(moment.0))
}

fn calculate(calculation: &Calculation, record: &impl Record) -> Option<f64> {
    let Calculation { left, operator, right } = calculation;
    operator.apply(number(left, record)?, number(right, record)?)
}

fn number(operand: &Operand, record: &impl Record) -> Option<f64> {
    operand.with(record, |value| match value {
        Value::Int(number) => Some(number as f64),
        Value::Float(number) => Some(number),
        _ => None,
    })
}

impl Condition {
    /// Vertices of all shapes.
    pub(crate) fn vertices(&self) -> usize {
        match self {
            Self::All(conditions) | Self::Any(conditions) => {
                conditions.iter().map(Self::vertices).sum()
            }
            Self::Not(condition) | Self::Unknown(condition) => condition.vertices(),
            Self::Spatial { shape, .. } => shape.vertices(),
            _ => 0,
        }
    }

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
            Self::Unknown(condition) => Some(condition.truth(record).is_none()),
            Self::Somewhere => {
                (record.bounds().is_some() || record.geometry().is_some()).then_some(true)
            }
            Self::Holds(operand) => operand.with(record, |value| match value {
                Value::Bool(truth) => Some(truth),
                _ => None,
            }),
            // Memory knows no projection.
            Self::Spatial { shape, .. } if shape.srid() != Srid::WGS84 => None,
            Self::Spatial { relation, shape } => {
                let by_box = record.bounds().and_then(|found| shape.box_holds(*relation, &found));
                by_box
                    .or_else(|| record.geometry().map(|geometry| shape.holds(*relation, &geometry)))
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
