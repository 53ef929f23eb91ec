//! Conditions and the weights that follow from them, always in step.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::conditions::Conditions;
use crate::weights::{Driver, Timing, Weights};
use crate::{ArcId, Condition, ConditionId, Graph, Span, Travel};

/// Conditions, and every arc's weight under them; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Traffic {
    pub conditions: Conditions,
    pub weights: Weights,
}

impl Traffic {
    /// No conditions: the weights of dry roads.
    pub fn dry(dry: &Weights) -> Self {
        Self { conditions: Conditions::default(), weights: dry.clone() }
    }

    /// Takes out some conditions, puts in others, and weighs anew all arcs that these or `arcs`
    /// name. An id that is both taken out and put in is in.
    ///
    /// The spans of all conditions must be of `graph`, those taken out of arcs in `arcs` apart.
    /// Drivers that are not among `drivers` keep the weights that they had.
    pub fn change<'a>(
        &mut self,
        graph: &Graph,
        drivers: impl Iterator<Item = &'a Driver>,
        out: &[ConditionId],
        put: Vec<Arc<Condition>>,
        arcs: Vec<ArcId>,
    ) {
        let mut touched: BTreeSet<ArcId> = arcs.into_iter().collect();
        let replaced = put.iter().map(|condition| &condition.id);
        for id in out.iter().chain(replaced) {
            if let Some(condition) = self.conditions.remove(id) {
                touched.extend(arcs_of(graph, &condition.spans));
            }
        }
        for condition in put {
            touched.extend(arcs_of(graph, &condition.spans));
            self.conditions.put(condition);
        }
        self.weights.resize(graph.arc_count());
        for driver in drivers {
            let timing = Timing { graph, driver, conditions: &self.conditions };
            for arc in &touched {
                self.weights.put(driver.index(), *arc, timing.arc(*arc));
            }
        }
    }
}

/// The arcs whose time stretches change.
pub(crate) fn arcs_of(graph: &Graph, spans: &[Span]) -> impl Iterator<Item = ArcId> {
    spans.iter().filter(|span| span.link.index() < graph.link_count()).flat_map(|span| {
        let arc = graph.edge_of(span.link);
        let along = (span.travel != Some(Travel::Backward)).then_some(arc);
        let against = (span.travel != Some(Travel::Forward)).then_some(arc.reverse());
        along.into_iter().chain(against)
    })
}
