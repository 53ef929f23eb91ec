//! What the pages are shown with: a style sheet and a script.

/// A file that pages name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asset {
    /// The style sheet.
    Style,
    /// The script of the buttons that copy.
    Script,
}

impl Asset {
    /// The file of a name.
    pub fn find(name: &str) -> Option<Self> {
        match name {
            "ogc.css" => Some(Self::Style),
            "ogc.js" => Some(Self::Script),
            _ => None,
        }
    }

    /// Media type with its charset.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Style => "text/css; charset=utf-8",
            Self::Script => "text/javascript; charset=utf-8",
        }
    }

    /// What is in it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Style => include_str!("../../static/ogc.css"),
            Self::Script => include_str!("../../static/ogc.js"),
        }
    }
}
