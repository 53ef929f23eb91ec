//! Successful answers: freshness, validators, caching, content coding.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use crate::BaseUrl;
use crate::access::{Access, Audience};
use crate::encoding::{Accepted, Encoding};
use crate::etag::{Etag, IfNoneMatch};
use crate::lanes::Lane;
use crate::present::Published;
use crate::problem::ApiError;
use crate::state::AppState;

/// The revision of the city that an answer shows.
pub(crate) const REVISION: HeaderName = HeaderName::from_static("urbis-revision");

/// The number of the roads' live state that an answer rests on.
const EPOCH: HeaderName = HeaderName::from_static("urbis-epoch");

/// Milliseconds since memory last equalled the database.
pub(crate) const AGE_MS: HeaderName = HeaderName::from_static("urbis-age-ms");

/// The request headers that an answer depends on.
const VARY: HeaderValue = HeaderValue::from_static("Accept, Accept-Encoding, Authorization");

/// Room for the headers of an answer, those that all answers get included.
const USUAL_HEADERS: usize = 12;

/// What a cache may do with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caching {
    /// Open tiles and what describes them.
    Tile,
    /// A file that changes with a release only.
    Day,
    /// A file whose name holds its hash.
    Immutable,
    /// Must be asked for again each time; a 304 is cheap.
    Revalidate,
    /// Never kept.
    Nothing,
}

impl Caching {
    /// What came for a key is for its holder's own cache and no other.
    const fn as_str(self, audience: Audience) -> &'static str {
        match (audience, self) {
            (Audience::Everybody, Self::Tile) => {
                "public, max-age=60, stale-while-revalidate=600, stale-if-error=86400"
            }
            (Audience::Everybody, Self::Day) => "public, max-age=86400",
            (Audience::Everybody, Self::Immutable) => "public, max-age=31536000, immutable",
            (Audience::Everybody, Self::Revalidate) => "no-cache",
            (Audience::Everybody, Self::Nothing) => "no-store",
            // Nothing stale: a key may have been revoked.
            (Audience::KeyHolder, Self::Tile) => "private, max-age=60",
            (Audience::KeyHolder, Self::Day) => "private, max-age=86400",
            (Audience::KeyHolder, Self::Immutable) => "private, max-age=31536000, immutable",
            (Audience::KeyHolder, Self::Revalidate) => "private, no-cache",
            (Audience::KeyHolder, Self::Nothing) => "private, no-store",
        }
    }
}

/// Who asks, and what the request says about the answer's form.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub access: Access,
    pub encoding: Encoding,
    /// The coding where the answer is packed while its client waits.
    pub quick_encoding: Encoding,
    pub if_none_match: IfNoneMatch,
    pub base: BaseUrl,
}

/// The address of the other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub SocketAddr);

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip());
        let accepted = Accepted::read(&parts.headers);
        Ok(Self {
            access: state.access(&parts.headers)?,
            encoding: accepted.smallest(),
            quick_encoding: accepted.quickest(),
            if_none_match: IfNoneMatch::from_headers(&parts.headers),
            base: state.bases().for_request(peer, &parts.uri, &parts.headers)?,
        })
    }
}

/// The headers that an answer has whether its body is sent or not.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub etag: Option<Etag>,
    pub caching: Caching,
    pub audience: Audience,
    /// The revision shown; `None` where the answer is the same at all of them.
    pub published: Option<Published>,
}

impl Head {
    /// Writes them onto an answer that is made elsewhere.
    pub fn apply(&self, headers: &mut HeaderMap) {
        headers.reserve(USUAL_HEADERS);
        headers.insert(header::VARY, VARY);
        let caching = self.caching.as_str(self.audience);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        if let Some(etag) = &self.etag {
            headers.insert(header::ETAG, etag.header());
        }
        if let Some(published) = &self.published {
            headers.insert(REVISION, published.revision().0.into());
            headers.insert(AGE_MS, published.age_ms().into());
        }
    }

    /// 304: the client holds this version.
    pub fn not_modified(&self) -> Response {
        self.without_body(StatusCode::NOT_MODIFIED)
    }

    /// 204: there is nothing here.
    pub fn no_content(&self) -> Response {
        self.without_body(StatusCode::NO_CONTENT)
    }

    fn without_body(&self, status: StatusCode) -> Response {
        let mut response = status.into_response();
        self.apply(response.headers_mut());
        response
    }

    /// 200 to HEAD, for a body whose length nobody knows yet.
    pub fn ok_unknown(&self, media_type: &'static str) -> Response {
        let unknown = futures_util::stream::empty::<Result<Bytes, std::convert::Infallible>>();
        let mut response = Response::new(Body::from_stream(unknown));
        self.apply(response.headers_mut());
        let media_type = HeaderValue::from_static(media_type);
        response.headers_mut().insert(header::CONTENT_TYPE, media_type);
        response
    }

    /// 200 with a body that is packed already.
    pub fn ok(&self, media_type: &'static str, (encoding, body): (Encoding, Bytes)) -> Response {
        let mut response = Response::new(Body::from(body));
        let headers = response.headers_mut();
        self.apply(headers);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        if encoding != Encoding::Identity {
            headers.insert(header::CONTENT_ENCODING, encoding.header());
        }
        response
    }
}

/// An answer of the moment, which nobody keeps: made and packed in one go, in a lane.
#[derive(Debug)]
pub(crate) struct Fresh {
    pub media_type: &'static str,
    pub lane: Lane,
    /// What is being done, should it fail.
    pub doing: &'static str,
    pub published: Published,
}

impl Fresh {
    /// 200 with what `write` gives; names revision, age and epoch.
    ///
    /// # Errors
    ///
    /// Those of `write`; [`ApiError::Internal`] where it panicked.
    pub async fn send<B: Into<Vec<u8>>>(
        self,
        state: &AppState,
        caller: &Caller,
        write: impl FnOnce() -> Result<B, ApiError> + Send + 'static,
    ) -> Result<Response, ApiError> {
        let Self { media_type, lane, doing, published } = self;
        let encoding = caller.quick_encoding;
        let make = move || -> Result<_, ApiError> {
            let (encoding, body) = encoding.pack(write()?.into());
            Ok((encoding, Bytes::from(body)))
        };
        let packed = state.off_runtime_in(lane, doing, make).await??;
        let (epoch, audience) = (published.live.epoch(), caller.access.audience());
        let caching = Caching::Nothing;
        let head = Head { etag: None, caching, audience, published: Some(published) };
        let mut response = head.ok(media_type, packed);
        response.headers_mut().insert(EPOCH, epoch.into());
        Ok(response)
    }
}

/// A whole answer that is made before its validator is known.
#[derive(Debug)]
pub(crate) struct Content {
    pub media_type: &'static str,
    pub caching: Caching,
    pub published: Option<Published>,
    pub body: Vec<u8>,
}

impl Content {
    /// GeoJSON of the city at a revision.
    pub fn geojson(published: Published, body: impl Into<Vec<u8>>) -> Self {
        Self { media_type: "application/geo+json", ..Self::json(published, body) }
    }

    /// JSON of the city at a revision.
    pub fn json(published: Published, body: impl Into<Vec<u8>>) -> Self {
        Self {
            media_type: "application/json",
            caching: Caching::Revalidate,
            published: Some(published),
            body: body.into(),
        }
    }

    /// 304 where the client holds the same bytes, else 200, packed on the spot: for small answers.
    pub fn send_small(self, caller: &Caller) -> Response {
        let Self { media_type, caching, published, body } = self;
        // Setting up Brotli takes longer than a small answer is worth.
        let encoding = match caller.quick_encoding {
            Encoding::Brotli => Encoding::Identity,
            quick => quick,
        };
        let etag = Etag::of_body(&body, encoding);
        let is_held = caller.if_none_match.matches(&etag);
        let audience = caller.access.audience();
        let head = Head { etag: Some(etag), caching, audience, published };
        if is_held {
            return head.not_modified();
        }
        let (encoding, body) = encoding.pack(body);
        head.ok(media_type, (encoding, Bytes::from(body)))
    }

    /// 304 where the client holds the same bytes, else 200, packed as the client takes it.
    pub async fn send(self, state: &AppState, caller: &Caller) -> Result<Response, ApiError> {
        let Self { media_type, caching, published, body } = self;
        let encoding = caller.encoding;
        let etag = Etag::of_body(&body, encoding);
        let is_held = caller.if_none_match.matches(&etag);
        // What shows no revision is a file, and files are few.
        let is_file = published.is_none();
        let audience = caller.access.audience();
        let head = Head { etag: Some(etag.clone()), caching, audience, published };
        if is_held {
            return Ok(head.not_modified());
        }
        if let Some(packed) = state.packed().find(&etag) {
            return Ok(head.ok(media_type, packed));
        }
        let pack = move || {
            let (encoding, body) = encoding.pack(body);
            (encoding, Bytes::from(body))
        };
        let packed = state.off_runtime("packing an answer", pack).await?;
        if is_file {
            state.packed().keep(etag, packed.clone());
        }
        Ok(head.ok(media_type, packed))
    }
}
