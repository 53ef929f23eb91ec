//! Small towns on a metre grid near Da Nang, with streets, closures and units.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use geo_types::{Coord, Geometry, LineString, MultiLineString};
use urbis_catalog::{Catalog, Layer, NetworkRole};
use urbis_dispatch::{
    Agency, Fleet, PositionReport, ReportId, Streets, UnitDescription, UnitId, UnitReport,
    UnitStatus,
};
use urbis_model::{
    AttributeValue, Feature, FeatureId, LonLat, Moment, Openness, Revision, Validity,
};
use urbis_network::{LiveRoads, Roads};
use urbis_snapshot::City;

/// The moment of every town: 14:05 + 30 min in Da Nang on a day of 2026.
pub const NOW: Moment = Moment(1_790_000_000_000_000);

/// The layers and vehicles that the program comes with.
static CATALOG: LazyLock<Arc<Catalog>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let catalog = Catalog::load(&root.join("layers")).expect("the layers are right");
    Arc::new(catalog.load_profiles(&root.join("profiles/vehicle")).expect("the profiles are right"))
});

/// A place by metres east and north of the town's corner.
pub fn at(x: f64, y: f64) -> LonLat {
    let Coord { x, y } = coord((x, y));
    LonLat::new(x, y).expect("on the earth")
}

/// The place so many metres east and north of another.
pub fn shifted(place: LonLat, east_m: f64, north_m: f64) -> LonLat {
    let lon = place.lon() + east_m / (METRES_A_DEGREE * LAT.to_radians().cos());
    LonLat::new(lon, place.lat() + north_m / METRES_A_DEGREE).expect("on the earth")
}

/// On the sphere that has the volume of the ellipsoid.
const METRES_A_DEGREE: f64 = 111_194.926_6;

/// The corner of every town.
const LON: f64 = 108.2;
const LAT: f64 = 16.06;

fn coord((x, y): (f64, f64)) -> Coord<f64> {
    Coord { x: LON + x / (METRES_A_DEGREE * LAT.to_radians().cos()), y: LAT + y / METRES_A_DEGREE }
}

/// Streets and closures before they are a city.
#[derive(Debug, Default, Clone)]
pub struct Plan {
    roads: Vec<Feature>,
    closures: Vec<Feature>,
}

/// What is told of a street beside its line.
#[derive(Debug, Clone, Copy)]
pub struct Street<'a> {
    pub name: &'a str,
    pub class: &'a str,
    pub oneway: bool,
}

/// An ordinary street.
pub const fn street(name: &str) -> Street<'_> {
    Street { name, class: "residential", oneway: false }
}

impl Plan {
    /// Adds a street; its id is how many there are then.
    pub fn street(mut self, street: Street<'_>, line: &[(f64, f64)]) -> Self {
        let layer = layer(NetworkRole::Roads);
        let id = self.roads.len() as i64 + 1;
        let osm_id = format!("w{id}");
        let mut values = vec![
            ("osm_id", AttributeValue::text(osm_id)),
            ("class", AttributeValue::text(street.class)),
            ("name", AttributeValue::text(street.name)),
        ];
        if street.oneway {
            values.push(("oneway", AttributeValue::text("forward")));
        }
        self.roads.push(feature(layer, id, line, &values));
        self
    }

    /// Adds water of a depth on a line, or a closure for all where there is none.
    pub fn closure(self, name: &str, depth_m: Option<f64>, line: &[(f64, f64)]) -> Self {
        self.obstacle(name, depth_m, "all-lanes-closed", line)
    }

    /// Adds works that leave every vehicle half its speed.
    pub fn works(self, name: &str, line: &[(f64, f64)]) -> Self {
        self.obstacle(name, None, "some-lanes-closed", line)
    }

    fn obstacle(
        mut self,
        name: &str,
        depth_m: Option<f64>,
        impact: &str,
        line: &[(f64, f64)],
    ) -> Self {
        let layer = layer(NetworkRole::Closures);
        let number = self.closures.len() as i64;
        let cause = if depth_m.is_some() { "flood" } else { "works" };
        let values = [
            ("closure_no", AttributeValue::text(format!("C{number}"))),
            ("cause", AttributeValue::text(cause)),
            ("vehicle_impact", AttributeValue::text(impact)),
            ("depth_m", depth_m.map_or(AttributeValue::Null, AttributeValue::Float)),
            ("road_name", AttributeValue::text(name)),
        ];
        let mut closure = feature(layer, 1_000_000 + number, line, &values);
        closure.validity = Validity { from: Some(Moment(NOW.0 - 1_800_000_000)), to: None };
        self.closures.push(closure);
        self
    }

    /// Without the closures of these ids, as answers name them.
    pub fn without(mut self, ids: &[&str]) -> Self {
        self.closures.retain(|closure| !ids.contains(&closure.id.to_string().as_str()));
        self
    }

    /// Without any closure.
    pub fn dry(mut self) -> Self {
        self.closures.clear();
        self
    }

    /// The town with all its streets.
    pub fn build(&self) -> Town {
        let roads = layer(NetworkRole::Roads).id.clone();
        let closures = layer(NetworkRole::Closures).id.clone();
        let layers = vec![(roads, self.roads.clone()), (closures, self.closures.clone())];
        let city = City::build(Arc::clone(&CATALOG), Revision(1), layers, NOW);
        let live = LiveRoads::new(Arc::new(Roads::build(&city)));
        Town { city, live, fleet: Fleet::default() }
    }
}

fn layer(role: NetworkRole) -> &'static Layer {
    CATALOG.network_layer(role).expect("the catalogue has it")
}

fn feature(
    layer: &Layer,
    id: i64,
    line: &[(f64, f64)],
    values: &[(&str, AttributeValue)],
) -> Feature {
    let mut attributes = vec![AttributeValue::Null; layer.attributes.len()];
    for (name, value) in values {
        let index = layer.attribute_index(name).expect("an attribute of the layer");
        attributes[index] = value.clone();
    }
    let line: LineString<f64> = line.iter().copied().map(coord).collect();
    Feature {
        id: FeatureId::new(id).expect("an id"),
        geometry: Some(Geometry::MultiLineString(MultiLineString(vec![line]))),
        attributes,
        validity: Validity::ALWAYS,
    }
}

/// A town that can be asked.
#[derive(Debug, Clone)]
pub struct Town {
    pub city: City,
    pub live: LiveRoads,
    pub fleet: Fleet,
}

/// A unit as a test says it.
#[derive(Debug, Clone)]
pub struct Crew {
    pub id: String,
    pub agency: Agency,
    pub profile: &'static str,
    pub capabilities: &'static [&'static str],
    pub status: UnitStatus,
    pub openness: Openness,
    pub is_simulated: bool,
    pub age_s: i64,
}

/// A simulated ambulance on duty, seen just now.
pub fn ambulance(id: &str) -> Crew {
    Crew {
        id: id.to_owned(),
        agency: Agency::Medical115,
        profile: "ambulance",
        capabilities: &[],
        status: UnitStatus::Available,
        openness: Openness::Open,
        is_simulated: true,
        age_s: 0,
    }
}

impl Town {
    /// Adds a unit, or moves and changes the one of that id.
    pub fn unit(mut self, crew: &Crew, place: (f64, f64)) -> Self {
        let observed_at = Moment(NOW.0 - crew.age_s * 1_000_000);
        let report = UnitReport {
            id: ReportId(self.fleet.epoch().into()),
            unit: UnitId::new(&crew.id).expect("an id"),
            observed_at,
            received_at: observed_at,
            position: Some(PositionReport {
                place: at(place.0, place.1),
                accuracy_m: Some(5.0),
                heading_deg: None,
                speed_kmh: Some(0.0),
            }),
            status: Some(crew.status),
            description: Some(UnitDescription {
                title: crew.id.to_uppercase(),
                agency: crew.agency,
                profile: crew.profile.to_owned(),
                capabilities: crew.capabilities.iter().map(|&one| one.to_owned()).collect(),
                openness: crew.openness,
                is_simulated: crew.is_simulated,
            }),
        };
        let streets = Streets { city: &self.city, graph: self.live.graph() };
        self.fleet = self.fleet.apply(&[report], Some(streets), NOW).fleet;
        self
    }
}
