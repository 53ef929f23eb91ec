//! Reads the closures layer of the city as conditions.
//!
//! - A flood whose depth is known is water of that depth, whatever its impact says: the depth
//!   decides which vehicle passes.
//! - `all-lanes-closed` closes the road to all.
//! - Where some lanes are closed, or traffic goes by turns, half of the speed is left; the number
//!   is ours, and stands in the layer's file, too.
//! - Where all lanes are open, or the impact is not known, nothing is slowed.

use std::sync::Arc;

use urbis_catalog::{Layer, NetworkRole};
use urbis_model::{FeatureId, Moment, WorldXy};
use urbis_snapshot::{City, Part, SnapshotFeature, Value};

use super::{Condition, ConditionId, Direction, Effect, Reach, area_of};

/// Part of the speed that is left where some lanes are closed.
const SOME_LANES_FACTOR: f64 = 0.5;

/// Impacts that leave [`SOME_LANES_FACTOR`]; WZDx 4.2, `VehicleImpact`.
const SOME_LANES: [&str; 7] = [
    "some-lanes-closed",
    "some-lanes-closed-merge-left",
    "some-lanes-closed-merge-right",
    "some-lanes-closed-split",
    "alternating-one-way",
    "flagging",
    "temporary-traffic-signal",
];

/// All closures that are valid at a moment, without their spans.
pub(crate) fn closures_at(city: &City, at: Moment) -> Vec<Condition> {
    let Some(layer) = city.catalog().network_layer(NetworkRole::Closures) else {
        return Vec::new();
    };
    let features = city.layer(&layer.id).into_iter().flat_map(|closures| closures.features());
    features.filter_map(|feature| read(layer, feature, at)).collect()
}

/// The closure of an id, if there is one that is valid at a moment, without its spans.
pub(crate) fn closure(city: &City, id: FeatureId, at: Moment) -> Option<Condition> {
    let layer = city.catalog().network_layer(NetworkRole::Closures)?;
    read(layer, city.layer(&layer.id)?.feature(id)?, at)
}

fn read(layer: &Layer, feature: SnapshotFeature<'_>, at: Moment) -> Option<Condition> {
    let validity = feature.validity();
    if !validity.contains(at) {
        return None;
    }
    let value = |name| layer.attribute_index(name).map_or(Value::Null, |at| feature.attribute(at));
    let text = |name| match value(name) {
        Value::Text(text) if !text.is_empty() => Some(Arc::<str>::from(text)),
        _ => None,
    };
    let cause = text("cause");
    let effect = effect(cause.as_deref(), text("vehicle_impact").as_deref(), value("depth_m"))?;
    let reach = Reach::Lines(feature.parts().filter_map(line).collect());
    Some(Condition {
        id: ConditionId::Layer(feature.id()),
        area: area_of(&reach),
        reach,
        direction: Direction::Both,
        spans: Vec::new(),
        effect,
        cause,
        title: text("road_name"),
        since: validity.from,
        until: validity.to,
        reported_at: None,
        openness: feature.openness(),
    })
}

fn line(part: Part<'_>) -> Option<Box<[WorldXy]>> {
    match part {
        Part::Line(path) => Some(path.vertices().into()),
        Part::Point(_) | Part::Polygon(_) => None,
    }
}

fn effect(cause: Option<&str>, impact: Option<&str>, depth_m: Value<'_>) -> Option<Effect> {
    let depth_m = match depth_m {
        Value::Float(depth_m) => Some(depth_m),
        Value::Int(depth_m) => Some(depth_m as f64),
        _ => None,
    };
    let is_flood = cause == Some("flood");
    match (impact, depth_m) {
        (_, Some(depth_m)) if is_flood && depth_m > 0.0 => Some(Effect::water(depth_m)),
        (Some("all-lanes-closed"), _) => Some(Effect::Closed),
        (Some(impact), _) if SOME_LANES.contains(&impact) => {
            Some(Effect::SpeedFactor(SOME_LANES_FACTOR))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_depth_of_a_flood_decides_and_not_its_impact() {
        let closed = Some("all-lanes-closed");
        let of = |cause, depth| effect(Some(cause), closed, depth);
        assert_eq!(of("flood", Value::Float(0.3)), Some(Effect::Depth(30)));
        assert_eq!(of("flood", Value::Float(0.301)), Some(Effect::Depth(31)));
        assert_eq!(of("flood", Value::Null), Some(Effect::Closed));
        assert_eq!(of("works", Value::Float(0.3)), Some(Effect::Closed));
    }

    #[test]
    fn an_impact_that_leaves_all_lanes_open_slows_nothing() {
        assert_eq!(effect(Some("works"), Some("all-lanes-open"), Value::Null), None);
        assert_eq!(effect(Some("works"), None, Value::Null), None);
    }
}
