//! The vertices of a coverage at which shared arcs end.

use std::collections::HashMap;

use urbis_model::WorldXy;

use crate::shape::Shape;

/// How the edges of all rings meet.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    meetings: HashMap<WorldXy, Meeting>,
}

/// The ends of the edges that start at one vertex.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meeting {
    /// All go to one vertex: the tip of a spike.
    One(WorldXy),
    /// They go to two: an arc passes through.
    Two(WorldXy, WorldXy),
    /// They go to more: arcs end here.
    Many,
}

impl Nodes {
    /// Adds the edges of all rings of a shape.
    pub(super) fn add(&mut self, shape: &Shape) {
        for ring in shape.paths() {
            let following = ring.iter().cycle().skip(1);
            for (from, to) in ring.iter().zip(following).filter(|(from, to)| from != to) {
                self.meet(*from, *to);
                self.meet(*to, *from);
            }
        }
    }

    /// Says whether arcs end at a vertex.
    pub(super) fn is_node(&self, vertex: WorldXy) -> bool {
        self.meetings.get(&vertex).is_some_and(|meeting| !matches!(meeting, Meeting::Two(_, _)))
    }

    fn meet(&mut self, at: WorldXy, to: WorldXy) {
        let meeting = self.meetings.entry(at).or_insert(Meeting::One(to));
        *meeting = match *meeting {
            Meeting::One(first) if first != to => Meeting::Two(first, to),
            Meeting::Two(first, second) if first != to && second != to => Meeting::Many,
            same => same,
        };
    }
}
