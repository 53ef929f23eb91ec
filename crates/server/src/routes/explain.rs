//! `GET /tiles/{layers}/{z}/{x}/{y}/explain`: how a tile comes about, and what each stage costs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::{Value, json};
use urbis_snapshot::Visibility;
use urbis_tiles::{Explanation, LayerExplanation, Stages};

use super::tiles::parse_address;
use super::{PathOf, decoded};
use crate::cache::{Found, TileKeyRef, View};
use crate::encoding::Encoding;
use crate::layers::resolve;
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::{Caching, Caller, Content};
use crate::state::AppState;
use crate::tile_build::TileBuild;

/// Answers, for each layer of the tile that the caller may see, what was considered, kept and left
/// out and why, vertices, bytes and the time of each stage; then the time of packing, the revision,
/// and whether the tile lies finished in the coding that the caller takes. `datetime` as for the
/// tile itself.
///
/// Cost: that of three tiles, and a look at every feature whose box meets the tile, whatever zoom
/// first draws it: at low zooms the whole city. So one is made at a time.
///
/// # Errors
///
/// Those of the tile; [`ApiError::Overloaded`] (503) while another is made.
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
    let encoding = caller.quick_encoding;
    let published = state.published()?;
    let layers = resolve(published.city.catalog(), &names, class)?;
    let place = state.admit_explanation().ok_or(ApiError::Overloaded)?;
    let city = Arc::clone(&published.city);
    let build = TileBuild::new(city, &layers, tile, Visibility { class, on }, encoding);
    let explain = move || {
        let _place = place;
        let explanation = build.explain();
        (build.steady_span(), describe_packing(encoding, &explanation.tile), explanation)
    };
    let (during, packing, explanation) = state.off_runtime("explaining a tile", explain).await?;
    let view = View { tile, class, encoding, during };
    let found = state.tiles().find(TileKeyRef { names: &names, view }, published.revision());
    let answer = json!({
        "tile": tile.to_string(),
        "revision": published.revision(),
        "class": class,
        "version": format!("{:016x}", explanation.version),
        "cache": describe_cache(&found, view),
        "bytes": explanation.tile.len(),
        "packing": packing,
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

/// The coding that the tile is packed in, its bytes then, and the time that it takes.
fn describe_packing(encoding: Encoding, tile: &[u8]) -> Value {
    let unpacked = tile.to_vec();
    let start = Instant::now();
    let (coding, packed) = encoding.pack(unpacked);
    let pack = start.elapsed();
    json!({"coding": coding.as_str(), "bytes": packed.len(), "pack_us": micros(pack)})
}

fn describe_layers(explanation: &Explanation) -> Vec<Value> {
    explanation.layers.iter().map(describe_layer).collect()
}

fn describe_layer(layer: &LayerExplanation) -> Value {
    let Stages { search, ready, whole, cut, join } = layer.stages;
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
        "search_us": micros(search),
        "ready_us": micros(ready),
        "whole_us": micros(whole),
        "cut_us": micros(cut),
        "join_us": micros(join),
    })
}

fn micros(stage: Duration) -> u64 {
    u64::try_from(stage.as_micros()).unwrap_or(u64::MAX)
}
