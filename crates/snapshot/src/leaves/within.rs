//! All features of a set near a place, at once: where few are expected, a queue costs more than
//! what it spares.

use urbis_model::{WorldBox, WorldXy};

use super::Leaves;
use super::leaf::Leaf;
use super::near::squared_distance;
use crate::chunk::Chunk;
use crate::feature::SnapshotFeature;

/// Room for the answer to a question for a few.
const USUAL: usize = 32;

/// Around a place, as far as is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Disc {
    pub(crate) place: WorldXy,
    /// Cells squared.
    pub(crate) reach_squared: f64,
}

impl Disc {
    fn meets(self, world_box: WorldBox) -> bool {
        squared_distance(self.place, world_box) <= self.reach_squared
    }
}

impl Leaves {
    /// The features with a geometry whose boxes meet a disc, and the squared distance of each, in
    /// no order; `None` where there are more than `most`.
    pub(crate) fn within(
        &self,
        disc: Disc,
        most: usize,
    ) -> Option<Vec<(SnapshotFeature<'_>, f64)>> {
        let mut found = Vec::with_capacity(USUAL.min(most));
        let mut has_room = true;
        let mut push = |feature, squared| {
            has_room = found.len() < most;
            found.extend(has_room.then_some((feature, squared)));
            has_room
        };
        let meeting =
            self.leaves.iter().filter(|leaf| leaf.world_box().is_some_and(|b| disc.meets(b)));
        let mut leaves = meeting;
        let is_whole = leaves.all(|leaf| visit(leaf, disc, &mut push));
        is_whole.then_some(found)
    }
}

/// Calls with each feature of a leaf until it is told to stop; says whether it never was.
fn visit<'a>(
    leaf: &'a Leaf,
    disc: Disc,
    push: &mut impl FnMut(SnapshotFeature<'a>, f64) -> bool,
) -> bool {
    let is_shown = |place: u16| !leaf.hides_place(place);
    let new = leaf.new_rows();
    visit_chunk(&leaf.base, disc, is_shown, push)
        && new.is_none_or(|chunk| visit_chunk(chunk, disc, |_| true, push))
}

fn visit_chunk<'a>(
    chunk: &'a Chunk,
    disc: Disc,
    is_shown: impl Fn(u16) -> bool,
    push: &mut impl FnMut(SnapshotFeature<'a>, f64) -> bool,
) -> bool {
    let boxes = &chunk.boxes;
    let upper = boxes.upper().filter(|(_, world_box)| disc.meets(*world_box));
    let nodes = upper.flat_map(|(upper, _)| boxes.nodes_under(upper));
    let nodes = nodes.filter(|(_, world_box)| disc.meets(*world_box));
    let mut places = nodes.flat_map(|(node, _)| boxes.places_under(node));
    places.all(|place| {
        let row = chunk.at_place(place as u16);
        let Some(world_box) = chunk.rows.pick(row).world_box() else { return true };
        let squared = squared_distance(disc.place, world_box);
        squared > disc.reach_squared
            || !is_shown(place as u16)
            || push(SnapshotFeature::new(chunk, row), squared)
    })
}
