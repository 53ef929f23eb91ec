//! The media types of the documents.

use serde::Serialize;

/// A media type, as `Content-Type` and the `type` of a link spell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum MediaType {
    /// Any document that has no type of its own.
    #[serde(rename = "application/json")]
    Json,
    /// Features.
    #[serde(rename = "application/geo+json")]
    GeoJson,
    /// Linked data.
    #[serde(rename = "application/ld+json")]
    JsonLd,
    /// JSON Schema.
    #[serde(rename = "application/schema+json")]
    Schema,
    /// OpenAPI 3.0 in JSON, letter by letter what QGIS and CITE look for.
    #[serde(rename = "application/vnd.oai.openapi+json;version=3.0")]
    OpenApi,
    /// A page.
    #[serde(rename = "text/html")]
    Html,
    /// Mapbox Vector Tiles.
    #[serde(rename = "application/vnd.mapbox-vector-tile")]
    Mvt,
    /// A MapLibre style.
    #[serde(rename = "application/vnd.mapbox.style+json")]
    Style,
    /// A GeoPackage.
    #[serde(rename = "application/geopackage+sqlite3")]
    GeoPackage,
    /// FlatGeobuf.
    #[serde(rename = "application/vnd.flatgeobuf")]
    FlatGeobuf,
    /// A table of commas, in UTF-8.
    #[serde(rename = "text/csv; charset=utf-8")]
    Csv,
    /// A ZIP file.
    #[serde(rename = "application/zip")]
    Zip,
}

impl MediaType {
    /// The text of the type.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::GeoJson => "application/geo+json",
            Self::JsonLd => "application/ld+json",
            Self::Schema => "application/schema+json",
            Self::OpenApi => "application/vnd.oai.openapi+json;version=3.0",
            Self::Html => "text/html",
            Self::Mvt => "application/vnd.mapbox-vector-tile",
            Self::GeoPackage => "application/geopackage+sqlite3",
            Self::FlatGeobuf => "application/vnd.flatgeobuf",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Zip => "application/zip",
            Self::Style => "application/vnd.mapbox.style+json",
        }
    }
}
