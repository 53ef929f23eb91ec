//! `GET /live/events`: which tiles to ask for again, as the city changes (server-sent events).
//!
//! ```text
//! event: hello    {"revision": 7}                                  from here on nothing is missed
//! event: tiles    {"revision": 8, "layers": {"street": [[z, min_x, min_y, max_x, max_y], ...]}}
//! event: resync   {"revision": 9}                                  everything may have changed
//! event: units    {"revision": 9, "all": false, "units": [feature, ...], "gone": ["115-03"]}
//! event: roads    {"revision": 9, "epoch": 3}                      ways and times may be others
//! ```
//!
//! Units are told of where `units=true` is asked: first all of them, then those that changed, at
//! most four times a second. Of roads, where `roads=true` is asked: each change of the network and of
//! what slows or closes it, whatever layers and area, since an order rests on all of them; at most
//! four times a second, too.
//!
//! A change that the caller may not see leaves no trace: no message, not even an empty one. Of roads
//! everybody is told, for everybody drives by all that closes them: a hidden closure shows in the
//! times of any answer, and in its `epoch`, but never what or where it is.
//!
//! Source: HTML Living Standard, 9.2 "Server-sent events".

mod frame;
mod listener;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use urbis_model::{BBox, LayerId, WorldBox, WorldXy};

use crate::layers::{resolve, visible};
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::{Caching, Caller, Head};
use crate::state::AppState;
use crate::unit_news::UnitInterest;

use listener::{Interest, Start, listen};

const KNOWN: &[&str] = &["bbox", "layers", "roads", "units"];

/// What a client sends that had a stream before.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

const EVENT_STREAM: (HeaderName, HeaderValue) =
    (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));

/// Tells nginx to pass each message on at once.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

/// Streams changes of some layers (`layers`, ids and themes; all where absent) in an area (`bbox`:
/// west, south, east, north in degrees; everywhere where absent).
///
/// The `tiles` of a layer go on to the last zoom that any of the caller's tile sources has.
///
/// # Errors
///
/// [`ApiError::UnknownLayer`] (404), [`ApiError::TooManyStreams`] (503), 400 for a bad area.
pub(crate) async fn get_events(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = Query::parse(query.as_deref(), KNOWN)?;
    let class = caller.access.class();
    let published = state.published()?;
    let catalog = published.city.catalog();
    let layers: Vec<LayerId> = match query.text("layers") {
        Some(names) => resolve(catalog, names, class)?.iter().map(|l| l.id.clone()).collect(),
        None => visible(catalog, class).map(|layer| layer.id.clone()).collect(),
    };
    let bbox = query.bbox("bbox")?;
    let area = bbox.map(world_box);
    let wants_units = query.word("units", ["true", "false"], "true or false")? == Some("true");
    let units = wants_units.then_some(UnitInterest { class, area: bbox });
    let roads = query.word("roads", ["true", "false"], "true or false")? == Some("true");
    let start = if headers.contains_key(LAST_EVENT_ID) { Start::Resumed } else { Start::Fresh };
    let (published, events) =
        listen(&state, &headers, Interest { class, layers, area, start, units, roads })?;

    let mut response = Response::new(Body::from_stream(events));
    let audience = caller.access.audience();
    let caching = Caching::Nothing;
    let head = Head { etag: None, caching, audience, published: Some(published) };
    head.apply(response.headers_mut());
    response.headers_mut().extend([EVENT_STREAM, UNBUFFERED]);
    Ok(response)
}

/// The cells of a box in degrees.
fn world_box(bbox: BBox) -> WorldBox {
    let [low, high] = [bbox.south_west(), bbox.north_east()].map(WorldXy::from_lonlat);
    WorldBox::from_cell(low).union(WorldBox::from_cell(high))
}
