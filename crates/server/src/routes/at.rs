//! `GET /at?lon&lat`: everything at a place.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::{Value, json};
use urbis_catalog::Layer;
use urbis_model::{GeometryKind, LonLat, Metres};
use urbis_snapshot::{LayerSnapshot, SnapshotFeature, Visibility};

use crate::geojson::FeatureWriter;
use crate::layers::visible;
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::{Caller, Content};
use crate::state::{AppState, Published};

/// A line or a point is at a place while it is within this distance.
const REACH: Metres = Metres(50.0);

/// Answers the polygons that contain the place, and the nearest feature of each layer of lines or
/// points within 50 m, in order of layer ids. Geometry is exact; what goes beyond 100 000 vertices
/// in one answer is null, and the feature says `geometry_omitted`.
///
/// # Errors
///
/// 400 for parameters.
pub(crate) async fn get_at(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let at = Query::parse(query.as_deref(), &["lon", "lat"])?.place()?;
    let published = state.published()?;
    let held = published.clone();
    let look = move || look(&held, at).to_string();
    let body = state.off_runtime("looking at a place", look).await?;
    Content::json(published, body).send(&state, &caller).await
}

fn look(published: &Published, at: LonLat) -> Value {
    let city = &published.city;
    let mut writer = FeatureWriter::new(Published::CLASS);
    let layers = visible(city.catalog(), Published::CLASS)
        .filter_map(|layer| Some((layer, city.layer(&layer.id)?)));
    let features: Vec<Value> = layers
        .flat_map(|(layer, snapshot)| {
            let found = found_in(layer, snapshot, at).into_iter();
            found.map(move |(feature, distance)| (layer, feature, distance))
        })
        .map(|(layer, feature, distance)| {
            let mut object = writer.write(layer, feature, distance);
            object.insert("layer".into(), layer.id.as_str().into());
            object.into()
        })
        .collect();
    json!({
        "lon": at.lon(),
        "lat": at.lat(),
        "revision": published.revision(),
        "features": features,
    })
}

fn found_in<'a>(
    layer: &Layer,
    snapshot: &'a LayerSnapshot,
    at: LonLat,
) -> Vec<(&'a SnapshotFeature, Metres)> {
    let seen = Visibility::now(Published::CLASS);
    match layer.geometry {
        GeometryKind::MultiPolygon => {
            let inside = urbis_nearest::containing(snapshot, at, seen).into_iter();
            inside.map(|feature| (feature, Metres(0.0))).collect()
        }
        GeometryKind::Point | GeometryKind::MultiLineString => {
            let near = urbis_nearest::nearest(snapshot, at, 1, REACH, seen).into_iter();
            near.map(|answer| (answer.feature, answer.distance)).collect()
        }
    }
}
