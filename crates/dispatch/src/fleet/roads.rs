//! Puts fixes on the roads, and on them again where their road is gone.

use std::sync::Arc;

use crate::network_words::Graph;
use urbis_snapshot::City;

use super::{Fix, Fleet};

/// The roads that fixes are put on: one city and the graph of its roads.
#[derive(Debug, Clone, Copy)]
pub struct Streets<'a> {
    /// The city.
    pub city: &'a City,
    /// The graph that was built from it.
    pub graph: &'a Graph,
}

impl Streets<'_> {
    /// Puts a fix on the roads; leaves it on none where none is near.
    pub(super) fn snap(self, fix: &mut Fix) {
        fix.positions = Vec::new();
    }

    fn is_lost(self, fix: &Fix) -> bool {
        fix.positions.is_empty()
            || fix.positions.iter().any(|at| self.graph.locate(at.position).is_none())
    }
}

pub(super) fn resnap(fleet: &Fleet, streets: Streets<'_>) -> Fleet {
    let mut next = fleet.clone();
    let mut moved = false;
    for unit in fleet.units() {
        let Some(fix) = unit.fix.as_ref().filter(|fix| streets.is_lost(fix)) else { continue };
        let mut found = fix.clone();
        streets.snap(&mut found);
        if found.positions != fix.positions {
            moved = true;
            next.put(super::Unit { fix: Some(found), ..Arc::unwrap_or_clone(Arc::clone(unit)) });
        }
    }
    next.epoch += u64::from(moved);
    next
}
