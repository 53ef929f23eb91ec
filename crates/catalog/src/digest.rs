//! A digest of the catalogue for each class, for answers that must not tell of more.

use std::borrow::Borrow;

use serde::Serialize;
use urbis_model::Openness;
use xxhash_rust::xxh3::xxh3_64;

use crate::{Catalog, Layer};

/// One digest a class.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Digests([u64; Openness::ALL.len()]);

impl Digests {
    pub(crate) fn of<'a>(layers: impl Iterator<Item = &'a Layer> + Clone) -> Self {
        Self(Openness::ALL.map(|class| {
            let seen = layers.clone().filter(|layer| layer.openness <= class);
            hash(&seen.map(|layer| cut(layer, class)).collect::<Vec<_>>())
        }))
    }
}

/// Hash of layers that are checked already.
///
/// Struct fields serialise in the order of their definition and maps by key or, where the order
/// means something, as the file has them: equal definitions give equal bytes.
pub(crate) fn hash(layers: &[impl Borrow<Layer> + Serialize]) -> u64 {
    let bytes = serde_json::to_vec(layers)
        .expect("a layer has only string keys and finite numbers, checked before");
    xxh3_64(&bytes)
}

impl Catalog {
    /// A digest of what `class` may see of the definitions: changes when a tile or a description
    /// of tiles can look different to the class, and never because of anything above it.
    ///
    /// How records become features (sources' fields, keys, examples) is not in it: the features
    /// themselves show that.
    pub const fn digest(&self, class: Openness) -> u64 {
        self.digests().0[class as usize]
    }
}

/// The definition without what is above the class, and without how it is imported.
fn cut(layer: &Layer, class: Openness) -> Layer {
    let mut cut = layer.clone();
    let is_seen = |name: &String| {
        layer.attribute(name).is_some_and(|attribute| layer.openness_of(attribute) <= class)
    };
    let is_code_seen = |name: &str, code: &str| {
        let attribute = layer.attribute(name);
        attribute.is_some_and(|attribute| layer.openness_of_code(attribute, code) <= class)
    };
    cut.attributes.retain(|attribute| is_seen(&attribute.name));
    for attribute in &mut cut.attributes {
        attribute.values.retain(|code, _| is_code_seen(&attribute.name, code));
    }
    cut.tiles.attributes.retain(is_seen);
    if let Some(rule) = &mut cut.tiles.coalesce {
        rule.by.retain(is_seen);
    }
    cut.tiles.zoom_by = cut.tiles.zoom_by.filter(|rule| is_seen(&rule.attribute));
    if let Some(rule) = &mut cut.tiles.zoom_by {
        rule.zooms.retain(|code, _| is_code_seen(&rule.attribute, code));
    }
    cut.openness_by = None;
    cut.network = None;
    cut.search = None;
    cut.key.clear();
    cut.examples.clear();
    for source in &mut cut.sources {
        source.fields.clear();
        source.constants.clear();
        source.filter.clear();
        source.xy = None;
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = r#"
        theme = "land"
        title = { vi = "Cây", en = "Trees" }
        description = { vi = "Cây.", en = "Trees." }
        geometry = "MultiPolygon"
        storage_srid = 4326
        key = "kind"
        openness_by = { attribute = "kind", levels = { oak = "internal", yew = "restricted" } }
        tiles = { minzoom = 3, maxzoom = 14, attributes = ["kind", "owner"], coalesce = { below = 9, by = ["kind"] } }
        [[attributes]]
        name = "kind"
        title = { vi = "Loại", en = "Kind" }
        type = "code"
        [attributes.values]
        elm = { vi = "Du", en = "Elm" }
        oak = { vi = "Sồi", en = "Oak" }
        yew = { vi = "Thông", en = "Yew" }
        [[attributes]]
        name = "owner"
        title = { vi = "Chủ", en = "Owner" }
        type = "text"
        openness = "internal"
        [[examples]]
        title = "good"
        input = {}
        output = {}
        [[examples]]
        title = "bad"
        input = {}
        reject = "geometry_missing"
    "#;

    fn layer(id: &str, text: &str) -> Layer {
        let mut layer: Layer = toml::from_str(text).unwrap();
        layer.id = urbis_model::LayerId::new(id).unwrap();
        layer
    }

    fn digests(layers: Vec<Layer>) -> [u64; 3] {
        let catalog = Catalog::from_layers(layers).unwrap();
        Openness::ALL.map(|class| catalog.digest(class))
    }

    /// For which classes a change of the layer's text moves the digest.
    fn moved(from: &str, to: &str) -> [bool; 3] {
        assert!(TREE.contains(from), "{from}");
        let before = digests(vec![layer("tree", TREE)]);
        let after = digests(vec![layer("tree", &TREE.replacen(from, to, 1))]);
        std::array::from_fn(|index| before[index] != after[index])
    }

    #[test]
    fn only_a_change_that_a_class_may_see_moves_its_digest() {
        for (from, to, expected) in [
            ("en = \"Elm\"", "en = \"Elms\"", [true, true, true]),
            ("en = \"Oak\"", "en = \"Oaks\"", [false, true, true]),
            ("en = \"Yew\"", "en = \"Yews\"", [false, false, true]),
            ("en = \"Owner\"", "en = \"Holder\"", [false, true, true]),
            (", \"owner\"],", "],", [false, true, true]),
            ("by = [\"kind\"]", "by = [\"kind\", \"owner\"]", [false, true, true]),
            ("below = 9", "below = 8", [true, true, true]),
            ("minzoom = 3", "minzoom = 4", [true, true, true]),
            ("title = \"good\"", "title = \"fine\"", [false, false, false]),
        ] {
            assert_eq!(moved(from, to), expected, "{from}");
        }
    }

    #[test]
    fn a_layer_above_the_class_is_not_in_its_digest() {
        let before = digests(vec![layer("tree", TREE)]);
        let secret = TREE
            .replace("key = \"kind\"", "key = \"kind\"\nopenness = \"internal\"")
            .replace("oak = \"internal\", ", "");
        let after = digests(vec![layer("tree", TREE), layer("vault", &secret)]);
        let moved: Vec<bool> = before.iter().zip(after).map(|(a, b)| *a != b).collect();
        assert_eq!(moved, [false, true, true]);
    }
}
