//! Features as records: key, geometry, values in the order of [`CityLayer::fields`].

use urbis_catalog::SYNTHETIC;
use urbis_model::AttributeValue;
use xxhash_rust::xxh3::Xxh3;

use super::City;
use super::cell::Lot;
use super::flaw::FlawKind;
use super::ground::Cover;
use super::learnt::BlockKind;
use super::projection::{Place, to_degrees};
use super::shape::is_urban;
use super::writer;
use crate::geohash::geohash;
use crate::random::Random;
use crate::ring::{area_m2, length};

/// The layers of a synthetic city, in the order in which they are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CityLayer {
    /// Parcels, EPSG:5899.
    Parcel,
    /// Buildings, EPSG:5899.
    Building,
    /// Stretches of street between junctions, EPSG:4326.
    RoadSegment,
    /// Manholes, valves and the like, EPSG:5899.
    UtilityNode,
    /// Forbidden turns between the streets, EPSG:4326.
    TurnRestriction,
    /// Level crossings, and bollards in alleys, EPSG:4326.
    RoadBarrier,
}

impl CityLayer {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Parcel,
        Self::Building,
        Self::RoadSegment,
        Self::UtilityNode,
        Self::TurnRestriction,
        Self::RoadBarrier,
    ];

    /// Id of the layer.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Parcel => "parcel",
            Self::Building => "building",
            Self::RoadSegment => "road_segment",
            Self::UtilityNode => "utility_node",
            Self::TurnRestriction => "turn_restriction",
            Self::RoadBarrier => "road_barrier",
        }
    }

    /// Names of a record's values; the first is the key of the layer.
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Parcel => &[
                "parcel_id",
                "ward_code",
                "sheet_no",
                "parcel_no",
                "area_m2",
                "legal_area_m2",
                "land_use",
                "address",
                "source",
            ],
            Self::Building => {
                &["osm_id", "use", "name", "house_number", "street", "floors", "height_m", "source"]
            }
            Self::RoadSegment => &[
                "osm_id",
                "class",
                "service",
                "name",
                "ref",
                "oneway",
                "lanes",
                "maxspeed_kmh",
                "surface",
                "width_m",
                "bridge",
                "layer",
                "source",
            ],
            Self::UtilityNode => {
                &["node_id", "kind", "ground_m", "invert_m", "state", "installed", "source"]
            }
            Self::TurnRestriction => {
                &["restriction_id", "kind", "from_way", "via", "to_way", "source"]
            }
            Self::RoadBarrier => &["barrier_id", "kind", "passable_width_m", "source"],
        }
    }
}

/// One feature.
#[derive(Debug, Clone, PartialEq)]
pub struct CityRecord {
    /// Begins with `synth-`.
    pub key: String,
    /// EWKB in the layer's CRS.
    pub ewkb: Vec<u8>,
    /// In the order of [`CityLayer::fields`].
    pub values: Vec<AttributeValue>,
    /// What is wrong on purpose.
    pub flaw: Option<FlawKind>,
}

const PARCEL_FLAWS: [FlawKind; 4] =
    [FlawKind::Overlap, FlawKind::Sliver, FlawKind::Duplicate, FlawKind::InvalidRing];
const BUILDING_FLAWS: [FlawKind; 3] =
    [FlawKind::Outside, FlawKind::Duplicate, FlawKind::InvalidRing];

/// How far a corner of an overlap lies in the neighbour, metres.
const OVERLAP_M: f64 = 0.5;

/// Depth of a sliver, metres.
const SLIVER_M: f64 = 0.03;

/// Text, or nothing where it is empty.
pub(crate) fn text(text: &str) -> AttributeValue {
    if text.is_empty() { AttributeValue::Null } else { AttributeValue::text(text) }
}

/// The parcels of a cell.
pub(crate) fn parcels(city: &City, rank: usize, lots: &[Lot]) -> Vec<CityRecord> {
    let sheet = (rank + 1).to_string();
    let mut records = Vec::with_capacity(lots.len());
    for (number, lot) in lots.iter().enumerate() {
        let mut random = Random::at(city.seed, "parcel", rank as i64, number as i64);
        let flaw = FlawKind::draw(&PARCEL_FLAWS, &mut random)
            .filter(|flaw| *flaw != FlawKind::Overlap || has_left_neighbour(lot));
        let ring: Vec<Place> = lot.plot.ring.iter().map(|at| writer::rounded(*at)).collect();
        let key = format!("synth-{}", geohash(to_degrees(lot.plot.quad.at(0.5, 0.5))));
        let land_use = land_use(city, rank, lot, &mut random);
        let written = Written { city, lot, sheet: &sheet, number: number + 1, land_use };
        let mut put = |key, ring, flaw| records.push(written.record(key, ring, flaw));
        match flaw {
            None => put(key, ring, None),
            Some(FlawKind::Overlap) => put(key, overlapping(ring), flaw),
            Some(FlawKind::InvalidRing) => put(key, crossing(ring), flaw),
            Some(FlawKind::Sliver) => {
                let strip = sliver(lot);
                put(key.clone(), ring, None);
                put(format!("{key}-s"), strip, flaw);
            }
            Some(_) => {
                put(key.clone(), ring.clone(), None);
                put(format!("{key}-2"), ring, flaw);
            }
        }
    }
    records
}

/// What a parcel's values come from.
struct Written<'a> {
    city: &'a City,
    lot: &'a Lot,
    sheet: &'a str,
    number: usize,
    land_use: String,
}

impl Written<'_> {
    fn record(&self, key: String, ring: Vec<Place>, flaw: Option<FlawKind>) -> CityRecord {
        let (code, ward) = &self.city.wards[self.lot.ward];
        let area_m2 = ((area_m2(&ring).abs() * 10.0).round() / 10.0).max(0.1);
        let address = match &*self.lot.street {
            "" => format!("Tổ {}, {ward}", self.number % 40 + 1),
            street => format!("{} {street}, {ward}", self.lot.house),
        };
        let number = match flaw {
            Some(FlawKind::Sliver | FlawKind::Duplicate) => format!("{}a", self.number),
            _ => self.number.to_string(),
        };
        let values = vec![
            AttributeValue::Text(code.clone()),
            AttributeValue::text(self.sheet),
            AttributeValue::text(number),
            AttributeValue::Float(area_m2),
            AttributeValue::Float(area_m2.round().max(0.1)),
            AttributeValue::text(self.land_use.as_str()),
            AttributeValue::text(address),
        ];
        CityRecord::new(key, writer::polygon(&ring), values, flaw)
    }
}

impl CityRecord {
    /// Puts the key before the values that lie between it and the source, which is made up.
    pub(crate) fn new(
        key: String,
        ewkb: Vec<u8>,
        between: Vec<AttributeValue>,
        flaw: Option<FlawKind>,
    ) -> Self {
        let mut values = Vec::with_capacity(between.len() + 2);
        values.push(AttributeValue::text(key.as_str()));
        values.extend(between);
        values.push(AttributeValue::text(SYNTHETIC));
        Self { key, ewkb, values, flaw }
    }

    /// XXH3 of key, geometry and values.
    pub fn hash(&self) -> u128 {
        let mut hash = Xxh3::new();
        self.add_to(&mut hash);
        hash.digest128()
    }

    pub(crate) fn add_to(&self, hash: &mut Xxh3) {
        hash.update(self.key.as_bytes());
        hash.update(&self.ewkb);
        for value in &self.values {
            match value {
                AttributeValue::Null => hash.update(&[0]),
                AttributeValue::Bool(truth) => hash.update(&[1, u8::from(*truth)]),
                AttributeValue::Int(number) => hash.update(&number.to_le_bytes()),
                AttributeValue::Float(number) => hash.update(&number.to_le_bytes()),
                AttributeValue::Text(text) => hash.update(text.as_bytes()),
            }
        }
    }
}

fn has_left_neighbour(lot: &Lot) -> bool {
    lot.plot.number > 0
        && !matches!(lot.plot.access, super::rows::Access::Alley { side_alley: Some(_), .. })
}

fn overlapping(mut ring: Vec<Place>) -> Vec<Place> {
    let along = ring[0] - ring[1];
    let back = ring[ring.len() - 1] - ring[0];
    // Not along the common front alone: a corner on the neighbour's side is no overlap of it.
    let shift = along / length(along) + back / length(back);
    ring[0] = writer::rounded(ring[0] + shift * OVERLAP_M);
    ring
}

fn crossing(mut ring: Vec<Place>) -> Vec<Place> {
    ring.swap(1, 2);
    ring
}

/// A strip in front of a lot.
fn sliver(lot: &Lot) -> Vec<Place> {
    let [left, right, _, back] = lot.plot.quad.corners;
    let out = (left - back) / length(left - back) * SLIVER_M;
    [left, right, right + out, left + out].map(writer::rounded).to_vec()
}

/// Codes of Circular 08/2024, those of the layer's list.
fn land_use(city: &City, rank: usize, lot: &Lot, random: &mut Random) -> String {
    let is_urban = is_urban(&city.wards[lot.ward].1);
    let home = if is_urban { "ODT" } else { "ONT" };
    match lot.kind {
        BlockKind::Site => site_use(city, rank, lot).to_owned(),
        BlockKind::Field => {
            const FIELDS: [&str; 12] = [
                "LUC", "LUC", "LUC", "LUC", "LUC", "LUC", "HNK", "HNK", "CLN", "CLN", "LUK", "NTS",
            ];
            (*random.pick(&FIELDS)).to_owned()
        }
        BlockKind::Town if random.chance(0.07) => format!("{home}+TMD"),
        BlockKind::Village | BlockKind::Suburb if random.chance(0.35) => format!("{home}+CLN"),
        _ => home.to_owned(),
    }
}

/// One use for all lots of a block.
fn site_use(city: &City, rank: usize, lot: &Lot) -> &'static str {
    const USES: [&str; 12] =
        ["DGD", "DGD", "TMD", "TMD", "DVH", "TSC", "DYT", "DKV", "SKC", "TON", "DCH", "DTT"];
    let mut random = Random::at(city.seed, "site", rank as i64, lot.block as i64);
    match lot.cover {
        Cover::Works => "SKC",
        Cover::Graves => "NTD",
        Cover::Defence => "CQP",
        Cover::Green => "DKV",
        Cover::School => "DGD",
        Cover::Trade => "TMD",
        _ => USES[random.whole(0, USES.len() as i64 - 1) as usize],
    }
}

/// The building on the land of a use; `None` where none stands.
fn site_building(land_use: &str) -> Option<(&'static str, &'static str)> {
    Some(match land_use {
        "DGD" => ("education", "Trường học"),
        "TMD" => ("commercial", "Trung tâm thương mại"),
        "DCH" => ("commercial", "Chợ"),
        "DVH" => ("civic", "Nhà văn hóa"),
        "TSC" => ("civic", "Trụ sở"),
        "DYT" => ("medical", "Trạm y tế"),
        "SKC" => ("industrial", "Nhà máy"),
        "TON" => ("religious", "Chùa"),
        "DTT" => ("entertainment", "Nhà thi đấu"),
        "CQP" => ("military", ""),
        _ => return None,
    })
}

/// The buildings of a cell.
pub(crate) fn buildings(city: &City, rank: usize, lots: &[Lot]) -> Vec<CityRecord> {
    let mut records = Vec::with_capacity(lots.len());
    for (number, lot) in lots.iter().enumerate() {
        let mut random = Random::at(city.seed, "building", rank as i64, number as i64);
        if !random.chance(lot.kind.rule().built) {
            continue;
        }
        let Some((usage, name)) = (match lot.kind {
            BlockKind::Site => site_building(site_use(city, rank, lot)),
            BlockKind::Field => Some(("agricultural", "")),
            BlockKind::Town if random.chance(0.06) => Some(("commercial", "")),
            _ => Some(("residential", "")),
        }) else {
            continue;
        };
        let ring = footprint(lot, &mut random);
        let values = building_values(city, lot, (usage, name), &mut random);
        let key = format!("synth-b-{rank}-{}", number + 1);
        let flaw = FlawKind::draw(&BUILDING_FLAWS, &mut random);
        let mut put = |key: String, ring: Vec<Place>, flaw| {
            records.push(CityRecord::new(key, writer::polygon(&ring), values.clone(), flaw));
        };
        match flaw {
            None => put(key, ring, None),
            Some(FlawKind::Outside) => put(key, moved_out(lot, ring), flaw),
            Some(FlawKind::InvalidRing) => put(key, crossing(ring), flaw),
            Some(_) => {
                put(key.clone(), ring.clone(), None);
                put(format!("{key}-2"), ring, flaw);
            }
        }
    }
    records
}

/// A footprint within a lot, some centimetres off its sides.
fn footprint(lot: &Lot, random: &mut Random) -> Vec<Place> {
    let (side, front, back) = match lot.kind {
        BlockKind::Town => (0.02, random.between(0.02, 0.12), random.between(0.05, 0.2)),
        BlockKind::Suburb => (0.06, random.between(0.1, 0.2), random.between(0.2, 0.4)),
        BlockKind::Village => (0.18, random.between(0.15, 0.3), random.between(0.35, 0.5)),
        BlockKind::Field => (0.4, 0.1, 0.75),
        BlockKind::Site => (0.15, random.between(0.15, 0.3), random.between(0.15, 0.4)),
    };
    let quad = &lot.plot.quad;
    let corners =
        [(side, front), (1.0 - side, front), (1.0 - side, 1.0 - back), (side, 1.0 - back)];
    corners.map(|(s, t)| writer::rounded(quad.at(s, t))).to_vec()
}

/// A footprint that stands half in the street.
fn moved_out(lot: &Lot, ring: Vec<Place>) -> Vec<Place> {
    let [left, _, _, back] = lot.plot.quad.corners;
    ring.into_iter().map(|at| writer::rounded(at + (left - back) * 0.5)).collect()
}

fn building_values(
    city: &City,
    lot: &Lot,
    (usage, name): (&str, &str),
    random: &mut Random,
) -> Vec<AttributeValue> {
    let most = match lot.kind {
        BlockKind::Town if random.chance(0.01) => 24,
        BlockKind::Town => 5,
        BlockKind::Suburb | BlockKind::Site => 3,
        BlockKind::Village | BlockKind::Field => 1,
    };
    let floors = random.whole(1, most);
    let height_m = floors as f64 * 3.3 + (random.between(0.5, 2.5) * 10.0).round() / 10.0;
    let ward = &city.wards[lot.ward].1;
    let name = if name.is_empty() { String::new() } else { format!("{name} {ward} {}", lot.block) };
    let house = if lot.street.is_empty() { "" } else { lot.house.as_str() };
    vec![
        AttributeValue::text(usage),
        text(&name),
        text(house),
        text(&lot.street),
        AttributeValue::Int(floors),
        AttributeValue::Float((height_m * 10.0).round() / 10.0),
    ]
}
