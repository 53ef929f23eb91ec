//! Finished tiles, answered before anything else is looked at.
//!
//! A hit is most of what a map server does, and its bytes lie ready; routing, middleware and the
//! parts of a path as texts of their own would cost more than the answer. Here a plain GET of a
//! finished tile is recognised and answered; all else goes its way through the routes, which
//! answer the same tile the same way.

use axum::http::{Method, Request, header};
use axum::response::Response;
use urbis_model::TileAddress;

use crate::base_url::is_plain_host;
use crate::cache::{Found, TileKeyRef, View};
use crate::encoding::Encoding;
use crate::etag::IfNoneMatch;
use crate::middleware::{Line, open_to_other_origins};
use crate::routes::tiles::{parse_address, tile_response};
use crate::state::AppState;

/// Longest path that is recognised.
const MAX_PATH_LEN: usize = 512;

/// The answer to a plain GET of a tile that is finished; `None` for every other request.
///
/// Never waits, so nothing bounds how many are answered at once.
pub(crate) fn answer<B>(state: &AppState, request: &Request<B>) -> Option<Response> {
    let (names, tile) = read_path(request)?;
    let line = Line::begin(request);
    let headers = request.headers();
    // Whatever is wrong with a host or a key is said by the routes.
    let is_host_plain = headers.get(header::HOST).is_none_or(|host| is_plain_host(host.as_bytes()));
    let access = state.access(headers).ok().filter(|_| is_host_plain)?;
    let published = state.published().ok()?;
    let view = View {
        tile,
        class: access.class(),
        encoding: Encoding::negotiate_quick(headers),
        during: None,
    };
    let found = state.tiles().find(TileKeyRef { names, view }, published.revision());
    let Found::Finished(tile) = found else { return None };
    let if_none_match = IfNoneMatch::from_headers(headers);
    let mut response = tile_response(&tile, published, access.audience(), &if_none_match);
    open_to_other_origins(request.method(), &mut response);
    state.metrics().tile_hits.add_one();
    state.metrics().note_answer(response.status());
    if let Some(line) = line {
        line.end(request.method(), &response);
    }
    Some(response)
}

/// Layers' names and address of a tile; `None` where the request is none for a tile, or says more.
fn read_path<B>(request: &Request<B>) -> Option<(&str, TileAddress)> {
    let uri = request.uri();
    let path = uri.path();
    let is_plain = request.method() == Method::GET
        && uri.query().is_none()
        && uri.authority().is_none()
        && path.len() <= MAX_PATH_LEN;
    let rest = path.strip_prefix("/tiles/").filter(|_| is_plain)?;
    let mut parts = rest.split('/');
    let [names, z, x, y] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    // A name that is percent-encoded is decoded by the routes.
    if parts.next().is_some() || names.contains('%') {
        return None;
    }
    Some((names, parse_address(z, x, y).ok()?))
}
