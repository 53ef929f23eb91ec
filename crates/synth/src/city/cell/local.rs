//! The streets within a cell: laid by its grain where the ground allows, kept where they reach a main
//! street, and cut at last where alleys begin.

use std::sync::Arc;

use super::{Cell, Piece, Slot};
use crate::city::name;
use crate::city::projection::Place;
use crate::city::street::{Street, Way};
use crate::random::Random;

impl Cell<'_> {
    pub(super) fn lay_streets(&mut self) {
        let grain = self.grain.clone();
        self.uprights.push(Vec::new());
        for column in 1..grain.rows.len() {
            let p = grain.columns[column];
            let mut stops = [&grain.rows[column - 1][..], &grain.rows[column][..]].concat();
            stops.sort_unstable();
            stops.dedup();
            let name = self.street_name(&format!("upright {column}"));
            let way = self.local_way(column);
            let pairs = stops.windows(2).map(|pair| ((p, pair[0]), (p, pair[1])));
            let pieces: Vec<Option<usize>> =
                pairs.map(|(from, to)| self.lay(from, to, way, &name)).collect();
            // A one-way street with a gap would lead nowhere.
            if way.is_one_way() && pieces.iter().any(Option::is_none) {
                for piece in pieces.iter().flatten() {
                    self.pieces[*piece].way = Way::Local { width_m: self.local_m };
                }
            }
            self.uprights.push(pieces.into_iter().flatten().collect());
        }
        for (column, rows) in grain.rows.iter().enumerate() {
            for q in &rows[1..rows.len() - 1] {
                let name = self.street_name(&format!("across {column} {q}"));
                let way = Way::Local { width_m: self.local_m };
                let ends = ((grain.columns[column], *q), (grain.columns[column + 1], *q));
                if let Some(piece) = self.lay(ends.0, ends.1, way, &name) {
                    self.across.insert((column as u8, *q), piece);
                }
            }
        }
    }

    fn local_way(&self, column: usize) -> Way {
        let width_m = self.local_m;
        match (self.has_one_ways, column % 2) {
            (false, _) => Way::Local { width_m },
            (true, 0) => Way::Directed { width_m, is_forward: true },
            (true, _) => Way::Directed { width_m, is_forward: false },
        }
    }

    fn street_name(&self, which: &str) -> Arc<str> {
        if self.settled.urbanity < 0.12 {
            return Arc::from("");
        }
        let (i, j) = self.settled.index;
        Arc::from(name::street(&mut Random::at(self.city.seed, which, i.into(), j.into())))
    }

    fn lay(&mut self, from: Slot, to: Slot, way: Way, name: &Arc<str>) -> Option<usize> {
        let (a, b) = (self.place(from), self.place(to));
        let ground = &self.city.ground;
        let fits = self.is_sound(from)
            && self.is_sound(to)
            && [0.2, 0.4, 0.6, 0.8].iter().all(|share| ground.at(a + (b - a) * *share).is_gentle())
            && !self.city.rail.is_crossed(a, b);
        fits.then(|| {
            let ends = (self.node(from), self.node(to));
            let name = Arc::clone(name);
            self.pieces.push(Piece { ends, way, name, alleys: Vec::new(), is_kept: true });
            self.pieces.len() - 1
        })
    }

    /// Leaves out pieces that reach no main street.
    pub(super) fn keep_joined(&mut self) {
        let mut joined: Vec<bool> = vec![false; self.nodes.len()];
        for (slot, id) in &self.ids {
            joined[*id] = self.side(*slot).is_some();
        }
        loop {
            let mut changed = false;
            for piece in &self.pieces {
                let (a, b) = piece.ends;
                if joined[a] != joined[b] {
                    (joined[a], joined[b], changed) = (true, true, true);
                }
            }
            if !changed {
                break;
            }
        }
        for piece in &mut self.pieces {
            piece.is_kept = joined[piece.ends.0];
        }
    }

    /// The streets within the cell, cut where alleys begin.
    pub(super) fn give_streets(&mut self, out: &mut Vec<Street>) {
        for piece in &mut self.pieces {
            if !piece.is_kept {
                continue;
            }
            piece.alleys.sort_by(|one, other| one.0.total_cmp(&other.0));
            let stops = std::iter::once(piece.ends.0)
                .chain(piece.alleys.iter().map(|(_, node)| *node))
                .chain([piece.ends.1]);
            let places: Vec<Place> = stops.map(|node| self.nodes[node]).collect();
            let street =
                |pair: &[Place]| Street::new(pair.to_vec(), piece.way, Arc::clone(&piece.name));
            out.extend(places.windows(2).map(street));
        }
    }
}
