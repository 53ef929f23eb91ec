//! Questions about driving: which vehicle, over which roads, from where; the members that all their
//! answers have.

use geo_types::LineString;
use serde_json::{Map, Value, json};
use urbis_catalog::{Catalog, Nearest, ProfileIndex};
use urbis_model::{LonLat, Metres, Moment, Openness};
use urbis_network::{LiveRoads, Stand};

use crate::present::Published;
use crate::problem::{ApiError, echo};
use crate::query::Query;

/// A place may be so far from the road that it is reached from.
const OFF_ROAD: Metres = Metres(1_000.0);

/// The vehicle that a question is about: the first of the catalogue where the query names none.
///
/// # Errors
///
/// [`ApiError::UnknownProfile`]; [`ApiError::NoVehicles`] where the catalogue has none.
pub(crate) fn read_profile(query: &Query<'_>, catalog: &Catalog) -> Result<ProfileIndex, ApiError> {
    if catalog.profiles().is_empty() {
        return Err(ApiError::NoVehicles);
    }
    query.text("profile").map_or(Ok(ProfileIndex(0)), |id| find_profile(catalog, id))
}

/// The profile of an id.
///
/// # Errors
///
/// [`ApiError::UnknownProfile`] with the nearest known one.
pub(crate) fn find_profile(catalog: &Catalog, id: &str) -> Result<ProfileIndex, ApiError> {
    let unknown = || {
        let profiles = catalog.profiles().iter();
        let nearest = Nearest::find(id, profiles.map(|profile| profile.id.as_str()));
        ApiError::UnknownProfile { name: echo(id), nearest }
    };
    catalog.profile(id).map(|(index, _)| index).ok_or_else(unknown)
}

/// The roads of a question, and who drives.
#[derive(Debug)]
pub(crate) struct Drive {
    pub published: Published,
    pub profile: ProfileIndex,
    pub class: Openness,
    /// The roads at another moment than the city's.
    elsewhen: Option<LiveRoads>,
}

impl Drive {
    /// The roads are those of `at`, or of the city's moment.
    ///
    /// Cost: with a moment, all closures are put on the roads anew.
    pub fn new(
        published: Published,
        profile: ProfileIndex,
        class: Openness,
        at: Option<Moment>,
    ) -> Self {
        let elsewhen = at.map(|at| published.live.at(&published.city, at));
        Self { published, profile, class, elsewhen }
    }

    /// The roads.
    pub fn live(&self) -> &LiveRoads {
        self.elsewhen.as_ref().unwrap_or(&self.published.live)
    }

    /// Where the vehicle stands that is at a place.
    ///
    /// # Errors
    ///
    /// [`ApiError::OffRoad`].
    pub fn stand(&self, name: &'static str, place: LonLat) -> Result<Stand, ApiError> {
        let stand = Stand::find(&self.published.city, self.live(), self.profile, place, OFF_ROAD);
        stand.ok_or(ApiError::OffRoad { name, within_m: OFF_ROAD.0 })
    }

    /// The members at the top of an answer: a GeoJSON collection, what it rests on, the vehicle.
    pub fn collection(&self) -> Map<String, Value> {
        let city = &self.published.city;
        let profile = city.catalog().profiles().get(self.profile.index());
        let mut object = Map::new();
        object.insert("type".into(), "FeatureCollection".into());
        object.insert("revision".into(), json!(self.published.revision()));
        object.insert("epoch".into(), self.live().epoch().into());
        object.insert("profile".into(), profile.map(|profile| profile.id.as_str()).into());
        object.insert("basis".into(), self.basis());
        object
    }

    /// How old what an answer rests on is.
    fn basis(&self) -> Value {
        let live = self.live();
        let known = live.conditions().filter(|condition| condition.openness <= self.class);
        let now = Moment::now();
        let age_s = |moment: Moment| round((now.0 - moment.0).max(0) as f64 / 1e6);
        json!({
            "city_age_s": round(self.published.age.as_secs_f64()),
            "road_state_age_s": live.newest_report(self.class).map(age_s),
            "condition_count": known.count(),
        })
    }
}

/// Where a way starts or ends on the road, and how far that is from the place asked for.
pub(crate) fn stand_to_json(stand: &Stand) -> Value {
    let (lon, lat) = position(stand.place.lon(), stand.place.lat());
    json!({"lon": lon, "lat": lat, "gap_m": round(stand.gap.0)})
}

/// A GeoJSON `LineString`, in degrees, seven decimals: a centimetre.
pub(crate) fn line_to_json(line: &LineString<f64>) -> Value {
    let positions = line.coords().map(|at| json!(position(at.x, at.y)));
    json!({"type": "LineString", "coordinates": positions.collect::<Value>()})
}

/// Longitude and latitude in seven decimals.
pub(crate) fn position(lon: f64, lat: f64) -> (f64, f64) {
    let round = |degrees: f64| (degrees * 1e7).round() / 1e7;
    (round(lon), round(lat))
}

/// Three decimals: milliseconds of seconds, millimetres of metres.
pub(crate) fn round(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}

/// Seconds of milliseconds.
pub(crate) fn seconds(ms: u32) -> f64 {
    f64::from(ms) / 1e3
}

/// Metres of millimetres.
pub(crate) const fn metres(mm: u64) -> f64 {
    mm as f64 / 1e3
}
