//! The paths and what they answer.

use serde_json::{Map, Value, json};
use urbis_catalog::Layer;

use super::BETWEEN_LANGUAGES;
use super::answers::{
    content_of, document_reference, feature_name, features_schema, schema_reference,
};
use super::parameters::{format_parameter, reference};
use crate::{DOWNLOADS, MediaType, Site};

/// One path that is read.
struct Operation<'a> {
    id: String,
    tag: &'a str,
    summary: &'a str,
    parameters: Vec<Value>,
    /// What it answers in.
    types: &'a [MediaType],
    /// What stands in the answer for programs.
    schema: Value,
}

/// A document and its page.
const DOCUMENT: &[MediaType] = &[MediaType::Json, MediaType::Html];

/// Path below `/ogc`, its operation, tag, summary, parameters of the path, and what it answers in.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [MediaType],
);

/// All paths but those of the features.
const PATHS: [Row; 20] = [
    ("/", "landing", "about", "Trang đầu / Landing page", &[], DOCUMENT),
    (
        "/conformance",
        "conformance",
        "about",
        "Các tiêu chuẩn / Standards that are met",
        &[],
        DOCUMENT,
    ),
    (
        "/api",
        "api",
        "about",
        "Định nghĩa này / This definition",
        &[],
        &[MediaType::OpenApi, MediaType::Html],
    ),
    ("/dcat", "dcat", "about", "Danh mục DCAT-AP / DCAT-AP catalogue", &[], DCAT),
    ("/collections", "collections", "features", "Các lớp / All layers", &[], DOCUMENT),
    ("/collections/{collectionId}", "collection", "features", "Một lớp / One layer", ID, DOCUMENT),
    (
        "/collections/{collectionId}/queryables",
        "queryables",
        "features",
        "Thuộc tính lọc / Queryables",
        ID,
        SCHEMA,
    ),
    ("/collections/{collectionId}/schema", "schema", "features", "Cấu trúc / Schema", ID, SCHEMA),
    (
        "/collections/{collectionId}/tiles",
        "tilesetsOf",
        "tiles",
        "Các bộ ô / Tilesets",
        ID,
        DOCUMENT,
    ),
    (
        "/collections/{collectionId}/tiles/{tileMatrixSetId}",
        "tilesetOf",
        "tiles",
        "Bộ ô / Tileset",
        &["collectionId", "tileMatrixSetId"],
        DOCUMENT,
    ),
    (
        "/collections/{collectionId}/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
        "tileOf",
        "tiles",
        "Ô của một lớp / Tile of one layer",
        &["collectionId", "tileMatrixSetId", "tileMatrix", "tileRow", "tileCol"],
        MVT,
    ),
    (
        "/tiles",
        "tilesets",
        "tiles",
        "Các bộ ô của tất cả các lớp / Tilesets of all layers",
        &[],
        DOCUMENT,
    ),
    (
        "/tiles/{tileMatrixSetId}",
        "tileset",
        "tiles",
        "Bộ ô / Tileset",
        &["tileMatrixSetId"],
        DOCUMENT,
    ),
    (
        "/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}",
        "tile",
        "tiles",
        "Ô của tất cả các lớp / Tile of all layers",
        &["tileMatrixSetId", "tileMatrix", "tileRow", "tileCol"],
        MVT,
    ),
    ("/tileMatrixSets", "tileMatrixSets", "tiles", "Các lưới ô / Tile matrix sets", &[], DOCUMENT),
    (
        "/tileMatrixSets/{tileMatrixSetId}",
        "tileMatrixSet",
        "tiles",
        "Lưới ô / Tile matrix set",
        &["tileMatrixSetId"],
        DOCUMENT,
    ),
    ("/styles", "styles", "tiles", "Các kiểu vẽ / Styles", &[], DOCUMENT),
    ("/styles/{styleId}", "style", "tiles", "Kiểu vẽ / Style", &["styleId"], STYLE),
    (
        "/styles/{styleId}/qgis",
        "qgisStyle",
        "tiles",
        "Kiểu vẽ cho QGIS / Style as QGIS reads it",
        &["styleId"],
        STYLE,
    ),
    (
        "/styles/{styleId}/qgis/{layerIds}",
        "qgisStyleOf",
        "tiles",
        "Kiểu vẽ của vài lớp cho QGIS / Style of some layers as QGIS reads it",
        &["styleId", "layerIds"],
        STYLE,
    ),
];

const ID: &[&str] = &["collectionId"];
const DCAT: &[MediaType] = &[MediaType::JsonLd, MediaType::Html];
const SCHEMA: &[MediaType] = &[MediaType::Schema, MediaType::Html];
const MVT: &[MediaType] = &[MediaType::Mvt];
const STYLE: &[MediaType] = &[MediaType::Style];

/// What features are answered in.
const FEATURES: &[MediaType] = &[MediaType::GeoJson, MediaType::Html];

impl Site<'_> {
    pub(super) fn paths(&self) -> Value {
        let mut paths: Map<String, Value> =
            PATHS.into_iter().map(|row| (row.0.to_owned(), path_of(row))).collect();
        for layer in self.layers() {
            paths.insert(format!("/collections/{}/items", layer.id), self.items_path(layer));
            let one = format!("/collections/{}/items/{{featureId}}", layer.id);
            paths.insert(one, item_path(layer));
            let file = format!("/collections/{}/download", layer.id);
            paths.insert(file, self.download_path(layer));
        }
        paths.insert("/download".to_owned(), city_path());
        paths.insert("/changes".to_owned(), self.changes_path());
        Value::Object(paths)
    }

    fn download_path(&self, layer: &Layer) -> Value {
        let mut path = describe(&Operation {
            id: format!("download.{}", layer.id),
            tag: "features",
            summary: &summary_of(layer),
            parameters: self.download_parameters(layer),
            types: &DOWNLOADS.map(|(_, media_type, _)| media_type),
            schema: file_schema(),
        });
        let content = &mut path["get"]["responses"]["200"]["content"];
        content[MediaType::GeoJson.as_str()] = json!({"schema": {"type": "object"}});
        name_crs(&mut path);
        path
    }

    /// Changes for those who keep a copy: one document a page, or lines to the end.
    fn changes_path(&self) -> Value {
        let mut path = describe(&Operation {
            id: "changes".to_owned(),
            tag: "features",
            summary: "Thay đổi từ một thời điểm / Changes since a moment",
            parameters: self.changes_parameters(),
            types: &[MediaType::Json],
            schema: document_reference("changes"),
        });
        let responses = &mut path["get"]["responses"];
        responses["200"]["content"]["application/x-ndjson"] = json!({"schema": {"type": "string"}});
        responses["410"] = json!({"$ref": "#/components/responses/Problem"});
        path
    }

    fn items_path(&self, layer: &Layer) -> Value {
        let mut path = describe(&Operation {
            id: format!("items.{}", layer.id),
            tag: "features",
            summary: &summary_of(layer),
            parameters: self.items_parameters(layer),
            types: FEATURES,
            schema: features_schema(layer),
        });
        name_crs(&mut path);
        path
    }
}

fn summary_of(layer: &Layer) -> String {
    format!("{}{BETWEEN_LANGUAGES}{}", layer.title.vi, layer.title.en)
}

/// All layers in one file.
fn city_path() -> Value {
    describe(&Operation {
        id: "download".to_owned(),
        tag: "features",
        summary: "Tất cả các lớp / All layers",
        parameters: vec![format_parameter(&["gpkg"])],
        types: &[MediaType::GeoPackage],
        schema: file_schema(),
    })
}

fn file_schema() -> Value {
    json!({"type": "string", "format": "binary"})
}

fn item_path(layer: &Layer) -> Value {
    let mut path = describe(&Operation {
        id: format!("item.{}", layer.id),
        tag: "features",
        summary: &summary_of(layer),
        parameters: ["featureId", "f", "crs"].map(reference).into(),
        types: FEATURES,
        schema: schema_reference(&feature_name(layer)),
    });
    name_crs(&mut path);
    path
}

/// Whatever holds coordinates says in which CRS they are.
fn name_crs(path: &mut Value) {
    let header = json!({"$ref": "#/components/headers/Content-Crs"});
    path["get"]["responses"]["200"]["headers"] = json!({"Content-Crs": header});
}

fn path_of((_, id, tag, summary, in_path, types): Row) -> Value {
    let has_page = types.contains(&MediaType::Html);
    let names = in_path.iter().copied().chain(has_page.then_some("f"));
    let parameters = names.map(reference).collect();
    let schema = document_reference(id);
    describe(&Operation { id: id.to_owned(), tag, summary, parameters, types, schema })
}

fn describe(operation: &Operation<'_>) -> Value {
    let kinds = operation.types.iter();
    let content: Map<String, Value> = kinds
        .map(|kind| (kind.as_str().to_owned(), content_of(*kind, &operation.schema)))
        .collect();
    let mut responses = json!({"200": {"description": operation.summary, "content": content}});
    if operation.types == MVT {
        responses["204"] = json!({"description": "Nothing is in this tile"});
    }
    for status in ["400", "401", "404", "414", "503"] {
        responses[status] = json!({"$ref": "#/components/responses/Problem"});
    }
    json!({"get": {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": operation.parameters,
        "responses": responses,
    }})
}
