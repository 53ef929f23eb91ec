//! What of a layer goes into tiles, at which zooms, and how it is drawn there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What of a layer goes into tiles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TileRules {
    /// First zoom with a feature, TileJSON meaning.
    pub minzoom: u8,
    /// Last zoom that clients ask for; geometry is exact there.
    pub maxzoom: u8,
    /// Attributes in the tile, in order.
    pub attributes: Vec<String>,
    /// Below `maxzoom` a line or polygon is left out while the longer side of its box is
    /// shorter than this many pixels of a 512-pixel tile.
    #[serde(default)]
    pub min_size_px: f64,
    /// First zoom by the value of an attribute.
    pub zoom_by: Option<ZoomBy>,
    /// What is joined in the tiles of low zooms.
    pub coalesce: Option<Coalesce>,
    /// Bytes that the layer shall not exceed in one tile, in units of 1,000 after gzip. Up to zoom
    /// 15 what counts least is left out, at a whole zoom, until by an estimate no tile of the zoom
    /// takes more: of lines and points the classes that `zoom_by` shows last, then the shortest
    /// lines and points at random; of polygons the smallest. What counts most is never left out.
    #[serde(default = "default_budget_kb")]
    pub budget_kb: u32,
}

impl ZoomBy {
    /// First zoom of a value, as the file spells it; `None` where there is none.
    pub fn zoom_of(&self, value: Option<&str>) -> u8 {
        let named = value.and_then(|value| self.zooms.get(value));
        named.copied().unwrap_or(self.otherwise)
    }
}

/// Lines and polygons that are drawn as one in the tiles of low zooms, where nobody can tell them
/// apart: lines that meet end to end, polygons that share an edge. The joined feature has no id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coalesce {
    /// First zoom at which each feature is drawn by itself again.
    pub below: u8,
    /// Attributes of the tile that must be equal for features to be joined, and the only ones
    /// that are in the tile below that zoom. A class joins by those of them that it may see.
    pub by: Vec<String>,
}

/// First zoom by the value of an attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoomBy {
    /// The attribute.
    pub attribute: String,
    /// Value to first zoom; a value that is not named starts at `otherwise`.
    pub zooms: BTreeMap<String, u8>,
    /// First zoom of all other values.
    pub otherwise: u8,
}

const fn default_budget_kb() -> u32 {
    500
}
