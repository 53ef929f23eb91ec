//! One attribute value as a tile spells it.

use urbis_snapshot::Value;

use super::proto::{Wire, put_bytes, put_key, put_number, zigzag};

const STRING: u8 = 1;
const DOUBLE: u8 = 3;
const UINT: u8 = 5;
const SINT: u8 = 6;
const BOOL: u8 = 7;

/// Appends the message of a value; nothing for an absent one, which a tile leaves out.
pub(super) fn put_value(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Null => {}
        Value::Bool(truth) => put_number(out, BOOL, u64::from(truth)),
        Value::Int(number) => match u64::try_from(number) {
            Ok(number) => put_number(out, UINT, number),
            Err(_) => put_number(out, SINT, zigzag(number)),
        },
        Value::Float(number) => {
            put_key(out, DOUBLE, Wire::Fixed64);
            out.extend_from_slice(&number.to_le_bytes());
        }
        Value::Text(text) => put_bytes(out, STRING, text.as_bytes()),
    }
}
