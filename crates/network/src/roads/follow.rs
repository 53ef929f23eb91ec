//! Roads after a change of the city, at the cost of what changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use urbis_catalog::NetworkRole;
use urbis_model::{FeatureId, WorldBox};
use urbis_snapshot::{City, LayerSnapshot};

use super::{Roads, drivers, token};
use crate::conditions::{Conditions, Matcher, closure};
use crate::weights::Timing;
use crate::{ArcId, ChangedArcs, Condition, ConditionId, Graph, Reach};

/// What changed between two roads, for a live state to follow.
#[derive(Debug)]
pub(crate) struct Step {
    /// The token of the roads before.
    pub from: u64,
    /// Arcs that are others now.
    pub arcs: Vec<ArcId>,
    /// Segments with such an arc, before or now.
    segments: BTreeSet<FeatureId>,
    /// Where they lie.
    areas: Vec<WorldBox>,
    /// Closures that are gone or others now.
    pub out: Vec<ConditionId>,
    /// Closures that are new or others now.
    pub put: Vec<Arc<Condition>>,
}

impl Step {
    /// Conditions whose stretches may be others now: on a link of an arc that changed, or where a
    /// segment changed.
    pub fn stale<'a>(
        &'a self,
        conditions: &'a Conditions,
        before: &Graph,
    ) -> Vec<&'a Arc<Condition>> {
        let arcs = self.arcs.iter().filter(|arc| before.is_arc(**arc));
        let links: BTreeSet<_> = arcs.flat_map(|arc| before.links(*arc)).collect();
        let on_links = links.into_iter().flat_map(|(link, _)| conditions.on(link));
        let on_links: BTreeSet<&ConditionId> = on_links.map(|on| &on.condition.id).collect();
        let is_near = |condition: &Condition| match (&condition.reach, condition.area) {
            (Reach::Segment(segment), _) => self.segments.contains(segment),
            (_, Some(area)) => self.areas.iter().any(|changed| changed.intersects(&area)),
            (_, None) => false,
        };
        let is_stale =
            |condition: &&Arc<Condition>| on_links.contains(&condition.id) || is_near(condition);
        conditions.iter().filter(is_stale).collect()
    }
}

impl Roads {
    /// The roads of `city`, where these are those of `before`.
    ///
    /// The same as [`Self::build`] in every answer. Without a change in the layers of the network
    /// it is a clone.
    ///
    /// Cost: that of what changed; of a building anew where that is too much.
    #[must_use]
    pub fn follow(&self, before: &City, city: &City) -> Self {
        let (graph, changed) = self.graph.follow(before, city);
        let ChangedArcs::Some(arcs) = changed else { return Self::of(graph, city, None) };
        let closures = changed_closures(before, city);
        if arcs.is_empty() && closures.is_empty() && graph.shares_turns(&self.graph) {
            return self.clone();
        }
        let graph = Arc::new(graph);
        let step = self.step(before, city, &graph, arcs, &closures);
        let drivers =
            if step.arcs.is_empty() { Arc::clone(&self.drivers) } else { drivers(city, &graph) };
        let mut dry = self.dry.clone();
        dry.resize(graph.arc_count());
        let none = Conditions::default();
        for driver in drivers.iter() {
            let timing = Timing { graph: &graph, driver, conditions: &none };
            for arc in &step.arcs {
                dry.put(driver.index(), *arc, timing.arc(*arc));
            }
        }
        let mut traffic = self.traffic.clone();
        traffic.change(&graph, drivers.iter(), &step.out, step.put.clone(), step.arcs.clone());
        Self { graph, drivers, dry, traffic, token: token(), step: Some(Arc::new(step)) }
    }

    fn step(
        &self,
        before: &City,
        city: &City,
        graph: &Graph,
        arcs: Vec<ArcId>,
        closures: &[FeatureId],
    ) -> Step {
        let segments = segments(&self.graph, &arcs).chain(segments(graph, &arcs)).collect();
        let areas = areas(before, &segments).chain(areas(city, &segments)).collect();
        let (from, out, put) = (self.token, Vec::new(), Vec::new());
        let mut step = Step { from, arcs, segments, areas, out, put };
        let stale = step.stale(&self.traffic.conditions, &self.graph);
        let stale = stale.into_iter().filter_map(|condition| match condition.id {
            ConditionId::Layer(feature) => Some(feature),
            ConditionId::Live(_) => None,
        });
        let ids: BTreeSet<FeatureId> = stale.chain(closures.iter().copied()).collect();
        let matcher = Matcher::new(city, graph);
        let put = ids.iter().filter_map(|id| closure(city, *id, city.at())).map(|mut closure| {
            closure.spans = matcher.spans(&closure.reach, closure.direction);
            Arc::new(closure)
        });
        step.put = put.collect();
        step.out = ids.into_iter().map(ConditionId::Layer).collect();
        step
    }
}

/// The segments of some arcs of a graph.
fn segments(graph: &Graph, arcs: &[ArcId]) -> impl Iterator<Item = FeatureId> {
    let arcs = arcs.iter().filter(|arc| graph.is_arc(**arc));
    let links = arcs.flat_map(|arc| graph.links(*arc));
    links.map(|(link, _)| graph.link(link).segment)
}

/// The boxes of some segments in a city.
fn areas(city: &City, segments: &BTreeSet<FeatureId>) -> impl Iterator<Item = WorldBox> {
    let roads = layer(city, NetworkRole::Roads);
    let features = segments.iter().filter_map(move |segment| roads?.feature(*segment));
    features.filter_map(|feature| feature.world_box())
}

/// Closures that are not the same in two cities, each at its moment.
fn changed_closures(before: &City, city: &City) -> Vec<FeatureId> {
    let (old, new) = (layer(before, NetworkRole::Closures), layer(city, NetworkRole::Closures));
    let is_same = match (old, new) {
        (Some(old), Some(new)) => std::ptr::eq(old, new),
        (None, None) => true,
        _ => false,
    };
    if is_same && before.at() == city.at() {
        return Vec::new();
    }
    let versions = |layer: Option<&LayerSnapshot>, city: &City| -> BTreeMap<FeatureId, u64> {
        let features = layer.into_iter().flat_map(LayerSnapshot::features);
        let valid = features.filter(|feature| feature.validity().contains(city.at()));
        valid.map(|feature| (feature.id(), feature.version())).collect()
    };
    let (old, new) = (versions(old, before), versions(new, city));
    let ids: BTreeSet<FeatureId> = old.keys().chain(new.keys()).copied().collect();
    ids.into_iter().filter(|id| old.get(id) != new.get(id)).collect()
}

fn layer(city: &City, role: NetworkRole) -> Option<&LayerSnapshot> {
    city.layer(&city.catalog().network_layer(role)?.id)
}
