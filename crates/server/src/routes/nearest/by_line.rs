//! The nearest features by geodesic distance.
//!
//! A question about a few points is answered on the spot: to hand it to another thread and back
//! would take longer than the answer. All others are answered off the threads that serve
//! connections.

use axum::response::Response;
use urbis_catalog::{Layer, UtcOffset};
use urbis_model::GeometryKind;
use urbis_nearest::{Ask, Nearest, nearest, nearest_if_quick};
use urbis_snapshot::City;

use crate::geojson::FeatureWriter;
use crate::present::Published;
use crate::problem::ApiError;
use crate::reply::{Caller, Content};
use crate::searched::Searched;
use crate::state::AppState;

/// Most answers on the spot: writing them takes some microseconds each.
const QUICK_LIMIT: usize = 20;

/// Most points that are looked at on the spot, half a microsecond each.
const QUICK_LOOKS: usize = 500;

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct AskByLine {
    pub searched: Searched,
    pub ask: Ask,
    pub offset: UtcOffset,
}

/// Answers a GeoJSON collection in order of distance.
///
/// # Errors
///
/// [`ApiError::FilterRefused`].
pub(super) async fn send(
    state: &AppState,
    caller: &Caller,
    published: Published,
    ask: AskByLine,
) -> Result<Response, ApiError> {
    if let Some(body) = ask.answer_if_quick(&published.city) {
        return Ok(Content::geojson(published, body).send_small(caller));
    }
    let held = published.clone();
    let search = move || ask.answer(&held.city);
    let body = state.off_runtime("searching the nearest", search).await??;
    Content::geojson(published, body).send(state, caller).await
}

/// A feature of one of the layers.
type Found<'a> = (&'a Layer, Nearest<'a>);

impl AskByLine {
    /// The answer where a few points of one layer are looked at for it.
    fn answer_if_quick(&self, city: &City) -> Option<Vec<u8>> {
        let layer = city.catalog().layer(self.searched.only_layer()?)?;
        if layer.geometry != GeometryKind::Point || self.ask.limit > QUICK_LIMIT {
            return None;
        }
        let found = nearest_if_quick(city.layer(&layer.id)?, &self.ask, QUICK_LOOKS)?;
        Some(self.write(city, found.into_iter().map(|answer| (layer, answer))))
    }

    fn answer(&self, city: &City) -> Result<Vec<u8>, ApiError> {
        Ok(self.write(city, self.find(city)?.into_iter()))
    }

    /// Each layer is searched no farther than the worst answer of those before.
    fn find<'a>(&self, city: &'a City) -> Result<Vec<Found<'a>>, ApiError> {
        let mut ask = self.ask;
        let mut found: Vec<Found<'a>> = Vec::new();
        for one in self.searched.of(city)? {
            let nearer = nearest(one.snapshot, &ask, |feature| one.asks_for(feature));
            found.extend(nearer.into_iter().map(|answer| (one.layer, answer)));
            found.sort_by(|(one_layer, one), (other_layer, other)| {
                let by_distance = one.distance.0.total_cmp(&other.distance.0);
                let by_layer = by_distance.then_with(|| one_layer.id.cmp(&other_layer.id));
                by_layer.then_with(|| one.feature.id().cmp(&other.feature.id()))
            });
            found.truncate(ask.limit);
            if let Some((_, worst)) = found.last().filter(|_| found.len() == ask.limit) {
                ask.within = worst.distance;
            }
        }
        Ok(found)
    }

    fn write<'a>(&self, city: &City, found: impl Iterator<Item = Found<'a>>) -> Vec<u8> {
        let head = format!(r#"{{"type":"FeatureCollection","revision":{}}}"#, city.revision());
        let mut writer = FeatureWriter::new(head, self.ask.visibility.class, self.offset);
        for (layer, answer) in found {
            writer.write(layer, answer.feature, answer.distance, &[]);
        }
        writer.finish()
    }
}
