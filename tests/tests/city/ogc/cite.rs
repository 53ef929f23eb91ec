//! What CITE asserts of OGC API Features, parts 1 and 2, and what it needs of the definition.

use std::collections::BTreeSet;

use serde_json::Value;
use urbis_tests::City;

use super::{CRS84, href, json, link, ok, path_of};

#[test]
fn the_assertions_of_cite_hold() {
    let city = City::start();
    landing_page_and_definition_are_found(&city);
    collections_agree_with_themselves(&city);
    encodings_are_linked_and_told_by_their_types(&city);
    boxes_anywhere_on_earth_are_answered(&city);
    parameters_are_refused_unless_they_are_known(&city);
    every_page_is_counted(&city);
    crs_are_named_and_axes_are_theirs(&city);
    methods_are_those_that_are_allowed(&city);
}

fn landing_page_and_definition_are_found(city: &City) {
    for path in ["/ogc", "/ogc/"] {
        let answer = ok(city, path);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let landing = answer.json();
        for rel in ["service-desc", "service-doc", "conformance", "data", "self", "alternate"] {
            assert!(link(&landing, rel).is_some(), "no link '{rel}'");
        }
    }
    let landing = json(city, "/ogc");
    let kind = "application/vnd.oai.openapi+json;version=3.0";
    assert_eq!(link(&landing, "service-desc").expect("a link")["type"], kind);
    let api = path_of(city, href(&landing, "service-desc")).to_owned();
    let answer = city.request("GET", &api, &[("Accept", kind)]);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)));
    let api = answer.json();
    assert!(api["openapi"].as_str().expect("a version").starts_with("3.0."));
    assert_eq!(api["servers"][0]["url"], format!("{}/ogc", city.base));
    let limit = &api["components"]["parameters"]["limit"];
    assert_eq!(limit["in"], "query");
    assert_eq!(limit["explode"], false);
    let schema = &limit["schema"];
    assert_eq!((&schema["minimum"], &schema["default"]), (&1.into(), &10.into()));
    // CITE follows four pages of this size, and compares counts up to 10,000 features.
    assert!(schema["maximum"].as_u64().expect("a number") >= 2_500);
    let bbox = &api["components"]["parameters"]["bbox"]["schema"];
    assert_eq!((&bbox["minItems"], &bbox["maxItems"]), (&4.into(), &6.into()));
    for path in ["/conformance", "/collections", "/collections/{collectionId}"] {
        assert!(api["paths"][path]["get"].is_object(), "{path} is not defined");
    }
    let items = &api["paths"]["/collections/admin_unit/items"]["get"]["parameters"];
    for name in ["limit", "bbox", "datetime"] {
        let reference = format!("#/components/parameters/{name}");
        let items = items.as_array().expect("parameters");
        assert!(items.iter().any(|parameter| parameter["$ref"] == reference), "no {name}");
    }
}

fn collections_agree_with_themselves(city: &City) {
    let collections = json(city, "/ogc/collections");
    assert_eq!(collections["crs"][0], CRS84);
    let listed = collections["collections"].as_array().expect("collections");
    let mut with_features = 0;
    for entry in listed {
        let id = entry["id"].as_str().expect("an id");
        let alone = json(city, path_of(city, href(entry, "self")));
        for member in ["id", "title", "description", "extent", "crs", "storageCrs"] {
            assert_eq!(entry[member], alone[member], "{id} {member}");
        }
        let crs = entry["crs"].as_array().expect("a list");
        assert!(crs.contains(&CRS84.into()) && crs.contains(&entry["storageCrs"]), "{id}");
        let items = link(entry, "items").expect("a link to the features");
        assert_eq!(items["type"], "application/geo+json");
        assert_eq!(items["href"], format!("{}/ogc/collections/{id}/items", city.base));
        let first = json(city, path_of(city, href(entry, "items")));
        let box_of = entry["extent"]["spatial"]["bbox"][0].as_array().expect("a box");
        assert_eq!(box_of.len(), 4);
        with_features += usize::from(first["numberReturned"] != 0);
    }
    assert!(with_features > 5, "only {with_features} collections hold a feature");
    for path in
        ["/ogc/collections/nothing", "/ogc/collections/land", "/ogc/collections/nothing/items"]
    {
        assert_eq!(city.fetch(path).status, 404, "{path}");
    }
}

fn encodings_are_linked_and_told_by_their_types(city: &City) {
    let feature = json(city, "/ogc/collections/admin_unit/items?limit=1")["features"][0].clone();
    let item = format!("/ogc/collections/admin_unit/items/{}", feature["id"]);
    for (path, kind) in [
        ("/ogc", "application/json"),
        ("/ogc/conformance", "application/json"),
        ("/ogc/collections", "application/json"),
        ("/ogc/collections/admin_unit", "application/json"),
        ("/ogc/collections/admin_unit/queryables", "application/schema+json"),
        ("/ogc/collections/admin_unit/schema", "application/schema+json"),
        ("/ogc/collections/admin_unit/items", "application/geo+json"),
        (item.as_str(), "application/geo+json"),
        ("/ogc/tiles", "application/json"),
        ("/ogc/styles", "application/json"),
    ] {
        let answer = ok(city, path);
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
        let document = answer.json();
        if link(&document, "self").is_some() {
            let page = link(&document, "alternate").expect("a link to the page");
            assert_eq!(page["type"], "text/html", "{path}");
            let page = path_of(city, page["href"].as_str().expect("an address")).to_owned();
            assert_eq!(ok(city, &page).header("content-type"), Some("text/html; charset=utf-8"));
        }
        for accept in ["text/html", "text/html,application/xhtml+xml,*/*;q=0.8"] {
            let page = city.request("GET", path, &[("Accept", accept)]);
            assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
            assert!(page.header("content-security-policy").is_some(), "{path}");
            assert!(page.header("vary").is_some_and(|vary| vary.contains("Accept")), "{path}");
        }
        assert_eq!(ok(city, &format!("{path}?f=json")).header("content-type"), Some(kind));
    }
    let item = json(city, &item);
    assert_eq!(item["type"], "Feature");
    assert_eq!(href(&item, "collection"), format!("{}/ogc/collections/admin_unit", city.base));
    assert_eq!(item["properties"], feature["properties"]);
}

fn boxes_anywhere_on_earth_are_answered(city: &City) {
    for bbox in [
        "-1.5,50.0,1.5,53.0",
        "-80.0,-5.0,-70.0,5.0",
        "177.0,65.0,-177.0,70.0",
        "-180.0,85.0,180.0,90.0",
        "-180.0,-90.0,180.0,-85.0",
    ] {
        let found = json(city, &format!("/ogc/collections/admin_unit/items?bbox={bbox}"));
        assert_eq!((&found["numberMatched"], &found["numberReturned"]), (&0.into(), &0.into()));
        assert_eq!(found["features"].as_array().map(Vec::len), Some(0), "{bbox}");
    }
    let flat = json(city, "/ogc/collections/admin_unit/items?bbox=108.2,16.0,108.25,16.1");
    let tall = json(city, "/ogc/collections/admin_unit/items?bbox=108.2,16.0,0,108.25,16.1,99");
    assert_ne!(flat["numberMatched"], 0);
    assert_eq!(flat["features"], tall["features"]);
}

fn parameters_are_refused_unless_they_are_known(city: &City) {
    for query in [
        "unknownQueryParameter12345=1",
        "limit=unlimited",
        "limit=0",
        "limit=-1",
        "limit=1&limit=2",
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "bbox=1,2,3,4,5",
        "bbox=0,10,1,5",
        "bbox-crs=http://www.opengis.net/def/crs/EPSG/0/9999&bbox=1,2,3,4",
        "crs=http://www.opengis.net/def/crs/EPSG/0/9999",
        "datetime=yesterday",
        "datetime=2025-07-01/2025-06-01",
        "filter=code",
        "filter=code%20%3D",
        "filter-lang=cql2-text",
        "filter=code%20%3D%20'1'&filter-lang=sql",
        "filter=code%20%3D%20'1'&filter-crs=http://www.opengis.net/def/crs/EPSG/0/9999",
        "area_km2=large",
        "properties=nothing",
        "after=nothing",
        "f=xml",
    ] {
        let path = format!("/ogc/collections/admin_unit/items?{query}");
        let answer = city.fetch(&path);
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{query}");
        let problem = answer.json();
        assert!(problem["code"].is_string() && problem["description"].is_string(), "{problem}");
    }
    for path in ["", "/conformance", "/api", "/collections", "/collections/admin_unit", "/tiles"] {
        let path = format!("/ogc{path}?unknownQueryParameter12345=1");
        assert_eq!(city.fetch(&path).status, 400, "{path}");
    }
    // More than the most is that.
    let most = json(city, "/ogc/collections/admin_unit/items?limit=99999999999999999999999");
    assert_eq!(most["numberReturned"], most["numberMatched"]);
}

fn every_page_is_counted(city: &City) {
    for limit in ["", "limit=7", "limit=10000"] {
        let first = json(city, &format!("/ogc/collections/admin_unit/items?{limit}"));
        let (features, pages) =
            super::all_pages(city, &format!("/ogc/collections/admin_unit/items?{limit}"));
        assert_eq!(first["numberMatched"], features.len(), "{limit}");
        let stamp = first["timeStamp"].as_str().expect("a moment");
        assert!(chrono::DateTime::parse_from_rfc3339(stamp).is_ok(), "{stamp}");
        assert!(limit == "limit=10000" || pages > 1, "{limit}: {pages} pages");
        let different: BTreeSet<u64> = super::ids(&features).into_iter().collect();
        assert_eq!(different.len(), features.len(), "a feature came twice");
    }
}

fn crs_are_named_and_axes_are_theirs(city: &City) {
    let path = "/ogc/collections/bus_stop/items?limit=1";
    let plain = ok(city, path);
    let named = |crs: &str| Some(format!("<{crs}>"));
    assert_eq!(plain.header("content-crs").map(str::to_owned), named(CRS84));
    let first = plain.json()["features"][0].clone();
    let place = |feature: &Value| -> [f64; 2] {
        let pair = &feature["geometry"]["coordinates"];
        [0, 1].map(|axis| pair[axis].as_f64().expect("a number"))
    };
    let [lon, lat] = place(&first);
    assert!((107.0..110.0).contains(&lon) && (14.0..17.0).contains(&lat), "{lon} {lat}");
    for (srid, swapped) in
        [(4326, true), (5899, false), (3405, false), (3406, false), (3857, false)]
    {
        let crs = format!("http://www.opengis.net/def/crs/EPSG/0/{srid}");
        let answer = ok(city, &format!("{path}&crs={crs}"));
        assert_eq!(answer.header("content-crs").map(str::to_owned), named(&crs));
        let [first_axis, second_axis] = place(&answer.json()["features"][0]);
        let [x, y] = if swapped { [second_axis, first_axis] } else { [first_axis, second_axis] };
        // PostGIS says what it is, from the place in degrees; a centimetre in degrees of latitude.
        let expected = city.psql(&format!(
            "SELECT ST_Distance(ST_Transform(ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326), {srid}),
                                ST_SetSRID(ST_MakePoint({x}, {y}), {srid}))"
        ));
        let distance: f64 = expected.parse().expect("a number");
        let tolerance = if srid == 4326 { 1e-7 } else { 0.05 };
        assert!(distance <= tolerance, "EPSG:{srid}: {distance} away");
        // The same place as a box in that CRS finds the same feature.
        let margin = if srid == 4326 { 1e-5 } else { 1.0 };
        let corners =
            [first_axis - margin, second_axis - margin, first_axis + margin, second_axis + margin];
        let corners = corners.map(|number| number.to_string()).join(",");
        let found =
            json(city, &format!("/ogc/collections/bus_stop/items?bbox={corners}&bbox-crs={crs}"));
        let found = super::ids(found["features"].as_array().expect("features"));
        assert!(found.contains(&first["id"].as_u64().expect("an id")), "EPSG:{srid}: {found:?}");
    }
}

fn methods_are_those_that_are_allowed(city: &City) {
    let items = "/ogc/collections/admin_unit/items";
    let one = json(city, &format!("{items}?limit=1"))["features"][0]["id"].to_string();
    for path in ["/ogc", "/ogc/collections", items, &format!("{items}/{one}")] {
        let options = city.request("OPTIONS", path, &[]);
        assert_eq!((options.status, options.header("allow")), (200, Some("GET, HEAD, OPTIONS")));
        let head = city.request("HEAD", path, &[]);
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let refused = city.request(method, path, &[]);
            assert_eq!(refused.status, 405, "{method} {path}");
            assert_eq!(refused.header("allow"), Some("GET, HEAD, OPTIONS"));
        }
    }
    // Part 3 lets a client find the queryables by HEAD.
    for method in ["GET", "HEAD"] {
        let answer = city.request(method, items, &[]);
        let queryables = format!("<{}/ogc/collections/admin_unit/queryables>", city.base);
        let links = answer.header("link").unwrap_or_default();
        assert!(links.contains(&queryables), "{method}: {links}");
    }
    let cross = city.request("GET", items, &[("Origin", "https://elsewhere.example")]);
    assert_eq!(cross.header("access-control-allow-origin"), Some("*"));
    assert!(
        cross
            .header("access-control-expose-headers")
            .is_some_and(|names| names.contains("Content-Crs"))
    );
}
