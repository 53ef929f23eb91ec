//! Map styles as their files spell them, and the style that one class of request gets.
//!
//! A file in `styles/` is a MapLibre style, or a template of several that differ in colours:
//! `metadata."urbis:palettes"` names them and their palettes. Everything here is a pure function
//! of JSON values; who reads files and answers requests is others' business.

mod cut;
mod error;
mod expression;
mod leak;
mod plain;
mod template;
mod walk;

use indexmap::IndexMap;
use serde_json::{Map, Value};
use urbis_model::Openness;

use crate::Catalog;

pub use error::StyleError;
pub use expression::{Use, uses};
pub use leak::Leak;
pub use template::code_expression;
pub use walk::{parts, reading, source_layer};

/// Member of a style's metadata that holds the palettes by the ids of the styles.
const PALETTES: &str = "urbis:palettes";

/// One file of `styles/`: a style, or a template of several.
#[derive(Debug, Clone, PartialEq)]
pub struct Style {
    file_id: String,
    /// Without the palettes.
    template: Value,
    /// By the id of the style; empty where the file is one style that needs none.
    palettes: IndexMap<String, Map<String, Value>>,
}

impl Style {
    /// Reads a style file; `file_id` is its name without `.json`.
    ///
    /// # Errors
    ///
    /// [`StyleError`] where it is no style, or its palettes differ in their names.
    pub fn parse(file_id: &str, template: Value) -> Result<Self, StyleError> {
        let mut template = template;
        if !template["layers"].is_array() {
            return Err(StyleError::NoLayers);
        }
        let metadata = template.get_mut("metadata").and_then(Value::as_object_mut);
        let palettes = metadata.and_then(|members| members.shift_remove(PALETTES));
        let palettes = palettes.map_or_else(|| Ok(IndexMap::new()), template::read_palettes)?;
        Ok(Self { file_id: file_id.to_owned(), template, palettes })
    }

    /// Ids of the styles in the file, in its order: those of its palettes, or the file's own name.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let own = self.palettes.is_empty().then_some(self.file_id.as_str());
        own.into_iter().chain(self.palettes.keys().map(String::as_str))
    }

    /// The style of that id as a request of that class may see it; `{base}` stays.
    ///
    /// A template draws every layer: one that it does not name gets plain style layers on top.
    /// A style layer goes where its source-layer or an attribute that it reads is above the
    /// class or is not in the catalogue; codes above the class go from its expressions; a source
    /// that no style layer needs any more goes too. A style layer that says in a way of its own
    /// what the class must not see goes as a whole; [`Self::leaks`] names those.
    ///
    /// # Errors
    ///
    /// [`StyleError`] where the file has no style of that id, or names a colour or a code list
    /// that does not exist.
    pub fn expand(
        &self,
        id: &str,
        catalog: &Catalog,
        class: Openness,
    ) -> Result<Value, StyleError> {
        self.cut(id, catalog, class).map(|(style, _)| style)
    }

    /// The style layers that [`Self::expand`] leaves out because it could not take out of them
    /// what the class must not see.
    ///
    /// # Errors
    ///
    /// As [`Self::expand`].
    pub fn leaks(
        &self,
        id: &str,
        catalog: &Catalog,
        class: Openness,
    ) -> Result<Vec<Leak>, StyleError> {
        self.cut(id, catalog, class).map(|(_, leaks)| leaks)
    }

    /// The style of that id with its palette and code lists for who may see everything, and with
    /// the style layers that [`Self::expand`] leaves out because they read what is not in the
    /// catalogue; for those who look for faults.
    ///
    /// # Errors
    ///
    /// As [`Self::expand`].
    pub fn fill(&self, id: &str, catalog: &Catalog) -> Result<Value, StyleError> {
        self.filled(id, catalog, Openness::Restricted)
    }

    fn cut(
        &self,
        id: &str,
        catalog: &Catalog,
        class: Openness,
    ) -> Result<(Value, Vec<Leak>), StyleError> {
        let mut style = self.filled(id, catalog, class)?;
        cut::cut_values(&mut style, catalog, class);
        let leaks = leak::drop_leaks(&mut style, catalog, class);
        cut::cut_sources(&mut style, catalog, class);
        Ok((style, leaks))
    }

    fn filled(&self, id: &str, catalog: &Catalog, class: Openness) -> Result<Value, StyleError> {
        if !self.ids().any(|known| known == id) {
            return Err(StyleError::unknown_style(id, self.ids()));
        }
        let mut style = self.template.clone();
        // Before a template is filled: it may ask for the codes of a layer that is not there.
        cut::cut_layers(&mut style, catalog, class);
        if let Some(palette) = self.palettes.get(id) {
            plain::add_plain_layers(&mut style, &self.template, catalog, class);
            template::fill(&mut style, &template::Filling { palette, catalog, class })?;
        }
        Ok(style)
    }
}
