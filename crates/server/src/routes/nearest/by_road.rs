//! The nearest features by travel time.

use axum::response::Response;
use serde_json::{Value, json};
use urbis_model::{LayerId, LonLat, Metres};
use urbis_network::{ByRoad, IMPASSABLE, RoadAsk, Spread, nearest_by_road};
use urbis_snapshot::Visibility;

use crate::drive::{Drive, metres, round, seconds, stand_to_json};
use crate::geojson::FeatureWriter;
use crate::lanes::Lane;
use crate::problem::{ApiError, echo};
use crate::query::Query;
use crate::reply::{Caller, Fresh};
use crate::state::AppState;

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct AskByRoad {
    pub layer: LayerId,
    pub from: LonLat,
    pub limit: usize,
    pub spread: Spread,
}

/// Says whether a query asks by travel time.
///
/// # Errors
///
/// [`ApiError::InvalidParameter`], also where a parameter goes with the other way of asking only.
pub(super) fn is_asked(query: &Query<'_>) -> Result<bool, ApiError> {
    let by_road = query.word("by", ["line", "road"], "line or road")? == Some("road");
    let refused: &[(&'static str, &'static str)] = if by_road {
        &[("within_m", "no within_m, which goes by line, beside by=road")]
    } else {
        &[("profile", "by=road beside it"), ("direction", "by=road beside it")]
    };
    for (name, wanted) in refused {
        if let Some(found) = query.text(name) {
            return Err(ApiError::InvalidParameter { name, found: echo(found), wanted });
        }
    }
    Ok(by_road)
}

/// Answers a GeoJSON collection in order of time; what the vehicle cannot get to is not in it.
///
/// # Errors
///
/// [`ApiError::OffRoad`].
pub(super) async fn send(
    state: &AppState,
    caller: &Caller,
    drive: Drive,
    ask: AskByRoad,
) -> Result<Response, ApiError> {
    let answer = Fresh {
        media_type: "application/geo+json",
        lane: Lane::General,
        doing: "searching the nearest by road",
        published: drive.published.clone(),
    };
    let visibility = Visibility::now(caller.access.class());
    let writer = FeatureWriter::new(visibility.class, state.city_settings().utc_offset);
    answer.send(state, caller, move || ask.answer(&drive, visibility, writer)).await
}

impl AskByRoad {
    fn answer(
        &self,
        drive: &Drive,
        visibility: Visibility,
        mut writer: FeatureWriter,
    ) -> Result<String, ApiError> {
        let city = &drive.published.city;
        let stand = drive.stand("lon,lat", self.from)?;
        let ask = RoadAsk {
            profile: drive.profile,
            spread: self.spread,
            from: (self.from, &stand),
            limit: self.limit,
            cutoff_ms: IMPASSABLE - 1,
            visibility,
        };
        let mut answer = drive.collection();
        answer.insert("from".into(), stand_to_json(&stand));
        if let Some((layer, snapshot)) =
            city.catalog().layer(&self.layer).zip(city.layer(&self.layer))
        {
            let found = nearest_by_road(city, drive.live(), snapshot, &ask);
            let write = |by_road: &ByRoad<'_>| {
                let distance = Metres(metres(by_road.length_mm));
                let mut feature = Value::from(writer.write(layer, by_road.feature, distance));
                feature["properties"]["time_s"] = json!(seconds(by_road.time_ms));
                feature["properties"]["gap_m"] = json!(round(by_road.gap.0));
                feature
            };
            answer.insert("is_complete".into(), found.is_complete.into());
            answer.insert("features".into(), found.features.iter().map(write).collect());
        }
        Ok(Value::from(answer).to_string())
    }
}
