//! Made-up towns: crooked blocks of streets with one-ways, ways of several blocks, gates,
//! forbidden turns; all from one seed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use geo_types::{Coord, Geometry, LineString, MultiLineString, Point};
use urbis_catalog::{Catalog, NetworkRole};
use urbis_model::{
    AttributeValue, Feature, FeatureId, LayerId, LonLat, Moment, Revision, Validity, WorldXy,
};
use urbis_snapshot::City;

/// The city's moment.
pub const NOW: Moment = Moment(1_000_000_000);

/// Numbers that repeat; xorshift64*.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize) % limit
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// A road as the test draws it.
#[derive(Debug, Clone)]
pub struct Way {
    /// Numbers of places.
    pub places: Vec<usize>,
    pub class: &'static str,
    pub oneway: Option<&'static str>,
    pub width_m: Option<f64>,
}

/// A rule of turning at a place, or over one way.
#[derive(Debug, Clone)]
pub struct Rule {
    pub is_only: bool,
    pub from: usize,
    /// A way in between; `None`: `from` and `to` meet at `place`.
    pub via: Option<usize>,
    /// Where `from` ends.
    pub place: usize,
    pub to: usize,
}

/// Streets and what holds on them.
#[derive(Debug, Clone, Default)]
pub struct Town {
    pub places: Vec<Coord<f64>>,
    pub ways: Vec<Way>,
    pub rules: Vec<Rule>,
    /// Kinds of barriers at inner places of one way.
    pub barriers: BTreeMap<usize, &'static str>,
    /// How often ways pass each place.
    uses: Vec<usize>,
}

/// How large and how lawful.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub side: usize,
    pub rules: usize,
    pub barriers: usize,
    /// Percent.
    pub oneways: usize,
}

impl Town {
    pub fn grow(seed: u64, plan: Plan) -> Self {
        let random = &mut Random::new(seed);
        let mut town = Self::default();
        for place in 0..plan.side * plan.side {
            let jitter = |random: &mut Random| random.below(400) as f64 * 1e-6;
            let x = 108.2 + (place % plan.side) as f64 * 1e-3 + jitter(random);
            let y = 16.05 + (place / plan.side) as f64 * 1e-3 + jitter(random);
            town.places.push(Coord { x, y });
        }
        town.pave(random, plan);
        town.keep_largest();
        town.count_uses();
        town.rule(random, plan.rules);
        town.bar(random, plan.barriers);
        town
    }

    /// Rows and columns, each cut into ways of one to three blocks; some blocks are missing.
    fn pave(&mut self, random: &mut Random, plan: Plan) {
        let side = plan.side;
        let lines = (0..side).flat_map(|row| {
            let along: Vec<usize> = (0..side).map(|column| row * side + column).collect();
            let across: Vec<usize> = (0..side).map(|column| column * side + row).collect();
            [along, across]
        });
        for line in lines {
            let mut at = 0;
            while at + 1 < line.len() {
                let blocks = (1 + random.below(3)).min(line.len() - 1 - at);
                if random.chance(12) {
                    at += 1;
                    continue;
                }
                let places = self.bend(random, &line[at..=at + blocks]);
                let class = ["residential", "primary", "service", "steps", "tertiary"]
                    [[0, 0, 0, 1, 2, 2, 3, 4, 4, 0][random.below(10)]];
                let oneway = random
                    .chance(plan.oneways)
                    .then(|| if random.chance(50) { "forward" } else { "backward" });
                let width_m = random.chance(5).then_some(2.0);
                self.ways.push(Way { places, class, oneway, width_m });
                at += blocks;
            }
        }
    }

    /// Some blocks get a place of their own in the middle; some ways are drawn backwards.
    fn bend(&mut self, random: &mut Random, corners: &[usize]) -> Vec<usize> {
        let mut places = vec![corners[0]];
        for ends in corners.windows(2) {
            if random.chance(60) {
                let (a, b) = (self.places[ends[0]], self.places[ends[1]]);
                let off = random.below(200) as f64 * 1e-6;
                self.places
                    .push(Coord { x: f64::midpoint(a.x, b.x) + off, y: f64::midpoint(a.y, b.y) });
                places.push(self.places.len() - 1);
            }
            places.push(ends[1]);
        }
        if random.chance(50) {
            places.reverse();
        }
        places
    }

    /// Islands may be rings without a junction, whose turning place is anybody's guess.
    fn keep_largest(&mut self) {
        let mut group: Vec<usize> = (0..self.places.len()).collect();
        fn root(group: &mut [usize], mut at: usize) -> usize {
            while group[at] != at {
                group[at] = group[group[at]];
                at = group[at];
            }
            at
        }
        for way in &self.ways {
            for ends in way.places.windows(2) {
                let (a, b) = (root(&mut group, ends[0]), root(&mut group, ends[1]));
                group[a] = b;
            }
        }
        let mut sizes = BTreeMap::new();
        for way in &self.ways {
            *sizes.entry(root(&mut group, way.places[0])).or_insert(0) += way.places.len();
        }
        let largest = sizes.iter().max_by_key(|(_, size)| **size).map(|(root, _)| *root);
        self.ways.retain(|way| Some(root(&mut group, way.places[0])) == largest);
    }

    fn count_uses(&mut self) {
        self.uses = vec![0; self.places.len()];
        for place in self.ways.iter().flat_map(|way| &way.places) {
            self.uses[*place] += 1;
        }
    }

    /// A town of ways that are drawn by hand.
    pub fn of(places: Vec<Coord<f64>>, ways: Vec<Way>) -> Self {
        let mut town = Self { places, ways, ..Self::default() };
        town.count_uses();
        town
    }

    /// The ways that end at a place, and only end there.
    fn ending_at(&self, place: usize) -> Vec<usize> {
        let ends = |way: &Way| {
            let (first, last) = (way.places[0], way.places[way.places.len() - 1]);
            (first == place) != (last == place)
        };
        (0..self.ways.len()).filter(|way| ends(&self.ways[*way])).collect()
    }

    fn rule(&mut self, random: &mut Random, count: usize) {
        for _ in 0..count * 20 {
            if self.rules.len() == count {
                return;
            }
            let from = random.below(self.ways.len());
            let from_places = &self.ways[from].places;
            let place =
                if random.chance(50) { from_places[0] } else { from_places[from_places.len() - 1] };
            if !self.ending_at(place).contains(&from) {
                continue;
            }
            let others = self.ending_at(place);
            let next = others[random.below(others.len())];
            if random.chance(60) {
                let is_only = random.chance(30) && next != from;
                self.rules.push(Rule { is_only, from, via: None, place, to: next });
                continue;
            }
            // Over one way of one link: no joint inside.
            let via = &self.ways[next].places;
            let inside = &via[1..via.len() - 1];
            if next == from || inside.iter().any(|place| self.uses(*place) > 1) {
                continue;
            }
            let far = if via[0] == place { via[via.len() - 1] } else { via[0] };
            let onward = self.ending_at(far);
            let to = onward[random.below(onward.len())];
            if to != from && to != next {
                let is_only = random.chance(30);
                self.rules.push(Rule { is_only, from, via: Some(next), place, to });
            }
        }
    }

    fn bar(&mut self, random: &mut Random, count: usize) {
        // A gate cuts its way in two links, and a rule leads over ways of one.
        let is_via = |way: &usize| self.rules.iter().any(|rule| rule.via == Some(*way));
        let free = (0..self.ways.len()).filter(|way| !is_via(way)).map(|way| &self.ways[way]);
        let inner: BTreeSet<usize> = free
            .flat_map(|way| way.places[1..way.places.len() - 1].iter().copied())
            .filter(|place| self.uses(*place) == 1)
            .collect();
        let inner: Vec<usize> = inner.into_iter().collect();
        for _ in 0..count.min(inner.len()) {
            let kind = ["gate", "bollard", "level_crossing", "lift_gate"][random.below(4)];
            self.barriers.insert(inner[random.below(inner.len())], kind);
        }
    }

    /// How often ways pass a place.
    pub fn uses(&self, place: usize) -> usize {
        self.uses.get(place).copied().unwrap_or_default()
    }

    /// The id of a way's feature.
    pub fn segment(way: usize) -> FeatureId {
        FeatureId::new(way as i64 + 1).unwrap()
    }

    pub fn way_line(&self, way: usize) -> LineString<f64> {
        LineString(self.ways[way].places.iter().map(|place| self.places[*place]).collect())
    }

    /// The city that has this town, with some closures.
    pub fn city(&self, closures: Vec<Feature>) -> City {
        let catalog = Arc::clone(catalog());
        let role = |role| catalog.network_layer(role).unwrap().id.clone();
        let layers = vec![
            (role(NetworkRole::Roads), self.roads()),
            (role(NetworkRole::TurnRestrictions), self.restrictions()),
            (role(NetworkRole::Barriers), self.gates(&catalog)),
            (role(NetworkRole::Closures), closures),
        ];
        City::build(catalog, Revision(1), layers, NOW)
    }

    /// A way's feature, as it is or without its last place.
    pub fn road(&self, number: usize, is_cut: bool) -> Feature {
        let mut line = self.way_line(number);
        if is_cut && line.0.len() > 2 {
            line.0.pop();
        }
        self.road_along(number, line)
    }

    fn road_along(&self, number: usize, line: LineString<f64>) -> Feature {
        let way = &self.ways[number];
        let line = Geometry::MultiLineString(MultiLineString(vec![line]));
        let mut values = vec![
            ("osm_id", AttributeValue::text(format!("w{number}"))),
            ("class", AttributeValue::text(way.class)),
        ];
        values.extend(way.oneway.map(|oneway| ("oneway", AttributeValue::text(oneway))));
        values.extend(way.width_m.map(|width| ("width_m", AttributeValue::Float(width))));
        feature(catalog(), NetworkRole::Roads, Self::segment(number).to_i64(), line, &values)
    }

    fn roads(&self) -> Vec<Feature> {
        (0..self.ways.len()).map(|way| self.road(way, false)).collect()
    }

    fn restrictions(&self) -> Vec<Feature> {
        (0..self.rules.len()).map(|number| self.restriction(number)).collect()
    }

    /// The id of a rule's feature.
    pub fn restriction_id(number: usize) -> FeatureId {
        FeatureId::new(1_000_000 + number as i64).unwrap()
    }

    /// A rule's feature.
    pub fn restriction(&self, number: usize) -> Feature {
        let rule = &self.rules[number];
        let is_turn_back = rule.from == rule.to;
        let kind = match (rule.is_only, is_turn_back) {
            (true, _) => "only_straight_on",
            (false, true) => "no_u_turn",
            (false, false) => "no_left_turn",
        };
        let via = rule.via.map_or(format!("n{}", rule.place), |way| format!("w{way}"));
        let values = [
            ("restriction_id", AttributeValue::text(format!("r{number}"))),
            ("kind", AttributeValue::text(kind)),
            ("from_way", AttributeValue::text(format!("w{}", rule.from))),
            ("via", AttributeValue::text(via)),
            ("to_way", AttributeValue::text(format!("w{}", rule.to))),
        ];
        let place = Geometry::Point(Point(self.places[rule.place]));
        let id = Self::restriction_id(number).to_i64();
        feature(catalog(), NetworkRole::TurnRestrictions, id, place, &values)
    }

    fn gates(&self, catalog: &Catalog) -> Vec<Feature> {
        let gate = |(place, kind): (&usize, &&str)| {
            let values = [
                ("barrier_id", AttributeValue::text(format!("n{place}"))),
                ("kind", AttributeValue::text(*kind)),
            ];
            let at = Geometry::Point(Point(self.places[*place]));
            feature(catalog, NetworkRole::Barriers, 2_000_000 + *place as i64, at, &values)
        };
        self.barriers.iter().map(gate).collect()
    }

    /// A place of a way on the grid.
    pub fn cell(&self, way: usize, random: &mut Random) -> WorldXy {
        let places = &self.ways[way].places;
        to_cell(self.places[places[random.below(places.len())]])
    }

    /// The line of a way, or of a part of it, cut anywhere.
    pub fn some_line(&self, way: usize, random: &mut Random) -> Box<[WorldXy]> {
        let mut line = self.way_line(way).0;
        if random.chance(50) {
            let share = |random: &mut Random| random.below(90) as f64 / 100.0;
            let (first, second) = (line[0], line[1]);
            let part = share(random);
            line[0] = first + (second - first) * part;
        }
        line.into_iter().map(to_cell).collect()
    }

    /// A closure over a line.
    pub fn closure(id: i64, line: LineString<f64>, values: &[(&str, AttributeValue)]) -> Feature {
        let line = Geometry::MultiLineString(MultiLineString(vec![line]));
        feature(catalog(), NetworkRole::Closures, 3_000_000 + id, line, values)
    }
}

/// The program's own layers and profiles.
pub fn catalog() -> &'static Arc<Catalog> {
    static CATALOG: OnceLock<Arc<Catalog>> = OnceLock::new();
    CATALOG.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let catalog = Catalog::load(&root.join("layers")).unwrap();
        Arc::new(catalog.load_profiles(&root.join("profiles/vehicle")).unwrap())
    })
}

/// A layer of the catalogue by what the network takes it for.
pub fn layer_of(role: NetworkRole) -> LayerId {
    catalog().network_layer(role).unwrap().id.clone()
}

fn to_cell(place: Coord<f64>) -> WorldXy {
    WorldXy::from_lonlat(LonLat::new(place.x, place.y).unwrap())
}

fn feature(
    catalog: &Catalog,
    role: NetworkRole,
    id: i64,
    geometry: Geometry<f64>,
    values: &[(&str, AttributeValue)],
) -> Feature {
    let layer = catalog.network_layer(role).unwrap();
    let mut attributes = vec![AttributeValue::Null; layer.attributes.len()];
    for (name, value) in values {
        attributes[layer.attribute_index(name).unwrap()] = value.clone();
    }
    let id = FeatureId::new(id).unwrap();
    Feature { id, geometry: Some(geometry), attributes, validity: Validity::ALWAYS }
}
