//! The distance to the nearest of some lines, at the nodes of a grid.
//!
//! The nodes are those of the world grid whose column and row are multiples of a power of two, so
//! that two answers about one place use the same nodes.

use urbis_model::{WorldBox, WorldXy};

/// Most nodes of a grid; beyond them its step is doubled.
const MAX_NODES: u64 = 1 << 20;

/// Exponent of the finest step: 2048 cells, some 18 m at 16° N.
const MIN_SHIFT: u32 = 11;

/// Exponent of the coarsest step: the whole world has fewer nodes then than there may be.
const MAX_SHIFT: u32 = 24;

/// The radius is at least so many steps: what is on a line is then surely within.
const RADIUS_STEPS: f64 = 2.0;

/// Length of the earth's equator, metres, WGS 84.
const EQUATOR_M: f64 = std::f64::consts::TAU * 6_378_137.0;

/// Distances at the nodes of a grid, metres, and the radius that counts as within.
#[derive(Debug, Clone)]
pub(super) struct Field {
    /// The north-western node, in steps.
    first: WorldXy,
    columns: usize,
    rows: usize,
    shift: u32,
    /// Metres of a cell of the world grid, at the middle of the box.
    cell_m: f64,
    radius_m: f64,
    /// Row by row; squared, in cells; no more than `far_squared`.
    squared: Vec<f32>,
}

impl Field {
    /// A grid around a box with no line yet; the radius is `wanted_m`, or two steps where those
    /// are more.
    pub(super) fn around(area: WorldBox, wanted_m: f64) -> Self {
        let middle = WorldXy { x: area.min_x, y: area.min_y / 2 + area.max_y / 2 };
        let cell_m = EQUATOR_M / 4_294_967_296.0 * middle.to_lonlat().lat().to_radians().cos();
        let steps = MIN_SHIFT..=MAX_SHIFT;
        let grids = steps.map(|shift| Self::empty(area, wanted_m, cell_m, shift));
        let mut grids = grids.skip_while(|grid| grid.node_count() > MAX_NODES);
        let mut field =
            grids.next().unwrap_or_else(|| Self::empty(area, wanted_m, cell_m, MAX_SHIFT));
        field.squared = vec![field.far_squared(); field.columns * field.rows];
        field
    }

    fn empty(area: WorldBox, wanted_m: f64, cell_m: f64, shift: u32) -> Self {
        let step_m = f64::from(1_u32 << shift) * cell_m;
        let radius_m = wanted_m.max(step_m * RADIUS_STEPS);
        // Beyond what is within lies a node that is not.
        let margin = (radius_m / step_m).ceil() as u32 + 2;
        let start = |cell: u32| (cell >> shift).saturating_sub(margin);
        let count = |first: u32, last: u32| ((last >> shift) + margin + 1 - first) as usize + 1;
        let first = WorldXy { x: start(area.min_x), y: start(area.min_y) };
        let (columns, rows) = (count(first.x, area.max_x), count(first.y, area.max_y));
        Self { first, columns, rows, shift, cell_m, radius_m, squared: Vec::new() }
    }

    const fn node_count(&self) -> u64 {
        self.columns as u64 * self.rows as u64
    }

    /// What a node counts as that is farther.
    fn far_squared(&self) -> f32 {
        let far = self.radius_m / self.cell_m + 2.0 * f64::from(1_u32 << self.shift);
        (far * far) as f32
    }

    /// Takes one straight piece of a line into account.
    pub(super) fn add(&mut self, from: WorldXy, to: WorldXy) {
        let far = f64::from(self.far_squared()).sqrt();
        let step = f64::from(1_u32 << self.shift);
        let lower = |a: u32, b: u32, first: u32| {
            let steps = (f64::from(a.min(b)) - far) / step - f64::from(first);
            // The border is never within.
            steps.ceil().max(1.0) as usize
        };
        let upper = |a: u32, b: u32, first: u32, count: usize| {
            let steps = (f64::from(a.max(b)) + far) / step - f64::from(first);
            (steps.floor().max(0.0) as usize).min(count - 2)
        };
        let columns =
            lower(from.x, to.x, self.first.x)..=upper(from.x, to.x, self.first.x, self.columns);
        let rows = lower(from.y, to.y, self.first.y)..=upper(from.y, to.y, self.first.y, self.rows);
        for row in rows {
            for column in columns.clone() {
                let index = row * self.columns + column;
                let squared = squared_to_piece(self.node(index), from, to) as f32;
                self.squared[index] = self.squared[index].min(squared);
            }
        }
    }

    pub(super) const fn columns(&self) -> usize {
        self.columns
    }

    pub(super) const fn rows(&self) -> usize {
        self.rows
    }

    /// The distance within which a place counts as reached, metres.
    pub(super) const fn radius_m(&self) -> f64 {
        self.radius_m
    }

    /// How far outside the radius an outline may lie: the diagonal of a square, metres.
    pub(super) fn tolerance_m(&self) -> f64 {
        f64::from(1_u32 << self.shift) * self.cell_m * std::f64::consts::SQRT_2
    }

    /// At a node, by its number, row by row.
    pub(super) fn distance_m(&self, node: usize) -> f64 {
        f64::from(self.squared[node]).sqrt() * self.cell_m
    }

    pub(super) fn is_within(&self, node: usize) -> bool {
        self.distance_m(node) <= self.radius_m
    }

    /// Where a node lies.
    pub(super) fn node(&self, node: usize) -> WorldXy {
        let (row, column) = (node / self.columns, node % self.columns);
        // The grid ends one margin beyond a box of the world; there `x` and `y` saturate.
        let at = |first: u32, steps: usize| {
            let cell = (u64::from(first) + steps as u64) << self.shift;
            u32::try_from(cell).unwrap_or(u32::MAX)
        };
        WorldXy { x: at(self.first.x, column), y: at(self.first.y, row) }
    }
}

/// In cells.
fn squared_to_piece(place: WorldXy, from: WorldXy, to: WorldXy) -> f64 {
    let (x, y) = (f64::from(place.x) - f64::from(from.x), f64::from(place.y) - f64::from(from.y));
    let (dx, dy) = (f64::from(to.x) - f64::from(from.x), f64::from(to.y) - f64::from(from.y));
    let length_squared = dx * dx + dy * dy;
    let share = if length_squared > 0.0 { (x * dx + y * dy) / length_squared } else { 0.0 };
    let share = share.clamp(0.0, 1.0);
    let (x, y) = (x - share * dx, y - share * dy);
    x * x + y * y
}
