//! `POST /live/positions`: where units are, what they do, what they are.
//!
//! One JSON object, or one a line; each line is taken or refused by itself. What is acknowledged is
//! on the node's disk and seen by every request from then on, whether the database is there or not.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};
use urbis_catalog::Catalog;
use urbis_dispatch::{
    LineError, LineFault, Outcome, ReadReports, ReportRules, UnitReport, Verdict, read_reports,
};
use urbis_model::{KeyScope, Moment, Openness};

use crate::body::{MAX_LINES, read_body};
use crate::lanes::Lane;
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::Caller;
use crate::routes::taken::{Refused, Taken};
use crate::state::AppState;

/// Takes reports of units.
///
/// # Errors
///
/// Those of a key (401, 403) and of a body (400, 408, 413, 415); 422 where no line is taken; 503
/// where nothing more can be kept.
pub(crate) async fn post_positions(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Body,
) -> Result<Response, ApiError> {
    Query::refuse_all(query.as_deref())?;
    caller.access.require(KeyScope::Ingest)?;
    let live = state.live()?;
    let catalog = state.catalog()?;
    let body = read_body(&headers, body).await?;
    let read = move || read(&body, &catalog);
    let ReadReports { reports, faults } =
        state.off_runtime_in(Lane::Dispatch, "reading reports", read).await??;

    let (mut lines, mut taken) = (Vec::new(), Vec::new());
    let mut refused: Vec<Refused> = faults.into_iter().map(refused_line).collect();
    for (line, report) in reports {
        match forbid(&state, caller.access.level(), &report) {
            Some((code, detail)) => {
                refused.push(Refused { line, id: Some(report.id.to_string()), code, detail });
            }
            None => {
                lines.push((line, report.id));
                taken.push(report);
            }
        }
    }
    let written = live.take_units(taken).await?;
    let mut counts = Counts::default();
    for ((line, id), outcome) in lines.into_iter().zip(&written.outcomes) {
        counts.add(outcome);
        if let Some(verdict) = outcome.refusal() {
            let (id, code) = (Some(id.to_string()), verdict.code());
            refused.push(Refused { line, id, code, detail: detail(verdict).to_owned() });
        }
    }
    let accepted = counts.accepted;
    let taken = Taken { accepted, refused, counts: counts.to_json(), epochs: written.epochs };
    Ok(taken.send(&state, &caller))
}

fn read(body: &[u8], catalog: &Catalog) -> Result<ReadReports, ApiError> {
    let profiles: Vec<&str> =
        catalog.profiles().iter().map(|profile| profile.id.as_str()).collect();
    let rules = ReportRules { profiles: &profiles, received_at: Moment::now() };
    read_reports(body, &rules).map_err(|error| match error {
        LineError::TooManyLines { limit } => ApiError::TooManyLines { limit },
        // Nothing else is wrong with a body as a whole.
        _ => ApiError::TooManyLines { limit: MAX_LINES },
    })
}

fn refused_line(LineFault { line, id, error }: LineFault) -> Refused {
    Refused { line, id, code: error.code(), detail: error.to_string() }
}

/// Why a key of a level may not report this. A unit above the level is as unknown to its holder as
/// one that does not exist.
fn forbid(
    state: &AppState,
    level: Openness,
    report: &UnitReport,
) -> Option<(&'static str, String)> {
    let above = report.description.as_ref().is_some_and(|said| said.openness > level);
    if above {
        let detail = format!("the key's level is {level}, it cannot describe a unit above it");
        return Some(("openness_above_key", detail));
    }
    let fleet = state.board().fleet();
    let is_hidden = fleet.unit(&report.unit).is_some_and(|unit| unit.openness() > level);
    let verdict =
        if report.description.is_some() { Verdict::OtherUnit } else { Verdict::UnknownUnit };
    is_hidden.then(|| (verdict.code(), detail(verdict).to_owned()))
}

/// What a verdict means, for whoever sent the report.
const fn detail(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::FromFuture => "observed_at is more than 30 s ahead of this node's clock",
        Verdict::TooOld => "observed_at is more than a week ago",
        Verdict::UnknownUnit => "nobody described the unit: send 'unit' with its first report",
        Verdict::OtherUnit => "another unit has this name",
        Verdict::TooManyUnits => "there are as many units as there may be",
        Verdict::Applied | Verdict::Duplicate | Verdict::OutOfOrder | Verdict::JumpHeld => "taken",
    }
}

/// Reports by what became of them.
#[derive(Debug, Default)]
struct Counts {
    accepted: usize,
    by_code: BTreeMap<&'static str, usize>,
}

impl Counts {
    fn add(&mut self, outcome: &Outcome) {
        if outcome.refusal().is_some() {
            return;
        }
        self.accepted += 1;
        // The least of its parts: a report whose place is new and whose status is not is applied.
        let verdict = outcome.verdicts().min();
        *self.by_code.entry(verdict.map_or("applied", Verdict::code)).or_default() += 1;
    }

    fn to_json(&self) -> Value {
        json!(self.by_code)
    }
}
