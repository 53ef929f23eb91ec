//! `GET /search?q&limit&lon&lat&lang&layers`: names, addresses, parcels and coordinates by what
//! people type.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::{Value, json};
use urbis_model::{LayerId, LonLat, Openness};
use urbis_search::{Ask, Hit, Language, MAX_TEXT_LEN, SearchIndex};

use crate::layers::resolve;
use crate::problem::{ApiError, echo};
use crate::query::Query;
use crate::reply::{Caller, Content};
use crate::state::AppState;

const PARAMETERS: &[&str] = &["q", "limit", "lon", "lat", "lang", "layers"];

const DEFAULT_LIMIT: usize = 10;
const MAX_LIMIT: usize = 50;

/// Answers what a text may mean, best first: title, what it is and where it lies, the feature to
/// open, a place to go to, the box of all that it stands for (west, south, east, north), the score
/// from 0 to 1 and how the words match (`whole`, `start`, `similar`). A street is one result.
///
/// What is near `lon` and `lat` goes first where names match alike; `lang` (`vi`, `en`) is the
/// language of the subtitles; `layers`, a list of layers and themes, keeps to them and leaves
/// coordinates out. `revision` is that of the city that was searched, which may be a moment older
/// than the one that is published.
///
/// # Errors
///
/// 400 for parameters; [`ApiError::UnknownLayer`] (404); [`ApiError::NotReady`] (503) until the city
/// can be searched for the first time.
pub(crate) async fn get_search(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = Query::parse(query.as_deref(), PARAMETERS)?;
    let class = caller.access.class();
    let published = state.published()?;
    let catalog = Arc::clone(published.city.catalog());
    let asked = Asked {
        text: read_text(&query)?,
        class,
        near: read_place(&query)?,
        limit: query
            .whole("limit", 1..=MAX_LIMIT, "a whole number from 1 to 50")?
            .unwrap_or(DEFAULT_LIMIT),
        language: match query.word("lang", ["vi", "en"], "vi or en")? {
            Some("en") => Language::En,
            _ => Language::Vi,
        },
        layers: match query.text("layers") {
            Some(names) => {
                let found = resolve(&catalog, names, class)?.into_iter();
                Some(found.map(|layer| layer.id.clone()).collect())
            }
            None => None,
        },
    };
    let index = state.search_board().load().ok_or(ApiError::NotReady)?;
    let published = published.with_city(Arc::clone(index.city()));
    let body = state.off_runtime("searching", move || asked.answer(&index)).await?;
    Ok(Content::json(published, body).send_small(&caller))
}

/// A question that outlives its request.
struct Asked {
    text: String,
    class: Openness,
    near: Option<LonLat>,
    limit: usize,
    language: Language,
    layers: Option<BTreeSet<LayerId>>,
}

impl Asked {
    fn answer(&self, index: &SearchIndex) -> Vec<u8> {
        let Self { text, class, near, limit, language, layers } = self;
        let (class, near, limit, language) = (*class, *near, *limit, *language);
        let ask = Ask { text, class, near, limit, language, layers: layers.as_ref() };
        let results: Vec<Value> = index.search(&ask).iter().map(to_json).collect();
        json!({ "results": results, "revision": index.revision() }).to_string().into_bytes()
    }
}

fn to_json(hit: &Hit) -> Value {
    let (layer, id) = hit.feature.as_ref().map(|(layer, id)| (layer, id.value())).unzip();
    json!({
        "title": hit.title,
        "subtitle": hit.subtitle,
        "kind": hit.kind.as_str(),
        "layer": layer.map(LayerId::as_str),
        "id": id,
        "lon": degrees(hit.place.lon()),
        "lat": degrees(hit.place.lat()),
        "bbox": <[f64; 4]>::from(hit.bbox).map(degrees),
        "crs": hit.srid.map(|srid| srid.to_string()),
        "score": hit.score,
        "matched": hit.matched.as_str(),
    })
}

/// To a centimetre.
fn degrees(value: f64) -> f64 {
    (value * 1e7).round() / 1e7
}

fn read_text(query: &Query<'_>) -> Result<String, ApiError> {
    let (name, wanted) = ("q", "1 to 200 bytes of text, such as tran cao van");
    let text = query.text(name).ok_or(ApiError::MissingParameter { name, wanted })?.trim();
    if text.is_empty() || text.len() > MAX_TEXT_LEN {
        return Err(ApiError::InvalidParameter { name, found: echo(text), wanted });
    }
    Ok(text.to_owned())
}

fn read_place(query: &Query<'_>) -> Result<Option<LonLat>, ApiError> {
    match (query.text("lon"), query.text("lat")) {
        (None, None) => Ok(None),
        _ => query.place().map(Some),
    }
}
