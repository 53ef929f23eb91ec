//! Moments in questions and answers: a date or RFC 3339 in, RFC 3339 in the city's time out.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, SecondsFormat, TimeZone};
use serde_json::Value;
use urbis_catalog::UtcOffset;
use urbis_model::Moment;

/// What a moment in a question looks like, for whoever wrote another thing.
pub(crate) const WANTED: &str = "a day such as 2025-06-30 of the years 0001 to 9999, or a moment \
                                 such as 2025-06-30T08:00:00Z (a plus sign is spelled %2B)";

/// The first and the last moment of the years 0001 to 9999, which are those that RFC 3339 can say
/// and every calendar has; microseconds from 1970 on the city's clock.
const FIRST_LOCAL: i64 = -62_135_596_800_000_000;
const LAST_LOCAL: i64 = 253_402_300_799_999_999;

/// Reads a date, which means its start in the city's time, or a moment of RFC 3339 with its zone.
///
/// One spelling each: `2025-6-1`, a space for the `T` and the leap second `:60` are refused, and
/// so is a day that no calendar has, and a moment whose year in the city's time is none of
/// the years 0001 to 9999.
pub(crate) fn parse_moment(text: &str, offset: UtcOffset) -> Option<Moment> {
    const DATE: &str = "dddd-dd-dd";
    const DATE_AND_TIME: &str = "dddd-dd-ddTdd:dd:dd";
    if !text.is_ascii() || text.starts_with("0000") {
        return None;
    }
    if has_shape(text, DATE) {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        let start = day.and_time(NaiveTime::MIN).and_utc().timestamp();
        let start = Moment((start - i64::from(offset.seconds())) * 1_000_000);
        return Some(start).filter(|start| is_sayable(*start, offset));
    }
    let (local, rest) = text.split_at_checked(DATE_AND_TIME.len())?;
    let is_plain = has_shape(local, DATE_AND_TIME) && !local.ends_with(":60");
    let zone = rest.strip_prefix('.').map_or(rest, |rest| {
        // A fraction without a digit is left for the parser to refuse.
        rest.trim_start_matches(|c: char| c.is_ascii_digit())
    });
    let has_zone = zone == "Z" || has_shape(zone, "+dd:dd") || has_shape(zone, "-dd:dd");
    if !is_plain || !has_zone {
        return None;
    }
    let moment = Moment(DateTime::parse_from_rfc3339(text).ok()?.timestamp_micros());
    Some(moment).filter(|moment| is_sayable(*moment, offset))
}

/// RFC 3339 in the city's time; null for no moment and for nothing else.
///
/// A moment outside the years 0001 to 9999, such as an end at `infinity`, is shown as the first or
/// the last microsecond of them: null would say that there is no bound.
pub(crate) fn to_json(moment: Option<Moment>, offset: UtcOffset) -> Value {
    let show = || {
        let zone = FixedOffset::east_opt(offset.seconds())?;
        let local = local_micros(moment?, offset).clamp(FIRST_LOCAL, LAST_LOCAL);
        let local = DateTime::from_timestamp_micros(local)?.naive_utc();
        let shown = zone.from_local_datetime(&local).single()?;
        Some(shown.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    };
    show().map_or(Value::Null, Value::String)
}

/// Says whether its year in the city's time is one of the years 0001 to 9999.
fn is_sayable(moment: Moment, offset: UtcOffset) -> bool {
    (FIRST_LOCAL..=LAST_LOCAL).contains(&local_micros(moment, offset))
}

/// Microseconds from 1970-01-01T00:00:00 on the city's clock to what it shows at a moment.
const fn local_micros(moment: Moment, offset: UtcOffset) -> i64 {
    moment.0.saturating_add(offset.seconds() as i64 * 1_000_000)
}

/// Says whether a text has a digit wherever the shape has a `d`, and is like it elsewhere.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            _ => byte == wanted,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn city_time() -> UtcOffset {
        "+07:00".parse().unwrap()
    }

    fn shown(text: &str) -> Value {
        to_json(parse_moment(text, city_time()), city_time())
    }

    #[test]
    fn a_date_is_its_start_in_the_city_and_a_moment_is_itself() {
        // 2025-06-30T00:00:00Z is 1 751 241 600 s after the epoch.
        let midnight_utc = 1_751_241_600_000_000;
        for (text, expected) in [
            ("2025-06-30", midnight_utc - 7 * 3_600_000_000),
            ("2025-06-30T00:00:00Z", midnight_utc),
            ("2025-06-30T07:00:00+07:00", midnight_utc),
            ("2025-06-29T17:30:00.000001-06:30", midnight_utc + 1),
            ("1970-01-01T00:00:00Z", 0),
        ] {
            assert_eq!(parse_moment(text, city_time()), Some(Moment(expected)), "{text}");
        }
        assert_eq!(shown("2025-06-30"), "2025-06-30T00:00:00+07:00");
        assert_eq!(shown("2025-06-30T00:00:00.5Z"), "2025-06-30T07:00:00.500+07:00");
        assert_eq!(shown("2024-02-29"), "2024-02-29T00:00:00+07:00");
        assert_eq!(shown("9999-12-31"), "9999-12-31T00:00:00+07:00");
        assert_eq!(shown("0001-01-01"), "0001-01-01T00:00:00+07:00");
        // The edges of the calendar are those of the city's own days.
        let (first, last) = ("0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59.999999+07:00");
        assert_eq!((shown(first), shown(last)), (first.into(), last.into()));
        assert_eq!(shown("9999-12-31T16:59:59Z"), "9999-12-31T23:59:59+07:00");
    }

    #[test]
    fn what_no_calendar_has_and_what_has_no_zone_is_refused() {
        for text in [
            "",
            "2025",
            "2025-02-30",
            "2025-02-29",
            "2025-13-01",
            "2025-00-01",
            "2025-6-1",
            "0000-01-01",
            "10000-01-01",
            "+2025-01-01",
            "-001-01-01",
            "2025-06-30 ",
            " 2025-06-30",
            "2025/06/30",
            "20250630",
            "30-06-2025",
            "now",
            "2025-06-30T08:00:00",
            "2025-06-30T08:00Z",
            "2025-06-30 08:00:00Z",
            "2025-06-30t08:00:00z",
            "2025-06-30T24:00:00Z",
            "2025-06-30T08:60:00Z",
            "2016-12-31T23:59:60Z",
            "2025-06-30T08:00:00.Z",
            "2025-06-30T08:00:00 07:00",
            "2025-06-30T08:00:00+7",
            "2025-06-30T08:00:00+0700",
            "2025-06-30T08:00:00+24:00",
            "2025-06-30T08:00:00+07:60",
            "2025-06-30T08:00:00ZZ",
            "9999-12-31T17:00:00Z",
            "9999-12-31T23:59:59.999999-00:01",
            "0001-01-01T00:00:00+08:00",
            "0001-01-01T00:00:00+23:59",
            "２０２５-06-30",
            "2025-06-3٠",
        ] {
            assert_eq!(parse_moment(text, city_time()), None, "{text}");
        }
    }

    #[test]
    fn a_bound_that_has_no_name_is_shown_as_the_last_that_has_one() {
        let (first, last) = ("0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59.999999+07:00");
        for (moment, expected) in [
            (i64::MIN, first),
            (-62_200_000_000_000_000, first),
            (253_402_300_800_000_000, last),
            (i64::MAX, last),
        ] {
            assert_eq!(to_json(Some(Moment(moment)), city_time()), expected, "{moment}");
        }
        assert_eq!(to_json(None, city_time()), Value::Null);
    }
}
