//! `GET /tiles/{layers}/report`: what each zoom of some layers shows and leaves out.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use urbis_catalog::Layer;
use urbis_model::LayerId;
use urbis_snapshot::{City, Visibility};
use urbis_tiles::ZoomReport;

use super::PathAlone;
use crate::layers::resolve;
use crate::problem::ApiError;
use crate::reply::{Caller, Content};
use crate::state::AppState;

/// Answers, for each layer and zoom, the features drawn and those left out and why, how much is
/// kept of the tenth that is longest or largest, and the largest tile.
///
/// Cost: seconds, since many tiles are rendered; so one is made at a time.
///
/// # Errors
///
/// [`ApiError::UnknownLayer`] (404); [`ApiError::Overloaded`] (503) while another is made.
pub(crate) async fn get_report(
    State(state): State<AppState>,
    caller: Caller,
    PathAlone(names): PathAlone<String>,
) -> Result<Response, ApiError> {
    let published = state.published()?;
    let class = caller.access.class();
    let layers = resolve(published.city.catalog(), &names, class)?;
    let ids: Vec<LayerId> = layers.iter().map(|layer| layer.id.clone()).collect();
    let place = state.admit_report().ok_or(ApiError::Overloaded)?;
    let (city, revision) = (published.city.clone(), published.revision());
    let make = move || {
        let _place = place;
        let layers = ids.iter().filter_map(|id| city.catalog().layer(id));
        let layers: Vec<Value> =
            layers.map(|layer| describe_layer(&city, layer, Visibility::now(class))).collect();
        json!({"revision": revision, "class": class, "layers": layers}).to_string()
    };
    let body = state.off_runtime("reporting on layers", make).await?;
    Content::json(published, body).send(&state, &caller).await
}

fn describe_layer(city: &City, layer: &Layer, visibility: Visibility) -> Value {
    let zooms = urbis_tiles::report(city, layer, visibility);
    json!({"layer": layer.id, "zooms": zooms.iter().map(describe_zoom).collect::<Vec<_>>()})
}

fn describe_zoom(zoom: &ZoomReport) -> Value {
    let largest =
        zoom.largest_tile.map(|(tile, bytes)| json!({"tile": tile.to_string(), "bytes": bytes}));
    json!({
        "zoom": zoom.zoom,
        "features": zoom.features,
        "drawn": zoom.drawn,
        "left_out": {
            "by_class": zoom.by_class,
            "by_size": zoom.by_size,
            "by_budget": zoom.by_budget,
        },
        "kept_of_largest": zoom.kept_of_largest,
        "kept_of_largest_in_class": zoom.kept_of_largest_in_class,
        "largest_tile": largest,
    })
}
