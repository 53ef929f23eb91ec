//! `GET /changes`: what changed since somebody asked last, for warehouses that keep a copy.
//!
//! Without `since` it says where the city is now. With it, each feature that changed comes once,
//! as the caller sees it now, as JSON with a link to the next page, or as lines of JSON
//! (`f=ndjson`) until there are no more.

mod ask;
mod position;
mod write;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::sync::OwnedSemaphorePermit;
use urbis_model::Moment;
use urbis_store::{ChangesPage, ChangesToken, FeatureReader, StoreError};

use self::ask::{Asked, Form, Since};
pub(crate) use self::position::say_position;
use self::write::{Document, lines};
use crate::features::refused;
use crate::lanes::Lane;
use crate::present::Published;
use crate::problem::ApiError;
use crate::reply::{Caching, Caller, Fresh, Head};
use crate::state::AppState;

/// The media type of lines of JSON.
const NDJSON: &str = "application/x-ndjson";

/// Answers the changes since a token or a moment.
///
/// # Errors
///
/// [`ApiError::ChangesGone`] (410) where everything is to be read anew, [`ApiError::UnknownLayer`]
/// (404), 400 for what is wrong with a parameter, [`ApiError::FeaturesAway`] (503).
pub(crate) async fn get_changes(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let published = state.published()?;
    let raw = query.as_deref();
    let offset = state.city_settings().utc_offset;
    let asked = Asked::read(raw, &published, caller.access.class(), offset)?;
    let answered = match (&asked.since, asked.form) {
        (None, _) => say_now(&state, &caller, published, &asked).await,
        (Some(_), Form::Json) => send_page(&state, &caller, published, asked).await,
        (Some(_), Form::Lines) => send_lines(&state, &caller, published, asked).await,
    };
    match answered {
        Err(gone @ ApiError::ChangesGone { .. }) => Ok(with_way_out(gone, &caller)),
        answered => answered,
    }
}

/// Where the city is now, for who is about to read all of it.
async fn say_now(
    state: &AppState,
    caller: &Caller,
    published: Published,
    asked: &Asked,
) -> Result<Response, ApiError> {
    let next = state.position(caller.access.class()).ok_or(ApiError::NotReady)?;
    let page = ChangesPage { changes: Vec::new(), next, has_more: false };
    answer(state, caller, published, asked.clone(), page).await
}

async fn send_page(
    state: &AppState,
    caller: &Caller,
    published: Published,
    asked: Asked,
) -> Result<Response, ApiError> {
    let (reader, _place) = state.features()?.admit()?;
    let page = asked.read_page(reader, asked.limit).await.map_err(|cause| refuse(&cause))?;
    answer(state, caller, published, asked, page).await
}

async fn answer(
    state: &AppState,
    caller: &Caller,
    published: Published,
    asked: Asked,
    page: ChangesPage,
) -> Result<Response, ApiError> {
    let (base, offset) = (caller.base.clone(), state.city_settings().utc_offset);
    let (is_lines, now) = (asked.form == Form::Lines, Moment::now());
    let media_type = if is_lines { NDJSON } else { "application/json" };
    let fresh = Fresh { media_type, lane: Lane::General, doing: "writing changes", published };
    let write = move || {
        Ok(if is_lines {
            lines(&page, now)
        } else {
            Document { asked: &asked, page: &page, base: base.as_str(), now, offset }.write()
        })
    };
    fresh.send(state, caller, write).await
}

/// Answers line by line until there is nothing more, or as many changes as were asked for.
async fn send_lines(
    state: &AppState,
    caller: &Caller,
    published: Published,
    asked: Asked,
) -> Result<Response, ApiError> {
    let (reader, place) = state.features()?.admit()?;
    let first = asked.read_page(reader, asked.page_of_lines(0)).await;
    let first = first.map_err(|cause| refuse(&cause))?;
    let sending =
        Sending { reader: reader.clone(), asked, sent: 0, first: Some(first), _place: place };
    let mut response = Response::new(Body::from_stream(sending.start()));
    let audience = caller.access.audience();
    let head = Head { etag: None, caching: Caching::Nothing, audience, published: Some(published) };
    head.apply(response.headers_mut());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    Ok(response)
}

/// What is left to send.
struct Sending {
    reader: FeatureReader,
    asked: Asked,
    sent: usize,
    /// Read before the head was sent.
    first: Option<ChangesPage>,
    /// Held until the last line is sent, or the client leaves.
    _place: OwnedSemaphorePermit,
}

impl Sending {
    fn start(self) -> impl Stream<Item = Result<Bytes, StoreError>> + Send {
        futures_util::stream::unfold(Some(self), |sending| async move {
            let mut sending = sending?;
            match sending.step().await {
                Ok((bytes, true)) => Some((Ok(bytes), Some(sending))),
                Ok((bytes, false)) => Some((Ok(bytes), None)),
                Err(cause) => {
                    // The connection ends early: no client takes a part for the whole.
                    refuse(&cause);
                    Some((Err(cause), None))
                }
            }
        })
        .boxed()
    }

    /// The lines of a page, and whether more follow.
    async fn step(&mut self) -> Result<(Bytes, bool), StoreError> {
        let page = match self.first.take() {
            Some(first) => first,
            None => {
                let limit = self.asked.page_of_lines(self.sent);
                self.asked.read_page(&self.reader, limit).await?
            }
        };
        self.sent += page.changes.len();
        let goes_on = page.has_more && self.asked.page_of_lines(self.sent) > 0;
        // What the caller may not see is no reason to say anything.
        let is_silent = goes_on && page.changes.is_empty();
        let bytes = if is_silent { Vec::new() } else { lines(&page, Moment::now()) };
        self.asked.since = Some(Since::Token(page.next));
        Ok((bytes.into(), goes_on))
    }
}

/// What a client is told of changes that cannot be read.
fn refuse(cause: &StoreError) -> ApiError {
    match cause {
        StoreError::ChangesGone { why } => ApiError::ChangesGone { why },
        cause => refused(cause),
    }
}

/// The answer, with a link to where everything can be read.
fn with_way_out(gone: ApiError, caller: &Caller) -> Response {
    let mut response = gone.into_response();
    let link = format!("<{}/ogc/collections>; rel=\"data\"", caller.base.as_str());
    if let Ok(link) = HeaderValue::try_from(link) {
        response.headers_mut().append(header::LINK, link);
    }
    response
}

/// A token as a parameter and a header carry it.
fn text_of(token: &ChangesToken) -> String {
    token.to_string()
}
