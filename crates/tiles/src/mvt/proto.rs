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
pub(super) const MAX_VARINT: usize = 10;

/// Bytes of one number or several, as they lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Varint {
    /// The first byte is the lowest; those after the last are 0.
    pub(super) bytes: u64,
    pub(super) len: u32,
}

impl Varint {
    /// No number.
    pub(super) const NONE: Self = Self { bytes: 0, len: 0 };

    /// A number below 2^7.
    pub(super) const fn one_byte(number: u8) -> Self {
        Self { bytes: number as u64, len: 1 }
    }

    /// A number below 2^28, which takes four bytes at most.
    #[inline]
    pub(super) const fn short(number: u64) -> Option<Self> {
        if number >> 28 == 0 { Some(Self::spread(number)) } else { None }
    }

    /// Two numbers below 2^28.
    #[inline]
    pub(super) const fn pair(one: u32, other: u32) -> Self {
        Self::spread(one as u64).then(Self::spread(other as u64))
    }

    /// This, then others; eight bytes in all at most.
    #[inline]
    pub(super) const fn then(self, next: Self) -> Self {
        Self { bytes: self.bytes | next.bytes << (8 * self.len), len: self.len + next.len }
    }

    /// Puts a bit before every seven, and sets it in all bytes but the last: without a branch.
    #[inline]
    const fn spread(number: u64) -> Self {
        let len = varint_len(number) as u32;
        let pairs = (number & 0x3fff) | (number & 0xfff_c000) << 2;
        let bytes = (pairs & 0x007f_007f) | (pairs & 0x3f80_3f80) << 1;
        let more = 0x8080_8080 & ((1 << (8 * (len - 1))) - 1);
        Self { bytes: bytes | more, len }
    }
}

/// Most numbers of a tile are steps of a few units: one byte, or two.
#[inline]
pub(crate) fn put_varint(out: &mut Vec<u8>, number: u64) {
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
    // A seventh of the bits, rounded up, without a division: 9/64 is a little less than 1/7.
    ((64 - (number | 1).leading_zeros()) * 9 + 64) as usize / 64
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
                if let Some(short) = Varint::short(number) {
                    let bytes = short.bytes.to_le_bytes();
                    assert_eq!(bytes[..short.len as usize], out, "{number}");
                    assert_eq!(short.bytes >> (8 * short.len), 0, "{number}");
                } else {
                    assert!(number >= 1 << 28);
                }
            }
        }
    }
}
