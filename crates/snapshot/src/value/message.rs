//! A value as a tile spells it: the message `Value` of a Mapbox Vector Tile.
//!
//! Equal values have equal bytes, and others have others; numbers are equal where their bits are,
//! so that nothing is lost of a zero's sign.
//!
//! Source: Mapbox Vector Tile Specification 2.1, `vector_tile.proto`; Protocol Buffers
//! documentation, "Encoding".

use crate::Value;

/// Key of each field: its number and how it is written.
mod key {
    pub(super) const STRING: u8 = 1 << 3 | 2;
    pub(super) const DOUBLE: u8 = 3 << 3 | 1;
    pub(super) const UINT: u8 = 5 << 3;
    pub(super) const SINT: u8 = 6 << 3;
    pub(super) const BOOL: u8 = 7 << 3;
}

/// Appends the message of a value; nothing for [`Value::Null`], which a tile leaves out.
pub(crate) fn write(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Null => {}
        Value::Bool(truth) => out.extend([key::BOOL, u8::from(truth)]),
        Value::Int(number) => {
            let (key, number) = match u64::try_from(number) {
                Ok(number) => (key::UINT, number),
                Err(_) => (key::SINT, ((number << 1) ^ (number >> 63)).cast_unsigned()),
            };
            out.push(key);
            write_varint(out, number);
        }
        Value::Float(number) => {
            out.push(key::DOUBLE);
            out.extend_from_slice(&number.to_le_bytes());
        }
        Value::Text(text) => {
            out.push(key::STRING);
            write_varint(out, text.len() as u64);
            out.extend_from_slice(text.as_bytes());
        }
    }
}

/// The value of a message that [`write()`] made.
pub(super) fn read(message: &[u8]) -> Value<'_> {
    let Some((key, rest)) = message.split_first() else { return Value::Null };
    match *key {
        key::BOOL => Value::Bool(read_varint(rest).0 != 0),
        key::UINT => Value::Int(read_varint(rest).0.cast_signed()),
        key::SINT => {
            let number = read_varint(rest).0;
            Value::Int((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
        }
        key::DOUBLE => Value::Float(rest.try_into().map_or(0.0, f64::from_le_bytes)),
        _ => Value::Text(str::from_utf8(read_varint(rest).1).unwrap_or_default()),
    }
}

fn write_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// A number and what follows it.
fn read_varint(bytes: &[u8]) -> (u64, &[u8]) {
    let len = bytes.iter().position(|byte| *byte < 0x80).map_or(bytes.len(), |last| last + 1);
    let (number, rest) = bytes.split_at(len);
    let fold = |sum, byte: &u8| sum << 7 | u64::from(byte & 0x7f);
    (number.iter().rev().fold(0, fold), rest)
}
