//! What is told of every city that becomes the one requests see.

use urbis_model::Revision;
use urbis_snapshot::Changes;

use crate::dirty::DirtyTiles;

/// A city was published: its revision, and where it is drawn otherwise than the one before.
#[derive(Debug)]
pub(crate) struct Publication {
    /// Larger than that of the city before.
    pub revision: Revision,
    pub difference: Difference,
    /// The same as tiles.
    pub tiles: DirtyTiles,
}

/// Where a city is drawn otherwise than the one before.
#[derive(Debug)]
pub(crate) enum Difference {
    /// Perhaps everywhere, the catalogue included: it was loaded as a whole.
    Everything,
    /// There, and nowhere else.
    Changes(Changes),
}

/// Publications that a slow listener may be behind; one that is further behind is told so and must
/// take everything for changed.
pub(crate) const PUBLICATIONS_KEPT: usize = 256;
