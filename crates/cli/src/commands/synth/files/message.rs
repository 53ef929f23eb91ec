//! The few kinds of protocol buffer fields that OSM PBF is made of.
//!
//! Written here because it is a screenful: the crates that read PBF do not write it, and those that
//! write protocol buffers bring a code generator for eight messages.
//!
//! Source: Protocol Buffers, "Encoding", <https://protobuf.dev/programming-guides/encoding/>.

/// A message that grows field by field.
#[derive(Debug, Default, Clone)]
pub struct Message {
    bytes: Vec<u8>,
}

impl Message {
    /// The encoded fields.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// A whole number that is not negative: int32, int64 or uint64.
    pub fn number(mut self, field: u32, value: u64) -> Self {
        varint(&mut self.bytes, u64::from(field) << 3);
        varint(&mut self.bytes, value);
        self
    }

    /// A signed number in zigzag: sint32 or sint64.
    pub fn signed(self, field: u32, value: i64) -> Self {
        self.number(field, zigzag(value))
    }

    /// Bytes, a text or a message.
    pub fn bytes(mut self, field: u32, value: &[u8]) -> Self {
        varint(&mut self.bytes, u64::from(field) << 3 | 2);
        varint(&mut self.bytes, value.len() as u64);
        self.bytes.extend(value);
        self
    }

    /// Many numbers that are not negative, packed.
    pub fn numbers(self, field: u32, values: impl IntoIterator<Item = u64>) -> Self {
        let mut packed = Vec::new();
        values.into_iter().for_each(|value| varint(&mut packed, value));
        self.bytes(field, &packed)
    }

    /// Many signed numbers, packed, each as its difference from the one before it.
    pub fn differences(self, field: u32, values: impl IntoIterator<Item = i64>) -> Self {
        let mut last = 0;
        let steps =
            values.into_iter().map(|value| zigzag(value - std::mem::replace(&mut last, value)));
        self.numbers(field, steps.collect::<Vec<_>>())
    }
}

/// Small numbers of either sign become small numbers.
const fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_those_of_the_published_examples() {
        // "Encoding": field 1 with 150, field 2 with "testing", field 6 packed with 3, 270, 86942.
        assert_eq!(Message::default().number(1, 150).into_bytes(), [0x08, 0x96, 0x01]);
        let text = Message::default().bytes(2, b"testing").into_bytes();
        assert_eq!(text, [b"\x12\x07".as_slice(), b"testing"].concat());
        let packed = Message::default().numbers(6, [3, 270, 86_942]).into_bytes();
        assert_eq!(packed, [0x32, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05]);
        assert_eq!([0, -1, 1, -2].map(zigzag), [0, 1, 2, 3]);
        assert_eq!(Message::default().differences(1, [5, 3]).into_bytes(), [0x0a, 0x02, 10, 3]);
    }
}
