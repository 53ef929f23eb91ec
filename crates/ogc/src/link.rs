//! Links between the documents (RFC 8288, in JSON as OGC API writes them).

use serde::Serialize;

use crate::MediaType;

/// What a link leads to, seen from where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Rel {
    /// The document itself.
    #[serde(rename = "self")]
    Itself,
    /// The same in another media type.
    #[serde(rename = "alternate")]
    Alternate,
    /// The API, for programs.
    #[serde(rename = "service-desc")]
    ServiceDesc,
    /// The API, for people.
    #[serde(rename = "service-doc")]
    ServiceDoc,
    /// Which standards are met.
    #[serde(rename = "conformance")]
    Conformance,
    /// The collections.
    #[serde(rename = "data")]
    Data,
    /// The features of a collection.
    #[serde(rename = "items")]
    Items,
    /// One tile.
    #[serde(rename = "item")]
    Item,
    /// The collection of a feature.
    #[serde(rename = "collection")]
    Collection,
    /// The page after this.
    #[serde(rename = "next")]
    Next,
    /// The terms under which the data may be used.
    #[serde(rename = "license")]
    License,
    /// The same as a file to take home.
    #[serde(rename = "enclosure")]
    Enclosure,
    /// What describes the same otherwise.
    #[serde(rename = "describedby")]
    DescribedBy,
    /// What tells of changes (RFC 5989).
    #[serde(rename = "monitor")]
    Monitor,
    /// A style.
    #[serde(rename = "stylesheet")]
    Stylesheet,
    /// The map.
    #[serde(rename = "preview")]
    Preview,
    /// The properties that filters may name.
    #[serde(rename = "http://www.opengis.net/def/rel/ogc/1.0/queryables")]
    Queryables,
    /// The properties that features have.
    #[serde(rename = "http://www.opengis.net/def/rel/ogc/1.0/schema")]
    Schema,
    /// Tilesets of vector tiles.
    #[serde(rename = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector")]
    Tilesets,
    /// The grid of a tileset.
    #[serde(rename = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme")]
    TilingScheme,
    /// The grids that there are.
    #[serde(rename = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes")]
    TilingSchemes,
    /// The styles.
    #[serde(rename = "http://www.opengis.net/def/rel/ogc/1.0/styles")]
    Styles,
}

/// One link; its address is absolute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The address.
    pub href: String,
    /// What it leads to.
    pub rel: Rel,
    /// The type of what is there.
    #[serde(rename = "type")]
    pub media_type: MediaType,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Says whether parts in braces are to be filled in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub templated: Option<bool>,
}

impl Link {
    /// A link without a title.
    pub fn new(rel: Rel, media_type: MediaType, href: impl Into<String>) -> Self {
        Self { href: href.into(), rel, media_type, title: None, templated: None }
    }

    /// The same with a title.
    #[must_use]
    pub fn titled(self, title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), ..self }
    }

    /// The same for an address with parts in braces.
    #[must_use]
    pub fn templated(self) -> Self {
        Self { templated: Some(true), ..self }
    }

    /// A document itself and its page, at one address.
    pub(crate) fn pair(media_type: MediaType, href: &str) -> [Self; 2] {
        [
            Self::new(Rel::Itself, media_type, href).titled("Tài liệu này / This document"),
            Self::new(Rel::Alternate, MediaType::Html, as_page(href))
                .titled("Trang web / As a page"),
        ]
    }
}

/// The address of the page of a document.
pub(crate) fn as_page(href: &str) -> String {
    format!("{href}{}f=html", if href.contains('?') { '&' } else { '?' })
}
