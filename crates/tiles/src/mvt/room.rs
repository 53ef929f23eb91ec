//! Bytes that are written one after another, in room that is used again from tile to tile.
//!
//! Room for a whole feature is looked for once; numbers and short texts are then stored as whole
//! words, of which only the first bytes count.

use super::proto::{Varint, Wire, varint_len};

/// Bytes that a short copy takes at once.
const BLOCK: usize = 32;

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

/// The first bytes of some.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'a> {
    /// They, and what happens to follow: a short piece is copied as a whole block.
    pub(crate) bytes: &'a [u8],
    pub(crate) len: usize,
}

/// Where a length is to be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct LenAt(usize);

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

    /// As many bytes as it takes, and none beyond.
    #[cold]
    fn long_varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.byte(number as u8 | 0x80);
            number >>= 7;
        }
        self.byte(number as u8);
    }

    /// The bytes of a piece.
    #[inline]
    pub(super) fn copy(&mut self, piece: Piece<'_>) {
        let Piece { bytes, len } = piece;
        match bytes.first_chunk::<BLOCK>() {
            Some(block) if len <= BLOCK => {
                self.out[self.at..self.at + BLOCK].copy_from_slice(block);
            }
            _ => self.out[self.at..self.at + len].copy_from_slice(&bytes[..len]),
        }
        self.at += len;
    }

    /// Where the next byte goes, for [`Self::back_to`].
    #[inline]
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Takes back what was written since.
    #[inline]
    pub(super) const fn back_to(&mut self, at: usize) {
        self.at = at;
    }

    /// Leaves a byte for the length of what follows.
    #[inline]
    pub(super) const fn start_len(&mut self) -> LenAt {
        self.at += 1;
        LenAt(self.at - 1)
    }

    /// Bytes that follow a length.
    #[inline]
    pub(super) const fn len_since(&self, start: LenAt) -> usize {
        self.at - start.0 - 1
    }

    /// Writes the length of what has followed and of so many bytes that are to come.
    #[inline]
    pub(super) fn end_len(&mut self, start: LenAt, to_come: usize) {
        let len = self.len_since(start) + to_come;
        if len < 0x80 {
            self.out[start.0] = len as u8;
        } else {
            self.widen_len(start, len);
        }
    }

    /// Makes room for a length of more than one byte.
    fn widen_len(&mut self, LenAt(start): LenAt, len: usize) {
        let more = varint_len(len as u64) - 1;
        self.out.copy_within(start + 1..self.at, start + 1 + more);
        let end = self.at + more;
        self.at = start;
        self.long_varint(len as u64);
        self.at = end;
    }
}
