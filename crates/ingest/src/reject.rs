//! What is kept of a record that cannot be published: its fields and its geometry, byte for byte.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::record::SourceRecord;
use crate::value::RawValue;

/// Largest geometry that is kept with a reject; of a larger one only the size is.
const MAX_KEPT_WKB_BYTES: usize = 1 << 20;

/// Largest field that is kept with a reject.
const MAX_KEPT_FIELD_BYTES: usize = 1 << 16;

/// The record as JSON: `{"id", "fields": {name: value}, "geometry_wkb": hex}`.
///
/// Text that is not UTF-8 is `{"hex": "..."}`, so that no byte is lost to an encoding.
pub(crate) fn raw_bytes(names: &[String], record: &SourceRecord) -> Vec<u8> {
    let fields: Map<String, Value> =
        names.iter().cloned().zip(record.values.iter().map(to_json)).collect();
    let geometry = match &record.geometry {
        None => Value::Null,
        Some(wkb) if wkb.len() > MAX_KEPT_WKB_BYTES => json!({ "bytes": wkb.len() }),
        Some(wkb) => Value::String(hex(wkb)),
    };
    json!({ "id": record.id, "fields": fields, "geometry_wkb": geometry }).to_string().into_bytes()
}

fn to_json(value: &RawValue) -> Value {
    match value {
        RawValue::Null => Value::Null,
        RawValue::Boolean(flag) => json!(flag),
        RawValue::Integer(number) => json!(number),
        RawValue::Real(number) if number.is_finite() => json!(number),
        RawValue::Real(number) => json!(number.to_string()),
        RawValue::Bytes(bytes) => {
            let kept = &bytes[..bytes.len().min(MAX_KEPT_FIELD_BYTES)];
            match std::str::from_utf8(kept) {
                Ok(text) => json!(text),
                Err(_) => json!({ "hex": hex(kept) }),
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}
