//! `GET /tiles/{layers}/{z}/{x}/{y}/explain`: how a tile comes about, and what it costs.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::{Value, json};
use urbis_tiles::{Explanation, LayerExplanation};

use super::tiles::parse_address;
use super::{PathOf, decoded};
use crate::cache::{Found, TileKeyRef, View};
use crate::layers::resolve;
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::{Caching, Caller, Content};
use crate::state::AppState;
use crate::tile_build::{TileBuild, steady_span};

/// Answers, for each layer of the tile that the caller may see, what was considered, kept and left
/// out and why, vertices, bytes and the time of each step; the revision, and whether the tile lies
/// finished in the coding that the caller takes. `datetime` as for the tile itself.
///
/// Cost: that of two tiles.
///
/// # Errors
///
/// Those of the tile.
pub(crate) async fn get_explanation(
    State(state): State<AppState>,
    caller: Caller,
    path: PathOf<(String, String, String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = Query::parse(query.as_deref(), &["datetime"])?;
    let on = query.moment("datetime", state.city_settings().utc_offset)?;
    let (names, z, x, y) = decoded(path)?;
    let (tile, class) = (parse_address(&z, &x, &y)?, caller.access.class());
    let published = state.published()?;
    let layers = resolve(published.city.catalog(), &names, class)?;
    let during = on.map(|on| steady_span(&published.city, &layers, (tile, class), on));
    let view = View { tile, class, encoding: caller.quick_encoding, during };
    let found = state.tiles().find(TileKeyRef { names: &names, view }, published.revision());
    let build = TileBuild::new(Arc::clone(&published.city), &layers, view, on);
    let explanation = state.off_runtime("explaining a tile", move || build.explain()).await?;
    let answer = json!({
        "tile": tile.to_string(),
        "revision": published.revision(),
        "class": class,
        "version": format!("{:016x}", explanation.version),
        "cache": describe_cache(&found, view),
        "bytes": explanation.layers.iter().map(|layer| layer.bytes).sum::<usize>(),
        "layers": describe_layers(&explanation),
    });
    let mut content = Content::json(published, answer.to_string());
    content.caching = Caching::Nothing;
    content.send(&state, &caller).await
}

/// `finished` with the revision it was built at and its bytes, or `to build`.
fn describe_cache(found: &Found, view: View) -> Value {
    let coding = view.encoding.as_str();
    let Found::Finished(tile) = found else {
        return json!({"state": "to build", "coding": coding});
    };
    let packed = tile.body.as_ref();
    json!({
        "state": "finished",
        "coding": packed.map_or(coding, |(encoding, _)| encoding.as_str()),
        "bytes": packed.map_or(0, |(_, body)| body.len()),
        "built_at": tile.revision(),
    })
}

fn describe_layers(explanation: &Explanation) -> Vec<Value> {
    explanation.layers.iter().map(describe_layer).collect()
}

fn describe_layer(layer: &LayerExplanation) -> Value {
    let micros = |step: Duration| u64::try_from(step.as_micros()).unwrap_or(u64::MAX);
    json!({
        "layer": layer.layer,
        "considered": layer.considered,
        "kept": layer.kept,
        "left_out": {
            "not_yet": layer.not_yet,
            "by_budget": layer.by_budget,
            "not_valid": layer.not_valid,
        },
        "vanished": layer.vanished,
        "features": layer.features,
        "stored_vertices": layer.stored_vertices,
        "drawn_vertices": layer.drawn_vertices,
        "bytes": layer.bytes,
        "search_us": micros(layer.search),
        "geometry_us": micros(layer.geometry),
        "encode_us": micros(layer.encode),
    })
}
