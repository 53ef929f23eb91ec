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

/// The values of one attribute that some features share, by their codes.
#[derive(Debug, Clone, PartialEq)]
pub struct Dictionary {
    values: Box<[AttributeValue]>,
}

impl Dictionary {
    pub(crate) fn of(value: &AttributeValue) -> Self {
        Self { values: Box::new([value.clone()]) }
    }

    /// Number of its values; codes are below it.
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// Says whether it has no value.
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The value of a code; [`Value::Null`] where it has no such code.
    pub fn get(&self, code: u16) -> Value<'_> {
        self.values.get(usize::from(code)).map_or(Value::Null, Value::from)
    }
}
