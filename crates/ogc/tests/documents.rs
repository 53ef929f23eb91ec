//! The documents against the rules that clients and the standards' own test suites check, over the
//! bundled catalogue.

use std::collections::BTreeSet;
use std::path::Path;

use openapiv3::{OpenAPI, Parameter, ParameterSchemaOrContent, ReferenceOr, SchemaKind, Type};
use serde_json::{Value, json};
use urbis_catalog::{Catalog, CitySettings, Layer};
use urbis_model::{Openness, Validity};
use urbis_ogc::{CLASSES, CRS84, FeatureTable, LayerFacts, PageSize, Site, StyleEntry, TileLimits};

const BASE: &str = "https://maps.example/danang";

const EXTENT: [f64; 4] = [107.0, 14.9, 109.0, 16.3];

/// The bundled catalogue and city.
struct Bundled {
    catalog: Catalog,
    city: CitySettings,
}

impl Bundled {
    fn load() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let catalog = Catalog::load(&root.join("layers")).expect("the catalogue is valid");
        let city = CitySettings::load(&root.join("data/danang")).expect("the city is valid");
        Self { catalog, city }
    }

    fn site(&self, class: Openness) -> Site<'_> {
        Site { catalog: &self.catalog, city: &self.city, class, base: BASE }
    }
}

fn facts(_: &Layer) -> LayerFacts {
    LayerFacts {
        count: 7,
        extent: EXTENT,
        synthetic: false,
        validity: Validity::ALWAYS,
        imported: None,
    }
}

fn styles() -> Vec<StyleEntry> {
    vec![StyleEntry { id: "danang".into(), title: "Đà Nẵng".into() }]
}

/// Every JSON document that a class can get, by its path.
fn documents(site: &Site<'_>) -> Vec<(String, Value)> {
    let mut documents = vec![
        (String::new(), site.landing()),
        ("/conformance".into(), site.conformance()),
        ("/api".into(), site.openapi()),
        ("/collections".into(), site.collections(facts)),
        ("/tiles".into(), site.tilesets(None, EXTENT)),
        ("/tiles/WebMercatorQuad".into(), site.tileset(None, EXTENT)),
        ("/tileMatrixSets".into(), site.tile_matrix_sets()),
        ("/tileMatrixSets/WebMercatorQuad".into(), site.tile_matrix_set()),
        ("/styles".into(), site.styles(&styles())),
        ("/dcat".into(), site.dcat(facts)),
    ];
    for layer in site.layers() {
        let path = |rest: &str| format!("/collections/{}{rest}", layer.id);
        documents.extend([
            (path(""), site.collection(layer, facts(layer))),
            (path("/queryables"), site.queryables(layer)),
            (path("/schema"), site.schema(layer)),
            (path("/tiles"), site.tilesets(Some(layer), EXTENT)),
            (path("/tiles/WebMercatorQuad"), site.tileset(Some(layer), EXTENT)),
        ]);
    }
    documents
}

/// What DCAT-AP 3.0.0 makes mandatory, and what harvesters ask for.
#[test]
fn the_catalogue_has_a_dataset_a_layer_with_all_that_dcat_ap_demands() {
    let bundled = Bundled::load();
    for class in Openness::ALL {
        let site = bundled.site(class);
        let catalog = site.dcat(facts);
        let has = |thing: &Value, names: &[&str]| {
            for name in names {
                assert!(!thing[name].is_null() && thing[name] != json!([]), "{name} of {thing}");
            }
        };
        has(&catalog, &["dct:title", "dct:description", "dct:publisher", "dcat:themeTaxonomy"]);
        has(&catalog["dct:publisher"], &["foaf:name"]);
        let datasets = catalog["dcat:dataset"].as_array().unwrap();
        assert_eq!(datasets.len(), site.layers().count());
        for dataset in datasets {
            has(dataset, &["dct:title", "dct:description", "dct:publisher", "dcat:theme"]);
            has(dataset, &["dcat:keyword", "dct:spatial", "dct:modified", "dcat:landingPage"]);
            let ways = dataset["dcat:distribution"].as_array().unwrap();
            assert_eq!(ways.len(), 7);
            for way in ways {
                has(way, &["dcat:accessURL", "dcat:mediaType", "dct:license"]);
            }
        }
        for service in catalog["dcat:service"].as_array().unwrap() {
            has(service, &["dct:title", "dcat:endpointURL", "dcat:servesDataset"]);
        }
    }
}

/// Every page that a class can get.
fn pages(site: &Site<'_>) -> Vec<String> {
    let mut pages = vec![
        site.landing_page(&styles()),
        site.conformance_page(),
        site.api_page(),
        site.collections_page(facts),
        site.tileset_page(None, EXTENT),
        site.tile_matrix_set_page(),
        site.styles_page(&styles()),
    ];
    for layer in site.layers() {
        pages.extend([
            site.collection_page(layer, facts(layer), &styles()),
            site.queryables_page(layer),
            site.schema_page(layer),
            site.tileset_page(Some(layer), EXTENT),
        ]);
    }
    pages
}

fn walk<'v>(value: &'v Value, visit: &mut dyn FnMut(&'v Value)) {
    visit(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        Value::Object(members) => members.values().for_each(|member| walk(member, visit)),
        _ => {}
    }
}

fn links(document: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    walk(document, &mut |value| {
        if value.get("href").is_some_and(Value::is_string) {
            found.push(value);
        }
    });
    found
}

#[test]
fn every_link_is_absolute_and_says_what_it_is() {
    let bundled = Bundled::load();
    let mut seen = 0;
    for (path, document) in documents(&bundled.site(Openness::Restricted)) {
        for link in links(&document) {
            let href = link["href"].as_str().unwrap();
            assert!(
                href.starts_with(BASE) || href.starts_with("https://spdx.org/"),
                "{path}: {href}"
            );
            assert!(link["rel"].is_string() && link["type"].is_string(), "{path}: {link}");
            assert_eq!(href.contains('{'), link["templated"] == true, "{path}: {link}");
            seen += 1;
        }
    }
    assert!(seen > 200, "only {seen} links");
}

#[test]
fn the_landing_page_has_what_qgis_and_cite_look_for() {
    let bundled = Bundled::load();
    let landing = bundled.site(Openness::Open).landing();
    let of =
        |rel: &str| landing["links"].as_array().unwrap().iter().find(|link| link["rel"] == rel);
    for rel in ["self", "alternate", "service-desc", "service-doc", "conformance", "data"] {
        assert!(of(rel).is_some(), "no link {rel}");
    }
    let api = of("service-desc").unwrap();
    assert_eq!(api["type"], "application/vnd.oai.openapi+json;version=3.0");
    assert_eq!(of("data").unwrap()["href"], format!("{BASE}/ogc/collections"));
}

#[test]
fn the_definition_is_openapi_3_0_and_sizes_pages_where_qgis_reads_it() {
    let bundled = Bundled::load();
    let document = bundled.site(Openness::Restricted).openapi();
    let api: OpenAPI = serde_json::from_value(document).unwrap();
    assert!(api.openapi.starts_with("3.0."));
    assert_eq!(api.servers[0].url, format!("{BASE}/ogc"));

    let components = api.components.unwrap();
    let limit = components.parameters["limit"].as_item().unwrap();
    let Parameter::Query { parameter_data, .. } = limit else { panic!("limit is in the query") };
    assert_eq!((parameter_data.explode, parameter_data.required), (Some(false), false));
    let ParameterSchemaOrContent::Schema(schema) = &parameter_data.format else {
        panic!("a schema")
    };
    let schema = schema.as_item().unwrap();
    let SchemaKind::Type(Type::Integer(numbers)) = &schema.schema_kind else {
        panic!("an integer")
    };
    assert_eq!((numbers.minimum, numbers.maximum), (Some(1), Some(10_000)));
    assert_eq!(schema.schema_data.default, Some(json!(10)));
    assert_eq!((PageSize::MIN, PageSize::DEFAULT, PageSize::MAX), (1, 10, 10_000));

    let mut operations = BTreeSet::new();
    for (path, item) in &api.paths.paths {
        let get = item.as_item().unwrap().get.as_ref().unwrap();
        assert!(operations.insert(get.operation_id.clone()), "{path} is named twice");
        let names = get.parameters.iter().map(|parameter| match parameter {
            ReferenceOr::Item(item) => item.parameter_data_ref().name.clone(),
            ReferenceOr::Reference { reference } => {
                let name = reference.strip_prefix("#/components/parameters/").unwrap();
                let found = components.parameters[name].as_item().unwrap();
                found.parameter_data_ref().name.clone()
            }
        });
        let names: Vec<String> = names.collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{path}: {names:?}");
        for part in path.split('/').filter_map(|part| part.strip_prefix('{')) {
            let part = part.trim_end_matches('}');
            assert!(names.iter().any(|name| name == part), "{path} does not describe {part}");
        }
        if path.ends_with("/items") {
            for name in ["limit", "bbox", "datetime", "crs", "bbox-crs", "filter", "filter-lang"] {
                assert!(names.iter().any(|known| known == name), "{path} does not know {name}");
            }
        }
    }
    for layer in bundled.catalog.layers() {
        assert!(api.paths.paths.contains_key(&format!("/collections/{}/items", layer.id)));
    }
}

#[test]
fn every_reference_of_the_definition_leads_to_something_that_is_used() {
    let bundled = Bundled::load();
    let api = bundled.site(Openness::Restricted).openapi();
    let mut asked = BTreeSet::new();
    walk(&api, &mut |value| {
        asked.extend(value.get("$ref").and_then(Value::as_str).map(str::to_owned));
    });
    for reference in &asked {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(api.pointer(pointer).is_some_and(Value::is_object), "{reference}");
    }
    for kind in ["parameters", "headers", "schemas", "responses"] {
        for name in api["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(asked.contains(&reference), "nothing asks for {reference}");
        }
    }
}

#[test]
fn a_collection_says_the_same_of_itself_wherever_it_stands() {
    let bundled = Bundled::load();
    let site = bundled.site(Openness::Restricted);
    let all = site.collections(facts);
    assert_eq!(all["crs"][0], CRS84);
    let listed = all["collections"].as_array().unwrap();
    assert_eq!(listed.len(), bundled.catalog.layers().count());
    for (entry, layer) in listed.iter().zip(site.layers()) {
        assert_eq!(*entry, site.collection(layer, facts(layer)));
        let crs = entry["crs"].as_array().unwrap();
        assert!(crs.contains(&json!(CRS84)) && crs.contains(&entry["storageCrs"]), "{entry}");
        let items = links(entry).into_iter().find(|link| link["rel"] == "items").unwrap();
        assert_eq!(items["type"], "application/geo+json");
        assert_eq!(items["href"], format!("{BASE}/ogc/collections/{}/items", layer.id));
    }
    let wards = listed.iter().find(|entry| entry["id"] == "admin_unit").unwrap();
    assert_eq!(wards["storageCrs"], "http://www.opengis.net/def/crs/EPSG/0/5899");
}

#[test]
fn a_schema_orders_its_properties_and_says_what_the_geometry_is() {
    let bundled = Bundled::load();
    let site = bundled.site(Openness::Restricted);
    for layer in site.layers() {
        let schema = site.schema(layer);
        let properties = schema["properties"].as_object().unwrap();
        let places =
            properties.values().map(|property| property["x-ogc-propertySeq"].as_u64().unwrap());
        let places: Vec<u64> = places.collect();
        assert_eq!(places, (1..=properties.len() as u64).collect::<Vec<_>>());
        let geometry = &properties["geometry"];
        assert_eq!(geometry["x-ogc-role"], "primary-geometry");
        assert!(geometry["format"].as_str().unwrap().starts_with("geometry-"));
        assert!(geometry.get("type").is_none());
        assert!(!properties.contains_key("id"), "{} has a property 'id'", layer.id);

        let queryables = site.queryables(layer);
        let id = format!("{BASE}/ogc/collections/{}/queryables", layer.id);
        assert_eq!(queryables["$id"], id);
        assert_eq!(queryables["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(queryables["additionalProperties"], false);
        assert!(queryables["properties"]["geom"].get("type").is_none());
    }
    let wards = bundled.catalog.layers().find(|layer| layer.id.as_str() == "admin_unit").unwrap();
    let schema = site.schema(wards);
    for document in [&schema, &site.queryables(wards)] {
        let ends = ["valid_from", "valid_to"].map(|name| &document["properties"][name]);
        let titles = ends.map(|end| (end["title"].as_str(), end["description"].as_str()));
        assert_eq!(titles[0], (Some("Có hiệu lực từ"), Some("Valid from")));
        assert_eq!(titles[1], (Some("Có hiệu lực đến"), Some("Valid until")));
        for (end, role) in ends.into_iter().zip(["primary-interval-start", "primary-interval-end"])
        {
            assert_eq!((&end["type"], &end["format"]), (&json!("string"), &json!("date-time")));
            assert_eq!((&end["readOnly"], &end["x-ogc-role"]), (&json!(true), &json!(role)));
        }
    }
    assert_eq!(schema["properties"]["name"]["title"], "Tên");
    assert_eq!(schema["properties"]["area_km2"]["type"], "number");
}

#[test]
fn what_a_class_may_not_see_stands_in_no_document_and_on_no_page() {
    let bundled = Bundled::load();
    let site = bundled.site(Openness::Open);
    let mut texts: Vec<String> =
        documents(&site).into_iter().map(|(_, document)| document.to_string()).collect();
    texts.extend(pages(&site));
    let hidden: Vec<&Layer> =
        bundled.catalog.layers().filter(|layer| layer.openness > Openness::Open).collect();
    assert!(!hidden.is_empty(), "no layer is hidden");
    for layer in hidden {
        for text in &texts {
            assert!(!text.contains(&format!("\"{}\"", layer.id)), "{} is named", layer.id);
            assert!(!text.contains(&format!("/{}", layer.id)), "{} is linked", layer.id);
            assert!(!text.contains(&layer.title.vi), "{} is shown", layer.id);
        }
    }
    let mut attributes = 0;
    for layer in site.layers() {
        for attribute in layer.attributes.iter().filter(|a| layer.openness_of(a) > Openness::Open) {
            let schema = site.schema(layer)["properties"].clone();
            let queryables = site.queryables(layer)["properties"].clone();
            assert!(
                schema.get(&attribute.name).is_none() && queryables.get(&attribute.name).is_none()
            );
            attributes += 1;
        }
    }
    assert!(attributes > 0, "no attribute is hidden");
}

#[test]
fn a_tileset_says_which_tiles_there_are() {
    let bundled = Bundled::load();
    let site = bundled.site(Openness::Open);
    let tilesets = site.tilesets(None, EXTENT);
    let entry = &tilesets["tilesets"][0];
    assert_eq!(entry["tileMatrixSetId"], "WebMercatorQuad");
    let item = links(entry).into_iter().find(|link| link["rel"] == "item").unwrap();
    let expected =
        format!("{BASE}/ogc/tiles/WebMercatorQuad/{{tileMatrix}}/{{tileRow}}/{{tileCol}}");
    assert_eq!(item["href"], expected);
    assert_eq!(item["type"], "application/vnd.mapbox-vector-tile");

    // By the formula of slippy maps, at zoom 10: column floor((lon + 180) / 360 * 1024).
    let limits = TileLimits::around(EXTENT, 10).unwrap();
    assert_eq!(limits.columns, [816, 822]);
    let row = |lat: f64| {
        let lat = lat.to_radians();
        ((1.0 - lat.tan().asinh() / std::f64::consts::PI) / 2.0 * 1024.0).floor() as u32
    };
    assert_eq!(limits.rows, [row(16.3), row(14.9)]);
    let zooms = entry["tileMatrixSetLimits"].as_array().unwrap();
    let first = site.layers().map(|layer| layer.tiles.minzoom).min().unwrap();
    assert_eq!(zooms.first().unwrap()["tileMatrix"], first.to_string());
    // The world at zoom 0 is one tile.
    assert_eq!(TileLimits::around(EXTENT, 0).unwrap().columns, [0, 0]);
}

#[test]
fn the_grid_is_that_of_the_register() {
    let bundled = Bundled::load();
    let grid = bundled.site(Openness::Open).tile_matrix_set();
    // OGC 17-083r4, annex D.1.
    let first = &grid["tileMatrices"][0];
    assert!((first["cellSize"].as_f64().unwrap() - 156_543.033_928_041).abs() < 1e-6);
    assert!((first["scaleDenominator"].as_f64().unwrap() - 559_082_264.028_717).abs() < 0.001);
    assert_eq!(grid["tileMatrices"][12]["matrixWidth"], 4096);
}

#[test]
fn what_features_say_is_escaped_on_pages() {
    let bundled = Bundled::load();
    let site = bundled.site(Openness::Open);
    let layer = site.layers().find(|layer| layer.id.as_str() == "admin_unit").unwrap();
    let features = [json!({
        "id": 5,
        "properties": {"name": "<script>alert(1)</script>", "area_km2": 7.5, "district": null},
        "geometry": {"type": "MultiPolygon"},
    })];
    let json = format!("{BASE}/ogc/collections/admin_unit/items?filter=%3Cb%3E");
    let table = FeatureTable {
        layer,
        json: &json,
        features: &features,
        matched: 94,
        next: Some("https://maps.example/next?a=1&b=\"2"),
    };
    for page in [site.items_page(&table), site.item_page(layer, &features[0], &json)] {
        assert!(!page.contains("<script>alert"), "{page}");
        assert!(page.contains("alert(1)") && page.contains("7.5") && !page.contains("null"));
        assert!(page.contains("lang=\"vi\""));
    }
    assert!(!site.items_page(&table).contains("b=\"2"));
}

#[test]
fn pages_hold_no_script_and_no_style_of_their_own() {
    let bundled = Bundled::load();
    for page in pages(&bundled.site(Openness::Restricted)) {
        assert!(page.starts_with("<!doctype html>"), "{page}");
        assert!(
            !page.contains("<style") && !page.contains(" style=") && !page.contains(" onclick")
        );
        assert_eq!(page.matches("<script").count(), 1);
    }
}

#[test]
fn what_a_page_says_in_one_language_it_says_in_the_other() {
    let bundled = Bundled::load();
    let site = bundled.site(Openness::Restricted);
    let parcels = site.layers().find(|layer| layer.id.as_str() == "parcel").unwrap();
    let feature = json!({"id": 5, "properties": {"land_use": "ODT+CLN"}, "geometry": null});
    let mut pages = pages(&site);
    pages.push(site.item_page(parcels, &feature, BASE));
    for page in &pages {
        // Of the page as a whole, and of each text.
        let said =
            ["vi", "en"].map(|language| page.matches(&format!("lang=\"{language}\"")).count());
        assert_eq!(said[0], said[1] + 1, "{page}");
    }
    let code = |code: &str| {
        let attribute = parcels.attributes.iter().find(|known| known.name == "land_use").unwrap();
        let value = &attribute.values[code];
        [value.vi.clone(), value.en.clone()]
    };
    let ([vi, en], [vi_too, en_too]) = (code("ODT"), code("CLN"));
    let page = pages.last().unwrap();
    assert!(page.contains(&format!("{vi}, {vi_too}</span>")), "{page}");
    assert!(page.contains(&format!("{en}, {en_too}</span>")), "{page}");
}

#[test]
fn a_class_of_a_standard_is_declared_once() {
    let once: BTreeSet<&&str> = CLASSES.iter().collect();
    assert_eq!(once.len(), CLASSES.len());
}

#[test]
fn the_table_of_conformance_has_what_is_declared_and_nothing_else() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/conformance.md");
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let rows: Vec<(&str, &str)> = rows.collect();
    let classes: Vec<String> =
        rows.iter().map(|(class, _)| format!("http://www.opengis.net/spec/{class}")).collect();
    assert_eq!(classes, CLASSES);
    assert!(rows.iter().all(|(_, shown)| shown.len() > 5), "a class has no test");
}
