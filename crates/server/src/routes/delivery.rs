//! What somebody who may write sends: the key is looked at before the body is read.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Request};
use urbis_model::KeyScope;

use crate::body::read_body;
use crate::live::Live;
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::Caller;
use crate::state::AppState;

/// A body of live reports, from a caller who may send them.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub caller: Caller,
    /// Where they go.
    pub live: Arc<Live>,
    /// Bounded in bytes and lines, not empty.
    pub body: Vec<u8>,
}

impl FromRequest<AppState> for Delivery {
    /// Those of a key (401, 403) and of a body (400, 408, 413, 415); 400 for any parameter, 503
    /// where nothing live is taken.
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, state).await?;
        Query::refuse_all(parts.uri.query())?;
        caller.access.require(KeyScope::Ingest)?;
        let live = state.live()?;
        let body = read_body(&parts.headers, body).await?;
        Ok(Self { caller, live, body })
    }
}
