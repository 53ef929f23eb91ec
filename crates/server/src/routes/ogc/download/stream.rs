//! Files that are sent while they are read.

use std::pin::Pin;

use axum::body::Body;
use axum::http::header;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::Fuse;
use futures_util::{Stream, StreamExt};
use tokio::sync::OwnedSemaphorePermit;
use urbis_catalog::Layer;
use urbis_export::{Format, RecordWriter, Sheet, begin_geojson, end_geojson};
use urbis_store::{FeaturePage, FeatureRecords, StoreError};

use super::{Selection, caching};
use crate::encoding::Encoding;
use crate::features::refused;
use crate::problem::ApiError;
use crate::routes::ogc::asked::Asked;
use crate::routes::ogc::items::head;
use crate::routes::ogc::items::stream::Packer;
use crate::state::AppState;

/// Answers with a stream.
///
/// What goes wrong before the first piece is a problem; after it the connection ends early, so
/// that no client takes a part for the whole.
///
/// # Errors
///
/// [`ApiError::FeaturesAway`], [`ApiError::Overloaded`], [`ApiError::DownloadsBusy`].
pub(super) async fn send(
    asked: &Asked,
    layer: &Layer,
    selection: &Selection,
) -> Result<Response, ApiError> {
    let class = asked.caller.access.class();
    let (reader, question) = asked.state.features()?.admit()?;
    let place = asked.state.downloads()?.admit_stream()?;
    let ask = selection.ask(layer, class, asked.published.city.at());
    let sheet = Sheet { layer, attributes: ask.attributes(), srid: selection.crs().srid() };
    let format = selection.format();
    let mut pieces: Pieces = if format == Format::GeoJson {
        let pieces = reader.stream(&ask).map(|piece| piece.map(Piece::Text));
        (Box::pin(pieces) as BoxedPieces).fuse()
    } else {
        let pieces = reader.records(&ask).map(|piece| piece.map(Piece::Records));
        (Box::pin(pieces) as BoxedPieces).fuse()
    };
    let first = pieces.next().await.transpose().map_err(|cause| refused(&cause))?;
    let encoding = match (format, asked.caller.quick_encoding) {
        (Format::GeoJson | Format::Csv, Encoding::Gzip) => Encoding::Gzip,
        _ => Encoding::Identity,
    };
    let sending = Sending {
        state: asked.state.clone(),
        writer: Some((Writer::new(format, &sheet), Packer::new(encoding))),
        step: Step::Begin,
        pieces,
        first,
        _places: [question, place],
    };
    let mut response = Response::new(Body::from_stream(sending.start()));
    let headers = response.headers_mut();
    head(asked, caching(class)).apply(headers);
    if encoding == Encoding::Gzip {
        headers.insert(header::CONTENT_ENCODING, encoding.header());
    }
    Ok(response)
}

/// Some features, as their format wants them.
enum Piece {
    Text(FeaturePage),
    Records(FeatureRecords),
}

type BoxedPieces = Pin<Box<dyn Stream<Item = Result<Piece, StoreError>> + Send>>;
type Pieces = Fuse<BoxedPieces>;

/// What is left to send.
struct Sending {
    state: AppState,
    /// Away while a piece is written.
    writer: Option<(Writer, Packer)>,
    step: Step,
    pieces: Pieces,
    /// Read before the head was sent.
    first: Option<Piece>,
    /// Held until the last byte is sent, or the client leaves.
    _places: [OwnedSemaphorePermit; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Begin,
    Features,
    Done,
}

/// Why a file ends early.
#[derive(Debug, thiserror::Error)]
enum Cut {
    #[error("features cannot be read")]
    Store(#[from] StoreError),
    #[error("features cannot be written")]
    Writer,
}

impl Sending {
    /// The bytes of the answer.
    fn start(self) -> impl Stream<Item = Result<Bytes, Cut>> + Send {
        let steps = futures_util::stream::try_unfold(self, async |mut sending| {
            let bytes = sending.next().await.inspect_err(|cause| {
                if let Cut::Store(cause) = cause {
                    refused(cause);
                }
            })?;
            Ok(bytes.map(|bytes| (bytes, sending)))
        });
        steps.filter(|bytes| {
            let is_worth = bytes.as_ref().is_ok_and(Bytes::is_empty);
            std::future::ready(!is_worth)
        })
    }

    /// The next bytes; nothing after the last.
    async fn next(&mut self) -> Result<Option<Bytes>, Cut> {
        if self.step == Step::Done {
            return Ok(None);
        }
        let piece = match self.first.take() {
            Some(first) => Some(first),
            None => self.pieces.next().await.transpose()?,
        };
        let (mut writer, mut packer) = self.writer.take().ok_or(Cut::Writer)?;
        let is_first = self.step == Step::Begin;
        self.step = if piece.is_some() { Step::Features } else { Step::Done };
        // Thousands of features: off the threads that serve connections.
        let write = move || {
            let mut bytes = if is_first { writer.begin() } else { Vec::new() };
            let packed = match piece {
                Some(piece) => {
                    writer.put(&mut bytes, &piece);
                    packer.pack(bytes)
                }
                None => {
                    bytes.extend_from_slice(writer.end());
                    packer.finish(bytes)
                }
            };
            (writer, packer, packed)
        };
        let written = self.state.off_runtime("writing a file", write).await;
        let (writer, packer, packed) = written.map_err(|_| Cut::Writer)?;
        self.writer = Some((writer, packer));
        Ok(Some(packed))
    }
}

/// Writes one file.
enum Writer {
    GeoJson { begin: Vec<u8>, has_features: bool },
    Records(Box<dyn RecordWriter + Send>),
}

impl Writer {
    fn new(format: Format, sheet: &Sheet<'_>) -> Self {
        <dyn RecordWriter>::of(format, sheet).map_or_else(
            || Self::GeoJson { begin: begin_geojson(sheet), has_features: false },
            Self::Records,
        )
    }

    fn begin(&self) -> Vec<u8> {
        match self {
            Self::GeoJson { begin, .. } => begin.clone(),
            Self::Records(writer) => writer.header().to_vec(),
        }
    }

    fn put(&mut self, bytes: &mut Vec<u8>, piece: &Piece) {
        match (self, piece) {
            (Self::GeoJson { has_features, .. }, Piece::Text(page)) => {
                if *has_features && page.count > 0 {
                    bytes.extend_from_slice(b",\n");
                }
                *has_features |= page.count > 0;
                bytes.extend_from_slice(&page.features);
            }
            (Self::Records(writer), Piece::Records(records)) => records
                .iter()
                .for_each(|record| writer.put(bytes, record.id, record.wkb, &record.values)),
            // Pieces are chosen by the format.
            (Self::GeoJson { .. }, Piece::Records(_)) | (Self::Records(_), Piece::Text(_)) => {}
        }
    }

    const fn end(&self) -> &'static [u8] {
        match self {
            Self::GeoJson { .. } => end_geojson(),
            Self::Records(_) => b"",
        }
    }
}
