//! Where units and incidents are: junctions, drawn at random, the same at every run.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use urbis_catalog::ProfileIndex;
use urbis_model::LonLat;
use urbis_network::{IMPASSABLE, LiveRoads, NodeId, OnArc, Target, all_times};

/// Junctions that are looked at for one that is taken, at most.
const TRIES: usize = 40;

/// A junction with what leads to it and from it.
pub struct Place {
    pub node: NodeId,
    pub at: LonLat,
    /// Where a unit that stands there sets out.
    pub leave: Vec<OnArc>,
    /// Where a unit that comes there arrives, or sets out from if it is there.
    pub reach: Vec<OnArc>,
}

/// Units and incidents; from each unit there is a way to the first incident.
pub struct Cases {
    pub units: Vec<Place>,
    pub incidents: Vec<Place>,
}

impl Cases {
    pub fn draw(live: &LiveRoads, profile: ProfileIndex, units: usize, incidents: usize) -> Self {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let places = places(live, profile);
        let nodes: Vec<NodeId> = places.keys().copied().collect();
        let mut draw = || {
            let node = nodes[random.below(nodes.len())];
            let (at, leave, reach) = places[&node].clone();
            Place { node, at, leave, reach }
        };
        // Of some junctions the one from which most others are reached, of those that reach it.
        let some: Vec<Place> = (0..TRIES).map(|_| draw()).collect();
        let from_all: Vec<Target> = (0..)
            .zip(&some)
            .map(|(index, place)| Target { index, at: set_out(&place.leave) })
            .collect();
        let mut sent = vec![0; some.len()];
        let mut came = vec![0; some.len()];
        for (to, place) in some.iter().enumerate() {
            let times = all_times(live, profile, &place.reach, &from_all, IMPASSABLE - 1);
            for (from, _) in times.iter().enumerate().filter(|(_, time)| time.is_some()) {
                sent[from] += 1;
                came[to] += 1;
            }
        }
        let most = (0..some.len()).max_by_key(|at| sent[*at].min(came[*at]));
        let centre = &some[most.expect("some were drawn")];
        let joined = |place: &Place| {
            let gets = |from: &Place, to: &Place| {
                let from = Target { index: 0, at: set_out(&from.leave) };
                all_times(live, profile, &to.reach, &[from], IMPASSABLE - 1)[0].is_some()
            };
            gets(place, centre) && gets(centre, place)
        };
        let mut take = |count: usize| {
            let drawn = std::iter::repeat_with(&mut draw).take(count * TRIES);
            drawn.filter(joined).take(count).collect::<Vec<Place>>()
        };
        let units = take(units);
        Self { units, incidents: take(incidents) }
    }

    /// The units, by their number.
    pub fn targets(&self) -> Vec<Target> {
        let each = (0..).zip(&self.units);
        each.map(|(index, unit)| Target { index, at: set_out(&unit.leave) }).collect()
    }

    pub fn to_json(&self) -> Value {
        let list = |places: &[Place]| {
            let each = places.iter().map(|place| {
                json!({ "node": place.node.0, "lon": place.at.lon(), "lat": place.at.lat() })
            });
            each.collect::<Vec<Value>>()
        };
        json!({ "units": list(&self.units), "incidents": list(&self.incidents) })
    }
}

/// Without a penalty.
fn set_out(places: &[OnArc]) -> Vec<(OnArc, u32)> {
    places.iter().map(|at| (*at, 0)).collect()
}

type Ends = (LonLat, Vec<OnArc>, Vec<OnArc>);

/// Junctions that can be left and reached.
fn places(live: &LiveRoads, profile: ProfileIndex) -> BTreeMap<NodeId, Ends> {
    let graph = live.graph();
    let mut places: BTreeMap<NodeId, Ends> = BTreeMap::new();
    for arc in graph.arcs() {
        if live.weight(profile, arc) == IMPASSABLE {
            continue;
        }
        let view = graph.arc(arc);
        let start = OnArc { arc, offset_mm: 0 };
        let end = OnArc { arc, offset_mm: view.length_mm };
        for (node, leaves) in [(view.tail, true), (view.head, false)] {
            let Some(at) = graph.place(node.state()) else { continue };
            let (_, leave, reach) =
                places.entry(node).or_insert_with(|| (at, Vec::new(), Vec::new()));
            if leaves {
                leave.push(start);
                reach.push(start);
            } else {
                reach.push(end);
            }
        }
    }
    places.retain(|_, (_, leave, reach)| !leave.is_empty() && reach.len() > leave.len());
    places
}

/// Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % limit
    }
}
