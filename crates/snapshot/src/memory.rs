//! What a layer takes of memory.

/// Bytes that a layer's features take, by what they hold; the allocator's own share is not in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LayerMemory {
    /// Number of features.
    pub features: usize,
    /// Vertices.
    pub vertices: usize,
    /// Zoom ranks of the vertices, and levels of long paths.
    pub ranks: usize,
    /// Boxes of the features.
    pub boxes: usize,
    /// Ids, and where to find them.
    pub ids: usize,
    /// Values of attributes, and the codes of each feature.
    pub attributes: usize,
    /// What tiles of some zooms copy.
    pub prepared: usize,
    /// Search trees, ends of paths and parts, hashes, validity, statistics.
    pub index: usize,
}

impl LayerMemory {
    /// All bytes.
    pub const fn bytes(&self) -> usize {
        self.vertices
            + self.ranks
            + self.boxes
            + self.ids
            + self.attributes
            + self.prepared
            + self.index
    }
}
