//! `GET /network/report`: what the road network looks like, and what is probably wrong with it.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::{Value, json};
use urbis_catalog::NetworkRole;
use urbis_model::LonLat;
use urbis_network::{NetworkReport, TrapKind};

use crate::lanes::Lane;
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::{Caller, Fresh};
use crate::state::AppState;

/// Answers counts of the graph, its islands, junctions that one-ways cut off, turn restrictions and
/// ends that nearly touch another road, with a place for some of each.
///
/// Looks at the whole graph once for the same roads; whoever asks meanwhile waits.
///
/// # Errors
///
/// [`ApiError::NoRoads`] (404) where the catalogue has no layer of roads that the caller may see;
/// [`ApiError::NotReady`].
pub(crate) async fn get_network_report(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    Query::refuse_all(query.as_deref())?;
    let published = state.published()?;
    let class = caller.access.class();
    let layer = published.city.catalog().network_layer(NetworkRole::Roads);
    layer.filter(|layer| layer.openness <= class).ok_or(ApiError::NoRoads)?;
    let report = state.network_reports().of(&state, &published).await?;
    let (revision, epoch) = (published.revision(), published.live.epoch());
    let write = move || {
        let mut body = to_json(&report);
        body["revision"] = json!(revision);
        body["epoch"] = epoch.into();
        Ok(body.to_string())
    };
    let media_type = "application/json";
    let doing = "writing about the road network";
    let answer = Fresh { media_type, lane: Lane::General, doing, published };
    answer.send(&state, &caller, write).await
}

fn to_json(report: &NetworkReport) -> Value {
    let islands = report.largest_islands.iter();
    let islands =
        islands.map(|island| json!({"junctions": island.junctions, "place": place(island.place)}));
    let traps = report.some_oneway_traps.iter().map(|trap| {
        let kind = match trap.kind {
            TrapKind::CannotLeave => "cannot_leave",
            TrapKind::CannotReach => "cannot_reach",
        };
        json!({"kind": kind, "place": place(trap.place)})
    });
    let touching = report.some_nearly_touching.iter().map(|end| {
        json!({
            "segment": end.segment.value(),
            "other": end.other.value(),
            "place": place(end.place),
            "gap_m": end.gap.0,
        })
    });
    json!({
        "junctions": report.junctions,
        "joints": report.joints,
        "links": report.links,
        "arcs": report.arcs,
        "islands": {"count": report.islands, "largest": islands.collect::<Vec<_>>()},
        "oneway_traps": {"count": report.oneway_traps, "some": traps.collect::<Vec<_>>()},
        "turn_restrictions": {
            "used": report.restrictions_used,
            "exempt": report.restrictions_exempt,
            "not_understood": report.restrictions_not_understood,
        },
        "parts_too_long": report.parts_too_long,
        "nearly_touching": {
            "count": report.nearly_touching,
            "some": touching.collect::<Vec<_>>(),
        },
    })
}

fn place(place: LonLat) -> Value {
    json!([place.lon(), place.lat()])
}
