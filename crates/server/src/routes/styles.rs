//! `GET /styles/{id}`: a MapLibre style with absolute links.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::Value;
use urbis_catalog::Nearest;

use super::{PathOf, decoded};
use crate::BaseUrl;
use crate::problem::{ApiError, echo};
use crate::query::Query;
use crate::reply::{Caching, Caller, Content};
use crate::state::AppState;

/// What a style's links start with in its file.
const BASE: &str = "{base}";

/// Answers one style; `.json` may follow its id.
///
/// # Errors
///
/// [`ApiError::UnknownFile`] (404).
pub(crate) async fn get_style(
    State(state): State<AppState>,
    caller: Caller,
    path: PathOf<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    Query::refuse_all(query.as_deref())?;
    let name = decoded(path)?;
    let id = name.strip_suffix(".json").unwrap_or(&name);
    let files = state.files();
    let known = (files.style_paths)();
    let mut ids = known.iter().filter_map(|path| path.strip_suffix(".json"));
    let unknown = |ids| ApiError::UnknownFile {
        what: "style",
        name: echo(id),
        nearest: Nearest::find(id, ids),
    };
    if !ids.clone().any(|known| known == id) {
        return Err(unknown(&mut ids as &mut dyn Iterator<Item = &str>));
    }
    let bytes = (files.style)(&format!("{id}.json"));
    let mut style: Value = bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or(ApiError::Internal { doing: "reading a style" })?;
    make_absolute(&mut style, &caller.base);
    Content {
        media_type: "application/json",
        caching: Caching::Tile,
        published: state.published().ok(),
        body: style.to_string().into_bytes(),
    }
    .send(&state, &caller)
    .await
}

/// Puts the base in the place of `{base}` at the start of every text.
fn make_absolute(value: &mut Value, base: &BaseUrl) {
    match value {
        Value::String(text) => {
            if let Some(rest) = text.strip_prefix(BASE) {
                *text = format!("{base}{rest}");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| make_absolute(item, base)),
        Value::Object(members) => {
            members.values_mut().for_each(|member| make_absolute(member, base));
        }
        _ => {}
    }
}
