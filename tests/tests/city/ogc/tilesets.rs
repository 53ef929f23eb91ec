//! Tilesets as ets-ogcapi-tiles10 reads them, and their tiles beside those of `/tiles`.

use serde_json::Value;
use urbis_tests::City;

use super::{href, json, link, ok, path_of};

const MVT: &str = "application/vnd.mapbox-vector-tile";

#[test]
fn tilesets_are_found_and_their_tiles_are_those_of_the_map() {
    let city = City::start();
    let landing = json(&city, "/ogc");
    let rel = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector";
    let of_all = path_of(&city, href(&landing, rel)).to_owned();
    let collection = json(&city, "/ogc/collections/admin_unit");
    let of_layer = path_of(&city, href(&collection, rel)).to_owned();
    for (path, names) in [(of_all, None), (of_layer, Some("admin_unit"))] {
        let tilesets = json(&city, &path);
        let entry = &tilesets["tilesets"][0];
        assert_eq!(
            (&entry["dataType"], &entry["tileMatrixSetId"]),
            (&"vector".into(), &"WebMercatorQuad".into())
        );
        let tileset = json(&city, path_of(&city, href(entry, "self")));
        assert_eq!(tileset["tileMatrixSetLimits"], entry["tileMatrixSetLimits"]);
        let grid = link(&tileset, "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme");
        let grid = grid.expect("a grid")["href"].as_str().expect("an address");
        assert_eq!(json(&city, path_of(&city, grid))["id"], "WebMercatorQuad");
        let item = link(&tileset, "item").expect("a link to tiles");
        assert_eq!((&item["type"], &item["templated"]), (&MVT.into(), &true.into()));
        let template = path_of(&city, item["href"].as_str().expect("an address")).to_owned();
        assert!(template.ends_with("/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}"));
        tiles_of(&city, &template, &tileset, names);
        ok(&city, path_of(&city, href(&tileset, "describedby")));
    }
}

fn tiles_of(city: &City, template: &str, tileset: &Value, names: Option<&str>) {
    let fill = |zoom: &str, row: u64, column: u64| {
        let filled = template.replace("{tileMatrix}", zoom).replace("{tileRow}", &row.to_string());
        filled.replace("{tileCol}", &column.to_string())
    };
    let limits = tileset["tileMatrixSetLimits"].as_array().expect("limits");
    let mut with_features = 0;
    for limit in limits {
        let zoom = limit["tileMatrix"].as_str().expect("a zoom");
        let number = |name: &str| limit[name].as_u64().expect("a number");
        let [first_row, last_row] = ["minTileRow", "maxTileRow"].map(number);
        let [first_column, last_column] = ["minTileCol", "maxTileCol"].map(number);
        for (row, column) in [(first_row, first_column), (last_row, last_column)] {
            let answer = city.fetch(&fill(zoom, row, column));
            assert!([200, 204].contains(&answer.status), "{}", answer.status);
            with_features += usize::from(answer.status == 200);
        }
        for (row, column) in [(last_row + 1, first_column), (first_row, last_column + 1)] {
            let answer = city.fetch(&fill(zoom, row, column));
            assert!([400, 404].contains(&answer.status), "{}", answer.status);
        }
    }
    assert!(with_features > 0, "no tile of {template} holds anything");
    for zoom in ["00", "-1", "99", "x"] {
        assert!([400, 404].contains(&city.fetch(&fill(zoom, 0, 0)).status), "{zoom}");
    }
    let Some(names) = names else { return };
    // Row before column here, column before row in XYZ.
    let ours = ok(city, &fill("12", 1863, 3279));
    assert_eq!(ours.header("content-type"), Some(MVT));
    let twin = ok(city, &format!("/tiles/{names}/12/3279/1863"));
    assert_eq!((ours.body, ours.headers.get("etag")), (twin.body, twin.headers.get("etag")));
}

#[test]
fn styles_are_those_of_the_map() {
    let city = City::start();
    let styles = json(&city, "/ogc/styles");
    let listed = styles["styles"].as_array().expect("styles");
    assert!(listed.len() > 1);
    for style in listed {
        let id = style["id"].as_str().expect("an id");
        let sheet = ok(&city, path_of(&city, href(style, "stylesheet")));
        assert_eq!(sheet.header("content-type"), Some("application/vnd.mapbox.style+json"));
        assert_eq!(sheet.json(), json(&city, &format!("/styles/{id}")));
        for path in [format!("/styles/{id}/qgis"), format!("/styles/{id}/qgis/admin_unit")] {
            let sheet = ok(&city, &format!("/ogc{path}"));
            assert_eq!(sheet.header("content-type"), Some("application/vnd.mapbox.style+json"));
            assert_eq!(sheet.json(), json(&city, &path));
        }
    }
    assert_eq!(city.fetch("/ogc/styles/nothing").status, 404);
    assert_eq!(city.fetch("/ogc/styles/danang?f=html").status, 400);
    assert_eq!(city.fetch("/ogc/styles/danang?f=mbs").status, 200);
}
