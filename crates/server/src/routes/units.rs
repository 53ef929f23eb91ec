//! `GET /live/units`: every unit that the caller may see, as GeoJSON.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::{Value, json};
use urbis_dispatch::{Agency, Unit, UnitStatus};
use urbis_model::{BBox, Moment, Openness};

use crate::lanes::Lane;
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::{Caller, Fresh};
use crate::state::AppState;
use crate::units;

const PARAMETERS: &[&str] = &["bbox", "agency", "status"];

/// Answers a GeoJSON collection in the order of the units' ids: all, or those in a box (`bbox`:
/// west, south, east, north in degrees), of an `agency` (112, 113, 114, 115), of a `status`. The
/// geometry of a unit that never said where it is is null; it is in no box.
///
/// # Errors
///
/// 400 for parameters; [`ApiError::NotReady`].
pub(crate) async fn get_units(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let wanted = Wanted::read(&Query::parse(query.as_deref(), PARAMETERS)?, caller.access.class())?;
    let published = state.published()?;
    let (held, offset) = (published.clone(), state.city_settings().utc_offset);
    let doing = "writing units";
    let answer =
        Fresh { media_type: "application/geo+json", lane: Lane::General, doing, published };
    let write = move || {
        let now = Moment::now();
        let units = held.fleet.units().iter().filter(|unit| wanted.has(unit));
        let features: Vec<Value> = units.map(|unit| units::to_feature(unit, now, offset)).collect();
        let collection = json!({
            "type": "FeatureCollection",
            "revision": held.revision(),
            "epoch": held.live.epoch(),
            "fleet_epoch": held.fleet.epoch(),
            "features": features,
        });
        Ok(collection.to_string())
    };
    answer.send(&state, &caller, write).await
}

/// Which units are asked for.
#[derive(Debug)]
struct Wanted {
    class: Openness,
    area: Option<BBox>,
    agency: Option<&'static str>,
    status: Option<&'static str>,
}

impl Wanted {
    fn read(query: &Query<'_>, class: Openness) -> Result<Self, ApiError> {
        let agency =
            query.word("agency", Agency::ALL.map(Agency::as_str), "112, 113, 114 or 115")?;
        let statuses = "available, assigned, en_route, on_scene, to_hospital, returning or \
                        out_of_service";
        let status = query.word("status", UnitStatus::ALL.map(UnitStatus::as_str), statuses)?;
        Ok(Self { class, area: query.bbox("bbox")?, agency, status })
    }

    fn has(&self, unit: &Unit) -> bool {
        let is_there =
            |area: &BBox| unit.fix.as_ref().is_some_and(|fix| units::is_in(area, fix.place));
        units::is_visible(unit, self.class)
            && self.area.as_ref().is_none_or(is_there)
            && self.agency.is_none_or(|word| unit.description.agency.as_str() == word)
            && self.status.is_none_or(|word| unit.status.as_str() == word)
    }
}
