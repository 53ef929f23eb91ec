//! The groups of the layer tree.

use serde::Serialize;

use crate::Title;

/// A group of layers; `/tiles/{theme}` is all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// The word in layer files and addresses; never equal to a layer id.
    pub id: &'static str,
    /// Vietnamese label.
    pub vi: &'static str,
    /// English label.
    pub en: &'static str,
}

impl Theme {
    /// The themes that need no `theme_title`, in the order of the layer tree.
    pub const KNOWN: [Self; 7] = [
        Self { id: "land", vi: "Đất đai", en: "Land" },
        Self { id: "construction", vi: "Xây dựng", en: "Construction" },
        Self { id: "traffic", vi: "Giao thông", en: "Traffic" },
        Self { id: "flood", vi: "Ngập lụt", en: "Flood" },
        Self { id: "emergency", vi: "Khẩn cấp", en: "Emergency" },
        Self { id: "environment", vi: "Môi trường", en: "Environment" },
        Self { id: "citizen", vi: "Người dân", en: "Citizens" },
    ];

    /// The theme of that id.
    pub fn find(id: &str) -> Option<&'static Self> {
        Self::KNOWN.iter().find(|theme| theme.id == id)
    }
}

/// The id and the name of a theme that a catalogue has a layer of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ThemeTitle {
    /// The word in layer files and addresses.
    pub id: String,
    /// Its name.
    pub title: Title,
}

impl From<&Theme> for ThemeTitle {
    fn from(theme: &Theme) -> Self {
        let title = Title { vi: theme.vi.to_owned(), en: theme.en.to_owned() };
        Self { id: theme.id.to_owned(), title }
    }
}
