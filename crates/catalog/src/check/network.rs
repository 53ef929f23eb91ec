//! Checks that what the road graph reads of a layer is there, and is what it takes it for.

use std::collections::BTreeMap;

use urbis_model::{GeometryKind, LayerId};

use crate::AttributeType::{self, Boolean, Code, Codes, Float, Integer, Text};
use crate::{Layer, LayerFault, NetworkRole};

/// Finds the first layer that wants a part of the road graph that another has.
pub(crate) fn check_roles(layers: &BTreeMap<LayerId, Layer>) -> Result<(), (LayerId, LayerFault)> {
    let mut taken: BTreeMap<NetworkRole, &LayerId> = BTreeMap::new();
    for layer in layers.values() {
        let Some(role) = layer.network else { continue };
        if let Some(other) = taken.insert(role, &layer.id) {
            let fault = LayerFault::NetworkTwice { role, other: other.clone() };
            return Err((layer.id.clone(), fault));
        }
    }
    Ok(())
}

/// An attribute that the graph reads.
struct Reads {
    name: &'static str,
    kinds: &'static [AttributeType],
    /// Codes that mean something to the graph.
    codes: &'static [&'static str],
    is_needed: bool,
}

const NUMBER: &[AttributeType] = &[Integer, Float];

const fn needs(name: &'static str, kinds: &'static [AttributeType]) -> Reads {
    Reads { name, kinds, codes: &[], is_needed: true }
}

const fn may_have(name: &'static str, kinds: &'static [AttributeType]) -> Reads {
    Reads { name, kinds, codes: &[], is_needed: false }
}

impl Reads {
    const fn with(self, codes: &'static [&'static str]) -> Self {
        Self { codes, ..self }
    }
}

const ROADS: &[Reads] = &[
    needs("class", &[Code, Text]),
    may_have("oneway", &[Code]).with(&["forward", "backward"]),
    may_have("maxspeed_kmh", NUMBER),
    may_have("width_m", NUMBER),
    may_have("max_height_m", NUMBER),
    may_have("max_weight_t", NUMBER),
    may_have("access", &[Code]).with(&["no"]),
    may_have("motorcycle_access", &[Code]).with(&["no"]),
    may_have("bridge", &[Boolean]),
    may_have("tunnel", &[Boolean]),
    may_have("layer", &[Integer]),
    may_have("roundabout", &[Boolean]),
    may_have("osm_id", &[Text]),
    may_have("name", &[Text]),
];

const TURN_RESTRICTIONS: &[Reads] = &[
    needs("kind", &[Code]),
    needs("from_way", &[Text]),
    needs("via", &[Text]),
    needs("to_way", &[Text]),
    may_have("except", &[Codes]).with(&["emergency"]),
];

const CLOSURES: &[Reads] = &[
    needs("vehicle_impact", &[Code]).with(&["all-lanes-closed", "some-lanes-closed"]),
    may_have("cause", &[Code]),
    may_have("depth_m", NUMBER),
    may_have("road_name", &[Text]),
];

const BARRIERS: &[Reads] = &[
    needs("kind", &[Code]).with(&["level_crossing"]),
    may_have("passable_width_m", NUMBER),
    may_have("access", &[Code]).with(&["no"]),
];

const fn wanted(role: NetworkRole) -> (GeometryKind, &'static [Reads]) {
    match role {
        NetworkRole::Roads => (GeometryKind::MultiLineString, ROADS),
        NetworkRole::TurnRestrictions => (GeometryKind::Point, TURN_RESTRICTIONS),
        NetworkRole::Closures => (GeometryKind::MultiLineString, CLOSURES),
        NetworkRole::Barriers => (GeometryKind::Point, BARRIERS),
        NetworkRole::Water => (GeometryKind::MultiPolygon, &[]),
    }
}

/// Checks the geometry and the attributes of a layer that is part of the road graph.
pub(super) fn check_role(layer: &Layer) -> Result<(), LayerFault> {
    let Some(role) = layer.network else { return Ok(()) };
    let (geometry, attributes) = wanted(role);
    if layer.geometry != geometry {
        return Err(LayerFault::NetworkGeometry { role, wanted: geometry });
    }
    attributes.iter().try_for_each(|reads| check_reads(layer, role, reads))
}

fn check_reads(layer: &Layer, role: NetworkRole, reads: &Reads) -> Result<(), LayerFault> {
    let name = reads.name;
    let Some(attribute) = layer.attribute(name) else {
        return match reads.is_needed {
            true => Err(LayerFault::NetworkAttribute { role, name }),
            false => Ok(()),
        };
    };
    if !reads.kinds.contains(&attribute.kind) {
        return Err(LayerFault::NetworkType { role, name, wanted: reads.kinds });
    }
    match reads.codes.iter().find(|code| !attribute.values.contains_key(**code)) {
        Some(code) => Err(LayerFault::NetworkCode { role, name, code }),
        None => Ok(()),
    }
}
