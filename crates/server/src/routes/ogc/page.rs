//! Pages: their headers, and the files that they are shown with.

use axum::extract::State;
use axum::response::Response;
use urbis_catalog::Nearest;
use urbis_ogc::Asset;

use crate::problem::{ApiError, echo};
use crate::reply::{Caching, Caller, Content};
use crate::routes::PathAlone;
use crate::routes::files::guard_page;
use crate::state::AppState;

/// Sends what was written as a page, which loads what this server sends and nothing else.
///
/// # Errors
///
/// [`ApiError::Internal`].
pub(super) async fn as_page(
    content: Content,
    state: &AppState,
    caller: &Caller,
) -> Result<Response, ApiError> {
    let content = Content { media_type: "text/html; charset=utf-8", ..content };
    let mut response = content.send(state, caller).await?;
    guard_page(response.headers_mut(), state, |public| {
        format!(
            "default-src 'self'{public}; img-src 'self'{public} data:; object-src 'none'; \
             base-uri 'self'; form-action 'none'"
        )
    });
    Ok(response)
}

/// `GET /ogc/static/{name}`: the style sheet and the script of the pages.
///
/// # Errors
///
/// [`ApiError::UnknownFile`] (404).
pub(super) async fn get_static(
    State(state): State<AppState>,
    caller: Caller,
    PathAlone(name): PathAlone<String>,
) -> Result<Response, ApiError> {
    let asset = Asset::find(&name).ok_or_else(|| {
        let nearest = Nearest::find(&name, ["ogc.css", "ogc.js"]);
        ApiError::UnknownFile { what: "file", name: echo(&name), nearest }
    })?;
    let content = Content {
        media_type: asset.media_type(),
        caching: Caching::Day,
        published: None,
        body: asset.text().into(),
    };
    content.send(&state, &caller).await
}
