//! One file a path, or a family of paths.

pub(crate) mod at;
pub(crate) mod candidates;
pub(crate) mod changes;
mod delivery;
pub(crate) mod explain;
pub(crate) mod files;
pub(crate) mod glyphs;
pub(crate) mod health;
pub(crate) mod layers;
pub(crate) mod live;
pub(crate) mod metrics;
pub(crate) mod nearest;
pub(crate) mod network;
pub(crate) mod ogc;
pub(crate) mod positions;
pub(crate) mod reach;
pub(crate) mod report;
pub(crate) mod road_state;
pub(crate) mod route;
pub(crate) mod search;
pub(crate) mod styles;
mod taken;
pub(crate) mod tilejson;
pub(crate) mod tiles;
pub(crate) mod units;

use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::ApiError;
use crate::query::Query;

/// The decoded parameters of a path, or what the decoder said.
type PathOf<T> = Result<Path<T>, PathRejection>;

/// The parameters of a path.
///
/// # Errors
///
/// [`ApiError::PathNotUtf8`]: all parameters are text, so nothing else can be wrong.
fn decoded<T>(path: PathOf<T>) -> Result<T, ApiError> {
    path.map(|Path(parameters)| parameters).map_err(|_| ApiError::PathNotUtf8)
}

/// The parameters of a path that takes no query.
pub(crate) struct PathAlone<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for PathAlone<T> {
    type Rejection = ApiError;

    /// # Errors
    ///
    /// [`ApiError`] of the first parameter of a query; those of [`decoded`].
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Query::refuse_all(parts.uri.query())?;
        decoded(Path::from_request_parts(parts, state).await).map(Self)
    }
}
