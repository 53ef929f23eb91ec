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
    let positioned = axum::middleware::from_fn_with_state(state.clone(), changes::say_position);
    let paths = paths(|route| route.layer(positioned.clone()));
    paths.into_iter().fold(Router::new(), |router, (path, route)| router.route(path, route))
}

/// Each path and what answers it; `positioned` makes an answer say where the database was.
fn paths(
    positioned: impl Fn(MethodRouter<AppState>) -> MethodRouter<AppState>,
) -> [(&'static str, MethodRouter<AppState>); 27] {
    [
        ("/ogc", read(documents::get_landing)),
        ("/ogc/", read(documents::get_landing)),
        ("/ogc/static/{name}", read(page::get_static)),
        ("/ogc/conformance", read(documents::get_conformance)),
        ("/ogc/api", read(documents::get_api)),
        ("/ogc/dcat", read(documents::get_dcat)),
        ("/ogc/changes", read(changes::get_changes)),
        ("/ogc/download", positioned(read(download::get_city))),
        ("/ogc/collections", read(documents::get_collections)),
        ("/ogc/collections/{id}", read(documents::get_collection)),
        ("/ogc/collections/{id}/queryables", read(documents::get_queryables)),
        ("/ogc/collections/{id}/schema", read(documents::get_schema)),
        ("/ogc/collections/{id}/items", positioned(read(items::get_items))),
        ("/ogc/collections/{id}/items/{feature}", read(items::get_item)),
        ("/ogc/collections/{id}/download", positioned(read(download::get_download))),
        ("/ogc/collections/{id}/tiles", read(tiles::get_tilesets_of_layer)),
        ("/ogc/collections/{id}/tiles/{set}", read(tiles::get_tileset_of_layer)),
        ("/ogc/collections/{id}/tiles/{set}/{matrix}/{row}/{col}", read(tiles::get_tile_of_layer)),
        ("/ogc/tiles", read(tiles::get_tilesets)),
        ("/ogc/tiles/{set}", read(tiles::get_tileset)),
        ("/ogc/tiles/{set}/{matrix}/{row}/{col}", read(tiles::get_tile)),
        ("/ogc/tileMatrixSets", read(documents::get_tile_matrix_sets)),
        ("/ogc/tileMatrixSets/{set}", read(documents::get_tile_matrix_set)),
        ("/ogc/styles", read(style_list::get_styles)),
        ("/ogc/styles/{id}", read(style_list::get_style)),
        ("/ogc/styles/{id}/qgis", read(style_list::get_style_for_qgis)),
        ("/ogc/styles/{id}/qgis/{layers}", read(style_list::get_layers_style_for_qgis)),
    ]
}

/// A path that is read. OPTIONS is 200: by its `Allow` QGIS learns that nothing can be edited.
fn read<H, T>(handler: H) -> MethodRouter<AppState>
where
    H: Handler<T, AppState>,
    T: 'static,
{
    get(handler).options(async || (StatusCode::OK, [(header::ALLOW, ALLOWED_METHODS)]))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use urbis_catalog::Catalog;
    use urbis_model::Openness;
    use urbis_ogc::Site;

    use super::*;

    /// What people read, and a spelling of another path.
    const NO_OPERATIONS: [&str; 2] = ["/static/{}", "/"];

    /// A path whose parameters have no names; layers are parameters.
    fn nameless(path: &str, catalog: &Catalog) -> String {
        let is_layer = |part: &str| catalog.layers().any(|layer| layer.id.as_str() == part);
        let parts = path
            .split('/')
            .map(|part| if part.starts_with('{') || is_layer(part) { "{}" } else { part });
        parts.collect::<Vec<_>>().join("/")
    }

    #[test]
    fn the_definition_has_every_path_and_no_other() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let catalog = Catalog::load(&root.join("layers")).unwrap();
        let state = AppState::for_tests();
        let (city, class, base) = (state.city_settings(), Openness::Restricted, "");
        let api = Site { catalog: &catalog, city, class, base }.openapi();
        let defined = api["paths"].as_object().unwrap().keys();
        let defined: BTreeSet<String> =
            defined.map(|path| nameless(path.trim_end_matches('/'), &catalog)).collect();
        let answered: BTreeSet<String> = paths(|route| route)
            .into_iter()
            .map(|(path, _)| nameless(path.strip_prefix("/ogc").unwrap(), &catalog))
            .filter(|path| !NO_OPERATIONS.contains(&path.as_str()))
            .collect();
        assert_eq!(answered, defined);
    }
}
