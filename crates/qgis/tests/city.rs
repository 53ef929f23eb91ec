//! The city's own layers and style as QGIS gets them.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use urbis_catalog::Catalog;
use urbis_catalog::style::Style;
use urbis_model::Openness;
use urbis_qgis::{Connection, Icons, ProjectRequest, StyleRequest, write_project, write_style};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn catalog() -> Catalog {
    Catalog::load(&root().join("layers")).unwrap()
}

fn style(catalog: &Catalog, class: Openness) -> Value {
    let text = fs::read_to_string(root().join("styles/danang.json")).unwrap();
    let style = Style::parse("danang", serde_json::from_str(&text).unwrap()).unwrap();
    style.expand("danang", catalog, class).unwrap()
}

fn icons() -> Icons {
    let files = fs::read_dir(root().join("web/sprites")).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let name = |path: &PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    paths.map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect()
}

#[test]
fn every_style_layer_of_the_city_is_drawn_by_qgis_too() {
    let (catalog, icons) = (catalog(), icons());
    for class in Openness::ALL {
        let style = style(&catalog, class);
        for layer in catalog.layers().filter(|layer| layer.openness <= class) {
            let written = write_style(&StyleRequest { layer, class, style: &style, icons: &icons });
            assert_eq!(written.left_out, Vec::<String>::new(), "{}", layer.id);
            let draws = written.qml.contains("<symbol ") || written.qml.contains("<labeling ");
            assert!(draws, "{} is not drawn", layer.id);
        }
    }
}

#[test]
fn a_style_names_no_code_and_no_attribute_above_its_class() {
    let (catalog, icons) = (catalog(), icons());
    let style = style(&catalog, Openness::Open);
    let mut hidden = 0;
    for layer in catalog.layers().filter(|layer| layer.openness == Openness::Open) {
        let class = Openness::Open;
        let written = write_style(&StyleRequest { layer, class, style: &style, icons: &icons });
        for attribute in &layer.attributes {
            let is_open = layer.openness_of(attribute) <= class;
            assert_eq!(
                written.qml.contains(&format!("field=\"{}\"", attribute.name)),
                is_open,
                "{}.{}",
                layer.id,
                attribute.name
            );
            for code in attribute.values.keys() {
                if layer.openness_of_code(attribute, code) > class && is_open {
                    hidden += 1;
                    assert!(!written.qml.contains(&format!("\"{code}\"")), "{} {code}", layer.id);
                    assert!(!written.qml.contains(&format!("'{code}'")), "{} {code}", layer.id);
                }
            }
        }
    }
    assert!(hidden > 5, "the city hides some codes");
}

#[test]
fn a_project_holds_no_user_and_no_layer_above_its_class_and_is_the_same_bytes_again() {
    let (catalog, icons) = (catalog(), icons());
    let style = style(&catalog, Openness::Open);
    let request = ProjectRequest {
        title: "Đà Nẵng - mở",
        catalog: &catalog,
        class: Openness::Open,
        style: &style,
        icons: &icons,
        connection: &Connection::Service("urbis".into()),
        schema: "qgis",
        extent: [440_000.0, 1_651_000.0, 610_000.0, 1_796_000.0],
    };
    let archive = write_project(&request);
    assert_eq!(archive, write_project(&request));
    // Stored, not packed: the document stands in the archive as it is.
    let text = String::from_utf8_lossy(&archive);
    assert!(!text.contains("user=") && !text.contains("password="));
    for layer in catalog.layers() {
        let table = format!("&quot;qgis&quot;.&quot;{}&quot;", layer.id);
        assert_eq!(text.contains(&table), layer.openness == Openness::Open, "{}", layer.id);
    }
}
