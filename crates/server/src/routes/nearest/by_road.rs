//! The nearest features by travel time.

use std::ops::ControlFlow;

use axum::response::Response;
use serde_json::Value;
use urbis_catalog::{Layer, UtcOffset};
use urbis_model::{LonLat, Metres};
use urbis_network::{ByRoad, IMPASSABLE, RoadAsk, Spread, Stand, nearest_by_road};
use urbis_snapshot::Visibility;

use crate::drive::{Drive, metres, round, seconds, stand_to_json};
use crate::geojson::FeatureWriter;
use crate::lanes::Lane;
use crate::problem::{ApiError, echo};
use crate::query::Query;
use crate::reply::{Caller, Fresh};
use crate::searched::Searched;
use crate::state::AppState;

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct AskByRoad {
    pub searched: Searched,
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
/// [`ApiError::OffRoad`], [`ApiError::FilterRefused`].
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
    let offset = state.city_settings().utc_offset;
    answer.send(state, caller, move || ask.answer(&drive, offset)).await
}

/// A feature of one of the layers.
type Found<'a> = (&'a Layer, ByRoad<'a>);

impl AskByRoad {
    fn answer(&self, drive: &Drive, offset: UtcOffset) -> Result<Vec<u8>, ApiError> {
        let stand = drive.stand("lon,lat", self.from)?;
        let (found, is_complete) = self.find(drive, &stand)?;
        let mut head = drive.collection();
        head.insert("from".into(), stand_to_json(&stand));
        head.insert("is_complete".into(), is_complete.into());
        let mut writer = FeatureWriter::new(&Value::from(head).to_string(), drive.class, offset);
        for (layer, by_road) in found {
            let distance = Metres(metres(by_road.length_mm));
            let more = [("time_s", seconds(by_road.time_ms)), ("gap_m", round(by_road.gap.0))];
            writer.write(layer, by_road.feature, distance, &more);
        }
        Ok(writer.finish())
    }

    /// In order of time, then of layer and id, and whether these are surely the nearest. Each layer
    /// is searched no longer than the worst answer of those before.
    fn find<'a>(
        &self,
        drive: &'a Drive,
        stand: &Stand,
    ) -> Result<(Vec<Found<'a>>, bool), ApiError> {
        let city = &drive.published.city;
        let mut ask = RoadAsk {
            profile: drive.profile,
            spread: self.spread,
            from: (self.from, stand),
            limit: self.limit,
            cutoff_ms: IMPASSABLE - 1,
            visibility: Visibility::now(drive.class),
        };
        let mut is_complete = true;
        let mut found: Vec<Found<'a>> = Vec::new();
        for one in self.searched.of(city)? {
            // What a filter that gave up does not look at is passed over, and the answer says so.
            let asks_for = |feature| one.asks_for(feature) == ControlFlow::Continue(true);
            let nearer = nearest_by_road(city, drive.live(), one.snapshot, &ask, asks_for);
            is_complete &= nearer.is_complete && !one.has_given_up();
            found.extend(nearer.features.into_iter().map(|by_road| (one.layer, by_road)));
            found.sort_by(|(one_layer, one), (other_layer, other)| {
                let by_layer =
                    one.time_ms.cmp(&other.time_ms).then_with(|| one_layer.id.cmp(&other_layer.id));
                by_layer.then_with(|| one.feature.id().cmp(&other.feature.id()))
            });
            found.truncate(ask.limit);
            if let Some((_, worst)) = found.last().filter(|_| found.len() == ask.limit) {
                ask.cutoff_ms = worst.time_ms;
            }
        }
        Ok((found, is_complete))
    }
}
