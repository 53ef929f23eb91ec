//! `/ogc`: OGC API Features, Tiles and Styles over the same city, tiles and styles as all else.
//!
//! Every document is JSON, and a page for people with `f=html` or an `Accept` that prefers
//! `text/html`. Features come out of the database, whatever the city in memory holds: only they
//! wait for it, and only few at once.

mod asked;
mod documents;
mod download;
mod form;
mod items;
mod page;
mod style_list;
mod tiles;

use axum::Router;
use axum::handler::Handler;
use axum::http::{StatusCode, header};
use axum::routing::{MethodRouter, get};

use crate::problem::ALLOWED_METHODS;
use crate::routes::changes;
use crate::state::AppState;

pub use self::download::{Selection, SelectionRefused};

/// The paths below `/ogc`.
pub(crate) fn routes(state: &AppState) -> Router<AppState> {
    const COLLECTION: &str = "/ogc/collections/{id}";
    let of = |path: &str| format!("{COLLECTION}{path}");
    let positioned = axum::middleware::from_fn_with_state(state.clone(), changes::say_position);
    Router::new()
        .route("/ogc", read(documents::get_landing))
        .route("/ogc/", read(documents::get_landing))
        .route("/ogc/static/{name}", read(page::get_static))
        .route("/ogc/conformance", read(documents::get_conformance))
        .route("/ogc/api", read(documents::get_api))
        .route("/ogc/dcat", read(documents::get_dcat))
        .route("/ogc/collections", read(documents::get_collections))
        .route(COLLECTION, read(documents::get_collection))
        .route(&of("/queryables"), read(documents::get_queryables))
        .route(&of("/schema"), read(documents::get_schema))
        .route(&of("/items"), read(items::get_items).layer(positioned.clone()))
        .route(&of("/items/{feature}"), read(items::get_item))
        .route(&of("/tiles"), read(tiles::get_tilesets_of_layer))
        .route(&of("/tiles/{set}"), read(tiles::get_tileset_of_layer))
        .route(&of("/tiles/{set}/{matrix}/{row}/{col}"), read(tiles::get_tile_of_layer))
        .route("/ogc/changes", read(changes::get_changes))
        .route(&of("/download"), read(download::get_download).layer(positioned.clone()))
        .route("/ogc/download", read(download::get_city).layer(positioned))
        .route("/ogc/tiles", read(tiles::get_tilesets))
        .route("/ogc/tiles/{set}", read(tiles::get_tileset))
        .route("/ogc/tiles/{set}/{matrix}/{row}/{col}", read(tiles::get_tile))
        .route("/ogc/tileMatrixSets", read(documents::get_tile_matrix_sets))
        .route("/ogc/tileMatrixSets/{set}", read(documents::get_tile_matrix_set))
        .route("/ogc/styles", read(style_list::get_styles))
        .route("/ogc/styles/{id}", read(style_list::get_style))
}

/// A path that is read. OPTIONS is 200: by its `Allow` QGIS learns that nothing can be edited.
fn read<H, T>(handler: H) -> MethodRouter<AppState>
where
    H: Handler<T, AppState>,
    T: 'static,
{
    get(handler).options(async || (StatusCode::OK, [(header::ALLOW, ALLOWED_METHODS)]))
}
