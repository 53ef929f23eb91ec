//! The vertices of a coverage at which shared arcs end.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use urbis_model::WorldXy;

use crate::digest::mix;
use crate::rows::Pick;

/// How the edges of all rings meet.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    meetings: HashMap<WorldXy, Meeting, BuildHasherDefault<CellHasher>>,
}

/// The ends of the edges that start at one vertex.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meeting {
    /// None yet.
    None,
    /// All go to one vertex: the tip of a spike.
    One(WorldXy),
    /// They go to two: an arc passes through.
    Two(WorldXy, WorldXy),
    /// They go to more: arcs end here.
    Many,
}

impl Nodes {
    /// Adds the vertices of a feature, and all its edges.
    pub(super) fn add(&mut self, pick: Pick<'_>) {
        for vertex in pick.vertices() {
            self.meetings.entry(*vertex).or_insert(Meeting::None);
        }
        self.add_known(pick);
    }

    /// Adds the edges of all rings of a feature at those of their ends that are known.
    pub(super) fn add_known(&mut self, pick: Pick<'_>) {
        for ring in pick.paths() {
            let following = ring.iter().cycle().skip(1);
            for (from, to) in ring.iter().zip(following).filter(|(from, to)| from != to) {
                self.meet(*from, *to);
                self.meet(*to, *from);
            }
        }
    }

    /// Says whether arcs end at a vertex.
    pub(super) fn is_node(&self, vertex: WorldXy) -> bool {
        let meeting = self.meetings.get(&vertex);
        meeting.is_some_and(|one| matches!(one, Meeting::One(_) | Meeting::Many))
    }

    fn meet(&mut self, at: WorldXy, to: WorldXy) {
        let Some(meeting) = self.meetings.get_mut(&at) else { return };
        *meeting = match *meeting {
            Meeting::None => Meeting::One(to),
            Meeting::One(first) if first != to => Meeting::Two(first, to),
            Meeting::Two(first, second) if first != to && second != to => Meeting::Many,
            same => same,
        };
    }
}

/// Hashes a cell by its two numbers; nobody chooses them to make hashes meet, and the standard
/// hasher takes a third of the time that a coverage needs.
#[derive(Debug, Default)]
struct CellHasher(u64);

impl Hasher for CellHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = self.0 << 32 ^ self.0 >> 32 ^ u64::from(number);
    }

    fn finish(&self) -> u64 {
        mix(self.0)
    }
}
