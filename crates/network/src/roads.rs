//! The roads of one city: its graph, its closures, and what every arc takes every vehicle.

mod follow;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use urbis_catalog::ProfileIndex;
use urbis_model::{FeatureId, Moment};
use urbis_snapshot::City;

use crate::conditions::{Conditions, Matcher, closures_at};
use crate::traffic::Traffic;
use crate::weights::{Driver, Timing, Weights};
use crate::{ArcId, Condition, ConditionId, Graph, OnArc, Travel};

pub(crate) use follow::Step;

/// The roads of one city at its moment; immutable, cheap to clone.
///
/// They belong to the city that they were made from: both are swapped together.
#[derive(Debug, Clone)]
pub struct Roads {
    graph: Arc<Graph>,
    drivers: Arc<[Driver]>,
    /// Without any condition.
    dry: Weights,
    /// With the closures that are valid now.
    traffic: Traffic,
    /// Unlike that of all other roads of this process, clones apart.
    token: u64,
    /// From which roads these came, and what changed.
    step: Option<Arc<Step>>,
}

impl Roads {
    /// Makes the roads of a city from nothing.
    ///
    /// Cost: the graph, then every link once for each profile, then the closures one by one.
    pub fn build(city: &City) -> Self {
        Self::of(Graph::build(city), city, None)
    }

    fn of(graph: Graph, city: &City, step: Option<Arc<Step>>) -> Self {
        let drivers = drivers(city, &graph);
        let dry = weights(&graph, &drivers);
        let mut roads = Self {
            traffic: Traffic::dry(&dry),
            graph: Arc::new(graph),
            drivers,
            dry,
            token: token(),
            step,
        };
        roads.traffic = roads.with_closures(city, city.at());
        roads
    }

    /// The same roads with the closures that are valid at another moment, of which the city knows.
    ///
    /// For questions about the future and the past; the graph stays that of the city's moment.
    #[must_use]
    pub fn at(&self, city: &City, at: Moment) -> Self {
        let traffic = self.with_closures(city, at);
        Self { traffic, token: token(), step: None, ..self.clone() }
    }

    fn with_closures(&self, city: &City, at: Moment) -> Traffic {
        let matcher = Matcher::new(city, &self.graph);
        let put = closures_at(city, at).into_iter().map(|mut closure| {
            // What is valid now, too, is matched.
            let known = self.condition(&closure.id).filter(|known| known.reach == closure.reach);
            closure.spans = match known {
                Some(known) => known.spans.clone(),
                None => matcher.spans(&closure.reach, closure.direction),
            };
            Arc::new(closure)
        });
        let mut traffic = Traffic::dry(&self.dry);
        traffic.change(&self.graph, self.drivers.iter(), &[], put.collect(), Vec::new());
        traffic
    }

    /// The graph.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The closures of the city that are valid now and slow or close some vehicle, in the order of
    /// their ids.
    pub fn conditions(&self) -> impl Iterator<Item = &Arc<Condition>> {
        self.traffic.conditions.iter()
    }

    /// A closure by its id.
    pub fn condition(&self, id: &ConditionId) -> Option<&Arc<Condition>> {
        self.traffic.conditions.find(id)
    }

    /// Says whether a vehicle could drive at a place if there were no conditions: by the road's
    /// class, its one-way, its size and its right of access.
    ///
    /// Between two links both must be drivable.
    pub fn is_drivable(&self, profile: ProfileIndex, at: OnArc) -> bool {
        let Some(driver) = self.drivers.get(profile.index()) else { return false };
        let mut start = 0_u32;
        let mut drivable = None;
        for (id, travel) in self.graph.links(at.arc) {
            let link = self.graph.link(id);
            let end = start.saturating_add(link.length_mm);
            if link.length_mm > 0 && (start..=end).contains(&at.offset_mm) {
                let is_drivable = driver.speed(link, travel).is_some();
                drivable = Some(is_drivable && drivable.unwrap_or(true));
            }
            start = end;
        }
        drivable == Some(true)
    }

    /// Says whether a vehicle can drive any link of a segment in any direction, conditions left
    /// aside.
    pub(crate) fn is_drivable_segment(&self, profile: ProfileIndex, segment: FeatureId) -> bool {
        let Some(driver) = self.drivers.get(profile.index()) else { return false };
        let mut links = self.graph.links_of(segment).iter().map(|link| self.graph.link(*link));
        links.any(|link| {
            [Travel::Forward, Travel::Backward]
                .into_iter()
                .any(|travel| driver.speed(link, travel).is_some())
        })
    }

    /// Time of a whole arc if there were no conditions; [`crate::IMPASSABLE`] where the vehicle
    /// cannot drive.
    pub fn dry_weight(&self, profile: ProfileIndex, arc: ArcId) -> u32 {
        self.dry.weight(profile, arc)
    }

    pub(crate) fn drivers(&self) -> &[Driver] {
        &self.drivers
    }

    pub(crate) const fn dry(&self) -> &Weights {
        &self.dry
    }

    pub(crate) const fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    pub(crate) const fn token(&self) -> u64 {
        self.token
    }

    /// What changed since the roads of a token; `None` where these did not come from them.
    pub(crate) fn step_from(&self, token: u64) -> Option<&Step> {
        self.step.as_deref().filter(|step| step.from == token)
    }
}

/// One driver a profile of the catalogue.
fn drivers(city: &City, graph: &Graph) -> Arc<[Driver]> {
    let profiles = (0..).map(ProfileIndex).zip(city.catalog().profiles());
    profiles.map(|(index, profile)| Driver::new(index, profile, graph)).collect()
}

/// The weights of all arcs without any condition.
fn weights(graph: &Graph, drivers: &[Driver]) -> Weights {
    let none = Conditions::default();
    let mut weights = Weights::new(drivers.len());
    for driver in drivers {
        let timing = Timing { graph, driver, conditions: &none };
        let arcs = (0..graph.arc_count() as u32).map(ArcId);
        weights.fill(driver.index(), arcs.map(|arc| timing.arc(arc)));
    }
    weights
}

/// A number that no roads had before.
fn token() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}
