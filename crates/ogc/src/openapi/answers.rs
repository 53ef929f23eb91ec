//! What paths answer: the schemas of documents and of each layer's features, and the headers.

use serde_json::{Map, Value, json};
use urbis_catalog::Layer;

use super::parameters::value_schema;
use crate::{MediaType, Site};

/// Documents by the operations that answer them, and the members that each has; their types are
/// those of [`member_schema`].
const DOCUMENTS: [(&str, &[&str]); 16] = [
    ("landing", &["title", "description", "links"]),
    ("conformance", &["conformsTo", "links"]),
    ("api", &["openapi", "info", "paths"]),
    ("dcat", &["@context", "@id", "@type", "dcat:dataset"]),
    ("changes", &["timeStamp", "numberReturned", "isComplete", "next", "changes", "links"]),
    ("collections", &["collections", "crs", "links"]),
    ("collection", &["id", "title", "description", "itemType", "extent", "crs", "links"]),
    ("queryables", &["$schema", "$id", "type", "properties"]),
    ("schema", &["$schema", "$id", "type", "properties"]),
    ("tilesets", &["tilesets", "links"]),
    ("tileset", &["title", "dataType", "tileMatrixSetId", "tileMatrixSetLimits", "links"]),
    ("tileMatrixSets", &["tileMatrixSets", "links"]),
    ("tileMatrixSet", &["id", "title", "tileMatrices", "links"]),
    ("styles", &["styles", "links"]),
    ("style", &["version", "sources", "layers"]),
    ("qgisStyle", &["version", "sources", "layers"]),
];

/// Members that are lists of texts, or of objects.
const LISTS: [(&str, &str); 11] = [
    ("conformsTo", "string"),
    ("crs", "string"),
    ("collections", "object"),
    ("dcat:dataset", "object"),
    ("changes", "object"),
    ("tilesets", "object"),
    ("tileMatrixSetLimits", "object"),
    ("tileMatrixSets", "object"),
    ("tileMatrices", "object"),
    ("styles", "object"),
    ("layers", "object"),
];

impl Site<'_> {
    /// `components.schemas`.
    pub(super) fn schemas(&self) -> Value {
        let documents =
            DOCUMENTS.iter().map(|(name, members)| ((*name).to_owned(), document_schema(members)));
        let features = self.layers().map(|layer| (feature_name(layer), self.feature_schema(layer)));
        let link = ("link".to_owned(), link_schema());
        Value::Object(documents.chain([link]).chain(features).collect())
    }

    /// A feature of a layer. None of its properties is required: `properties` may leave some out.
    fn feature_schema(&self, layer: &Layer) -> Value {
        let attributes = self.attributes(layer).map(|attribute| {
            let mut schema = value_schema(attribute);
            schema.insert("nullable".into(), true.into());
            (attribute.name.clone(), Value::Object(schema))
        });
        let attributes: Map<String, Value> = attributes.collect();
        json!({
            "type": "object",
            "required": ["type", "id", "geometry", "properties"],
            "properties": {
                "type": {"type": "string", "enum": ["Feature"]},
                "id": {"type": "integer", "minimum": 1},
                "geometry": {
                    "type": "object",
                    "nullable": true,
                    "required": ["type", "coordinates"],
                    "properties": {
                        "type": {"type": "string", "enum": [layer.geometry.to_string()]},
                        "coordinates": {"type": "array", "minItems": 1, "items": {}},
                    },
                },
                "properties": {
                    "type": "object",
                    "properties": attributes,
                    "additionalProperties": false,
                },
                "links": links_schema(),
            },
        })
    }
}

/// A page of features of a layer.
pub(super) fn features_schema(layer: &Layer) -> Value {
    let count = json!({"type": "integer", "minimum": 0});
    json!({
        "type": "object",
        "required": ["type", "timeStamp", "numberMatched", "numberReturned", "features", "links"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "timeStamp": {"type": "string", "format": "date-time"},
            "numberMatched": count,
            "numberReturned": count,
            "features": {"type": "array", "items": schema_reference(&feature_name(layer))},
            "links": links_schema(),
        },
    })
}

/// The name of the schema of a layer's features.
pub(super) fn feature_name(layer: &Layer) -> String {
    format!("feature.{}", layer.id)
}

/// A reference to a schema of [`Site::schemas`].
pub(super) fn schema_reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// A reference to what an operation answers; that of some layers (`tilesetOf`) answers as its twin of
/// all layers does.
pub(super) fn document_reference(operation: &str) -> Value {
    schema_reference(operation.strip_suffix("Of").unwrap_or(operation))
}

/// `components.headers`.
pub(super) fn headers() -> Value {
    json!({
        "Content-Crs": {
            "description": "The CRS of the coordinates, in angle brackets (OGC 18-058r1)",
            "required": true,
            "schema": {"type": "string", "pattern": "^<http://[^>]+>$"},
        },
    })
}

/// A body of a type; pages and tiles are what they are, whatever they tell of.
pub(super) fn content_of(kind: MediaType, schema: &Value) -> Value {
    match kind {
        MediaType::Html => json!({"schema": {"type": "string"}}),
        MediaType::Mvt => json!({"schema": {"type": "string", "format": "binary"}}),
        _ => json!({"schema": schema}),
    }
}

fn document_schema(members: &[&str]) -> Value {
    let described = members.iter().map(|name| ((*name).to_owned(), member_schema(name)));
    let properties: Map<String, Value> = described.collect();
    json!({"type": "object", "required": members, "properties": properties})
}

fn member_schema(name: &str) -> Value {
    if let Some((_, kind)) = LISTS.iter().find(|(list, _)| *list == name) {
        return json!({"type": "array", "items": {"type": kind}});
    }
    match name {
        "links" => links_schema(),
        "@context" | "info" | "paths" | "extent" | "properties" | "sources" => {
            json!({"type": "object"})
        }
        "numberReturned" => json!({"type": "integer", "minimum": 0}),
        "isComplete" => json!({"type": "boolean"}),
        "version" => json!({"type": "integer", "enum": [8]}),
        _ => json!({"type": "string"}),
    }
}

fn links_schema() -> Value {
    json!({"type": "array", "items": schema_reference("link")})
}

fn link_schema() -> Value {
    json!({
        "type": "object",
        "required": ["href", "rel", "type"],
        "properties": {
            "href": {"type": "string"},
            "rel": {"type": "string"},
            "type": {"type": "string"},
            "title": {"type": "string"},
            "templated": {"type": "boolean"},
        },
    })
}
