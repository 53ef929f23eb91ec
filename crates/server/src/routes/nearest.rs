//! `GET /nearest/{layer}?lon&lat&limit&within_m`: the k nearest features by geodesic distance; with
//! `by=road` by travel time.

mod by_road;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::{Value, json};
use urbis_catalog::UtcOffset;
use urbis_model::{LayerId, LonLat, Metres};
use urbis_snapshot::Visibility;

use super::reach::read_spread;
use super::{PathOf, decoded};
use crate::drive::{Drive, read_profile};
use crate::geojson::FeatureWriter;
use crate::layers::find_layer;
use crate::present::Published;
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::{Caller, Content};
use crate::state::AppState;

const PARAMETERS: &[&str] = &["lon", "lat", "limit", "within_m", "by", "profile", "direction"];

const DEFAULT_LIMIT: usize = 10;
const MAX_LIMIT: usize = 1000;

/// Half way around the earth, and so everywhere.
const MAX_WITHIN_M: f64 = 20_000_000.0;

/// Answers a GeoJSON collection, nearest first; `distance_m` is among the properties. Geometry is
/// exact; what goes beyond 100 000 vertices in one answer is null, and the feature says
/// `geometry_omitted`.
///
/// With `by=road` the features come by the time that a vehicle of `profile` takes from the place,
/// or to it with `direction=to`; `time_s` and `distance_m` are those of the way by road.
///
/// # Errors
///
/// [`ApiError::UnknownLayer`] (404); 400 for parameters; [`ApiError::OffRoad`] (422).
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
    if by_road::is_asked(&query)? {
        let layer = find_layer(published.city.catalog(), &name, class)?.id.clone();
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        let ask = by_road::AskByRoad { layer, from, limit, spread: read_spread(&query)? };
        let profile = read_profile(&query, published.city.catalog())?;
        let drive = Drive::new(published, profile, class, None);
        return by_road::send(&state, &caller, drive, ask).await;
    }
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
            let Self { from, limit, within, visibility, .. } = *self;
            let ask = urbis_nearest::Ask { from, limit, within, visibility };
            urbis_nearest::nearest(snapshot, &ask, |_| true)
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
