//! Tilesets, and their tiles from the same engine and cache as those of `/tiles`.

use axum::extract::RawQuery;
use axum::http::Method;
use axum::response::Response;
use urbis_catalog::Layer;
use urbis_model::TileAddress;
use urbis_ogc::{MediaType, Site, TileLimits};

use super::asked::{Asked, AskedDocument, Document};
use super::documents::check_matrix_set;
use crate::problem::{ApiError, echo};
use crate::query::Query;
use crate::routes::{PathOf, decoded, tiles as engine};

/// `GET /ogc/tiles`.
pub(super) async fn get_tilesets(asked: AskedDocument) -> Result<Response, ApiError> {
    let json = |asked: &Asked| Ok(asked.site().tilesets(None, all(asked)));
    let page = |asked: &Asked| Ok(asked.site().tileset_page(None, all(asked)));
    asked.send(Document { media_type: MediaType::Json, json, page }).await
}

/// `GET /ogc/tiles/{set}`.
///
/// # Errors
///
/// [`ApiError::UnknownFile`] (404).
pub(super) async fn get_tileset(
    asked: AskedDocument,
    path: PathOf<String>,
) -> Result<Response, ApiError> {
    check_matrix_set(&decoded(path)?)?;
    let json = |asked: &Asked| Ok(asked.site().tileset(None, all(asked)));
    let page = |asked: &Asked| Ok(asked.site().tileset_page(None, all(asked)));
    asked.send(Document { media_type: MediaType::Json, json, page }).await
}

/// `GET /ogc/collections/{id}/tiles`.
///
/// # Errors
///
/// [`ApiError::UnknownLayer`] (404).
pub(super) async fn get_tilesets_of_layer(
    asked: AskedDocument,
    path: PathOf<String>,
) -> Result<Response, ApiError> {
    let id = decoded(path)?;
    let of_page = id.clone();
    let json = move |asked: &Asked| {
        let layer = asked.layer(&id)?;
        Ok(asked.site().tilesets(Some(layer), asked.extent(&[layer])))
    };
    let page = move |asked: &Asked| page_of_layer(asked, &of_page);
    asked.send(Document { media_type: MediaType::Json, json, page }).await
}

/// `GET /ogc/collections/{id}/tiles/{set}`.
///
/// # Errors
///
/// [`ApiError::UnknownLayer`], [`ApiError::UnknownFile`] (404).
pub(super) async fn get_tileset_of_layer(
    asked: AskedDocument,
    path: PathOf<(String, String)>,
) -> Result<Response, ApiError> {
    let (id, set) = decoded(path)?;
    check_matrix_set(&set)?;
    let of_page = id.clone();
    let json = move |asked: &Asked| {
        let layer = asked.layer(&id)?;
        Ok(asked.site().tileset(Some(layer), asked.extent(&[layer])))
    };
    let page = move |asked: &Asked| page_of_layer(asked, &of_page);
    asked.send(Document { media_type: MediaType::Json, json, page }).await
}

/// `GET /ogc/tiles/{set}/{matrix}/{row}/{col}`: all layers that the caller may see in one tile.
///
/// # Errors
///
/// [`ApiError::TileOutside`] (404); 400 for an address off the grid.
pub(super) async fn get_tile(
    asked: Asked,
    method: Method,
    path: PathOf<(String, String, String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    refuse_parameters(query.as_deref())?;
    let (set, matrix, row, col) = decoded(path)?;
    check_matrix_set(&set)?;
    let names = asked.site().all_tile_names();
    let layers: Vec<&Layer> = asked.site().layers().collect();
    let tile = read_address(&asked, &layers, [&matrix, &row, &col])?;
    send_tile(asked, method, names, tile).await
}

/// `GET /ogc/collections/{id}/tiles/{set}/{matrix}/{row}/{col}`.
///
/// # Errors
///
/// [`ApiError::UnknownLayer`], [`ApiError::TileOutside`] (404); 400 for an address off the grid.
pub(super) async fn get_tile_of_layer(
    asked: Asked,
    method: Method,
    path: PathOf<(String, String, String, String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    refuse_parameters(query.as_deref())?;
    let (id, set, matrix, row, col) = decoded(path)?;
    check_matrix_set(&set)?;
    let tile = read_address(&asked, &[asked.layer(&id)?], [&matrix, &row, &col])?;
    send_tile(asked, method, id, tile).await
}

async fn send_tile(
    asked: Asked,
    method: Method,
    names: String,
    tile: TileAddress,
) -> Result<Response, ApiError> {
    let Asked { state, caller, .. } = asked;
    engine::send_tile(&state, method, caller, engine::Wish { names, tile, on: None }).await
}

/// The address of a tile within the limits that the tileset names.
fn read_address(
    asked: &Asked,
    layers: &[&Layer],
    [matrix, row, col]: [&str; 3],
) -> Result<TileAddress, ApiError> {
    // Numbers beyond the grid are as far outside as those beyond the limits.
    let tile = engine::parse_address(matrix, col, row).map_err(|cause| match cause {
        ApiError::OutOfRange(_) => ApiError::TileOutside,
        other => other,
    })?;
    let is_drawn = Site::zooms(layers).contains(&tile.z());
    let limits = TileLimits::around(asked.extent(layers), tile.z())?;
    if is_drawn && limits.contains(tile) { Ok(tile) } else { Err(ApiError::TileOutside) }
}

/// `f=mvt` says what is so anyway.
fn refuse_parameters(query: Option<&str>) -> Result<(), ApiError> {
    let query = Query::parse(query, &["f"])?;
    match query.text("f") {
        None | Some("mvt") => Ok(()),
        Some(other) => {
            Err(ApiError::InvalidParameter { name: "f", found: echo(other), wanted: "mvt" })
        }
    }
}

/// The box of all layers that the caller may see.
fn all(asked: &Asked) -> [f64; 4] {
    asked.extent(&asked.site().layers().collect::<Vec<_>>())
}

fn page_of_layer(asked: &Asked, id: &str) -> Result<String, ApiError> {
    let layer = asked.layer(id)?;
    Ok(asked.site().tileset_page(Some(layer), asked.extent(&[layer])))
}
