//! The documents that tell what there is and how it is asked for.

use axum::response::Response;
use serde_json::Value;
use urbis_catalog::{Layer, Nearest};
use urbis_ogc::{MATRIX_SET, MediaType, Site};

use super::asked::{Asked, AskedDocument, Document};
use super::style_list::styles;
use crate::problem::{ApiError, echo};
use crate::routes::{PathOf, decoded};

/// `GET /ogc`.
pub(super) async fn get_landing(asked: AskedDocument) -> Result<Response, ApiError> {
    let json = |asked: &Asked| Ok(asked.site().landing());
    let page = |asked: &Asked| Ok(asked.site().landing_page(&styles(asked)?));
    asked.send(Document { media_type: MediaType::Json, json, page }).await
}

/// `GET /ogc/conformance`.
pub(super) async fn get_conformance(asked: AskedDocument) -> Result<Response, ApiError> {
    let json = |asked: &Asked| Ok(asked.site().conformance());
    let page = |asked: &Asked| Ok(asked.site().conformance_page());
    asked.send(Document { media_type: MediaType::Json, json, page }).await
}

/// `GET /ogc/api`.
pub(super) async fn get_api(asked: AskedDocument) -> Result<Response, ApiError> {
    let json = |asked: &Asked| Ok(asked.site().openapi());
    let page = |asked: &Asked| Ok(asked.site().api_page());
    asked.send(Document { media_type: MediaType::OpenApi, json, page }).await
}

/// `GET /ogc/dcat`: the catalogue that other portals harvest; its page is that of the collections.
pub(super) async fn get_dcat(asked: AskedDocument) -> Result<Response, ApiError> {
    let json = |asked: &Asked| Ok(asked.site().dcat(|layer| asked.facts(layer)));
    let page = |asked: &Asked| Ok(asked.site().collections_page(|layer| asked.facts(layer)));
    asked.send(Document { media_type: MediaType::JsonLd, json, page }).await
}

/// `GET /ogc/collections`.
pub(super) async fn get_collections(asked: AskedDocument) -> Result<Response, ApiError> {
    let json = |asked: &Asked| Ok(asked.site().collections(|layer| asked.facts(layer)));
    let page = |asked: &Asked| Ok(asked.site().collections_page(|layer| asked.facts(layer)));
    asked.send(Document { media_type: MediaType::Json, json, page }).await
}

/// `GET /ogc/collections/{id}`.
///
/// # Errors
///
/// [`ApiError::UnknownLayer`] (404).
pub(super) async fn get_collection(
    asked: AskedDocument,
    path: PathOf<String>,
) -> Result<Response, ApiError> {
    let id = decoded(path)?;
    let of_page = id.clone();
    let json = move |asked: &Asked| {
        let layer = asked.layer(&id)?;
        Ok(asked.site().collection(layer, asked.facts(layer)))
    };
    let page = move |asked: &Asked| {
        let layer = asked.layer(&of_page)?;
        Ok(asked.site().collection_page(layer, asked.facts(layer), &styles(asked)?))
    };
    asked.send(Document { media_type: MediaType::Json, json, page }).await
}

/// `GET /ogc/collections/{id}/queryables`.
///
/// # Errors
///
/// [`ApiError::UnknownLayer`] (404).
pub(super) async fn get_queryables(
    asked: AskedDocument,
    path: PathOf<String>,
) -> Result<Response, ApiError> {
    send_schema(
        asked,
        path,
        (|site, layer| site.queryables(layer), |site, layer| site.queryables_page(layer)),
    )
    .await
}

/// `GET /ogc/collections/{id}/schema`.
///
/// # Errors
///
/// [`ApiError::UnknownLayer`] (404).
pub(super) async fn get_schema(
    asked: AskedDocument,
    path: PathOf<String>,
) -> Result<Response, ApiError> {
    send_schema(
        asked,
        path,
        (|site, layer| site.schema(layer), |site, layer| site.schema_page(layer)),
    )
    .await
}

/// A schema as JSON and as a page.
type SchemaWriters = (fn(&Site<'_>, &Layer) -> Value, fn(&Site<'_>, &Layer) -> String);

async fn send_schema(
    asked: AskedDocument,
    path: PathOf<String>,
    (json, page): SchemaWriters,
) -> Result<Response, ApiError> {
    let id = decoded(path)?;
    let of_page = id.clone();
    let json = move |asked: &Asked| Ok(json(&asked.site(), asked.layer(&id)?));
    let page = move |asked: &Asked| Ok(page(&asked.site(), asked.layer(&of_page)?));
    asked.send(Document { media_type: MediaType::Schema, json, page }).await
}

/// `GET /ogc/tileMatrixSets`.
pub(super) async fn get_tile_matrix_sets(asked: AskedDocument) -> Result<Response, ApiError> {
    let json = |asked: &Asked| Ok(asked.site().tile_matrix_sets());
    let page = |asked: &Asked| Ok(asked.site().tile_matrix_set_page());
    asked.send(Document { media_type: MediaType::Json, json, page }).await
}

/// `GET /ogc/tileMatrixSets/{set}`.
///
/// # Errors
///
/// [`ApiError::UnknownFile`] (404).
pub(super) async fn get_tile_matrix_set(
    asked: AskedDocument,
    path: PathOf<String>,
) -> Result<Response, ApiError> {
    check_matrix_set(&decoded(path)?)?;
    let json = |asked: &Asked| Ok(asked.site().tile_matrix_set());
    let page = |asked: &Asked| Ok(asked.site().tile_matrix_set_page());
    asked.send(Document { media_type: MediaType::Json, json, page }).await
}

/// Refuses the name of a grid that there is none of.
///
/// # Errors
///
/// [`ApiError::UnknownFile`] (404).
pub(super) fn check_matrix_set(name: &str) -> Result<(), ApiError> {
    if name == MATRIX_SET {
        return Ok(());
    }
    let nearest = Nearest::find(name, [MATRIX_SET]);
    Err(ApiError::UnknownFile { what: "tile matrix set", name: echo(name), nearest })
}
