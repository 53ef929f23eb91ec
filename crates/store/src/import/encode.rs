//! A record as the columns of its layer's table, checked before the database sees it.
//!
//! COPY fails whole: one value that the server refuses would end the import, so it is refused
//! here, as a reject.

use urbis_catalog::{AttributeType, Layer};
use urbis_model::{AttributeValue, GeometryKind, ImportRecord};

use super::binary::{put_field, put_null};
use super::instant::{parse_day, parse_instant};

/// Why a record cannot be stored, for people.
pub(super) type Unstorable = String;

/// EWKB's mark of a geometry type that is followed by an SRID.
const EWKB_HAS_SRID: u32 = 0x2000_0000;

/// A record ready to be copied.
#[derive(Debug)]
pub(super) struct EncodedRecord {
    pub(super) source_key: String,
    pub(super) source_row: i64,
    pub(super) source_hash: [u8; 16],
    pub(super) original_ewkb: Option<Vec<u8>>,
    /// Code and detail.
    pub(super) faults: Vec<(&'static str, String)>,
    /// Geometry, attributes, validity: fields of binary COPY.
    pub(super) columns: Vec<u8>,
}

/// How many fields [`EncodedRecord::columns`] holds.
pub(super) fn column_count(layer: &Layer) -> i16 {
    i16::try_from(layer.attributes.len() + 3).expect("a PostgreSQL table has at most 1,600 columns")
}

/// Encodes a record.
pub(super) fn encode(layer: &Layer, record: ImportRecord) -> Result<EncodedRecord, Unstorable> {
    let mut columns = Vec::with_capacity(record.geometry_ewkb.len() + 32 * layer.attributes.len());
    check_text(&record.source_key)?;
    put_geometry(&mut columns, layer, &record.geometry_ewkb)?;
    if record.attributes.len() != layer.attributes.len() {
        let (found, wanted) = (record.attributes.len(), layer.attributes.len());
        return Err(format!("{found} attributes, wanted {wanted}"));
    }
    for (attribute, value) in layer.attributes.iter().zip(&record.attributes) {
        put_value(&mut columns, attribute.kind, value)
            .map_err(|found| format!("attribute '{}' is {found}", attribute.name))?;
    }
    for instant in [&record.valid_from, &record.valid_to] {
        put_instant(&mut columns, instant.as_deref())?;
    }
    let faults = record.faults.into_iter().map(|fault| (fault.code, without_nul(fault.detail)));
    Ok(EncodedRecord {
        source_key: record.source_key,
        source_row: i64::try_from(record.source_row).unwrap_or(i64::MAX),
        source_hash: record.source_hash.to_be_bytes(),
        original_ewkb: record.original_ewkb,
        faults: faults.collect(),
        columns,
    })
}

/// Takes out the one character that PostgreSQL's `text` cannot hold.
pub(crate) fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

fn put_geometry(row: &mut Vec<u8>, layer: &Layer, ewkb: &[u8]) -> Result<(), Unstorable> {
    if ewkb.is_empty() {
        put_null(row);
        return Ok(());
    }
    let (kind, srid) = read_ewkb_header(ewkb).ok_or("the geometry is no EWKB with an SRID")?;
    if (kind, srid) != (ewkb_kind(layer.geometry), layer.storage_srid.0) {
        let (wanted, wanted_srid) = (layer.geometry, layer.storage_srid);
        return Err(format!(
            "the geometry is of WKB type {kind} in EPSG:{srid}, wanted {wanted} in {wanted_srid}"
        ));
    }
    put_field(row, ewkb).map_err(|_| "the geometry is too long".into())
}

fn read_ewkb_header(ewkb: &[u8]) -> Option<(u32, u32)> {
    let word = |from: usize| -> Option<u32> {
        let bytes: [u8; 4] = ewkb.get(from..from + 4)?.try_into().ok()?;
        Some(if ewkb[0] == 0 { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    };
    let kind = word(1)?;
    (kind & EWKB_HAS_SRID != 0).then(|| Some((kind & !EWKB_HAS_SRID, word(5)?)))?
}

/// Type numbers of OGC WKB.
const fn ewkb_kind(kind: GeometryKind) -> u32 {
    match kind {
        GeometryKind::Point => 1,
        GeometryKind::MultiLineString => 5,
        GeometryKind::MultiPolygon => 6,
    }
}

fn put_value(
    row: &mut Vec<u8>,
    kind: AttributeType,
    value: &AttributeValue,
) -> Result<(), Unstorable> {
    use AttributeType as Type;
    use AttributeValue as Value;
    let fits = match (kind, value) {
        (_, Value::Null) => {
            put_null(row);
            return Ok(());
        }
        (Type::Text | Type::Code | Type::Codes, Value::Text(text)) => {
            check_text(text)?;
            put_field(row, text.as_bytes())
        }
        (Type::Integer, Value::Int(number)) => put_field(row, &number.to_be_bytes()),
        (Type::Float, Value::Float(number)) => put_field(row, &number.to_be_bytes()),
        (Type::Float, Value::Int(number)) => put_field(row, &(*number as f64).to_be_bytes()),
        (Type::Boolean, Value::Bool(truth)) => put_field(row, &[u8::from(*truth)]),
        (Type::Date, Value::Text(text)) => {
            let day = parse_day(text).ok_or_else(|| format!("'{text}', wanted a day"))?;
            put_field(row, &day.to_be_bytes())
        }
        (Type::Datetime, Value::Text(text)) => return put_instant(row, Some(text)),
        (kind, value) => return Err(format!("{value:?}, wanted {kind:?}")),
    };
    fits.map_err(|_| "too long".into())
}

fn put_instant(row: &mut Vec<u8>, text: Option<&str>) -> Result<(), Unstorable> {
    let Some(text) = text else {
        put_null(row);
        return Ok(());
    };
    let instant = parse_instant(text).ok_or_else(|| format!("'{text}', wanted an instant"))?;
    put_field(row, &instant.to_be_bytes()).map_err(|_| "too long".into())
}

fn check_text(text: &str) -> Result<(), Unstorable> {
    if text.contains('\0') { Err("a text with a NUL character".into()) } else { Ok(()) }
}
