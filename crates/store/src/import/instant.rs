//! Days and instants in the form of PostgreSQL's binary COPY.

/// Days from 1970-01-01 to PostgreSQL's epoch, 2000-01-01.
const EPOCH_DAYS: i64 = 10_957;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Reads `YYYY-MM-DD` as days since 2000-01-01.
pub(super) fn parse_day(text: &str) -> Option<i32> {
    let (year, rest) = take_number(text, 4)?;
    let (month, rest) = take_number(rest.strip_prefix('-')?, 2)?;
    let (day, rest) = take_number(rest.strip_prefix('-')?, 2)?;
    let is_in_calendar =
        rest.is_empty() && year >= 1 && day >= 1 && day <= month_days(year, month)?;
    is_in_calendar.then(|| i32::try_from(days_from_civil(year, month, day) - EPOCH_DAYS).ok())?
}

/// Reads an RFC 3339 instant as microseconds since 2000-01-01 UTC; a bare day is its start in UTC.
pub(super) fn parse_instant(text: &str) -> Option<i64> {
    let (day, time) = match text.split_at_checked(10)? {
        (day, "") => (day, "T00:00:00Z"),
        parts => parts,
    };
    let midnight = i64::from(parse_day(day)?) * MICROS_PER_DAY;
    let time = time.strip_prefix(['T', 't', ' '])?;
    let (hour, rest) = take_number(time, 2)?;
    let (minute, rest) = take_number(rest.strip_prefix(':')?, 2)?;
    let (second, rest) = take_number(rest.strip_prefix(':')?, 2)?;
    let (micros, rest) = take_fraction(rest)?;
    // 60 is a leap second; PostgreSQL too lets it run into the next minute.
    let is_on_clock = hour < 24 && minute < 60 && second <= 60;
    let of_day = ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros;
    is_on_clock.then(|| Some(midnight + of_day - take_offset(rest)?))?
}

fn take_number(text: &str, digits: usize) -> Option<(i64, &str)> {
    let (number, rest) = text.split_at_checked(digits)?;
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| Some((number.parse().ok()?, rest)))?
}

/// Microseconds after a point; further digits are cut off.
fn take_fraction(text: &str) -> Option<(i64, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some((0, text)) };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, rest) = rest.split_at_checked(digits)?;
    let padded: String = fraction.chars().chain("000000".chars()).take(6).collect();
    (digits > 0).then(|| Some((padded.parse().ok()?, rest)))?
}

fn take_offset(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, rest) = take_number(text.strip_prefix(['+', '-'])?, 2)?;
    let (minutes, rest) = take_number(rest.strip_prefix(':')?, 2)?;
    let is_offset = rest.is_empty() && hours < 24 && minutes < 60;
    is_offset.then_some(sign * (hours * 60 + minutes) * 60_000_000)
}

const fn month_days(year: i64, month: i64) -> Option<i64> {
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => return None,
    })
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_the_start_of_2000() {
        for (text, days) in
            [("2000-01-01", 0), ("1999-12-31", -1), ("2024-02-29", 8825), ("1970-01-01", -10_957)]
        {
            assert_eq!(parse_day(text), Some(days), "{text}");
        }
    }

    #[test]
    fn instants_count_in_utc() {
        let second = 1_000_000;
        for (text, micros) in [
            ("2000-01-01", 0),
            ("2000-01-01T00:00:01Z", second),
            ("2000-01-01T07:00:00+07:00", 0),
            ("1999-12-31T23:59:59.5Z", -second / 2),
            ("2000-01-01T00:00:00.1234567Z", 123_456),
        ] {
            assert_eq!(parse_instant(text), Some(micros), "{text}");
        }
    }

    #[test]
    fn what_is_in_no_calendar_is_refused() {
        for text in ["2023-02-29", "2023-13-01", "2023-1-01", "0000-01-01", "2023-01-01x", "ngày"]
        {
            assert_eq!(parse_day(text), None, "{text}");
        }
        for text in ["2023-01-01T24:00:00Z", "2023-01-01T00:00:00", "2023-01-01T00:00Z", "x"] {
            assert_eq!(parse_instant(text), None, "{text}");
        }
    }
}
