//! A layer that is being built: features as they come, in columns, until they are put in order.

use urbis_catalog::Layer;
use urbis_model::{Feature, FeatureId, Moment, WorldBox};

use super::cells::Cells;
use crate::chunk::{Chunk, gather, reach};
use crate::key::Key;
use crate::leaves::LEAF_ROWS;
use crate::rank::Ranker;
use crate::rows::{Pick, Rows, RowsBuilder, runs};

/// Features in the order in which they came.
#[derive(Debug)]
pub(crate) struct Draft {
    full: Vec<Rows>,
    last: RowsBuilder,
}

impl Draft {
    pub(crate) fn new(layer: &Layer) -> Self {
        Self { full: Vec::new(), last: builder(layer) }
    }

    pub(crate) fn of<'a>(layer: &Layer, features: impl IntoIterator<Item = &'a Feature>) -> Self {
        let mut draft = Self::new(layer);
        features.into_iter().for_each(|feature| draft.push(layer, feature));
        draft
    }

    pub(crate) fn push(&mut self, layer: &Layer, feature: &Feature) {
        if self.last.is_full() {
            let last = std::mem::replace(&mut self.last, builder(layer));
            self.full.push(last.finish());
        }
        self.last.push_feature(layer, feature);
    }

    /// All features, in the order in which they came.
    pub(crate) fn finish(mut self) -> Vec<Rows> {
        self.full.push(self.last.finish());
        self.full
    }
}

fn builder(layer: &Layer) -> RowsBuilder {
    RowsBuilder::new(layer.geometry, layer.attributes.len())
}

/// What is valid at a moment and what is not, each in chunks in order of the key; of several
/// features with one id the last counts.
pub(super) fn build(layer: &Layer, came: Vec<Rows>, at: Moment) -> [Vec<Chunk>; 2] {
    let mut picks: Vec<(FeatureId, u32, u32)> = Vec::new();
    for (block, rows) in (0..).zip(&came) {
        picks.extend(rows.ids.iter().zip(0..).map(|(id, row)| (*id, block, row)));
    }
    picks.sort_unstable_by(|one, other| other.cmp(one));
    picks.dedup_by_key(|(id, _, _)| *id);
    let picks = picks.into_iter().map(|(_, block, row)| came[block as usize].pick(row));
    let (now, elsewhen): (Vec<_>, Vec<_>) = picks.partition(|pick| pick.validity().contains(at));
    let [now, elsewhen] = [now, elsewhen].map(|picks| in_leaves(layer, picks));
    drop(came);
    [
        if layer.coverage { rank_together(layer, now) } else { rank_alone(layer, now) },
        rank_alone(layer, elsewhen),
    ]
}

/// Copies rows into leaves, in order of the key.
fn in_leaves(layer: &Layer, mut picks: Vec<Pick<'_>>) -> Vec<Rows> {
    picks.sort_by_cached_key(|pick: &Pick<'_>| -> Key { pick.key() });
    let leaves = runs(&picks, LEAF_ROWS, |pick| pick.vertices().len());
    leaves.map(|picks| gather(layer, picks.to_vec())).collect()
}

fn rank_alone(layer: &Layer, leaves: Vec<Rows>) -> Vec<Chunk> {
    let ranker = Ranker::alone(layer);
    let finish = |rows: Rows| {
        let ranks = ranker.rank(&rows);
        Chunk::new(layer, rows, ranks)
    };
    leaves.into_iter().map(finish).collect()
}

/// Ranks leaf by leaf, each with what shares a vertex with it, so that the whole layer's vertices
/// are never in one table.
fn rank_together(layer: &Layer, leaves: Vec<Rows>) -> Vec<Chunk> {
    let reaches: Vec<Option<WorldBox>> = leaves.iter().map(reach).collect();
    let rank_leaf = |index: usize| {
        let rows = &leaves[index];
        let mut ranker = Ranker::together(layer, rows.picks());
        let mut cells = Cells::default();
        cells.add(&rows.vertices);
        let Some(own) = reaches[index] else { return Vec::new() };
        let meets = |other: &usize| reaches[*other].is_some_and(|other| other.intersects(&own));
        for other in (0..leaves.len()).filter(|other| *other != index).filter(meets) {
            let near = leaves[other].picks().filter(|pick| {
                pick.world_box().is_some_and(|one| one.intersects(&own) && cells.may_meet(one))
            });
            near.for_each(|pick| ranker.meet(pick));
        }
        ranker.rank(rows)
    };
    let ranks: Vec<Vec<u8>> = (0..leaves.len()).map(rank_leaf).collect();
    let finish = |(rows, ranks)| Chunk::new(layer, rows, ranks);
    leaves.into_iter().zip(ranks).map(finish).collect()
}
