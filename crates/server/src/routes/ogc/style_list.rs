//! `/ogc/styles`: the styles of `/styles` at the paths of OGC API Styles, and below them in the forms
//! that QGIS reads.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use urbis_ogc::{MediaType, StyleEntry};

use super::asked::{Asked, AskedDocument, Document};
use crate::problem::{ApiError, echo};
use crate::query::Query;
use crate::reply::Caller;
use crate::routes::styles::Reader;
use crate::routes::{PathAlone, PathOf, decoded, styles as style_files};
use crate::state::AppState;

/// `GET /ogc/styles`.
pub(super) async fn get_styles(asked: AskedDocument) -> Result<Response, ApiError> {
    let json = |asked: &Asked| Ok(asked.site().styles(&styles(asked)?));
    let page = |asked: &Asked| Ok(asked.site().styles_page(&styles(asked)?));
    asked.send(Document { media_type: MediaType::Json, json, page }).await
}

/// `GET /ogc/styles/{id}`: what `/styles/{id}` answers; `f` may be `mbs` or `json`.
///
/// # Errors
///
/// [`ApiError::UnknownFile`] (404).
pub(super) async fn get_style(
    State(state): State<AppState>,
    caller: Caller,
    path: PathOf<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = Query::parse(query.as_deref(), &["f"])?;
    if let Some(found) = query.text("f").filter(|f| !["mbs", "json"].contains(f)) {
        let wanted = "mbs or json";
        return Err(ApiError::InvalidParameter { name: "f", found: echo(found), wanted });
    }
    style_files::send_style(&state, &caller, decoded(path)?, Reader::MapLibre).await.map(as_style)
}

/// `GET /ogc/styles/{id}/qgis`: what `/styles/{id}/qgis` answers.
///
/// # Errors
///
/// [`ApiError::UnknownFile`] (404).
pub(super) async fn get_style_for_qgis(
    state: State<AppState>,
    caller: Caller,
    path: PathAlone<String>,
) -> Result<Response, ApiError> {
    style_files::get_style_for_qgis(state, caller, path).await.map(as_style)
}

/// `GET /ogc/styles/{id}/qgis/{layers}`: what `/styles/{id}/qgis/{layers}` answers.
///
/// # Errors
///
/// [`ApiError::UnknownFile`], [`ApiError::UnknownLayer`] (404).
pub(super) async fn get_layers_style_for_qgis(
    state: State<AppState>,
    caller: Caller,
    path: PathAlone<(String, String)>,
) -> Result<Response, ApiError> {
    style_files::get_layers_style_for_qgis(state, caller, path).await.map(as_style)
}

fn as_style(mut response: Response) -> Response {
    let media_type = HeaderValue::from_static(MediaType::Style.as_str());
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}

/// The styles of this node, in the order of their files.
///
/// # Errors
///
/// [`ApiError::Internal`] where a file of ours is no style.
pub(super) fn styles(asked: &Asked) -> Result<Vec<StyleEntry>, ApiError> {
    let listed = style_files::list_styles(asked.state.files())?;
    Ok(listed.into_iter().map(|id| StyleEntry { title: id.clone(), id }).collect())
}
