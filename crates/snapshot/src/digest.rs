//! A digest of what an area shows, which a search of it can build on its way.

/// Adds up the features that [`crate::LayerSnapshot::in_box`] finds; their order does not matter.
///
/// Whoever draws an area gets the value of [`crate::LayerSnapshot::area_version`] without a second
/// search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AreaDigest(u64);

impl AreaDigest {
    /// Of nothing yet, at a zoom with this [`crate::LayerSnapshot::cut`].
    pub const fn new(cut: u8) -> Self {
        Self(mix(cut as u64))
    }

    /// Adds a feature by its [`crate::SnapshotFeature::drawn_version`], a hash that is spread
    /// already.
    #[inline]
    pub const fn add(&mut self, drawn_version: u64) {
        self.0 = self.0.wrapping_add(drawn_version);
    }

    /// The digest of all that was added.
    pub const fn value(self) -> u64 {
        self.0
    }
}

/// Spreads a number, so that a sum of them is a digest (the finaliser of `SplitMix64`).
#[inline]
pub(crate) const fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}
