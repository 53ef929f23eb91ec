//! Where the city is, on answers that hold all of it: so that nothing is between a copy and the
//! changes after it.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::text_of;
use crate::reply::Caller;
use crate::state::AppState;

/// The token to ask `/changes` with, once the answer was taken in.
const POSITION: HeaderName = HeaderName::from_static("urbis-position");

/// Says on a successful answer where the database was before it was read, at the latest.
pub(crate) async fn say_position(
    State(state): State<AppState>,
    caller: Caller,
    request: Request,
    next: Next,
) -> Response {
    // Before the answer is read: what changes meanwhile comes again.
    let token = state.position(caller.access.class()).map(|token| text_of(&token));
    let mut response = next.run(request).await;
    let Some(token) = token.filter(|_| response.status().is_success()) else { return response };
    let link = format!("<{}/changes?since={token}>; rel=\"monitor\"", caller.base.as_str());
    let headers = response.headers_mut();
    for (name, text) in [(POSITION, token), (header::LINK, link)] {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.append(name, value);
        }
    }
    response
}
