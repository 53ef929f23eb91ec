//! Why a style file cannot be used.

use crate::Nearest;

/// A fault in a style file, or in what is asked of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StyleError {
    /// The file is no MapLibre style.
    #[error("a style must have a list of layers")]
    NoLayers,

    /// The palettes are not objects of colours by name.
    #[error("metadata \"urbis:palettes\" must give at least one style id, each with an object")]
    Palettes,

    /// Two palettes of one file differ in their names.
    #[error("palette '{palette}' has no '{key}', which another palette of the file has")]
    PaletteKey {
        /// Id of the style whose palette lacks it.
        palette: String,
        /// The name that it lacks.
        key: String,
    },

    /// The template names a colour that the palette does not have.
    #[error("'{found}' is not in the palette{nearest}")]
    ColorUnknown {
        /// The name in the template.
        found: String,
        /// A name of the palette that looks like it.
        nearest: Nearest,
    },

    /// The template asks for the colours or icons of something without a code list.
    #[error("'{found}' names no attribute with a code list, wanted LAYER.ATTRIBUTE{nearest}")]
    CodeListUnknown {
        /// The words in the template.
        found: String,
        /// A name that looks like the one that is wrong.
        nearest: Nearest,
    },

    /// The template asks for the colours or icons of a code list that has none.
    #[error("no code of '{found}' has the {part} that the style asks for")]
    CodeListBare {
        /// The attribute, `LAYER.ATTRIBUTE`.
        found: String,
        /// `color` or `icon`.
        part: &'static str,
    },

    /// The file has no style of that id.
    #[error("style '{found}' is not known{nearest}")]
    StyleUnknown {
        /// The id that was asked for.
        found: String,
        /// An id that looks like it.
        nearest: Nearest,
    },
}

impl StyleError {
    /// Stable code for logs, reports and tests; never reworded, never reused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoLayers => "style_no_layers",
            Self::Palettes => "style_palettes",
            Self::PaletteKey { .. } => "style_palette_key",
            Self::ColorUnknown { .. } => "style_color_unknown",
            Self::CodeListUnknown { .. } => "style_code_list_unknown",
            Self::CodeListBare { .. } => "style_code_list_bare",
            Self::StyleUnknown { .. } => "style_unknown",
        }
    }

    pub(super) fn unknown_style<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let nearest = Nearest::find(found, known);
        Self::StyleUnknown { found: found.to_owned(), nearest }
    }
}
