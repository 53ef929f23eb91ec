//! Reads one strict TOML file: a key that the program does not know is an error with the
//! nearest known name.

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::{CatalogError, Nearest};

/// Reads a file as `T`.
pub(crate) fn read_toml<T: DeserializeOwned>(path: &Path) -> Result<T, CatalogError> {
    let text = std::fs::read_to_string(path)
        .map_err(|cause| CatalogError::Unreadable { path: path.to_owned(), cause })?;
    parse_toml(&text, path)
}

/// Reads text as `T`; `path` is for messages.
pub(crate) fn parse_toml<T: DeserializeOwned>(text: &str, path: &Path) -> Result<T, CatalogError> {
    toml::from_str(text).map_err(|cause| explain(text, path, cause))
}

fn explain(text: &str, path: &Path, cause: toml::de::Error) -> CatalogError {
    let Some((found, known)) = unknown_word(cause.message()) else {
        return CatalogError::Syntax { path: path.to_owned(), cause: Box::new(cause) };
    };
    let start = cause.span().map_or(0, |span| span.start).min(text.len());
    let line = 1 + text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count();
    let nearest = Nearest::find(found, known);
    CatalogError::UnknownKey { path: path.to_owned(), line, found: found.to_owned(), nearest }
}

/// The word and the known ones from serde's message, which quotes all of them:
/// "unknown field `a`, expected one of `b`, `c`".
fn unknown_word(message: &str) -> Option<(&str, Vec<&str>)> {
    let is_unknown = ["unknown field `", "unknown variant `"];
    if !is_unknown.iter().any(|start| message.starts_with(start)) {
        return None;
    }
    let mut quoted = message.split('`').skip(1).step_by(2);
    Some((quoted.next()?, quoted.collect()))
}
