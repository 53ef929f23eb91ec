//! Two memories of the same units: of each part the later report counts.

use std::collections::BTreeMap;

use urbis_dispatch::{UnitId, UnitState};

/// What is known here and what was kept elsewhere, together; `None` where that adds nothing.
pub(super) fn merge_units(
    known: impl Iterator<Item = UnitState>,
    kept: Vec<UnitState>,
) -> Option<Vec<UnitState>> {
    let mut units: BTreeMap<UnitId, UnitState> =
        known.map(|state| (state.id.clone(), state)).collect();
    let mut is_news = false;
    for other in kept {
        match units.get_mut(&other.id) {
            Some(state) => is_news |= take_later(state, other),
            None => {
                is_news = true;
                units.insert(other.id.clone(), other);
            }
        }
    }
    is_news.then(|| units.into_values().collect())
}

/// Takes the parts of another memory that are later; says whether there are any.
fn take_later(state: &mut UnitState, other: UnitState) -> bool {
    let mut is_news = false;
    if other.described > state.described {
        (state.description, state.described) = (other.description, other.described);
        is_news = true;
    }
    let stamp = |state: &Option<(_, _, _)>| state.map(|(_, _, stamp)| stamp);
    if stamp(&other.status) > stamp(&state.status) {
        state.status = other.status;
        is_news = true;
    }
    let stamp = |state: &Option<(_, _, _)>| state.as_ref().map(|(_, stamp, _)| *stamp);
    if stamp(&other.position) > stamp(&state.position) {
        state.position = other.position;
        is_news = true;
    }
    is_news
}

#[cfg(test)]
mod tests {
    use urbis_dispatch::{Agency, ReportId, Stamp, UnitDescription, UnitStatus};
    use urbis_model::{Moment, Openness};

    use super::*;

    fn stamp(observed: i64) -> Stamp {
        Stamp { observed_at: Moment(observed), report: ReportId(7) }
    }

    fn state(id: &str, described: i64, status: Option<(UnitStatus, i64)>) -> UnitState {
        UnitState {
            id: UnitId::new(id).unwrap(),
            description: UnitDescription {
                title: format!("of {described}"),
                agency: Agency::Fire114,
                profile: "pumper".into(),
                capabilities: vec![],
                openness: Openness::Internal,
                is_simulated: false,
            },
            described: stamp(described),
            status: status.map(|(status, at)| (status, Moment(at), stamp(at))),
            position: None,
        }
    }

    #[test]
    fn of_each_part_the_later_report_counts() {
        let known = state("a", 5, Some((UnitStatus::Available, 9)));
        let kept = state("a", 6, Some((UnitStatus::OnScene, 8)));
        let merged = merge_units([known].into_iter(), vec![kept]).unwrap();
        assert_eq!(merged, [state("a", 6, Some((UnitStatus::Available, 9)))]);
    }

    #[test]
    fn what_is_known_already_is_no_news_and_another_unit_is() {
        let known = || state("b", 5, None);
        assert_eq!(merge_units([known()].into_iter(), vec![known(), state("b", 4, None)]), None);
        let merged = merge_units([known()].into_iter(), vec![state("a", 1, None)]).unwrap();
        assert_eq!(merged, [state("a", 1, None), known()]);
    }
}
