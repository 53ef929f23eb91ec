//! `GET /tiles/{layers}/{z}/{x}/{y}`: one Mapbox Vector Tile of a layer, a list or a theme.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{RawQuery, State};
use axum::http::Method;
use axum::response::Response;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use urbis_catalog::Layer;
use urbis_model::{Moment, Openness, TileAddress};
use urbis_snapshot::{City, Visibility};

use super::{PathOf, decoded};
use crate::access::Audience;
use crate::cache::{FinishedTile, Found, Joined, Landing, TileKeyRef, TileResult, View, Wanted};
use crate::encoding::Encoding;
use crate::etag::{Etag, IfNoneMatch};
use crate::layers::resolve;
use crate::present::Published;
use crate::problem::{ApiError, echo};
use crate::query::Query;
use crate::reply::{Caching, Caller, Head};
use crate::state::AppState;
use crate::tile_build::TileBuild;

const MEDIA_TYPE: &str = "application/vnd.mapbox-vector-tile";

/// Answers one tile.
///
/// Addresses are XYZ on the Web Mercator grid: `y` grows south, `x` and `y` are below 2^`z`; one
/// tile has one address, so signs and leading zeros are refused. `.mvt` or `.pbf` may follow.
///
/// 200 with a tile; 204 where nothing is in it; 304 where the client holds this version. A 304 and
/// the answer to HEAD never wait for a tile to be rendered; HEAD of a tile that nobody asked for
/// yet does not know its length, nor whether anything is in it.
///
/// `datetime` is a day (its start in the city's time) or a moment of RFC 3339; then the features
/// that held in the world at that moment, as they are recorded today.
///
/// # Errors
///
/// [`ApiError::UnknownLayer`] (404); 400 for an address off the grid and for a moment that is
/// none.
pub(crate) async fn get_tile(
    State(state): State<AppState>,
    method: Method,
    caller: Caller,
    path: PathOf<(String, String, String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = Query::parse(query.as_deref(), &["datetime"])?;
    let on = query.moment("datetime", state.city_settings().utc_offset)?;
    let (names, z, x, y) = decoded(path)?;
    let tile = parse_address(&z, &x, &y)?;
    send_tile(&state, method, caller, Wish { names, tile, on }).await
}

/// Which tile is wanted: layers' names, address, and the moment if not now.
#[derive(Debug)]
pub(crate) struct Wish {
    pub names: String,
    pub tile: TileAddress,
    pub on: Option<Moment>,
}

/// Answers one tile, whatever its address was like.
///
/// # Errors
///
/// [`ApiError::UnknownLayer`] (404).
pub(crate) async fn send_tile(
    state: &AppState,
    method: Method,
    caller: Caller,
    Wish { names, tile, on }: Wish,
) -> Result<Response, ApiError> {
    let ask = Ask {
        names,
        tile,
        class: caller.access.class(),
        encoding: caller.quick_encoding,
        on,
        if_none_match: caller.if_none_match,
        method,
    };
    let (published, answer) = ask.answer(state).await?;
    let audience = caller.access.audience();
    Ok(match answer {
        Answer::Tile(tile) => tile_response(&tile, published, audience, &ask.if_none_match),
        Answer::Held(etag) => head(etag, published, audience).not_modified(),
        Answer::Foreseen(etag) => head(etag, published, audience).ok_unknown(MEDIA_TYPE),
    })
}

/// What a request for a tile says.
struct Ask {
    names: String,
    tile: TileAddress,
    class: Openness,
    encoding: Encoding,
    on: Option<Moment>,
    if_none_match: IfNoneMatch,
    method: Method,
}

enum Answer {
    Tile(Arc<FinishedTile>),
    /// The client holds it; whether it is finished is nobody's business.
    Held(Etag),
    /// For HEAD: what its tag would be.
    Foreseen(Etag),
}

impl Ask {
    /// The tile, and the one revision that it shows: a change in between must not mix versions.
    async fn answer(&self, state: &AppState) -> Result<(Published, Answer), ApiError> {
        loop {
            let published = state.published()?;
            let layers = resolve(published.city.catalog(), &self.names, self.class)?;
            let build = self.build(Arc::clone(&published.city), &layers);
            let view = self.view(state, &build).await?;
            let key = TileKeyRef { names: &self.names, view };
            match state.tiles().find(key, published.revision()) {
                Found::Finished(tile) => {
                    state.metrics().tile_hits.add_one();
                    return Ok((published, Answer::Tile(tile)));
                }
                Found::Newer => continue,
                Found::Nothing => {}
            }
            if let Some(answer) = self.answer_unbuilt(state, &build).await? {
                state.metrics().tile_misses.add_one();
                return Ok((published, answer));
            }
            let wanted = Wanted { key, layers: build.numbers(), revision: build.revision() };
            let start = |landing| fly(state.clone(), build.clone(), landing);
            let tile = match state.tiles().join(wanted, start) {
                Joined::Finished(tile) => tile,
                Joined::Flying(flight) => flight.await?,
                Joined::Newer => continue,
            };
            state.metrics().tile_misses.add_one();
            return Ok((published, Answer::Tile(tile)));
        }
    }

    fn build(&self, city: Arc<City>, layers: &[&Layer]) -> TileBuild {
        let visibility = Visibility { class: self.class, on: self.on };
        TileBuild::new(city, layers, self.tile, visibility, self.encoding)
    }

    async fn view(&self, state: &AppState, build: &TileBuild) -> Result<View, ApiError> {
        let Self { tile, class, encoding, on, .. } = *self;
        let during = match on {
            None => None,
            Some(_) => {
                let build = build.clone();
                state.off_runtime("dating a tile", move || build.steady_span()).await?
            }
        };
        Ok(View { tile, class, encoding, during })
    }

    /// The answer where no tile is needed for it.
    async fn answer_unbuilt(
        &self,
        state: &AppState,
        build: &TileBuild,
    ) -> Result<Option<Answer>, ApiError> {
        let is_head = self.method == Method::HEAD;
        if self.if_none_match.is_empty() && !is_head {
            return Ok(None);
        }
        let build = build.clone();
        let etag = state.off_runtime("tagging a tile", move || build.foresee()).await?;
        if self.if_none_match.matches(&etag) {
            return Ok(Some(Answer::Held(etag)));
        }
        Ok(is_head.then_some(Answer::Foreseen(etag)))
    }
}

/// Builds a tile for all who wait for it, and keeps it.
fn fly(state: AppState, build: TileBuild, landing: Landing) -> BoxFuture<'static, TileResult> {
    async move {
        let key = landing.key().clone();
        let kind = key.kind();
        let is_quick = kind.is_some_and(|kind| state.pace().is_quick(kind));
        let noting = state.clone();
        let work = move || {
            let began = Instant::now();
            let tile = build.build();
            noting.metrics().note_build(began.elapsed());
            if let Some(kind) = kind {
                noting.pace().note(kind, began.elapsed());
            }
            tile
        };
        let doing = "rendering a tile";
        let tile = if is_quick {
            on_the_spot(doing, work)?
        } else {
            state.off_runtime(doing, work).await?
        };
        let tile = Arc::new(tile);
        state.tiles().keep(key, &tile);
        Ok(tile)
    }
    .boxed()
}

/// Runs work that takes little time.
///
/// # Errors
///
/// [`ApiError::Internal`] where it panicked, as off the runtime: others may wait for it.
fn on_the_spot<T>(doing: &'static str, work: impl FnOnce() -> T) -> Result<T, ApiError> {
    let caught = catch_unwind(AssertUnwindSafe(work));
    caught.map_err(|_| ApiError::Internal { doing })
}

/// A finished tile as an answer.
pub(crate) fn tile_response(
    tile: &FinishedTile,
    published: Published,
    audience: Audience,
    if_none_match: &IfNoneMatch,
) -> Response {
    let head = head(tile.etag.clone(), published, audience);
    if if_none_match.matches(&tile.etag) {
        return head.not_modified();
    }
    match &tile.body {
        Some(packed) => head.ok(MEDIA_TYPE, packed.clone()),
        None => head.no_content(),
    }
}

fn head(etag: Etag, published: Published, audience: Audience) -> Head {
    Head { etag: Some(etag), caching: Caching::Tile, audience, published: Some(published) }
}

/// Reads an address; a tile has one spelling of it.
pub(crate) fn parse_address(z: &str, x: &str, y: &str) -> Result<TileAddress, ApiError> {
    let y = y.strip_suffix(".mvt").or_else(|| y.strip_suffix(".pbf")).unwrap_or(y);
    let (z, x, y) = (parse_index("z", z)?, parse_index("x", x)?, parse_index("y", y)?);
    Ok(TileAddress::new(z, x, y)?)
}

fn parse_index(part: &'static str, text: &str) -> Result<u32, ApiError> {
    let is_plain =
        text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse()
        .ok()
        .filter(|_| is_plain)
        .ok_or_else(|| ApiError::TileAddressInvalid { part, found: echo(text) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        assert!(parse_address("14", "13117", "7460.mvt").is_ok());
        assert!(parse_address("0", "0", "0.pbf").is_ok());
        for y in ["-1", "+1", "01", "00", "", " 1", "1.png", "1.mvt.mvt", "4294967296", "1e3", "٣"]
        {
            let error = parse_address("14", "13117", y).unwrap_err();
            assert_eq!(error.code(), "tile_address_invalid", "{y}");
        }
        assert_eq!(parse_address("14", "0", "16384").unwrap_err().code(), "tile_off_grid");
    }
}
