//! Small cities, laid out in metres east and north of a place.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use geo_types::{Coord, Geometry, LineString, MultiLineString, Point};
use urbis_catalog::{Catalog, NetworkRole};
use urbis_model::{
    AttributeValue, Feature, FeatureId, LayerId, LonLat, Moment, Revision, Validity,
};
use urbis_network::{ArcId, Graph, Link, LinkId, Travel, Turn};
use urbis_snapshot::City;

/// The moment of every city.
pub const NOW: Moment = Moment(1_000_000);

/// A place in metres.
pub type Xy = (f64, f64);

/// The program's own layers and profiles.
pub fn catalog() -> Arc<Catalog> {
    static CATALOG: OnceLock<Arc<Catalog>> = OnceLock::new();
    let load = || {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let catalog = Catalog::load(&root.join("layers")).unwrap();
        Arc::new(catalog.load_profiles(&root.join("profiles/vehicle")).unwrap())
    };
    Arc::clone(CATALOG.get_or_init(load))
}

pub fn layer_of(role: NetworkRole) -> LayerId {
    catalog().network_layer(role).unwrap().id.clone()
}

pub fn id(number: i64) -> FeatureId {
    FeatureId::new(number).unwrap()
}

/// Degrees of metres; at 16° a degree of longitude is 107.0 km, of latitude 110.6 km.
pub fn coord((east, north): Xy) -> Coord<f64> {
    Coord { x: 108.2 + east / 107_036.0, y: 16.0 + north / 110_650.0 }
}

pub fn place(at: Xy) -> LonLat {
    let Coord { x, y } = coord(at);
    LonLat::new(x, y).unwrap()
}

/// A feature of the network's layers.
pub fn feature(
    role: NetworkRole,
    number: i64,
    geometry: impl Into<Geometry<f64>>,
    values: &[(&str, AttributeValue)],
) -> Feature {
    let catalog = catalog();
    let layer = catalog.network_layer(role).unwrap();
    let mut attributes = vec![AttributeValue::Null; layer.attributes.len()];
    for (name, value) in values {
        attributes[layer.attribute_index(name).unwrap()] = value.clone();
    }
    let geometry = Some(geometry.into());
    Feature { id: id(number), geometry, attributes, validity: Validity::ALWAYS }
}

pub fn text(text: &str) -> AttributeValue {
    AttributeValue::text(text)
}

/// A road of several parts; its osm id is `w` and its number.
pub fn roads(number: i64, parts: &[&[Xy]], values: &[(&str, AttributeValue)]) -> Feature {
    let lines = parts.iter().map(|part| part.iter().copied().map(coord).collect::<LineString<_>>());
    let osm_id = format!("w{number}");
    let mut all = vec![("osm_id", text(&osm_id)), ("class", text("residential"))];
    all.extend_from_slice(values);
    feature(NetworkRole::Roads, number, MultiLineString(lines.collect()), &all)
}

pub fn road(number: i64, line: &[Xy]) -> Feature {
    roads(number, &[line], &[])
}

pub fn point(at: Xy) -> Geometry<f64> {
    Point(coord(at)).into()
}

/// A turn restriction: its kind, the place, and the roads from, via (0: the node) and to.
pub fn restriction(number: i64, kind: &str, at: Xy, ways: [&str; 3], except: &str) -> Feature {
    let [from, via, to] = ways.map(text);
    let mut values = vec![("kind", text(kind)), ("from_way", from), ("via", via), ("to_way", to)];
    if !except.is_empty() {
        values.push(("except", text(except)));
    }
    feature(NetworkRole::TurnRestrictions, number, point(at), &values)
}

pub fn barrier(number: i64, kind: &str, at: Xy) -> Feature {
    feature(NetworkRole::Barriers, number, point(at), &[("kind", text(kind))])
}

pub fn city_of(roads: Vec<Feature>, restrictions: Vec<Feature>, barriers: Vec<Feature>) -> City {
    let layers = vec![
        (layer_of(NetworkRole::Roads), roads),
        (layer_of(NetworkRole::TurnRestrictions), restrictions),
        (layer_of(NetworkRole::Barriers), barriers),
    ];
    City::build(catalog(), Revision(1), layers, NOW)
}

pub fn graph_of(roads: Vec<Feature>) -> Graph {
    Graph::build(&city_of(roads, vec![], vec![]))
}

/// What a link is whatever its number: segment, place among those at the same vertices, part, vertices.
pub type LinkKey = (u64, usize, u16, u32, u32);

pub fn link_key(graph: &Graph, link: LinkId) -> LinkKey {
    let row = graph.link(link);
    // A vertex may have a barrier on either side.
    let before = graph.links_of(row.segment).iter().take_while(|other| **other != link);
    let key = |row: &Link| (row.part, row.from_vertex, row.to_vertex);
    let place = before.filter(|other| key(graph.link(**other)) == key(row)).count();
    (row.segment.value(), place, row.part, row.from_vertex, row.to_vertex)
}

/// What an arc is whatever its number.
pub type ArcKey = Vec<(LinkKey, Travel)>;

pub fn arc_key(graph: &Graph, arc: ArcId) -> ArcKey {
    graph.links(arc).map(|(link, travel)| (link_key(graph, link), travel)).collect()
}

/// Links of a segment as pairs of vertices of its first part.
pub fn cuts(graph: &Graph, number: i64) -> Vec<(u32, u32)> {
    let links = graph.links_of(id(number)).iter().map(|link| graph.link(*link));
    links.map(|link| (link.from_vertex, link.to_vertex)).collect()
}

/// The arc that leaves a segment at its last vertex or, backwards, at its first one.
pub fn out_of(graph: &Graph, number: i64, travel: Travel) -> ArcId {
    let links = graph.links_of(id(number));
    match travel {
        Travel::Forward => graph.edge_of(links[links.len() - 1]),
        Travel::Backward => graph.edge_of(links[0]).reverse(),
    }
}

/// The arc that enters a segment at its first vertex or, backwards, at its last one.
pub fn into(graph: &Graph, number: i64, travel: Travel) -> ArcId {
    out_of(
        graph,
        number,
        match travel {
            Travel::Forward => Travel::Backward,
            Travel::Backward => Travel::Forward,
        },
    )
    .reverse()
}

/// Whether one may turn from an arc, driven last after others, into another; `None` where there is
/// no such turn.
pub fn turn_after(graph: &Graph, driven: &[ArcId], to: ArcId) -> Option<Turn> {
    let mut state = graph.head_state(driven[0]);
    for arc in &driven[1..] {
        state = graph.outgoing(state).iter().find(|way| way.arc() == *arc)?.to;
    }
    graph.outgoing(state).iter().find(|way| way.arc() == to).map(|way| way.turn())
}
