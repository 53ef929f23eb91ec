//! Numbers, days and moments as JSON spells them.

/// Days from 0000-03-01 to 2000-01-01, from which PostgreSQL counts days and microseconds.
const DAYS_TO_2000: i64 = 730_425;

const DAY_MICROS: i64 = 86_400_000_000;

/// Powers of ten that a coordinate is counted in.
const PARTS: [f64; 10] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/// Largest whole number up to which every other one is a double, too.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Writes a whole number.
pub(super) fn put_whole(text: &mut Vec<u8>, number: i64) {
    if number < 0 {
        text.push(b'-');
    }
    put_digits(text, number.unsigned_abs());
}

/// Writes a coordinate with so many decimals, below ten, without zeros at their end. What is no
/// number, or so large that it has no such decimals, is not written.
pub(super) fn put_coordinate(text: &mut Vec<u8>, number: f64, decimals: usize) -> Option<()> {
    let parts = PARTS[decimals];
    let counted = (number * parts).round();
    // Also where it is not a number.
    if counted.abs() < EXACT {
        let (whole, rest) =
            (counted.abs() as u64 / parts as u64, counted.abs() as u64 % parts as u64);
        if counted < 0.0 {
            text.push(b'-');
        }
        put_digits(text, whole);
        put_decimals(text, rest, decimals);
        return Some(());
    }
    None
}

/// Writes a number that is finite, always with a decimal point or an exponent; null for others.
pub(super) fn put_real(text: &mut Vec<u8>, number: f64) {
    serde_json::to_writer(text, &number).expect("memory takes every number");
}

/// Writes a text.
pub(super) fn put_text(text: &mut Vec<u8>, value: &str) {
    serde_json::to_writer(text, value).expect("memory takes every text");
}

/// Writes a day, counted from 2000-01-01; null outside of the years 0001 to 9999.
pub(super) fn put_day(text: &mut Vec<u8>, days: i64) {
    let Some(date) = date_of(days) else { return text.extend_from_slice(b"null") };
    text.push(b'"');
    put_date(text, date);
    text.push(b'"');
}

/// Writes a moment in UTC, counted in microseconds from 2000-01-01T00:00:00Z; null outside of the
/// years 0001 to 9999.
pub(super) fn put_moment(text: &mut Vec<u8>, micros: i64) {
    let date = date_of(micros.div_euclid(DAY_MICROS));
    let Some(date) = date else { return text.extend_from_slice(b"null") };
    let clock = micros.rem_euclid(DAY_MICROS) as u64;
    let (seconds, fraction) = (clock / 1_000_000, clock % 1_000_000);
    text.push(b'"');
    put_date(text, date);
    for (before, part) in [(b'T', seconds / 3_600), (b':', seconds / 60 % 60), (b':', seconds % 60)]
    {
        text.push(before);
        put_padded(text, part, 2);
    }
    put_decimals(text, fraction, 6);
    text.extend_from_slice(b"Z\"");
}

/// Year, month and day.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
fn date_of(days: i64) -> Option<[u64; 3]> {
    // Far beyond every year that is written; the infinities of PostgreSQL are, too.
    if days.abs() > 4_000_000 {
        return None;
    }
    let days = days + DAYS_TO_2000;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (1..=9_999).contains(&year).then_some([year as u64, month as u64, day as u64])
}

fn put_date(text: &mut Vec<u8>, [year, month, day]: [u64; 3]) {
    put_padded(text, year, 4);
    text.push(b'-');
    put_padded(text, month, 2);
    text.push(b'-');
    put_padded(text, day, 2);
}

/// A point and what follows it; nothing where all of it is zeros.
fn put_decimals(text: &mut Vec<u8>, mut rest: u64, mut digits: usize) {
    if rest == 0 {
        return;
    }
    while rest.is_multiple_of(10) {
        rest /= 10;
        digits -= 1;
    }
    text.push(b'.');
    put_padded(text, rest, digits);
}

fn put_padded(text: &mut Vec<u8>, number: u64, digits: usize) {
    let start = text.len();
    text.resize(start + digits, b'0');
    let mut rest = number;
    for place in text[start..].iter_mut().rev() {
        *place = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
}

fn put_digits(text: &mut Vec<u8>, number: u64) {
    let digits = number.checked_ilog10().unwrap_or(0) as usize + 1;
    put_padded(text, number, digits);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(put: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut text = Vec::new();
        put(&mut text);
        String::from_utf8(text).unwrap()
    }

    fn coordinate(number: f64, decimals: usize) -> String {
        written(|text| put_coordinate(text, number, decimals).unwrap_or_default())
    }

    #[test]
    fn coordinates_have_their_decimals_and_no_more() {
        assert_eq!(coordinate(108.215_000_04, 7), "108.215");
        assert_eq!(coordinate(-108.000_000_06, 7), "-108.0000001");
        assert_eq!(coordinate(-0.000_000_01, 7), "0");
        assert_eq!(coordinate(548_618.066_6, 3), "548618.067");
        assert_eq!(coordinate(548_000.0, 3), "548000");
        for number in [f64::NAN, f64::INFINITY, 1e300, -1e15] {
            assert_eq!(coordinate(number, 7), "", "{number}");
        }
    }

    #[test]
    fn coordinates_are_what_they_are_for_every_reader() {
        let mut number = 0.123_456_789_f64;
        for step in 0..10_000 {
            number = (number * 1.000_731 + f64::from(step) * 0.37) % 1_900_000.0;
            for (decimals, most) in [(7, 0.5e-7), (3, 0.5e-3)] {
                let read: f64 = coordinate(number, decimals).parse().unwrap();
                // Half of the last decimal, and what a double of that size cannot say.
                let most = most + number * f64::EPSILON;
                assert!((read - number).abs() <= most, "{number} {read}");
            }
        }
    }

    #[test]
    fn numbers_keep_their_kind() {
        assert_eq!(written(|text| put_real(text, 2.0)), "2.0");
        assert_eq!(written(|text| put_real(text, f64::NAN)), "null");
        assert_eq!(written(|text| put_whole(text, -20)), "-20");
        assert_eq!(written(|text| put_whole(text, i64::MIN)), i64::MIN.to_string());
        assert_eq!(written(|text| put_whole(text, 0)), "0");
    }

    #[test]
    fn days_and_moments_are_those_of_the_calendar() {
        for (days, expected) in [
            (0, "\"2000-01-01\""),
            (59, "\"2000-02-29\""),
            (-730_119, "\"0001-01-01\""),
            (-730_120, "null"),
            (2_921_939, "\"9999-12-31\""),
            (2_921_940, "null"),
            (i64::from(i32::MAX), "null"),
            (i64::from(i32::MIN), "null"),
        ] {
            assert_eq!(written(|text| put_day(text, days)), expected, "{days}");
        }
        for (micros, expected) in [
            (0, "\"2000-01-01T00:00:00Z\""),
            (-1, "\"1999-12-31T23:59:59.999999Z\""),
            (45_296_500_000, "\"2000-01-01T12:34:56.5Z\""),
            (i64::MAX, "null"),
            (i64::MIN, "null"),
        ] {
            assert_eq!(written(|text| put_moment(text, micros)), expected, "{micros}");
        }
    }
}
