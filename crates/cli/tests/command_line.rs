//! The binary as a person at a terminal meets it; no database is needed.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Variables that would change what a test sees.
const SETTINGS: [&str; 6] =
    ["DATABASE_URL", "URBIS_CONFIG", "URBIS_LISTEN", "URBIS_DATA_DIR", "URBIS_LAYERS", "RUST_LOG"];

fn urbis() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_urbis"));
    SETTINGS.iter().for_each(|name| {
        command.env_remove(name);
    });
    command.current_dir(ROOT);
    command
}

fn run(args: &[&str]) -> Output {
    urbis().args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A copy of the bundled layer files, to break.
fn copied_layers() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(Path::new(ROOT).join("layers")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    folder
}

fn edit(path: &Path, from: &str, to: &str) {
    let before = fs::read_to_string(path).unwrap();
    assert!(before.contains(from), "{} has no {from}", path.display());
    fs::write(path, before.replacen(from, to, 1)).unwrap();
}

#[test]
fn help_names_every_command_and_every_exit_code() {
    let output = run(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    let help = text(&output.stdout);
    let commands = [
        "up", "serve", "migrate", "import", "export", "key", "qgis", "prune", "fleet", "check",
        "layers", "status", "synth",
    ];
    for command in commands {
        assert!(help.contains(&format!("\n  {command} ")), "no {command} in\n{help}");
    }
    for code in 0..=4 {
        assert!(help.contains(&format!("\n  {code}  ")), "no exit code {code} in\n{help}");
    }
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
}

#[test]
fn help_of_a_command_shows_each_flag_with_its_variable() {
    let output = run(&["up", "--help"]);
    let help = text(&output.stdout);
    for (flag, variable) in [
        ("--listen", "URBIS_LISTEN"),
        ("--data-dir", "URBIS_DATA_DIR"),
        ("--database-url", "DATABASE_URL"),
        ("--public-url", "URBIS_PUBLIC_URL"),
        ("--trusted-proxy", "URBIS_TRUSTED_PROXIES"),
        ("--tile-cache-mb", "URBIS_TILE_CACHE_MB"),
        ("--pg-listen", "URBIS_PG_LISTEN"),
        ("--config", "URBIS_CONFIG"),
    ] {
        assert!(help.contains(flag) && help.contains(variable), "no {flag} in\n{help}");
    }
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    for args in [
        &["up", "--lisen", "x"][..],
        &["up", "--listen", "nowhere"],
        &["import"],
        &["import", "building"],
        &["import", "bulding", "x.geojson"],
        &["serve"],
        &["check", "--log", "x=y=z"],
        &["no-such-command"],
        &["key"],
        &["key", "create", "--scope", "read"],
        &["key", "create", "--level", "open"],
        &["key", "create", "--level", "open", "--scope", "read", "--label", "a\nb"],
        &["key", "revoke"],
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "{args:?}");
    }
    let output = run(&["import", "bulding", "x.geojson"]);
    assert!(text(&output.stderr).contains("did you mean 'building'"), "{output:?}");
}

#[test]
fn an_export_that_is_asked_for_wrongly_is_told_what_to_write() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    let out = folder.path().join("file");
    for (args, expected) in [
        (&["bilding", "--format", "gpkg"][..], "did you mean 'building'?"),
        (&["building", "--format", "xls"], "wanted one of gpkg, fgb, geojson, csv, shp"),
        (&["--all", "--format", "csv"], "one layer a file, or --format gpkg"),
        (
            &["building", "--format", "csv", "--crs", "EPSG:9999"],
            "wanted one of EPSG:4326, EPSG:5899, EPSG:3405, EPSG:3406, EPSG:3857",
        ),
        (&["building", "--format", "csv", "--bbox", "1,2,3"], "wanted four numbers"),
        (&["building", "--format", "csv", "--filter", "nme = 'x'"], "no property 'nme', known: "),
        (&["building", "--format", "csv", "--datetime", "yesterday"], "wanted a day, a moment"),
    ] {
        let mut command = urbis();
        command.arg("export").args(args).arg("--out").arg(&out).arg("--data-dir").arg(&data_dir);
        let output = command.output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(expected), "{args:?}: {said}");
        assert!(!data_dir.exists() && !out.exists(), "no database was started");
    }
}

#[test]
fn a_misspelled_level_scope_or_layer_of_a_key_is_answered_with_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    for (level, scope, expected) in [
        ("restricte", "read", "did you mean 'restricted'?"),
        ("secret", "read", "wanted one of open, internal, restricted"),
        ("open", "reed", "did you mean 'read'?"),
        ("open", "write", "wanted one of read, edit:LAYER, ingest, dispatch, admin"),
        ("open", "read,edit:bulding", "layer 'bulding' is not known, did you mean 'building'?"),
        ("open", "edit:Building", "layer id 'Building' is not valid"),
        ("open", "edit:", "layer id '' is not valid"),
    ] {
        let args = ["key", "create", "--level", level, "--scope", scope, "--data-dir"];
        let output = urbis().args(args).arg(&data_dir).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(expected), "{level} {scope}: {said}");
        assert!(!data_dir.exists(), "no database was started");
    }
}

#[test]
fn two_files_of_one_source_in_one_command_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let empty = r#"{"type": "FeatureCollection", "features": []}"#;
    let file = |name: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, empty).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let same = [file("a/houses.geojson"), file("b/houses.geojson")];
    let known = [file("a/haichau.osm.pbf"), file("b/haichau.osm.pbf")];
    let read_as = [file("one.osm"), file("two.osm")];
    let data_dir = folder.path().join("data");
    for (files, source, more) in [
        (&same, "houses.geojson", &[][..]),
        (&read_as, "haichau.osm.pbf#multipolygons", &["--as", "haichau.osm.pbf"]),
        (&known, "haichau.osm.pbf#multipolygons", &[]),
    ] {
        let [first, second] = files;
        let args = ["import", "building", first, second, "--json", "--data-dir"];
        let output = urbis().args(args).arg(&data_dir).args(more).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        let named = format!("'{first}' and '{second}' would both be source '{source}'");
        assert!(said.contains(&named) && said.contains("--source NAME"), "{said}");
        let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(shown["error"]["code"], "usage");
        assert!(!data_dir.exists(), "no database was started");
    }
}

#[test]
fn a_flag_wins_over_a_variable_and_a_variable_over_the_file() {
    let broken = copied_layers();
    edit(&broken.path().join("building.toml"), "theme", "theem");
    let broken_dir = broken.path().to_str().unwrap();
    let config = broken.path().join("settings");
    fs::write(&config, format!("layers = '{broken_dir}'\n")).unwrap();

    let code = |variable: Option<&str>, flag: Option<&str>| {
        let mut command = urbis();
        command.args(["layers", "--config"]).arg(&config);
        if let Some(variable) = variable {
            command.env("URBIS_LAYERS", variable);
        }
        if let Some(flag) = flag {
            command.args(["--layers", flag]);
        }
        command.output().unwrap().status.code()
    };
    assert_eq!(code(None, None), Some(1), "the file's folder is broken");
    assert_eq!(code(Some("layers"), None), Some(0), "the variable wins over the file");
    assert_eq!(code(Some(broken_dir), Some("layers")), Some(0), "the flag wins over both");
}

#[test]
fn an_unknown_key_of_the_file_ends_with_2_and_the_nearest_key() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("urbis.toml");
    fs::write(&config, "public_uri = 'http://x'\n").unwrap();
    let output = urbis().args(["layers", "--config"]).arg(&config).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("did you mean 'public_url'"), "{output:?}");
}

#[test]
fn the_bundled_layers_styles_and_city_have_no_fault() {
    let output = run(&["check", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["faults"], serde_json::json!([]));
    assert_eq!(output.status.code(), Some(0));
    for part in ["layers", "examples", "styles", "profiles"] {
        assert!(report[part].as_u64().unwrap() > 0, "{report}");
    }
}

#[test]
fn a_misspelled_key_of_a_layer_ends_with_4_and_the_nearest_key() {
    let layers = copied_layers();
    edit(&layers.path().join("building.toml"), "openness", "opennes");
    let output = urbis().args(["check", "--layers"]).arg(layers.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let found = text(&output.stdout);
    assert!(
        found.contains("building.toml") && found.contains("did you mean 'openness'"),
        "{found}"
    );
}

#[test]
fn a_class_that_no_road_has_in_a_vehicle_profile_ends_with_4_and_the_nearest_one() {
    let profiles = tempfile::tempdir().unwrap();
    let path = profiles.path().join("pumper.toml");
    fs::copy(Path::new(ROOT).join("profiles/vehicle/pumper.toml"), &path).unwrap();
    edit(&path, "tertiary =", "tertary =");
    let output = urbis().args(["check", "--profiles"]).arg(profiles.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let found = text(&output.stdout);
    assert!(found.contains("'pumper'") && found.contains("did you mean 'tertiary'"), "{found}");
}

#[test]
fn an_example_that_comes_out_otherwise_ends_with_4() {
    let layers = copied_layers();
    let path = layers.path().join("road_segment.toml");
    let example = "\n[[examples]]\ntitle = 'một ví dụ sai'\n\
                   input = { '@id' = 'w1', highway = 'residential' }\nreject = 'key_missing'\n";
    let before = fs::read_to_string(&path).unwrap();
    fs::write(&path, before + example).unwrap();
    let output = urbis().args(["check", "--layers"]).arg(layers.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let found = text(&output.stdout);
    assert!(found.contains("layer 'road_segment', example 'một ví dụ sai': "), "{found}");
}

fn check_style(style: serde_json::Value) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("s.json");
    fs::write(&path, style.to_string()).unwrap();
    let output = urbis().args(["check", "--styles"]).arg(folder.path()).output().unwrap();
    (output.status.code(), text(&output.stdout))
}

#[test]
fn what_a_style_names_must_exist() {
    let style = serde_json::json!({
        "version": 8,
        "glyphs": "https://fonts.example/{fontstack}/{range}.pbf",
        "sources": {"urbis": {"type": "vector", "url": "{base}/tiles/building"}},
        "layers": [
            {"id": "a", "type": "line", "source": "urbs", "source-layer": "road_segment"},
            {"id": "b", "type": "line", "source": "urbis", "source-layer": "road_segments"},
            {"id": "c", "type": "line", "source": "urbis", "source-layer": "road_segment",
             "filter": ["==", ["get", "clas"], "primary"]},
            {"id": "d", "type": "line", "source": "urbis", "source-layer": "road_segment",
             "paint": {"line-width": ["match", ["get", "class"], "primry", 2, 1]}}
        ]
    });
    let (code, found) = check_style(style);
    assert_eq!(code, Some(4));
    for expected in [
        "https://fonts.example",
        "did you mean 'urbis'",
        "did you mean 'road_segment'",
        "did you mean 'class'",
        "did you mean 'primary'",
    ] {
        assert!(found.contains(expected), "no {expected} in\n{found}");
    }
}

#[test]
fn a_template_is_checked_in_every_palette() {
    let template = |paint: serde_json::Value| {
        serde_json::json!({
            "version": 8,
            "metadata": {"urbis:palettes": {
                "day": {"paper": ["get", "clas"], "unknown": "#999999"},
                "night": {"paper": ["get", "widht_m"], "unknown": "#666666"}
            }},
            "sources": {"traffic": {"type": "vector", "url": "{base}/tiles/trafic"}},
            "layers": [{"id": "a", "type": "line", "source": "traffic",
                        "source-layer": "road_segment", "paint": paint}]
        })
    };
    let (code, found) = check_style(template(serde_json::json!({"line-color": "{paper}"})));
    assert_eq!(code, Some(4));
    for expected in ["2 styles", "'clas' is not in", "'widht_m' is not in", "'traffic'?"] {
        assert!(found.contains(expected), "no {expected} in\n{found}");
    }
    let unknown = serde_json::json!({"line-color": "{colors:road_segment.clas}"});
    let (_, found) = check_style(template(unknown));
    assert!(found.contains("'road_segment.clas' names no attribute"), "{found}");
    assert!(found.contains("did you mean 'class'?"), "{found}");
    assert_eq!(found.matches("names no attribute").count(), 1, "{found}");
}

#[test]
fn a_style_layer_that_the_cut_cannot_mend_is_named() {
    let filter = serde_json::json!(["==", ["let", "u", ["get", "use"], ["var", "u"]], "military"]);
    let style = serde_json::json!({
        "version": 8,
        "sources": {"urbis": {"type": "vector", "url": "{base}/tiles/building"}},
        "layers": [
            {"id": "a", "type": "fill", "source": "urbis", "source-layer": "building",
             "filter": filter},
            {"id": "b", "type": "fill", "source": "urbis", "source-layer": "building",
             "filter": ["==", ["get", "use"], "military"]},
            {"id": "c", "type": "fill", "source": "urbis", "source-layer": "building",
             "filter": ["match", ["get", "use"]]}
        ]
    });
    let (code, found) = check_style(style);
    assert_eq!(code, Some(4));
    assert!(found.contains("layer 'a': names 'military' where it cannot be taken out"), "{found}");
    assert!(found.contains("layer 'c': a match has 1 parts"), "{found}");
    assert!(found.contains("2 faults"), "{found}");
}

#[test]
fn icons_must_be_drawn_where_the_drawings_are_at_hand() {
    let folder = tempfile::tempdir().unwrap();
    let (styles, sprites) = (folder.path().join("styles"), folder.path().join("web/sprites"));
    fs::create_dir_all(&styles).unwrap();
    let style = serde_json::json!({
        "version": 8, "sources": {},
        "layers": [{"id": "a", "type": "background", "paint": {"background-pattern": "wawes"}}]
    });
    fs::write(styles.join("s.json"), style.to_string()).unwrap();
    let check = || text(&urbis().args(["check", "--styles"]).arg(&styles).output().unwrap().stdout);
    assert!(!check().contains("wawes"));
    fs::create_dir_all(&sprites).unwrap();
    fs::write(sprites.join("waves.svg"), "").unwrap();
    let found = check();
    assert!(
        found.contains("icon 'wawes' is no file of web/sprites, did you mean 'waves'?"),
        "{found}"
    );
}

#[test]
fn status_of_a_folder_without_a_node_ends_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for json in [false, true] {
        let mut command = urbis();
        command.args(["status", "--listen", &free.to_string(), "--data-dir"]).arg(folder.path());
        if json {
            command.arg("--json");
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(json, serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok());
    }
}

/// Answers every request as a ready node would, and says who it is.
fn fake_node(name: &'static str) -> std::net::SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut line = String::new();
            while stream.read_line(&mut line).unwrap() > 2 {
                line.clear();
            }
            let answer = format!("HTTP/1.0 200 OK\r\n\r\n{{\"name\": \"{name}\"}}");
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
        }
    });
    address
}

#[test]
fn status_asks_the_node_that_a_flag_names_and_no_other() {
    let (beside, elsewhere) = (fake_node("beside"), fake_node("elsewhere").to_string());
    let folder = tempfile::tempdir().unwrap();
    let announced = serde_json::json!({
        "pid": std::process::id(), "listen": beside, "url": "http://x/", "database_url": "x"
    });
    fs::write(folder.path().join("urbis.json"), announced.to_string()).unwrap();
    let used = folder.path().to_str().unwrap();
    let ask = |args: &[&str], data_dir: &str| {
        let mut command = urbis();
        command.args(["status", "--json"]).args(args);
        // What the environment says names no node: it holds for every command.
        command.env("URBIS_LISTEN", &elsewhere).env("URBIS_DATA_DIR", data_dir);
        let output = command.output().unwrap();
        let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), shown["name"].as_str().map(str::to_owned))
    };
    let found = |name: &str| (Some(0), Some(name.to_owned()));
    assert_eq!(ask(&[], used), found("beside"));
    assert_eq!(ask(&[], "/nope"), found("elsewhere"));
    assert_eq!(ask(&["--data-dir", used], "/nope"), found("beside"));
    assert_eq!(ask(&["--listen", &elsewhere], used), found("elsewhere"));
    assert_eq!(ask(&["--listen", &elsewhere, "--data-dir", used], used), found("elsewhere"));
    assert_eq!(ask(&["--data-dir", "/nope"], used), (Some(3), None));
}

#[test]
fn an_empty_variable_is_not_set() {
    let help = text(&run(&["up", "--help"]).stdout) + &text(&run(&["check", "--help"]).stdout);
    let variables: BTreeSet<&str> = help
        .split("[env: ")
        .skip(1)
        .map(|rest| rest.split('=').next().unwrap().trim_end_matches(']'))
        .collect();
    assert!(variables.contains("URBIS_LISTEN") && variables.len() >= 12, "{variables:?}");
    for args in [&["status", "--data-dir", "/nope"][..], &["check"], &["serve"]] {
        let without = run(args);
        for variable in &variables {
            let with = urbis().args(args).env(variable, "").output().unwrap();
            assert_eq!(with, without, "{variable} {args:?}");
        }
    }
}

#[test]
fn help_says_which_database_a_command_needs_and_the_true_defaults() {
    let serve = text(&run(&["serve", "--help"]).stdout);
    assert!(serve.contains("The PostgreSQL to serve from; required"), "{serve}");
    assert!(!serve.contains("private"), "{serve}");
    assert!(serve.contains("[default: info,sqlx=error]"), "{serve}");
}

#[test]
fn layers_are_listed_for_people_and_scripts() {
    let plain = text(&run(&["layers"]).stdout);
    assert!(plain.contains("\nroad_segment         traffic        MultiLineString "), "{plain}");
    let json = text(&run(&["layers", "--json"]).stdout);
    let ids: Vec<String> = json
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|layer| layer["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(ids.is_sorted() && ids.contains(&"building".to_owned()), "{ids:?}");
}

#[test]
fn results_go_to_standard_output_and_a_closed_pipe_is_no_panic() {
    let output = Command::new("sh")
        .args(["-c", "\"$0\" layers --json | head -c 1; true"])
        .arg(env!("CARGO_BIN_EXE_urbis"))
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(!text(&output.stderr).contains("panicked"), "{output:?}");
}
