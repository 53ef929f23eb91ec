//! Kinds of values, and which may be compared.

use cql2::Expr;
use urbis_catalog::AttributeType;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Bool,
    Time,
}

impl Kind {
    pub(super) const fn of(attribute: AttributeType) -> Self {
        match attribute {
            AttributeType::Integer | AttributeType::Float => Self::Number,
            AttributeType::Boolean => Self::Bool,
            AttributeType::Date | AttributeType::Datetime => Self::Time,
            AttributeType::Text | AttributeType::Code | AttributeType::Codes => Self::Text,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Bool => "true or false",
            Self::Time => "a day or a moment",
        }
    }
}

/// What an expression is, in words.
pub(super) const fn name_of(expr: &Expr) -> &'static str {
    match expr {
        Expr::Operation { .. } => "an operation",
        Expr::Interval { .. } => "an interval",
        Expr::Timestamp { .. } | Expr::Date { .. } => "a time",
        Expr::Property { .. } => "a property",
        Expr::BBox { .. } | Expr::Geometry(_) => "a geometry",
        Expr::Float(_) => "a number",
        Expr::Literal(_) => "a text",
        Expr::Bool(_) => "true or false",
        Expr::Array(_) => "a list",
        Expr::Null => "null",
    }
}
