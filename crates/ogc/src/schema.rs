//! `/collections/{id}/schema` and `/collections/{id}/queryables`: what a feature has, and what a
//! filter may ask for, as JSON Schema 2020-12.

use serde_json::{Map, Value, json};
use urbis_catalog::{Attribute, AttributeType, Layer};
use urbis_model::GeometryKind;

use crate::Site;

/// The geometry as filters call it.
pub const GEOMETRY_PROPERTY: &str = "geom";

/// The geometry as GeoJSON calls it, which is what QGIS looks for in a schema.
const GEOMETRY_MEMBER: &str = "geometry";

/// What part 5 calls the validity: a client that knows it can ask for the features of a time.
const VALIDITY_ROLES: [&str; 2] = ["primary-interval-start", "primary-interval-end"];

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

impl Site<'_> {
    /// The document `/schema`: every member of a feature's `properties` in their order, and its
    /// geometry.
    pub fn schema(&self, layer: &Layer) -> Value {
        let mut properties = self.attribute_schemas(layer);
        properties.insert(GEOMETRY_MEMBER.to_owned(), json!({}));
        for (place, (_, schema)) in properties.iter_mut().enumerate() {
            schema["x-ogc-propertySeq"] = (place + 1).into();
        }
        properties[GEOMETRY_MEMBER]["title"] = "Hình học".into();
        properties[GEOMETRY_MEMBER]["description"] = "geometry".into();
        properties[GEOMETRY_MEMBER]["x-ogc-role"] = "primary-geometry".into();
        properties[GEOMETRY_MEMBER]["format"] = geometry_format(layer.geometry).into();
        self.document(layer, "/schema", properties)
    }

    /// The document `/queryables`.
    pub fn queryables(&self, layer: &Layer) -> Value {
        let mut properties = self.attribute_schemas(layer);
        let geometry = json!({
            "title": "Hình học",
            "description": "geometry",
            "x-ogc-role": "primary-geometry",
            "format": geometry_format(layer.geometry),
        });
        properties.insert(GEOMETRY_PROPERTY.to_owned(), geometry);
        self.document(layer, "/queryables", properties)
    }

    /// `$id` is the address of the document itself, as part 3 asks.
    fn document(&self, layer: &Layer, path: &str, properties: Map<String, Value>) -> Value {
        json!({
            "$schema": DIALECT,
            "$id": self.layer_url(layer, path),
            "type": "object",
            "title": layer.title.vi,
            "description": layer.description.vi,
            "properties": properties,
            "additionalProperties": false,
        })
    }

    fn attribute_schemas(&self, layer: &Layer) -> Map<String, Value> {
        self.attributes(layer)
            .map(|attribute| (attribute.name.clone(), self.attribute_schema(layer, attribute)))
            .collect()
    }

    fn attribute_schema(&self, layer: &Layer, attribute: &Attribute) -> Value {
        let mut schema = Map::new();
        schema.insert("title".into(), attribute.title.vi.clone().into());
        schema.insert("description".into(), self.describe(layer, attribute).into());
        schema.insert("type".into(), type_of(attribute.kind).into());
        if let Some(format) = format_of(attribute.kind) {
            schema.insert("format".into(), format.into());
        }
        if let Some(unit) = &attribute.unit {
            schema.insert("x-ogc-unit".into(), unit.as_str().into());
        }
        if attribute.kind == AttributeType::Code {
            let codes: Vec<&str> = self.codes(layer, attribute).collect();
            schema.insert("enum".into(), codes.into());
        }
        let validity = Attribute::validity().iter().zip(VALIDITY_ROLES);
        for (_, role) in validity.filter(|(known, _)| known.name == attribute.name) {
            schema.insert("readOnly".into(), true.into());
            schema.insert("x-ogc-role".into(), role.into());
        }
        Value::Object(schema)
    }

    /// The English label, and what each code means in both languages.
    fn describe(&self, layer: &Layer, attribute: &Attribute) -> String {
        let labels: Vec<String> = self
            .codes(layer, attribute)
            .filter_map(|code| Some((code, attribute.values.get(code)?)))
            .map(|(code, value)| format!("{code}: {} ({})", value.vi, value.en))
            .collect();
        if labels.is_empty() {
            return attribute.title.en.clone();
        }
        format!("{}. {}", attribute.title.en, labels.join("; "))
    }

    /// The codes that the caller may see, in the order of the legend.
    pub(crate) fn codes<'l>(
        &self,
        layer: &'l Layer,
        attribute: &'l Attribute,
    ) -> impl Iterator<Item = &'l str> {
        let class = self.class;
        let codes = attribute.values.keys().map(String::as_str);
        codes.filter(move |code| layer.openness_of_code(attribute, code) <= class)
    }
}

/// The JSON type of an attribute's values, null aside.
pub(crate) const fn type_of(kind: AttributeType) -> &'static str {
    match kind {
        AttributeType::Integer => "integer",
        AttributeType::Float => "number",
        AttributeType::Boolean => "boolean",
        AttributeType::Text
        | AttributeType::Code
        | AttributeType::Codes
        | AttributeType::Date
        | AttributeType::Datetime => "string",
    }
}

pub(crate) const fn format_of(kind: AttributeType) -> Option<&'static str> {
    match kind {
        AttributeType::Date => Some("date"),
        AttributeType::Datetime => Some("date-time"),
        _ => None,
    }
}

const fn geometry_format(kind: GeometryKind) -> &'static str {
    match kind {
        GeometryKind::Point => "geometry-point",
        GeometryKind::MultiLineString => "geometry-multilinestring",
        GeometryKind::MultiPolygon => "geometry-multipolygon",
    }
}
