//! Roads over a mountain that nobody settles: the only ones that lead into it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::Builder;
use crate::city::lattice::{Index, edge};
use crate::city::mountain;
use crate::city::projection::Place;

/// Corners of the lattice that a place may be away from its nearest dry one, in each direction.
const NEAR: i32 = 3;

impl Builder<'_> {
    /// Lays the roads of the mountain, where the city reaches its foot.
    pub(super) fn lay_passes(&mut self) {
        for road in mountain::roads() {
            let corners: Vec<Index> =
                road.iter().filter_map(|place| self.dry_near(*place)).collect();
            let links = self.links();
            if corners.first().is_some_and(|first| links.contains_key(first)) {
                for pair in corners.windows(2) {
                    let way = self.cheapest(pair[0], pair[1]);
                    self.build(&way);
                }
            }
        }
    }

    /// The dry corner nearest to a place.
    fn dry_near(&self, place: Place) -> Option<Index> {
        let (i, j) = self.lattice.near(place);
        let near = (-NEAR..=NEAR).flat_map(|x| (-NEAR..=NEAR).map(move |y| (x, y)));
        near.filter(|(x, y)| self.is_dry((i + x, j + y)))
            .min_by_key(|(x, y)| (x * x + y * y, *x, *y))
            .map(|(x, y)| (i + x, j + y))
    }

    /// The cheapest way over the lattice, streets or not; empty where there is none.
    fn cheapest(&self, from: Index, to: Index) -> Vec<Index> {
        let mut best: BTreeMap<Index, (i64, Option<Index>)> = BTreeMap::from([(from, (0, None))]);
        let mut open = BinaryHeap::from([Reverse((0_i64, from))]);
        while let Some(Reverse((cost, here))) = open.pop() {
            if here == to {
                break;
            }
            if best[&here].0 < cost {
                continue;
            }
            for next in self.lattice.around(here) {
                let cost = cost + self.cost(edge(here, next)).0;
                if best.get(&next).is_none_or(|(known, _)| *known > cost) {
                    best.insert(next, (cost, Some(here)));
                    open.push(Reverse((cost, next)));
                }
            }
        }
        let back = |corner: &Index| best.get(corner).and_then(|(_, back)| *back);
        std::iter::successors(best.contains_key(&to).then_some(to), back).collect()
    }
}
