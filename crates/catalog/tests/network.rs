//! Layers that are parts of the road graph, and the vehicles on it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use urbis_catalog::{Catalog, CatalogError, NetworkRole, ProfileIndex, VehicleProfile};

const STREETS: &str = r#"
theme = "traffic"
title = { vi = "Đường", en = "Streets" }
description = { vi = "Đường.", en = "Streets." }
geometry = "MultiLineString"
storage_srid = 4326
network = "roads"
key = "osm_id"
tiles = { minzoom = 3, maxzoom = 14, attributes = ["class"] }

[[attributes]]
name = "osm_id"
title = { vi = "a", en = "a" }
type = "text"

[[attributes]]
name = "class"
title = { vi = "a", en = "a" }
type = "code"
values = { street = { vi = "a", en = "a" }, lane = { vi = "a", en = "a" } }

[[attributes]]
name = "oneway"
title = { vi = "a", en = "a" }
type = "code"
values = { forward = { vi = "a", en = "a" }, backward = { vi = "a", en = "a" } }

[[examples]]
title = "good"
input = {}
output = {}

[[examples]]
title = "bad"
input = {}
reject = "geometry_missing"
"#;

const VAN: &str = r#"
title = { vi = "Xe", en = "Van" }
width_m = 2
height_m = 2.5
weight_t = 3.5
wading_depth_m = 0.4
depth_speed = [{ depth = 0.5, speed = 0.6 }, { depth = 1.0, speed = 0.1 }]
waive = { oneway = { factor = 2.0 }, turns = { penalty_s = 5 } }

[speeds_kmh]
street = 40
"#;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    dir
}

fn layers(files: &[(&str, &str)]) -> Result<Catalog, CatalogError> {
    Catalog::load(folder(files).path())
}

fn profiles(files: &[(&str, &str)]) -> Result<Catalog, CatalogError> {
    layers(&[("street.toml", STREETS)]).unwrap().load_profiles(folder(files).path())
}

fn van(text: &str) -> Result<VehicleProfile, CatalogError> {
    Ok((**profiles(&[("van.toml", text)])?.profile("van").unwrap().1).clone())
}

#[test]
fn a_role_finds_its_layer_whatever_it_is_called() {
    let catalog = layers(&[("street.toml", STREETS)]).unwrap();
    let found = catalog.network_layer(NetworkRole::Roads).unwrap();
    assert_eq!(found.id.as_str(), "street");
    assert!(catalog.network_layer(NetworkRole::Barriers).is_none());
}

#[test]
fn a_part_of_the_road_graph_has_what_the_graph_reads() {
    let cases = [
        ("network = \"roads\"", "network = \"road\"", "unknown_key"),
        ("network = \"roads\"", "network = \"water\"", "network_geometry"),
        ("network = \"roads\"", "network = \"closures\"", "network_attribute"),
        ("name = \"class\"", "name = \"kind\"", "attribute_unknown"),
        ("name = \"oneway\"", "name = \"bridge\"", "network_type"),
        ("forward =", "onward =", "network_code"),
    ];
    for (from, to, code) in cases {
        assert!(STREETS.contains(from), "the case '{from}' changes nothing");
        let error = layers(&[("street.toml", &STREETS.replacen(from, to, 1))]).expect_err(to);
        assert_eq!(error.code(), code, "{to}: {error}");
    }
    let unread = STREETS.replace("network = \"roads\"", "").replace("forward =", "onward =");
    layers(&[("street.toml", &unread)]).unwrap();
}

#[test]
fn two_layers_cannot_be_the_same_part_of_the_road_graph() {
    let error = layers(&[("a.toml", STREETS), ("b.toml", STREETS)]).unwrap_err();
    assert_eq!(error.code(), "network_twice");
    let message = error.to_string();
    assert!(message.contains("'b'") && message.contains("'a'"), "{message}");
    let other = STREETS.replace("network = \"roads\"", "");
    layers(&[("a.toml", STREETS), ("b.toml", &other)]).unwrap();
}

#[test]
fn profiles_stand_in_the_order_of_their_ids_and_are_called_like_their_files() {
    let catalog = profiles(&[("van.toml", VAN), ("bus.toml", VAN), ("note.txt", "")]).unwrap();
    let ids: Vec<&str> = catalog.profiles().iter().map(|profile| &*profile.id).collect();
    assert_eq!(ids, ["bus", "van"]);
    let (index, van) = catalog.profile("van").unwrap();
    assert_eq!((index, &*van.title.en), (ProfileIndex(1), "Van"));
    assert_eq!(catalog.profiles()[index.index()].id, "van");
    assert!(catalog.profile("car").is_none());
}

#[test]
fn every_contradiction_in_a_profile_has_its_code() {
    let cases = [
        ("width_m = 2", "width_m = 210", "profile_number"),
        ("width_m = 2", "width_m = nan", "profile_number"),
        ("width_m = 2", "widht_m = 2", "unknown_key"),
        ("wading_depth_m = 0.4", "wading_depth_m = 40", "profile_number"),
        ("street = 40", "street = 0", "profile_number"),
        ("street = 40", "", "profile_no_speeds"),
        ("street = 40", "stret = 40", "profile_class"),
        ("factor = 2.0", "factor = 0.5", "profile_number"),
        ("penalty_s = 5", "penalty_s = -5", "profile_number"),
        ("depth = 1.0, speed = 0.1", "depth = 0.9, speed = 0.1", "profile_depth_speed"),
        ("depth = 1.0, speed = 0.1", "depth = 1.0, speed = 0.7", "profile_depth_speed"),
        ("depth = 1.0, speed = 0.1", "depth = 1.0, speed = 0.0", "profile_depth_speed"),
        ("depth = 0.5, speed = 0.6", "depth = 1.5, speed = 0.6", "profile_depth_speed"),
        ("[speeds_kmh]", "[access]\nread = [\"class\"]\n[speeds_kmh]", "profile_access_value"),
        ("[speeds_kmh]", "[access]\nread = [\"clas\"]\n[speeds_kmh]", "profile_access_attribute"),
        ("[speeds_kmh]", "[barriers_s]\nlevel_crossing = 3\n[speeds_kmh]", "profile_barrier"),
    ];
    for (from, to, code) in cases {
        assert!(VAN.contains(from), "the case '{from}' changes nothing");
        let error = van(&VAN.replacen(from, to, 1)).expect_err(to);
        assert_eq!(error.code(), code, "{to}: {error}");
    }
    assert_eq!(profiles(&[("Van.toml", VAN)]).unwrap_err().code(), "profile_name");
    let van = van(VAN).unwrap();
    let catalog = layers(&[("street.toml", STREETS)]).unwrap();
    let error = catalog.with_profiles(vec![van.clone(), van]).unwrap_err();
    assert_eq!(error.code(), "profile_duplicate");
}

#[test]
fn a_misspelled_class_is_refused_with_the_nearest_one() {
    let message = van(&VAN.replace("street = 40", "stret = 40")).unwrap_err().to_string();
    assert!(message.contains("'stret'") && message.contains("did you mean 'street'"), "{message}");
}

#[test]
fn a_class_without_a_speed_cannot_be_driven() {
    let van = van(VAN).unwrap();
    let speeds = [Some("street"), Some("lane"), None].map(|class| van.speed_kmh(class));
    assert_eq!(speeds, [Some(40.0), None, None]);
    let van = self::van(&VAN.replace("weight_t", "otherwise_kmh = 15\nweight_t")).unwrap();
    assert_eq!([Some("lane"), None].map(|class| van.speed_kmh(class)), [None, Some(15.0)]);
}

#[test]
fn water_slows_in_a_line_to_the_wading_depth_and_stops_beyond() {
    let van = van(VAN).unwrap();
    for (depth_m, expected) in [
        (-1.0, Some(1.0)),
        (0.0, Some(1.0)),
        (0.1, Some(0.8)),
        (0.2, Some(0.6)),
        (0.3, Some(0.35)),
        (0.4, Some(0.1)),
        (0.400_001, None),
        (f64::INFINITY, None),
    ] {
        let found = van.speed_in_water(depth_m);
        let is_right = match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
            (found, expected) => found == expected,
        };
        assert!(is_right, "{depth_m} m: {found:?}");
    }
    let start = VAN.find("depth_speed").unwrap();
    let end = start + VAN[start..].find('\n').unwrap();
    let blind = VAN.replace(&VAN[start..end], "");
    assert_eq!(self::van(&blind).unwrap().speed_in_water(0.4), Some(1.0));
}

#[test]
fn a_sign_against_trucks_stops_one_on_a_bridge_alone_where_the_profile_says_so() {
    use urbis_catalog::Deck::{Bridge, Ground};
    let passes = |van: &VehicleProfile| {
        [(2.5, Ground), (2.5, Bridge), (3.5, Bridge)].map(|(t, on)| van.is_light_enough(t, on))
    };
    assert_eq!(passes(&van(VAN).unwrap()), [false, false, true]);
    let knowing = VAN.replace("weight_t", "weight_limits = \"bridges\"\nweight_t");
    assert_eq!(passes(&van(&knowing).unwrap()), [true, false, true]);
}

#[test]
fn a_road_is_closed_by_the_words_that_the_profile_names() {
    let van = van(&VAN.replace(
        "[speeds_kmh]",
        "[access]\nread = [\"oneway\"]\nclosed = [\"forward\"]\n[speeds_kmh]",
    ))
    .unwrap();
    assert_eq!(van.access.read, ["oneway"]);
    let entered = [None, Some("backward"), Some("forward")].map(|access| van.may_enter(access));
    assert_eq!(entered, [true, true, false]);
    let other = self::van(VAN).unwrap();
    assert_eq!([Some("no"), Some("private")].map(|access| other.may_enter(access)), [false, true]);
}

fn program() -> Catalog {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let catalog = Catalog::load(&root.join("layers")).unwrap();
    catalog.load_profiles(&root.join("profiles/vehicle")).unwrap()
}

#[test]
fn the_profiles_of_the_program_are_sound_and_name_roads_that_there_are() {
    let catalog = program();
    let ids: Vec<&str> = catalog.profiles().iter().map(|profile| &*profile.id).collect();
    let six = ["ambulance", "boat", "ladder", "motorbike_ambulance", "pumper", "rescue_truck"];
    assert_eq!(ids, six);
    for role in NetworkRole::ALL {
        assert!(catalog.network_layer(role).is_some(), "{role}");
    }
}

#[test]
fn a_fire_engine_needs_three_and_a_half_metres_and_a_motorbike_fits_everywhere_it_does() {
    let catalog = program();
    let of = |id| catalog.profile(id).unwrap().1.clone();
    for id in ["pumper", "ladder", "rescue_truck"] {
        assert!((of(id).passage_m() - 3.5).abs() < 1e-9, "{id}");
    }
    let bike = of("motorbike_ambulance");
    for other in catalog.profiles() {
        assert!(bike.passage_m() <= other.passage_m(), "{}", other.id);
        let is_slower_alone =
            other.speeds_kmh.keys().all(|class| bike.speeds_kmh.contains_key(class));
        assert!(is_slower_alone, "{} goes where no motorbike does", other.id);
    }
}
