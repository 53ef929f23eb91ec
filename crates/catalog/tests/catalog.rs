//! What the catalogue accepts, refuses and says about it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use tempfile::TempDir;
use urbis_catalog::{Catalog, CatalogError, CitySettings};
use urbis_model::{AttributeValue, LayerId};

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

fn deprecated(since: &str) -> String {
    format!("deprecated = {{ since = {since}, instead = {{ vi = \"a\", en = \"a\" }} }}")
}

fn openness_by(attribute: &str, levels: &str) -> String {
    format!(
        "key = \"code\"\nopenness_by = {{ attribute = \"{attribute}\", levels = {{ {levels} }} }}"
    )
}

#[test]
fn what_only_some_may_see_of_a_layer_is_not_searched() {
    let text = GAUGE
        .replace("unit = \"m\"", "openness = \"restricted\"\nunit = \"m\"")
        .replace("[tiles]", "[search]\nrank = 1\nnames = [\"level_m\"]\n\n[tiles]");
    let Err(CatalogError::Layer { fault, .. }) = load(&text) else { panic!("it was let in") };
    assert_eq!(fault.code(), "search_openness");
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
        ("type = \"code\"", "type = \"code\"\nopenness = \"restricted\"", "zoom_by_openness"),
        ("kind = [\"KIND\"]", "knd = [\"KIND\"]", "attribute_unknown"),
        ("kind = [\"KIND\"]", "kind = []", "source_list_empty"),
        ("crs = \"EPSG:4326\"", "crs = \"WGS84\"", "crs_unreadable"),
        ("file = \"gauges.csv\"", "file = \"../gauges.csv\"", "source_path"),
        ("file = \"gauges.csv\"", "file = \"/gauges.csv\"", "source_path"),
        (
            "crs = \"EPSG:4326\"",
            "crs = \"EPSG:4326\"\ngeometry_of = { role = \"via\" }",
            "source_relations",
        ),
        ("crs = \"EPSG:4326\"", "crs = \"EPSG:4326\"\nlayer = \"relations\"", "source_relations"),
        ("kind = [\"KIND\"]", "kind = [\"@from\"]", "source_relations"),
        (
            "theme = \"flood\"",
            "theme = \"flood\"\nsearch = { rank = 1, names = [\"nme\"] }",
            "attribute_unknown",
        ),
        (
            "theme = \"flood\"",
            "theme = \"flood\"\nsearch = { rank = 0, names = [\"code\"] }",
            "search_rank",
        ),
        ("theme = \"flood\"", "theme = \"flood\"\nsearch = { rank = 1 }", "search"),
        (
            "[tiles]",
            "[search]\nrank = 1\nnames = [\"code\"]\naddress = { number = \"code\" }\n[tiles]",
            "search",
        ),
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
        ("type = \"code\"\nvalues", "type = \"codes\"\n#", "code_list"),
        ("type = \"float\"", "type = \"code\"", "attribute_range"),
        ("unit = \"m\"", "values = { a = { vi = \"a\", en = \"a\" } }", "code_list"),
        ("from = [\"ST\"]", "from = [\"River\"]", "code_spelling"),
        ("minzoom = 8", "minzoom = 15", "layer_zoom"),
        ("maxzoom = 14", "maxzoom = 23", "layer_zoom"),
        ("maxzoom = 14", "maxzoom = 14\nmin_size_px = -1.0", "layer_min_size"),
        ("maxzoom = 14", "maxzoom = 14\nbudget_kb = 0", "layer_budget"),
        ("maxzoom = 14", &coalesce("below = 10, by = []"), "coalesce_points"),
        ("reject = \"key_missing\"", "output = { code = \"A\" }", "examples_missing"),
        ("reject = \"key_missing\"", "", "example_outcome"),
        ("reject = \"key_missing\"", "reject = \"a\"\nfault = \"b\"", "example_outcome"),
        ("output = { code", "output = { kode", "attribute_unknown"),
        ("theme = \"flood\"", "theme = ", "catalog_syntax"),
        ("theme = \"flood\"", "", "catalog_syntax"),
        ("openness = \"internal\"", "openness = \"intern\"", "unknown_key"),
        ("from = [\"ST\"]", "color = \"#12g\"", "code_color"),
        ("from = [\"ST\"]", "color = \"0a1b2c\"", "code_color"),
        ("from = [\"ST\"]", "icon = \"Water drop\"", "code_icon"),
        ("from = [\"ST\"]", "icon = \"\"", "code_icon"),
        ("unit = \"m\"", &deprecated("2026-11-22T07:00:00Z"), "deprecation_day"),
        (
            "key = \"code\"",
            &format!("key = \"code\"\n{}", deprecated("07:00:00")),
            "deprecation_day",
        ),
        ("key = \"code\"", &openness_by("knd", "river = \"restricted\""), "attribute_unknown"),
        ("key = \"code\"", &openness_by("level_m", "a = \"restricted\""), "openness_by_type"),
        ("key = \"code\"", &openness_by("kind", "rivr = \"restricted\""), "openness_by_value"),
        ("key = \"code\"", &openness_by("kind", "river = \"internal\""), "openness_by_level"),
        ("key = \"code\"", &openness_by("kind", "river = \"open\""), "openness_by_level"),
        ("crs = \"EPSG:4326\"", "crs = \"EPSG:4326\"\nsynthetic = true", "synthetic_unmarked"),
    ];
    for (from, to, code) in cases {
        assert!(GAUGE.contains(from), "the case '{from}' changes nothing");
        let error = load(&GAUGE.replacen(from, to, 1)).expect_err(to);
        assert_eq!(error.code(), code, "{to}: {error}");
    }
}

/// A line of `[tiles]`, after the last zoom.
fn coalesce(rule: &str) -> String {
    format!("maxzoom = 14\ncoalesce = {{ {rule} }}")
}

#[test]
fn lines_are_joined_by_attributes_of_the_tile_below_a_zoom_of_the_layer() {
    let lines = GAUGE.replace("\"Point\"", "\"MultiLineString\"");
    let load = |rule| load(&lines.replace("maxzoom = 14", &coalesce(rule)));
    for (rule, code) in [
        ("below = 8, by = []", "layer_zoom"),
        ("below = 15, by = []", "layer_zoom"),
        ("below = 10, by = [\"kind\"]", "coalesce_by"),
        ("below = 10, by = [\"knd\"]", "attribute_unknown"),
        ("below = 10, by = [\"code\", \"code\"]", "attribute_duplicate"),
    ] {
        assert_eq!(load(rule).expect_err(rule).code(), code, "{rule}");
    }
    let catalog = load("below = 10, by = []").unwrap();
    let layer = catalog.layers().next().unwrap();
    let attributes = |zoom| layer.tile_attributes_at(zoom, layer.openness).count();
    assert_eq!([8, 9, 10, 14].map(attributes), [0, 0, 1, 1]);
}

#[test]
fn the_words_of_a_layer_that_is_in_order_are_taken() {
    let open = GAUGE.replace("zoom_by", "# ").replace("type = \"code\"", "type = \"codes\"");
    let drawn = open.replace("from = [\"ST\"]", "color = \"#0a1b2c\", icon = \"water-2\"");
    let notice = drawn.replace("unit = \"m\"", &deprecated("2026-11-22"));
    for text in [
        notice.replace("key = \"code\"", &openness_by("kind", "river = \"restricted\"")),
        notice.replace("key = \"code\"", &openness_by("code", "anything = \"restricted\"")),
    ] {
        load(&text).unwrap();
    }
}

#[test]
fn a_code_with_the_separator_is_refused_where_there_are_several() {
    let several = GAUGE.replace("type = \"code\"", "type = \"codes\"");
    let error = load(&several.replace("street =", "\"str+eet\" =")).unwrap_err();
    assert_eq!(error.code(), "code_separator", "{error}");
    load(&GAUGE.replace("street =", "\"str+eet\" =")).unwrap();
}

#[test]
fn made_up_records_say_so_and_no_others() {
    let attribute = |kind: &str| {
        let title = "title = { vi = \"Nguồn\", en = \"Source\" }";
        format!("[[attributes]]\nname = \"source\"\n{title}\n{kind}\n\n[[examples]]")
    };
    let text = GAUGE.replacen("[[examples]]", &attribute("type = \"text\""), 1);
    let said = "fields = { code = [\"CODE\"] }\nconstants = { source = \"synthetic\" }";
    let fields = "fields = { code = [\"CODE\"], kind = [\"KIND\"], valid_from = [\"SINCE\"] }";
    let claimed = text.replace(fields, said);
    assert_eq!(load(&claimed).unwrap_err().code(), "synthetic_claimed");
    let marked = claimed.replace("crs = ", "synthetic = true\ncrs = ");
    load(&marked).unwrap();
    let bare = text.replace("crs = ", "synthetic = true\ncrs = ");
    assert_eq!(load(&bare).unwrap_err().code(), "synthetic_unmarked");
    let other = "type = \"code\"\nvalues = { survey = { vi = \"a\", en = \"a\" } }";
    let listed = marked.replace(&attribute("type = \"text\""), &attribute(other));
    assert_eq!(load(&listed).unwrap_err().code(), "synthetic_unmarked");
    load(&listed.replace("survey", "synthetic")).unwrap();
}

#[test]
fn a_feature_is_made_up_where_its_source_says_so_and_nowhere_else() {
    let text = |word: &str| AttributeValue::Text(word.into());
    let gauge = |layer: &str| load(layer).unwrap().layers().next().unwrap().clone();
    let told = gauge(
        &GAUGE
            .replace("name = \"level_m\"", "name = \"source\"")
            .replace("type = \"float\"\nunit = \"m\"\nrange = [-5.0, 30.0]", "type = \"text\""),
    );
    let silent = gauge(GAUGE);
    for (layer, source, made_up) in [
        (&told, text("synthetic"), true),
        (&told, text("Synthetic data"), false),
        (&told, AttributeValue::Null, false),
        (&silent, text("synthetic"), false),
    ] {
        let attributes = [text("synthetic"), text("river"), source];
        assert_eq!(layer.is_synthetic(&attributes), made_up, "{attributes:?}");
    }
    assert!(!told.is_synthetic(&[]));
}

#[test]
fn a_new_theme_has_one_name_that_its_layers_agree_on() {
    const TITLE: &str = "theme = \"trees\"\ntheme_title = { vi = \"Cây\", en = \"Trees\" }";
    let layer = |theme: &str| GAUGE.replace("theme = \"flood\"", theme);
    let titled = layer(TITLE);
    let cases = [
        ("a.toml", titled.clone(), "b.toml", layer("theme = \"trees\""), None),
        ("a.toml", titled.clone(), "b.toml", titled.clone(), None),
        (
            "a.toml",
            titled.clone(),
            "b.toml",
            titled.replace("Cây", "Cay"),
            Some("theme_title_differs"),
        ),
        ("a.toml", titled.clone(), "b.toml", layer("theme = \"tree\""), Some("theme_unknown")),
        (
            "a.toml",
            titled.clone(),
            "trees.toml",
            layer("theme = \"flood\""),
            Some("theme_is_layer_name"),
        ),
        ("a.toml", titled.replace("trees", "Trees!"), "b.toml", titled.clone(), Some("theme_name")),
        ("a.toml", titled.replace("trees", "flood"), "b.toml", titled, Some("theme_title_known")),
    ];
    for (first, one, second, other, code) in cases {
        let loaded = Catalog::load(folder(&[(first, &one), (second, &other)]).path());
        assert_eq!(loaded.as_ref().err().map(CatalogError::code), code, "{loaded:?}");
    }
}

#[test]
fn themes_come_in_the_order_of_the_tree_and_new_ones_behind() {
    let layer = |theme: &str| GAUGE.replace("theme = \"flood\"", theme);
    let own = layer("theme = \"bees\"\ntheme_title = { vi = \"Ong\", en = \"Bees\" }");
    let files =
        folder(&[("a.toml", &own), ("b.toml", GAUGE), ("c.toml", &layer("theme = \"land\""))]);
    let catalog = Catalog::load(files.path()).unwrap();
    let themes: Vec<_> = catalog.themes().map(|theme| (theme.id, theme.title.en)).collect();
    let wanted = [("land", "Land"), ("flood", "Flood"), ("bees", "Bees")];
    assert_eq!(themes, wanted.map(|(id, en)| (id.to_owned(), en.to_owned())));
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
