//! Comparing two values.

use std::cmp::Ordering;

use urbis_model::Value;

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`.
    Equal,
    /// `<>`.
    Unequal,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

impl Comparison {
    pub(crate) fn of(operator: &str) -> Option<Self> {
        Some(match operator {
            "=" => Self::Equal,
            "<>" => Self::Unequal,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    /// Says whether an order is what it asks for.
    pub(crate) const fn admits(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// The order of two values of one kind; `None` where one is absent or they cannot be compared.
///
/// Texts are ordered by their characters' numbers, so days and moments of one zone by time.
pub(crate) fn order(one: Value<'_>, other: Value<'_>) -> Option<Ordering> {
    match (one, other) {
        (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(&other)),
        (Value::Int(one), Value::Int(other)) => Some(one.cmp(&other)),
        (Value::Int(one), Value::Float(other)) => (one as f64).partial_cmp(&other),
        (Value::Float(one), Value::Int(other)) => one.partial_cmp(&(other as f64)),
        (Value::Float(one), Value::Float(other)) => one.partial_cmp(&other),
        (Value::Text(one), Value::Text(other)) => Some(one.cmp(other)),
        _ => None,
    }
}
