//! Why the catalogue or a name in it cannot be used.

use std::fmt;
use std::path::PathBuf;

use urbis_model::{LayerId, ModelError};

use crate::{LayerFault, ProfileFault};

/// A fault in `layers/`, in `profiles/vehicle/` or in a city's settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// The folder or a file in it cannot be read.
    #[error("cannot read '{}'", .path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },

    /// The file's name without `.toml` cannot be a layer id.
    #[error("cannot name a layer after the file '{}'", .path.display())]
    FileName {
        /// The file.
        path: PathBuf,
        /// What is wrong with the name.
        #[source]
        cause: ModelError,
    },

    /// The file is not TOML, lacks a key, or has a value of the wrong type.
    #[error("cannot understand '{}'", .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and what.
        #[source]
        cause: Box<toml::de::Error>,
    },

    /// A key or a word of a fixed list that the program does not know.
    #[error("'{}' line {line}: '{found}' is not known here{nearest}", .path.display())]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// Line, counted from 1.
        line: usize,
        /// The word as the file has it.
        found: String,
        /// A known word that looks like it.
        nearest: Nearest,
    },

    /// The file can be read, and what it says cannot be.
    #[error("layer '{layer}' is wrong: {fault}")]
    Layer {
        /// The layer.
        layer: LayerId,
        /// What is wrong.
        fault: LayerFault,
    },

    /// A vehicle profile can be read, and what it says cannot be.
    #[error("vehicle profile '{profile}' is wrong: {fault}")]
    Profile {
        /// The profile.
        profile: String,
        /// What is wrong.
        fault: ProfileFault,
    },

    /// The settings of a city say something that cannot be.
    #[error("'{}': the view starts outside the city's bbox", .path.display())]
    ViewOutsideCity {
        /// The settings file.
        path: PathBuf,
    },
}

impl CatalogError {
    /// Stable code for logs, reports and tests; never reworded, never reused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "catalog_unreadable",
            Self::FileName { .. } => "layer_file_name",
            Self::Syntax { .. } => "catalog_syntax",
            Self::UnknownKey { .. } => "unknown_key",
            Self::Layer { fault, .. } => fault.code(),
            Self::Profile { fault, .. } => fault.code(),
            Self::ViewOutsideCity { .. } => "view_outside_city",
        }
    }
}

/// The known name that a misspelled one was probably meant to be; shown as `, did you mean 'x'?`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Nearest(pub Option<String>);

/// Two names are alike from here on (Jaro-Winkler, 1 is equal).
const ALIKE: f64 = 0.75;

/// Longest part of a misspelled name that is looked at.
const MAX_NAME_CHARS: usize = 80;

impl Nearest {
    /// Finds the name that looks most like `found`; the first of equals.
    pub fn find<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let found = shorten(found);
        let best = known
            .into_iter()
            .map(|name| (strsim::jaro_winkler(&found, name), name))
            .filter(|(likeness, _)| *likeness >= ALIKE)
            .reduce(|best, next| if next.0 > best.0 { next } else { best });
        Self(best.map(|(_, name)| name.to_owned()))
    }
}

impl fmt::Display for Nearest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(name) => write!(f, ", did you mean '{name}'?"),
            None => Ok(()),
        }
    }
}

/// Cuts a name from outside to what an error may repeat.
fn shorten(name: &str) -> String {
    name.chars().take(MAX_NAME_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelled_name_finds_the_known_one_and_a_strange_one_finds_none() {
        let known = ["building", "road_segment", "admin_unit"];
        assert_eq!(Nearest::find("bulding", known).0.as_deref(), Some("building"));
        assert_eq!(Nearest::find("roads", known).0.as_deref(), Some("road_segment"));
        assert_eq!(Nearest::find("zzz", known).0, None);
        assert_eq!(Nearest::find(&"building".repeat(1000), known).0.as_deref(), Some("building"));
    }
}
