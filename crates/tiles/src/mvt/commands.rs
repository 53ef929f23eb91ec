//! The drawing commands of one feature.

use super::proto::zigzag;

const MOVE_TO: u32 = 1;
const LINE_TO: u32 = 2;
const CLOSE_PATH: u32 = 7;

/// A place in whole tile units; y grows south.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct UnitXy {
    pub(crate) x: i32,
    pub(crate) y: i32,
}

/// Commands and their parameters, relative to a cursor that starts at the tile's corner.
#[derive(Debug, Default)]
pub(crate) struct Commands {
    numbers: Vec<u32>,
    cursor: UnitXy,
}

impl Commands {
    pub(crate) fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    pub(crate) fn points(&mut self, places: &[UnitXy]) {
        self.command(MOVE_TO, places);
    }

    /// Adds a line of at least two vertices.
    pub(crate) fn line(&mut self, vertices: &[UnitXy]) {
        if let Some((first, others)) = vertices.split_first() {
            self.command(MOVE_TO, &[*first]);
            self.command(LINE_TO, others);
        }
    }

    /// Adds a ring that does not repeat its first vertex: clockwise on screen for an exterior,
    /// the other way for a hole, holes after their exterior.
    pub(crate) fn ring(&mut self, vertices: &[UnitXy]) {
        self.line(vertices);
        self.numbers.push(CLOSE_PATH | 1 << 3);
    }

    fn command(&mut self, command: u32, places: &[UnitXy]) {
        if places.is_empty() {
            return;
        }
        self.numbers.push(command | (places.len() as u32) << 3);
        for place in places {
            self.numbers.push(step(self.cursor.x, place.x));
            self.numbers.push(step(self.cursor.y, place.y));
            self.cursor = *place;
        }
    }
}

fn step(from: i32, to: i32) -> u32 {
    zigzag(i64::from(to) - i64::from(from)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(pairs: &[(i32, i32)]) -> Vec<UnitXy> {
        pairs.iter().map(|(x, y)| UnitXy { x: *x, y: *y }).collect()
    }

    #[test]
    fn commands_are_those_of_the_specification() {
        // Examples 4.3.5.2, 4.3.5.4 and 4.3.5.5 of the specification.
        let mut points = Commands::default();
        points.points(&places(&[(5, 7), (3, 2)]));
        assert_eq!(points.numbers(), [17, 10, 14, 3, 9]);

        let mut lines = Commands::default();
        lines.line(&places(&[(2, 2), (2, 10), (10, 10)]));
        lines.line(&places(&[(1, 1), (3, 5)]));
        assert_eq!(lines.numbers(), [9, 4, 4, 18, 0, 16, 16, 0, 9, 17, 17, 10, 4, 8]);

        let mut ring = Commands::default();
        ring.ring(&places(&[(3, 6), (8, 12), (20, 34)]));
        assert_eq!(ring.numbers(), [9, 6, 12, 18, 10, 12, 24, 44, 15]);
    }
}
