//! What a search of a box left out, and why.

/// The features of a layer whose boxes meet an area, by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them: the sum of the others.
    pub candidates: usize,
    /// What [`crate::LayerSnapshot::in_box`] finds.
    pub shown: usize,
    /// Drawn at a deeper zoom first.
    pub not_yet: usize,
    /// Left out because the tile would be too large.
    pub by_budget: usize,
    /// Not for the class.
    pub hidden: usize,
    /// Not valid at the moment that was asked for.
    pub not_valid: usize,
}
