//! `/tileMatrixSets` and `/tileMatrixSets/WebMercatorQuad`: the one grid of our tiles.
//!
//! Source: OGC 17-083r4 (Two Dimensional Tile Matrix Set), annex D.1.

use serde_json::{Value, json};
use urbis_model::TileAddress;

use crate::link::{Link, Rel};
use crate::{MediaType, Site};

/// Id of the grid.
pub const MATRIX_SET: &str = "WebMercatorQuad";

/// Its name in the register of the OGC.
pub(crate) const MATRIX_SET_URI: &str =
    "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";

/// CRS of the grid.
pub(crate) const MATRIX_SET_CRS: &str = "http://www.opengis.net/def/crs/EPSG/0/3857";

/// Half the circumference of the equator, metres: the grid's corner.
const HALF_WORLD_M: f64 = 20_037_508.342_789_244;

/// Pixels of one side of a tile, as the standard counts them.
const TILE_PX: u32 = 256;

/// Metres of one side of a pixel for which a scale is said.
const PIXEL_M: f64 = 0.000_28;

impl Site<'_> {
    /// The document `/tileMatrixSets`.
    pub fn tile_matrix_sets(&self) -> Value {
        let itself = Link::new(Rel::Itself, MediaType::Json, self.matrix_set_url());
        json!({
            "tileMatrixSets": [{
                "id": MATRIX_SET,
                "title": "Web Mercator",
                "uri": MATRIX_SET_URI,
                "crs": MATRIX_SET_CRS,
                "links": [itself],
            }],
            "links": Link::pair(MediaType::Json, &self.url("/tileMatrixSets")),
        })
    }

    /// The document `/tileMatrixSets/WebMercatorQuad`.
    pub fn tile_matrix_set(&self) -> Value {
        let matrices: Vec<Value> = (0..=TileAddress::MAX_ZOOM).map(matrix).collect();
        json!({
            "id": MATRIX_SET,
            "title": "Google Maps Compatible for the World",
            "uri": MATRIX_SET_URI,
            "crs": MATRIX_SET_CRS,
            "orderedAxes": ["X", "Y"],
            "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
            "tileMatrices": matrices,
            "links": Link::pair(MediaType::Json, &self.matrix_set_url()),
        })
    }

    pub(crate) fn matrix_set_url(&self) -> String {
        self.url(&format!("/tileMatrixSets/{MATRIX_SET}"))
    }
}

fn matrix(zoom: u8) -> Value {
    let across = 1_u32 << zoom;
    let cell_m = 2.0 * HALF_WORLD_M / f64::from(TILE_PX) / f64::from(across);
    json!({
        "id": zoom.to_string(),
        "scaleDenominator": cell_m / PIXEL_M,
        "cellSize": cell_m,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-HALF_WORLD_M, HALF_WORLD_M],
        "matrixWidth": across,
        "matrixHeight": across,
        "tileWidth": TILE_PX,
        "tileHeight": TILE_PX,
    })
}
