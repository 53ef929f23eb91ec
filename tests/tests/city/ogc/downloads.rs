//! Files to take home: all of what the caller may see, nothing else, whole or not at all.

mod broken;
mod contents;
mod cut;

use std::process::Command;

use urbis_tests::{Answer, City};

/// The formats by the names that `f` has for them.
const FORMATS: [&str; 5] = ["gpkg", "fgb", "geojson", "csv", "shp"];

/// Address of a layer as a file.
fn address(layer: &str, format: &str) -> String {
    format!("/ogc/collections/{layer}/download?f={format}")
}

/// What GDAL makes of a file of a layer.
fn ogrinfo(answer: &Answer, layer: &str, format: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let ending = if format == "shp" { "zip" } else { format };
    let path = folder.path().join(format!("{layer}.{ending}"));
    std::fs::write(&path, &answer.body).expect("the file is written");
    let path = match format {
        // An absolute path keeps its slash.
        "shp" => format!("/vsizip/{}", path.display()).into(),
        _ => path,
    };
    let columns = ["GEOM_POSSIBLE_NAMES=geom_wkt", "X_POSSIBLE_NAMES=lon", "Y_POSSIBLE_NAMES=lat"];
    let options = columns.into_iter().filter(|_| format == "csv").flat_map(|it| ["-oo", it]);
    let output = Command::new("ogrinfo")
        .args(["-ro", "-so"])
        .args(options)
        .arg(path)
        .arg(layer)
        .output()
        .expect("ogrinfo starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaint.is_empty(), "{format}: {complaint}{said}");
    said
}

/// The value of a line of what GDAL says.
fn line<'a>(said: &'a str, name: &str) -> &'a str {
    let found = said.lines().find_map(|line| line.strip_prefix(name));
    found.unwrap_or_else(|| panic!("no '{name}' in {said}")).trim()
}

/// The bytes of a file as its readers see them: what is packed is unpacked.
fn unpacked(answer: &Answer, format: &str) -> Vec<u8> {
    if format != "shp" {
        return answer.body.clone();
    }
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    std::io::Write::write_all(&mut file, &answer.body).expect("the file is written");
    let output = Command::new("unzip").arg("-p").arg(file.path()).output().expect("unzip starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Files in the folder of a node that are being made, or were left: those of the whole city are
/// kept.
fn unfinished(city: &City) -> usize {
    let nodes = std::fs::read_dir(city.downloads_dir()).expect("the folder is there");
    let folders = nodes.map(|entry| entry.expect("the folder is readable").path());
    folders
        .flat_map(|folder| std::fs::read_dir(folder).expect("the folder is readable"))
        .filter(|entry| entry.as_ref().expect("an entry").path().is_dir())
        .count()
}

/// A file of the whole city.
fn whole_city(city: &City) -> Answer {
    city.fetch("/ogc/download?f=gpkg")
}
