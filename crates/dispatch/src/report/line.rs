//! One object as a report.

use serde_json::Value;
use urbis_model::{
    Agency, LonLat, Moment, Openness, PositionReport, ReportId, UnitDescription, UnitId,
    UnitReport, UnitStatus,
};

use super::LineError;
use super::fields::{Fields, invalid};

const REPORT_FIELDS: [&str; 10] = [
    "id",
    "unit_id",
    "observed_at",
    "lon",
    "lat",
    "accuracy_m",
    "heading_deg",
    "speed_kmh",
    "status",
    "unit",
];
const UNIT_FIELDS: [&str; 6] =
    ["title", "agency", "profile", "capabilities", "openness", "simulated"];

/// Longest title, characters.
const MAX_TITLE: usize = 200;

/// Most capabilities of a unit, and the longest, bytes.
const MAX_CAPABILITIES: usize = 32;
const MAX_CAPABILITY: usize = 40;

/// Which vehicle profiles a description may name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Profiles<'a> {
    /// One that there is.
    OneOf(&'a [&'a str]),
    /// Any: it was checked when the report came.
    Any,
}

/// Reads a report.
pub(crate) fn read_report(
    fields: &Fields<'_>,
    profiles: Profiles<'_>,
    received_at: Moment,
) -> Result<UnitReport, LineError> {
    fields.only(&REPORT_FIELDS)?;
    let report = UnitReport {
        id: fields.required_text("id")?.parse::<ReportId>()?,
        unit: UnitId::new(fields.required_text("unit_id")?)?,
        observed_at: fields.required_moment("observed_at")?,
        received_at,
        position: read_position(*fields)?,
        status: fields.text("status")?.map(str::parse::<UnitStatus>).transpose()?,
        description: match fields.get("unit") {
            Some(unit) => Some(read_description(unit, profiles)?),
            None => None,
        },
    };
    let is_empty =
        report.position.is_none() && report.status.is_none() && report.description.is_none();
    if is_empty { Err(LineError::Empty) } else { Ok(report) }
}

fn read_position(fields: Fields<'_>) -> Result<Option<PositionReport>, LineError> {
    let position_fields = ["lon", "lat", "accuracy_m", "heading_deg", "speed_kmh"];
    if position_fields.iter().all(|field| fields.get(field).is_none()) {
        return Ok(None);
    }
    let lon = fields.number("lon")?.ok_or(LineError::FieldMissing { field: "lon" })?;
    let lat = fields.number("lat")?.ok_or(LineError::FieldMissing { field: "lat" })?;
    let heading = fields.number_to("heading_deg", 360.0, "a number from 0 to 360")?;
    Ok(Some(PositionReport {
        place: LonLat::new(lon, lat)?,
        accuracy_m: fields.number_to("accuracy_m", 1e6, "a number from 0 to 1000000")?,
        // Both are north.
        heading_deg: heading.map(|heading| if heading == 360.0 { 0.0 } else { heading }),
        speed_kmh: fields.number_to("speed_kmh", 2_000.0, "a number from 0 to 2000")?,
    }))
}

fn read_description(unit: &Value, profiles: Profiles<'_>) -> Result<UnitDescription, LineError> {
    let fields = Fields::of(unit).map_err(|_| invalid("unit", unit, "an object"))?;
    fields.only(&UNIT_FIELDS)?;
    let is_simulated = fields.truth("simulated")?.unwrap_or(false);
    let openness = match fields.text("openness")? {
        Some(word) => word.parse()?,
        None if is_simulated => Openness::Open,
        None => Openness::Internal,
    };
    if openness == Openness::Open && !is_simulated {
        return Err(LineError::OpennessTooOpen);
    }
    Ok(UnitDescription {
        title: read_title(fields)?,
        agency: fields.required_text("agency")?.parse::<Agency>()?,
        profile: read_profile(fields, profiles)?,
        capabilities: read_capabilities(fields)?,
        openness,
        is_simulated,
    })
}

fn read_title(fields: Fields<'_>) -> Result<String, LineError> {
    let title = fields.required_text("title")?;
    let is_plain = !title.chars().any(char::is_control);
    if is_plain && (1..=MAX_TITLE).contains(&title.chars().count()) {
        return Ok(title.to_owned());
    }
    Err(invalid("title", &title.into(), "1 to 200 characters, none of them a control character"))
}

fn read_profile(fields: Fields<'_>, profiles: Profiles<'_>) -> Result<String, LineError> {
    let found = fields.required_text("profile")?;
    match profiles {
        Profiles::OneOf(known) if !known.contains(&found) => Err(LineError::ProfileUnknown {
            found: found.chars().take(80).collect(),
            known: known.join(", "),
        }),
        _ => Ok(found.to_owned()),
    }
}

/// A set: in order, each once.
fn read_capabilities(fields: Fields<'_>) -> Result<Vec<String>, LineError> {
    let Some(value) = fields.get("capabilities") else { return Ok(Vec::new()) };
    let wrong = || {
        let wanted = "a list of at most 32 words of 1 to 40 of a-z, 0-9 and _";
        invalid("capabilities", value, wanted)
    };
    let words = value.as_array().filter(|words| words.len() <= MAX_CAPABILITIES);
    let words = words.ok_or_else(wrong)?.iter().map(Value::as_str);
    let mut words: Vec<String> =
        words.map(|word| word.map(str::to_owned)).collect::<Option<_>>().ok_or_else(wrong)?;
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let is_word =
        |word: &String| (1..=MAX_CAPABILITY).contains(&word.len()) && word.bytes().all(is_plain);
    if !words.iter().all(is_word) {
        return Err(wrong());
    }
    words.sort();
    words.dedup();
    Ok(words)
}
