//! `GET /route?from=lon,lat&to=lon,lat&profile&alternatives&lang&at`: how to drive from one place to
//! another, and what to tell the driver.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::{Value, json};
use urbis_model::LonLat;
use urbis_network::{Guide, Instruction, Language, Route, Stand, Trip, geometry, route};

use crate::drive::{
    Drive, line_to_json, metres, position, read_profile, round, seconds, stand_to_json,
};
use crate::lanes::Lane;
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::{Caller, Fresh};
use crate::state::AppState;

const PARAMETERS: &[&str] = &["from", "to", "profile", "alternatives", "lang", "at"];

const MAX_ALTERNATIVES: usize = 3;

/// Answers a GeoJSON collection of routes, the fastest first, each with its time, its length and its
/// instructions; the others as `alternatives` (0 to 3, 0 where absent) asks for them.
///
/// `from` and `to` are longitude, latitude; `profile` a kind of vehicle; `lang` `vi` or `en`; `at`
/// asks by the closures that hold at another moment.
///
/// # Errors
///
/// 400 for parameters; [`ApiError::OffRoad`] and [`ApiError::Unreachable`] (422);
/// [`ApiError::NotReady`].
pub(crate) async fn get_route(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = Query::parse(query.as_deref(), PARAMETERS)?;
    let (from, to) = (query.lon_lat("from")?, query.lon_lat("to")?);
    let wanted = "a whole number from 0 to 3";
    let alternatives = query.whole("alternatives", 0..=MAX_ALTERNATIVES, wanted)?;
    let language = match query.word("lang", ["vi", "en"], "vi or en")? {
        Some("en") => Language::En,
        _ => Language::Vi,
    };
    let at = query.moment("at", state.city_settings().utc_offset)?;
    let published = state.published()?;
    let profile = read_profile(&query, published.city.catalog())?;
    let held = published.clone();
    let class = caller.access.class();
    let doing = "searching a route";
    let media_type = "application/geo+json";
    let ask = Ask { from, to, alternatives: alternatives.unwrap_or(0), language };
    let answer = Fresh { media_type, lane: Lane::Dispatch, doing, published };
    let search = move || ask.answer(&Drive::new(held, profile, class, at));
    answer.send(&state, &caller, search).await
}

#[derive(Debug, Clone, Copy)]
struct Ask {
    from: LonLat,
    to: LonLat,
    alternatives: usize,
    language: Language,
}

impl Ask {
    fn answer(self, drive: &Drive) -> Result<String, ApiError> {
        let (from, to) = (drive.stand("from", self.from)?, drive.stand("to", self.to)?);
        let trip = self.trip(drive, &from, &to);
        let routes = route(drive.live(), &trip);
        if routes.is_empty() {
            // Would there be one if nothing were closed?
            let dry = Trip { alternatives: 0, ..trip };
            let is_closed = !route(&drive.live().dry(), &dry).is_empty();
            return Err(ApiError::Unreachable { is_closed });
        }
        let features: Vec<Value> =
            (1..).zip(&routes).map(|(rank, route)| self.feature(drive, rank, route)).collect();
        let mut answer = drive.collection();
        answer.insert("from".into(), stand_to_json(&from));
        answer.insert("to".into(), stand_to_json(&to));
        answer.insert("features".into(), features.into());
        Ok(Value::from(answer).to_string())
    }

    fn trip(self, drive: &Drive, from: &Stand, to: &Stand) -> Trip {
        Trip {
            profile: drive.profile,
            from: from.at.clone(),
            to: to.at.clone(),
            alternatives: self.alternatives,
        }
    }

    fn feature(self, drive: &Drive, rank: usize, route: &Route) -> Value {
        let live = drive.live();
        let city = &drive.published.city;
        let guide = Guide { city, live, profile: drive.profile, language: self.language };
        let instructions: Vec<Value> =
            guide.instructions(route, self.to).iter().map(instruction_to_json).collect();
        json!({
            "type": "Feature",
            "geometry": line_to_json(&geometry(city, live.graph(), &route.stretches)),
            "properties": {
                "rank": rank,
                "time_s": seconds(route.time_ms()),
                "distance_m": round(metres(route.length_mm)),
                "instructions": instructions,
            },
        })
    }
}

fn instruction_to_json(told: &Instruction) -> Value {
    let (lon, lat) = position(told.place.lon(), told.place.lat());
    json!({
        "code": told.manoeuvre.code(),
        "text": told.text,
        "street": told.street,
        "lon": lon,
        "lat": lat,
        "distance_m": round(metres(told.length_mm)),
        "time_s": seconds(told.time_ms),
    })
}
