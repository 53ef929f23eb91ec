//! The alleys of a block: where each leaves a street, and its stretches between side alleys.

use std::sync::Arc;

use super::Cell;
use crate::city::projection::Place;
use crate::city::rows;
use crate::city::street::{Street, Way};
use crate::ring::{cross, length};

/// Alleys that begin closer to each other begin at one place, metres.
const NEAR_M: f64 = 3.0;

impl Cell<'_> {
    /// Joins an alley to the street that it comes from, and lays it with its side alleys.
    pub(super) fn lay_alley(
        &mut self,
        alley: &rows::Alley,
        (entry, far): (&[usize], &[usize]),
        name: &Arc<str>,
        out: &mut Vec<Street>,
    ) {
        let (from, to) = alley.axis;
        let Some((piece, share)) = self.meets(entry, from, to) else { return };
        let node = self.mouth(piece, share);
        let through = if alley.is_through { self.meets(far, to, from) } else { None };
        let through = through.map(|(piece, share)| {
            let node = self.mouth(piece, share);
            self.nodes[node]
        });
        let at = |share: f64| from + (to - from) * share;
        let way = Way::Alley { width_m: alley.width_m };
        let mut here = self.nodes[node];
        let mut lay = |to: Place, way: Way, here: Place| {
            out.push(Street::new(vec![here, to], way, Arc::clone(name)));
            to
        };
        let mut last = 0.0;
        for (share, end) in &alley.sides {
            if (share - last) * length(to - from) > NEAR_M {
                here = lay(at(*share), way, here);
                last = *share;
            }
            lay(*end, Way::SideAlley, here);
        }
        if let Some(mouth) = through {
            lay(mouth, way, here);
        } else if (alley.end - last) * length(to - from) > 4.0 {
            lay(at(alley.end), way, here);
        }
    }

    /// The piece of a street that the axis of an alley comes from, and where.
    fn meets(&self, entry: &[usize], from: Place, to: Place) -> Option<(usize, f64)> {
        let along = to - from;
        entry.iter().find_map(|piece| {
            let (a, b) = self.pieces[*piece].ends;
            let (a, b) = (self.nodes[a], self.nodes[b]);
            let turn = cross(along, b - a);
            let share = cross(a - from, along) / turn;
            let back = cross(a - from, b - a) / turn;
            let near = (-0.5..0.2).contains(&back);
            (turn.abs() > 1.0 && (0.04..0.96).contains(&share) && near).then_some((*piece, share))
        })
    }

    /// The node where an alley begins; alleys on both sides of a street share it where they are
    /// close.
    fn mouth(&mut self, piece: usize, share: f64) -> usize {
        let (a, b) = self.pieces[piece].ends;
        let (a, b) = (self.nodes[a], self.nodes[b]);
        let near_m = NEAR_M / length(b - a);
        let known = self.pieces[piece].alleys.iter().find(|(own, _)| (own - share).abs() < near_m);
        if let Some((_, node)) = known {
            return *node;
        }
        self.nodes.push(a + (b - a) * share);
        let node = self.nodes.len() - 1;
        self.pieces[piece].alleys.push((share, node));
        node
    }
}
