//! Writes the road network of a made-up city as OSM PBF: nodes that ways share, tags as mappers set
//! them, forbidden turns as relations, the railway, level crossings and bollards.
//!
//! Nodes, ways, relations, each by their numbers, as routers want them. Nodes come to be known while
//! ways go by, so encoded ways wait in memory: some 40 bytes a street. Positions are rounded to
//! 1e-7 degrees, which is all that OSM has.
//!
//! Source: <https://wiki.openstreetmap.org/wiki/PBF_Format>.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use geo::Coord;
use urbis_model::AttributeValue;
use urbis_synth::{CityBatch, CityLayer, CityRecord, SyntheticCity, TurnRestriction};

use super::Target;
use super::message::Message;

/// Elements of a block at most, as the format advises.
const BLOCK: usize = 8_000;

/// Units of OSM in a degree, and nanodegrees in one of them.
const PER_DEGREE: f64 = 1e7;
const NANODEGREES: i64 = 100;

/// Bytes of the EWKB of a line before its count of places: of one part, with an SRID.
const LINE_HEADER: usize = 18;

/// Bytes of the EWKB of a point, with an SRID, before its place.
const POINT_HEADER: usize = 9;

/// Keys and values.
type Tags = Vec<(&'static str, String)>;

/// Longitude and latitude in units of OSM.
type Position = (i64, i64);

/// A road network that is being collected.
#[derive(Default)]
pub struct Network {
    path: PathBuf,
    /// In the order of their numbers, which begin at 1.
    nodes: Vec<Position>,
    numbers: HashMap<Position, u64>,
    /// What stands on nodes, by their numbers.
    barriers: BTreeMap<u64, Tags>,
    ways: u64,
    relations: u64,
    way_block: Block,
    relation_block: Block,
    /// Encoded blocks of ways and of relations.
    way_blobs: Vec<u8>,
    relation_blobs: Vec<u8>,
}

impl Network {
    /// Begins with the railway, whose level crossings are nodes of streets, too.
    pub fn new(city: &SyntheticCity, path: &Path) -> anyhow::Result<Self> {
        let mut network = Self { path: path.to_owned(), ..Self::default() };
        let line: Vec<u64> = city.railway().into_iter().map(|at| network.node(at)).collect();
        let tags = [("railway", "rail"), ("gauge", "1000"), ("source", "synthetic")];
        network.way(&line, &tags.map(|(key, value)| (key, value.to_owned())))?;
        Ok(network)
    }

    fn add_streets(&mut self, batch: &CityBatch) -> anyhow::Result<()> {
        let mut numbers: HashMap<&str, u64> = HashMap::new();
        for record in &batch.records {
            let nodes: Vec<u64> = places(record).map(|at| self.node(at)).collect();
            numbers.insert(&record.key, self.way(&nodes, &tags(record))?);
        }
        for turn in &batch.restrictions {
            self.restriction(turn, &numbers)?;
        }
        Ok(())
    }

    fn add_barriers(&mut self, batch: &CityBatch) {
        for record in &batch.records {
            if let Some(at) = position(&record.ewkb[POINT_HEADER..]) {
                let node = self.node(at);
                self.barriers.insert(node, barrier_tags(record));
            }
        }
    }

    fn write(mut self) -> anyhow::Result<()> {
        self.way_block.flush(3, &mut self.way_blobs)?;
        self.relation_block.flush(4, &mut self.relation_blobs)?;
        let mut file = BufWriter::new(File::create(&self.path)?);
        let mut blobs = Vec::new();
        put_blob(&mut blobs, "OSMHeader", &self.header())?;
        file.write_all(&blobs)?;
        for (number, nodes) in self.nodes.chunks(BLOCK).enumerate() {
            blobs.clear();
            let first = (number * BLOCK) as u64 + 1;
            put_blob(&mut blobs, "OSMData", &node_block(first, nodes, &self.barriers))?;
            file.write_all(&blobs)?;
        }
        file.write_all(&self.way_blobs)?;
        file.write_all(&self.relation_blobs)?;
        Ok(file.flush()?)
    }

    /// The number of the node at a place.
    fn node(&mut self, at: Coord<f64>) -> u64 {
        let unit = |degrees: f64| (degrees * PER_DEGREE).round() as i64;
        let position = (unit(at.x), unit(at.y));
        *self.numbers.entry(position).or_insert_with(|| {
            self.nodes.push(position);
            self.nodes.len() as u64
        })
    }

    fn way(&mut self, nodes: &[u64], tags: &[(&str, String)]) -> anyhow::Result<u64> {
        self.ways += 1;
        let (keys, values) = self.way_block.tags(tags);
        let way = Message::default()
            .number(1, self.ways)
            .numbers(2, keys)
            .numbers(3, values)
            .differences(8, nodes.iter().map(|node| *node as i64));
        self.way_block.put(3, way, &mut self.way_blobs)?;
        Ok(self.ways)
    }

    fn restriction(
        &mut self,
        turn: &TurnRestriction,
        ways: &HashMap<&str, u64>,
    ) -> anyhow::Result<()> {
        let via = Coord { x: turn.via.0 as f64 / 1e8, y: turn.via.1 as f64 / 1e8 };
        let (Some(from), Some(to)) = (ways.get(&*turn.from), ways.get(&*turn.to)) else {
            anyhow::bail!("no street of a forbidden turn: {turn:?}");
        };
        let members = [*from, self.node(via), *to].map(|number| number as i64);
        self.relations += 1;
        let block = &mut self.relation_block;
        let tags = [("type", "restriction".to_owned()), ("restriction", turn.kind.to_owned())];
        let (keys, values) = block.tags(&tags);
        let roles = ["from", "via", "to"].map(|role| block.text(role));
        let relation = Message::default()
            .number(1, self.relations)
            .numbers(2, keys)
            .numbers(3, values)
            .numbers(8, roles)
            .differences(9, members)
            // A way, a node, a way.
            .numbers(10, [1, 0, 1]);
        block.put(4, relation, &mut self.relation_blobs)
    }

    fn header(&self) -> Vec<u8> {
        let range = |of: fn(&Position) -> i64| {
            let low_high =
                |(low, high): (i64, i64), at: &Position| (low.min(of(at)), high.max(of(at)));
            self.nodes.iter().fold((i64::MAX, i64::MIN), low_high)
        };
        let (west, east) = range(|at| at.0);
        let (south, north) = range(|at| at.1);
        let bbox = [(1, west), (2, east), (3, north), (4, south)]
            .into_iter()
            .fold(Message::default(), |bbox, (field, at)| bbox.signed(field, at * NANODEGREES));
        Message::default()
            .bytes(1, &bbox.into_bytes())
            .bytes(4, b"OsmSchema-V0.6")
            .bytes(4, b"DenseNodes")
            .bytes(5, b"Sort.Type_then_ID")
            .bytes(16, b"urbis synth")
            .into_bytes()
    }
}

impl Target for Network {
    fn begin(&mut self, _: CityLayer) -> anyhow::Result<()> {
        Ok(())
    }

    /// Takes streets, with the turns between them, and barriers: routers read nothing else.
    fn add(&mut self, layer: CityLayer, batch: &CityBatch) -> anyhow::Result<()> {
        match layer {
            CityLayer::RoadSegment => self.add_streets(batch)?,
            CityLayer::RoadBarrier => self.add_barriers(batch),
            _ => {}
        }
        Ok(())
    }

    fn end(self: Box<Self>) -> anyhow::Result<()> {
        self.write()
    }
}

/// Ways or relations that wait to become a block, and the texts that they use.
#[derive(Default)]
struct Block {
    /// From 1; text 0 is empty.
    texts: Vec<String>,
    numbers: HashMap<String, u64>,
    elements: Vec<Vec<u8>>,
}

impl Block {
    fn text(&mut self, text: &str) -> u64 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        self.texts.push(text.to_owned());
        self.numbers.insert(text.to_owned(), self.texts.len() as u64);
        self.texts.len() as u64
    }

    fn tags(&mut self, tags: &[(&str, String)]) -> (Vec<u64>, Vec<u64>) {
        tags.iter().map(|(key, value)| (self.text(key), self.text(value))).unzip()
    }

    /// Adds an element; `field` is that of its kind within a group.
    fn put(&mut self, field: u32, element: Message, out: &mut Vec<u8>) -> anyhow::Result<()> {
        self.elements.push(element.into_bytes());
        if self.elements.len() == BLOCK { self.flush(field, out) } else { Ok(()) }
    }

    fn flush(&mut self, field: u32, out: &mut Vec<u8>) -> anyhow::Result<()> {
        let block = std::mem::take(self);
        if block.elements.is_empty() {
            return Ok(());
        }
        let elements = block.elements.iter();
        let group = elements.fold(Message::default(), |group, element| group.bytes(field, element));
        put_blob(out, "OSMData", &primitive_block(&block.texts, &group.into_bytes()))
    }
}

fn primitive_block(texts: &[String], group: &[u8]) -> Vec<u8> {
    let table = texts
        .iter()
        .fold(Message::default().bytes(1, b""), |table, text| table.bytes(1, text.as_bytes()));
    Message::default().bytes(1, &table.into_bytes()).bytes(2, group).into_bytes()
}

/// A block of nodes with consecutive numbers.
fn node_block(first: u64, nodes: &[Position], barriers: &BTreeMap<u64, Tags>) -> Vec<u8> {
    let numbers = (first..).take(nodes.len());
    let mut texts = Block::default();
    let mut tags = Vec::new();
    for number in numbers.clone() {
        let own = barriers.get(&number).map_or(&[][..], Vec::as_slice);
        let pairs = own.iter().map(|(key, value)| [texts.text(key), texts.text(value)]);
        tags.extend(pairs.flatten());
        // Pairs of texts, and a zero after each node.
        tags.push(0);
    }
    let dense = Message::default()
        .differences(1, numbers.map(|number| number as i64))
        .differences(8, nodes.iter().map(|at| at.1))
        .differences(9, nodes.iter().map(|at| at.0))
        .numbers(10, tags);
    let group = Message::default().bytes(2, &dense.into_bytes());
    primitive_block(&texts.texts, &group.into_bytes())
}

/// A block with its length and header, compressed.
fn put_blob(out: &mut Vec<u8>, kind: &str, block: &[u8]) -> anyhow::Result<()> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(block)?;
    let blob = Message::default().number(2, block.len() as u64).bytes(3, &encoder.finish()?);
    let blob = blob.into_bytes();
    let header = Message::default().bytes(1, kind.as_bytes()).number(3, blob.len() as u64);
    let header = header.into_bytes();
    out.extend((header.len() as u32).to_be_bytes());
    out.extend(header);
    out.extend(blob);
    Ok(())
}

/// The places of a street's line, degrees.
fn places(record: &CityRecord) -> impl Iterator<Item = Coord<f64>> {
    let (places, _) = record.ewkb[LINE_HEADER + 4..].as_chunks::<16>();
    places.iter().filter_map(|bytes| position(bytes))
}

/// A place of two numbers, degrees.
fn position(bytes: &[u8]) -> Option<Coord<f64>> {
    let (x, y) = bytes.split_at_checked(8)?;
    let float = |half: &[u8]| half.try_into().ok().map(f64::from_le_bytes);
    Some(Coord { x: float(x)?, y: float(y)? })
}

/// The tags of the node that a barrier stands on, as the layer's file reads them.
fn barrier_tags(record: &CityRecord) -> Tags {
    let fields = CityLayer::RoadBarrier.fields().iter().zip(&record.values);
    let tag = |(field, value): (&&str, &AttributeValue)| match (*field, value) {
        ("kind", AttributeValue::Text(kind)) if &**kind == "level_crossing" => {
            Some(("railway", kind.to_string()))
        }
        ("kind", AttributeValue::Text(kind)) => Some(("barrier", kind.to_string())),
        ("passable_width_m", AttributeValue::Float(wide_m)) => {
            Some(("maxwidth:physical", wide_m.to_string()))
        }
        _ => None,
    };
    fields.filter_map(tag).collect()
}

/// The tags of a street, as the layer's file reads them.
fn tags(record: &CityRecord) -> Tags {
    let fields = CityLayer::RoadSegment.fields().iter().zip(&record.values);
    fields.filter_map(|(field, value)| tag(field, value)).collect()
}

fn tag(field: &'static str, value: &AttributeValue) -> Option<(&'static str, String)> {
    let key = match field {
        "osm_id" => "ref:urbis",
        "class" => "highway",
        "maxspeed_kmh" => "maxspeed",
        "width_m" => "width",
        other => other,
    };
    let value = match value {
        AttributeValue::Null => return None,
        AttributeValue::Bool(truth) => if *truth { "yes" } else { "no" }.to_owned(),
        AttributeValue::Int(number) => number.to_string(),
        AttributeValue::Float(number) => number.to_string(),
        AttributeValue::Text(text) => match (field, &**text) {
            ("oneway", "no") => return None,
            ("oneway", "forward") => "yes".to_owned(),
            ("oneway", "backward") => "-1".to_owned(),
            (_, text) => text.to_owned(),
        },
    };
    Some((key, value))
}
