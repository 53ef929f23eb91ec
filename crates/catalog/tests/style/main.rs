//! What a style template becomes: its palettes, the code lists, and what each class may see.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod leak;

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;
use urbis_catalog::Catalog;
use urbis_catalog::style::{Style, StyleError};
use urbis_model::Openness::{self, Internal, Open, Restricted};

/// Depots are hidden from everybody but those who may see everything.
const PLACE: &str = r##"
theme = "emergency"
geometry = "Point"
openness_by = { attribute = "kind", levels = { depot = "restricted" } }

[[attributes]]
name = "kind"
type = "code"
values.hospital = { vi = "bệnh viện", en = "hospital", color = "#aa0000", icon = "hospital" }
values.depot = { vi = "kho", en = "depot", color = "#00aa00", icon = "depot" }
values.other = { vi = "khác", en = "other" }

[[attributes]]
name = "phone"
type = "text"
openness = "internal"
"##;

/// Several codes in one value, and a layer that not everybody may see.
const PARCEL: &str = r##"
theme = "land"
geometry = "MultiPolygon"
openness = "internal"

[[attributes]]
name = "use"
type = "codes"
values.ONT = { vi = "đất ở", en = "homes", color = "#ffd0a0", icon = "home" }
values.CLN = { vi = "cây", en = "trees", color = "#ffd2a0" }

[[attributes]]
name = "sold"
type = "boolean"
values.true = { vi = "có", en = "yes", color = "#111111" }
"##;

/// What every layer file must have and these tests do not look at.
fn definition(part: &str) -> String {
    let title = "title = { vi = \"a\", en = \"a\" }";
    let part = part.replace("type = ", &format!("{title}\ntype = "));
    let (head, attributes) = part.split_once("[[attributes]]").unwrap();
    let names: Vec<&str> = part.lines().filter_map(|line| line.strip_prefix("name = ")).collect();
    format!(
        "{title}\n{}\nstorage_srid = 4326\nkey = [{}]\n{head}\n\
         [tiles]\nminzoom = 1\nmaxzoom = 9\nattributes = [{}]\n\n[[attributes]]{attributes}\n\
         [[examples]]\ntitle = \"a\"\ninput = {{}}\noutput = {{}}\n\n\
         [[examples]]\ntitle = \"b\"\ninput = {{}}\nreject = \"key_missing\"\n",
        title.replace("title", "description"),
        names[0],
        names.join(", "),
    )
}

fn catalog() -> Catalog {
    let dir = TempDir::new().unwrap();
    for (name, part) in [("place", PLACE), ("parcel", PARCEL)] {
        fs::write(dir.path().join(format!("{name}.toml")), definition(part)).unwrap();
    }
    Catalog::load(dir.path()).unwrap()
}

fn template(layers: Value) -> Value {
    json!({
        "version": 8,
        "name": "{title}",
        "metadata": {
            "urbis:attribution": "us",
            "urbis:palettes": {
                "day": {"title": "Day", "paper": "#ffffff", "unknown": "#999999"},
                "night": {"title": "Night", "paper": "#000000", "unknown": "#666666"}
            }
        },
        "glyphs": "{base}/fonts/{fontstack}/{range}.pbf",
        "sources": {
            "land": {"type": "vector", "url": "{base}/tiles/land"},
            "emergency": {"type": "vector", "url": "{base}/tiles/place,parcel"}
        },
        "layers": layers
    })
}

fn place(part: &str, value: Value) -> Value {
    json!({"id": "p", "type": "circle", "source": "emergency", "source-layer": "place", part: value})
}

fn parcel(color: &str) -> Value {
    json!({"id": "l", "type": "fill", "source": "land", "source-layer": "parcel",
           "paint": {"fill-color": color}})
}

/// The style as a class gets it, without what is added for layers that it does not name.
fn expand(layers: Value, class: Openness) -> Value {
    let mut style = expand_whole(layers, class);
    let layers = style["layers"].as_array_mut().unwrap();
    layers.retain(|layer| !layer["id"].as_str().unwrap().contains("-plain"));
    style
}

fn expand_whole(layers: Value, class: Openness) -> Value {
    let style = Style::parse("file", template(layers)).unwrap();
    style.expand("day", &catalog(), class).unwrap()
}

/// One part of a style layer of places as a class sees it; `None` where the style layer is gone.
fn seen(part: &str, value: Value, class: Openness) -> Option<Value> {
    let style = expand(json!([place(part, value)]), class);
    style["layers"].get(0).map(|layer| layer[part].clone())
}

#[test]
fn each_palette_of_a_file_is_a_style() {
    let paper =
        json!([{"id": "b", "type": "background", "paint": {"background-color": "{paper}"}}]);
    let style = Style::parse("file", template(paper)).unwrap();
    assert_eq!(style.ids().collect::<Vec<_>>(), ["day", "night"]);
    for (id, name, color) in [("day", "Day", "#ffffff"), ("night", "Night", "#000000")] {
        let found = style.expand(id, &catalog(), Open).unwrap();
        assert_eq!(found["layers"][0]["paint"]["background-color"], color);
        assert_eq!(found["name"], name);
        assert_eq!(found["metadata"], json!({"urbis:attribution": "us"}));
        assert_eq!(found["glyphs"], "{base}/fonts/{fontstack}/{range}.pbf");
        let members: Vec<&String> = found.as_object().unwrap().keys().collect();
        assert_eq!(members, ["version", "name", "metadata", "glyphs", "sources", "layers"]);
    }
}

#[test]
fn a_style_without_palettes_is_called_like_its_file_and_stays_as_it_is() {
    let text = json!({"text-field": "{kind}"});
    let mut whole = template(json!([place("layout", text)]));
    whole["metadata"].as_object_mut().unwrap().remove("urbis:palettes");
    whole["sources"].as_object_mut().unwrap().remove("land");
    let style = Style::parse("file", whole.clone()).unwrap();
    assert_eq!(style.ids().collect::<Vec<_>>(), ["file"]);
    assert_eq!(style.expand("file", &catalog(), Restricted).unwrap(), whole);
}

#[test]
fn a_code_list_gives_colours_and_icons_and_the_rest_is_unknown() {
    let paint = json!({"circle-color": "{colors:place.kind}"});
    let color =
        json!(["match", ["get", "kind"], "hospital", "#aa0000", "depot", "#00aa00", "#999999"]);
    assert_eq!(seen("paint", paint, Restricted), Some(json!({"circle-color": color})));
    let layout = json!({"icon-image": "{icons:place.kind}"});
    let icon = json!(["match", ["get", "kind"], "hospital", "hospital", "depot", "depot", "dot"]);
    assert_eq!(seen("layout", layout, Restricted), Some(json!({"icon-image": icon})));
}

#[test]
fn of_several_codes_the_first_is_drawn() {
    let style = expand(json!([parcel("{colors:parcel.use}")]), Internal);
    let ended = json!(["concat", ["get", "use"], "+"]);
    let first = json!(["slice", ended, 0, ["index-of", "+", ended]]);
    let color = json!(["match", first, "ONT", "#ffd0a0", "CLN", "#ffd2a0", "#999999"]);
    assert_eq!(style["layers"][0]["paint"]["fill-color"], color);
    let style = expand(json!([parcel("{icons:parcel.use}")]), Internal);
    assert_eq!(
        style["layers"][0]["paint"]["fill-color"],
        json!(["match", first, "ONT", "home", "dot"])
    );
}

#[test]
fn a_boolean_is_matched_as_text() {
    let style = expand(json!([parcel("{colors:parcel.sold}")]), Internal);
    let color = json!(["match", ["to-string", ["get", "sold"]], "true", "#111111", "#999999"]);
    assert_eq!(style["layers"][0]["paint"]["fill-color"], color);
}

#[test]
fn a_layer_above_the_class_goes_with_its_source_and_its_name() {
    let layers = json!([parcel("{colors:parcel.use}"), place("paint", json!({}))]);
    let style = expand(layers.clone(), Open);
    assert_eq!(style["layers"].as_array().unwrap().len(), 1);
    assert_eq!(
        style["sources"],
        json!({"emergency": {"type": "vector", "url": "{base}/tiles/place"}})
    );
    assert!(!style.to_string().contains("parcel"), "{style}");
    let style = expand(layers, Internal);
    assert_eq!(style["layers"].as_array().unwrap().len(), 2);
    assert_eq!(style["sources"]["emergency"]["url"], "{base}/tiles/place,parcel");
    assert!(style["sources"]["land"].is_object());
}

#[test]
fn a_layer_that_no_style_layer_names_is_drawn_in_the_colours_of_its_list() {
    let ids = |style: &Value| -> Vec<String> {
        let layers = style["layers"].as_array().unwrap();
        layers.iter().map(|layer| layer["id"].as_str().unwrap().to_owned()).collect()
    };
    let open = expand_whole(json!([]), Open);
    assert_eq!(ids(&open), ["place-plain"], "the parcel is internal");
    let color = json!(["match", ["get", "kind"], "hospital", "#aa0000", "#999999"]);
    assert_eq!(open["layers"][0]["paint"]["circle-color"], color, "the depot is restricted");

    let internal = expand_whole(json!([place("paint", json!({}))]), Internal);
    assert_eq!(ids(&internal), ["p", "parcel-plain", "parcel-plain-line"]);
    assert_eq!(internal["layers"][1]["source"], "land");
    assert_eq!(internal["layers"][1]["paint"]["fill-color"][0], "match");
}

#[test]
fn a_source_layer_that_is_not_in_the_catalogue_is_not_drawn() {
    let mut layer = place("paint", json!({"circle-color": "{colors:bridge.kind}"}));
    layer["source-layer"] = json!("bridge");
    assert_eq!(expand(json!([layer]), Restricted)["layers"], json!([]));
}

#[test]
fn a_style_layer_that_reads_an_attribute_above_the_class_goes() {
    for text in [json!("{phone}"), json!(["coalesce", ["get", "kind"], ["get", "phone"]])] {
        let layout = json!({"text-field": text});
        // In a template a text in braces alone is a colour.
        let layout = if layout["text-field"] == "{phone}" {
            json!({"text-field": "Tel. {phone}"})
        } else {
            layout
        };
        assert_eq!(seen("layout", layout.clone(), Open), None);
        assert_eq!(seen("layout", layout.clone(), Internal), Some(layout));
    }
}

#[test]
fn the_colours_of_a_hidden_code_are_not_told() {
    let paint = json!({"circle-color": "{colors:place.kind}"});
    let color = json!(["match", ["get", "kind"], "hospital", "#aa0000", "#999999"]);
    assert_eq!(seen("paint", paint, Internal), Some(json!({"circle-color": color})));
    // Nor those of a list of another layer that the class does not see.
    let paint = json!({"circle-color": "{colors:parcel.use}"});
    assert_eq!(seen("paint", paint, Open), Some(json!({"circle-color": "#999999"})));
}

#[test]
fn a_hidden_code_goes_from_every_form_of_expression() {
    let get = json!(["get", "kind"]);
    let kept = [
        (
            json!(["match", get, ["depot", "other"], 1, "depot2", 2, 3]),
            json!(["match", get, ["other"], 1, "depot2", 2, 3]),
        ),
        (json!(["match", get, ["depot"], 1, "other", 2, 3]), json!(["match", get, "other", 2, 3])),
        (json!(["case", ["==", get, "depot"], 1, 2]), json!(2)),
        (json!(["case", ["!=", "depot", get], 1, 2]), json!(1)),
        (
            json!(["case", ["==", get, "depot"], 1, ["has", "kind"], 2, 3]),
            json!(["case", ["has", "kind"], 2, 3]),
        ),
        (json!(["match", get, "depot", 1, 3]), json!(3)),
    ];
    for (before, after) in kept {
        let paint = |size: &Value| json!({"circle-radius": size});
        assert_eq!(seen("paint", paint(&before), Internal), Some(paint(&after)), "{before}");
        assert_eq!(seen("paint", paint(&before), Restricted), Some(paint(&before)));
    }
    let filters = [
        (
            json!(["in", get, ["literal", ["depot", "other"]]]),
            Some(json!(["in", get, ["literal", ["other"]]])),
        ),
        (json!(["in", "kind", "depot", "other"]), Some(json!(["in", "kind", "other"]))),
        (
            json!(["any", ["==", get, "depot"], ["==", get, "other"]]),
            Some(json!(["any", ["==", get, "other"]])),
        ),
        (
            json!(["all", ["!=", "kind", "depot"], ["has", "kind"]]),
            Some(json!(["all", ["has", "kind"]])),
        ),
        (json!(["!", ["==", get, "depot"]]), Some(json!(true))),
        (json!(["==", get, "depot"]), None),
        (json!(["==", "kind", "depot"]), None),
        (json!(["in", "kind", "depot"]), None),
        (json!(["all", ["in", get, ["literal", ["depot"]]], ["has", "kind"]]), None),
        (json!(["match", get, ["depot"], true, false]), None),
        (json!(["in", "depot", get]), None),
    ];
    for (before, after) in filters {
        assert_eq!(seen("filter", before.clone(), Internal), after, "{before}");
        assert_eq!(seen("filter", before.clone(), Restricted), Some(before));
    }
}

#[test]
fn what_a_template_asks_for_must_exist() {
    let complaint = |color: &str| {
        let paint = json!({"circle-color": color});
        let style = Style::parse("file", template(json!([place("paint", paint)]))).unwrap();
        style.expand("day", &catalog(), Restricted).unwrap_err()
    };
    for (color, code, hint) in [
        ("{papper}", "style_color_unknown", "did you mean 'paper'?"),
        ("{colors:plase.kind}", "style_code_list_unknown", "did you mean 'place'?"),
        ("{colors:place.kin}", "style_code_list_unknown", "did you mean 'kind'?"),
        ("{colors:place.phone}", "style_code_list_unknown", "LAYER.ATTRIBUTE"),
        ("{icons:parcel.sold}", "style_code_list_bare", "icon"),
    ] {
        let error = complaint(color);
        assert_eq!(error.code(), code, "{color}");
        assert!(error.to_string().contains(hint), "{error}");
    }
}

#[test]
fn a_file_whose_palettes_differ_or_are_none_is_refused() {
    let parse = |palettes: Value| {
        let style = json!({"metadata": {"urbis:palettes": palettes}, "layers": []});
        Style::parse("file", style).map_err(|error| error.code())
    };
    let differ = json!({"day": {"a": "#fff", "b": "#fff"}, "night": {"a": "#000"}});
    assert_eq!(parse(differ).unwrap_err(), "style_palette_key");
    for palettes in [json!({}), json!([]), json!({"day": "#fff"})] {
        assert_eq!(parse(palettes).unwrap_err(), "style_palettes");
    }
    assert_eq!(Style::parse("file", json!([])).unwrap_err(), StyleError::NoLayers);
    let bare = json!({"layers": []});
    let style = Style::parse("file", bare.clone()).unwrap();
    assert_eq!(style.expand("file", &catalog(), Open).unwrap(), bare);
}

#[test]
fn an_unknown_style_is_answered_with_the_nearest() {
    let style = Style::parse("file", template(json!([]))).unwrap();
    let error = style.expand("nigth", &catalog(), Open).unwrap_err();
    assert_eq!(error.to_string(), "style 'nigth' is not known, did you mean 'night'?");
}
