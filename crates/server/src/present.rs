//! What requests read: the city, its roads in their live state, the units; all behind one `Arc`.
//!
//! ```text
//! follower of the database ──┐ city, roads                 ┌── request: one Arc, kept to its end
//!                            ├──▶ mutex ──▶ Present ──▶ ArcSwap
//! writer of live state ──────┘ live roads, fleet           └── request ...
//! ```
//!
//! Whoever writes takes the mutex, composes the next state from the present one and swaps it. What
//! takes long, such as building the roads of another city, is done before.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::sync::watch;
use urbis_catalog::NetworkRole;
use urbis_dispatch::{Fleet, Streets};
use urbis_model::{Moment, Revision};
use urbis_network::{LiveRoads, RoadStateOutcome, RoadStateUpdate, Roads};
use urbis_snapshot::City;

/// One state of everything; immutable.
#[derive(Debug, Clone)]
pub(crate) struct Present {
    /// The layers.
    pub city: Arc<City>,
    /// The roads of the same city, with what slows or closes them now.
    pub live: Arc<LiveRoads>,
    /// The units.
    pub fleet: Arc<Fleet>,
}

impl Present {
    /// The roads without their live state.
    pub fn roads(&self) -> Arc<Roads> {
        Arc::clone(self.live.roads())
    }

    /// Units whose road is gone, and those that were on none, are put on the roads again.
    fn with_units_on_roads(self) -> Self {
        let fleet = Arc::new(self.fleet.on_streets(streets(&self)));
        Self { fleet, ..self }
    }
}

/// One state of everything, held for the whole of a request.
#[derive(Debug, Clone)]
pub(crate) struct Published {
    present: Arc<Present>,
    /// Time since memory last equalled the database.
    pub age: Duration,
}

impl Deref for Published {
    type Target = Present;

    fn deref(&self) -> &Present {
        &self.present
    }
}

impl Published {
    /// What was published, so old.
    pub const fn new(present: Arc<Present>, age: Duration) -> Self {
        Self { present, age }
    }

    /// The same with another state of the city, for an answer that rests on that one alone.
    pub fn with_city(self, city: Arc<City>) -> Self {
        let present = Arc::new(Present { city, ..Present::clone(&self.present) });
        Self { present, ..self }
    }

    pub fn revision(&self) -> Revision {
        self.city.revision()
    }

    pub fn age_ms(&self) -> u64 {
        u64::try_from(self.age.as_millis()).unwrap_or(u64::MAX)
    }
}

/// A city and its roads, built from it.
#[derive(Debug, Clone)]
pub(crate) struct RoadedCity {
    pub city: Arc<City>,
    pub roads: Arc<Roads>,
}

impl RoadedCity {
    /// Builds the roads of a city anew.
    pub fn build(city: City) -> Self {
        let roads = Arc::new(Roads::build(&city));
        Self { city: Arc::new(city), roads }
    }

    /// Builds the roads of a city from those of the one before: as much as differs, and nothing
    /// where no layer of the network does.
    pub fn follow(&self, city: City) -> Self {
        let roads = if self.has_network_of(&city) {
            Arc::clone(&self.roads)
        } else {
            Arc::new(self.roads.follow(&self.city, &city))
        };
        Self { city: Arc::new(city), roads }
    }

    /// Says whether another city shares every layer that roads are built from.
    fn has_network_of(&self, other: &City) -> bool {
        let shared = |role: &NetworkRole| {
            let Some(layer) = other.catalog().network_layer(*role) else { return true };
            match (self.city.layer(&layer.id), other.layer(&layer.id)) {
                (Some(one), Some(other)) => std::ptr::eq(one, other),
                (None, None) => true,
                _ => false,
            }
        };
        NetworkRole::ALL.iter().all(shared)
    }
}

impl From<&Present> for RoadedCity {
    fn from(present: &Present) -> Self {
        Self { city: Arc::clone(&present.city), roads: Arc::clone(present.live.roads()) }
    }
}

/// The roads of the present that units are put on.
pub(crate) fn streets(present: &Present) -> Streets<'_> {
    Streets { city: &present.city, graph: present.live.graph() }
}

/// The present state and who may replace it.
#[derive(Debug, Default)]
pub(crate) struct Board {
    present: ArcSwapOption<Present>,
    writers: Mutex<Early>,
    roads: watch::Sender<()>,
}

/// What is known of live state before there is a city to show it in.
#[derive(Debug, Default)]
struct Early {
    fleet: Arc<Fleet>,
    roads: BTreeMap<Arc<str>, RoadStateUpdate>,
}

/// What a batch of live state became.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Shown {
    /// Of each state of a road, in their order; empty while there is no city.
    pub roads: Vec<RoadStateOutcome>,
    /// The epochs of fleet and roads that show the batch; `None` while there is no city.
    pub epochs: Option<Epochs>,
}

/// The units as they are to be, and the roads that they were put on.
#[derive(Debug)]
pub(crate) struct NextFleet {
    pub fleet: Fleet,
    /// `None` where there were none.
    pub roads: Option<Arc<Roads>>,
}

impl NextFleet {
    /// The fleet on the roads of the present, which may have come while it was made.
    fn on_roads_of(self, present: &Present) -> Fleet {
        if self.roads.is_some_and(|roads| Arc::ptr_eq(&roads, present.live.roads())) {
            return self.fleet;
        }
        // The present fleet may have a number of its own for these roads.
        self.fleet.on_streets(streets(present)).after(present.fleet.epoch())
    }
}

/// The roads as they are to be, over those of a present.
#[derive(Debug)]
struct NextRoads {
    before: Arc<LiveRoads>,
    live: Arc<LiveRoads>,
    outcomes: Vec<RoadStateOutcome>,
}

impl NextRoads {
    /// Takes in states of roads, after the end of those that are over.
    fn find(present: &Present, states: &[RoadStateUpdate], now: Moment) -> Self {
        let before = Arc::clone(&present.live);
        let (mut live, mut outcomes) = (before.expire(now), Vec::new());
        if !states.is_empty() {
            (live, outcomes) = live.with(&present.city, states, now);
        }
        let is_same = live.epoch() == before.epoch();
        let live = if is_same { Arc::clone(&before) } else { Arc::new(live) };
        Self { before, live, outcomes }
    }
}

/// Numbers of the live states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epochs {
    pub fleet: u64,
    pub roads: u64,
}

impl Board {
    /// The present state; `None` before the first city.
    pub fn load(&self) -> Option<Arc<Present>> {
        self.present.load_full()
    }

    /// Changes whenever the roads or what slows or closes them do.
    pub fn roads(&self) -> watch::Receiver<()> {
        self.roads.subscribe()
    }

    /// Says whether there is no city yet.
    pub fn is_empty(&self) -> bool {
        self.present.load().is_none()
    }

    /// The units, whether there is a city or not. Waits for a writer only where there is none.
    pub fn fleet(&self) -> Arc<Fleet> {
        if let Some(present) = self.load() {
            return Arc::clone(&present.fleet);
        }
        let early = self.writing();
        // Whoever wrote meanwhile may have moved them to the first city.
        self.load().map_or_else(|| Arc::clone(&early.fleet), |present| Arc::clone(&present.fleet))
    }

    /// Replaces the city and its roads; the live state goes on. `first` is called when nobody else
    /// writes, right before.
    pub fn change_city(&self, next: RoadedCity, first: impl FnOnce()) {
        let mut early = self.writing();
        let RoadedCity { city, roads } = next;
        let present = match self.load() {
            Some(before) if Arc::ptr_eq(before.live.roads(), &roads) => {
                let (live, fleet) = (Arc::clone(&before.live), Arc::clone(&before.fleet));
                Present { city, live, fleet }
            }
            Some(before) => {
                let live = Arc::new(before.live.on(roads, &city));
                Present { city, live, fleet: Arc::clone(&before.fleet) }.with_units_on_roads()
            }
            None => {
                let Early { fleet, roads: states } = std::mem::take(&mut *early);
                let states: Vec<_> = states.into_values().collect();
                let live = LiveRoads::new(roads);
                let live = if states.is_empty() {
                    live
                } else {
                    live.with(&city, &states, Moment::now()).0
                };
                Present { city, live: Arc::new(live), fleet }.with_units_on_roads()
            }
        };
        first();
        self.show(present);
    }

    /// Replaces the units, and takes in states of roads; ends those that are over. The only caller
    /// at a time is whoever made the next fleet from [`Self::fleet`].
    pub fn change_live(&self, next: NextFleet, states: Vec<RoadStateUpdate>, now: Moment) -> Shown {
        // To find the roads of many areas takes long: whoever brings another city need not wait.
        let found = self.load().map(|before| NextRoads::find(&before, &states, now));
        let mut early = self.writing();
        let Some(before) = self.load() else {
            early.fleet = Arc::new(next.fleet);
            early.roads.extend(states.into_iter().map(|state| (Arc::clone(&state.key), state)));
            return Shown::default();
        };
        let found = found.filter(|found| Arc::ptr_eq(&found.before, &before.live));
        let found = found.unwrap_or_else(|| NextRoads::find(&before, &states, now));
        let NextRoads { live, outcomes: roads, .. } = found;
        let fleet = next.on_roads_of(&before);
        let epochs = Some(Epochs { fleet: fleet.epoch(), roads: live.epoch() });
        let present = Present { city: Arc::clone(&before.city), live, fleet: Arc::new(fleet) };
        self.show(present);
        Shown { roads, epochs }
    }

    /// Makes a state the present one.
    fn show(&self, present: Present) {
        let live = Arc::clone(&present.live);
        let before = self.present.swap(Some(Arc::new(present)));
        if !before.is_some_and(|before| Arc::ptr_eq(&before.live, &live)) {
            self.roads.send_replace(());
        }
    }

    fn writing(&self) -> MutexGuard<'_, Early> {
        // A writer that panicked left the state before its swap, which is whole.
        self.writers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
impl Board {
    /// Holds every writer up until it is dropped.
    pub fn hold(&self) -> impl Drop + '_ {
        self.writing()
    }
}
