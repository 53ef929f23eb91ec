//! `GET /nearest/{layer}?lon&lat&limit&within_m`: the k nearest features by geodesic distance.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::{Value, json};
use urbis_catalog::UtcOffset;
use urbis_model::{LayerId, LonLat, Metres};
use urbis_snapshot::Visibility;

use super::{PathOf, decoded};
use crate::geojson::FeatureWriter;
use crate::layers::find_layer;
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::{Caller, Content};
use crate::state::{AppState, Published};

const PARAMETERS: &[&str] = &["lon", "lat", "limit", "within_m"];

const DEFAULT_LIMIT: usize = 10;
const MAX_LIMIT: usize = 1000;

/// Half way around the earth, and so everywhere.
const MAX_WITHIN_M: f64 = 20_000_000.0;

/// Answers a GeoJSON collection, nearest first; `distance_m` is among the properties. Geometry is
/// exact; what goes beyond 100 000 vertices in one answer is null, and the feature says
/// `geometry_omitted`.
///
/// # Errors
///
/// [`ApiError::UnknownLayer`] (404); 400 for parameters.
pub(crate) async fn get_nearest(
    State(state): State<AppState>,
    caller: Caller,
    path: PathOf<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let name = decoded(path)?;
    let query = Query::parse(query.as_deref(), PARAMETERS)?;
    let from = query.place()?;
    let limit = query.whole("limit", 1..=MAX_LIMIT, "a whole number from 1 to 1000")?;
    let within = query.positive("within_m", MAX_WITHIN_M, "metres above 0, at most 20000000")?;
    let published = state.published()?;
    let class = caller.access.class();
    let ask = Ask {
        layer: find_layer(published.city.catalog(), &name, class)?.id.clone(),
        visibility: Visibility::now(class),
        offset: state.city_settings().utc_offset,
        from,
        limit: limit.unwrap_or(DEFAULT_LIMIT),
        within: Metres(within.unwrap_or(MAX_WITHIN_M)),
    };
    let held = published.clone();
    let search = move || ask.answer(&held).to_string();
    let body = state.off_runtime("searching the nearest", search).await?;
    let mut content = Content::json(published, body);
    content.media_type = "application/geo+json";
    content.send(&state, &caller).await
}

struct Ask {
    layer: LayerId,
    visibility: Visibility,
    offset: UtcOffset,
    from: LonLat,
    limit: usize,
    within: Metres,
}

impl Ask {
    fn answer(&self, published: &Published) -> Value {
        let city = &published.city;
        let mut writer = FeatureWriter::new(self.visibility.class, self.offset);
        let layer = city.catalog().layer(&self.layer).zip(city.layer(&self.layer));
        let features: Vec<Value> = layer.map_or_else(Vec::new, |(layer, snapshot)| {
            urbis_nearest::nearest(snapshot, self.from, self.limit, self.within, self.visibility)
                .iter()
                .map(|answer| writer.write(layer, answer.feature, answer.distance).into())
                .collect()
        });
        json!({
            "type": "FeatureCollection",
            "revision": published.revision(),
            "features": features,
        })
    }
}
