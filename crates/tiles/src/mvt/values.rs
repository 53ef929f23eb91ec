//! The values of one layer of a tile, in order of first use; each once, but for those that differ
//! anyway.

use xxhash_rust::xxh3::xxh3_64;

use super::proto::put_bytes;

/// Places in the table for each value that is in it, at least: collisions stay few.
const PLACES_A_VALUE: usize = 2;

/// Smallest table.
const MIN_PLACES: usize = 64;

/// Values as the bytes that the layer ends with, and a table to find them again.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// One field after another.
    bytes: Vec<u8>,
    count: u32,
    /// As many as a power of two.
    table: Vec<Place>,
    /// Places that are taken.
    taken: usize,
}

/// A place of the table; what is in it is told from others by its hash, mostly.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    hash: u32,
    /// Of the value, plus one; 0 where the place is free.
    number: u32,
    /// Where its message lies in the bytes.
    start: u32,
    end: u32,
}

impl Values {
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.count = 0;
        self.taken = 0;
        self.table.clear();
        self.table.resize(MIN_PLACES, Place::default());
    }

    /// All values, each as a field of that number.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The number of a value by its message; the same for the same message.
    pub(super) fn number_of(&mut self, field: u8, message: &[u8]) -> u32 {
        let hash = xxh3_64(message) as u32;
        let mask = self.table.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let place = self.table[at];
            if place.number == 0 {
                break;
            }
            if place.hash == hash && self.message_of(place) == message {
                return place.number - 1;
            }
            at = (at + 1) & mask;
        }
        let number = self.add(field, message);
        let end = self.bytes.len();
        let start = end - message.len();
        self.table[at] = Place { hash, number: number + 1, start: start as u32, end: end as u32 };
        self.taken += 1;
        if self.taken * PLACES_A_VALUE > self.table.len() {
            self.grow();
        }
        number
    }

    /// The number of a value that is not looked for, and will not be found: whoever has it is alone
    /// with it.
    pub(super) fn add(&mut self, field: u8, message: &[u8]) -> u32 {
        put_bytes(&mut self.bytes, field, message);
        self.count += 1;
        self.count - 1
    }

    fn message_of(&self, place: Place) -> &[u8] {
        &self.bytes[place.start as usize..place.end as usize]
    }

    fn grow(&mut self) {
        let places = vec![Place::default(); self.table.len() * 2];
        let mask = places.len() - 1;
        for place in std::mem::replace(&mut self.table, places) {
            if place.number == 0 {
                continue;
            }
            let mut at = place.hash as usize & mask;
            while self.table[at].number != 0 {
                at = (at + 1) & mask;
            }
            self.table[at] = place;
        }
    }
}
