//! Where a page ends, so that the next goes on there.

use std::fmt;
use std::str::FromStr;

use urbis_model::FeatureId;

/// Before the id of a feature without a geometry.
const NOWHERE: char = 'n';

/// The last feature of a page: features with a geometry come in order of their ids, then those
/// without one.
///
/// Its text is `1234` or `n1234`: no more than an id that the page held, so that whoever asks with
/// it may see less afterwards, never more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeatureCursor {
    /// The feature.
    pub id: FeatureId,
    /// Whether it has a geometry.
    pub has_geometry: bool,
}

/// A text that is no [`FeatureCursor`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the end of a page")]
pub struct FeatureCursorInvalid;

impl fmt::Display for FeatureCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.has_geometry {
            write!(f, "{NOWHERE}")?;
        }
        self.id.fmt(f)
    }
}

impl FromStr for FeatureCursor {
    type Err = FeatureCursorInvalid;

    fn from_str(text: &str) -> Result<Self, FeatureCursorInvalid> {
        let digits = text.strip_prefix(NOWHERE).unwrap_or(text);
        let id = digits.parse().map_err(|_| FeatureCursorInvalid)?;
        let id = FeatureId::new(id).map_err(|_| FeatureCursorInvalid)?;
        let cursor = Self { id, has_geometry: digits.len() == text.len() };
        // One spelling each: no sign, no leading zero.
        if cursor.to_string() == text { Ok(cursor) } else { Err(FeatureCursorInvalid) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_what_it_writes_and_nothing_else() {
        for text in ["1", "n1", "9007199254740991"] {
            assert_eq!(text.parse::<FeatureCursor>().unwrap().to_string(), text);
        }
        for text in ["", "n", "0", "-1", "+1", "01", "nn1", "1n", "9007199254740992", "1 "] {
            assert_eq!(text.parse::<FeatureCursor>(), Err(FeatureCursorInvalid), "{text}");
        }
    }
}
