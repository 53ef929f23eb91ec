//! `/ogc/collections/{id}/download` and `/ogc/download`: features as files to take home.
//!
//! GeoJSON, CSV and FlatGeobuf are sent as they come out of the database, a piece at a time.
//! GeoPackages and Shapefiles are made first, by another process. A file's coordinates are x before
//! y in every CRS, so that of EPSG:4326 is sent as CRS84, which is the same with its axes so.
//!
//! A layer's file has no entity tag: it is read from the database, which may be ahead of the city in
//! memory, and the revision of that city also tells of what the caller may not see. Whoever keeps a
//! copy asks for the changes since the `Urbis-Position` that came with it.

mod name;
mod selection;
mod stream;

use axum::body::Body;
use axum::extract::RawQuery;
use axum::http::{HeaderValue, Method, header};
use axum::response::Response;
use tokio::io::AsyncRead;
use urbis_catalog::{Credit, Layer};
use urbis_export::Format;
use urbis_model::Openness;
use urbis_ogc::MediaType;

use self::name::FileName;
use super::asked::Asked;
use super::items::{add_link, head, name_crs};
use crate::downloads::Job;
use crate::problem::{ApiError, echo};
use crate::query::Query;
use crate::reply::Caching;
use crate::routes::{PathOf, decoded};

pub use self::selection::{Selection, SelectionRefused};

/// Bytes of a file that are read at once.
const PIECE_LEN: usize = 256 << 10;

/// What the file of the whole city may be.
const CITY_FORMAT: &str = "gpkg";

/// Answers features of a layer as a file.
///
/// # Errors
///
/// [`ApiError::UnknownLayer`] (404), 400 for what is wrong with a parameter and for a file that
/// would be too large, 503 where the database is away or too many files are being made.
pub(super) async fn get_download(
    asked: Asked,
    method: Method,
    path: PathOf<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let id = decoded(path)?;
    let layer = asked.layer(&id)?.clone();
    let class = asked.caller.access.class();
    let offset = asked.state.city_settings().utc_offset;
    let raw = query.as_deref().unwrap_or_default();
    let selection = Selection::read(raw, &layer, class, offset)?;
    let format = selection.format();
    let mut response = match format {
        _ if method == Method::HEAD => head(&asked, caching(class)).ok_unknown(format.media_type()),
        Format::GeoJson | Format::Csv | Format::FlatGeobuf => {
            stream::send(&asked, &layer, &selection).await?
        }
        Format::GeoPackage | Format::Shapefile => {
            let query = selection::at_a_moment(raw, asked.published.city.at(), offset);
            let job = Job { format, class, layer: Some(&layer.id), query };
            let made = asked.state.downloads()?.make(job).await?;
            let length = made.length;
            let mut response = send_file(made, |made| &mut made.file, length);
            head(&asked, caching(class)).apply(response.headers_mut());
            response
        }
    };
    name_crs(&mut response, selection.crs());
    let name = FileName::of_layer(&asked, &layer, format);
    describe(&mut response, format, &name, &Credit::of(&layer));
    add_link(&mut response, (asked.site().layer_url(&layer, ""), "collection", MediaType::Json));
    Ok(response)
}

/// Answers all layers that the caller may see as one GeoPackage with styles.
///
/// # Errors
///
/// As [`get_download`].
pub(super) async fn get_city(
    asked: Asked,
    method: Method,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = Query::parse(query.as_deref(), &["f"])?;
    let (name, wanted) = ("f", CITY_FORMAT);
    match query.text(name) {
        Some(CITY_FORMAT) => {}
        Some(other) => return Err(ApiError::InvalidParameter { name, found: echo(other), wanted }),
        None => return Err(ApiError::MissingParameter { name, wanted }),
    }
    let class = asked.caller.access.class();
    let mut head = head(&asked, caching(class));
    let format = Format::GeoPackage;
    let mut response = if method == Method::HEAD {
        head.ok_unknown(format.media_type())
    } else {
        let downloads = asked.state.downloads()?;
        let city = downloads.city(class, asked.published.revision()).await?;
        let is_held = asked.caller.if_none_match.matches(&city.etag);
        head.etag = Some(city.etag.clone());
        if is_held {
            return Ok(head.not_modified());
        }
        let length = city.length;
        let mut response = send_file(city, |city| &mut city.file, length);
        head.apply(response.headers_mut());
        response
    };
    let layers: Vec<&Layer> = asked.site().layers().collect();
    let name = FileName::of_city(&asked, format);
    describe(&mut response, format, &name, &Credit::of_all(layers));
    Ok(response)
}

/// What is not for everybody is kept by nobody.
const fn caching(class: Openness) -> Caching {
    match class {
        Openness::Open => Caching::Revalidate,
        Openness::Internal | Openness::Restricted => Caching::Nothing,
    }
}

/// Says what the file is, what it is called, and under which terms it may be used.
fn describe(response: &mut Response, format: Format, name: &FileName, credit: &Credit) {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    headers.insert(header::CONTENT_DISPOSITION, name.disposition());
    for address in credit.addresses() {
        add_link(response, (address, "license", MediaType::Html));
    }
}

/// Sends a file a piece at a time; what it comes from is dropped when the last piece was sent or
/// the client has left.
fn send_file<S, F>(
    source: S,
    file: impl Fn(&mut S) -> &mut F + Send + 'static,
    length: u64,
) -> Response
where
    S: Send + 'static,
    F: AsyncRead + Unpin + Send + 'static,
{
    let pieces = futures_util::stream::try_unfold((source, file), async |(mut source, file)| {
        let piece = read_piece(file(&mut source)).await?;
        Ok::<_, std::io::Error>((!piece.is_empty()).then_some((piece, (source, file))))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    response
}

async fn read_piece(file: &mut (impl AsyncRead + Unpin)) -> std::io::Result<bytes::Bytes> {
    use tokio::io::AsyncReadExt;
    let mut piece = bytes::BytesMut::with_capacity(PIECE_LEN);
    file.read_buf(&mut piece).await?;
    Ok(piece.freeze())
}
