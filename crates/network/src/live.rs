//! The roads as they are now: one immutable state after each batch of reports.
//!
//! ```text
//!   Roads ──new──▶ LiveRoads 1 ──with──▶ 2 ──expire──▶ 3
//!   Roads' ─────────────────────────────────on────────▶ 3 over the roads of the next city
//! ```
//!
//! A state shares with the one before all pages of weights in which nothing changed. Who reads a
//! state reads all of one batch and nothing of the next.

use std::collections::BTreeMap;
use std::sync::Arc;

use urbis_catalog::ProfileIndex;
use urbis_model::{Moment, Openness};
use urbis_snapshot::City;

use crate::conditions::{Matcher, area_of};
use crate::road_state::{RoadState, RoadStateOutcome, RoadStateUpdate};
use crate::traffic::Traffic;
use crate::weights::{Timing, WeightsOf};
use crate::{
    ArcId, Condition, ConditionId, Effect, Graph, IMPASSABLE, LinkId, OnArc, Roads, Span, Travel,
};

/// How long the end of a live state is remembered, so that an older report that comes late does
/// not bring it back; microseconds.
const REMEMBERED_US: i64 = 3_600_000_000;

/// The roads of one city under all that is known of them; immutable, cheap to clone.
#[derive(Debug, Clone)]
pub struct LiveRoads {
    roads: Arc<Roads>,
    epoch: u64,
    /// Closures of the roads and live states.
    traffic: Traffic,
    /// Live states that are over, by their keys.
    ended: Arc<BTreeMap<Arc<str>, Ended>>,
    /// Before this moment no live state is over and no end is forgotten.
    wakes_at: Moment,
}

/// The end of a live state.
#[derive(Debug, Clone, Copy)]
struct Ended {
    /// What its last report saw was at this moment.
    seen_at: Moment,
    /// It is remembered until then.
    forget_at: Moment,
}

impl Ended {
    const fn new(seen_at: Moment, now: Moment) -> Self {
        Self { seen_at, forget_at: Moment(now.0.saturating_add(REMEMBERED_US)) }
    }
}

impl LiveRoads {
    /// Roads without a live state, at epoch 0.
    pub fn new(roads: Arc<Roads>) -> Self {
        let traffic = roads.traffic().clone();
        Self { roads, epoch: 0, traffic, ended: Arc::default(), wakes_at: Moment(i64::MAX) }
    }

    /// The same live states over the roads of another city, at the same epoch.
    ///
    /// Cost: that of what changed where `roads` [followed](Roads::follow) these; of matching every
    /// live state anew otherwise.
    #[must_use]
    pub fn on(&self, roads: Arc<Roads>, city: &City) -> Self {
        if roads.token() == self.roads.token() {
            return Self { roads, ..self.clone() };
        }
        let step = roads.step_from(self.roads.token());
        let mut traffic = step.map_or_else(|| roads.traffic().clone(), |_| self.traffic.clone());
        let live = match step {
            Some(step) => step.stale(&self.traffic.conditions, self.roads.graph()),
            None => self.conditions().collect(),
        };
        let live = live.into_iter().filter(|condition| is_live(condition));
        let matcher = Matcher::new(city, roads.graph());
        let moved = live.map(|condition| {
            let spans = matcher.spans(&condition.reach, condition.direction);
            Arc::new(Condition { spans, ..Condition::clone(condition) })
        });
        let mut put: Vec<_> = moved.collect();
        let (mut out, mut arcs) = (Vec::new(), Vec::new());
        if let Some(step) = step {
            put.extend(step.put.iter().cloned());
            out.clone_from(&step.out);
            arcs.clone_from(&step.arcs);
        }
        traffic.change(roads.graph(), roads.drivers().iter(), &out, put, arcs);
        Self { traffic, roads, ..self.clone() }
    }

    /// The next epoch, after a batch of reports in the order in which they came; with it what
    /// became of each.
    ///
    /// A report that is older than what is known of its key changes nothing, so that reports may
    /// come late, twice and in any order.
    pub fn with(
        &self,
        city: &City,
        updates: &[RoadStateUpdate],
        now: Moment,
    ) -> (Self, Vec<RoadStateOutcome>) {
        let matcher = Matcher::new(city, self.graph());
        let mut batch = Batch { before: self, put: BTreeMap::new(), ended: BTreeMap::new() };
        let outcomes = updates.iter().map(|update| batch.take(update, now, &matcher)).collect();
        let Batch { put, ended, .. } = batch;
        let out: Vec<ConditionId> = ended.keys().cloned().map(ConditionId::Live).collect();
        let ends = put.values().filter_map(|condition| condition.until);
        let wakes_at = ends.chain(ended.values().map(|ended| ended.forget_at)).min();
        let mut next = self.changed(&out, put.into_values().collect());
        if !ended.is_empty() {
            Arc::make_mut(&mut next.ended).extend(ended);
        }
        next.wakes_at = wakes_at.map_or(self.wakes_at, |at| at.min(self.wakes_at));
        (next, outcomes)
    }

    /// The next epoch without the live states that are over at `now`; this one, where none is.
    #[must_use]
    pub fn expire(&self, now: Moment) -> Self {
        if now < self.wakes_at {
            return self.clone();
        }
        let over = self.live_conditions().filter(|condition| !is_on(condition, now));
        let over: Vec<&Arc<Condition>> = over.collect();
        let out: Vec<ConditionId> = over.iter().map(|condition| condition.id.clone()).collect();
        let mut next = if out.is_empty() { self.clone() } else { self.changed(&out, Vec::new()) };
        let ended = Arc::make_mut(&mut next.ended);
        ended.retain(|_, ended| now < ended.forget_at);
        ended.extend(over.iter().filter_map(|condition| {
            let ConditionId::Live(key) = &condition.id else { return None };
            Some((Arc::clone(key), Ended::new(condition.reported_at?, now)))
        }));
        let forgets = next.ended.values().map(|ended| ended.forget_at);
        let wakes_at = next.next_end(now).into_iter().chain(forgets).min();
        next.wakes_at = wakes_at.unwrap_or(Moment(i64::MAX));
        next
    }

    /// These roads as they would be without some conditions, at the same epoch, for some profiles:
    /// what others take is not to be asked of it.
    #[must_use]
    pub fn without(&self, conditions: &[ConditionId], profiles: &[ProfileIndex]) -> Self {
        if self.conditions().all(|condition| conditions.contains(&condition.id)) {
            return self.dry();
        }
        let drivers = self.roads.drivers().iter();
        let drivers = drivers.filter(|driver| profiles.contains(&driver.index()));
        let mut next = self.clone();
        next.traffic.change(self.graph(), drivers, conditions, Vec::new(), Vec::new());
        next
    }

    /// These roads as they would be without any condition, at the same epoch.
    #[must_use]
    pub fn dry(&self) -> Self {
        Self { traffic: Traffic::dry(self.roads.dry()), ..self.clone() }
    }

    /// These roads as they are expected at another moment: the closures of the city that are valid
    /// then, and the live states of now that are not over by then.
    #[must_use]
    pub fn at(&self, city: &City, at: Moment) -> Self {
        let live = self.live_conditions().filter(|condition| condition.holds_at(at)).cloned();
        let live: Vec<_> = live.collect();
        let there = Self::new(Arc::new(self.roads.at(city, at))).changed(&[], live);
        let (epoch, wakes_at) = (self.epoch, self.wakes_at);
        Self { epoch, wakes_at, ended: Arc::clone(&self.ended), ..there }
    }

    fn changed(&self, out: &[ConditionId], put: Vec<Arc<Condition>>) -> Self {
        let mut next = self.clone();
        next.traffic.change(self.graph(), self.roads.drivers().iter(), out, put, Vec::new());
        next.epoch += 1;
        next
    }

    /// Number of this state: one more after each batch, and after each end of a state.
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The roads without live states.
    pub const fn roads(&self) -> &Arc<Roads> {
        &self.roads
    }

    /// The graph.
    pub fn graph(&self) -> &Graph {
        self.roads.graph()
    }

    /// All conditions that hold, in the order of their ids; those on no road, too.
    pub fn conditions(&self) -> impl Iterator<Item = &Arc<Condition>> {
        self.traffic.conditions.iter()
    }

    /// The arcs on which conditions lie, whatever they do there; each once.
    pub fn arcs_under_conditions(&self) -> Vec<ArcId> {
        let links = self.traffic.conditions.links();
        let links = links.filter(|link| link.index() < self.graph().link_count());
        let mut arcs: Vec<ArcId> = links.map(|link| self.graph().edge_of(link)).collect();
        arcs.sort_unstable();
        arcs.dedup();
        arcs.into_iter().flat_map(|arc| [arc, arc.reverse()]).collect()
    }

    /// Number of all conditions that hold.
    pub fn condition_count(&self) -> usize {
        self.traffic.conditions.len()
    }

    /// A condition by its id.
    pub fn condition(&self, id: &ConditionId) -> Option<&Arc<Condition>> {
        self.traffic.conditions.find(id)
    }

    fn live_conditions(&self) -> impl Iterator<Item = &Arc<Condition>> {
        self.conditions().filter(|condition| is_live(condition))
    }

    /// The first moment after `now` at which a live state is over.
    pub fn next_end(&self, now: Moment) -> Option<Moment> {
        let ends = self.live_conditions().filter_map(|condition| condition.until);
        ends.filter(|until| *until > now).min()
    }

    /// When the newest of the live states that a class may know was seen; `None` where there is none.
    pub fn newest_report(&self, class: Openness) -> Option<Moment> {
        let known = self.live_conditions().filter(|condition| condition.openness <= class);
        known.filter_map(|condition| condition.reported_at).max()
    }

    /// The conditions on an arc in its direction, each once, in order along it.
    pub fn conditions_on(&self, arc: ArcId) -> Vec<Arc<Condition>> {
        self.conditions_between(arc, 0, u32::MAX)
    }

    /// The conditions on a stretch of an arc in its direction, each once, in order along it.
    pub fn conditions_between(&self, arc: ArcId, from_mm: u32, to_mm: u32) -> Vec<Arc<Condition>> {
        let mut start = 0_u32;
        let mut found: Vec<(u32, &Arc<Condition>)> = Vec::new();
        for (link, travel) in self.graph().links(arc) {
            let length = self.graph().link(link).length_mm;
            for on in self.traffic.conditions.on(link) {
                let (low, high) = match travel {
                    Travel::Forward => (on.from_mm, on.to_mm),
                    Travel::Backward => (length - on.to_mm, length - on.from_mm),
                };
                let (low, high) = (start.saturating_add(low), start.saturating_add(high));
                let is_here = low < to_mm && from_mm < high;
                if is_here && on.travel.is_none_or(|only| only == travel) {
                    found.push((low, &on.condition));
                }
            }
            start = start.saturating_add(length);
        }
        found.sort_by_key(|(at, _)| *at);
        let mut each_once: Vec<Arc<Condition>> = Vec::new();
        for (_, condition) in found {
            if each_once.iter().all(|other| other.id != condition.id) {
                each_once.push(Arc::clone(condition));
            }
        }
        each_once
    }

    /// Time of a whole arc in milliseconds; [`IMPASSABLE`] where the vehicle cannot drive it, or
    /// where a part of it is closed.
    #[inline]
    pub fn weight(&self, profile: ProfileIndex, arc: ArcId) -> u32 {
        self.traffic.weights.weight(profile, arc)
    }

    /// The weights of one profile.
    #[inline]
    pub(crate) fn weights(&self, profile: ProfileIndex) -> WeightsOf<'_> {
        self.traffic.weights.of(profile)
    }

    /// Time from one place on an arc to a later one in milliseconds; [`IMPASSABLE`] where the
    /// vehicle cannot drive there, where a stretch in between is closed, where `to` is before
    /// `from`, and on different arcs.
    pub fn time(&self, profile: ProfileIndex, from: OnArc, to: OnArc) -> u32 {
        if from.arc != to.arc || to.offset_mm < from.offset_mm {
            return IMPASSABLE;
        }
        let timing = self.timing(profile);
        timing.map_or(IMPASSABLE, |timing| timing.stretch(from.arc, from.offset_mm, to.offset_mm))
    }

    /// Time from a place to the end of its arc.
    pub fn time_to_head(&self, profile: ProfileIndex, from: OnArc) -> u32 {
        let end = OnArc { offset_mm: u32::MAX, ..from };
        self.time(profile, from, end)
    }

    /// Time from the start of an arc to a place on it.
    pub fn time_from_tail(&self, profile: ProfileIndex, to: OnArc) -> u32 {
        self.time(profile, OnArc { offset_mm: 0, ..to }, to)
    }

    /// How far the vehicle gets on its arc from a place, at most to its end, millimetres from the
    /// arc's tail.
    pub fn farthest(&self, profile: ProfileIndex, from: OnArc) -> u32 {
        let timing = self.timing(profile);
        timing.map_or(from.offset_mm, |timing| timing.farthest(from.arc, from.offset_mm))
    }

    /// What an effect alone adds to the vehicle's time for a length of a link, milliseconds;
    /// `None` where the vehicle does not pass.
    pub fn delay_ms(
        &self,
        profile: ProfileIndex,
        (link, travel): (LinkId, Travel),
        length_mm: u32,
        effect: &Effect,
    ) -> Option<f64> {
        let driver = self.roads.drivers().get(profile.index())?;
        let dry = driver.speed(self.graph().link(link), travel)?;
        let left = driver.speed_under(dry, effect)?;
        // Millimetres by km/h are 3.6 ms.
        Some(f64::from(length_mm) * 3.6 * (1.0 / left - 1.0 / dry))
    }

    /// What a forbidden turn costs in milliseconds; [`IMPASSABLE`] where the vehicle does not make
    /// it.
    pub fn turn_ms(&self, profile: ProfileIndex) -> u32 {
        self.roads.drivers().get(profile.index()).map_or(IMPASSABLE, |driver| driver.turn_ms())
    }

    fn timing(&self, profile: ProfileIndex) -> Option<Timing<'_>> {
        let driver = self.roads.drivers().get(profile.index())?;
        Some(Timing { graph: self.graph(), driver, conditions: &self.traffic.conditions })
    }
}

fn is_live(condition: &Condition) -> bool {
    matches!(condition.id, ConditionId::Live(_))
}

fn is_on(condition: &Condition, now: Moment) -> bool {
    condition.until.is_none_or(|until| now < until)
}

/// A batch of reports as it is read.
struct Batch<'a> {
    before: &'a LiveRoads,
    put: BTreeMap<Arc<str>, Arc<Condition>>,
    ended: BTreeMap<Arc<str>, Ended>,
}

impl Batch<'_> {
    fn take(
        &mut self,
        update: &RoadStateUpdate,
        now: Moment,
        matcher: &Matcher<'_>,
    ) -> RoadStateOutcome {
        let seen = self.seen(&update.key);
        if seen.is_some_and(|seen| update.observed_at < seen) {
            return RoadStateOutcome::OutOfOrder;
        }
        let state = update.state.as_ref();
        let Some(state) = state.filter(|state| state.until.is_none_or(|until| now < until)) else {
            self.put.remove(&update.key);
            self.ended.insert(Arc::clone(&update.key), Ended::new(update.observed_at, now));
            return match state {
                Some(_) => RoadStateOutcome::Over,
                None => RoadStateOutcome::Cleared,
            };
        };
        let condition = self.condition(update, state, matcher);
        let links = condition.spans.len();
        self.ended.remove(&update.key);
        self.put.insert(Arc::clone(&update.key), Arc::new(condition));
        if links == 0 { RoadStateOutcome::OnNoRoad } else { RoadStateOutcome::Applied { links } }
    }

    /// The state of a key as it is so far.
    fn known(&self, key: &Arc<str>) -> Option<&Arc<Condition>> {
        if self.ended.contains_key(key) {
            return None;
        }
        let id = || ConditionId::Live(Arc::clone(key));
        self.put.get(key).or_else(|| self.before.condition(&id()))
    }

    /// When the last report of a key saw it.
    fn seen(&self, key: &Arc<str>) -> Option<Moment> {
        let known = self.known(key).and_then(|condition| condition.reported_at);
        let ended = self.ended.get(key).or_else(|| self.before.ended.get(key)).copied();
        known.max(ended.map(|ended| ended.seen_at))
    }

    fn condition(
        &self,
        update: &RoadStateUpdate,
        state: &RoadState,
        matcher: &Matcher<'_>,
    ) -> Condition {
        let known = self.known(&update.key);
        // What was matched a moment ago is matched: depths change by the minute, places do not.
        let same =
            known.filter(|known| known.reach == state.reach && known.direction == state.direction);
        // It goes on where it slowed then and now, or neither.
        let goes_on = same.filter(|known| known.effect.slows() == state.effect.slows());
        let spans: Vec<Span> = same.map_or_else(
            || matcher.spans(&state.reach, state.direction),
            |known| known.spans.clone(),
        );
        Condition {
            id: ConditionId::Live(Arc::clone(&update.key)),
            reach: state.reach.clone(),
            direction: state.direction,
            spans,
            effect: state.effect,
            cause: state.cause.clone(),
            title: state.title.clone(),
            since: goes_on.map_or(Some(update.observed_at), |known| known.since),
            until: state.until,
            reported_at: Some(update.observed_at),
            openness: Openness::max(state.openness, Openness::Open),
            area: area_of(&state.reach),
        }
    }
}
