//! A unit's last state as JSON, which the checkpoint keeps.
//!
//! Moments are microseconds from 1970-01-01T00:00:00Z. What was written is read back as it was; what
//! has another form is no state.

use serde_json::{Value, json};
use urbis_model::{
    LonLat, Moment, PositionReport, ReportId, Stamp, UnitDescription, UnitId, UnitState, UnitStatus,
};

/// A unit's last state.
pub(crate) fn state_to_json(state: &UnitState) -> Value {
    json!({
        "unit": state.id.as_str(),
        "description": description_to_json(&state.description),
        "described": stamp_to_json(state.described),
        "status": state.status.map(|(status, since, stamp)| {
            json!([status.as_str(), since.0, stamp_to_json(stamp)])
        }),
        "position": state.position.as_ref().map(|(position, stamp, received_at)| {
            json!([position_to_json(position), stamp_to_json(*stamp), received_at.0])
        }),
    })
}

/// Reads what [`state_to_json`] wrote.
pub(crate) fn state_from_json(value: &Value) -> Option<UnitState> {
    Some(UnitState {
        id: UnitId::new(value["unit"].as_str()?).ok()?,
        description: description_from_json(&value["description"])?,
        described: stamp_from_json(&value["described"])?,
        status: optional(&value["status"], |said| {
            let stamp = stamp_from_json(&said[2])?;
            Some((status_from_json(&said[0])?, moment(&said[1])?, stamp))
        })?,
        position: optional(&value["position"], |said| {
            let stamp = stamp_from_json(&said[1])?;
            Some((position_from_json(&said[0])?, stamp, moment(&said[2])?))
        })?,
    })
}

fn position_to_json(position: &PositionReport) -> Value {
    json!({
        "lon": position.place.lon(),
        "lat": position.place.lat(),
        "accuracy_m": position.accuracy_m,
        "heading_deg": position.heading_deg,
        "speed_kmh": position.speed_kmh,
    })
}

fn position_from_json(value: &Value) -> Option<PositionReport> {
    Some(PositionReport {
        place: LonLat::new(value["lon"].as_f64()?, value["lat"].as_f64()?).ok()?,
        accuracy_m: value["accuracy_m"].as_f64(),
        heading_deg: value["heading_deg"].as_f64(),
        speed_kmh: value["speed_kmh"].as_f64(),
    })
}

fn description_to_json(description: &UnitDescription) -> Value {
    json!({
        "title": description.title,
        "agency": description.agency.as_str(),
        "profile": description.profile,
        "capabilities": description.capabilities,
        "openness": description.openness,
        "simulated": description.is_simulated,
    })
}

fn description_from_json(value: &Value) -> Option<UnitDescription> {
    let capabilities = value["capabilities"].as_array()?.iter();
    Some(UnitDescription {
        title: value["title"].as_str()?.to_owned(),
        agency: value["agency"].as_str()?.parse().ok()?,
        profile: value["profile"].as_str()?.to_owned(),
        capabilities: capabilities
            .map(|one| one.as_str().map(str::to_owned))
            .collect::<Option<_>>()?,
        openness: value["openness"].as_str()?.parse().ok()?,
        is_simulated: value["simulated"].as_bool()?,
    })
}

fn stamp_to_json(stamp: Stamp) -> Value {
    json!([stamp.observed_at.0, stamp.report.to_string()])
}

fn stamp_from_json(value: &Value) -> Option<Stamp> {
    let report: ReportId = value[1].as_str()?.parse().ok()?;
    Some(Stamp { observed_at: moment(&value[0])?, report })
}

fn status_from_json(value: &Value) -> Option<UnitStatus> {
    value.as_str()?.parse().ok()
}

fn moment(value: &Value) -> Option<Moment> {
    value.as_i64().map(Moment)
}

/// Null is nothing; something that cannot be read is no record.
fn optional<T>(value: &Value, read: impl FnOnce(&Value) -> Option<T>) -> Option<Option<T>> {
    if value.is_null() { Some(None) } else { read(value).map(Some) }
}

#[cfg(test)]
mod tests {
    use urbis_model::{Agency, Openness};

    use super::*;

    fn stamp(observed: i64, report: u128) -> Stamp {
        Stamp { observed_at: Moment(observed), report: ReportId(report) }
    }

    fn position() -> PositionReport {
        PositionReport {
            place: LonLat::new(108.220_812_345_678_9, 16.06).unwrap(),
            accuracy_m: Some(4.1),
            heading_deg: None,
            speed_kmh: Some(0.1 + 0.2),
        }
    }

    fn description() -> UnitDescription {
        UnitDescription {
            title: "Cấp cứu \"115\"\n".into(),
            agency: Agency::Medical115,
            profile: "ambulance".into(),
            capabilities: vec!["als".into(), "neonatal".into()],
            openness: Openness::Restricted,
            is_simulated: false,
        }
    }

    #[test]
    fn a_state_is_read_back_as_it_was() {
        let whole = UnitState {
            id: UnitId::new("a.b_C-1").unwrap(),
            description: description(),
            described: stamp(1, 2),
            status: Some((UnitStatus::OnScene, Moment(3), stamp(4, 5))),
            position: Some((position(), stamp(6, 7), Moment(8))),
        };
        let bare = UnitState { status: None, position: None, ..whole.clone() };
        for state in [whole, bare] {
            assert_eq!(state_from_json(&state_to_json(&state)), Some(state));
        }
    }

    #[test]
    fn what_has_another_form_is_no_state() {
        let state = UnitState {
            id: UnitId::new("a").unwrap(),
            description: description(),
            described: stamp(1, 2),
            status: None,
            position: None,
        };
        let mut odd = state_to_json(&state);
        odd["status"] = json!("available");
        for value in [json!({}), json!([]), json!(null), odd] {
            assert_eq!(state_from_json(&value), None, "{value}");
        }
    }
}
