//! A style in the forms that QGIS reads.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use urbis_catalog::Catalog;
use urbis_catalog::style::{Style, parts, reading};
use urbis_model::{LayerId, Openness};
use urbis_qgis::{CodesInUse, Shown, write_plainly};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn catalog() -> Catalog {
    Catalog::load(&root().join("layers")).unwrap()
}

/// One style layer of `source_layer` after the rewriting, or the two that were made of it.
fn plain(source_layer: &str, members: Value, in_use: &CodesInUse) -> Vec<Value> {
    let mut entry = json!({"id": "drawn", "type": "fill", "source-layer": source_layer});
    entry.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    let mut style = json!({"version": 8, "layers": [entry]});
    let id = LayerId::new(source_layer).unwrap();
    write_plainly(&mut style, &catalog(), in_use, Shown::Only(&BTreeSet::from([id])));
    style["layers"].as_array().unwrap().clone()
}

fn none() -> CodesInUse {
    CodesInUse::new()
}

#[test]
fn a_label_by_itself_becomes_a_list_and_a_list_stays() {
    let color =
        json!(["match", ["get", "use"], ["residential", "lodging"], "#1", "religious", "#2", "#3"]);
    let [drawn] = &plain("building", json!({"paint": {"fill-color": color}}), &none())[..] else {
        panic!("one style layer")
    };
    let wanted = json!([
        "match",
        ["get", "use"],
        ["residential", "lodging"],
        "#1",
        ["religious"],
        "#2",
        "#3"
    ]);
    assert_eq!(drawn["paint"]["fill-color"], wanted);
}

#[test]
fn the_first_of_several_codes_becomes_all_values_that_start_with_it() {
    let ended = json!(["concat", ["get", "land_use"], "+"]);
    let first = json!(["slice", ended, 0, ["index-of", "+", ended]]);
    let color = json!(["match", first, "ODT", "#1", "CLN", "#2", "#3"]);
    let values = ["CLN+ODT", "ODT+CLN", "ODT+CLN+BHK", "ODTX+CLN"].map(str::to_owned);
    let key = (LayerId::new("parcel").unwrap(), "land_use".to_owned());
    let in_use = CodesInUse::from([(key, BTreeSet::from(values))]);
    let drawn = plain("parcel", json!({"paint": {"fill-color": color}}), &in_use);
    let wanted = json!([
        "match",
        ["get", "land_use"],
        ["ODT", "ODT+CLN", "ODT+CLN+BHK"],
        "#1",
        ["CLN", "CLN+ODT"],
        "#2",
        "#3"
    ]);
    assert_eq!(drawn[0]["paint"]["fill-color"], wanted);
}

#[test]
fn a_negated_comparison_becomes_its_opposite_and_nothing_else_does() {
    let filter = json!(["all", ["!", ["==", ["get", "bridge"], true]], ["!", ["has", "name"]]]);
    let drawn = plain("road_segment", json!({"filter": filter}), &none());
    let wanted = json!(["all", ["!=", ["get", "bridge"], true], ["!", ["has", "name"]]]);
    assert_eq!(drawn[0]["filter"], wanted);
}

#[test]
fn an_attribute_that_is_a_color_makes_two_style_layers_that_share_no_feature() {
    let paint = json!({"line-color": ["to-color", ["get", "color"], "#123456"]});
    let [with, without] = &plain("bus_route", json!({"paint": paint}), &none())[..] else {
        panic!("two style layers")
    };
    assert_eq!(with["filter"], json!(["has", "color"]));
    assert_eq!(with["paint"]["line-color"], json!(["get", "color"]));
    assert_eq!(without["filter"], json!(["!", ["has", "color"]]));
    assert_eq!(without["paint"]["line-color"], json!("#123456"));
    assert_ne!(with["id"], without["id"]);
}

#[test]
fn a_text_that_comes_at_a_zoom_leaves_its_icon() {
    let layout = json!({"icon-image": "bus", "icon-size": 1, "text-size": 10,
        "text-field": ["step", ["zoom"], "", 16, ["get", "name"]]});
    let paint = json!({"text-color": "#123456"});
    let members = json!({"type": "symbol", "minzoom": 14, "layout": layout, "paint": paint});
    let [icon, text] = &plain("bus_stop", members, &none())[..] else { panic!("two style layers") };
    assert_eq!(icon["layout"], json!({"icon-image": "bus", "icon-size": 1}));
    assert_eq!((&icon["minzoom"], &icon["paint"]), (&json!(14), &json!({})));
    assert_eq!(text["layout"], json!({"text-size": 10, "text-field": ["get", "name"]}));
    assert_eq!((text["minzoom"].as_f64(), &text["paint"]), (Some(16.0), &paint));
}

#[test]
fn an_icon_by_a_code_makes_a_style_layer_an_icon_that_share_no_feature() {
    let image =
        json!(["match", ["get", "kind"], "gate", "gate", "wall", "bar", "block", "bar", "dot"]);
    let members = json!({"type": "symbol", "layout": {"icon-image": image}});
    let drawn = plain("road_barrier", members, &none());
    let kind = json!(["get", "kind"]);
    let found: Vec<_> =
        drawn.iter().map(|entry| (&entry["layout"]["icon-image"], &entry["filter"])).collect();
    let wanted = [
        (json!("dot"), json!(["match", kind, ["wall", "block", "gate"], false, true])),
        (json!("bar"), json!(["match", kind, ["wall", "block"], true, false])),
        (json!("gate"), json!(["match", kind, ["gate"], true, false])),
    ];
    assert_eq!(found, wanted.iter().map(|(icon, filter)| (icon, filter)).collect::<Vec<_>>());
}

#[test]
fn what_the_map_hides_is_drawn_for_who_asks_for_that_layer_and_for_nobody_else() {
    let layout = json!({"visibility": "none", "line-cap": "round"});
    let drawn = plain("bus_route", json!({"type": "line", "layout": layout}), &none());
    assert_eq!(drawn[0]["layout"], json!({"line-cap": "round"}));

    let hidden = json!({"id": "a", "type": "line", "source-layer": "bus_route", "layout": layout});
    let road = json!({"id": "b", "type": "line", "source-layer": "road_segment"});
    let ground = json!({"id": "c", "type": "background"});
    let ids = |shown: Shown<'_>| {
        let mut style = json!({"layers": [ground, hidden, road]});
        write_plainly(&mut style, &catalog(), &none(), shown);
        let entries = style["layers"].as_array().unwrap().clone();
        entries.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let roads = BTreeSet::from([LayerId::new("road_segment").unwrap()]);
    assert_eq!(ids(Shown::AsOnTheMap), ["c", "b"]);
    assert_eq!(ids(Shown::Only(&roads)), ["b"]);
}

#[test]
fn an_opacity_by_zoom_stands_still_only_beside_a_color_by_code() {
    let opacity = json!(["interpolate", ["linear"], ["zoom"], 14, 0.6, 15, 0.9]);
    let by_code = json!(["match", ["get", "use"], "religious", "#1", "#2"]);
    for (color, wanted) in [(by_code, json!(0.9)), (json!("#1"), opacity.clone())] {
        let paint = json!({"fill-color": color, "fill-opacity": opacity});
        let drawn = plain("building", json!({"paint": paint}), &none());
        assert_eq!(drawn[0]["paint"]["fill-opacity"], wanted);
    }
}

#[test]
fn the_styles_of_the_city_have_no_other_form_of_these_and_no_id_twice() {
    let catalog = catalog();
    let text = fs::read_to_string(root().join("styles/danang.json")).unwrap();
    let file = Style::parse("danang", serde_json::from_str(&text).unwrap()).unwrap();
    for id in file.ids() {
        let before = file.expand(id, &catalog, Openness::Restricted).unwrap();
        let mut style = before.clone();
        let ids = catalog.layers().map(|layer| layer.id.clone()).collect();
        write_plainly(&mut style, &catalog, &none(), Shown::Only(&ids));
        let entries = style["layers"].as_array().unwrap();
        assert!(entries.len() > before["layers"].as_array().unwrap().len(), "{id}");
        let ids: BTreeSet<&str> =
            entries.iter().map(|entry| entry["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), entries.len(), "{id}");
        for expression in entries.iter().flat_map(reading).flat_map(parts) {
            let Some([operator, rest @ ..]) = expression.as_array().map(Vec::as_slice) else {
                continue;
            };
            assert!(*operator != "slice" && *operator != "to-color", "{expression}");
            assert!(*operator != "!" || rest[0][0] != "==", "{expression}");
            if *operator == "match" {
                let labels = rest[1..].chunks_exact(2).map(|pair| &pair[0]);
                assert!(labels.into_iter().all(Value::is_array), "{expression}");
            }
        }
    }
}
