//! What several of the crate's own tests need.

use urbis_catalog::Layer;
use urbis_model::LayerId;

const TREE: &str = r#"
    theme = "land"
    title = { vi = "Cây", en = "Trees" }
    description = { vi = "Cây.", en = "Trees." }
    geometry = "Point"
    storage_srid = 4326
    key = "name"
    tiles = { minzoom = 3, maxzoom = 14, attributes = [] }
    [[attributes]]
    name = "name"
    title = { vi = "Tên", en = "Name" }
    type = "text"
    [[examples]]
    title = "good"
    input = {}
    output = {}
    [[examples]]
    title = "bad"
    input = {}
    reject = "geometry_missing"
"#;

/// A layer of points that everybody may see, at zooms 3 to 14.
pub(crate) fn points(id: &str) -> Layer {
    let mut layer: Layer = toml::from_str(TREE).unwrap();
    layer.id = LayerId::new(id).unwrap();
    layer
}

/// A sequence that looks random and repeats (`SplitMix64`).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below a bound.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
