//! What tells finished tiles apart.

use quick_cache::Equivalent;
use urbis_model::{Openness, TileAddress, Validity};

use crate::encoding::Encoding;
use crate::pace::TileKind;

/// A tile as it is asked for: the layers' names as the path has them, and how it is seen.
///
/// The names are not looked up, so that a finished tile is found by comparing bytes; two ways to
/// name the same layers are two tiles with one tag.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TileKey {
    names: Box<str>,
    view: View,
}

/// A [`TileKey`] that owns nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TileKeyRef<'a> {
    pub names: &'a str,
    pub view: View,
}

/// Which tile, for whom, in which form, of when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct View {
    pub tile: TileAddress,
    pub class: Openness,
    /// What the client takes; a small body travels as it is all the same.
    pub encoding: Encoding,
    /// The span in which the tile shows the same; `None` for the city's own moment.
    pub during: Option<Validity>,
}

impl TileKeyRef<'_> {
    pub fn to_key(self) -> TileKey {
        TileKey { names: self.names.into(), view: self.view }
    }
}

impl TileKey {
    pub fn as_ref(&self) -> TileKeyRef<'_> {
        TileKeyRef { names: &self.names, view: self.view }
    }

    /// Tiles that take about as long to build; `None` where any may take long.
    pub fn kind(&self) -> Option<TileKind> {
        TileKind::new(&self.names, self.view.tile.z(), self.view.encoding)
    }

    /// Bytes that it takes.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + self.names.len()
    }
}

impl Equivalent<TileKey> for TileKeyRef<'_> {
    fn equivalent(&self, key: &TileKey) -> bool {
        *self == key.as_ref()
    }
}
