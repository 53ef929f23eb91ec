//! Joins what is drawn alike: lines end to end, polygons along their shared edges.
//!
//! Works on whole tile units, after everything was cut and rounded, so that equal places are
//! equal numbers. The length of lines and the area of polygons stay exactly what they were.

use std::collections::HashMap;

use urbis_model::GeometryKind;

use crate::paths::{Paths, StraightRuns, Winding, twice_area};

mod lines;
mod polygons;

use lines::join_lines;
use polygons::join_polygons;

/// Features of one layer of a tile by what they are joined by, in order of the first of each.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    numbers: HashMap<Vec<u8>, usize>,
    groups: Vec<(Vec<u8>, Paths)>,
}

impl Groups {
    /// Adds the paths of a feature; what has equal tags is joined.
    pub(crate) fn add(&mut self, tags: &[u8], paths: &Paths) {
        let number = self.numbers.get(tags).copied().unwrap_or_else(|| {
            self.numbers.insert(tags.to_vec(), self.groups.len());
            self.groups.push((tags.to_vec(), Paths::default()));
            self.groups.len() - 1
        });
        self.groups[number].1.append(paths);
    }

    /// The tags and joined paths of each group.
    pub(crate) fn joined(
        self,
        kind: GeometryKind,
        straight_runs: StraightRuns,
    ) -> impl Iterator<Item = (Vec<u8>, Paths)> {
        self.groups.into_iter().map(move |(tags, paths)| {
            let joined = match kind {
                GeometryKind::Point => paths,
                GeometryKind::MultiLineString => tidy(kind, &join_lines(&paths), straight_runs),
                GeometryKind::MultiPolygon => tidy(kind, &join_polygons(&paths), straight_runs),
            };
            (tags, joined)
        })
    }
}

/// Drops vertices of straight runs, also of those that only joining made straight.
fn tidy(kind: GeometryKind, paths: &Paths, straight_runs: StraightRuns) -> Paths {
    let mut tidy = Paths::default();
    for path in paths.iter() {
        path.iter().for_each(|vertex| tidy.push(*vertex, straight_runs));
        match kind {
            GeometryKind::MultiPolygon if twice_area(path) < 0 => {
                tidy.end_ring(Winding::Hole);
            }
            GeometryKind::MultiPolygon => {
                tidy.end_ring(Winding::Exterior);
            }
            _ => tidy.end_line(),
        }
    }
    tidy
}

#[cfg(test)]
mod tests;
