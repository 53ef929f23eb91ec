//! Rows as GeoJSON features.

use sqlx::postgres::{PgRow, PgValueRef};
use sqlx::{Row, ValueRef};
use urbis_catalog::{AttributeType, Layer};
use urbis_model::{AttributeValue, FeatureId, Openness};

use super::ask::FeatureAsk;
use super::geometry::GeometryWriter;
use super::text::{put_day, put_moment, put_real, put_text, put_whole};
use super::{record, seen, select};
use crate::StoreError;
use crate::error::while_doing;

/// Columns of [`select::rows`].
const ID: usize = 0;
const GEOMETRY: usize = 1;
const DECIDING: usize = 2;
const FIRST_ATTRIBUTE: usize = 3;

/// Writes the features of one question.
#[derive(Debug)]
pub(super) struct FeatureWriter {
    geometry: GeometryWriter,
    /// What stands before each value, from the end of the geometry on, and its type.
    properties: Vec<(Vec<u8>, AttributeType)>,
    judge: Option<Judge>,
    layer: Layer,
    form: Form,
}

/// How a feature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    GeoJson,
    /// As [`super::FeatureRecords`] reads it.
    Record,
}

/// Asks the catalogue's own rule who may see a feature: the database has asked it in its way.
#[derive(Debug)]
struct Judge {
    class: Openness,
    /// Place and type of the attribute that decides.
    index: usize,
    kind: AttributeType,
    /// All attributes as the rule takes them; no other is looked at.
    attributes: Vec<AttributeValue>,
}

impl FeatureWriter {
    pub(super) fn new(ask: &FeatureAsk<'_>) -> Self {
        let layer = ask.layer;
        let properties = select::answered(ask).into_iter().enumerate().map(|(place, attribute)| {
            let before: &[u8] = if place == 0 { br#","properties":{"# } else { b"," };
            let mut before = before.to_vec();
            put_text(&mut before, &attribute.name);
            before.push(b':');
            (before, attribute.kind)
        });
        let judge = seen::deciding(layer, ask.class).map(|(_, index)| Judge {
            class: ask.class,
            index,
            kind: layer.attributes[index].kind,
            attributes: vec![AttributeValue::Null; layer.attributes.len()],
        });
        Self {
            geometry: GeometryWriter::new(layer.geometry, ask.crs),
            properties: properties.collect(),
            judge,
            layer: layer.clone(),
            form: Form::GeoJson,
        }
    }

    /// The same for features that are written as records.
    pub(super) fn of_records(ask: &FeatureAsk<'_>) -> Self {
        Self { form: Form::Record, ..Self::new(ask) }
    }

    /// The feature of a row.
    pub(super) fn id(&self, row: &PgRow) -> Result<FeatureId, StoreError> {
        let bytes = value(row, ID)?;
        let id = bytes.as_ref().and_then(|value| whole(bytes_of(value)?)).unwrap_or_default();
        FeatureId::new(id).map_err(|_| StoreError::StoredValueInvalid {
            layer: self.layer.id.clone(),
            feature_id: id,
            what: "an id out of range",
        })
    }

    /// Writes the feature of a row after those that are there; says whether it may be seen, and so
    /// was written.
    pub(super) fn put(
        &mut self,
        text: &mut Vec<u8>,
        id: FeatureId,
        row: &PgRow,
    ) -> Result<bool, StoreError> {
        if let Some(judge) = &mut self.judge
            && !judge.shows(&self.layer, value(row, DECIDING)?.as_ref())
        {
            return Ok(false);
        }
        if self.form == Form::Record {
            self.put_record(text, id, row)?;
            return Ok(true);
        }
        if !text.is_empty() {
            text.push(b',');
        }
        text.extend_from_slice(br#"{"type":"Feature","id":"#);
        put_whole(text, id.to_i64());
        text.extend_from_slice(br#","geometry":"#);
        let wkb = value(row, GEOMETRY)?;
        self.geometry.put(text, wkb.as_ref().and_then(bytes_of));
        if self.properties.is_empty() {
            text.extend_from_slice(br#","properties":{"#);
        }
        for (place, (before, kind)) in self.properties.iter().enumerate() {
            text.extend_from_slice(before);
            let found = value(row, FIRST_ATTRIBUTE + place)?;
            let written = found.as_ref().and_then(|found| put_value(text, bytes_of(found)?, *kind));
            if written.is_none() {
                text.extend_from_slice(b"null");
            }
        }
        text.extend_from_slice(b"}}");
        Ok(true)
    }

    fn put_record(
        &self,
        bytes: &mut Vec<u8>,
        id: FeatureId,
        row: &PgRow,
    ) -> Result<(), StoreError> {
        record::put(bytes, Some(&id.to_i64().to_be_bytes()));
        let attributes = FIRST_ATTRIBUTE..FIRST_ATTRIBUTE + self.properties.len();
        for column in std::iter::once(GEOMETRY).chain(attributes) {
            record::put(bytes, value(row, column)?.as_ref().and_then(bytes_of));
        }
        Ok(())
    }
}

impl Judge {
    fn shows(&mut self, layer: &Layer, deciding: Option<&PgValueRef<'_>>) -> bool {
        let bytes = deciding.and_then(bytes_of);
        self.attributes[self.index] = match (self.kind, bytes) {
            (_, None) => AttributeValue::Null,
            (AttributeType::Boolean, Some(bytes)) => AttributeValue::Bool(bytes == [1]),
            (_, Some(bytes)) => match str::from_utf8(bytes) {
                Ok(word) => AttributeValue::text(word),
                Err(_) => return false,
            },
        };
        layer.feature_openness(&self.attributes) <= self.class
    }
}

/// A column as it came; `None` where it is null.
fn value(row: &PgRow, column: usize) -> Result<Option<PgValueRef<'_>>, StoreError> {
    let value = row.try_get_raw(column).map_err(while_doing("reading a feature"))?;
    Ok(Some(value).filter(|value| !value.is_null()))
}

fn bytes_of<'a>(value: &PgValueRef<'a>) -> Option<&'a [u8]> {
    value.as_bytes().ok()
}

fn whole(bytes: &[u8]) -> Option<i64> {
    bytes.try_into().ok().map(i64::from_be_bytes)
}

/// Writes a value as PostgreSQL sends it; nothing where it is none of its type.
fn put_value(text: &mut Vec<u8>, bytes: &[u8], kind: AttributeType) -> Option<()> {
    match kind {
        AttributeType::Text | AttributeType::Code | AttributeType::Codes => {
            put_text(text, str::from_utf8(bytes).ok()?);
        }
        AttributeType::Integer => put_whole(text, whole(bytes)?),
        AttributeType::Float => put_real(text, f64::from_be_bytes(bytes.try_into().ok()?)),
        AttributeType::Boolean => {
            text.extend_from_slice(if bytes == [1] { b"true" } else { b"false" });
        }
        AttributeType::Date => put_day(text, i32::from_be_bytes(bytes.try_into().ok()?).into()),
        AttributeType::Datetime => put_moment(text, whole(bytes)?),
    }
    Some(())
}
