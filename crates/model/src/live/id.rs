//! Names of units and of what they report.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::ModelError;

/// Longest name of a unit, bytes.
const MAX_UNIT_ID_LEN: usize = 64;

/// The name of a unit, such as `115-03`; unique in the city.
///
/// 1 to 64 of A-Z, a-z, 0-9, `.`, `_`, `-`, in the order of their bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(Arc<str>);

impl UnitId {
    /// Takes a name.
    ///
    /// # Errors
    ///
    /// [`ModelError::UnitIdInvalid`].
    pub fn new(name: &str) -> Result<Self, ModelError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if (1..=MAX_UNIT_ID_LEN).contains(&name.len()) && name.bytes().all(is_plain) {
            return Ok(Self(name.into()));
        }
        Err(ModelError::UnitIdInvalid { found: name.chars().take(80).collect() })
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The UUID that a client gave a report: who sends a report again sends its UUID again.
///
/// Compared as a number, which is PostgreSQL's order of `uuid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReportId(pub u128);

/// Where the hyphens of a UUID are.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

impl FromStr for ReportId {
    type Err = ModelError;

    /// Reads a UUID in its usual form of 32 hexadecimal digits and four hyphens, of any version.
    ///
    /// # Errors
    ///
    /// [`ModelError::ReportIdInvalid`].
    fn from_str(text: &str) -> Result<Self, ModelError> {
        let has_shape = text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| match HYPHENS.contains(&at) {
                true => byte == b'-',
                false => byte.is_ascii_hexdigit(),
            });
        let number = has_shape.then(|| u128::from_str_radix(&text.replace('-', ""), 16).ok());
        number
            .flatten()
            .map(Self)
            .ok_or_else(|| ModelError::ReportIdInvalid { found: text.chars().take(80).collect() })
    }
}

impl fmt::Display for ReportId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:032x}", self.0);
        let (a, b, c) = (&digits[..8], &digits[8..12], &digits[12..16]);
        write!(f, "{a}-{b}-{c}-{}-{}", &digits[16..20], &digits[20..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_read_from_what_it_writes() {
        let text = "0192f3a4-5b6c-7d8e-9f01-23456789abcd";
        let id: Result<ReportId, ModelError> = text.to_uppercase().parse();
        assert_eq!(id.map(|id| id.to_string()), Ok(text.to_owned()));
    }

    #[test]
    fn what_is_no_uuid_is_refused() {
        for text in [
            "",
            "0192f3a45b6c7d8e9f0123456789abcd",
            "0192f3a4-5b6c-7d8e-9f01-23456789abcg",
            "+192f3a4-5b6c-7d8e-9f01-23456789abcd",
            "0192f3a4-5b6c-7d8e-9f0123-456789abcd",
        ] {
            assert!(text.parse::<ReportId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_unit_has_a_plain_name() {
        assert!(UnitId::new("115-03.a_B").is_ok());
        for name in ["", "115 03", "xe-cứu-thương", "a/b", &"x".repeat(65)] {
            assert_eq!(UnitId::new(name).map_err(|e| e.code()), Err("unit_id_invalid"), "{name}");
        }
    }
}
