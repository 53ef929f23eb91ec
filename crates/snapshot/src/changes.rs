//! Where two states of the city differ for those who draw it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use urbis_model::{LayerId, Openness, TileAddress, WorldBox};

/// What of the city is drawn otherwise than in the state before; layers without a difference are
/// absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// By layer.
    pub layers: BTreeMap<LayerId, LayerChanges>,
}

/// What of a layer is drawn otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LayerChanges {
    /// Where features came, went or changed, in no order; one place may be there several times.
    pub areas: Vec<ChangedArea>,
    /// The whole layer may differ at these zooms: it was loaded anew, or other features fit.
    pub zooms: Option<RangeInclusive<u8>>,
}

/// One feature that is drawn otherwise, as it was or as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangedArea {
    /// The feature's box; tiles that it meets with their buffer may differ.
    pub world_box: WorldBox,
    /// From this zoom on.
    pub first_zoom: u8,
    /// For this class and stricter ones.
    pub openness: Openness,
}

impl LayerChanges {
    /// The whole layer at every zoom.
    pub(crate) const fn everywhere() -> Self {
        Self { areas: Vec::new(), zooms: Some(0..=TileAddress::MAX_ZOOM) }
    }

    /// Says whether nothing is drawn otherwise.
    pub const fn is_empty(&self) -> bool {
        self.areas.is_empty() && self.zooms.is_none()
    }
}

impl Changes {
    /// Adds what changed in a layer.
    pub(crate) fn add(&mut self, layer: &LayerId, changes: LayerChanges) {
        if !changes.is_empty() {
            self.layers.insert(layer.clone(), changes);
        }
    }

    /// Adds what changed afterwards, so that these are the changes of both steps.
    pub fn extend(&mut self, later: Self) {
        for (layer, changes) in later.layers {
            let all = self.layers.entry(layer).or_default();
            all.areas.extend(changes.areas);
            all.zooms = match (all.zooms.take(), changes.zooms) {
                (Some(one), Some(other)) => {
                    Some(*one.start().min(other.start())..=*one.end().max(other.end()))
                }
                (one, other) => one.or(other),
            };
        }
    }
}
