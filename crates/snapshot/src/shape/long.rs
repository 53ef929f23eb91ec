//! Long paths, so that a tile looks at pieces of a river and not at all its vertices.
//!
//! ```text
//! vertices   a b c d e f g h i j k l ..      32 consecutive ones are a piece with a box
//! level 14   all of them
//! level 10   a . . d . . . h . . k . ..      what zoom 10 keeps; 32 of these are a piece
//! level 6    a . . . . . . h . . . . ..
//! ```
//!
//! A zoom uses the smallest level that has all its vertices, and leaves out the others of it.

use urbis_model::{WorldBox, WorldXy};

/// Paths of more vertices than this have levels.
const LONG: usize = 128;

/// Vertices of a piece.
const PIECE: usize = 32;

/// The levels of one path.
#[derive(Debug)]
pub(crate) struct LongPath {
    /// Number of the path's first vertex in its chunk.
    start: usize,
    /// The whole path first, each of the others at most half as long as the one before.
    levels: Vec<Level>,
}

/// The vertices up to a rank.
#[derive(Debug)]
struct Level {
    rank: u8,
    /// `None` where these are all.
    indices: Option<Box<[u32]>>,
    boxes: Box<[WorldBox]>,
}

impl LongPath {
    /// The levels of a path whose first vertex has a number in its chunk; `None` where it is not
    /// long.
    pub(crate) fn new(start: usize, vertices: &[WorldXy], ranks: &[u8]) -> Option<Self> {
        if vertices.len() <= LONG {
            return None;
        }
        let highest = ranks.iter().copied().max()?;
        let mut levels = vec![Level::new(highest, None, vertices)];
        let mut count = vertices.len();
        for rank in (0..highest).rev() {
            let kept = ranks.iter().filter(|one| **one <= rank).count();
            if kept * 2 <= count {
                let indices = (0..).zip(ranks).filter(|(_, one)| **one <= rank);
                let indices = indices.map(|(index, _)| index).collect();
                levels.push(Level::new(rank, Some(indices), vertices));
                count = kept;
            }
            if kept <= PIECE {
                break;
            }
        }
        Some(Self { start, levels })
    }

    /// The levels of a path by its first vertex and its length.
    pub(crate) fn find(all: &[Self], start: usize, len: usize) -> Option<&Self> {
        if len <= LONG {
            return None;
        }
        let at = all.binary_search_by_key(&start, |path| path.start).ok()?;
        Some(&all[at])
    }

    /// See [`super::Path::at_zoom_in`].
    pub(crate) fn at_zoom_in<'a>(
        &'a self,
        vertices: &'a [WorldXy],
        ranks: &'a [u8],
        zoom: u8,
        area: WorldBox,
    ) -> impl Iterator<Item = WorldXy> + use<'a> {
        let level = self.levels.iter().rev().find(|level| level.rank >= zoom);
        let level = level.unwrap_or(&self.levels[0]);
        let count = level.indices.as_ref().map_or(vertices.len(), |indices| indices.len());
        level.boxes.iter().enumerate().flat_map(move |(piece, world_box)| {
            let all = piece * PIECE..count.min((piece + 1) * PIECE);
            let mut kept = all.map(|at| level.index(at)).filter(move |at| ranks[*at] <= zoom);
            let (near, far) = if world_box.intersects(&area) {
                (Some(kept), [None, None])
            } else {
                (None, [kept.next(), kept.next_back()])
            };
            let indices = near.into_iter().flatten().chain(far.into_iter().flatten());
            indices.map(|at| vertices[at])
        })
    }

    pub(crate) fn bytes(&self) -> usize {
        let levels = self.levels.iter().map(|level| {
            size_of::<Level>()
                + level.indices.as_ref().map_or(0, |indices| indices.len() * size_of::<u32>())
                + level.boxes.len() * size_of::<WorldBox>()
        });
        size_of::<Self>() + levels.sum::<usize>()
    }
}

impl Level {
    fn new(rank: u8, indices: Option<Box<[u32]>>, vertices: &[WorldXy]) -> Self {
        let around = |cells: &mut dyn Iterator<Item = WorldXy>| WorldBox::around(cells);
        let boxes = match &indices {
            None => {
                let pieces = vertices.chunks(PIECE);
                pieces.filter_map(|piece| around(&mut piece.iter().copied())).collect()
            }
            Some(indices) => {
                let vertex = |index: &u32| vertices[*index as usize];
                let pieces = indices.chunks(PIECE);
                pieces.filter_map(|piece| around(&mut piece.iter().map(vertex))).collect()
            }
        };
        Self { rank, indices, boxes }
    }

    fn index(&self, at: usize) -> usize {
        self.indices.as_ref().map_or(at, |indices| indices[at] as usize)
    }
}
