//! What happens around every request: limits, cross-origin access, the line in the log.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::Router;
use axum::body::HttpBody;
use axum::http::{HeaderValue, Method, Request, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::FutureExt;
use tower::{BoxError, Service};

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
///
/// Around the routes as a whole, not a layer of each: that would put its future and a copy of the
/// route into boxes, for every layer and request.
pub(crate) async fn surround<B>(state: &AppState, request: Request<B>, router: Router) -> Response
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let line = Line::begin(&request);
    let method = request.method().clone();
    let mut response = admit_and_run(state, request, router).await;
    state.metrics().note_answer(response.status());
    open_to_other_origins(&method, &mut response);
    if let Some(line) = line {
        line.end(&method, &response);
    }
    response
}

/// What is known of a request when it comes, for its line in the log.
pub(crate) struct Line {
    started: Instant,
    path: String,
}

impl Line {
    /// `None` where nobody reads such lines.
    pub fn begin<B>(request: &Request<B>) -> Option<Self> {
        // The query is left out: it may say where a person is.
        let begin = || Self { started: Instant::now(), path: request.uri().path().to_owned() };
        tracing::enabled!(tracing::Level::DEBUG).then(begin)
    }

    /// Writes it.
    pub fn end(self, method: &Method, response: &Response) {
        let Self { started, path } = self;
        let duration_ms = started.elapsed().as_secs_f64() * 1000.0;
        let status = response.status().as_u16();
        tracing::debug!(%method, path, status, duration_ms, "answered");
    }
}

async fn admit_and_run<B>(state: &AppState, request: Request<B>, mut router: Router) -> Response
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
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
    // The panic itself is logged by the hook of whoever runs the node.
    let ran = AssertUnwindSafe(router.call(request)).catch_unwind().await;
    let Ok(answer) = ran else { return ApiError::Internal { doing: "a handler" }.into_response() };
    answer.unwrap_or_else(|never| match never {})
}

/// A browser adds no key by itself, so every origin may read what the request it makes opens.
pub(crate) fn open_to_other_origins(method: &Method, response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(
            "Content-Crs, Content-Disposition, ETag, Link, Retry-After, Urbis-Age-Ms, Urbis-Epoch, \
             Urbis-Position, Urbis-Revision",
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
    use crate::HttpService;

    #[tokio::test]
    async fn beyond_the_limit_a_client_is_told_to_come_back() {
        let state = AppState::for_tests();
        let app = HttpService::new(state.clone());
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
