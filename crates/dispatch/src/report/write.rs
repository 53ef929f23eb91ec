//! A report as the object that it is read from.

use serde_json::{Map, Value, json};
use urbis_model::{UnitDescription, UnitReport};

use super::fields::moment_text;

/// Writes a report; what it does not say is left out.
pub(crate) fn write_report(report: &UnitReport) -> Map<String, Value> {
    let mut object = Map::new();
    let mut put = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            object.insert(field.to_owned(), value);
        }
    };
    put("id", Some(report.id.to_string().into()));
    put("unit_id", Some(report.unit.as_str().into()));
    put("observed_at", Some(moment_text(report.observed_at).into()));
    if let Some(position) = &report.position {
        put("lon", Some(position.place.lon().into()));
        put("lat", Some(position.place.lat().into()));
        put("accuracy_m", position.accuracy_m.map(Value::from));
        put("heading_deg", position.heading_deg.map(Value::from));
        put("speed_kmh", position.speed_kmh.map(Value::from));
    }
    put("status", report.status.map(|status| status.as_str().into()));
    put("unit", report.description.as_ref().map(write_description));
    object
}

fn write_description(unit: &UnitDescription) -> Value {
    json!({
        "title": unit.title,
        "agency": unit.agency.as_str(),
        "profile": unit.profile,
        "capabilities": unit.capabilities,
        "openness": unit.openness.as_str(),
        "simulated": unit.is_simulated,
    })
}
