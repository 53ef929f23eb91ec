//! `/styles`: the map styles, at the paths of the draft of OGC API Styles.

use serde_json::{Value, json};

use crate::link::{Link, Rel};
use crate::{MediaType, Site};

/// A style that the caller may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StyleEntry {
    /// Its id.
    pub id: String,
    /// Its name.
    pub title: String,
}

impl Site<'_> {
    /// The document `/styles`; the first is the default.
    pub fn styles(&self, styles: &[StyleEntry]) -> Value {
        let list: Vec<Value> = styles.iter().map(|style| self.describe_style(style)).collect();
        json!({
            "default": styles.first().map(|style| &style.id),
            "styles": list,
            "links": Link::pair(MediaType::Json, &self.url("/styles")),
        })
    }

    fn describe_style(&self, style: &StyleEntry) -> Value {
        let href = self.url(&format!("/styles/{}", style.id));
        let sheet = Link::new(Rel::Stylesheet, MediaType::Style, href).titled("MapLibre");
        json!({"id": style.id, "title": style.title, "links": [sheet]})
    }
}
