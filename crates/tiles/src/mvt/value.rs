//! One attribute value as a tile spells it.

use urbis_snapshot::Value;

use super::proto::{Wire, put_bytes, put_key, put_number, zigzag};

const STRING: u8 = 1;
const DOUBLE: u8 = 3;
const UINT: u8 = 5;
const SINT: u8 = 6;
const BOOL: u8 = 7;

/// The message of a value; `None` for an absent one, which a tile leaves out.
pub(super) fn encode(value: Value<'_>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    match value {
        Value::Null => return None,
        Value::Bool(truth) => put_number(&mut out, BOOL, u64::from(truth)),
        Value::Int(number) => match u64::try_from(number) {
            Ok(number) => put_number(&mut out, UINT, number),
            Err(_) => put_number(&mut out, SINT, zigzag(number)),
        },
        Value::Float(number) => {
            put_key(&mut out, DOUBLE, Wire::Fixed64);
            out.extend_from_slice(&number.to_le_bytes());
        }
        Value::Text(text) => put_bytes(&mut out, STRING, text.as_bytes()),
    }
    Some(out)
}
