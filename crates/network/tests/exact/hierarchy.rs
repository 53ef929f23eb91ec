//! The same junctions and weights in RoutingKit's contraction hierarchies: another program's answer
//! to how long a drive takes. It knows no turns, so that restrictions must be emptied.

use routingkit_cch::{CCH, CCHMetric, CCHQuery, compute_order_inertial};
use urbis_catalog::ProfileIndex;
use urbis_network::{ArcId, Graph, IMPASSABLE, LiveRoads, OnArc, StateId, Target, all_times};

/// What RoutingKit calls no way.
const NO_WAY: u32 = i32::MAX as u32;

/// The junctions of a graph, ordered once for all weights.
pub struct Hierarchy {
    cch: CCH,
    arcs: Vec<ArcId>,
}

/// Draws a number below a limit.
pub type Draw<'a> = &'a mut dyn FnMut(usize) -> usize;

impl Hierarchy {
    pub fn new(graph: &Graph) -> Self {
        assert!(graph.nodes().count() > 0);
        let arcs: Vec<ArcId> = graph.arcs().collect();
        let tail: Vec<u32> = arcs.iter().map(|arc| graph.arc(*arc).tail.0).collect();
        let head: Vec<u32> = arcs.iter().map(|arc| graph.arc(*arc).head.0).collect();
        let count = graph.state_count() as u32;
        let places = (0..count).map(|state| graph.place(StateId(state)));
        let (lat, lon): (Vec<f32>, Vec<f32>) = places
            .map(|place| place.map_or((0.0, 0.0), |place| (place.lat() as f32, place.lon() as f32)))
            .unzip();
        let order = compute_order_inertial(count, &tail, &head, &lat, &lon);
        Self { cch: CCH::new(&order, &tail, &head, |_| {}, false), arcs }
    }

    /// Compares the times of units to incidents, all on random places; says how many pairs.
    ///
    /// # Panics
    ///
    /// At the first time that differs by a millisecond.
    pub fn compare(
        &self,
        live: &LiveRoads,
        profile: ProfileIndex,
        [incidents, units]: [usize; 2],
        draw: Draw<'_>,
    ) -> usize {
        let weight = |arc: &ArcId| live.weight(profile, *arc).min(NO_WAY);
        let metric = CCHMetric::new(&self.cch, self.arcs.iter().map(weight).collect());
        let mut query = CCHQuery::new(&metric);
        for _ in 0..incidents {
            let incident = self.somewhere(live.graph(), draw);
            let targets: Vec<Target> = (0..units as u32)
                .map(|index| Target { index, at: vec![(self.somewhere(live.graph(), draw), 0)] })
                .collect();
            let found = all_times(live, profile, &[incident], &targets, IMPASSABLE);
            for (target, found) in targets.iter().zip(found) {
                let unit = target.at[0].0;
                let expected = time(&mut query, live, profile, unit, incident);
                assert_eq!(found, expected, "from {unit:?} to {incident:?}");
            }
        }
        incidents * units
    }

    fn somewhere(&self, graph: &Graph, draw: Draw<'_>) -> OnArc {
        let arc = self.arcs[draw(self.arcs.len())];
        let length_mm = graph.arc(arc).length_mm;
        OnArc { arc, offset_mm: draw(length_mm as usize + 1) as u32 }
    }
}

fn time(
    query: &mut CCHQuery<'_>,
    live: &LiveRoads,
    profile: ProfileIndex,
    unit: OnArc,
    incident: OnArc,
) -> Option<u32> {
    let straight = Some(live.time(profile, unit, incident)).filter(|ms| *ms != IMPASSABLE);
    let (out, back) = (live.time_to_head(profile, unit), live.time_from_tail(profile, incident));
    if out == IMPASSABLE || back == IMPASSABLE {
        return straight;
    }
    query.add_source(live.graph().arc(unit.arc).head.0, out);
    query.add_target(live.graph().arc(incident.arc).tail.0, back);
    let round = query.run().distance();
    straight.into_iter().chain(round).min()
}
