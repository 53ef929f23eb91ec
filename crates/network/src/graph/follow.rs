//! The graph after a change, made from the one before.

use urbis_snapshot::City;

use super::Graph;
use crate::ChangedArcs;

pub(super) fn follow(_graph: &Graph, _before: &City, city: &City) -> (Graph, ChangedArcs) {
    (super::draft::build(city), ChangedArcs::All)
}
