//! Parameters other than filters, addresses, and texts that are searched for.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use urbis_tests::City;

use super::{harmless, refused, still_serves};

/// Queries of features that say what cannot be.
const QUERIES: [&str; 68] = [
    "bbox=",
    "bbox=,,,",
    "bbox=108,16",
    "bbox=108,16,109",
    "bbox=108,16,109,17,18",
    "bbox=108,16,109,17,18,19,20",
    "bbox=108;16;109;17",
    "bbox=NaN,16,109,17",
    "bbox=108,16,inf,17",
    "bbox=108,16,-Infinity,17",
    "bbox=1e400,16,109,17",
    "bbox=108,17,109,16",
    "bbox=108,-91,109,91",
    "bbox=-1e9,-1e9,1e9,1e9",
    "bbox=0x10,16,109,17",
    "bbox=108,16,109,17'",
    "bbox=108,16,109,17%00",
    "bbox=%D9%A1%D9%A0%D9%A8,16,109,17",
    "bbox=108,16,109,17&bbox=108,16,109,17",
    "bbox=108,16,109,17&bbox-crs=EPSG:5899",
    "bbox=108,16,109,17&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/0",
    "bbox-crs=http://www.opengis.net/def/crs/EPSG/0/5899",
    "crs=",
    "crs=5899",
    "crs=EPSG:5899",
    "crs=http://www.opengis.net/def/crs/EPSG/0/99999999999",
    "crs=http://www.opengis.net/def/crs/EPSG/0/5899'--",
    "crs=http://169.254.169.254/",
    "crs=%2Bproj=pipeline%20%2Bstep%20%2Bproj=hgridshift%20%2Bgrids=/etc/passwd",
    "datetime=",
    "datetime=now",
    "datetime=2025-02-30",
    "datetime=0000-01-01",
    "datetime=99999-01-01",
    "datetime=-2025-01-01",
    "datetime=2025-01-01T24:00:00Z",
    "datetime=2025-01-01T00:00:60Z",
    "datetime=2025-01-01T00:00:00",
    "datetime=2025-01-02/2025-01-01",
    "datetime=2025-01-01/2025-01-02/2025-01-03",
    "datetime=.../..",
    "datetime=P1Y/2025-01-01",
    "datetime=2025-01-01%00",
    "datetime=2025-01-01&datetime=2025-01-01",
    "limit=",
    "limit=0",
    "limit=-1",
    "limit=1.5",
    "limit=1e3",
    "limit=%2B5",
    "limit=%D9%A5",
    "limit=5;10",
    "limit=5&limit=5",
    "properties=",
    "properties=*",
    "properties=name,",
    "properties=name,secret",
    "properties=name'--",
    "f=xml",
    "f=",
    "f=../../etc/passwd",
    "f=json&f=html",
    "area_km2=NaN",
    "area_km2=1e400",
    "name=%00",
    "type=no_such_code",
    "nothing=1",
    "filter-crs=http://www.opengis.net/def/crs/EPSG/0/9999&filter=name%20IS%20NULL",
];

/// Bytes that are no UTF-8, however they are put: cut short, too long, a surrogate, beyond the end.
const BROKEN: [&str; 8] =
    ["%ff", "%c3", "%c3%28", "%e1%bb", "%c0%af", "%ed%a0%80", "%f4%90%80%80", "%80abc"];

/// What is no tile, in whichever place it stands.
const NO_NUMBERS: [&str; 16] = [
    "-1",
    "01",
    "1.0",
    "1e3",
    "NaN",
    "x",
    "%00",
    "%20",
    "%2B1",
    "..%2f..%2fetc",
    "0x1",
    "%D9%A1",
    "4294967296",
    "99999999999999999999",
    "1;2",
    "'",
];

#[test]
fn hostile_parameters_are_refused_at_once() {
    let city = City::start();
    let items = "/ogc/collections/admin_unit/items";
    for query in QUERIES {
        refused(&city, &format!("{items}?{query}"));
    }
    for broken in BROKEN {
        for path in [
            format!("{items}?name={broken}"),
            format!("{items}?filter=name=%27{broken}%27"),
            format!("{items}?{broken}=1"),
            format!("/search?q={broken}"),
            format!("/nearest/public_place?lon=108.2&lat=16.06&filter=name=%27{broken}%27"),
            format!("/at?lon=108.2&lat=16.06&on={broken}"),
            format!("/ogc?f={broken}"),
            format!("/ogc/collections/{broken}"),
            format!("/ogc/styles/{broken}"),
        ] {
            refused(&city, &path);
        }
    }
    for length in [3_000, 25_000] {
        for path in long_addresses(items, length) {
            refused(&city, &path);
        }
    }
    // No client of Rust sends as much: as it goes over the wire.
    for path in long_addresses(items, 100_000) {
        let status = status_of(&city, &path);
        assert!([400, 414, 431].contains(&status), "{status}");
    }
    harmless(&city, &format!("{items}?filter=name=%27{}%27", "x".repeat(3_000)));
    still_serves(&city);
}

fn long_addresses(items: &str, length: usize) -> [String; 6] {
    let long = "x".repeat(length);
    [
        format!("/search?q={long}"),
        format!("/at?lon={long}&lat=16.06"),
        format!("{items}?filter={long}=%27a"),
        format!("{items}?bbox={}1", "1,".repeat(length / 2)),
        format!("{items}?{}", "limit=1&".repeat(length / 8)),
        format!("/ogc/tiles/WebMercatorQuad/0/0/{}", "0".repeat(length)),
    ]
}

/// The status of an answer, of a request that is written by hand.
fn status_of(city: &City, path: &str) -> u16 {
    let address = city.base.strip_prefix("http://").expect("an address");
    let mut stream = TcpStream::connect(address).expect("the node listens");
    // Whoever is refused early may find the rest unread and the connection shut before the answer.
    drop(write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"));
    let mut line = String::new();
    if BufReader::new(stream).read_line(&mut line).is_err() {
        return 431;
    }
    line.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
}

#[test]
fn a_forged_place_of_a_page_opens_nothing() {
    let city = City::start();
    let items = "/ogc/collections/admin_unit/items?limit=5";
    let first = city.fetch(items).json();
    let next = super::super::href(&first, "next").to_owned();
    let (_, real) = next.split_once("after=").expect("a token");
    let real = real.split('&').next().expect("a token");
    for cut in 0..real.len() {
        harmless(&city, &format!("{items}&after={}", &real[..cut]));
    }
    for forged in [
        "",
        ".",
        "..",
        "1",
        "-1.5",
        "n",
        "n.1",
        "nn1.1",
        "1.-1",
        "1.1.1",
        "1e9.1",
        "NaN.1",
        "9223372036854775808.1",
        "1.18446744073709551616",
        "1;DROP TABLE layer.admin_unit.1",
        "1' OR '1'='1.1",
        "\0.\0",
        "\u{661}.1",
    ] {
        refused(&city, &format!("{items}&after={}", URL_SAFE_NO_PAD.encode(forged)));
    }
    for text in ["!", "=", "MS4xMA==", "%00", "MTA.OTQ", "....", real.repeat(50).as_str()] {
        refused(&city, &format!("{items}&after={text}"));
    }
    refused(&city, &format!("{items}&after={real}&after={real}"));
    still_serves(&city);
}

#[test]
fn addresses_that_lead_nowhere_are_not_found() {
    let city = City::start();
    for path in [
        "/ogc/collections/admin_unit/items/0",
        "/ogc/collections/admin_unit/items/-1",
        "/ogc/collections/admin_unit/items/01",
        "/ogc/collections/admin_unit/items/9999999999999999999999",
        "/ogc/collections/admin_unit/items/1%20OR%201=1",
        "/ogc/collections/admin_unit/items/%00",
        "/ogc/collections/..%2Fadmin_unit",
        "/ogc/collections/admin_unit%00",
        "/ogc/collections/ADMIN_UNIT",
        "/ogc/styles/..%2Fsecret",
        "/ogc/static/..%2Fogc.css",
        "/ogc/tiles/WorldCRS84Quad",
        "/ogc/nothing",
    ] {
        assert_eq!(city.fetch(path).status, 404, "{path}");
    }
    for grid in ["/ogc/tiles/WebMercatorQuad", "/ogc/collections/admin_unit/tiles/WebMercatorQuad"]
    {
        for part in NO_NUMBERS {
            for path in
                [format!("{part}/1863/3279"), format!("12/{part}/3279"), format!("12/1863/{part}")]
            {
                let answer = super::ask(&city, &format!("{grid}/{path}"));
                assert!([400, 404].contains(&answer.status), "{grid}/{path}: {}", answer.status);
                super::be_problem(&path, &answer);
            }
        }
        for outside in ["23/0/0", "12/4096/0", "12/0/4095", "0/1/1", "22/4194303/4194303"] {
            assert_eq!(super::ask(&city, &format!("{grid}/{outside}")).status, 404, "{outside}");
        }
    }
    still_serves(&city);
}

#[test]
fn whatever_is_searched_for_is_searched_for_at_once() {
    let city = City::start();
    super::super::super::search::wait_until_searched(&city);
    let marks = "a\u{301}\u{323}".repeat(120);
    for text in [
        "%25",
        "%27",
        "%27%3B+DROP+TABLE+layer.building",
        "%00",
        "%20",
        "%2B",
        "%E2%80%AE",
        "+++",
        "16,108,16,108",
        "NaN+NaN",
        "inf,inf",
        "1e400+1e400",
        "999999999999+999999999999",
        "-0+-0",
        "%F0%9F%92%A9",
        "K1/K2/K3/K4/K5/K6/K7/K8/K9",
        "1/2/3/4/5/6/7/8/9/10/11/12",
        "a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p",
        "thua+99999999999999999999+to+99999999999999999999",
        &super::encode(&marks),
        &"a".repeat(400),
        &"a+".repeat(200),
        &"%C4%91".repeat(150),
    ] {
        harmless(&city, &format!("/search?q={text}"));
        harmless(&city, &format!("/search?q={text}&lon=108.22&lat=16.06&lang=en"));
    }
    for query in ["q=a&limit=0", "q=a&limit=1e9", "q=a&lon=NaN&lat=16", "q=a&q=b", "q="] {
        refused(&city, &format!("/search?{query}"));
    }
    still_serves(&city);
}
