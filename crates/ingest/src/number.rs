//! Numbers as people write them in tables: decimal comma or point, groups of thousands, a unit.

/// Largest whole number that a float holds exactly.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads a number; `unit` may stand behind it. `None` where it is none, or is not finite.
pub(crate) fn parse_number(text: &str, unit: Option<&str>) -> Option<f64> {
    let plain = to_plain(strip_unit(text, unit))?;
    plain.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Reads a whole number; `5.0` is one, `5.5` is not.
pub(crate) fn parse_integer(text: &str, unit: Option<&str>) -> Option<i64> {
    if let Ok(number) = strip_unit(text, unit).parse() {
        return Some(number);
    }
    to_whole(parse_number(text, unit)?)
}

/// A float that is a whole number.
pub(crate) fn to_whole(number: f64) -> Option<i64> {
    // In range, so that `as` is exact.
    (number.fract() == 0.0 && number.abs() <= MAX_EXACT).then_some(number as i64)
}

fn strip_unit<'a>(text: &'a str, unit: Option<&str>) -> &'a str {
    let text = text.trim();
    let Some(unit) = unit else { return text };
    let Some(split) = text.len().checked_sub(unit.len()) else { return text };
    match (text.get(..split), text.get(split..)) {
        (Some(number), Some(end)) if end.eq_ignore_ascii_case(unit) => number.trim_end(),
        _ => text,
    }
}

/// The number as Rust reads it. Of a comma and a point the last one is the decimal mark; one
/// comma alone is a decimal comma; a mark that comes again separates thousands.
fn to_plain(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}')).collect();
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | ',' | 'e' | 'E');
    if !text.chars().all(is_number) {
        return None;
    }
    let (points, commas) = (text.matches('.').count(), text.matches(',').count());
    let decimal = match (points, commas) {
        (0 | 1, 0) => return Some(text),
        (0, 1) => ',',
        (0, _) => return ungroup(&text, ',', None),
        (_, 0) => return ungroup(&text, '.', None),
        _ if text.rfind('.') > text.rfind(',') => '.',
        _ => ',',
    };
    let grouping = if decimal == '.' { ',' } else { '.' };
    ungroup(&text, grouping, Some(decimal))
}

/// Takes out the separators of thousands, where each stands before three digits.
fn ungroup(text: &str, grouping: char, decimal: Option<char>) -> Option<String> {
    let (whole, fraction) = match decimal {
        Some(mark) => text.split_once(mark)?,
        None => (text, ""),
    };
    let mut groups = whole.split(grouping);
    let first = groups.next()?;
    let is_group = |group: &str| group.len() == 3 && group.bytes().all(|b| b.is_ascii_digit());
    if !groups.all(is_group) || fraction.contains([grouping, ',', '.']) {
        return None;
    }
    let is_grouped = whole.contains(grouping);
    let digits = first.trim_start_matches(['+', '-']).len();
    if is_grouped && !(1..=3).contains(&digits) {
        return None;
    }
    let whole = whole.replace(grouping, "");
    Some(if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_vietnamese_and_english_tables_write_them() {
        let cases = [
            ("16.7", Some(16.7)),
            ("16,7", Some(16.7)),
            ("-0,5", Some(-0.5)),
            ("1.234,5", Some(1234.5)),
            ("1,234.5", Some(1234.5)),
            ("1.234.567", Some(1_234_567.0)),
            ("1,234,567", Some(1_234_567.0)),
            ("1 234,5", Some(1234.5)),
            ("548\u{a0}618,067", Some(548_618.067)),
            ("1e3", Some(1000.0)),
            ("3.5 m", Some(3.5)),
            ("3.5m", Some(3.5)),
            ("3.5 M", Some(3.5)),
            ("3.5 ft", None),
            ("12.34.56", None),
            ("1,2,3", None),
            ("1.2,3.4", None),
            ("1234,567.8", None),
            ("", None),
            (",", None),
            ("nan", None),
            ("inf", None),
            ("1e999", None),
            ("abc", None),
            ("₫5", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_number(text, Some("m")), expected, "'{text}'");
        }
    }

    #[test]
    fn whole_numbers_stay_exact_and_fractions_are_none() {
        assert_eq!(parse_integer("9007199254740993", None), Some(9_007_199_254_740_993));
        assert_eq!(parse_integer("50 km/h", Some("km/h")), Some(50));
        assert_eq!(parse_integer("5.0", None), Some(5));
        assert_eq!(parse_integer("-1", None), Some(-1));
        for text in ["5.5", "2;3", "1e30", "", "VN:urban"] {
            assert_eq!(parse_integer(text, None), None, "'{text}'");
        }
    }
}
