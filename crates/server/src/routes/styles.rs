//! `GET /styles/{id}`: a MapLibre style with absolute links, cut to what the caller may see.

use axum::extract::State;
use axum::response::Response;
use serde_json::Value;
use urbis_catalog::style::Style;
use urbis_catalog::{Catalog, Nearest};
use urbis_model::Openness;

use super::PathAlone;
use crate::problem::{ApiError, echo};
use crate::reply::{Caching, Caller, Content};
use crate::state::AppState;
use crate::{BaseUrl, Files};

/// What a style's links start with in its file.
const BASE: &str = "{base}";

/// Answers one style; `.json` may follow its id. One file may hold several styles.
///
/// # Errors
///
/// [`ApiError::UnknownFile`] (404).
pub(crate) async fn get_style(
    State(state): State<AppState>,
    caller: Caller,
    PathAlone(id): PathAlone<String>,
) -> Result<Response, ApiError> {
    send_style(&state, &caller, id).await
}

/// Answers the style of a name.
///
/// # Errors
///
/// [`ApiError::UnknownFile`] (404).
pub(crate) async fn send_style(
    state: &AppState,
    caller: &Caller,
    name: String,
) -> Result<Response, ApiError> {
    let id = name.strip_suffix(".json").unwrap_or(&name).to_owned();
    let published = state.published()?;
    let ask = Ask { files: state.files(), id, class: caller.access.class() };
    let (city, base) = (published.city.clone(), caller.base.clone());
    let make = move || ask.answer(city.catalog(), &base);
    let body = state.off_runtime("making a style", make).await??;
    let mut content = Content::json(published, body);
    content.caching = Caching::Tile;
    content.send(state, caller).await
}

/// The id of every style, in the order of their files.
///
/// # Errors
///
/// [`ApiError::Internal`] where a file of ours is no style.
pub(crate) fn list_styles(files: Files) -> Result<Vec<String>, ApiError> {
    let styles = read_styles(files)?;
    Ok(styles.iter().flat_map(Style::ids).map(str::to_owned).collect())
}

/// All that a style depends on beside the catalogue and the base of its links.
struct Ask {
    files: Files,
    id: String,
    class: Openness,
}

impl Ask {
    fn answer(&self, catalog: &Catalog, base: &BaseUrl) -> Result<String, ApiError> {
        let mut style = self.expand(catalog)?;
        make_absolute(&mut style, base);
        Ok(style.to_string())
    }

    fn expand(&self, catalog: &Catalog) -> Result<Value, ApiError> {
        let styles = read_styles(self.files)?;
        let ids = || styles.iter().flat_map(Style::ids);
        let Some(style) = styles.iter().find(|style| style.ids().any(|id| id == self.id)) else {
            let nearest = Nearest::find(&self.id, ids());
            return Err(ApiError::UnknownFile { what: "style", name: echo(&self.id), nearest });
        };
        let expanded = style.expand(&self.id, catalog, self.class);
        expanded.map_err(|_| ApiError::Internal { doing: "expanding a style" })
    }
}

fn read_styles(from: Files) -> Result<Vec<Style>, ApiError> {
    let paths = (from.style_paths)();
    let files = paths.iter().filter_map(|path| Some((path, path.strip_suffix(".json")?)));
    files
        .map(|(path, file_id)| {
            let template = serde_json::from_slice(&(from.style)(path)?).ok()?;
            Style::parse(file_id, template).ok()
        })
        .collect::<Option<_>>()
        .ok_or(ApiError::Internal { doing: "reading the styles" })
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
