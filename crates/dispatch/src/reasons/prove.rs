//! Finds the reasons, and proves each by a search without its cause.
//!
//! A unit that is barred races with the others all the same, so that its rank without the bar is
//! known. A unit that may go races once more where there are no conditions at all: if it is faster
//! there, the conditions on its way there are the cause, and a [`Trial`] without just these shows
//! the rank that it would have. Of one that does not get there those conditions alone are named that
//! stop it, as long as it gets there without just these.
//!
//! That trial proves something whenever the race without conditions did. Let C be the conditions on
//! the unit's fastest way when there are none. Without C that way is free, so the unit is as fast as
//! with none at all; the others are at most as fast as with none at all. So its rank without C is
//! at least as good as with none.

use std::collections::{BTreeMap, BTreeSet};

use urbis_network::{ConditionId, IMPASSABLE, LiveRoads, OnArc, StateId};

use super::Blamed;
use super::trial::Trial;
use crate::candidates::{Destination, Outcome, Race, Runner, Scene, Standing, profiles};

/// What a unit's time and rank are, and would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    /// As things are.
    pub now: Outcome,
    /// With no condition anywhere, where no condition is to blame.
    pub dry: Outcome,
    /// Without the conditions that are to blame; `None` where none is.
    pub proof: Option<Proof>,
}

/// What a trial without some conditions showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proof {
    pub conditions: Vec<ConditionId>,
    pub without: Standing,
}

/// Looks into units by their numbers. Those that something bars get their standing now only.
///
/// `race` is the one of the answer, with all units in it; it goes on until these have arrived, or
/// one more in all than was asked for, and is at its end then. To know just when the last of all
/// units would arrive takes all roads, and decides nothing.
pub(super) fn investigate(
    scene: &Scene<'_>,
    race: &mut Race<'_>,
    numbers: &[usize],
) -> BTreeMap<usize, Case> {
    let live = scene.view.live;
    let shut_in = look_for(scene, live, race, numbers, 0);
    let case = |number: usize| {
        let is_shut_in = shut_in.contains(&number);
        let now = if is_shut_in { Outcome::Never } else { race.outcome(number) };
        Case { now, dry: Outcome::Never, proof: None }
    };
    let mut cases: BTreeMap<usize, Case> =
        numbers.iter().map(|number| (*number, case(*number))).collect();
    let suspects = suspects(scene, &cases);
    if suspects.is_empty() {
        return cases;
    }
    if live.condition_count() == 0 {
        cases.values_mut().for_each(|case| case.dry = case.now);
        return cases;
    }
    let roads = live.dry();
    // As far as the race of now, so that whoever is later here, too, is later for no condition.
    let at_least_ms = race.reached_ms();
    let mut dry = race.go_over(&roads, &live.arcs_under_conditions());
    look_for(scene, &roads, &mut dry, &suspects, at_least_ms);
    let mut inquiry = Inquiry { scene, now: race, dry, cases };
    inquiry.prove_stopped();
    inquiry.prove_slowed();
    inquiry.rank_dry();
    inquiry.cases
}

/// Lets a race go on until these have arrived or enough others, but for those of whom it is plain
/// that they do not, which it returns.
fn look_for(
    scene: &Scene<'_>,
    roads: &LiveRoads,
    race: &mut Race<'_>,
    numbers: &[usize],
    at_least_ms: u32,
) -> Vec<usize> {
    let missing = numbers.iter().copied().filter(|number| race.eta_ms(*number).is_none());
    let (shut_in, open): (Vec<usize>, Vec<usize>) = missing.partition(|number| {
        let runner = scene.runner(*number);
        runner.is_none_or(|runner| is_shut_in(roads, &scene.destination, runner))
    });
    race.look_for(&open, scene.ask.wanted() + 1, at_least_ms);
    shut_in
}

/// Those that may go and were not simply first.
fn suspects(scene: &Scene<'_>, cases: &BTreeMap<usize, Case>) -> Vec<usize> {
    let may_go = |number: &usize| scene.crew.members[*number].bars.is_empty();
    cases.keys().copied().filter(may_go).collect()
}

/// A unit, the conditions on its way when there are none, and how long it takes at most without them.
struct Blame {
    number: usize,
    conditions: Vec<ConditionId>,
    latest_ms: u32,
}

impl Blame {
    fn of(number: usize, conditions: Vec<ConditionId>, latest_ms: u32) -> Option<Self> {
        (!conditions.is_empty()).then_some(Self { number, conditions, latest_ms })
    }

    fn has_all(&self, conditions: &[ConditionId]) -> bool {
        conditions.iter().all(|one| self.conditions.contains(one))
    }
}

/// The search for causes.
struct Inquiry<'a, 'r> {
    scene: &'a Scene<'a>,
    /// The race as things are.
    now: &'a Race<'a>,
    /// The race where there are no conditions, of the kinds in which somebody may go.
    dry: Race<'r>,
    cases: BTreeMap<usize, Case>,
}

impl Inquiry<'_, '_> {
    /// Proves of those that do not get there that they would without what stops them.
    fn prove_stopped(&mut self) {
        let stopped = self.cases.iter().filter(|(_, case)| case.now == Outcome::Never);
        let blamed = stopped.filter_map(|(number, case)| {
            let Blamed { stopping, delay_ms, .. } = self.to_blame(*number, case)?;
            let latest_ms = self.dry.eta_ms(*number)?.saturating_add(delay_ms);
            Blame::of(*number, stopping, latest_ms.min(self.scene.cutoff_ms()))
        });
        let blamed = blamed.collect();
        self.prove_all(blamed);
    }

    /// Proves of the others, and of those that arrive too late without what stops them, that they
    /// would be faster with nothing on their way.
    fn prove_slowed(&mut self) {
        let open = self.cases.iter().filter(|(_, case)| case.proof.is_none());
        let blamed = open.filter_map(|(number, case)| {
            let conditions = self.to_blame(*number, case)?.all();
            Blame::of(*number, conditions, self.dry.eta_ms(*number)?)
        });
        let blamed = blamed.collect();
        self.prove_all(blamed);
    }

    /// Ranks with no condition anywhere, of those that no condition is to blame for.
    fn rank_dry(&mut self) {
        for (number, case) in self.cases.iter_mut().filter(|(_, case)| case.proof.is_none()) {
            case.dry = self.dry.outcome(*number);
        }
    }

    /// The conditions on the unit's way in the dry race, where it is faster in it.
    fn to_blame(&self, number: usize, case: &Case) -> Option<Blamed> {
        let runner = self.scene.runner(number)?;
        let dry_ms = self.dry.eta_ms(number)?;
        if case.now.standing().is_some_and(|now| now.eta_ms <= dry_ms) {
            return None;
        }
        Some(Blamed::on_way(self.scene.view.live, runner.profile, &self.dry.route(number)))
    }

    /// Proves what units blame, the fewest conditions first: who blames these and more may be
    /// faster without these alone, and then no more is said, nor searched.
    fn prove_all(&mut self, mut blamed: Vec<Blame>) {
        let latest_ms = blamed.iter().map(|blame| blame.latest_ms).max().unwrap_or_default();
        blamed.sort_by_key(|blame| (blame.conditions.len(), blame.number));
        let kinds = profiles(&self.scene.eligible());
        while !blamed.is_empty() {
            let tried = blamed[0].conditions.clone();
            let roads = self.scene.view.live.without(&tried, &kinds);
            let mut trial =
                Trial { scene: self.scene, roads: &roads, now: self.now, dry: &mut self.dry };
            blamed.retain(|blame| {
                if !blame.has_all(&tried) {
                    return true;
                }
                let Some(case) = self.cases.get_mut(&blame.number) else { return false };
                // Others use what was opened, too: it may not make this one better than others.
                let better = trial
                    .standing(blame.number, latest_ms)
                    .filter(|found| is_before(*found, case.now));
                // In the order of what they do to this one.
                let conditions = blame.conditions.iter().filter(|one| tried.contains(one));
                let conditions = conditions.cloned().collect();
                case.proof = better.map(|without| Proof { conditions, without });
                case.proof.is_none() && blame.conditions.len() > tried.len()
            });
        }
    }
}

/// Says that a standing is surely better than what is known of a unit.
const fn is_before(standing: Standing, now: Outcome) -> bool {
    match now {
        Outcome::Arrives(now) => standing.rank < now.rank,
        Outcome::Later { behind, .. } => standing.rank <= behind,
        Outcome::Never => true,
    }
}

/// Says that a unit stands where only few states can be got to and the destination is not among
/// them, such as on a flooded street: to search for it from the destination would take all roads.
/// `false` where that is not known.
fn is_shut_in(live: &LiveRoads, destination: &Destination, runner: &Runner) -> bool {
    const FEW: usize = 128;
    let Some(spot) = destination.on(runner.profile) else { return true };
    let is_there = |(at, _): &(OnArc, u32)| spot.positions.iter().any(|end| end.arc == at.arc);
    if runner.starts.iter().any(is_there) {
        return false;
    }
    let graph = live.graph();
    let gets_out = |at: &OnArc| live.time_to_head(runner.profile, *at) != IMPASSABLE;
    let out = runner.starts.iter().map(|(at, _)| at).filter(|at| gets_out(at));
    let mut waiting: Vec<StateId> = out.map(|at| graph.head_state(at.arc)).collect();
    let mut seen: BTreeSet<StateId> = waiting.iter().copied().collect();
    while let Some(state) = waiting.pop() {
        for next in graph.outgoing(state) {
            if spot.positions.iter().any(|end| end.arc == next.arc()) || seen.len() > FEW {
                return false;
            }
            let is_open = live.weight(runner.profile, next.arc()) != IMPASSABLE;
            if is_open && seen.insert(next.to) {
                waiting.push(next.to);
            }
        }
    }
    true
}
