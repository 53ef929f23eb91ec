//! Finds the reasons, and proves each by a search without its cause.
//!
//! A unit that is barred races with the others all the same, so that its rank without the bar is
//! known. A unit that may go races once more where there are no conditions at all: if it is faster
//! there, the conditions on its way there are the cause, and a third race without just these shows
//! the rank that it would have.
//!
//! That third race proves something whenever the second did. Let C be the conditions on the unit's
//! fastest way when there are none. Without C that way is free, so the unit is as fast as with none
//! at all; the others are at most as fast as with none at all. So its rank without C is at least
//! as good as with none.

use std::collections::{BTreeMap, BTreeSet};

use urbis_network::{ConditionId, LiveRoads};

use super::blame;
use crate::candidates::{Finish, Race, Runner, Scene};

/// A condition cuts a street into pieces, each of whole milliseconds: so a street with one that does
/// not slow a vehicle may take it a few more or less. No way has as many pieces.
const ROUNDING_MS: u32 = 1_000;

/// What a unit's time and rank are, and would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    /// As things are; `None`: it does not get there.
    pub now: Option<Standing>,
    /// With no condition anywhere.
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
    let dry_roads = live.dry();
    let dry = dry_race(scene, &dry_roads, &cases, &suspects);
    let mut blamed = Vec::new();
    for number in suspects {
        let Some(case) = cases.get_mut(&number) else { continue };
        case.dry = standing(&dry, number);
        if let Some(conditions) = to_blame(scene, &dry_roads, &dry, number, case) {
            blamed.push(Blame { number, conditions });
        }
    }
    prove_all(scene, blamed, &mut cases);
    cases
}

/// A unit and the conditions on its way when there are none.
struct Blame {
    number: usize,
    conditions: BTreeSet<ConditionId>,
}

/// Those that may go and were not simply first.
fn suspects(scene: &Scene<'_>, cases: &BTreeMap<usize, Case>) -> Vec<usize> {
    let may_go = |number: &usize| scene.crew.members[*number].bars.is_empty();
    cases.keys().copied().filter(may_go).collect()
}

/// All that may go, where there are no conditions, as long as a suspect may be on its way: it is
/// never later than as things are.
fn dry_race(
    scene: &Scene<'_>,
    dry: &LiveRoads,
    cases: &BTreeMap<usize, Case>,
    suspects: &[usize],
) -> Race {
    let latest = suspects.iter().map(|number| cases[number].now.map(|now| now.eta_ms));
    let cutoff = latest.map(|eta| eta.unwrap_or(scene.cutoff_ms())).max().unwrap_or_default();
    let cutoff = cutoff.saturating_add(ROUNDING_MS);
    let eligible = scene.eligible();
    scene.race(dry, &eligible, eligible.len(), cutoff)
}

/// The conditions on the unit's way in the dry race, where it is faster in it.
fn to_blame(
    scene: &Scene<'_>,
    dry_roads: &LiveRoads,
    dry: &Race,
    number: usize,
    case: &Case,
) -> Option<BTreeSet<ConditionId>> {
    let runner = scene.runner(number)?;
    let dry_ms = case.dry?.eta_ms;
    if case.now.is_some_and(|now| now.eta_ms <= dry_ms) {
        return None;
    }
    let conditions = blame::on_way(scene.view.live, dry_roads, runner.profile, &dry.route(number));
    (!conditions.is_empty()).then_some(conditions)
}

/// Proves what units blame, the fewest conditions first: who blames these and more may be faster
/// without these alone, and then no more is said, nor searched.
fn prove_all(scene: &Scene<'_>, mut blamed: Vec<Blame>, cases: &mut BTreeMap<usize, Case>) {
    let dry = blamed.iter().filter_map(|blame| cases[&blame.number].dry);
    let latest_ms = dry.map(|dry| dry.eta_ms).max().unwrap_or_default();
    let cutoff_ms = latest_ms.saturating_add(ROUNDING_MS);
    blamed.sort_by_key(|blame| (blame.conditions.len(), blame.number));
    while !blamed.is_empty() {
        let Blame { number, conditions } = blamed.remove(0);
        let without: Vec<ConditionId> = conditions.iter().cloned().collect();
        let roads = scene.view.live.without(&without);
        let race = Race::times(&roads, &scene.destination, &scene.eligible(), cutoff_ms);
        let mut is_proved = |number: usize| {
            let Some(case) = cases.get_mut(&number) else { return false };
            // Others use what was opened, too: it may not make this one better than others.
            let better = standing(&race, number)
                .filter(|found| case.now.is_none_or(|now| found.rank < now.rank));
            let proof =
                better.map(|standing| Proof { conditions: without.clone(), without: standing });
            case.proof = proof;
            case.proof.is_some()
        };
        is_proved(number);
        blamed.retain(|other| {
            !(other.conditions.is_superset(&conditions) && is_proved(other.number))
        });
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
    let others = numbers.iter().filter(|number| !standings.contains_key(number));
    let others: Vec<&Runner> = others.filter_map(|number| scene.runner(*number)).collect();
    if others.is_empty() {
        return standings;
    }
    let (live, destination) = (scene.view.live, &scene.destination);
    let times = Race::times(live, destination, &others, scene.cutoff_ms());
    let Some(last) = times.finishes.last() else { return standings };
    let order = Race::times(live, destination, &scene.eligible(), last.eta_ms);
    for one in &times.finishes {
        let is_ahead = |other: &&Finish| {
            other.number != one.number && (other.eta_ms, other.number) < (one.eta_ms, one.number)
        };
        let rank = order.finishes.iter().filter(is_ahead).count() + 1;
        standings.insert(one.number, Standing { eta_ms: one.eta_ms, rank });
    }
    standings
}
