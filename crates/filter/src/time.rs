//! Days and moments in filters and records.

use urbis_model::Moment;

const DAY_MICROS: i64 = 86_400_000_000;

/// The first moments of the years 0001 and 10000.
const SAYABLE: std::ops::Range<i64> = -62_135_596_800_000_000..253_402_300_800_000_000;

/// Says whether a text can name a moment.
pub(crate) fn is_sayable(moment: Moment) -> bool {
    SAYABLE.contains(&moment.0)
}

/// A moment that a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Named {
    /// Of a day its start, UTC.
    pub(crate) start: Moment,
    /// Whether a day was named.
    pub(crate) is_day: bool,
}

impl Named {
    /// The last microsecond of what is named.
    pub(crate) const fn end(self) -> Moment {
        if self.is_day { Moment(self.start.0 + DAY_MICROS - 1) } else { self.start }
    }
}

/// Reads `2025-06-30`, or a moment of RFC 3339 with its zone; a fraction counts to the
/// microsecond.
pub(crate) fn parse(text: &str) -> Option<Named> {
    let (day, rest) = text.split_at_checked(10)?;
    let start = day_number(day)? * DAY_MICROS;
    if rest.is_empty() {
        return Some(Named { start: Moment(start), is_day: true });
    }
    let (clock, rest) = rest.strip_prefix('T')?.split_at_checked(8)?;
    let (hours, minutes, seconds) = (two(clock, 0)?, two(clock, 3)?, two(clock, 6)?);
    let is_clock = clock.as_bytes()[2] == b':' && clock.as_bytes()[5] == b':';
    if !is_clock || hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?),
        None => ("0", rest),
    };
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let micros: i64 = micros.parse().ok().filter(|_| !fraction.is_empty())?;
    let clock = (hours * 3_600 + minutes * 60 + seconds) * 1_000_000 + micros;
    Some(Named { start: Moment(start + clock - zone_micros(zone)?), is_day: false })
}

/// `Z`, `+07:00`, `-03:30`.
fn zone_micros(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = (two(zone, 1)?, two(zone, 4)?);
    let is_zone = zone.len() == 6 && zone.as_bytes()[3] == b':' && hours < 24 && minutes < 60;
    is_zone.then_some(sign * (hours * 3_600 + minutes * 60) * 1_000_000)
}

/// Two digits.
fn two(text: &str, at: usize) -> Option<i64> {
    digits(text.get(at..at + 2)?)
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Days from 1970-01-01 to a day of the years 0001 to 9999.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
fn day_number(text: &str) -> Option<i64> {
    let is_spelled = text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    let (year, month, day) = (digits(text.get(..4)?)?, two(text, 5)?, two(text, 8)?);
    let is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let longest = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !is_spelled || year == 0 || !(1..=longest).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_start_and_a_moment_is_itself() {
        for (text, start, is_day) in [
            ("1970-01-01", 0, true),
            ("2000-02-29", 951_782_400_000_000, true),
            ("1945-08-19", -769_046_400_000_000, true),
            ("0001-01-01", -62_135_596_800_000_000, true),
            ("1970-01-01T00:00:00Z", 0, false),
            ("1970-01-01T07:00:00.5+07:00", 500_000, false),
            ("2025-06-30T00:00:00.0000019Z", 1_751_241_600_000_001, false),
        ] {
            assert_eq!(parse(text), Some(Named { start: Moment(start), is_day }), "{text}");
        }
        assert_eq!(parse("1970-01-01").unwrap().end(), Moment(DAY_MICROS - 1));
    }

    #[test]
    fn what_no_calendar_has_is_none() {
        for text in [
            "",
            "2025",
            "2025-02-29",
            "2025-13-01",
            "2025-00-01",
            "0000-01-01",
            "2025/01/01",
            "2025-1-011",
            "2025-01-01T00:00:00",
            "2025-01-01T24:00:00Z",
            "2025-01-01T00:00:00.Z",
            "2025-01-01T00:00:00+7",
            "2025-01-01 00:00:00Z",
            "２０２５-01",
            "+025-01-01",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
