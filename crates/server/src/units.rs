//! Units as their callers may see them, as GeoJSON.

use serde_json::{Value, json};
use urbis_catalog::UtcOffset;
use urbis_dispatch::{Fix, Unit};
use urbis_model::{BBox, LonLat, Moment, Openness};

use crate::moment;

/// Says whether a class may know that a unit exists.
pub(crate) fn is_visible(unit: &Unit, class: Openness) -> bool {
    unit.openness() <= class
}

/// Says whether a place is in a box, its edges included.
pub(crate) fn is_in(area: &BBox, place: LonLat) -> bool {
    let (low, high) = (area.south_west(), area.north_east());
    (low.lon()..=high.lon()).contains(&place.lon())
        && (low.lat()..=high.lat()).contains(&place.lat())
}

/// A unit as a GeoJSON feature; its geometry is null where nobody knows where it is.
pub(crate) fn to_feature(unit: &Unit, now: Moment, offset: UtcOffset) -> Value {
    let description = &unit.description;
    let fix = unit.fix.as_ref();
    let geometry =
        fix.map(|fix| json!({"type": "Point", "coordinates": [fix.place.lon(), fix.place.lat()]}));
    json!({
        "type": "Feature",
        "id": unit.id.as_str(),
        "geometry": geometry,
        "properties": {
            "unit_id": unit.id.as_str(),
            "title": description.title,
            "agency": description.agency.as_str(),
            "profile": description.profile,
            "capabilities": description.capabilities,
            "status": unit.status.as_str(),
            "status_since": moment::to_json(Some(unit.status_since), offset),
            "is_simulated": description.is_simulated,
            "observed_at": moment::to_json(fix.map(|fix| fix.observed_at), offset),
            "position_age_s": fix.map(|fix| age_s(fix, now)),
            "accuracy_m": fix.and_then(|fix| fix.accuracy_m),
            "heading_deg": fix.and_then(|fix| fix.heading_deg),
            "speed_kmh": fix.and_then(|fix| fix.speed_kmh),
            "is_on_road": fix.is_some_and(|fix| !fix.positions.is_empty()),
        },
    })
}

fn age_s(fix: &Fix, now: Moment) -> f64 {
    fix.age_ms(now) as f64 / 1e3
}
