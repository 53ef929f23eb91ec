//! Features that are read whole: one, or as many as a page for people shows.

use axum::response::Response;
use serde_json::Value;
use urbis_catalog::Layer;
use urbis_ogc::{FeatureTable, Link, MediaType, Rel};
use urbis_store::{FeatureAsk, FeatureReader};

use super::MAX_PAGE_ROWS;
use super::address::Address;
use super::parameters::ItemsParameters;
use super::token::Token;
use crate::features::refused;
use crate::problem::ApiError;
use crate::reply::Content;
use crate::routes::ogc::asked::Asked;
use crate::routes::ogc::page::as_page;

/// How many features a layer has that hold now.
pub(super) fn in_memory(asked: &Asked, ask: &FeatureAsk<'_>) -> u64 {
    let snapshot = asked.published.city.layer(&ask.layer.id);
    snapshot.map_or(0, |snapshot| snapshot.count(ask.class)) as u64
}

/// How many features are asked for on all pages: carried from the page before, known from memory,
/// or counted.
///
/// # Errors
///
/// [`ApiError::FeaturesAway`].
async fn count(
    asked: &Asked,
    reader: &FeatureReader,
    parameters: &ItemsParameters,
    ask: &FeatureAsk<'_>,
) -> Result<u64, ApiError> {
    if let Some(matched) = parameters.after.and_then(|token| token.matched) {
        return Ok(matched);
    }
    if parameters.is_all() {
        return Ok(in_memory(asked, ask));
    }
    reader.count(ask).await.map_err(|cause| refused(&cause))
}

/// Answers a page of features for people.
///
/// # Errors
///
/// [`ApiError::FeaturesAway`], [`ApiError::Overloaded`].
pub(super) async fn send_page(
    asked: &Asked,
    layer: &Layer,
    parameters: &ItemsParameters,
    address: &Address,
) -> Result<Response, ApiError> {
    let (reader, _place) = asked.state.features()?.admit()?;
    let class = asked.caller.access.class();
    let ask = parameters.ask(layer, class, asked.published.city.at());
    let ask = FeatureAsk { limit: ask.limit.min(MAX_PAGE_ROWS), ..ask };
    let matched = count(asked, reader, parameters, &ask).await?;
    let page = reader.page(&ask).await.map_err(|cause| refused(&cause))?;
    let next =
        page.next.map(|after| address.next(&Token { after, matched: Some(matched) }.encode()));
    let features = parse(&[b"[", &*page.features, b"]"].concat())?;
    let features = features.as_array().map_or(&[][..], Vec::as_slice);
    let json = address.plain();
    let table = FeatureTable { layer, json: &json, features, matched, next: next.as_deref() };
    let body = asked.site().items_page(&table);
    let content = Content::json(asked.published.clone(), body);
    as_page(content, &asked.state, &asked.caller).await
}

/// Answers one feature for people.
///
/// # Errors
///
/// [`ApiError::Internal`].
pub(super) async fn send_feature_page(
    asked: &Asked,
    layer: &Layer,
    address: &Address,
    feature: &[u8],
) -> Result<Response, ApiError> {
    let body = asked.site().item_page(layer, &parse(feature)?, &address.plain());
    let content = Content::json(asked.published.clone(), body);
    as_page(content, &asked.state, &asked.caller).await
}

/// A feature with its links among its members.
pub(super) fn with_links(
    asked: &Asked,
    layer: &Layer,
    address: &Address,
    mut feature: Vec<u8>,
) -> Vec<u8> {
    let links = [
        Link::new(Rel::Itself, MediaType::GeoJson, address.itself()),
        Link::new(Rel::Alternate, MediaType::Html, address.as_page()),
        Link::new(Rel::Collection, MediaType::Json, asked.site().layer_url(layer, "")),
    ];
    // What was the end of the feature is the place for one more member.
    feature.pop();
    feature.extend_from_slice(br#","links":"#);
    feature.extend_from_slice(serde_json::json!(links).to_string().as_bytes());
    feature.push(b'}');
    feature
}

fn parse(json: &[u8]) -> Result<Value, ApiError> {
    serde_json::from_slice(json).map_err(|_| ApiError::Internal { doing: "reading features" })
}
