//! The conditions on a way, by what each of them alone does to the vehicle.

use std::collections::{BTreeSet, HashMap};

use urbis_catalog::ProfileIndex;
use urbis_network::{ArcStretch, Condition, ConditionId, LinkId, LiveRoads, Span, Travel};

/// The conditions that keep a kind of vehicle from a way or slow it there. What does nothing to
/// this vehicle is in neither.
#[derive(Debug, Clone, Default)]
pub(crate) struct Blamed {
    /// Those that stop it, in order along the way.
    pub stopping: Vec<ConditionId>,
    /// The others, from the one that costs it the most time.
    pub slowing: Vec<ConditionId>,
    /// What those that slow it cost together at most, milliseconds.
    pub delay_ms: u32,
}

impl Blamed {
    /// Finds them.
    pub fn on_way(live: &LiveRoads, profile: ProfileIndex, way: &[ArcStretch]) -> Self {
        let driven = Driven::along(live, way);
        let mut seen = BTreeSet::new();
        let mut blamed = Self::default();
        let mut slowing: Vec<(f64, ConditionId)> = Vec::new();
        let here =
            way.iter().flat_map(|part| live.conditions_between(part.arc, part.from_mm, part.to_mm));
        for condition in here {
            if !seen.insert(condition.id.clone()) {
                continue;
            }
            match driven.delay_ms(live, profile, &condition) {
                None => blamed.stopping.push(condition.id.clone()),
                Some(ms) if ms > 0.0 => slowing.push((ms, condition.id.clone())),
                Some(_) => {}
            }
        }
        slowing.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        let delay_ms: f64 = slowing.iter().map(|(ms, _)| ms.ceil()).sum();
        // Beyond a u32 it is the greatest one.
        blamed.delay_ms = delay_ms as u32;
        blamed.slowing = slowing.into_iter().map(|(_, id)| id).collect();
        blamed
    }

    /// All of them, those that stop it first.
    pub fn all(&self) -> Vec<ConditionId> {
        [self.stopping.as_slice(), &self.slowing].concat()
    }
}

/// The stretches of links that a way leads over, millimetres in the direction of travel.
struct Driven(HashMap<LinkId, Vec<(Travel, u32, u32)>>);

impl Driven {
    fn along(live: &LiveRoads, way: &[ArcStretch]) -> Self {
        let graph = live.graph();
        let mut driven: HashMap<LinkId, Vec<(Travel, u32, u32)>> = HashMap::new();
        for part in way {
            let mut start = 0_u32;
            for (link, travel) in graph.links(part.arc) {
                let end = start.saturating_add(graph.link(link).length_mm);
                let (low, high) = (part.from_mm.max(start), part.to_mm.min(end));
                if low < high {
                    driven.entry(link).or_default().push((travel, low - start, high - start));
                }
                start = end;
            }
        }
        Self(driven)
    }

    /// What a condition alone costs on the way; `None` where it stops the vehicle.
    fn delay_ms(
        &self,
        live: &LiveRoads,
        profile: ProfileIndex,
        condition: &Condition,
    ) -> Option<f64> {
        let mut sum_ms = 0.0;
        for span in &condition.spans {
            for &(travel, from_mm, to_mm) in self.0.get(&span.link).into_iter().flatten() {
                let (low, high) = turned(live, span, travel);
                let length_mm = high.min(to_mm).saturating_sub(low.max(from_mm));
                if length_mm > 0 && span.travel.is_none_or(|only| only == travel) {
                    let on = (span.link, travel);
                    sum_ms += live.delay_ms(profile, on, length_mm, &condition.effect)?;
                }
            }
        }
        Some(sum_ms)
    }
}

/// Where a span begins and ends for a direction of travel.
fn turned(live: &LiveRoads, span: &Span, travel: Travel) -> (u32, u32) {
    match travel {
        Travel::Forward => (span.from_mm, span.to_mm),
        Travel::Backward => {
            let length_mm = live.graph().link(span.link).length_mm;
            (length_mm.saturating_sub(span.to_mm), length_mm.saturating_sub(span.from_mm))
        }
    }
}
