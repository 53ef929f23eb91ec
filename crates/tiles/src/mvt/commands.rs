//! The drawing commands of one feature.

use urbis_model::GeometryKind;

use super::proto::{Varint, put_pair, put_varint, zigzag};
use crate::paths::{Paths, UnitXy};

const MOVE_TO: u64 = 1;
const LINE_TO: u64 = 2;
const CLOSE_PATH: u64 = 7;

/// Appends commands and their parameters, relative to a cursor that starts at the tile's corner.
///
/// Lines have two vertices at least; exteriors run clockwise on screen, their holes follow and
/// run the other way.
pub(super) fn put_commands(out: &mut Vec<u8>, kind: GeometryKind, paths: &Paths) {
    put_all(out, kind, paths, UnitXy::default());
}

/// Appends the same without the first command's head and position, for [`start_of`] to say.
///
/// There is at least one path, of a line or polygon, and it starts at `first`.
pub(crate) fn put_commands_from(
    out: &mut Vec<u8>,
    kind: GeometryKind,
    paths: &Paths,
    first: UnitXy,
) {
    let start = out.len();
    put_all(out, kind, paths, first);
    // The head, and twice no step.
    out.drain(start..start + 3);
}

/// The first command of a line or polygon: a move to its first position.
#[inline]
pub(super) fn start_of(first: UnitXy) -> Varint {
    let (x, y) = (zigzag(i64::from(first.x)) as u32, zigzag(i64::from(first.y)) as u32);
    Varint::one_byte((MOVE_TO | 1 << 3) as u8).then(Varint::pair(x, y))
}

fn put_all(out: &mut Vec<u8>, kind: GeometryKind, paths: &Paths, mut cursor: UnitXy) {
    for path in paths.iter() {
        match kind {
            GeometryKind::Point => put_command(out, MOVE_TO, path, &mut cursor),
            GeometryKind::MultiLineString => put_line(out, path, &mut cursor),
            GeometryKind::MultiPolygon => {
                put_line(out, path, &mut cursor);
                put_varint(out, CLOSE_PATH | 1 << 3);
            }
        }
    }
}

fn put_line(out: &mut Vec<u8>, path: &[UnitXy], cursor: &mut UnitXy) {
    let (first, others) = path.split_at(1);
    put_command(out, MOVE_TO, first, cursor);
    put_command(out, LINE_TO, others, cursor);
}

fn put_command(out: &mut Vec<u8>, command: u64, places: &[UnitXy], cursor: &mut UnitXy) {
    put_varint(out, command | (places.len() as u64) << 3);
    for place in places {
        let step = cursor.to(*place);
        put_pair(out, zigzag(step.x), zigzag(step.y));
        *cursor = *place;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(kind: GeometryKind, all: &[&[(i32, i32)]]) -> Vec<u8> {
        let mut paths = Paths::default();
        for path in all {
            paths.push_path(&path.iter().map(|(x, y)| UnitXy { x: *x, y: *y }).collect::<Vec<_>>());
        }
        let mut out = Vec::new();
        put_commands(&mut out, kind, &paths);
        out
    }

    #[test]
    fn commands_are_those_of_the_specification() {
        // Examples 4.3.5.2, 4.3.5.4 and 4.3.5.5 of the specification; each number is one byte.
        let points = commands(GeometryKind::Point, &[&[(5, 7), (3, 2)]]);
        assert_eq!(points, [17, 10, 14, 3, 9]);
        let lines: &[&[(i32, i32)]] = &[&[(2, 2), (2, 10), (10, 10)], &[(1, 1), (3, 5)]];
        let lines = commands(GeometryKind::MultiLineString, lines);
        assert_eq!(lines, [9, 4, 4, 18, 0, 16, 16, 0, 9, 17, 17, 10, 4, 8]);
        let ring = commands(GeometryKind::MultiPolygon, &[&[(3, 6), (8, 12), (20, 34)]]);
        assert_eq!(ring, [9, 6, 12, 18, 10, 12, 24, 44, 15]);
    }
}
