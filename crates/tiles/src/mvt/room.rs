//! Bytes that are written one after another, in room that is used again from tile to tile.
//!
//! Room for a whole feature is looked for once; numbers and short texts are then stored as whole
//! words, of which only the first bytes count.

use super::proto::{Varint, Wire};

/// Bytes that a short copy takes at once.
pub(super) const BLOCK: usize = 32;

/// The bytes so far; what lies behind them is of earlier tiles.
#[derive(Debug, Default)]
pub(super) struct Room {
    bytes: Vec<u8>,
    len: usize,
}

impl Room {
    pub(super) const fn clear(&mut self) {
        self.len = 0;
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All that was written.
    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// All that was written, and what happens to lie behind it.
    pub(super) fn and_on(&self) -> &[u8] {
        &self.bytes
    }

    /// Writes up to `most` bytes after those that there are.
    #[inline]
    pub(super) fn write(&mut self, most: usize, write: impl FnOnce(&mut Cursor<'_>)) {
        let end = self.len + most + BLOCK;
        if self.bytes.len() < end {
            self.grow(end);
        }
        let mut cursor = Cursor { out: &mut self.bytes[self.len..end], at: 0 };
        write(&mut cursor);
        debug_assert!(cursor.at <= most, "{} of {most} bytes", cursor.at);
        self.len += cursor.at;
    }

    #[cold]
    fn grow(&mut self, end: usize) {
        self.bytes.resize(end.next_power_of_two(), 0);
    }
}

/// Where the next byte goes.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    out: &'a mut [u8],
    at: usize,
}

impl Cursor<'_> {
    /// The head of a field, of a number below 16.
    #[inline]
    pub(super) fn key(&mut self, field: u8, wire: Wire) {
        self.byte(field << 3 | wire as u8);
    }

    #[inline]
    pub(super) fn byte(&mut self, byte: u8) {
        self.out[self.at] = byte;
        self.at += 1;
    }

    #[inline]
    pub(super) fn varint(&mut self, number: u64) {
        if number < 0x80 {
            self.byte(number as u8);
        } else {
            match Varint::short(number) {
                Some(short) => self.word(short),
                None => self.long_varint(number),
            }
        }
    }

    /// A number that is at hand as its bytes.
    #[inline]
    pub(super) fn word(&mut self, varint: Varint) {
        self.out[self.at..self.at + 8].copy_from_slice(&varint.bytes.to_le_bytes());
        self.at += varint.len as usize;
    }

    #[cold]
    fn long_varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.byte(number as u8 | 0x80);
            number >>= 7;
        }
        self.byte(number as u8);
    }

    /// The first `len` bytes of some.
    #[inline]
    pub(super) fn copy(&mut self, from: &[u8], len: usize) {
        match from.first_chunk::<BLOCK>() {
            Some(block) if len <= BLOCK => {
                self.out[self.at..self.at + BLOCK].copy_from_slice(block);
            }
            _ => self.out[self.at..self.at + len].copy_from_slice(&from[..len]),
        }
        self.at += len;
    }
}
