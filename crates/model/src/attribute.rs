//! One attribute value of a feature.

use std::sync::Arc;

use serde::Serialize;

/// A value as the layer's attribute type allows it.
///
/// Dates and times are text in RFC 3339 form; a code is the text of its key in the code list.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// Not known, or not applicable.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite number; never NaN.
    Float(f64),
    /// Text in Unicode NFC.
    Text(Arc<str>),
}

impl AttributeValue {
    /// Makes a text value.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// The text, where this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Says whether the value is absent.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// A value of an attribute; its text is borrowed.
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
