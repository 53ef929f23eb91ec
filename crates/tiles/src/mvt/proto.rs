//! The little of Protocol Buffers that a tile needs.
//!
//! Source: Protocol Buffers documentation, "Encoding".

/// How the bytes after a key are to be read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wire {
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
}

pub(super) fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(super) fn put_key(out: &mut Vec<u8>, field: u8, wire: Wire) {
    out.push(field << 3 | wire as u8);
}

pub(super) fn put_number(out: &mut Vec<u8>, field: u8, number: u64) {
    put_key(out, field, Wire::Varint);
    put_varint(out, number);
}

pub(super) fn put_bytes(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    put_key(out, field, Wire::Bytes);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Adds a packed list of numbers, and nothing for an empty one.
pub(super) fn put_packed(out: &mut Vec<u8>, field: u8, numbers: &[u32], scratch: &mut Vec<u8>) {
    if numbers.is_empty() {
        return;
    }
    scratch.clear();
    for number in numbers {
        put_varint(scratch, u64::from(*number));
    }
    put_bytes(out, field, scratch);
}

/// Signed numbers with small magnitudes to small unsigned ones.
pub(super) const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}
