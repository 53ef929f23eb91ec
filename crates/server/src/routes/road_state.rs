//! `POST /live/road-state`: what slows or closes a stretch of road, or does no longer.
//!
//! One JSON object, or one a line; each line is taken or refused by itself. What is acknowledged is
//! on the node's disk, and every answer from then on drives by it.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;
use urbis_model::{KeyScope, Moment, Verdict};
use urbis_network::RoadStateOutcome;

use crate::body::read_body;
use crate::lanes::Lane;
use crate::live::{RoadOutcome, RoadVerdict, read_road_states};
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::Caller;
use crate::routes::taken::{Refused, Taken};
use crate::state::AppState;

/// Takes reports of roads.
///
/// # Errors
///
/// Those of a key (401, 403) and of a body (400, 408, 413, 415); 422 where no line is taken; 503
/// where nothing more can be kept.
pub(crate) async fn post_road_states(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Body,
) -> Result<Response, ApiError> {
    Query::refuse_all(query.as_deref())?;
    caller.access.require(KeyScope::Ingest)?;
    let live = state.live()?;
    let body = read_body(&headers, body).await?;
    let read = move || read_road_states(&body, Moment::now());
    let read = state.off_runtime_in(Lane::Dispatch, "reading states of roads", read).await?;

    let faults = read.faults.into_iter();
    let mut refused: Vec<Refused> = faults
        .map(|(line, id, fault)| Refused {
            line,
            id,
            code: fault.code(),
            detail: fault.to_string(),
        })
        .collect();
    let (lines, reports): (Vec<_>, Vec<_>) = read
        .reports
        .into_iter()
        .map(|(line, report)| ((line, report.report.id.clone()), report))
        .unzip();
    let written = live.take_roads(reports).await?;
    let (mut accepted, mut counts) = (0, BTreeMap::<&'static str, usize>::new());
    for ((line, id), RoadOutcome { verdict, effect }) in lines.into_iter().zip(written.outcomes) {
        if verdict.is_taken() {
            accepted += 1;
            let code = effect.map_or(verdict.code(), RoadStateOutcome::code);
            *counts.entry(code).or_default() += 1;
        } else {
            let (id, detail) = (Some(id), detail(verdict).to_owned());
            refused.push(Refused { line, id, code: verdict.code(), detail });
        }
    }
    let taken = Taken { accepted, refused, counts: json!(counts), epochs: written.epochs };
    Ok(taken.send(&state, &caller))
}

/// What a verdict means, for whoever sent the report.
const fn detail(verdict: RoadVerdict) -> &'static str {
    match verdict {
        RoadVerdict::BookFull => "there are as many states of roads as there may be: clear some",
        RoadVerdict::Of(Verdict::FromFuture) => {
            "observed_at is more than 30 s ahead of this node's clock"
        }
        RoadVerdict::Of(Verdict::TooOld) => "observed_at is more than a day ago",
        RoadVerdict::Of(_) => "taken",
    }
}
