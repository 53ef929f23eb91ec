//! All paths and what answers them.

use axum::Router;
use axum::handler::Handler;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};

use crate::problem::{ALLOWED_METHODS, ApiError, WRITE_METHODS};
use crate::routes::{
    at, candidates, changes, explain, files, glyphs, health, layers, live, metrics, nearest,
    network, ogc, positions, reach, report, road_state, route, search, styles, tilejson, tiles,
    units,
};
use crate::state::AppState;

/// The service over a state; the state may have no city yet.
///
/// A path answers GET, HEAD and OPTIONS, or POST and OPTIONS; 404 and 405 are problems like all
/// others. What happens around every request is not here: [`crate::middleware`].
pub(crate) fn router(state: AppState) -> Router {
    Router::new()
        .route("/", read(files::get_index))
        .route("/assets/{name}", read(files::get_asset))
        .route("/sprites/{name}", read(files::get_sprite))
        .route("/fonts/{stack}/{range}", read(glyphs::get_glyphs))
        .route("/layers", read(layers::get_layers))
        .route("/tiles/{layers}", read(tilejson::get_tilejson))
        .route("/tiles/{layers}/report", read(report::get_report))
        .route("/tiles/{layers}/{z}/{x}/{y}", read(tiles::get_tile))
        .route("/tiles/{layers}/{z}/{x}/{y}/explain", read(explain::get_explanation))
        .route("/styles/{id}", read(styles::get_style))
        .route("/styles/{id}/qgis", read(styles::get_style_for_qgis))
        .route("/styles/{id}/qgis/{layers}", read(styles::get_layers_style_for_qgis))
        .route("/nearest/{layers}", read(nearest::get_nearest))
        .route("/at", read(at::get_at))
        .route("/route", read(route::get_route))
        .route("/reach", read(reach::get_reach))
        .route("/search", read(search::get_search))
        .route("/changes", read(changes::get_changes))
        .route("/live/events", read(live::get_events))
        .route("/live/units", read(units::get_units))
        .route("/live/positions", write(positions::post_positions))
        .route("/live/road-state", write(road_state::post_road_states))
        .route("/network/report", read(network::get_network_report))
        .route("/dispatch/candidates", read(candidates::get_candidates))
        .route("/metrics", read(metrics::get_metrics))
        .route("/health/live", read(health::get_live))
        .route("/health/ready", read(health::get_ready))
        .merge(ogc::routes(&state))
        .fallback(async || ApiError::UnknownPath)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .with_state(state)
}

/// A path that is read only.
fn read<H, T>(handler: H) -> MethodRouter<AppState>
where
    H: Handler<T, AppState>,
    T: 'static,
{
    get(handler).options(answer_options)
}

/// A path that is written to, and never read.
fn write<H, T>(handler: H) -> MethodRouter<AppState>
where
    H: Handler<T, AppState>,
    T: 'static,
{
    let options = async || (StatusCode::NO_CONTENT, [(header::ALLOW, WRITE_METHODS)]);
    post(handler).options(options).fallback(async || ApiError::OnlyPost)
}

async fn answer_options() -> Response {
    (StatusCode::NO_CONTENT, [(header::ALLOW, ALLOWED_METHODS)]).into_response()
}
