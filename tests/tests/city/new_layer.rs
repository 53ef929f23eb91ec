//! A new layer is one file and no Rust: from its TOML and a CSV in VN-2000 to tile and nearest.

use std::fs;
use std::path::Path;
use std::process::Output;

use fast_mvt::MvtGeometry;
use urbis_tests::{City, Value, decode, empty_database, urbis};

const LAYER: &str = r##"
theme = "fire_water"
theme_title = { vi = "Nước chữa cháy", en = "Water for fire-fighting" }
title = { vi = "Trụ nước chữa cháy", en = "Fire hydrants" }
description = { vi = "Mỗi trụ một điểm.", en = "One point each." }
geometry = "Point"
storage_srid = 5899
openness = "open"
facility = true
key = "asset_no"

[[sources]]
file = "hydrants.csv"
crs = "EPSG:5899"
xy = ["X", "Y"]
publisher = "made for this test"
licence = "CC0-1.0"
retrieved = 2026-11-22
fields = { asset_no = ["SO_TRU"], flow_l_per_s = ["LUU_LUONG"], owner = ["CHU"], state = ["TINH_TRANG"], uses = ["DUNG"], ports = ["SO_HONG"], working = ["HOAT_DONG"], installed = ["NGAY_LAP"], checked_at = ["KIEM_TRA"] }

[tiles]
minzoom = 13
maxzoom = 16
attributes = ["asset_no", "flow_l_per_s", "owner", "state", "uses", "ports", "working", "installed", "checked_at"]

[[attributes]]
name = "asset_no"
title = { vi = "Số trụ", en = "Number" }
type = "text"
required = true

[[attributes]]
name = "flow_l_per_s"
title = { vi = "Lưu lượng (l/s)", en = "Flow (l/s)" }
type = "float"
unit = "l/s"
range = [0.0, 200.0]

[[attributes]]
name = "owner"
title = { vi = "Chủ", en = "Owner" }
type = "text"
openness = "restricted"

[[attributes]]
name = "state"
title = { vi = "Tình trạng", en = "State" }
type = "code"

[attributes.values]
good = { vi = "tốt", en = "good", color = "#2b8a3e", from = ["tot"] }
weak = { vi = "yếu", en = "weak", color = "#e8590c", from_start = ["yeu"] }
secret = { vi = "mật", en = "secret" }

[[attributes]]
name = "uses"
title = { vi = "Công dụng", en = "Uses" }
type = "codes"

[attributes.values]
fire = { vi = "chữa cháy", en = "fire" }
park = { vi = "tưới cây", en = "watering" }

[[attributes]]
name = "ports"
title = { vi = "Số họng", en = "Outlets" }
type = "integer"

[[attributes]]
name = "working"
title = { vi = "Hoạt động", en = "Working" }
type = "boolean"

[[attributes]]
name = "installed"
title = { vi = "Ngày lắp", en = "Installed" }
type = "date"

[[attributes]]
name = "checked_at"
title = { vi = "Kiểm tra lúc", en = "Checked at" }
type = "datetime"

[openness_by]
attribute = "state"
levels = { secret = "restricted" }

[[examples]]
title = "a hydrant, flow with a decimal comma"
input = { geometry = "POINT (550840.1548 1776387.4104)", SO_TRU = "H-1", LUU_LUONG = "16,7" }
output = { asset_no = "H-1", flow_l_per_s = 16.7 }

[[examples]]
title = "a flow typed in litres a minute"
input = { geometry = "POINT (550840.1548 1776387.4104)", SO_TRU = "H-2", LUU_LUONG = "1000" }
fault = "attribute_out_of_range"
"##;

/// The first place is the golden vector 108.2270 E, 16.0610 N.
const HYDRANTS: &str = "\
SO_TRU;LUU_LUONG;CHU;X;Y;TINH_TRANG;DUNG;SO_HONG;HOAT_DONG;NGAY_LAP;KIEM_TRA
H-1;16,7;Nguyễn Văn A;550840,1548;1776387,4104;tot;park, fire;3;có;01/07/2025;2026-11-01T08:00:00+07:00
H-2;9,5;Trần Thị B;550900,0;1776400,0;yeu lam;fire;2;không;2024-02-29;
H-3;9,5;Lê Văn C;550850,0;1776390,0;secret;fire;2;không;2024-02-29;
";

#[test]
fn a_new_layer_is_one_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let layers = folder.path().join("layers");
    fs::create_dir(&layers).expect("the folder is ours");
    fs::write(layers.join("fire_hydrant.toml"), LAYER).expect("the folder is ours");
    let file = folder.path().join("hydrants.csv");
    fs::write(&file, HYDRANTS).expect("the folder is ours");
    let database_url = empty_database();

    run(&["migrate", "--database-url", &database_url], &layers);
    let file = file.to_str().expect("a plain path");
    let import = ["import", "fire_hydrant", file, "--json", "--database-url", &database_url];
    let report: serde_json::Value =
        serde_json::from_slice(&run(&import, &layers).stdout).expect("a report in JSON");
    assert_eq!((&report["inserted"], &report["rejected"]), (&3.into(), &0.into()), "{report}");

    let city = City::serve_layers(database_url, layers);
    check_tile(&city);
    check_nearest(&city);
    check_legend(&city);
    check_style(&city);
    let pages = ["/layers", "/tiles/fire_hydrant", "/at?lon=108.227&lat=16.061"];
    for page in pages.map(|path| city.fetch(path).text()) {
        assert!(!page.contains("owner") && !page.contains("Nguyễn"), "restricted: {page}");
    }
}

fn run(args: &[&str], layers: &Path) -> Output {
    let output = urbis().args(args).arg("--layers").arg(layers).output().expect("urbis starts");
    assert!(output.status.success(), "{args:?}\n{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn check_tile(city: &City) {
    // Tile and unit of the golden vector: floor and fraction of its place on the z16 grid.
    let tile = decode(&city.fetch("/tiles/fire_water/16/52470/29805").body, "fire_hydrant");
    let hydrant = tile
        .values()
        .find(|hydrant| hydrant.attributes.get("asset_no") == Some(&Value::Text("H-1".into())))
        .expect("the hydrant is in its tile");
    assert_eq!(hydrant.attributes.get("flow_l_per_s"), Some(&Value::Number(16.7)));
    assert_eq!(hydrant.attributes.get("owner"), None, "a restricted attribute is cut out");
    for (name, value) in [
        ("state", Value::Text("good".into())),
        ("uses", Value::Text("park+fire".into())),
        ("ports", Value::Number(3.0)),
        ("working", Value::Bool(true)),
        ("installed", Value::Text("2025-07-01".into())),
        ("checked_at", Value::Text("2026-11-01T01:00:00Z".into())),
    ] {
        assert_eq!(hydrant.attributes.get(name), Some(&value), "{name}");
    }
    assert_eq!(tile.len(), 2, "the secret hydrant is not there");
    let MvtGeometry::Point(place) = &hydrant.geometry else { panic!("{:?}", hydrant.geometry) };
    let (x, y) = world_16(108.2270, 16.0610);
    let expected = ((x - 52470.0) * 4096.0, (y - 29805.0) * 4096.0);
    let apart = (f64::from(place.x()) - expected.0).hypot(f64::from(place.y()) - expected.1);
    assert!(apart <= 1.0, "{place:?} is {apart} units from {expected:?}");
}

/// Column and row on the grid of zoom 16, with their fractions.
fn world_16(lon: f64, lat: f64) -> (f64, f64) {
    let count = f64::from(1 << 16);
    let y = 0.5 - lat.to_radians().tan().asinh() / std::f64::consts::TAU;
    ((lon / 360.0 + 0.5) * count, y * count)
}

fn check_nearest(city: &City) {
    let answer = city.fetch("/nearest/fire_hydrant?lon=108.227&lat=16.061&limit=2").json();
    let hydrants = answer["features"].as_array().expect("features");
    assert_eq!(hydrants[0]["properties"]["asset_no"], "H-1");
    assert!(hydrants[0]["properties"]["distance_m"].as_f64() < Some(0.02), "{answer}");
    assert_eq!(hydrants[1]["properties"]["asset_no"], "H-2");
    assert!(hydrants[1]["properties"].get("owner").is_none(), "{answer}");
}

/// No style names the layer, and the map draws it in the colours of its list all the same.
fn check_style(city: &City) {
    let style = city.fetch("/styles/danang").json();
    let drawn = style["layers"].as_array().expect("layers");
    let drawn = drawn.iter().find(|entry| entry["source-layer"] == "fire_hydrant");
    let paint = &drawn.expect("the layer is drawn")["paint"]["circle-color"];
    assert_eq!(paint[0], "match");
    assert!(paint.to_string().contains("#2b8a3e"), "{paint}");
    assert!(!style.to_string().contains("secret"), "{style}");
    let url = style["sources"]["fire_water"]["url"].as_str().expect("a source of its theme");
    assert_eq!(url, format!("{}/tiles/fire_water", city.base));
}

/// The theme, the count and the coloured list of the legend; and the operator sees the rest.
fn check_legend(city: &City) {
    let open = city.fetch("/layers").json();
    assert_eq!(open["themes"][0]["title"]["en"], "Water for fire-fighting", "{open}");
    let layer = &open["layers"][0];
    assert_eq!(layer["count"], 2);
    let state = &layer["attributes"][2];
    assert_eq!(state["values"]["good"]["color"], "#2b8a3e", "{layer}");
    assert_eq!(state["values"]["weak"]["vi"], "yếu");
    assert!(state["values"].get("secret").is_none(), "what nobody may see has no word: {state}");
    let fields = city.fetch("/tiles/fire_water").json();
    let fields = fields["vector_layers"][0]["fields"].as_object().expect("fields").clone();
    assert!(fields.contains_key("uses") && !fields.contains_key("owner"));

    let key = city.key("restricted");
    let all = city.fetch_with(&key, "/layers").json();
    assert_eq!(all["layers"][0]["count"], 3);
    assert!(all.to_string().contains("secret") && all.to_string().contains("owner"));
}
