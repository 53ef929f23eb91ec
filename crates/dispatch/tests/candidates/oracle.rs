//! The slowest answer that is surely right: every unit searches forward, alone, and the times are
//! sorted.

use std::collections::{BTreeMap, BTreeSet};

use urbis_dispatch::Unit;
use urbis_model::{LonLat, Metres};
use urbis_network::{IMPASSABLE, LiveRoads, OnArc, SnapRules, StateId, Turn, snap};

use crate::town::Town;

/// Milliseconds and id of every unit that gets to a place, first to last; towns without turn
/// restrictions, where every vehicle can drive on every street.
pub fn order(town: &Town, units: &[&Unit], place: LonLat) -> Vec<(u32, String)> {
    let rules = SnapRules { within: Metres(500.0), heading_deg: None, max: 16 };
    let snaps = snap(&town.city, town.live.graph(), place, &rules);
    let nearest = snaps.first().expect("a street is near").gap.0;
    let same = snaps.iter().filter(|found| (found.gap.0 - nearest).abs() <= 0.01);
    let incident: Vec<OnArc> =
        same.filter_map(|found| town.live.graph().locate(found.position)).collect();
    let time = |unit: &&&Unit| Some((time(town, unit, &incident)?, unit.id.to_string()));
    let mut order: Vec<(u32, String)> = units.iter().filter_map(|unit| time(&unit)).collect();
    order.sort();
    order
}

fn time(town: &Town, unit: &Unit, incident: &[OnArc]) -> Option<u32> {
    let (profile, _) = town.city.catalog().profile(&unit.description.profile)?;
    let live = &town.live;
    let fix = unit.fix.as_ref()?;
    let mut best = IMPASSABLE;
    let mut queue: BTreeSet<(u32, StateId)> = BTreeSet::new();
    for snapped in &fix.positions {
        let start = live.graph().locate(snapped.position)?;
        for end in
            incident.iter().filter(|end| end.arc == start.arc && end.offset_mm >= start.offset_mm)
        {
            best = best.min(live.time(profile, start, *end).saturating_add(snapped.penalty_ms));
        }
        let ms = live.time_to_head(profile, start);
        if ms != IMPASSABLE {
            queue.insert((ms + snapped.penalty_ms, live.graph().head_state(start.arc)));
        }
    }
    let mut settled: BTreeMap<StateId, u32> = BTreeMap::new();
    while let Some((ms, state)) = queue.pop_first() {
        if settled.contains_key(&state) {
            continue;
        }
        settled.insert(state, ms);
        for out in live.graph().outgoing(state) {
            assert_eq!(out.turn(), Turn::Free, "towns have no turn restrictions");
            for end in incident.iter().filter(|end| end.arc == out.arc()) {
                best = best.min(ms.saturating_add(from_tail(live, profile, *end)));
            }
            let over = live.weight(profile, out.arc());
            if over != IMPASSABLE {
                queue.insert((ms + over, out.to));
            }
        }
    }
    (best != IMPASSABLE).then_some(best)
}

fn from_tail(live: &LiveRoads, profile: urbis_catalog::ProfileIndex, end: OnArc) -> u32 {
    live.time(profile, OnArc { arc: end.arc, offset_mm: 0 }, end)
}
