//! `/api`: the definition of the API in OpenAPI 3.0, from the catalogue.
//!
//! Every layer has paths of its own for its features, with its attributes as parameters; all else
//! is one path for all layers. QGIS reads the size of a page from `components.parameters.limit`
//! and nowhere else; it takes 3.0 and so does CITE, which takes nothing newer.
//!
//! Source: OpenAPI Specification 3.0.3.

mod answers;
mod parameters;
mod paths;

use serde_json::{Value, json};

use self::answers::headers;
use crate::Site;

/// What stands between a text in Vietnamese and the same in English.
pub(crate) const BETWEEN_LANGUAGES: &str = " / ";

/// How many features a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize;

impl PageSize {
    /// Fewest.
    pub const MIN: u32 = 1;
    /// Where nothing is said.
    pub const DEFAULT: u32 = 10;
    /// Most; whoever asks for more gets so many. CITE counts no collection of more features.
    pub const MAX: u32 = 10_000;
}

/// The parameters of `/items` that do not depend on the layer.
pub const ITEMS_PARAMETERS: &[&str] = &[
    // Of pages alone.
    "limit",
    "after",
    "f",
    "bbox",
    "bbox-crs",
    "crs",
    "datetime",
    "filter",
    "filter-lang",
    "filter-crs",
    "properties",
];

/// The parameters of `/download` that do not depend on the layer: those of `/items` but for the
/// pages.
pub const DOWNLOAD_PARAMETERS: &[&str] = ITEMS_PARAMETERS.split_at(2).1;

impl Site<'_> {
    /// The document `/api`.
    pub fn openapi(&self) -> Value {
        json!({
            "openapi": "3.0.3",
            "info": {
                "title": self.landing_title(),
                "description": "OGC API của thành phố / The city's OGC API: Features, Tiles.",
                "version": env!("CARGO_PKG_VERSION"),
            },
            "servers": [{"url": self.url("")}],
            "tags": [
                {"name": "about", "description": "API này / This API"},
                {"name": "features", "description": "Đối tượng / Features"},
                {"name": "tiles", "description": "Ô bản đồ / Vector tiles"},
            ],
            "paths": self.paths(),
            "components": {
                "parameters": self.parameters(),
                "headers": headers(),
                "schemas": self.schemas(),
                "responses": {
                    "Problem": {
                        "description": "What was wrong and what to do (RFC 9457)",
                        "content": {"application/problem+json": {"schema": problem_schema()}},
                    },
                },
            },
        })
    }
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "required": ["code", "description"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string"},
            "description": {"type": "string"},
            "detail": {"type": "string"},
            "hint": {"type": "string"},
        },
    })
}
