//! How long a search takes on a city of the size of Da Nang's, and what the index takes of memory.
//!
//! ```sh
//! cargo run --release -p urbis-search --example bench -- 3000000
//! ```
//!
//! Draws as many parcels as it is told (seeded, so that it repeats), half as many buildings, streets
//! of Vietnamese names with their segments, alleys, places and a grid of wards, in the real layers;
//! then asks for what people type: whole names, beginnings, misspelled ones, doors, alleys, parcels.
//! Times are those on the processor, so that other work on the machine does not count.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for the console")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use geo_types::{Geometry, LineString, MultiLineString, MultiPolygon, Point, Rect};
use rustix::time::{ClockId, clock_gettime};
use urbis_catalog::Catalog;
use urbis_model::{
    AttributeValue, ChangeBatch, Feature, FeatureId, LayerChange, LayerId, LonLat, Moment,
    Openness, Revision, Validity,
};
use urbis_search::{Ask, Language, SearchIndex};
use urbis_snapshot::{City, CityBuilder};

const SEED: u64 = 48;
const QUERIES: usize = 20_000;
const NOW: Moment = Moment(1_790_000_000_000_000);

/// West and south of the city, and its side, degrees.
const CORNER: (f64, f64) = (107.8, 15.6);
const SIDE: f64 = 0.7;
/// Wards along one side.
const WARDS: u64 = 10;

const FAMILIES: [&str; 16] = [
    "Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô",
    "Dương", "Lý", "Hoàng", "Trương",
];
const MIDDLES: [&str; 20] = [
    "Văn", "Thị", "Hữu", "Thanh", "Minh", "Ngọc", "Quang", "Đức", "Thu", "Xuân", "Kim", "Công",
    "Cao", "Đình", "Bá", "Như", "Huy", "Tất", "Trọng", "Duy",
];
const GIVEN: [&str; 40] = [
    "An", "Bình", "Châu", "Dũng", "Đạt", "Giang", "Hà", "Hải", "Hạnh", "Hiếu", "Hoa", "Hùng",
    "Khánh", "Lan", "Linh", "Long", "Mai", "Nam", "Nga", "Phúc", "Quân", "Sơn", "Thảo", "Yến",
    "Vân", "Phú", "Tùng", "Vinh", "Thắng", "Tâm", "Trung", "Thành", "Toản", "Huệ", "Diệu", "Tráng",
    "Khiêm", "Học", "Lợi", "Duẩn",
];
const KINDS: [&str; 12] = [
    "Chợ",
    "Trường Tiểu học",
    "Bệnh viện",
    "Nhà hàng",
    "Khách sạn",
    "Chùa",
    "Công viên",
    "Cầu",
    "Bến xe",
    "Cửa hàng",
    "Trạm y tế",
    "Nhà văn hóa",
];

/// What it is called, and where it begins.
type Street = (String, (f64, f64));

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }

    fn place(&mut self) -> (f64, f64) {
        let mut along = || SIDE * self.below(1 << 24) as f64 / f64::from(1 << 24);
        let (x, y) = (along(), along());
        (CORNER.0 + x, CORNER.1 + y)
    }

    fn person(&mut self) -> String {
        let (family, middle) = (self.pick(&FAMILIES), self.pick(&MIDDLES));
        format!("{family} {middle} {}", self.pick(&GIVEN))
    }
}

/// Fills a city with features of the real layers.
struct Grower {
    catalog: Arc<Catalog>,
    builder: CityBuilder,
    last_id: i64,
}

impl Grower {
    fn feature(
        &mut self,
        layer: &str,
        geometry: impl Into<Geometry<f64>>,
        values: &[(&str, &str)],
    ) -> Feature {
        self.last_id += 1;
        let layer = self.catalog.layer(&LayerId::new(layer).unwrap()).unwrap();
        let mut attributes = vec![AttributeValue::Null; layer.attributes.len()];
        for (name, value) in values {
            attributes[layer.attribute_index(name).unwrap()] = AttributeValue::text(*value);
        }
        let geometry = Some(geometry.into());
        Feature {
            id: FeatureId::new(self.last_id).unwrap(),
            geometry,
            attributes,
            validity: Validity::ALWAYS,
        }
    }

    fn push(&mut self, layer: &str, geometry: impl Into<Geometry<f64>>, values: &[(&str, &str)]) {
        let feature = self.feature(layer, geometry, values);
        self.builder.push(&LayerId::new(layer).unwrap(), feature);
    }

    fn finish(&mut self, layer: &str) {
        self.builder.finish_layer(&LayerId::new(layer).unwrap());
    }
}

fn square((west, south): (f64, f64), side: f64) -> MultiPolygon<f64> {
    MultiPolygon(vec![Rect::new((west, south), (west + side, south + side)).to_polygon()])
}

fn ward_of((lon, lat): (f64, f64)) -> u64 {
    let along = |value: f64, corner: f64| ((value - corner) / SIDE * WARDS as f64) as u64;
    along(lat, CORNER.1).min(WARDS - 1) * WARDS + along(lon, CORNER.0).min(WARDS - 1)
}

/// Streets, each a name and where it begins.
fn grow_streets(grower: &mut Grower, random: &mut Random, count: u64) -> Vec<Street> {
    let mut streets = Vec::new();
    for _ in 0..count {
        let (name, (lon, lat)) = (random.person(), random.place());
        for segment in 0..8 + random.below(24) {
            let from = lon + 0.0008 * segment as f64;
            let line = LineString::from(vec![
                (from, lat),
                (from + 0.0004, lat + 1e-5),
                (from + 0.0008, lat),
            ]);
            let values = [("name", name.as_str()), ("class", "residential")];
            grower.push("road_segment", MultiLineString(vec![line]), &values);
        }
        for alley in 0..4 + random.below(12) {
            let from = lon + 0.0008 * alley as f64;
            let line = LineString::from(vec![(from, lat), (from, lat + 0.001)]);
            let name = format!("K{} {name}", 10 + alley * 8);
            let values = [("name", name.as_str()), ("class", "service"), ("service", "alley")];
            grower.push("road_segment", MultiLineString(vec![line]), &values);
        }
        streets.push((name, (lon, lat)));
    }
    streets
}

fn house(random: &mut Random) -> String {
    match random.below(3) {
        0 => format!("{}", 1 + random.below(900)),
        1 => format!("K{}/{}", 10 + 8 * random.below(12), 1 + random.below(90)),
        _ => format!(
            "K{}/H{}/{}",
            10 + 8 * random.below(12),
            1 + random.below(9),
            1 + random.below(30)
        ),
    }
}

fn grow(catalog: Arc<Catalog>, parcels: u64) -> (City, Vec<Street>, Grown) {
    let mut random = Random(SEED);
    let builder = CityBuilder::new(Arc::clone(&catalog), NOW);
    let mut grower = Grower { catalog, builder, last_id: 0 };
    let side = SIDE / WARDS as f64;
    let wards: Vec<String> = (0..WARDS * WARDS)
        .map(|_| format!("Phường {} {}", random.pick(&MIDDLES), random.pick(&GIVEN)))
        .collect();
    for (number, name) in (0_u64..).zip(&wards) {
        let (row, column) = (number / WARDS, number % WARDS);
        let corner = (CORNER.0 + side * column as f64, CORNER.1 + side * row as f64);
        let code = (20_000 + number).to_string();
        let short = name.trim_start_matches("Phường ");
        let values = [
            ("name", short),
            ("full_name", name.as_str()),
            ("code", code.as_str()),
            ("type", "ward"),
        ];
        grower.push("admin_unit", square(corner, side), &values);
    }
    let streets = grow_streets(&mut grower, &mut random, parcels / 300);
    for _ in 0..parcels / 100 {
        let name = format!("{} {}", random.pick(&KINDS), random.person());
        let (lon, lat) = random.place();
        let layer = if random.below(20) == 0 { "place_name" } else { "public_place" };
        grower.push(layer, Point::new(lon, lat), &[("name", name.as_str())]);
    }
    let started = Instant::now();
    for number in 0..parcels {
        let (street, (lon, lat)) = &streets[random.below(streets.len() as u64) as usize];
        let at = (
            lon + 0.02 * random.below(1000) as f64 / 1000.0,
            lat + 0.002 * random.below(1000) as f64 / 1000.0,
        );
        let ward = ward_of(at);
        let address = format!("{} {street}, {}", house(&mut random), wards[ward as usize]);
        let (code, sheet, no) = (
            (20_000 + ward).to_string(),
            (1 + number / 500 % 150).to_string(),
            (1 + number % 500).to_string(),
        );
        let land = if number % 500 == 0 { "CQP" } else { "ODT" };
        let values = [
            ("ward_code", code.as_str()),
            ("sheet_no", sheet.as_str()),
            ("parcel_no", no.as_str()),
            ("address", address.as_str()),
            ("land_use", land),
        ];
        grower.push("parcel", square(at, 0.0001), &values);
    }
    grower.finish("parcel");
    for number in 0..parcels * 8 / 15 {
        let (street, (lon, lat)) = &streets[random.below(streets.len() as u64) as usize];
        let at = (
            lon + 0.02 * random.below(1000) as f64 / 1000.0,
            lat + 0.002 * random.below(1000) as f64 / 1000.0,
        );
        let house = house(&mut random);
        let values = [("house_number", house.as_str()), ("street", street.as_str())];
        grower.push("building", square(at, 0.00008), if number % 3 == 0 { &values } else { &[] });
    }
    grower.finish("building");
    println!("grown in {:.1?}", started.elapsed());
    let Grower { builder, catalog, last_id } = grower;
    (builder.finish(Revision(1)), streets, Grown { catalog, last_id })
}

struct Grown {
    catalog: Arc<Catalog>,
    last_id: i64,
}

/// What people type, of some kinds.
fn typed(random: &mut Random, streets: &[Street], kind: u64) -> String {
    let street = &streets[random.below(streets.len() as u64) as usize].0;
    match kind {
        0 => street.clone(),
        1 => {
            street.chars().take(1 + random.below(street.chars().count() as u64) as usize).collect()
        }
        2 => {
            let mut letters: Vec<char> = street.chars().collect();
            let at = 1 + random.below(letters.len() as u64 - 1) as usize;
            letters.swap(at - 1, at);
            letters.into_iter().collect()
        }
        3 => format!("{} {street}", house(random)),
        4 => format!("kiệt {} {street}", 10 + 8 * random.below(12)),
        5 => format!("tờ {} thửa {}", 1 + random.below(150), 1 + random.below(500)),
        6 => format!("{} {}", random.pick(&KINDS), random.pick(&FAMILIES)),
        7 => random
            .pick(&["t", "ng", "h", "tr", "k", "chợ", "nguyen", "duong tran", "benh vien"])
            .to_owned(),
        8 => format!("{street}, phường {} {}", random.pick(&MIDDLES), random.pick(&GIVEN)),
        _ => "16.06, 108.22".to_owned(),
    }
}

const KIND_NAMES: [&str; 10] = [
    "whole name",
    "beginning",
    "misspelled",
    "door",
    "alley",
    "parcel",
    "kind and family",
    "a letter or two",
    "with a ward",
    "coordinates",
];

fn main() {
    let parcels: u64 = std::env::args().nth(1).map_or(100_000, |count| count.parse().unwrap());
    let layers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../layers");
    let (city, streets, grown) = grow(Arc::new(Catalog::load(&layers).unwrap()), parcels);
    let city = Arc::new(city);
    let started = Instant::now();
    let index = SearchIndex::build(Arc::clone(&city));
    let memory = index.memory();
    println!(
        "built in {:.1?}: {memory:?}, {:.0} MiB",
        started.elapsed(),
        memory.bytes as f64 / 1_048_576.0
    );

    let mut random = Random(SEED + 1);
    let mut all: Vec<Duration> = Vec::new();
    for (kind, name) in KIND_NAMES.iter().enumerate() {
        let mut took: Vec<Duration> = Vec::new();
        let mut found = 0;
        for _ in 0..QUERIES / KIND_NAMES.len() {
            let text = typed(&mut random, &streets, kind as u64);
            let (lon, lat) = random.place();
            let near = LonLat::new(lon, lat).ok();
            let ask = Ask {
                text: &text,
                class: Openness::Open,
                near,
                limit: 8,
                language: Language::Vi,
                layers: None,
            };
            let started = on_cpu();
            found += usize::from(!index.search(&ask).is_empty());
            took.push(on_cpu().saturating_sub(started));
        }
        took.sort();
        println!(
            "{name:>16}: p50 {:>9.1?} p99 {:>9.1?} most {:>9.1?}, {found} of {} found something",
            at(&took, 50),
            at(&took, 99),
            took[took.len() - 1],
            took.len()
        );
        all.extend(took);
    }
    all.sort();
    println!(
        "{:>16}: p50 {:>9.1?} p99 {:>9.1?} most {:>9.1?}",
        "all",
        at(&all, 50),
        at(&all, 99),
        all[all.len() - 1]
    );
    follow(city, index, grown);
}

/// How long it takes to follow an edit, and some thousands.
fn follow(city: Arc<City>, index: SearchIndex, grown: Grown) {
    for count in [1, 100, 5_000] {
        let Grown { catalog, last_id } = &grown;
        let builder = CityBuilder::new(Arc::clone(catalog), NOW);
        let mut grower = Grower { catalog: Arc::clone(catalog), builder, last_id: *last_id };
        let mut random = Random(SEED + 2);
        let upserted = (0..count).map(|_| {
            let (lon, lat) = random.place();
            let name = random.person();
            let line = LineString::from(vec![(lon, lat), (lon + 0.0008, lat)]);
            grower.feature(
                "road_segment",
                MultiLineString(vec![line]),
                &[("name", &name), ("class", "residential")],
            )
        });
        let change = LayerChange::Rows { upserted: upserted.collect(), removed: Vec::new() };
        let batch =
            ChangeBatch { layers: [(LayerId::new("road_segment").unwrap(), change)].into() };
        let next = Arc::new(city.apply(Revision(2), batch).0);
        let started = Instant::now();
        let followed = index.follow(&next);
        println!(
            "followed {count} new segments in {:.1?}: {:?}",
            started.elapsed(),
            followed.revision()
        );
    }
}

/// Time that this thread had a processor: what a machine with other work takes is not the search's.
fn on_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap())
}

fn at(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}
