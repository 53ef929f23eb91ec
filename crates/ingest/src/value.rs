//! A field of a source record, before anyone has understood it.

/// A value as the driver holds it; text is bytes in an encoding that nobody has vouched for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RawValue {
    /// Absent.
    Null,
    /// A field that is declared boolean.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number, perhaps not finite.
    Real(f64),
    /// Text, and everything that the driver spells as text: dates in ISO 8601, lists, blobs.
    Bytes(Vec<u8>),
}

impl RawValue {
    /// A value of a TOML file; `None` for arrays and tables, which no attribute takes.
    pub(crate) fn from_toml(value: &toml::Value) -> Option<Self> {
        match value {
            toml::Value::String(text) => Some(Self::Bytes(text.clone().into_bytes())),
            toml::Value::Integer(number) => Some(Self::Integer(*number)),
            toml::Value::Float(number) => Some(Self::Real(*number)),
            toml::Value::Boolean(flag) => Some(Self::Boolean(*flag)),
            toml::Value::Datetime(time) => Some(Self::Bytes(time.to_string().into_bytes())),
            toml::Value::Array(_) | toml::Value::Table(_) => None,
        }
    }

    /// The text, where it is none or good UTF-8; `None` where the bytes are something else.
    ///
    /// Numbers are spelled as briefly as reads back the same.
    pub(crate) fn to_text(&self) -> Option<String> {
        Some(match self {
            Self::Null => String::new(),
            Self::Boolean(flag) => flag.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Real(number) => number.to_string(),
            Self::Bytes(bytes) => std::str::from_utf8(bytes).ok()?.to_owned(),
        })
    }

    /// Says whether there is nothing in it: absent, or blank text.
    pub(crate) fn is_blank(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Bytes(bytes) => bytes.iter().all(u8::is_ascii_whitespace),
            _ => false,
        }
    }

    /// Adds the value to a hash, tagged so that no two values give the same bytes.
    pub(crate) fn feed(&self, mut add: impl FnMut(&[u8])) {
        match self {
            Self::Null => add(&[0]),
            Self::Boolean(flag) => add(&[1, u8::from(*flag)]),
            Self::Integer(number) => {
                add(&[2]);
                add(&number.to_le_bytes());
            }
            Self::Real(number) => {
                add(&[3]);
                add(&number.to_bits().to_le_bytes());
            }
            Self::Bytes(bytes) => {
                add(&[4]);
                add(&(bytes.len() as u64).to_le_bytes());
                add(bytes);
            }
        }
    }
}
