//! `GET /reach?lon&lat&minutes=5,8,15&profile&direction&at`: the area that a vehicle reaches within
//! minutes, or from which it reaches a place.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::{Value, json};
use urbis_model::LonLat;
use urbis_network::{ReachArea, ReachAsk, Spread, reach};

use crate::drive::{Drive, metres, position, read_profile, round, stand_to_json};
use crate::lanes::Lane;
use crate::problem::{ApiError, echo};
use crate::query::Query;
use crate::reply::{Caller, Fresh};
use crate::state::AppState;

const PARAMETERS: &[&str] = &["lon", "lat", "minutes", "profile", "direction", "at"];

/// Most areas in one answer.
const MAX_AREAS: usize = 6;

/// Longest time, minutes.
const MAX_MINUTES: u32 = 60;

/// 8 minutes in towns and 15 in the country are what the health ministry wants of ambulances by 2030,
/// as newspapers reported in September 2025: we have not read the plan. 5, for what is near, is ours.
const DEFAULT_MINUTES: [u32; 3] = [5, 8, 15];

const MS_PER_MINUTE: u32 = 60_000;

/// Answers a GeoJSON collection with an area for each of `minutes` (whole numbers from 1 to 60, at
/// most 6), the shortest first; each lies in the next.
///
/// `direction` is `from` (what a vehicle reaches from the place) or `to` (from where it reaches the
/// place); `profile` a kind of vehicle; `at` asks by the closures that hold at another moment.
/// `margin_m` says how far a place inside may be from a road that is reached in time.
///
/// # Errors
///
/// 400 for parameters; [`ApiError::OffRoad`] (422); [`ApiError::NotReady`].
pub(crate) async fn get_reach(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = Query::parse(query.as_deref(), PARAMETERS)?;
    let place = query.place()?;
    let minutes = read_minutes(&query)?;
    let spread = read_spread(&query)?;
    let at = query.moment("at", state.city_settings().utc_offset)?;
    let published = state.published()?;
    let profile = read_profile(&query, published.city.catalog())?;
    let held = published.clone();
    let class = caller.access.class();
    let doing = "searching what is reached";
    let media_type = "application/geo+json";
    let answer = Fresh { media_type, lane: Lane::General, doing, published };
    let search = move || find(&Drive::new(held, profile, class, at), place, &minutes, spread);
    answer.send(&state, &caller, search).await
}

/// Which way a question goes: away from the place where it does not say.
pub(super) fn read_spread(query: &Query<'_>) -> Result<Spread, ApiError> {
    Ok(match query.word("direction", ["from", "to"], "from or to")? {
        Some("to") => Spread::To,
        _ => Spread::From,
    })
}

/// In growing order, each once.
fn read_minutes(query: &Query<'_>) -> Result<Vec<u32>, ApiError> {
    let Some(text) = query.text("minutes") else { return Ok(DEFAULT_MINUTES.to_vec()) };
    let number = |part: &str| {
        let is_plain = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|minutes| is_plain && (1..=MAX_MINUTES).contains(minutes))
    };
    let minutes: Option<Vec<u32>> = text.split(',').map(number).collect();
    let wanted = "at most 6 whole numbers from 1 to 60 with commas between, such as 5,8,15";
    let refused = || ApiError::InvalidParameter { name: "minutes", found: echo(text), wanted };
    let mut minutes = minutes.filter(|list| list.len() <= MAX_AREAS).ok_or_else(refused)?;
    minutes.sort_unstable();
    minutes.dedup();
    Ok(minutes)
}

fn find(drive: &Drive, place: LonLat, minutes: &[u32], spread: Spread) -> Result<String, ApiError> {
    let stand = drive.stand("lon,lat", place)?;
    let ask = ReachAsk {
        profile: drive.profile,
        spread,
        at: stand.at.clone(),
        limits_ms: minutes.iter().map(|minutes| minutes * MS_PER_MINUTE).collect(),
    };
    let areas = reach(&drive.published.city, drive.live(), &ask);
    let mut answer = drive.collection();
    answer.insert("from".into(), stand_to_json(&stand));
    let direction = match spread {
        Spread::From => "from",
        Spread::To => "to",
    };
    answer.insert("direction".into(), direction.into());
    answer.insert("features".into(), areas.iter().map(feature).collect());
    Ok(Value::from(answer).to_string())
}

fn feature(reached: &ReachArea) -> Value {
    let ring = |ring: &geo_types::LineString<f64>| -> Value {
        ring.coords().map(|at| json!(position(at.x, at.y))).collect()
    };
    let polygon = |polygon: &geo_types::Polygon<f64>| -> Value {
        // Wound as RFC 7946 asks already.
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect()
    };
    json!({
        "type": "Feature",
        "geometry": {
            "type": "MultiPolygon",
            "coordinates": reached.area.iter().map(polygon).collect::<Value>(),
        },
        "properties": {
            "minutes": reached.limit_ms / MS_PER_MINUTE,
            "road_m": round(metres(reached.length_mm)),
            "margin_m": round(reached.margin_m),
        },
    })
}
