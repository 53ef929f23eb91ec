//! Small cities of streets, laid out in metres.

use std::sync::Arc;

use geo_types::{Geometry, LineString, Point};
use urbis_catalog::{Catalog, Layer, ProfileIndex, VehicleProfile};
use urbis_model::{
    AttributeValue, Feature, FeatureId, LayerId, LonLat, Metres, Moment, Revision, Validity,
};
use urbis_network::{LiveRoads, Roads, Stand, Trip};
use urbis_snapshot::City;

const STREET: &str = r#"
    theme = "traffic"
    title = { vi = "Đường", en = "Streets" }
    description = { vi = "Tim đường.", en = "Centre lines of streets." }
    geometry = "MultiLineString"
    storage_srid = 4326
    key = "osm_id"
    network = "roads"
    tiles = { minzoom = 8, maxzoom = 16, attributes = [] }
    [[attributes]]
    name = "osm_id"
    title = { vi = "Mã", en = "Code" }
    type = "text"
    [[attributes]]
    name = "class"
    title = { vi = "Loại", en = "Class" }
    type = "code"
    [attributes.values]
    primary = { vi = "chính", en = "primary" }
    residential = { vi = "khu dân cư", en = "residential" }
    footway = { vi = "lối đi bộ", en = "footway" }
    ferry = { vi = "phà", en = "ferry" }
    [[attributes]]
    name = "oneway"
    title = { vi = "Chiều", en = "Direction" }
    type = "code"
    [attributes.values]
    no = { vi = "hai chiều", en = "both ways" }
    forward = { vi = "xuôi", en = "forward" }
    backward = { vi = "ngược", en = "backward" }
    [[attributes]]
    name = "name"
    title = { vi = "Tên", en = "Name" }
    type = "text"
    [[attributes]]
    name = "name_en"
    title = { vi = "Tên tiếng Anh", en = "English name" }
    type = "text"
    [[attributes]]
    name = "ref"
    title = { vi = "Số hiệu", en = "Number" }
    type = "text"
    [[attributes]]
    name = "roundabout"
    title = { vi = "Vòng xuyến", en = "Roundabout" }
    type = "boolean"
    [[attributes]]
    name = "bridge"
    title = { vi = "Cầu", en = "Bridge" }
    type = "boolean"
    [[attributes]]
    name = "tunnel"
    title = { vi = "Hầm", en = "Tunnel" }
    type = "boolean"
    [[attributes]]
    name = "layer"
    title = { vi = "Tầng", en = "Level" }
    type = "integer"
    [[examples]]
    title = "good"
    input = {}
    output = {}
    [[examples]]
    title = "bad"
    input = {}
    reject = "geometry_missing"
"#;

const PLACE: &str = r#"
    theme = "emergency"
    title = { vi = "Nơi", en = "Places" }
    description = { vi = "Nơi.", en = "Places." }
    geometry = "Point"
    storage_srid = 4326
    key = "name"
    tiles = { minzoom = 8, maxzoom = 16, attributes = [] }
    [[attributes]]
    name = "name"
    title = { vi = "Tên", en = "Name" }
    type = "text"
    [[examples]]
    title = "good"
    input = {}
    output = {}
    [[examples]]
    title = "bad"
    input = {}
    reject = "geometry_missing"
"#;

/// 36 km/h are 10 m/s.
const CAR: &str = r#"
    title = { vi = "Xe", en = "Car" }
    width_m = 2.0
    height_m = 2.0
    weight_t = 2.0
    wading_depth_m = 0.3
    [speeds_kmh]
    primary = 54
    residential = 36
    ferry = 9
"#;

/// The only vehicle.
pub const PROFILE: ProfileIndex = ProfileIndex(0);

/// Metres a second by class, as [`CAR`] says.
pub fn speed_m_s(class: &str) -> Option<f64> {
    match class {
        "primary" => Some(15.0),
        "residential" => Some(10.0),
        "ferry" => Some(2.5),
        _ => None,
    }
}

/// One street.
#[derive(Debug, Clone)]
pub struct Street {
    pub class: &'static str,
    pub oneway: &'static str,
    pub name: Option<&'static str>,
    pub name_en: Option<&'static str>,
    pub number: Option<&'static str>,
    pub is_roundabout: bool,
    pub is_bridge: bool,
    pub is_tunnel: bool,
    /// East and north of the middle of the city, metres.
    pub line: Vec<(f64, f64)>,
}

impl Street {
    pub fn new(line: &[(f64, f64)]) -> Self {
        Self {
            class: "residential",
            oneway: "no",
            name: None,
            name_en: None,
            number: None,
            is_roundabout: false,
            is_bridge: false,
            is_tunnel: false,
            line: line.to_vec(),
        }
    }

    pub fn named(name: &'static str, line: &[(f64, f64)]) -> Self {
        Self { name: Some(name), ..Self::new(line) }
    }

    fn feature(&self, id: i64) -> Feature {
        let text = |text: Option<&str>| text.map_or(AttributeValue::Null, AttributeValue::text);
        let line: LineString<f64> = self.line.iter().map(|at| degrees(*at)).collect();
        let level = if self.is_bridge { 1 } else { 0 };
        let attributes = vec![
            text(Some(&format!("w{id}"))),
            text(Some(self.class)),
            text(Some(self.oneway)),
            text(self.name),
            text(self.name_en),
            text(self.number),
            AttributeValue::Bool(self.is_roundabout),
            AttributeValue::Bool(self.is_bridge),
            AttributeValue::Bool(self.is_tunnel),
            AttributeValue::Int(level),
        ];
        let geometry = Some(Geometry::from(line));
        Feature { id: feature_id(id), geometry, attributes, validity: Validity::ALWAYS }
    }
}

/// A city, its roads, and the streets that it was made of; the ids of the roads count from 1.
pub struct Town {
    pub city: City,
    pub live: LiveRoads,
    pub streets: Vec<Street>,
    pub places: Vec<LonLat>,
}

impl Town {
    pub fn new(streets: Vec<Street>) -> Self {
        Self::with_places(streets, &[])
    }

    /// With places too, whose ids count from 1001.
    pub fn with_places(streets: Vec<Street>, places: &[(f64, f64)]) -> Self {
        let roads = (1..).zip(&streets).map(|(id, street)| street.feature(id)).collect();
        let points = (1001..).zip(places).map(|(id, at)| point(id, *at)).collect();
        let features = vec![(layer_id("street"), roads), (layer_id("place"), points)];
        let city = City::build(catalog(), Revision(1), features, Moment(0));
        let live = LiveRoads::new(Arc::new(Roads::build(&city)));
        let places = places.iter().map(|at| place(*at)).collect();
        Self { city, live, streets, places }
    }

    /// Where a vehicle stands at a place in metres.
    pub fn stand(&self, at: (f64, f64)) -> Stand {
        self.stand_at(place(at)).unwrap()
    }

    pub fn stand_at(&self, at: LonLat) -> Option<Stand> {
        Stand::find(&self.city, &self.live, PROFILE, at, Metres(300.0))
    }

    /// From a place to a place, in metres.
    pub fn trip(&self, from: (f64, f64), to: (f64, f64), alternatives: usize) -> Trip {
        let (from, to) = (self.stand(from).at, self.stand(to).at);
        Trip { profile: PROFILE, from, to, alternatives }
    }
}

fn catalog() -> Arc<Catalog> {
    let layers = [("street", STREET), ("place", PLACE)].map(|(id, text)| {
        let mut layer: Layer = toml::from_str(text).unwrap();
        layer.id = layer_id(id);
        layer
    });
    let mut car: VehicleProfile = toml::from_str(CAR).unwrap();
    car.id = "car".into();
    Arc::new(Catalog::from_layers(layers.into()).unwrap().with_profiles(vec![car]).unwrap())
}

fn point(id: i64, at: (f64, f64)) -> Feature {
    let geometry = Some(Geometry::from(Point::from(degrees(at))));
    let attributes = vec![AttributeValue::text(format!("place {id}"))];
    Feature { id: feature_id(id), geometry, attributes, validity: Validity::ALWAYS }
}

pub fn feature_id(id: i64) -> FeatureId {
    FeatureId::new(id).unwrap()
}

pub fn layer_id(id: &str) -> LayerId {
    LayerId::new(id).unwrap()
}

/// Degrees of metres east and north of the middle, on a sphere: near enough for a plan.
pub fn degrees((east, north): (f64, f64)) -> (f64, f64) {
    const DEGREE_M: f64 = 111_195.0;
    let lat = 16.06_f64;
    (108.22 + east / (DEGREE_M * lat.to_radians().cos()), lat + north / DEGREE_M)
}

/// A place of metres east and north of the middle.
pub fn place(at: (f64, f64)) -> LonLat {
    let (lon, lat) = degrees(at);
    LonLat::new(lon, lat).unwrap()
}

/// A sequence that looks random and repeats (`SplitMix64`).
pub struct Random(pub u64);

impl Random {
    /// A number below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// A number from 0 to 1.
    pub fn share(&mut self) -> f64 {
        self.below(1 << 20) as f64 / f64::from(1 << 20)
    }
}

/// Side of a block of [`random_streets`], metres.
pub const BLOCK_M: f64 = 150.0;

/// Blocks with crooked streets, some of them missing, some one-way, some fast; some dead ends. What
/// cannot be driven is among them.
pub fn random_streets(side: u32, seed: u64) -> Vec<Street> {
    let mut random = Random(seed);
    let corner = |x: u32, y: u32| {
        let mut jitter = Random(seed ^ (u64::from(x) << 32 | u64::from(y)));
        let mut shift = || (jitter.share() - 0.5) * BLOCK_M * 0.5;
        (f64::from(x) * BLOCK_M + shift(), f64::from(y) * BLOCK_M + shift())
    };
    let mut streets = Vec::new();
    for y in 0..side {
        for x in 0..side {
            for (dx, dy) in [(1, 0), (0, 1)] {
                let (from, to) = (corner(x, y), corner(x + dx, y + dy));
                if x + dx == side || y + dy == side || random.below(100) < 12 {
                    continue;
                }
                streets.push(random_street(from, to, &mut random));
            }
        }
    }
    streets
}

fn random_street(from: (f64, f64), to: (f64, f64), random: &mut Random) -> Street {
    let bend = |share: f64, aside: f64| {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        (from.0 + dx * share - dy * aside, from.1 + dy * share + dx * aside)
    };
    let mut line = vec![from];
    for step in 1..=random.below(4) {
        line.push(bend(step as f64 / 5.0, (random.share() - 0.5) * 0.2));
    }
    line.push(to);
    let class = ["primary", "residential", "residential", "footway"][random.below(16) as usize / 5];
    let oneway = ["no", "no", "no", "forward", "backward"][random.below(5) as usize];
    Street { class, oneway, ..Street::new(&line) }
}
