//! `/ogc/collections/{id}/items` and one feature of it: straight out of the database.

mod address;
mod matched;
pub(super) mod parameters;
mod read;
pub(super) mod stream;
mod token;

use axum::extract::RawQuery;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::Response;
use urbis_model::FeatureId;
use urbis_ogc::MediaType;
use urbis_store::{FeatureAsk, FeatureCrs};

use self::address::Address;
use self::parameters::{ItemParameters, ItemsParameters};
use super::asked::Asked;
use super::form::Form;
use crate::features::refused;
use crate::problem::{ApiError, echo};
use crate::reply::{Caching, Content, Head};
use crate::routes::{PathOf, decoded};

/// The CRS of an answer (OGC 18-058r1, 6.4).
const CONTENT_CRS: HeaderName = HeaderName::from_static("content-crs");

/// What leads from features to what filters may name (OGC 19-079r2, 7.2).
const QUERYABLES: &str = "http://www.opengis.net/def/rel/ogc/1.0/queryables";

/// Longest link in the head of an answer, bytes.
const MAX_LINK_LEN: usize = 2048;

/// Most features on a page for people.
const MAX_PAGE_ROWS: u64 = 100;

/// Answers the features of a layer: those that hold now, or when `datetime` says.
///
/// A page is sent as it comes out of the database, a piece at a time. `numberMatched` is known
/// from memory, or counted once for a filter and carried to the next pages; it stands behind the
/// features, which do not wait for it, and is absent where it takes too long.
///
/// # Errors
///
/// [`ApiError::UnknownLayer`] (404), 400 for what is wrong with a parameter,
/// [`ApiError::FeaturesAway`] (503).
pub(super) async fn get_items(
    asked: Asked,
    method: Method,
    path: PathOf<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let id = decoded(path)?;
    let layer = asked.layer(&id)?.clone();
    let site = asked.site();
    let raw = query.as_deref().unwrap_or_default();
    let offset = asked.state.city_settings().utc_offset;
    let parameters = ItemsParameters::read(raw, &layer, site.class, offset)?;
    let form = Form::negotiate(parameters.form.as_deref(), &headers)?;
    let address = Address::new(site.layer_url(&layer, "/items"), raw);
    let links = [
        (address.itself(), "self", MediaType::GeoJson),
        (address.as_page(), "alternate", MediaType::Html),
        (site.layer_url(&layer, "/queryables"), QUERYABLES, MediaType::Schema),
    ];
    let mut response = match (method, form) {
        (Method::HEAD, Form::Data) => {
            head(&asked, Caching::Revalidate).ok_unknown("application/geo+json")
        }
        (_, Form::Data) => stream::send(&asked, &layer, &parameters, address).await?,
        (_, Form::Page) => read::send_page(&asked, &layer, &parameters, &address).await?,
    };
    name_crs(&mut response, parameters.crs);
    links.into_iter().for_each(|link| add_link(&mut response, link));
    Ok(response)
}

/// Answers one feature, whenever it holds.
///
/// # Errors
///
/// [`ApiError::UnknownLayer`], [`ApiError::UnknownFeature`] (404), 400 for what is wrong with
/// a parameter, [`ApiError::FeaturesAway`] (503).
pub(super) async fn get_item(
    asked: Asked,
    path: PathOf<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let (id, feature) = decoded(path)?;
    let layer = asked.layer(&id)?.clone();
    let raw = query.as_deref().unwrap_or_default();
    let parameters = ItemParameters::read(raw)?;
    let form = Form::negotiate(parameters.form.as_deref(), &headers)?;
    let unknown = || ApiError::UnknownFeature { layer: layer.id.clone(), id: echo(&feature) };
    let feature_id = read_id(&feature).ok_or_else(unknown)?;

    let (reader, _place) = asked.state.features()?.admit()?;
    let ask =
        FeatureAsk { crs: parameters.crs, ..FeatureAsk::all(&layer, asked.caller.access.class()) };
    let found = reader.one(&ask, feature_id).await.map_err(|cause| refused(&cause))?;
    let found = found.ok_or_else(unknown)?;
    let address =
        Address::new(asked.site().layer_url(&layer, &format!("/items/{feature_id}")), raw);
    let mut response = match form {
        Form::Data => {
            let body = read::with_links(&asked, &layer, &address, found);
            let content = Content::geojson(asked.published.clone(), body);
            content.send(&asked.state, &asked.caller).await?
        }
        Form::Page => read::send_feature_page(&asked, &layer, &address, &found).await?,
    };
    name_crs(&mut response, parameters.crs);
    Ok(response)
}

/// One spelling a feature: no sign, no leading zero.
fn read_id(text: &str) -> Option<FeatureId> {
    let id = FeatureId::new(text.parse().ok()?).ok()?;
    (id.to_string() == text).then_some(id)
}

pub(super) fn head(asked: &Asked, caching: Caching) -> Head {
    let audience = asked.caller.access.audience();
    Head { etag: None, caching, audience, published: Some(asked.published.clone()) }
}

/// A link in the head of an answer, where HEAD finds it, too (RFC 8288).
pub(super) fn add_link(
    response: &mut Response,
    (href, rel, media_type): (String, &str, MediaType),
) {
    let text = format!("<{href}>; rel=\"{rel}\"; type=\"{}\"", media_type.as_str());
    // One with a long filter would fill the head; it stands in the body all the same.
    let value = HeaderValue::try_from(text).ok().filter(|value| value.len() <= MAX_LINK_LEN);
    value.into_iter().for_each(|value| {
        response.headers_mut().append(header::LINK, value);
    });
}

pub(super) fn name_crs(response: &mut Response, crs: FeatureCrs) {
    if let Ok(uri) = HeaderValue::try_from(format!("<{}>", crs.uri())) {
        response.headers_mut().insert(CONTENT_CRS, uri);
    }
}
