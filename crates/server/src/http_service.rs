//! All that answers a request: finished tiles at once, everything else by the routes.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::HttpBody;
use axum::http::Request;
use axum::response::Response;
use bytes::Bytes;
use futures_util::future::Either;
use tower::{BoxError, Service};

use crate::hot;
use crate::reply::Peer;
use crate::router::router;
use crate::state::AppState;

/// The service over a state; cloning it is cheap.
#[derive(Debug, Clone)]
pub struct HttpService {
    state: AppState,
    router: Router,
    peer: Option<Peer>,
}

impl HttpService {
    /// The service over a state; the state may have no city yet.
    pub fn new(state: AppState) -> Self {
        Self { router: router(state.clone()), state, peer: None }
    }

    /// The same for the requests of one connection.
    pub(crate) fn of_peer(&self, peer: Peer) -> Self {
        Self { peer: Some(peer), ..self.clone() }
    }
}

impl<B> Service<Request<B>> for HttpService
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future =
        Either<Ready<Result<Response, Infallible>>, <Router as Service<Request<B>>>::Future>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // The routes are always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        if let Some(response) = hot::answer(&self.state, &request) {
            return Either::Left(ready(Ok(response)));
        }
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(peer);
        }
        Either::Right(self.router.call(request))
    }
}
