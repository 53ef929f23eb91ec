//! Moments as documents spell them.

use chrono::{DateTime, Datelike, SecondsFormat};
use urbis_model::Moment;

/// RFC 3339 in UTC; `None` outside of the years 0001 to 9999, which is all it can say.
pub(crate) fn shown(moment: Moment) -> Option<String> {
    let utc = DateTime::from_timestamp_micros(moment.0)?;
    let is_sayable = (1..=9_999).contains(&utc.year());
    is_sayable.then(|| utc.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}
