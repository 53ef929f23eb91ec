//! The blocks between the streets of a cell: what each is for, its plots with their addresses, and
//! the street that its alleys come from.

use std::sync::Arc;

use super::{Cell, Lot, Slot};
use crate::city::grain::{SIDES, Side};
use crate::city::ground::Cover;
use crate::city::lattice::SLOTS;
use crate::city::learnt::{BlockKind, TOWN};
use crate::city::quad::Quad;
use crate::city::rows::{self, Access, Plot};
use crate::city::street::Street;
use crate::random::Random;

impl Cell<'_> {
    /// Fills a block with plots and alleys.
    pub(super) fn fill_block(
        &mut self,
        (column, row): (usize, usize),
        lots: &mut Vec<Lot>,
        alleys: &mut Vec<Street>,
    ) {
        let (p, q) = (
            (self.grain.columns[column], self.grain.columns[column + 1]),
            (self.grain.rows[column][row], self.grain.rows[column][row + 1]),
        );
        let corners = [(p.0, q.0), (p.1, q.0), (p.1, q.1), (p.0, q.1)];
        let whole = Quad { corners: corners.map(|slot| self.place(slot)) };
        let strips = [
            self.half_m(corners[0], corners[1]),
            self.half_m(corners[1], corners[2]),
            self.half_m(corners[2], corners[3]),
            self.half_m(corners[3], corners[0]),
        ];
        let Some(block) = whole.less(strips) else { return };
        if !self.can_settle(&block) {
            return;
        }
        let (i, j) = self.settled.index;
        let key = format!("block {column} {row}");
        let mut random = Random::at(self.city.seed, &key, i.into(), j.into());
        let middle = block.at(0.5, 0.5);
        let square = self.city.ground.at(middle);
        let Some(ward) = square.ward else { return };
        let kind = self.kind(square.cover, &mut random);
        let (frame, entry, far) = self.frame(&block, (column, row), &mut random);
        let rows = rows::cut(&frame, kind.rule(), !entry.is_empty(), &mut random);
        let alley_names: Vec<String> = (0..rows.alleys.len())
            .map(|number| format!("K{}", random.whole(4, 160) + number as i64))
            .collect();
        let street = self.block_street(column, row);
        let block = column * usize::from(SLOTS) + row;
        for plot in rows.plots {
            let house = house_number(&plot, &alley_names, u32::from(q.0) * 7);
            let street = Arc::clone(&street);
            lots.push(Lot { plot, kind, cover: square.cover, ward, street, block, house });
        }
        for (alley, number) in rows.alleys.iter().zip(&alley_names) {
            let name: Arc<str> = match (&*street, number) {
                ("", _) => Arc::from(""),
                (street, number) => Arc::from(format!("{number} {street}")),
            };
            self.lay_alley(alley, (&entry, &far), &name, alleys);
        }
    }

    /// What streets take of the block on one side of it, metres.
    fn half_m(&self, from: Slot, to: Slot) -> f64 {
        let on_common_side = |one: Slot, other: Slot| {
            let (a, b) = (self.eastward(one), self.eastward(other));
            SIDES.into_iter().find(|side| match side {
                Side::South => a.1 == 0 && b.1 == 0,
                Side::North => a.1 == SLOTS && b.1 == SLOTS,
                Side::West => a.0 == 0 && b.0 == 0,
                Side::East => a.0 == SLOTS && b.0 == SLOTS,
            })
        };
        match on_common_side(from, to) {
            Some(side) => {
                let rank = self.city.skeleton.streets.get(&self.edge(side));
                rank.map_or(2.0, |rank| self.city.main_width_m(*rank, self.edge(side)) / 2.0 + 2.5)
            }
            None => self.local_m / 2.0 + if self.settled.urbanity > TOWN { 1.8 } else { 0.8 },
        }
    }

    /// Nothing is built in water, on slopes, over the railway, or beyond the last ward.
    fn can_settle(&self, block: &Quad) -> bool {
        let shares = [0.0, 0.34, 0.67, 1.0];
        let gentle = shares
            .iter()
            .all(|s| shares.iter().all(|t| self.city.ground.at(block.at(*s, *t)).is_gentle()));
        let [a, b, c, d] = block.corners;
        let clear = [(a, b), (b, c), (c, d), (d, a)]
            .iter()
            .all(|(from, to)| !self.city.rail.is_crossed(*from, *to));
        gentle && clear
    }

    fn kind(&self, cover: Cover, random: &mut Random) -> BlockKind {
        let urbanity = self.settled.urbanity;
        match cover {
            Cover::Works
            | Cover::Graves
            | Cover::Defence
            | Cover::Green
            | Cover::School
            | Cover::Trade => {
                return BlockKind::Site;
            }
            Cover::Field => return BlockKind::Field,
            _ => {}
        }
        let (i, j) = self.settled.index;
        // Villages are some cells large.
        let village =
            Random::at(self.city.seed, "village", (i >> 1).into(), (j >> 1).into()).unit();
        let draw = random.unit();
        if random.chance(0.025) {
            BlockKind::Site
        } else if draw < (urbanity - 0.3) / 0.25 {
            BlockKind::Town
        } else if draw < (urbanity - 0.16) / 0.3 || (cover == Cover::Homes && draw < 0.5) {
            BlockKind::Suburb
        } else if village < 0.05 + urbanity || draw < 0.02 || cover == Cover::Homes {
            BlockKind::Village
        } else {
            BlockKind::Field
        }
    }

    /// The block with s = 0 at a street that alleys can come from, and the pieces of that street and
    /// of the one at s = 1.
    fn frame(
        &self,
        block: &Quad,
        (column, row): (usize, usize),
        random: &mut Random,
    ) -> (Quad, Vec<usize>, Vec<usize>) {
        let limits = &self.grain.rows[column];
        let across = |q: u8| self.across.get(&(column as u8, q)).copied();
        let kept = |pieces: Vec<usize>| -> Vec<usize> {
            pieces.into_iter().filter(|piece| self.pieces[*piece].is_kept).collect()
        };
        let [a, b, c, d] = block.corners;
        let along = Quad { corners: [a, d, c, b] };
        let low = kept(across(limits[row]).into_iter().collect());
        let high = kept(across(limits[row + 1]).into_iter().collect());
        let upright = |number: usize| kept(self.uprights.get(number).cloned().unwrap_or_default());
        let prefers_high = random.chance(0.5);
        let is_long = along.length_m() >= along.width_m();
        let (left, right) = (upright(column), upright(column + 1));
        let mut options = vec![(along, low.clone(), high.clone()), (along.turned(), high, low)];
        let beside = vec![(*block, left.clone(), right.clone()), (block.turned(), right, left)];
        if prefers_high {
            options.reverse();
        }
        if is_long {
            options.extend(beside);
        } else {
            options.splice(0..0, beside);
        }
        let first = options[0].0;
        let found = options.into_iter().find(|(_, entry, _)| !entry.is_empty());
        found.unwrap_or((first, Vec::new(), Vec::new()))
    }

    /// The street that a block's addresses name.
    fn block_street(&self, column: usize, row: usize) -> Arc<str> {
        let limits = &self.grain.rows[column];
        let across = [limits[row], limits[row + 1]];
        let piece = across
            .iter()
            .filter_map(|q| self.across.get(&(column as u8, *q)).copied())
            .chain(self.uprights.get(column).into_iter().flatten().copied())
            .next();
        match piece {
            Some(piece) => Arc::clone(&self.pieces[piece].name),
            None => self.city.main_name(self.edges[0]),
        }
    }
}

/// House number of a plot, or the way to it: alley (K), side alley (H), house.
fn house_number(plot: &Plot, alleys: &[String], first: u32) -> String {
    let number = 2 * plot.number as u32 + 1;
    match plot.access {
        Access::Street { is_far: false } => (first + number).to_string(),
        Access::Street { is_far: true } => (first + number + 1).to_string(),
        Access::Alley { alley, side_alley: None } => format!("{}/{number}", alleys[alley]),
        Access::Alley { alley, side_alley: Some(side) } => {
            format!("{}/H{}/{number}", alleys[alley], side + 1)
        }
    }
}
