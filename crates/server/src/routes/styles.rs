//! `GET /styles/{id}`: a MapLibre style with absolute links, cut to what the caller may see.
//! `GET /styles/{id}/qgis`: the same in forms that QGIS reads, as the map shows it at first.
//! `GET /styles/{id}/qgis/{layers}`: all of a layer, a list or a theme, and nothing else.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::response::Response;
use serde_json::Value;
use urbis_catalog::style::Style;
use urbis_catalog::{AttributeType, CODE_SEPARATOR, Catalog, Layer, Nearest};
use urbis_model::{Openness, Value as AttributeValue};
use urbis_qgis::{CodesInUse, Shown, write_plainly};
use urbis_snapshot::{City, LayerSnapshot};

use super::PathAlone;
use crate::layers::{resolve, visible};
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
    send_style(&state, &caller, id, Reader::MapLibre).await
}

/// Answers one style for the vector tiles of QGIS.
///
/// # Errors
///
/// [`ApiError::UnknownFile`] (404).
pub(crate) async fn get_style_for_qgis(
    State(state): State<AppState>,
    caller: Caller,
    PathAlone(id): PathAlone<String>,
) -> Result<Response, ApiError> {
    send_style(&state, &caller, id, Reader::Qgis(None)).await
}

/// Answers the style of some layers for the vector tiles of QGIS.
///
/// # Errors
///
/// [`ApiError::UnknownFile`], [`ApiError::UnknownLayer`] (404).
pub(crate) async fn get_layers_style_for_qgis(
    State(state): State<AppState>,
    caller: Caller,
    PathAlone((id, names)): PathAlone<(String, String)>,
) -> Result<Response, ApiError> {
    send_style(&state, &caller, id, Reader::Qgis(Some(names))).await
}

/// Who draws by a style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Reads every form of the style specification.
    MapLibre,
    /// Reads some of them; of these layers, or what the map shows.
    Qgis(Option<String>),
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
    reader: Reader,
) -> Result<Response, ApiError> {
    let id = name.strip_suffix(".json").unwrap_or(&name).to_owned();
    let published = state.published()?;
    let ask = Ask { files: state.files(), id, class: caller.access.class(), reader };
    let (city, base) = (published.city.clone(), caller.base.clone());
    let make = move || ask.answer(&city, &base);
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

/// All that a style depends on beside the city and the base of its links.
struct Ask {
    files: Files,
    id: String,
    class: Openness,
    reader: Reader,
}

impl Ask {
    fn answer(&self, city: &City, base: &BaseUrl) -> Result<String, ApiError> {
        let catalog = city.catalog();
        let mut style = self.expand(catalog)?;
        if let Reader::Qgis(names) = &self.reader {
            let layers = names.as_ref().map(|names| resolve(catalog, names, self.class));
            let layers = layers.transpose()?;
            let ids = layers.iter().flatten().map(|layer| layer.id.clone()).collect();
            let shown = layers.as_ref().map_or(Shown::AsOnTheMap, |_| Shown::Only(&ids));
            let layers = layers.unwrap_or_else(|| visible(catalog, self.class).collect());
            write_plainly(&mut style, catalog, &codes_in_use(city, &layers, self.class), shown);
        }
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

/// The values of several codes that a class sees in some layers, as the features of now and of
/// other times have them.
fn codes_in_use(city: &City, layers: &[&Layer], class: Openness) -> CodesInUse {
    let mut found = CodesInUse::new();
    for layer in layers {
        for (index, attribute) in layer.attributes.iter().enumerate() {
            if attribute.kind == AttributeType::Codes && layer.openness_of(attribute) <= class {
                let key = (layer.id.clone(), attribute.name.clone());
                found.insert(key, several_codes(city, layer, index, class));
            }
        }
    }
    found
}

fn several_codes(city: &City, layer: &Layer, index: usize, class: Openness) -> BTreeSet<String> {
    let features = city.layer(&layer.id).into_iter().flat_map(LayerSnapshot::features);
    let mut found = BTreeSet::new();
    for feature in features.filter(|feature| feature.openness() <= class) {
        if let AttributeValue::Text(codes) = feature.attribute(index)
            && codes.contains(CODE_SEPARATOR)
            && !found.contains(codes)
        {
            found.insert(codes.to_owned());
        }
    }
    found
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
