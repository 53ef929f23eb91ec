//! Lines or rings in whole tile units, in flat arrays that are used again and again.
//!
//! ```text
//! vertices   a b c d | e f g | h i j k
//! ends               4       7         11
//! ```

/// A place in whole tile units, from the tile's north-west corner; x grows east, y grows south.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct UnitXy {
    pub(crate) x: i32,
    pub(crate) y: i32,
}

impl UnitXy {
    /// The way from here to another place.
    pub(crate) const fn to(self, other: Self) -> Step {
        Step { x: other.x as i64 - self.x as i64, y: other.y as i64 - self.y as i64 }
    }
}

/// A way from one place to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) x: i64,
    pub(crate) y: i64,
}

impl Step {
    /// Positive where `next` turns right on screen.
    pub(crate) const fn cross(self, next: Self) -> i64 {
        self.x * next.y - self.y * next.x
    }

    /// Positive where `next` goes forward rather than back.
    pub(crate) const fn dot(self, next: Self) -> i64 {
        self.x * next.x + self.y * next.y
    }

    /// Says whether `next` goes on in the same direction.
    pub(crate) const fn goes_straight_on(self, next: Self) -> bool {
        self.cross(next) == 0 && self.dot(next) > 0
    }
}

/// Which vertices of a straight run are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StraightRuns {
    /// Only the ends.
    Ends,
    /// All.
    All,
}

/// Paths of at least one vertex, no two consecutive ones equal; a ring does not repeat its first.
///
/// Of polygons the exterior runs clockwise on screen, its holes follow it and run the other way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Paths {
    vertices: Vec<UnitXy>,
    ends: Vec<usize>,
}

impl Paths {
    pub(crate) fn clear(&mut self) {
        self.vertices.clear();
        self.ends.clear();
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All vertices of all paths.
    pub(crate) fn vertices(&self) -> &[UnitXy] {
        &self.vertices
    }

    /// The paths in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[UnitXy]> {
        let mut start = 0;
        self.ends.iter().map(move |end| &self.vertices[std::mem::replace(&mut start, *end)..*end])
    }

    /// Adds all paths of another.
    pub(crate) fn append(&mut self, other: &Self) {
        let offset = self.vertices.len();
        self.vertices.extend_from_slice(&other.vertices);
        self.ends.extend(other.ends.iter().map(|end| end + offset));
    }

    /// Adds a path as it is.
    pub(crate) fn push_path(&mut self, path: &[UnitXy]) {
        self.vertices.extend_from_slice(path);
        self.end_path();
    }

    /// Adds a position to the path that is not ended yet.
    pub(crate) fn push_point(&mut self, place: UnitXy) {
        self.vertices.push(place);
    }

    /// Adds a vertex to the path that is not ended yet, unless it repeats the last; drops the last
    /// where the run goes straight on.
    #[inline]
    pub(crate) fn push(&mut self, vertex: UnitXy, straight_runs: StraightRuns) {
        let start = self.open_start();
        let open = &self.vertices[start..];
        if open.last() == Some(&vertex) {
            return;
        }
        if let ([.., a, b], StraightRuns::Ends) = (open, straight_runs)
            && a.to(*b).goes_straight_on(b.to(vertex))
        {
            self.vertices.pop();
        }
        self.vertices.push(vertex);
    }

    /// Adds vertices to a path that has none yet, as [`Self::push`] does, but faster.
    #[inline]
    pub(crate) fn push_all(
        &mut self,
        vertices: impl Iterator<Item = UnitXy>,
        straight_runs: StraightRuns,
    ) {
        let (mut before, mut last) = (None, None);
        for vertex in vertices {
            if last == Some(vertex) {
                continue;
            }
            if let (Some(a), Some(b), StraightRuns::Ends) = (before, last, straight_runs)
                && UnitXy::to(a, b).goes_straight_on(b.to(vertex))
            {
                self.vertices.pop();
            } else {
                before = last;
            }
            self.vertices.push(vertex);
            last = Some(vertex);
        }
    }

    /// Ends a point or a path.
    pub(crate) fn end_path(&mut self) {
        self.ends.push(self.vertices.len());
    }

    /// Ends a line; drops it where it has no length.
    pub(crate) fn end_line(&mut self) {
        let start = self.open_start();
        if self.vertices.len() - start < 2 {
            self.vertices.truncate(start);
        } else {
            self.end_path();
        }
    }

    /// Ends a ring, wound as asked, and gives twice its area, never negative; drops a ring that
    /// has none.
    pub(crate) fn end_ring(&mut self, winding: Winding) -> i64 {
        let start = self.open_start();
        while self.vertices.len() > start + 1 && self.vertices.last() == Some(&self.vertices[start])
        {
            self.vertices.pop();
        }
        let ring = &mut self.vertices[start..];
        let area = twice_area(ring);
        if area == 0 {
            self.vertices.truncate(start);
            return 0;
        }
        if (area > 0) != (winding == Winding::Exterior) {
            ring.reverse();
        }
        self.end_path();
        area.abs()
    }

    /// Number of paths, for [`Self::truncate`].
    pub(crate) const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Drops all paths but the first few.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.ends.truncate(len);
        self.vertices.truncate(self.open_start());
    }

    fn open_start(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }
}

/// Which way a ring runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Winding {
    /// Clockwise on screen.
    Exterior,
    /// The other way.
    Hole,
}

/// Twice the area by the surveyor's formula, positive where the ring runs clockwise on screen.
pub(crate) fn twice_area(ring: &[UnitXy]) -> i64 {
    let Some(mut before) = ring.last().copied() else { return 0 };
    let mut area = 0;
    for vertex in ring {
        area +=
            i64::from(before.x) * i64::from(vertex.y) - i64::from(vertex.x) * i64::from(before.y);
        before = *vertex;
    }
    area
}
