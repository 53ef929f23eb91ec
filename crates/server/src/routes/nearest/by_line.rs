//! The nearest features by geodesic distance.
//!
//! A filter that refuses almost all that there is ends its search: the answer says so, how far it
//! came, and holds nothing beyond.
//!
//! A question about a few points is answered on the spot, so that it waits for no other thread. All
//! others are answered off the threads that serve connections.

use axum::response::Response;
use urbis_catalog::{Layer, UtcOffset};
use urbis_model::{GeometryKind, Metres};
use urbis_nearest::{Ask, Nearest, nearest_if_quick, nearest_until};
use urbis_snapshot::City;

use crate::geojson::FeatureWriter;
use crate::present::Published;
use crate::problem::ApiError;
use crate::reply::{Caller, Content};
use crate::searched::Searched;
use crate::state::AppState;

/// Most answers on the spot: each is written there, too.
const QUICK_LIMIT: usize = 20;

/// Most points that are looked at on the spot.
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
    Box::pin(send_searched(state, caller, published, ask)).await
}

/// The same off the threads that serve connections.
async fn send_searched(
    state: &AppState,
    caller: &Caller,
    published: Published,
    ask: AskByLine,
) -> Result<Response, ApiError> {
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
        Some(self.write(city, "", found.into_iter().map(|answer| (layer, answer))))
    }

    fn answer(&self, city: &City) -> Result<Vec<u8>, ApiError> {
        let (found, searched) = self.find(city)?;
        let told = match searched {
            Some(Metres(searched_m)) => {
                format!(r#","is_complete":false,"searched_m":{}"#, searched_m.floor())
            }
            None if self.searched.has_filter() => r#","is_complete":true"#.to_owned(),
            None => String::new(),
        };
        Ok(self.write(city, &told, found.into_iter()))
    }

    /// The nearest, and how far everything was surely looked at, `None` where nothing is missing.
    /// Each layer is searched no farther than the worst answer of those before, nor than a search
    /// before came that gave up.
    fn find<'a>(&self, city: &'a City) -> Result<(Vec<Found<'a>>, Option<Metres>), ApiError> {
        let mut ask = self.ask;
        let mut found: Vec<Found<'a>> = Vec::new();
        let mut searched: Option<Metres> = None;
        for one in self.searched.of(city)? {
            let nearer = nearest_until(one.snapshot, &ask, |feature| one.asks_for(feature));
            found.extend(nearer.features.into_iter().map(|answer| (one.layer, answer)));
            if let Some(end) = nearer.searched {
                searched = Some(end);
                ask.within = end;
                found.retain(|(_, answer)| answer.distance.0 <= end.0);
            }
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
        // Where there are as many as are wanted, what lies beyond them is missed by nobody.
        let is_full = found.len() == ask.limit;
        Ok((found, searched.filter(|_| !is_full)))
    }

    /// `told` is more members of the collection, each after a comma.
    fn write<'a>(
        &self,
        city: &City,
        told: &str,
        found: impl Iterator<Item = Found<'a>>,
    ) -> Vec<u8> {
        let revision = city.revision();
        let head = format!(r#"{{"type":"FeatureCollection","revision":{revision}{told}}}"#);
        let mut writer = FeatureWriter::new(&head, self.ask.visibility.class, self.offset);
        for (layer, answer) in found {
            writer.write(layer, answer.feature, answer.distance, &[]);
        }
        writer.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use geo_types::{Geometry, Point, line_string};
    use serde_json::{Value, json};
    use urbis_catalog::Catalog;
    use urbis_model::{
        AttributeValue, Feature, FeatureId, LonLat, Moment, Openness, Revision, Validity,
    };
    use urbis_snapshot::Visibility;

    use super::*;
    use crate::query::Query;
    use crate::test_support::points;

    /// A hundred to the east of a place, some 10.7 m from one to the next; every tenth is a palm.
    fn row_of(kind: GeometryKind) -> City {
        let geometry = |lon: f64| -> Geometry<f64> {
            match kind {
                GeometryKind::Point => Point::new(lon, 16.0).into(),
                _ => line_string![(x: lon, y: 15.999), (x: lon, y: 16.001)].into(),
            }
        };
        let feature = |number: i64| Feature {
            id: FeatureId::new(number).unwrap(),
            geometry: Some(geometry(108.2 + number as f64 * 1e-4)),
            attributes: vec![AttributeValue::text(if number % 10 == 0 { "palm" } else { "fig" })],
            validity: Validity::ALWAYS,
        };
        let layer = Layer { geometry: kind, ..points("tree") };
        let (id, catalog) = (layer.id.clone(), Catalog::from_layers(vec![layer]).unwrap());
        let features = (1..=100).map(feature).collect();
        City::build(Arc::new(catalog), Revision(1), vec![(id, features)], Moment(0))
    }

    fn ask(city: &City, query: &str, work: usize) -> Value {
        let query = Query::parse(Some(query), &["filter", "filter-lang"]).unwrap();
        let searched = Searched::read(&query, city.catalog(), "tree", Openness::Open).unwrap();
        let ask = AskByLine {
            searched: searched.with_work(work),
            ask: Ask {
                from: LonLat::new(108.2, 16.0).unwrap(),
                limit: 3,
                within: Metres(20_000_000.0),
                visibility: Visibility::now(Openness::Open),
            },
            offset: "+07:00".parse().unwrap(),
        };
        serde_json::from_slice(&ask.answer(city).unwrap()).unwrap()
    }

    fn ids(answer: &Value) -> Vec<i64> {
        let features = answer["features"].as_array().unwrap();
        features.iter().map(|feature| feature["id"].as_i64().unwrap()).collect()
    }

    #[test]
    fn a_filter_that_refuses_almost_everything_is_given_up_and_the_answer_says_so() {
        let city = row_of(GeometryKind::Point);
        let palms = "filter=name%3D%27palm%27";
        let whole = ask(&city, palms, 1_000);
        assert_eq!((ids(&whole), &whole["is_complete"]), (vec![10, 20, 30], &json!(true)));
        assert_eq!(whole.get("searched_m"), None);

        let ended = ask(&city, palms, 25);
        assert_eq!((ids(&ended), &ended["is_complete"]), (vec![10, 20], &json!(false)));
        // Between the last tree that was looked at and the next.
        let searched_m = ended["searched_m"].as_f64().unwrap();
        assert!((250.0..290.0).contains(&searched_m), "{searched_m}");

        let none = ask(&city, "filter=name%3D%27oak%27", 1_000);
        assert_eq!((ids(&none), &none["is_complete"]), (vec![], &json!(true)));
        // As many as are wanted were found before the end: nothing is missing.
        let enough = ask(&city, palms, 30);
        assert_eq!((ids(&enough), &enough["is_complete"]), (vec![10, 20, 30], &json!(true)));
    }

    #[test]
    fn a_geometry_that_is_compared_counts_more_than_a_box() {
        let city = row_of(GeometryKind::Point);
        let far = "filter=S_INTERSECTS(geom,BBOX(109,16,110,17))";
        assert_eq!(ask(&city, far, 101)["is_complete"], json!(true));
        let fences = row_of(GeometryKind::MultiLineString);
        let across = "filter=S_EQUALS(geom,LINESTRING(108%2016,109%2016))";
        let ended = ask(&fences, across, 1_000);
        assert_eq!((ids(&ended), &ended["is_complete"]), (vec![], &json!(false)));
        assert_eq!(ask(&fences, across, 10_000)["is_complete"], json!(true));
    }

    #[test]
    fn without_a_filter_nothing_is_said_of_its_end() {
        let answer = ask(&row_of(GeometryKind::Point), "", 0);
        assert_eq!(ids(&answer), [1, 2, 3]);
        assert_eq!(answer.get("is_complete"), None);
    }
}
