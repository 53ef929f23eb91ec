//! `GET /at?lon&lat&on`: everything at a place, now or at another moment.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::json;
use urbis_catalog::{Layer, UtcOffset};
use urbis_model::{GeometryKind, LonLat, Metres};
use urbis_snapshot::{LayerSnapshot, SnapshotFeature, Visibility};

use crate::geojson::FeatureWriter;
use crate::layers::visible;
use crate::moment;
use crate::present::Published;
use crate::problem::ApiError;
use crate::query::Query;
use crate::reply::{Caller, Content};
use crate::state::AppState;

/// A line or a point is at a place while it is within this distance.
const REACH: Metres = Metres(50.0);

/// Answers the polygons that contain the place, and the nearest feature of each layer of lines or
/// points within 50 m, in order of layer ids. Geometry is exact; what goes beyond 100 000 vertices
/// in one answer is null, and the feature says `geometry_omitted`.
///
/// `on` is a day (its start in the city's time) or a moment of RFC 3339; then the features that
/// held in the world at that moment, as they are recorded today. The answer repeats it in the
/// city's time; it is null where the question was about now.
///
/// # Errors
///
/// 400 for parameters.
pub(crate) async fn get_at(
    State(state): State<AppState>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = Query::parse(query.as_deref(), &["lon", "lat", "on"])?;
    let offset = state.city_settings().utc_offset;
    let visibility = Visibility { class: caller.access.class(), on: query.moment("on", offset)? };
    let ask = Ask { at: query.place()?, visibility, offset };
    let published = state.published()?;
    let held = published.clone();
    let look = move || ask.look(&held);
    let body = state.off_runtime("looking at a place", look).await?;
    Content::json(published, body).send(&state, &caller).await
}

struct Ask {
    at: LonLat,
    visibility: Visibility,
    offset: UtcOffset,
}

impl Ask {
    fn look(&self, published: &Published) -> Vec<u8> {
        let city = &published.city;
        let class = self.visibility.class;
        let head = json!({
            "lon": self.at.lon(),
            "lat": self.at.lat(),
            "on": moment::to_json(self.visibility.on, self.offset),
            "revision": published.revision(),
        });
        let mut writer = FeatureWriter::new(&head.to_string(), class, self.offset);
        for layer in visible(city.catalog(), class) {
            let snapshot = city.layer(&layer.id);
            let found = snapshot.map(|snapshot| self.found_in(layer, snapshot));
            for (feature, distance) in found.into_iter().flatten() {
                writer.write(layer, feature, distance, &[]);
            }
        }
        writer.finish()
    }

    fn found_in<'a>(
        &self,
        layer: &Layer,
        snapshot: &'a LayerSnapshot,
    ) -> Vec<(SnapshotFeature<'a>, Metres)> {
        let Self { at, visibility, .. } = *self;
        match layer.geometry {
            GeometryKind::MultiPolygon => {
                let inside = urbis_nearest::containing(snapshot, at, visibility).into_iter();
                inside.map(|feature| (feature, Metres(0.0))).collect()
            }
            GeometryKind::Point | GeometryKind::MultiLineString => {
                let ask = urbis_nearest::Ask { from: at, limit: 1, within: REACH, visibility };
                let near = urbis_nearest::nearest(snapshot, &ask, |_| true).into_iter();
                near.map(|answer| (answer.feature, answer.distance)).collect()
            }
        }
    }
}
