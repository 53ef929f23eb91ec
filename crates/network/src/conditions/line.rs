//! The line of one link on the plane of the grid.

use urbis_model::WorldXy;
use urbis_snapshot::{Part as Shape, SnapshotFeature};

use super::outline::{Piece, Xy};
use crate::{Graph, LinkId};

/// The vertices of a link, or of any line.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    vertices: Vec<Xy>,
}

impl Line {
    pub fn new(vertices: &[WorldXy]) -> Self {
        Self { vertices: vertices.iter().copied().map(Xy::from).collect() }
    }

    /// The line of a link, whose segment this is.
    pub fn of(segment: SnapshotFeature<'_>, graph: &Graph, link: LinkId) -> Self {
        let link = graph.link(link);
        let Some(Shape::Line(path)) = segment.parts().nth(usize::from(link.part)) else {
            return Self::new(&[]);
        };
        let span = link.from_vertex as usize..=link.to_vertex as usize;
        Self::new(path.vertices().get(span).unwrap_or_default())
    }

    /// Calls `each` for every straight piece, with where it starts and its length, cells.
    pub fn walk(&self, mut each: impl FnMut(Piece, f64, f64)) {
        let mut start = 0.0;
        for ends in self.vertices.windows(2) {
            let piece = Piece { start: ends[0], end: ends[1] };
            let length = piece.step().length();
            each(piece, start, length);
            start += length;
        }
    }

    /// Its length, cells.
    pub fn length(&self) -> f64 {
        let mut cells = 0.0;
        self.walk(|_, _, length| cells += length);
        cells
    }

    /// The place between two others that is nearest to `from`: its squared distance in cells,
    /// where it is along the line, and itself. Places along the line are in millimetres, of which
    /// the whole line has `length_mm`.
    pub fn nearest(&self, range: (u32, u32), length_mm: u32, from: Xy) -> Option<(f64, u32, Xy)> {
        let cells = self.length();
        let to_cells = |mm: u32| f64::from(mm) / f64::from(length_mm.max(1)) * cells;
        let (low, high) = (to_cells(range.0), to_cells(range.1));
        let mut best: Option<(f64, f64, Xy)> = None;
        self.walk(|piece, start, length| {
            let (first, last) = (low.max(start) - start, high.min(start + length) - start);
            if length == 0.0 || first > last {
                return;
            }
            let foot = from.minus(piece.start).dot(piece.step()) / length;
            let along = foot.clamp(first, last);
            let place = piece.at(along / length);
            let off = from.minus(place);
            let squared = off.dot(off);
            if best.is_none_or(|(nearest, ..)| squared < nearest) {
                best = Some((squared, start + along, place));
            }
        });
        best.map(|(squared, along, place)| {
            let mm = (along / cells * f64::from(length_mm)).round() as u32;
            (squared, mm.clamp(range.0, range.1), place)
        })
    }
}
