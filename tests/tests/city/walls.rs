//! The walls between the crates, proved from the sources and from what cargo resolves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use urbis_tests::ROOT;

/// Dependency to the one crate that may name it.
const OWNERS: [(&str, &str); 4] =
    [("gdal", "ingest"), ("gdal-sys", "ingest"), ("sqlx", "store"), ("axum", "server")];

/// Crate to what it may import, as docs/ARCHITECTURE.md draws it.
const IMPORTS: [(&str, &[&str]); 18] = [
    ("model", &[]),
    ("catalog", &["model"]),
    ("filter", &["model", "catalog"]),
    ("ogc", &["model", "catalog"]),
    ("snapshot", &["model", "catalog"]),
    ("tiles", &["model", "catalog", "snapshot"]),
    ("nearest", &["model", "snapshot"]),
    ("search", &["model", "catalog", "snapshot"]),
    ("network", &["model", "catalog", "snapshot"]),
    ("dispatch", &["model", "catalog", "snapshot", "nearest", "network"]),
    ("store", &["model", "catalog", "filter"]),
    ("ingest", &["model", "catalog"]),
    ("synth", &["model", "catalog"]),
    ("qgis", &["model", "catalog"]),
    ("export", &["model", "catalog"]),
    ("cluster", &[]),
    (
        "server",
        &[
            "model", "catalog", "filter", "ogc", "snapshot", "tiles", "nearest", "search",
            "network", "dispatch", "store", "qgis", "export",
        ],
    ),
    (
        "cli",
        &["model", "catalog", "qgis", "export", "store", "ingest", "synth", "server", "cluster"],
    ),
];

#[test]
fn each_crate_depends_only_on_what_lies_below_it() {
    let allowed: BTreeMap<&str, &[&str]> = IMPORTS.into_iter().collect();
    for (name, dependencies) in resolved_dependencies() {
        let Some(krate) = name.strip_prefix("urbis-").filter(|name| *name != "tests") else {
            continue;
        };
        let allowed = allowed.get(krate).unwrap_or_else(|| panic!("crate {krate} is not drawn"));
        for dependency in dependencies {
            if let Some(below) = dependency.strip_prefix("urbis-") {
                assert!(allowed.contains(&below), "{krate} imports {below}");
            }
            for (walled, owner) in OWNERS {
                assert!(dependency != walled || krate == owner, "{krate} depends on {walled}");
            }
        }
    }
}

#[test]
fn only_the_command_reads_the_environment() {
    for file in rust_files(&ROOT.join("crates")) {
        if file.starts_with(ROOT.join("crates/cli")) || is_test_or_build_script(&file) {
            continue;
        }
        let text = fs::read_to_string(&file).expect("a source file is UTF-8");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for word in ["env::var", "env::vars", "env::set_var"] {
            assert!(!code.contains(word), "{} reads the environment", file.display());
        }
    }
}

/// Normal dependencies of each workspace crate by the names that cargo knows.
fn resolved_dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(&*ROOT)
        .output()
        .expect("cargo starts");
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let text = |value: &serde_json::Value| value.as_str().expect("a name").to_owned();
    metadata["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().expect("dependencies");
            let normal = dependencies.iter().filter(|dependency| dependency["kind"].is_null());
            (text(&package["name"]), normal.map(|dependency| text(&dependency["name"])).collect())
        })
        .collect()
}

fn is_test_or_build_script(file: &Path) -> bool {
    file.ends_with("build.rs") || file.components().any(|part| part.as_os_str() == "tests")
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the sources are there");
    let paths = entries.map(|entry| entry.expect("the sources are readable").path());
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
