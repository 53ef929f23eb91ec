//! Random roads on a grid of places, so that they meet, cross, repeat and end on each other.

use urbis_catalog::NetworkRole;
use urbis_model::{AttributeValue, Feature};

use crate::city::{Xy, barrier, restriction, roads, text};

/// Places along a side, and how far they are apart.
const SIDE: u64 = 7;
const STEP_M: f64 = 40.0;

/// A seeded sequence, so that a failure repeats (constants of Knuth's MMIX).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A place of the grid; now and then 0.3 m beside it, or 0.8 m.
    pub fn place(&mut self) -> Xy {
        let off = [0.0, 0.0, 0.0, 0.0, 0.3, -0.3, 0.8][self.below(7) as usize];
        let (column, row) = (self.below(SIDE), self.below(SIDE));
        (column as f64 * STEP_M + off, row as f64 * STEP_M)
    }

    fn line(&mut self) -> Vec<Xy> {
        let length = 2 + self.below(4);
        let mut line = vec![self.place()];
        while (line.len() as u64) < length {
            let (x, y) = line[line.len() - 1];
            let step = |random: &mut Self| (random.below(3) as f64 - 1.0) * STEP_M;
            let next = (x + step(self), y + step(self));
            let next = if self.chance(10) { self.place() } else { next };
            if next != line[line.len() - 1] {
                line.push(next);
            }
        }
        if self.chance(5) {
            line.push(line[0]);
        }
        line
    }

    pub fn road(&mut self, number: i64) -> Feature {
        let parts: Vec<Vec<Xy>> =
            (0..if self.chance(10) { 2 } else { 1 }).map(|_| self.line()).collect();
        let parts: Vec<&[Xy]> = parts.iter().map(Vec::as_slice).collect();
        let mut values: Vec<(&str, AttributeValue)> = Vec::new();
        if self.chance(20) {
            values.push(("oneway", text(["forward", "backward"][self.below(2) as usize])));
        }
        if self.chance(10) {
            values.push(("bridge", AttributeValue::Bool(true)));
        }
        if self.chance(10) {
            values.push(("layer", AttributeValue::Int(self.below(3) as i64 - 1)));
        }
        if self.chance(10) {
            values.push(("class", text("footway")));
        }
        for limit in ["width_m", "max_height_m", "max_weight_t"] {
            if self.chance(5) {
                values.push((limit, AttributeValue::Float(3.0)));
            }
        }
        roads(number, &parts, &values)
    }

    /// A rule of some roads at the end of one; most are about roads that meet.
    pub fn rule(&mut self, number: i64, all: &[Feature]) -> Feature {
        let pick = |random: &mut Self| &all[random.below(all.len() as u64) as usize];
        let from = pick(self);
        let end = |road: &Feature, last: bool| {
            let Some(geo_types::Geometry::MultiLineString(lines)) = &road.geometry else {
                panic!()
            };
            let line = &lines.0[0].0;
            if last { line[line.len() - 1] } else { line[0] }
        };
        let at = end(from, self.chance(50));
        let touching = |at: geo_types::Coord<f64>| {
            let ends = move |road: &&Feature| end(road, true) == at || end(road, false) == at;
            all.iter().filter(ends).collect::<Vec<_>>()
        };
        let here = touching(at);
        let via = here[self.below(here.len() as u64) as usize];
        let far = if end(via, true) == at { end(via, false) } else { end(via, true) };
        let there = touching(far);
        let to = there[self.below(there.len() as u64) as usize];
        let kinds =
            ["no_left_turn", "no_u_turn", "only_right_turn", "only_straight_on", "no_entry"];
        let kind = kinds[self.below(5) as usize];
        let name = |road: &Feature| format!("w{}", road.id);
        let (via, to) = match self.chance(50) {
            true => ("n1".to_owned(), name(via)),
            false => (name(via), name(to)),
        };
        let except = if self.chance(10) { "emergency" } else { "" };
        let mut rule = restriction(number, kind, (0.0, 0.0), [&name(from), &via, &to], except);
        rule.geometry = Some(geo_types::Point(at).into());
        rule
    }

    pub fn barrier(&mut self, number: i64) -> Feature {
        let at = (self.below(SIDE) as f64 * STEP_M, self.below(SIDE) as f64 * STEP_M);
        barrier(number, ["bollard", "gate", "level_crossing"][self.below(3) as usize], at)
    }
}

/// Numbers of the features of each role.
pub const fn base(role: NetworkRole) -> i64 {
    match role {
        NetworkRole::TurnRestrictions => 10_000,
        NetworkRole::Barriers => 20_000,
        _ => 1,
    }
}
