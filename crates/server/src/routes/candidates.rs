//! `GET /dispatch/candidates`: who gets there first, and why the nearer ones do not.

use std::time::Instant;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde::Serialize;
use urbis_catalog::Catalog;
use urbis_dispatch::{Agency, Answer, Ask, Limits, MAX_CANDIDATES, View, timed_candidates};
use urbis_model::{Metres, Moment, Revision};

use crate::drive::find_profile;
use crate::lanes::Lane;
use crate::metrics::Outcome;
use crate::problem::{ApiError, echo};
use crate::query::Query;
use crate::reply::{Caller, Fresh};
use crate::state::AppState;

const PARAMETERS: &[&str] =
    &["lon", "lat", "accuracy_m", "service", "profile", "capability", "limit", "at"];

const DEFAULT_LIMIT: usize = 5;

/// Widest error of an incident's place, metres.
const MAX_ACCURACY_M: f64 = 5_000.0;

/// Most capabilities that are asked for at once.
const MAX_CAPABILITIES: usize = 16;

/// Answers the units that get to a place first by the roads as they are now, with their ways, and
/// those that are nearer by line with the reason why they are not among them.
///
/// `accuracy_m` is how far from the place the incident may be; `service` 112, 113, 114 or 115;
/// `profile` a kind of vehicle; `capability` a comma list of what a unit must have; `limit` 1 to
/// 100, 5 where absent. `at` asks by the closures that hold at another moment; units are where they
/// are now.
///
/// The answer is the caller's alone: who may see fewer units is told of fewer, in every part of it.
///
/// # Errors
///
/// 400 for parameters; [`ApiError::NotReady`].
pub(crate) async fn get_candidates(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = Query::parse(query.as_deref(), PARAMETERS)?;
    let published = state.published()?;
    let offset = state.city_settings().utc_offset;
    let at = query.moment("at", offset)?;
    let ask = Ask { class: caller.access.class(), ..read_ask(&query, published.city.catalog())? };
    let (held, metrics) = (published.clone(), state.clone());
    let doing = "searching units";
    let answer = Fresh { media_type: "application/json", lane: Lane::Dispatch, doing, published };
    let search = move || {
        let started = Instant::now();
        let live = at.map(|at| held.live.at(&held.city, at));
        let now = Moment::now();
        let view = View {
            city: &held.city,
            live: live.as_ref().unwrap_or(&held.live),
            fleet: &held.fleet,
            now,
            at: at.unwrap_or(now),
            city_age_s: held.age.as_secs_f64(),
            offset,
        };
        let (answer, searched) = timed_candidates(&view, &ask);
        metrics.metrics().dispatch.note(outcome(&answer), started.elapsed(), searched);
        to_json(&answer)
    };
    answer.send(&state, &caller, search).await
}

const fn outcome(answer: &Answer) -> Outcome {
    if answer.is_fallback {
        Outcome::Fallback
    } else if answer.cut_off.is_some() {
        Outcome::CutOff
    } else if answer.candidates.is_empty() {
        Outcome::Nobody
    } else {
        Outcome::Found
    }
}

/// The answer, with what every answer has at its top.
#[derive(Serialize)]
struct Body<'a> {
    revision: Revision,
    epoch: u64,
    #[serde(flatten)]
    answer: &'a Answer,
}

fn to_json(answer: &Answer) -> Result<String, ApiError> {
    let (revision, epoch) = (answer.basis.revision, answer.basis.epoch);
    let body = Body { revision, epoch, answer };
    serde_json::to_string(&body).map_err(|_| ApiError::Internal { doing: "writing candidates" })
}

fn read_ask(query: &Query<'_>, catalog: &Catalog) -> Result<Ask, ApiError> {
    let accuracy = query.at_least_zero("accuracy_m", MAX_ACCURACY_M, "metres from 0 to 5000")?;
    let service = query.word("service", Agency::ALL.map(Agency::as_str), "112, 113, 114 or 115")?;
    let limit = query.whole("limit", 1..=MAX_CANDIDATES, "a whole number from 1 to 100")?;
    Ok(Ask {
        place: query.place()?,
        accuracy: Metres(accuracy.unwrap_or(0.0)),
        service: service.and_then(|number| number.parse().ok()),
        profile: query.text("profile").map(|id| find_profile(catalog, id)).transpose()?,
        capabilities: read_capabilities(query)?,
        limit: limit.unwrap_or(DEFAULT_LIMIT),
        class: urbis_model::Openness::Open,
        limits: Limits::default(),
    })
}

fn read_capabilities(query: &Query<'_>) -> Result<Vec<String>, ApiError> {
    let Some(text) = query.text("capability") else { return Ok(Vec::new()) };
    let words: Vec<String> = text.split(',').map(str::to_owned).collect();
    let wanted = "at most 16 words with commas between, such as als,neonatal";
    if words.len() > MAX_CAPABILITIES || words.iter().any(String::is_empty) {
        return Err(ApiError::InvalidParameter { name: "capability", found: echo(text), wanted });
    }
    Ok(words)
}
