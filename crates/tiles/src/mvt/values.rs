//! The values of one layer of a tile, in order of first use; each once, but for those that differ
//! anyway.

use xxhash_rust::xxh3::xxh3_64;

use super::proto::{MAX_VARINT, Wire};
use super::room::{Piece, Room};

/// Places in the table for each value that is in it, at least: collisions stay few.
const PLACES_A_VALUE: usize = 2;

/// Smallest table.
const MIN_PLACES: usize = 64;

/// Values as the bytes that the layer ends with, and a table to find them again.
#[derive(Debug, Default)]
pub(super) struct Values {
    field: u8,
    /// One field after another.
    bytes: Room,
    count: u32,
    /// As many as a power of two: small enough to stay near the processor.
    table: Vec<Place>,
    /// Where the message of each value begins in the bytes.
    starts: Vec<u32>,
    /// Places that are taken.
    taken: usize,
}

/// A place of the table; what is in it is told from others by its hash, mostly.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    hash: u32,
    /// Of the value, plus one; 0 where the place is free.
    number: u32,
}

impl Values {
    /// Starts a layer whose values become fields of that number; of so many features each will
    /// have a value or so that no other has.
    pub(super) fn start(&mut self, features: usize, field: u8) {
        self.field = field;
        self.bytes.clear();
        self.count = 0;
        self.starts.clear();
        self.taken = 0;
        self.table.clear();
        let places = (features * PLACES_A_VALUE).next_power_of_two().max(MIN_PLACES);
        self.table.resize(places, Place::default());
    }

    /// All values, each as a field.
    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.as_slice()
    }

    /// The number of a value by its message; the same for the same message.
    pub(super) fn number_of(&mut self, message: &[u8]) -> u32 {
        let hash = xxh3_64(message) as u32;
        let mask = self.table.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let place = self.table[at];
            if place.number == 0 {
                break;
            }
            if place.hash == hash && self.is_at(place.number - 1, message) {
                return place.number - 1;
            }
            at = (at + 1) & mask;
        }
        let number = self.add(message);
        self.table[at] = Place { hash, number: number + 1 };
        self.taken += 1;
        if self.taken * PLACES_A_VALUE > self.table.len() {
            self.grow();
        }
        number
    }

    /// The number of a value that is not looked for, and will not be found: whoever has it is alone
    /// with it.
    #[inline]
    pub(super) fn add(&mut self, message: &[u8]) -> u32 {
        let field = self.field;
        self.bytes.write(1 + MAX_VARINT + message.len(), |out| {
            out.key(field, Wire::Bytes);
            out.varint(message.len() as u64);
            out.copy(Piece { bytes: message, len: message.len() });
        });
        self.starts.push((self.bytes.len() - message.len()) as u32);
        self.count += 1;
        self.count - 1
    }

    /// No message begins with another.
    fn is_at(&self, number: u32, message: &[u8]) -> bool {
        let start = self.starts[number as usize] as usize;
        self.bytes.and_on()[start..].starts_with(message)
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
