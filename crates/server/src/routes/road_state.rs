//! `POST /live/road-state`: what slows or closes a stretch of road, or does no longer.
//!
//! One JSON object, or one a line; each line is taken or refused by itself. What is acknowledged is
//! on the node's disk, and every answer from then on drives by it.

use axum::extract::State;
use axum::response::Response;
use urbis_model::{Moment, Verdict};
use urbis_network::RoadStateOutcome;

use crate::lanes::Lane;
use crate::live::{RoadOutcome, RoadVerdict, read_road_states};
use crate::problem::ApiError;
use crate::routes::delivery::Delivery;
use crate::routes::taken::{Refused, Taken};
use crate::state::AppState;

/// Takes reports of roads. A key reports no state above its level, and touches none that is.
///
/// # Errors
///
/// Those of a key (401, 403) and of a body (400, 408, 413, 415); 422 where no line is taken; 503
/// where nothing more can be kept.
pub(crate) async fn post_road_states(
    State(state): State<AppState>,
    Delivery { caller, live, body }: Delivery,
) -> Result<Response, ApiError> {
    let level = caller.access.level();
    let read = move || read_road_states(&body, Moment::now(), level);
    let read = state.off_runtime_in(Lane::Dispatch, "reading states of roads", read).await?;

    let mut taken = Taken::default();
    for (line, id, fault) in read.faults {
        taken.refuse(Refused { line, id, code: fault.code(), detail: fault.to_string() });
    }
    let lines = read.reports.iter().map(|(line, road)| (*line, road.report.id.clone()));
    let lines: Vec<_> = lines.collect();
    let reports = read.reports.into_iter().map(|(_, road)| road).collect();
    let written = live.take_roads(reports).await?;
    for ((line, id), RoadOutcome { verdict, effect }) in lines.into_iter().zip(written.outcomes) {
        let code = verdict.code();
        if verdict.is_taken() {
            taken.accept(effect.map_or(code, RoadStateOutcome::code));
        } else {
            taken.refuse(Refused { line, id: Some(id), code, detail: detail(verdict).to_owned() });
        }
    }
    taken.epochs = written.epochs;
    Ok(taken.send(&state, &caller))
}

/// What a verdict means, for whoever sent the report.
const fn detail(verdict: RoadVerdict) -> &'static str {
    match verdict {
        RoadVerdict::BookFull => "there are as many states of roads as there may be: clear some",
        RoadVerdict::OtherReporter => "another reporter uses this id: choose one of your own",
        RoadVerdict::Of(Verdict::FromFuture) => {
            "observed_at is more than 30 s ahead of this node's clock"
        }
        RoadVerdict::Of(Verdict::TooOld) => "observed_at is more than a day ago",
        RoadVerdict::Of(_) => "taken",
    }
}
