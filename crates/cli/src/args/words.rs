//! Words of flags that are a fixed list or have a form of their own; a misspelled one is answered
//! with the nearest.

use urbis_catalog::Nearest;
use urbis_model::{KeyScope, Openness};

/// Longest label of a key, characters: a line of a list.
pub const MAX_LABEL_CHARS: usize = 100;

const SCOPES: [&str; 5] = ["read", "edit:LAYER", "ingest", "dispatch", "admin"];

/// Reads a level of openness.
pub(super) fn parse_level(word: &str) -> Result<Openness, String> {
    word.parse().map_err(|_| unknown(word, &Openness::ALL.map(Openness::as_str)))
}

/// Reads a scope; whether its layer exists is for the command to say.
pub(super) fn parse_scope(word: &str) -> Result<KeyScope, String> {
    match word.parse() {
        Ok(scope) => Ok(scope),
        Err(error) if word.starts_with("edit:") => Err(error.to_string()),
        Err(_) => Err(unknown(word, &SCOPES)),
    }
}

/// Reads a label: one line, as the database takes it.
pub(super) fn parse_label(text: &str) -> Result<String, String> {
    if text.chars().count() > MAX_LABEL_CHARS || text.chars().any(breaks_a_line) {
        return Err(format!("wanted one line of at most {MAX_LABEL_CHARS} characters"));
    }
    Ok(text.to_owned())
}

/// Says whether a character moves the cursor, changes colours or turns the line around.
pub fn breaks_a_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn unknown(word: &str, known: &[&str]) -> String {
    let comma = match Nearest::find(word, known.iter().copied()) {
        nearest @ Nearest(Some(_)) => nearest.to_string(),
        Nearest(None) => ",".to_owned(),
    };
    format!("not known{comma} wanted one of {}", known.join(", "))
}

/// Reads a scale above 0 and at most 1.
pub fn parse_scale(text: &str) -> Result<f64, String> {
    let scale: f64 = text.parse().map_err(|_| "wanted a number".to_owned())?;
    if scale > 0.0 && scale <= 1.0 {
        Ok(scale)
    } else {
        Err("wanted above 0, at most 1".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelled_word_is_answered_with_the_nearest_and_all() {
        let error = parse_level("internall").unwrap_err();
        assert_eq!(
            error,
            "not known, did you mean 'internal'? wanted one of open, internal, restricted"
        );
        let error = parse_scope("write").unwrap_err();
        assert_eq!(error, "not known, wanted one of read, edit:LAYER, ingest, dispatch, admin");
        assert!(parse_scope("edit:Building").unwrap_err().contains("Building"));
        assert_eq!(parse_level("restricted"), Ok(Openness::Restricted));
    }

    #[test]
    fn a_label_is_one_line() {
        assert!(parse_label("Phòng Quản lý đô thị").is_ok());
        for refused in ["a\nb", "a\x1bb", "a\u{202e}b", &"a".repeat(101)] {
            assert!(parse_label(refused).is_err(), "{refused:?}");
        }
    }
}
