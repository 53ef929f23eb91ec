//! The conditions on a way.

use std::collections::BTreeSet;

use urbis_catalog::ProfileIndex;
use urbis_network::{ArcStretch, ConditionId, LiveRoads, OnArc};

/// The conditions that slow or close a way for a kind of vehicle; `dry`
/// are the same roads without conditions.
pub(crate) fn on_way(
    live: &LiveRoads,
    dry: &LiveRoads,
    profile: ProfileIndex,
    way: &[ArcStretch],
) -> BTreeSet<ConditionId> {
    let is_slowed =
        |stretch: &&ArcStretch| time(live, profile, stretch) > time(dry, profile, stretch);
    let here = way
        .iter()
        .filter(is_slowed)
        .flat_map(|stretch| live.conditions_between(stretch.arc, stretch.from_mm, stretch.to_mm));
    here.map(|condition| condition.id.clone()).collect()
}

fn time(live: &LiveRoads, profile: ProfileIndex, stretch: &ArcStretch) -> u32 {
    let at = |offset_mm| OnArc { arc: stretch.arc, offset_mm };
    live.time(profile, at(stretch.from_mm), at(stretch.to_mm))
}
