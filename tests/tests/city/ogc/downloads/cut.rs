//! What a caller may not see stands in no file, in no byte of it.

use urbis_catalog::{AttributeType, Catalog, Layer};
use urbis_model::Openness;
use urbis_tests::{City, ROOT, synthetic_database};

use super::{FORMATS, address, unpacked};
use crate::canary::{CANARY, holds, plant_canaries};

#[test]
fn what_is_hidden_stands_in_no_byte_of_a_file() {
    let city = City::serve(synthetic_database());
    let catalog = Catalog::load(&ROOT.join("layers")).expect("the catalogue is valid");
    let cut: Vec<&Layer> = catalog.layers().filter(|layer| has_secrets(layer)).collect();
    assert!(!cut.is_empty(), "no layer hides a part of itself");
    plant_canaries(&city, &catalog);
    let key = city.key("restricted");
    for layer in cut {
        let hidden = layer.attributes.iter().filter(|a| layer.openness_of(a) > Openness::Open);
        let hidden: Vec<&str> = hidden.map(|attribute| attribute.name.as_str()).collect();
        for format in FORMATS {
            let path = address(layer.id.as_str(), format);
            let open = unpacked(&city.fetch(&path), format);
            assert!(!open.is_empty() && !holds(&open, CANARY), "{path}");
            for name in &hidden {
                // Ten characters of it are what a Shapefile would have.
                let name = &name[..name.len().min(10)];
                assert!(!holds(&open, name), "{path} names {name}");
            }
            let answer = city.fetch_with(&key, &path);
            assert_eq!(answer.header("cache-control"), Some("private, no-store"), "{path}");
            assert!(holds(&unpacked(&answer, format), CANARY), "{path}: the key opens nothing");
        }
    }
    let whole = city.fetch("/ogc/download?f=gpkg");
    assert_eq!(whole.status, 200);
    assert!(!holds(&whole.body, CANARY));
    let opened = city.fetch_with(&key, "/ogc/download?f=gpkg");
    assert!(holds(&opened.body, CANARY));
    for layer in catalog.layers().filter(|layer| layer.openness > Openness::Open) {
        assert!(!holds(&whole.body, &layer.title.vi), "the open city has {}", layer.id);
        // Some ids are words that stand elsewhere, too; a table is made of its name in quotes.
        let table = format!("\"{}\"", layer.id);
        assert!(!holds(&whole.body, &table), "the open city names {}", layer.id);
        assert!(holds(&opened.body, &layer.title.vi));
        let path = address(layer.id.as_str(), "gpkg");
        let answer = city.fetch(&path);
        let invented = city.fetch(&path.replace(layer.id.as_str(), "no_such_layer"));
        let said = answer.text().replace(layer.id.as_str(), "no_such_layer");
        assert_eq!((answer.status, said), (404, invented.text()));
    }
}

/// Whether an open layer has attributes or features that not all may see, with texts in them.
fn has_secrets(layer: &Layer) -> bool {
    let is_text = |kind| kind == AttributeType::Text;
    layer.openness == Openness::Open
        && layer.attributes.iter().any(|a| {
            layer.openness_of(a) > Openness::Open && is_text(a.kind) && !layer.key.contains(&a.name)
        })
}
