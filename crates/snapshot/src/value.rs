//! Attribute values as memory keeps them: many features share one dictionary an attribute.

use urbis_model::AttributeValue;

/// A value of an attribute; its text is borrowed from the city.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Not known, or not applicable.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite number; never NaN.
    Float(f64),
    /// Text in Unicode NFC; dates and times in RFC 3339 form.
    Text(&'a str),
}

impl<'a> From<&'a AttributeValue> for Value<'a> {
    fn from(value: &'a AttributeValue) -> Self {
        match value {
            AttributeValue::Null => Self::Null,
            AttributeValue::Bool(truth) => Self::Bool(*truth),
            AttributeValue::Int(number) => Self::Int(*number),
            AttributeValue::Float(number) => Self::Float(*number),
            AttributeValue::Text(text) => Self::Text(text),
        }
    }
}

/// The values of one attribute that some features share, by their codes; each value once.
#[derive(Debug, Default)]
pub struct Dictionary {
    kinds: Vec<Kind>,
    /// The number; of a text, where it ends in `texts`: it starts where the text before ends.
    bits: Vec<u64>,
    texts: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null,
    Bool,
    Int,
    Float,
    Text,
}

impl Dictionary {
    /// Number of its values; codes are below it.
    pub const fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Says whether it has no value.
    pub const fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// The value of a code; [`Value::Null`] where it has no such code.
    pub fn get(&self, code: u16) -> Value<'_> {
        let at = usize::from(code);
        let (Some(kind), Some(bits)) = (self.kinds.get(at), self.bits.get(at)) else {
            return Value::Null;
        };
        match kind {
            Kind::Null => Value::Null,
            Kind::Bool => Value::Bool(*bits != 0),
            Kind::Int => Value::Int(bits.cast_signed()),
            Kind::Float => Value::Float(f64::from_bits(*bits)),
            Kind::Text => {
                // An attribute has one type, so that only a null may be in between.
                let before = self.kinds[..at].iter().rposition(|kind| *kind == Kind::Text);
                let start = before.map_or(0, |before| self.bits[before]);
                Value::Text(&self.texts[start as usize..*bits as usize])
            }
        }
    }

    /// Adds a value that it does not have yet.
    pub(crate) fn push(&mut self, value: Value<'_>) {
        let (kind, bits) = match value {
            Value::Null => (Kind::Null, 0),
            Value::Bool(truth) => (Kind::Bool, u64::from(truth)),
            Value::Int(number) => (Kind::Int, number.cast_unsigned()),
            Value::Float(number) => (Kind::Float, number.to_bits()),
            Value::Text(text) => {
                self.texts.push_str(text);
                (Kind::Text, self.texts.len() as u64)
            }
        };
        self.kinds.push(kind);
        self.bits.push(bits);
    }

    pub(crate) fn shrink(&mut self) {
        self.kinds.shrink_to_fit();
        self.bits.shrink_to_fit();
        self.texts.shrink_to_fit();
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.kinds.capacity() + self.bits.capacity() * size_of::<u64>() + self.texts.capacity()
    }
}
