//! The parameters that paths refer to, and those that a layer's attributes are.

use serde_json::{Map, Value, json};
use urbis_catalog::{Attribute, Layer};

use super::{ITEMS_PARAMETERS, PageSize};
use crate::Site;
use crate::crs::{CRS84, crs_uris};
use crate::schema::{format_of, type_of};
use crate::tile_matrix_set::MATRIX_SET;

impl Site<'_> {
    /// `components.parameters`.
    pub(super) fn parameters(&self) -> Value {
        let collections: Vec<&str> = self.layers().map(|layer| layer.id.as_str()).collect();
        let crs =
            || json!({"type": "string", "format": "uri", "enum": crs_uris(), "default": CRS84});
        let text = || json!({"type": "string"});
        let of_path = |name: &str, schema: Value| json!({"name": name, "in": "path", "required": true, "schema": schema});
        let row = || json!({"type": "integer", "minimum": 0});
        json!({
            "f": in_query("f", "The form of the answer; that of Accept where absent",
                json!({"type": "string", "enum": ["json", "html"]})),
            "limit": in_query("limit", "Most features of a page", json!({
                "type": "integer",
                "minimum": PageSize::MIN,
                "maximum": PageSize::MAX,
                "default": PageSize::DEFAULT,
            })),
            "bbox": in_query("bbox", "Features that meet this box, in bbox-crs", json!({
                "type": "array",
                "minItems": 4,
                "maxItems": 6,
                "items": {"type": "number"},
            })),
            "bbox-crs": in_query("bbox-crs", "CRS of bbox", crs()),
            "crs": in_query("crs", "CRS of the answer", crs()),
            "datetime": in_query("datetime", "Features that hold at a moment or in an interval of \
                RFC 3339, whose ends may be open (..); those that hold now where absent", text()),
            "filter": in_query("filter", "Features that this CQL2 admits", text()),
            "filter-lang": in_query("filter-lang", "Language of filter", json!({
                "type": "string",
                "enum": ["cql2-text", "cql2-json"],
                "default": "cql2-text",
            })),
            "filter-crs": in_query("filter-crs", "CRS of geometries in filter", json!({
                "type": "string", "format": "uri", "enum": [CRS84], "default": CRS84,
            })),
            "properties": in_query("properties", "Names of the attributes that are wanted", json!({
                "type": "array", "items": {"type": "string"},
            })),
            "after": in_query("after", "Where the page before ended, from its link next", text()),
            "collectionId": of_path("collectionId", json!({"type": "string", "enum": collections})),
            "featureId": of_path("featureId", json!({"type": "integer", "minimum": 1})),
            "tileMatrixSetId":
                of_path("tileMatrixSetId", json!({"type": "string", "enum": [MATRIX_SET]})),
            "tileMatrix": of_path("tileMatrix", json!({"type": "string"})),
            "tileRow": of_path("tileRow", row()),
            "tileCol": of_path("tileCol", row()),
            "styleId": of_path("styleId", text()),
        })
    }

    /// The parameters of the features of a layer: those of all, then its attributes. One that is
    /// called like a parameter of all is asked for by `filter` alone.
    pub(super) fn items_parameters(&self, layer: &Layer) -> Vec<Value> {
        let attributes = self
            .attributes(layer)
            .filter(|attribute| !ITEMS_PARAMETERS.contains(&attribute.name.as_str()));
        let common = ITEMS_PARAMETERS.iter().copied().map(reference);
        common.chain(attributes.map(queryable)).collect()
    }
}

/// A reference to a parameter of [`Site::parameters`].
pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

fn queryable(attribute: &Attribute) -> Value {
    let mut schema = Map::new();
    schema.insert("type".into(), type_of(attribute.kind).into());
    if let Some(format) = format_of(attribute.kind) {
        schema.insert("format".into(), format.into());
    }
    let title = format!("{} / {}", attribute.title.vi, attribute.title.en);
    in_query(&attribute.name, &title, Value::Object(schema))
}

fn in_query(name: &str, description: &str, schema: Value) -> Value {
    json!({
        "name": name,
        "in": "query",
        "description": description,
        "required": false,
        "style": "form",
        "explode": false,
        "schema": schema,
    })
}
