//! Values that come without CQL2 around them.

use cql2::Expr;

/// A value that a property may have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Literal<'a> {
    /// A text, a code, a day or a moment.
    Text(&'a str),
    /// A finite number.
    Number(f64),
    /// True or false.
    Bool(bool),
}

impl Literal<'_> {
    /// `property = value`.
    pub(crate) fn equals(self, property: &str) -> Expr {
        let value = match self {
            Self::Text(text) => Expr::Literal(text.to_owned()),
            Self::Number(number) => Expr::Float(number),
            Self::Bool(truth) => Expr::Bool(truth),
        };
        let property = Expr::Property { property: property.to_owned() };
        Expr::Operation { op: "=".to_owned(), args: vec![property.into(), value.into()] }
    }
}
