//! One cell of the lattice, grown whole: its streets, alleys, plots, and the main streets that are
//! its own.
//!
//! Streets that would lie in water, on steep ground or over the railway are left out, and so is
//! what then hangs on nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::City;
use super::grain::{Grain, SIDES, Side};
use super::ground::Cover;
use super::lattice::{Edge, SLOTS, edges_of};
use super::learnt::BlockKind;
use super::name;
use super::projection::Place;
use super::quad::Quad;
use super::rows::{self, Access, Plot};
use super::settlement::Settled;
use super::skeleton::Rank;
use super::street::{Street, Way};
use crate::random::Random;
use crate::ring::{cross, length};

/// Alleys that begin closer to each other begin at one place, metres.
const NEAR_M: f64 = 3.0;

/// A street piece between two places where streets meet.
#[derive(Debug, Clone)]
struct Piece {
    ends: (usize, usize),
    way: Way,
    name: Arc<str>,
    /// Alleys that begin here: share of the piece and node.
    alleys: Vec<(f64, usize)>,
    is_kept: bool,
}

/// A place within a cell in slots: across the columns, along them.
type Slot = (u8, u8);

/// A plot and what it is for.
#[derive(Debug, Clone)]
pub(crate) struct Lot {
    pub(crate) plot: Plot,
    pub(crate) kind: BlockKind,
    pub(crate) cover: Cover,
    /// Position of its ward.
    pub(crate) ward: usize,
    pub(crate) street: Arc<str>,
    /// Number of its block within the cell.
    pub(crate) block: usize,
    /// House number or way through the alleys, such as `K12/5`.
    pub(crate) house: String,
}

/// What grew in a cell.
#[derive(Debug, Default)]
pub(crate) struct Grown {
    pub(crate) streets: Vec<Street>,
    pub(crate) lots: Vec<Lot>,
}

/// Grows the cell of a rank.
pub(crate) fn grow(city: &City, rank: usize) -> Grown {
    let settled = city.settlement.cells[rank];
    let mut cell = Cell::new(city, settled);
    cell.lay_streets();
    cell.keep_joined();
    let mut grown = Grown { streets: cell.main_streets(rank), lots: Vec::new() };
    let mut alleys = Vec::new();
    for column in 0..cell.grain.rows.len() {
        for row in 0..cell.grain.rows[column].len() - 1 {
            cell.fill_block((column, row), &mut grown.lots, &mut alleys);
        }
    }
    cell.give_streets(&mut grown.streets);
    grown.streets.extend(alleys);
    grown
}

struct Cell<'a> {
    city: &'a City,
    settled: Settled,
    grain: Grain,
    quad: Quad,
    edges: [Edge; 4],
    nodes: Vec<Place>,
    ids: BTreeMap<Slot, usize>,
    pieces: Vec<Piece>,
    /// Positions of the pieces of the street on the left of each column, and of those across it.
    uprights: Vec<Vec<usize>>,
    across: BTreeMap<Slot, usize>,
    local_m: f64,
    has_one_ways: bool,
}

impl<'a> Cell<'a> {
    fn new(city: &'a City, settled: Settled) -> Self {
        let (i, j) = settled.index;
        let corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)];
        let mut random = Random::at(city.seed, "cell", i.into(), j.into());
        Self {
            city,
            settled,
            grain: Grain::of(city.seed, settled),
            quad: Quad { corners: corners.map(|corner| city.lattice.place(corner)) },
            edges: edges_of(settled.index),
            nodes: Vec::new(),
            ids: BTreeMap::new(),
            pieces: Vec::new(),
            uprights: Vec::new(),
            across: BTreeMap::new(),
            local_m: match settled.urbanity {
                urbanity if urbanity > 0.3 => random.between(5.5, 8.0),
                _ if random.chance(0.5) => 5.0,
                _ => 4.2,
            },
            has_one_ways: settled.urbanity > 0.8 && random.chance(0.6),
        }
    }

    /// West to east and south to north, in slots.
    const fn eastward(&self, (p, q): Slot) -> Slot {
        if self.grain.is_transposed { (q, p) } else { (p, q) }
    }

    /// The side that a slot lies on; none for those within and for the corners.
    const fn side(&self, slot: Slot) -> Option<Side> {
        match self.eastward(slot) {
            (_, 0) => Some(Side::South),
            (_, SLOTS) => Some(Side::North),
            (0, _) => Some(Side::West),
            (SLOTS, _) => Some(Side::East),
            _ => None,
        }
    }

    fn edge(&self, side: Side) -> Edge {
        self.edges[SIDES.iter().position(|own| *own == side).unwrap_or(0)]
    }

    fn place(&self, slot: Slot) -> Place {
        let (x, y) = self.eastward(slot);
        match self.side(slot) {
            Some(side @ (Side::South | Side::North)) => {
                self.city.lattice.on_edge(self.edge(side), x)
            }
            Some(side) => self.city.lattice.on_edge(self.edge(side), y),
            None => self.quad.at(f64::from(x) / f64::from(SLOTS), f64::from(y) / f64::from(SLOTS)),
        }
    }

    fn is_sound(&self, slot: Slot) -> bool {
        match self.side(slot) {
            Some(side) => self.city.skeleton.streets.contains_key(&self.edge(side)),
            None => self.city.ground.at(self.place(slot)).is_gentle(),
        }
    }

    fn node(&mut self, slot: Slot) -> usize {
        if let Some(id) = self.ids.get(&slot) {
            return *id;
        }
        self.nodes.push(self.place(slot));
        self.ids.insert(slot, self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    fn lay_streets(&mut self) {
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
            && self.city.rail.crossing(a, b).is_none();
        fits.then(|| {
            let ends = (self.node(from), self.node(to));
            let name = Arc::clone(name);
            self.pieces.push(Piece { ends, way, name, alleys: Vec::new(), is_kept: true });
            self.pieces.len() - 1
        })
    }

    /// Leaves out pieces that reach no main street.
    fn keep_joined(&mut self) {
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

    /// The main streets that no nearer cell has beside it.
    fn main_streets(&self, rank: usize) -> Vec<Street> {
        let own = |edge: &&Edge| self.city.owner(**edge) == Some(rank);
        self.edges.iter().filter(own).flat_map(|edge| self.city.main_street(*edge)).collect()
    }

    /// Fills a block with plots and alleys.
    fn fill_block(
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
            None => self.local_m / 2.0 + if self.settled.urbanity > 0.3 { 1.8 } else { 0.8 },
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
            .all(|(from, to)| self.city.rail.crossing(*from, *to).is_none());
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

    /// Joins an alley to the street that it comes from, and lays it with its side alleys.
    fn lay_alley(
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

    /// The streets within the cell, cut where alleys begin.
    fn give_streets(&mut self, out: &mut Vec<Street>) {
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

/// Ranks whose main streets have lanes for each direction.
pub(crate) const fn lanes(rank: Rank) -> i64 {
    match rank {
        Rank::Trunk => 6,
        Rank::Primary => 4,
        Rank::Secondary | Rank::Tertiary | Rank::Minor => 2,
    }
}
