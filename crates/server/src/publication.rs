//! What is told of every city that becomes the one requests see.

use urbis_model::{Openness, Revision};
use urbis_snapshot::{ChangedArea, Changes};

use crate::dirty::DirtyTiles;

/// Publications that a slow listener may be behind; one that is further behind is told so and must
/// take everything for changed.
pub(crate) const PUBLICATIONS_KEPT: usize = 256;

/// Changed areas of a layer and an openness that are told apart; more count as one around all.
const MAX_AREAS: usize = 4096;

/// A city was published: its revision, and where it is drawn otherwise than the one before.
#[derive(Debug)]
pub(crate) struct Publication {
    /// Larger than that of the city before.
    pub revision: Revision,
    pub difference: Difference,
    /// The same as tiles.
    pub tiles: DirtyTiles,
}

/// Where a city is drawn otherwise than the one before.
#[derive(Debug)]
pub(crate) enum Difference {
    /// Perhaps everywhere, the catalogue included: it was loaded as a whole.
    Everything,
    /// There, and nowhere else.
    Changes(Changes),
}

impl Publication {
    /// A publication with so few areas that whoever listens can look at each.
    pub fn new(revision: Revision, mut difference: Difference) -> Self {
        if let Difference::Changes(changes) = &mut difference {
            changes.layers.values_mut().for_each(|layer| fold(&mut layer.areas));
        }
        Self { revision, difference, tiles: DirtyTiles::default() }
    }
}

/// Makes very many areas few. Each openness for itself: what a class may not see moves none of the
/// areas that it sees.
fn fold(areas: &mut Vec<ChangedArea>) {
    for openness in Openness::ALL {
        let of_openness = || areas.iter().copied().filter(move |area| area.openness == openness);
        if of_openness().count() > MAX_AREAS {
            let whole = of_openness().reduce(around);
            areas.retain(|area| area.openness != openness);
            areas.extend(whole);
        }
    }
}

/// An area of the same openness that holds both, from where on either is drawn.
fn around(one: ChangedArea, other: ChangedArea) -> ChangedArea {
    ChangedArea {
        world_box: one.world_box.union(other.world_box),
        first_zoom: one.first_zoom.min(other.first_zoom),
        openness: one.openness,
    }
}

#[cfg(test)]
mod tests {
    use urbis_model::{LayerId, WorldBox};
    use urbis_snapshot::LayerChanges;

    use super::*;

    fn areas(count: usize, first_x: u32, openness: Openness) -> Vec<ChangedArea> {
        let area = |n: u32| {
            let (x, y) = (first_x + 2 * n, 7 * n);
            let world_box = WorldBox { min_x: x, min_y: y, max_x: x + 1, max_y: y + 3 };
            let first_zoom = if n == 5 { 9 } else { 14 };
            ChangedArea { world_box, first_zoom, openness }
        };
        (0..u32::try_from(count).unwrap()).map(area).collect()
    }

    #[test]
    fn many_areas_are_one_around_all_and_what_is_hidden_moves_no_other() {
        let open = areas(MAX_AREAS, 0, Openness::Open);
        let hidden = areas(MAX_AREAS + 1, 1 << 20, Openness::Restricted);
        let layer = LayerId::new("street").unwrap();
        let all = LayerChanges { areas: [hidden, open.clone()].concat(), zooms: None };
        let changes = Changes { layers: [(layer.clone(), all)].into() };
        let publication = Publication::new(Revision(1), Difference::Changes(changes));
        let Difference::Changes(changes) = publication.difference else { panic!() };
        let (whole, rest) = changes.layers[&layer].areas.split_last().unwrap();
        assert_eq!(rest, open);
        let last = u32::try_from(MAX_AREAS).unwrap();
        let world_box = WorldBox {
            min_x: 1 << 20,
            min_y: 0,
            max_x: (1 << 20) + 2 * last + 1,
            max_y: 7 * last + 3,
        };
        let expected = ChangedArea { world_box, first_zoom: 9, openness: Openness::Restricted };
        assert_eq!(*whole, expected);
    }
}
