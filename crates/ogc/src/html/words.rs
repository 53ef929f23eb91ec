//! Numbers, times and terms of the field as people write them, in both languages.

use chrono::{DateTime, FixedOffset, NaiveDate};
use urbis_catalog::{Layer, Title, UtcOffset};
use urbis_model::{GeometryKind, Moment, Openness, Validity};

/// A text in both languages.
pub(super) fn both(vi: impl Into<String>, en: impl Into<String>) -> Title {
    Title { vi: vi.into(), en: en.into() }
}

/// A text that is the same in both.
pub(super) fn same(text: impl Into<String>) -> Title {
    let text = text.into();
    Title { vi: text.clone(), en: text }
}

/// A whole number: 1.234 and 1,234.
pub(super) fn count(number: u64) -> Title {
    both(grouped(number, '.'), grouped(number, ','))
}

fn grouped(number: u64, mark: char) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(mark);
        }
        text.push(digit);
    }
    text
}

/// A moment in the city's time: 22/11/2026 19:05 and 2026-11-22 19:05.
pub(super) fn moment(moment: Moment, offset: UtcOffset) -> Option<Title> {
    let zone = FixedOffset::east_opt(offset.seconds())?;
    let local = DateTime::from_timestamp_micros(moment.0)?.with_timezone(&zone);
    Some(both(
        local.format("%d/%m/%Y %H:%M").to_string(),
        local.format("%Y-%m-%d %H:%M").to_string(),
    ))
}

/// A moment of RFC 3339 in the city's time; as it is where it is none.
pub(super) fn moment_of(text: &str, offset: UtcOffset) -> Title {
    let read = DateTime::parse_from_rfc3339(text).ok();
    let shown = read.and_then(|read| moment(Moment(read.timestamp_micros()), offset));
    shown.unwrap_or_else(|| same(text))
}

/// A day of RFC 3339: 22/11/2026 and 2026-11-22; as it is where it is none.
pub(super) fn day(text: &str) -> Title {
    let read = NaiveDate::parse_from_str(text, "%Y-%m-%d");
    read.map_or_else(|_| same(text), |read| both(read.format("%d/%m/%Y").to_string(), text))
}

/// When a layer was imported last.
pub(super) fn imported(at: Option<Moment>, offset: UtcOffset) -> Title {
    at.and_then(|at| moment(at, offset)).unwrap_or_else(|| both("chưa rõ", "not known"))
}

/// From when to when features hold.
pub(super) fn holds(validity: Validity, offset: UtcOffset) -> Title {
    let day = |at: Moment| {
        let Title { vi, en } = moment(at, offset)?;
        let day = |text: String| text.split(' ').next().unwrap_or_default().to_owned();
        Some(both(day(vi), day(en)))
    };
    match (validity.from.and_then(day), validity.to.and_then(day)) {
        (None, None) => both("không giới hạn", "always"),
        (Some(from), None) => both(format!("từ {}", from.vi), format!("from {}", from.en)),
        (None, Some(to)) => both(format!("đến {}", to.vi), format!("until {}", to.en)),
        (Some(from), Some(to)) => {
            both(format!("từ {} đến {}", from.vi, to.vi), format!("from {} to {}", from.en, to.en))
        }
    }
}

/// The kind of a layer's geometries.
pub(super) fn geometry(layer: &Layer) -> Title {
    match layer.geometry {
        GeometryKind::Point => both("điểm (Point)", "points (Point)"),
        GeometryKind::MultiLineString => both("đường (MultiLineString)", "lines (MultiLineString)"),
        GeometryKind::MultiPolygon => both("vùng (MultiPolygon)", "areas (MultiPolygon)"),
    }
}

/// Who may see a layer, where that is not everybody.
pub(super) fn openness(layer: &Layer) -> Option<Title> {
    match layer.openness {
        Openness::Open => None,
        Openness::Internal => Some(both("dùng chung", "internal")),
        Openness::Restricted => Some(both("dùng riêng", "restricted")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_moments_are_those_of_each_language() {
        for (number, vi, en) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_000, "1.000", "1,000"),
            (12_345_678, "12.345.678", "12,345,678"),
        ] {
            assert_eq!(count(number), both(vi, en));
        }
        let offset: UtcOffset = "+07:00".parse().unwrap();
        let day = Moment(1_751_302_800_000_000);
        assert_eq!(moment(day, offset), Some(both("01/07/2025 00:00", "2025-07-01 00:00")));
        assert_eq!(moment(Moment(i64::MAX), offset), None);
        let shown = both("16/02/2026 00:00", "2026-02-16 00:00");
        assert_eq!(moment_of("2026-02-15T17:00:00Z", offset), shown);
        assert_eq!(
            moment_of("2026-02-15T24:00:00+07:00", offset),
            same("2026-02-15T24:00:00+07:00")
        );
        assert_eq!(super::day("2026-02-16"), both("16/02/2026", "2026-02-16"));
        assert_eq!(super::day("16.2."), same("16.2."));
        let since = Validity { from: Some(day), to: None };
        assert_eq!(holds(since, offset), both("từ 01/07/2025", "from 2025-07-01"));
    }
}
