//! What happens around every request: limits, cross-origin access, the line in the log.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::lanes::Lane;
use crate::problem::{ALLOWED_METHODS, ApiError};
use crate::state::AppState;

/// What other origins may send. The star does not cover `Authorization` (Fetch, 3.2.3).
const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static("*, Authorization");

/// Longest path and query.
const MAX_URI_LEN: usize = 2048;

/// The same where a filter may hold the outline of a ward.
const MAX_FILTER_URI_LEN: usize = 24 * 1024;

/// Checks the limits, runs the request, opens the answer to other origins and logs one line.
pub(crate) async fn surround(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    // The query is left out: it may say where a person is.
    let path = request.uri().path().to_owned();

    let mut response = admit_and_run(&state, request, next).await;
    state.metrics().note_answer(response.status());
    open_to_other_origins(&method, &mut response);

    let duration_ms = started.elapsed().as_secs_f64() * 1000.0;
    tracing::debug!(%method, path, status = response.status().as_u16(), duration_ms, "answered");
    response
}

async fn admit_and_run(state: &AppState, request: Request, next: Next) -> Response {
    let uri = request.uri();
    let uri_len = uri.path().len() + uri.query().map_or(0, str::len);
    // Filters are long, and so are the positions of who follows the changes.
    let is_long = uri.path().starts_with("/ogc/") || uri.path() == "/changes";
    let limit = if is_long { MAX_FILTER_URI_LEN } else { MAX_URI_LEN };
    if uri_len > limit {
        return ApiError::UriTooLong { limit }.into_response();
    }
    let Some(_permit) = state.admit(Lane::of(uri.path())) else {
        return ApiError::Overloaded.into_response();
    };
    next.run(request).await
}

/// A browser adds no key by itself, so every origin may read what the request it makes opens.
pub(crate) fn open_to_other_origins(method: &Method, response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(
            "Content-Crs, ETag, Retry-After, Urbis-Age-Ms, Urbis-Epoch, Urbis-Revision",
        ),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if method == Method::OPTIONS {
        let allowed = headers.get(header::ALLOW).cloned().unwrap_or(ALLOWED_METHODS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, allowed);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use tower::ServiceExt;

    use super::*;
    use crate::router::router;

    #[tokio::test]
    async fn beyond_the_limit_a_client_is_told_to_come_back() {
        let state = AppState::for_tests();
        let app = router(state.clone());
        let ask = async |path: &str| {
            let request = Request::get(path).body(Body::empty()).unwrap();
            app.clone().oneshot(request).await.unwrap()
        };
        let held: Vec<_> = std::iter::from_fn(|| state.admit(Lane::General)).collect();
        let refused = ask("/metrics").await;
        assert_eq!(refused.status(), 503);
        assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
        // Whoever dispatches waits for no map.
        assert_eq!(ask("/health/live").await.status(), 200);
        drop(held);
        assert_eq!(ask("/metrics").await.status(), 200);
    }
}
