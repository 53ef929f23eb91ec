//! `GET /nearest/{layers}?lon&lat&limit&within_m&filter`: the k nearest features by geodesic
//! distance; with `by=road` by travel time.

mod by_line;
mod by_road;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use urbis_model::Metres;
use urbis_snapshot::Visibility;

use super::reach::read_spread;
use super::{PathOf, decoded};
use crate::drive::{Drive, read_profile};
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::Caller;
use crate::searched::Searched;
use crate::state::AppState;

const PARAMETERS: &[&str] =
    &["lon", "lat", "limit", "within_m", "filter", "filter-lang", "by", "profile", "direction"];

const DEFAULT_LIMIT: usize = 10;
const MAX_LIMIT: usize = 1000;

/// Half way around the earth, and so everywhere.
const MAX_WITHIN_M: f64 = 20_000_000.0;

/// Answers a GeoJSON collection of the features of a layer, a list or a theme, nearest first, those
/// at one distance by layer and id; `layer` is a member of each, `distance_m` among its properties.
/// Geometry is exact; what goes beyond 100 000 vertices in one answer is null, and the feature says
/// `geometry_omitted`.
///
/// `filter` is CQL2 (`filter-lang` `cql2-text` or `cql2-json`): features that it does not admit are
/// not there. It must be right for each of the layers. Beside it `is_complete` says whether the
/// answers are all that there are to be: one that refuses almost everything is given up after two
/// million features, or fewer whose geometries it compares; then what lies farther than
/// `searched_m` is not among the answers.
///
/// With `by=road` the features come by the time that a vehicle of `profile` takes from the place,
/// or to it with `direction=to`; `time_s` and `distance_m` are those of the way by road.
///
/// # Errors
///
/// [`ApiError::UnknownLayer`] (404); [`ApiError::FilterRefused`] (400), 400 for other parameters;
/// [`ApiError::OffRoad`] (422).
pub(crate) async fn get_nearest(
    State(state): State<AppState>,
    caller: Caller,
    path: PathOf<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let names = decoded(path)?;
    let query = Query::parse(query.as_deref(), PARAMETERS)?;
    let from = query.place()?;
    let limit = query.whole("limit", 1..=MAX_LIMIT, "a whole number from 1 to 1000")?;
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    let within = query.positive("within_m", MAX_WITHIN_M, "metres above 0, at most 20000000")?;
    let published = state.published()?;
    let class = caller.access.class();
    if by_road::is_asked(&query)? {
        let catalog = published.city.catalog();
        let searched = Searched::read(&query, catalog, &names, class)?;
        let ask = by_road::AskByRoad { searched, from, limit, spread: read_spread(&query)? };
        let profile = read_profile(&query, catalog)?;
        let drive = Drive::new(published, profile, class, None);
        // In a box, so that what is asked by line does not carry the room for it.
        return Box::pin(by_road::send(&state, &caller, drive, ask)).await;
    }
    let ask = by_line::AskByLine {
        searched: Searched::read(&query, published.city.catalog(), &names, class)?,
        ask: urbis_nearest::Ask {
            from,
            limit,
            within: Metres(within.unwrap_or(MAX_WITHIN_M)),
            visibility: Visibility::now(class),
        },
        offset: state.city_settings().utc_offset,
    };
    by_line::send(&state, &caller, published, ask).await
}
