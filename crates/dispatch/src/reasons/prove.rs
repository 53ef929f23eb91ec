//! Finds the reasons, and proves each by a search without its cause.
//!
//! A unit that is barred races with the others all the same, so that its rank without the bar is
//! known. A unit that may go races once more where there are no conditions at all: if it is faster
//! there, the conditions on its way there are the cause, and a third race without just these shows
//! the rank that it would have. Of one that does not get there those conditions alone are named that
//! stop it, as long as it gets there without just these.
//!
//! That third race proves something whenever the second did. Let C be the conditions on the unit's
//! fastest way when there are none. Without C that way is free, so the unit is as fast as with none
//! at all; the others are at most as fast as with none at all. So its rank without C is at least
//! as good as with none.

use std::collections::{BTreeMap, BTreeSet};

use urbis_network::{ConditionId, IMPASSABLE, LiveRoads, OnArc, StateId};

use super::Blamed;
use crate::candidates::{Destination, Finish, Race, Runner, Scene, profiles};

/// A condition cuts a street into pieces, each of whole milliseconds: so a street with one that does
/// not slow a vehicle may take it a few more or less. No way has as many pieces.
const ROUNDING_MS: u32 = 1_000;

/// What a unit's time and rank are, and would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    /// As things are; `None`: it does not get there.
    pub now: Option<Standing>,
    /// With no condition anywhere, where no condition is to blame.
    pub dry: Option<Standing>,
    /// Without the conditions that are to blame; `None` where none is.
    pub proof: Option<Proof>,
}

/// A time and the place among those that may go that it is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub eta_ms: u32,
    pub rank: usize,
}

/// What a race without some conditions showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proof {
    pub conditions: Vec<ConditionId>,
    pub without: Standing,
}

/// Looks into units by their numbers. Those that something bars get their standing now only.
///
/// `race` is the one of the answer: who arrived in it needs no other search.
pub(super) fn investigate(
    scene: &Scene<'_>,
    race: &Race,
    numbers: &[usize],
) -> BTreeMap<usize, Case> {
    let live = scene.view.live;
    let now = standings(scene, race, numbers);
    let mut cases: BTreeMap<usize, Case> = numbers
        .iter()
        .map(|number| (*number, Case { now: now.get(number).copied(), dry: None, proof: None }))
        .collect();
    let suspects = suspects(scene, &cases);
    if suspects.is_empty() {
        return cases;
    }
    if live.condition_count() == 0 {
        cases.values_mut().for_each(|case| case.dry = case.now);
        return cases;
    }
    let dry = live.dry();
    let alone = alone(scene, &dry, &suspects);
    prove_stopped(scene, &alone, &mut cases);
    prove_slowed(scene, &alone, &mut cases);
    rank_dry(scene, &dry, &alone, &mut cases);
    cases
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

/// Proves of those that do not get there that they would without what stops them.
fn prove_stopped(scene: &Scene<'_>, alone: &Race, cases: &mut BTreeMap<usize, Case>) {
    let stopped = cases.iter().filter(|(_, case)| case.now.is_none());
    let blamed = stopped.filter_map(|(number, case)| {
        let Blamed { stopping, delay_ms, .. } = to_blame(scene, alone, *number, case)?;
        let latest_ms = alone.eta_ms(*number)?.saturating_add(delay_ms);
        Blame::of(*number, stopping, latest_ms.min(scene.cutoff_ms()))
    });
    prove_all(scene, blamed.collect(), cases);
}

/// Proves of the others, and of those that arrive too late without what stops them, that they would
/// be faster with nothing on their way.
fn prove_slowed(scene: &Scene<'_>, alone: &Race, cases: &mut BTreeMap<usize, Case>) {
    let open = cases.iter().filter(|(_, case)| case.proof.is_none());
    let blamed = open.filter_map(|(number, case)| {
        let conditions = to_blame(scene, alone, *number, case)?.all();
        Blame::of(*number, conditions, alone.eta_ms(*number)?)
    });
    prove_all(scene, blamed.collect(), cases);
}

/// Those that may go and were not simply first.
fn suspects(scene: &Scene<'_>, cases: &BTreeMap<usize, Case>) -> Vec<usize> {
    let may_go = |number: &usize| scene.crew.members[*number].bars.is_empty();
    cases.keys().copied().filter(may_go).collect()
}

/// The suspects where there are no conditions.
fn alone(scene: &Scene<'_>, dry: &LiveRoads, suspects: &[usize]) -> Race {
    let runners = suspects.iter().filter_map(|number| scene.runner(*number));
    let who: Vec<&Runner> =
        runners.filter(|runner| !is_shut_in(dry, &scene.destination, runner)).collect();
    scene.race(dry, &who, who.len(), scene.cutoff_ms())
}

/// Ranks with no condition anywhere, of those that no condition is to blame for.
fn rank_dry(scene: &Scene<'_>, dry: &LiveRoads, alone: &Race, cases: &mut BTreeMap<usize, Case>) {
    let is_open = |case: &Case| case.now.is_some() && case.proof.is_none();
    let open = cases.iter().filter(|(_, case)| is_open(case));
    let Some(latest_ms) = open.filter_map(|(number, _)| alone.eta_ms(*number)).max() else {
        return;
    };
    let order = Race::times(dry, &scene.destination, &scene.eligible(), latest_ms);
    for (number, case) in cases.iter_mut().filter(|(_, case)| is_open(case)) {
        case.dry = standing(&order, *number);
    }
}

/// The conditions on the unit's way in the dry race, where it is faster in it.
fn to_blame(scene: &Scene<'_>, alone: &Race, number: usize, case: &Case) -> Option<Blamed> {
    let runner = scene.runner(number)?;
    let dry_ms = alone.eta_ms(number)?;
    if case.now.is_some_and(|now| now.eta_ms <= dry_ms) {
        return None;
    }
    Some(Blamed::on_way(scene.view.live, runner.profile, &alone.route(number)))
}

/// Proves what units blame, the fewest conditions first: who blames these and more may be faster
/// without these alone, and then no more is said, nor searched.
fn prove_all(scene: &Scene<'_>, mut blamed: Vec<Blame>, cases: &mut BTreeMap<usize, Case>) {
    let latest_ms = blamed.iter().map(|blame| blame.latest_ms).max().unwrap_or_default();
    let cutoff_ms = latest_ms.saturating_add(ROUNDING_MS);
    blamed.sort_by_key(|blame| (blame.conditions.len(), blame.number));
    let kinds = profiles(&scene.eligible());
    while !blamed.is_empty() {
        let first = blamed.remove(0);
        let roads = scene.view.live.without(&first.conditions, &kinds);
        let race = Race::times(&roads, &scene.destination, &scene.eligible(), cutoff_ms);
        let mut is_proved = |other: &Blame| {
            let Some(case) = cases.get_mut(&other.number) else { return false };
            // Others use what was opened, too: it may not make this one better than others.
            let better = standing(&race, other.number)
                .filter(|found| case.now.is_none_or(|now| found.rank < now.rank));
            // In the order of what they do to this one.
            let conditions = other.conditions.iter().filter(|one| first.conditions.contains(one));
            let conditions = conditions.cloned().collect();
            case.proof = better.map(|without| Proof { conditions, without });
            case.proof.is_some()
        };
        is_proved(&first);
        blamed.retain(|other| !(other.has_all(&first.conditions) && is_proved(other)));
    }
}

fn standing(race: &Race, number: usize) -> Option<Standing> {
    Some(Standing { eta_ms: race.eta_ms(number)?, rank: race.rank(number)? })
}

/// Times of some units, whether they may go or not, with the rank among those that may that each
/// time is worth.
fn standings(scene: &Scene<'_>, race: &Race, numbers: &[usize]) -> BTreeMap<usize, Standing> {
    let known = numbers.iter().filter_map(|number| Some((*number, standing(race, *number)?)));
    let mut standings: BTreeMap<usize, Standing> = known.collect();
    let (live, destination) = (scene.view.live, &scene.destination);
    let others = numbers.iter().filter(|number| !standings.contains_key(number));
    let mut others: Vec<&Runner> = others.filter_map(|number| scene.runner(*number)).collect();
    others.retain(|runner| !is_shut_in(live, destination, runner));
    if others.is_empty() {
        return standings;
    }
    let order = order(scene, race, &others);
    let may_go = |number: usize| scene.crew.members[number].bars.is_empty();
    for runner in others {
        let Some(eta_ms) = order.eta_ms(runner.number) else { continue };
        let mine = (eta_ms, runner.number);
        let is_ahead =
            |other: &&Finish| may_go(other.number) && (other.eta_ms, other.number) < mine;
        let rank = order.finishes.iter().filter(is_ahead).count() + 1;
        standings.insert(runner.number, Standing { eta_ms, rank });
    }
    standings
}

/// Those that may go and some others in one order, which is complete as far as the last of these.
///
/// Near units are seldom much later than the last candidate: how much is looked for only where
/// some were not found by then.
fn order(scene: &Scene<'_>, race: &Race, others: &[&Runner]) -> Race {
    const LATER_MS: u32 = 60_000;
    let mut who = scene.eligible();
    who.extend(others);
    who.sort_by_key(|runner| runner.number);
    who.dedup_by_key(|runner| runner.number);
    let times = |cutoff_ms| Race::times(scene.view.live, &scene.destination, &who, cutoff_ms);
    let last = race.finishes.last().map(|last| last.eta_ms);
    let soon = last.map(|last| last.saturating_add(last / 2).saturating_add(LATER_MS));
    if let Some(soon) = soon.filter(|soon| *soon < scene.cutoff_ms()) {
        let found = times(soon);
        if others.iter().all(|runner| found.eta_ms(runner.number).is_some()) {
            return found;
        }
    }
    let alone = Race::times(scene.view.live, &scene.destination, others, scene.cutoff_ms());
    times(alone.finishes.last().map_or(0, |last| last.eta_ms))
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
