//! Reads what is reported of roads: NDJSON or one JSON object in, states and refused lines out.
//!
//! ```json
//! {"id": "sensor-12", "geometry": {"type": "LineString", "coordinates": [[108.22, 16.06], ...]},
//!  "depth_m": 0.4, "direction": "both", "observed_at": "2026-11-22T05:05:00Z", "ttl_s": 900,
//!  "cause": "flood", "title": "Hàm Nghi", "openness": "open"}
//! {"id": "sensor-12", "cleared": true}
//! ```
//!
//! - **Where**: `geometry` (`LineString`, `MultiLineString`, `Polygon`, or `Point` with
//!   `radius_m`; EPSG:4326, longitude, latitude), or `segment`, the id of a feature of the roads.
//! - **What**: one of `closed`, `depth_m`, `speed_factor`, `speed_kmh`.
//! - **When**: `observed_at` (now where absent), until `expires_at` or for `ttl_s`; until it is
//!   cleared where neither is there.
//!
//! Each line is taken or refused by itself: nothing is repaired, nothing is left out.

mod fields;
mod place;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};
use urbis_dispatch::RoadStateReport;
use urbis_model::{Moment, Openness};
use urbis_network::{Direction, Effect, RoadState, RoadStateUpdate};

use fields::Fields;
pub(crate) use fields::RoadFault;
use place::read_reach;

/// Longest id, bytes.
const MAX_ID_LEN: usize = 128;

/// Longest report as it is kept, bytes.
const MAX_LINE_LEN: usize = 64 << 10;

/// Longest title, cause, bytes.
const MAX_TEXT_LEN: usize = 200;

/// Deepest water, metres.
const MAX_DEPTH_M: f64 = 50.0;

/// Fastest speed that is no error, km/h.
const MAX_SPEED_KMH: f64 = 200.0;

/// Longest time that a state holds without a new report, seconds: a year.
const MAX_TTL_S: f64 = 366.0 * 86_400.0;

const KNOWN: &[&str] = &[
    "id",
    "geometry",
    "radius_m",
    "segment",
    "closed",
    "depth_m",
    "speed_factor",
    "speed_kmh",
    "direction",
    "observed_at",
    "expires_at",
    "ttl_s",
    "cause",
    "title",
    "openness",
    "cleared",
];

/// A report, and what it means for the roads.
#[derive(Debug, Clone)]
pub(crate) struct RoadReport {
    /// As it is kept.
    pub report: RoadStateReport,
    /// As it is applied.
    pub update: RoadStateUpdate,
    /// What its reporter's key opens.
    pub level: Openness,
}

/// A body as it was read.
#[derive(Debug, Default)]
pub(crate) struct ReadRoadStates {
    /// Reports with the number of their line, from 1.
    pub reports: Vec<(usize, RoadReport)>,
    /// Refused lines, in order: number, id where there is one, why.
    pub faults: Vec<(usize, Option<String>, RoadFault)>,
}

/// Reads a body of NDJSON; one JSON object over several lines is read as one line. Empty lines are
/// no lines. `level` is what the reporter's key opens.
pub(crate) fn read_road_states(body: &[u8], now: Moment, level: Openness) -> ReadRoadStates {
    let mut read = ReadRoadStates::default();
    if let Ok(object) = serde_json::from_slice::<Map<String, Value>>(body) {
        read.add(1, &object, RoadReport::read(&object, now, level));
        return read;
    }
    for (index, line) in body.split(|byte| *byte == b'\n').enumerate() {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match serde_json::from_slice::<Map<String, Value>>(line) {
            Ok(object) => read.add(index + 1, &object, RoadReport::read(&object, now, level)),
            Err(_) => read.faults.push((index + 1, None, RoadFault::NotObject)),
        }
    }
    read
}

impl ReadRoadStates {
    fn add(
        &mut self,
        line: usize,
        object: &Map<String, Value>,
        report: Result<RoadReport, RoadFault>,
    ) {
        match report {
            Ok(mut report) => {
                // In the order of their lines: of two of one moment the later one counts.
                let received = &mut report.report.received_at.0;
                *received = received.saturating_add(i64::try_from(line).unwrap_or(0) - 1);
                self.reports.push((line, report));
            }
            Err(fault) => {
                let id = object.get("id").and_then(Value::as_str);
                let id = id.map(|id| id.chars().take(MAX_ID_LEN).collect());
                self.faults.push((line, id, fault));
            }
        }
    }
}

impl RoadReport {
    fn read(object: &Map<String, Value>, now: Moment, level: Openness) -> Result<Self, RoadFault> {
        let fields = Fields::of(object, KNOWN)?;
        let id = fields.text("id", MAX_ID_LEN)?.ok_or(RoadFault::missing("id"))?;
        let observed_at = fields.moment("observed_at")?.unwrap_or(now);
        let is_cleared = fields.truth("cleared")?.unwrap_or(false);
        let expires_at = if is_cleared { None } else { expiry(&fields, observed_at)? };
        let report = RoadStateReport {
            id: id.to_owned(),
            observed_at,
            received_at: now,
            expires_at,
            is_cleared,
            body: Value::Object(object.clone()).to_string(),
        };
        if report.body.len() > MAX_LINE_LEN {
            return Err(RoadFault::LineTooLong { found: report.body.len(), limit: MAX_LINE_LEN });
        }
        let report = Self { update: update(&fields, &report)?, report, level };
        if report.openness() > level { Err(RoadFault::AboveKey { level }) } else { Ok(report) }
    }

    /// Who may know of what it reports; an end is no secret.
    pub fn openness(&self) -> Openness {
        self.update.state.as_ref().map_or(Openness::Open, |state| state.openness)
    }

    /// The same of a kept report; what cannot be read is told to nobody.
    pub fn openness_of(report: &RoadStateReport) -> Openness {
        #[derive(Deserialize)]
        struct Said {
            openness: Option<Openness>,
        }
        if report.is_cleared {
            return Openness::Open;
        }
        let said: Result<Said, _> = serde_json::from_str(&report.body);
        said.map_or(Openness::Restricted, |said| said.openness.unwrap_or_default())
    }

    /// What a kept report means now; `None` where it holds no more.
    pub fn update_of(report: &RoadStateReport) -> Option<RoadStateUpdate> {
        let object: Map<String, Value> = serde_json::from_str(&report.body).ok()?;
        let fields = Fields::of(&object, KNOWN).ok()?;
        let update = update(&fields, report);
        if let Err(fault) = &update {
            tracing::error!(code = fault.code(), "a kept state of a road cannot be read, left out");
        }
        update.ok()
    }
}

fn update(fields: &Fields<'_>, report: &RoadStateReport) -> Result<RoadStateUpdate, RoadFault> {
    let key: Arc<str> = report.id.as_str().into();
    let state = if report.is_cleared { None } else { Some(state(fields, report.expires_at)?) };
    Ok(RoadStateUpdate { key, observed_at: report.observed_at, state })
}

fn state(fields: &Fields<'_>, until: Option<Moment>) -> Result<RoadState, RoadFault> {
    let text = |field| Ok(fields.text(field, MAX_TEXT_LEN)?.map(Arc::from));
    Ok(RoadState {
        reach: read_reach(fields)?,
        direction: direction(fields)?,
        effect: effect(fields)?,
        cause: text("cause")?,
        title: text("title")?,
        until,
        openness: openness(fields)?,
    })
}

fn expiry(fields: &Fields<'_>, observed_at: Moment) -> Result<Option<Moment>, RoadFault> {
    let expires_at = fields.moment("expires_at")?;
    let ttl_s = fields.number("ttl_s", 0.0..=MAX_TTL_S, "seconds from 0 to a year")?;
    match (expires_at, ttl_s) {
        (Some(_), Some(_)) => Err(RoadFault::Both { one: "expires_at", other: "ttl_s" }),
        (Some(expires_at), None) => Ok(Some(expires_at)),
        (None, Some(ttl_s)) => Ok(Some(Moment(observed_at.0.saturating_add((ttl_s * 1e6) as i64)))),
        (None, None) => Ok(None),
    }
}

fn effect(fields: &Fields<'_>) -> Result<Effect, RoadFault> {
    let closed = fields.truth("closed")?.filter(|closed| *closed).map(|_| Effect::Closed);
    let depth = fields.number("depth_m", 0.0..=MAX_DEPTH_M, "metres from 0 to 50")?;
    let depth = depth.map(Effect::water);
    let factor = fields.number("speed_factor", 0.01..=1.0, "a number from 0.01 to 1")?;
    let speed = fields.number("speed_kmh", 1.0..=MAX_SPEED_KMH, "km/h from 1 to 200")?;
    let speed = speed.map(Effect::SpeedKmh);
    let mut said = [closed, depth, factor.map(Effect::SpeedFactor), speed].into_iter().flatten();
    match (said.next(), said.next()) {
        (Some(effect), None) => Ok(effect),
        _ => Err(RoadFault::NotOneEffect),
    }
}

fn direction(fields: &Fields<'_>) -> Result<Direction, RoadFault> {
    match fields.text("direction", MAX_TEXT_LEN)? {
        None | Some("both") => Ok(Direction::Both),
        Some("along") => Ok(Direction::Along),
        Some("against") => Ok(Direction::Against),
        Some(_) => Err(RoadFault::Invalid { field: "direction", wanted: "both, along or against" }),
    }
}

fn openness(fields: &Fields<'_>) -> Result<Openness, RoadFault> {
    let Some(word) = fields.text("openness", MAX_TEXT_LEN)? else { return Ok(Openness::Open) };
    let wanted = "open, internal or restricted";
    word.parse().map_err(|_| RoadFault::Invalid { field: "openness", wanted })
}
