//! FlatGeobuf, a feature at a time.
//!
//! Without an index: that of the format is packed, and so needs every feature before the first is
//! sent. The number of features is not said either (0 in the header), since the city may change
//! while they are sent.
//!
//! Source: FlatGeobuf 3.0 (`header.fbs`, `feature.fbs`); GDAL 3.6 wants the ends of lines also where
//! there is one.

use flatbuffers::{FlatBufferBuilder, WIPOffset};
use flatgeobuf::{
    Column, ColumnArgs, ColumnType, Crs, CrsArgs, Feature, FeatureArgs, Geometry, GeometryArgs,
    GeometryType, Header, HeaderArgs, finish_size_prefixed_feature_buffer,
    finish_size_prefixed_header_buffer,
};
use serde_json::json;
use urbis_catalog::{Attribute, AttributeType, Credit};
use urbis_model::{AttributeValue, FeatureId, GeometryKind, Srid};

use crate::{FEATURE_ID, RecordWriter, Shape, Sheet};

/// The format and its version.
const MAGIC: [u8; 8] = *b"fgb\x03fgb\x00";

/// Writes the features of one layer.
pub struct FlatGeobufWriter {
    kind: GeometryKind,
    header: Vec<u8>,
    builder: FlatBufferBuilder<'static>,
    shape: Shape,
    ends: Vec<u32>,
    flat: Vec<f64>,
    properties: Vec<u8>,
    is_text: Vec<bool>,
}

impl FlatGeobufWriter {
    /// For a sheet.
    pub fn new(sheet: &Sheet<'_>) -> Self {
        let header = [&MAGIC[..], &write_header(sheet)].concat();
        let types = sheet.attributes.iter().map(|attribute| column_type(attribute.kind));
        Self {
            kind: sheet.layer.geometry,
            header,
            builder: FlatBufferBuilder::new(),
            shape: Shape::default(),
            ends: Vec::new(),
            flat: Vec::new(),
            properties: Vec::new(),
            is_text: types
                .map(|kind| matches!(kind, ColumnType::String | ColumnType::DateTime))
                .collect(),
        }
    }

    fn geometry(&mut self) -> WIPOffset<Geometry<'static>> {
        let Self { builder, shape, flat, ends, .. } = self;
        match self.kind {
            GeometryKind::Point => part(builder, flat, &shape.xy, None),
            GeometryKind::MultiLineString => {
                ends.clear();
                ends.extend(shape.lines.iter().map(|end| *end as u32));
                part(builder, flat, &shape.xy, Some(ends))
            }
            GeometryKind::MultiPolygon => {
                let mut parts = Vec::with_capacity(shape.parts.len());
                let mut first = 0;
                for last in &shape.parts {
                    let start = if first == 0 { 0 } else { shape.lines[first - 1] };
                    let rings = &shape.lines[first..*last];
                    ends.clear();
                    ends.extend(rings.iter().map(|end| (*end - start) as u32));
                    let end = start + ends.last().map_or(0, |end| *end as usize);
                    parts.push(part(builder, flat, &shape.xy[start..end], Some(ends)));
                    first = *last;
                }
                let parts = Some(builder.create_vector(&parts));
                let type_ = GeometryType::MultiPolygon;
                Geometry::create(builder, &GeometryArgs { parts, type_, ..GeometryArgs::default() })
            }
        }
    }

    /// Number of the column, then the value; nothing of a null.
    fn put_properties(&mut self, id: FeatureId, values: &[AttributeValue]) {
        let properties = &mut self.properties;
        properties.clear();
        properties.extend_from_slice(&0_u16.to_le_bytes());
        properties.extend_from_slice(&id.to_i64().to_le_bytes());
        for ((column, value), is_text) in (1_u16..).zip(values).zip(&self.is_text) {
            let mut put = |bytes: &[u8]| {
                properties.extend_from_slice(&column.to_le_bytes());
                properties.extend_from_slice(bytes);
            };
            match value {
                AttributeValue::Bool(truth) => put(&[u8::from(*truth)]),
                AttributeValue::Int(number) => put(&number.to_le_bytes()),
                AttributeValue::Float(number) => put(&number.to_le_bytes()),
                AttributeValue::Text(text) if *is_text => {
                    put(&(text.len() as u32).to_le_bytes());
                    properties.extend_from_slice(text.as_bytes());
                }
                AttributeValue::Null | AttributeValue::Text(_) => {}
            }
        }
    }
}

impl RecordWriter for FlatGeobufWriter {
    fn header(&self) -> &[u8] {
        &self.header
    }

    fn put(
        &mut self,
        bytes: &mut Vec<u8>,
        id: FeatureId,
        wkb: Option<&[u8]>,
        values: &[AttributeValue],
    ) {
        self.builder.reset();
        let has_shape = self.shape.read(self.kind, wkb);
        let geometry = has_shape.then(|| self.geometry());
        self.put_properties(id, values);
        let properties = Some(self.builder.create_vector(&self.properties));
        let args = FeatureArgs { geometry, properties, columns: None };
        let feature = Feature::create(&mut self.builder, &args);
        finish_size_prefixed_feature_buffer(&mut self.builder, feature);
        bytes.extend_from_slice(self.builder.finished_data());
    }
}

fn part<'a>(
    builder: &mut FlatBufferBuilder<'a>,
    flat: &mut Vec<f64>,
    vertices: &[[f64; 2]],
    ends: Option<&mut Vec<u32>>,
) -> WIPOffset<Geometry<'a>> {
    flat.clear();
    flat.extend(vertices.iter().flatten());
    let xy = Some(builder.create_vector(flat.as_slice()));
    let ends = ends.map(|ends| builder.create_vector(ends.as_slice()));
    Geometry::create(builder, &GeometryArgs { xy, ends, ..GeometryArgs::default() })
}

fn write_header(sheet: &Sheet<'_>) -> Vec<u8> {
    let mut builder = FlatBufferBuilder::new();
    let layer = sheet.layer;
    let id = column(&mut builder, FEATURE_ID, ColumnType::Long, None);
    let mut columns = vec![id];
    for attribute in &sheet.attributes {
        let kind = column_type(attribute.kind);
        columns.push(column(&mut builder, &attribute.name, kind, Some(attribute)));
    }
    let columns = Some(builder.create_vector(&columns));
    let crs = Some(write_crs(&mut builder, sheet.srid));
    let credit = Credit::of(layer);
    let metadata = json!({
        "title": layer.title,
        "description": layer.description,
        "licence": credit.licence(),
        "attribution": credit.attribution(),
    });
    let args = HeaderArgs {
        name: Some(builder.create_string(layer.id.as_str())),
        geometry_type: match layer.geometry {
            GeometryKind::Point => GeometryType::Point,
            GeometryKind::MultiLineString => GeometryType::MultiLineString,
            GeometryKind::MultiPolygon => GeometryType::MultiPolygon,
        },
        columns,
        features_count: 0,
        index_node_size: 0,
        crs,
        title: Some(builder.create_string(&layer.title.vi)),
        description: Some(builder.create_string(&layer.description.vi)),
        metadata: Some(builder.create_string(&metadata.to_string())),
        ..HeaderArgs::default()
    };
    let header = Header::create(&mut builder, &args);
    finish_size_prefixed_header_buffer(&mut builder, header);
    builder.finished_data().to_vec()
}

fn column<'a>(
    builder: &mut FlatBufferBuilder<'a>,
    name: &str,
    type_: ColumnType,
    attribute: Option<&Attribute>,
) -> WIPOffset<Column<'a>> {
    let name = Some(builder.create_string(name));
    let title = attribute.map(|attribute| builder.create_string(&attribute.title.vi));
    let description = attribute.map(|attribute| builder.create_string(&attribute.title.en));
    let nullable = attribute.is_some();
    let args = ColumnArgs { name, type_, title, description, nullable, ..ColumnArgs::default() };
    Column::create(builder, &args)
}

fn write_crs<'a>(builder: &mut FlatBufferBuilder<'a>, srid: Srid) -> WIPOffset<Crs<'a>> {
    let org = Some(builder.create_string("EPSG"));
    let code = i32::try_from(srid.0).unwrap_or_default();
    Crs::create(builder, &CrsArgs { org, code, ..CrsArgs::default() })
}

/// A day is a moment without a time: the format has no type of its own for it.
const fn column_type(kind: AttributeType) -> ColumnType {
    match kind {
        AttributeType::Boolean => ColumnType::Bool,
        AttributeType::Integer => ColumnType::Long,
        AttributeType::Float => ColumnType::Double,
        AttributeType::Date | AttributeType::Datetime => ColumnType::DateTime,
        AttributeType::Text | AttributeType::Code | AttributeType::Codes => ColumnType::String,
    }
}
