//! What the catalogue accepts, refuses and says about it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use tempfile::TempDir;
use urbis_catalog::{Catalog, CatalogError, CitySettings};
use urbis_model::LayerId;

const GAUGE: &str = r#"
theme = "flood"
title = { vi = "Trạm đo", en = "Gauges" }
description = { vi = "Trạm đo mực nước.", en = "Water level gauges." }
geometry = "Point"
storage_srid = 4326
openness = "internal"
key = "code"

[[sources]]
file = "gauges.csv"
crs = "EPSG:4326"
publisher = "nobody"
licence = "CC0-1.0"
retrieved = 2026-01-15
fields = { code = ["CODE"], kind = ["KIND"], valid_from = ["SINCE"] }

[tiles]
minzoom = 8
maxzoom = 14
attributes = ["code"]
zoom_by = { attribute = "kind", zooms = { river = 8 }, otherwise = 11 }

[[attributes]]
name = "code"
title = { vi = "Mã", en = "Code" }
type = "text"
required = true

[[attributes]]
name = "kind"
title = { vi = "Loại", en = "Kind" }
type = "code"
values = { river = { vi = "sông", en = "river" }, street = { vi = "đường", en = "street", from = ["ST"] } }

[[attributes]]
name = "level_m"
title = { vi = "Mực nước (m)", en = "Level (m)" }
type = "float"
unit = "m"
range = [-5.0, 30.0]

[[examples]]
title = "a river gauge"
input = { geometry = "POINT (108.2 16.0)", CODE = "A", KIND = "river" }
output = { code = "A", kind = "river" }

[[examples]]
title = "no code"
input = { geometry = "POINT (108.2 16.0)" }
reject = "key_missing"
"#;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn load(text: &str) -> Result<Catalog, CatalogError> {
    Catalog::load(folder(&[("gauge.toml", text)]).path())
}

#[test]
fn a_layer_is_called_like_its_file() {
    let catalog = load(GAUGE).unwrap();
    let gauge = catalog.layer(&LayerId::new("gauge").unwrap()).unwrap();
    assert_eq!(gauge.title.en, "Gauges");
    assert_eq!(gauge.key, ["code"]);
}

#[test]
fn an_unknown_key_is_refused_with_file_line_and_the_nearest_known_name() {
    let error = load(&GAUGE.replace("minzoom = 8", "minzom = 8"));
    let message = error.unwrap_err().to_string();
    assert!(message.contains("gauge.toml' line 19"), "{message}");
    assert!(message.contains("'minzom' is not known here, did you mean 'minzoom'?"), "{message}");
}

#[test]
fn every_contradiction_has_its_code() {
    let cases = [
        ("theme = \"flood\"", "theme = \"flod\"", "theme_unknown"),
        ("storage_srid = 4326", "storage_srid = 6959", "storage_srid_unsupported"),
        ("key = \"code\"", "key = \"kode\"", "attribute_unknown"),
        ("key = \"code\"", "key = []", "layer_key"),
        ("key = \"code\"", "key = [\"code\", \"level_m\"]", "layer_key"),
        ("attributes = [\"code\"]", "attributes = [\"cod\"]", "attribute_unknown"),
        ("attributes = [\"code\"]", "attributes = [\"code\", \"code\"]", "attribute_duplicate"),
        ("attribute = \"kind\", zooms", "attribute = \"king\", zooms", "attribute_unknown"),
        ("zooms = { river = 8 }", "zooms = { rivr = 8 }", "zoom_by_value"),
        ("zooms = { river = 8 }", "zooms = { river = 7 }", "layer_zoom"),
        ("kind = [\"KIND\"]", "knd = [\"KIND\"]", "attribute_unknown"),
        ("kind = [\"KIND\"]", "kind = []", "source_list_empty"),
        ("crs = \"EPSG:4326\"", "crs = \"WGS84\"", "crs_unreadable"),
        ("file = \"gauges.csv\"", "file = \"../gauges.csv\"", "source_path"),
        ("file = \"gauges.csv\"", "file = \"/gauges.csv\"", "source_path"),
        ("name = \"level_m\"", "name = \"valid_from\"", "attribute_reserved"),
        ("name = \"level_m\"", "name = \"recorded_at\"", "attribute_reserved"),
        ("name = \"level_m\"", "name = \"geom\"", "attribute_reserved"),
        ("name = \"level_m\"", "name = \"xmin\"", "attribute_reserved"),
        ("name = \"level_m\"", "name = \"ctid\"", "attribute_reserved"),
        ("name = \"level_m\"", "name = \"oid\"", "attribute_reserved"),
        ("name = \"level_m\"", "name = \"Level\"", "attribute_name"),
        ("name = \"level_m\"", "name = \"a;drop\"", "attribute_name"),
        ("name = \"level_m\"", "name = \"code\"", "attribute_duplicate"),
        ("unit = \"m\"", "openness = \"open\"", "openness_laxer"),
        ("type = \"float\"", "type = \"text\"", "attribute_range"),
        ("range = [-5.0, 30.0]", "range = [30.0, -5.0]", "attribute_range"),
        ("type = \"code\"", "type = \"text\"", "code_list"),
        ("type = \"float\"", "type = \"code\"", "attribute_range"),
        ("unit = \"m\"", "values = { a = { vi = \"a\", en = \"a\" } }", "code_list"),
        ("from = [\"ST\"]", "from = [\"River\"]", "code_spelling"),
        ("minzoom = 8", "minzoom = 15", "layer_zoom"),
        ("maxzoom = 14", "maxzoom = 23", "layer_zoom"),
        ("maxzoom = 14", "maxzoom = 14\nmin_size_px = -1.0", "layer_min_size"),
        ("reject = \"key_missing\"", "output = { code = \"A\" }", "examples_missing"),
        ("reject = \"key_missing\"", "", "example_outcome"),
        ("reject = \"key_missing\"", "reject = \"a\"\nfault = \"b\"", "example_outcome"),
        ("output = { code", "output = { kode", "attribute_unknown"),
        ("theme = \"flood\"", "theme = ", "catalog_syntax"),
        ("theme = \"flood\"", "", "catalog_syntax"),
        ("openness = \"internal\"", "openness = \"intern\"", "unknown_key"),
    ];
    for (from, to, code) in cases {
        assert!(GAUGE.contains(from), "the case '{from}' changes nothing");
        let error = load(&GAUGE.replacen(from, to, 1)).expect_err(to);
        assert_eq!(error.code(), code, "{to}: {error}");
    }
}

#[test]
fn a_layer_cannot_be_called_like_a_theme_or_badly() {
    for (name, code) in [("flood.toml", "layer_name_is_theme"), ("Bad.toml", "layer_file_name")] {
        let error = Catalog::load(folder(&[(name, GAUGE)]).path()).unwrap_err();
        assert_eq!(error.code(), code);
    }
}

#[test]
fn a_layer_cannot_be_called_like_an_index_of_another() {
    for name in ["gauge_geom", "gauge_pkey", "gauge_version"] {
        let files = folder(&[("gauge.toml", GAUGE), (&format!("{name}.toml"), GAUGE)]);
        let error = Catalog::load(files.path()).unwrap_err();
        assert_eq!(error.code(), "layer_name_reserved", "{name}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn a_missing_folder_is_said_so() {
    let error = Catalog::load(&folder(&[]).path().join("nowhere")).unwrap_err();
    assert_eq!(error.code(), "catalog_unreadable");
}

#[test]
fn the_hash_follows_meaning_and_not_spelling() {
    let hash = load(GAUGE).unwrap().hash();
    assert_eq!(load(&format!("# a comment\n{GAUGE}")).unwrap().hash(), hash);
    assert_ne!(load(&GAUGE.replace("minzoom = 8", "minzoom = 7")).unwrap().hash(), hash);
    assert_ne!(load(&GAUGE.replace("Gauges", "Gages")).unwrap().hash(), hash);
}

#[test]
fn the_layers_of_the_program_are_sound() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../layers");
    let catalog = Catalog::load(dir.as_ref()).unwrap();
    assert!(catalog.layers().count() >= 3);
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/danang");
    CitySettings::load(dir.as_ref()).unwrap();
}

#[test]
fn a_city_says_its_name_box_and_view() {
    const CITY: &str = "title = { vi = \"Đà Nẵng\", en = \"Da Nang\" }\n\
        bbox = [107.20, 14.93, 108.77, 16.23]\nview = { center = [108.22, 16.06], zoom = 12 }";
    let city = CitySettings::load(folder(&[("city.toml", CITY)]).path()).unwrap();
    assert_eq!(city.title.vi, "Đà Nẵng");
    assert_eq!(<[f64; 4]>::from(city.bbox), [107.20, 14.93, 108.77, 16.23]);

    let code =
        |text: &str| CitySettings::load(folder(&[("city.toml", text)]).path()).unwrap_err().code();
    assert_eq!(code(&CITY.replace("view", "veiw")), "unknown_key");
    assert_eq!(code(&CITY.replace("108.22", "16.06")), "view_outside_city");
    assert_eq!(code(&CITY.replace("107.20", "177.20")), "catalog_syntax");
}
