//! The little of Protocol Buffers that a tile needs.
//!
//! Source: Protocol Buffers documentation, "Encoding".

/// How the bytes after a key are to be read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wire {
    Varint = 0,
    Bytes = 2,
}

/// Most bytes that a number takes.
const MAX_VARINT: usize = 10;

/// Most numbers of a tile are steps of a few units: one byte, or two.
#[inline]
pub(super) fn put_varint(out: &mut Vec<u8>, number: u64) {
    if number < 0x80 {
        out.push(number as u8);
    } else if number < 0x4000 {
        out.extend_from_slice(&[number as u8 | 0x80, (number >> 7) as u8]);
    } else {
        put_long_varint(out, number);
    }
}

/// Two numbers, mostly small; room is looked for once, as most of a tile's bytes come in pairs.
#[inline]
pub(super) fn put_pair(out: &mut Vec<u8>, one: u64, other: u64) {
    let low = |number: u64| number as u8 | 0x80;
    let high = |number: u64| (number >> 7) as u8;
    match (one < 0x80, other < 0x80) {
        (true, true) => out.extend_from_slice(&[one as u8, other as u8]),
        _ if (one | other) >= 0x4000 => {
            put_varint(out, one);
            put_varint(out, other);
        }
        (true, false) => out.extend_from_slice(&[one as u8, low(other), high(other)]),
        (false, true) => out.extend_from_slice(&[low(one), high(one), other as u8]),
        (false, false) => out.extend_from_slice(&[low(one), high(one), low(other), high(other)]),
    }
}

/// Room is looked for once a number, not once a byte.
fn put_long_varint(out: &mut Vec<u8>, mut number: u64) {
    let mut bytes = [0; MAX_VARINT];
    let mut len = 0;
    while number >= 0x80 {
        bytes[len] = number as u8 | 0x80;
        number >>= 7;
        len += 1;
    }
    bytes[len] = number as u8;
    out.extend_from_slice(&bytes[..=len]);
}

/// Bytes that a number takes.
pub(super) const fn varint_len(number: u64) -> usize {
    (64 - (number | 1).leading_zeros()).div_ceil(7) as usize
}

pub(super) fn put_key(out: &mut Vec<u8>, field: u8, wire: Wire) {
    out.push(field << 3 | wire as u8);
}

pub(super) fn put_number(out: &mut Vec<u8>, field: u8, number: u64) {
    put_key(out, field, Wire::Varint);
    put_varint(out, number);
}

/// Starts a field of that many bytes, which are to follow.
pub(super) fn put_len(out: &mut Vec<u8>, field: u8, len: usize) {
    put_key(out, field, Wire::Bytes);
    put_varint(out, len as u64);
}

pub(super) fn put_bytes(out: &mut Vec<u8>, field: u8, bytes: &[u8]) {
    put_len(out, field, bytes.len());
    out.extend_from_slice(bytes);
}

/// Bytes that a field of that many bytes takes, its key and length included.
pub(super) const fn bytes_len(len: usize) -> usize {
    1 + varint_len(len as u64) + len
}

/// Signed numbers with small magnitudes to small unsigned ones.
pub(super) const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_takes_as_many_bytes_as_it_says() {
        for bits in 0..64 {
            for number in [(1_u64 << bits) - 1, 1 << bits, u64::MAX >> bits] {
                let mut out = Vec::new();
                put_varint(&mut out, number);
                assert_eq!(out.len(), varint_len(number), "{number}");
            }
        }
    }
}
