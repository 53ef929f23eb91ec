//! Where a route runs: the lines of the roads that it takes, cut where it starts and ends.

use geo_types::LineString;
use urbis_catalog::{Layer, NetworkRole};
use urbis_model::{FeatureId, LonLat};
use urbis_snapshot::{City, LayerSnapshot, Part};

use crate::length::distance_m;
use crate::{ArcId, ArcStretch, Graph, Link, Travel};

/// The line of a route in the order of travel: degrees, EPSG:4326, x = longitude.
///
/// The vertices are those of the roads layer, and where a stretch starts or ends inside a piece
/// between two vertices, the place there. A route of no length is its place twice, since a line
/// has two ends; empty where the city no longer holds the roads. `city` is the one that `graph`
/// was made of.
///
/// Cost: linear in the vertices of the line.
pub fn geometry(city: &City, graph: &Graph, stretches: &[ArcStretch]) -> LineString<f64> {
    let Some(roads) = RoadLines::of(city) else { return LineString(Vec::new()) };
    let pieces = stretches.iter().flat_map(|stretch| roads.pieces(graph, *stretch));
    let mut line: Vec<LonLat> = Vec::new();
    for place in pieces.flat_map(|piece| piece.places) {
        // Where two pieces join, the place is in both.
        if line.last() != Some(&place) {
            line.push(place);
        }
    }
    if let [only] = line[..] {
        line.push(only);
    }
    line.into_iter().map(|place| (place.lon(), place.lat())).collect()
}

/// The part of one link that a route drives.
#[derive(Debug, Clone)]
pub(crate) struct RoadPiece {
    pub(crate) arc: ArcId,
    pub(crate) segment: FeatureId,
    /// From the tail of the arc.
    pub(crate) from_mm: u32,
    /// From the tail of the arc; not before `from_mm`.
    pub(crate) to_mm: u32,
    /// In the order of travel; at least one.
    pub(crate) places: Vec<LonLat>,
}

/// The roads of a city, by which links become lines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RoadLines<'a> {
    pub(crate) layer: &'a Layer,
    snapshot: &'a LayerSnapshot,
}

impl<'a> RoadLines<'a> {
    /// `None` where the catalogue has no roads.
    pub(crate) fn of(city: &'a City) -> Option<Self> {
        let layer = city.catalog().network_layer(NetworkRole::Roads)?;
        Some(Self { layer, snapshot: city.layer(&layer.id)? })
    }

    pub(crate) const fn snapshot(self) -> &'a LayerSnapshot {
        self.snapshot
    }

    /// The links of a stretch, cut to it, in the order of travel. A stretch of no length is one
    /// piece of one place.
    pub(crate) fn pieces(self, graph: &Graph, stretch: ArcStretch) -> Vec<RoadPiece> {
        let ArcStretch { arc, from_mm, to_mm } = stretch;
        let mut pieces = Vec::new();
        let mut start_mm = 0_u32;
        for (id, travel) in graph.links(arc) {
            let link = graph.link(id);
            let end_mm = start_mm.saturating_add(link.length_mm);
            let (low, high) = (from_mm.max(start_mm), to_mm.min(end_mm));
            let is_point = from_mm == to_mm && low == high && pieces.is_empty();
            if low < high || is_point {
                let cut = (low - start_mm, high - start_mm);
                let places = self.places(link, travel, cut);
                if !places.is_empty() {
                    pieces.push(RoadPiece {
                        arc,
                        segment: link.segment,
                        from_mm: low,
                        to_mm: high,
                        places,
                    });
                }
            }
            start_mm = end_mm;
        }
        pieces
    }

    /// The places of a link between two lengths from where a vehicle enters it, millimetres.
    fn places(self, link: &Link, travel: Travel, (low, high): (u32, u32)) -> Vec<LonLat> {
        let Some(vertices) = self.vertices(link) else { return Vec::new() };
        let length = link.length_mm;
        match travel {
            Travel::Forward => cut(&vertices, length, low, high),
            Travel::Backward => {
                let mut places = cut(&vertices, length, length - high, length - low);
                places.reverse();
                places
            }
        }
    }

    /// All vertices of a link, as it is drawn.
    fn vertices(self, link: &Link) -> Option<Vec<LonLat>> {
        let feature = self.snapshot.feature(link.segment)?;
        let Part::Line(path) = feature.parts().nth(usize::from(link.part))? else { return None };
        let vertices = path.vertices().get(link.from_vertex as usize..=link.to_vertex as usize)?;
        Some(vertices.iter().map(|vertex| vertex.to_lonlat()).collect())
    }
}

/// The vertices between two lengths along a line, and the places at them.
///
/// `length_mm` is the length that the graph gives the line; places are put by its share.
fn cut(vertices: &[LonLat], length_mm: u32, low_mm: u32, high_mm: u32) -> Vec<LonLat> {
    // Most links of a route are driven whole: nothing is to be measured.
    if length_mm > 0 && (low_mm, high_mm) == (0, length_mm) {
        return vertices.to_vec();
    }
    let mut along_m = vec![0.0];
    let steps = vertices.windows(2).map(|pair| distance_m(pair[0], pair[1]));
    for step in steps {
        along_m.push(along_m.last().copied().unwrap_or(0.0) + step);
    }
    let whole_m = along_m.last().copied().unwrap_or(0.0);
    let at = |mm: u32| whole_m * f64::from(mm) / f64::from(length_mm.max(1));
    let (low, high) = (at(low_mm), at(high_mm));
    let mut places: Vec<LonLat> = place_at(vertices, &along_m, low).into_iter().collect();
    let between =
        vertices.iter().zip(&along_m).filter(|(_, along)| **along > low && **along < high);
    places.extend(between.map(|(vertex, _)| *vertex));
    if high_mm > low_mm {
        places.extend(place_at(vertices, &along_m, high));
    }
    places
}

/// The place at a length along a line; a vertex itself where it lies there.
fn place_at(vertices: &[LonLat], along_m: &[f64], at_m: f64) -> Option<LonLat> {
    let next = along_m.partition_point(|along| *along < at_m);
    let (Some(to), Some(end)) = (vertices.get(next), along_m.get(next)) else {
        return vertices.last().copied();
    };
    let Some(before) = next.checked_sub(1) else { return Some(*to) };
    let (from, start) = (vertices[before], along_m[before]);
    let share = (at_m - start) / (end - start);
    let mix = |from: f64, to: f64| if share < 1.0 { from + (to - from) * share } else { to };
    LonLat::new(mix(from.lon(), to.lon()), mix(from.lat(), to.lat())).ok()
}
