//! `GET /health/live` and `/health/ready`: for whoever runs the node.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::access::Audience;
use crate::encoding::Encoding;
use crate::layers::visible;
use crate::moment;
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::{Caching, Caller, Content, Head};
use crate::state::AppState;

/// From this age on the node says that it is behind; it serves all the same.
const STALE_MS: u64 = 5_000;

/// The process runs. Whoever asks: a probe behind a proxy may carry the proxy's own
/// `Authorization`, which says nothing about the process.
pub(crate) async fn get_live(RawQuery(query): RawQuery) -> Result<Response, ApiError> {
    Query::refuse_all(query.as_deref())?;
    let (caching, audience) = (Caching::Nothing, Audience::Everybody);
    let head = Head { etag: None, caching, audience, published: None };
    let body = json!({"status": "live"}).to_string().into();
    Ok(head.ok("application/json", (Encoding::Identity, body)))
}

/// The city is loaded: `ready`, or `stale` while the database is away. `moment` changes when
/// something that the caller may see became valid or ended. `spool` says where live reports go:
/// `draining` into the database, `waiting` for it, `filling` from half of what may wait on, `off`.
///
/// # Errors
///
/// [`ApiError::NotReady`] (503) before the first load.
pub(crate) async fn get_ready(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    Query::refuse_all(query.as_deref())?;
    let published = state.published()?;
    let class = caller.access.class();
    let city = &published.city;
    let offset = state.city_settings().utc_offset;
    let counts: Map<String, Value> = visible(city.catalog(), class)
        .filter_map(|layer| {
            Some((layer.id.to_string(), city.layer(&layer.id)?.count(class).into()))
        })
        .collect();
    let body = json!({
        "status": if published.age_ms() < STALE_MS { "ready" } else { "stale" },
        "revision": published.revision(),
        "age_ms": published.age_ms(),
        "moment": moment::to_json(Some(city.seen_change(class)), offset),
        "layers": counts,
        "spool": state.live().map_or("off", |live| live.spool_state().word()),
    });
    let mut content = Content::json(published, body.to_string());
    content.caching = Caching::Nothing;
    content.send(&state, &caller).await
}
