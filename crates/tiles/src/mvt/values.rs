//! The values of one layer of a tile, each once, in order of first use.

use urbis_snapshot::Value;
use xxhash_rust::xxh3::xxh3_64;

use super::proto::put_len;
use super::value::put_value;

/// Places in the table for each value that is in it, at least: collisions stay few.
const PLACES_A_VALUE: usize = 2;

/// Smallest table.
const MIN_PLACES: usize = 64;

/// Values as the bytes that the layer ends with, and a table to find them again.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// One field after another.
    bytes: Vec<u8>,
    /// For each value where its message is in `bytes`.
    messages: Vec<(u32, u32)>,
    /// Numbers of values plus one by their hash, or 0; as many as a power of two.
    table: Vec<u32>,
    message: Vec<u8>,
}

impl Values {
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.messages.clear();
        self.table.clear();
        self.table.resize(MIN_PLACES, 0);
    }

    /// All values, each as a field of that number.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The number of a value; `None` for an absent one.
    pub(super) fn number_of(&mut self, field: u8, value: Value<'_>) -> Option<u32> {
        self.message.clear();
        put_value(&mut self.message, value);
        if self.message.is_empty() {
            return None;
        }
        let place = self.find(&self.message);
        if let Some(number) = self.table[place].checked_sub(1) {
            return Some(number);
        }
        let number = self.messages.len() as u32;
        put_len(&mut self.bytes, field, self.message.len());
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(&self.message);
        self.messages.push((start, self.bytes.len() as u32));
        self.table[place] = number + 1;
        if self.messages.len() * PLACES_A_VALUE > self.table.len() {
            self.grow();
        }
        Some(number)
    }

    /// The place of a message in the table, or the free one where it belongs.
    fn find(&self, message: &[u8]) -> usize {
        let mask = self.table.len() - 1;
        let mut place = xxh3_64(message) as usize & mask;
        while let Some(number) = self.table[place].checked_sub(1) {
            if self.message_at(number) == message {
                break;
            }
            place = (place + 1) & mask;
        }
        place
    }

    fn message_at(&self, number: u32) -> &[u8] {
        let (start, end) = self.messages[number as usize];
        &self.bytes[start as usize..end as usize]
    }

    fn grow(&mut self) {
        let places = self.table.len() * 2;
        self.table.clear();
        self.table.resize(places, 0);
        for number in 0..self.messages.len() as u32 {
            let place = self.find(self.message_at(number));
            self.table[place] = number + 1;
        }
    }
}
