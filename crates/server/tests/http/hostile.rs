//! Hostile input on every parameter of every path: a clear 4xx, never a panic or a 500.

use crate::city::Service;

/// Each path with the codes that a value in the place of `{}` may be refused with.
const PARAMETERS: [(&str, &[&str]); 23] = [
    ("/tiles/{}", &["unknown_layer"]),
    ("/tiles/ward,{}", &["unknown_layer"]),
    ("/tiles/{}/14/13117/7451", &["unknown_layer"]),
    ("/tiles/ward/{}/13117/7451", &["tile_address_invalid"]),
    ("/tiles/ward/14/{}/7451", &["tile_address_invalid"]),
    ("/tiles/ward/14/13117/{}", &["tile_address_invalid"]),
    ("/styles/{}", &["unknown_file"]),
    ("/styles/{}/qgis", &["unknown_file"]),
    ("/styles/city/qgis/{}", &["unknown_layer"]),
    ("/assets/{}", &["unknown_file"]),
    ("/sprites/{}", &["unknown_file"]),
    ("/fonts/{}/0-255.pbf", &["unknown_file"]),
    ("/fonts/Be%20Vietnam%20Pro%20Regular/{}", &["glyph_range_invalid"]),
    ("/nearest/{}?lon=108.2&lat=16.06", &["unknown_layer"]),
    ("/nearest/street?lon={}&lat=16.06", &["invalid_parameter"]),
    ("/nearest/street?lon=108.2&lat={}", &["invalid_parameter"]),
    ("/nearest/street?lon=108.2&lat=16.06&limit={}", &["invalid_parameter"]),
    ("/nearest/street?lon=108.2&lat=16.06&within_m={}", &["invalid_parameter"]),
    ("/nearest/street?lon=108.2&lat=16.06&filter=code={}", FILTER),
    ("/nearest/street?lon=108.2&lat=16.06&filter=true&filter-lang={}", &["invalid_parameter"]),
    ("/at?lon={}&lat=16.06", &["invalid_parameter"]),
    ("/at?lon=108.2&lat={}", &["invalid_parameter"]),
    ("/at?lon=108.2&lat=16.06&on={}", &["invalid_parameter"]),
];

/// What a filter may be refused with.
const FILTER: &[&str] = &[
    "filter_syntax",
    "filter_type_mismatch",
    "filter_property_unknown",
    "filter_unsupported",
    "filter_operand_invalid",
];

const HOSTILE: [&str; 26] = [
    "+1",
    "-",
    "NaN",
    "inf",
    "-inf",
    "1e400",
    "1e3",
    "0x10",
    "%20",
    "1,5",
    "1;DROP%20TABLE%20layer.building",
    "%27%20OR%201=1--",
    "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "..%5c..",
    "%00",
    "%ff%fe",
    "%E2%80%AE",
    "ward%0d%0aSet-Cookie:x=1",
    "wardd",
    "Ward",
    "shelter",
    "emergency",
    "%F0%9F%92%A9",
    "null",
];

/// Whole requests with the code and the word that the hint must hold.
const WHOLE: [(&str, u16, &str, &str); 31] = [
    ("/nothing", 404, "unknown_path", "/layers"),
    ("/tiles", 404, "unknown_path", "/layers"),
    ("/tiles/", 404, "unknown_path", "/layers"),
    ("/layers/", 404, "unknown_path", "/layers"),
    ("/tiles/ward/14/13117", 404, "unknown_path", "/layers"),
    ("/tiles/ward/14/13117/7451/5", 404, "unknown_path", "/layers"),
    ("/tiles/wrad", 404, "unknown_layer", "'ward'"),
    ("/tiles/traffik", 404, "unknown_layer", "'traffic'"),
    ("/tiles/sheltr", 404, "unknown_layer", "/layers"),
    ("/tiles/ward,,street", 404, "unknown_layer", "/layers"),
    ("/tiles/ward/14/13117/7451.png", 400, "tile_address_invalid", "{z}/{x}/{y}"),
    ("/tiles/ward/14/013117/7451", 400, "tile_address_invalid", "{z}/{x}/{y}"),
    ("/tiles/ward/14/16384/0", 400, "tile_off_grid", "range"),
    ("/tiles/ward/23/0/0", 400, "tile_off_grid", "range"),
    ("/tiles/ward/14/13117/7451?unknown=1", 400, "unknown_parameter", "known are datetime"),
    ("/tiles/ward?tile=1", 400, "unknown_parameter", "no parameters"),
    ("/nearest/street", 400, "missing_parameter", "degrees"),
    ("/nearest/street?lon=108.2", 400, "missing_parameter", "degrees"),
    ("/nearest/street?lon=108.2&lat=16.06&lon=1", 400, "duplicate_parameter", "once"),
    ("/nearest/street?lon=108.2&lat=16.06&limt=3", 400, "unknown_parameter", "'limit'"),
    ("/nearest/street?lon=108.2&lat=91", 400, "coordinate_out_of_range", "range"),
    ("/nearest/street?lon=-180.1&lat=1", 400, "coordinate_out_of_range", "range"),
    ("/nearest/street?lon=108.2&lat=16.06&limit=0", 400, "invalid_parameter", "1 to 1000"),
    ("/nearest/street?lon=108.2&lat=16.06&limit=1001", 400, "invalid_parameter", "1 to 1000"),
    ("/nearest/street?lon=108.2&lat=16.06&within_m=0", 400, "invalid_parameter", "20000000"),
    ("/nearest/trafic?lon=108.2&lat=16.06", 404, "unknown_layer", "'traffic'"),
    ("/nearest/street?lon=&lat=", 400, "invalid_parameter", "degrees"),
    ("/at", 400, "missing_parameter", "degrees"),
    ("/at?lon=108.2&lat=16.06&off=y", 400, "unknown_parameter", "lon, lat, on"),
    ("/layers?f=xml", 400, "unknown_parameter", "no parameters"),
    ("/health/ready?x=1", 400, "unknown_parameter", "no parameters"),
];

#[tokio::test]
async fn hostile_values_are_refused_with_what_to_mend() {
    let service = Service::start();
    for (path, codes) in PARAMETERS {
        for value in HOSTILE {
            let path = path.replace("{}", value);
            let problem = refuse(&service, &path).await;
            let code = problem["code"].as_str().unwrap();
            let expected = codes.contains(&code) || code.ends_with("_not_utf8");
            assert!(expected, "{path}: {problem}");
        }
        let problem = refuse(&service, &path.replace("{}", &"9".repeat(5_000))).await;
        assert_eq!((&problem["code"], &problem["status"]), (&"uri_too_long".into(), &414.into()));
    }
}

#[tokio::test]
async fn each_mistake_has_its_code_and_a_hint_that_helps() {
    let service = Service::start();
    for (path, status, code, hint) in WHOLE {
        let problem = refuse(&service, path).await;
        assert_eq!(problem["status"], status, "{path}: {problem}");
        assert_eq!(problem["code"], code, "{path}: {problem}");
        assert!(problem["hint"].as_str().unwrap().contains(hint), "{path}: {problem}");
    }
}

#[tokio::test]
async fn too_many_layers_are_refused_before_any_is_looked_up() {
    let service = Service::start();
    let names = vec!["ward"; 33].join(",");
    let problem = refuse(&service, &format!("/tiles/{names}")).await;
    assert_eq!(problem["code"], "too_many_layers");
    let names = vec!["ward"; 32].join(",");
    assert_eq!(service.get(&format!("/tiles/{names}")).await.status, 200);
}

#[tokio::test]
async fn a_problem_repeats_little_of_what_came() {
    let service = Service::start();
    let problem = refuse(&service, &format!("/tiles/{}", "x".repeat(2_000))).await;
    assert!(problem["detail"].as_str().unwrap().len() < 200);
}

#[tokio::test]
async fn other_methods_are_refused_with_what_is_allowed() {
    let service = Service::start();
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"] {
        for path in ["/", "/layers", "/tiles/ward", "/tiles/ward/14/1/1", "/at", "/health/live"] {
            let answer = service.request(method, path, &[]).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"), "{method} {path}");
            assert_eq!(answer.json()["code"], "method_not_allowed", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn hostile_headers_change_nothing() {
    let service = Service::start();
    for (name, value) in [
        ("accept-encoding", "gzip;q=NaN, br;q=-1, ;;;=,,,"),
        ("if-none-match", "\"\"\", W/W/\"x, ,,,"),
        ("accept", "nonsense"),
        ("range", "bytes=0-1"),
        ("x-forwarded-host", "evil.example"),
    ] {
        let answer = service.request("GET", "/tiles/ward", &[(name, value)]).await;
        assert_eq!(answer.status, 200, "{name}: {value}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("evil"), "{name}");
    }
}

#[tokio::test]
async fn a_host_that_cannot_be_one_is_refused_wherever_a_link_could_start_with_it() {
    for host in ["a b", "evil;script-src *", "evil'", "evil\"", "u@evil", "evil/x", "a,evil"] {
        for public_url in [None, Some("https://maps.example".parse().unwrap())] {
            let service = Service::with(|settings| settings.public_url = public_url);
            service.state.publish_anew(crate::city::small_city());
            for path in ["/", "/tiles/ward", "/styles/city", "/layers"] {
                let answer = service.request_from(host, path).await;
                assert_eq!(answer.status, 400, "{host} {path}");
                assert_eq!(answer.json()["code"], "host_invalid", "{host} {path}");
                assert!(!String::from_utf8_lossy(&answer.body).contains("evil"), "{host} {path}");
            }
        }
    }
}

async fn refuse(service: &Service, path: &str) -> serde_json::Value {
    let answer = service.get(path).await;
    let shown: String = path.chars().take(120).collect();
    assert!(answer.status.is_client_error(), "{shown}: {}", answer.status);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{shown}");
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{shown}");
    let problem = answer.json();
    for member in ["type", "title", "code", "detail", "hint"] {
        assert!(!problem[member].as_str().unwrap_or_default().is_empty(), "{shown}: {problem}");
    }
    assert_eq!(problem["status"], answer.status.as_u16(), "{shown}");
    problem
}
