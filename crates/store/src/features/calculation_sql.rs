//! Calculated numbers in SQL: [`Operator`] as memory applies it.
//!
//! PostgreSQL stops a statement at a division by zero and at a number that is too large or too
//! small. Each part is looked at first, within a query of its own that is never taken apart: so it
//! is written once however deep calculations are nested, and nothing is calculated ahead.

use urbis_filter::{MAX_EXPONENT, MAX_PART, MAX_QUOTIENT, Operator};

/// The number that is calculated from two numbers of SQL; null where there is none.
pub(super) fn calculated(left: &str, operator: Operator, right: &str) -> String {
    let number = match operator {
        Operator::Add => "l + r".to_owned(),
        Operator::Subtract => "l - r".to_owned(),
        Operator::Multiply => "l * r".to_owned(),
        Operator::Divide => quotient("l / r"),
        Operator::WholeQuotient => quotient("trunc(l / r)"),
        Operator::Remainder => quotient(&format!(
            "CASE WHEN abs(l / r) < {MAX_QUOTIENT:?} THEN l - r * trunc(l / r) END"
        )),
        Operator::Power => power(),
    };
    format!(
        "(SELECT CASE WHEN {} AND {} THEN {number} END \
         FROM (SELECT {left} AS l, {right} AS r OFFSET 0) AS part)",
        is_part("l"),
        is_part("r"),
    )
}

/// One condition inside another: in SQL either side of an AND may be tried first.
fn quotient(number: &str) -> String {
    format!("CASE WHEN r <> 0 THEN {number} END")
}

fn power() -> String {
    format!(
        "CASE WHEN l = 0 THEN CASE WHEN r >= 0 THEN power(l, r) END \
         WHEN l > 0 OR trunc(r) = r \
         THEN CASE WHEN abs(r * ln(abs(l))) <= {MAX_EXPONENT:?} THEN power(l, r) END END"
    )
}

fn is_part(number: &str) -> String {
    let least = 1.0 / MAX_PART;
    format!("({number} = 0 OR abs({number}) BETWEEN {least:e} AND {MAX_PART:e})")
}
