//! Attribute values as memory keeps them: many features share one dictionary an attribute.

use urbis_model::Value;

mod message;

pub(crate) use message::write as write_message;

/// The values of one attribute that some features share, by their codes; each value once.
///
/// Kept as the bytes that a tile has for them, so that drawing copies them.
#[derive(Debug, Default)]
pub struct Dictionary {
    messages: Vec<u8>,
    /// Where each message ends in `messages`.
    ends: Vec<u32>,
}

impl Dictionary {
    /// Number of its values; codes are below it.
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Says whether it has no value.
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The value of a code; [`Value::Null`] where it has no such code.
    pub fn get(&self, code: u16) -> Value<'_> {
        message::read(self.message(code))
    }

    /// The value of a code as the message `Value` of a Mapbox Vector Tile 2.1 (section 4.1): text,
    /// double, uint (sint below zero) or bool; empty for [`Value::Null`], and where it has no such
    /// code.
    #[inline]
    pub fn message(&self, code: u16) -> &[u8] {
        let at = usize::from(code);
        let Some(end) = self.ends.get(at) else { return &[] };
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.messages[start as usize..*end as usize]
    }

    /// Adds the message of a value that it does not have yet.
    pub(crate) fn push(&mut self, message: &[u8]) {
        self.messages.extend_from_slice(message);
        self.ends.push(self.messages.len() as u32);
    }

    pub(crate) fn shrink(&mut self) {
        self.messages.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.messages.capacity() + self.ends.capacity() * size_of::<u32>()
    }
}
