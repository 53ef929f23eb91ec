//! `POST /live/positions`: where units are, what they do, what they are.
//!
//! One JSON object, or one a line; each line is taken or refused by itself. What is acknowledged is
//! on the node's disk and seen by every request from then on, whether the database is there or not.

use axum::extract::State;
use axum::response::Response;
use urbis_catalog::Catalog;
use urbis_dispatch::{
    Fleet, LineFault, MAX_LINES, Outcome, ReadReports, ReportRules, UnitReport, Verdict,
    read_reports,
};
use urbis_model::{Moment, Openness};

use crate::lanes::Lane;
use crate::problem::ApiError;
use crate::routes::delivery::Delivery;
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
    Delivery { caller, live, body }: Delivery,
) -> Result<Response, ApiError> {
    let catalog = state.catalog()?;
    let read = move || read(&body, &catalog);
    let ReadReports { reports, faults } =
        state.off_runtime_in(Lane::Dispatch, "reading reports", read).await??;

    let mut taken = Taken::default();
    faults.into_iter().for_each(|fault| taken.refuse(refused_line(fault)));
    let (fleet, level) = (state.board().fleet(), caller.access.level());
    let (mut lines, mut allowed) = (Vec::new(), Vec::new());
    for (line, report) in reports {
        if let Some((code, detail)) = forbid(&fleet, level, &report) {
            taken.refuse(Refused { line, id: Some(report.id.to_string()), code, detail });
        } else {
            lines.push((line, report.id));
            allowed.push(report);
        }
    }
    let written = live.take_units(allowed).await?;
    for ((line, id), outcome) in lines.into_iter().zip(&written.outcomes) {
        match outcome.refusal() {
            Some(verdict) => {
                let (id, code) = (Some(id.to_string()), verdict.code());
                taken.refuse(Refused { line, id, code, detail: detail(verdict).to_owned() });
            }
            None => taken.accept(code(outcome)),
        }
    }
    taken.epochs = written.epochs;
    Ok(taken.send(&state, &caller))
}

fn read(body: &[u8], catalog: &Catalog) -> Result<ReadReports, ApiError> {
    let profiles: Vec<&str> =
        catalog.profiles().iter().map(|profile| profile.id.as_str()).collect();
    let rules = ReportRules { profiles: &profiles, received_at: Moment::now() };
    // Nothing else is wrong with a body as a whole.
    read_reports(body, &rules).map_err(|_| ApiError::TooManyLines { limit: MAX_LINES })
}

fn refused_line(LineFault { line, id, error }: LineFault) -> Refused {
    Refused { line, id, code: error.code(), detail: error.to_string() }
}

/// Why a key of a level may not report this. A unit above the level is as unknown to its holder as
/// one that does not exist.
fn forbid(fleet: &Fleet, level: Openness, report: &UnitReport) -> Option<(&'static str, String)> {
    let above = report.description.as_ref().is_some_and(|said| said.openness > level);
    if above {
        let detail = format!("the key's level is {level}, it cannot describe a unit above it");
        return Some(("openness_above_key", detail));
    }
    let is_hidden = fleet.unit(&report.unit).is_some_and(|unit| unit.openness() > level);
    let verdict =
        if report.description.is_some() { Verdict::OtherUnit } else { Verdict::UnknownUnit };
    is_hidden.then(|| (verdict.code(), detail(verdict).to_owned()))
}

/// What became of a report that is kept: the least of its parts, so that one whose place is new and
/// whose status is not is applied.
fn code(outcome: &Outcome) -> &'static str {
    outcome.verdicts().min().map_or("applied", Verdict::code)
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
