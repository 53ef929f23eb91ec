//! Numbers that are calculated from others.
//!
//! A calculation never fails: where there is no such number, such as after a division by zero, or
//! where its parts are so large or so small that their product might be none, its value is absent.
//! Whole numbers are exact up to 2^53.
//!
//! Source: OGC 21-065r2, 7.11 (arithmetic expressions).

use crate::Operand;

/// Largest size of a part, and the inverse of the smallest: whatever is done with two such numbers
/// is a number.
pub const MAX_PART: f64 = 1e150;

/// A quotient below it has an exact whole part: 2^53.
pub const MAX_QUOTIENT: f64 = 9_007_199_254_740_992.0;

/// The largest natural logarithm of a power, so that it is no larger than [`MAX_PART`].
pub const MAX_EXPONENT: f64 = 345.0;

/// What is done with two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `div`: the whole part of the quotient, towards zero.
    WholeQuotient,
    /// `%`: what `div` leaves, with the sign of the dividend.
    Remainder,
    /// `^`.
    Power,
}

impl Operator {
    pub(crate) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "+" => Self::Add,
            "-" => Self::Subtract,
            "*" => Self::Multiply,
            "/" => Self::Divide,
            "div" => Self::WholeQuotient,
            "%" => Self::Remainder,
            "^" => Self::Power,
            _ => return None,
        })
    }

    /// The number; absent where there is none or where a part is beyond [`MAX_PART`].
    pub(crate) fn apply(self, left: f64, right: f64) -> Option<f64> {
        if !is_part(left) || !is_part(right) {
            return None;
        }
        let quotient = || (right != 0.0).then(|| left / right);
        match self {
            Self::Add => Some(left + right),
            Self::Subtract => Some(left - right),
            Self::Multiply => Some(left * right),
            Self::Divide => quotient(),
            Self::WholeQuotient => quotient().map(f64::trunc),
            Self::Remainder => quotient()
                .filter(|quotient| quotient.abs() < MAX_QUOTIENT)
                .map(|quotient| left - right * quotient.trunc()),
            Self::Power => power(left, right),
        }
    }
}

fn power(base: f64, exponent: f64) -> Option<f64> {
    if base == 0.0 {
        return (exponent >= 0.0).then(|| base.powf(exponent));
    }
    let is_number = base > 0.0 || exponent.trunc() == exponent;
    let is_small = (exponent * base.abs().ln()).abs() <= MAX_EXPONENT;
    (is_number && is_small).then(|| base.powf(exponent))
}

fn is_part(number: f64) -> bool {
    number == 0.0 || (1.0 / MAX_PART..=MAX_PART).contains(&number.abs())
}

/// A number that is calculated from two others.
#[derive(Debug, Clone, PartialEq)]
pub struct Calculation {
    /// The first.
    pub left: Operand,
    /// What is done.
    pub operator: Operator,
    /// The second.
    pub right: Operand,
}

#[cfg(test)]
mod tests {
    use super::Operator::*;

    #[test]
    fn what_is_no_number_is_absent() {
        for (left, operator, right, expected) in [
            (7.0, Add, 0.5, Some(7.5)),
            (7.0, WholeQuotient, 2.0, Some(3.0)),
            (-7.0, WholeQuotient, 2.0, Some(-3.0)),
            (-7.0, Remainder, 2.0, Some(-1.0)),
            (7.5, Remainder, -2.0, Some(1.5)),
            (2.0, Power, -1.0, Some(0.5)),
            (-2.0, Power, 3.0, Some(-8.0)),
            (0.0, Power, 0.0, Some(1.0)),
            (0.0, Divide, 4.0, Some(0.0)),
            (1.0, Divide, 0.0, None),
            (1.0, WholeQuotient, -0.0, None),
            (1.0, Remainder, 0.0, None),
            (0.0, Power, -1.0, None),
            (-2.0, Power, 0.5, None),
            (10.0, Power, 200.0, None),
            (1e300, Multiply, 1.0, None),
            (1e-300, Add, 1.0, None),
            (1e100, Remainder, 3.0, None),
            (f64::NAN, Add, 1.0, None),
            (f64::INFINITY, Subtract, 1.0, None),
        ] {
            assert_eq!(operator.apply(left, right), expected, "{left} {operator:?} {right}");
        }
    }
}
