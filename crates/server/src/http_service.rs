//! All that answers a request: finished tiles at once, everything else by the routes.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::HttpBody;
use axum::http::Request;
use axum::response::Response;
use bytes::Bytes;
use futures_util::future::Either;
use tower::{BoxError, Service};

use crate::hot;
use crate::middleware::surround;
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

/// An answer that is made.
type Making = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// An answer that is there, or one that is made.
type Answering = Either<Ready<Result<Response, Infallible>>, Making>;

impl HttpService {
    /// The service over a state; the state may have no city yet.
    pub fn new(state: AppState) -> Self {
        Self { router: router(state.clone()), state, peer: None }
    }

    /// The same for the requests of one connection.
    pub(crate) fn of_peer(&self, peer: Peer) -> Self {
        Self { peer: Some(peer), ..self.clone() }
    }

    fn answer<B>(&self, mut request: Request<B>) -> Answering
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        if let Some(response) = hot::answer(&self.state, &request) {
            return Either::Left(ready(Ok(response)));
        }
        // Whom nobody trusts nobody asks for.
        if let Some(peer) = self.peer.filter(|_| self.state.bases().trusts_anybody()) {
            request.extensions_mut().insert(peer);
        }
        let (state, router) = (self.state.clone(), self.router.clone());
        Either::Right(Box::pin(async move { Ok(surround(&state, request, router).await) }))
    }
}

impl<B> Service<Request<B>> for HttpService
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // The routes are always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Answering {
        self.answer(request)
    }
}

/// For connections: what is always ready is asked without a copy of it.
impl<B> hyper::service::Service<Request<B>> for HttpService
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<B>) -> Answering {
        self.answer(request)
    }
}
