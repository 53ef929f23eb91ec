//! What a key allows beside the level that it lets its holder see.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{LayerId, ModelError};

/// Before the layer's id in the word of [`KeyScope::Edit`].
const EDIT: &str = "edit:";

/// One thing that a key allows. A key without any allows nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum KeyScope {
    /// To see what is up to the key's level: `read`.
    Read,
    /// To edit the features of one layer: `edit:LAYER`. The layer need not exist (yet).
    Edit(LayerId),
    /// To send readings and positions: `ingest`.
    Ingest,
    /// To dispatch units: `dispatch`.
    Dispatch,
    /// To administer the city, its keys among others: `admin`. It implies every other scope, also
    /// to edit layers that are added later.
    Admin,
}

impl fmt::Display for KeyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read => f.write_str("read"),
            Self::Edit(layer) => write!(f, "{EDIT}{layer}"),
            Self::Ingest => f.write_str("ingest"),
            Self::Dispatch => f.write_str("dispatch"),
            Self::Admin => f.write_str("admin"),
        }
    }
}

impl FromStr for KeyScope {
    type Err = ModelError;

    /// Reads the word that [`fmt::Display`] writes.
    ///
    /// # Errors
    ///
    /// [`ModelError::KeyScopeUnknown`]; [`ModelError::LayerIdInvalid`] after `edit:`.
    fn from_str(word: &str) -> Result<Self, ModelError> {
        if let Some(layer) = word.strip_prefix(EDIT) {
            return LayerId::new(layer).map(Self::Edit);
        }
        match word {
            "read" => Ok(Self::Read),
            "ingest" => Ok(Self::Ingest),
            "dispatch" => Ok(Self::Dispatch),
            "admin" => Ok(Self::Admin),
            _ => Err(ModelError::KeyScopeUnknown { found: word.chars().take(80).collect() }),
        }
    }
}

impl TryFrom<String> for KeyScope {
    type Error = ModelError;

    fn try_from(word: String) -> Result<Self, ModelError> {
        word.parse()
    }
}

impl From<KeyScope> for String {
    fn from(scope: KeyScope) -> Self {
        scope.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_is_read_from_the_word_that_it_writes() {
        for word in ["read", "edit:road_closure", "ingest", "dispatch", "admin"] {
            let scope: Result<KeyScope, ModelError> = word.parse();
            assert_eq!(scope.map(|scope| scope.to_string()), Ok(word.to_owned()));
        }
        let closure = LayerId::new("road_closure").map(KeyScope::Edit);
        assert_eq!("edit:road_closure".parse(), closure);
    }

    #[test]
    fn a_word_that_is_no_scope_is_refused_with_those_that_are() {
        for word in ["", "Read", "read ", "edit", "write", "admin:pole", "*"] {
            let refused = KeyScope::from_str(word).map_err(|error| error.to_string());
            let known = "wanted read, edit:LAYER, ingest, dispatch or admin";
            assert_eq!(refused, Err(format!("scope '{word}' is not known, {known}")));
        }
    }

    #[test]
    fn a_scope_to_edit_names_a_layer() {
        for word in ["edit:", "edit:*", "edit:Pole", "edit:pole lane"] {
            let refused = KeyScope::from_str(word).map_err(|error| error.code());
            assert_eq!(refused, Err("layer_id_invalid"), "{word}");
        }
    }
}
