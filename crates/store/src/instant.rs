//! Reads `timestamptz` as the model's moments.

use sqlx::Row;
use sqlx::postgres::PgRow;
use urbis_model::{Moment, Validity};

/// Microseconds from 1970 to 2000, where PostgreSQL counts from.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// PostgreSQL's `infinity` and `-infinity`, as it sends them.
const INFINITY: i64 = i64::MAX;
const MINUS_INFINITY: i64 = i64::MIN;

/// Reads a `timestamptz`; the last centuries of PostgreSQL's calendar, which the model cannot
/// count, become its last moment, and both infinities become its ends.
pub(crate) fn read_moment(row: &PgRow, column: usize) -> Result<Option<Moment>, sqlx::Error> {
    Ok(read_micros(row, column)?.map(to_moment))
}

/// A moment as PostgreSQL counts it: microseconds since 2000.
pub(crate) const fn to_postgres_micros(moment: Moment) -> i64 {
    moment.0.saturating_sub(EPOCH_MICROS)
}

/// Reads `valid_from` and `valid_to` from two columns.
pub(crate) fn read_validity(row: &PgRow, first: usize) -> Result<Validity, sqlx::Error> {
    Ok(to_validity(read_micros(row, first)?, read_micros(row, first + 1)?))
}

/// A `timestamptz` is sent as microseconds since 2000; the driver has no type of its own for it.
fn read_micros(row: &PgRow, column: usize) -> Result<Option<i64>, sqlx::Error> {
    row.try_get_unchecked(column)
}

fn to_moment(micros: i64) -> Moment {
    match micros {
        MINUS_INFINITY => Moment(i64::MIN),
        micros => Moment(micros.saturating_add(EPOCH_MICROS)),
    }
}

/// An infinity that sets no bound is none; one that does (a start that never comes) stays one.
fn to_validity(from: Option<i64>, to: Option<i64>) -> Validity {
    Validity {
        from: from.filter(|micros| *micros != MINUS_INFINITY).map(to_moment),
        to: to.filter(|micros| *micros != INFINITY).map(to_moment),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_count_from_1970() {
        assert_eq!(to_moment(-EPOCH_MICROS), Moment(0));
        assert_eq!(to_moment(0), Moment(946_684_800_000_000));
    }

    #[test]
    fn what_is_out_of_range_is_the_last_moment() {
        // 294276-12-31 23:59:59.999999, the last that PostgreSQL has.
        assert_eq!(to_moment(9_223_371_331_199_999_999), Moment(i64::MAX));
    }

    #[test]
    fn only_an_infinity_that_sets_no_bound_is_none() {
        let always = to_validity(Some(MINUS_INFINITY), Some(INFINITY));
        assert_eq!(always, Validity::ALWAYS);
        assert_eq!(to_validity(None, None), Validity::ALWAYS);
        for never in [to_validity(Some(INFINITY), None), to_validity(None, Some(MINUS_INFINITY))] {
            assert!(!never.contains(Moment(0)), "{never:?}");
        }
    }
}
