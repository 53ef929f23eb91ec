//! A page of features as GeoJSON, sent while it is read: no answer is held whole.

use std::io::Write;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{Stream, StreamExt};
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;
use urbis_catalog::{Layer, UtcOffset};
use urbis_model::Moment;
use urbis_ogc::{Link, MediaType, Rel};
use urbis_store::{FeatureCursor, FeaturePage, StoreError};

use super::address::Address;
use super::head;
use super::matched::Matched;
use super::parameters::ItemsParameters;
use super::token::Token;
use crate::encoding::Encoding;
use crate::features::refused;
use crate::moment;
use crate::problem::ApiError;
use crate::reply::Caching;
use crate::routes::ogc::asked::Asked;

/// Answers a page.
///
/// What goes wrong before the first piece is a problem; after it the connection ends early, so
/// that no client takes a part for the whole.
///
/// # Errors
///
/// [`ApiError::FeaturesAway`], [`ApiError::Overloaded`].
pub(super) async fn send(
    asked: &Asked,
    layer: &Layer,
    parameters: &ItemsParameters,
    address: Address,
) -> Result<Response, ApiError> {
    let (reader, place) = asked.state.features()?.admit()?;
    let ask = parameters.ask(layer, asked.caller.access.class(), asked.published.city.at());
    let mut pieces = Box::pin(reader.stream(&ask)).fuse();
    let first = pieces.next().await.transpose().map_err(|cause| refused(&cause))?;
    let matched = Matched::start(asked, reader, parameters, &ask, first.as_ref());

    let encoding = match asked.caller.quick_encoding {
        Encoding::Gzip => Encoding::Gzip,
        _ => Encoding::Identity,
    };
    let collection = asked.site().layer_url(layer, "");
    let offset = asked.state.city_settings().utc_offset;
    let writer = Writer { offset, returned: 0, address, collection, last: None };
    let packer = Packer::new(encoding);
    let state = Sending { writer, packer, pieces, first, matched, _place: place };
    let mut response = Response::new(Body::from_stream(state.start()));
    let headers = response.headers_mut();
    head(asked, Caching::Revalidate).apply(headers);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MediaType::GeoJson.as_str()));
    if encoding == Encoding::Gzip {
        headers.insert(header::CONTENT_ENCODING, encoding.header());
    }
    Ok(response)
}

/// What is left to send.
struct Sending<S> {
    writer: Writer,
    packer: Packer,
    pieces: S,
    /// Read before the head was sent.
    first: Option<FeaturePage>,
    matched: Matched,
    /// Held until the last byte is sent, or the client leaves.
    _place: OwnedSemaphorePermit,
}

impl<S> Sending<S>
where
    S: Stream<Item = Result<FeaturePage, StoreError>> + Unpin + Send + 'static,
{
    /// The bytes of the answer.
    fn start(self) -> impl Stream<Item = Result<Bytes, StoreError>> + Send {
        let steps = futures_util::stream::unfold(Some(self), |sending| async move {
            let mut sending = sending?;
            match sending.step().await {
                Ok((bytes, true)) => Some((Ok(bytes), Some(sending))),
                Ok((bytes, false)) => Some((Ok(bytes), None)),
                Err(cause) => {
                    refused(&cause);
                    Some((Err(cause), None))
                }
            }
        });
        steps.filter(|bytes| {
            let is_worth = bytes.as_ref().is_ok_and(Bytes::is_empty);
            std::future::ready(!is_worth)
        })
    }

    /// The next bytes, and whether more follow.
    async fn step(&mut self) -> Result<(Bytes, bool), StoreError> {
        let piece = match self.first.take() {
            Some(first) => Some(first),
            None => self.pieces.next().await.transpose()?,
        };
        Ok(match piece {
            Some(piece) => (self.packer.pack(self.writer.piece(piece)), true),
            None => {
                let is_last = self.writer.last.is_none();
                let matched = self.matched.number(is_last.then_some(self.writer.returned)).await;
                (self.packer.finish(self.writer.end(matched)), false)
            }
        })
    }
}

/// Writes the collection around the features.
struct Writer {
    offset: UtcOffset,
    returned: u64,
    address: Address,
    collection: String,
    /// Where the last piece ended, if there are more.
    last: Option<FeatureCursor>,
}

impl Writer {
    /// A piece, after the start of the collection where it is the first.
    fn piece(&mut self, piece: FeaturePage) -> Vec<u8> {
        let before = match self.returned {
            0 => self.start(),
            _ if piece.count > 0 => vec![b','],
            _ => Vec::new(),
        };
        self.returned += piece.count;
        self.last = piece.next;
        let mut bytes = piece.features;
        bytes.splice(0..0, before);
        bytes
    }

    fn start(&self) -> Vec<u8> {
        let head = json!({
            "type": "FeatureCollection",
            "timeStamp": moment::to_json(Some(Moment::now()), self.offset),
        });
        let mut bytes = head.to_string().into_bytes();
        bytes.pop();
        bytes.extend_from_slice(br#","features":["#);
        bytes
    }

    /// The end of the collection, after its start where there was no piece.
    fn end(&self, matched: Option<u64>) -> Vec<u8> {
        let mut bytes = if self.returned == 0 { self.start() } else { Vec::new() };
        let mut tail = json!({"numberReturned": self.returned, "links": self.links(matched)});
        if let Some(matched) = matched {
            tail["numberMatched"] = matched.into();
        }
        bytes.push(b']');
        bytes.push(b',');
        bytes.extend_from_slice(&tail.to_string().as_bytes()[1..]);
        bytes
    }

    fn links(&self, matched: Option<u64>) -> Vec<Link> {
        let mut links = vec![
            Link::new(Rel::Itself, MediaType::GeoJson, self.address.itself()),
            Link::new(Rel::Alternate, MediaType::Html, self.address.as_page()),
            Link::new(Rel::Collection, MediaType::Json, &self.collection),
        ];
        let next = self.last.map(|after| self.address.next(&Token { after, matched }.encode()));
        links.extend(next.map(|next| Link::new(Rel::Next, MediaType::GeoJson, next)));
        links
    }
}

/// Packs one answer, piece by piece.
pub(in crate::routes::ogc) struct Packer(Option<GzEncoder<Vec<u8>>>);

impl Packer {
    pub fn new(encoding: Encoding) -> Self {
        let is_packed = encoding == Encoding::Gzip;
        // The quickest level: geometry is digits, which no level packs much better.
        Self(is_packed.then(|| GzEncoder::new(Vec::new(), Compression::fast())))
    }

    /// What can be sent by now.
    pub fn pack(&mut self, bytes: Vec<u8>) -> Bytes {
        let Some(encoder) = &mut self.0 else { return bytes.into() };
        encoder.write_all(&bytes).and_then(|()| encoder.flush()).expect("memory takes every byte");
        std::mem::take(encoder.get_mut()).into()
    }

    /// The rest.
    pub fn finish(&mut self, bytes: Vec<u8>) -> Bytes {
        let Some(mut encoder) = self.0.take() else { return bytes.into() };
        encoder.write_all(&bytes).expect("memory takes every byte");
        encoder.finish().expect("memory takes every byte").into()
    }
}
