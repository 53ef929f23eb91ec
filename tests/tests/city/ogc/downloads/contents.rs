//! What files hold, against the tables by `psql` and as GDAL reads it.

use urbis_catalog::Catalog;
use urbis_model::Openness;
use urbis_tests::{Answer, City, ROOT, synthetic_database};

use super::{FORMATS, address, line, ogrinfo, whole_city};
use crate::ogc::{json, link, ok};
use crate::rows::seen_by;

/// Names that spreadsheets run, quotes, and what is none of both.
const NAMES: [&str; 5] = ["=1+1", "a,\"b\"\nc", "+84 236 3822", "Trạm 'Đ'", "@x"];

#[test]
fn files_hold_what_the_tables_hold() {
    let city = City::serve(synthetic_database());
    every_format_has_every_feature_in_its_crs(&city);
    filters_boxes_and_crs_are_those_of_items(&city);
    csv_comes_back_as_it_was(&city);
    the_whole_city_is_one_file(&city);
    files_say_what_they_are(&city);
    wrong_questions_are_refused(&city);
}

fn every_format_has_every_feature_in_its_crs(city: &City) {
    let catalog = Catalog::load(&ROOT.join("layers")).expect("the catalogue is valid");
    for (id, kind) in
        [("bus_stop", "Point"), ("road_segment", "Multi Line String"), ("parcel", "Multi Polygon")]
    {
        let layer = catalog.layers().find(|layer| layer.id.as_str() == id).expect("the layer");
        let rows = seen_by(layer, Openness::Open);
        let stored = city.psql(&format!("SELECT count(*) FROM layer.{id} WHERE {rows}"));
        assert!(stored != "0", "{id} is empty");
        for format in FORMATS {
            let answer = ok(city, &address(id, format));
            let said = ogrinfo(&answer, id, format);
            assert_eq!(line(&said, "Feature Count:"), stored, "{id} {format}");
            if !matches!(format, "csv" | "shp") {
                assert_eq!(line(&said, "Geometry:"), kind, "{id} {format}");
            }
            let is_in_degrees = format == "geojson" || id != "parcel";
            let crs = if is_in_degrees { "WGS 84" } else { "VN-2000 / TM-3 107-45" };
            assert!(format == "csv" || said.contains(crs), "{id} {format}: {said}");
        }
    }
    let said = ogrinfo(&ok(city, &address("parcel", "gpkg")), "parcel", "gpkg");
    assert!(said.contains(r#"ID["EPSG",5899]]"#), "{said}");
    for (column, kind) in [
        ("feature_id:", "Integer64 (0.0)"),
        ("area_m2:", "Real (0.0)"),
        ("sheet_no:", "String (0.0)"),
    ] {
        assert_eq!(line(&said, column), kind);
    }
}

fn filters_boxes_and_crs_are_those_of_items(city: &City) {
    let query = "bbox=108.1,16,108.3,16.1&filter=type%20%3D%20'ward'";
    let items = json(city, &format!("/ogc/collections/admin_unit/items?limit=1000&{query}"));
    let expected = items["numberMatched"].to_string();
    assert!(expected != "0");
    for format in FORMATS {
        let answer = ok(city, &format!("{}&{query}", address("admin_unit", format)));
        let said = ogrinfo(&answer, "admin_unit", format);
        assert_eq!(line(&said, "Feature Count:"), expected, "{format}");
    }
    // GeoJSON has the same features as the pages of items.
    let file = json(city, &format!("{}&{query}", address("admin_unit", "geojson")));
    assert_eq!(file["features"], items["features"]);
    assert!(file["licence"].is_string() && file["attribution"].is_string());
    // A day before the wards of today.
    let before = "datetime=2025-06-30T12:00:00Z";
    let path = format!("/ogc/collections/admin_unit/items?{before}");
    let expected = json(city, &path)["numberMatched"].to_string();
    let answer = ok(city, &format!("{}&{before}", address("admin_unit", "gpkg")));
    let said = ogrinfo(&answer, "admin_unit", "gpkg");
    assert_eq!(line(&said, "Feature Count:"), expected);
    // x before y, whatever the CRS.
    let crs = "crs=http://www.opengis.net/def/crs/EPSG/0";
    for (srid, named) in [(3405, "3405"), (5899, "5899"), (4326, "CRS84")] {
        let answer = ok(city, &format!("{}&{crs}/{srid}", address("bus_stop", "geojson")));
        assert!(answer.header("content-crs").is_some_and(|uri| uri.contains(named)));
        let file = answer.json();
        let id = file["features"][0]["id"].as_u64().expect("an id");
        let place = city.psql(&format!(
            "SELECT ST_X(g), ST_Y(g) FROM (SELECT ST_Transform(geom, {srid}) AS g \
             FROM layer.bus_stop WHERE feature_id = {id}) t"
        ));
        let place: Vec<f64> =
            place.split('|').map(|number| number.parse().expect("a number")).collect();
        let written = &file["features"][0]["geometry"]["coordinates"];
        for (axis, expected) in place.iter().enumerate() {
            let found = written[axis].as_f64().expect("a number");
            // Millimetres, or a centimetre in degrees, are what is written.
            assert!((found - expected).abs() < 0.001, "{srid}: {written}");
        }
    }
}

/// Texts that spreadsheets would run are guarded, and come back by taking one apostrophe away.
fn csv_comes_back_as_it_was(city: &City) {
    let ids = city.psql("SELECT feature_id FROM layer.bus_stop ORDER BY feature_id LIMIT 5");
    let ids: Vec<&str> = ids.lines().collect();
    for (id, name) in ids.iter().zip(NAMES) {
        let name = name.replace('\'', "''");
        city.edit(&format!("UPDATE layer.bus_stop SET name = '{name}' WHERE feature_id = {id}"));
    }
    let answer = ok(city, &address("bus_stop", "csv"));
    let text = answer.text();
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    let rows = read_csv(text);
    let column = |name: &str| rows[0].iter().position(|known| known == name).expect(name);
    let (name, lon) = (column("name"), column("lon"));
    let is_guarded = |text: &str| {
        let bare = text.trim_start_matches('\'');
        bare.len() < text.len() && bare.starts_with(['=', '+', '-', '@'])
    };
    for (id, expected) in ids.iter().zip(NAMES) {
        let row = rows.iter().find(|row| row[0] == **id).expect("the row");
        let runs = row[name].starts_with(['=', '@']);
        assert!(!runs, "{}", row[name]);
        let found = if is_guarded(&row[name]) { &row[name][1..] } else { &row[name] };
        assert_eq!(found, expected);
        let stored =
            city.psql(&format!("SELECT ST_X(geom) FROM layer.bus_stop WHERE feature_id = {id}"));
        let stored: f64 = stored.parse().expect("a number");
        let written: f64 = row[lon].parse().expect("a number");
        assert!((stored - written).abs() < 1e-7);
    }
}

/// RFC 4180, read without our code.
fn read_csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut letters) = (false, text.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            other => cell.push(other),
        }
    }
    rows
}

fn the_whole_city_is_one_file(city: &City) {
    let answer = whole_city(city);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let catalog = Catalog::load(&ROOT.join("layers")).expect("the catalogue is valid");
    for layer in catalog.layers().filter(|layer| layer.openness == Openness::Open) {
        let rows = seen_by(layer, Openness::Open);
        let stored = city.psql(&format!("SELECT count(*) FROM layer.{} WHERE {rows}", layer.id));
        let said = ogrinfo(&answer, layer.id.as_str(), "gpkg");
        assert_eq!(line(&said, "Feature Count:"), stored, "{}", layer.id);
        assert!(said.contains(&format!("IDENTIFIER={}", layer.title.vi)), "{said}");
        assert!(said.contains("licence"), "{said}");
    }
    let styles = ogrinfo(&answer, "layer_styles", "gpkg");
    let count = catalog.layers().filter(|layer| layer.openness == Openness::Open).count();
    assert_eq!(line(&styles, "Feature Count:"), count.to_string());
    // Made once: the same file until the city changes.
    let again = whole_city(city);
    assert_eq!(again.header("etag"), answer.header("etag"));
    assert!(again.body == answer.body);
    let etag = answer.header("etag").expect("a validator");
    let held = city.request("GET", "/ogc/download?f=gpkg", &[("If-None-Match", etag)]);
    assert_eq!(held.status, 304);
    city.edit("UPDATE layer.bus_stop SET name = 'đổi' WHERE feature_id = (SELECT min(feature_id) FROM layer.bus_stop)");
    let changed = whole_city(city);
    assert_ne!(changed.header("etag"), answer.header("etag"));
    assert!(crate::canary::holds(&changed.body, "đổi"));
}

fn files_say_what_they_are(city: &City) {
    let collection = json(city, "/ogc/collections/bus_stop");
    let links = collection["links"].as_array().expect("links");
    let files: Vec<_> = links.iter().filter(|link| link["rel"] == "enclosure").collect();
    assert_eq!(files.len(), FORMATS.len());
    for file in files {
        let href = file["href"].as_str().expect("an address");
        let path = crate::ogc::path_of(city, href);
        let answer = ok(city, path);
        assert_eq!(answer.header("content-type"), file["type"].as_str(), "{path}");
        let name = answer.header("content-disposition").expect("a name");
        assert!(name.starts_with("attachment; filename=\"danang_bus_stop_20"), "{name}");
        assert!(name.contains("filename*=UTF-8''%C4%90%C3%A0%20N%E1%BA%B5ng"), "{name}");
        let head = city.request("HEAD", path, &[]);
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        for header in ["content-type", "content-disposition", "content-crs"] {
            assert_eq!(head.header(header), answer.header(header), "{path}");
        }
        // The position in the changes goes on with every transaction of the server.
        let links = |answer: &Answer| {
            let links = answer.header("link").expect("links");
            links.split_once("?since=").expect("a position").0.to_owned()
        };
        assert_eq!(links(&head), links(&answer), "{path}");
        let options = city.request("OPTIONS", path, &[]);
        assert_eq!(options.status, 200);
        assert_eq!(options.header("allow"), Some("GET, HEAD, OPTIONS"));
    }
    let landing = json(city, "/ogc");
    let whole = link(&landing, "enclosure").expect("a link to the whole city");
    assert_eq!(whole["type"], "application/geopackage+sqlite3");
    let page = ok(city, "/ogc/collections/bus_stop?f=html").text();
    FORMATS.iter().for_each(|format| assert!(page.contains(&format!("/download?f={format}"))));
    let definition = json(city, "/ogc/api");
    assert!(definition["paths"]["/collections/bus_stop/download"]["get"].is_object());
}

fn wrong_questions_are_refused(city: &City) {
    for (query, code) in [
        ("", "missing_parameter"),
        ("f=xml", "invalid_parameter"),
        ("f=csv&limit=1", "unknown_parameter"),
        ("f=csv&f=fgb", "duplicate_parameter"),
        ("f=gpkg&filter=no_such%20%3D%201", "filter_property_unknown"),
        ("f=gpkg&crs=EPSG:5899", "invalid_parameter"),
        ("f=gpkg&bbox=1,2,3", "invalid_parameter"),
    ] {
        let answer = city.fetch(&format!("/ogc/collections/bus_stop/download?{query}"));
        assert_eq!((answer.status, &answer.json()["code"]), (400, &code.into()), "{query}");
    }
    let answer = city.fetch("/ogc/download?f=csv");
    assert_eq!(answer.status, 400, "{}", answer.text());
}
