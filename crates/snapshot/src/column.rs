//! One attribute of some rows: a dictionary, and a code a row.

use xxhash_rust::xxh3::xxh3_64;

use crate::Value;
use crate::value::{Dictionary, write_message};

/// The code of each row, in as few bytes as they need.
#[derive(Debug)]
pub enum Codes {
    /// 0 for all rows.
    Zero,
    /// The number of the row, as where each has a value of its own.
    Row,
    /// At most 256 codes.
    Byte(Box<[u8]>),
    /// Any.
    Word(Box<[u16]>),
}

impl Codes {
    /// `count` is the number of different codes.
    pub(crate) fn new(codes: &[u16], count: usize) -> Self {
        if count <= 1 {
            return Self::Zero;
        }
        if codes.iter().zip(0_u16..).all(|(code, row)| *code == row) {
            return Self::Row;
        }
        if count <= 256 {
            return Self::Byte(codes.iter().map(|code| *code as u8).collect());
        }
        Self::Word(codes.into())
    }

    /// The code of a row.
    #[inline]
    pub fn get(&self, row: u32) -> u16 {
        match self {
            Self::Zero => 0,
            Self::Row => row as u16,
            Self::Byte(codes) => u16::from(codes[row as usize]),
            Self::Word(codes) => codes[row as usize],
        }
    }

    pub(crate) const fn bytes(&self) -> usize {
        match self {
            Self::Zero | Self::Row => 0,
            Self::Byte(codes) => codes.len(),
            Self::Word(codes) => codes.len() * 2,
        }
    }
}

/// The values of one attribute.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) dictionary: Dictionary,
    pub(crate) codes: Codes,
}

impl Column {
    pub(crate) fn get(&self, row: u32) -> Value<'_> {
        self.dictionary.get(self.codes.get(row))
    }

    pub(crate) fn message(&self, row: u32) -> &[u8] {
        self.dictionary.message(self.codes.get(row))
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.dictionary.bytes() + self.codes.bytes()
    }
}

/// No code of a slot.
const EMPTY: u16 = u16::MAX;

/// Collects the values of one attribute: at most 65,535 rows.
#[derive(Debug)]
pub(crate) struct ColumnBuilder {
    dictionary: Dictionary,
    codes: Vec<u16>,
    /// Codes by the hash of their values; a slot that is taken sends to the next.
    slots: Vec<u16>,
    message: Vec<u8>,
}

impl ColumnBuilder {
    pub(crate) fn new() -> Self {
        Self {
            dictionary: Dictionary::default(),
            codes: Vec::new(),
            slots: vec![EMPTY; 16],
            message: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, value: Value<'_>) {
        let mut message = std::mem::take(&mut self.message);
        message.clear();
        write_message(&mut message, value);
        let code = self.code_of(&message);
        self.message = message;
        self.codes.push(code);
    }

    pub(crate) fn finish(mut self) -> Column {
        self.dictionary.shrink();
        let codes = Codes::new(&self.codes, self.dictionary.len());
        Column { dictionary: self.dictionary, codes }
    }

    fn code_of(&mut self, message: &[u8]) -> u16 {
        let mut slot = self.slot_of(message);
        loop {
            match self.slots[slot] {
                EMPTY => break,
                code if self.dictionary.message(code) == message => return code,
                _ => slot = (slot + 1) % self.slots.len(),
            }
        }
        let code = u16::try_from(self.dictionary.len())
            .expect("a builder takes fewer rows than there are codes");
        self.dictionary.push(message);
        self.slots[slot] = code;
        if self.dictionary.len() * 2 > self.slots.len() {
            self.grow();
        }
        code
    }

    fn slot_of(&self, message: &[u8]) -> usize {
        xxh3_64(message) as usize % self.slots.len()
    }

    fn grow(&mut self) {
        self.slots = vec![EMPTY; self.slots.len() * 4];
        for code in 0..self.dictionary.len() as u16 {
            let mut slot = self.slot_of(self.dictionary.message(code));
            while self.slots[slot] != EMPTY {
                slot = (slot + 1) % self.slots.len();
            }
            self.slots[slot] = code;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_whatever_their_kind_and_number() {
        let texts: Vec<String> = (0..3_000).map(|n| format!("thửa {}", n % 700)).collect();
        let mut values: Vec<Value<'_>> = texts.iter().map(|text| Value::Text(text)).collect();
        values.extend([Value::Null, Value::Bool(true), Value::Bool(false), Value::Text("")]);
        values.extend([-0.0, 0.0, f64::MIN, 0.1].map(Value::Float));
        let bounds = [0, -1, 1, 127, 128, 16_384, i64::MAX, i64::MIN];
        values.extend(bounds.map(Value::Int));
        let mut builder = ColumnBuilder::new();
        values.iter().for_each(|value| builder.push(*value));
        let column = builder.finish();
        assert_eq!(column.dictionary.len(), 716);
        for (row, value) in (0..).zip(&values) {
            let found = column.get(row);
            assert_eq!(found, *value, "row {row}");
            // Equal by value, and still two.
            if let (Value::Float(found), Value::Float(value)) = (found, value) {
                assert_eq!(found.to_bits(), value.to_bits());
            }
        }
    }

    #[test]
    fn codes_take_no_more_bytes_than_they_need() {
        let bytes = |codes: &[u16], count| Codes::new(codes, count).bytes();
        assert_eq!(bytes(&[0; 300], 1), 0);
        assert_eq!(bytes(&[0, 1, 2, 3], 4), 0);
        assert_eq!(bytes(&[1, 0, 1], 2), 3);
        assert_eq!(bytes(&[300, 0, 1], 301), 6);
    }
}
