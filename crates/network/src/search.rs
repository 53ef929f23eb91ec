//! Who arrives first: an exact reverse search from the incident over the roads as they are now.
//!
//! [`first_arrivals`] grows from the incident against the direction of travel. A unit is an item
//! of the queue: when the state at the end of its arc is settled, the unit enters the queue with
//! what its own stretch adds, and the first time that it leaves the queue is its time.
//!
//! ```text
//!   unit ──p────▶ o ═══════▶ o ────f──▶ incident
//!         │       └ settled  └ settled │
//!         └ its own stretch            └ where the search starts
//! ```
//!
//! - **In**: one [`LiveRoads`], a vehicle profile, the places of the incident on arcs (each is one
//!   and the same place, as both directions of a street are), the places of units on arcs.
//! - **Out**: units by (time, index) in whole milliseconds, and their ways; one after the other
//!   from an [`Expansion`], which goes no farther than it is asked to.
//! - **Exact**: the least sum of link times over all ways that the graph allows the vehicle,
//!   closures inside of arcs, penalties, restrictions of turns included. A unit upstream of the
//!   incident on its arc drives straight there; one downstream goes round.
//! - **Cost**: the states nearer than the last unit that is asked for; where units are missing,
//!   all that reach the incident. Labels are kept by the thread, 16 bytes a state and a search
//!   that is under way.
//!
//! A search reads one immutable state of the roads: no update can be half seen.
//!
//! Sources: Dijkstra, "A note on two problems in connexion with graphs", Numerische Mathematik 1,
//! 1959; Papadias, Zhang, Mamoulis and Tao, "Query processing in spatial network databases",
//! VLDB 2003 (incremental network expansion).

mod arrivals;
mod guided;
mod heap;
mod other_roads;
mod reachable;
mod scratch;

use urbis_catalog::ProfileIndex;

use crate::weights::WeightsOf;
use crate::{IMPASSABLE, LiveRoads, OnArc, StateId, Turn};

pub use arrivals::{ArcStretch, Arrival, Arrivals};
pub use guided::guided_time;
pub use reachable::{Reachable, nearest_reachable};

use heap::Waiting;
use scratch::{Lent, Next};

/// A unit that may go.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Its number, unique in a search; decides between units of one time.
    pub index: u32,
    /// Where it may be, each with milliseconds that are added to its time if it is there.
    pub at: Vec<(OnArc, u32)>,
}

/// When a search ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Units that are wanted.
    pub k: usize,
    /// Longest time of an arrival, this millisecond included.
    pub cutoff_ms: u32,
}

impl Limits {
    /// The first `k`, however long they take.
    pub const fn first(k: usize) -> Self {
        Self { k, cutoff_ms: IMPASSABLE - 1 }
    }
}

/// Finds the units that arrive first.
///
/// `incident` holds the places of one incident: the way to any of them counts. Of several places
/// of a unit the best counts. Units of one time come in the order of their indices.
pub fn first_arrivals(
    live: &LiveRoads,
    profile: ProfileIndex,
    incident: &[OnArc],
    targets: &[Target],
    limits: Limits,
) -> Arrivals {
    let mut expansion =
        Expansion::start(live, profile, incident, targets.to_vec(), limits.cutoff_ms);
    let mut found = Vec::new();
    while found.len() < limits.k {
        let Some(arrival) = expansion.advance(limits.cutoff_ms) else { break };
        found.push(arrival);
    }
    Arrivals::of(&expansion, found)
}

/// The time of every unit to an incident in milliseconds, in the order of `targets`; `None` for
/// those that cannot get there, or not within `cutoff_ms`.
pub fn all_times(
    live: &LiveRoads,
    profile: ProfileIndex,
    incident: &[OnArc],
    targets: &[Target],
    cutoff_ms: u32,
) -> Vec<Option<u32>> {
    let mut expansion = Expansion::start(live, profile, incident, targets.to_vec(), cutoff_ms);
    for _ in targets {
        if expansion.advance(cutoff_ms).is_none() {
            break;
        }
    }
    let arrived = expansion.arrived.iter();
    arrived.map(|arrived| arrived.map(|(ms, ..)| ms)).collect()
}

/// One place of one unit.
#[derive(Debug, Clone, Copy)]
struct Start {
    /// Position in the list of targets.
    target: u32,
    at: OnArc,
    penalty_ms: u32,
    /// From the place to the end of the arc, penalty included.
    to_head_ms: u32,
    /// The best way along its own arc, where the incident is ahead on it: time, penalty included,
    /// and the incident's position.
    straight: Option<(u32, u32)>,
}

/// How a unit gets to the incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By the state at the end of its arc.
    Round = 0,
    /// Along its own arc.
    Straight = 1,
}

/// A search that stands still between one arrival and the next.
#[derive(Debug)]
pub struct Expansion<'a> {
    live: &'a LiveRoads,
    profile: ProfileIndex,
    weights: WeightsOf<'a>,
    turn_ms: u32,
    incident: Vec<OnArc>,
    targets: Vec<Target>,
    cutoff_ms: u32,
    scratch: Lent,
    /// All places of all units, in the order of the units' indices. An arrival in the queue is a
    /// position here, times two, and the way, counted from `first_arrival`.
    starts: Vec<Start>,
    /// Arrivals with smaller numbers are of other roads, and nothing any more.
    first_arrival: u32,
    /// Positions in `starts` by state, sorted.
    waiting: Vec<(u32, u32)>,
    /// By target: its time, its start and its way.
    arrived: Vec<Option<(u32, u32, Way)>>,
    settled: usize,
}

impl<'a> Expansion<'a> {
    /// Puts units and incident on the roads; arguments as of [`first_arrivals`]. Nothing later than
    /// `cutoff_ms` will be found.
    pub fn start(
        live: &'a LiveRoads,
        profile: ProfileIndex,
        incident: &[OnArc],
        targets: Vec<Target>,
        cutoff_ms: u32,
    ) -> Self {
        let mut expansion = Self {
            live,
            profile,
            weights: live.weights(profile),
            turn_ms: live.turn_ms(profile),
            incident: incident.to_vec(),
            arrived: vec![None; targets.len()],
            targets,
            cutoff_ms: cutoff_ms.min(IMPASSABLE - 1),
            scratch: Lent::start(live.graph().state_count()),
            starts: Vec::new(),
            first_arrival: 0,
            waiting: Vec::new(),
            settled: 0,
        };
        expansion.place_units();
        expansion.seed_all();
        expansion
    }

    /// Goes on to the next arrival; `None` where nobody else arrives within `until_ms`, that
    /// millisecond included. Asked again with a later end, it goes on from there.
    pub fn advance(&mut self, until_ms: u32) -> Option<Arrival> {
        while self.scratch.queue.earliest_ms()? <= until_ms {
            let (ms, waiting) = self.scratch.queue.pop()?;
            match waiting {
                Waiting::State(state) => self.settle(state, ms),
                Waiting::Arrival(number) => {
                    if let Some(arrival) = self.arrive(number, ms) {
                        return Some(arrival);
                    }
                }
            }
        }
        None
    }

    /// Says that all roads have been looked at: nobody else arrives, however long one waits.
    pub fn is_at_end(&self) -> bool {
        self.scratch.queue.earliest_ms().is_none()
    }

    /// The way of a unit that has arrived, from its place to the incident, in the order of travel;
    /// empty of any other. A unit at the incident has one stretch of no length.
    pub fn route(&self, target: u32) -> Vec<ArcStretch> {
        let position = self.targets.iter().position(|one| one.index == target);
        let arrived = position.and_then(|at| self.arrived[at]);
        arrived.map(|(_, start, way)| arrivals::trace(self, start, way)).unwrap_or_default()
    }

    /// Notes where units are and at which states they wait; none has arrived.
    fn place_units(&mut self) {
        self.starts.clear();
        self.waiting.clear();
        self.arrived.fill(None);
        let mut order: Vec<u32> = (0..self.targets.len() as u32).collect();
        order.sort_by_key(|target| self.targets[*target as usize].index);
        for target in order {
            for (at, penalty_ms) in &self.targets[target as usize].at {
                let to_head_ms = add(self.live.time_to_head(self.profile, *at), *penalty_ms);
                if to_head_ms != IMPASSABLE {
                    let state = self.live.graph().head_state(at.arc);
                    self.waiting.push((state.0, self.starts.len() as u32));
                    self.scratch.mark(state);
                }
                let (at, penalty_ms) = (*at, *penalty_ms);
                self.starts.push(Start { target, at, penalty_ms, to_head_ms, straight: None });
            }
        }
        self.waiting.sort_unstable();
    }

    fn seed_all(&mut self) {
        for number in 0..self.incident.len() {
            self.seed(number as u32, self.incident[number]);
        }
    }

    /// Puts what leads straight to a place of the incident into the queue: the states before its
    /// arc, and the units that are upstream on it.
    fn seed(&mut self, number: u32, place: OnArc) {
        for start in 0..self.starts.len() {
            self.seed_start(start, number, place);
        }
        let from_tail_ms = self.live.time_from_tail(self.profile, place);
        for (state, turn) in self.live.graph().entries(place.arc) {
            let ms = add(from_tail_ms, self.turn(turn));
            if ms <= self.cutoff_ms {
                self.scratch.relax(state, ms, place.arc, Next::Incident(number));
            }
        }
    }

    fn seed_start(&mut self, at: usize, number: u32, place: OnArc) {
        let start = self.starts[at];
        if start.at.arc != place.arc || start.at.offset_mm > place.offset_mm {
            return;
        }
        let ms = add(self.live.time(self.profile, start.at, place), start.penalty_ms);
        if start.straight.is_none_or(|(best, _)| ms < best) {
            self.starts[at].straight = Some((ms, number));
            self.queue_arrival(at as u32, Way::Straight, ms);
        }
    }

    fn queue_arrival(&mut self, start: u32, way: Way, ms: u32) {
        if ms <= self.cutoff_ms {
            self.scratch.queue.push_arrival(ms, self.first_arrival + start * 2 + way as u32);
        }
    }

    fn settle(&mut self, state: u32, ms: u32) {
        let Some(has_units) = self.scratch.settle(state, ms) else { return };
        self.settled += 1;
        if has_units {
            self.meet_units(state, ms);
        }
        for incoming in self.live.graph().incoming(StateId(state)) {
            let arc = incoming.arc();
            let drive_ms = add(self.weights.weight(arc), self.turn(incoming.turn()));
            let ms = add(ms, drive_ms);
            if ms <= self.cutoff_ms {
                self.scratch.relax(incoming.from, ms, arc, Next::State(StateId(state)));
            }
        }
    }

    fn meet_units(&mut self, state: u32, ms: u32) {
        let first = self.waiting.partition_point(|(at, _)| *at < state);
        for at in first..self.waiting.len() {
            let (there, start) = self.waiting[at];
            if there != state {
                return;
            }
            let ms = add(ms, self.starts[start as usize].to_head_ms);
            self.queue_arrival(start, Way::Round, ms);
        }
    }

    fn arrive(&mut self, number: u32, ms: u32) -> Option<Arrival> {
        let number = number.checked_sub(self.first_arrival)?;
        let way = if number & 1 == 0 { Way::Round } else { Way::Straight };
        let Start { target, at, .. } = self.starts[number as usize / 2];
        let arrived = &mut self.arrived[target as usize];
        if arrived.is_some() {
            return None;
        }
        *arrived = Some((ms, number / 2, way));
        let target = self.targets[target as usize].index;
        Some(Arrival { target, eta_ms: ms, start: at })
    }

    #[inline]
    const fn turn(&self, turn: Turn) -> u32 {
        match turn {
            Turn::Free => 0,
            Turn::Banned => self.turn_ms,
        }
    }
}

/// A sum of times that stays [`IMPASSABLE`] where a part is, or where it is too long to count.
#[inline]
const fn add(one: u32, other: u32) -> u32 {
    one.saturating_add(other)
}
