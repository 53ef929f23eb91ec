//! Which layers the road graph is made of.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Catalog, Layer};

/// What the road graph takes a layer for.
///
/// The graph reads attributes by names that are the same in every catalogue; one that a layer does
/// not have is null. `urbis check` refuses a name with another type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkRole {
    /// Lines that vehicles drive on. `class` must be there; read are also `oneway` (`forward`,
    /// `backward`), `maxspeed_kmh`, `width_m`, `max_height_m`, `max_weight_t`, `access` and what
    /// else a profile names, `bridge`, `tunnel`, `layer`, `roundabout`, `osm_id`, `name`.
    Roads,
    /// Points at which a turn is forbidden or prescribed: `kind`, `from_way`, `via`, `to_way`
    /// must be there, the last three in the words of `osm_id` of the roads; read is also `except`.
    TurnRestrictions,
    /// Lines on which traffic is stopped or slowed, while they are valid: `vehicle_impact` must be
    /// there; read are also `cause`, `depth_m`, `road_name`.
    Closures,
    /// Points at which a vehicle may not get through: `kind` must be there; read are also
    /// `passable_width_m`, `access`.
    Barriers,
    /// Polygons of water that a boat can go on; no attribute is read.
    Water,
}

impl NetworkRole {
    /// All roles.
    pub const ALL: [Self; 5] =
        [Self::Roads, Self::TurnRestrictions, Self::Closures, Self::Barriers, Self::Water];

    /// The word in layer files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Roads => "roads",
            Self::TurnRestrictions => "turn_restrictions",
            Self::Closures => "closures",
            Self::Barriers => "barriers",
            Self::Water => "water",
        }
    }
}

impl fmt::Display for NetworkRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Catalog {
    /// The layer that the road graph takes for `role`; `None` where the catalogue has none.
    pub fn network_layer(&self, role: NetworkRole) -> Option<&Layer> {
        self.layers().find(|layer| layer.network == Some(role))
    }
}
