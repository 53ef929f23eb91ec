//! The parameters that paths refer to, and those that a layer's attributes are.

use serde_json::{Map, Value, json};
use urbis_catalog::{Attribute, AttributeType, Layer};
use urbis_model::TileAddress;

use super::{DOWNLOAD_PARAMETERS, ITEMS_PARAMETERS, PageSize};
use crate::crs::{CRS84, crs_uris};
use crate::schema::{format_of, type_of};
use crate::tile_matrix_set::MATRIX_SET;
use crate::{DOWNLOADS, Site};

/// A day, or a moment with its zone (RFC 3339, 5.6), as far as a pattern can tell: not which months
/// have a day 31.
const MOMENT: &str = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\
    (T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))?";

/// A text without the character U+0000, which PostgreSQL has in no text.
const NO_NUL: &str = r"^[^\u0000]*$";

/// What a link `next` carries: base64url without padding.
const TOKEN: &str = "^[A-Za-z0-9_-]{2,64}$";

impl Site<'_> {
    /// `components.parameters`.
    pub(super) fn parameters(&self) -> Value {
        let collections: Vec<&str> = self.layers().map(|layer| layer.id.as_str()).collect();
        let crs =
            || json!({"type": "string", "format": "uri", "enum": crs_uris(), "default": CRS84});
        let text = || json!({"type": "string"});
        let of_path = |name: &str, schema: Value| json!({"name": name, "in": "path", "required": true, "schema": schema});
        let last = (1_u64 << TileAddress::MAX_ZOOM) - 1;
        let row = || json!({"type": "integer", "minimum": 0, "maximum": last});
        let interval = format!("^({MOMENT}|({MOMENT}|[.]{{2}})?/({MOMENT}|[.]{{2}})?)$");
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
                "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
                "items": {"type": "number"},
            })),
            "bbox-crs": in_query("bbox-crs", "CRS of bbox", crs()),
            "crs": in_query("crs", "CRS of the answer", crs()),
            "datetime": in_query("datetime", "Features that hold at a moment or in an interval of \
                RFC 3339, whose ends may be open (..); those that hold now where absent",
                json!({"type": "string", "pattern": interval})),
            "filter": in_query("filter", "Features that this CQL2 admits",
                json!({"type": "string", "minLength": 1})),
            "filter-lang": in_query("filter-lang", "Language of filter", json!({
                "type": "string",
                "enum": ["cql2-text", "cql2-json"],
                "default": "cql2-text",
            })),
            "filter-crs": in_query("filter-crs", "CRS of geometries in filter", crs()),
            "after": in_query("after", "Where the page before ended, from its link next",
                json!({"type": "string", "pattern": TOKEN})),
            "collectionId": of_path("collectionId", json!({"type": "string", "enum": collections})),
            "featureId": of_path("featureId", json!({"type": "integer", "minimum": 1})),
            "tileMatrixSetId":
                of_path("tileMatrixSetId", json!({"type": "string", "enum": [MATRIX_SET]})),
            "tileMatrix":
                of_path("tileMatrix", json!({"type": "string", "pattern": "^(0|[1-9][0-9]?)$"})),
            "tileRow": of_path("tileRow", row()),
            "tileCol": of_path("tileCol", row()),
            "styleId": of_path("styleId", text()),
            "layerIds": of_path("layerIds", text()),
        })
    }

    /// The parameters of the features of a layer: those of all, then its attributes. One that is
    /// called like a parameter of all is asked for by `filter` alone.
    pub(super) fn items_parameters(&self, layer: &Layer) -> Vec<Value> {
        self.parameters_of(layer, ITEMS_PARAMETERS)
    }

    /// The same of its files.
    pub(super) fn download_parameters(&self, layer: &Layer) -> Vec<Value> {
        let mut parameters = self.parameters_of(layer, DOWNLOAD_PARAMETERS);
        let is_form = |parameter: &&mut Value| **parameter == reference("f");
        parameters
            .iter_mut()
            .find(is_form)
            .into_iter()
            .for_each(|form| *form = format_parameter(&DOWNLOADS.map(|(name, ..)| name)));
        parameters
    }

    fn parameters_of(&self, layer: &Layer, names: &'static [&'static str]) -> Vec<Value> {
        let attributes =
            self.attributes(layer).filter(|attribute| !names.contains(&attribute.name.as_str()));
        let common = names.iter().map(|name| match *name {
            "properties" => self.properties_parameter(layer),
            name => reference(name),
        });
        common.chain(attributes.map(|attribute| self.queryable(layer, attribute))).collect()
    }

    /// The parameters of the changes.
    pub(super) fn changes_parameters(&self) -> Vec<Value> {
        let layers: Vec<&str> = self.layers().map(|layer| layer.id.as_str()).collect();
        let forms = json!({"type": "string", "enum": ["json", "ndjson"]});
        let limit = json!({"type": "integer", "minimum": 1, "maximum": PageSize::MAX});
        vec![
            in_query(
                "since",
                "A link next of an earlier answer ends with it; or a moment",
                json!({"type": "string", "minLength": 1}),
            ),
            in_query(
                "layer",
                "A layer; all where absent",
                json!({"type": "string", "enum": layers}),
            ),
            in_query("limit", "Most changes of a page", limit),
            in_query("f", "One document a page, or a line each to the end", forms),
        ]
    }

    fn properties_parameter(&self, layer: &Layer) -> Value {
        let names: Vec<&str> = self.attributes(layer).map(|it| it.name.as_str()).collect();
        in_query(
            "properties",
            "Names of the attributes that are wanted",
            json!({"type": "array", "minItems": 1, "items": {"type": "string", "enum": names}}),
        )
    }

    fn queryable(&self, layer: &Layer, attribute: &Attribute) -> Value {
        let mut schema = value_schema(attribute);
        match attribute.kind {
            AttributeType::Code => {
                let codes: Vec<&str> = self.codes(layer, attribute).collect();
                schema.insert("enum".into(), codes.into());
            }
            AttributeType::Text | AttributeType::Codes => {
                schema.insert("pattern".into(), NO_NUL.into());
            }
            _ => {}
        }
        let title = format!("{} / {}", attribute.title.vi, attribute.title.en);
        in_query(&attribute.name, &title, Value::Object(schema))
    }
}

/// `f` where it must be said, and names a file's format.
pub(super) fn format_parameter(names: &[&str]) -> Value {
    let schema = json!({"type": "string", "enum": names});
    let mut parameter = in_query("f", "The format of the file", schema);
    parameter["required"] = true.into();
    parameter
}

/// A reference to a parameter of [`Site::parameters`].
pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

/// The schema of an attribute's values, null aside.
pub(super) fn value_schema(attribute: &Attribute) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("type".into(), type_of(attribute.kind).into());
    let format = match attribute.kind {
        AttributeType::Integer => Some("int64"),
        kind => format_of(kind),
    };
    schema.extend(format.map(|format| ("format".to_owned(), format.into())));
    schema
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
