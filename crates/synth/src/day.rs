//! Days around a fixed one, so that no clock is asked.

/// 2026-11-01 in days since 1970-01-01.
const REFERENCE: i64 = 20_758;

/// Moment of the reference day, for validity: microseconds since 1970, 00:00 at +07:00.
pub(crate) const REFERENCE_MICROS: i64 = (REFERENCE * 24 - 7) * 3_600_000_000;

/// So far in the future that what ends then is current for years: 31 December 2035.
pub(crate) const FAR: i64 = 3_347;

/// `yyyy-mm-dd`, a number of days after 1 November 2026.
pub(crate) fn day(after: i64) -> String {
    let (year, month, day) = civil(REFERENCE + after);
    format!("{year:04}-{month:02}-{day:02}")
}

/// RFC 3339 in the city's zone, a number of days after 1 November 2026.
pub(crate) fn moment(after: i64, hour: i64) -> String {
    format!("{}T{hour:02}:00:00+07:00", day(after))
}

/// Year, month and day of a day since 1970-01-01.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let found = [0, 29, 30, 61, -1, 485, FAR].map(day);
        let known = [
            "2026-11-01",
            "2026-11-30",
            "2026-12-01",
            "2027-01-01",
            "2026-10-31",
            "2028-02-29",
            "2035-12-31",
        ];
        assert_eq!(found, known);
        assert_eq!(moment(0, 6), "2026-11-01T06:00:00+07:00");
    }
}
