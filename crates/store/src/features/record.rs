//! Features between the database and files of any format: rows as PostgreSQL sends them.
//!
//! A piece holds its rows one after the other: id, WKB, then the attributes, each a length (-1 for
//! null) and as many bytes. Nothing of a row is read before its turn, so a piece costs what it is
//! long.

use std::sync::Arc;

use urbis_catalog::AttributeType;
use urbis_model::{AttributeValue, FeatureId};

use super::FeaturePage;
use super::text::{put_day, put_moment};

/// Length that says null.
const NULL: i32 = -1;

/// Some features of an answer.
#[derive(Debug, Clone)]
pub struct FeatureRecords {
    bytes: Vec<u8>,
    count: u64,
    kinds: Arc<[AttributeType]>,
}

/// One feature.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureRecord<'a> {
    /// Its id.
    pub id: FeatureId,
    /// Its geometry as little-endian WKB; x = easting or longitude. Of the layer's kind or of one
    /// part of it; absent where it has none.
    pub wkb: Option<&'a [u8]>,
    /// Its attributes, in the order of [`super::FeatureAsk::attributes`]. Days and moments are
    /// texts: `2025-07-01`, and RFC 3339 in UTC; null outside of the years 0001 to 9999.
    pub values: Vec<AttributeValue>,
}

impl FeatureRecords {
    pub(super) fn new(page: FeaturePage, kinds: Arc<[AttributeType]>) -> Self {
        Self { bytes: page.features, count: page.count, kinds }
    }

    /// How many there are.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The features in their order.
    pub fn iter(&self) -> impl Iterator<Item = FeatureRecord<'_>> {
        let mut rest = Rest(&self.bytes);
        std::iter::from_fn(move || rest.record(&self.kinds))
    }
}

/// What is left of a piece.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn record(&mut self, kinds: &[AttributeType]) -> Option<FeatureRecord<'a>> {
        let id = self.next()??;
        let id = FeatureId::new(i64::from_be_bytes(id.try_into().ok()?)).ok()?;
        let wkb = self.next()?;
        let values = kinds.iter().map(|kind| {
            let value = self.next()?.and_then(|bytes| read(bytes, *kind));
            Some(value.unwrap_or(AttributeValue::Null))
        });
        Some(FeatureRecord { id, wkb, values: values.collect::<Option<_>>()? })
    }

    /// The next part: nothing at the end, then nothing where it is null.
    fn next(&mut self) -> Option<Option<&'a [u8]>> {
        let (length, rest) = self.0.split_first_chunk()?;
        let Ok(length) = usize::try_from(i32::from_ne_bytes(*length)) else {
            self.0 = rest;
            return Some(None);
        };
        let (part, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(Some(part))
    }
}

/// Writes one part of a row.
pub(super) fn put(bytes: &mut Vec<u8>, part: Option<&[u8]>) {
    // PostgreSQL sends no value of two gigabytes.
    let length = part.and_then(|part| i32::try_from(part.len()).ok()).unwrap_or(NULL);
    bytes.extend_from_slice(&length.to_ne_bytes());
    if length != NULL {
        bytes.extend_from_slice(part.unwrap_or_default());
    }
}

/// A value as PostgreSQL sends it; nothing where it is none of its type.
fn read(bytes: &[u8], kind: AttributeType) -> Option<AttributeValue> {
    let whole = || bytes.try_into().ok().map(i64::from_be_bytes);
    Some(match kind {
        AttributeType::Text | AttributeType::Code | AttributeType::Codes => {
            AttributeValue::text(str::from_utf8(bytes).ok()?)
        }
        AttributeType::Integer => AttributeValue::Int(whole()?),
        AttributeType::Float => {
            let number = f64::from_be_bytes(bytes.try_into().ok()?);
            number.is_finite().then_some(AttributeValue::Float(number))?
        }
        AttributeType::Boolean => AttributeValue::Bool(bytes == [1]),
        AttributeType::Date => {
            let days = i32::from_be_bytes(bytes.try_into().ok()?);
            unquoted(|text| put_day(text, days.into()))?
        }
        AttributeType::Datetime => {
            let micros = whole()?;
            unquoted(|text| put_moment(text, micros))?
        }
    })
}

/// A text that is written as JSON, where it is no null.
fn unquoted(put: impl FnOnce(&mut Vec<u8>)) -> Option<AttributeValue> {
    let mut text = Vec::new();
    put(&mut text);
    let inner = text.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    Some(AttributeValue::text(str::from_utf8(inner).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_with_their_nulls() {
        let mut bytes = Vec::new();
        let days = 9_313_i32.to_be_bytes();
        let rows: [[Option<&[u8]>; 5]; 2] = [
            [Some(&[0, 0, 0, 0, 0, 0, 0, 7]), Some(b"wkb"), Some("Đ".as_bytes()), Some(&[1]), None],
            [Some(&[0, 0, 0, 0, 0, 0, 0, 8]), None, Some(b""), None, Some(&days)],
        ];
        rows.iter().flatten().for_each(|part| put(&mut bytes, *part));
        let kinds = [AttributeType::Text, AttributeType::Boolean, AttributeType::Date];
        let page = FeaturePage { features: bytes, count: 2, next: None };
        let records = FeatureRecords::new(page, kinds.into());
        let found: Vec<_> = records.iter().collect();
        assert_eq!(found[0].id.to_i64(), 7);
        assert_eq!(found[0].wkb, Some(&b"wkb"[..]));
        let text = AttributeValue::text;
        let null = AttributeValue::Null;
        assert_eq!(found[0].values, [text("Đ"), AttributeValue::Bool(true), null.clone()]);
        assert_eq!(found[1].values, [text(""), null, text("2025-07-01")]);
        assert_eq!((found[1].wkb, found.len()), (None, 2));
    }
}
